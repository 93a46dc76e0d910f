"""What a board asks beyond the spread of results: what drives them, what each payment model
rewards, and may we go live?

Source: handbook 1.1.5, 6.6; overview 3.4; req 300, 301.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import ProblemLog
from wpb.shadow.accounts import Accounts, accounts
from wpb.shadow.declared import Uncertainty
from wpb.shadow.deficit import Transition, transitions
from wpb.shadow.distributions import made
from wpb.shadow.draws import planned_values
from wpb.shadow.engine import simulate
from wpb.shadow.going_live import Decision, shadow_to_live
from wpb.shadow.monitors import AccessFinding, access_findings
from wpb.shadow.payment_models import reward
from wpb.shadow.plan import SimulationPlan
from wpb.shadow.replay import SubsetMonth, subset_ledger
from wpb.shadow.runs import Case
from wpb.shadow.segmentation import SegmentationFound, compare_segmentations
from wpb.shadow.sensitivity import (
    BreakEven,
    Swing,
    VarianceShare,
    break_evens,
    tornado,
    variance_shares,
)
from wpb.shadow.shadow_test import ShadowResults
from wpb.shadow.workers import Workers

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reward:
    """What one change from plan does to every party's margin over the term, by payment model, in
    pence.
    """

    what: str
    by_model: dict[str, Array]


@dataclass(frozen=True)
class Appraisal:
    """The rest of a shadow test's report."""

    shares: dict[str, tuple[VarianceShare, ...]]
    """By result, such as margin/MIDPART or headroom."""
    swings: dict[str, tuple[Swing, ...]]
    targets: dict[str, float]
    """The level, in pence over the term, at which each result breaks even: headroom at nought, a
    margin at what is set aside or at nought.
    """
    break_evens: dict[str, tuple[BreakEven, ...]]
    rewards: tuple[Reward, ...]
    decision: Decision
    transitions: tuple[Transition, ...]
    access: tuple[AccessFinding, ...]
    segmentations: tuple[SegmentationFound, ...]
    subset: tuple[SubsetMonth, ...]
    problems: ProblemLog


def appraise(
    results: ShadowResults,
    runs: int = 1024,
    months_in_shadow: int = 0,
    progress: Callable[[str], None] = lambda stage: None,
    workers: int | Workers = 1,
) -> Appraisal:
    """Work out what drives the results of the lead provider and the headroom, and everything else a
    board asks.

    runs: for each estimate of shares of variance.
    Source: handbook 1.1.5, 6.6; req 300, 301, 338.
    """
    case, problems = results.case, ProblemLog()
    names = (
        [f"margin/{case.plan.lead}", "headroom"]
        if f"margin/{case.plan.lead}" in case.columns
        else ["headroom"]
    )
    shares = variance_shares(case, names, runs, results.seed, progress, workers)
    model = results.budget.model
    targets = {name: _target(results, name) for name in names}
    return Appraisal(
        shares,
        {name: tornado(case, name) for name in names},
        targets,
        {name: break_evens(case, name, targets[name]) for name in names},
        rewards(case, results.planned),
        shadow_to_live(results, months_in_shadow),
        transitions(model, problems),
        access_findings(model),
        compare_segmentations(model, problems),
        subset_ledger(results.budget, problems),
        problems,
    )


def _target(results: ShadowResults, name: str) -> float:
    """Where a result breaks even: a party with a contingency once that is used up, all else at
    nought.
    """
    code = name.partition("/")[2]
    terms = next((one for one in results.plan.parties if one.organisation == code), None)
    return (
        -terms.contingency if terms is not None and terms.contingency == terms.contingency else 0.0
    )


CHANGES = (
    ("One in a hundred more units of every service", "activity", 1.01),
    ("One in a hundred fewer units of every service", "activity", 0.99),
    ("One in a hundred more people, each as costly as the rest", "population", 0.01),
    ("Prices one point higher from the first year of growth", "cost_pressure", 0.01),
)


def rewards(case: Case, planned: Accounts) -> tuple[Reward, ...]:
    """What each payment model rewards: one thing differs from plan, all else goes as planned.

    Source: bringing budgets together (2019) section 4; req 338.
    """
    if not case.models:
        return ()
    found = []
    for what, driver, value in CHANGES:
        plan, moved = _with_change(case, driver, value)
        now = simulate(plan, moved)
        found.append(
            Reward(
                what,
                reward(
                    case.plan,
                    case.models,
                    now,
                    case.planned,
                    accounts(case.plan, now, case.planned),
                    planned,
                ),
            )
        )
    return tuple(found)


def _with_change(case: Case, driver: str, value: float) -> tuple[SimulationPlan, dict[str, Array]]:
    """The plan with one more uncertainty, and values under which only that one moves (points of
    growth in the first year alone).
    """
    one = Uncertainty(
        "~change",
        "change",
        driver,
        "everything",
        "",
        False,
        made("fixed", centre=value),
        1.0,
        1.0,
        "",
    )
    plan = replace(
        case.plan,
        declared=replace(
            case.plan.declared, uncertainties=(*case.plan.declared.uncertainties, one)
        ),
    )
    values = planned_values(plan.declared, 1, len(plan.years))
    if driver == "activity":
        values["~change"][:] = value
    else:
        values["~change"][..., plan.first_growth] = value
    return plan, values
