"""The rule that every figure about people must pass before it leaves: enough distinct people, and
none whose share shows.

People are told apart by a number from 0 to 60 made from their pseudonym, so that what a cell holds
is 61 sums. As many of them are above zero, at least so many people are in the cell; and no person
is more than the sum they are in. Both err to the side of suppression.
Source: handbook 2.4.5; req 100, 463.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GROUPS = 61
"""People are counted in so many groups: a cell of a dozen people seldom has two in one."""
Contributions = NDArray[np.int64]
"""[measure, group]: what people of each group contribute to a cell; the first measure counts them,
and is above zero where there is anyone.
"""
UNITS, PENCE = 0, 1


def group_of(person: str) -> str:
    """Spell the group of a person in a statement, by the last 30 bits of the pseudonym."""
    return f"CAST({person} & 1073741823 AS INTEGER) % {GROUPS}"


@dataclass(frozen=True)
class DisclosureRule:
    """What a cell must hold to be shown: so many people, and no one who dominates it.

    p% rule: a cell is dominated where total - largest - second < p x largest, so that the second
    could tell the largest within p. n,k rule (where n is given): where the n largest are more than
    k of the total.
    Source: handbook 2.4.5; req 463.
    """

    smallest: int = 10
    percent: float = 0.1
    largest: int = 0
    """n of the n,k rule; 0 where the p% rule holds."""
    largest_share: float = 0.0
    """k of the n,k rule, as a share."""

    def people(self, cell: Contributions) -> int:
        """At least so many distinct people are in a cell."""
        return int(np.count_nonzero(cell[UNITS]))

    def dominated(self, cell: Contributions) -> bool:
        """Say whether one person's part of some measure of a cell could be told too closely."""
        return any(self._dominates(np.abs(measure)) for measure in cell)

    def _dominates(self, amounts: NDArray[np.int64]) -> bool:
        total = int(amounts.sum())
        if not total:
            return False
        ordered = np.sort(amounts)[::-1]
        if self.largest:
            return int(ordered[: self.largest].sum()) > self.largest_share * total
        return total - int(ordered[0]) - int(ordered[1]) < self.percent * int(ordered[0])

    def fits(self, cell: Contributions) -> bool:
        """Say whether a cell may be shown as it stands."""
        return self.people(cell) >= self.smallest and not self.dominated(cell)

    def told(self) -> str:
        """Say the rule in words."""
        dominance = (
            f"the {self.largest} largest at most {self.largest_share:.0%}"
            if self.largest
            else f"p% with p = {self.percent:.0%}"
        )
        return f"at least {self.smallest} people; {dominance}"


def largest_share(cell: Contributions) -> float:
    """The largest part that people of one group have in any measure of a cell: no person has
    more.
    """
    parts = [float(np.abs(each).max() / np.abs(each).sum()) for each in cell if np.abs(each).sum()]
    return max(parts, default=0.0)


def about_people(count: int, smallest: int, base: int) -> str:
    """Say how many people or records there are: a band below the smallest count, else to the
    nearest few.

    Source: handbook 2.4.5; req 100, 463.
    """
    if count < smallest:
        return f"fewer than {smallest}"
    return f"{(count + base // 2) // base * base:,}"


def significant(value: float, figures: int = 3) -> int:
    """Round to so many figures, for an average: an exact one would tell, with an exact sum, how
    many people are behind both.

    Source: handbook 2.4.5; req 100, 463.
    """
    return int(float(f"{value:.{figures}g}"))
