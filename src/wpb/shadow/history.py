"""Distributions fitted to what happened before, shown against it, and honest about how little a
short history says.

A series of rates varies about its own mean; a series of counts or sums varies as a ratio to what
was expected. With n points the spread itself is uncertain, so what comes next is spread as a
Student t with n - 1 degrees of freedom, scale = sample standard deviation x square root of (1 +
1/n).
Source: handbook 6.5.2 (historical levels of volatility of demand); req 34, 300.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.shadow.distributions import Distribution, made

Array = NDArray[np.float64]

LEAST_POINTS = 4
"""Fewest points from which a spread of a next value exists at all (a Student t of three degrees of
freedom).
"""
ENOUGH_POINTS = 15
"""Points from which the spread is known within a fifth or so, one standard error: 1 / square root
of (2(n - 1)).
"""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Fitted:
    """A distribution fitted to history: how many points, how well the spread is known, and fitted
    beside observed quantiles.
    """

    distribution: Distribution
    points: int
    spread_error: float
    """Relative standard error of the spread: 1 / square root of (2(n - 1))."""
    persistence: float
    """Correlation of one value with the next."""
    observed: tuple[float, ...]
    fitted: tuple[float, ...]
    agreement: float
    """p-value of the Cramér-von Mises test of history against the fit; below 0.05 it does not look
    like it.
    """
    seasons: tuple[float, ...] = ()
    """Share of a year in each month, April first, where history is by month."""
    values: tuple[float, ...] = ()
    """What was fitted: departures of a rate from its mean, or ratios to what was expected, of whole
    years.
    """


def spread_error(points: int) -> float:
    """How far off a spread from so few points may be, relative, one standard error: 1 / square root
    of (2(n - 1)).
    """
    return 1.0 / math.sqrt(2.0 * (points - 1))


def fit(
    driver_is_rate: bool, kind: str, values: Array, expected: Array, months: tuple[str, ...] = ()
) -> Fitted:
    """Fit a distribution to a series.

    driver_is_rate: deviations of a rate about its mean, else ratios to what was expected. kind:
    normal (as a Student t), lognormal (the same of logarithms; returned with its spread widened
    alike), or counts (dispersion beyond
    chance by moments: (variance / mean - 1) / mean).
    Raises ValueError for fewer points than LEAST_POINTS.
    Source: handbook 6.5.2; req 300.
    """
    seasons: tuple[float, ...] = ()
    if months:
        seasons, values, expected = _without_seasons(values, expected, months)
    points = len(values)
    if points < LEAST_POINTS:
        raise ValueError(f"{points} points of history")
    moved = values - values.mean() if driver_is_rate else values / expected
    distribution = _fitted(driver_is_rate, kind, moved, values, expected)
    lag = (
        float(np.corrcoef(moved[:-1], moved[1:])[0, 1])
        if points >= 2 * LEAST_POINTS and moved.std() > 0
        else 0.0
    )
    from scipy.stats import cramervonmises

    normal_scores = _scores(distribution, moved)
    agreement = (
        float(cramervonmises(normal_scores, "norm").pvalue)
        if points > LEAST_POINTS
        else float("nan")
    )
    observed = tuple(float(value) for value in np.quantile(moved, QUANTILES))
    return Fitted(
        distribution,
        points,
        spread_error(points),
        min(max(lag, 0.0), 1.0),
        observed,
        tuple(float(value) for value in distribution.quantile(QUANTILES)),
        agreement,
        seasons,
        tuple(float(value) for value in moved),
    )


def _fitted(
    driver_is_rate: bool, kind: str, moved: Array, values: Array, expected: Array
) -> Distribution:
    points, widened = len(moved), math.sqrt(1 + 1 / len(moved))
    if kind == "counts":
        beyond = float(
            np.mean((values - expected) ** 2 / expected) * points / max(points - 1, 1) - 1
        )
        return made(
            "counts",
            yearly_count=float(expected.mean()),
            spread=max(beyond, 0.0) / float(expected.mean()),
        )
    if kind == "lognormal":
        inflated = math.sqrt((points - 1) / (points - 3)) * widened
        return made(
            "lognormal", centre=1.0, spread=max(float(np.log(moved).std(ddof=1)) * inflated, 1e-9)
        )
    centre = 0.0 if driver_is_rate else 1.0
    return made(
        "student_t",
        centre=centre,
        spread=max(float(moved.std(ddof=1)) * widened, 1e-9),
        freedom=points - 1,
    )


def _scores(distribution: Distribution, moved: Array) -> Array:
    """Where each observed value would stand if the fit held, as standard normal scores."""
    from scipy.special import ndtri

    return np.asarray(
        ndtri(np.clip(distribution.probability(moved), 1e-9, 1 - 1e-9)), dtype=np.float64
    )


def _without_seasons(
    values: Array, expected: Array, months: tuple[str, ...]
) -> tuple[tuple[float, ...], Array, Array]:
    """Take the season out of months and add whole years up: share of each month = its mean part of
    its year.
    """
    years: dict[str, dict[int, int]] = {}
    for row, month in enumerate(months):
        year, number = int(month[:4]), int(month[5:7])
        start = year if number >= 4 else year - 1
        years.setdefault(str(start), {})[(number - 4) % 12] = row
    whole = [rows for _, rows in sorted(years.items()) if len(rows) == 12]
    if not whole:
        return (), values[:0], expected[:0]
    order = np.array([[rows[month] for month in range(12)] for rows in whole])
    by_month = values[order]
    shares = (by_month / by_month.sum(axis=1, keepdims=True)).mean(axis=0)
    return (
        tuple(float(share) for share in shares),
        by_month.sum(axis=1),
        expected[order].sum(axis=1),
    )
