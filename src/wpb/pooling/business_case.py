"""The business case of a joint investment: goals, plan, measures, and when it pays back.

Source: SCIE 2; req 330.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def payback_year(investment_pence: Array, return_pence: Array) -> int | None:
    """Give the position of the first year by whose end all returns so far cover all investment so
    far; None for never.

    From then on they must go on covering it, so that a later round of spending is counted.
    Source: SCIE 2; req 330.
    """
    covered = np.cumsum(return_pence) >= np.cumsum(investment_pence)
    for year in range(len(covered)):
        if covered[year:].all():
            return year
    return None


@dataclass(frozen=True)
class BusinessCase:
    """A case put to its partners: what it is for, the plan, how success is measured, and its money
    by year in pence.
    """

    title: str
    goals: tuple[str, ...]
    plan: tuple[str, ...]
    measures: tuple[str, ...]
    years: tuple[str, ...]
    investment_pence: tuple[float, ...]
    return_pence: tuple[float, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts of the case that are still empty."""
        return tuple(name for name in ("goals", "plan", "measures") if not getattr(self, name))

    @property
    def pays_back_in(self) -> str:
        """The year by which the investment is returned; '' where it never is in the years given."""
        found = payback_year(np.array(self.investment_pence), np.array(self.return_pence))
        return "" if found is None else self.years[found]

    def balance(self) -> Sequence[float]:
        """Returns less investment, added up year by year, in pence."""
        return [
            float(value)
            for value in np.cumsum(np.array(self.return_pence) - np.array(self.investment_pence))
        ]
