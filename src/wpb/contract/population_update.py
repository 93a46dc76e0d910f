"""The mechanistic update for population: people registered less people planned, at the values
agreed for their types.

Source: handbook 4.1, 4.4; overview 3.2; req 234-245.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wpb.contract.count_checks import check_lists, check_planned, check_totals
from wpb.contract.health_status import barred_changes, without_barred
from wpb.contract.people import Counted, Counts
from wpb.contract.terms import Terms, on_day
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model


def moved_people(registered: Array, planned: Array) -> Array:
    """The people paid for: registered - planned; only the difference from what the forecast holds
    already.

    Source: handbook 4.4; req 238.
    """
    return registered - planned


def valued(people: Array, value_pence: Array, scope_factor: Array) -> Array:
    """What movers are worth for a year: people x value per person of their type x scope since the
    value was agreed.

    Source: handbook 4.4; req 234.
    """
    return people * value_pence * scope_factor


def credibility(people_behind: float, full_people: float) -> float:
    """How far a type's value can be trusted: the square root of people behind it / people for full
    trust, 1 at most.

    Source: handbook 4.4 (over or under payment from insufficient data); req 245.
    """
    return 1.0 if full_people <= 0 else float(min(1.0, (people_behind / full_people) ** 0.5))


def full_people(full_credibility_people: float, cost_variation: float) -> float:
    """People from which a mean cost per person can be trusted in full: people for full trust in a
    count x CV^2, where CV = standard deviation / mean of cost per person, 1 where not given.

    Source: handbook 4.4 (over or under payment from insufficient data); req 245.
    """
    return full_credibility_people * (
        1.0 if math.isnan(cost_variation) else cost_variation * cost_variation
    )


def blended(value_pence: float, average_pence: float, trust: float) -> float:
    """A thin type's value: trust x its own value + (1 - trust) x the average per head.

    Source: handbook 4.4; req 245.
    """
    return trust * value_pence + (1 - trust) * average_pence


@dataclass(frozen=True)
class Membership:
    """Which lists count on a day, and for which streams; and how scope stands to when values were
    agreed.
    """

    whole: frozenset[str]
    """Lists whose people count."""
    core: frozenset[str]
    """Of those, lists whose core general practice is inside the contract."""
    changed: tuple[tuple[str, str, bool, datetime.date, datetime.date], ...] = ()
    """Practices that reactivated or joined: list, kind of event, whether core general practice
    alone moved, its day, and the day it was known.
    """
    scope_events: tuple[str, ...] = ()

    def changes_of(
        self, code: str, what: str
    ) -> tuple[tuple[str, datetime.date, datetime.date], ...]:
        """The changes that moved a list's core general practice or its other services, first to
        last: kind, day, and day known.
        """
        return tuple(
            (kind, day, known_on)
            for name, kind, core_only, day, known_on in self.changed
            if name == code and (what == "core" or not core_only)
        )


@dataclass(frozen=True)
class Update:
    """One population update as worked out for a membership: the yearly rate by cell, and what it
    was made from.
    """

    event: str
    date: datetime.date
    rate: Block
    registered: dict[tuple[str, str], float]
    planned: dict[tuple[str, str], float]
    """People by list and type, for the services of the lists now inside."""
    values: dict[tuple[str, str, int], float]
    """Pence by type, stream and year position, as used."""
    thin: tuple[tuple[str, str, float, float], ...]
    """Types with less than full credibility: type, stream, people behind, credibility."""
    barred: tuple[tuple[str, str, str, str, float, int], ...]
    vintage: str
    cell_of: dict[tuple[str, str], int]
    """Cell by list and stream."""


class PopulationUpdates:
    """Works out updates on the contract's ledger."""

    def __init__(
        self,
        model: Model,
        terms: Terms,
        cells: Axis,
        ledger: Ledger,
        scope_factor: Callable[[tuple[str, ...]], Block],
        paid_streams: set[str],
        problems: ProblemLog,
    ) -> None:
        self.model, self.terms, self.cells, self.ledger, self.problems = (
            model,
            terms,
            cells,
            ledger,
            problems,
        )
        self.counts = Counts(model)
        self.scope_factor, self.paid_streams = scope_factor, paid_streams
        streams = model["funding_streams"]
        self.funder = dict(zip(streams.text("funding_stream"), streams.text("funder"), strict=True))
        self.stream_kind = dict(
            zip(streams.text("funding_stream"), streams.text("kind"), strict=True)
        )
        lists = model["gp_lists"]
        self.commissioner = dict(
            zip(lists.text("list_code"), lists.text("commissioner"), strict=True)
        )
        changes = model["list_changes"]
        for row in changes.rows_where("change", "opened"):
            self.commissioner.setdefault(
                str(changes.columns["list_code"][row]), str(changes.columns["commissioner"][row])
            )
        self.known_lists = {*self.commissioner, *changes.text("list_code")}
        self._made: dict[tuple[str, datetime.date, Membership], Update] = {}
        self._plans_checked: set[datetime.date] = set()

    def update(
        self,
        event: str,
        date: datetime.date,
        known_on: datetime.date,
        agreed_on: datetime.date,
        membership: Membership,
        place: Cell,
    ) -> Update | None:
        """Work out an update: people registered less people planned, by list and type, at the
        values of the agreed vintage.

        Without a planned population it is refused: on the allocation route there is none in the
        forecast.
        Source: handbook 4.4; req 234, 236, 238.
        """
        key = (event, known_on, membership)
        if key in self._made:
            return self._made[key]
        if agreed_on not in self._plans_checked:
            self._plans_checked.add(agreed_on)
            check_planned(self.counts, agreed_on, self.problems)
        planned = self.counts.planned(date, agreed_on)
        if planned is None:
            self.problems.error(
                place,
                f"{event}: no planned population for {date} was known when the contract was agreed"
                f" ({agreed_on}).",
                "Enter planned counts around that day, known by the agreement. A stream projected"
                " at its allocation's growth has no planned population in it, so an update needs"
                " one.",
                "no_planned_population",
            )
            return None
        counted = self.counts.counted("registered", date, known_on)
        if not counted.people:
            self.problems.error(
                place,
                f"{event}: there are no registered counts for {date} known by {known_on}.",
                "Enter them in population_counts.",
                "no_count",
            )
            return None
        planned = self.counts.carried(planned, date)
        check_totals(self.model, event, date, known_on, counted, self.problems)
        check_lists(
            event,
            planned,
            counted,
            self.counts.opened(date),
            set(membership.whole),
            self.known_lists,
            place,
            self.problems,
        )
        made = self._worked_out(
            event, date, known_on, agreed_on, membership, planned, counted, place
        )
        if made is not None:
            self._made[key] = made
        return made

    def _worked_out(
        self,
        event: str,
        date: datetime.date,
        known_on: datetime.date,
        agreed_on: datetime.date,
        membership: Membership,
        planned: Counted,
        counted: Counted,
        place: Cell,
    ) -> Update | None:
        barred = tuple(barred_changes(self.model, date, self.counts.changes))
        adjusted = without_barred(counted, list(barred))
        keys = sorted(
            key for key in {*planned.people, *adjusted.people} if key[0] in membership.whole
        )
        rows = [
            (code, kind, what)
            for code, kind in sorted({*planned.people, *adjusted.people})
            for what in ("services", "core")
            if self._is_counted(code, what, membership)
        ]
        values, value_places, thin, vintage = self._values(
            event, agreed_on, planned, keys, {kind for _, kind, _ in rows}, place
        )
        if not values or not keys:
            return None
        streams = sorted({stream for _, stream, _ in values})
        cell_of = self._cells_of(
            event, sorted({(code, what) for code, _, what in rows}), streams, place
        )
        if cell_of is None:
            return None
        name = f"wpb/update/{event}/{len(self._made)}"
        pairs = self._paid_once(rows, planned, adjusted, membership, agreed_on)
        moved = self._moved(name, rows, pairs, adjusted, planned, place)
        wanted = [
            (i, code, kind, stream)
            for i, (code, kind, what) in enumerate(rows)
            for stream in streams
            if what == self._what(stream) and (code, stream) in cell_of
        ]
        payment, row_cells = self._valued(
            name, wanted, values, value_places, moved, cell_of, membership, place
        )
        rate = self.ledger.total(
            f"{name}/rate",
            self.cells,
            (payment, row_cells),
            title="Yearly effect of the population update",
        )
        paid_for = {
            (code, kind): pairs[i]
            for i, (code, kind, what) in enumerate(rows)
            if what == "services" and (code, kind) in set(keys)
        }
        return Update(
            event,
            date,
            rate,
            {key: pair[0] for key, pair in paid_for.items()},
            {key: pair[1] for key, pair in paid_for.items()},
            values,
            thin,
            barred,
            vintage,
            {pair: cell for pair, cell in cell_of.items() if pair[0] in membership.whole},
        )

    def _what(self, stream: str) -> str:
        return "core" if self.stream_kind[stream] == "primary_medical" else "services"

    def _is_counted(self, code: str, what: str, membership: Membership) -> bool:
        inside = membership.core if what == "core" else membership.whole
        changes = membership.changes_of(code, what)
        return code in inside or (bool(changes) and changes[-1][0] == "reactivation")

    def _paid_once(
        self,
        rows: list[tuple[str, str, str]],
        planned: Counted,
        registered: Counted,
        membership: Membership,
        agreed_on: datetime.date,
    ) -> list[tuple[float, float]]:
        """People registered and planned of each row, so that nobody is paid for by two rules.

        Movement is paid for while a list is inside, and for no other time: (registered - planned)
        at the end of each spell inside, less the same at its start. A practice takes the people
        registered on the day it leaves, so the difference paid up to then stays as it was; it is
        paid for the people registered on the day it joins, so that difference is not paid again. A
        list that leaves and comes back as it was has never left.
        """
        found = []
        for code, kind, what in rows:
            now = registered.people.get((code, kind), 0.0), planned.people.get((code, kind), 0.0)
            paid_before, inside = 0.0, True
            for change, day, known_on in membership.changes_of(code, what):
                then = self._at_change(code, kind, day, known_on, agreed_on)
                inside = change != "reactivation"
                if inside:
                    paid_before += then[1] - then[0]
                else:
                    left_with, before = then, paid_before
                    paid_before += then[0] - then[1]
            if not inside:
                now, paid_before = left_with, before
            found.append((now[0], now[1] - paid_before))
        return found

    def _at_change(
        self,
        code: str,
        kind: str,
        day: datetime.date,
        known_on: datetime.date,
        agreed_on: datetime.date,
    ) -> tuple[float, float]:
        for date in reversed([date for date in self.counts.dates("registered") if date <= day]):
            counted, planned = (
                self.counts.counted("registered", date, known_on),
                self.counts.planned(date, agreed_on),
            )
            if planned is not None and any(key[0] == code for key in counted.people):
                carried = self.counts.carried(planned, date)
                barred = barred_changes(self.model, date, self.counts.changes)
                people = without_barred(counted, barred).people
                return people.get((code, kind), 0.0), carried.people.get((code, kind), 0.0)
        return 0.0, 0.0

    def _moved(
        self,
        name: str,
        rows: list[tuple[str, str, str]],
        pairs: list[tuple[float, float]],
        registered: Counted,
        planned: Counted,
        place: Cell,
    ) -> Block:
        axis = Axis("list, type and services", tuple(".".join(row) for row in rows))
        leaves = []
        for side, (what, counted, title) in enumerate(
            (
                ("registered", registered, "People registered"),
                ("planned", planned, "People planned"),
            )
        ):
            cells = [counted.places.get(row[:2], place) for row in rows]
            leaves.append(
                self.ledger.leaf(
                    f"{name}/{what}",
                    axis,
                    "people",
                    np.array([pair[side] for pair in pairs]),
                    _at(cells),
                    title=title,
                )
            )
        return self.ledger.add(
            f"{name}/moved",
            moved_people,
            axis,
            "people",
            None,
            "People paid for",
            registered=leaves[0],
            planned=leaves[1],
        )

    def _valued(
        self,
        name: str,
        wanted: list[tuple[int, str, str, str]],
        values: dict[tuple[str, str, int], float],
        value_places: dict[tuple[str, str, int], Cell],
        moved: Block,
        cell_of: dict[tuple[str, str], int],
        membership: Membership,
        place: Cell,
    ) -> tuple[Block, Rows]:
        pairs = sorted({(kind, stream) for _, _, kind, stream in wanted})
        value_axis = Axis("type and stream", tuple(f"{kind}.{stream}" for kind, stream in pairs))
        table = np.array(
            [
                [values.get((kind, stream, year), 0.0) for year in range(len(self.terms.years))]
                for kind, stream in pairs
            ]
        )

        def where(row: int, year: int) -> Place:
            return value_places.get((*pairs[row], year), place)

        value_block = self.ledger.leaf(
            f"{name}/value",
            value_axis,
            "pence",
            table,
            where,
            self.terms.years,
            "Value of one person for a year",
        )
        row_cells = np.array(
            [cell_of[code, stream] for _, code, _, stream in wanted], dtype=np.int64
        )
        payment = self.ledger.add(
            f"{name}/valued",
            valued,
            Axis(
                "list, type and stream",
                tuple(f"{code}.{kind}.{stream}" for _, code, kind, stream in wanted),
            ),
            "pence",
            self.terms.years,
            "Movers valued",
            people=Ref(moved, np.array([i for i, *_ in wanted], dtype=np.int64)),
            value_pence=Ref(
                value_block,
                np.array(
                    [value_axis.positions[f"{kind}.{stream}"] for _, _, kind, stream in wanted],
                    dtype=np.int64,
                ),
            ),
            scope_factor=Ref(self.scope_factor(membership.scope_events), row_cells),
        )
        return payment, row_cells

    def _cells_of(
        self, event: str, wanted: list[tuple[str, str]], streams: list[str], place: Cell
    ) -> dict[tuple[str, str], int] | None:
        """The cell that pays for a list's people in each stream; core general practice only where
        it is inside.
        """
        found: dict[tuple[str, str], int] = {}
        for stream in streams:
            payers = [code for code in self.cells.codes if code.split(".", 1)[1] == stream]
            for code in [code for code, what in wanted if what == self._what(stream)]:
                cell = (
                    payers[0]
                    if self.funder[stream] == "council" and len(payers) == 1
                    else f"{self.commissioner.get(code, '')}.{stream}"
                )
                if cell not in self.cells.positions:
                    self.problems.error(
                        place,
                        f"{event}: nobody in the budget pays for {stream} services for the people"
                        f" of list {code}.",
                        "Check the list's commissioner, and that its stream has lines in the"
                        " budget.",
                        "no_payer",
                    )
                    return None
                found[code, stream] = self.cells.positions[cell]
        return found

    def _values(
        self,
        event: str,
        agreed_on: datetime.date,
        planned: Counted,
        keys: list[tuple[str, str]],
        kinds: set[str],
        place: Cell,
    ) -> tuple[
        dict[tuple[str, str, int], float],
        dict[tuple[str, str, int], Cell],
        tuple[tuple[str, str, float, float], ...],
        str,
    ]:
        table, years = (
            self.model["type_values"],
            {year: i for i, year in enumerate(self.terms.years)},
        )
        vintages = sorted({day for day in table.text("agreed_on") if on_day(day) <= agreed_on})
        if not vintages:
            self.problems.error(
                place,
                f"{event}: no value per patient type was agreed by {agreed_on}.",
                "Enter type_values with the day they were agreed.",
                "no_type_values",
            )
            return {}, {}, (), ""
        values: dict[tuple[str, str, int], float] = {}
        places: dict[tuple[str, str, int], Cell] = {}
        behind: dict[tuple[str, str], float] = {}
        full: dict[tuple[str, str], float] = {}
        for row in table.rows_where("agreed_on", vintages[-1]):
            kind, stream, year = (
                str(table.columns[name][row]) for name in ("patient_type", "funding_stream", "year")
            )
            if year in years:
                values[kind, stream, years[year]] = float(table.numbers("value")[row])
                places[kind, stream, years[year]] = table.where(row, "value")
                behind[kind, stream] = float(table.numbers("people_behind")[row])
                full[kind, stream] = full_people(
                    self.terms.full_credibility_people, float(table.numbers("cost_variation")[row])
                )
        self._check_complete(event, values, kinds, place)
        averages = _averages(values, planned, keys)
        if self.terms.value_method == "average_per_head":
            return {key: averages[key[1], key[2]] for key in values}, places, (), vintages[-1]
        thin = tuple(
            (*key, people, credibility(people, full[key]))
            for key, people in sorted(behind.items())
            if people < full[key]
        )
        if self.terms.thin_types == "blend":
            trust = {(kind, stream): z for kind, stream, _, z in thin}
            values = {
                key: blended(value, averages[key[1], key[2]], trust.get(key[:2], 1.0))
                for key, value in values.items()
            }
        return values, places, thin, vintages[-1]

    def _check_complete(
        self, event: str, values: dict[tuple[str, str, int], float], kinds: set[str], place: Cell
    ) -> None:
        streams = {stream for _, stream, _ in values}
        for stream in sorted(self.paid_streams - streams):
            self.problems.error(
                place,
                f"{event}: the annual payment has money of {stream.replace('_', ' ')}, and no value"
                " of a person was agreed for it.",
                "Enter a value for each type in type_values, 0 where the parties agreed that people"
                " moving changes nothing there.",
                "stream_without_values",
            )
        for kind in sorted(kinds):
            missing = [
                self.terms.years[year]
                for year in range(len(self.terms.years))
                if any((kind, stream, year) not in values for stream in streams)
            ]
            if missing:
                self.problems.error(
                    place,
                    f"{event}: patient type '{kind}' has no agreed value for {', '.join(missing)}.",
                    "Enter a value in type_values for every stream and year, 0 where there is"
                    " none.",
                    "type_value_missing",
                )


def _at(cells: list[Cell]) -> Callable[[int, int], Place]:
    return lambda row, year: cells[row]


def _averages(
    values: dict[tuple[str, str, int], float], planned: Counted, keys: list[tuple[str, str]]
) -> dict[tuple[str, int], float]:
    """The average per planned head of each stream and year."""
    people: dict[str, float] = {}
    for key in keys:
        people[key[1]] = people.get(key[1], 0.0) + planned.people.get(key, 0.0)
    heads = sum(people.values())
    found: dict[tuple[str, int], float] = {}
    for (kind, stream, year), value in values.items():
        share = value * people.get(kind, 0.0) / (heads or 1.0)
        found[stream, year] = found.get((stream, year), 0.0) + share
    return found
