"""Distributions of what is uncertain: checked, turned from a standard normal draw, and with their
moments in closed form.

Every shared draw starts as a standard normal number, so that draws can be made to persist and to
move together; value = quantile of the distribution at the normal's own probability.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRID = np.linspace(-8.0, 8.0, 8193)
SMALL_COUNT = 500.0
"""Below this expected number counts are drawn as whole numbers; above it a gamma of the same mean
and variance stands in.
"""


class ImpossibleDistribution(ValueError):
    """Raised for parameters no distribution has; the message says what is wrong and what would
    do.
    """


@dataclass(frozen=True)
class Distribution:
    """One distribution: its kind and parameters.

    normal: centre, spread. lognormal: centre (median), spread of the logarithm. student_t: centre,
    spread (scale), freedom. uniform: low, high. triangular, pert: low, likely, high. beta: centre,
    spread within low and high.
    gamma: centre, spread. counts: a count over its expected number; yearly_count, spread
    (dispersion). fixed: centre.
    """

    kind: str
    parameters: tuple[tuple[str, float], ...]
    _kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> float:
        return dict(self.parameters)[name]

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def mean(self) -> float:
        """The mean, in closed form."""
        return float(_MEANS[self.kind](self))

    @cached_property
    def variance(self) -> float:
        """The variance, in closed form (infinite for a Student t of two degrees or fewer)."""
        return float(_VARIANCES[self.kind](self))

    def quantile(self, probability: Any) -> Array:
        """The value that a share of outcomes lie below."""
        from scipy import stats

        return np.asarray(
            _frozen(self, stats).ppf(np.asarray(probability, dtype=np.float64)), dtype=np.float64
        )

    def probability(self, value: Any) -> Array:
        """The share of outcomes at or below a value."""
        from scipy import stats

        return np.asarray(
            _frozen(self, stats).cdf(np.asarray(value, dtype=np.float64)), dtype=np.float64
        )

    def from_normal(self, z: Array) -> Array:
        """Turn standard normal draws into draws of this distribution."""
        if self.kind == "normal":
            return self["centre"] + self["spread"] * z
        if self.kind == "lognormal":
            return np.asarray(self["centre"] * np.exp(self["spread"] * z), dtype=np.float64)
        if self.kind == "uniform":
            from scipy.special import ndtr

            return np.asarray(
                self["low"] + (self["high"] - self["low"]) * ndtr(z), dtype=np.float64
            )
        if self.kind == "fixed":
            return np.full(z.shape, self["centre"])
        return np.interp(z, GRID, self._table)

    def sample(self, random: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw independently, the quickest way the distribution allows."""
        if self.kind == "counts":
            expected, dispersion = self["yearly_count"], self["spread"]
            if expected < SMALL_COUNT:
                rate = (
                    random.standard_gamma(1.0 / dispersion, shape) * dispersion * expected
                    if dispersion > 0
                    else expected
                )
                return random.poisson(rate, shape) / expected
            variance = 1.0 / expected + dispersion
            return random.standard_gamma(1.0 / variance, shape) * variance
        if self.kind == "gamma":
            shape_parameter = (self["centre"] / self["spread"]) ** 2
            return random.standard_gamma(shape_parameter, shape) * (
                self["spread"] ** 2 / self["centre"]
            )
        if self.kind == "uniform":
            return random.uniform(self["low"], self["high"], shape)
        return self.from_normal(random.standard_normal(shape))

    @cached_property
    def _table(self) -> Array:
        from scipy.special import ndtr

        values = self.quantile(ndtr(GRID))
        finite = np.isfinite(values)
        return np.interp(GRID, GRID[finite], values[finite])


def made(kind: str, **parameters: float) -> Distribution:
    """Make a distribution from its parameters.

    Raises ImpossibleDistribution.
    """
    return Distribution(kind, tuple(sorted(parameters.items())))


def from_range(
    kind: str, low: float, high: float, likely: float | None = None, covers: float = 1.0
) -> Distribution:
    """Make a distribution from an elicited range that covers a part of all outcomes.

    normal: centre = middle, spread = half the range / z; lognormal: the same of the logarithms;
    triangular and pert: low, likely and high are the ends (where the range covers less, the ends
    are found that leave the rest outside, half at each side). Raises ImpossibleDistribution.
    Source: handbook 1.1.5; req 300.
    """
    if not low < high:
        raise ImpossibleDistribution(f"the low end {low:g} is not below the high end {high:g}")
    if not 0 < covers <= 1:
        raise ImpossibleDistribution(
            f"a range cannot cover {covers:g} of all outcomes; give a share above 0 and up to 1"
        )
    if kind in ("normal", "lognormal"):
        return _normal_from_range(kind, low, high, likely, covers)
    if kind == "uniform":
        beyond = (high - low) * (1 - covers) / (2 * covers)
        return made("uniform", low=low - beyond, high=high + beyond)
    if kind in ("triangular", "pert"):
        if likely is None or not low <= likely <= high:
            raise ImpossibleDistribution(
                f"the most likely value must lie between {low:g} and {high:g}"
            )
        return (
            made(kind, low=low, likely=likely, high=high)
            if covers == 1
            else _ends_beyond(kind, low, likely, high, covers)
        )
    raise ImpossibleDistribution(
        f"a {kind} distribution is not made from a range; give its centre and spread"
    )


