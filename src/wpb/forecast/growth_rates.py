"""The rates of each growth step by expenditure group and year, every one with its citation.

Groups on the national-assumptions route take their rates from dated assumptions; streams on the
allocation-growth route take the growth of their commissioner's allocation.
Source: handbook 3.2.1, 3.3; req 148-151, 156, 159-172, 186.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wpb.forecast.allocation_growth import allocation_group, allocation_growth
from wpb.forecast.cost_uplift import weighted_inflation
from wpb.forecast.population_growth import projected_growth
from wpb.forecast.reference_uplift import two_reference_rows, two_reference_uplift
from wpb.kernel.assumptions import Assumption, AssumptionBook
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Rows
from wpb.kernel.places import Cell, Citation, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.forecasting import FROM_PROJECTION
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Scope
from wpb.tables.segments import FROM_SEGMENTS

STEPS = ("demographic", "non_demographic", "activity", "cost_pressure", "combined", "efficiency")
"""Steps every model has; litigation, and what providers plan to save, are steps of models that give
them.
"""
GROWTH_STEPS = (
    "demographic",
    "non_demographic",
    "activity",
    "cost_pressure",
    "litigation",
    "combined",
)
STEP_NAMES = {
    "demographic": "Demographic growth",
    "non_demographic": "Non-demographic growth",
    "activity": "Activity growth, demographic and other together",
    "cost_pressure": "Unit cost pressure",
    "litigation": "Clinical negligence contributions",
    "combined": "Growth in total cost",
    "efficiency": "Provider efficiency",
    "efficiency_planned": "Provider efficiency, planned by providers",
}
DEFAULT_DEFLATOR = "gdp_deflator"
"""What council-funded care grows by where its category names no deflator of its own (handbook
3.3.2).
"""
NO_UPLIFT = "no_automatic_uplift"
NO_UPLIFT_CITATION = Citation(
    NO_UPLIFT,
    "every year",
    "2019-08",
    "Whole population models of provision: Establishing integrated budgets (overview, 2019)",
    "3.3.2",
    note="Agreed case by case: no automatic uplift",
)
NO_EFFICIENCY_CITATION = Citation(
    "allocation_route_efficiency",
    "every year",
    "2017-08",
    "Whole population models of provision: Establishing integrated budgets (handbook, 2017)",
    "3.4",
    note="Allocations already reflect provider efficiency, so none is taken again",
)


@dataclass(frozen=True)
class GrowthRates:
    """Rates by step on the axis of groups, and the group of each budget line."""

    axis: Axis
    by_step: dict[str, Block]
    conversion: dict[str, Block]
    """Rates of contract year 1 that carry spend to the baseline."""
    group_of_line: Rows
    summed: Block | None = None
    """1 for groups whose two parts of activity growth are added; None where no group is so."""
    category_rows: tuple[int, ...] = ()
    """The row in growth_categories of each group, -1 for a group that is no category; left out
    where only factors are made.
    """


def growth_rates(
    model: Model,
    scope: Scope,
    book: AssumptionBook,
    lines: BudgetLines,
    ledger: Ledger,
    problems: ProblemLog,
) -> GrowthRates:
    """Look up every rate that the model's groups and streams need, year by year, never past what is
    published.

    Raises InputProblems, all missing rates at once.
    Source: handbook 3.3.1, 3.3.2; req 111, 135, 136, 149, 151, 153, 159, 166, 167, 169, 170, 172,
    176.
    """
    builder = _RateTable(model, scope, book, ledger, problems)
    litigation = ("litigation",) if any(model["growth_categories"].text("litigation_rate")) else ()
    named = model.settings.conversion_steps
    # A list of steps is a choice of method: what it leaves out is due all the same.
    due = (*named, *(step for step in STEPS if step not in named), *litigation) if named else ()
    conversion = {
        step: builder.block(f"conversion_rate/{step}", step, (model.settings.first_contract_year,))
        for step in due
    }
    by_step = {
        step: builder.block(f"growth_rate/{step}", step, model.settings.years)
        for step in (*STEPS, *litigation)
    }
    problems.raise_if_errors()
    tell_uplifts_left_out(model, conversion, problems)
    categories = len(builder.categories)
    rows = (*range(categories), *(-1 for _ in range(len(builder.axis) - categories)))
    return GrowthRates(
        builder.axis,
        by_step,
        conversion,
        _groups(model, scope, lines, builder.axis, problems),
        _summed(model, ledger, builder.axis),
        rows,
    )


def tell_uplifts_left_out(model: Model, conversion: dict[str, Block], problems: ProblemLog) -> None:
    """Say which uplifts to contract year 1 the list of conversion steps leaves out: they are
    applied, as spend of the year before does not hold them.

    Source: handbook 2.1, 2.7; req 387.
    """
    settings = model.settings
    left_out = [
        STEP_NAMES[step].lower()
        for step, block in conversion.items()
        if step in STEPS and step not in settings.conversion_steps and block.value.any()
    ]
    if left_out:
        problems.warning(
            settings.where("baseline.convert.steps"),
            f"The conversion of {settings.spend_year} spend to {settings.first_contract_year} does"
            f" not list {' or '.join(left_out)}, which that spend does not hold yet; it is applied"
            " inside the baseline all the same.",
            "Add what is missing to baseline.convert.steps, or enter an override with a rate of 0"
            " and its reason where none is due.",
            "uplift_left_out",
        )


def _summed(model: Model, ledger: Ledger, axis: Axis) -> Block | None:
    """Flag the groups whose demographic and other growth are added rather than applied one after
    the other.
    """
    table = model["growth_categories"]
    ways = table.text("activity_combination")
    if "sum" not in ways:
        return None
    values = [1.0 if row < len(ways) and ways[row] == "sum" else 0.0 for row in range(len(axis))]
    return ledger.leaf(
        "growth_rate/summed",
        axis,
        "flag",
        values,
        lambda row, year: table.where(min(row, len(ways) - 1), "activity_combination"),
        title="Parts of activity growth are added",
    )


def _groups(
    model: Model, scope: Scope, lines: BudgetLines, axis: Axis, problems: ProblemLog
) -> Rows:
    routes = model.settings.forecast_routes
    groups = []
    for line in lines.lines:
        if not line.automatic_uplift:
            groups.append(line.growth_category or NO_UPLIFT)
        elif (
            line.funding_stream in routes
            and routes[line.funding_stream].option == "allocation_growth"
        ):
            groups.append(allocation_group(line.commissioner, line.funding_stream))
        else:
            groups.append(scope.growth_category[line.service_line])
    absent = sorted({group for group in groups if group not in axis.positions})
    for group in absent:
        problems.error(
            Cell("inputs/allocations.csv", "allocations", ""),
            f"Lines grow with '{group}', and there is no such allocation.",
            "Add the allocation of that commissioner and stream for every year.",
            "allocation_missing",
        )
    problems.raise_if_errors()
    return np.array([axis.positions[group] for group in groups], dtype=np.int64)


class _RateTable:
    """Fills the table of rates: group x year for each step."""

    def __init__(
        self, model: Model, scope: Scope, book: AssumptionBook, ledger: Ledger, problems: ProblemLog
    ) -> None:
        self.model, self.book, self.ledger, self.problems = model, book, ledger, problems
        self.categories = model["growth_categories"]
        on_allocation = {
            stream
            for stream, choice in model.settings.forecast_routes.items()
            if choice.option == "allocation_growth"
        } | set(model.settings.route_switches)
        allocations = model["allocations"]
        pairs = sorted(
            {
                (c, s)
                for c, s in zip(
                    allocations.text("commissioner"),
                    allocations.text("funding_stream"),
                    strict=True,
                )
                if s in on_allocation
            }
        )
        self.allocation_pairs = pairs
        self.axis = Axis(
            "growth group",
            (
                *self.categories.text("growth_category"),
                *(allocation_group(c, s) for c, s in pairs),
                NO_UPLIFT,
            ),
        )
        self._found: dict[tuple[str, tuple[str, ...]], list[Assumption]] = {}

    def block(self, block_id: str, step: str, years: tuple[str, ...]) -> Block:
        """One step's rates; a year before growth starts, and a step a group doesn't have, is nought
        with its reason.
        """
        if step == "litigation":
            return self._litigation(block_id, years)
        wanted = self._wanted(block_id, years)
        leaf = self._leaf(block_id, step, years, wanted, lambda row: self._key(row, step))
        parts = []
        if step == "combined" and self.allocation_pairs:
            growth = allocation_growth(
                self.model,
                self.ledger,
                leaf.id,
                self.allocation_pairs,
                years,
                wanted,
                self.problems,
            )
            parts.append(
                (
                    growth,
                    [self.axis.positions[allocation_group(c, s)] for c, s in self.allocation_pairs],
                )
            )
        chosen = two_reference_rows(self.model)
        if step == "combined" and chosen:
            growth = two_reference_uplift(
                self.model,
                self.ledger,
                leaf.id,
                years,
                lambda name, key_of: self._leaf(name, step, years, wanted, key_of, "growth_method"),
            )
            parts.append((growth, chosen))
        if step == "demographic" and self._projected:
            growth = projected_growth(
                self.model, self.ledger, leaf.id, self._projected, years, wanted, self.problems
            )
            parts.append((growth, [self.axis.positions[code] for code in self._projected]))
        return self._with_worked_out(leaf, parts) if parts else leaf

    @property
    def _projected(self) -> list[str]:
        """Categories whose demographic growth is worked out from population projections."""
        codes = self.categories.text("growth_category")
        return [
            codes[row]
            for row, key in enumerate(self.categories.text("demographic_rate"))
            if key == FROM_PROJECTION and self._column(row, "demographic")
        ]

    def _with_worked_out(self, leaf: Block, parts: list[tuple[Block, list[int]]]) -> Block:
        keep = np.arange(len(self.axis))
        keep[[row for _, into in parts for row in into]] = -1
        return self.ledger.total(
            f"{leaf.id}/with_worked_out", self.axis, (leaf, keep), *parts, title=leaf.title
        )

    def _litigation(self, block_id: str, years: tuple[str, ...]) -> Block:
        """Clinical negligence: its share of cost x the rise of contributions, set anew each year.

        Source: handbook 3.3.2, Tables 4-5; req 160, 162.
        """
        wanted = self._wanted(block_id, years)
        parts = {
            name: self._leaf(
                f"{block_id}/{column}",
                "litigation",
                years,
                wanted,
                lambda row, column=column: str(self.categories.columns[column][row]),  # type: ignore[misc]
                column,
            )
            for name, column in (("weights", "litigation_weight"), ("inflation", "litigation_rate"))
        }
        product = self.ledger.add(
            f"{block_id}/product",
            weighted_inflation,
            self.axis,
            "rate",
            years,
            STEP_NAMES["litigation"],
            **parts,
        )
        return self.ledger.total(
            block_id,
            self.axis,
            (product, np.arange(len(self.axis))),
            title=STEP_NAMES["litigation"],
        )

    def _wanted(self, block_id: str, years: tuple[str, ...]) -> tuple[str, ...]:
        return (
            years
            if block_id.startswith("conversion")
            else tuple(year for year in years if year >= self.model.settings.first_growth_year)
        )

    def _leaf(
        self,
        block_id: str,
        step: str,
        years: tuple[str, ...],
        wanted: tuple[str, ...],
        key_of: Callable[[int], str],
        column: str = "",
    ) -> Block:
        settings = self.model.settings
        values = np.zeros((len(self.axis), len(years)))
        places: dict[tuple[int, int], Place] = {}
        for row in range(len(self.categories)):
            self._fill(
                values,
                places,
                row,
                key_of(row),
                column or self._column(row, step) or "growth_category",
                years,
                wanted,
            )
        cells = [
            self.categories.where(row, "growth_category") for row in range(len(self.categories))
        ]

        def where(row: int, year: int) -> Place:
            if (row, year) in places:
                return places[row, year]
            if years[year] not in wanted:
                return settings.where("baseline.spend_year")
            if row < len(cells):
                return self._no_such_step(row, step)
            return (
                NO_EFFICIENCY_CITATION if self.axis.codes[row] != NO_UPLIFT else NO_UPLIFT_CITATION
            )

        return self.ledger.leaf(
            block_id, self.axis, "rate", values, where, years=years, title=STEP_NAMES[step]
        )

    def _key(self, row: int, step: str) -> str:
        column = self._column(row, step)
        key = str(self.categories.columns[column][row]) if column else ""
        if (
            not key
            and step == "combined"
            and self.categories.columns["growth_method"][row] == "deflator"
        ):
            return DEFAULT_DEFLATOR
        return "" if step == "demographic" and key in (FROM_PROJECTION, FROM_SEGMENTS) else key

    def _fill(
        self,
        values: Array,
        places: dict[tuple[int, int], Place],
        row: int,
        key: str,
        column: str,
        years: tuple[str, ...],
        wanted: tuple[str, ...],
    ) -> None:
        if not key:
            return
        place = self.categories.where(row, column)
        for year, found in zip(wanted, self._rates(key, wanted, place), strict=True):
            if math.isfinite(found.value):
                values[row, years.index(year)] = found.value
                places[row, years.index(year)] = found.citation

    def _column(self, row: int, step: str) -> str | None:
        method = str(self.categories.columns["growth_method"][row])
        by_method = {
            "unit_cost_and_activity": {
                "demographic": "demographic_rate",
                "non_demographic": "non_demographic_rate",
                "activity": "activity_rate",
                "cost_pressure": "cost_rate",
                "litigation": "litigation_rate",
            },
            "total_cost": {"combined": "cost_rate"},
            "deflator": {"combined": "cost_rate"},
            "two_references": {},
            "none": {},
        }[method]
        return "efficiency_rate" if step == "efficiency" else by_method.get(step)

    def _rates(self, key: str, years: tuple[str, ...], place: Cell) -> list[Assumption]:
        if (key, years) not in self._found:
            known_on = (
                datetime.date.fromisoformat(self.model.settings.known_on)
                if self.model.settings.known_on
                else None
            )
            self._found[key, years] = self.book.rates(
                key, years, self.model.settings.extensions, known_on, self.problems, place
            )
        return self._found[key, years]

    def _no_such_step(self, row: int, step: str) -> Cell:
        column = self._column(row, step) or "growth_method"
        return self.categories.where(row, column)
