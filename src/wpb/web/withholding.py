"""What a provider spends, as against what it is paid: shown to itself, to those who see every cost,
and to others once it consents.

Whose costs someone may see is a set of organisations, or None for everyone's.
Source: handbook 2.1.1; req 354.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wpb.present.result_table import ResultTable, Value
from wpb.web.budgets import Shown

Costs = frozenset[str] | None
WITHHELD = "shown once the provider consents"
OWNERS = {"spend_and_cost": "contract", "provider_income": "provider"}
"""Results that show a provider's costs, and the column that says whose a row is."""
CHECKS = ("cross_subsidy", "under_funded")
"""Checks whose words set a contract's spend beside its provider's cost."""
INPUTS = ("provider_costs", "provider_income", "cost_weights")
"""Input tables of providers' costs."""


def table_seen(shown: Shown, name: str, costs: Costs) -> ResultTable:
    """Give a result as someone may see it: rows of others' costs are left out, words about them
    withheld.

    Raises KeyError for a result that isn't there.
    Source: handbook 2.1.1; req 354.
    """
    table = shown.tables[name]
    if costs is None:
        return table
    if name in OWNERS:
        at = table.position(OWNERS[name])
        seen = tuple(
            row for row in table.rows if shown.provider_of.get(str(row[at]), str(row[at])) in costs
        )
        return replace(
            table,
            rows=seen,
            help=(
                table.help
                if len(seen) == len(table)
                else f"{table.help} Rows of other providers are {WITHHELD}."
            ),
        )
    if name.startswith("shadow_") and "party" in (
        names := [column.name for column in table.columns]
    ):
        providers, at = (
            set(shown.provider_of.values()),
            names.index("party"),
        )  # a margin tells what a provider spends
        return replace(
            table, rows=tuple(row for row in table.rows if row[at] not in providers - costs)
        )
    names = [column.name for column in table.columns]
    if "check" in names or name == "problems":
        return replace(
            table,
            rows=tuple(
                _row_seen(shown, dict(zip(names, row, strict=True)), costs) for row in table.rows
            ),
        )
    return table


def _row_seen(shown: Shown, row: dict[str, Value], costs: frozenset[str]) -> tuple[Value, ...]:
    about_cost = row.get("check", row.get("code")) in CHECKS or cost_input(row) != ""
    if (
        about_cost
        and owner_at(shown, row) not in costs
        and shown.provider_of.get(str(row.get("subject", "")), "") not in costs
    ):
        row = {
            name: WITHHELD if name in ("evidence", "what") else value for name, value in row.items()
        }
    return tuple(row.values())


def cost_input(where: Mapping[str, Any]) -> str:
    """Name the table of providers' costs that a place is in; '' for any other place."""
    return next(
        (
            name
            for name in INPUTS
            if where.get("sheet") == name or str(where.get("file") or "").endswith(f"/{name}.csv")
        ),
        "",
    )


def owner_at(shown: Shown, where: Mapping[str, Any]) -> str:
    """Find whose cost a cell holds, by the row it stands on; '' where it doesn't say."""
    name = cost_input(where)
    digits = "".join(letter for letter in str(where.get("cell", "")) if letter.isdigit())
    if not name or not digits:
        return ""
    table = shown.budget.model[name]
    if int(digits) not in table.row_numbers:
        return ""
    row = list(table.row_numbers).index(int(digits))
    if "provider" in table.columns:
        return str(table.columns["provider"][row])
    return (
        shown.provider_of.get(str(table.columns["contract"][row]), "")
        if "contract" in table.columns
        else ""
    )


def tree_seen(node: dict[str, Any], shown: Shown, costs: Costs) -> dict[str, Any]:
    """Give an explanation as someone may see it: cells of others' costs, and sums of nothing but
    them, are withheld.

    Source: handbook 2.1.1, 3.7; req 354, 367.
    """
    return node if costs is None else _seen(node, shown, costs)[0]


def _seen(node: dict[str, Any], shown: Shown, costs: frozenset[str]) -> tuple[dict[str, Any], bool]:
    children = [_seen(child, shown, costs) for child in node.get("children", [])]
    where, parts = node.get("where") or {}, str(node.get("id", "")).split("/")
    of_cost = (
        parts[0] == "contract"
        and len(parts) > 2
        and parts[2].startswith("provider_cost")
        and shown.provider_of.get(parts[1], "") not in costs
    )
    if (
        of_cost
        or (cost_input(where) and owner_at(shown, where) not in costs)
        or (children and all(hidden for _, hidden in children))
    ):
        place = {"where": {**where, "entered": ""}} if where else {}
        return {
            **node,
            **place,
            "value": None,
            "title": f"{node.get('title', '')} ({WITHHELD})",
            "children": [],
        }, True
    return {**node, "children": [child for child, _ in children]}, False


def difference_seen(
    found: dict[str, Any], before: Shown, after: Shown, costs: Costs
) -> dict[str, Any]:
    """Give how two versions differ as someone may see it: changed cells of others' costs are left
    out and counted.

    Source: handbook 2.1.1, 4.3.1; req 354, 369.
    """
    if costs is None or not found.get("cells"):
        return found

    def hidden(change: dict[str, Any]) -> bool:
        return change["table"] in INPUTS and any(
            place and owner_at(shown, place) not in costs
            for shown, place in ((before, change["where_a"]), (after, change["where_b"]))
        )

    cells = [change for change in found["cells"] if not hidden(change)]
    return {**found, "cells": cells, "cells_withheld": len(found["cells"]) - len(cells)}
