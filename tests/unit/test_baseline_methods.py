"""Methods side by side: what the data allows, what is missing, and the pounds that move, by figures
worked by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.models import Rows, calculated, contract, methods, place
from wpb.baseline.alternatives import outcome, side_by_side
from wpb.baseline.method_options import OptionState
from wpb.commands.methods import contract_methods
from wpb.commands.methods import methods as command
from wpb.run import Budget

SERVICES = [
    {"service_line": code, "name": code, "scope": scope, "growth_category": "FLAT"}
    for code, scope in (("S1", "in"), ("S2", "out"))
]
ACTIVITY = [
    {
        "contract": "C",
        "activity_type": kind,
        "name": kind,
        "service_line": service,
        "activity_source": "cids",
        "units": units,
    }
    for kind, service, units in (("HOME", "S1", 100), ("CLINIC", "S1", 300), ("CALL", "S2", 600))
]
SCHEDULE = [
    {
        "contract": "C",
        "schedule_line": code,
        "line_kind": "service",
        "service_line": code,
        "value": value,
        "reflects_actual_spend": True,
    }
    for code, value in (("S1", 6000), ("S2", 4000))
]
WEIGHTS = [
    {"contract": "C", "activity_type": kind, "weight_source": "time_and_motion", "weight": weight}
    for kind, weight in (("HOME", 3), ("CLINIC", 1), ("CALL", 1))
]
COSTS = [
    {"contract": "C", "service_line": code, "cost_kind": kind, "cost": cost}
    for code, kind, cost in (
        ("S1", "direct", 4000),
        ("S2", "direct", 6000),
        ("S1", "overhead", 1000),
        ("S2", "overhead", 9000),
    )
]


def built(tables: Mapping[str, Rows] | None = None, **options: str) -> Budget:
    start: dict[str, Rows] = {
        "service_lines": SERVICES,
        "contracts": [contract("C", 10_000, "block", population_method="whole_contract")],
        "contract_activity": ACTIVITY,
        "schedule_lines": SCHEDULE,
        "contract_methods": methods("C", **options),
    }
    return calculated(place(**(start | dict(tables or {}))))


def tried(budget: Budget) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (step["step"], option["option"]): option
        for step in contract_methods(budget, 0)["steps"]
        for option in step["options"]
    }


def rows(budget: Budget, name: str) -> list[dict[str, Any]]:
    found = next(section for section in budget.sections if section.name == name)
    return [
        dict(zip((column.name for column in found.columns), row, strict=True)) for row in found.rows
    ]


@pytest.mark.req(37, 94)
def test_each_option_the_data_allows_is_tried_and_its_pounds_shown() -> None:
    found = tried(built({"cost_weights": WEIGHTS, "provider_costs": COSTS}))
    assert found["step_1", "schedule"]["used"]
    assert found["step_1", "absorbed_cost"]["in_scope_pence"] == 250_000
    assert found["step_1", "direct_cost"]["in_scope_change_pence"] == -200_000
    assert found["step_1", "direct_cost"]["moved_pence"] == 200_000
    assert found["step_1", "undivided"]["in_scope_pence"] == 400_000
    # One average gives HOME a quarter of £6,000; weights of 3 and 1 give it a half.
    assert found["step_3", "relative_resource"]["moved_pence"] == 150_000
    assert found["population", "population_carve_out"]["in_scope_pence"] == 540_000
    assert {option["grade"] for option in found.values()} == {"preferred", "second", "last"}


@pytest.mark.req(37)
def test_what_is_missing_for_a_better_option_is_named() -> None:
    found = tried(built())
    assert found["step_1", "absorbed_cost"]["missing"] == "the provider's direct costs of S1, S2"
    assert (
        found["step_3", "relative_resource"]["missing"]
        == "a time and motion study for HOME, CLINIC, CALL"
    )
    assert (
        found["step_3", "benchmark_weighted"]["missing"]
        == "benchmark unit costs for HOME, CLINIC, CALL"
    )
    assert (
        found["population", "activity_by_list"]["missing"]
        == "activity by GP list for HOME, CLINIC, CALL"
    )
    assert found["population", "boundary_carve_out"]["missing"] == "residents of ICB by list"
    assert found["population", "weighted_carve_out"]["in_scope_pence"] is None
    direct_only = tried(built({"provider_costs": COSTS[:2]}))
    assert (
        direct_only["step_1", "absorbed_cost"]["missing"]
        == "the provider's indirect and overhead costs"
    )
    assert direct_only["step_1", "direct_cost"]["available"]


@pytest.mark.req(37, 42, 44)
def test_a_carve_out_is_tried_with_a_driver_that_covers_every_list() -> None:
    weights = [
        {"list_code": code, "need": "community", "weighted_population": people}
        for code, people in (("P1", 5000), ("P2", 3000), ("P3", 2000), ("UNREG", 0))
    ]
    found = tried(built({"list_weights": weights}))["population", "weighted_carve_out"]
    assert (found["driver"], found["in_scope_pence"]) == ("community", 480_000)
    assert not tried(built({"list_weights": weights[1:]}))["population", "weighted_carve_out"][
        "available"
    ]


@pytest.mark.req(94)
def test_trying_options_is_running_the_same_steps() -> None:
    budget = built({"cost_weights": WEIGHTS}, step_3="relative_resource")
    now = outcome(budget.model, budget.scope, 0)
    assert now.in_scope_pence == pytest.approx(float(budget.current.in_scope.value.sum()))
    other = built({"cost_weights": WEIGHTS})
    asked = next(
        each
        for each in side_by_side(budget.model, budget.scope, 0)[1]
        if each.state.option == "simple_average"
    )
    assert asked.outcome is not None
    assert asked.outcome.by_line_pence == pytest.approx(
        dict(
            zip(
                other.current.lines.axis.codes,
                other.current.spend.value[0, :, 0].tolist(),
                strict=True,
            )
        )
    )


@pytest.mark.req(94)
def test_other_weights_give_each_activity_type_a_range() -> None:
    found = {
        row["line"]: row for row in rows(built({"cost_weights": WEIGHTS}), "weight_sensitivity")
    }
    assert (
        found["S1.HOME"]["used_pence"],
        found["S1.HOME"]["least_pence"],
        found["S1.HOME"]["most_pence"],
    ) == (150_000, 150_000, 300_000)
    assert found["S2.CALL"]["range_pence"] == 0
    assert rows(built(), "weight_sensitivity") == []


@pytest.mark.req(93)
def test_rigour_is_advised_where_it_pays() -> None:
    assert (
        "Use relative resource"
        in rows(built({"cost_weights": WEIGHTS}), "rigour_and_effort")[0]["suggestion"]
    )
    assert (
        "Worth the effort: get a time and motion study"
        in rows(built(), "rigour_and_effort")[0]["suggestion"]
    )
    assert (
        rows(built({"cost_weights": WEIGHTS}, step_3="relative_resource"), "rigour_and_effort")[0][
            "suggestion"
        ]
        == "The best option is in use."
    )
    small = built({"check_limits": [{"limit": "material_share", "value": 2, "reason": "try"}]})
    assert "Good enough" in rows(small, "rigour_and_effort")[0]["suggestion"]


@pytest.mark.req(37)
def test_an_option_knows_its_grade_in_words() -> None:
    assert OptionState("step_1", "undivided", 3, False, "").grade_words == "last"


@pytest.mark.req(37)
def test_the_command_lists_options_in_words_and_as_json(repo_root: Path) -> None:
    model = str(repo_root / "examples" / "handbook")
    said = CliRunner().invoke(command, [model, "--contract", "FIG08"])
    assert said.exit_code == 0
    assert "* relative resource" in said.output
    assert "needs benchmark unit costs" in said.output
    spelled = json.loads(
        CliRunner().invoke(command, [model, "--contract", "FIG08", "--json"]).stdout
    )
    (only,) = spelled["contracts"]
    assert only["value_pence"] == 300_000_000
    assert {step["step"] for step in only["steps"]} >= {"step_1", "step_2", "step_3", "population"}
