"""What went into two budgets and differs: assumptions, input files, and the cells of their tables.

Source: handbook 4.3.1; req 369.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

COMPARED = ("value", "vintage", "source", "status", "local")


def compare_assumptions(
    a: Sequence[dict[str, Any]], b: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """List assumptions that differ by key and year: their values, vintages and status on either
    side.

    Source: handbook 4.3.1, 3.3.3; req 179, 369.
    """
    left, right = ({(record["key"], record["year"]): record for record in side} for side in (a, b))
    found = []
    for key in sorted({*left, *right}):
        before, after = left.get(key), right.get(key)
        if before is None or after is None or any(before[name] != after[name] for name in COMPARED):
            found.append({"key": key[0], "year": key[1], "a": _cited(before), "b": _cited(after)})
    return found


def _cited(record: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if record is None else {name: record[name] for name in COMPARED}


def compare_files(a: dict[str, str], b: dict[str, str]) -> dict[str, list[str]]:
    """List input files that differ by hash, and those of one side alone."""
    return {
        "changed": sorted(name for name in a if name in b and a[name] != b[name]),
        "only_in_a": sorted(set(a) - set(b)),
        "only_in_b": sorted(set(b) - set(a)),
    }


def compare_cells(a: Model, b: Model) -> list[dict[str, Any]]:
    """List the cells that differ between the tables of two models, rows matched by key, with where
    each stands.

    Source: handbook 4.3.1; req 369.
    """
    return [
        change
        for name in a.tables
        for change in _table_changes(name, a.tables[name], b.tables[name])
    ]


def _table_changes(name: str, a: TypedTable, b: TypedTable) -> list[dict[str, Any]]:
    left, right = ({table.key_of(row): row for row in range(len(table))} for table in (a, b))
    found = []
    for key in sorted({*left, *right}):
        if key not in left or key not in right:
            table, row = (a, left[key]) if key in left else (b, right[key])
            place = table.where(row, table.spec.columns[0].name).as_dict()
            found.append(
                {
                    "table": name,
                    "key": key,
                    "column": None,
                    "change": "row only in a" if key in left else "row only in b",
                    "a": None,
                    "b": None,
                    "where_a": place if key in left else None,
                    "where_b": place if key in right else None,
                }
            )
            continue
        for column in a.spec.columns:
            before, after = a.columns[column.name][left[key]], b.columns[column.name][right[key]]
            if before != after and not (before != before and after != after):
                found.append(
                    {
                        "table": name,
                        "key": key,
                        "column": column.name,
                        "change": "value",
                        "a": _plain(before),
                        "b": _plain(after),
                        "where_a": a.where(left[key], column.name).as_dict(),
                        "where_b": b.where(right[key], column.name).as_dict(),
                    }
                )
    return found


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    return value.item() if hasattr(value, "item") else value
