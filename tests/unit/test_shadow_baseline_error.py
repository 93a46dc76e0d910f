"""The error of a baseline, taken from the grade of each line's method: it moves money between the
lines and lists of one contract, and its total only where that is uncertain itself.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.models import Rows, calculated, direct, place
from tests.shadow_models import ORGANISATIONS, PARTIES, SERVICES, shadow_budget, uncertain
from wpb.kernel.problems import InputProblems, ProblemLog, UsageProblem
from wpb.present.shadow_summary import shadow_summary, summary_lines
from wpb.run import Budget
from wpb.shadow.appraisal import appraise
from wpb.shadow.baseline_error import by_grade
from wpb.shadow.baseline_parts import BaselineParts, bounded, netted
from wpb.shadow.runs import batch_rows
from wpb.shadow.shadow_test import prepare, shadow_test

BASE = uncertain(
    "BASE",
    "baseline_error",
    applies_by="grade",
    distribution="lognormal",
    range_covers=0.8,
    persistence=1.0,
)
BANDS = """
- key: error_band.{grade}
  title: How far out a line reached by a {grade} method may be
  unit: share
  kind: other
  in_year_change: forbid
  reason: Until shadow testing gives better
  evidence: Judgement of the finance group
  owner: Director of finance
  values:
    - {{year: 2026-27, value: {value}, status: placeholder, published: 2026-10, source: Local judgement, locator: "Finance group, October 2026"}}
"""


def local_bands(folder: Path, **bands: float) -> Path:
    """Write error bands by grade as a model's own assumptions."""
    (folder / "error_bands.yaml").write_text(
        "".join(BANDS.format(grade=grade, value=value) for grade, value in bands.items()),
        encoding="utf-8",
    )
    return folder


LINES = [
    direct("GOOD", 400_000, provider="HOSP", population_method="whole_contract"),
    direct("POOR", 500_000, provider="COMM", population_method="population_carve_out"),
]
IN_SCOPE, OUT_OF_SCOPE = 45_000_000.0, 5_000_000.0
"""POOR in pence: nine people in ten are on lists that take part."""


def graded(local: Path, rows: list[dict[str, object]], **more: Rows) -> Budget:
    """The small place with one line by a preferred and one by the last method."""
    tables: dict[str, Rows] = {
        "organisations": ORGANISATIONS,
        "service_lines": SERVICES,
        "direct_spend": LINES,
        "shadow_parties": PARTIES,
        "uncertainties": rows,
    }
    return calculated(place(**(tables | more)), local, lead_provider="LEAD")


def first_year(local: Path, row: dict[str, object], **more: Rows) -> dict[str, NDArray[np.float64]]:
    """Departures of the first year from plan over many runs, in pence."""
    case, _ = prepare(graded(local, [row], **more), (), ProblemLog())
    rows = batch_rows(case, 3, range(40))
    inside = np.array([cell.inside for cell in case.plan.cells])
    planned = case.planned.spend[0, :, 0]
    return {
        "forecast": rows[:, case.columns["forecast"]][:, 0] - planned[inside].sum(),
        "out_of_scope": rows[:, case.columns["out_of_scope"]][:, 0] - planned[~inside].sum(),
        "lead": rows[:, case.columns["margin/LEAD"]][:, 0],
    }


def relative(band: float) -> float:
    """The relative spread of a lognormal whose band eight in ten lie within."""
    return math.sqrt(math.expm1((math.log1p(band) / 1.2815515655) ** 2))


@pytest.mark.req(34, 412)
@pytest.mark.parametrize("drawn", ["shared", "each"])
def test_error_of_division_moves_money_across_scope_and_no_total(
    drawn: str, tmp_path: Path
) -> None:
    local = local_bands(tmp_path, preferred=0.01, last=0.10)
    moved = first_year(local, BASE | {"drawn": drawn})
    assert np.abs(moved["forecast"] + moved["out_of_scope"]).max() < 1e-6
    # Two independent errors whose sum is known to be zero: var1 x var2 / (var1 + var2).
    expected = IN_SCOPE * OUT_OF_SCOPE / math.hypot(IN_SCOPE, OUT_OF_SCOPE) * relative(0.10)
    assert float(moved["forecast"].std()) == pytest.approx(expected, rel=0.05)
    # The lead is paid a fixed budget here and buys what COMM does on a block: it bears nothing.
    assert np.abs(moved["lead"]).max() < 1e-6


@pytest.mark.req(34, 412)
def test_the_lead_bears_what_care_in_scope_costs_where_it_buys_at_cost(tmp_path: Path) -> None:
    local = local_bands(tmp_path, preferred=0.01, last=0.10)
    at_cost = [direct("POOR", 500_000, provider="", population_method="population_carve_out")]
    moved = first_year(local, BASE, direct_spend=at_cost)
    assert moved["lead"] == pytest.approx(-moved["forecast"], abs=1e-4)
    assert float(moved["lead"].std()) > 100_000


