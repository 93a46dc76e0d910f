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
from wpb.intake.sheet_facts import currency_shown, sheet_facts
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
    shows both as blank. Hidden rows, number formats and formulas that add up are kept too.
    """
    if not _opens(path, file, log):
        return []
    return _read(path, file, log, facts=True)


def read_other_workbook(path: Path, file: str, log: ProblemLog) -> list[Grid]:
    """Read every sheet of an .xls, .xlsb or .ods workbook to a grid; an empty list, with the
    problem logged, where it can't be read.

    These give values and merged cells alone: hidden rows, formats and errors of formulas can't be
    seen, which the grid says.
    """
    if not path.stat().st_size:
        _empty(Cell(file, path.stem, ""), log)
        return []
    grids = _read(path, file, log, facts=False)
    for grid in grids:
        grid.said = (
            (
                f"format {path.suffix.lower()}, in which hidden rows, number formats and failed"
                " formulas can't be seen"
            ),
        )
    return grids


def _read(path: Path, file: str, log: ProblemLog, facts: bool) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

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
            hidden = meta.visible != SheetVisibleEnum.Visible
            grids.append(Grid(file, meta.name, "excel", rows, merged, hidden))
        if facts:
            _mark_facts(path, {grid.sheet: grid for grid in grids})
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


def _empty(where: Cell, log: ProblemLog) -> None:
    log.error(
        where,
        "The workbook is empty (0 bytes).",
        "Save it again from its source, or take it out.",
        "file_empty",
    )


def _opens(path: Path, file: str, log: ProblemLog) -> bool:
    """Test the file as a whole: empty, locked, cut short or damaged workbooks are refused here."""
    where = Cell(file, path.stem, "")
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start:
        _empty(where, log)
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


def _mark_facts(path: Path, grids: dict[str, Grid]) -> None:
    """Mark what the sheets say beyond their values: faults, formats, hidden rows and columns."""
    with zipfile.ZipFile(path) as package:
        for name, facts in sheet_facts(package):
            grid = grids.get(name)
            if grid is None:
                continue
            for (row, position), fault in facts.faults.items():
                _mark(grid, row + 1, position + 1, fault)
            grid.formats = facts.formats
            grid.shown_in = {
                (row, position): sign
                for (row, position), shown in facts.formats.items()
                if (sign := currency_shown(shown)) and _is_number(grid, row, position)
            }
            grid.hidden_rows = frozenset(facts.hidden_rows)
            grid.hidden_columns = frozenset(facts.hidden_columns)
            grid.sums = frozenset(facts.sums)


def _is_number(grid: Grid, row: int, position: int) -> bool:
    value = grid.value(row, position) if row < len(grid.rows) else None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mark(grid: Grid, row: int, column: int, fault: SheetFault) -> None:
    while len(grid.rows) < row:
        grid.rows.append([])
    values = grid.rows[row - 1]
    values.extend([None] * (column - len(values)))
    values[column - 1] = fault
