"""A sheet as it was read, before anyone knows what it means: rows of raw values that know their
cells.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Literal

from wpb.kernel.places import Cell, column_letters

Source = Literal["csv", "excel", "parquet"]


@dataclass(frozen=True, slots=True)
class SheetFault:
    """A cell that holds no value at all: an Excel error such as #DIV/0!, or a formula never
    calculated.
    """

    text: str
    calculated: bool = True


Raw = (
    str
    | float
    | int
    | bool
    | datetime.date
    | datetime.time
    | datetime.timedelta
    | SheetFault
    | None
)
"""A value as a file gives it; blank is '' or None."""


@dataclass
class Grid:
    """One sheet (or CSV, or Parquet table): its values by row and position, the first row and
    column being 0.
    """

    file: str
    sheet: str
    source: Source
    rows: list[list[Raw]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Merged ranges: first row, first column, last row, last column, from 0."""
    hidden: bool = False
    shown_in: dict[tuple[int, int], str] = field(default_factory=dict)
    """Currency sign a cell's number format shows, by row and position, where it is not the pound's.
    """

    def cell(self, row: int, position: int, entered: str = "") -> Cell:
        """Give the place of a value by its row and position, from 0."""
        return Cell(self.file, self.sheet, f"{column_letters(position)}{row + 1}", entered)

    def value(self, row: int, position: int) -> Raw:
        """Give a raw value; None where the row ends before it."""
        found = self.rows[row]
        return found[position] if position < len(found) else None


def is_blank(value: Raw) -> bool:
    """Say whether a raw value is blank: nothing, spaces only, or a missing number of a Parquet
    file.
    """
    if isinstance(value, str):
        return not value.strip(" ")
    return value is None or (isinstance(value, float) and value != value)


def as_entered(value: Raw) -> str:
    """Spell a raw value as its user would have entered it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, SheetFault):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return (
            ""
            if value != value
            else str(int(value))
            if value.is_integer() and abs(value) < 1e15
            else repr(value)
        )
    if isinstance(value, datetime.datetime):
        return (
            value.date().isoformat()
            if value.time() == datetime.time()
            else value.isoformat(sep=" ")
        )
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
