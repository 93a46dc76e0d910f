"""A table declared once, as a class: its columns are typed, so a misspelt one is a type error, and
its checks, template, help, docs and problem codes derive from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.places import Cell
from wpb.kernel.ranges import ValueRange
from wpb.tables.schema import Check, Column, Kind, Meaning, TableSpec, TypedTable

Own = TypeVar("Own", bound="Table")


class Tables(Protocol):
    """What gives a table by its name: a model, its tables, or the tables while they are checked."""

    def __getitem__(self, name: str, /) -> TypedTable: ...


class DeclaredColumn(Column):
    """A column of a table class; its name is the one it is declared under."""

    kind_of_class: ClassVar[Kind]

    def __init__(
        self,
        words: str,
        *,
        required: bool = True,
        choices: tuple[str, ...] = (),
        refers_to: str = "",
        within: ValueRange | None = None,
        meaning: Meaning | None = None,
    ) -> None:
        super().__init__(
            "", self.kind_of_class, words, required, choices, refers_to, within, meaning
        )

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)


class TextColumn(DeclaredColumn):
    """A column of text, codes, years, dates or choices ('' where blank)."""

    @overload
    def __get__(self, table: None, owner: type) -> TextColumn: ...
    @overload
    def __get__(self, table: Table, owner: type) -> Sequence[str]: ...
    def __get__(self, table: Table | None, owner: type) -> TextColumn | Sequence[str]:
        return self if table is None else table.read.text(self.name)


class NumberColumn(DeclaredColumn):
    """A column of numbers (pounds in pence; NaN where blank)."""

    @overload
    def __get__(self, table: None, owner: type) -> NumberColumn: ...
    @overload
    def __get__(self, table: Table, owner: type) -> NDArray[np.float64]: ...
    def __get__(self, table: Table | None, owner: type) -> NumberColumn | NDArray[np.float64]:
        return self if table is None else table.read.numbers(self.name)


class FlagColumn(DeclaredColumn):
    """A column of yes and no (None where blank)."""

    @overload
    def __get__(self, table: None, owner: type) -> FlagColumn: ...
    @overload
    def __get__(self, table: Table, owner: type) -> Sequence[bool | None]: ...
    def __get__(self, table: Table | None, owner: type) -> FlagColumn | Sequence[bool | None]:
        return self if table is None else table.read.flags(self.name)


class Code(TextColumn):
    """An identifier, matched exactly."""

    kind_of_class = "code"


class Text(TextColumn):
    """Words for a reader."""

    kind_of_class = "text"


class Year(TextColumn):
    """A financial year, such as 2030-31."""

    kind_of_class = "year"


class Date(TextColumn):
    """A day, such as 2030-04-01."""

    kind_of_class = "date"


class Choice(TextColumn):
    """One of a list."""

    kind_of_class = "choice"


class Pounds(NumberColumn):
    """An amount in pounds, held in pence."""

    kind_of_class = "pounds"


class Number(NumberColumn):
    """Any number."""

    kind_of_class = "number"


class Count(NumberColumn):
    """A number of things, zero or more."""

    kind_of_class = "count"


class Rate(NumberColumn):
    """A change, such as 0.025 or 2.5%."""

    kind_of_class = "rate"


class Share(NumberColumn):
    """A part of a whole, from 0 to 1."""

    kind_of_class = "share"


class YesNo(FlagColumn):
    """True or false."""

    kind_of_class = "yes_no"


class Table:
    """A declared table. The class is the declaration; an instance reads a table of that kind.

    A subclass names the table and says what it is for in its heading, and gives its columns,
    `one_row_per` (its key) and `checks` in its body.
    """

    spec: ClassVar[TableSpec]
    one_row_per: ClassVar[tuple[DeclaredColumn, ...]]
    checks: ClassVar[tuple[Check, ...]] = ()

    def __init_subclass__(
        cls, *, name: str, title: str, purpose: str, source: str, required: bool = False
    ) -> None:
        own: Mapping[str, Any] = vars(cls)
        cls.__doc__ = cls.__doc__ or purpose
        cls.spec = TableSpec(
            name,
            title,
            purpose,
            tuple(column for column in own.values() if isinstance(column, DeclaredColumn)),
            tuple(column.name for column in cls.one_row_per),
            required,
            cls.checks,
            source=source,
        )

    def __init__(self, read: TypedTable) -> None:
        self.read = read

    @classmethod
    def of(cls, tables: Tables | Mapping[str, TypedTable]) -> Self:
        """Give the table of this kind that a model holds."""
        return cls(tables[cls.spec.name])

    def __len__(self) -> int:
        return len(self.read)

    def cell(self, row: int, column: Column) -> Cell:
        """Give the cell a value came from."""
        return self.read.where(row, column.name)

    def grouped(self, *columns: Column) -> Mapping[tuple[str, ...], list[int]]:
        """The rows of each set of values of some columns, in the order first met."""
        return self.read.groups(*(column.name for column in columns))
