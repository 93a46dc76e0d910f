"""The readers: a model folder or a workbook to typed tables that remember their cells, with every
problem at once.
"""

from wpb.intake.reading import Reading, check_model, read_model

__all__ = ["Reading", "check_model", "read_model"]
