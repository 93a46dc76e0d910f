"""Arrangements that would share money wrongly: refused at their line, or right, through the
command.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wpb.cli import main

FILE = """arrangement: two_parties
title: Two parties
settles: parties
currency: GBP
first_year: 2030-31
years: 3
what_is_shared: fixed_price_activity
gap_falls_on: icb
fund_held_by: icb
frequency: yearly
ends: {gains: undecided, losses: undecided}
lines:
- {line: nel, title: Emergency spells, unit: spell, currency: HRG, price: 1000.0, baseline: 10000, baseline_from: history, source_of_cash: {kind: activity_payment}}
parties:
- {party: icb, title: ICB, role: commissioner, influence: 3, ability_to_bear_risk: 3, gains: 0.5, losses: 0.5}
- {party: prov, title: Provider, role: provider, influence: 3, ability_to_bear_risk: 3, gains: 0.5, losses: 0.5, contract: c1}
- {party: gps, title: Practices, role: provider, influence: 3, ability_to_bear_risk: 3, gains: 0, losses: 0, contract: c2, why: paid from the provider's share}
contracts:
- {contract: c1, payer: icb, payee: prov}
- {contract: c2, payer: icb, payee: gps}
steps:
- step: gap
- step: cash
- step: net
- step: share_out
"""
RESULTS = "line,year,outturn,months,status\nnel,{year},{units},12,final\n"


def settle(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *changes: tuple[str, str],
    year: str = "2031-32",
    units: int = 9500,
) -> tuple[int, dict[str, Any]]:
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    (folder / "r.csv").write_text(RESULTS.format(year=year, units=units), encoding="utf-8")
    code = main(["share", "settle", str(folder / "a.yaml"), str(folder / "r.csv"), "--json"])
    return code, json.loads(capsys.readouterr().out)


def step(words: str) -> tuple[str, str]:
    return "- step: net\n", f"- step: net\n- {{{words}}}\n"


@pytest.mark.req(293, 384)
@pytest.mark.parametrize(
    ("more", "left"),
    [
        ((), 50_000_000),
        ((step("step: reinvest, of_gains: 40%"),), 50_000_000),
        (
            (
                step(
                    "step: corridor, minimum_savings_rate: 1%, minimum_loss_rate: 1%,"
                    " counts_from: first_pound"
                ),
            ),
            50_000_000,
        ),
        ((step("step: sides, gains: 1, losses: 1"),), 50_000_000),
    ],
)
def test_nothing_is_shared_after_its_end_whatever_steps_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[tuple[str, str], ...], left: int
) -> None:
    ends = ("gains: undecided, losses: undecided", "gains: 2030-31, losses: 2031-32")
    code, found = settle(tmp_path, capsys, ends, *more)
    (year,) = found["settlements"]
    assert code == 0
    assert {party["share_pence"] for party in year["parties"]} == {0}
    assert year["retained_pence"] == left and year["reinvested_pence"] == 0
    code, found = settle(tmp_path, capsys, ends, *more, units=10500)
    shares = {party["party"]: party["share_pence"] for party in found["settlements"][0]["parties"]}
    assert (code, shares["prov"]) == (0, -25_000_000)
    code, found = settle(tmp_path, capsys, ends, *more, units=10500, year="2032-33")
    assert {party["share_pence"] for party in found["settlements"][0]["parties"]} == {0}


@pytest.mark.req(276, 281, 384)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (step("step: gate, gains: 1.4"), "out_of_range"),
        (step("step: gate, gains: -0.4"), "out_of_range"),
        (step("step: gate, gains: 1, losses: 140%"), "out_of_range"),
        (
            step("step: gate, gains: {by: year, table: {2030-31: 0.5, from 2031-32: 2}}"),
            "out_of_range",
        ),
        (step("step: sides, gains: 3, losses: 1"), "out_of_range"),
        (step("step: sides, gains: 1, losses: -1"), "out_of_range"),
        (step("step: reinvest, of_gains: 130%"), "out_of_range"),
        (
            step(
                "step: corridor, minimum_savings_rate: -2%, minimum_loss_rate: 2%,"
                " counts_from: excess"
            ),
            "out_of_range",
        ),
        (
            step(
                "step: corridor, minimum_savings_rate: 150%, minimum_loss_rate: 2%,"
                " counts_from: excess"
            ),
            "out_of_range",
        ),
        (
            step(
                "step: corridor, minimum_savings_rate: 2%, minimum_loss_rate: 2%, counts_from:"
                " excess, reduced_share: 2"
            ),
            "out_of_range",
        ),
        (("price: 1000.0", "price: -1000.0"), "out_of_range"),
        (("price: 1000.0", "price: 0"), "out_of_range"),
        (("baseline: 10000", "baseline: -10000"), "out_of_range"),
        (("baseline: 10000", "baseline: 0"), "out_of_range"),
        (
            (
                "baseline: 10000",
                "baseline: {by: year, table: {2030-31: 9000, 2031-32 to 2032-33: 0}}",
            ),
            "out_of_range",
        ),
        (
            (
                "baseline: 10000",
                "baseline: {by: year, table: {2030-31 to 2031-32: 9000, from 2031-32: 9500}}",
            ),
            "keys_overlap",
        ),
        (
            (
                "gains: 0.5, losses: 0.5, contract",
                (
                    "gains: {by: year, table: {2030-31: 0.5, from 2030-31: 0.5}}, losses: 0.5,"
                    " contract"
                ),
            ),
            "keys_overlap",
        ),
        (("- step: share_out\n", "- step: share_out\n- step: share_out\n"), "step_repeated"),
        (("- step: share_out\n", ""), "step_missing"),
        (("- step: gap\n", ""), "step_order"),
        (
            ("- step: share_out\n", "- step: share_out\n- {step: reinvest, of_gains: 10%}\n"),
            "step_order",
        ),
        (("- step: net\n- step: share_out\n", "- step: share_out\n- step: net\n"), "step_order"),
        (
            (FILE[FILE.index("parties:\n") : FILE.index("contracts:\n")], "parties: []\n"),
            "missing_list",
        ),
        ((FILE[FILE.index("lines:\n") : FILE.index("parties:\n")], "lines: []\n"), "missing_list"),
        (
            (
                "- step: share_out\n",
                (
                    "- step: share_out\n- step: sub_split\nsub_splits:\n- {of: prov, between:"
                    " {gps: 1.3, prov: -0.3}}\n"
                ),
            ),
            "out_of_range",
        ),
    ],
)
def test_what_would_share_wrongly_is_refused_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], code: str
) -> None:
    exit_code, found = settle(tmp_path, capsys, change)
    errors = [problem for problem in found["problems"] if problem["severity"] == "error"]
    assert exit_code == 1
    assert code in {problem["code"] for problem in errors}, errors
    assert all(problem["where"]["file"].endswith("a.yaml") for problem in errors)


@pytest.mark.req(276, 384)
def test_a_measure_that_would_pay_more_than_there_is_stops_the_settlement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.csv").write_text("measure,year,value\nquality,2031-32,1.2\n", encoding="utf-8")
    measured = ("frequency: yearly\n", "frequency: yearly\nmeasures: [quality]\n")
    code, _ = settle(tmp_path, capsys, measured, step("step: gate, gains: quality"))
    paths = [str(tmp_path / name) for name in ("a.yaml", "r.csv", "m.csv")]
    code = main(["share", "settle", paths[0], paths[1], "--measures", paths[2], "--json"])
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (code, problem["code"]) == (1, "out_of_range")
    assert "1.2" in problem["what"]


@pytest.mark.req(384)
def test_every_settlement_adds_to_its_pool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = step("step: gate, gains: 33.3333%, losses: 66.6667%")
    for units in (9_999, 9_501, 10_007, 12_345):
        code, found = settle(
            tmp_path, capsys, odd, step("step: reinvest, of_gains: 7.77%"), units=units
        )
        (year,) = found["settlements"]
        shared = sum(party["share_pence"] for party in year["parties"])
        assert code == 0
        assert shared + year["retained_pence"] + year["reinvested_pence"] == year["pool_pence"]
        assert sum(party["due_pence"] for party in year["parties"]) == 0


US = Path(__file__).parents[2] / "examples" / "us_shared_savings"


def us_row(folder: Path, **changes: str) -> Path:
    heading, *rows = (US / "results.csv").read_text(encoding="utf-8").splitlines()
    row = dict(zip(heading.split(","), rows[-1].split(","), strict=True)) | {
        "track": "EN",
        "benchmark": "100000000",
        "expenditure": "110000000",
        "elected_minimum_rate": "0",
        "reporting_only_year": "true",
        "quality_score": "0.541",
        "quality_standard_met": "true",
        "disaster_deduction": "0",
        "half_year": "false",
        "guardrail": "false",
        "revenue": "",
        **changes,
    }
    (folder / "r.csv").write_text(f"{heading}\n{','.join(row.values())}\n", encoding="utf-8")
    return folder / "r.csv"


@pytest.mark.req(257)
@pytest.mark.parametrize(
    ("year", "rate"), [("2024", 1 - 0.75 * 0.541), ("2021", 1 - 0.75 * 0.541), ("2020", 0.4)]
)
def test_a_first_years_loss_is_eased_by_the_score_as_it_stands_from_2021(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], year: str, rate: float
) -> None:
    table = us_row(tmp_path, performance_year=year)
    assert main(["share", "settle", str(US), str(table), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    (row,) = printed["settlements"]
    assert row["loss_rate"] == pytest.approx(rate, abs=1e-12)


@pytest.mark.req(257)
def test_a_loss_without_the_score_that_eases_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = us_row(tmp_path, performance_year="2024", quality_score="")
    assert main(["share", "settle", str(US), str(table), "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem["code"] == "blank_value_needed"
    gain = us_row(tmp_path, performance_year="2024", quality_score="", expenditure="90000000")
    assert main(["share", "settle", str(US), str(gain), "--json"]) == 0
