"""What chance alone does to a year of the budget and of each shared line: the minimum savings rate
and the population size it asks for.

Only what happens by chance is let move - activity about its plan - through the same rules as every
other run. Part of it evens out over more people (independent counts); part hits everyone at once,
such as a hard winter, and does not.
Source: handbook 1.1.5, 6.5.2; req 5, 283.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wpb.run import Budget
from wpb.shadow.accounts import accounts
from wpb.shadow.declared import Uncertainty
from wpb.shadow.distributions import made
from wpb.shadow.draws import CHUNK_RUNS, draw
from wpb.shadow.engine import simulate
from wpb.shadow.fair_baseline import minimum_savings_rate, people_for_share
from wpb.shadow.runs import Case, batches_of, row_of
from wpb.shadow.sharing_links import Shared, baselines
from wpb.shadow.workers import Workers, at_work

Array = NDArray[np.float64]

CHANCE_RUNS = 1_024
FALSE_PAYMENTS = (0.01, 0.05, 0.10)
SHARES = (0.005, 0.01, 0.02)
HALF_A_PENNY = 0.5


@dataclass(frozen=True)
class ChanceAlone:
    """One year by chance alone, as parts of what was planned (one standard deviation).

    evens_out falls with the square root of the number of people; shared does not. rates: the
    minimum savings rate for each chance of paying for chance. people_for: the number of people at
    which random variation falls to each share, None where no number does. shares_out: the part of
    years in which the arrangement as it stands shares money out.
    """

    arrangement: str
    line: str
    people: float
    variation: float
    evens_out: float
    shared: float
    rates: tuple[tuple[float, float], ...]
    people_for: tuple[tuple[float, float | None], ...]
    shares_out: float | None


def chance_alone(
    budget: Budget,
    case: Case,
    seed: int,
    false_payments: Sequence[float] = FALSE_PAYMENTS,
    shares: Sequence[float] = SHARES,
    workers: int | Workers = 1,
) -> tuple[ChanceAlone, ...]:
    """What chance alone does to the whole budget and to each line of each arrangement; nothing
    where no activity is uncertain.

    variation^2 = evens_out^2 + shared^2, each a variance over runs, averaged over years.
    Source: handbook 1.1.5, 6.5.2; req 5, 283.
    """
    if not case.plan.declared.of("activity"):
        return ()
    people = float(
        sum(
            n
            for n, code in zip(budget.scope.population, budget.scope.lists.codes, strict=True)
            if budget.scope.list_in_scope(code)
        )
    )
    whole, lone = _of_chance(case, independent=False), _of_chance(case, independent=True)
    with at_work(workers) as crew:
        rows, lone_rows = (_rows(one, seed, crew) for one in (whole, lone))
    planned = case.planned.spend[0, [cell.inside for cell in case.plan.cells]].sum(axis=0)

    def both(name: str, base: Array) -> tuple[float, float]:
        return _variance(whole, rows, name, base), _variance(lone, lone_rows, name, base)

    found = [_found("", "", people, both("forecast", planned), false_payments, shares, None)]
    for one in case.plan.shared:
        moves = _shared_out(whole, rows, one)
        for row, line in enumerate(one.arrangement.line_names):
            found.append(
                _found(
                    one.arrangement.name,
                    line,
                    people,
                    both(f"gap/{one.arrangement.name}/{line}", baselines(one)[row]),
                    false_payments,
                    shares,
                    moves,
                )
            )
    return tuple(found)


def _found(
    arrangement: str,
    line: str,
    people: float,
    variances: tuple[float, float],
    false_payments: Sequence[float],
    shares: Sequence[float],
    moves: float | None,
) -> ChanceAlone:
    whole, lone = variances
    evens_out, shared, variation = (
        float(np.sqrt(max(0.0, variance))) for variance in (min(lone, whole), whole - lone, whole)
    )
    rates = tuple((chance, minimum_savings_rate(variation, chance)) for chance in false_payments)
    return ChanceAlone(
        arrangement,
        line,
        people,
        variation,
        evens_out,
        shared,
        rates,
        tuple((share, people_for_share(people, evens_out, shared, share)) for share in shares),
        moves,
    )


def _of_chance(case: Case, independent: bool) -> Case:
    """The case in which activity alone departs from plan; independent: only the part of it that
    more people even out.
    """
    kept = [
        one
        for one in case.plan.declared.of("activity")
        if not independent or one.each or one.distribution.kind == "counts"
    ]
    declared = case.plan.declared.only([one.code for one in kept])
    if independent:
        declared = replace(
            declared, uncertainties=tuple(_undispersed(one) for one in declared.uncertainties)
        )
    return Case(replace(case.plan, declared=declared), case.planned)


def _undispersed(one: Uncertainty) -> Uncertainty:
    """The same counts without dispersion: what they vary by beyond independent events does not even
    out.
    """
    return (
        replace(
            one,
            distribution=made("counts", yearly_count=one.distribution["yearly_count"], spread=0.0),
        )
        if one.distribution.kind == "counts"
        else one
    )


def _rows(case: Case, seed: int, crew: Workers) -> Array:
    if not case.plan.declared.uncertainties:
        return np.zeros((1, case.width))
    batches = batches_of(CHANCE_RUNS // CHUNK_RUNS, 2)
    found = dict(crew.each(chance_rows, case, [(seed, batch) for batch in batches]))
    return np.concatenate([found[place] for place in range(len(batches))])


def _variance(case: Case, rows: Array, name: str, planned: Array) -> float:
    values = rows[:, case.columns[name]]
    used = planned != 0
    return float((values[:, used] / planned[used]).var(axis=0).mean())


def chance_rows(case: Case, seed: int, chunks: range) -> Array:
    """The rows of some chunks, and after them for each year of each arrangement whether anything
    was shared out.

    Source: handbook 6.5.2; req 283.
    """
    plan, found = case.plan, []
    for chunk in chunks:
        now = simulate(plan, draw(plan.declared, plan.rows_of_each, len(plan.years), seed, chunk))
        drawn_up = accounts(plan, now, case.planned)
        shared = [
            np.broadcast_to(
                (np.abs(one.party) >= HALF_A_PENNY).any(axis=1), (CHUNK_RUNS, one.party.shape[2])
            )
            for one in drawn_up.settlements
        ]
        found.append(
            np.concatenate(
                [np.broadcast_to(row_of(case, now, drawn_up), (CHUNK_RUNS, case.width)), *shared],
                axis=1,
            )
        )
    return np.concatenate(found)


def _shared_out(case: Case, rows: Array, one: Shared) -> float:
    """The part of years in which the arrangement shares anything out."""
    at = case.width
    for other in case.plan.shared:
        years = len(other.arrangement.years)
        if other is one:
            return float(rows[:, at : at + years].mean()) if rows.shape[1] >= at + years else 0.0
        at += years
    raise AssertionError(one.arrangement.name)
