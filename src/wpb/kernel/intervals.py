"""Intervals for means of small samples, without a statistics library.

Source: handbook 2.4.1, 2.4.4; req 26, 81.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

SMALL = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622)
"""Student's t, two-sided 95%, for 1 to 9 degrees of freedom."""
NORMAL = 1.959964


def student_95(degrees: int) -> float:
    """Student's t for a two-sided 95% interval: from a table to 9 degrees of freedom, then z + (z^3
    + z)/(4n) + (5z^5 + 16z^3 + 3z)/(96n^2).

    The expansion is within 0.002 of the exact figure from 10 degrees of freedom up.
    Raises ValueError for fewer than 1 degree of freedom.
    Source: Abramowitz and Stegun 26.7.5; req 26, 81.
    """
    if degrees < 1:
        raise ValueError("an interval needs at least two observations")
    if degrees <= len(SMALL):
        return SMALL[degrees - 1]
    z, n = NORMAL, float(degrees)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Mean, and standard deviation with n - 1 below the line; a single value has a deviation of
    nan.

    Source: req 26, 81.
    """
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return mean, math.nan
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two in the middle.

    Source: req 27, 74.
    """
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def departs(newest: float, earlier: Sequence[float], least: float) -> bool:
    """Whether the newest of a series stands out: further from the median of earlier ones than three
    scaled median deviations, and than `least`.

    |newest - median| > max(3 x 1.4826 x median(|earlier - median|), least). Fewer than two earlier
    values tell nothing.
    Source: handbook 2.2, 2.7; req 27, 28, 74.
    """
    if len(earlier) < 2:
        return False
    middle = median(earlier)
    spread = 3 * 1.4826 * median([abs(value - middle) for value in earlier])
    return abs(newest - middle) > max(spread, least)


def growth_rates_of(series: Sequence[float]) -> list[float]:
    """Growth from each value of a series to the next: next / this - 1, leaving out steps from
    nought.

    Source: handbook 2.2; req 27, 74.
    """
    return [after / before - 1 for before, after in pairwise(series) if before]
