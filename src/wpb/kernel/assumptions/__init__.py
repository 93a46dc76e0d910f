"""Dated assumptions: a figure for a year, as it was published at the time, with its citation.

A value is looked up by the year it is for and by what was known on a date. A value that nobody
published is an error with a mend, never a guess; going past the last published year is allowed only
where the model says how.
Source: handbook 3.3.2, 3.3.3; req 153, 159, 162, 177, 178, 179.
"""

from wpb.kernel.assumptions.book import AssumptionBook, load_book
from wpb.kernel.assumptions.values import (
    Assumption,
    DatedValue,
    Extension,
    MissingAssumption,
    Reference,
    Subject,
)

__all__ = [
    "Assumption",
    "AssumptionBook",
    "DatedValue",
    "Extension",
    "MissingAssumption",
    "Reference",
    "Subject",
    "load_book",
]