@pytest.mark.req(34, 412)
def test_only_a_source_out_of_date_makes_a_total_uncertain(tmp_path: Path) -> None:
    local = local_bands(tmp_path, preferred=0.01, last=0.10)
    old = {
        "dataset": "ledger",
        "covers": "GOOD",
        "source": "ours",
        "source_date": "2026-04-01",
        "reviewed_on": "2026-05-01",
        "reviewed_by": "us",
        "next_review": "2028-05-01",
        "can_be_updated": False,
        "error_share": 0.08,
    }
    moved = first_year(local, BASE, data_sources=[old])
    total = moved["forecast"] + moved["out_of_scope"]
    assert float(total.std()) == pytest.approx(40_000_000 * relative(0.08), rel=0.05)


@pytest.mark.req(34, 412)
def test_errors_of_division_are_those_of_a_known_total(tmp_path: Path) -> None:
    """Against brute force: of many draws, those kept in which the whole comes out as it is."""
    start, spread = np.array([50.0, 30.0, 20.0, 7.0]), np.array([0.05, 0.2, 0.1, 0.0])
    parts = BaselineParts(
        start[:, None],
        np.zeros(1, dtype=np.int64),
        np.arange(4),
        np.arange(4),
        np.zeros(4, dtype=np.int64),
        np.arange(4),
        np.zeros(1, dtype=np.int64),
        np.zeros(4, dtype=np.int64),
        ("",) * 4,
        ("",) * 4,
        ("",),
    )
    error = np.random.default_rng(1).normal(size=(4, 400_000)) * (start * spread)[:, None]
    near = np.abs(error.sum(axis=0)) < 0.05
    found = netted(error, (start * spread) ** 2, parts)
    assert np.abs(found.sum(axis=0)).max() < 1e-9
    assert found.std(axis=1) == pytest.approx(error[:, near].std(axis=1), rel=0.05, abs=1e-12)
    wild = netted(error * 30, (start * spread) ** 2, parts)
    held = bounded(wild, start, parts)
    assert (wild + start[:, None]).min() < -1 and (held + start[:, None]).min() > -1e-9
    assert np.abs(held.sum(axis=0)).max() < 1e-6


@pytest.mark.req(34, 412)
def test_the_error_of_the_baseline_runs_by_itself_and_shows_the_leads_part(
    tmp_path: Path,
) -> None:
    local = local_bands(tmp_path, preferred=0.01, last=0.10)
    use = uncertain("USE", "activity", spread=0.05, centre=1.0)
    budget = graded(local, [BASE, use])
    alone = shadow_test(budget, runs=400, only=["BASE"])
    assert {one.driver for one in alone.declared.uncertainties} == {"baseline_error"}
    assert alone.headroom.p95 == pytest.approx(alone.headroom.principal, abs=1e-4)
    found = shadow_summary(alone, appraise(alone, runs=256))
    assert found["baseline_error_alone"]["totals_known"] is True
    assert {year["p5_pence"] for year in found["baseline_error_alone"]["total"]} == {0}
    assert found["baseline_error_alone"]["forecast"][0]["p95_pence"] > 100_000
    assert any("borne by the lead provider, LEAD" in line for line in summary_lines(found))
    with pytest.raises(UsageProblem, match="there is no uncertainty 'BAS'; there are BASE, USE"):
        prepare(budget, (), ProblemLog(), ["BAS"])


def test_the_error_is_even_and_its_band_holds_the_part_it_says() -> None:
    found = by_grade(0.095, 0.8)
    assert found.mean == pytest.approx(1.0)
    assert float(found.probability(1.095 * found["centre"])) == pytest.approx(0.9)
    draws = found.sample(np.random.default_rng(1), (200_000,))
    assert draws.mean() == pytest.approx(1.0, abs=4.5 * math.sqrt(found.variance / 200_000))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"range_covers": ""}, "What part of lines"),
        ({"range_covers": 1}, "What part of lines"),
        ({"spread": 0.1}, "leave low, likely, high, centre and spread blank"),
        ({"distribution": "normal"}, "is lognormal"),
        ({"persistence": 0.0}, "Enter 1"),
        ({}, "Enter a local assumption error_band.last for 2026-27"),
    ],
)
def test_what_the_grades_cannot_say_is_refused(
    change: dict[str, object], words: str, tmp_path: Path
) -> None:
    row = {key: value for key, value in (BASE | change).items() if value != ""}
    with pytest.raises(InputProblems) as refused:
        prepare(
            graded(
                local_bands(tmp_path, preferred=0.01, **({"last": 0.1} if change else {})), [row]
            ),
            (),
            ProblemLog(),
        )
    assert any(words in f"{problem.what} {problem.fix}" for problem in refused.value.problems)


def test_a_model_without_bands_is_told_which_are_missing() -> None:
    with pytest.raises(InputProblems) as refused:
        prepare(shadow_budget([BASE]), (), ProblemLog())
    assert {"error_band"} == {
        problem.code for problem in refused.value.problems if problem.severity == "error"
    }
