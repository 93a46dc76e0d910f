"""Files: CSV encodings, workbooks and Parquet; the twin of a folder is equal to it; damage is
named, not guessed at.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tiny_model import TINY, TinyModel, assert_found, spelled
from wpb.intake import check_model, read_model
from wpb.intake.settings_files import read_settings_file
from wpb.kernel.problems import Problem, ProblemLog
from wpb.tables import TABLES_BY_NAME
from wpb.tables.model import Model


@pytest.fixture
def tiny(tmp_path: Path) -> TinyModel:
    return TinyModel(tmp_path)


def in_excel(tiny: TinyModel, model: Model, table: str) -> list[list[Any]]:
    """A table's rows with numbers as numbers, dates as dates and flags as booleans, as Excel would
    hold them.
    """
    heading, *rows = tiny.rows(table)
    held: list[list[Any]] = [list(heading)]
    for number, row in enumerate(rows):
        values: list[Any] = []
        for name, text in zip(heading, row, strict=True):
            kind = TABLES_BY_NAME[table].column(name).kind
            typed = model[table].columns[name][number]
            if not text:
                values.append(None)
            elif kind == "pounds":
                values.append(float(typed) / 100)
            elif kind in ("number", "count", "rate", "share"):
                values.append(float(typed))
            elif kind == "yes_no":
                values.append(bool(typed))
            elif kind == "date":
                values.append(datetime.date.fromisoformat(str(typed)))
            else:
                values.append(text)
        held.append(values)
    return held


def workbook_of(tiny: TinyModel, path: Path, tables: list[str], with_settings: bool) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    model = read_model(tiny.folder)
    for table in tables:
        sheet = workbook.create_sheet(table)
        for row in in_excel(tiny, model, table):
            sheet.append(row)
    if with_settings:
        sheet = workbook.create_sheet("model")
        sheet.append(["setting", "value"])
        for key, entry in (
            read_settings_file(tiny.folder / "model.yaml", ProblemLog()) or {}
        ).items():
            if entry.text:
                sheet.append([key, int(entry.text) if entry.text.isdigit() else entry.text])
    workbook.save(path)
    return path


def assert_same_model(one: Model, other: Model) -> None:
    assert {**vars(one.settings), "places": None} == {**vars(other.settings), "places": None}
    for name, table in one.tables.items():
        for column, values in table.columns.items():
            np.testing.assert_array_equal(
                values, other.tables[name].columns[column], err_msg=f"{name}.{column}"
            )


ALL_NAMES = sorted(path.stem for path in (TINY / "inputs").glob("*.csv"))


def test_one_workbook_is_the_equal_of_the_folder(tiny: TinyModel, tmp_path: Path) -> None:
    twin = read_model(workbook_of(tiny, tmp_path / "twin.xlsx", ALL_NAMES, with_settings=True))
    assert_same_model(read_model(tiny.folder), twin)
    assert twin.warnings == []
    assert str(twin["contracts"].where(0, "value")) == "twin.xlsx, sheet contracts, cell G2"
    assert twin.settings.where("contract.years").sheet == "model"
    assert list(twin.input_hashes) == ["twin.xlsx"]


def test_a_folder_may_mix_csv_parquet_and_a_workbook(tiny: TinyModel, tmp_path: Path) -> None:
    before = read_model(tiny.folder)
    heading, *rows = in_excel(tiny, before, "allocations")
    workbook_of(
        tiny,
        tiny.folder / "inputs" / "some_tables.xlsx",
        ["contracts", "gp_lists"],
        with_settings=False,
    )
    columns = {name: [row[position] for row in rows] for position, name in enumerate(heading)}
    pq.write_table(
        pa.table(
            {
                **columns,
                "allocation": pa.array(
                    [Decimal(f"{value:.2f}") for value in columns["allocation"]]
                ),
            }
        ),
        tiny.path("allocations").with_suffix(".parquet"),
    )
    for table in ("contracts", "gp_lists", "allocations"):
        tiny.path(table).unlink()
    after = read_model(tiny.folder)
    assert_same_model(before, after)
    assert (
        str(after["allocations"].where(0, "allocation"))
        == "inputs/allocations.parquet, sheet allocations, cell D2"
    )


def test_a_table_given_twice_is_refused_and_headings_alone_are_passed_over(tiny: TinyModel) -> None:
    workbook_of(tiny, tiny.folder / "inputs" / "tables.xlsx", ["contracts"], with_settings=False)
    assert_found_in(
        tiny.errors(),
        "inputs/tables.xlsx",
        "contracts",
        "A1",
        "table_twice",
        "here and in inputs/contracts.csv",
    )
    tiny.change("contracts", lambda rows: rows.__delitem__(slice(1, None)))
    assert spelled(tiny.check().problems) == []


def test_settings_given_twice_are_refused(tiny: TinyModel) -> None:
    workbook_of(tiny, tiny.folder / "inputs" / "tables.xlsx", [], with_settings=True)
    assert_found_in(
        tiny.errors(), "inputs/tables.xlsx", "model", "A1", "settings_twice", "in model.yaml"
    )
    (tiny.folder / "model.yaml").unlink()
    assert spelled(tiny.check().problems) == []


def assert_found_in(
    problems: list[Problem], file: str, sheet: str, cell: str, code: str, words: str = ""
) -> None:
    found = [
        problem
        for problem in problems
        if problem.where
        and (problem.where.file, problem.where.sheet, problem.where.cell, problem.code)
        == (file, sheet, cell, code)
    ]
    assert found, spelled(problems)
    assert any(words in f"{problem.what} {problem.fix}" for problem in found), spelled(found)


@pytest.mark.parametrize(
    ("content", "cell", "words"),
    [
        (
            "organisation,name,kind\nICB1,Caf\u00e9,commissioner\n".encode("cp1252"),
            "B2",
            "looks like 'é' in Windows-1252",
        ),
        (
            "organisation,name,kind\nICB1,\u201cA\u201d,commissioner\n".encode("cp1252"),
            "B2",
            "CSV UTF-8",
        ),
        ("organisation,name,kind\n".encode("utf-16"), "A1", "UTF-16"),
        (b"organisation,name,kind\nICB1,A\x00B,commissioner\n", "B2", "null characters"),
    ],
)
def test_a_csv_in_another_encoding_is_refused_at_its_cell(
    tiny: TinyModel, content: bytes, cell: str, words: str
) -> None:
    tiny.path("organisations").write_bytes(content)
    assert_found(tiny.errors(), "organisations", cell, "encoding", words)


def test_a_csv_with_a_byte_order_mark_and_windows_line_ends_is_read(tiny: TinyModel) -> None:
    text = (
        tiny.path("organisations")
        .read_text(encoding="utf-8")
        .replace("\n", "\r\n")
        .replace("Tinyshire council", "Cyngor Ynys Môn")
    )
    tiny.path("organisations").write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    assert spelled(tiny.check().problems) == []
    assert "Cyngor Ynys Môn" in read_model(tiny.folder)["organisations"].text("name")


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "file_empty", "0 bytes"),
        (b"organisation;name;kind\nICB1;A;commissioner\n", "csv_separator", "semicolons"),
        (
            b'organisation,name,kind\nICB1,"A,commissioner\nLA1,B,council\n',
            "csv_broken",
            "never closed",
        ),
    ],
)
def test_a_broken_csv_is_refused(tiny: TinyModel, content: bytes, code: str, words: str) -> None:
    tiny.path("organisations").write_bytes(content)
    errors = tiny.errors()
    assert any(
        problem.code == code and words in f"{problem.what} {problem.fix}" for problem in errors
    ), spelled(errors)
    assert not any(problem.code == "code_unknown" for problem in errors), (
        "a table that can't be read is not held against the others"
    )


def test_a_quoted_value_over_two_lines_counts_as_one_row(tiny: TinyModel) -> None:
    text = (
        tiny.path("organisations")
        .read_text(encoding="utf-8")
        .replace("Tinyshire hospital", '"Tinyshire\nhospital"')
    )
    tiny.path("organisations").write_text(text, encoding="utf-8")
    tiny.set("organisations", "C6", "hospital")
    assert_found(tiny.errors(), "organisations", "C6", "choice_unknown")


Change = Callable[[openpyxl.Workbook], object]


def changed_workbook(tiny: TinyModel, tmp_path: Path, change: Change) -> list[Problem]:
    path = workbook_of(tiny, tmp_path / "twin.xlsx", ALL_NAMES, with_settings=True)
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(path)
    return check_model(path).problems


def error_cell(text: str) -> Change:
    def change(workbook: openpyxl.Workbook) -> None:
        cell = workbook["contracts"]["H2"]
        cell.value, cell.data_type = text, "e"

    return change


@pytest.mark.parametrize("text", ["#DIV/0!", "#N/A", "#REF!", "#VALUE!"])
def test_an_excel_error_never_reads_as_blank(tiny: TinyModel, tmp_path: Path, text: str) -> None:
    problems = changed_workbook(tiny, tmp_path, error_cell(text))
    assert_found_in(problems, "twin.xlsx", "contracts", "H2", "excel_error", text)


def test_a_formula_that_was_never_calculated_is_not_read_as_blank(
    tiny: TinyModel, tmp_path: Path
) -> None:
    problems = changed_workbook(
        tiny, tmp_path, lambda workbook: workbook["contracts"].__setitem__("H2", "=G2*0.75")
    )
    assert_found_in(problems, "twin.xlsx", "contracts", "H2", "not_calculated", "=G2*0.75")


def test_an_excel_error_in_the_settings_is_named(tiny: TinyModel, tmp_path: Path) -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        workbook["model"]["B2"].value, workbook["model"]["B2"].data_type = "#NAME?", "e"

    assert_found_in(
        changed_workbook(tiny, tmp_path, change),
        "twin.xlsx",
        "model",
        "B2",
        "excel_error",
        "#NAME?",
    )


def test_merged_cells_are_named(tiny: TinyModel, tmp_path: Path) -> None:
    problems = changed_workbook(
        tiny, tmp_path, lambda workbook: workbook["gp_lists"].merge_cells("D2:D4")
    )
    assert_found_in(problems, "twin.xlsx", "gp_lists", "D2", "merged_cells", "D2 to D4 are merged")
    assert_found_in(problems, "twin.xlsx", "gp_lists", "D3", "blank")


def test_habits_of_excel_are_noted_and_read(tiny: TinyModel, tmp_path: Path) -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        workbook["contracts"]["G2"].value = "12000000"
        workbook["provider_costs"].sheet_state = "hidden"
        for sheet, cell in (("care_packages", "A2"),):
            workbook[sheet][cell].value = 90210

    problems = changed_workbook(tiny, tmp_path, change)
    assert [problem.severity for problem in problems] == ["note"] * 3
    assert_found_note(problems, "contracts", "G2", "number_as_text")
    assert_found_note(problems, "care_packages", "A2", "code_as_number")
    assert_found_note(problems, "provider_costs", "A1", "sheet_hidden")
    assert "90210" in read_model(tmp_path / "twin.xlsx")["care_packages"].text("package")


def assert_found_note(problems: list[Problem], sheet: str, cell: str, code: str) -> None:
    assert [
        problem
        for problem in problems
        if problem.where
        and (problem.where.sheet, problem.where.cell, problem.code) == (sheet, cell, code)
    ], spelled(problems)


@pytest.mark.parametrize(
    ("number_format", "sign"),
    [("[$€-2] #,##0.00", "€"), ('"$"#,##0.00', "$"), ("$#,##0", "$"), ("[$$-409]#,##0.00", "$")],
)
def test_a_number_shown_in_another_currency_is_refused(
    tiny: TinyModel, tmp_path: Path, number_format: str, sign: str
) -> None:
    problems = changed_workbook(
        tiny,
        tmp_path,
        lambda workbook: setattr(workbook["contracts"]["G3"], "number_format", number_format),
    )
    assert_found_in(
        problems, "twin.xlsx", "contracts", "G3", "currency", f"in {sign}, but this model is in GBP"
    )


@pytest.mark.parametrize(
    "number_format", ["[$£-809]#,##0.00", '"£"#,##0.00', "[$-809]#,##0.00", "#,##0.00"]
)
def test_pounds_and_plain_numbers_are_taken_as_they_are(
    tiny: TinyModel, tmp_path: Path, number_format: str
) -> None:
    problems = changed_workbook(
        tiny,
        tmp_path,
        lambda workbook: setattr(workbook["contracts"]["G3"], "number_format", number_format),
    )
    assert spelled(problems) == []


def test_an_unknown_sheet_is_pointed_out_with_the_nearest_table(
    tiny: TinyModel, tmp_path: Path
) -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        workbook["adjustments"].title = "adjustment"
        workbook.create_sheet("cover").append(["Inputs"])
        workbook.create_sheet("empty")

    problems = changed_workbook(tiny, tmp_path, change)
    assert [(problem.severity, problem.code) for problem in problems] == [
        ("warning", "sheet_unknown")
    ]
    assert "Did you mean 'adjustments'?" in problems[0].fix


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda content: b"", "file_empty"),
        (lambda content: content[: len(content) // 2], "file_damaged"),
        (lambda content: content[:-30], "file_damaged"),
        (lambda content: content[:2000] + bytes(500) + content[2500:], "file_damaged"),
        (lambda content: b"not a workbook at all", "file_damaged"),
        (lambda content: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "file_locked"),
    ],
)
def test_a_damaged_workbook_is_named_and_nothing_else_is_held_against_it(
    tiny: TinyModel, tmp_path: Path, damage: Callable[[bytes], bytes], code: str
) -> None:
    path = workbook_of(tiny, tmp_path / "twin.xlsx", ALL_NAMES, with_settings=True)
    path.write_bytes(damage(path.read_bytes()))
    reading = check_model(path)
    assert reading.model is None
    assert [problem.code for problem in reading.problems] == [code], spelled(reading.problems)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda content: b"", "file_empty"),
        (lambda content: content[: len(content) // 2], "file_damaged"),
        (lambda content: b"PAR1", "file_damaged"),
    ],
)
def test_a_damaged_parquet_file_is_named(
    tiny: TinyModel, damage: Callable[[bytes], bytes], code: str
) -> None:
    heading, *rows = tiny.rows("organisations")
    path = tiny.path("organisations").with_suffix(".parquet")
    pq.write_table(
        pa.table({name: [row[position] for row in rows] for position, name in enumerate(heading)}),
        path,
    )
    tiny.path("organisations").unlink()
    assert spelled(tiny.check().problems) == []
    path.write_bytes(damage(path.read_bytes()))
    assert_found_in(tiny.errors(), "inputs/organisations.parquet", "organisations", "", code)


def test_a_missing_number_in_parquet_is_a_blank(tiny: TinyModel) -> None:
    heading, *rows = in_excel(tiny, read_model(tiny.folder), "gp_lists")
    columns: dict[str, list[Any]] = {
        name: [row[position] for row in rows] for position, name in enumerate(heading)
    }
    columns["population"][1] = float("nan")
    pq.write_table(pa.table(columns), tiny.path("gp_lists").with_suffix(".parquet"))
    tiny.path("gp_lists").unlink()
    assert_found_in(tiny.errors(), "inputs/gp_lists.parquet", "gp_lists", "F3", "blank")
