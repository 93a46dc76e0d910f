"""Reading a published CSV file whose columns are its publisher's, not ours: text by cell, problems
by cell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wpb.intake.csv_files import SAVE_AS_UTF8, read_csv_file
from wpb.kernel.places import Cell, column_letters
from wpb.kernel.problems import ProblemLog

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class PublishedCsv:
    """A published file as text: its header, its rows, and the row of the sheet each row stands on."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row_numbers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def cell(self, row: int, column: str) -> Cell:
        """Give the place of one value, as a spreadsheet names it."""
        position = self.header.index(column)
        text = self.rows[row][position] if position < len(self.rows[row]) else ""
        return Cell(
            self.file,
            Path(self.file).stem,
            f"{column_letters(position)}{self.row_numbers[row]}",
            text,
        )

    def whole(self) -> Cell:
        """Give the place of the file as a whole."""
        return Cell(self.file, Path(self.file).stem, "")

    def head(self) -> Cell:
        """Give the place of the header."""
        return Cell(self.file, Path(self.file).stem, "A1")

    def texts(self, column: str) -> list[str]:
        """Give a column as text without surrounding blanks."""
        position = self.header.index(column)
        return [row[position].strip() for row in self.rows]

    def filled(self, column: str, log: ProblemLog, fix: str) -> list[str]:
        """Give a column of text in which every cell must be filled; each blank is an error."""
        values = self.texts(column)
        for row, value in enumerate(values):
            if not value:
                log.error(self.cell(row, column), f"'{column}' is blank.", fix, "blank")
        return values

    def numbers(
        self, column: str, log: ProblemLog, blank_allowed: bool = False
    ) -> NDArray[np.float64]:
        """Give a column of numbers not below nought, [row]; a blank that is allowed is NaN, never
        nought.

        Each blank, text or negative number is an error with its cell.
        """
        return np.array(
            [
                self._number(row, column, text, log, blank_allowed)
                for row, text in enumerate(self.texts(column))
            ],
            dtype=np.float64,
        )

    def _number(
        self, row: int, column: str, text: str, log: ProblemLog, blank_allowed: bool
    ) -> float:
        if NUMBER.fullmatch(text):
            value = float(text)
            if value >= 0 and math.isfinite(value):
                return value
            log.error(
                self.cell(row, column),
                f"'{column}' is {text}, which is not a number from nought up.",
                "Put right the number; nothing here can be negative or without end.",
                "out_of_range",
            )
        elif not text:
            if not blank_allowed:
                log.error(
                    self.cell(row, column),
                    f"'{column}' is blank.",
                    "Enter the number, or take the whole row out; a blank is not read as nought.",
                    "blank",
                )
        else:
            log.error(
                self.cell(row, column),
                f"'{text}' in '{column}' is not a number.",
                "Enter digits only, for example 4068.9, with no commas, spaces or units.",
                "not_a_number",
            )
        return math.nan

    def check_unique(self, columns: Sequence[str], noun: str, log: ProblemLog) -> None:
        """Check that no two rows have the same values in the columns; every repeat is an error that
        names the first.
        """
        first: dict[tuple[str, ...], int] = {}
        keys = zip(*(self.texts(column) for column in columns), strict=True)
        for row, key in enumerate(keys):
            if not all(key):
                continue
            if key in first:
                log.error(
                    self.cell(row, columns[-1]),
                    f"{noun} {' / '.join(key)} is there twice: also on row"
                    f" {self.row_numbers[first[key]]}.",
                    "Keep one of the two rows.",
                    "duplicate",
                )
            first.setdefault(key, row)


def read_published_csv(path: Path) -> PublishedCsv:
    """Read a CSV file in UTF-8, with or without a byte-order mark, into text; rows of blanks are
    passed over.

    Raises InputProblems where there is no such file, it is empty, cut short, a workbook or in
    another encoding, where two columns have one name, or where rows have more or fewer cells than
    the header.
    """
    log = ProblemLog()
    lines = _lines(path, log)
    log.raise_if_errors()
    if not lines or not any(cell.strip() for cell in lines[0]):
        log.error(
            Cell(path.name, path.stem, "A1"),
            "The first row is blank; the names of the columns belong there.",
            "Remove any rows above the header.",
            "heading_missing",
        )
        log.raise_if_errors()
    kept = [
        (number, cells)
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]
    found = PublishedCsv(
        path.name,
        tuple(name.strip() for name in lines[0]),
        tuple(cells for _, cells in kept),
        tuple(number for number, _ in kept),
    )
    _check_shape(found, log)
    log.raise_if_errors()
    return found


def _lines(path: Path, log: ProblemLog) -> list[tuple[str, ...]]:
    whole = Cell(path.name, path.stem, "")
    if not path.is_file():
        log.error(whole, f"There is no file {path}.", "Check the name and the folder.", "no_file")
        return []
    with path.open("rb") as opened:
        if opened.read(4) in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
            log.error(whole, "This is a workbook, not a CSV file.", SAVE_AS_UTF8, "not_csv")
            return []
    grid = read_csv_file(path, path.name, log)
    return [tuple(str(cell) for cell in cells) for cells in grid.rows] if grid else []


def _check_shape(found: PublishedCsv, log: ProblemLog) -> None:
    seen: set[str] = set()
    for position, name in enumerate(found.header):
        if name and name in seen:
            log.error(
                Cell(found.file, Path(found.file).stem, f"{column_letters(position)}1", name),
                f"Two columns are called '{name}'.",
                "Keep one of them.",
                "column_duplicate",
            )
        seen.add(name)
    if not found.rows:
        log.error(
            found.head(),
            "There are no rows under the header.",
            "Download the file again.",
            "no_rows",
        )
    for row, cells in enumerate(found.rows):
        if len(cells) != len(found.header):
            last = row == len(found.rows) - 1
            log.error(
                Cell(found.file, Path(found.file).stem, f"A{found.row_numbers[row]}", cells[0]),
                f"The row has {len(cells)} cells and the header {len(found.header)}.",
                (
                    "The file ends in the middle of this row: download it again."
                    if last and len(cells) < len(found.header)
                    else (
                        "Look for a comma that should be in quotation marks, or a cell that has"
                        " shifted."
                    )
                ),
                "truncated" if last and len(cells) < len(found.header) else "row_too_long",
            )


def missing_columns(header: Iterable[str], wanted: Mapping[str, str] | Iterable[str]) -> list[str]:
    """List the wanted columns a header doesn't have."""
    there = set(header)
    return [
        name
        for name in (wanted.values() if isinstance(wanted, Mapping) else wanted)
        if name not in there
    ]
