"""What many runs come to: means, quantiles, chances and tails, each with how far it may still be
off.

Source: handbook 1.1.5, 6.4.5, 6.5.2; req 274, 299, 300.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import UsageProblem

Array = NDArray[np.float64]

LEAST_IN_TAIL = 20
"""Fewest runs that must lie in a tail before a figure of it is given."""
LEAST_RUNS = 100
Z95 = 1.959963984540054


def runs_needed(tail: float) -> int:
    """Runs that put LEAST_IN_TAIL in a tail of this chance: 20 / chance."""
    return math.ceil(LEAST_IN_TAIL / tail - 1e-9)


def check_runs(runs: int) -> None:
    """Refuse too few runs for any figure at all.

    Raises UsageProblem with the number that would do.
    """
    if runs < LEAST_RUNS:
        raise UsageProblem(
            f"{runs} runs say too little; at least {LEAST_RUNS} are needed, {runs_needed(0.05):,}"
            f" for the fifth percentile and {runs_needed(0.01):,} for the 99% shortfall"
        )


@dataclass(frozen=True)
class Chance:
    """A probability seen in runs, with its 95% interval (Wilson)."""

    value: float
    low: float
    high: float


def chance(hits: int, runs: int) -> Chance:
    """A share of runs and its Wilson interval.

    centre = (p + z^2 / 2n) / (1 + z^2 / n), half width = z sqrt(p(1 - p)/n + z^2/4n^2) / (1 + z^2 /
    n).
    """
    share, squared = hits / runs, Z95**2
    centre = (share + squared / (2 * runs)) / (1 + squared / runs)
    half = (
        Z95 * math.sqrt(share * (1 - share) / runs + squared / (4 * runs**2)) / (1 + squared / runs)
    )
    return Chance(share, max(0.0, centre - half), min(1.0, centre + half))


def quantile(ordered: Array, probability: float) -> float:
    """A quantile of values in order, in a straight line between the two nearest."""
    at = probability * (len(ordered) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (at - below))


def quantile_interval(ordered: Array, probability: float) -> tuple[float, float]:
    """The 95% interval of a quantile, from the runs that stand round it (binomial, normal
    approximation).
    """
    count = len(ordered)
    half = Z95 * math.sqrt(count * probability * (1 - probability))
    low, high = math.floor(count * probability - half) - 1, math.ceil(count * probability + half)
    return float(ordered[max(0, low)]), float(ordered[min(count - 1, high)])


def expected_shortfall(ordered: Array, level: float) -> float | None:
    """The mean of the worst (1 - level) of runs, in order from the worst; None where too few runs
    lie there.
    """
    tail = 1.0 - level
    if len(ordered) < runs_needed(tail):
        return None
    return float(ordered[: max(1, round(len(ordered) * tail))].mean())


@dataclass(frozen=True)
class Spread:
    """How one figure comes out over the runs, in pence."""

    mean: float
    mean_error: float
    """Standard error of the mean."""
    deviation: float
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float
    p5_interval: tuple[float, float]
    p95_interval: tuple[float, float]
    gain: Chance
    loss: Chance
    shortfall_95: float | None
    shortfall_99: float | None


def spread(values: Array, nothing: float = 0.5) -> Spread:
    """Describe a figure over runs; a gain or loss under half a penny counts as neither.

    Source: handbook 6.4.4, 6.5.2; req 274, 299.
    """
    ordered = np.sort(values)
    runs = len(ordered)
    deviation = float(ordered.std(ddof=1))
    gains, losses = int((ordered >= nothing).sum()), int((ordered <= -nothing).sum())
    p5, p25, p50, p75, p95 = (
        quantile(ordered, probability) for probability in (0.05, 0.25, 0.5, 0.75, 0.95)
    )
    return Spread(
        float(ordered.mean()),
        deviation / math.sqrt(runs),
        deviation,
        p5,
        p25,
        p50,
        p75,
        p95,
        quantile_interval(ordered, 0.05),
        quantile_interval(ordered, 0.95),
        chance(gains, runs),
        chance(losses, runs),
        expected_shortfall(ordered, 0.95),
        expected_shortfall(ordered, 0.99),
    )


BARS = 40


def histogram(values: Array) -> tuple[tuple[float, float, float], ...]:
    """How often a figure comes out where: from, to and part of runs of each bar, between the ends
    of 99% of runs; bars meet at nought.
    """
    low, high = (float(end) for end in np.quantile(values, [0.005, 0.995]))
    if high <= low:
        return ()
    width = (high - low) / BARS
    edges = np.arange(math.floor(low / width), math.ceil(high / width) + 1) * width
    counts, _ = np.histogram(values, edges)
    return tuple(
        (float(edges[bar]), float(edges[bar + 1]), float(count / len(values)))
        for bar, count in enumerate(counts)
    )


@dataclass(frozen=True)
class Fan:
    """A figure year by year: principal, mean, and the middle half and nine tenths of runs."""

    principal: tuple[float, ...]
    mean: tuple[float, ...]
    p5: tuple[float, ...]
    p25: tuple[float, ...]
    p50: tuple[float, ...]
    p75: tuple[float, ...]
    p95: tuple[float, ...]


def fan(principal: Sequence[float], by_year: Sequence[Array]) -> Fan:
    """Describe a figure year by year.

    Source: handbook 2.4.1 footnote 29; req 34.
    """
    ordered = [np.sort(values) for values in by_year]
    points = [
        tuple(quantile(values, probability) for values in ordered)
        for probability in (0.05, 0.25, 0.5, 0.75, 0.95)
    ]
    return Fan(
        tuple(float(value) for value in principal),
        tuple(float(values.mean()) for values in ordered),
        *points,
    )


@dataclass(frozen=True)
class Convergence:
    """How figures settle as runs grow: runs so far, mean, fifth percentile, chance of a loss."""

    runs: tuple[int, ...]
    mean: tuple[float, ...]
    p5: tuple[float, ...]
    loss: tuple[float, ...]


def convergence(values: Array, steps: int = 8) -> Convergence:
    """The same figures on growing parts of the runs."""
    counts = [max(1, round(len(values) * step / steps)) for step in range(1, steps + 1)]
    parts = [np.sort(values[:count]) for count in counts]
    return Convergence(
        tuple(counts),
        tuple(float(part.mean()) for part in parts),
        tuple(quantile(part, 0.05) for part in parts),
        tuple(float((part <= -0.5).mean()) for part in parts),
    )
