"""Two tables of one kind put together, such as prices that were entered and prices worked up from
people's records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wpb.kernel.places import Cell
from wpb.tables.schema import TypedTable


@dataclass
class JoinedTable(TypedTable):
    """Rows of two tables of one kind, each remembering where it came from."""

    first: TypedTable | None = None
    second: TypedTable | None = None

    def where(self, row: int, column: str) -> Cell:
        """Give the cell a value came from."""
        assert self.first is not None and self.second is not None
        return (
            self.first.where(row, column)
            if row < len(self.first)
            else self.second.where(row - len(self.first), column)
        )


def joined(first: TypedTable, second: TypedTable) -> TypedTable:
    """Put the rows of one table after those of another; a table without rows gives the other as it
    is.
    """
    if not len(first):
        return second
    columns = {
        name: np.concatenate([first.columns[name], second.columns[name]]) for name in first.columns
    }
    return JoinedTable(
        first.spec,
        columns,
        first.file,
        first.sheet,
        range(len(first) + len(second)),
        first.column_positions,
        {},
        first,
        second,
    )


@dataclass
class ChosenTable(TypedTable):
    """Some rows of a table, each remembering where it came from."""

    left_out: frozenset[int] = frozenset()
    """The rows of the sheet that are left out."""


def chosen_rows(table: TypedTable, rows: Sequence[int]) -> ChosenTable:
    """Give some rows of a table, each remembering where it came from."""
    numbers = [table.row_numbers[row] for row in rows]
    return ChosenTable(
        table.spec,
        {name: column[list(rows)] for name, column in table.columns.items()},
        table.file,
        table.sheet,
        numbers,
        table.column_positions,
        {name: [texts[row] for row in rows] for name, texts in table.entered.items()},
        frozenset(table.row_numbers) - frozenset(numbers),
    )
