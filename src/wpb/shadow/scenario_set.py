"""Scenarios set side by side with the model as it stands: the principal case and the same simulated
runs of each.

Every scenario draws from the same streams, so what lies between two of them is the scenario and not
chance.
Source: handbook 1.1.5; req 300.
"""

from __future__ import annotations

import hashlib
import math
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.problems import InputProblems, ProblemLog, UsageProblem
from wpb.run import Budget, calculate
from wpb.shadow.outcome import Chance, Spread, chance, check_runs, spread
from wpb.shadow.runs import Case, simulate_runs
from wpb.shadow.scenarios import (
    Change,
    Overlaid,
    laid_over,
    overlaid,
    scenario_names,
    what_is_read,
)
from wpb.shadow.shadow_test import prepare
from wpb.shadow.workers import Workers, at_work
from wpb.sharing.parties import PartyArrangement
from wpb.tables.model import Model

Array = NDArray[np.float64]
Progress = Callable[[str], None]
MOST = 64
"""Most scenarios set side by side at one go (ours)."""
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Apart:
    """How a result over the term differs from the model as it stands: if all goes as planned, and
    on average over paired runs with half its 95% interval.
    """

    principal: float
    mean: float
    half_interval: float


@dataclass(frozen=True)
class ScenarioOutcome:
    """One scenario or combination: its changes, and every result over the term as planned, over
    runs, and against the model as it stands.

    Results: margin/CODE of each party, forecast, out_of_scope, headroom; pence.
    """

    names: tuple[str, ...]
    changes: tuple[Change, ...]
    principal: dict[str, float]
    runs: dict[str, Spread]
    apart: dict[str, Apart]
    unaffordable: Chance

    @property
    def title(self) -> str:
        """The scenario's name; several laid over one another are joined by a plus."""
        return " + ".join(self.names) or "as it stands"


def chosen_scenarios(
    model: Model, asked: Sequence[str], axes: Sequence[str], every_combination: bool
) -> list[tuple[str, ...]]:
    """Which scenarios to set side by side, the model as it stands always first.

    asked: names, several laid over one another joined by '+'. axes: names with commas between, of
    which a combination takes one or none. Without either: each scenario of the model alone, or
    every combination of them.
    Raises UsageProblem for a name that isn't there, or more than MOST.
    """
    from wpb.shadow.scenarios import scenario_grid

    known = scenario_names(model)
    if not known:
        raise UsageProblem(
            "this model names no scenarios; enter them in the table scenario_changes"
        )
    if axes or every_combination:
        found = scenario_grid(
            [[name.strip() for name in axis.split(",") if name.strip()] for axis in axes]
            or [[name] for name in known]
        )
    elif asked:
        found = [tuple(name.strip() for name in one.split("+") if name.strip()) for one in asked]
    else:
        found = [(name,) for name in known]
    unknown = sorted({name for names in found for name in names} - set(known))
    if unknown:
        raise UsageProblem(
            f"there is no scenario '{unknown[0]}'; there are {', '.join(known)} in scenario_changes"
        )
    whole = list(dict.fromkeys([(), *found]))
    if len(whole) > MOST:
        raise UsageProblem(
            f"{len(whole)} scenarios are more than can be set side by side at one go ({MOST}); name"
            " fewer, or axes of which a combination takes one or none"
        )
    return whole


