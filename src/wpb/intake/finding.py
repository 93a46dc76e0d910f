"""Finds the input files of a model and settles which sheet holds which table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from wpb.intake.csv_files import read_csv_file
from wpb.intake.grids import Grid, as_entered, is_blank
from wpb.intake.headings import first_row_after_notes
from wpb.intake.parquet_files import read_parquet_file
from wpb.intake.settings_files import SETTINGS_FILE, SETTINGS_SHEET, Entry, read_settings_file
from wpb.intake.settings_sheets import read_settings_sheet
from wpb.intake.upgrades.adapting import adapted, refuse_mixed, report_unfinished, stated_schema
from wpb.intake.workbooks import read_workbook
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.kernel.words import nearest
from wpb.tables import TABLES_BY_NAME
from wpb.tables.settings_shape import MODEL_SCHEMA, SCHEMA_SETTING, VERSION_SETTING
from wpb.tables.stages import STEP_SHEETS

INPUTS = "inputs"
WORKBOOKS = (".xlsx", ".xlsm")
GUIDE_SHEETS = ("cover", "checklist", "lists", *STEP_SHEETS)
"""Sheets of the template that guide its user and hold no table."""


@dataclass
class Found:
    """What was found: one grid a table, the settings file or sheet, hashes, and the tables that
    couldn't be read.
    """

    folder: Path
    grids: dict[str, Grid] = field(default_factory=dict)
    settings_file: Path | None = None
    settings_sheet: Grid | None = None
    hashes: dict[str, str] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    any_workbook_lost: bool = False
    entries: dict[str, Entry] | None = None
    """The settings as entered; None where there are none or they can't be read."""
    schema: int | None = MODEL_SCHEMA
    """The schema the folder states; None where it can't be read as any."""
    other_schemas: list[tuple[Cell, int]] = field(default_factory=list)
    """Schemas stated on settings sheets that are otherwise blank."""
    other_sheets: list[Grid] = field(default_factory=list)
    """Those sheets."""

    @property
    def settings_place(self) -> str:
        """The file that holds the settings."""
        return self.settings_sheet.file if self.settings_sheet is not None else SETTINGS_FILE


def find_inputs(path: Path, log: ProblemLog) -> Found:
    """Read every input file of a model folder, or of a single workbook, to grids by table, as
    today's schema has them.

    A folder of an older schema is read through the steps of an upgrade; its files stay as they are.
    Where the folder's schema can't be read, or an upgrade of it was stopped half way, `schema` is
    None and nothing should be made of the rest. Raises UsageProblem where nothing stands at the
    path.
    Source: req 443.
    """
    found = find_as_written(path, log)
    if report_unfinished(found.folder, log):
        found.schema = None
    if found.entries is None or found.schema is None:
        return found
    found.schema = stated_schema(found.entries, log)
    if found.schema is None:
        return found
    refuse_mixed(found.schema, found.other_schemas, log)
    if found.schema < MODEL_SCHEMA:
        view = adapted(found.entries, found.settings_place, found.grids, found.schema, log)
        found.entries = view.settings.entries
        found.grids = {name: table.grid for name, table in view.tables.items()}
    return found


def find_as_written(path: Path, log: ProblemLog) -> Found:
    """Read every input file to grids by table, whichever schema they are of.

    Raises UsageProblem where nothing stands at the path.
    """
    if not path.exists():
        raise UsageProblem(
            f"There is no model at {path}. Give the folder that holds model.yaml, or a workbook."
        )
    if path.is_file():
        if path.suffix.lower() not in WORKBOOKS:
            raise UsageProblem(f"{path} is neither a model folder nor an Excel workbook (.xlsx).")
        found = Found(path.parent)
        files = [path]
    else:
        found = Found(path)
        files = _folder_files(path, found)
    for file in sorted((found.folder / "assumptions").rglob("*.yaml")):
        found.hashes[file.relative_to(found.folder).as_posix()] = _hash(file)
    grids: list[Grid] = []
    for file in files:
        grids += _read_file(file, file.relative_to(found.folder).as_posix(), found, log)
    _settle(grids, found, log)
    if found.settings_file is not None:
        found.entries = read_settings_file(found.settings_file, log)
    elif found.settings_sheet is not None:
        found.entries = read_settings_sheet(found.settings_sheet, log)
    return found


