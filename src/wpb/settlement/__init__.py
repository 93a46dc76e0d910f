"""The settlement ledger: whole pence, double entry, appended to and never edited, a function of
dated events.

Source: handbook 1.1.5, 3.7; overview Table 1; req 212, 231, 232.
"""
