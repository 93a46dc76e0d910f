"""The arithmetic of a gain/loss arrangement, a step a function.

Every function is plain arithmetic on arrays of any shape that broadcast together - one arrangement,
a table of a hundred thousand organisations, a hundred thousand simulated runs by year - and is
tested alone. Amounts are unrounded pence (cents), above nought for a gain and below nought for a
loss; rates are decimals.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def gap(baseline: Array, outturn: Array) -> Array:
    """Take the outturn from the baseline: gap = baseline - outturn, above nought for a gain.

    Source: handbook 6.2; req 258, 331.
    """
    return baseline - outturn


def priced(units: Array, unit_price: Array) -> Array:
    """Value activity at the agreed price: units x unit price, so that only activity moves the gap.

    Source: handbook 6.2, 6.4.6; req 258, 259, 285.
    """
    return units * unit_price


def rate_of(amount: Array, base: Array) -> Array:
    """Give an amount as a rate of a base: amount / base, at full precision.

    Source: req 282.
    """
    return amount / base


def corridor_weight(
    gap_rate: Array, minimum_savings_rate: Array, minimum_loss_rate: Array, reduced_share: Array
) -> Array:
    """Say what part of the share counts: 1 at or past the corridor's edge, the reduced share for a
    saving inside it, else 0.

    weight = 1 where rate >= minimum savings rate or rate <= -minimum loss rate; reduced share where
    0 < rate < minimum. Rates are compared at full precision.
    Source: handbook 6.4.5, 6.5.2; req 282.
    """
    beyond = (gap_rate >= minimum_savings_rate) | (-gap_rate >= minimum_loss_rate)
    return np.maximum(beyond, (gap_rate > 0) * reduced_share)


def counted_from_first_pound(amount: Array, weight: Array) -> Array:
    """Count the whole gap once it passes the corridor: amount where weight > 0, else nothing.

    Source: handbook 6.5.2 (minimum savings rate); req 282.
    """
    return amount * (weight > 0)


def counted_as_excess(
    amount: Array, weight: Array, base: Array, minimum_savings_rate: Array, minimum_loss_rate: Array
) -> Array:
    """Count only what lies past the corridor: amount - minimum rate x base for a gain, amount +
    minimum rate x base for a loss.

    A saving that counts at a reduced share inside the corridor counts whole.
    Source: handbook 6.5.2 (gains or losses over and above a minimum level); req 282.
    """
    past_gain = np.where(
        amount >= minimum_savings_rate * base, amount - minimum_savings_rate * base, amount
    )
    past = np.where(amount > 0, past_gain, np.minimum(amount + minimum_loss_rate * base, 0))
    return past * (weight > 0)


def by_side(amount: Array, gains: Array, losses: Array) -> Array:
    """Apply one rate to a gain and another to a loss: amount x gains where amount > 0, amount x
    losses where below.

    Serves sidedness (0 or 1), gates, party shares and share rates.
    Source: handbook 6.4.5, 6.5.2; req 276, 280.
    """
    return amount * np.where(amount > 0, gains, losses)


def tier_part(amount: Array, base: Array, from_rate: Array, to_rate: Array) -> Array:
    """Give the part of a gap that lies between two rates of the baseline, with the gap's sign.

    part = sign x max(0, min(|amount|, to x base) - from x base)
    Source: handbook 6.5.2 (caps and collars, Fig 25); req 281.
    """
    size = np.maximum(np.minimum(np.abs(amount), to_rate * base) - from_rate * base, 0)
    return np.asarray(np.copysign(size, amount), dtype=np.float64)


def score_used(score: Array, full_score: Array) -> Array:
    """Give the quality score that counts: 1 in a reporting-only year (when the score may be blank),
    else the score.

    Source: req 257.
    """
    return np.fmax(full_score, score)


def score_for_losses(score: Array, full_score: Array) -> Array:
    """Give the quality score that eases a loss: 1 where a full score counts, else the score as it
    stands (blank stays blank, so that a loss without its score is refused).

    Source: CMS results for performance year 2024; req 257.
    """
    return np.where(full_score > 0, np.fmax(full_score, score), score)


def quality_for_gains(score: Array, in_full: Array, by_score: Array) -> Array:
    """Give the part of the maximum share that quality earns: in full + by score x score (each 0 or
    1).

    Source: req 257.
    """
    return in_full + by_score * score


def quality_for_losses(score: Array, counts: Array) -> Array:
    """Give the quality that eases a loss: score x counts (0 where a failed standard counts as
    nought).

    Source: req 257.
    """
    return score * counts


def reached(measure: Array, at_least: Array) -> Array:
    """Say whether a measure is reached: 1 where measure >= at least, else 0.

    Source: handbook 6.5.2 (links to the IPS); req 257.
    """
    return np.asarray(measure >= at_least, dtype=np.float64)


def gain_rate(maximum: Array, quality: Array, weight: Array) -> Array:
    """Give the share of a gain: maximum x quality, times the reduced share where one applies.

    Source: handbook 6.5.2; req 257, 276, 282.
    """
    return np.asarray(maximum * quality * np.maximum(weight, weight == 0), dtype=np.float64)


def inverse_loss_rate(maximum: Array, quality: Array, at_least: Array, at_most: Array) -> Array:
    """Give the share of a loss: 1 - maximum x quality, held between a floor and a ceiling.

    Source: handbook 6.5.2 (asymmetric sharing); req 276, 280.
    """
    return np.minimum(np.maximum(1 - maximum * quality, at_least), at_most)


def part_of_gain(amount: Array, rate: Array) -> Array:
    """Give the part of a gain that is set aside: max(amount, 0) x rate; nothing of a loss.

    Source: handbook 6.4.6 (use of gains); req 287.
    """
    return np.maximum(amount, 0) * rate


def less(amount: Array, taken: Array) -> Array:
    """Take one amount from another: amount - taken.

    Source: handbook 6.4.6; req 286.
    """
    return amount - taken


def more(amount: Array, added: Array) -> Array:
    """Add one amount to another: amount + added.

    Source: handbook 6.4.6; req 286.
    """
    return amount + added


def product(rate: Array, of: Array) -> Array:
    """Give a rate of an amount: rate x of.

    Source: handbook 6.4.6; req 286.
    """
    return rate * of


def least(first: Array, second: Array) -> Array:
    """Give the lesser of two limits; a limit that isn't there does not bind.

    Source: handbook 6.5.2 Fig 25; req 281.
    """
    return np.fmin(first, second)


def first_given(first: Array, second: Array) -> Array:
    """Give the first value, or the second where the first is blank.

    Source: handbook 6.4.5; req 282.
    """
    return np.where(np.isnan(first), second, first)


def side_limit(counted: Array, cap: Array, collar: Array) -> Array:
    """Give the limit that stands over an amount: the collar over a loss, else the cap.

    Source: handbook 6.5.2 Fig 25; req 281.
    """
    return np.where(counted < 0, collar, cap)


def limit_binds(amount: Array, cap: Array, collar: Array) -> Flags:
    """Say whether a limit binds: amount > cap, or amount < -collar.

    Source: handbook 6.5.2 Fig 25; req 281.
    """
    return (amount > cap) | (amount < -collar)


def limited(amount: Array, cap: Array, collar: Array) -> Array:
    """Hold an amount between its collar and its cap: min(max(amount, -collar), cap); a limit that
    isn't there does not bind.

    Source: handbook 6.5.2 Fig 25; req 281.
    """
    return np.fmin(np.fmax(amount, -collar), cap)


def relief_used(amount: Array, relief: Array) -> Array:
    """Give the relief that a loss uses up: min(relief, max(-amount, 0)).

    Source: req 281.
    """
    return np.minimum(relief, np.maximum(-amount, 0))


def recouped(amount: Array, balance: Array) -> Array:
    """Give what is kept back from a gain against an advance: min(max(amount, 0), balance); the rest
    stays owed.

    Source: req 286.
    """
    return np.minimum(np.maximum(amount, 0), balance)
