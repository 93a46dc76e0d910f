"""Replay: the whole payment beside today's contracts, month by month and party by party, on months
that have passed.

The design is paid by the live contract's own settlement; nothing is worked out a second time. What
is uncertain, or known by now, comes on top as it departs from plan, so with nothing uncertain a
replay is the settlement to the penny.
Source: handbook 1.1.5, 6.6; overview 3.4; Mid-Nottinghamshire article (2016); req 299, 303.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.calendar import financial_year, months_of
from wpb.kernel.money import round_parts, split_pence, whole_pence
from wpb.kernel.posting import Posting
from wpb.kernel.problems import ProblemLog
from wpb.live import LiveContract
from wpb.run import Budget
from wpb.shadow.accounts import accounts
from wpb.shadow.engine import simulate
from wpb.shadow.runs import Case

Array = NDArray[np.float64]
OTHER_PARTIES = "others"
"""Everyone who is not under test, taken together."""
Net = dict[tuple[str, str], int]
"""What each party receives less what it pays, by month and party, in whole pence."""


@dataclass(frozen=True)
class Compared:
    """One party's month: what it receives less what it pays, under the design and today, in whole
    pence.

    passed_on: what the lead provider is taken to pay for services bought from everyone else, which
    the settlement names no payment for.
    """

    month: str
    party: str
    design_pence: int
    current_pence: int
    passed_on_pence: int = 0

    @property
    def difference_pence(self) -> int:
        """Design, with what is passed on, less today."""
        return self.design_pence + self.passed_on_pence - self.current_pence


@dataclass(frozen=True)
class Replayed:
    """A replay: every party by month, and where today's payments came from."""

    rows: tuple[Compared, ...]
    current_from: str
    """recorded (the table current_payments) or worked_out (today's contracts on the forecast, in
    twelfths).
    """
    months_left_out: tuple[str, ...] = ()
    """Months asked for in which no payment of today was recorded: nothing is set beside them."""

    def by_year(self) -> dict[str, dict[str, int]]:
        """The difference of each party by financial year."""
        found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in self.rows:
            found[row.party][financial_year(int(row.month[:4]) - (row.month[5:] < "04"))] += (
                row.difference_pence
            )
        return {party: dict(years) for party, years in found.items()}

    def by_party(self) -> dict[str, int]:
        """The whole difference of each party; over all parties it adds to nought."""
        found: dict[str, int] = defaultdict(int)
        for row in self.rows:
            found[row.party] += row.difference_pence
        return dict(found)


def net_by_month(postings: Iterable[Posting]) -> Net:
    """What each party receives less what it pays, by month. Over all parties every month adds to
    nought.
    """
    found: Net = defaultdict(int)
    for posting in postings:
        found[posting.month, posting.payee] += posting.amount_pence
        found[posting.month, posting.payer] -= posting.amount_pence
    return dict(found)


def replay_beside_current(
    live: LiveContract, case: Case, years: Sequence[str], values: Mapping[str, Array] | None = None
) -> Replayed:
    """Set the design beside today's contracts for some years.

    values: what became of each uncertainty, one run, [1, 1 or row, year]; without them all went as
    planned.
    Source: handbook 1.1.5, 6.6; req 299.
    """
    months = [month for year in years for month in months_of(year)]
    under_test = {terms.organisation for terms in case.plan.parties}
    design: Net = defaultdict(int)
    for (month, party), amount in net_by_month(live.settlement.postings).items():
        if month in months:
            design[month, party if party in under_test else OTHER_PARTIES] += amount
    passed_on = _passed_on(case, years, design)
    if values is not None:
        for key, amount in departures(case, years, values).items():
            design[key] += amount
    recorded = current_recorded(live)
    known = {month for month, _ in recorded}
    left_out = tuple(month for month in months if recorded and month not in known)
    months = [month for month in months if month not in left_out]
    current = recorded or current_worked_out(case, years)
    parties = sorted({party for _, party in (*design, *current)})
    rows = tuple(
        Compared(
            month,
            party,
            design.get((month, party), 0),
            current.get((month, party), 0),
            passed_on.get((month, party), 0),
        )
        for month in months
        for party in parties
    )
    return Replayed(rows, "recorded" if recorded else "worked_out", left_out)


def _passed_on(case: Case, years: Sequence[str], design: Net) -> Net:
    """What the lead provider passes on to everyone else: what is planned for them less what the
    settlement pays them already.
    """
    lead = case.plan.lead
    if lead not in {terms.organisation for terms in case.plan.parties}:
        return {}
    found: Net = {}
    for (month, party), planned in current_worked_out(case, years).items():
        if party == OTHER_PARTIES:
            found[month, OTHER_PARTIES] = planned - design.get((month, OTHER_PARTIES), 0)
            found[month, lead] = -found[month, OTHER_PARTIES]
    return found


