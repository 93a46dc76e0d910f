"""What a simulated run needs of a calculated budget, in small arrays: rows, rates, impacts, and who
each row belongs to.

Budget lines that grow alike, are uncertain alike and are paid between the same parties are added
into one row before anything is simulated. Growth multiplies, so the sum grows as its parts do:
nothing is lost but time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wpb.forecast.growth_rates import GrowthRates
from wpb.kernel.problems import ProblemLog
from wpb.run import Budget
from wpb.shadow.baseline_parts import BaselineParts, baseline_parts, is_by_parts
from wpb.shadow.declared import RATE_DRIVERS, STEP_OF, Declared, Uncertainty
from wpb.shadow.parties import PartyTerms, party_terms
from wpb.shadow.sharing_links import Shared
from wpb.tables.records import Line

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

OTHERS = ""
"""Stands for everyone paid at cost: practices, dispensers, and whoever is not under test."""


@dataclass(frozen=True)
class RowKey:
    """What budget lines added into one row have in common."""

    inside: bool
    commissioner: str
    provider: str
    element: str
    linked: str
    """The service line, where a gain/loss arrangement is measured on it."""
    service_line: str
    """The service line, where an uncertainty tells it from others."""
    group: int

    @property
    def cell(self) -> CellKey:
        """The cell the row is added into for the parties' accounts."""
        return CellKey(self.inside, self.commissioner, self.provider, self.element, self.linked)


@dataclass(frozen=True, order=True)
class CellKey:
    """Spend in or out of scope that one payer pays one provider in one way."""

    inside: bool
    commissioner: str
    provider: str
    element: str
    linked: str


@dataclass(frozen=True)
class Impacts:
    """Impact lines of the care model and schemes: what each costs and saves, [line, year], and the
    cells each falls on.
    """

    programmes: tuple[str, ...]
    investment: Array
    saving: Array
    share: Array
    to_cells: Array
    """Part of each line that falls on each cell, [line, cell]; each line's parts add to 1."""


@dataclass(frozen=True)
class SimulationPlan:
    """Everything a worker needs to simulate runs, and nothing of the model besides."""

    years: tuple[str, ...]
    first_growth: int
    """Position of the first year to which growth is applied."""
    groups: tuple[str, ...]
    rates: dict[str, Array]
    """By step, [group, year]."""
    summed: Array | None
    efficiency_method: str
    start: Array
    """[row, year], before uncertainty; rows of one cell stand together."""
    group_of_row: Rows
    row_keys: tuple[RowKey, ...]
    cells: tuple[CellKey, ...]
    cell_starts: Rows
    cells_with_rows: Rows
    impacts: Impacts | None
    commissioners: tuple[str, ...]
    allocation: Array
    """[commissioner, year]."""
    declared: Declared
    parties: tuple[PartyTerms, ...]
    lead: str
    shared: tuple[Shared, ...] = ()
    parts: BaselineParts | None = None
    """What the error of the baseline is drawn for, where the method grades give it."""

    def row_mask(self, one: Uncertainty) -> Flags:
        """The rows an uncertainty moves."""
        if one.applies_by == "everything":
            return np.ones(len(self.row_keys), dtype=bool)
        if one.applies_by == "growth_category":
            return self.group_mask(one)[self.group_of_row]
        return np.array([getattr(key, one.applies_by) == one.applies_to for key in self.row_keys])

    def group_mask(self, one: Uncertainty) -> Flags:
        """The growth groups an uncertainty moves; groups split by route or plan count as the one
        they come from.
        """
        if one.applies_by == "everything":
            return np.ones(len(self.groups), dtype=bool)
        return np.array([code.split(";")[0] == one.applies_to for code in self.groups])

    @property
    def rows_of_each(self) -> dict[str, int]:
        """Number of rows, or parts of the baseline, of every uncertainty that is drawn for each."""
        return {
            one.code: 2 if one.by_side else int(self.moved_by(one).sum())
            for one in self.declared.uncertainties
            if one.each
        }

    def moved_by(self, one: Uncertainty) -> Flags:
        """The rows, or the parts of the baseline, that an uncertainty of a level moves."""
        if not is_by_parts(one):
            return self.row_mask(one)
        return np.zeros(0, dtype=bool) if self.parts is None else self.parts.mask(one)


