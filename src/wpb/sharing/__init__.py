"""Gain/loss sharing: arrangements read from one file, settled step by step, posted and stated."""
