"""Weights of activity types as a column of a table gives them.

Source: handbook 2.4.4; req 80, 87, 90.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wpb.kernel.ledger import Axis, Block
from wpb.tables.leaves import table_leaf
from wpb.tables.methods.facts import Tables
from wpb.tables.methods.option import Work
from wpb.tables.schema import TypedTable


def rows_by_type(table: TypedTable) -> dict[str, int]:
    """The row of each activity type of a table that has one row for each.

    Source: handbook Fig 10; req 87.
    """
    return {kind: row for row, kind in enumerate(table.text("activity_type"))}


def own_rows(tables: Tables, contract: str, sources: Sequence[str]) -> dict[str, int]:
    """The row of each activity type of a contract in cost_weights, from some sources of weights.

    Source: handbook 2.4.4; req 83, 90.
    """
    table = tables["cost_weights"]
    return {
        str(table.columns["activity_type"][row]): row
        for row in table.rows_where("contract", contract)
        if table.columns["weight_source"][row] in sources
    }


def weights_from(
    work: Work,
    axis: Axis,
    kinds: Sequence[str],
    table: TypedTable,
    column: str,
    rows: Mapping[str, int],
) -> Block:
    """Give each row of activity the weight that a table holds for its type.

    Raises InputProblems where a type has none.
    Source: handbook 2.4.4 Fig 8, Fig 10; req 80, 87, 90.
    """
    want_all(work, kinds, rows, table)
    return table_leaf(
        work.ledger,
        f"contract/{work.contract}/weight",
        axis,
        "weight",
        table,
        column,
        [rows[kind] for kind in kinds],
        "Cost weight of a unit",
    )


def want_all(work: Work, kinds: Sequence[str], known: Mapping[str, int], table: TypedTable) -> None:
    """Refuse activity types that have no weight in a table, each at its cell.

    Raises InputProblems.
    Source: handbook 2.4.4; req 80.
    """
    activity = work.tables["contract_activity"]
    for kind in sorted({kind for kind in kinds if kind not in known}):
        row = next(
            r
            for r in activity.rows_where("contract", work.contract)
            if activity.columns["activity_type"][r] == kind
        )
        work.problems.error(
            activity.where(row, "activity_type"),
            f"Activity {kind} of contract {work.contract} has no weight in {table.spec.name}.",
            f"Add a row for it to {table.spec.name}, or choose another option at step 3.",
            "weight_missing",
        )
    work.problems.raise_if_errors()
