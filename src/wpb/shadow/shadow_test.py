"""The whole of a shadow test: from a calculated budget to the results of every party.

Source: handbook 1.1.5, 6.6; req 299-301.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wpb.kernel.problems import ProblemLog
from wpb.run import Budget
from wpb.shadow.accounts import Accounts, accounts
from wpb.shadow.baseline_alone import BaselineAlone, baseline_alone
from wpb.shadow.chance_alone import FALSE_PAYMENTS, SHARES, ChanceAlone, chance_alone
from wpb.shadow.declared import Declared, declared_uncertainties, narrowed
from wpb.shadow.fair_baseline import FairShift, Odds, fair_shift, odds
from wpb.shadow.outcome import (
    Chance,
    Convergence,
    Fan,
    Spread,
    chance,
    check_runs,
    convergence,
    fan,
    histogram,
    runs_needed,
    spread,
)
from wpb.shadow.parties import PartyTerms
from wpb.shadow.payment_models import PaymentModel, payment_models
from wpb.shadow.plan import SimulationPlan, check_cash, check_drivers, simulation_plan
from wpb.shadow.runs import Case, RunStore, planned_case, simulate_runs
from wpb.shadow.sharing_links import baselines, shared_arrangements
from wpb.shadow.workers import Workers, at_work
from wpb.sharing.parties import PartyArrangement

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PartyOutcome:
    """How one party comes out: its gain or loss against plan over the term, its accounts by year,
    and what it may breach.

    gain: margin less the margin if all goes as planned. margin, income, cost: by year.
    """

    terms: PartyTerms
    gain: Spread
    margin_total: Spread
    margin: Fan
    income: Fan
    cost: Fan
    sharing: Spread | None
    convergence: Convergence
    beyond_exposure_limit: Chance | None
    """Chance that some year's loss against plan is beyond the exposure limit."""
    beyond_contingency: Chance | None
    """Chance that the loss over the term is beyond the contingency."""


@dataclass(frozen=True)
class LineOdds:
    """The odds against the baseline of one line of an arrangement, a year on average; a shift is
    offered only outside the budget.

    spread_of_rate: standard deviation of the line's yearly gap as a share of its baseline.
    """

    arrangement: str
    line: str
    inside: bool
    odds: Odds
    shift: FairShift | None
    baseline: float
    spread_of_rate: float
    bars: tuple[tuple[float, float, float], ...] = ()
    """How often the yearly gap comes out where: from, to (pence), part of runs; the few beyond the
    ends are left out.
    """


@dataclass(frozen=True)
class LimitOdds:
    """How often the cap and the collar of an arrangement bind: the chance that each does in some
    year, and the part of years in which it does.
    """

    arrangement: str
    cap: Chance
    cap_years: float
    collar: Chance
    collar_years: float


@dataclass(frozen=True)
class ShadowResults:
    """The results of a shadow test."""

    budget: Budget
    plan: SimulationPlan
    declared: Declared
    planned: Accounts
    runs: int
    seed: int
    parties: tuple[PartyOutcome, ...]
    forecast: Fan
    headroom: Fan
    unaffordable: tuple[Chance, ...]
    """Chance, year by year, that spend in and out of scope is above all allocations."""
    unaffordable_ever: Chance
    models: tuple[PaymentModel, ...]
    model_spreads: dict[str, dict[str, Spread]]
    """Gain or loss against plan over the term, by payment model and party."""
    problems: ProblemLog
    scenario: str
    lines: tuple[LineOdds, ...]
    limits: tuple[LimitOdds, ...]
    case: Case
    chance: tuple[ChanceAlone, ...] = ()
    """What chance alone does to the budget and each shared line; empty where no activity is
    uncertain.
    """
    baseline: BaselineAlone | None = None
    """What the error of the baseline does by itself; None where none is declared."""


def prepare(
    budget: Budget,
    arrangements: Sequence[PartyArrangement],
    problems: ProblemLog,
    only: Sequence[str] = (),
) -> tuple[Case, Declared]:
    """Make a budget ready to be simulated; only: the uncertainties to let move, all where empty.

    Raises InputProblems with every fault of the shadow tables at once, UsageProblem for an
    uncertainty in `only` that is not declared.
    """
    declared = declared_uncertainties(budget, problems)
    shared = shared_arrangements(budget, arrangements, problems)
    problems.raise_if_errors()
    declared = narrowed(declared, only) if only else declared
    plan = simulation_plan(budget, declared, shared, problems)
    check_drivers(plan, problems)
    check_cash(plan, problems)
    models = payment_models(budget.model, problems)
    return planned_case(plan, models), declared


def shadow_test(
    budget: Budget,
    arrangements: Sequence[PartyArrangement] = (),
    runs: int = 10_000,
    seed: int = 1,
    workers: int | Workers = 1,
    progress: Progress = lambda stage: None,
    cancelled: Callable[[], bool] = lambda: False,
    scenario: str = "",
    false_payments: Sequence[float] = FALSE_PAYMENTS,
    shares: Sequence[float] = SHARES,
    only: Sequence[str] = (),
) -> ShadowResults:
    """Simulate a budget and describe how every party comes out.

    false_payments: chances of paying for chance, for each of which a minimum savings rate is given.
    shares: of a year's budget, for each of which the population is given at which random variation
    falls to it. only: the uncertainties to let move, all else as planned; all where empty.
    Raises InputProblems, UsageProblem for too few runs or an unknown uncertainty, Cancelled.
    Source: handbook 1.1.5, 6.4.4, 6.6; req 34, 274, 299, 300.
    """
    check_runs(runs)
    problems = ProblemLog()
    case, declared = prepare(budget, arrangements, problems, only)
    if runs < runs_needed(0.01):
        noise = (
            ""
            if runs >= runs_needed(0.05)
            else ", and for the 95% shortfall and the fifth percentile, which are noise"
        )
        problems.warning(
            None,
            f"{runs:,} runs are too few for the 99% shortfall, which is left out{noise}.",
            f"Ask for {runs_needed(0.01):,} or more.",
            "few_runs",
        )
    with (
        at_work(workers) as crew,
        simulate_runs(case, runs, seed, crew, progress, cancelled) as store,
    ):
        progress("what chance alone does")
        alone = chance_alone(budget, case, seed, false_payments, shares, crew)
        progress("what the error of the baseline does")
        baseline = baseline_alone(case, seed, crew)
        progress("describing the runs")
        return replace(
            describe(budget, case, declared, store, seed, problems, scenario),
            chance=alone,
            baseline=baseline,
        )


