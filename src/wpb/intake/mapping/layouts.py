"""A file as its owner lays it out: its titles, the row of its headings, the groups above them, the
rows of data below, and the rows that are none.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from wpb.intake.files import read_file
from wpb.intake.grids import Grid, Raw, SheetFault, as_entered, is_blank
from wpb.intake.mapping.amounts import read_amount
from wpb.intake.row_checks import check_overhang
from wpb.intake.units import unit_said
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog, UsageProblem

SEARCHED_ROWS = 40


@dataclass(frozen=True)
class Layout:
    """One sheet of the user's file: its headings and the rows below them, each remembering its
    row.
    """

    grid: Grid
    heading_row: int
    """From 0."""
    headings: tuple[str, ...]
    positions: tuple[int, ...]
    rows: tuple[int, ...]
    """Rows of data, from 0."""
    set_aside: dict[int, str] = field(default_factory=dict)
    """Rows with something in them that are no data, and why: notes, and headings over again."""
    titles: tuple[str, ...] = ()
    """What stands above the headings, row by row."""
    path: Path = Path()

    @cached_property
    def position_of(self) -> dict[str, int]:
        """The position of each heading on the sheet, from 0."""
        return dict(zip(self.headings, self.positions, strict=True))

    def value(self, row: int, heading: str) -> Raw:
        """A raw value by row and heading."""
        return self.grid.value(row, self.position_of[heading])

    def code(self, row: int, heading: str) -> Raw:
        """A raw value by row and heading, with the leading zeros its format shows."""
        return self.grid.code(row, self.position_of[heading])

    def text(self, row: int, heading: str) -> str:
        """A value as entered, without outer spaces."""
        return as_entered(self.code(row, heading)).strip()

    def where(self, row: int, heading: str) -> Cell:
        """The cell of a value."""
        return self.grid.cell(row, self.position_of[heading], self.text(row, heading))

    def values(self, heading: str) -> list[str]:
        """Every filled value under a heading, as entered."""
        return [found for row in self.rows if (found := self.text(row, heading))]

    @property
    def about(self) -> tuple[str, ...]:
        """Every text that says what the figures are: the sheet's name and the titles."""
        return (self.grid.sheet, *self.titles) if self.grid.source == "excel" else self.titles

    @property
    def unheaded(self) -> list[int]:
        """Positions that hold values on rows of data and have no heading."""
        named = set(self.positions)
        found = {
            position
            for row in self.rows
            for position, value in enumerate(self.grid.rows[row])
            if position not in named and not is_blank(value)
        }
        return sorted(found)


def read_layout(path: Path, sheet: str, heading_row: int | None, log: ProblemLog) -> Layout:
    """Read a file as it is laid out, finding its headings where no row (from 1) is named.

    A visible sheet is chosen before a hidden one, the fullest first.
    Raises InputProblems where the file can't be read or a row is longer than its headings;
    UsageProblem where the sheet or the row isn't there.
    """
    grid = _grid(path, sheet, log)
    row = _heading_row(grid) if heading_row is None else heading_row - 1
    if not 0 <= row < len(grid.rows):
        raise UsageProblem(
            f"{path.name} has {len(grid.rows)} rows, so its headings can't be on row {row + 1}."
        )
    found, first = _headings(grid, row)
    names = _distinct([" ".join(name.split()) for name, _ in found])
    if not names:
        raise UsageProblem(
            f"Row {row + 1} of {path.name} holds no headings. Name their row with --heading-row."
        )
    positions = tuple(position for _, position in found)
    rows, set_aside = _rows(grid, row, first, positions)
    titles = tuple(
        text
        for above in grid.rows[:row]
        if (text := " ".join(as_entered(value).strip() for value in above if not is_blank(value)))
    )
    layout = Layout(grid, row, names, positions, tuple(rows), set_aside, titles, path)
    _check_width(layout, log)
    log.raise_if_errors()
    return layout


def _grid(path: Path, sheet: str, log: ProblemLog) -> Grid:
    grids = read_file(path, path.name, log, loose=True)
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
        key=lambda grid: (
            not grid.hidden,
            sum(1 for row in grid.rows if any(not is_blank(value) for value in row)),
        ),
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


def _headings(grid: Grid, row: int) -> tuple[list[tuple[str, int]], int]:
    """The headings with their positions, and the first row below them. The name of a group above is
    put before its headings, and a row of units below is put after them.
    """
    width = len(grid.rows[row])
    own = [as_entered(grid.value(row, position)).strip() for position in range(width)]
    groups = _groups(grid, row, own)
    width = max(width, max(groups, default=-1) + 1)
    own += [""] * (width - len(own))
    units = _units_below(grid, row)
    names = []
    for position in range(width):
        parts = [groups.get(position, ""), own[position], units.get(position, "")]
        name = " ".join(part for part in parts if part)
        if own[position] or (groups.get(position) and _filled_below(grid, row, position)):
            names.append((name, position))
    return names, row + (2 if units else 1)


