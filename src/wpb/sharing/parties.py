"""An arrangement between parties: lines of activity, parties with their shares by year, contracts,
principles and steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wpb.kernel.places import Cell
from wpb.sharing.step_kinds import Step
from wpb.sharing.values import Value

WHAT_IS_SHARED = ("fixed_price_activity", "spend")
CASH_KINDS = ("activity_payment", "marginal_payment", "payment_already_made", "fund", "none")
"""activity_payment: fewer units are paid for, so the payer keeps the cash; marginal_payment: only a
rate of the price moves; payment_already_made: the party the gap falls on was paid for units it did
not do; fund: money set aside to pay gains from; none: a block or fixed payment, under which fewer
units release nothing, so that a gain is notional.
"""
FREQUENCIES = ("monthly", "quarterly", "yearly")
ROLES = ("commissioner", "provider")
UNDECIDED = "undecided"


@dataclass(frozen=True)
class Line:
    """A line of covered activity: its unit, price and baseline by year, where its cash comes from
    and whom its gap falls on.

    Source: handbook 6.4.2, 6.4.4, 6.4.6; req 269, 271, 273, 285.
    """

    line: str
    title: str
    unit: str
    currency: str
    price: Value | None
    """Pounds a unit, by year; None where spend is shared."""
    baseline: Value
    """Units by year, or pounds where spend is shared."""
    baseline_from: str
    """wpb: mirrors the whole population budget; history: past activity, demography and the care
    model's impact.
    """
    cash: str
    released_rate: float
    """The part of a gap on this line that moves cash: 1, a marginal rate, or 0 where there is no
    source of cash.
    """
    gap_falls_on: str
    filters: Mapping[str, str]
    measures: tuple[str, ...]
    place: Cell


@dataclass(frozen=True)
class Party:
    """A party: its part in the arrangement, its shares of gains and losses by year, and its
    contract.

    Source: handbook 6.4.3, 6.4.5; req 272, 276, 278, 279, 291.
    """

    party: str
    title: str
    role: str
    gains: Value | None
    losses: Value | None
    contract: str
    why: str
    influence: int
    ability_to_bear_risk: int
    place: Cell


@dataclass(frozen=True)
class Contract:
    """An existing bilateral contract through which a gain or a loss is paid.

    Source: handbook 6.4.6; req 286, 317.
    """

    contract: str
    payer: str
    payee: str


@dataclass(frozen=True)
class Tier:
    """A corridor of the gap, up to a rate of the baseline, with shares of its own by party.

    Source: handbook 6.5.2; req 276, 281.
    """

    name: str
    from_rate: float
    to_rate: float
    gains: Mapping[str, Value]
    losses: Mapping[str, Value]


@dataclass(frozen=True)
class SubSplit:
    """How one side's share is split between its own members.

    Source: handbook 6.5.2; req 297.
    """

    of: str
    between: Mapping[str, Value]
    place: Cell


@dataclass(frozen=True)
class Principle:
    """A local objective or principle, recorded before the parameters that follow from it.

    Source: handbook 6.4, 6.5.1; req 289, 290.
    """

    id: str
    text: str
    place: Cell


@dataclass(frozen=True)
class RebaseTrigger:
    """A change that brings the baseline, or the rules, up for review.

    Source: handbook 6.4.7; req 292.
    """

    change_in: str
    by_rate: float
    then: str


@dataclass(frozen=True)
class PartyArrangement:
    """A gain/loss arrangement between parties, as its file declares it."""

    name: str
    title: str
    currency: str
    years: tuple[str, ...]
    what_is_shared: str
    lines: tuple[Line, ...]
    parties: tuple[Party, ...]
    contracts: tuple[Contract, ...]
    steps: tuple[Step, ...]
    retained_by: str
    fund_held_by: str
    frequency: str
    profile: tuple[float, ...]
    """The part of a year's baseline that falls in each month, April first; empty where settled once
    a year.
    """
    ends: Mapping[str, str] = field(default_factory=dict)
    """The last year in which gains, and losses, are shared; 'undecided' where that is left open."""
    tiers: tuple[Tier, ...] = ()
    sub_splits: tuple[SubSplit, ...] = ()
    principles: tuple[Principle, ...] = ()
    triggers: tuple[RebaseTrigger, ...] = ()
    measures: tuple[str, ...] = ()
    """Measures that are reported, which a gate may hang on."""
    unsettled: tuple[str, ...] = ()
    """Parameters that the parties have not settled yet: said on every statement."""
    places: Mapping[str, Cell] = field(default_factory=dict)
    """Where 'profile' and the 'ends' of gains and of losses stand in the file."""

    @property
    def party_names(self) -> tuple[str, ...]:
        """The parties' names, in the order of the file."""
        return tuple(party.party for party in self.parties)

    @property
    def line_names(self) -> tuple[str, ...]:
        """The lines' names, in the order of the file."""
        return tuple(line.line for line in self.lines)

    def place(self, declared: str) -> Cell:
        """Give the line of the file that declares a thing: profile, gains or losses for the years
        in which they end.
        """
        return self.places.get(declared, Cell(f"{self.name}.yaml", "", declared))

    def in_force(self, side: str, year: str) -> bool:
        """Say whether gains or losses are still shared in a year.

        Source: handbook 6.5.1; req 293.
        """
        end = self.ends.get(side, UNDECIDED)
        return end == UNDECIDED or year <= end
