"""Scope: whose care and which services the budget is for."""
