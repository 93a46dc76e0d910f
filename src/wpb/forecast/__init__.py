"""The forecast: the baseline carried forward, made efficient, changed by the care model, and tested
against allocations.

Source: handbook chapter 3.
"""
