"""Gain/loss arrangements settled in the live contract: outturn by outturn, through its existing
contracts.

Here sharing meets the budget and the settlement ledger; neither room knows of the other.
Source: handbook 6.4.4, 6.4.6; req 273, 286, 287, 298.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from wpb.contract.terms import on_day
from wpb.kernel.calendar import month_of
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.kernel.places import Cell
from wpb.kernel.posting import Posting
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.live.sharing_baseline import check_against_budget
from wpb.live.sharing_links import Shared, shared_arrangements
from wpb.run import Budget
from wpb.sharing.outturn import (
    MEASURE_COLUMNS,
    OUTTURN_COLUMNS,
    Outturn,
    cells_of,
    figures_to_settle,
    own_place,
    part_of_year,
    read_measures,
    read_outturn,
)
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.payments import settlement_postings
from wpb.sharing.settle_parties import PartySettlement, rounded_year, settle_parties
from wpb.sharing.statement import statement
from wpb.tables.arrangement_files import arrangement_texts
from wpb.tables.contract_records import AchievedShare, FrozenLines, MonthlyItem
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

SchemeShares = Mapping[tuple[str, str], Sequence[AchievedShare]]
"""By incentive scheme and year, the share achieved as known on each day."""


@dataclass(frozen=True)
class SharingSettled:
    """What sharing comes to in a contract: the payments to be made, and each outturn's statement,
    notional gains included.
    """

    items: tuple[MonthlyItem, ...] = ()
    statements: tuple[dict[str, Any], ...] = ()


def model_arrangements(place: Path) -> list[PartyArrangement]:
    """Read the arrangements between parties that a model has.

    place: its folder, which holds one YAML file each in 'arrangements', or a workbook with a sheet
    of text each.
    Raises InputProblems with every fault of all of them.
    Source: handbook 6.4.6; req 286.
    """
    from wpb.kernel.lined_yaml import read_yaml
    from wpb.sharing.checks import check_arrangement
    from wpb.sharing.reading import Page
    from wpb.sharing.reading_parties import read_party_arrangement

    faults, found = ProblemLog(), []
    for name, text in arrangement_texts(place):
        log = ProblemLog()
        section = read_yaml(text, name, log)
        page = Page(name, log)
        if not log.errors and page.text(section, "settles", ("table", "parties")) == "parties":
            arrangement = read_party_arrangement(section, page)
            check_arrangement(arrangement, log)
            found.append(arrangement)
        faults.extend(log)
    faults.raise_if_errors()
    return found


def settle_sharing(
    model: Model,
    budget: Budget,
    lines: FrozenLines,
    arrangements: Sequence[PartyArrangement],
    paid_between: Iterable[tuple[str, str]],
    ledger: Ledger,
    known_on: datetime.date | None,
    problems: ProblemLog,
    schemes: SchemeShares | None = None,
) -> SharingSettled:
    """Settle every outturn known by a day, in the order in which it was known.

    paid_between: payer and payee of every payment that stands in the contract; a gain or loss is
    paid where one does.
    schemes: by incentive scheme and year, the share achieved; a measure of the scheme's name is
    that share. Records an error for an arrangement or line that is unknown, a baseline that is not
    the budget's, a saving counted twice, a measure not reported, and a transfer between parties
    that have no contract.
    Source: handbook 6.4.4, 6.4.6; req 273, 286, 287, 298.
    """
    table = model["sharing_outturn"]
    known = {one.name for one in arrangements}
    for row, name in enumerate(table.text("arrangement")):
        if name not in known:
            problems.error(
                table.where(row, "arrangement"),
                f"There is no arrangement '{name}'.",
                "Put its file in the model's folder 'arrangements'; there is"
                f" {', '.join(sorted(known)) or 'none'}.",
                "arrangement_missing",
            )
    chosen = [one for one in arrangements if one.name in set(table.text("arrangement"))]
    if problems.errors or not chosen:
        return SharingSettled()
    linked = _linked(budget, chosen, problems)
    pairs = {frozenset(pair) for pair in paid_between}
    items: list[MonthlyItem] = []
    statements: list[dict[str, Any]] = []
    for shared in linked:
        check_against_budget(shared, budget, lines, ledger, problems)
        if not problems.errors:
            one = _Vintages(
                shared.arrangement, model, ledger, known_on, problems, schemes or {}
            ).settled()
            items += one.items
            statements += one.statements
            _check_contracts(shared.arrangement, one.items, pairs, problems)
    return SharingSettled(tuple(items), tuple(statements))


def _linked(
    budget: Budget, arrangements: Sequence[PartyArrangement], problems: ProblemLog
) -> tuple[Shared, ...]:
    log = ProblemLog()
    try:
        return shared_arrangements(budget, arrangements, log)
    except InputProblems:
        problems.extend(log)
        return ()


def _check_contracts(
    arrangement: PartyArrangement,
    items: Sequence[MonthlyItem],
    pairs: set[frozenset[str]],
    problems: ProblemLog,
) -> None:
    for pair in sorted(
        {
            (item.payer, item.payee)
            for item in items
            if frozenset((item.payer, item.payee)) not in pairs
        }
    ):
        problems.error(
            None,
            f"{arrangement.title}: {pair[0]} would pay {pair[1]}, and no payment of the contract"
            " stands between them.",
            "Let each party be paid through a contract that exists.",
            "no_contract",
        )


# outturn by outturn -------------------------------------------------------------------------------


def due_to_party(share_pence: Array, fell_on_it_pence: Array, fund_pence: Array) -> Array:
    """What a party is due: its share + the fund it holds - the gap that fell on it; what no step
    shares out stays where it is.

    Source: handbook 6.4.6; req 286.
    """
    return share_pence + fund_pence - fell_on_it_pence


class _Vintages:
    """The outturns of one arrangement, each day's on top of those before it."""

    def __init__(
        self,
        arrangement: PartyArrangement,
        model: Model,
        ledger: Ledger,
        known_on: datetime.date | None,
        problems: ProblemLog,
        schemes: SchemeShares,
    ) -> None:
        self.arrangement, self.ledger, self.problems, self.schemes = (
            arrangement,
            ledger,
            problems,
            schemes,
        )
        self.model, self.outturn, self.measures = (
            model,
            model["sharing_outturn"],
            model["sharing_measures"],
        )
        self.rows = self._rows(self.outturn, known_on)
        self.measure_rows = self._rows(self.measures, known_on)
        self.posted: list[Posting] = []

    def _rows(
        self, table: TypedTable, known_on: datetime.date | None
    ) -> dict[datetime.date, list[int]]:
        found: dict[datetime.date, list[int]] = defaultdict(list)
        for row in table.rows_where("arrangement", self.arrangement.name):
            day = on_day(str(table.columns["known_on"][row]))
            if known_on is None or day <= known_on:
                found[day].append(row)
        return dict(sorted(found.items()))

    def settled(self) -> SharingSettled:
        """Settle each day's outturn; a later one posts the difference, or corrects what was
        final.
        """
        items: list[MonthlyItem] = []
        statements: list[dict[str, Any]] = []
        for day, rows in self.rows.items():
            outturn = self._read(rows)
            if outturn is None:
                continue
            settlement = self._settle(outturn, day)
            if settlement is None:
                continue
            due = self._due(settlement, day)
            for number in outturn.years:
                postings = self._post(settlement, number, day, outturn)
                statements.append(
                    {
                        **statement(
                            settlement,
                            number,
                            outturn.status[self.arrangement.years[number]],
                            postings,
                        ),
                        "known_on": day.isoformat(),
                    }
                )
                items += [
                    self._item(posting, number, day, due, position)
                    for position, posting in enumerate(postings)
                ]
        self._say_late_measures()
        return SharingSettled(tuple(items), tuple(statements))

    def _read(self, rows: Sequence[int]) -> Outturn | None:
        log = ProblemLog()
        cells = cells_of(self.outturn, OUTTURN_COLUMNS, rows)
        found = read_outturn(
            self.outturn.where(rows[0], "line").file,
            list(OUTTURN_COLUMNS),
            cells,
            self.arrangement,
            log,
        )
        self.problems.extend(
            replace(problem, where=own_place(self.outturn, OUTTURN_COLUMNS, rows, problem.where))
            for problem in log
        )
        if found is None:
            return None
        place = {
            (str(cells["line"][at]), str(cells["year"][at])): self.outturn.where(row, "outturn")
            for at, row in enumerate(rows)
        }
        names, years = self.arrangement.line_names, self.arrangement.years
        return replace(found, places={at: place[names[at[0]], years[at[1]]] for at in found.places})

    def _settle(self, outturn: Outturn, day: datetime.date) -> PartySettlement | None:
        arrangement, log = self.arrangement, ProblemLog()
        latest: dict[tuple[str, str], int] = {}
        for row in (
            row for known, rows in self.measure_rows.items() if known <= day for row in rows
        ):
            latest[
                str(self.measures.columns["measure"][row]), str(self.measures.columns["year"][row])
            ] = row
        rows, cells = (
            list(latest.values()),
            cells_of(self.measures, MEASURE_COLUMNS, list(latest.values())),
        )
        places = {key: self.measures.where(row, "value") for key, row in latest.items()}
        for key, share in self._scheme_shares(day).items():
            if key in latest:
                self.problems.error(
                    places[key],
                    f"{key[0]} is reported for {key[1]}, and its scheme's metrics give it too.",
                    "Take the row out: the gate hangs on what the scheme achieved.",
                    "measure_twice",
                )
            else:
                for name, text in zip(
                    MEASURE_COLUMNS, (*key, repr(share.figure.at(0, 0))), strict=True
                ):
                    cells[name].append(text)
        values, _ = read_measures(
            "sharing_measures.csv", list(MEASURE_COLUMNS), cells, arrangement, outturn.years, log
        )
        self.problems.extend(
            replace(problem, where=own_place(self.measures, MEASURE_COLUMNS, rows, problem.where))
            for problem in log
        )
        try:
            part = part_of_year(arrangement, outturn.months)
        except ValueError as fault:
            self.problems.error(
                next(iter(outturn.places.values())),
                f"{arrangement.title}: {fault}.",
                "Settle whole years, or give the arrangement a frequency and a profile.",
                "part_of_year",
            )
        if self.problems.errors:
            return None
        units, reported = figures_to_settle(arrangement, outturn, values)
        outside = arrangement.lines[0].place
        return settle_parties(
            arrangement,
            units,
            reported,
            self.ledger,
            outturn.where,
            lambda name, year: places.get(
                (name, arrangement.years[year]),
                self._scheme_place(name, arrangement.years[year]) or outside,
            ),
            part,
            self._name(day),
        )

    def _scheme_shares(self, day: datetime.date) -> dict[tuple[str, str], AchievedShare]:
        """What schemes that the arrangement's measures are named after had achieved by a day."""
        known = {
            key: [share for share in shares if share.known_on <= day]
            for key, shares in self.schemes.items()
            if key[0] in self.arrangement.measures and key[1] in self.arrangement.years
        }
        return {key: shares[-1] for key, shares in known.items() if shares}

    def _scheme_place(self, scheme: str, year: str) -> Cell | None:
        table = self.model["incentive_choices"]
        return next(
            (
                table.where(row, "settled_on")
                for row in table.rows_where("scheme", scheme)
                if table.columns["year"][row] == year
            ),
            None,
        )

    def _say_late_measures(self) -> None:
        """Warn of a measure reported after the last outturn of its year: nothing is settled by it
        yet.
        """
        last: dict[str, datetime.date] = {}
        for day, rows in self.rows.items():
            last.update({str(self.outturn.columns["year"][row]): day for row in rows})
        for day, rows in self.measure_rows.items():
            for row in rows:
                year = str(self.measures.columns["year"][row])
                if year in last and day > last[year]:
                    self.problems.warning(
                        self.measures.where(row, "known_on"),
                        f"{self.measures.columns['measure'][row]} of {year} was reported on {day},"
                        f" after the last outturn of that year ({last[year]}), and changes nothing"
                        " yet.",
                        "Enter the outturn again, known on that day.",
                        "measure_after_outturn",
                    )

    def _name(self, day: datetime.date) -> str:
        """What the names of the figures of the outturn known on a day begin with."""
        return f"wpb/sharing/{self.arrangement.name}/{day}"

    def _due(self, settlement: PartySettlement, day: datetime.date) -> Block:
        """Enter what each party is due on the contract's ledger, resting on the arrangement's own
        steps.
        """
        arrangement, axis, name = (
            self.arrangement,
            Axis("party", self.arrangement.party_names),
            self._name(day),
        )
        share, gap = settlement.block("amount"), settlement.block("line_gap")
        fell = self.ledger.total(
            f"{name}/fell_on_it",
            axis,
            (gap, [axis.positions[line.gap_falls_on] for line in arrangement.lines]),
            title="Gap that fell on it",
        )
        aside = settlement.block("reinvested") if "reinvested" in settlement.figures else None
        holder = axis.positions[arrangement.fund_held_by or arrangement.retained_by]
        fund = (
            self.ledger.total(
                f"{name}/fund", axis, (aside, [holder]), title="Set aside for transformation"
            )
            if aside is not None
            else self.ledger.leaf(
                f"{name}/fund",
                axis,
                "pence",
                np.zeros((len(axis), len(arrangement.years))),
                lambda row, year: arrangement.lines[0].place,
                arrangement.years,
                "Nothing is set aside for transformation",
            )
        )
        return self.ledger.add(
            name,
            due_to_party,
            axis,
            "pence",
            arrangement.years,
            f"Due under {arrangement.title}",
            share_pence=Ref(share),
            fell_on_it_pence=fell,
            fund_pence=fund,
        )

    def _post(
        self, settlement: PartySettlement, number: int, day: datetime.date, outturn: Outturn
    ) -> list[Posting]:
        year = self.arrangement.years[number]
        rounded = rounded_year(settlement, number)
        try:
            found = settlement_postings(
                self.arrangement,
                rounded,
                year,
                month_of(day),
                outturn.status[year],
                self.posted,
                outturn.months[year],
            )
        except ValueError as fault:
            self.problems.error(
                next(place for (_, at), place in outturn.places.items() if at == number),
                f"{self.arrangement.title}: {fault}.",
                "Enter a revised final outturn.",
                "sharing_status",
            )
            return []
        words = "Loss share" if rounded.pool < 0 else "Gain share"
        before = next(
            (
                posting.reason.split(",", 1)[0]
                for posting in reversed(self.posted)
                if posting.figure.endswith(f"/{year}")
            ),
            words,
        )
        named = [
            replace(
                posting,
                reason=(
                    f"{before if ': reversal of ' in posting.reason else words}, {posting.reason}"
                ),
            )
            for posting in found
        ]
        self.posted += named
        return named

    def _item(
        self, posting: Posting, number: int, day: datetime.date, due: Block, position: int
    ) -> MonthlyItem:
        year, contracts = (
            self.arrangement.years[number],
            {one.contract: one for one in self.arrangement.contracts},
        )
        ends = {posting.payer, posting.payee}
        paid = next(
            (
                party.party
                for party in self.arrangement.parties
                if party.contract in contracts
                and ends == {contracts[party.contract].payer, contracts[party.contract].payee}
            ),
            posting.payee,
        )
        return MonthlyItem(
            f"sharing.{self.arrangement.name}.{year}.{day}.{position}",
            posting.month,
            posting.payer,
            posting.payee,
            posting.amount_pence,
            posting.reason,
            f"{due.id}/{year}/{paid}",
            day,
        )
