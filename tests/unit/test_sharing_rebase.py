"""Baselines set again: from the budget as it stands now where they mirror it, from history and
demography where they don't.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.live_models import live_model
from tests.models import Rows, book
from tests.unit.test_live_sharing import ARRANGEMENT
from wpb.cli import main
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.live.sharing import model_arrangements
from wpb.live.sharing_links import Shared, shared_arrangements
from wpb.present.rebase_view import rebase_figures, rebase_lines
from wpb.run import Budget, calculate

TRIGGERS = (
    "rebase_when:\n  - {change_in: wpb_forecast, by: 2%, then: Set it again}\n  - {change_in:"
    " population, by: 1%, then: Meet}\n"
)


def compared(
    folder: Path, baseline: str, mirror: str = "wpb", triggers: str = TRIGGERS
) -> tuple[Budget, Shared]:
    (folder / "arrangements").mkdir(exist_ok=True)
    text = (
        ARRANGEMENT.replace("BASELINE", baseline)
        .replace("FROM", mirror)
        .replace("CASH", "activity_payment")
        .replace("lines:\n", f"{triggers}lines:\n", 1)
    )
    (folder / "arrangements" / "care.yaml").write_text(text, encoding="utf-8")
    link: Rows = [
        {"arrangement": "care", "line": "adults", "service_line": "S1", "scope": "inside"}
    ]
    budget = calculate(live_model(shadow_sharing=link), book())
    problems = ProblemLog()
    (shared,) = shared_arrangements(budget, model_arrangements(folder), problems)
    assert not problems.errors
    return budget, shared


@pytest.mark.req(273, 292)
def test_a_budget_that_moved_calls_for_a_review_and_gives_the_new_baseline(tmp_path: Path) -> None:
    # The budget holds £1,260,000 a year; £1,200,000 was agreed: it is 5% up.
    budget, shared = compared(tmp_path, "1200000")
    found = rebase_figures(budget, shared, "2028-29", {"population": 0.004})
    (line,) = found["lines"]
    assert [round(year["now"]) for year in line["years"]] == [1_260_000] * 3
    assert line["years"][1]["change_rate"] == pytest.approx(0.05)
    assert line["set_again"] == {"2027-28": 1_200_000, "2028-29": 1_260_000, "2029-30": 1_260_000}
    assert [(review["change_in"], review["met"]) for review in found["reviews"]] == [
        ("wpb_forecast", True),
        ("population", False),
    ]
    text = "\n".join(rebase_lines(found))
    assert (
        "Set again from 2028-29: baseline: {by: year, table: {2027-28: 1200000, 2028-29: 1260000,"
        " 2029-30: 1260000}}" in text
    )


@pytest.mark.req(292)
def test_what_is_not_told_is_not_known_and_what_nobody_asked_is_refused(tmp_path: Path) -> None:
    budget, shared = compared(tmp_path, "1260000")
    found = rebase_figures(budget, shared, "", {})
    assert [(review["change_in"], review["met"]) for review in found["reviews"]] == [
        ("wpb_forecast", False),
        ("population", None),
    ]
    assert "population by 1.0% or more: not known. Meet" in "\n".join(rebase_lines(found))
    with pytest.raises(UsageProblem, match="weather"):
        rebase_figures(budget, shared, "", {"weather": 0.1})
    with pytest.raises(UsageProblem, match="2031-32"):
        rebase_figures(budget, shared, "2031-32", {})
    outside, other = compared(tmp_path, "1260000", mirror="history", triggers="")
    assert (
        rebase_lines(rebase_figures(outside, other, "", {}))[-1]
        == "  No line of it mirrors the budget."
    )


@pytest.mark.req(273)
def test_a_baseline_outside_the_budget_is_projected(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "share",
        "project",
        "1000",
        "--first-year",
        "2030-31",
        "--years",
        "2",
        "--trend",
        "10%",
        "--demography",
        "2%",
        "--care-model",
        "0%,-5%",
    ]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["baseline"] == {
        "2030-31": pytest.approx(1122),
        "2031-32": pytest.approx(1122 * 1.1 * 1.02 * 0.95),
    }
    assert main(arguments) == 0
    assert "baseline: {by: year, table: {2030-31: 1122, 2031-32: 1196}}" in capsys.readouterr().out
    assert main([*arguments[:-1], "0%,-5%,-5%"]) == 2
    assert main([*arguments[:-1], "a little"]) == 2
    assert main(["share", "project", "1000", "--first-year", "2030", *arguments[5:]]) == 2
