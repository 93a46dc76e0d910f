"""Practices that take up their own contract again, or join, during the term.

Source: overview 3.3.2; req 119, 120, 121.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from wpb.contract.events import Event
from wpb.contract.people import Counts, Key
from wpb.contract.terms import Terms, on_day
from wpb.contract.timing import is_permitted_point
from wpb.kernel.calendar import year_of
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model


def core_funding(
    weighted_people: Array, weighted_funding_pence: Array, index: Array, direction: Array
) -> Array:
    """Core general practice that moves: weighted people x funding per weighted patient x growth
    since the day x -1 or 1.

    Source: overview 3.3.2; req 119.
    """
    return weighted_people * weighted_funding_pence * index * direction


def replacement_cost(people: Array, cost_pence: Array, index: Array, direction: Array) -> Array:
    """Other services that move with the patients: people x cost of buying them elsewhere x growth
    since the day x -1 or 1.

    Source: overview 3.3.2; req 120.
    """
    return people * cost_pence * index * direction


def growth_since(level_pence: Array, level_then_pence: Array) -> Array:
    """How the stream has grown in the forecast since the year of the change: level / level then.

    Source: overview 3.3.2 (terms are those in force on the day); req 121.
    """
    return np.divide(
        level_pence,
        level_then_pence,
        out=np.ones_like(level_pence * level_then_pence),
        where=level_then_pence != 0,
    )


@dataclass(frozen=True)
class PracticeChange:
    """A practice's change: its yearly effect by cell, and whether all its people leave or only core
    general practice.
    """

    event: Event
    rate: Block
    core_only: bool
    people: float
    weighted_people: float


@dataclass(frozen=True)
class Standing:
    """How a practice stands to the contract just before a change: what of it is inside, and its
    last change before.
    """

    core_inside: bool
    others_inside: bool
    """Whether its people's other services are inside."""
    last: Event | None


def stands_right(event: Event, standing: Standing, counts: Counts, problems: ProblemLog) -> bool:
    """Whether a practice can reactivate or join as it stands: nobody leaves twice, or joins who is
    inside.

    Source: overview 3.3.2; handbook 4.4 (one mover, one rule); req 119, 121.
    """
    code, day, last = event.list_code, event.effective_on, standing.last
    merged = next(
        (
            change
            for change in counts.changes
            if change[0] == code and change[1] != "opened" and change[4] <= day
        ),
        None,
    )
    if last is not None and last.effective_on >= day:
        problems.error(
            event.place,
            f"{event.code}: {code} already has a later change, {last.code}, on"
            f" {last.effective_on}.",
            "A practice's changes take effect one after another; correct the dates.",
            "practice_order",
        )
    elif merged is not None:
        into = f"merged into {merged[2]}" if merged[2] else "closed"
        problems.error(
            event.place,
            f"{event.code}: {code} has {into} on {merged[4]}.",
            "Name the practice that took its place, or correct list_changes.",
            "practice_merged",
        )
    elif event.kind == "reactivation" and not standing.core_inside:
        why = (
            f"it left by {last.code} on {last.effective_on}"
            if last is not None
            else (
                "its core general practice is not in the contract, so it has no suspended contract"
                " to take up"
            )
        )
        problems.error(
            event.place,
            f"{event.code}: {code} cannot reactivate; {why}.",
            "Take the event out, or correct how the practice takes part in gp_lists.",
            "practice_not_inside",
        )
    elif event.kind == "joining" and standing.core_inside:
        problems.error(
            event.place,
            f"{event.code}: {code} is inside"
            f" already{f', by {last.code} on {last.effective_on}' if last is not None else ''}.",
            "Take the event out, or correct how the practice takes part in gp_lists.",
            "practice_inside_already",
        )
    else:
        return True
    return False


