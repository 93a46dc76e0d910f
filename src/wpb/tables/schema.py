"""How an input table is declared: its columns, their kinds, units, checks and help - once, for
every use of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.places import Cell, column_letters

Kind = Literal[
    "code", "text", "pounds", "number", "count", "rate", "share", "year", "date", "yes_no", "choice"
]
"""code: an identifier, matched exactly; pounds: an amount in pounds, held in pence; number: any
number;
count: a number not below nought; rate: a decimal such as 0.025 (or 2.5%); share: a rate from 0 to
1;
year: a financial year such as 2030-31; date: 2030-04-01; yes_no: true/false (yes/no also read);
choice: one of a list.
"""


@dataclass(frozen=True)
class Column:
    """One column: what it holds, whether it may be blank, and what a user reads about it."""

    name: str
    kind: Kind
    help: str
    required: bool = True
    choices: tuple[str, ...] = ()
    refers_to: str = ""
    """table.column whose values this code must be one of; a blank is allowed where the column is
    not required.
    """
    minimum: float | None = None
    maximum: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether the column is held as numbers (pounds as pence)."""
        return self.kind in ("pounds", "number", "count", "rate", "share")


@dataclass(frozen=True)
class SharesAddToOne:
    """A check on a table: a share column must add to 1 within each group of rows."""

    column: str
    within: tuple[str, ...]


@dataclass(frozen=True)
class TableSpec:
    """One input table: its name (the CSV's or the sheet's), columns, key and checks."""

    name: str
    title: str
    help: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    shares: tuple[SharesAddToOne, ...] = ()
    example: tuple[tuple[str, ...], ...] = ()
    source: str = ""

    def column(self, name: str) -> Column:
        """Find a column by name.

        Raises KeyError for a name the table doesn't have.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")


@dataclass
class TypedTable:
    """A table that was read and checked: columns as arrays, each value remembering its cell.

    Text, codes, years and dates are object arrays of str (blank: ''); numbers float64 with NaN for
    blank, pounds already in pence; yes_no is an object array of True, False or None.
    """

    spec: TableSpec
    columns: dict[str, NDArray[np.generic]]
    file: str = ""
    sheet: str = ""
    row_numbers: Sequence[int] = ()
    """The row of the sheet each row stands on, the first row of the sheet being 1."""
    column_positions: dict[str, int] = field(default_factory=dict)
    """The position of each column on the sheet, from 0."""
    entered: dict[str, Sequence[str]] = field(default_factory=dict)
    """The text of each cell as it was entered, where it was kept."""

    def __len__(self) -> int:
        return len(self.row_numbers)

    def text(self, name: str) -> list[str]:
        """A column of text, codes, years, dates or choices ('' where blank)."""
        return [str(value) for value in self.columns[name]]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column of numbers (pounds in pence; NaN where blank)."""
        return np.asarray(self.columns[name], dtype=np.float64)

    def flags(self, name: str) -> list[bool | None]:
        """A yes/no column (None where blank)."""
        return [None if value is None else bool(value) for value in self.columns[name]]

    def where(self, row: int, column: str) -> Cell:
        """Give the cell a value came from."""
        position = self.column_positions.get(column)
        cell = f"{column_letters(position)}{self.row_numbers[row]}" if position is not None else ""
        kept = self.entered.get(column)
        return Cell(self.file, self.sheet, cell, str(kept[row]) if kept is not None else "")

    def key_of(self, row: int) -> str:
        """Spell the key of a row, parts joined by '.'."""
        return ".".join(str(self.columns[name][row]) for name in self.spec.key)

    def rows_where(self, column: str, value: str) -> list[int]:
        """List the rows on which a column has a value."""
        return [row for row, found in enumerate(self.columns[column]) if found == value]


def empty_table(spec: TableSpec) -> TypedTable:
    """Make a table with no rows, for an optional table that a model doesn't have."""
    return TypedTable(
        spec,
        {
            column.name: np.array([], dtype=np.float64 if column.is_number else object)
            for column in spec.columns
        },
    )
