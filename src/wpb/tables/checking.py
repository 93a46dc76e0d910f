"""The tables of a model while they are checked, and how problems of their rows are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.words import nearest
from wpb.tables.schema import TypedTable
from wpb.tables.settings import ModelSettings

NAMED_CELLS = 3
"""How many cells are named for the same fault of one column; the rest are counted."""


@dataclass
class Among:
    """The tables as read, the settings, the tables that couldn't be read, and the log."""

    tables: dict[str, TypedTable]
    settings: ModelSettings | None
    unreadable: set[str]
    log: ProblemLog

    def __getitem__(self, name: str) -> TypedTable:
        return self.tables[name]

    def readable(self, *names: str) -> bool:
        """Say whether all the named tables could be read (a table that is absent or empty counts as
        read).
        """
        return not self.unreadable & set(names)

    def hint_at(self, word: str, table: str, column: str, rows: Iterable[int] | None = None) -> str:
        """Ask 'Did you mean ...? ' with the nearest code of a column and its place, or '' where
        none is near.
        """
        values = self[table].text(column)
        codes = {values[row]: row for row in (range(len(values)) if rows is None else rows)}
        found = nearest(word, codes)
        place = self[table].where(codes[found], column) if found else None
        return f"Did you mean '{found}' ({place.file}, cell {place.cell})? " if place else ""


Log = Callable[[Cell | None, str, str, str], None]


def tell_rows(
    log: Log,
    table: TypedTable,
    column: str,
    rows: Sequence[int],
    what: str,
    fix: str,
    code: str,
) -> None:
    """Tell of the rows with one fault: the first three by their cells, the rest counted.

    `what` and `fix` may name columns in braces, as in '{contract}'; the row's value stands there,
    with spaces for underscores where it is written '{terms:words}'.
    """
    for number, row in enumerate(rows[:NAMED_CELLS], start=1):
        more = len(rows) - number
        values = _RowWords(table, row)
        log(
            table.where(row, column),
            what.format_map(values)
            + (f" So it is on {more} more rows." if number == NAMED_CELLS and more else ""),
            fix.format_map(values),
            code,
        )


class _Word(str):
    __slots__ = ()

    def __format__(self, how: str) -> str:
        return self.replace("_", " ") if how == "words" else str(self)


@dataclass(frozen=True)
class _RowWords(Mapping[str, _Word]):
    """The values of one row by column, for words about it."""

    table: TypedTable
    row: int

    def __getitem__(self, name: str) -> _Word:
        value = self.table.columns[name][self.row]
        return _Word(f"{value:g}" if isinstance(value, float) else value)

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.columns)

    def __len__(self) -> int:
        return len(self.table.columns)
