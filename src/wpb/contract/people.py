"""Who the contract's people are: counts as known on a day, carried across practices that merged,
opened and closed.

Source: handbook 4.4; req 234, 236, 238, 243.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from wpb.contract.terms import on_day
from wpb.kernel.places import Cell
from wpb.tables.model import Model

Key = tuple[str, str]
"""List and patient type."""
ListChange = tuple[str, str, str, float, datetime.date, int]
"""List, what happened to it, the list that took its people, their share, the day, and the row that
says so.
"""


@dataclass(frozen=True)
class Counted:
    """People by list and type on a day, and the cell each figure came from."""

    people: Mapping[Key, float]
    places: Mapping[Key, Cell]


class Counts:
    """The counts of a model by basis, day and what was known when."""

    def __init__(self, model: Model) -> None:
        self.model = model
        table = model["population_counts"]
        self._rows: dict[
            tuple[str, datetime.date], dict[Key, list[tuple[datetime.date, float, int]]]
        ] = defaultdict(lambda: defaultdict(list))
        self._counted: dict[tuple[str, datetime.date, datetime.date], Counted] = {}
        people = table.numbers("people")
        for row, (basis, date, code, kind, known) in enumerate(
            zip(
                *(
                    table.text(name)
                    for name in ("basis", "count_date", "list_code", "patient_type", "known_on")
                ),
                strict=True,
            )
        ):
            self._rows[basis, on_day(date)][code, kind].append(
                (on_day(known), float(people[row]), row)
            )
        changes = model["list_changes"]
        self.changes: list[ListChange] = [
            (
                str(changes.columns["list_code"][row]),
                str(changes.columns["change"][row]),
                str(changes.columns["successor"][row]),
                float(changes.numbers("share")[row]),
                on_day(str(changes.columns["effective_on"][row])),
                row,
            )
            for row in range(len(changes))
        ]

    def dates(self, basis: str) -> list[datetime.date]:
        """The days there are counts for."""
        return sorted(date for found, date in self._rows if found == basis)

    def counted(self, basis: str, date: datetime.date, known_on: datetime.date) -> Counted:
        """The latest count for a day that was known on another day, worked out once."""
        asked = basis, date, known_on
        if asked not in self._counted:
            self._counted[asked] = self._latest(*asked)
        return self._counted[asked]

    def _latest(self, basis: str, date: datetime.date, known_on: datetime.date) -> Counted:
        table = self.model["population_counts"]
        people: dict[Key, float] = {}
        places: dict[Key, Cell] = {}
        for key, rows in self._rows.get((basis, date), {}).items():
            found = [row for row in rows if row[0] <= known_on]
            if found:
                _, people[key], row = max(found)
                places[key] = table.where(row, "people")
        return Counted(people, places)

    def planned(self, date: datetime.date, known_on: datetime.date) -> Counted | None:
        """The people planned for a day: between two planned counts, in a straight line by days;
        None outside them.

        Source: handbook 4.4 (the forecast reflects the projected population); req 238.
        """
        dates = [
            day for day in self.dates("planned") if self.counted("planned", day, known_on).people
        ]
        before, after = [day for day in dates if day <= date], [day for day in dates if day >= date]
        if not before or not after:
            return None
        first, last = (
            self.counted("planned", before[-1], known_on),
            self.counted("planned", after[0], known_on),
        )
        weight = (
            (date - before[-1]).days / (after[0] - before[-1]).days
            if after[0] != before[-1]
            else 0.0
        )
        keys = sorted({*first.people, *last.people})
        people = {
            key: first.people.get(key, 0.0) * (1 - weight) + last.people.get(key, 0.0) * weight
            for key in keys
        }
        return Counted(people, {**last.places, **first.places})

    def carried(self, counted: Counted, date: datetime.date) -> Counted:
        """Planned people with those of merged and closed lists carried to the lists that took them.

        people of successor = own + sum of (people of predecessor x share); changes are followed in
        order of their days.
        Source: handbook 4.4; req 238, 243.
        """
        people, places = dict(counted.people), dict(counted.places)
        for day in sorted({change[4] for change in self.changes if change[4] <= date}):
            for code in sorted(
                {change[0] for change in self.changes if change[4] == day and change[1] != "opened"}
            ):
                for key in [key for key in sorted(people) if key[0] == code]:
                    leaving, place = people.pop(key), places.pop(key)
                    for _, _, successor, share, _, _ in (
                        change for change in self.changes if change[0] == code and change[4] == day
                    ):
                        if successor:
                            people[successor, key[1]] = (
                                people.get((successor, key[1]), 0.0) + leaving * share
                            )
                            places.setdefault((successor, key[1]), place)
        return Counted(people, places)

    def opened(self, date: datetime.date) -> set[str]:
        """Lists that opened by a day."""
        return {change[0] for change in self.changes if change[1] == "opened" and change[4] <= date}
