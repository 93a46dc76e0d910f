"""The accounts of each party in each run: what it is paid, what it pays or spends, and what is
left.

Every payment is one party's income and another's cost, so payments between parties add to nought in
every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.incentives.payment import earned
from wpb.shadow.engine import Simulated
from wpb.shadow.parties import PartyTerms
from wpb.shadow.plan import OTHERS, SimulationPlan
from wpb.shadow.sharing_links import Shared, dues, measured
from wpb.sharing.settle_parties import PartySettlement, settle_parties

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """How spend on each cell departs from plan, [run, cell, year]: planned + activity + prices =
    spend.
    """

    planned: Array
    activity: Array
    prices: Array


def parted(now: Simulated, plan_case: Simulated) -> Parts:
    """Part the change of spend into activity (at planned prices, with the care model) and prices.

    price = planned spend without impacts / planned activity; activity part = activity x price -
    planned spend without impacts + change of impacts; price part = spend without impacts - activity
    x price.
    Source: handbook 6.2 (activity at a fixed price); req 258, 259.
    """
    grown, planned_grown = now.spend - now.impact, plan_case.spend - plan_case.impact
    price = np.divide(
        planned_grown,
        plan_case.activity,
        out=np.zeros_like(planned_grown),
        where=plan_case.activity != 0,
    )
    at_plan_prices = now.activity * price
    return Parts(
        plan_case.spend,
        at_plan_prices - planned_grown + now.impact - plan_case.impact,
        grown - at_plan_prices,
    )


def payment(
    planned: Array, activity: Array, prices: Array, follows_activity: float, follows_prices: float
) -> Array:
    """What is paid: planned + part of the change in activity + part of the change in prices.

    Source: handbook 1.1.1, 6.2; req 333, 336.
    """
    return planned + follows_activity * activity + follows_prices * prices


def cost(
    planned: Array, activity: Array, prices: Array, fixed_cost_share: float, cost_over_income: float
) -> Array:
    """What it costs: ratio x (planned + (1 - fixed share) x change in activity + change in prices).

    Source: handbook 1.1.1; req 299.
    """
    return cost_over_income * (planned + (1.0 - fixed_cost_share) * activity + prices)


def budget_income(
    planned: Array, people: Array, activity: Array, prices: Array, terms: PartyTerms
) -> Array:
    """The whole population budget of a run: planned + part that follows people, activity and
    prices.

    = planned x (1 + follows population x (people / planned people - 1)) + follows activity x
    activity + follows prices x prices
    Source: handbook 4.4, 6.2; req 234, 337.
    """
    return (
        planned * (1.0 + terms.follows_population * (people - 1.0))
        + terms.follows_activity * activity
        + terms.follows_prices * prices
    )


@dataclass(frozen=True)
class Accounts:
    """Income and cost of every party, [run, party, year] in pence, and each arrangement's
    settlement.
    """

    income: Array
    cost: Array
    settlements: tuple[PartySettlement, ...]
    shared: Array
    """What sharing adds to each party, [run, party, year]; already in income."""
    parts: Parts

    @property
    def margin(self) -> Array:
        """Income less cost."""
        return self.income - self.cost


def accounts(plan: SimulationPlan, now: Simulated, plan_case: Simulated) -> Accounts:
    """Draw every party's accounts up under the whole population budget, with sharing.

    Source: handbook 1.1.1, 6.2, 6.4.5; req 299, 337.
    """
    parts = parted(now, plan_case)
    runs = parts.activity.shape[0]
    place = {terms.organisation: row for row, terms in enumerate(plan.parties)}
    income, costs = (np.zeros((runs, len(plan.parties), len(plan.years))) for _ in range(2))
    for row, code in enumerate(plan.commissioners):
        income[:, place[code]] += now.allocation[:, row]
    lead = plan.parties[place[plan.lead]] if plan.lead in place else None
    for at, cell in enumerate(plan.cells):
        planned, activity, prices = parts.planned[:, at], parts.activity[:, at], parts.prices[:, at]
        payer = place[cell.commissioner]
        holder = payer
        if cell.inside and lead is not None:
            paid = _budget_of(cell.element, planned, activity, prices, now, lead)
            costs[:, payer] += paid
            holder = place[plan.lead]
            income[:, holder] += paid
        _buy(plan.parties, place, cell.provider, holder, (planned, activity, prices), income, costs)
    settlements, shared = _share(plan, now, plan_case, parts, place, runs)
    return Accounts(income + shared, costs, settlements, shared, parts)


def _budget_of(
    element: str, planned: Array, activity: Array, prices: Array, now: Simulated, lead: PartyTerms
) -> Array:
    if element == "activity_paid":
        return planned + activity + prices
    if element == "incentive":
        return earned(planned, np.ones(1), now.quality.get("", np.ones((1, 1, 1)))[:, 0, :, None])
    return budget_income(planned, now.people[:, 0], activity, prices, lead)


def _buy(
    parties: tuple[PartyTerms, ...],
    place: dict[str, int],
    provider: str,
    holder: int,
    parts: tuple[Array, Array, Array],
    income: Array,
    costs: Array,
) -> None:
    """The holder of the money buys a cell's services: from itself at cost, from a party under test
    by its terms, from others at what is spent.
    """
    planned, activity, prices = parts
    if provider == OTHERS:
        costs[:, holder] += planned + activity + prices
        return
    seller = place[provider]
    terms = parties[seller]
    costs[:, seller] += cost(
        planned, activity, prices, terms.fixed_cost_share, terms.cost_over_income
    )
    if seller != holder:
        paid = payment(planned, activity, prices, terms.follows_activity, terms.follows_prices)
        costs[:, holder] += paid
        income[:, seller] += paid


def measured_arrangements(
    plan: SimulationPlan, now: Simulated, plan_case: Simulated, parts: Parts
) -> Iterator[tuple[Shared, Array, dict[str, Array]]]:
    """Every arrangement with the outturn and the measures it is settled on, run by run.

    Source: handbook 6.2, 6.4.4; req 273, 285.
    """
    for one in plan.shared:
        rows = [
            [
                at
                for at, cell in enumerate(plan.cells)
                if any(
                    link.line == line
                    and link.service_line == cell.linked
                    and link.inside == cell.inside
                    for link in one.links
                )
            ]
            for line in one.arrangement.line_names
        ]
        spend, activity, planned = (
            np.stack([value[:, chosen].sum(axis=1) for chosen in rows], axis=1)
            for value in (now.spend, parts.planned + parts.activity, plan_case.spend)
        )
        yield one, *measured(one, plan.years, spend, activity, planned, now.quality)


def _share(
    plan: SimulationPlan,
    now: Simulated,
    plan_case: Simulated,
    parts: Parts,
    place: dict[str, int],
    runs: int,
) -> tuple[tuple[PartySettlement, ...], Array]:
    settlements = []
    shared = np.zeros((runs, len(plan.parties), len(plan.years)))
    for one, outturn, reported in measured_arrangements(plan, now, plan_case, parts):
        settlement = settle_parties(one.arrangement, outturn, reported)
        settlements.append(settlement)
        due = dues(settlement)
        for row, party in enumerate(one.arrangement.party_names):
            if party in place:
                for at, year in enumerate(one.arrangement.years):
                    if year in plan.years:
                        shared[:, place[party], plan.years.index(year)] += due[:, row, at]
    return tuple(settlements), shared