def departures(case: Case, years: Sequence[str], values: Mapping[str, Array]) -> Net:
    """What payments depart from plan by, in twelve parts a year: budget, purchases and sharing,
    each paid by one party and received by another.
    """
    plan = case.plan
    now = accounts(plan, simulate(plan, values), case.planned)
    planned = accounts(plan, case.planned, case.planned)
    found: Net = defaultdict(int)
    for at, year in enumerate(plan.years):
        if year not in years:
            continue
        moved = [
            _received(
                terms.role,
                now.income[0, row, at] - planned.income[0, row, at],
                now.cost[0, row, at] - planned.cost[0, row, at],
            )
            for row, terms in enumerate(plan.parties)
        ]
        whole = [*moved, -sum(moved)]
        codes = [*(terms.organisation for terms in plan.parties), OTHER_PARTIES]
        for code, amount in zip(codes[:-1], round_parts(whole, codes, 0), strict=False):
            for month, part in zip(months_of(year), split_pence(amount, [1.0] * 12), strict=True):
                if part:
                    # Everyone else takes the other side, so that each month adds to nought and not
                    # the year alone.
                    found[month, code] += part
                    found[month, OTHER_PARTIES] -= part
    return found


def _received(role: str, income: float, cost: float) -> float:
    """What moves between parties: a provider's own cost is not a payment; a payer's allocation is
    none either.
    """
    return (
        float(income)
        if role == "provider"
        else float(-cost)
        if role == "commissioner"
        else float(income - cost)
    )


def current_recorded(live: LiveContract) -> Net:
    """Today's payments as the table current_payments has them."""
    table = live.model["current_payments"]
    found: Net = defaultdict(int)
    for month, payer, payee, amount in zip(
        table.text("month"),
        table.text("payer"),
        table.text("payee"),
        table.numbers("amount"),
        strict=True,
    ):
        found[month, payee] += whole_pence(float(amount))
        found[month, payer] -= whole_pence(float(amount))
    return dict(found)


def months_recorded(budget: Budget) -> int:
    """Months whose payments of today were recorded beside the design: how long it has been in
    shadow.

    Source: handbook 6.6; Mid-Nottinghamshire article (2016); req 299, 304.
    """
    return len(set(budget.model["current_payments"].text("month")))


def current_worked_out(case: Case, years: Sequence[str]) -> Net:
    """Today's contracts on the same services: each payer pays each provider what is planned, in
    twelfths.

    Source: handbook 1.1.1; req 299, 336.
    """
    plan = case.plan
    paid: dict[tuple[str, str, str], float] = defaultdict(float)
    for at, year in enumerate(plan.years):
        if year in years:
            for row, cell in enumerate(plan.cells):
                if cell.inside:
                    paid[year, cell.commissioner, cell.provider] += float(
                        case.planned.spend[0, row, at]
                    )
    found: Net = defaultdict(int)
    for (year, payer, payee), amount in sorted(paid.items()):
        for month, part in zip(
            months_of(year), split_pence(whole_pence(amount), [1.0] * 12), strict=True
        ):
            found[month, payee or OTHER_PARTIES] += part
            found[month, payer] -= part
    return dict(found)


@dataclass(frozen=True)
class SubsetMonth:
    """One month of a shadow subset: what its services come to, in whole pence, and the whole
    budget's month.
    """

    month: str
    subset_pence: int
    whole_pence: int


def subset_ledger(budget: Budget, problems: ProblemLog) -> tuple[SubsetMonth, ...]:
    """The shadow budget of a part of the services, from the month each starts: a twelfth of its
    year's forecast in each month.

    Months before the contract take the baseline. Mid-Nottinghamshire began with some £100m of
    £550m.
    Source: Mid-Nottinghamshire article (2016); req 303.
    """
    table = budget.model["shadow_subset"]
    starts = dict(zip(table.text("service_line"), table.text("from_month"), strict=True))
    if not starts:
        return ()
    lines = budget.current.lines.lines
    forecast = budget.ledger["forecast/after_efficiency"].value[0]
    last = f"{int(budget.years[0][:4]) - 1}-{int(budget.years[0][2:4]):02d}"
    years = [*([last] if min(starts.values()) < f"{budget.years[0][:4]}-04" else []), *budget.years]
    found = []
    for year in years:
        at = max(0, budget.years.index(year)) if year in budget.years else 0
        by_service: dict[str, float] = defaultdict(float)
        for row, line in enumerate(lines):
            by_service[line.service_line] += float(forecast[row, at])
        whole = split_pence(whole_pence(sum(by_service.values())), [1.0] * 12)
        parts = {
            service: split_pence(whole_pence(by_service.get(service, 0.0)), [1.0] * 12)
            for service in starts
        }
        for number, month in enumerate(months_of(year)):
            amount = sum(
                parts[service][number] for service, start in starts.items() if start <= month
            )
            if amount:
                found.append(SubsetMonth(month, amount, whole[number]))
    for service in starts:
        if not any(
            line.service_line == service and forecast[row].any() for row, line in enumerate(lines)
        ):
            problems.warning(
                table.where(table.text("service_line").index(service), "service_line"),
                f"{service} has no spend in the budget, so it adds nothing to the shadow.",
                "Name a service in scope.",
                "subset_idle",
            )
    return tuple(found)
