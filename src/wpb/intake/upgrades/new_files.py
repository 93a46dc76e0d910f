"""The new content of every file that an upgrade changes, each read back before it is trusted."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping
from pathlib import Path

from wpb.intake.csv_files import read_csv_file
from wpb.intake.grids import Grid, Raw, as_entered
from wpb.intake.parquet_files import read_parquet_file
from wpb.intake.settings_files import SETTINGS_FILE, Entry, read_settings_file
from wpb.intake.settings_sheets import read_settings_sheet
from wpb.intake.upgrades.view import FolderView, TableView
from wpb.intake.upgrades.workbook_edits import UneditableWorkbook, edited_workbook
from wpb.intake.upgrades.yaml_edits import edited_yaml
from wpb.intake.workbooks import read_workbook
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.settings_shape import SCHEMA_SETTING, VERSION_SETTING


def new_files(
    folder: Path, view: FolderView, settings_sheets: list[Grid], log: ProblemLog
) -> dict[str, bytes]:
    """Give the new bytes of each file of a folder that the steps changed, by its path in it.

    settings_sheets: the sheet that holds the settings, if one does, then others that state a
    schema. Logs a file that can't be rewritten; nothing is written here.
    Source: req 443.
    """
    found: dict[str, bytes] = {}
    in_workbooks: dict[str, dict[str, dict[tuple[int, int], object]]] = {}
    for table in view.tables.values():
        if not table.changed:
            continue
        if table.grid.source == "excel":
            edits = in_workbooks.setdefault(table.grid.file, {})
            edits[table.grid.sheet] = _cell_edits(table.read, table.grid)
        else:
            write = _csv_bytes if table.grid.source == "csv" else _parquet_bytes
            found[table.grid.file] = write(folder / table.grid.file, table)
    if view.settings.edits:
        _settings_edits(folder, view, settings_sheets, found, in_workbooks)
    for file, sheets in in_workbooks.items():
        try:
            found[file] = edited_workbook((folder / file).read_bytes(), sheets)
        except UneditableWorkbook as fault:
            log.error(
                Cell(file, "", ""),
                f"The workbook can't be upgraded: {fault}.",
                "Open it in Excel, save it as .xlsx, and upgrade again. Nothing was changed.",
                "upgrade_not_possible",
            )
    for file, content in found.items():
        _read_back(file, content, view, settings_sheets, log)
    return found


def _cell_edits(before: Grid, after: Grid) -> dict[tuple[int, int], object]:
    edits: dict[tuple[int, int], object] = {}
    for row, values in enumerate(after.rows):
        old = before.rows[row] if row < len(before.rows) else []
        for position, value in enumerate(values):
            there = old[position] if position < len(old) else ""
            if there is not value and as_entered(there) != as_entered(value):
                edits[row, position] = value
    return edits


def _csv_bytes(path: Path, table: TableView) -> bytes:
    """Write a CSV again with its own line ends, byte order mark and notes."""
    content = path.read_bytes()
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    text = io.StringIO(newline="")
    ending = "\r\n" if b"\r\n" in content else "\n"
    csv.writer(text, lineterminator=ending).writerows(table.grid.rows)
    return mark + text.getvalue().encode("utf-8")


def _parquet_bytes(path: Path, table: TableView) -> bytes:
    """Write a Parquet file again: untouched columns keep their type."""
    import pyarrow
    import pyarrow.parquet as parquet

    old, rows = parquet.read_table(path), table.grid.rows
    columns = []
    for position in range(len(rows[0])):
        values = [_value(row, position) for row in rows[1:]]
        before = [_value(row, position) for row in table.read.rows[1:]]
        if position < old.num_columns and values == before:
            columns.append(old.column(position))
        elif all(isinstance(value, int | float) or value is None for value in values):
            columns.append(pyarrow.array(values))
        else:
            columns.append(pyarrow.array([as_entered(value) for value in values]))
    names = [as_entered(name) for name in rows[0]]
    sink = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(columns, names=names), sink)
    return sink.getvalue()


def _value(row: list[Raw], position: int) -> Raw:
    return row[position] if position < len(row) else None


def _settings_edits(
    folder: Path,
    view: FolderView,
    sheets: list[Grid],
    found: dict[str, bytes],
    in_workbooks: dict[str, dict[str, dict[tuple[int, int], object]]],
) -> None:
    """Edit model.yaml, or the sheet that holds the settings; other sheets take over the schema."""
    settings_file = view.settings.file
    if settings_file == SETTINGS_FILE:
        content = (folder / SETTINGS_FILE).read_bytes()
        mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
        text = edited_yaml(content.decode("utf-8-sig"), view.settings.edits)
        found[SETTINGS_FILE] = mark + text.encode("utf-8")
    for sheet in sheets:
        cells = in_workbooks.setdefault(sheet.file, {}).setdefault(sheet.sheet, {})
        after = len(sheet.rows)
        for edit in view.settings.edits:
            if sheet.file != settings_file and edit.key not in (SCHEMA_SETTING, VERSION_SETTING):
                continue  # a sheet that holds no settings goes on holding none
            row = _setting_row(sheet, edit.key)
            if edit.act == "set" and row is None and sheet.file == settings_file:
                cells[after, 0], cells[after, 1] = edit.key, edit.value
                after += 1
            elif edit.act == "set" and row is not None:
                cells[row, 1] = edit.value
            elif edit.act == "rename" and row is not None:
                cells[row, 0] = edit.value
            elif edit.act == "remove" and row is not None:
                cells[row, 0], cells[row, 1] = "", ""


def _setting_row(sheet: Grid, key: str) -> int | None:
    return next(
        (
            row
            for row in range(len(sheet.rows))
            if sheet.rows[row] and as_entered(sheet.value(row, 0)).strip(" ") == key
        ),
        None,
    )


def _read_back(
    file: str, content: bytes, view: FolderView, sheets: list[Grid], log: ProblemLog
) -> None:
    """Read new content with the readers of every day and hold it to the view, cell by cell."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / Path(file).name
        path.write_bytes(content)
        if file == SETTINGS_FILE:
            entries = read_settings_file(path, ProblemLog()) or {}
            same = _filled(entries) == _filled(view.settings.entries)
        else:
            same = _same_tables(path, file, view, sheets)
    if not same:
        log.error(
            Cell(file, "", ""),
            "The file can't be upgraded: read back, it would not say what the upgrade means.",
            "Nothing was changed. Save it afresh (a plain CSV, or from Excel) and upgrade again.",
            "upgrade_not_possible",
        )


def _same_tables(path: Path, file: str, view: FolderView, sheets: list[Grid]) -> bool:
    log = ProblemLog()
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        grids = {grid.sheet: grid for grid in read_workbook(path, file, log)}
    else:
        read = read_csv_file if path.suffix.lower() == ".csv" else read_parquet_file
        single = read(path, file, log)
        grids = {single.sheet: single} if single is not None else {}
    expected = [table.grid for table in view.tables.values() if table.grid.file == file]
    if not all(
        grid.sheet in grids and _texts(grids[grid.sheet]) == _texts(grid) for grid in expected
    ):
        return False
    if view.settings.file != file:
        return True
    own = next(sheet for sheet in sheets if sheet.file == file)
    entries = read_settings_sheet(grids[own.sheet], log) if own.sheet in grids else {}
    return _filled(entries) == _filled(view.settings.entries)


def _filled(entries: Mapping[str, Entry]) -> dict[str, str]:
    return {key: entry.text for key, entry in entries.items() if entry.text}


def _texts(grid: Grid) -> list[list[str]]:
    rows = [[as_entered(value) for value in row] for row in grid.rows]
    for row in rows:
        while row and not row[-1]:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows
