"""Pooled budgets: what each place-based model permits, contributions, spend, and who bears what is
over or under.
"""
