"""Whole pence that add up: across rows, down columns, and from one view to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import calculated, contract, direct, methods, place
from wpb.present.result_table import ResultTable
from wpb.present.result_tables import result_tables
from wpb.present.whole_pence import SplitPence, WholePence, round_to_total, split_rows
from wpb.run import Budget

amounts = st.floats(-1e11, 1e11, allow_nan=False).map(lambda value: round(value, 4))


@pytest.mark.req(63, 370)
@settings(max_examples=50)
@given(st.lists(amounts, min_size=1, max_size=30), st.integers(-40, 40))
def test_parts_add_to_any_total_near_their_own(parts: list[float], off: int) -> None:
    total = round(sum(parts)) + off
    rounded = round_to_total(parts, [f"{i:02d}" for i in range(len(parts))], total)
    assert sum(rounded) == total
    if any(parts):
        assert all(amount == 0 for amount, part in zip(rounded, parts, strict=True) if part == 0)
        assert max(
            abs(amount - part) for amount, part in zip(rounded, parts, strict=True)
        ) <= 2 + abs(off) + len(parts)


@st.composite
def split_spend(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray]]:
    """Rows of spend, some wholly in one part, some shared between two or three."""
    spend = np.array(
        draw(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=20)),
        dtype=np.float64,
    )
    shares = np.array(
        [
            draw(
                st.sampled_from(
                    [
                        (1, 0, 0),
                        (0, 1, 0),
                        (0, 0, 1),
                        (1 / 3, 0, 2 / 3),
                        (0.2, 0.3, 0.5),
                        (0, 0.7, 0.3),
                    ]
                )
            )
            for _ in spend
        ]
    )
    inside, unmapped = spend * shares[:, 0], spend * shares[:, 1]
    return spend, [inside, unmapped, spend - inside - unmapped]


@pytest.mark.req(63, 99, 370)
@settings(max_examples=50)
@given(split_spend())
def test_spend_split_by_scope_adds_across_and_down(
    found: tuple[np.ndarray, list[np.ndarray]],
) -> None:
    spend, parts = found
    whole = round(spend.sum())
    inside, unmapped = (round(float(part.sum())) for part in parts[:2])
    totals = SplitPence(whole, inside, unmapped, whole - inside - unmapped)
    rows = split_rows(spend, parts, [f"{i:02d}" for i in range(len(spend))], totals)
    assert [
        sum(column)
        for column in zip(
            *((row.spend, row.in_scope, row.unmapped, row.out_of_scope) for row in rows),
            strict=True,
        )
    ] == [totals.spend, totals.in_scope, totals.unmapped, totals.out_of_scope]
    for row, paid in zip(rows, spend, strict=True):
        assert row.spend == row.in_scope + row.unmapped + row.out_of_scope
        assert abs(row.spend - paid) <= len(rows)


def thirds() -> Budget:
    """Spend that never divides evenly: a block contract, an adjustment and direct lines over lists
    of 6, 3 and 1 thousand.
    """
    tables = place(
        contracts=[contract("B1", 1000.01, "block", population_method="population_carve_out")],
        contract_methods=methods("B1"),
        schedule_lines=[
            {
                "contract": "B1",
                "schedule_line": "a",
                "line_kind": "service",
                "service_line": "S1",
                "value": 1000.01,
                "reflects_actual_spend": True,
            }
        ],
        contract_activity=[
            {
                "contract": "B1",
                "activity_type": kind,
                "name": kind,
                "service_line": "S1",
                "activity_source": "sus",
                "units": units,
            }
            for kind, units in (("X", 1), ("Y", 1), ("Z", 1))
        ],
        direct_spend=[direct(f"D{number}", 33.33 + number / 100) for number in range(7)]
        + [
            direct("D-OUT", 10.01, service_line="S2"),
            direct("D-CARE", 7.77, commissioner="COUNCIL", funding_stream="care"),
        ],
        service_lines=[
            {"service_line": "S1", "name": "=Service", "scope": "in", "growth_category": "FLAT"},
            {"service_line": "S2", "name": "Other", "scope": "out", "growth_category": "FLAT"},
        ],
        adjustments=[
            {
                "adjustment": "A1",
                "budget_line": "D1",
                "adjustment_kind": "investment",
                "amount": 1.235,
                "reason": "More nurses",
                "evidence": "Plan",
                "agreed_by": "All",
                "agreed_on": "2026-11-01",
            }
        ],
    )
    return calculated(tables)


@pytest.fixture(scope="module")
def tables() -> dict[str, ResultTable]:
    return result_tables(WholePence(thirds()))


@pytest.mark.req(140, 147, 361)
def test_the_bridge_runs_from_spend_to_baseline(tables: dict[str, ResultTable]) -> None:
    rows = tables["bridge"].records()
    assert (
        sum(row["amount_pence"] for row in rows if row["row_kind"] != "closing")
        == rows[-1]["amount_pence"]
    )
    assert rows[0]["amount_pence"] == sum(tables["budget_lines"].column("spend_pence"))
    assert rows[-1]["amount_pence"] == sum(tables["budget_lines"].column("baseline_pence"))
    investment = next(row for row in rows if row["step"] == "Planned service investment")
    assert investment["reason"] == "A1: More nurses (agreed by All, 2026-11-01)."


@pytest.mark.req(171, 362)
def test_steps_add_to_the_forecast_of_each_year(tables: dict[str, ResultTable]) -> None:
    by_year: dict[str, list[dict[str, Any]]] = {}
    for row in tables["forecast_by_year"].records():
        by_year.setdefault(row["year"], []).append(row)
    for rows in by_year.values():
        closing = next(row for row in rows if row["row_kind"] == "closing")
        for column in ("amount_pence", "in_year_pence"):
            assert (
                sum(row[column] for row in rows if row["row_kind"] in ("opening", "step"))
                == closing[column]
            )


@pytest.mark.req(101, 361)
def test_lists_and_service_lines_add_to_the_baseline(tables: dict[str, ResultTable]) -> None:
    baseline = tables["bridge"].rows[-1][4]
    for name in (
        "baseline_by_list",
        "baseline_by_service_line",
        "baseline_by_service_and_list",
        "elements",
        "grades",
    ):
        assert sum(tables[name].column("baseline_pence")) == baseline, name


@pytest.mark.req(36, 63, 99)
def test_each_step_of_a_block_contract_adds_to_what_is_paid(tables: dict[str, ResultTable]) -> None:
    workings = tables["contract_workings"].records()
    for step in (1, 3, 4):
        assert sum(row["amount_pence"] for row in workings if row["step"] == step) == 100_001
    final = [row for row in workings if row["step"] == 4]
    (row,) = tables["contracts"].records()
    assert (row["value_pence"], row["residual_pence"]) == (100_001, 0)
    for column, whole in (
        ("in_scope_pence", "allocated_pence"),
        ("out_of_scope_pence", "out_of_scope_pence"),
        ("unmapped_pence", "unmapped_pence"),
    ):
        assert sum(line[column] for line in final) == row[whole]


@pytest.mark.req(200, 201, 202)
def test_affordability_adds_at_every_level(tables: dict[str, ResultTable]) -> None:
    rows = tables["affordability"].records()
    for year in {row["year"] for row in rows}:
        for column in (
            "allocation_pence",
            "forecast_pence",
            "out_of_scope_pence",
            "headroom_pence",
        ):
            sums = {
                level: sum(
                    row[column] for row in rows if row["year"] == year and row["level"] == level
                )
                for level in ("total", "stream", "commissioner", "commissioner and stream")
            }
            assert len(set(sums.values())) == 1, (year, column, sums)
        lines = [row for row in tables["forecast_by_line"].records() if row["year"] == year]
        total = next(row for row in rows if row["year"] == year and row["level"] == "total")
        assert sum(row["forecast_pence"] for row in lines) == total["forecast_pence"]
        assert sum(row["out_of_scope_pence"] for row in lines) == total["out_of_scope_pence"]


@pytest.mark.req(18)
def test_lines_tie_to_the_commissioners_ledger_and_the_difference_is_shown() -> None:
    ledger = [
        {
            "commissioner": "ICB",
            "account": "1",
            "description": "One",
            "covers": "D1",
            "ledger_value": 100.00,
        },
        {
            "commissioner": "ICB",
            "account": "2",
            "description": "Two",
            "covers": "D2",
            "ledger_value": 50.02,
        },
    ]
    budget = calculated(
        place(direct_spend=[direct("D1", 100), direct("D2", 50)], commissioner_ledger=ledger)
    )
    rows = {
        row["account"] or row["commissioner"]: row
        for row in result_tables(WholePence(budget))["reconciliation"].records()
    }
    assert (
        rows["ICB"]["ledger_pence"],
        rows["ICB"]["lines_pence"],
        rows["ICB"]["difference_pence"],
    ) == (15_002, 15_000, 2)
    assert (rows["1"]["difference_pence"], rows["2"]["difference_pence"]) == (0, 2)


@pytest.mark.req(150, 151, 194)
def test_a_total_is_as_certain_as_its_least_certain_allocation_and_a_shortfall_is_residual() -> (
    None
):
    certain = {"2027-28": "firm", "2028-29": "indicative", "2029-30": "planning_assumption"}
    allocations = [
        {
            "commissioner": who,
            "funding_stream": what,
            "year": year,
            "allocation": 1000,
            "certainty": found if who == "ICB" else "firm",
            "source": "ours",
        }
        for who, what in (("ICB", "core"), ("COUNCIL", "care"))
        for year, found in certain.items()
    ]
    budget = calculated(
        place(
            direct_spend=[
                direct("D1", 1500.0),
                direct("C1", 10.0, commissioner="COUNCIL", funding_stream="care"),
            ],
            allocations=allocations,
        )
    )
    rows = result_tables(WholePence(budget))["affordability"].records()
    total, council = (
        [row for row in rows if row["level"] == level and row["commissioner"] == who]
        for level, who in (("total", ""), ("commissioner", "COUNCIL"))
    )
    assert [row["certainty"] for row in total] == list(certain.values())
    assert {row["certainty"] for row in council} == {"firm"}
    icb = next(
        row for row in rows if row["level"] == "commissioner" and row["commissioner"] == "ICB"
    )
    assert (icb["headroom_pence"], icb["residual_pence"]) == (-50_000, 50_000)
    assert all(row["residual_pence"] == 0 for row in council)


@pytest.mark.req(131, 132, 211)
def test_the_part_follows_the_funder() -> None:
    budget = calculated(
        place(
            direct_spend=[
                direct("D1", 30.0, population_method="whole_contract"),
                direct(
                    "C1",
                    10.0,
                    commissioner="COUNCIL",
                    funding_stream="care",
                    population_method="whole_contract",
                ),
            ]
        )
    )
    rows = {row["part"]: row for row in result_tables(WholePence(budget))["elements"].records()}
    assert {part: (row["baseline_pence"], row["share"]) for part, row in rows.items()} == {
        "A": (3000, 0.75),
        "B": (1000, 0.25),
    }
