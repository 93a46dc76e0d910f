"""The rates of each growth step by expenditure group and year, every one with its citation.

Groups on the national-assumptions route take their rates from dated assumptions; streams on the
allocation-growth route take the growth of their commissioner's allocation.
Source: handbook 3.2.1, 3.3; req 148-151, 156, 159-172, 186.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

import numpy as np

from wpb.forecast.growth import year_on_year
from wpb.kernel.assumptions import Assumption, AssumptionBook
from wpb.kernel.calendar import next_year
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.places import Cell, Citation, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Scope

GROWTH_STEPS = ("demographic", "non_demographic", "activity", "cost_pressure", "combined")
STEPS = (*GROWTH_STEPS, "efficiency")
STEP_NAMES = {
    "demographic": "Demographic growth",
    "non_demographic": "Non-demographic growth",
    "activity": "Activity growth, demographic and other together",
    "cost_pressure": "Unit cost pressure",
    "combined": "Growth in total cost",
    "efficiency": "Provider efficiency",
}
NO_UPLIFT = "no_automatic_uplift"
NO_UPLIFT_CITATION = Citation(NO_UPLIFT, "every year", "2019-08", "Whole population models of provision: Establishing integrated budgets (overview, 2019)", "3.3.2", note="Agreed case by case: no automatic uplift")
NO_EFFICIENCY_CITATION = Citation("allocation_route_efficiency", "every year", "2017-08", "Whole population models of provision: Establishing integrated budgets (handbook, 2017)", "3.4", note="Allocations already reflect provider efficiency, so none is taken again")


@dataclass(frozen=True)
class GrowthRates:
    """Rates by step on the axis of groups, and the group of each budget line."""

    axis: Axis
    by_step: dict[str, Block]
    conversion: dict[str, Block]
    """Rates of contract year 1 that carry spend to the baseline."""
    group_of_line: Rows


def growth_rates(model: Model, scope: Scope, book: AssumptionBook, lines: BudgetLines, ledger: Ledger, problems: ProblemLog) -> GrowthRates:
    """Look up every rate that the model's groups and streams need, year by year, never past what is published.

    Raises InputProblems, all missing rates at once.
    Source: handbook 3.3.1, 3.3.2; req 149, 151, 153, 159, 166, 167, 169, 170, 172.
    """
    builder = _RateTable(model, scope, book, ledger, problems)
    axis = builder.axis
    conversion = {step: builder.block(f"conversion_rate/{step}", step, (model.settings.first_contract_year,)) for step in model.settings.conversion_steps}
    by_step = {step: builder.block(f"growth_rate/{step}", step, model.settings.years) for step in STEPS}
    problems.raise_if_errors()
    return GrowthRates(axis, by_step, conversion, _groups(model, scope, lines, axis))


def allocation_group(commissioner: str, stream: str) -> str:
    """The group of lines that grow with a commissioner's allocation for a stream."""
    return f"allocation.{commissioner}.{stream}"


def _groups(model: Model, scope: Scope, lines: BudgetLines, axis: Axis) -> Rows:
    routes = model.settings.forecast_routes
    groups = []
    for line in lines.lines:
        if not line.automatic_uplift:
            groups.append(NO_UPLIFT)
        elif line.funding_stream in routes and routes[line.funding_stream].option == "allocation_growth":
            groups.append(allocation_group(line.commissioner, line.funding_stream))
        else:
            groups.append(scope.growth_category[line.service_line])
    return np.array([axis.positions[group] for group in groups], dtype=np.int64)


