"""Mending spend data: each repair by hand-worked figures, each check on input that trips it and
input that doesn't.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.models import Rows, calculated, direct, place
from wpb.baseline.history import proposed_adjustment
from wpb.baseline.part_year import completion_share
from wpb.baseline.spend_and_cost import Cost, MixedAmounts, Spend
from wpb.kernel.intervals import departs, student_95
from wpb.kernel.ledger import Axis, Ledger
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems
from wpb.run import Budget

EVERYONE = {"population_method": "whole_contract"}


def built(
    tables: Mapping[str, Rows],
    value: float = 1000,
    year: str = "2026-27",
    local: Path | None = None,
    **changes: Any,
) -> Budget:
    lines = [direct("A", value, effective_year=year, **EVERYONE), direct("B", 500, **EVERYONE)]
    return calculated(place(**({"direct_spend": lines} | dict(tables))), local, **changes)


def codes(budget: Budget) -> list[str]:
    return [problem.code for problem in budget.problems]


def stopped(tables: Mapping[str, Rows], value: float = 1000, year: str = "2026-27") -> list[str]:
    with pytest.raises(InputProblems) as found:
        built(tables, value, year)
    return [problem.code for problem in found.value.problems if problem.severity == "error"]


def rows(budget: Budget, name: str) -> list[dict[str, Any]]:
    found = next(section for section in budget.sections if section.name == name)
    return [
        dict(zip((column.name for column in found.columns), row, strict=True)) for row in found.rows
    ]


def baseline(budget: Budget, line: str = "A") -> float:
    return budget.baseline.at(budget.current.lines.axis.positions[line], 0) / 100


def bridge(budget: Budget) -> dict[str, float]:
    return {
        move.step: float(move.block.value[0, :, 0].sum()) / 100
        for move in budget.ledger.movements
        if move.stage == "baseline" and abs(move.block.value[0, :, 0].sum()) > 1e-9
    }


ROLLED: list[dict[str, Any]] = [
    {
        "subject": "A",
        "repair": "rolled_forward",
        "from_year": "2025-26",
        "reason": "the year is not closed",
    }
]


def factor(name: str, rate: float | None = None, amount: float | None = None) -> dict[str, Any]:
    return {"subject": "A", "factor": name, "rate": rate, "amount": amount, "source": "plan"}


FACTORS = [
    factor("tariff", 0.01),
    factor("inflation", 0.02),
    factor("efficiency", 0.011),
    factor("qipp", None, 10),
    factor("investment", None, 25),
    factor("population", 0.005),
]


@pytest.mark.req(20, 21, 22, 23, 24)
def test_last_years_spend_is_rolled_forward_factor_by_factor() -> None:
    budget = built({"spend_repairs": ROLLED, "roll_forward": FACTORS}, year="2025-26")
    steps = [1000 * 0.01, 1010 * 0.02, -1030.2 * 0.011, -10, 25, (1030.2 * 0.989 - 10 + 25) * 0.005]
    words = (
        "tariff",
        "inflation",
        "efficiency",
        "savings programmes",
        "investment",
        "population and need",
    )
    found = bridge(budget)
    for name, amount in zip(words, steps, strict=True):
        assert found[f"Last year's spend rolled forward: {name}"] == pytest.approx(amount)
    assert baseline(budget) == pytest.approx(1000 + sum(steps))
    assert baseline(budget, "B") == pytest.approx(500)
    assert "factor_missing" not in codes(budget)
    assert budget.current.lines.lines[0].grade == 2
    assert "rolled forward" in budget.current.lines.lines[0].grade_reason


@pytest.mark.req(20, 21, 22, 23, 24)
@pytest.mark.parametrize(
    ("name", "rate", "amount", "after"),
    [
        ("tariff", 0.03, None, 1030),
        ("inflation", 0.03, None, 1030),
        ("efficiency", 0.03, None, 970),
        ("qipp", None, 30, 970),
        ("investment", None, 30, 1030),
        ("population", -0.03, None, 970),
    ],
)
def test_each_factor_moves_spend_its_own_way(
    name: str, rate: float | None, amount: float | None, after: float
) -> None:
    budget = built(
        {"spend_repairs": ROLLED, "roll_forward": [factor(name, rate, amount)]}, year="2025-26"
    )
    assert baseline(budget) == pytest.approx(after)
    assert "factor_missing" in codes(budget)


@pytest.mark.req(23)
def test_an_amount_is_shared_in_and_out_of_scope_alike() -> None:
    line = direct("A", 1000, effective_year="2025-26")
    budget = calculated(
        place(
            direct_spend=[line],
            spend_repairs=ROLLED,
            roll_forward=[factor("investment", None, 100)],
        )
    )
    assert baseline(budget) == pytest.approx(1100 * 0.9)
    assert budget.adjusted.out_of_scope.value.sum() / 100 == pytest.approx(1100 * 0.1)


@pytest.mark.req(20, 22)
def test_factors_that_cannot_be_used_are_refused() -> None:
    assert stopped(
        {"spend_repairs": ROLLED, "roll_forward": [factor("tariff")]}, year="2025-26"
    ) == ["factor_figure"]
    assert stopped(
        {"spend_repairs": ROLLED, "roll_forward": [factor("qipp", -0.1)]}, year="2025-26"
    ) == ["factor_sign"]
    assert stopped({"roll_forward": [factor("tariff", 0.1)]}) == ["factor_unused"]
    assert stopped({"spend_repairs": [ROLLED[0] | {"from_year": "2024-25"}]}, year="2024-25") == [
        "repair_year"
    ]
    assert stopped({"spend_repairs": ROLLED}) == ["repair_year"]
    assert stopped({"spend_repairs": [ROLLED[0] | {"subject": "Z"}]}) == ["subject_unknown"]


def months(year: str, spend: Sequence[float]) -> list[dict[str, Any]]:
    return [
        {"subject": "A", "year": year, "month": month, "spend": amount}
        for month, amount in enumerate(spend, start=1)
    ]


PAST = (
    [80, 75, 82, 85, 88, 90, 84, 79, 86, 95, 92, 97],
    [82, 78, 85, 86, 91, 92, 88, 80, 88, 99, 95, 100],
    [85, 80, 86, 90, 93, 97, 90, 84, 91, 103, 99, 104],
)
KNOWN = [88, 84, 90, 93, 97, 100, 94]
PART: list[dict[str, Any]] = [
    {
        "subject": "A",
        "repair": "part_year",
        "from_year": "2026-27",
        "reason": "only part of the year is posted",
    }
]


def part_year(
    known: Sequence[float] = KNOWN,
    past: Sequence[Sequence[float]] = PAST,
    value: float | None = None,
) -> dict[str, Rows]:
    spend = [
        row
        for year, amounts in zip(("2023-24", "2024-25", "2025-26"), past, strict=False)
        for row in months(year, amounts)
    ]
    line = direct("A", sum(known) if value is None else value, **EVERYONE)
    return {
        "direct_spend": [line],
        "spend_repairs": PART,
        "monthly_spend": [*spend, *months("2026-27", known)],
    }


@pytest.mark.req(25)
def test_part_of_a_year_is_made_up_by_the_season_of_past_years() -> None:
    budget = calculated(place(**part_year()))
    # chainladder 0.10.1, volume-weighted development on these twelve-month years: ultimate
    # 1,143.638074.
    assert baseline(budget) == pytest.approx(1143.638074, abs=1e-6)
    assert completion_share(
        [sum(year[:7]) for year in PAST], [sum(year) for year in PAST]
    ) == pytest.approx(646 / 1143.638074)
    assert bridge(budget)["Part of a year made up to twelve months"] == pytest.approx(
        1143.638074 - 646, abs=1e-6
    )
    assert {"few_months", "season_steady"}.isdisjoint(codes(budget))


@pytest.mark.req(26)
def test_few_months_and_an_unsteady_season_are_told() -> None:
    few = calculated(place(**part_year(KNOWN[:3])))
    assert "few_months" in codes(few)
    unsteady = (PAST[0], PAST[0][::-1], [150, 20, *PAST[2][2:]])
    budget = calculated(place(**part_year(past=unsteady)))
    assert "season_steady" in codes(budget)
    steady = rows(calculated(place(**part_year())), "part_year")[0]
    assert rows(budget, "part_year")[0]["error"] > steady["error"]
    shares = [sum(year[:7]) / sum(year) for year in PAST]
    mean = sum(shares) / 3
    deviation = math.sqrt(sum((share - mean) ** 2 for share in shares) / 2)
    assert steady["error"] == pytest.approx(4.3027 * deviation / mean * math.sqrt(4 / 3))
    alone = calculated(place(**part_year(past=PAST[:1])))
    assert rows(alone, "part_year")[0]["error"] is None
    assert "season_steady" in codes(alone)


@pytest.mark.req(25)
def test_part_years_that_cannot_be_made_up_are_refused() -> None:
    def refused(tables: dict[str, Rows]) -> list[str]:
        with pytest.raises(InputProblems) as found:
            calculated(place(**tables))
        return [problem.code for problem in found.value.problems if problem.severity == "error"]

    assert refused(part_year(past=())) == ["season_unknown"]
    assert refused(part_year(value=700)) == ["months_total"]
    assert refused(part_year(known=[float(amount) for amount in PAST[2]])) == ["months_full"]


@pytest.mark.req(26)
@pytest.mark.parametrize(
    ("degrees", "exact"),
    [(1, 12.7062), (4, 2.7764), (5, 2.5706), (10, 2.2281), (30, 2.0423), (120, 1.9799)],
)
def test_students_t_is_as_tables_print_it(degrees: int, exact: float) -> None:
    assert student_95(degrees) == pytest.approx(exact, abs=2e-3)


def history(*spend: float) -> list[dict[str, Any]]:
    return [
        {
            "subject": "A",
            "year": f"{2026 - len(spend) + place}-{(27 - len(spend) + place) % 100:02d}",
            "spend": amount,
        }
        for place, amount in enumerate(spend)
    ]


@pytest.mark.req(27, 28)
def test_a_year_that_stands_out_from_several_is_named() -> None:
    assert "outlier" not in codes(built({"spend_history": history(900, 925, 950, 975)}))
    assert "outlier" in codes(built({"spend_history": history(700, 715, 730, 745)}))
    assert "volatile" in codes(built({"spend_history": history(700, 1000, 700, 1000)}))
    assert "volatile" not in codes(built({"spend_history": history(900, 925, 950, 975)}))
    assert departs(0.1, [0.02, 0.02, 0.02], 0.05)
    assert not departs(0.1, [0.02], 0.05)
    short = [
        row
        for row in rows(built({"spend_history": history(900)}), "baseline_checks")
        if row["check"] == "outlier"
    ]
    assert short[0]["status"] == "not checked"


def event(kind: str, effect: float, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "event": "E1",
            "subject": "A",
            "event_kind": kind,
            "event_date": "2026-10-01",
            "effect": effect,
            "description": "A winter ward",
            **more,
        }
    ]


@pytest.mark.req(28)
def test_one_off_effects_and_changes_of_service_want_an_adjustment() -> None:
    assert proposed_adjustment("one_off", 400, math.nan) == -400
    assert proposed_adjustment("service_model_change", 300, 6) == 300
    assert proposed_adjustment("data_change", 300, math.nan) == 0
    agreed = {
        "adjustment": "ADJ",
        "budget_line": "A",
        "adjustment_kind": "one_off",
        "amount": -40,
        "reason": "r",
        "evidence": "e",
        "agreed_by": "all",
        "agreed_on": "2026-10-01",
    }
    assert "event" in codes(built({"events": event("one_off", 40)}))
    answered = built({"events": event("one_off", 40, adjustment="ADJ"), "adjustments": [agreed]})
    assert "event" not in codes(answered)
    assert baseline(answered) == pytest.approx(960)
    assert "event" in codes(built({"events": event("data_change", 40)}))
    assert "event" not in codes(
        built({"events": event("service_model_change", 40, months_in_effect=12)})
    )
    assert stopped({"events": event("service_model_change", 40)}) == ["event_months"]


def estimates(*given: tuple[str, str, float | None, float | None, float]) -> list[dict[str, Any]]:
    return [
        {
            "service_line": "S1",
            "estimator": name,
            "basis": basis,
            "value": value,
            "spend_per_cost": ratio,
            "weight": weight,
            "source": "study",
        }
        for name, basis, value, ratio, weight in given
    ]


@pytest.mark.req(29)
def test_a_baseline_is_blended_from_estimates_with_their_weights_in_view() -> None:
    blended = estimates(
        ("historic_spend", "spend", None, None, 0.5),
        ("patient_level_costs", "cost", 2000, 0.9, 0.3),
        ("benchmark", "spend", 1600, None, 0.2),
    )
    budget = built({"baseline_estimates": blended})
    whole = 1500 * 0.5 + 1800 * 0.3 + 1600 * 0.2
    assert baseline(budget) + baseline(budget, "B") == pytest.approx(whole)
    assert baseline(budget) == pytest.approx(whole * 1000 / 1500)
    assert bridge(budget)["Blended with other estimates"] == pytest.approx(whole - 1500)
    assert [(row["estimate_pence"], row["weight"]) for row in rows(budget, "blended_baseline")] == [
        (150_000, 0.5),
        (180_000, 0.3),
        (160_000, 0.2),
    ]


@pytest.mark.req(29, 31)
@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("patient_level_costs", "cost", 2000.0, None, 1.0), "spend_and_cost"),
        (("benchmark", "spend", 2000.0, 0.9, 1.0), "spend_and_cost"),
        (("benchmark", "spend", None, None, 1.0), "estimate_value"),
        (("historic_spend", "spend", 5.0, None, 1.0), "estimate_value"),
    ],
)
def test_estimates_that_mix_spend_and_cost_or_lack_a_value_are_refused(
    given: tuple[str, str, float | None, float | None, float], code: str
) -> None:
    assert stopped({"baseline_estimates": estimates(given)}) == [code]


@pytest.mark.req(29)
def test_a_service_without_spend_cannot_be_blended() -> None:
    assert stopped(
        {
            "direct_spend": [direct("A", 0)],
            "baseline_estimates": estimates(("benchmark", "spend", 10.0, None, 1.0)),
        }
    ) == ["estimate_without_spend"]


@pytest.mark.req(31)
def test_spend_and_cost_are_never_added() -> None:
    assert (Spend(5) + Spend(6)).pence == 11
    assert (Cost(5) - Cost(6)).pence == -1
    assert Spend(6).per_pound_of(Cost(4)) == 1.5
    for mixed in (
        lambda: Spend(5) + Cost(6),
        lambda: Cost(5) - Spend(6),
        lambda: Spend(5) < Cost(6),
        lambda: sum([Spend(1), Cost(1)], Spend(0)),  # type: ignore[type-var]
        lambda: Spend(1).share_of(Cost(2)),
    ):
        with pytest.raises(MixedAmounts):
            mixed()
    ledger, axis = Ledger(), Axis("line", ("A",))
    spend = ledger.leaf("spend", axis, "pence", [1.0], lambda row, year: Cell("f", "s", "A1"))
    cost = ledger.leaf("cost", axis, "pence of cost", [1.0], lambda row, year: Cell("f", "s", "A2"))
    with pytest.raises(ValueError, match="pence of cost"):
        ledger.total("both", axis, (spend, [0]), (cost, [0]))


def source(**more: Any) -> list[dict[str, Any]]:
    return [
        {
            "dataset": "D",
            "covers": "A",
            "source_date": "2026-04-01",
            "reviewed_on": "2026-06-01",
            "next_review": "2027-06-01",
            "can_be_updated": True,
            "reviewed_by": "Finance",
            "finding": "fair",
            **more,
        }
    ]


@pytest.mark.req(33)
def test_old_sources_overdue_reviews_and_ranges_left_out_are_told() -> None:
    assert {"source_age", "source_review", "source_range"}.isdisjoint(
        codes(built({"data_sources": source()}))
    )
    assert "source_age" in codes(built({"data_sources": source(source_date="2025-04-01")}))
    assert "source_review" in codes(built({"data_sources": source(next_review="2026-10-01")}))
    stuck = built({"data_sources": source(can_be_updated=False)})
    assert "source_range" in codes(stuck)
    assert "source_range" not in codes(
        built({"data_sources": source(can_be_updated=False, error_share=0.1)})
    )


BANDS = """
- key: error_band.{grade}
  title: How far out a line reached by a {grade} method may be
  unit: share
  kind: other
  in_year_change: forbid
  values:
    - year: 2026-27
      value: {value}
      status: placeholder
      published: 2026-10
      source: Local judgement
      locator: Finance group, October 2026
      reason: Until shadow testing gives better
      evidence: Judgement of the finance group
      owner: Director of finance
