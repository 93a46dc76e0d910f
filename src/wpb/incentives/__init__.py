"""Incentive schemes: which apply in a year, what they withhold, and what achievement earns."""
