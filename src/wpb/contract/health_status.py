"""Changes of health status: which may move money, and which may not.

Source: handbook 4.4; req 240.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from wpb.contract.people import Counted, ListChange
from wpb.contract.terms import on_day
from wpb.tables.model import Model

STATUS_RULES = {
    "case_finding": (
        True,
        "finding disease must not be penalised: the newly found need is paid for",
    ),
    "unavoidable_change": (
        True,
        "need that nobody could have prevented is the commissioner's risk",
    ),
    "avoidable_deterioration": (False, "failing to keep people well must not be rewarded"),
    "health_improvement": (
        False,
        "keeping people well must not be penalised: the value is not taken away",
    ),
    "recoding": (False, "a change of coding is no change of need"),
}
"""Cause of a change of health status: whether it moves money, and why."""


def barred_changes(
    model: Model, date: datetime.date, list_changes: Sequence[ListChange]
) -> list[tuple[str, str, str, str, float, int]]:
    """The changes of health status up to a day that may not move money: list, from, to, cause,
    people, row.

    They hold from the count they were found in, so that later counts do not pay for them either;
    where a list has merged
    or closed since, they go with its people: people x share the successor took.
    Source: handbook 4.4; req 238, 240.
    """
    table = model["patient_movements"]
    found = []
    for row, (day, code, cause, kind, to) in enumerate(
        zip(
            *(
                table.text(name)
                for name in ("count_date", "list_code", "cause", "patient_type", "to_type")
            ),
            strict=True,
        )
    ):
        if cause in STATUS_RULES and not STATUS_RULES[cause][0] and on_day(day) <= date:
            for name, share in _now(code, on_day(day), date, list_changes):
                found.append(
                    (name, kind, to, cause, float(table.numbers("people")[row]) * share, row)
                )
    return found


def _now(
    code: str, then: datetime.date, date: datetime.date, list_changes: Sequence[ListChange]
) -> list[tuple[str, float]]:
    """The lists that people of a list are on by a later day, and the share of them on each."""
    first = min(
        (
            change[4]
            for change in list_changes
            if change[0] == code and change[1] != "opened" and then < change[4] <= date
        ),
        default=None,
    )
    if first is None:
        return [(code, 1.0)]
    steps = [
        change
        for change in list_changes
        if change[0] == code and change[1] != "opened" and change[4] == first and change[2]
    ]
    return [
        (name, step[3] * share)
        for step in steps
        for name, share in _now(step[2], first, date, list_changes)
    ]


def without_barred(
    registered: Counted, changes: list[tuple[str, str, str, str, float, int]]
) -> Counted:
    """The registered people with barred changes undone: people + moved out - moved in, on each list
    that was counted.

    Source: handbook 4.4; req 240.
    """
    people = dict(registered.people)
    counted = {code for code, _ in people}
    for code, kind, to, _, moved, _ in changes:
        if code in counted:
            people[code, kind] = people.get((code, kind), 0.0) + moved
            people[code, to] = people.get((code, to), 0.0) - moved
    return Counted(people, registered.places)