def _folder_files(path: Path, found: Found) -> list[Path]:
    if (path / SETTINGS_FILE).is_file():
        found.settings_file = path / SETTINGS_FILE
        found.hashes[SETTINGS_FILE] = _hash(found.settings_file)
    inputs = path / INPUTS
    if not inputs.is_dir():
        return []
    return [
        file
        for file in sorted(inputs.iterdir())
        if file.is_file() and not file.name.startswith((".", "~$"))
    ]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_file(path: Path, file: str, found: Found, log: ProblemLog) -> list[Grid]:
    kind = path.suffix.lower()
    if kind in WORKBOOKS:
        found.hashes[file] = _hash(path)
        grids = read_workbook(path, file, log)
        found.any_workbook_lost |= not grids
        return grids
    readers = {".csv": read_csv_file, ".parquet": read_parquet_file}
    if kind not in readers:
        near = nearest(path.stem, TABLES_BY_NAME)
        hint = f"If it is the table '{near}', save" if near else "If it is an input, save"
        log.error(
            Cell(file, path.stem, ""),
            f"The file is not one that is read ({kind or 'no ending'}).",
            f"{hint} it as .csv, .xlsx or .parquet; otherwise keep it elsewhere: a file of"
            " this folder that is used for nothing may hold newer figures.",
            "file_unknown",
        )
        return []
    if path.stem not in TABLES_BY_NAME:
        _report_unknown(Cell(file, path.stem, ""), path.stem, "file", log)
        return []
    found.hashes[file] = _hash(path)
    grid = readers[kind](path, file, log)
    if grid is None:
        found.unreadable.add(path.stem)
    return [grid] if grid else []


def _report_unknown(where: Cell, name: str, what: str, log: ProblemLog) -> None:
    near = nearest(name, TABLES_BY_NAME)
    hint = f"Did you mean '{near}'? " if near else ""
    tell = log.error if what == "file" else log.warning
    tell(
        where,
        f"The {what} '{name}' is not one of the input tables, so it is not read.",
        f"{hint}Rename it to the table it holds, or take it out.",
        f"{what}_unknown",
    )


def _settle(grids: list[Grid], found: Found, log: ProblemLog) -> None:
    for grid in grids:
        if grid.sheet == SETTINGS_SHEET and grid.source == "excel":
            found.settings_sheet = _settings_sheet(grid, found, log)
        elif grid.sheet in TABLES_BY_NAME:
            _settle_table(grid, found, log)
        elif grid.sheet not in GUIDE_SHEETS and any(
            not is_blank(value) for row in grid.rows for value in row
        ):
            _report_unknown(grid.cell(0, 0), grid.sheet, "sheet", log)
    found.unreadable -= set(found.grids)


def has_rows(grid: Grid) -> bool:
    """Say whether a sheet holds anything below its headings."""
    return any(
        not is_blank(value) for row in grid.rows[first_row_after_notes(grid) + 1 :] for value in row
    )


def _settle_table(grid: Grid, found: Found, log: ProblemLog) -> None:
    """Keep the one sheet that holds a table; a second one with rows is refused, one with headings
    alone passed over.
    """
    other = found.grids.get(grid.sheet)
    if other is None:
        found.grids[grid.sheet] = grid
        return
    if has_rows(grid) and has_rows(other):
        log.error(
            grid.cell(0, 0),
            f"The table '{grid.sheet}' is given twice: here and in {other.file}.",
            "Keep one of the two; nothing says which is right.",
            "table_twice",
        )
        return
    found.grids[grid.sheet] = grid if has_rows(grid) else other


def _is_blank_file(path: Path) -> bool:
    """Whether a settings file says nothing but its schema and the version that wrote it."""
    entries = read_settings_file(path, ProblemLog())
    return entries is not None and not any(
        entry.text
        for name, entry in entries.items()
        if name not in (SCHEMA_SETTING, VERSION_SETTING)
    )


def _settings_sheet(grid: Grid, found: Found, log: ProblemLog) -> Grid | None:
    filled = any(
        not is_blank(grid.value(row, 1))
        and as_entered(grid.value(row, 0)).strip(" ") not in (SCHEMA_SETTING, VERSION_SETTING)
        for row in range(first_row_after_notes(grid) + 1, len(grid.rows))
    )
    if not filled and (found.settings_file or found.settings_sheet):
        entries = read_settings_sheet(grid, ProblemLog())
        if SCHEMA_SETTING in entries and (schema := stated_schema(entries, log)) is not None:
            found.other_schemas.append((entries[SCHEMA_SETTING].where, schema))
            found.other_sheets.append(grid)
        return found.settings_sheet
    if found.settings_file is not None and _is_blank_file(found.settings_file):
        found.settings_file = None  # the file that `wpb new` writes, left as it was
    other = (
        SETTINGS_FILE
        if found.settings_file
        else found.settings_sheet.file
        if found.settings_sheet
        else ""
    )
    if other:
        log.error(
            grid.cell(0, 0),
            f"The settings are given twice: on this sheet and in {other}.",
            "Keep one of the two, or clear the values here.",
            "settings_twice",
        )
        return found.settings_sheet
    return grid
