"""Changes of health status: which may move money, and which may not.

Source: handbook 4.4; req 240.
"""

from __future__ import annotations

import datetime

from wpb.contract.people import Counted
from wpb.contract.terms import on_day
from wpb.tables.model import Model

STATUS_RULES = {
    "case_finding": (True, "finding disease must not be penalised: the newly found need is paid for"),
    "unavoidable_change": (True, "need that nobody could have prevented is the commissioner's risk"),
    "avoidable_deterioration": (False, "failing to keep people well must not be rewarded"),
    "health_improvement": (False, "keeping people well must not be penalised: the value is not taken away"),
    "recoding": (False, "a change of coding is no change of need"),
}
"""Cause of a change of health status: whether it moves money, and why."""


def barred_changes(model: Model, date: datetime.date) -> list[tuple[str, str, str, str, float, int]]:
    """The changes of health status up to a day that may not move money: list, from, to, cause, people, row.

    They hold from the count they were found in, so that later counts do not pay for them either.
    Source: handbook 4.4; req 240.
    """
    table = model["patient_movements"]
    found = []
    for row, (day, code, cause, kind, to) in enumerate(zip(*(table.text(name) for name in ("count_date", "list_code", "cause", "patient_type", "to_type")), strict=True)):
        if cause in STATUS_RULES and not STATUS_RULES[cause][0] and on_day(day) <= date:
            found.append((code, kind, to, cause, float(table.numbers("people")[row]), row))
    return found


def without_barred(registered: Counted, changes: list[tuple[str, str, str, str, float, int]]) -> Counted:
    """The registered people with barred changes undone: people + moved out - moved in.

    Source: handbook 4.4; req 240.
    """
    people = dict(registered.people)
    for code, kind, to, _, moved, _ in changes:
        if (code, kind) in people and (code, to) in people:
            people[code, kind] += moved
            people[code, to] -= moved
    return Counted(people, registered.places)
