"""What is possible and plausible: savings within spend, nothing below zero or leaping in silence.

Every finding names its cell.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.models import calculated, direct, place
from tests.tiny_model import TinyModel
from wpb.kernel.problems import InputProblems, Problem
from wpb.tables.limits import LIMITS

pytestmark = pytest.mark.req(383)


def impact(saving: float, **changes: Any) -> dict[str, Any]:
    """A saving of the one service in contract year 1."""
    row = {
        "programme": "P",
        "service_line": "S1",
        "commissioner": "ICB",
        "funding_stream": "core",
        "year": "2027-28",
        "investment": 0,
        "saving": saving,
        "recurrent": True,
        "scope": "inside",
        "owner": "us",
        "plan": "so",
    }
    return row | changes


def problems_of(**tables: Any) -> list[Problem]:
    try:
        return list(calculated(place(**tables)).problems)
    except InputProblems as stopped:
        return stopped.problems


def found(problems: list[Problem], code: str) -> list[Problem]:
    return [problem for problem in problems if problem.code == code]


def test_a_saving_larger_than_what_its_service_spends_is_refused() -> None:
    lines = [direct("L1", 30_000), direct("L2", 20_000)]
    enough = problems_of(direct_spend=lines, care_model_impacts=[impact(40_000)])
    assert found(enough, "saving_above_spend") == []
    problems = problems_of(
        direct_spend=lines,
        care_model_impacts=[impact(100, programme="A"), impact(90_000_000)],
    )
    (one,) = found(problems, "saving_above_spend")
    assert one.severity == "error"
    assert str(one.where) == "inputs/care_model_impacts.csv, sheet care_model_impacts, cell G3"
    assert "Savings of £90,000,100.00 in 2027-28 are taken from S1 of ICB (core)" in one.what


def test_an_inside_effect_on_a_service_out_of_scope_is_refused() -> None:
    services = [
        {"service_line": "S1", "name": "In", "scope": "in", "growth_category": "FLAT"},
        {"service_line": "OUT", "name": "Out", "scope": "out", "growth_category": "FLAT"},
    ]
    problems = problems_of(
        service_lines=services,
        direct_spend=[direct("L1", 30_000), direct("L2", 9_000, service_line="OUT")],
        care_model_impacts=[impact(100, service_line="OUT")],
    )
    (one,) = found(problems, "impact_out_of_scope")
    assert (one.severity, one.where and one.where.cell) == ("error", "G2")


def test_a_line_below_zero_and_a_leap_are_told_with_their_cells() -> None:
    problems = problems_of(
        direct_spend=[direct("L1", 30_000), direct("REBATE", -500), direct("FALLS", 100)],
        adjustments=[
            {
                "adjustment": "A1",
                "budget_line": "FALLS",
                "adjustment_kind": "anomaly",
                "amount": -700,
                "reason": "r",
                "evidence": "e",
                "agreed_by": "all",
                "agreed_on": "2026-11-01",
            }
        ],
    )
    told = {(one.severity, one.what.split()[0]) for one in found(problems, "line_below_zero")}
    assert told == {("note", "REBATE"), ("warning", "FALLS")}


def test_a_figure_out_by_ten_in_one_year_is_questioned_at_its_cell(tmp_path: Path) -> None:
    tiny = TinyModel(tmp_path)
    heading, *rows = tiny.rows("allocations")
    amount = heading.index("allocation")
    rows[1][amount] = str(float(rows[1][amount].replace(",", "")) * 10)
    tiny.write("allocations", [heading, *rows])
    questioned = found(tiny.check().problems, "figure_jump")
    assert [one.severity for one in questioned] == ["warning"] * len(questioned)
    assert any(f"{chr(ord('A') + amount)}3" in one.what for one in questioned)


def test_a_limit_of_plausibility_says_why_and_can_be_set_with_a_reason(tmp_path: Path) -> None:
    tiny = TinyModel(tmp_path)
    tiny.write("check_limits", [["limit", "value", "reason"], ["allocation_jump", "50", "Known"]])
    heading, *rows = tiny.rows("allocations")
    amount = heading.index("allocation")
    rows[1][amount] = str(float(rows[1][amount].replace(",", "")) * 10)
    tiny.write("allocations", [heading, *rows])
    assert found(tiny.check().problems, "figure_jump") == []
    for name in ("line_jump", "allocation_jump", "price_jump", "unit_jump", "list_jump"):
        assert len(LIMITS[name].help) > 40, name