def simulation_plan(
    budget: Budget, declared: Declared, shared: Sequence[Shared], problems: ProblemLog
) -> SimulationPlan:
    """Build the plan of a budget.

    Source: handbook 1.1.5, 6.4.4; req 299, 300.
    """
    assert budget.outlook is not None
    rates = budget.outlook.workings.line_rates.rates
    parties = party_terms(budget, problems)
    under_test = {terms.organisation for terms in parties}
    linked = {(link.service_line, link.inside) for one in shared for link in one.links}
    told_apart = _told_apart(declared)
    starts: dict[RowKey, Array] = {}
    lines = budget.current.lines.lines
    row_of_line: dict[tuple[int, bool], RowKey] = {}
    for inside, name in ((True, "forecast/start"), (False, "out_of_scope/start")):
        levels = budget.ledger[name].value[0]
        for row, line in enumerate(lines):
            if not levels[row].any():
                continue
            key = _key(
                line,
                inside,
                int(rates.group_of_line[row]),
                under_test,
                linked,
                told_apart,
            )
            row_of_line[row, inside] = key
            starts[key] = starts.get(key, 0.0) + np.broadcast_to(levels[row], (len(budget.years),))
    keys = sorted(starts, key=lambda key: (key.cell, key.service_line, key.group))
    fallen = _impact_cells(budget, row_of_line, starts, under_test)
    cells = tuple(
        sorted({key.cell for key in keys} | {cell for weights in fallen for cell in weights})
    )
    plan = _plan(budget, rates, keys, starts, cells, fallen, declared, parties, shared)
    place = {key: at for at, key in enumerate(keys)}
    places = {line: place[key] for line, key in row_of_line.items()}
    return replace(plan, parts=baseline_parts(budget, declared, places))


def _plan(
    budget: Budget,
    rates: GrowthRates,
    keys: list[RowKey],
    starts: dict[RowKey, Array],
    cells: tuple[CellKey, ...],
    fallen: list[dict[CellKey, float]],
    declared: Declared,
    parties: tuple[PartyTerms, ...],
    shared: Sequence[Shared],
) -> SimulationPlan:
    settings, afford = budget.model.settings, budget.affordability
    position = {cell: place for place, cell in enumerate(cells)}
    cell_of_row = np.array([position[key.cell] for key in keys], dtype=np.int64)
    firsts = np.flatnonzero(np.r_[True, cell_of_row[1:] != cell_of_row[:-1]])
    impacts = None
    if budget.care_model is not None:
        model = budget.care_model
        to_cells = np.zeros((len(model.lines), len(cells)))
        for line, weights in enumerate(fallen):
            for cell, weight in weights.items():
                to_cells[line, position[cell]] = weight
        share = budget.ledger["impact/share_in_budget"].value[0]
        impacts = Impacts(
            tuple(line.programme for line in model.lines),
            model.investment.value[0],
            model.saving.value[0],
            share,
            to_cells,
        )
    commissioners = afford.by_commissioner["allocation"].axis.codes
    return SimulationPlan(
        years=budget.years,
        first_growth=max(0, sum(year < settings.first_growth_year for year in budget.years)),
        groups=rates.axis.codes,
        rates={step: np.array(block.value[0]) for step, block in rates.by_step.items()},
        summed=None if rates.summed is None else np.array(rates.summed.value[0, :, 0]),
        efficiency_method=settings.efficiency_method.option,
        start=np.stack([starts[key] for key in keys]),
        group_of_row=np.array([key.group for key in keys], dtype=np.int64),
        row_keys=tuple(keys),
        cells=cells,
        cell_starts=firsts.astype(np.int64),
        cells_with_rows=cell_of_row[firsts],
        impacts=impacts,
        commissioners=commissioners,
        allocation=np.array(afford.by_commissioner["allocation"].value[0]),
        declared=declared,
        parties=parties,
        lead=settings.lead_provider,
        shared=tuple(shared),
    )


def _told_apart(declared: Declared) -> set[str] | None:
    """Service lines that some uncertainty tells from others; None where one is drawn for each of
    all.
    """
    if any(one.each and not is_by_parts(one) for one in declared.uncertainties):
        return None
    return {one.applies_to for one in declared.uncertainties if one.applies_by == "service_line"}


