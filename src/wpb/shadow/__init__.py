"""Shadow testing: the one calculation run many times over, replayed, and set beside other ways of
paying.
"""
