"""Reading a published CSV file whose columns are its publisher's, not ours: text by cell, problems
by cell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wpb.intake.csv_files import SAVE_AS_UTF8, read_csv_file
from wpb.intake.files import TEXTS, read_file
from wpb.intake.grids import Grid, as_entered
from wpb.intake.total_rows import is_total_word
from wpb.kernel.places import Cell, column_letters
from wpb.kernel.problems import ProblemLog

SEARCHED_ROWS, NAMING_COLUMNS = 40, 7
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class PublishedCsv:
    """A published file as text: its header, its rows, and the row of the sheet each row stands
    on.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row_numbers: tuple[int, ...]
    header_row: int = 1
    """The row of the header, from 1."""
    said: tuple[str, ...] = ()
    """How the file was read where that was not plain."""
    left_out: tuple[tuple[int, str], ...] = ()
    """Rows left out because they are totals: their number and the word."""

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
        return Cell(self.file, Path(self.file).stem, f"A{self.header_row}")

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
        """Give a column of numbers not below zero, [row]; a blank that is allowed is NaN, never
        zero.

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
                f"'{column}' is {text}, which is not a number from zero up.",
                "Put right the number; nothing here can be negative or without end.",
                "out_of_range",
            )
        elif not text:
            if not blank_allowed:
                log.error(
                    self.cell(row, column),
                    f"'{column}' is blank.",
                    "Enter the number, or take the whole row out; a blank is not read as zero.",
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

    def check_unique(
        self,
        columns: Sequence[str],
        noun: str,
        log: ProblemLog,
        as_written: Callable[[str], str] = str,
    ) -> None:
        """Check that no two rows have the same values in the columns, as their register writes
        them; every repeat is an error that names the first.
        """
        first: dict[tuple[str, ...], int] = {}
        keys = zip(*(self.texts(column) for column in columns), strict=True)
        for row, entered in enumerate(keys):
            key = tuple(as_written(part) for part in entered)
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


def read_published_csv(
    path: Path, wanted: Sequence[Iterable[str]] = (), totals: str = ""
) -> PublishedCsv:
    """Read a published file into text: a CSV in any encoding, or a workbook; rows of blanks are
    passed over, and rows above the header too.

    wanted: the columns of each layout the file may have; the header is the row that holds most of
    one of them. totals: 'leave-out' leaves rows that are totals out, and lists them in `left_out`.
    Raises InputProblems where there is no such file, it is empty, cut short or can't be read, where
    two columns have one name, where a row is a total, or where rows have more or fewer cells than
    the header.
    """
    log = ProblemLog()
    grid = _grid(path, log)
    log.raise_if_errors()
    lines = [tuple(as_entered(cell) for cell in cells) for cells in grid.rows] if grid else []
    at = _header_row(lines, [set(names) for names in wanted])
    if not lines or not any(cell.strip() for cell in lines[at]):
        log.error(
            Cell(path.name, path.stem, "A1"),
            "The first row is blank; the names of the columns belong there.",
            "Remove any rows above the header.",
            "heading_missing",
        )
        log.raise_if_errors()
    assert grid is not None
    kept = _rows(grid, lines, at)
    found = PublishedCsv(
        path.name,
        tuple(name.strip() for name in lines[at]),
        tuple(cells for _, cells in kept),
        tuple(number for number, _ in kept),
        at + 1,
        grid.said,
    )
    _check_shape(found, log)
    log.raise_if_errors()
    found = _without_totals(found, totals, log)
    log.raise_if_errors()
    return found


def _header_row(lines: list[tuple[str, ...]], layouts: list[set[str]]) -> int:
    """The row, from 0, that holds most of the columns of one layout; the first where none does."""

    def score(row: int) -> int:
        names = {name.strip() for name in lines[row]}
        return max((len(names & layout) for layout in layouts), default=0)

    best = max(range(min(len(lines), SEARCHED_ROWS)), key=lambda row: (score(row), -row), default=0)
    return best if lines and score(best) > 1 else 0


def _rows(
    grid: Grid, lines: list[tuple[str, ...]], header: int
) -> list[tuple[int, tuple[str, ...]]]:
    """The rows below the header with their numbers; a workbook's are as wide as its header, and
    notes of one cell that follow the last row of data are passed over.
    """
    width = len(lines[header])
    kept = [
        (number, cells)
        for number, cells in enumerate(lines[header + 1 :], start=header + 2)
        if any(cell.strip() for cell in cells)
    ]
    while kept and width > 2 and _is_note(kept[-1][1]):
        kept.pop()
    if grid.source == "csv":
        return kept
    return [(number, (*cells, *[""] * (width - len(cells)))) for number, cells in kept]


def _is_note(cells: tuple[str, ...]) -> bool:
    """Whether a row is a note below a table: words in its first cell alone."""
    words = cells[0].split()
    return len(words) > 1 and not any(cell.strip() for cell in cells[1:])


def _without_totals(found: PublishedCsv, totals: str, log: ProblemLog) -> PublishedCsv:
    """Refuse rows that are totals by the word of a code or a name, or leave them out where
    asked.
    """
    marked = {
        row: cell
        for row, cells in enumerate(found.rows)
        for cell in cells[:NAMING_COLUMNS]
        if is_total_word(cell.strip())
    }
    if not marked or len(marked) * 2 > len(found.rows):
        return found
    if totals == "leave-out":
        rows = [row for row in range(len(found.rows)) if row not in marked]
        return replace(
            found,
            rows=tuple(found.rows[row] for row in rows),
            row_numbers=tuple(found.row_numbers[row] for row in rows),
            left_out=tuple((found.row_numbers[row], text) for row, text in marked.items()),
        )
    for row, text in marked.items():
        log.error(
            Cell(found.file, Path(found.file).stem, f"A{found.row_numbers[row]}", text),
            f"Row {found.row_numbers[row]} looks like a total: '{text.strip()}'.",
            "Leave it out with --totals leave-out.",
            "total_row",
        )
    return found


def _grid(path: Path, log: ProblemLog) -> Grid | None:
    whole = Cell(path.name, path.stem, "")
    if not path.is_file():
        log.error(whole, f"There is no file {path}.", "Check the name and the folder.", "no_file")
        return None
    if path.suffix.lower() in TEXTS:
        with path.open("rb") as opened:
            if opened.read(4) in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
                log.error(whole, "This is a workbook, not a CSV file.", SAVE_AS_UTF8, "not_csv")
                return None
        return read_csv_file(path, path.name, log, loose=True)
    grids = read_file(path, path.name, log, loose=True)
    return grids[0] if grids else None


def _check_shape(found: PublishedCsv, log: ProblemLog) -> None:
    seen: set[str] = set()
    for position, name in enumerate(found.header):
        if name and name in seen:
            log.error(
                Cell(
                    found.file,
                    Path(found.file).stem,
                    f"{column_letters(position)}{found.header_row}",
                    name,
                ),
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