def compare_scenarios(
    model: Model,
    book: AssumptionBook,
    arrangements: Sequence[PartyArrangement],
    chosen: Sequence[tuple[str, ...]],
    runs: int,
    seed: int,
    workers: int | Workers = 1,
    progress: Progress = lambda stage: None,
) -> tuple[ScenarioOutcome, ...]:
    """Calculate, simulate and compare scenarios; all are calculated and checked before any is
    simulated.

    Raises InputProblems with the problems of every scenario that can't be made, each with the
    scenario's name, and UsageProblem for too few runs.
    Source: handbook 1.1.5; req 300.
    """
    check_runs(runs)
    problems, prepared = ProblemLog(), []
    digests: dict[str, str] = {}
    for number, names in enumerate(chosen, start=1):
        progress(
            f"calculating {' + '.join(names) or 'the model as it stands'}, {number} of"
            f" {len(chosen)}"
        )
        try:
            over = overlaid(model, book, names)
            budget, case = _worked(over, arrangements)
            prepared.append((names, over.changes, case, _principal(budget, case)))
            if names:
                _refuse_idle(model, book, over.changes, arrangements, digests, problems)
            else:
                digests[""] = _digest(budget, case)
        except InputProblems as faults:
            problems.extend(
                [
                    replace(
                        problem,
                        what=f"Scenario {' + '.join(names) or 'as it stands'}: {problem.what}",
                    )
                    for problem in faults.problems
                ]
            )
    problems.raise_if_errors()
    found: list[ScenarioOutcome] = []
    with at_work(workers) as crew:
        base: tuple[dict[str, float], dict[str, Array]] | None = None
        for number, (names, changes, case, principal) in enumerate(prepared, start=1):
            progress(
                f"simulating {' + '.join(names) or 'the model as it stands'}, {number} of"
                f" {len(prepared)}"
            )
            with simulate_runs(case, runs, seed, crew) as store:
                totals = {name: np.array(store.total(name)) for name in _results(case)}
                base = base or (principal, totals)
                short = np.logical_or.reduce([values < 0 for values in store.years("headroom")])
                found.append(
                    ScenarioOutcome(
                        names,
                        changes,
                        principal,
                        {name: spread(values) for name, values in totals.items()},
                        _apart(base, principal, totals),
                        chance(int(short.sum()), store.runs),
                    )
                )
    return tuple(found)


def _apart(
    base: tuple[dict[str, float], dict[str, Array]],
    principal: dict[str, float],
    totals: dict[str, Array],
) -> dict[str, Apart]:
    """Pair every run with the same run of the model as it stands: mean difference, and 1.96
    standard errors.
    """
    found = {}
    for name, values in totals.items():
        differ = values - base[1][name]
        found[name] = Apart(
            principal[name] - base[0][name],
            float(differ.mean()),
            Z95 * float(differ.std(ddof=1)) / math.sqrt(len(differ)),
        )
    return found


def _worked(over: Overlaid, arrangements: Sequence[PartyArrangement]) -> tuple[Budget, Case]:
    budget = calculate(over.model, over.book)
    case, _ = prepare(budget, arrangements, ProblemLog())
    return budget, _without_models(case)


def _digest(budget: Budget, case: Case) -> str:
    """Give the hash of all that a simulation is made from, and of the results as planned."""
    made_from = (case.plan, sorted(_principal(budget, case).items()))
    return hashlib.sha256(pickle.dumps(made_from, protocol=5)).hexdigest()


def _refuse_idle(
    model: Model,
    book: AssumptionBook,
    changes: Sequence[Change],
    arrangements: Sequence[PartyArrangement],
    digests: dict[str, str],
    problems: ProblemLog,
) -> None:
    """Refuse each change that nothing reads: by itself it leaves the calculation and the simulation
    as they stand.
    """
    for change in changes:
        key = f"{change.scenario}.{change.code}"
        if key in digests:
            continue
        digests[key] = _digest(*_worked(laid_over(model, book, [change]), arrangements))
        if digests[key] == digests[""]:
            problems.error(
                change.place,
                f"Scenario {change.scenario}: changing {change.target} moves nothing, as nothing in"
                " this model reads it there.",
                f"Change what is read: {what_is_read(model, change)}.",
                "change_not_read",
            )


def _without_models(case: Case) -> Case:
    return replace(case, models=())


def _results(case: Case) -> list[str]:
    return [
        *(f"margin/{terms.organisation}" for terms in case.plan.parties),
        "forecast",
        "out_of_scope",
        "headroom",
    ]


def _principal(budget: Budget, case: Case) -> dict[str, float]:
    from wpb.shadow.accounts import accounts

    total, drawn_up = budget.affordability.total, accounts(case.plan, case.planned, case.planned)
    margins = {
        f"margin/{terms.organisation}": float(drawn_up.margin[0, row].sum())
        for row, terms in enumerate(case.plan.parties)
    }
    return margins | {
        name: float(total[name].value[0, 0].sum())
        for name in ("forecast", "out_of_scope", "headroom")
    }