def _filled_below(grid: Grid, row: int, position: int) -> bool:
    return any(
        not is_blank(grid.value(at, position))
        for at in range(row + 1, min(row + 6, len(grid.rows)))
    )


def _groups(grid: Grid, row: int, own: list[str]) -> dict[int, str]:
    """The name of the group above each heading: by merged cells, else filled to the right where
    headings repeat and need their group to be told apart.
    """
    if not row:
        return {}
    above = row - 1
    found: dict[int, str] = {}
    for first_row, first, last_row, last in grid.merged:
        name = as_entered(grid.value(first_row, first)).strip() if first_row < row else ""
        if name and last_row in (above, row) and (last > first or last_row == row):
            beyond = last_row == above and first_row < last_row and first == last
            for position in range(first, last + 1) if not beyond else ():
                found[position] = name
    repeated = [name for name in own if name]
    if found or len(set(repeated)) == len(repeated):
        return {} if len(found) >= len(own) and len(set(found.values())) == 1 else found
    current = ""
    for position, name in enumerate(own):
        text = as_entered(grid.value(above, position)).strip()
        current = text or current
        if current and name and (repeated.count(name) > 1 or text):
            found[position] = current
    return {} if len(set(found.values())) < 2 else found


def _units_below(grid: Grid, row: int) -> dict[int, str]:
    """A row of units straight below the headings, such as (£000) under each amount."""
    if row + 1 >= len(grid.rows):
        return {}
    filled = {
        position: as_entered(value).strip()
        for position, value in enumerate(grid.rows[row + 1])
        if not is_blank(value)
    }
    units = all(
        isinstance(grid.value(row + 1, position), str)
        and (unit_said(text) > 1 or text.strip("()[] ") in ("£", "GBP", "£s", "No.", "No", "%"))
        for position, text in filled.items()
    )
    return filled if filled and units else {}


def _rows(
    grid: Grid, heading: int, first: int, positions: tuple[int, ...]
) -> tuple[list[int], dict[int, str]]:
    """The rows of data, and the rows that are none: headings over again, notes of one cell, and
    what follows the last row that has a figure.
    """
    rows: list[int] = []
    set_aside: dict[int, str] = {}
    own = [as_entered(value).strip() for value in grid.rows[heading]]
    for row in range(first, len(grid.rows)):
        values = grid.rows[row]
        filled = [position for position, value in enumerate(values) if not is_blank(value)]
        if not filled:
            continue
        texts = [as_entered(value).strip() for value in values]
        if texts[: len(own)] == own[: len(texts)] and len(filled) > 1:
            set_aside[row] = "the headings over again"
        elif len(filled) == 1 and len(positions) > 1 and not _is_figure(values[filled[0]]):
            set_aside[row] = "a note or a section heading: one cell, with no figure"
        else:
            rows.append(row)
    figures = [row for row in rows if any(_is_figure(value) for value in grid.rows[row])]
    last = figures[-1] if figures else len(grid.rows)
    for row in [row for row in rows if row > last and _after_a_gap(grid, last, row)]:
        rows.remove(row)
        set_aside[row] = "a note below the table, with no figure"
    return rows, set_aside


def _after_a_gap(grid: Grid, last: int, row: int) -> bool:
    return any(all(is_blank(value) for value in grid.rows[at]) for at in range(last + 1, row))


def _is_figure(value: Raw) -> bool:
    if isinstance(value, SheetFault):
        return True
    if isinstance(value, str):
        return read_amount(value) is not None
    return isinstance(value, int | float) and not is_blank(value)


def _check_width(layout: Layout, log: ProblemLog) -> None:
    """Refuse rows longer than their heading, and in a text file values under no heading: a comma in
    a value that should be in quotation marks moves all that follows.
    """
    grid = layout.grid
    check_overhang(grid, max(layout.positions) + 1, layout.rows, log)
    if grid.source != "csv" or log.errors:
        return
    for position in layout.unheaded:
        row = next(row for row in layout.rows if not is_blank(grid.value(row, position)))
        log.error(
            grid.cell(row, position, as_entered(grid.value(row, position))),
            "This value is under no heading: the row may be shifted against its headings.",
            'Put quotes around a value that holds a comma, for example "1,234.50", or give the'
            " column a heading.",
            "column_unheaded",
        )


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Headings that are there twice are told apart by a number: 'Amount', 'Amount (2)'."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)
