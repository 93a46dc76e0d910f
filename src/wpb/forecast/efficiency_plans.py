"""What providers plan to save, what benchmarks expect, and the further target where plans fall
short.

Source: handbook 3.5 Mid-Nottinghamshire case; req 186, 191, 193.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.kernel.ledger import Array, Axis, Block, Ledger
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

PlanKey = tuple[str, str]
"""Provider and service line; a blank service line stands for all the provider's services."""


def planned_rate(planned_saving_pence: Array, cost_base_pence: Array) -> Array:
    """The efficiency a provider plans: planned saving / cost it is planned on; nought for a year
    without a plan.

    Source: handbook 3.5 Mid-Nottinghamshire case; req 191.
    """
    return np.divide(
        planned_saving_pence,
        cost_base_pence,
        out=np.zeros_like(planned_saving_pence),
        where=cost_base_pence > 0,
    )


def efficiency_with_plans(target_rate: Array, planned: Array, expected_rate: Array) -> Array:
    """The efficiency asked: what is planned + the shortfall against the target, or against what a
    benchmark expects if more.

    planned + max(max(target, expected) - planned, 0), so a plan beyond the target stands.
    Source: handbook 3.5 Mid-Nottinghamshire case; req 191, 193.
    """
    return planned + np.maximum(np.maximum(target_rate, expected_rate) - planned, 0.0)


@dataclass(frozen=True)
class EfficiencyPlans:
    """Providers' plans and benchmark expectations by provider and service line, by row of their
    tables and year.
    """

    model: Model
    plans: dict[PlanKey, dict[str, int]]
    benchmarks: dict[PlanKey, dict[str, int]]

    def key_of(self, provider: str, service_line: str) -> PlanKey | None:
        """The plan a line falls under: its service's own, else the provider's for all services,
        else none.
        """
        for key in ((provider, service_line), (provider, "")):
            if provider and (key in self.plans or key in self.benchmarks):
                return key
        return None

    def planned(
        self,
        ledger: Ledger,
        block_id: str,
        axis: Axis,
        keys: list[PlanKey | None],
        years: tuple[str, ...],
    ) -> Block:
        """Planned efficiency by group and year: planned saving / cost base."""
        parts = {
            name: self._leaf(
                ledger,
                f"{block_id}/{column}",
                axis,
                keys,
                years,
                "provider_efficiency_plans",
                column,
                self.plans,
                "pence",
            )
            for name, column in (
                ("planned_saving_pence", "planned_saving"),
                ("cost_base_pence", "cost_base"),
            )
        }
        return ledger.add(
            block_id, planned_rate, axis, "rate", years, "Efficiency that providers plan", **parts
        )

    def expected(
        self,
        ledger: Ledger,
        block_id: str,
        axis: Axis,
        keys: list[PlanKey | None],
        years: tuple[str, ...],
    ) -> Block:
        """Efficiency that benchmarks expect by group and year, nought where none is given."""
        return self._leaf(
            ledger,
            block_id,
            axis,
            keys,
            years,
            "benchmark_efficiency",
            "expected_rate",
            self.benchmarks,
            "rate",
        )

    def _leaf(
        self,
        ledger: Ledger,
        block_id: str,
        axis: Axis,
        keys: list[PlanKey | None],
        years: tuple[str, ...],
        name: str,
        column: str,
        rows: dict[PlanKey, dict[str, int]],
        unit: str,
    ) -> Block:
        table = self.model[name]
        amounts = table.numbers(column)
        found = [[rows.get(key, {}).get(year) if key else None for year in years] for key in keys]
        values = np.array(
            [[0.0 if row is None else amounts[row] for row in line] for line in found]
        )

        def where(row: int, year: int) -> Place:
            at = found[row][year]
            return (
                table.where(at, column)
                if at is not None
                else Cell(
                    table.file or f"inputs/{name}.csv",
                    table.sheet or name,
                    "",
                    f"no row for {years[year]}",
                )
            )

        return ledger.leaf(
            block_id, axis, unit, values, where, years=years, title=table.spec.column(column).help
        )


def efficiency_plans(model: Model, problems: ProblemLog) -> EfficiencyPlans | None:
    """Read providers' plans and benchmark expectations; None where there are none.

    Source: handbook 3.5 Mid-Nottinghamshire case; req 191, 193.
    """
    plans, benchmarks = model["provider_efficiency_plans"], model["benchmark_efficiency"]
    if not len(plans) and not len(benchmarks):
        return None
    saving, base = plans.numbers("planned_saving"), plans.numbers("cost_base")
    for row in range(len(plans)):
        if not base[row] > 0 or not 0 <= saving[row] < base[row]:
            problems.error(
                plans.where(row, "planned_saving"),
                "The planned saving is not between nought and the cost it is planned on.",
                "Enter the year's new saving and the operating cost it is planned on.",
                "out_of_range",
            )
    for table in (plans, benchmarks):
        _check_years(model, table, problems)
    return EfficiencyPlans(model, _rows(plans), _rows(benchmarks))


def _rows(table: TypedTable) -> dict[PlanKey, dict[str, int]]:
    found: dict[PlanKey, dict[str, int]] = {}
    for row, (provider, service, year) in enumerate(
        zip(table.text("provider"), table.text("service_line"), table.text("year"), strict=True)
    ):
        found.setdefault((provider, service), {})[year] = row
    return found


def _check_years(model: Model, table: TypedTable, problems: ProblemLog) -> None:
    settings = model.settings
    first = (
        settings.first_contract_year if settings.conversion_steps else settings.first_growth_year
    )
    for row, year in enumerate(table.text("year")):
        if not first <= year <= settings.years[-1]:
            problems.error(
                table.where(row, "year"),
                f"No efficiency is taken in {year}.",
                f"Enter a year from {first} to {settings.years[-1]}, or take the row out.",
                "year_outside_term",
            )
