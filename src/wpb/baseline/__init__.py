"""The baseline: what commissioners spend now on the scope, by budget line and GP list, then
adjusted.

Source: handbook chapter 2.
"""
