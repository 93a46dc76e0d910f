"""Records in which the rooms of a live contract meet: frozen forecast lines, versions, and standing
payments.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from wpb.kernel.ledger import Array, Axis, Block, Ledger, Rows

ELEMENTS = ("wpap", "withheld", "activity_paid", "incentives", "personal_budgets")
"""The tree of the budget: the annual payment, what is withheld from it, and what stands beside it.
"""


@dataclass(frozen=True)
class FrozenLines:
    """The lines of a calculated budget as the contract takes them: who pays, how, and the forecast
    by year.

    forecast, out_of_scope: [run, line, year] in pence. population_share: [run, profile, 1], with
    the profile of each line of out_of_scope, so that the part for the contract's people is
    out_of_scope x share.
    """

    codes: tuple[str, ...]
    commissioner: tuple[str, ...]
    funding_stream: tuple[str, ...]
    element: tuple[str, ...]
    service_line: tuple[str, ...]
    provider: tuple[str, ...]
    forecast: Block
    outside_service_line: tuple[str, ...]
    outside_commissioner: tuple[str, ...]
    outside_stream: tuple[str, ...]
    out_of_scope: Block
    population_share: Block
    profile: Rows
    allocation: Block
    out_of_scope_total: Block
    """Allocation and out-of-scope forecast by commissioner and stream, for the effect on what is
    left.
    """


@dataclass(frozen=True)
class Version:
    """The contract as it stood once an event was known: the ledger blocks of its tree, and why it
    came about.

    The blocks are [run, cell, year] in pence; `cells` is the axis of commissioner and stream.
    """

    number: int
    status: str
    """indicative, agreed or updated."""
    event: str
    event_kind: str
    known_on: datetime.date
    effective_on: datetime.date
    title: str
    ends_on: datetime.date
    before_withholding: Block
    elements: dict[str, Block]
    wpb: Block

    @property
    def name(self) -> str:
        """How the version is asked for: v0, v1 and so on."""
        return f"v{self.number}"


@dataclass(frozen=True)
class Tree:
    """A version in whole pence: element by cell and year, whose parts add to the budget."""

    years: tuple[str, ...]
    cells: Axis
    amounts: dict[str, tuple[tuple[int, ...], ...]]
    """Whole pence by element, [year][cell]."""

    def of(self, element: str, year: int) -> int:
        """The whole pence of one element of a year."""
        return sum(self.amounts[element][year])

    def wpb(self, year: int) -> int:
        """The whole population budget of a year: every element added up."""
        return sum(self.of(element, year) for element in ELEMENTS)


@dataclass(frozen=True)
class Standing:
    """A payment that stands from month to month: who pays whom, for what, and how much in each
    year, in whole pence.
    """

    key: str
    payer: str
    payee: str
    reason: str
    figure: str
    """Figure on the calculation ledger, with {year} where the year goes."""
    pence: tuple[int, ...]
    element: str = ""
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    """First and last day it stands, where that is not the contract's."""


@dataclass(frozen=True)
class StandingVersion:
    """Every standing payment of one version, and from when the version was known."""

    number: int
    event: str
    known_on: datetime.date
    effective_on: datetime.date
    payments: dict[str, Standing]


@dataclass(frozen=True)
class AchievedShare:
    """The share of an incentive scheme that was achieved, as known on a day; a later one takes its
    place.
    """

    known_on: datetime.date
    settled_on: datetime.date
    figure: Block
    """The share, [1, 1, 1]."""


@dataclass(frozen=True)
class MonthlyItem:
    """A payment that belongs to one month, such as an outside provider's activity; a later one with
    the same key replaces it.
    """

    key: str
    month: str
    payer: str
    payee: str
    pence: int
    reason: str
    figure: str
    known_on: datetime.date
    replaces_standing: str = ""
    """Key of the standing payment whose instalment for the month it takes the place of."""


@dataclass(frozen=True)
class Succession:
    """One party takes another's place from a day on."""

    predecessor: str
    successor: str
    effective_on: datetime.date
    event: str
    known_on: datetime.date


@dataclass(frozen=True)
class Effect:
    """What one event does to the payment before withholding: a yearly rate by cell, from a day
    until another.
    """

    event: str
    rate: Block
    starts_on: datetime.date
    ends_before: datetime.date | None = None


__all__ = [
    "ELEMENTS",
    "Array",
    "Effect",
    "FrozenLines",
    "Ledger",
    "MonthlyItem",
    "Standing",
    "StandingVersion",
    "Succession",
    "Tree",
    "Version",
]
