"""Tables in stages: what a new model shows, and what `wpb add` brings."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from wpb.cli import main
from wpb.tables import ALL_TABLES, TABLES_BY_NAME
from wpb.tables.methods.registry import METHOD_OPTIONS
from wpb.tables.stages import METHODS, MOST_AT_FIRST, STEP_SHEETS, STEPS, first_tables, stages

pytestmark = pytest.mark.req(379)


def rows_of(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "inputs" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new model with one contract."""
    assert main(["new", str(tmp_path / "m")]) == 0
    with (tmp_path / "m" / "inputs" / "contracts.csv").open("a", encoding="utf-8") as lines:
        lines.write("C-ACU,Acute,QZN,RXX,block,core,1000,,2026-27,2026-27,GBP,whole_contract,,\n")
    return tmp_path / "m"


def add(
    folder: Path, *more: str, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, list[str]], str]:
    capsys.readouterr()
    code = main(["add", str(folder), *more, "--json"])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out else {}, told.out + told.err


def test_every_table_is_in_one_stage_and_every_method_brings_its_tables() -> None:
    named = Counter(name for stage in stages() for name in stage.tables)
    assert set(named) == {spec.name for spec in ALL_TABLES} and max(named.values()) == 1
    assert len(first_tables()) <= MOST_AT_FIRST
    assert {spec.name for spec in ALL_TABLES if spec.required} <= {
        spec.name for spec in first_tables()
    }
    assert len(STEPS) == 8
    assert {name for needs in METHODS.values() for name in needs.tables} <= set(TABLES_BY_NAME)
    options = {option: step for step, options in METHOD_OPTIONS.items() for option in options}
    assert {option: METHODS[option].step for option in options} == options
    contracts = TABLES_BY_NAME["contracts"]
    for column in ("payment_basis", "population_method"):
        assert set(contracts.column(column).choices) <= set(METHODS)


def test_a_new_model_shows_the_first_stage_and_the_template_its_eight_steps_first(
    folder: Path,
) -> None:
    first = [spec.name for spec in first_tables()]
    assert sorted(path.stem for path in (folder / "inputs").iterdir()) == sorted(first)
    workbook = openpyxl.load_workbook(folder / "inputs-template.xlsx")
    assert workbook.sheetnames == ["cover", "checklist", *STEP_SHEETS, "model", *first, "lists"]
    links = {cell.value for name in STEP_SHEETS for cell in workbook[name]["A"] if cell.hyperlink}
    assert links == {*first, "model"}


def test_everything_comes_with_all(tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "m"), "--all"]) == 0
    written = {path.stem for path in (tmp_path / "m" / "inputs").iterdir()}
    assert written == {spec.name for spec in ALL_TABLES}


def test_a_stage_and_a_table_come_in_the_folder_and_in_the_template(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, _ = add(folder, "efficiency", capsys=capsys)
    assert code == 0 and "scheme_savings" in told["added"]
    code, told, _ = add(folder, "scheme_savings", capsys=capsys)
    assert (code, told["added"], told["already"]) == (0, [], ["scheme_savings"])
    assert add(folder, "uncertainties", capsys=capsys)[0] == 0
    sheets = openpyxl.load_workbook(folder / "inputs-template.xlsx", read_only=True).sheetnames
    assert {"scheme_savings", "uncertainties", "contracts"} <= set(sheets)
    assert rows_of(folder, "uncertainties") == []
    code, told, _ = add(folder, capsys=capsys)
    assert code == 0 and len(told["stages"]) == len(stages())


def test_a_template_in_use_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = folder / "inputs-template.xlsx"
    workbook = openpyxl.load_workbook(template)
    workbook["organisations"]["A4"] = "QZN"
    workbook.save(template)
    before = template.read_bytes()
    _, told, _ = add(folder, "uncertainties", capsys=capsys)
    assert template.read_bytes() == before
    assert told["files"] == ["inputs/uncertainties.csv", "inputs-template-uncertainties-1.xlsx"]
    more = openpyxl.load_workbook(folder / told["files"][1], read_only=True)
    assert more.sheetnames == ["cover", "checklist", "uncertainties", "lists"]


def test_a_method_for_a_contract_brings_its_tables_with_the_contract_filled_in(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, _ = add(folder, "C-ACU", "absorbed_cost", capsys=capsys)
    assert code == 0 and told["added"] == ["provider_costs"]
    (row,) = rows_of(folder, "provider_costs")
    assert row["contract"] == "C-ACU" and not any(
        text for name, text in row.items() if name != "contract"
    )
    assert rows_of(folder, "contract_methods") == [
        {
            "contract": "C-ACU",
            "step": "step_1",
            "option": "absorbed_cost",
            "reason": "",
            "agreed_by": "",
        }
    ]
    again = add(folder, "C-ACU", "absorbed_cost", capsys=capsys)[1]
    assert (again["added"], again["rows"]) == ([], {})
    assert len(rows_of(folder, "provider_costs")) == 1
    before = sorted((path.name, path.read_bytes()) for path in (folder / "inputs").iterdir())
    code, _, words = add(folder, "C-ACU", "schedule", capsys=capsys)
    assert code == 1 and "method_named_already" in words
    assert before == sorted(
        (path.name, path.read_bytes()) for path in (folder / "inputs").iterdir()
    )


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["shadows"], 2, "Did you mean 'shadow'?"),
        (["C-ACX", "schedule"], 2, "Did you mean 'C-ACU'?"),
        (["C-ACU", "shedule"], 2, "Did you mean 'schedule'?"),
        (["C-ACU", "boundary_carve_out"], 0, "method_not_the_contracts"),
        (["C-ACU", "national_reference_costs"], 0, "national_unit_costs"),
    ],
)
def test_what_is_not_known_is_asked_back(
    folder: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, words: str
) -> None:
    found, _, told = add(folder, *more, capsys=capsys)
    assert found == code and words in told
    assert main(["add", str(folder / "nowhere"), "shadow"]) == 2
