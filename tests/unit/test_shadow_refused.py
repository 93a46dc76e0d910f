"""Scenarios and shadow tests that would say nothing moved, or fall over: refused in words, or
right.
"""

from __future__ import annotations

import pytest

from tests.models import book
from tests.shadow_models import shadow_budget, uncertain
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.shadow.scenario_set import chosen_scenarios, compare_scenarios
from wpb.shadow.scenarios import check_scenarios
from wpb.shadow.sensitivity import variance_shares
from wpb.shadow.shadow_test import prepare

USE = uncertain(
    "USE",
    "activity",
    distribution="lognormal",
    low=0.98,
    high=1.03,
    range_covers=0.8,
    applies_by="provider",
    applies_to="HOSP",
    persistence=1.0,
)


def change(target: str, value: str, **more: str) -> dict[str, str]:
    return {
        "scenario": "s",
        "change": f"c_{target}",
        "kind": "input",
        "target": target,
        "rows": "",
        "how": "set",
        "value": value,
        "reason": "test",
    } | more


@pytest.mark.req(300)
@pytest.mark.parametrize("runs", [200, 300])
def test_one_uncertainty_makes_all_of_the_variance(runs: int) -> None:
    case, _ = prepare(shadow_budget([USE]), (), ProblemLog())
    (share,) = variance_shares(case, ["forecast"], runs, 1)["forecast"]
    assert share.together == pytest.approx(1.0, abs=0.2)


@pytest.mark.req(300, 402)
@pytest.mark.parametrize(
    "idle",
    [
        change("USE.centre", "0.02", kind="uncertainty"),
        change("USE.likely", "1.0", kind="uncertainty"),
        change("direct_spend.name", "Another name"),
        change("organisations.name", "Another", rows="organisation=HOSP"),
    ],
)
def test_a_change_that_nothing_reads_is_refused(idle: dict[str, object]) -> None:
    moves = change("direct_spend.value", "1000", rows="budget_line=H_IN", how="add")
    budget = shadow_budget([USE], {"scenario_changes": [moves, idle]})
    with pytest.raises(InputProblems) as stopped:
        compare_scenarios(
            budget.model, book(), (), chosen_scenarios(budget.model, [], [], False), 200, 1
        )
    (problem,) = stopped.value.problems
    assert problem.code == "change_not_read"
    assert str(idle["target"]) in problem.what


@pytest.mark.req(300, 402)
def test_values_of_scenarios_are_checked_with_the_rest() -> None:
    rows = [
        change("direct_spend.value", "lots", rows="budget_line=H_IN"),
        change("direct_spend.valeu", "1", rows="budget_line=H_IN"),
        change("no.such.assumption", "0.02", kind="assumption"),
        change("direct_spend.value", "1", rows="budget_line=NOBODY"),
        change("USE.centre", "wide", kind="uncertainty"),
    ]
    budget = shadow_budget([USE], {"scenario_changes": rows})
    found = check_scenarios(budget.model, book())
    assert [problem.code for problem in found] == [
        "scenario_value",
        "scenario_target",
        "scenario_target",
        "scenario_rows",
        "scenario_value",
    ]