"""


def local_bands(folder: Path, **bands: float) -> Path:
    (folder / "error_bands.yaml").write_text(
        "".join(BANDS.format(grade=grade, value=value) for grade, value in bands.items()),
        encoding="utf-8",
    )
    return folder


@pytest.mark.req(33, 37)
def test_error_bands_by_grade_reach_lines_and_totals(tmp_path: Path) -> None:
    lines = [
        direct("A", 1000, **EVERYONE),
        direct("B", 500, population_method="population_carve_out"),
    ]
    local = local_bands(tmp_path, preferred=0.01, second=0.05, last=0.2)
    budget = calculated(place(direct_spend=lines), local)
    found = {row["source_of_error"]: row for row in rows(budget, "accuracy")}
    assert found["preferred method"]["together_pence"] == 1000
    assert found["last method"]["together_pence"] == round(45_000 * 0.2)
    assert found["whole baseline"]["together_pence"] == 1000 + 9000
    assert found["whole baseline"]["apart_pence"] == round(math.hypot(1000, 9000))
    assert "error_band" not in codes(budget)


@pytest.mark.req(33)
def test_a_stuck_source_and_part_years_widen_the_band_and_missing_bands_are_told(
    tmp_path: Path,
) -> None:
    local = local_bands(tmp_path, preferred=0.03, second=0.05)
    stuck = calculated(
        place(
            direct_spend=[direct("A", 1000, **EVERYONE)],
            data_sources=source(can_be_updated=False, error_share=0.04),
        ),
        local,
    )
    assert rows(stuck, "accuracy")[-1]["together_pence"] == 5000
    part = calculated(place(**part_year()), local)
    error = rows(part, "part_year")[0]["error"]
    assert rows(part, "accuracy")[-1]["together_pence"] == round(
        baseline(part) * 100 * math.hypot(0.05, error)
    )
    lacking = calculated(place(direct_spend=[direct("A", 1, **EVERYONE), direct("B", 1)]), local)
    assert "error_band" in codes(lacking)
    bare = built({})
    assert "error_band" not in codes(bare)
    assert "no band entered" in rows(bare, "accuracy")[0]["source_of_error"]
