"""Whether a baseline is fair, and what would make an arrangement so: odds, Fig 24's cases, shares,
minimum rates, population sizes.

A baseline that mirrors the budget is not moved: the odds are told and shares suggested. A baseline
of activity outside the budget may be moved until gain and loss are as likely.
Source: handbook 6.4.4, 6.5.2, Fig 24; req 5, 274, 275, 283.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.money import exact, round_half_up
from wpb.shadow.outcome import Chance, chance, quantile

Array = NDArray[np.float64]

ABOUT_EQUAL = 0.10
"""Chances that differ by less than this count as about equal (ours: the handbook says roughly equal
and gives no figure).
"""
NEAR_PLAN = 0.35
"""A most likely gap within this many standard deviations of nought counts as achievable (ours)."""

CASES = {
    "A": "Gain and loss are about as likely: the baseline is achievable and symmetric.",
    "B": (
        "The baseline is stretching: a loss is more likely than a gain, because the most likely"
        " outcome itself falls short of it."
    ),
    "C": (
        "The baseline is achievable, and outcomes lean towards loss: when things go wrong they go"
        " further wrong than they go right."
    ),
    "generous": (
        "A gain is more likely than a loss: none of the handbook's three cases. The baseline is"
        " easy to beat, so the payer would pay for what comes anyway."
    ),
}


@dataclass(frozen=True)
class Odds:
    """The odds of a gain and a loss against a baseline, and what to make of them.

    mode: the most likely gap; skew: third standardised moment. case: A, B, C of Fig 24, or
    generous.
    provider_gain_share, provider_loss_share: suggested, the loss share set so that the provider
    expects to win as much as to lose; why: in words.
    """

    gain: Chance
    loss: Chance
    expected_gain: float
    expected_loss: float
    mode: float
    skew: float
    case: str
    provider_gain_share: float
    provider_loss_share: float
    why: str


def odds(gap: Array, gain_share: float = 0.5) -> Odds:
    """Tell the odds against a baseline, recognise Fig 24's case and suggest shares.

    gap: baseline less outturn by run, above nought a gain. Suggested loss share = gain share x
    expected gain / expected loss, never above the gain share: a provider that expects losses more
    than gains bears less of them.
    Source: handbook 6.4.4, 6.5.2, Fig 24A-C; req 274, 275.
    """
    runs = len(gap)
    gain, loss = chance(int((gap > 0).sum()), runs), chance(int((gap < 0).sum()), runs)
    won, lost = float(np.maximum(gap, 0).mean()), float(np.maximum(-gap, 0).mean())
    deviation = float(gap.std())
    mode = half_sample_mode(gap)
    skew = float(((gap - gap.mean()) ** 3).mean() / deviation**3) if deviation > 0 else 0.0
    case = _case(gain.value, loss.value, mode, deviation, won, lost)
    loss_share = min(gain_share, gain_share * won / lost) if lost > 0 else gain_share
    return Odds(
        gain,
        loss,
        won,
        lost,
        mode,
        skew,
        case,
        gain_share,
        loss_share,
        f"{CASES[case]} A run expects to win {round_half_up(exact(won) / 100):,} and to lose"
        f" {round_half_up(exact(lost) / 100):,} pounds a year; with {gain_share:.0%} of gains,"
        f" {loss_share:.0%} of losses comes out even for the provider.",
    )


def _case(gain: float, loss: float, mode: float, deviation: float, won: float, lost: float) -> str:
    achievable = deviation == 0 or mode > -NEAR_PLAN * deviation
    if gain - loss >= ABOUT_EQUAL:
        return "generous"
    if loss - gain < ABOUT_EQUAL:
        # As many losses as gains, and yet deeper ones, is the skew of case C.
        return "C" if lost > 1.5 * won and achievable and lost > 0 else "A"
    return "C" if achievable else "B"


def half_sample_mode(values: Array) -> float:
    """The most likely value: the centre of the shortest interval that holds half of the runs,
    halved again while many are left.

    Stops at a sixteenth of the runs so that noise does not choose.
    """
    ordered = np.sort(values)
    least = max(8, len(ordered) // 16)
    while len(ordered) > least:
        half = (len(ordered) + 1) // 2
        widths = ordered[half - 1 :] - ordered[: len(ordered) - half + 1]
        at = int(np.argmin(widths))
        ordered = ordered[at : at + half]
    return float(ordered.mean())


@dataclass(frozen=True)
class FairShift:
    """The shift of an out-of-scope baseline that makes gain and loss as likely: as an amount and as
    a share of it, with its 95% interval.
    """

    shift: float
    rate: float
    rate_interval: tuple[float, float]


def fair_shift(gap: Array, baseline: float) -> FairShift:
    """The shift that makes gain and loss equally likely: minus the median gap.

    new baseline = baseline + shift; half of runs then lie on each side. Offered for activity
    outside the budget only.
    Source: handbook 6.4.4; req 274.
    """
    ordered = np.sort(-gap)
    half = 1.96 * math.sqrt(len(ordered)) / 2
    middle = len(ordered) / 2
    ends = (
        float(ordered[max(0, math.floor(middle - half))]),
        float(ordered[min(len(ordered) - 1, math.ceil(middle + half))]),
    )
    shift = quantile(ordered, 0.5)
    return FairShift(shift, shift / baseline, (ends[0] / baseline, ends[1] / baseline))


def variation_of_rate(
    person_variation: float,
    people: float,
    systematic: float = 0.0,
    baseline_years: float = math.inf,
) -> float:
    """How far chance moves a savings rate, one standard deviation.

    = square root of ((person's variation^2 / people) x (1 + 1 / baseline years) + systematic^2); a
    baseline of few years is uncertain itself. systematic: shocks that hit everyone, such as
    winters, which no population size evens out.
    Source: handbook 1.1.5, 6.5.2; req 5, 283.
    """
    if people <= 0 or person_variation < 0 or systematic < 0 or baseline_years <= 0:
        raise ValueError("people and baseline years must be above nought, variations not below it")
    return math.sqrt(person_variation**2 / people * (1.0 + 1.0 / baseline_years) + systematic**2)


def minimum_savings_rate(variation: float, false_payment: float) -> float:
    """The least rate at which a gain is paid so that chance alone is paid this often: z(1 - chance)
    x variation.

    Source: handbook 6.5.2 (the reason; the method is ours); req 283.
    """
    from scipy.special import ndtri

    if not 0 < false_payment < 0.5:
        raise ValueError("the chance of paying for chance lies above 0 and below 0.5")
    return float(ndtri(1.0 - false_payment)) * variation


def people_for_share(people: float, evens_out: float, shared: float, share: float) -> float | None:
    """The population at which random variation falls to a share of the budget; None where no size
    does.

    = people x evens_out^2 / (share^2 - shared^2). evens_out: the part at this number of people, one
    standard deviation; shared: the part that hits everyone.
    Source: handbook 1.1.5; req 5.
    """
    room = share**2 - shared**2
    return None if room <= 0 else people * evens_out**2 / room


def people_for_rate(
    person_variation: float,
    rate: float,
    false_payment: float,
    systematic: float = 0.0,
    baseline_years: float = math.inf,
) -> float | None:
    """The population at which a minimum savings rate keeps the chance of paying for chance; None
    where no size does.

    people = person's variation^2 x (1 + 1 / baseline years) / ((rate / z)^2 - systematic^2).
    Source: req 5, 283.
    """
    from scipy.special import ndtri

    room = (rate / float(ndtri(1.0 - false_payment))) ** 2 - systematic**2
    return None if room <= 0 else person_variation**2 * (1.0 + 1.0 / baseline_years) / room


SPREAD_OF_SAVINGS_RATES = (
    (5_000, 0.073),
    (10_000, 0.061),
    (20_000, 0.044),
    (50_000, 0.037),
    (math.inf, 0.032),
)
"""Standard deviation of yearly savings rates in the Medicare Shared Savings Program, 2014-2018, by
assigned persons up to
each size: chance, error of the benchmark and real effects together, so an upper bound for chance.
"""


def observed_spread(people: float) -> float:
    """The spread of savings rates seen in the US programme at a size.

    Source: Medicare Shared Savings Program public use files, 2014-2018; req 283.
    """
    return next(spread for size, spread in SPREAD_OF_SAVINGS_RATES if people <= size)
