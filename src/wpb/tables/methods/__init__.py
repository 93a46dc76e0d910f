"""The options of handbook Table 2, one file each: what an option is called, how it grades, what it
needs, how it works and what it is checked for.
"""
