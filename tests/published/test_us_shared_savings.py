"""The Medicare Shared Savings Program, case by case, worked out by hand from its rules (42 CFR 425
subpart G).

Every figure below was written down from the rules, not taken from the program: the benchmark is
$200m unless a case says otherwise, so that a gap of 5% is $10m and a share can be checked in the
head.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from wpb.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "us_shared_savings"
Row = dict[str, Any]
BASE: Row = {
    "organisation": "O",
    "performance_year": 2018,
    "track": "EN",
    "persons": 60000,
    "benchmark": 200_000_000,
    "expenditure": 190_000_000,
    "elected_minimum_rate": "0.02",
    "quality_score": 0.9,
    "quality_standard_met": "true",
    "alternative_standard_met": "false",
    "reporting_only_year": "false",
    "reduced_share_eligible": "false",
    "disaster_deduction": 0,
    "half_year": "false",
    "guardrail": "false",
    "agreement_year": 1,
    "revenue": "",
    "advance_balance": 0,
}
FAILED: Row = {"quality_standard_met": "false"}
ALTERNATIVE: Row = {"quality_standard_met": "false", "alternative_standard_met": "true"}
FIRST_YEAR: Row = {"reporting_only_year": "true", "quality_score": ""}
ONE_SIDED: Row = {"elected_minimum_rate": ""}


def settled(tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[Row]) -> list[Row]:
    file = tmp_path / "results.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(BASE))
        writer.writeheader()
        writer.writerows({**BASE, **row} for row in rows)
    exit_code = main(["share", "settle", str(EXAMPLE), str(file), "--json"])
    printed = capsys.readouterr().out
    assert exit_code == 0, printed
    found: list[Row] = json.loads(printed)["settlements"]
    return found


def check(tmp_path: Path, capsys: pytest.CaptureFixture[str], cases: list[tuple[Row, Row]]) -> None:
    """Settle the rows of all cases at once and compare what each case says of its row."""
    for (row, expected), found in zip(
        cases, settled(tmp_path, capsys, [row for row, _ in cases]), strict=True
    ):
        assert {key: found[key] for key in expected} == pytest.approx(expected, abs=1e-6), row


def gain(
    share_rate: float,
    deduction: float,
    earned: float,
    limit: float,
    bound: bool = False,
    generated: float = 10_000_000,
) -> Row:
    return {
        "generated": generated,
        "share_rate": share_rate,
        "deduction": deduction,
        "earned": earned,
        "limit": limit,
        "limit_bound": bound,
    }


def loss(
    loss_rate: float,
    earned: float,
    limit: float,
    bound: bool = False,
    generated: float = -10_000_000,
    deduction: float = 0,
) -> Row:
    return {
        "generated": generated,
        "loss_rate": loss_rate,
        "deduction": deduction,
        "earned": earned,
        "limit": limit,
        "limit_bound": bound,
    }


@pytest.mark.req(276, 280, 281)
def test_a_gain_of_ten_million_in_every_track(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(
        tmp_path,
        capsys,
        [
            # To 2020: maximum x 0.9, less 2%. The limit is 10%, 15% or 20% of $200m.
            ({**ONE_SIDED, "track": "T1"}, gain(0.45, 90_000, 4_410_000, 20_000_000)),
            ({"track": "T1+"}, gain(0.45, 90_000, 4_410_000, 20_000_000)),
            ({"track": "T2"}, gain(0.54, 108_000, 5_292_000, 30_000_000)),
            ({"track": "T3"}, gain(0.675, 135_000, 6_615_000, 40_000_000)),
            # No sequestration in 2019 and 2020.
            (
                {**ONE_SIDED, "track": "A", "performance_year": 2019},
                gain(0.36, 0, 3_600_000, 20_000_000),
            ),
            ({"track": "EN", "performance_year": 2020}, gain(0.675, 0, 6_750_000, 40_000_000)),
            # From 2021: the whole maximum where the standard is met, whatever the score.
            (
                {**ONE_SIDED, "track": "A", "performance_year": 2021},
                gain(0.40, 80_000, 3_920_000, 20_000_000),
            ),
            (
                {**ONE_SIDED, "track": "B", "performance_year": 2021},
                gain(0.40, 80_000, 3_920_000, 20_000_000),
            ),
            ({"track": "C", "performance_year": 2021}, gain(0.50, 100_000, 4_900_000, 20_000_000)),
            ({"track": "D", "performance_year": 2021}, gain(0.50, 100_000, 4_900_000, 20_000_000)),
            ({"track": "E", "performance_year": 2021}, gain(0.50, 100_000, 4_900_000, 20_000_000)),
            (
                {"track": "EN", "performance_year": 2021, "quality_score": 0.3},
                gain(0.75, 150_000, 7_350_000, 40_000_000),
            ),
        ],
    )


@pytest.mark.req(281)
def test_the_deduction_comes_first_and_then_the_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(
        tmp_path,
        capsys,
        [
            # $45m x 0.45 = $20.25m, over the limit of $20m; less 2% it is $19.845m, under it. The
            # limit first would have paid $19.6m.
            (
                {**ONE_SIDED, "track": "T1", "expenditure": 155_000_000},
                gain(0.45, 405_000, 19_845_000, 20_000_000, generated=45_000_000),
            ),
            (
                {**ONE_SIDED, "track": "T1", "expenditure": 150_000_000},
                gain(0.45, 450_000, 20_000_000, 20_000_000, True, 50_000_000),
            ),
            # $50m x 0.6 is the limit itself: it is reached, and binds nobody.
            (
                {
                    "track": "T2",
                    "performance_year": 2019,
                    "quality_score": 1,
                    "expenditure": 150_000_000,
                },
                gain(0.6, 0, 30_000_000, 30_000_000, False, 50_000_000),
            ),
            (
                {"performance_year": 2022, "expenditure": 120_000_000},
                gain(0.75, 1_200_000, 40_000_000, 40_000_000, True, 80_000_000),
            ),
        ],
    )


EDGES = {
    1: 12.2,
    499: 12.2,
    500: 12.2,
    999: 8.7,
    1000: 8.7,
    2999: 5.0,
    3000: 5.0,
    4999: 3.9,
    5000: 3.9,
    5999: 3.6,
    6000: 3.6,
    6999: 3.4,
    7000: 3.4,
    7999: 3.2,
    8000: 3.2,
    8999: 3.1,
    9000: 3.1,
    9999: 3.0,
    10000: 3.0,
    14999: 2.7,
    15000: 2.7,
    19999: 2.5,
    20000: 2.5,
    49999: 2.2,
    50000: 2.2,
    59999: 2.0,
    60000: 2.0,
    1_000_000: 2.0,
    # A third of the way along: 3.9% less a third of 0.3 points.
    5333: 3.8,
    # Two thirds: 3.6% less two thirds of 0.2 points, in cents of a benchmark of $150m.
    6666: 10.4 / 3,
}


@pytest.mark.req(282)
@pytest.mark.parametrize("track", ["T1", "EN"])
def test_a_gap_of_exactly_the_size_tables_rate_counts_and_a_cent_less_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], track: str
) -> None:
    cases: list[tuple[Row, Row]] = []
    for persons, per_cent in EDGES.items():
        gap = round(150_000_000 * per_cent / 100)
        row: Row = {**ONE_SIDED, "track": track, "persons": persons, "benchmark": 150_000_000}
        cases += [
            ({**row, "expenditure": 150_000_000 - gap}, {"generated": gap}),
            ({**row, "expenditure": f"{150_000_000 - gap + 0.01:.2f}"}, {"generated": 0}),
        ]
        if track == "EN":
            cases += [
                ({**row, "expenditure": 150_000_000 + gap}, {"generated": -gap}),
                (
                    {**row, "expenditure": f"{150_000_000 + gap - 0.01:.2f}"},
                    {"generated": 0, "earned": 0},
                ),
            ]
    check(tmp_path, capsys, cases)


@pytest.mark.req(282)
def test_the_corridor_at_full_precision_and_from_the_first_dollar(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # 10,273 persons: 3.0% - 0.3 x 273 / 4,999 points = 2.98362%. Savings of 2.9826% and 2.98363%
    # both show as 2.98%.
    shown_alike: Row = {**ONE_SIDED, "track": "T1", "persons": 10273, "benchmark": 110_000_000}
    check(
        tmp_path,
        capsys,
        [
            (
                {**shown_alike, "expenditure": 110_000_000 - 3_280_860},
                {"generated": 0, "earned": 0, "deduction": 0},
            ),
            (
                {**shown_alike, "expenditure": 110_000_000 - 3_282_000},
                {"generated": 3_282_000, "earned": 3_282_000 * 0.45 * 0.98},
            ),
            # Each elected rate, on both sides: $1m is 0.5% of $200m.
            *[
                (
                    {"elected_minimum_rate": rate, "expenditure": 200_000_000 - side * gap},
                    {"generated": side * gap},
                )
                for rate, gap in (
                    ("0.005", 1_000_000),
                    ("1%", 2_000_000),
                    ("0.015", 3_000_000),
                    ("2%", 4_000_000),
                )
                for side in (1, -1)
            ],
            *[
                (
                    {
                        "elected_minimum_rate": rate,
                        "expenditure": f"{200_000_000 - side * (gap - 0.01):.2f}",
                    },
                    {"generated": 0},
                )
                for rate, gap in (
                    ("0.5%", 1_000_000),
                    ("0.01", 2_000_000),
                    ("1.5%", 3_000_000),
                    ("0.02", 4_000_000),
                )
                for side in (1, -1)
            ],
            # A rate of nought counts every cent of gain and of loss.
            ({"elected_minimum_rate": 0, "expenditure": "199999999.99"}, {"generated": 0.01}),
            ({"elected_minimum_rate": 0, "expenditure": "200000000.01"}, {"generated": -0.01}),
            (
                {"elected_minimum_rate": 0, "expenditure": 200_000_000},
                {"generated": 0, "earned": 0},
            ),
            # One-sided: no loss is owed, however large.
            *[
                (
                    {**ONE_SIDED, "track": track, "expenditure": 300_000_000},
                    loss(0, 0, 20_000_000, generated=0),
                )
                for track in ("T1", "A", "B")
            ],
        ],
    )


@pytest.mark.req(257)
def test_what_quality_earns_by_year(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(
        tmp_path,
        capsys,
        [
            (
                {"performance_year": 2013, **FIRST_YEAR, "track": "T1", **ONE_SIDED},
                gain(0.5, 100_000, 4_900_000, 20_000_000),
            ),
            (
                {"performance_year": 2013, **FIRST_YEAR, **FAILED, "track": "T1", **ONE_SIDED},
                gain(0, 0, 0, 20_000_000),
            ),
            *[
                ({"performance_year": year, **FAILED}, gain(0, 0, 0, 40_000_000))
                for year in (2013, 2018, 2020, 2021, 2022, 2023, 2024)
            ],
            *[
                ({"performance_year": year, **ALTERNATIVE}, gain(0, 0, 0, 40_000_000))
                for year in (2020, 2021, 2022)
            ],
            (
                {"performance_year": 2023, **ALTERNATIVE},
                gain(0.675, 135_000, 6_615_000, 40_000_000),
            ),
            (
                {"performance_year": 2024, **ALTERNATIVE, "track": "B", **ONE_SIDED},
                gain(0.36, 72_000, 3_528_000, 20_000_000),
            ),
            # Both met: the standard pays, not the alternative.
            (
                {"performance_year": 2024, "alternative_standard_met": "true"},
                gain(0.75, 150_000, 7_350_000, 40_000_000),
            ),
        ],
    )


@pytest.mark.req(276, 280)
def test_what_part_of_a_loss_is_owed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    over: Row = {"expenditure": 210_000_000}
    check(
        tmp_path,
        capsys,
        [
            ({**over, "track": "T1+", "quality_score": 0.1}, loss(0.3, -3_000_000, 8_000_000)),
            *[
                (
                    {**over, "track": track, "performance_year": 2022, **FAILED},
                    loss(0.3, min_of, limit, bound),
                )
                for track, min_of, limit, bound in (
                    ("C", -2_000_000, 2_000_000, True),
                    ("D", -3_000_000, 4_000_000, False),
                    ("E", -3_000_000, 8_000_000, False),
                )
            ],
            # Track 2: 1 - 0.6 x score, from 40% to 60%.
            ({**over, "track": "T2", "agreement_year": 3}, loss(0.46, -4_600_000, 20_000_000)),
            (
                {**over, "track": "T2", "agreement_year": 3, "quality_score": 1},
                loss(0.4, -4_000_000, 20_000_000),
            ),
            (
                {**over, "track": "T2", "agreement_year": 3, "quality_score": 0.5},
                loss(0.6, -6_000_000, 20_000_000),
            ),
            (
                {**over, "track": "T2", "agreement_year": 3, **FAILED},
                loss(0.6, -6_000_000, 20_000_000),
            ),
            (
                {**over, "track": "T2", "agreement_year": 3, **FIRST_YEAR},
                loss(0.4, -4_000_000, 20_000_000),
            ),
            # Track 3 and ENHANCED: 1 - 0.75 x score, from 40% to 75%.
            ({**over, "track": "T3"}, loss(0.4, -4_000_000, 30_000_000)),
            ({**over, "track": "T3", "quality_score": 0.6}, loss(0.55, -5_500_000, 30_000_000)),
            ({**over, "track": "T3", "quality_score": 0.2}, loss(0.75, -7_500_000, 30_000_000)),
            *[
                (
                    {**over, "performance_year": year, "quality_score": 0.6},
                    loss(0.55, -5_500_000, 30_000_000),
                )
                for year in (2019, 2020, 2021, 2022, 2023, 2024)
            ],
            # A failed standard counts as a score of nought to 2020; from 2021 the score eases a
            # loss as it stands.
            *[
                (
                    {**over, "performance_year": year, "quality_score": 0.6, **FAILED},
                    loss(0.75, -7_500_000, 30_000_000),
                )
                for year in (2018, 2020)
            ],
            *[
                (
                    {**over, "performance_year": year, "quality_score": 0.6, **FAILED},
                    loss(0.55, -5_500_000, 30_000_000),
                )
                for year in (2021, 2022, 2023, 2024)
            ],
            (
                {**over, "performance_year": 2022, "quality_score": 0.6, **ALTERNATIVE},
                loss(0.55, -5_500_000, 30_000_000),
            ),
            (
                {**over, "performance_year": 2023, "quality_score": 0.6, **ALTERNATIVE},
                loss(0.55, -5_500_000, 30_000_000),
            ),
        ],
    )


@pytest.mark.req(281)
def test_the_loss_limit_by_track_agreement_year_and_revenue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far_over: Row = {"expenditure": 300_000_000, "quality_score": 1}

    def held(track: str, limit: float, **changes: Any) -> tuple[Row, Row]:
        return {**far_over, "track": track, **changes}, {
            "generated": -100_000_000,
            "limit": limit,
            "limit_bound": True,
            "earned": -limit,
        }

    check(
        tmp_path,
        capsys,
        [
            *[
                held("T2", limit, agreement_year=year)
                for year, limit in (
                    (1, 10_000_000),
                    (2, 15_000_000),
                    (3, 20_000_000),
                    (4, 20_000_000),
                    (7, 20_000_000),
                )
            ],
            held("T1+", 8_000_000),
            held("T3", 30_000_000),
            held("EN", 30_000_000),
            held("C", 2_000_000),
            held("D", 4_000_000),
            held("E", 8_000_000),
            # 2%, 4% and 8% of the organisation's own revenue, where that is less.
            held("C", 1_000_000, revenue=50_000_000),
            held("D", 2_000_000, revenue=50_000_000),
            held("E", 4_000_000, revenue=50_000_000),
            held("T1+", 4_000_000, revenue=50_000_000),
            held("C", 2_000_000, revenue=100_000_000),
            held("E", 8_000_000, revenue=500_000_000),
            held("EN", 30_000_000, revenue=50_000_000),
            held("T2", 10_000_000, revenue=50_000_000),
            # $9m x 0.3 is $2.7m: under the 4% of the benchmark, over the 8% of a revenue of $30m.
            (
                {"track": "E", "expenditure": 209_000_000, "revenue": 30_000_000},
                loss(0.3, -2_400_000, 2_400_000, True, -9_000_000),
            ),
            (
                {"track": "E", "expenditure": 209_000_000},
                loss(0.3, -2_700_000, 8_000_000, False, -9_000_000),
            ),
        ],
    )


def test_disasters_half_years_and_advances(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    over: Row = {"expenditure": 210_000_000, "quality_score": 1, "disaster_deduction": 1_000_000}
    check(
        tmp_path,
        capsys,
        [
            (over, loss(0.4, -3_000_000, 30_000_000, deduction=1_000_000)),
            (
                {**over, "half_year": "true", "performance_year": 2019},
                loss(0.4, -3_500_000, 30_000_000, deduction=500_000),
            ),
            (
                {**over, "disaster_deduction": 9_000_000},
                loss(0.4, 0, 30_000_000, deduction=4_000_000),
            ),
            # After the limit: $30m is held to $2m, and then eased. Before it, nothing would have
            # been eased.
            (
                {**over, "track": "C", "expenditure": 300_000_000, "disaster_deduction": 500_000},
                loss(0.3, -1_500_000, 2_000_000, True, -100_000_000, 500_000),
            ),
            # A gain is not eased, and half a year halves nothing else.
            (
                {"disaster_deduction": 1_000_000, "half_year": "true", "performance_year": 2019},
                gain(0.675, 0, 6_750_000, 40_000_000),
            ),
            # Advances: the lesser of what is earned and what is still owed.
            ({"advance_balance": 1_000_000}, {"earned": 6_615_000, "recouped": 1_000_000}),
            ({"advance_balance": 9_000_000}, {"earned": 6_615_000, "recouped": 6_615_000}),
            ({**over, "advance_balance": 1_000_000}, {"earned": -3_000_000, "recouped": 0}),
        ],
    )


@pytest.mark.req(282)
def test_half_shares_below_the_minimum_and_guardrails_from_2024(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short: Row = {
        "performance_year": 2024,
        "expenditure": 199_000_000,
        "reduced_share_eligible": "true",
    }
    million = 1_000_000
    check(
        tmp_path,
        capsys,
        [
            (
                {**short, **ONE_SIDED, "track": "A"},
                gain(0.2, 4_000, 196_000, 20_000_000, generated=million),
            ),
            ({**short, "track": "E"}, gain(0.25, 5_000, 245_000, 20_000_000, generated=million)),
            (
                {**short, **ONE_SIDED, "track": "A", **ALTERNATIVE, "quality_score": 0.8},
                gain(0.16, 3_200, 156_800, 20_000_000, generated=million),
            ),
            (
                {**short, **ONE_SIDED, "track": "A", **FAILED},
                gain(0, 0, 0, 20_000_000, generated=million),
            ),
            (
                {**short, **ONE_SIDED, "track": "A", "performance_year": 2023},
                gain(0.4, 0, 0, 20_000_000, generated=0),
            ),
            (
                {**short, **ONE_SIDED, "track": "A", "reduced_share_eligible": "false"},
                gain(0.4, 0, 0, 20_000_000, generated=0),
            ),
            ({**short, "track": "EN"}, gain(0.75, 0, 0, 40_000_000, generated=0)),
            # At the minimum rate itself the whole share applies, from the first dollar.
            (
                {**short, **ONE_SIDED, "track": "A", "expenditure": 196_000_000},
                gain(0.4, 32_000, 1_568_000, 20_000_000, generated=4_000_000),
            ),
            # No saving, or a loss inside the corridor: nothing to halve.
            (
                {**short, "track": "E", "expenditure": 201_000_000},
                loss(0.3, 0, 20_000_000, generated=0),
            ),
            (
                {**short, "track": "E", "guardrail": "true"},
                gain(0.25, 0, 0, 20_000_000, generated=million),
            ),
            ({"performance_year": 2024, "guardrail": "true"}, gain(0.75, 0, 0, 40_000_000)),
            (
                {"performance_year": 2023, "guardrail": "true"},
                gain(0.75, 150_000, 7_350_000, 40_000_000),
            ),
            (
                {"performance_year": 2024, "guardrail": "true", "expenditure": 210_000_000},
                loss(0.4, -4_000_000, 30_000_000),
            ),
        ],
    )
