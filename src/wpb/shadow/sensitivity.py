"""What drives the result: shares of its variance, a tornado of one change at a time, and where a
result breaks even.

Shares of variance are Sobol' indices of whole uncertainties (all their years and services
together), by drawing two independent sets of runs and exchanging one uncertainty at a time; scipy
estimates them and their intervals.
Source: handbook 1.1.5; req 300.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import UsageProblem
from wpb.shadow.draws import CHUNK_RUNS, planned_values
from wpb.shadow.runs import Case, Seed, batch_rows, batches_of, run_values
from wpb.shadow.workers import Workers, at_work

Array = NDArray[np.float64]

RESAMPLES = 200
SECOND_SET = 1_000_003
"""Added to a seed for the second, independent set of runs."""


@dataclass(frozen=True)
class VarianceShare:
    """The part of a result's variance that one uncertainty makes alone, and with all it acts
    together with; each with its 95% interval.
    """

    uncertainty: str
    title: str
    alone: float
    alone_interval: tuple[float, float]
    together: float
    together_interval: tuple[float, float]


@dataclass(frozen=True)
class Swing:
    """A result when one uncertainty stands at its low or high end and all else goes as planned, in
    pence.
    """

    uncertainty: str
    title: str
    low_value: float
    high_value: float
    at_low: float
    at_high: float


def result_of(case: Case, name: str) -> Callable[[Array], Array]:
    """A result over the term by run: `margin/CODE`, `income/CODE`, `forecast`, `headroom`.

    Raises UsageProblem for a result that isn't there.
    """
    if name not in case.columns:
        raise UsageProblem(f"there is no result '{name}'; there are {', '.join(case.columns)}")
    columns = case.columns[name]
    return lambda rows: np.asarray(rows[:, columns].sum(axis=1), dtype=np.float64)


def batch_totals(case: Case, seed: Seed, chunks: range, names: Sequence[str]) -> Array:
    """Some results over the term of the runs of some chunks, [run, result]."""
    rows = batch_rows(case, seed, chunks)
    return np.stack([result_of(case, name)(rows) for name in names], axis=1)


def variance_shares(
    case: Case,
    names: Sequence[str],
    runs: int,
    seed: int,
    progress: Callable[[str], None] = lambda stage: None,
    workers: int | Workers = 1,
) -> dict[str, tuple[VarianceShare, ...]]:
    """Estimate what part of the variance of some results each uncertainty makes, all results from
    the same runs.

    runs: rounded up to a power of two, at least 256; the engine is run (uncertainties + 2) x runs
    times.
    Source: handbook 1.1.5; req 300.
    """
    declared = case.plan.declared
    for name in names:
        result_of(case, name)
    if not declared.uncertainties:
        return dict.fromkeys(names, ())
    count = 1 << max(8, (runs - 1).bit_length())
    chunks = -(-count // CHUNK_RUNS)
    first = {one.code: seed for one in declared.uncertainties}
    second = {one.code: seed + SECOND_SET for one in declared.uncertainties}

    groups = _groups(case)
    sets = [
        first,
        second,
        *(
            {code: second[code] if code in codes else first[code] for code in first}
            for codes, _ in groups
        ),
    ]
    jobs = [(seeds, batch) for seeds in sets for batch in batches_of(chunks)]
    worked: list[Array] = [np.zeros(0)] * len(jobs)
    with at_work(workers) as crew:
        for done, (place, totals) in enumerate(
            crew.each(batch_totals, case, [(*job, tuple(names)) for job in jobs]), start=1
        ):
            worked[place] = totals
            if done % (len(jobs) // len(sets)) == 0:
                progress(f"what drives the results, {done * len(sets) // len(jobs)} of {len(sets)}")
    values = np.concatenate(worked).reshape(len(sets), -1, len(names))[:, :count].transpose(0, 2, 1)
    set_a, set_b, together = values[0], values[1], values[2:]
    return {
        name: _shares(groups, set_a[row], set_b[row], together[:, row], count)
        for row, name in enumerate(names)
    }


def _shares(
    groups: list[tuple[tuple[str, ...], str]],
    set_a: Array,
    set_b: Array,
    exchanged: Array,
    count: int,
) -> tuple[VarianceShare, ...]:
    """Sobol' indices of one result with bootstrap intervals; an uncertainty that moves nothing has
    nought.
    """
    from scipy.stats import sobol_indices

    moving = [row for row in range(len(groups)) if np.ptp(exchanged[row] - set_a) > 0]
    if not moving:
        return ()
    # The library fails on a single varying input, so a single one is given twice and read once.
    given = moving * 2 if len(moving) == 1 else moving
    found = sobol_indices(
        func={"f_A": set_a[None], "f_B": set_b[None], "f_AB": exchanged[given][:, None]},
        n=count,
        rng=np.random.default_rng(0),
    )
    alone, whole = _intervals(set_a, set_b, exchanged[moving])
    shares = [
        VarianceShare(
            " + ".join(groups[row][0]),
            groups[row][1],
            float(found.first_order[place]),
            alone[place],
            float(found.total_order[place]),
            whole[place],
        )
        for place, row in enumerate(moving)
    ]
    return tuple(sorted(shares, key=lambda one: -one.together))


def _intervals(
    set_a: Array, set_b: Array, exchanged: Array
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """95% intervals of both indices by drawing the runs again, with a seed of its own so that they
    come out the same.

    alone = mean of B x (AB - A) / variance; with all = mean of (A - AB)^2 / 2 / variance, as
    Saltelli and Jansen have them.
    """
    middle = (set_a.mean() + set_b.mean()) / 2
    a, b, ab = set_a - middle, set_b - middle, exchanged - middle
    random, ends = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        chosen = random.integers(0, len(a), len(a))
        both = np.r_[a[chosen], b[chosen]]
        ends.append(
            np.stack(
                [
                    (b * (ab - a))[:, chosen].mean(axis=1),
                    ((a - ab) ** 2)[:, chosen].mean(axis=1) / 2,
                ]
            )
            / both.var()
        )
    low, high = np.quantile(np.stack(ends), [0.025, 0.975], axis=0)
    alone, whole = (
        [(float(one), float(other)) for one, other in zip(low[row], high[row], strict=True)]
        for row in (0, 1)
    )
    return alone, whole


def _groups(case: Case) -> list[tuple[tuple[str, ...], str]]:
    """Uncertainties to exchange together: correlated ones move as one group, for shares of variance
    need independent groups.
    """
    declared = case.plan.declared
    titles = {one.code: one.title for one in declared.uncertainties}
    joined = _linked(declared.correlated, declared.mixing)
    alone = [(one.code,) for one in declared.uncertainties if one.code not in declared.correlated]
    return [(codes, " and ".join(titles[code] for code in codes)) for codes in (*joined, *alone)]


def _linked(codes: tuple[str, ...], mixing: Array) -> list[tuple[str, ...]]:
    matrix = mixing @ mixing.T if len(codes) else mixing
    left, found = set(range(len(codes))), []
    while left:
        group, edge = set(), [min(left)]
        while edge:
            at = edge.pop()
            if at not in group:
                group.add(at)
                edge += [
                    other
                    for other in range(len(codes))
                    if abs(matrix[at, other]) > 1e-9 and other not in group
                ]
        left -= group
        found.append(tuple(codes[at] for at in sorted(group)))
    return found


def tornado(case: Case, name: str, tail: float = 0.1) -> tuple[Swing, ...]:
    """Move each shared uncertainty to the ends of its middle (1 - 2 x tail) in every year, all else
    as planned.

    Uncertainties drawn for each service are chance, which evens out, and are left to the shares of
    variance.
    Source: handbook 1.1.5; req 300.
    """
    result, years = result_of(case, name), len(case.plan.years)
    moved = [one for one in case.plan.declared.uncertainties if not one.each]
    if not moved:
        return ()
    values = planned_values(case.plan.declared, 2 * len(moved), years)
    ends = []
    for place, one in enumerate(moved):
        low, high = (float(value) for value in one.distribution.quantile([tail, 1 - tail]))
        values[one.code][2 * place], values[one.code][2 * place + 1] = low, high
        ends.append((low, high))
    found = result(run_values(case, values)) - result(
        run_values(case, planned_values(case.plan.declared, 1, years))
    )
    swings = [
        Swing(
            one.code, one.title, *ends[place], float(found[2 * place]), float(found[2 * place + 1])
        )
        for place, one in enumerate(moved)
    ]
    return tuple(sorted(swings, key=lambda swing: -abs(swing.at_high - swing.at_low)))


def break_even(
    case: Case,
    name: str,
    code: str,
    target_pence: float = 0.0,
    within: tuple[float, float] | None = None,
) -> float | None:
    """The value of one uncertainty, the same in every year, at which a result comes to a target,
    all else as planned.

    None where the result does not come to it between the ends (by default the middle 99.8% of the
    distribution).
    Raises UsageProblem for an uncertainty that isn't there.
    Source: handbook 1.1.5; req 300.
    """
    from scipy.optimize import brentq

    declared, years = case.plan.declared, len(case.plan.years)
    one = next(
        (found for found in declared.uncertainties if found.code == code and not found.each), None
    )
    if one is None:
        raise UsageProblem(
            f"there is no shared uncertainty '{code}'; there are"
            f" {', '.join(found.code for found in declared.uncertainties if not found.each)}"
        )
    result = result_of(case, name)

    def misses(value: float) -> float:
        values = planned_values(declared, 1, years)
        values[code][:] = value
        return float(result(run_values(case, values))[0]) - target_pence

    low, high = within or tuple(float(end) for end in one.distribution.quantile([0.001, 0.999]))
    if misses(low) * misses(high) > 0:
        return None
    return float(brentq(misses, low, high, xtol=1e-10))


@dataclass(frozen=True)
class BreakEven:
    """Where one uncertainty, the same in every year, brings a result to a target; value is None
    where nothing likely does.

    probability: the chance that it lies at or beyond that value, on the side away from plan.
    """

    uncertainty: str
    title: str
    planned: float
    value: float | None
    probability: float | None


def break_evens(case: Case, name: str, target_pence: float) -> tuple[BreakEven, ...]:
    """For each shared uncertainty, the value at which a result comes to a target, all else as
    planned; the likeliest first.

    Source: handbook 1.1.5; req 300.
    """
    found = []
    for one in case.plan.declared.uncertainties:
        if one.each:
            continue
        value = break_even(case, name, one.code, target_pence)
        beyond = None if value is None else float(one.distribution.probability(value))
        if beyond is not None and value is not None and value > one.neutral:
            beyond = 1.0 - beyond
        found.append(BreakEven(one.code, one.title, one.neutral, value, beyond))
    return tuple(
        sorted(found, key=lambda one: (one.probability is None, -(one.probability or 0.0)))
    )


def drivers_of(shares: Sequence[VarianceShare], most: int = 3) -> str:
    """Say in words what drives a result."""
    named = [
        f"{share.title[0].lower()}{share.title[1:]} ({share.together:.0%})"
        for share in shares[:most]
        if share.together >= 0.02
    ]
    return ", ".join(named)
