"""Money, time, the ledger of movements, dated assumptions, problems and explanation: nothing here
knows of health.
"""
