"""Whether counts of people can be paid on: every list and type counted, lists that add up, mergers
said, causes that hold.

Source: handbook 4.4; req 234, 236, 238, 240, 243.
"""

from __future__ import annotations

import datetime
import itertools
from collections import defaultdict

from wpb.contract.health_status import STATUS_RULES
from wpb.contract.people import Counted, Counts, Key
from wpb.contract.terms import on_day
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable


def check_lists(
    event: str,
    planned: Counted,
    registered: Counted,
    opened: set[str],
    lists: set[str],
    known: set[str],
    place: Cell,
    problems: ProblemLog,
) -> None:
    """Check that every list that counts has both a plan and a count; a list on one side alone needs
    the merger map.

    lists: those that count in the contract. known: every list of the model, those that opened,
    merged or closed included.

    Source: handbook 4.4; req 238, 243.
    """
    plan, count = (
        {code for code, _ in planned.people} & lists,
        {code for code, _ in registered.people} & lists,
    )
    for code in sorted({code for code, _ in registered.people} - known):
        problems.error(
            place,
            f"{event}: list {code} has people registered, and the model has no such list.",
            "Say in list_changes that it opened, or correct the code.",
            "merger_missing",
        )
    for code in sorted(count - plan - opened):
        problems.error(
            place,
            f"{event}: list {code} has people registered and none planned.",
            "Say in list_changes that it opened, or which lists merged into it.",
            "merger_missing",
        )
    for code in sorted(plan - count):
        problems.error(
            place,
            f"{event}: list {code} has people planned and no count.",
            "Say in list_changes what it merged into or that it closed, or enter its count.",
            "merger_missing",
        )
    for code in sorted(plan & count):
        left_out = sorted(
            kind
            for (name, kind), people in planned.people.items()
            if name == code and people and (name, kind) not in registered.people
        )
        if left_out:
            problems.error(
                place,
                f"{event}: list {code} has people planned of type {', '.join(left_out)} and no"
                " count of them.",
                "Enter the count, 0 where there is nobody: a blank is not read as nobody.",
                "type_not_counted",
            )


def check_totals(
    model: Model,
    event: str,
    date: datetime.date,
    known_on: datetime.date,
    registered: Counted,
    problems: ProblemLog,
) -> None:
    """Check that the types of each list add to the list's published size, where there is one.

    Source: handbook 4.4; req 236, 238.
    """
    table = model["list_totals"]
    latest: dict[str, tuple[datetime.date, int]] = {}
    for row in table.rows_where("count_date", date.isoformat()):
        known = on_day(str(table.columns["known_on"][row]))
        code = str(table.columns["list_code"][row])
        if known <= known_on and (code not in latest or latest[code][0] < known):
            latest[code] = known, row
    sums: dict[str, float] = defaultdict(float)
    for (code, _), people in registered.people.items():
        sums[code] += people
    for code, (_, row) in sorted(latest.items()):
        size = float(table.numbers("people")[row])
        if code in sums and abs(sums[code] - size) > 1e-9:
            problems.error(
                table.where(row, "people"),
                f"{event}: the patient types of list {code} add to {sums[code]:g}, and its list"
                f" size is {size:g}.",
                "Correct the counts by type or the list size, so that they agree.",
                "list_does_not_sum",
            )


def check_planned(counts: Counts, known_on: datetime.date, problems: ProblemLog) -> None:
    """Check that planned counts that follow each other hold the same lists and types, so that none
    slides to nought between them.

    A list on one side alone has opened, merged or closed by list_changes between the two days.
    known_on: what was known then counts.
    Source: handbook 4.4; req 238, 243.
    """
    dates = [
        day
        for day in dict.fromkeys(counts.dates("planned"))
        if counts.counted("planned", day, known_on).people
    ]
    for before, after in itertools.pairwise(dates):
        first, last = (counts.counted("planned", day, known_on) for day in (before, after))
        came = {
            code
            for code, change, *_, day, _ in counts.changes
            if change == "opened" and day <= after
        }
        went = {
            code
            for code, change, *_, day, _ in counts.changes
            if change != "opened" and day <= after
        }
        for here, there, day, gone in ((first, last, after, went), (last, first, before, came)):
            for key in sorted(set(here.people) - set(there.people)):
                if here.people[key] and key[0] not in gone:
                    _planned_gap(key, here, day, problems)


def _planned_gap(key: Key, here: Counted, day: datetime.date, problems: ProblemLog) -> None:
    code, kind = key
    problems.error(
        here.places[key],
        f"List {code} has people planned of type {kind} here, and the planned count of {day} has no"
        " row for them.",
        "Enter that row, 0 where nobody is planned, or say in list_changes that the list opened,"
        " merged or closed.",
        "planned_gap",
    )


