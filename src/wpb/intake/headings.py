"""Finds a table's heading row on a sheet and matches its columns by name."""

from __future__ import annotations

from dataclasses import dataclass

from wpb.intake.grids import Grid, as_entered, is_blank
from wpb.kernel.problems import ProblemLog
from wpb.kernel.words import did_you_mean
from wpb.tables.schema import TableSpec

COMMENT = "#"
"""Rows above the heading whose first cell starts with this mark are notes to the reader, as is a
column so headed.
"""
SEARCHED_ROWS = 30


@dataclass(frozen=True)
class Heading:
    """The heading row (from 0) and the position of each declared column found on it."""

    row: int
    positions: dict[str, int]


def find_heading(grid: Grid, spec: TableSpec, log: ProblemLog) -> Heading | None:
    """Find the heading row and its columns; None, with the problem logged, where there is no
    heading.

    The heading stands on the first row, or straight below rows of notes that start with '#'. One
    that stands lower is an error, but is still read so that every other problem is found too.
    """
    expected = first_row_after_notes(grid)
    found = _best_row(grid, spec, expected)
    if found is None:
        at = min(expected, max(len(grid.rows) - 1, 0))
        log.error(
            grid.cell(at, 0),
            f"Row {at + 1} should hold the headings of the table '{spec.name}', but none of them is"
            " there.",
            f"Put the headings on row 1: {', '.join(column.name for column in spec.columns)}.",
            "heading_missing",
        )
        return None
    if found != expected:
        log.error(
            grid.cell(found, 0),
            f"The headings stand on row {found + 1}, with other rows above them.",
            f"Take out the rows above, or start each of them with {COMMENT} in column A, so that"
            " the headings come first.",
            "heading_shifted",
        )
    return Heading(found, _match(grid, found, spec, log))


def first_row_after_notes(grid: Grid) -> int:
    """Give the row (from 0) after the notes at the top of a sheet."""
    row = 0
    while (
        row < len(grid.rows)
        and as_entered(grid.value(row, 0)).startswith(COMMENT)
        and grid.rows[row]
    ):
        row += 1
    return row


def _best_row(grid: Grid, spec: TableSpec, expected: int) -> int | None:
    """Choose the row that holds most of the table's headings, the expected row winning where it
    holds at least half.
    """
    names = {column.name for column in spec.columns}

    def score(row: int) -> int:
        return len({as_entered(value).strip(" ") for value in grid.rows[row]} & names)

    rows = range(expected, min(len(grid.rows), expected + SEARCHED_ROWS))
    best = max(rows, key=lambda row: (score(row), -row), default=None)
    if best is None or not score(best):
        return None
    return expected if score(expected) * 2 >= score(best) else best


def _match(grid: Grid, row: int, spec: TableSpec, log: ProblemLog) -> dict[str, int]:
    names = [column.name for column in spec.columns]
    headings = [as_entered(value).strip(" ") for value in grid.rows[row]]
    positions: dict[str, int] = {}
    for position, heading in enumerate(headings):
        where = grid.cell(row, position, heading)
        if not heading:
            _check_unheaded(grid, row, position, log)
        elif heading.startswith(COMMENT):
            continue
        elif heading in positions:
            log.error(
                where,
                f"The column '{heading}' is there twice.",
                "Keep one of the two.",
                "column_duplicate",
            )
        elif heading in names:
            positions[heading] = position
        else:
            missing = [name for name in names if name not in headings]
            log.error(
                where,
                f"'{heading}' is not a column of the table '{spec.name}'.",
                f"{did_you_mean(heading, missing)}Correct the heading, take the column out, or"
                f" start its heading with {COMMENT} to leave it unread.",
                "column_unknown",
            )
    for column in spec.columns:
        if column.required and column.name not in positions:
            log.error(
                grid.cell(row, 0),
                f"The column '{column.name}' is missing.",
                f"Add it: {column.help}.",
                "column_missing",
            )
    return positions


def _check_unheaded(grid: Grid, row: int, position: int, log: ProblemLog) -> None:
    filled = next(
        (
            below
            for below in range(row + 1, len(grid.rows))
            if not is_blank(grid.value(below, position))
        ),
        None,
    )
    if filled is not None:
        log.error(
            grid.cell(filled, position, as_entered(grid.value(filled, position))),
            "This column holds values but has no heading: the headings may be shifted against the"
            " values.",
            "Give the column its heading, or clear its values.",
            "column_unheaded",
        )
