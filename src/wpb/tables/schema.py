"""How an input table is declared: its columns, their kinds, units, checks and help - once, for
every use of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.places import Cell, column_letters
from wpb.kernel.ranges import ANY, FACTOR, QUANTITY, RATE, ValueRange

Made = TypeVar("Made")
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


Meaning = Literal["moves", "label", "evidence"]
"""moves: a figure follows it and cites its cell; label: it names a row, or what a row is about;
evidence: no figure follows it, and a reader finds it in a paper.
"""

KIND_RANGES = {"count": QUANTITY, "rate": RATE, "share": FACTOR}


def between(least: float, most: float) -> ValueRange:
    """A range of one column's own."""
    return ValueRange("number", least, most, words=f"from {least:g} to {most:g}")


def at_least(least: float) -> ValueRange:
    """A range of one column's own, open above."""
    return ValueRange("number", least, words=f"{least:g} or more")


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
    within: ValueRange | None = None
    """What its numbers may be, in the units a user writes; else what its kind says."""
    meaning: Meaning | None = None
    """What it is for; where it isn't said, what its kind is mostly for."""

    @property
    def means(self) -> Meaning:
        """What the column is for: it moves a figure, labels a row, or is evidence that is shown."""
        if self.meaning is not None:
            return self.meaning
        if self.kind == "text":
            return "evidence"
        return "label" if self.kind == "code" and not self.refers_to else "moves"

    @property
    def range(self) -> ValueRange:
        """What its numbers may be, in the units a user writes."""
        return self.within or KIND_RANGES.get(self.kind, ANY)

    def as_kind(self, kind: Kind) -> Column:
        """The same column, read as another kind of value."""
        return Column(
            self.name, kind, self.help, self.required, self.choices, self.refers_to, self.within
        )

    @property
    def is_number(self) -> bool:
        """Whether the column is held as numbers (pounds as pence)."""
        return self.kind in ("pounds", "number", "count", "rate", "share")


class Check(Protocol):
    """A check that a table's declaration asks for."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the problems it tells of."""
        ...

    def find(self, table: TypedTable, among: Any) -> None:
        """Log what is wrong with the rows of a table, read among others (`checking.Among`)."""
        ...


@dataclass(frozen=True)
class TableSpec:
    """One input table: its name (the CSV's or the sheet's), columns, key and checks."""

    name: str
    title: str
    help: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    checks: tuple[Check, ...] = ()
    """What must hold of its rows besides kinds, ranges, keys and references."""
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
    built: Counter[str] = field(default_factory=Counter, init=False, repr=False, compare=False)
    """How often each column was gone through from first row to last: once, however often it is
    asked for.
    """
    _kept: dict[tuple[str, str], _Kept] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __len__(self) -> int:
        return len(self.row_numbers)

    def __getstate__(self) -> dict[str, object]:
        """Copy a table without what was made of its columns, since a copy's may be changed."""
        return self.__dict__ | {"built": Counter(), "_kept": {}}

    def _made(self, kind: str, name: str, make: Callable[[], Made], *of: str) -> Made:
        """Make something of columns once; they are closed to changes from then on."""
        key = (kind, name)
        kept = self._kept.get(key)
        if kept is not None and len(of) == 1 and kept.sources[0] is self.columns[name]:
            return cast(Made, kept.made)
        sources = [self.columns[column] for column in of]
        if kept is None or any(a is not b for a, b in zip(kept.sources, sources, strict=True)):
            for values in sources:
                values.flags.writeable = False
            self.built[f"{kind} {name}"] += 1
            kept = self._kept[key] = _Kept(sources, make())
        return cast(Made, kept.made)

    def text(self, name: str) -> Sequence[str]:
        """A column of text, codes, years, dates or choices ('' where blank)."""
        values = self.columns[name]
        return self._made("text", name, lambda: tuple(str(value) for value in values), name)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column of numbers (pounds in pence; NaN where blank)."""
        values = self.columns[name]
        return self._made("numbers", name, lambda: np.asarray(values, dtype=np.float64), name)

    def flags(self, name: str) -> Sequence[bool | None]:
        """A yes/no column (None where blank)."""
        values = self.columns[name]
        return self._made(
            "flags",
            name,
            lambda: tuple(None if value is None else bool(value) for value in values),
            name,
        )

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
        return list(self.groups(column).get((value,), ()))

    def groups(self, *columns: str) -> Mapping[tuple[str, ...], list[int]]:
        """The rows of each set of values of some columns of text, codes, years, dates or choices,
        in the order first met.
        """
        name = " ".join(columns)
        return self._made("groups", name, lambda: self._grouped(columns), *columns)

    def _grouped(self, columns: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
        found: dict[tuple[str, ...], list[int]] = {}
        for row, values in enumerate(zip(*map(self.text, columns), strict=True)):
            found.setdefault(values, []).append(row)
        return found


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was made of columns, and the very arrays it was made of."""

    sources: Sequence[NDArray[np.generic]]
    made: object


def empty_table(spec: TableSpec) -> TypedTable:
    """Make a table with no rows, for an optional table that a model doesn't have."""
    return TypedTable(
        spec,
        {
            column.name: np.array([], dtype=np.float64 if column.is_number else object)
            for column in spec.columns
        },
    )
