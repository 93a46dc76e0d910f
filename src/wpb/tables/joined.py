"""Two tables of one kind put together, such as prices that were entered and prices worked up from
people's records.
"""

from __future__ import annotations

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
