"""Parties under test: how each is paid under the design, how its costs move, and what it can
bear.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from wpb.kernel.problems import ProblemLog
from wpb.run import Budget


@dataclass(frozen=True)
class PartyTerms:
    """The terms of one provider or commissioner.

    follows_activity, follows_prices, follows_population: the part of a change that its payment
    follows.
    cost_over_income: its planned cost as a multiple of its planned income.
    exposure_limit, contingency: pence, NaN where there is none.
    """

    organisation: str
    role: str
    """commissioner, lead or provider."""
    follows_activity: float
    follows_prices: float
    follows_population: float
    fixed_cost_share: float
    cost_over_income: float
    exposure_limit: float
    contingency: float


def party_terms(budget: Budget, problems: ProblemLog) -> tuple[PartyTerms, ...]:
    """Read the terms of every party: commissioners and the lead always, other providers where they
    have a row.

    Raises InputProblems where a provider's fixed cost share, or what its payment follows, cannot be
    told.
    Source: handbook 6.4.5, 6.5.2; req 279, 299.
    """
    table, model = budget.model["shadow_parties"], budget.model
    kinds = dict(
        zip(
            model["organisations"].text("organisation"),
            model["organisations"].text("kind"),
            strict=True,
        )
    )
    lead, payers = (
        model.settings.lead_provider,
        budget.affordability.by_commissioner["allocation"].axis.codes,
    )
    found = []
    rows = {code: row for row, code in enumerate(table.text("organisation"))}
    for code in (*payers, lead, *(code for code in rows if code not in payers and code != lead)):
        role = "commissioner" if code in payers else "lead" if code == lead else "provider"
        if code not in rows:
            if code == lead:
                problems.warning(
                    None,
                    f"{code} has no row in shadow_parties, so its budget is taken as fixed and all"
                    " it buys as bought at the simulated cost.",
                    "Enter a row for it.",
                    "party_terms",
                )
            found.append(PartyTerms(code, role, 0.0, 0.0, 0.0, 0.0, 1.0, math.nan, math.nan))
            continue
        row = rows[code]
        number = {
            name: float(table.numbers(name)[row])
            for name in (
                "follows_activity",
                "follows_prices",
                "follows_population",
                "fixed_cost_share",
                "planned_cost",
                "exposure_limit",
                "contingency",
            )
        }
        if role != "commissioner" and not math.isfinite(number["fixed_cost_share"]):
            problems.error(
                table.where(row, "fixed_cost_share"),
                f"How much of the cost of {code} is fixed is not known.",
                "Enter a share from 0 to 1.",
                "party_terms",
            )
        if role == "provider" and kinds.get(code) not in ("provider", "lead_provider"):
            problems.warning(
                table.where(row, "organisation"),
                f"{code} is neither a payer nor a provider in this budget.",
                "Check the code.",
                "party_terms",
            )
        follows = number["follows_activity"]
        if role == "provider" and not math.isfinite(follows):
            follows = _from_contracts(budget, code)
            if not math.isfinite(follows):
                problems.error(
                    table.where(row, "follows_activity"),
                    f"{code} has no contract that says how far its payment follows activity.",
                    "Enter a share from 0 to 1.",
                    "party_terms",
                )
        given = {
            name: 0.0 if math.isnan(number[name]) else number[name]
            for name in ("follows_prices", "follows_population", "fixed_cost_share")
        }
        found.append(
            PartyTerms(
                code,
                role,
                0.0 if math.isnan(follows) else follows,
                cost_over_income=_cost_ratio(budget, code, number["planned_cost"]),
                exposure_limit=number["exposure_limit"],
                contingency=number["contingency"],
                **given,
            )
        )
    problems.raise_if_errors()
    return tuple(found)


def _from_contracts(budget: Budget, provider: str) -> float:
    """The part of a provider's payment that follows activity: nothing of a block, the variable part
    of an aligned payment, all of activity payment.

    Source: handbook 1.1.1; req 299.
    """
    table = budget.model["contracts"]
    rows = table.rows_where("provider", provider)
    values, fixed, bases = (
        table.numbers("value"),
        table.numbers("fixed_value"),
        table.text("payment_basis"),
    )
    whole = sum(float(values[row]) for row in rows)
    if not whole:
        return math.nan
    variable = sum(
        {"block": 0.0, "aligned": float(values[row] - fixed[row])}.get(
            bases[row], float(values[row])
        )
        for row in rows
    )
    return variable / whole


def _cost_ratio(budget: Budget, provider: str, planned_cost: float) -> float:
    if math.isnan(planned_cost):
        return 1.0
    rows = [row for row, line in enumerate(budget.current.lines.lines) if line.provider == provider]
    income = sum(
        float(
            np.broadcast_to(budget.ledger[name].value[0, rows], (len(rows), len(budget.years)))[
                :, 0
            ].sum()
        )
        for name in ("forecast/after_efficiency", "out_of_scope/after_efficiency")
    )
    return planned_cost / income if income else 1.0
