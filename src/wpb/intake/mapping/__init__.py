"""From the user's own ledger and activity layouts to the tables of a model: suggested, asked,
remembered, and tied to the penny.
"""
