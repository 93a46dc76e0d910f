"""Reads an Excel workbook to grids: values by calamine, then a second look for what calamine shows
as blank.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from wpb.intake.grids import Grid, Raw, SheetFault
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog

LARGEST_UNPACKED = 2_000_000_000
WORKED_OUT = re.compile(r"\d+ |assumptions$")
"""Sheets that a live workbook adds to its inputs: stages such as '4 Priced activity', and the
assumptions, which are read apart.
"""
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"


def read_workbook(path: Path, file: str, log: ProblemLog) -> list[Grid]:
    """Read every sheet of a workbook to a grid; an empty list, with the problem logged, where it
    can't be read.

    Error cells (#DIV/0!, #N/A) and formulas without a saved result are kept as faults: a plain read
    shows both as blank.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    if not _opens(path, file, log):
        return []
    grids = []
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        for meta in workbook.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet or WORKED_OUT.match(meta.name):
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            rows: list[list[Raw]] = [
                [_plain(value) for value in row] for row in sheet.to_python(skip_empty_area=False)
            ]
            merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or []]
            grids.append(
                Grid(
                    file, meta.name, "excel", rows, merged, meta.visible != SheetVisibleEnum.Visible
                )
            )
        by_sheet = {grid.sheet: grid for grid in grids}
        _mark_faults(path, by_sheet)
        _mark_currencies(path, by_sheet)
    except (
        CalamineError,
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
        ValueError,
        OSError,
    ) as fault:
        _damaged(file, path, str(fault) or type(fault).__name__, log)
        return []
    return grids


def _plain(value: object) -> Raw:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date()
    return value  # type: ignore[return-value]


def _damaged(file: str, path: Path, why: str, log: ProblemLog) -> None:
    log.error(
        Cell(file, path.stem, ""),
        f"The workbook is cut short or damaged: {why.splitlines()[0]}.",
        "Open it in Excel, repair it and save it again, or copy it afresh.",
        "file_damaged",
    )


def _opens(path: Path, file: str, log: ProblemLog) -> bool:
    """Test the file as a whole: empty, locked, cut short or damaged workbooks are refused here."""
    where = Cell(file, path.stem, "")
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start:
        log.error(
            where,
            "The workbook is empty (0 bytes).",
            "Save it again from its source, or take it out.",
            "file_empty",
        )
        return False
    if start == OLD_OR_LOCKED:
        log.error(
            where,
            "The workbook is locked by a password, or is in Excel's old .xls format.",
            "Save it as .xlsx without a password.",
            "file_locked",
        )
        return False
    try:
        with zipfile.ZipFile(path) as package:
            if sum(item.file_size for item in package.infolist()) > LARGEST_UNPACKED:
                log.error(
                    where,
                    "The workbook unpacks to more than 2 GB.",
                    "Save the large tables as CSV or Parquet.",
                    "file_too_large",
                )
                return False
            spoilt = package.testzip()
            if spoilt:
                raise zipfile.BadZipFile(f"its part {spoilt} is spoilt")
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        NotImplementedError,
        zipfile.zlib.error,  # type: ignore[attr-defined]
    ) as fault:
        _damaged(file, path, str(fault), log)
        return False
    return True


def _mark_faults(path: Path, grids: dict[str, Grid]) -> None:
    """Find error cells and uncalculated formulas, looking closely only at sheets that may hold one."""
    suspect = _suspect_sheets(path)
    if not suspect & set(grids):
        return
    import openpyxl

    formulas = openpyxl.load_workbook(path, read_only=True, data_only=False)
    values = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for name in suspect & set(grids):
        for formula_row, value_row in zip(
            formulas[name].iter_rows(), values[name].iter_rows(), strict=False
        ):
            for formula, value in zip(formula_row, value_row, strict=False):
                if value.data_type == "e":
                    _mark(grids[name], value.row, value.column, SheetFault(str(value.value)))
                elif formula.data_type == "f" and value.data_type == "n" and value.value is None:
                    _mark(
                        grids[name],
                        formula.row,
                        formula.column,
                        SheetFault(str(formula.value), calculated=False),
                    )
    formulas.close()
    values.close()


def _mark_currencies(path: Path, grids: dict[str, Grid]) -> None:
    """Note the numbers whose format shows a currency sign other than the pound's: calamine gives
    the bare number.
    """
    with zipfile.ZipFile(path) as package:
        if "xl/styles.xml" not in package.namelist() or not FOREIGN_FORMAT.search(
            package.read("xl/styles.xml").decode("utf-8", errors="replace")
        ):
            return
    import openpyxl

    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for name, grid in grids.items():
        for row in workbook[name].iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float) and (
                    sign := _sign_of(str(cell.number_format))
                ):
                    grid.shown_in[cell.row - 1, cell.column - 1] = sign
    workbook.close()


FOREIGN_FORMAT = re.compile(r'formatCode="[^"]*(?:[€¥]|\$(?!-))')


def _sign_of(number_format: str) -> str:
    """The currency sign a number format shows: [$€-2] or "$" as literal text; a locale tag such as
    [$-409] is none.
    """
    bare = re.sub(r"\[\$([^\]\-]*)[^\]]*\]", r"\1", number_format)
    return next((sign for sign in ("$", "€", "¥") if sign in bare), "")


def _mark(grid: Grid, row: int, column: int, fault: SheetFault) -> None:
    while len(grid.rows) < row:
        grid.rows.append([])
    values = grid.rows[row - 1]
    values.extend([None] * (column - len(values)))
    values[column - 1] = fault


SUSPECT = re.compile(rb"""\bt=["']e["']|<(?:\w+:)?f[ />]""")


def _suspect_sheets(path: Path) -> set[str]:
    """Name the sheets whose XML holds an error cell or a formula, by a scan much quicker than a
    full second read.
    """
    relations = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    found = set()
    with zipfile.ZipFile(path) as package:
        targets = {
            item.get("Id"): str(item.get("Target"))
            for item in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
        }
        for item in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
            target = targets.get(item.get(relations), "")
            if item.tag.endswith("}sheet") and "worksheets/" in target:
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                if SUSPECT.search(package.read(part)):
                    found.add(str(item.get("name")))
    return found
