"""Settling a table of organisations: the programme's rules by hand, cell by cell refusals, and the
plain reference.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from wpb.cli import main
from wpb.kernel.lined_yaml import read_yaml
from wpb.kernel.problems import ProblemLog
from wpb.sharing.arrangement import TableArrangement, read_table_arrangement
from wpb.sharing.reading import Page
from wpb.sharing.results_table import read_results
from wpb.sharing.table_book import settle_table

pytestmark = pytest.mark.req(258, 276, 280, 281, 282, 286)

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "us_shared_savings"
BASE = {
    "organisation": "X",
    "performance_year": "2018",
    "track": "EN",
    "persons": "20000",
    "benchmark": "200000000",
    "expenditure": "190000000",
    "elected_minimum_rate": "0.02",
    "quality_score": "0.9",
    "quality_standard_met": "true",
    "alternative_standard_met": "false",
    "reporting_only_year": "false",
    "reduced_share_eligible": "false",
    "disaster_deduction": "0",
    "half_year": "false",
    "guardrail": "false",
    "agreement_year": "1",
    "revenue": "",
    "advance_balance": "0",
}


def benchmark_module(name: str) -> ModuleType:
    """Load a module of benchmarks/sharing, which is no package."""
    spec = importlib.util.spec_from_file_location(
        name, ROOT / "benchmarks" / "sharing" / f"{name}.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def arrangement() -> TableArrangement:
    log = ProblemLog()
    read = read_table_arrangement(
        read_yaml(
            (EXAMPLE / "arrangement.yaml").read_text(encoding="utf-8"), "arrangement.yaml", log
        ),
        Page("arrangement.yaml", log),
    )
    assert list(log) == []
    return read


def printed_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *rows: dict[str, str]
) -> tuple[int, str]:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(BASE))
    writer.writeheader()
    writer.writerows({**BASE, **row} for row in rows)
    file = tmp_path / "results.csv"
    file.write_text(text.getvalue(), encoding="utf-8")
    exit_code = main(["share", "settle", str(EXAMPLE), str(file), "--json"])
    return exit_code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        ({"track": "F"}, "C2", "'F' is not a track of this arrangement."),
        ({"benchmark": "200m"}, "E2", "'200m' is not an amount of money."),
        ({"benchmark": "0"}, "E2", "benchmark is 0, which is not an amount of money above 0."),
        ({"expenditure": ""}, "F2", "expenditure is blank."),
        (
            {"elected_minimum_rate": "2"},
            "G2",
            "elected_minimum_rate is 2, which is not a rate 0 or more and no more than 0.2.",
        ),
        ({"quality_score": ""}, "H2", "quality_score is blank."),
        ({"quality_standard_met": "yes"}, "I2", "'yes' is not true or false."),
        ({"half_year": ""}, "N2", "half_year is blank."),
        (
            {"track": "T2", "agreement_year": ""},
            "P2",
            "The arrangement gives no loss_limit_rate for track T2, agreement_year blank.",
        ),
        ({"persons": "10.5"}, "D2", "persons is 10.5, which is not a whole number above 0."),
        ({"performance_year": "2018-19"}, "B2", "'2018-19' is not a whole number."),
    ],
)
def test_a_bad_cell_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: dict[str, str], cell: str, said: str
) -> None:
    exit_code, printed = printed_for(tmp_path, capsys, row)
    problems = json.loads(printed)["problems"]
    assert exit_code == 1
    assert [
        (problem["where"]["file"], problem["where"]["cell"], problem["what"])
        for problem in problems
    ] == [("results.csv", cell, said)]
    assert problems[0]["fix"]


def test_columns_must_be_those_of_the_arrangement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "results.csv"
    file.write_text("organisation,performence_year\nA,2018\n", encoding="utf-8")
    assert main(["share", "settle", str(EXAMPLE), str(file), "--json"]) == 1
    said = [problem["what"] for problem in json.loads(capsys.readouterr().out)["problems"]]
    assert "The arrangement has no column 'performence_year'." in said
    assert "Column 'benchmark' is missing." in said
    assert not any("revenue" in words for words in said)


def test_a_blank_row_is_told_where_it_stands_and_blank_rows_at_the_end_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [",".join(BASE), ",".join(BASE.values()), "", ",".join(BASE.values())]
    file = tmp_path / "results.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["share", "settle", str(EXAMPLE), str(file), "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["where"]["cell"], problem["what"]) == (
        "A3",
        f"Row 3 has 0 cells and the headings {len(BASE)}.",
    )
    file.write_text("\n".join([*lines[:2], "", "," * (len(BASE) - 1)]) + "\n", encoding="utf-8")
    assert main(["share", "settle", str(EXAMPLE), str(file), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["settlements"]) == 1


def test_columns_that_may_be_left_out_may_be_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [name for name in reversed(BASE) if name not in ("revenue", "advance_balance")]
    file = tmp_path / "results.csv"
    file.write_text(
        ",".join(kept) + "\n" + ",".join(BASE[name] for name in kept) + "\n", encoding="utf-8"
    )
    assert main(["share", "settle", str(EXAMPLE), str(file), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["settlements"]
    assert (row["earned"], row["recouped"]) == (pytest.approx(10_000_000 * 0.675 * 0.98), 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("counts_from: first_pound, ", ""),
            "Step 'corridor' must say 'counts_from': first_pound or excess.",
        ),
        (
            ('"T1, A, B": 0, "T1+, T2', '"T1, A, Q": 0, "T1+, T2'),
            "'Q' is not a track of this arrangement.",
        ),
        (
            ("{from: 6000, to: 6999", "{from: 6500, to: 6999"),
            "size_scale: the band from 6500 doesn't follow on from the one before.",
        ),
        (
            ("{from: 6000, to: 6999", "{from: 6000, to: 5999"),
            (
                "size_scale: a band needs 'from', 'to' and 'rate', its edges whole numbers and in"
                " order."
            ),
        ),
        (
            ("{from: 60000, rate: 2.0%}", "{from: 60000, rate: [2.0%, 1.5%]}"),
            (
                "size_scale: a band needs 'from', 'to' and 'rate', its edges whole numbers and in"
                " order."
            ),
        ),
        (
            ("losses: loss_limit}", "losses: 5000000}"),
            "Step 'limit' has a bare number for 'losses'.",
        ),
        (("2019 to 2020: 0}", "2019 to 2020: .nan}"), "sequestration: 'nan' is not a number."),
        (
            ("baseline: benchmark", "baseline: bench_mark"),
            "'bench_mark' is not a column, a parameter or a figure of an earlier step.",
        ),
        (("  - step: share\n", "  - step: shared\n"), "'shared' is not a kind of step."),
        (
            ("2019 to 2020: 0}", "2019 to 2020: nothing}"),
            "sequestration: 'nothing' is not a number.",
        ),
        (("{is: amount, least: 0}", "{is: money, least: 0}"), "'is: money' is not understood."),
        (("settles: table", "settles: [table"), "The file can't be read: "),
    ],
)
def test_an_arrangement_that_cannot_be_read_is_refused_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], said: str
) -> None:
    text = (EXAMPLE / "arrangement.yaml").read_text(encoding="utf-8").replace(*change)
    file = tmp_path / "arrangement.yaml"
    file.write_text(text, encoding="utf-8")
    assert main(["share", "check", str(tmp_path), "--json"]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert any(
        problem["what"].startswith(said) and problem["where"]["cell"].startswith("line ")
        for problem in problems
    ), problems


def test_equals_two_plain_loops(capsys: pytest.CaptureFixture[str]) -> None:
    made, by_hand, by_file = (
        benchmark_module(name) for name in ("made_results", "plain_reference", "plain_loop")
    )
    rows = made.made_rows(3000, seed=11)
    log = ProblemLog()
    read = arrangement()
    table = read_results("results.csv", made.HEADINGS, made.as_cells(rows), read.columns, log)
    found = settle_table(read, table, log)
    assert found is not None and list(log) == []
    hand = by_hand.settle_rows(rows)
    file = by_file.settle_rows(
        YAML(typ="safe").load((EXAMPLE / "arrangement.yaml").read_text(encoding="utf-8")), rows
    )
    for name in (
        "generated",
        "share_rate",
        "loss_rate",
        "limit",
        "limit_bound",
        "deduction",
        "recouped",
    ):
        np.testing.assert_allclose(
            getattr(found, name),
            np.array([row[name] for row in hand], dtype=float),
            rtol=1e-12,
            atol=1e-4,
            err_msg=name,
        )
        np.testing.assert_allclose(
            getattr(found, name),
            np.array([row[name] for row in file], dtype=float),
            rtol=1e-12,
            atol=1e-4,
            err_msg=name,
        )
    np.testing.assert_allclose(found.amount, [row["earned"] for row in hand], rtol=1e-12, atol=1e-4)
    assert (
        sum(row["earned"] > 0 for row in hand) > 500
        and sum(row["earned"] < 0 for row in hand) > 200
    )


@pytest.mark.req(286)
def test_every_row_explains_itself_to_the_figure_it_settles_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["share", "settle", str(EXAMPLE), str(EXAMPLE / "results.csv"), "--json"]
    assert main(arguments) == 0
    settlements = json.loads(capsys.readouterr().out)["settlements"]
    for number, settlement in enumerate(settlements, start=2):
        assert main([*arguments, "--explain", str(number)]) == 0
        tree = json.loads(capsys.readouterr().out)
        assert tree["value"] == pytest.approx(settlement["earned"] * 100, abs=0.5)
        cells = {(leaf["where"]["file"], leaf["where"]["cell"]) for leaf in leaves(tree)}
        assert {("results.csv", f"E{number}"), ("results.csv", f"F{number}")} <= cells
        assert any(file == "arrangement.yaml" and cell.startswith("line ") for file, cell in cells)
    assert main([*arguments, "--explain", "99"]) == 2


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    return (
        [leaf for child in node["children"] for leaf in leaves(child)]
        if node["children"]
        else [node]
    )


def test_the_bundled_results_settle_as_written_down(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["share", "settle", str(EXAMPLE / "arrangement.yaml"), str(EXAMPLE / "results.csv")])
        == 0
    )
    expected = (ROOT / "tests" / "golden" / "sharing" / "us_shared_savings.txt").read_text(
        encoding="utf-8"
    )
    assert capsys.readouterr().out == expected