def check_list_changes(model: Model, problems: ProblemLog) -> None:
    """Check the merger map: a merged list has a successor that exists, an opening says who pays and
    how it takes part.

    Source: handbook 4.4; req 238, 243.
    """
    table, lists = model["list_changes"], set(model["gp_lists"].text("list_code"))
    opened = {str(table.columns["list_code"][row]) for row in table.rows_where("change", "opened")}
    _check_days(table, problems)
    for row, (code, change, successor) in enumerate(
        zip(*(table.text(name) for name in ("list_code", "change", "successor")), strict=True)
    ):
        if change == "opened":
            for name in ("commissioner", "participation"):
                if not str(table.columns[name][row]):
                    problems.error(
                        table.where(row, name),
                        f"List {code} opened, and its {name} is not given.",
                        "Enter who pays for its people and how it takes part; 'none' if it"
                        " doesn't.",
                        "opening_incomplete",
                    )
        elif code not in lists | opened:
            problems.error(
                table.where(row, "list_code"),
                f"List {code} has {change}, and no such list is known.",
                "Correct the code, or add it to gp_lists.",
                "list_unknown",
            )
        elif successor == code:
            problems.error(
                table.where(row, "successor"),
                f"List {code} would merge into itself.",
                "Name the list that takes its people.",
                "successor_unknown",
            )
        elif change == "merged" and not successor:
            problems.error(
                table.where(row, "successor"),
                f"List {code} merged, and the list it merged into is not given.",
                "Enter the successor, or say that it closed.",
                "successor_unknown",
            )
        elif successor and successor not in lists | opened:
            problems.error(
                table.where(row, "successor"),
                f"List {code} {'merged into' if change == 'merged' else 'sent its people to'}"
                f" '{successor}', which is not a known list.",
                "Correct the code, or add the list to gp_lists.",
                "successor_unknown",
            )


def _check_days(table: TypedTable, problems: ProblemLog) -> None:
    """One day for each list's end, and no list that takes people on a day it has gone by."""
    ended: dict[str, str] = {}
    for row, (code, change, day) in enumerate(
        zip(*(table.text(name) for name in ("list_code", "change", "effective_on")), strict=True)
    ):
        if change != "opened" and ended.setdefault(code, day) != day:
            problems.error(
                table.where(row, "effective_on"),
                f"List {code} ends on {day} here and on {ended[code]} in another row.",
                "A list ends on one day, for all who take its people; correct one of the days.",
                "list_ends_twice",
            )
    for row, (code, successor, day) in enumerate(
        zip(*(table.text(name) for name in ("list_code", "successor", "effective_on")), strict=True)
    ):
        if successor in ended and ended[successor] <= day:
            problems.error(
                table.where(row, "successor"),
                f"List {code} sends its people on {day} to {successor}, which ended on"
                f" {ended[successor]}.",
                "Name the list that took them in the end.",
                "successor_gone",
            )


def check_movements(model: Model, problems: ProblemLog) -> None:
    """Check the causes of movements: a change of health status says from which type to which, of
    how many, in which count.

    Source: handbook 4.4; req 240, 243.
    """
    table, counts = model["patient_movements"], model["population_counts"]
    counted = {
        (day, code)
        for basis, day, code in zip(
            *(counts.text(name) for name in ("basis", "count_date", "list_code")), strict=True
        )
        if basis == "registered"
    }
    kinds = set(counts.text("patient_type"))
    for row, (day, code, cause, kind, to) in enumerate(
        zip(
            *(
                table.text(name)
                for name in ("count_date", "list_code", "cause", "patient_type", "to_type")
            ),
            strict=True,
        )
    ):
        people, words = float(table.numbers("people")[row]), cause.replace("_", " ")
        if (day, code) not in counted:
            problems.error(
                table.where(row, "count_date"),
                f"A movement of list {code} is part of a count of {day}, and there is no such"
                " count.",
                "Correct the list or the day.",
                "movement_without_count",
            )
        for name, value in (("patient_type", kind), ("to_type", to)):
            if value and value not in kinds:
                problems.error(
                    table.where(row, name),
                    f"'{value}' is not a patient type of the counts.",
                    "Correct the type.",
                    "type_unknown",
                )
        if cause in STATUS_RULES and (not to or to == kind):
            problems.error(
                table.where(row, "to_type"),
                f"A change of health status ({words}) of list {code} does not say what type the"
                " people became.",
                "Enter the type after the change: some causes may not move money, so it must be"
                " known.",
                "movement_incomplete",
            )
        elif cause in STATUS_RULES and people <= 0:
            problems.error(
                table.where(row, "people"),
                f"A change of health status ({words}) of list {code} is of {people:g} people.",
                "Enter how many people changed, above nought, from the first type to the second.",
                "movement_incomplete",
            )
        elif cause not in STATUS_RULES and to:
            problems.error(
                table.where(row, "to_type"),
                f"A movement of list {code} by {words} gives a type after a change of health"
                " status.",
                "Take it out, or correct the cause.",
                "movement_incomplete",
            )
