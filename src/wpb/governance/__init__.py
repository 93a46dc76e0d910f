"""Who may do what, and what has to be completed and signed before a budget is agreed."""
