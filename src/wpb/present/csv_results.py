"""Result tables as CSV: UTF-8, whole pence, and no text that a spreadsheet would run as a
formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from wpb.kernel.spreadsheet_text import FORMULA_STARTS, safe_text
from wpb.present.result_table import ResultTable


def csv_value(value: object) -> str:
    """Spell a value for a CSV: true and false, numbers in full, nothing for what is absent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return safe_text(value) if isinstance(value, str) else str(value)


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Write rows as the text of a CSV, headings among them, with nothing in it that a spreadsheet
    would run. Every CSV that leaves wpb is written by this or by `write_csv`.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([csv_value(cell) for cell in row] for row in rows)
    return stream.getvalue()


def write_csv(table: ResultTable, folder: Path) -> Path:
    """Write a result table as <name>.csv in a folder and give its path."""
    path = folder / f"{table.name}.csv"
    path.write_text(table_text(table), encoding="utf-8", newline="")
    return path


def table_text(table: ResultTable) -> str:
    """Write a result table as the text of a CSV."""
    return csv_text([[column.name for column in table.columns], *table.rows])


__all__ = ["FORMULA_STARTS", "csv_text", "csv_value", "safe_text", "table_text", "write_csv"]
