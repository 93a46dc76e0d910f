"""The four steps of one block contract as the handbook lays them out: pounds to services, activity,
weights, lists.

Source: handbook 2.4.2-2.4.5, Figs 3-13; req 36, 37, 63, 77, 80, 101.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from wpb.present.result_table import (
    ResultColumn,
    ResultTable,
    Value,
    entered,
    label,
    result_table,
    worked_out,
)

STEPS = {
    1: "Step 1: pounds to services",
    2: "Step 2: activity to services",
    3: "Step 3: pounds to activity",
    4: "Step 4: activity to people and GP lists",
}
ABOUT = {
    1: "The value of the contract, divided between its services.",
    2: "What was done in each service.",
    3: "Each service's pounds, divided between its activity by weighted units.",
    4: "Where the people are for whom it was done: on lists in scope, on others, or known to none.",
}
KEYS = (
    label("contract", "Contract", "code"),
    label("step", "Step", "count"),
    label("service_line", "Service line", "code"),
    label("activity_type", "Activity type", "code"),
)
"""Columns that tell which row of the workings a row comes from."""
SERVICE, ACTIVITY = label("service", "Service line"), label("activity", "Type of activity")
COLUMNS: dict[int, tuple[ResultColumn, ...]] = {
    1: (
        SERVICE,
        worked_out("amount_pence", "Pounds", adds_up=True),
        worked_out("share", "Share of the contract", "share"),
    ),
    2: (SERVICE, ACTIVITY, entered("units", "Units of activity", "count")),
    3: (
        SERVICE,
        ACTIVITY,
        entered("units", "Units", "count"),
        entered("weight", "Weight of a unit", "number"),
        worked_out("weighted", "Weighted units", "count"),
        worked_out("share", "Share of the service", "share"),
        worked_out("amount_pence", "Pounds", adds_up=True),
        worked_out("pence_per_unit", "Pounds for a unit"),
    ),
    4: (
        SERVICE,
        ACTIVITY,
        worked_out("amount_pence", "Pounds", adds_up=True),
        worked_out("in_scope_pence", "In scope", adds_up=True),
        worked_out("out_of_scope_pence", "Out of scope", adds_up=True),
        worked_out("unmapped_pence", "Mapped to no one", adds_up=True),
        worked_out("share", "Share in scope", "share"),
    ),
}


def block_steps(
    workings: ResultTable, contract: str, services: Mapping[str, str], activities: Mapping[str, str]
) -> list[ResultTable]:
    """Lay the workings of one block contract out, a table a step.

    Share of the contract = pounds of a service / pounds of the contract; weighted units = units x
    weight of a unit; share of the service = weighted units / all weighted units of the service;
    pounds for a unit = pounds / units.
    Source: handbook 2.4.2-2.4.5, Figs 4, 6, 8, 10, 11, 13; req 36, 63, 77, 80, 101.
    """
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in workings.records():
        if row["contract"] == contract:
            rows[row["step"]].append(row)
    names = {
        "services": services,
        "activities": {**activities, "NOACTIVITY": "No activity recorded"},
    }
    return [
        result_table(
            f"step_{step}",
            STEPS[step],
            _about(step, rows[step]),
            (*COLUMNS[step], *KEYS),
            _body(step, rows[step], names),
        )
        for step in STEPS
        if rows[step]
    ]


def _about(step: int, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say what a step does, and which option was taken and why."""
    taken = dict.fromkeys(
        (str(row["method"]).replace("_", " "), str(row["reason"]))
        for row in rows
        if row["method"] and row["method"] != "no activity"
    )
    return " ".join(
        [
            ABOUT[step],
            *(
                f"Option used: {method}.{f' {reason}' if reason else ''}"
                for method, reason in taken
            ),
        ]
    )


def _body(
    step: int, rows: Sequence[dict[str, Any]], names: Mapping[str, Mapping[str, str]]
) -> list[list[Value]]:
    whole = sum(row["amount_pence"] or 0 for row in rows)
    weighted: dict[str, float] = defaultdict(float)
    for row in rows:
        weighted[row["service_line"]] += (row["units"] or 0.0) * (row["weight"] or 0.0)
    body: list[list[Value]] = []
    for row in rows:
        found: dict[str, Value] = {
            **row,
            "service": names["services"].get(row["service_line"], row["service_line"]),
            "activity": names["activities"].get(row["activity_type"], row["activity_type"]),
        }
        if step == 1:
            found["share"] = _part(row["amount_pence"], whole)
        elif step == 3:
            found["weighted"] = (
                None if row["weight"] is None else (row["units"] or 0.0) * row["weight"]
            )
            found["share"] = _part(found["weighted"], weighted[row["service_line"]])
            found["pence_per_unit"] = _part(row["amount_pence"], row["units"])
        elif step == 4:
            found["share"] = _part(row["in_scope_pence"], row["amount_pence"])
        body.append([found[column.name] for column in (*COLUMNS[step], *KEYS)])
    return body


def _part(value: Any, whole: float | None) -> float | None:
    return None if value is None or not whole else float(value) / float(whole)
