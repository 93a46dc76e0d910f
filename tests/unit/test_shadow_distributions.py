"""Distributions: impossible ones refused with what would do, moments and tails against closed
forms, fits against history.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from wpb.shadow.distributions import Distribution, ImpossibleDistribution, from_range, made
from wpb.shadow.history import LEAST_POINTS, fit, spread_error

EVERY = [
    made("normal", centre=0.01, spread=0.004),
    made("lognormal", centre=1.0, spread=0.08),
    made("student_t", centre=0.0, spread=0.01, freedom=9),
    made("uniform", low=-1.0, high=3.0),
    made("triangular", low=0.2, likely=0.9, high=1.1),
    made("pert", low=0.0, likely=0.4, high=2.5),
    made("beta", centre=0.8, spread=0.1, low=0.0, high=1.0),
    made("gamma", centre=1.0, spread=0.3),
    made("counts", yearly_count=40.0, spread=0.02),
    made("counts", yearly_count=12_000.0, spread=0.001),
]


@pytest.mark.req(300)
@pytest.mark.parametrize(
    "distribution", EVERY, ids=lambda one: f"{one.kind}-{one.parameters[0][1]:g}"
)
@pytest.mark.parametrize("way", ["each", "shared"])
def test_draws_have_the_moments_and_tails_of_closed_forms(
    distribution: Distribution, way: str
) -> None:
    random, runs = np.random.default_rng(20), 400_000
    drawn = (
        distribution.sample(random, (runs,))
        if way == "each"
        else distribution.from_normal(random.standard_normal(runs))
    )
    deviation = math.sqrt(distribution.variance)
    assert abs(drawn.mean() - distribution.mean) < 5 * deviation / math.sqrt(runs)
    assert abs(drawn.std() / deviation - 1) < 0.02
    for tail in (0.01, 0.05, 0.5, 0.95, 0.99):
        at = float(distribution.quantile(tail))
        below, up_to = (drawn < at - 1e-12).mean(), (drawn <= at + 1e-12).mean()
        error = 5 * math.sqrt(tail * (1 - tail) / runs)
        assert below - error <= tail <= up_to + error


@pytest.mark.req(300)
def test_a_range_that_covers_eight_tenths_does() -> None:
    for kind, low, likely, high in (
        ("normal", -0.01, None, 0.03),
        ("lognormal", 0.9, None, 1.15),
        ("triangular", 0.6, 0.9, 1.0),
        ("pert", 0.6, 0.9, 1.05),
        ("uniform", 1.0, None, 2.0),
    ):
        found = from_range(kind, low, high, likely, 0.8)
        np.testing.assert_allclose(found.quantile([0.1, 0.9]), [low, high], rtol=1e-7)


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        ("normal", {"centre": 0.0, "spread": -1.0}, "above nought"),
        ("uniform", {"low": 2.0, "high": 1.0}, "not below the high end"),
        ("triangular", {"low": 0.0, "likely": 3.0, "high": 1.0}, "between 0 and 1"),
        ("lognormal", {"centre": -1.0, "spread": 0.1}, "above nought"),
        (
            "beta",
            {"centre": 0.5, "spread": 0.6, "low": 0.0, "high": 1.0},
            "a spread below 0.5 would do",
        ),
        ("student_t", {"centre": 0.0, "spread": 1.0, "freedom": 2.0}, "four points of history"),
        ("counts", {"yearly_count": 0.0, "spread": 0.1}, "above nought"),
        ("gamma", {"centre": 1.0}, "needs spread"),
        ("cauchy", {"centre": 1.0}, "no distribution 'cauchy'"),
    ],
)
def test_impossible_parameters_are_refused_in_words(
    kind: str, parameters: dict[str, float], words: str
) -> None:
    with pytest.raises(ImpossibleDistribution, match=words):
        made(kind, **parameters)


@pytest.mark.parametrize(
    ("kind", "low", "high", "likely", "covers", "words"),
    [
        ("normal", 0.0, 1.0, 0.8, 0.8, "use triangular or pert"),
        ("normal", 0.0, 1.0, None, 1.0, "range_covers"),
        ("lognormal", -0.1, 1.0, None, 0.8, "above nought"),
        ("pert", 0.0, 1.0, None, 1.0, "most likely"),
        ("uniform", 1.0, 1.0, None, 1.0, "not below"),
        ("uniform", 0.0, 1.0, None, 1.2, "cannot cover"),
    ],
)
def test_ranges_that_say_too_little_or_too_much_are_refused(
    kind: str, low: float, high: float, likely: float | None, covers: float, words: str
) -> None:
    with pytest.raises(ImpossibleDistribution, match=words):
        from_range(kind, low, high, likely, covers)


@pytest.mark.req(300)
def test_a_fit_covers_what_comes_next_at_its_nominal_rate() -> None:
    """Nine tenths of next values lie in the fitted nine tenths, even from six points, because the
    fit is widened.
    """
    random = np.random.default_rng(3)
    inside = 0
    trials = 1_000
    for _ in range(trials):
        past = random.normal(0.012, 0.007, 6)
        found = fit(True, "student_t", past, np.full(6, np.nan))
        low, high = found.distribution.quantile([0.05, 0.95]) + past.mean()
        inside += low <= random.normal(0.012, 0.007) <= high
    assert abs(inside / trials - 0.90) < 4 * math.sqrt(0.09 / trials)


@pytest.mark.req(300)
def test_dispersion_of_counts_is_found_again() -> None:
    random = np.random.default_rng(5)
    truth = made("counts", yearly_count=300.0, spread=0.01)
    found = fit(False, "counts", truth.sample(random, (4_000,)) * 300.0, np.full(4_000, 300.0))
    assert found.distribution["spread"] == pytest.approx(0.01, rel=0.15)
    assert found.agreement > 0.001
    assert found.fitted == pytest.approx(found.observed, rel=0.02)


def test_months_lose_their_season_and_are_added_into_years() -> None:
    shares = np.array([0.10, 0.09, 0.08, 0.08, 0.07, 0.07, 0.08, 0.08, 0.09, 0.09, 0.08, 0.09])
    months = tuple(
        f"{year + (month > 8)}-{(month + 3) % 12 + 1:02d}"
        for year in range(2010, 2022)
        for month in range(12)
    )
    values = np.concatenate([shares * total for total in np.linspace(900, 1_100, 12)])
    found = fit(False, "lognormal", values, np.full(len(values), 1_000 / 12), months)
    assert found.points == 12
    np.testing.assert_allclose(found.seasons, shares)


def test_a_short_history_is_refused_and_says_how_far_off_a_spread_may_be() -> None:
    with pytest.raises(ValueError, match="2 points"):
        fit(True, "student_t", np.array([0.01, 0.02]), np.full(2, np.nan))
    assert LEAST_POINTS == 4
    assert spread_error(9) == pytest.approx(0.25)
