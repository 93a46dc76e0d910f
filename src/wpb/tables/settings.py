"""What model.yaml holds: who, when, the term, and the choices that are not tables - declared
once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wpb.kernel.calendar import next_year, year_range
from wpb.kernel.places import Cell


@dataclass(frozen=True)
class Choice:
    """A choice made in model.yaml and why."""

    option: str
    reason: str


@dataclass(frozen=True)
class Extension:
    """How an assumption is carried past its last published year, and why: said in every output that
    uses it.
    """

    key: str
    how: str
    """hold_last: the last published rate goes on; average: the mean of all published years; a
    number is not allowed here (enter a local assumption instead).
    """
    until: str
    reason: str


@dataclass(frozen=True)
class ModelSettings:
    """The choices of one model.

    spend_year: the year today's spend is for. first_growth_year: the first year to which growth is
    applied.
    conversion: movements that carry today's spend to contract year 1 inside the baseline (empty
    where the baseline stands at the spend year and growth starts in contract year 1).
    """

    model: str
    title: str
    currency: str
    prepared_by: str
    prepared_on: str
    lead_provider: str
    form: str
    """full, partial, virtual or mixed integration."""
    first_contract_year: str
    contract_years: int
    spend_year: str
    conversion_steps: tuple[str, ...]
    """Of demographic, non_demographic, cost_pressure, efficiency: applied once from spend_year to
    contract year 1.
    """
    conversion_reason: str
    efficiency_method: Choice
    """additive: uplift less efficiency; multiplicative: (1 + uplift) x (1 - efficiency)."""
    forecast_routes: dict[str, Choice]
    """By funding stream: national_assumptions or allocation_growth."""
    alignment: dict[str, dict[str, float]]
    """By funding stream on the allocation route: population_share, service_share, minimum_share,
    expected_growth_gap.
    """
    extensions: tuple[Extension, ...] = ()
    known_on: str = ""
    no_growth_reasons: dict[str, str] = field(default_factory=dict)
    """By growth category whose growth_method is none: why it does not grow."""
    route_switches: dict[str, str] = field(default_factory=dict)
    """By funding stream on national assumptions: the year from which it grows with its allocation
    instead.
    """
    route_presets: dict[str, str] = field(default_factory=dict)
    """By funding stream: the preset its route came from; near_whole_scope leaves the two shares to
    be measured by the model.
    """
    target_needs: dict[str, str] = field(default_factory=dict)
    """By funding stream: the need by which the lists in scope are given a target share of the
    allocation.
    """
    presentation: str = "sequential"
    """How effects of growth are shown: sequential, or additive_with_interaction."""
    population: dict[str, str] = field(default_factory=dict)
    """projection: the source of demographic growth; allocation_basis: the source allocations rest
    on; reason.
    """
    combination: dict[str, str] = field(default_factory=dict)
    """How funding streams are combined: method, agreed_by, agreed_on, reason."""
    savings_share: Choice = Choice("", "")
    """Share of modelled savings taken from the budget, and why; blank where none was decided."""
    vehicle: str = "icp_contract"
    """The form of contract the budget is paid through; what it may not hold depends on it."""
    places: dict[str, Cell] = field(default_factory=dict)
    """The place in model.yaml of each setting, by dotted key."""

    @property
    def years(self) -> tuple[str, ...]:
        """The contract years."""
        return year_range(self.first_contract_year, self.contract_years)

    @property
    def baseline_year(self) -> str:
        """The year the baseline stands at: contract year 1 where spend is converted, else the spend
        year.
        """
        return self.first_contract_year if self.conversion_steps else self.spend_year

    @property
    def first_growth_year(self) -> str:
        """The first year to which growth is applied: the year after the baseline's."""
        return next_year(self.baseline_year)

    def where(self, key: str) -> Cell:
        """Give the place of a setting in model.yaml."""
        return self.places.get(key, Cell("model.yaml", "model", key))
