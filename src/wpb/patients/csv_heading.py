"""The heading of a CSV file, read before the engine reads the rest: what stands between its cells,
and its columns.

Told so, the engine guesses nothing, and one row of other length is a fault of that row and not of
the whole file.
"""

from __future__ import annotations

import csv
from pathlib import Path

from wpb.patients.engine import EngineProblem

DELIMITERS = ",;\t|"


def read_heading(path: Path, label: str) -> tuple[str, list[str]]:
    """Give the delimiter and the columns of a CSV file in UTF-8.

    Raises EngineProblem where its first line can't be read, or names a column twice or not at all.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            line = opened.readline()
    except (OSError, UnicodeDecodeError):
        raise EngineProblem(
            "source_damaged",
            f"The first line of {label} can't be read.",
            "Save it as CSV in UTF-8, with the names of the columns in the first line.",
        ) from None
    delimiter = max(DELIMITERS, key=line.count)
    columns = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    if not all(columns) or len(set(columns)) < len(columns):
        raise EngineProblem(
            "source_heading",
            f"The first line of {label} gives a column no name, or two columns one name.",
            "Give each column a name of its own in the first line.",
        )
    return delimiter, columns