class _RateTable:
    """Fills the table of rates: group x year for each step."""

    def __init__(self, model: Model, scope: Scope, book: AssumptionBook, ledger: Ledger, problems: ProblemLog) -> None:
        self.model, self.book, self.ledger, self.problems = model, book, ledger, problems
        self.categories = model["growth_categories"]
        on_allocation = [stream for stream, choice in model.settings.forecast_routes.items() if choice.option == "allocation_growth"]
        allocations = model["allocations"]
        pairs = sorted({(c, s) for c, s in zip(allocations.text("commissioner"), allocations.text("funding_stream"), strict=True) if s in on_allocation})
        self.allocation_pairs = pairs
        self.axis = Axis("growth group", (*self.categories.text("growth_category"), *(allocation_group(c, s) for c, s in pairs), NO_UPLIFT))
        self._found: dict[tuple[str, tuple[str, ...]], list[Assumption]] = {}

    def block(self, block_id: str, step: str, years: tuple[str, ...]) -> Block:
        """One step's rates; a year before growth starts, and a step a group doesn't have, is nought with its reason."""
        settings = self.model.settings
        wanted = years if block_id.startswith("conversion") else tuple(year for year in years if year >= settings.first_growth_year)
        values = np.zeros((len(self.axis), len(years)))
        places: dict[tuple[int, int], Place] = {}
        for row in range(len(self.categories)):
            self._fill(values, places, row, step, years, wanted)
        cells = [self.categories.where(row, "growth_category") for row in range(len(self.categories))]

        def where(row: int, year: int) -> Place:
            if (row, year) in places:
                return places[row, year]
            if years[year] not in wanted:
                return settings.where("baseline.spend_year")
            if row < len(cells):
                return self._no_such_step(row, step)
            return NO_EFFICIENCY_CITATION if self.axis.codes[row] != NO_UPLIFT else NO_UPLIFT_CITATION

        leaf = self.ledger.leaf(block_id, self.axis, "rate", values, where, years=years, title=STEP_NAMES[step])
        return self._with_allocation_growth(leaf, years, wanted) if step == "combined" and self.allocation_pairs else leaf

    def _fill(self, values: Array, places: dict[tuple[int, int], Place], row: int, step: str, years: tuple[str, ...], wanted: tuple[str, ...]) -> None:
        column = self._column(row, step)
        key = str(self.categories.columns[column][row]) if column else ""
        if not key:
            return
        place = self.categories.where(row, column or "growth_category")
        for year, found in zip(wanted, self._rates(key, wanted, place), strict=True):
            if math.isfinite(found.value):
                values[row, years.index(year)] = found.value
                places[row, years.index(year)] = found.citation

    def _column(self, row: int, step: str) -> str | None:
        method = str(self.categories.columns["growth_method"][row])
        by_method = {
            "unit_cost_and_activity": {"demographic": "demographic_rate", "non_demographic": "non_demographic_rate", "activity": "activity_rate", "cost_pressure": "cost_rate"},
            "total_cost": {"combined": "cost_rate"},
            "deflator": {"combined": "cost_rate"},
            "none": {},
        }[method]
        return "efficiency_rate" if step == "efficiency" else by_method.get(step)

    def _rates(self, key: str, years: tuple[str, ...], place: Cell) -> list[Assumption]:
        if (key, years) not in self._found:
            known_on = datetime.date.fromisoformat(self.model.settings.known_on) if self.model.settings.known_on else None
            self._found[key, years] = self.book.rates(key, years, self.model.settings.extensions, known_on, self.problems, place)
        return self._found[key, years]

    def _no_such_step(self, row: int, step: str) -> Cell:
        column = self._column(row, step) or "growth_method"
        return self.categories.where(row, column)

    def _with_allocation_growth(self, leaf: Block, years: tuple[str, ...], wanted: tuple[str, ...]) -> Block:
        growth = _allocation_growth(self.model, self.ledger, leaf.id, self.allocation_pairs, years, wanted, self.problems)
        into = [self.axis.positions[allocation_group(c, s)] for c, s in self.allocation_pairs]
        keep = np.arange(len(self.axis))
        keep[into] = -1
        return self.ledger.total(f"{leaf.id}/with_allocations", self.axis, (leaf, keep), (growth, into), title="Growth in total cost, or of the allocation")


def _allocation_growth(model: Model, ledger: Ledger, prefix: str, pairs: list[tuple[str, str]], years: tuple[str, ...], wanted: tuple[str, ...], problems: ProblemLog) -> Block:
    """Growth of each commissioner's allocation for a stream: allocation this year / last year - 1.

    Source: handbook 3.3.1; req 149, 151.
    """
    table = model["allocations"]
    rows = {(c, s, y): r for r, (c, s, y) in enumerate(zip(table.text("commissioner"), table.text("funding_stream"), table.text("year"), strict=True))}
    axis = Axis("allocation", tuple(allocation_group(c, s) for c, s in pairs))
    amounts = table.numbers("allocation")
    def row_of(pair: int, year: str) -> int:
        key = (*pairs[pair], year)
        if key not in rows:
            problems.error(model.settings.where(f"forecast.routes.{pairs[pair][1]}"), f"{pairs[pair][0]} has no {pairs[pair][1]} allocation for {year}, and the stream is forecast by allocation growth.", "Add the allocation, or use national assumptions for the stream.", "allocation-missing")
        return rows.get(key, 0)

    this = np.array([[row_of(p, y) for y in years] for p in range(len(pairs))])
    before = np.array([[row_of(p, next_year(y, -1)) if y in wanted else row_of(p, y) for y in years] for p in range(len(pairs))])
    now = ledger.leaf(f"{prefix}/allocation", axis, "pence", amounts[this], lambda row, year: table.where(int(this[row, year]), "allocation"), years=years, title="Allocation")
    last = ledger.leaf(f"{prefix}/allocation_before", axis, "pence", amounts[before], lambda row, year: table.where(int(before[row, year]), "allocation"), years=years, title="Allocation of the year before")
    return ledger.add(f"{prefix}/allocation_growth", year_on_year, axis, "rate", years=years, this_year=Ref(now), last_year=Ref(last), title="Growth of the allocation")