def practice_change(
    event: Event,
    standing: Standing,
    model: Model,
    terms: Terms,
    cells: Axis,
    lines: Block,
    ledger: Ledger,
    counts: Counts,
    problems: ProblemLog,
) -> PracticeChange | None:
    """Work out what a practice takes with it or brings, on the terms in force on the day.

    lines: forecast of the annual payment by cell, from which growth after the day is taken. A
    practice whose people's other services are inside already brings its core general practice
    alone.
    Source: overview 3.3.2; req 119, 120, 121.
    """
    if not stands_right(event, standing, counts, problems):
        return None
    row = _terms_in_force(event, model)
    lists = model["gp_lists"]
    at = lists.rows_where("list_code", event.list_code)
    if row is None or not at:
        problems.error(
            event.place,
            f"{event.code}: no terms are in force for practice '{event.list_code}' on"
            f" {event.effective_on}.",
            "Enter its terms in practice_terms.",
            "practice_terms_missing",
        )
        return None
    table = model["practice_terms"]
    if event.kind == "reactivation" and not is_permitted_point(
        event.effective_on,
        str(table.columns["permitted_points"][row]),
        terms.starts_on,
        terms.ends_on,
    ):
        problems.error(
            event.place,
            f"{event.code}: {event.list_code} may not reactivate on {event.effective_on}; its terms"
            f" allow {str(table.columns['permitted_points'][row]).replace('_', ' ')}.",
            "Use a permitted date. By default a practice reactivates when the contract ends.",
            "not_a_permitted_point",
        )
        return None
    commissioner = str(lists.columns["commissioner"][at[0]])
    moves = [(str(table.columns["funding_stream"][row]), "weighted_funding")]
    if str(table.columns["replacement_stream"][row]) and (
        event.kind == "reactivation" or not standing.others_inside
    ):
        moves.append((str(table.columns["replacement_stream"][row]), "replacement_cost"))
    lost = [stream for stream, _ in moves if f"{commissioner}.{stream}" not in cells.positions]
    if lost:
        problems.error(
            event.place,
            f"{event.code}: {commissioner} pays for no {', '.join(lost)} lines in the budget.",
            "Check the streams of its practice_terms.",
            "no_payer",
        )
        return None
    if not _people_known(event, model, counts, at[0], problems):
        return None
    return _made(
        event,
        model,
        terms,
        cells,
        lines,
        ledger,
        counts,
        row,
        at[0],
        [(cells.positions[f"{commissioner}.{stream}"], column) for stream, column in moves],
        _priced_since(event, standing, model, row),
    )


def _priced_since(event: Event, standing: Standing, model: Model, row: int) -> datetime.date:
    """The day from which what moves grows: the day of the change, or, where a practice comes back
    on the very terms it left on, the day it left, so that leaving and coming back move nothing.
    """
    last = standing.last
    back = event.kind == "joining" and last is not None and last.kind == "reactivation"
    if back and last is not None and _terms_in_force(last, model) == row:
        return last.effective_on
    return event.effective_on


def _terms_in_force(event: Event, model: Model) -> int | None:
    table = model["practice_terms"]
    found = [
        (on_day(str(table.columns["terms_from"][row])), row)
        for row in table.rows_where("list_code", event.list_code)
    ]
    past = [pair for pair in found if pair[0] <= event.effective_on]
    return max(past)[1] if past else None


def _people_known(
    event: Event, model: Model, counts: Counts, list_row: int, problems: ProblemLog
) -> bool:
    """Whether the practice's people are counted, type by type, and weighted, so that none is paid
    for as nobody or unweighted.
    """
    lists, counted = model["gp_lists"], _latest_count(event, counts)
    if event.kind == "joining" and not counted:
        problems.error(
            event.place,
            f"{event.code}: no count of list {event.list_code} was known when it joined.",
            "Enter its registered people for a day on or before it joins, so that later updates pay"
            " only for movement after that.",
            "no_count",
        )
        return False
    planned = {
        kind
        for day in counts.dates("planned")
        for (code, kind), people in counts.counted("planned", day, event.known_on).people.items()
        if code == event.list_code and people
    }
    left_out = sorted(planned - {kind for _, kind in counted}) if counted else []
    if left_out:
        problems.error(
            next(iter(counted.values()))[1],
            f"{event.code}: the count of list {event.list_code} of that day has no row for type"
            f" {', '.join(left_out)}, of which people are planned.",
            "Enter the count, 0 where there is nobody: a blank is not read as nobody.",
            "type_not_counted",
        )
    if not _weight_rows(event, model) or not lists.numbers("population")[list_row]:
        problems.error(
            lists.where(list_row, "population"),
            f"{event.code}: list {event.list_code} has no people here or no weighted population for"
            " primary medical care, and core general practice is paid by weighted people.",
            "Enter the list's population, and in list_weights a row of it with the need"
            " primary_medical_care.",
            "practice_weight_missing",
        )
        return False
    return not left_out