def describe(
    budget: Budget,
    case: Case,
    declared: Declared,
    store: RunStore,
    seed: int,
    problems: ProblemLog,
    scenario: str = "",
) -> ShadowResults:
    """Describe the runs of a store."""
    plan = case.plan
    planned = accounts(plan, case.planned, case.planned)
    parties = tuple(_party(case, store, planned, place) for place in range(len(plan.parties)))
    inside = np.array([cell.inside for cell in plan.cells])
    principal_forecast = case.planned.spend[0, inside].sum(axis=0)
    principal_headroom = case.planned.allocation[0].sum(axis=0) - case.planned.spend[0].sum(axis=0)
    short = [values < 0 for values in store.years("headroom")]
    ever = np.logical_or.reduce(short)
    models = {
        code: {
            terms.organisation: spread(
                store.column(case.columns[f"model/{code}/{terms.organisation}"].start)
                - _planned_margin(planned, code, place)
            )
            for place, terms in enumerate(plan.parties)
        }
        for code in case.model_codes
    }
    return ShadowResults(
        budget,
        plan,
        declared,
        planned,
        store.runs,
        seed,
        parties,
        fan(principal_forecast, list(store.years("forecast"))),
        fan(principal_headroom, list(store.years("headroom"))),
        tuple(chance(int(values.sum()), store.runs) for values in short),
        chance(int(ever.sum()), store.runs),
        case.models,
        models,
        problems,
        scenario,
        line_odds(case, store),
        limit_odds(case, store),
        case,
    )


def line_odds(case: Case, store: RunStore) -> tuple[LineOdds, ...]:
    """Tell the odds of every line of every arrangement: the mean gap a year over the years it runs.

    Source: handbook 6.4.4, 6.5.2, Fig 24; req 274, 275.
    """
    found = []
    for one in case.plan.shared:
        planned = baselines(one)
        for row, line in enumerate(one.arrangement.line_names):
            years = list(store.years(f"gap/{one.arrangement.name}/{line}"))
            gap = sum(years, np.zeros(store.runs)) / len(years)
            baseline = float(planned[row].mean())
            inside = one.inside(line)
            found.append(
                LineOdds(
                    one.arrangement.name,
                    line,
                    inside,
                    odds(gap),
                    None if inside else fair_shift(gap, baseline),
                    baseline,
                    float(np.mean([values.std() for values in years])) / baseline,
                    histogram(gap),
                )
            )
    return tuple(found)


def limit_odds(case: Case, store: RunStore, nothing: float = 0.5) -> tuple[LimitOdds, ...]:
    """Tell how often the caps and collars of every arrangement bind; under half a penny counts as
    not.

    Source: handbook 6.5.2; req 280, 281, 299.
    """
    found = []
    for one in case.plan.shared:
        cut = np.stack(list(store.years(f"beyond_limit/{one.arrangement.name}")))
        capped, collared = cut >= nothing, cut <= -nothing
        found.append(
            LimitOdds(
                one.arrangement.name,
                chance(int(capped.any(axis=0).sum()), store.runs),
                float(capped.mean()),
                chance(int(collared.any(axis=0).sum()), store.runs),
                float(collared.mean()),
            )
        )
    return tuple(found)


def _planned_margin(planned: Accounts, code: str, place: int) -> float:
    del code  # Every model pays what is planned when all goes as planned.
    return float((planned.margin - planned.shared)[0, place].sum())


def _party(case: Case, store: RunStore, planned: Accounts, place: int) -> PartyOutcome:
    terms = case.plan.parties[place]
    code = terms.organisation
    planned_margin, planned_income = planned.margin[0, place], planned.income[0, place]
    margins, incomes = list(store.years(f"margin/{code}")), list(store.years(f"income/{code}"))
    total = store.total(f"margin/{code}")
    gain = total - planned_margin.sum()
    beyond_limit = None
    if not math.isnan(terms.exposure_limit):
        over = np.logical_or.reduce(
            [
                values - float(at_plan) < -terms.exposure_limit
                for values, at_plan in zip(margins, planned_margin, strict=True)
            ]
        )
        beyond_limit = chance(int(over.sum()), store.runs)
    beyond_contingency = (
        None
        if math.isnan(terms.contingency)
        else chance(int((gain < -terms.contingency).sum()), store.runs)
    )
    return PartyOutcome(
        terms,
        spread(gain),
        spread(total),
        fan([float(value) for value in planned_margin], margins),
        fan([float(value) for value in planned_income], incomes),
        fan(
            [float(value) for value in planned_income - planned_margin],
            [income - margin for income, margin in zip(incomes, margins, strict=True)],
        ),
        spread(store.total(f"sharing/{code}")) if case.plan.shared else None,
        convergence(gain),
        beyond_limit,
        beyond_contingency,
    )
