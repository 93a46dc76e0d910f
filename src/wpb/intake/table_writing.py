"""Writing imported rows into a table of a model folder: what was there is kept, or replaced only when asked."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wpb.intake.published_csv import read_published_csv
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.tables.schema import TableSpec

Row = Mapping[str, str]


@dataclass(frozen=True)
class PlannedTable:
    """A table as it is to be written: its path, its columns, its rows, and what became of those that were there."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    written: int
    replaced: tuple[Row, ...]
    kept: int


def plan_table(folder: Path, spec: TableSpec, rows: Sequence[Row], ours: Callable[[Row], bool], replace: bool, log: ProblemLog) -> PlannedTable:
    """Plan a table of a model folder with imported rows in place of those the import has a claim to.

    A row that is there already is claimed where its key is imported again or `ours` says so; every other row stays
    as it is. Claimed rows are an error unless `replace`.

    Records problems of the table that is there. Nothing is written.
    """
    path = folder / "inputs" / f"{spec.name}.csv"
    columns, there = _rows_there(path, spec, log)
    arriving = {_key(spec, row) for row in rows}
    claimed = [row for row in there if _key(spec, row) in arriving or ours(row)]
    kept = [row for row in there if not (_key(spec, row) in arriving or ours(row))]
    if claimed and not replace:
        names = ", ".join(".".join(_key(spec, row)) for row in claimed[:3])
        log.error(
            Cell(path.name, path.stem, ""),
            f"{path} already holds {len(claimed)} row{'s' if len(claimed) > 1 else ''} that this import would write ({names}{', …' if len(claimed) > 3 else ''}).",
            "Nothing was written. Add --replace to put the imported rows in their place.",
            "already_there",
        )
    return PlannedTable(path, columns, (*kept, *rows), len(rows), tuple(claimed), len(kept))


def write_tables(planned: Iterable[PlannedTable]) -> None:
    """Write planned tables, each whole or not at all."""
    written = []
    for table in planned:
        table.path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, table.columns, restval="", extrasaction="raise", lineterminator="\n")
        writer.writeheader()
        writer.writerows(table.rows)
        waiting = table.path.with_suffix(".csv.tmp")
        waiting.write_text(text.getvalue(), encoding="utf-8", newline="")
        written.append((waiting, table.path))
    for waiting, path in written:
        os.replace(waiting, path)


def _rows_there(path: Path, spec: TableSpec, log: ProblemLog) -> tuple[tuple[str, ...], list[Row]]:
    declared = tuple(column.name for column in spec.columns)
    if not path.exists():
        return declared, []
    try:
        found = read_published_csv(path, rows_required=False)
    except InputProblems as fault:
        log.extend(fault.problems)
        return declared, []
    strange = [name for name in found.header if name not in declared]
    lacking = [name for name in spec.key if name not in found.header]
    if strange or lacking:
        log.error(found.head(), f"The header of {path.name} is not that of the table: {', '.join([*strange, *lacking])}.", f"Its columns are {', '.join(declared)}.", "unknown_layout")
        return declared, []
    return declared, [dict(zip(found.header, row, strict=True)) for row in found.rows]


def _key(spec: TableSpec, row: Row) -> tuple[str, ...]:
    return tuple(row.get(name, "").strip() for name in spec.key)
