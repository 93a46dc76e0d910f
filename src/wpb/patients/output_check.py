"""What an output checker does with the files of a run: add them up, set them against one another,
and look for cells that can be worked out.

Only files that were published are read; nothing of the records.
Source: handbook 2.4.5; req 100, 463.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wpb.kernel.problems import UsageProblem
from wpb.patients.disclosure import bridges

HELD = "held back"
FOLDER = "people"
CROSS_TABLES = ("pence_by_list_and_service", "pence_by_segment_and_service")


@dataclass(frozen=True)
class Exposed:
    """A cell that published figures give away, and how."""

    table: str
    cell: str
    how: str


def check_outputs(folder: Path) -> list[Exposed]:
    """List the cells of a run's published tables of people that can be worked out from others.

    Raises UsageProblem where the folder holds no such tables.
    Source: handbook 2.4.5; req 100, 463.
    """
    place = folder if (folder / f"{CROSS_TABLES[0]}.csv").is_file() else folder / FOLDER
    if not (place / f"{CROSS_TABLES[0]}.csv").is_file():
        raise UsageProblem(
            f"{folder} holds no published tables of people. Give a run's results folder, such as"
            " MODEL/results."
        )
    return [found for name in CROSS_TABLES for found in _by_margins(place, name)]


def _by_margins(place: Path, name: str) -> list[Exposed]:
    """Held-back cells of a table that its own totals give away."""
    rows = read_table(place / f"{name}.csv")
    if not rows:
        return []
    first, *columns = list(rows[0])
    body = [row for row in rows if row[first] != "total"]
    shown = [column for column in columns if column != "total"]
    held = np.array([[row[column] == HELD for column in shown] for row in body], dtype=np.bool_)
    return [
        Exposed(name, f"{body[row][first]}, {shown[column]}", "the table's own totals give it")
        for row, column in (bridges(held) if held.size else [])
    ]


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a published table as rows by column name; no rows where there is no such file."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))
