"""The files of `wpb share` and `wpb pool`: agreed terms in YAML, results in CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog

if TYPE_CHECKING:
    from wpb.sharing.reading import Page


def opened(path: Path, log: ProblemLog) -> tuple[Mapping[str, Any], Page]:
    """Read an arrangement file (or the arrangement.yaml of a folder) as YAML that remembers its
    lines.
    """
    from wpb.kernel.lined_yaml import read_yaml
    from wpb.sharing.reading import Page

    file = path / "arrangement.yaml" if path.is_dir() else path
    found = read_yaml(read_text(file, log), file.name, log)
    log.raise_if_errors()
    return found, Page(file.name, log)


def read_text(file: Path, log: ProblemLog) -> str:
    """Read a text file, saying so where it isn't UTF-8."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        log.error(
            Cell(file.name, file.stem, ""),
            f"The file is not UTF-8 text (byte {fault.start + 1}).",
            "Save it as 'CSV UTF-8' or plain text.",
            "unreadable",
        )
        log.raise_if_errors()
        return ""


def read_cells(file: Path, log: ProblemLog) -> tuple[list[str], dict[str, list[str]]]:
    """Read a CSV file as text: its headings and the cells of each column.

    Records an error with its line for a row that has more or fewer cells than there are headings.
    """
    rows = list(csv.reader(read_text(file, log).splitlines()))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 2 or not rows[0]:
        log.error(
            Cell(file.name, file.stem, "A1"),
            "The file has no rows to settle.",
            "Enter headings in the first row and a row for each result.",
            "no_rows",
        )
        log.raise_if_errors()
    headings = [heading.strip() for heading in rows[0]]
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(headings):
            log.error(
                Cell(file.name, file.stem, f"A{number}"),
                f"Row {number} has {len(row)} cells and the headings {len(headings)}.",
                "Check its commas and quotation marks.",
                "ragged_row",
            )
    log.raise_if_errors()
    columns = list(zip(*rows[1:], strict=True))
    return headings, {name: list(columns[position]) for position, name in enumerate(headings)}


def kind_of(found: Mapping[str, Any], page: Page) -> str:
    """Say what an arrangement settles: a table, or an outturn between parties."""
    kind = page.text(found, "settles", ("table", "parties"))
    page.log.raise_if_errors()
    return kind
