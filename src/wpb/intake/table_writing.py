"""Writing imported rows into a table of a model folder: what was there is kept, or replaced only
when asked.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wpb.intake.csv_files import read_csv_file
from wpb.intake.finding import INPUTS, WORKBOOKS, find_inputs, has_rows
from wpb.intake.grids import as_entered
from wpb.intake.headings import COMMENT, first_row_after_notes
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.schema import TableSpec

Row = Mapping[str, str]


@dataclass(frozen=True)
class TableThere:
    """A table as it is in the model folder: notes above the heading, columns and rows, all as
    text.
    """

    notes: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class PlannedTable:
    """A table as it is to be written, and what becomes of the rows that were there."""

    path: Path
    notes: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    written: int
    replaced: tuple[Row, ...]
    kept: int


def plan_table(
    folder: Path,
    spec: TableSpec,
    rows: Sequence[Row],
    ours: Callable[[Row], bool],
    replace: bool,
    log: ProblemLog,
) -> PlannedTable:
    """Plan a table of a model folder with imported rows in place of those the import has a claim
    to.

    A row that is there already is claimed where its key is imported again or `ours` says so; every
    other row stays as it is. Claimed rows are an error unless `replace`.

    Records problems of the table that is there. Nothing is written.
    """
    path = folder / INPUTS / f"{spec.name}.csv"
    there = _table_there(folder, path, spec, log)
    arriving = {_key(spec, row) for row in rows}
    claimed = [row for row in there.rows if _key(spec, row) in arriving or ours(row)]
    kept = [row for row in there.rows if not (_key(spec, row) in arriving or ours(row))]
    if claimed and not replace:
        names = ", ".join(".".join(_key(spec, row)) for row in claimed[:3])
        log.error(
            Cell(path.name, path.stem, ""),
            f"{path} already holds {len(claimed)} row{'s' if len(claimed) > 1 else ''} that this"
            f" import would write ({names}{', …' if len(claimed) > 3 else ''}).",
            "Nothing was written. Add --replace to put the imported rows in their place.",
            "already_there",
        )
    return PlannedTable(
        path, there.notes, there.columns, (*kept, *rows), len(rows), tuple(claimed), len(kept)
    )


def write_tables(planned: Iterable[PlannedTable]) -> None:
    """Write planned tables, each whole or not at all."""
    written = []
    for table in planned:
        table.path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(table.notes)
        writer = csv.DictWriter(
            text, table.columns, restval="", extrasaction="raise", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(table.rows)
        waiting = table.path.with_suffix(".csv.tmp")
        waiting.write_text(text.getvalue(), encoding="utf-8", newline="")
        written.append((waiting, table.path))
    for waiting, path in written:
        waiting.replace(path)


def _table_there(folder: Path, path: Path, spec: TableSpec, log: ProblemLog) -> TableThere:
    declared = tuple(column.name for column in spec.columns)
    _check_other_files(folder, path, spec, log)
    grid = read_csv_file(path, f"{INPUTS}/{path.name}", log) if path.exists() else None
    if grid is None:
        return TableThere((), declared, ())
    heading = first_row_after_notes(grid)
    lines = [tuple(as_entered(value) for value in row) for row in grid.rows]
    header = tuple(name.strip() for name in lines[heading]) if heading < len(lines) else ()
    strange = [name for name in header if name not in declared and not name.startswith(COMMENT)]
    lacking = [name for name in spec.key if name not in header]
    if header and (strange or lacking or len(set(header)) < len(header)):
        listed = (
            ", ".join(
                [
                    *(f"'{name}' is not one of its columns" for name in strange),
                    *(f"'{name}' is missing" for name in lacking),
                ]
            )
            or "a column is there twice"
        )
        log.error(
            grid.cell(heading, 0),
            f"The table can't be added to: {listed}.",
            f"Its columns are {', '.join(declared)}.",
            "unknown_layout",
        )
        return TableThere((), declared, ())
    filled = [line for line in lines[heading + 1 :] if any(cell.strip() for cell in line)]
    beyond = next(
        (line for line in filled if any(cell.strip() for cell in line[len(header) :])), None
    )
    if beyond is not None:
        log.error(
            grid.cell(lines.index(beyond), len(header)),
            "The row goes on past the last heading.",
            "Look for a comma that should be in quotation marks, or give the column a heading.",
            "row_too_long",
        )
    rows = tuple(dict(zip(header, (*line, *[""] * len(header)), strict=False)) for line in filled)
    return TableThere(
        tuple(lines[:heading]), (*header, *(name for name in declared if name not in header)), rows
    )


def _check_other_files(folder: Path, path: Path, spec: TableSpec, log: ProblemLog) -> None:
    """A table with rows in a workbook or a Parquet file must not get a second home in a CSV
    file.
    """
    inputs = folder / INPUTS
    if not (
        inputs.is_dir()
        and any(file.suffix.lower() in (*WORKBOOKS, ".parquet") for file in inputs.iterdir())
    ):
        return
    grid = find_inputs(folder, ProblemLog()).grids.get(spec.name)
    if grid is not None and grid.source != "csv" and has_rows(grid):
        log.error(
            Cell(grid.file, grid.sheet, ""),
            f"The table '{spec.name}' already has its rows in {grid.file}.",
            f"Take them out there, then import into {path.name}; a table is read from one place"
            " only.",
            "table_elsewhere",
        )


def _key(spec: TableSpec, row: Row) -> tuple[str, ...]:
    return tuple(row.get(name, "").strip() for name in spec.key)
