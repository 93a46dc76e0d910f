"""Made-up files of the kinds of trouble that real ones have, each brought in by the real
command.
"""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ruamel.yaml import YAML

from wpb.cli import main

CASES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(
    (Path(__file__).parents[1] / "fixtures" / "intake_cases.yaml").read_text(encoding="utf-8")
)
LEDGER = ("--as", "commissioner_ledger", "--set", "commissioner==QZN", "--accept-suggestions")
CONTRACTS = "contract\nC-ACU\nC-COM\nC-MH\nC-OTH\n"


@pytest.mark.req(373, 374, 376, 377)
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_each_case_has_its_right_outcome(
    case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m" / "inputs").mkdir(parents=True)
    (tmp_path / "m" / "inputs" / "contracts.csv").write_text(CONTRACTS, encoding="utf-8")
    file = tmp_path / str(case.get("as", "ledger.csv"))
    file.write_bytes(str(case["text"]).encode(case.get("encoding", "utf-8")))
    more = [str(option) for option in case.get("more", [])]
    if not any(option.startswith("effective_year") for option in more):
        more += ["--set", "effective_year==2026-27"]
    code = main(["map", str(file), "--to", str(tmp_path / "m"), *LEDGER, *more])
    told = capsys.readouterr()
    said = told.out + told.err
    assert code == case["exit"], said
    for words in case.get("said", []):
        assert words in said
    written = tmp_path / "m" / "inputs" / "commissioner_ledger.csv"
    if code:
        assert not written.exists() and not (tmp_path / "m" / "mappings").exists()
        main(["map", str(file), "--to", str(tmp_path / "m"), *LEDGER, *more, "--json"])
        found = capsys.readouterr().out
        for problem in case.get("codes", []):
            assert f'"code": "{problem}"' in found
        return
    with written.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sum(Decimal(row["ledger_value"]) for row in rows) == Decimal(case["total"])
    assert len(rows) == case.get("rows", len(rows))


Change = Callable[[Any], object]
HEADINGS = ("Account", "Description", "Contract", "Actual")


def hide_a_fuller_sheet(sheet: Any) -> None:
    other = sheet.parent.create_sheet("old draft")
    for row in (HEADINGS, *(("1", "Old", "C-OTH", 9999) for _ in range(9))):
        other.append(row)
    other.sheet_state = "hidden"


@pytest.mark.req(373)
@pytest.mark.parametrize(
    ("change", "more", "exit_code", "said"),
    [
        (hide_a_fuller_sheet, [], 0, "Hidden sheets: old draft"),
        (lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True), [], 0, "row 3 (ledger"),
        (
            lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True),
            ["--hidden-rows", "leave-out"],
            0,
            "the row is hidden, ledger_value 350",
        ),
        (lambda sheet: sheet.__setitem__("D2", "=1000+250"), [], 1, "never calculated"),
        (
            lambda sheet: sheet.append(("9", "Net", "C-OTH", "=SUM(D2:D3)")),
            [],
            1,
            "never calculated",
        ),
        (lambda sheet: setattr(sheet["D3"], "number_format", "[$€-2] 0"), [], 1, "in €"),
        (lambda sheet: setattr(sheet, "title", "Ledger £m"), [], 1, "in millions"),
        (
            lambda sheet: sheet.__setitem__("A2", datetime.date(2025, 3, 1)),
            [],
            1,
            "turned this code into the date",
        ),
        (
            lambda sheet: (
                sheet.__setitem__("A2", 42),
                sheet["A2"].__setattr__("number_format", "000000"),
            ),
            [],
            0,
            "2 written to commissioner_ledger",
        ),
    ],
)
def test_each_workbook_has_its_right_outcome(
    change: Change,
    more: list[str],
    exit_code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "m" / "inputs").mkdir(parents=True)
    (tmp_path / "m" / "inputs" / "contracts.csv").write_text(CONTRACTS, encoding="utf-8")
    book = openpyxl.Workbook()
    for row in (HEADINGS, ("4100", "Acute", "C-ACU", 1250), ("4200", "Comm", "C-COM", 350)):
        book.active.append(row)
    change(book.active)
    book.save(tmp_path / "l.xlsx")
    year = ["--set", "effective_year==2026-27"]
    to = ["--to", str(tmp_path / "m")]
    code = main(["map", str(tmp_path / "l.xlsx"), *to, *LEDGER, *year, *more])
    told = capsys.readouterr()
    assert code == exit_code and said in told.out + told.err, told.out + told.err
    written = tmp_path / "m" / "inputs" / "commissioner_ledger.csv"
    assert written.exists() == (code == 0)


def test_settings_filled_in_the_template_replace_the_blank_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "m")]) == 0
    book = openpyxl.Workbook()
    book.active.title = "model"
    for row in (("setting", "value"), ("schema", 2), ("model", "mine"), ("title", "Mine")):
        book.active.append(row)
    book.save(tmp_path / "m" / "inputs" / "template.xlsx")
    capsys.readouterr()
    assert main(["check", str(tmp_path / "m"), "--json"]) == 1
    codes = {problem["code"] for problem in json.loads(capsys.readouterr().out)["problems"]}
    assert "settings_twice" not in codes
    assert "spend_missing" in codes


@pytest.mark.req(373)
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_older_and_open_workbooks_are_read_and_say_what_they_hide(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(__file__).parents[1] / "fixtures" / "intake" / f"ledger.{kind}"
    (tmp_path / "m" / "inputs").mkdir(parents=True)
    (tmp_path / "m" / "inputs" / "contracts.csv").write_text(CONTRACTS, encoding="utf-8")
    words = ["map", str(file), "--to", str(tmp_path / "m"), *LEDGER]
    words += ["--set", "effective_year==2026-27"]
    written = tmp_path / "m" / "inputs" / "commissioner_ledger.csv"
    assert main(words) == 1
    assert "Row 7 looks like a total" in capsys.readouterr().err and not written.exists()
    total = ["--totals", "leave-out", "--control-total", "1598999.75"]
    assert main([*words, *total]) == 0
    told = capsys.readouterr().out
    assert f"format .{kind}, in which hidden rows" in told and "Hidden sheets: old draft" in told
    with written.open(encoding="utf-8", newline="") as stream:
        values = [Decimal(row["ledger_value"]) for row in csv.DictReader(stream)]
    assert values == [Decimal("1250000.25"), Decimal(350000), Decimal("-1000.5")]
