"""Result tables as CSV: UTF-8, whole pence, and no text that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
from pathlib import Path

from wpb.present.result_table import ResultTable, Value

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula; other text stays
    as it is.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_value(value: Value) -> str:
    """Spell a value for a CSV: true and false, numbers in full, nothing for what is absent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return safe_text(value) if isinstance(value, str) else str(value)


def write_csv(table: ResultTable, folder: Path) -> Path:
    """Write a result table as <name>.csv in a folder and give its path."""
    path = folder / f"{table.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([column.name for column in table.columns])
        writer.writerows([csv_value(value) for value in row] for row in table.rows)
    return path
