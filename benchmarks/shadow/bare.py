"""The same draws and arithmetic written out for one place in bare arrays, as one would by hand: the
reference of the benchmark.
"""

from __future__ import annotations

import numpy as np

from wpb.shadow.draws import draw
from wpb.shadow.runs import Case


def bare_chunk(case: Case, seed: int, chunk: int) -> np.ndarray:
    """Totals over the term by run: spend, and margins of lead, hospital, community trust and
    commissioner.
    """
    plan = case.plan
    years = len(plan.years)
    drawn = draw(plan.declared, plan.rows_of_each, years, seed, chunk)
    grown = {
        name: np.array(drawn[code])
        for name, code in (("use", "USE"), ("price", "PRICES"), ("people", "PEOPLE"))
    }
    for points in grown.values():
        points[..., : plan.first_growth] = 0.0
    people = np.cumprod(1.0 + grown["people"], axis=2)
    level = plan.start[None] * (people * drawn["BASE"]) * drawn["CHANCE"]
    groups, rates = plan.group_of_row, plan.rates
    has = {step: (rate != 0).any(axis=1)[None, :, None] for step, rate in rates.items()}
    level = level * np.cumprod(1.0 + rates["demographic"][None], axis=2)[:, groups]
    level = (
        level
        * np.cumprod(
            1.0 + rates["non_demographic"][None] + has["non_demographic"] * grown["use"], axis=2
        )[:, groups]
    )
    activity = np.add.reduceat(level, plan.cell_starts, axis=1)
    level = (
        level
        * np.cumprod(
            1.0 + rates["cost_pressure"][None] + has["cost_pressure"] * grown["price"], axis=2
        )[:, groups]
    )
    level = level * np.cumprod(1.0 - rates["efficiency"][None], axis=2)[:, groups]
    spend = np.add.reduceat(level, plan.cell_starts, axis=1)
    planned, planned_activity = case.planned.spend, case.planned.activity
    at_plan_prices = activity * (planned / planned_activity)
    moved, prices = at_plan_prices - planned, spend - at_plan_prices
    lead, hospital, community = (
        next(terms for terms in plan.parties if terms.organisation == code)
        for code in ("LEAD", "HOSP", "COMM")
    )
    at_hospital = np.array([cell.provider == "HOSP" for cell in plan.cells])
    linked = np.array([cell.linked != "" for cell in plan.cells])
    whole, prices_all = planned.sum(axis=1), prices.sum(axis=1)
    income = (
        whole * (1.0 + lead.follows_population * (people[:, 0] - 1.0))
        + lead.follows_prices * prices_all
    )
    found = [spend.sum(axis=(1, 2))]
    paid, own = [], []
    for terms, chosen in ((hospital, at_hospital), (community, ~at_hospital)):
        base, units, price = (
            planned[:, chosen].sum(axis=1),
            moved[:, chosen].sum(axis=1),
            prices[:, chosen].sum(axis=1),
        )
        paid.append(base + terms.follows_activity * units + terms.follows_prices * price)
        own.append(paid[-1] - base - (1.0 - terms.fixed_cost_share) * units - price)
    planned_linked = planned[:, linked].sum(axis=1)
    baseline = 1_000 * 200_000.0
    gap = baseline * (1.0 - (planned_linked + moved[:, linked].sum(axis=1)) / planned_linked)
    counted = np.where(
        gap >= 0.005 * baseline,
        gap - 0.005 * baseline,
        np.where(-gap >= 0.005 * baseline, gap + 0.005 * baseline, 0.0),
    )
    limited = np.clip(counted, -0.04 * baseline, 0.05 * baseline)
    to_payer = np.where(limited > 0, 0.5, 0.6) * limited
    found += [
        (income - paid[0] - paid[1] - to_payer).sum(axis=1),
        own[0].sum(axis=1),
        own[1].sum(axis=1),
    ]
    funds = plan.allocation[plan.commissioners.index("ICB")][None]
    found.append((funds - income + to_payer).sum(axis=1))
    return np.stack(found, axis=1)