def _key(
    line: Line,
    inside: bool,
    group: int,
    under_test: set[str],
    linked: set[tuple[str, bool]],
    told_apart: set[str] | None,
) -> RowKey:
    service = line.service_line if told_apart is None or line.service_line in told_apart else ""
    element = line.element if inside and line.element in ("activity_paid", "incentive") else ""
    provider = line.provider if line.provider in under_test else OTHERS
    return RowKey(
        inside,
        line.commissioner,
        provider,
        element,
        line.service_line if (line.service_line, inside) in linked else "",
        service,
        group,
    )


def _impact_cells(
    budget: Budget,
    row_of_line: dict[tuple[int, bool], RowKey],
    starts: dict[RowKey, Array],
    under_test: set[str],
) -> list[dict[CellKey, float]]:
    """Say on which cells each line of impact falls: by spend on its service line of its payer, or
    on others where there is none.
    """
    if budget.care_model is None:
        return []
    lines = budget.current.lines.lines
    levels = {
        inside: budget.ledger[name].value[0].sum(axis=1)
        for inside, name in ((True, "forecast/start"), (False, "out_of_scope/start"))
    }
    by_service: dict[tuple[bool, str, str], dict[CellKey, float]] = {}
    for (row, inside), key in row_of_line.items():
        found = by_service.setdefault(
            (inside, lines[row].service_line, lines[row].commissioner), {}
        )
        cell = replace(key.cell, element="")
        found[cell] = found.get(cell, 0.0) + float(levels[inside][row])
    fallen = []
    for line in budget.care_model.lines:
        weights = by_service.get((line.inside, line.service_line, line.commissioner), {})
        whole = sum(weights.values())
        fallen.append(
            {cell: weight / whole for cell, weight in sorted(weights.items())}
            if whole > 0
            else {CellKey(line.inside, line.commissioner, OTHERS, "", ""): 1.0}
        )
    return fallen


def check_cash(plan: SimulationPlan, problems: ProblemLog) -> None:
    """Warn where sharing moves more cash than the payments it is measured on release: then a gap
    pays for itself twice, or not at all.

    Source: handbook 6.4.6 (how gains are paid); req 286.
    """
    terms = {one.organisation: one.follows_activity for one in plan.parties}
    for shared in plan.shared:
        for line in shared.arrangement.lines:
            worth = released = 0.0
            for row, key in enumerate(plan.row_keys):
                if any(
                    link.line == line.line
                    and link.service_line == key.linked
                    and link.inside == key.inside
                    for link in shared.links
                ):
                    spend = float(plan.start[row].sum())
                    worth, released = worth + spend, released + spend * terms.get(key.provider, 1.0)
            if worth and line.released_rate > released / worth + 0.05:
                problems.warning(
                    line.place,
                    f"Line '{line.line}' of {shared.arrangement.name} shares"
                    f" {line.released_rate:.0%} of a gap, and the payments it is measured on"
                    f" release {released / worth:.0%} of one.",
                    "Share what payments release (source_of_cash: marginal_payment with its rate),"
                    " or name where the rest comes from.",
                    "cash_not_released",
                )


def check_drivers(plan: SimulationPlan, problems: ProblemLog) -> None:
    """Warn of an uncertainty that moves nothing in this model."""
    by_parts = [one for one in plan.declared.uncertainties if is_by_parts(one)]
    known = not any(plan.moved_by(one).any() for one in by_parts)
    for one in plan.declared.uncertainties:
        idle = False
        if one.driver in RATE_DRIVERS:
            idle = (
                STEP_OF.get(one.driver, one.driver) not in plan.rates
                or not plan.group_mask(one).any()
            )
        elif is_by_parts(one):
            idle = known if one.applies_by != "grade" else not plan.moved_by(one).any()
        elif one.driver in ("activity", "baseline_error"):
            idle = not plan.row_mask(one).any()
        elif one.driver in ("care_model_delivery", "care_model_delay"):
            idle = plan.impacts is None or (
                one.applies_by == "programme" and one.applies_to not in plan.impacts.programmes
            )
        if idle:
            problems.warning(
                None,
                f"Uncertainty {one.code} moves nothing in this model.",
                "Check what it applies to.",
                "uncertainty_idle",
            )
