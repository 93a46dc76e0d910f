"""Whatever the figures: pounds taken apart add to what is paid, repairs keep their sense, and spend
never meets cost.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import contract, make, methods, place
from wpb.baseline.alternatives import moved, outcome, side_by_side
from wpb.baseline.part_year import completion_share, to_full_year
from wpb.baseline.spend_and_cost import Cost, MixedAmounts, Spend
from wpb.kernel.intervals import departs
from wpb.kernel.problems import ProblemLog
from wpb.scope.population_size import budget_variation, least_people
from wpb.scope.register import scope_register
from wpb.tables.methods.registry import METHOD_OPTIONS
from wpb.tables.model import Model

POSITIVE = st.floats(0.5, 5000, allow_nan=False)
KINDS = (("HOME", "S1"), ("CLINIC", "S1"), ("CALL", "S2"))


def block_model(
    value: float,
    pounds: list[float],
    units: list[float],
    weights: list[float],
    step_1: str,
    step_3: str,
) -> Model:
    services = [
        {"service_line": code, "name": code, "scope": "in", "growth_category": "FLAT"}
        for code in ("S1", "S2")
    ]
    activity = [
        {
            "contract": "C",
            "activity_type": kind,
            "name": kind,
            "service_line": service,
            "activity_source": "cids",
            "units": count,
        }
        for (kind, service), count in zip(KINDS, units, strict=True)
    ]
    schedule = [
        {
            "contract": "C",
            "schedule_line": code,
            "line_kind": "service",
            "service_line": code,
            "value": amount,
            "reflects_actual_spend": True,
        }
        for code, amount in zip(("S1", "S2"), pounds, strict=True)
    ]
    costs = [
        {"contract": "C", "service_line": code, "cost_kind": kind, "cost": amount}
        for code, amount in zip(("S1", "S2"), pounds, strict=True)
        for kind in ("direct", "overhead")
    ]
    weight_rows = [
        {"contract": "C", "activity_type": kind, "weight_source": source, "weight": weight}
        for source in ("time_and_motion", "other_unit_costs")
        for (kind, _), weight in zip(KINDS, weights, strict=True)
    ]
    benchmark = [
        {"activity_type": kind, "benchmark_provider": name, "unit_cost": weight, "units": count}
        for (kind, _), weight, count in zip(KINDS, weights, units, strict=True)
        for name in ("B1", "B2")
    ]
    national: list[dict[str, Any]] = [
        {"activity_type": kind, "category": kind, "unit_cost": weight, "collection_year": "2024-25"}
        for (kind, _), weight in zip(KINDS, weights, strict=True)
    ]
    tables = place(
        service_lines=services,
        contracts=[contract("C", value, "block")],
        contract_activity=activity,
        schedule_lines=schedule,
        provider_costs=costs,
        cost_weights=weight_rows,
        benchmark_costs=benchmark,
        national_unit_costs=national,
        contract_methods=methods("C", step_1=step_1, step_3=step_3),
    )
    return make(tables)


@pytest.mark.req(63, 94)
@settings(max_examples=40, deadline=None)
@given(
    st.floats(1, 1e8, allow_nan=False),
    st.lists(POSITIVE, min_size=2, max_size=2),
    st.lists(POSITIVE, min_size=3, max_size=3),
    st.lists(POSITIVE, min_size=3, max_size=3),
    st.sampled_from(METHOD_OPTIONS["step_1"]),
    st.sampled_from(METHOD_OPTIONS["step_3"]),
)
def test_by_every_option_the_pounds_add_to_what_is_paid(
    value: float,
    pounds: list[float],
    units: list[float],
    weights: list[float],
    step_1: str,
    step_3: str,
) -> None:
    model = block_model(value, pounds, units, weights, step_1, step_3)
    found = outcome(model, scope_register(model, ProblemLog()), 0)
    assert sum(found.by_line_pence.values()) == pytest.approx(value * 100, rel=1e-9)
    assert found.in_scope_pence == pytest.approx(value * 100 * 0.9, rel=1e-9)


@pytest.mark.req(94)
@settings(max_examples=15, deadline=None)
@given(
    st.lists(POSITIVE, min_size=2, max_size=2),
    st.lists(POSITIVE, min_size=3, max_size=3),
    st.lists(POSITIVE, min_size=3, max_size=3),
)
def test_pounds_moved_are_never_more_than_the_contract_and_nought_for_the_option_in_use(
    pounds: list[float], units: list[float], weights: list[float]
) -> None:
    model = block_model(10_000, pounds, units, weights, "schedule", "relative_resource")
    now, tried = side_by_side(model, scope_register(model, ProblemLog()), 0)
    assert moved(now, now) == 0
    for each in tried:
        assert 0 <= each.moved_pence <= 1_000_000 * (1 + 1e-9)
        assert each.moved_pence == 0 or not each.state.used


@pytest.mark.req(25)
@settings(max_examples=50)
@given(
    st.lists(st.lists(POSITIVE, min_size=12, max_size=12), min_size=1, max_size=4),
    st.integers(1, 12),
    st.floats(0.1, 10),
)
def test_a_year_like_past_years_is_made_up_exactly(
    years: list[list[float]], months: int, scale: float
) -> None:
    share = completion_share([sum(year[:months]) for year in years], [sum(year) for year in years])
    assert 0 < share <= 1 + 1e-12
    whole = sum(map(sum, years)) * scale
    known = whole * share
    assert known + float(to_full_year(known, share)) == pytest.approx(whole, rel=1e-9)  # type: ignore[arg-type]


@pytest.mark.req(5)
@settings(max_examples=50)
@given(st.floats(0.1, 20), st.floats(0.001, 0.1))
def test_the_least_population_is_just_enough(variation: float, acceptable: float) -> None:
    people = least_people(variation, acceptable)
    assert budget_variation(variation, people) == pytest.approx(acceptable)
    assert budget_variation(variation, people * 1.01) < acceptable


@pytest.mark.req(31)
@settings(max_examples=30)
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_spend_and_cost_keep_apart(one: float, other: float) -> None:
    assert (Spend(one) + Spend(other)).pence == one + other
    with pytest.raises(MixedAmounts):
        Spend(one) + Cost(other)
    with pytest.raises(MixedAmounts):
        Cost(one) - Spend(other)


@pytest.mark.req(27, 74)
@settings(max_examples=50)
@given(st.lists(st.floats(-0.2, 0.2), min_size=2, max_size=8), st.floats(0.01, 0.1))
def test_the_middle_of_earlier_years_never_stands_out(earlier: list[float], least: float) -> None:
    ordered = sorted(earlier)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert not departs(middle, earlier, least)
    assert departs(middle + 10, earlier, least)
