"""`wpb new`: what it writes, and that a template filled in by hand reads back as the same model."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import formualizer
import numpy as np
import openpyxl
import pytest

from tests.tiny_model import TINY, spelled
from wpb.intake import check_model, read_model
from wpb.intake.settings_files import read_settings_file
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.present.empty_model import write_empty_model
from wpb.present.template import FIRST_ROW, HEADING_ROW, write_template
from wpb.tables import ALL_TABLES, TABLES_BY_NAME
from wpb.tables.stages import STEP_SHEETS, first_tables

HEADINGS, FIRST = HEADING_ROW + 1, FIRST_ROW + 1
"""Rows as openpyxl counts them, from 1."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "inputs-template.xlsx"
    write_template(path)
    return path


def typed(table: str, name: str, text: str) -> object:
    """A value as a user types it into Excel: numbers become numbers, everything else stays text."""
    if TABLES_BY_NAME[table].column(name).is_number:
        bare = text.replace("£", "").replace(",", "")
        return float(bare[:-1]) / 100 if bare.endswith("%") else float(bare)
    return text


def filled_in(template: Path, path: Path) -> Path:
    """The template with the fixture model typed into it, sheet by sheet."""
    workbook = openpyxl.load_workbook(template)
    for source in (TINY / "inputs").glob("*.csv"):
        with source.open(encoding="utf-8", newline="") as stream:
            heading, *rows = csv.reader(stream)
        sheet = workbook[source.stem]
        for number, row in enumerate(rows, start=FIRST):
            for position, text in enumerate(row, start=1):
                if text:
                    sheet.cell(number, position).value = typed(
                        source.stem, heading[position - 1], text
                    )
    sheet = workbook["model"]
    places: dict[Any, int] = {
        sheet.cell(row, 1).value: row for row in range(FIRST, sheet.max_row + 1)
    }
    for key, entry in (read_settings_file(TINY / "model.yaml", ProblemLog()) or {}).items():
        if entry.text:
            line = places.setdefault(key, max(places.values()) + 1)
            sheet.cell(line, 1).value, sheet.cell(line, 2).value = key, entry.text
    workbook.save(path)
    return path


def test_a_filled_template_reads_back_as_the_same_model(template: Path, tmp_path: Path) -> None:
    path = filled_in(template, tmp_path / "model.xlsx")
    assert spelled(check_model(path).problems) == []
    twin, original = read_model(path), read_model(TINY)
    assert {**vars(twin.settings), "places": None} == {**vars(original.settings), "places": None}
    for name, table in original.tables.items():
        for column, values in table.columns.items():
            np.testing.assert_array_equal(
                values, twin.tables[name].columns[column], err_msg=f"{name}.{column}"
            )
    assert twin["contracts"].where(0, "value").cell == f"G{FIRST}"


def test_a_filled_template_may_stand_in_the_inputs_of_a_new_model(
    template: Path, tmp_path: Path
) -> None:
    write_empty_model(tmp_path / "new")
    filled_in(template, tmp_path / "new" / "inputs" / "inputs.xlsx")
    assert spelled(check_model(tmp_path / "new").problems) == []
    (tmp_path / "new" / "model.yaml").unlink()
    assert spelled(check_model(tmp_path / "new").problems) == []


def test_an_empty_template_asks_for_each_needed_thing_at_its_cell(template: Path) -> None:
    problems = check_model(template).problems
    assert {problem.code for problem in problems} == {
        "setting_missing",
        "table_empty",
        "spend_missing",
    }
    assert {
        problem.where.sheet
        for problem in problems
        if problem.where and problem.code == "table_empty"
    } == {spec.name for spec in ALL_TABLES if spec.required}
    title = next(problem for problem in problems if "'title'" in problem.what)
    assert title.where is not None and (title.where.sheet, title.where.cell) == (
        "model",
        f"B{FIRST + 3}",
    )


def test_every_table_has_its_sheet_with_headings_help_and_frozen_panes(template: Path) -> None:
    workbook = openpyxl.load_workbook(template)
    assert workbook.sheetnames == [
        "cover",
        "checklist",
        *STEP_SHEETS,
        "model",
        *(spec.name for spec in ALL_TABLES),
        "lists",
    ]
    for spec in ALL_TABLES:
        sheet = workbook[spec.name]
        headings = [sheet.cell(HEADINGS, position) for position in range(1, len(spec.columns) + 1)]
        assert [cell.value for cell in headings] == [column.name for column in spec.columns]
        assert all(
            cell.comment is not None and column.help in cell.comment.text
            for cell, column in zip(headings, spec.columns, strict=True)
        )
        assert sheet.freeze_panes == f"B{FIRST}"
        assert str(sheet["A1"].value).startswith("# ")


