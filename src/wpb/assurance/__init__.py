"""Assurance: is the budget affordable, does it cover efficient cost, and can what it assumes be
delivered?

Source: handbook 1.1.6, 3.6, 6.5.2; overview 3.5.
"""
