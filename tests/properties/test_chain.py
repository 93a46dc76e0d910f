"""What holds for any model: parts add up, order doesn't matter, pounds scale, and no growth changes
nothing.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import calculated, contract, direct, methods, place
from wpb.kernel.money import round_parts, split_pence, whole_pence
from wpb.present.summary import summary

POUNDS = st.integers(min_value=-50_000_000, max_value=50_000_000).map(lambda pence: pence / 100)
SOME = settings(max_examples=15, deadline=None)


@st.composite
def block_models(draw: st.DrawFn) -> dict[str, Any]:
    """A block contract of any value, some schedule lines and an Admin line, and activity of any
    counts, beside direct lines.
    """
    services = [f"S{i}" for i in range(1, draw(st.integers(1, 4)) + 1)]
    schedule = [
        {
            "contract": "B1",
            "schedule_line": s,
            "line_kind": "service",
            "service_line": s,
            "value": draw(st.integers(1, 10**6)),
            "reflects_actual_spend": True,
        }
        for s in services
    ]
    schedule.append(
        {
            "contract": "B1",
            "schedule_line": "ADMIN",
            "line_kind": "non_service",
            "value": draw(st.integers(0, 10**5)),
            "reflects_actual_spend": True,
        }
    )
    activity = [
        {
            "contract": "B1",
            "activity_type": f"{s}_{n}",
            "name": "x",
            "service_line": s,
            "activity_source": "cids",
            "units": draw(st.integers(0, 10**5)),
        }
        for s in services
        for n in range(draw(st.integers(1, 4)))
    ]
    return place(
        service_lines=[
            {
                "service_line": s,
                "name": s,
                "scope": draw(st.sampled_from(["in", "out"])),
                "growth_category": "FLAT",
            }
            for s in services
        ],
        contracts=[contract("B1", draw(POUNDS), "block")],
        contract_methods=methods("B1", split=draw(st.sampled_from(["schedule_value", "equal"]))),
        schedule_lines=schedule,
        contract_activity=activity,
        direct_spend=[direct(f"D{i}", draw(POUNDS)) for i in range(draw(st.integers(1, 4)))],
    )


@SOME
@given(block_models())
@pytest.mark.req(18, 63, 99, 101)
def test_every_contract_is_accounted_for_to_the_penny(tables: dict[str, Any]) -> None:
    found = summary(calculated(tables))
    for row in found["contracts"]:
        assert row["residual_pence"] == 0
        assert (
            row["allocated_pence"] + row["out_of_scope_pence"] + row["unmapped_pence"]
            == row["value_pence"]
        )
        assert sum(line["value_pence"] for line in row["service_lines"]) == row["value_pence"]
    split = found["current_spend"]
    assert (
        split["in_scope_pence"] + split["out_of_scope_pence"] + split["unmapped_pence"]
        == split["total_pence"]
    )


@SOME
@given(block_models())
@pytest.mark.req(140, 174)
def test_no_growth_gives_back_the_baseline(tables: dict[str, Any]) -> None:
    found = summary(calculated(tables))
    for year in found["years"]:
        assert year["forecast_pence"] == year["do_nothing_pence"] == found["baseline_pence"]
        assert set(year["steps"].values()) == {0}


@SOME
@given(block_models(), st.randoms(use_true_random=False))
@pytest.mark.req(63)
def test_the_order_of_rows_changes_nothing(tables: dict[str, Any], chance: Any) -> None:
    shuffled = {name: chance.sample(list(rows), len(rows)) for name, rows in tables.items()}
    first, second = (calculated(given) for given in (tables, shuffled))
    assert first.current.lines.axis == second.current.lines.axis
    assert first.baseline.value == pytest.approx(second.baseline.value, rel=1e-12, abs=1e-6)
    summaries = []
    for budget in (first, second):
        found = summary(budget)
        found["contracts"] = sorted(
            (
                {**row, "service_lines": sorted(row["service_lines"], key=str)}
                for row in found["contracts"]
            ),
            key=str,
        )
        found.pop("problems")
        summaries.append(found)
    assert summaries[0] == summaries[1]


@SOME
@given(block_models(), st.sampled_from([2.0, 0.5, 1024.0, -4.0]))
@pytest.mark.req(165)
def test_scaling_every_pound_scales_every_result_before_rounding(
    tables: dict[str, Any], k: float
) -> None:
    scaled = {
        name: [
            {
                key: (
                    value * k if name in ("contracts", "direct_spend") and key == "value" else value
                )
                for key, value in row.items()
            }
            for row in rows
        ]
        for name, rows in tables.items()
    }
    first, second = calculated(tables), calculated(scaled)
    for block in (
        "spend",
        "spend_in_scope",
        "spend_unmapped",
        "baseline",
        "forecast",
        "out_of_scope",
    ):
        assert second.ledger[block].value == pytest.approx(
            first.ledger[block].value * k, rel=1e-9, abs=1e-6
        )


@given(st.integers(-(10**14), 10**14), st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
@pytest.mark.req(63)
def test_shared_pence_add_to_the_whole(total: int, weights: list[float]) -> None:
    if sum(weights) == 0:
        with pytest.raises(ValueError, match="nought"):
            split_pence(total or 1, weights)
        return
    parts = split_pence(total, weights)
    assert sum(parts) == total
    assert parts == [-part for part in split_pence(-total, weights)]


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=4), st.integers(0, 9), min_size=2, max_size=12
    ),
    st.integers(0, 10**6),
)
@pytest.mark.req(63)
def test_ties_go_by_code_and_not_by_order(weights: dict[Hashable, float], total: int) -> None:
    if not sum(weights.values()):
        return
    forwards = dict(zip(weights, split_pence(total, weights), strict=True))
    backwards_order = dict(reversed(list(weights.items())))
    assert forwards == dict(zip(backwards_order, split_pence(total, backwards_order), strict=True))


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=40))
@pytest.mark.req(63, 370)
def test_rounded_parts_add_to_the_rounded_total(parts: list[float]) -> None:
    rounded = round_parts(parts, [f"{i:03d}" for i in range(len(parts))])
    assert all(abs(whole - part) <= 1 for whole, part in zip(rounded, parts, strict=True))
    from wpb.kernel.money import exact

    assert sum(rounded) == whole_pence(sum((exact(part) for part in parts), start=exact(0)))
