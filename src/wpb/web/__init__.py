"""The app: one place where parties see, question, agree and sign the same figures."""