def _normal_from_range(
    kind: str, low: float, high: float, likely: float | None, covers: float
) -> Distribution:
    from scipy.special import ndtri

    if covers == 1:
        raise ImpossibleDistribution(
            f"a {kind} distribution has no ends; say in range_covers what part lies between low and"
            " high, for example 0.8"
        )
    z = float(ndtri(0.5 + covers / 2))
    if kind == "normal":
        middle = (low + high) / 2
        if likely is not None and abs(likely - middle) > 1e-9 * max(abs(low), abs(high), 1):
            raise ImpossibleDistribution(
                f"a normal distribution is even on both sides: its likely value is {middle:g}, not"
                f" {likely:g}; use triangular or pert for a range that leans"
            )
        return made("normal", centre=middle, spread=(high - low) / (2 * z))
    if low <= 0:
        raise ImpossibleDistribution("a lognormal value is above nought; its low end must be too")
    return made("lognormal", centre=math.sqrt(low * high), spread=math.log(high / low) / (2 * z))


def _ends_beyond(kind: str, low: float, likely: float, high: float, covers: float) -> Distribution:
    """Push the ends out until the range given covers its part, half of the rest at each side."""
    from scipy.optimize import root

    tail, width = (1 - covers) / 2, high - low

    def misses(pushed: Any) -> Any:
        ends = made(
            kind,
            low=low - width * math.exp(pushed[0]),
            likely=likely,
            high=high + width * math.exp(pushed[1]),
        )
        return ends.quantile([tail, 1 - tail]) - np.array([low, high])

    found = root(misses, [-2.0, -2.0])
    if not found.success:
        raise ImpossibleDistribution(
            f"no {kind} distribution has {low:g} to {high:g} covering {covers:g} with {likely:g}"
            " most likely; widen the range or use the ends"
        )
    return made(
        kind,
        low=low - width * math.exp(found.x[0]),
        likely=likely,
        high=high + width * math.exp(found.x[1]),
    )


def _needs(found: Distribution, *names: str) -> None:
    given = dict(found.parameters)
    absent = [name for name in names if name not in given or not math.isfinite(given[name])]
    if absent:
        raise ImpossibleDistribution(f"a {found.kind} distribution needs {', '.join(absent)}")


def _check(found: Distribution) -> None:
    needs = {
        "normal": ("centre", "spread"),
        "lognormal": ("centre", "spread"),
        "student_t": ("centre", "spread", "freedom"),
        "uniform": ("low", "high"),
        "triangular": ("low", "likely", "high"),
        "pert": ("low", "likely", "high"),
        "beta": ("centre", "spread", "low", "high"),
        "gamma": ("centre", "spread"),
        "counts": ("yearly_count", "spread"),
        "fixed": ("centre",),
    }
    if found.kind not in needs:
        raise ImpossibleDistribution(f"there is no distribution '{found.kind}'")
    _needs(found, *needs[found.kind])
    given = dict(found.parameters)
    if given.get("spread", 1.0) < 0 or (given.get("spread") == 0 and found.kind != "counts"):
        raise ImpossibleDistribution(
            "the spread must be above nought; use 'fixed' for a value that does not vary"
        )
    if found.kind in ("uniform", "triangular", "pert", "beta") and not given["low"] < given["high"]:
        raise ImpossibleDistribution(
            f"the low end {given['low']:g} is not below the high end {given['high']:g}"
        )
    if (
        found.kind in ("triangular", "pert")
        and not given["low"] <= given["likely"] <= given["high"]
    ):
        raise ImpossibleDistribution(
            f"the most likely value must lie between {given['low']:g} and {given['high']:g}"
        )
    if found.kind in ("lognormal", "gamma") and given["centre"] <= 0:
        raise ImpossibleDistribution(
            f"a {found.kind} value is above nought; its centre must be too"
        )
    if found.kind == "counts" and given["yearly_count"] <= 0:
        raise ImpossibleDistribution("the expected number in a year must be above nought")
    if found.kind == "student_t" and given["freedom"] <= 2:
        raise ImpossibleDistribution(
            "a Student t of two degrees of freedom or fewer has no standard deviation; four points"
            " of history or more would do"
        )
    if found.kind == "beta":
        share, variance = _beta_unit(found)
        if not 0 < share < 1 or variance >= share * (1 - share):
            raise ImpossibleDistribution(
                f"no beta between {given['low']:g} and {given['high']:g} has mean"
                f" {given['centre']:g} and spread {given['spread']:g}; a spread below"
                f" {math.sqrt(max(share * (1 - share), 0)) * (given['high'] - given['low']):.4g}"
                " would do"
            )


