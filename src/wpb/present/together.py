"""Two changes of a contract applied in one go or one after the other: worked out both ways, and set
side by side.

Source: handbook 4.4; req 238, 244.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from wpb.contract.events import Event
from wpb.kernel.money import pounds
from wpb.kernel.problems import InputProblems
from wpb.live import LiveContract, live_contract
from wpb.tables.model import Model

CHANGING = (
    "population_update",
    "reactivation",
    "joining",
    "scope_change",
    "correction",
    "periodic_agreement",
    "re_opener",
)


def in_turn_or_together(
    live: LiveContract, progress: Callable[[str], None] = lambda stage: None, only: str = ""
) -> list[dict[str, Any]]:
    """Work out neighbouring changes, and neighbouring updates, as if both had become known on the
    later day, and say what differs and why.

    A value depends on the events and not on the order they came in: each is worked out by its own
    day, in a fixed order. What may depend on the day a change is known: the month in which money
    moves, the vintage a mover is valued at, and the count a practice is taken to leave or join
    with. only: an event that must be one of the two; '' for all.
    Source: handbook 4.4; req 238, 244.
    """
    changing = [event for event in live.history.events if event.kind in CHANGING]
    updates = [event for event in changing if event.kind == "population_update"]
    found = []
    for first, second in (
        pair
        for pair in dict.fromkeys([*pairwise(changing), *pairwise(updates)])
        if only in ("", pair[0].code, pair[1].code)
    ):
        progress(f"{first.code} and {second.code}")
        found.append(_compared(live, first, second))
    return found


def _compared(live: LiveContract, first: Event, second: Event) -> dict[str, Any]:
    months = [live.plan.calendar.first_open(event.known_on) for event in (first, second)]
    reasons = (
        []
        if months[0] == months[1]
        else [
            (
                f"the first was in time for {months[0]} and the second for {months[1]}, so the"
                " instalments between differ"
            )
        ]
    )
    vintages = [
        live.history.updates[event.code].vintage
        for event in (first, second)
        if event.code in live.history.updates
    ]
    if len(set(vintages)) > 1:
        reasons.append(
            f"they are valued each at the vintage agreed by its own day, {' and '.join(vintages)},"
            " whichever way they are applied"
        )
    years = dict.fromkeys(live.terms.years, 0)
    if first.known_on != second.known_on:
        try:
            together = live_contract(
                _known_together(live.model, first, second), live.book, live.as_known_on, before=live
            )
        except InputProblems as stopped:
            reasons.append(
                "they cannot be applied in one go: "
                + next(problem.what for problem in stopped.problems if problem.severity == "error")
            )
            return {
                "first": first.code,
                "second": second.code,
                "same_value": False,
                "same_instalments": False,
                "difference_pence": years,
                "why": reasons,
            }
        trees = [
            one.trees[
                max(
                    version.number
                    for version in one.history.versions
                    if version.event in (first.code, second.code)
                )
            ]
            for one in (live, together)
        ]
        years = {
            year: trees[1].wpb(at) - trees[0].wpb(at) for at, year in enumerate(live.terms.years)
        }
        if any(years.values()):
            reasons.append(_why(live, together, first, second, sum(years.values())))
    return {
        "first": first.code,
        "second": second.code,
        "same_value": not any(years.values()),
        "same_instalments": months[0] == months[1] and not any(years.values()),
        "difference_pence": years,
        "why": reasons,
    }


def _why(
    live: LiveContract, together: LiveContract, first: Event, second: Event, pence: int
) -> str:
    amount = (
        f"in one go the value over the term is {pounds(pence, 2)} {'more' if pence > 0 else 'less'}"
    )
    for event in (first, second):
        before, after = (
            live.history.updates.get(event.code),
            together.history.updates.get(event.code),
        )
        if before is not None and after is not None and before.vintage != after.vintage:
            return (
                f"{amount}: {event.code} would be valued at the vintage agreed on {after.vintage},"
                f" not the one of {before.vintage}"
            )
    for event in (first, second):
        if event.code in live.history.practices and event.code in together.history.practices:
            people = [one.history.practices[event.code].people for one in (live, together)]
            if people[0] != people[1]:
                return (
                    f"{amount}: on that day a later count of {event.list_code} was known, of"
                    f" {people[1]:,.0f} people and not {people[0]:,.0f}, and what moves after the"
                    " change is measured from it"
                )
    return f"{amount}: what was known on {second.known_on} alters how {first.code} is worked out"


def _known_together(model: Model, first: Event, second: Event) -> Model:
    """The model as if the first event had become known on the day of the second; seals of closed
    months are laid aside.
    """
    tables = dict(model.tables)
    events, closed = tables["contract_events"], tables["closed_months"]
    known = np.array(
        [
            second.known_on.isoformat() if code == first.code else day
            for code, day in zip(events.text("event"), events.text("known_on"), strict=True)
        ],
        dtype=object,
    )
    tables["contract_events"] = replace(events, columns={**events.columns, "known_on": known})
    tables["closed_months"] = replace(
        closed, columns={**closed.columns, "seal": np.array([""] * len(closed), dtype=object)}
    )
    return replace(model, tables=tables, is_held=False)
