"""The bundled model of a place with poor data: it reaches a baseline by second and last options
only, and says what that costs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import wpb
from wpb.baseline.spend_subjects import repairs
from wpb.run import Budget


@pytest.fixture(scope="module")
def budget(repo_root: Path) -> Budget:
    return wpb.load(repo_root / "examples" / "poor_data").run()


def rows(budget: Budget, name: str) -> list[dict[str, Any]]:
    found = next(section for section in budget.sections if section.name == name)
    return [
        dict(zip((column.name for column in found.columns), row, strict=True)) for row in found.rows
    ]


@pytest.mark.req(37, 41, 43, 62, 91, 96)
def test_every_line_is_reached_by_a_second_or_last_option(budget: Budget) -> None:
    lines = budget.current.lines.lines
    assert {line.grade for line in lines} == {2, 3}
    used = {
        (step, option)
        for step, option in zip(
            budget.model["contract_methods"].text("step"),
            budget.model["contract_methods"].text("option"),
            strict=True,
        )
    }
    assert used == {
        ("step_1", "undivided"),
        ("step_1", "direct_cost"),
        ("step_1", "absorbed_cost"),
        ("step_2", "local_information"),
        ("step_3", "simple_average"),
        ("step_3", "other_unit_costs"),
        ("step_3", "benchmark_unweighted"),
        ("step_4", "patient_groups"),
    }
    assert set(budget.model["contracts"].text("population_method")) == {
        "population_carve_out",
        "patient_groups",
        "boundary_carve_out",
    }
    assert set(repairs(budget.model).values()) == {"rolled_forward", "part_year"}


@pytest.mark.req(20, 25, 362)
def test_the_bridge_says_how_last_years_and_part_year_spend_became_a_baseline(
    budget: Budget,
) -> None:
    steps = {
        move.step: float(move.block.value[0, :, 0].sum())
        for move in budget.ledger.movements
        if move.stage == "baseline"
    }
    assert steps["Part of a year made up to twelve months"] > 0
    assert steps["Last year's spend rolled forward: inflation"] > 0
    assert steps["Last year's spend rolled forward: savings programmes"] < 0
    start = float(budget.current.in_scope.value.sum())
    assert start + sum(steps.values()) == pytest.approx(float(budget.baseline.value.sum()))
    community = 9_420_000 * 1.0215 * (1 - 0.011) - 60_000 + 185_000
    lines = budget.current.lines.lines
    found = sum(
        block.at(row, 0)
        for row, line in enumerate(lines)
        if line.contract == "FVN-B"
        for block in (budget.adjusted.in_scope, budget.adjusted.out_of_scope)
    )
    assert found / 100 == pytest.approx(community * 1.006)


@pytest.mark.req(33, 37)
def test_it_reports_what_poor_data_costs_in_certainty(budget: Budget) -> None:
    whole = rows(budget, "accuracy")[-1]
    assert (
        0.05
        < whole["apart_pence"] / whole["baseline_pence"]
        < whole["together_pence"] / whole["baseline_pence"]
        < 0.2
    )
    by_source = {row["source_of_error"] for row in rows(budget, "accuracy")}
    assert {
        "last method, rolled forward",
        "last method, part of a year",
        "second method, source out of date",
    } <= by_source


@pytest.mark.req(361)
def test_it_runs_clean_and_ties_to_the_ledger(budget: Budget) -> None:
    told = [(problem.severity, problem.code) for problem in budget.problems]
    assert {code for severity, code in told if severity == "error"} == set()
    assert {code for severity, code in told if severity == "warning"} == {
        "undivided",
        "costing_assurance",
        "average",
        "illustrative",
    }