def _beta_unit(found: Distribution) -> tuple[float, float]:
    width = found["high"] - found["low"]
    return (found["centre"] - found["low"]) / width, (found["spread"] / width) ** 2


def _beta_parameters(found: Distribution) -> tuple[float, float]:
    if found.kind == "pert":
        width = found["high"] - found["low"]
        return (
            1 + 4 * (found["likely"] - found["low"]) / width,
            1 + 4 * (found["high"] - found["likely"]) / width,
        )
    share, variance = _beta_unit(found)
    total = share * (1 - share) / variance - 1
    return share * total, (1 - share) * total


def _frozen(found: Distribution, stats: Any) -> Any:
    p = found
    if p.kind == "normal":
        return stats.norm(p["centre"], p["spread"])
    if p.kind == "lognormal":
        return stats.lognorm(p["spread"], scale=p["centre"])
    if p.kind == "student_t":
        return stats.t(p["freedom"], p["centre"], p["spread"])
    if p.kind == "uniform":
        return stats.uniform(p["low"], p["high"] - p["low"])
    if p.kind == "triangular":
        return stats.triang(
            (p["likely"] - p["low"]) / (p["high"] - p["low"]), p["low"], p["high"] - p["low"]
        )
    if p.kind in ("pert", "beta"):
        return stats.beta(*_beta_parameters(p), p["low"], p["high"] - p["low"])
    if p.kind == "gamma":
        return stats.gamma((p["centre"] / p["spread"]) ** 2, scale=p["spread"] ** 2 / p["centre"])
    if p.kind == "counts":
        return _Counts(p["yearly_count"], p["spread"], stats)
    return stats.uniform(p["centre"], 0.0)


class _Counts:
    """Counts over their expected number: whole numbers where few are expected, a gamma of the same
    moments where many are.
    """

    def __init__(self, expected: float, dispersion: float, stats: Any) -> None:
        self.expected, self.dispersion, self.stats = expected, dispersion, stats

    def ppf(self, probability: Array) -> Array:
        return np.asarray(self._model().ppf(probability), dtype=np.float64) / self._unit

    def cdf(self, value: Array) -> Array:
        return np.asarray(self._model().cdf(value * self._unit), dtype=np.float64)

    @property
    def _unit(self) -> float:
        return 1.0 if self.expected >= SMALL_COUNT else self.expected

    def _model(self) -> Any:
        if self.expected >= SMALL_COUNT:
            variance = 1.0 / self.expected + self.dispersion
            return self.stats.gamma(1.0 / variance, scale=variance)
        if self.dispersion == 0:
            return self.stats.poisson(self.expected)
        size = 1.0 / self.dispersion
        return self.stats.nbinom(size, size / (size + self.expected))


_MEANS: dict[str, Callable[[Distribution], float]] = {
    "normal": lambda d: d["centre"],
    "lognormal": lambda d: d["centre"] * math.exp(d["spread"] ** 2 / 2),
    "student_t": lambda d: d["centre"],
    "uniform": lambda d: (d["low"] + d["high"]) / 2,
    "triangular": lambda d: (d["low"] + d["likely"] + d["high"]) / 3,
    "pert": lambda d: (d["low"] + 4 * d["likely"] + d["high"]) / 6,
    "beta": lambda d: d["centre"],
    "gamma": lambda d: d["centre"],
    "counts": lambda d: 1.0,
    "fixed": lambda d: d["centre"],
}


def _pert_variance(d: Distribution) -> float:
    return (d.mean - d["low"]) * (d["high"] - d.mean) / 7


_VARIANCES: dict[str, Callable[[Distribution], float]] = {
    "normal": lambda d: d["spread"] ** 2,
    "lognormal": lambda d: (
        d["centre"] ** 2 * math.exp(d["spread"] ** 2) * math.expm1(d["spread"] ** 2)
    ),
    "student_t": lambda d: d["spread"] ** 2 * d["freedom"] / (d["freedom"] - 2),
    "uniform": lambda d: (d["high"] - d["low"]) ** 2 / 12,
    "triangular": lambda d: (
        (
            d["low"] ** 2
            + d["likely"] ** 2
            + d["high"] ** 2
            - d["low"] * d["likely"]
            - d["low"] * d["high"]
            - d["likely"] * d["high"]
        )
        / 18
    ),
    "pert": _pert_variance,
    "beta": lambda d: d["spread"] ** 2,
    "gamma": lambda d: d["spread"] ** 2,
    "counts": lambda d: 1.0 / d["yearly_count"] + d["spread"],
    "fixed": lambda d: 0.0,
}
