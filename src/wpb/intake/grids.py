"""A sheet as it was read, before anyone knows what it means: rows of raw values that know their
cells.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import Literal

from wpb.kernel.places import Cell, column_letters

Source = Literal["csv", "excel", "parquet"]
ZERO_PADDED = re.compile(r"0{2,}")
SCALED = re.compile(r"[0#?](,+)(?![0-9#?,])")


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
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    """Number formats that change how a value reads: leading zeros, thousands, another currency."""
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden_sheets: tuple[str, ...] = ()
    """Names of the hidden sheets of the same file."""
    sums: frozenset[tuple[int, int]] = frozenset()
    """Cells whose formula adds up other rows of their own column (SUM, SUBTOTAL, AGGREGATE)."""
    said: tuple[str, ...] = ()
    """How the file was read where that was not plain: its encoding, its separator, its format."""

    def cell(self, row: int, position: int, entered: str = "") -> Cell:
        """Give the place of a value by its row and position, from 0."""
        return Cell(self.file, self.sheet, f"{column_letters(position)}{row + 1}", entered)

    def value(self, row: int, position: int) -> Raw:
        """Give a raw value; None where the row ends before it."""
        found = self.rows[row]
        return found[position] if position < len(found) else None

    def code(self, row: int, position: int) -> Raw:
        """Give a raw value as a code: a number shown with leading zeros keeps them, as 0042
        does.
        """
        raw = self.value(row, position)
        shown = self.formats.get((row, position), "")
        if isinstance(raw, int | float) and not isinstance(raw, bool) and float(raw).is_integer():
            return str(int(raw)).zfill(len(shown)) if ZERO_PADDED.fullmatch(shown) else raw
        return raw

    def shown_divided_by(self, row: int, position: int) -> int:
        """Give what a cell's number format divides by for the eye: 1000 for #,##0, and 1 for
        most.
        """
        found = SCALED.search(self.formats.get((row, position), "").split(";")[0])
        return 1000 ** len(found[1]) if found else 1


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
