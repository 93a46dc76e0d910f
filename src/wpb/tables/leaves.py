"""Columns of input tables entered into the ledger as leaves, each figure with its cell."""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.tables.schema import TypedTable


def table_leaf(
    ledger: Ledger,
    block_id: str,
    axis: Axis,
    unit: str,
    table: TypedTable,
    column: str,
    rows: Sequence[int],
    title: str = "",
) -> Block:
    """Enter a column of a table as a leaf, each figure with its cell.

    Source: handbook 3.7; req 367.
    """
    return ledger.leaf(
        block_id,
        axis,
        unit,
        table.numbers(column)[list(rows)],
        lambda row, year: table.where(rows[row], column),
        title=title,
    )
