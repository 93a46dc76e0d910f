"""A file as its owner lays it out: which sheet holds the rows, on which row the headings stand, and
the rows below.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from wpb.intake.csv_files import read_csv_file
from wpb.intake.grids import Grid, Raw, SheetFault, as_entered, is_blank
from wpb.intake.mapping.amounts import read_amount
from wpb.intake.workbooks import read_workbook
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog, UsageProblem

SEARCHED_ROWS = 40
WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Layout:
    """One sheet of the user's file: its headings and the rows below them, each remembering its row."""

    grid: Grid
    heading_row: int
    """From 0."""
    headings: tuple[str, ...]
    positions: tuple[int, ...]
    rows: tuple[int, ...]
    """Rows with anything in them, from 0."""

    @cached_property
    def position_of(self) -> dict[str, int]:
        """The position of each heading on the sheet, from 0."""
        return dict(zip(self.headings, self.positions, strict=True))

    def value(self, row: int, heading: str) -> Raw:
        """A raw value by row and heading."""
        return self.grid.value(row, self.position_of[heading])

    def text(self, row: int, heading: str) -> str:
        """A value as entered, without outer spaces."""
        return as_entered(self.value(row, heading)).strip()

    def where(self, row: int, heading: str) -> Cell:
        """The cell of a value."""
        return self.grid.cell(row, self.position_of[heading], self.text(row, heading))

    def values(self, heading: str) -> list[str]:
        """Every filled value under a heading, as entered."""
        return [found for row in self.rows if (found := self.text(row, heading))]


def read_layout(path: Path, sheet: str, heading_row: int | None, log: ProblemLog) -> Layout:
    """Read a CSV file or a workbook as it is laid out, finding its headings where no row (from 1)
    is named.

    Raises InputProblems where the file can't be read; UsageProblem where the sheet or the row isn't
    there.
    """
    grid = _grid(path, sheet, log)
    row = _heading_row(grid) if heading_row is None else heading_row - 1
    if not 0 <= row < len(grid.rows):
        raise UsageProblem(
            f"{path.name} has {len(grid.rows)} rows, so its headings can't stand on row {row + 1}."
        )
    found = [
        (as_entered(value).strip(), position)
        for position, value in enumerate(grid.rows[row])
        if not is_blank(value)
    ]
    names = _distinct([" ".join(name.split()) for name, _ in found])
    if not names:
        raise UsageProblem(
            f"Row {row + 1} of {path.name} holds no headings. Name their row with --heading-row."
        )
    rows = tuple(
        at
        for at in range(row + 1, len(grid.rows))
        if any(not is_blank(grid.value(at, position)) for _, position in found)
    )
    return Layout(grid, row, names, tuple(position for _, position in found), rows)


def _grid(path: Path, sheet: str, log: ProblemLog) -> Grid:
    if path.suffix.lower() not in (".csv", *WORKBOOKS):
        raise UsageProblem(
            f"{path.name} is neither a CSV file nor an Excel workbook (.xlsx). Save it as one of"
            " these."
        )
    if not path.is_file():
        raise UsageProblem(f"There is no file {path}.")
    if path.suffix.lower() == ".csv":
        single = read_csv_file(path, path.name, log)
        log.raise_if_errors()
        assert single is not None
        return single
    grids = [grid for grid in read_workbook(path, path.name, log) if grid.rows]
    log.raise_if_errors()
    if sheet:
        chosen = [grid for grid in grids if grid.sheet == sheet]
        if not chosen:
            raise UsageProblem(
                f"{path.name} has no sheet '{sheet}'; it has"
                f" {', '.join(grid.sheet for grid in grids)}."
            )
        return chosen[0]
    if not grids:
        raise UsageProblem(f"{path.name} holds nothing.")
    return max(
        grids,
        key=lambda grid: sum(1 for row in grid.rows if any(not is_blank(value) for value in row)),
    )


def _heading_row(grid: Grid) -> int:
    """The row most like headings: many different words, no figures, and filled rows below it; the
    first where rows tie.
    """

    def score(row: int) -> float:
        filled = [value for value in grid.rows[row] if not is_blank(value)]
        if len(filled) < 2 or any(
            isinstance(value, int | float | datetime.date | SheetFault)
            or read_amount(as_entered(value)) is not None
            for value in filled
        ):
            return 0.0
        below = [
            sum(1 for value in grid.rows[at] if not is_blank(value))
            for at in range(row + 1, min(row + 6, len(grid.rows)))
        ]
        return len({as_entered(value).strip() for value in filled}) + 0.5 * min(
            len(filled), max(below, default=0)
        )

    return max(range(min(len(grid.rows), SEARCHED_ROWS)), key=lambda row: (score(row), -row))


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Headings that are there twice are told apart by a number: 'Amount', 'Amount (2)'."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)