def test_choices_and_codes_have_drop_downs(template: Path) -> None:
    workbook = openpyxl.load_workbook(template)
    lists = workbook["lists"]
    for spec in ALL_TABLES:
        rules = {
            str(rule.sqref).split(":")[0]: rule
            for rule in workbook[spec.name].data_validations.dataValidation
        }
        for position, column in enumerate(spec.columns, start=1):
            rule = rules.get(f"{workbook[spec.name].cell(FIRST, position).coordinate}")
            if column.kind == "choice":
                assert rule is not None and rule.type == "list"
                area = str(rule.formula1).removeprefix("lists!").replace("$", "")
                assert tuple(cell.value for (cell,) in lists[area]) == column.choices
            elif column.refers_to:
                table, _, name = column.refers_to.partition(".")
                assert rule is not None and f"{table}!" in str(rule.formula1)
                letter = (
                    workbook[table]
                    .cell(
                        HEADINGS,
                        [other.name for other in TABLES_BY_NAME[table].columns].index(name) + 1,
                    )
                    .column_letter
                )
                assert f"${letter}${FIRST}" in str(rule.formula1)
            elif column.is_number:
                assert rule is not None and rule.type == "decimal"


def test_codes_and_years_are_held_as_text_and_inputs_are_yellow(template: Path) -> None:
    sheet = openpyxl.load_workbook(template)["contracts"]
    dimensions = list(sheet.column_dimensions.values())
    for position, column in enumerate(TABLES_BY_NAME["contracts"].columns, start=1):
        (style,) = [found for found in dimensions if found.min <= position <= found.max]
        assert style.fill.start_color.rgb == ("FFFFF2CC" if column.required else "FFFFFBEE")
        assert style.number_format == ("#,##0.00" if column.kind == "pounds" else "@")


def states(path: Path) -> dict[str, tuple[float, float, str]]:
    """Rows, blanks and state of each sheet on the checklist, calculated afresh."""
    formualizer.recalculate_file(str(path))
    sheet = openpyxl.load_workbook(path, data_only=True)["checklist"]
    return {
        str(row[0].value): (row[3].value, row[4].value, str(row[5].value))
        for row in sheet.iter_rows(min_row=4)
    }


def test_the_checklist_goes_green_as_sheets_are_filled(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "part.xlsx"
    workbook = openpyxl.load_workbook(template)
    for number, row in enumerate(
        (("ICB1", "A board", "commissioner"), ("COM1", "A trust", "provider")), start=FIRST
    ):
        for position, value in enumerate(row, start=1):
            workbook["organisations"].cell(number, position).value = value
    workbook["gp_lists"].cell(FIRST, 1).value = "P81001"
    workbook.save(path)
    found = states(path)
    assert found["organisations"] == (2, 0, "Ready")
    assert found["gp_lists"] == (1, 4, "Has blanks")
    assert found["funding_streams"] == (0, 0, "Fill in")
    assert found["contracts"] == (0, 0, "Not used")
    rules = openpyxl.load_workbook(template)["checklist"].conditional_formatting
    colours = {rule.formula[0]: rule.dxf.fill.bgColor.rgb for area in rules for rule in area.rules}
    assert colours['$F4="Ready"'] == "FFC6EFCE"


def test_a_new_folder_holds_settings_headings_and_the_template(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "midshire"
    written = write_empty_model(folder)
    assert {path.relative_to(folder).as_posix() for path in written} == {
        "model.yaml",
        "inputs-template.xlsx",
        *(f"inputs/{spec.name}.csv" for spec in first_tables()),
    }
    codes = {problem.code for problem in check_model(folder).problems}
    assert codes == {"setting_missing", "table_empty", "spend_missing"}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(UsageProblem, match="nothing was written"):
        write_empty_model(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_two_templates_hold_the_same_bytes_inside(template: Path, tmp_path: Path) -> None:
    write_template(tmp_path / "again.xlsx")
    with zipfile.ZipFile(template) as one, zipfile.ZipFile(tmp_path / "again.xlsx") as other:
        assert one.namelist() == other.namelist()
        assert all(one.read(name) == other.read(name) for name in one.namelist())
