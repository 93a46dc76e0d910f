"""What an assumption is: a subject, its dated values with their citations, and the figure a look-up
gives.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from wpb.kernel.calendar import first_day, last_day, next_year
from wpb.kernel.places import Cell, Citation
from wpb.kernel.problems import UsageProblem

STATUSES = ("final", "forecast", "consultation", "placeholder")
"""Best first. A consultation or a placeholder never takes the place of a final or forecast value.
"""

UNITS = ("rate", "share", "ratio", "pounds", "count")
"""rate: a change over a year, 0.025 for 2.5%; share: a part of a whole; ratio, pounds, count: as
they say.
"""

KINDS = ("growth", "efficiency", "other")
"""growth: a driver of cost or activity; efficiency: what a provider is asked to save; other:
weights, shares, limits.
"""

IN_YEAR_CHANGES = ("forbid", "step", "day_weighted")
"""forbid: one value a year; step: the value on a date; day_weighted: a year's value is weighted by
days in force.
"""


class Extension(Protocol):
    """How a model carries an assumption past its last published year: hold_last or average, until a
    year, and why.
    """

    @property
    def key(self) -> str:
        """The assumption."""

    @property
    def how(self) -> str:
        """hold_last or average."""

    @property
    def until(self) -> str:
        """The last year it may be carried to."""

    @property
    def reason(self) -> str:
        """Why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a bibliography."""

    id: str
    title: str
    publisher: str
    year: int
    address: str = ""
    licence: str = ""

    def __str__(self) -> str:
        return f"{self.publisher}, {self.title} ({self.year})"


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One published value: the year it is for, the figure, when it became known, and who says
    so.
    """

    year: str
    value: float
    status: str
    published: str
    """The vintage, as precisely as it is known: 2017, 2017-08 or 2017-08-31."""
    known_from: datetime.date
    """The first day it counts as known: as given, else the last day of the vintage's year or month.
    """
    source: str
    """The source in words, as a reader sees it."""
    source_id: str
    locator: str
    where: Cell
    starts: datetime.date
    """The day it takes effect: 1 April unless it changes within the year."""
    withdrawn: datetime.date | None = None
    note: str = ""
    reason: str = ""
    evidence: str = ""
    owner: str = ""
    outside_provider_control: bool | None = None

    def is_known(self, known_on: datetime.date | None) -> bool:
        """Say whether the value was published, and not withdrawn, on a date (None: by now)."""
        if known_on is None:
            return self.withdrawn is None
        return self.known_from <= known_on and (self.withdrawn is None or known_on < self.withdrawn)

    @property
    def weight(self) -> tuple[bool, bool, datetime.date, datetime.date, int]:
        """What decides between vintages: settled before proposed, then the latest known, the latest
        to start, the firmest.
        """
        rank = STATUSES.index(self.status)
        return rank < 2, rank < 3, self.known_from, self.starts, -rank


@dataclass(frozen=True, slots=True)
class Subject:
    """One assumption: its key, what it is, and every value ever published for it, all vintages
    kept.
    """

    key: str
    title: str
    unit: str
    kind: str
    in_year_change: str
    note: str
    values: tuple[DatedValue, ...]
    where: Cell
    local: bool = False

    def known(self, year: str, known_on: datetime.date | None) -> list[DatedValue]:
        """List the values for a year that were known on a date."""
        return [value for value in self.values if value.year == year and value.is_known(known_on)]

    def years(self, known_on: datetime.date | None = None) -> list[str]:
        """List the years that had a value on a date."""
        return sorted({value.year for value in self.values if value.is_known(known_on)})


@dataclass(frozen=True, slots=True)
class Assumption:
    """The figure a look-up gives, its citation, and what it stands in place of.

    displaced: the national figure a local one replaces (req 179), None where there is none.
    extended: carried past the last published year as the model says. value is NaN only where the
    look-up was reported as a problem, so that a figure made from it can never pass for one.
    """

    value: float
    citation: Citation
    unit: str
    extended: bool = False
    displaced: Assumption | None = None
    local: bool = False
    title: str = ""
    source_id: str = ""
    owner: str = ""
    reason: str = ""
    evidence: str = ""

    @property
    def key(self) -> str:
        """The assumption's key."""
        return self.citation.key

    @property
    def year(self) -> str:
        """The year the figure is for."""
        return self.citation.effective_year

    @property
    def status(self) -> str:
        """final, forecast, consultation, placeholder or extended: reports badge all but final."""
        return self.citation.status

    def as_dict(self) -> dict[str, object]:
        """Spell the assumption for JSON."""
        return {
            **self.citation.as_dict(),
            "title": self.title,
            "value": self.value,
            "unit": self.unit,
            "extended": self.extended,
            "local": self.local,
            "owner": self.owner,
            "reason": self.reason,
            "evidence": self.evidence,
            "displaced": self.displaced.as_dict() if self.displaced else None,
        }


class MissingAssumption(UsageProblem):
    """Raised where no value answers a look-up; says what there is and how to mend it."""

    def __init__(self, key: str, years: Sequence[str], what: str, fix: str):
        self.key = key
        self.years = tuple(years)
        self.what = what
        self.fix = fix
        super().__init__(f"{what} {fix}")


def shown(value: float, unit: str) -> str:
    """Write a value for a reader: 3.27% for a rate or share, £1,500,000 for pounds, else the
    number.
    """
    number = Decimal(repr(float(value)))
    if unit in ("rate", "share"):
        return f"{(number * 100).normalize():f}%"
    return f"£{number.normalize():,f}" if unit == "pounds" else f"{number.normalize():,f}"


def spell_years(years: Iterable[str]) -> str:
    """Write years as runs: 2016-17 to 2019-20, 2021-22."""
    runs: list[list[str]] = []
    for year in sorted(set(years)):
        if runs and next_year(runs[-1][-1]) == year:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def in_force(values: Sequence[DatedValue], on: datetime.date) -> DatedValue | None:
    """Choose, among known values for one year, the one in force on a day: of those started, the
    weightiest.
    """
    started = [value for value in values if value.starts <= on]
    return max(started, key=lambda value: value.weight) if started else None


def stretches(values: Sequence[DatedValue], year: str) -> list[tuple[DatedValue | None, int]]:
    """Cut a year into stretches with one value in force, each with its days; None where nothing is
    in force.
    """
    edges = [
        *sorted({first_day(year), *(value.starts for value in values)}),
        last_day(year) + datetime.timedelta(days=1),
    ]
    found: list[tuple[DatedValue | None, int]] = []
    for start, end in pairwise(edges):
        value, days = in_force(values, start), (end - start).days
        if found and found[-1][0] is value:
            found[-1] = (value, found[-1][1] + days)
        else:
            found.append((value, days))
    return found
