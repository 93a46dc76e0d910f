"""A search over designs of an arrangement: a frontier to discuss, never one answer.

Each point of the frontier keeps the provider's bad years within a limit and asks for the design that then leaves the
most reward for reducing activity. The same simulated gaps go through every design by the sharing room's own steps.
Source: handbook 6.4.5, 6.5.2, Fig 25; req 276, 279, 280, 281, 282, 300.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import UsageProblem
from wpb.shadow.outcome import expected_shortfall, runs_needed
from wpb.sharing import steps

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """A design: the provider's shares of gains and losses, cap and collar as shares of the baseline, and the minimum rate."""

    gain_share: float
    loss_share: float
    cap: float
    collar: float
    minimum_rate: float


@dataclass(frozen=True)
class Weighed:
    """A design and what it does, a year on average, in pence.

    provider_mean, payer_mean; provider_tail, payer_tail: mean of the worst 5% of years (a loss is below nought);
    reward: the part of one pound less activity that the provider keeps, on average over runs.
    """

    design: Design
    provider_mean: float
    provider_tail: float
    payer_mean: float
    payer_tail: float
    reward: float


BOUNDS = ((0.0, 1.0), (0.0, 1.0), (0.005, 0.20), (0.005, 0.20), (0.0, 0.03))


def provider_amount(gap: Array, baseline: float, design: Design) -> Array:
    """What the provider gains or loses of a gap under a design, by the arrangement's own steps: corridor, limit, share.

    Source: handbook 6.5.2, Fig 25; req 276, 280, 281, 282.
    """
    base, rate = np.asarray(baseline), np.asarray(design.minimum_rate)
    weight = steps.corridor_weight(steps.rate_of(gap, base), rate, rate, np.asarray(0.0))
    counted = steps.counted_as_excess(gap, weight, base, rate, rate)
    held = steps.limited(counted, np.asarray(design.cap * baseline), np.asarray(design.collar * baseline))
    return steps.by_side(held, np.asarray(design.gain_share), np.asarray(design.loss_share))


def weighed(gap: Array, baseline: float, design: Design) -> Weighed:
    """What a design does to provider and payer over the simulated gaps, one value a run.

    Raises UsageProblem for too few runs for the tail, with the number that would do.
    """
    if len(gap) < runs_needed(0.05):
        raise UsageProblem(f"{len(gap)} runs are too few for a mean of the worst 5%; {runs_needed(0.05):,} would do")
    provider = provider_amount(gap, baseline, design)
    payer = gap - provider
    step = 1e-4 * baseline
    reward = float((provider_amount(gap + step, baseline, design) - provider).mean() / step)
    tails = [expected_shortfall(np.sort(amounts), 0.95) or 0.0 for amounts in (provider, payer)]
    return Weighed(design, float(provider.mean()), tails[0], float(payer.mean()), tails[1], reward)


def frontier(gap: Array, baseline: float, exposure_limits: Sequence[float], payer_limit: float = np.inf, one_sided: bool = False, seed: int = 1) -> tuple[Weighed, ...]:
    """For each limit on the provider's bad years, the design that rewards less activity most within it and the payer's own limit.

    exposure_limits, payer_limit: pence, above nought. one_sided: the provider bears no losses. A loss share above the
    gain share is left out, as the handbook would have it. A limit no design keeps gives no point.
    Raises UsageProblem for a limit that is not above nought, or too few runs.
    Source: handbook 6.4.5, 6.5.2; req 276, 279, 280.
    """
    from scipy.optimize import differential_evolution

    if any(limit <= 0 for limit in (*exposure_limits, payer_limit)):
        raise UsageProblem("an exposure limit is a sum above nought")
    bounds = [(low, 1e-9 if one_sided and place == 1 else high) for place, (low, high) in enumerate(BOUNDS)]
    found = []
    for limit in exposure_limits:

        def wanting(values: Array, limit: float = limit) -> float:
            judged = weighed(gap, baseline, Design(*(float(value) for value in values)))
            over = max(0.0, -judged.provider_tail - limit) + max(0.0, -judged.payer_tail - payer_limit)
            uneven = max(0.0, judged.design.loss_share - judged.design.gain_share)
            return -judged.reward + 100.0 * over / baseline + 10.0 * uneven

        best = differential_evolution(wanting, bounds, seed=seed, popsize=8, maxiter=40, tol=1e-6, polish=False)
        judged = weighed(gap, baseline, Design(*(float(value) for value in best.x)))
        if -judged.provider_tail <= limit * 1.01 and -judged.payer_tail <= payer_limit * 1.01:
            found.append(judged)
    return tuple(one for one in found if not any(_better(other, one) for other in found))


def _better(other: Weighed, one: Weighed) -> bool:
    """Whether a design is at least as good in everything that is weighed, and better in something."""
    pairs = ((other.provider_tail, one.provider_tail), (other.payer_tail, one.payer_tail), (other.reward, one.reward))
    return all(left >= right for left, right in pairs) and any(left > right for left, right in pairs)
