"""Whole population budgets: from current spend to a traced ten-year budget, its contract and its money."""
