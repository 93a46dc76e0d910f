"""The error of a baseline, taken from the grade of each line's method: the worse the grade, the
further a line moves.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.models import calculated, direct, place
from tests.shadow_models import ORGANISATIONS, PARTIES, SERVICES, shadow_budget, uncertain
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.run import Budget
from wpb.shadow.baseline_error import by_grade
from wpb.shadow.runs import batch_rows
from wpb.shadow.shadow_test import prepare

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
    direct("GOOD", 500_000, provider="HOSP", population_method="whole_contract"),
    direct("POOR", 500_000, provider="COMM", population_method="population_carve_out"),
]


def graded(
    local: Path, rows: list[dict[str, object]], lines: list[dict[str, object]] = LINES
) -> Budget:
    """The small place with one line by a preferred and one by the last method."""
    return calculated(
        place(
            organisations=ORGANISATIONS,
            service_lines=SERVICES,
            direct_spend=lines,
            shadow_parties=PARTIES,
            uncertainties=rows,
        ),
        local,
        lead_provider="LEAD",
    )


def spread_of(local: Path, row: dict[str, object]) -> dict[str, float]:
    """The relative spread of each hospital's first year over many runs."""
    case, _ = prepare(graded(local, [row]), (), ProblemLog())
    rows = batch_rows(case, 3, range(60))
    found = {}
    for code in ("HOSP", "COMM"):
        planned = case.planned.spend[
            0, [cell.provider == code for cell in case.plan.cells], 0
        ].sum()
        # What it costs moves with what it does, but for the part that is fixed.
        values = (
            rows[:, case.columns[f"income/{code}"]][:, 0]
            - rows[:, case.columns[f"margin/{code}"]][:, 0]
        )
        terms = next(one for one in case.plan.parties if one.organisation == code)
        found[code] = float(values.std() / planned / (1.0 - terms.fixed_cost_share))
    return found


@pytest.mark.req(34)
def test_a_line_graded_worse_moves_more_and_by_its_own_band(tmp_path: Path) -> None:
    moved = spread_of(local_bands(tmp_path, preferred=0.01, last=0.10), BASE)
    z = 1.2815515655
    assert moved["HOSP"] == pytest.approx(math.log1p(0.01) / z, rel=0.03)
    assert moved["COMM"] == pytest.approx(math.log1p(0.10) / z, rel=0.03)


@pytest.mark.req(34)
def test_a_grade_with_a_wider_band_moves_more_without_any_other_change(tmp_path: Path) -> None:
    narrow, wide = tmp_path / "narrow", tmp_path / "wide"
    for folder, band in ((narrow, 0.05), (wide, 0.10)):
        folder.mkdir()
        local_bands(folder, preferred=0.01, last=band)
    before, after = spread_of(narrow, BASE), spread_of(wide, BASE)
    assert after["HOSP"] == before["HOSP"]
    assert after["COMM"] / before["COMM"] == pytest.approx(
        math.log1p(0.10) / math.log1p(0.05), rel=0.01
    )


@pytest.mark.req(34)
def test_lines_of_one_method_err_together_or_each_by_itself(tmp_path: Path) -> None:
    local = local_bands(tmp_path, preferred=0.05, last=0.05)
    two = [
        direct(code, 500_000, provider=provider, population_method="whole_contract")
        for code, provider in (("A", "HOSP"), ("B", "COMM"))
    ]
    moved = {}
    for drawn in ("shared", "each"):
        case, _ = prepare(graded(local, [BASE | {"drawn": drawn}], two), (), ProblemLog())
        moved[drawn] = float(
            batch_rows(case, 3, range(60))[:, case.columns["forecast"]][:, 0].std()
        )
    assert moved["each"] / moved["shared"] == pytest.approx(math.sqrt(0.5), rel=0.05)


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
