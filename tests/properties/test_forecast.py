"""What holds for any forecast: movements add up, savings divide without loss, and splitting groups
changes nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.forecast_models import YEARS, allocations, budget, category, tables, whole
from wpb.forecast.care_model import net_impact, saving_left_to_sharing
from wpb.forecast.efficiency_plans import efficiency_with_plans
from wpb.forecast.growth import litigation_factor, summed_activity_factor
from wpb.forecast.schemes import shared_by_key

RATE = st.floats(-0.05, 0.15, allow_nan=False)
SHARE = st.floats(0, 1)
AMOUNT = st.integers(0, 10**9)
SOME = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.req(171, 188, 198)
@given(
    rates=st.fixed_dictionaries(dict.fromkeys("dnc", RATE) | {"e": st.floats(0, 0.05)}),
    saving=st.integers(0, 10**6),
    share=SHARE,
    apart=st.booleans(),
)
@SOME
def test_movements_add_to_the_change(
    tmp_path_factory: pytest.TempPathFactory,
    rates: dict[str, float],
    saving: int,
    share: float,
    apart: bool,
) -> None:
    scheme = {
        "scheme": "Q",
        "name": "Q",
        "level": "service",
        "service_line": "S1",
        "commissioner": "ICB",
        "funding_stream": "core",
        "scope": "inside",
        "owner": "O",
        "plan": "P",
        "share_in_budget": share,
    }
    model = tables(
        efficiency_schemes=[scheme],
        scheme_savings=[{"scheme": "Q", "year": "2028-29", "saving": saving / 100}],
    )
    found = budget(
        tmp_path_factory.mktemp("any"),
        model,
        {key: round(value, 6) for key, value in rates.items()},
        presentation="additive_with_interaction" if apart else "sequential",
    )
    for year in range(len(YEARS)):
        moved = sum(
            float(m.block.value[0, :, year].sum())
            for m in found.ledger.movements
            if m.stage == "forecast"
        )
        assert float(found.baseline.value.sum()) + moved == pytest.approx(
            float(found.forecast.value[0, :, year].sum()), abs=1e-3
        )


@pytest.mark.req(189)
@given(saving=AMOUNT, investment=AMOUNT, share=SHARE)
@SOME
def test_no_saving_counts_twice(saving: int, investment: int, share: float) -> None:
    parts = [np.array([[[float(value)]]]) for value in (investment, saving, share)]
    taken = parts[0] - net_impact(*parts)
    assert taken + saving_left_to_sharing(parts[1], parts[2]) == pytest.approx(parts[1], abs=1e-3)


@pytest.mark.req(191, 193)
@given(target=SHARE, planned=SHARE, expected=SHARE)
@SOME
def test_efficiency_asked_is_never_less_than_plan_target_or_benchmark_and_equals_one(
    target: float, planned: float, expected: float
) -> None:
    asked = float(efficiency_with_plans(np.array(target), np.array(planned), np.array(expected)))
    assert asked == pytest.approx(max(target, planned, expected))


@pytest.mark.req(192)
@given(amount=AMOUNT, keys=st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
@SOME
def test_a_scheme_is_shared_out_whole(amount: int, keys: list[int]) -> None:
    key = np.array(keys, dtype=float)[None, :, None]
    shared = shared_by_key(np.full((1, 1, 1), float(amount)), key, key.sum(axis=1, keepdims=True))
    assert shared.sum() == pytest.approx(amount if sum(keys) else 0)


@pytest.mark.req(162, 167)
@given(first=RATE, second=RATE)
@SOME
def test_added_rates_grow_by_their_sum(first: float, second: float) -> None:
    a, b = np.full((1, 1, 3), first), np.full((1, 1, 3), second)
    whole_growth = np.cumprod(1 + a + b, axis=2)
    assert np.cumprod(1 + a, axis=2) * litigation_factor(a, b) == pytest.approx(whole_growth)
    assert np.cumprod(1 + a, axis=2) * summed_activity_factor(
        a, b, np.ones((1, 1, 1))
    ) == pytest.approx(whole_growth)


@pytest.mark.req(179)
@given(rate=RATE, others=st.integers(1, 4))
@SOME
def test_an_override_moves_its_own_line_alone(
    tmp_path_factory: pytest.TempPathFactory, rate: float, others: int
) -> None:
    lines = [whole(f"D{i}", 1_000 * (i + 1)) for i in range(others + 1)]
    plain: dict[str, Any] = tables(
        *lines,
        growth_categories=[category(efficiency_rate="")],
        allocations=[*allocations([10**6] * 3), *allocations([1000] * 3, "COUNCIL", "care")],
    )
    override = {
        "override": "O",
        "applies_to": "budget_line",
        "code": "D0",
        "driver": "cost_pressure",
        "year": "2028-29",
        "rate": round(rate, 6),
        "outside_provider_control": True,
        "reason": "R",
        "evidence": "E",
        "owner": "O",
    }
    folder: Path = tmp_path_factory.mktemp("any")
    before = budget(folder / "a", plain).forecast
    code = next(code for code in before.axis.codes if code.startswith("D0"))
    after = budget(folder / "b", plain | {"rate_overrides": [override | {"code": code}]}).forecast
    assert after.value[0, 1:] == pytest.approx(before.value[0, 1:], rel=1e-12)
    assert after.value[0, 0, 2] == pytest.approx(
        before.value[0, 0, 2] / 1.03 * (1 + round(rate, 6))
    )
