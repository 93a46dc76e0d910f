"""What each kind of value may be, said once: for tables, settings, assumptions, arrangements and
the app alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ValueRange:
    """What a kind of value may be: from the least (itself left out where `above`) to the most."""

    name: str
    least: float = -np.inf
    most: float = np.inf
    above: bool = False
    words: str = ""
    example: str = ""
    """A value as a user would write it."""

    def holds(self, value: Any) -> bool:
        """Say whether every number is inside; NaN stands for 'none' or a blank and is let by.

        Source: handbook 6.4.5, 6.5.2; req 384.
        """
        given = np.asarray(value, dtype=np.float64)
        low = given <= self.least if self.above else given < self.least
        return not bool((low | (given > self.most)).any())

    def fault(self, value: float) -> str:
        """Say how a number leaves the range: 'is below 0.', or '' where it is inside."""
        if self.holds(value):
            return ""
        if value > self.most:
            return f"is above {self.most:g}{self._percent(self.most)}."
        return (
            f"is not above {self.least:g}."
            if self.above and value == self.least
            else f"is below {self.least:g}{self._percent(self.least)}."
        )

    def _percent(self, bound: float) -> str:
        return f" ({bound * 100:g}%)" if self.name in ("rate", "share") and bound else ""


RATE = ValueRange("rate", -1.0, 1.0, words="from -1 to 1 (-100% to 100%)", example="0.025 or 2.5%")
"""A change, or a part that may be negative: nothing in a budget moves by more than all of
itself.
"""
FACTOR = ValueRange("share", 0.0, 1.0, words="from 0 to 1 (0% to 100%)", example="0.6 or 60%")
"""Shares money out: a share, gate, side, sub-split, reduced share or part set aside."""
PRICE = ValueRange("price", 0.0, above=True, words="above zero", example="125.40")
"""What one unit costs: a price of zero would leave its activity out of the budget."""
BASELINE = ValueRange("baseline", 0.0, above=True, words="above zero", example="1250000")
QUANTITY = ValueRange("quantity", 0.0, words="zero or more", example="1250")
"""People, units, weights: a count of something."""
AMOUNT = ValueRange("amount", 0.0, words="zero or more", example="30000")
"""Money that is paid, spent or saved one way only."""
ANY = ValueRange("number", words="any number", example="12.5")


def range_of_unit(unit: str) -> ValueRange:
    """What a value of a unit may be, for values that name their unit: rates, shares, prices."""
    return {"rate": RATE, "share": FACTOR, "price": PRICE, "count": QUANTITY}.get(unit, ANY)
