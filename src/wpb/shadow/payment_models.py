"""Payment models on the same people, services and years: who is paid what when activity, prices or
people differ from plan.

In every model but the whole population budget the commissioner pays each provider itself; what
differs is which changes a payment follows. The same runs go through each, so models differ by their
terms and not by chance.
Source: handbook 1.1.1, 6.2; bringing budgets together (2019) section 4; req 333-338.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import ProblemLog
from wpb.shadow.accounts import Accounts, Parts, cost
from wpb.shadow.engine import Simulated
from wpb.shadow.plan import OTHERS, SimulationPlan
from wpb.tables.model import Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PaymentModel:
    """A payment model: the part of a change in activity, prices and people that a provider's
    payment follows, and what to know of it.
    """

    code: str
    title: str
    follows_activity: float
    follows_prices: float
    follows_people: float
    rewards: str
    watch: str


def payment_models(model: Model, problems: ProblemLog) -> tuple[PaymentModel, ...]:
    """The models that can be set side by side; the bundled and blended ones need a term of their
    own, which has no default.

    Source: bringing budgets together (2019) section 4; handbook 1.1.1; req 333-338.
    """
    table = model["payment_model_terms"]
    terms = {
        (str(m), str(t)): float(v)
        for m, t, v in zip(
            table.text("payment_model"), table.text("term"), table.numbers("value"), strict=True
        )
    }
    episodes = terms.get(("bundled_pathway", "episode_share"), math.nan)
    marginal = terms.get(("blended", "marginal_rate"), math.nan)
    for value, words in (
        (episodes, "bundled_pathway, episode_share"),
        (marginal, "blended, marginal_rate"),
    ):
        if math.isnan(value) and len(model["uncertainties"]):
            problems.note(
                None,
                f"Payment models are compared without {words.split(',')[0].replace('_', ' ')}.",
                f"Enter {words} in payment_model_terms to have it too.",
                "payment_model",
            )
    found = [
        PaymentModel(
            "activity",
            "Paid by activity",
            1.0,
            1.0,
            0.0,
            "Doing more of what is priced; shorter, cheaper stays.",
            "Payers bear all growth in activity; nothing rewards prevention.",
        ),
        PaymentModel(
            "block",
            "Block contract",
            0.0,
            0.0,
            0.0,
            "Managing demand and productivity within a known sum.",
            "Access may be narrowed, or demand moved to others; what is done is seen less clearly.",
        ),
        PaymentModel(
            "bundled_pathway",
            "Bundled pathway",
            episodes,
            0.0,
            0.0,
            "Coordination, and no more care than needed within a pathway.",
            "Nothing rewards fewer pathways; records must be linked across providers.",
        ),
        PaymentModel(
            "stratified_capitation",
            "Stratified capitation",
            0.0,
            0.0,
            1.0,
            "Prevention, and care in the setting that costs least.",
            "Choosing healthier people or narrowing access pays, so both must be watched.",
        ),
        PaymentModel(
            "blended",
            "Blended payment",
            marginal,
            0.0,
            0.0,
            "Part of both: a known sum, and a rate for each unit above or below plan.",
            "The marginal rate decides who bears growth.",
        ),
    ]
    return tuple(one for one in found if not math.isnan(one.follows_activity))


WPB, WPB_SHARED = "whole_population_budget", "whole_population_budget_shared"
WPB_WORDS = {
    WPB: PaymentModel(
        WPB,
        "Whole population budget",
        0.0,
        0.0,
        1.0,
        "Prevention and integration across every service in scope.",
        "The lead provider bears use of services; commissioners bear the number of people.",
    ),
    WPB_SHARED: PaymentModel(
        WPB_SHARED,
        "Whole population budget with sharing",
        0.0,
        0.0,
        1.0,
        "The same, with use of services shared while the care model grows up.",
        "Shares must follow who can influence and who can bear.",
    ),
}


def margins(
    plan: SimulationPlan, models: tuple[PaymentModel, ...], now: Simulated, wpb: Accounts
) -> dict[str, Array]:
    """The margin of every party over the whole term under each model, [run, party], pence.

    Services outside the budget are paid as they are under every model.
    Source: bringing budgets together (2019) section 4; req 333-337.
    """
    totals = _Totals(plan, wpb.parts, now)
    found = {one.code: totals.margin(one) for one in models}
    found[WPB] = (wpb.margin - wpb.shared).sum(axis=2)
    if plan.shared:
        found[WPB_SHARED] = wpb.margin.sum(axis=2)
    return found


class _Totals:
    """Each cell's planned spend and its changes over the term, added up once for every model."""

    def __init__(self, plan: SimulationPlan, parts: Parts, now: Simulated) -> None:
        self.plan = plan
        self.planned, self.activity, self.prices = (
            array.sum(axis=2) for array in (parts.planned, parts.activity, parts.prices)
        )
        self.people = (parts.planned * (now.people - 1.0)).sum(axis=2)
        self.allocation = now.allocation.sum(axis=2)
        self.place = {terms.organisation: row for row, terms in enumerate(plan.parties)}

    def margin(self, model: PaymentModel) -> Array:
        """The margin of every party over the term, [run, party]."""
        margin = np.zeros((self.activity.shape[0], len(self.plan.parties)))
        for row, code in enumerate(self.plan.commissioners):
            margin[:, self.place[code]] += self.allocation[:, row]
        for at, cell in enumerate(self.plan.cells):
            planned, activity, prices = (
                array[:, at] for array in (self.planned, self.activity, self.prices)
            )
            payer = self.place[cell.commissioner]
            if cell.provider == OTHERS:
                margin[:, payer] -= planned + activity + prices
                continue
            seller = self.place[cell.provider]
            terms = self.plan.parties[seller]
            if cell.inside:
                paid = (
                    planned
                    + model.follows_people * self.people[:, at]
                    + model.follows_activity * activity
                    + model.follows_prices * prices
                )
            else:
                paid = planned + terms.follows_activity * activity + terms.follows_prices * prices
            margin[:, payer] -= paid
            margin[:, seller] += paid - cost(
                planned, activity, prices, terms.fixed_cost_share, terms.cost_over_income
            )
        return margin


def reward(
    plan: SimulationPlan,
    models: tuple[PaymentModel, ...],
    now: Simulated,
    plan_case: Simulated,
    wpb: Accounts,
    plan_accounts: Accounts,
) -> dict[str, Array]:
    """What each model rewards: the change of every party's margin when one thing differs from plan,
    [party] by model.

    Source: bringing budgets together (2019) section 4; req 338.
    """
    with_change = margins(plan, models, now, wpb)
    as_planned = margins(plan, models, plan_case, plan_accounts)
    return {code: with_change[code][0] - as_planned[code][0] for code in with_change}
