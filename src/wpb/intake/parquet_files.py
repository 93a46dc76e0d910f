"""Reads a Parquet file to a grid; its column names stand in row 1, as in the CSV it could have
been.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from wpb.intake.grids import Grid, Raw
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog


def read_parquet_file(path: Path, file: str, log: ProblemLog) -> Grid | None:
    """Read a Parquet file to a grid; None, with the problem logged, where it can't be read."""
    import pyarrow
    import pyarrow.parquet as parquet

    sheet = path.stem
    if not path.stat().st_size:
        log.error(
            Cell(file, sheet, ""),
            "The file is empty (0 bytes).",
            "Save it again from its source, or take it out.",
            "file_empty",
        )
        return None
    try:
        table = parquet.read_table(path)
        columns = [column.to_pylist() for column in table.columns]
    except (pyarrow.ArrowException, OSError, ValueError) as fault:
        log.error(
            Cell(file, sheet, ""),
            f"The Parquet file is cut short or damaged: {str(fault).splitlines()[0]}.",
            "Write it again from its source.",
            "file_damaged",
        )
        return None
    rows: list[list[Raw]] = [list(table.column_names)]
    rows += [[_raw(value) for value in record] for record in zip(*columns, strict=True)]
    return Grid(file, sheet, "parquet", rows)


def _raw(value: object) -> Raw:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, list | dict):
        return str(value)
    return value  # type: ignore[return-value]
