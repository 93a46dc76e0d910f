"""A search over designs: limits kept, more exposure buys more reward, the steps are those of a settlement."""

from __future__ import annotations

import numpy as np
import pytest

from wpb.kernel.problems import UsageProblem
from wpb.shadow.design_search import Design, frontier, provider_amount, weighed

GAP = np.random.default_rng(6).normal(-20_000_00, 120_000_00, 800)
BASELINE = 5_000_000_00.0


@pytest.mark.req(276, 280, 281, 282)
def test_a_design_pays_by_corridor_limit_and_share() -> None:
    design = Design(0.5, 0.25, 0.04, 0.02, 0.01)
    gaps = np.array([0.005, 0.03, 0.10, -0.005, -0.02, -0.10]) * 100.0
    np.testing.assert_allclose(provider_amount(gaps, 100.0, design), [0, 0.5 * 2, 0.5 * 4, 0, -0.25 * 1, -0.25 * 2])


@pytest.mark.req(279)
def test_the_frontier_keeps_limits_and_more_exposure_buys_more_reward() -> None:
    limits = [20_000_00.0, 60_000_00.0]
    found = frontier(GAP, BASELINE, limits)
    assert len(found) == 2
    for judged, limit in zip(found, limits, strict=True):
        assert -judged.provider_tail <= limit * 1.01
        assert judged.design.loss_share <= judged.design.gain_share + 0.01
    assert found[0].reward < found[1].reward
    (one_sided,) = frontier(GAP, BASELINE, [1.0], one_sided=True)
    assert one_sided.design.loss_share < 1e-6 and one_sided.reward > 0.3


def test_too_few_runs_and_a_limit_of_nothing_are_refused() -> None:
    with pytest.raises(UsageProblem, match="400 would do"):
        weighed(GAP[:399], BASELINE, Design(0.5, 0.5, 0.1, 0.1, 0.0))
    with pytest.raises(UsageProblem, match="above nought"):
        frontier(GAP, BASELINE, [0.0])