def _latest_count(event: Event, counts: Counts) -> dict[Key, tuple[float, Cell]]:
    """The list's people and their cells by the latest count on or before the day of the change;
    empty where there is none.
    """
    for day in reversed([day for day in counts.dates("registered") if day <= event.effective_on]):
        counted = counts.counted("registered", day, event.known_on)
        keys = sorted(key for key in counted.people if key[0] == event.list_code)
        if keys:
            return {key: (counted.people[key], counted.places[key]) for key in keys}
    return {}


def _weight_rows(event: Event, model: Model) -> list[int]:
    weights = model["list_weights"]
    return [
        row
        for row in weights.rows_where("list_code", event.list_code)
        if weights.columns["need"][row] == "primary_medical_care"
    ]


def _people(event: Event, model: Model, counts: Counts, list_row: int) -> tuple[float, float, Cell]:
    """People on the list by the latest count with a plan beside it, else as the scope holds them;
    and weighted people.
    """
    lists = model["gp_lists"]
    population, place = (
        float(lists.numbers("population")[list_row]),
        lists.where(list_row, "population"),
    )
    counted = list(_latest_count(event, counts).values())
    people, place = (
        (sum(number for number, _ in counted), counted[0][1]) if counted else (population, place)
    )
    ratio = (
        float(model["list_weights"].numbers("weighted_population")[_weight_rows(event, model)[0]])
        / population
    )
    return people, people * ratio, place


def _made(
    event: Event,
    model: Model,
    terms: Terms,
    cells: Axis,
    lines: Block,
    ledger: Ledger,
    counts: Counts,
    row: int,
    list_row: int,
    moves: list[tuple[int, str]],
    priced_since: datetime.date,
) -> PracticeChange:
    people, weighted, place = _people(event, model, counts, list_row)
    table = model["practice_terms"]
    name = f"wpb/practice/{event.code}"
    axis = Axis("what moves", tuple(column for _, column in moves))
    heads = ledger.leaf(
        f"{name}/people",
        axis,
        "people",
        np.array([weighted if column == "weighted_funding" else people for _, column in moves]),
        lambda r, y: place,
        title="People, weighted for core general practice",
    )
    price = ledger.leaf(
        f"{name}/value",
        axis,
        "pence",
        np.array([float(table.numbers(column)[row]) for _, column in moves]),
        lambda r, y: table.where(row, moves[r][1]),
        title="Value of one person for a year",
    )
    sign = ledger.leaf(
        f"{name}/direction",
        axis,
        "sign",
        np.full(len(moves), -1.0 if event.kind == "reactivation" else 1.0),
        lambda r, y: event.place,
        title="Leaves (-1) or joins (1)",
    )
    into = np.array([cell for cell, _ in moves], dtype=np.int64)
    then = year_of(min(priced_since, terms.ends_on))
    index = ledger.add(
        f"{name}/growth",
        growth_since,
        axis,
        "ratio",
        terms.years,
        "Growth since the day",
        level_pence=Ref(lines, into),
        level_then_pence=Ref(lines, into, years=then),
    )
    moved = ledger.add(
        f"{name}/moved",
        core_funding,
        axis,
        "pence",
        terms.years,
        "Funding that moves",
        weighted_people=heads,
        weighted_funding_pence=price,
        index=index,
        direction=sign,
    )
    rate = ledger.total(
        f"{name}/rate", cells, (moved, into), title=f"Yearly effect of {event.code}"
    )
    return PracticeChange(event, rate, len(moves) == 1, people, weighted)


def returns_at_end(model: Model, ends_on: datetime.date) -> list[dict[str, object]]:
    """The practices whose own contracts come back when the contract ends, and the terms they come
    back on.

    Source: overview 3.3.2; req 121.
    """
    roles, table = model["gp_roles"], model["practice_terms"]
    found: list[dict[str, object]] = []
    for row in roles.rows_where("own_contract", "suspended"):
        code = str(roles.columns["list_code"][row])
        terms = sorted(
            on_day(str(table.columns["terms_from"][r]))
            for r in table.rows_where("list_code", code)
            if on_day(str(table.columns["terms_from"][r])) <= ends_on
        )
        found.append(
            {
                "list_code": code,
                "returns_on": (ends_on + datetime.timedelta(days=1)).isoformat(),
                "terms_from": terms[-1].isoformat() if terms else None,
            }
        )
    return found
