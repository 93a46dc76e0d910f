"""Edges that a rule must keep: bounds, which year, which of several, and how close is the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wpb
from tests.live_models import counts, event, live, moved
from tests.models import calculated, place
from tests.tiny_model import TinyModel
from tests.unit.test_baseline_repair import KNOWN, PAST, baseline, months, part_year
from tests.unit.test_contract_values import GP
from wpb.forecast.affordability import residual_efficiency
from wpb.forecast.residual import residual_before_unidentified
from wpb.kernel.problems import InputProblems
from wpb.run import Budget
from wpb.settlement.instalments import Change, instalments

Pence = st.integers(-10_000_000, 10_000_000)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyModel:
    return TinyModel(tmp_path)


def ran(model: TinyModel) -> Budget:
    return wpb.load(model.folder).run()


def codes(model: TinyModel) -> set[str]:
    return {problem.code for problem in wpb.load(model.folder).check()}


# The residual ------------------------------------------------------------------------------------


@pytest.mark.req(194)
def test_what_is_affordable_leaves_no_residual_and_never_a_negative_one(tiny: TinyModel) -> None:
    def less_money_later(rows: list[list[str]]) -> None:
        for row in rows[1:]:
            if row[2] >= "2035-36":
                row[3] = "1000"

    tiny.change("allocations", less_money_later)
    total = ran(tiny).affordability.total
    headroom, residual = (total[name].value[0, 0] for name in ("headroom", "residual"))
    assert (headroom > 0).any() and (headroom < 0).any()
    assert residual.tolist() == np.maximum(-headroom, 0.0).tolist()


@pytest.mark.req(194, 198)
@given(forecast=Pence, allocation=Pence, outside=Pence, unidentified=Pence)
def test_a_residual_is_what_is_short_and_nothing_else(
    forecast: int, allocation: int, outside: int, unidentified: int
) -> None:
    arrays = [np.full((1, 1, 1), float(x)) for x in (forecast, allocation, outside, unidentified)]
    short = forecast - (allocation - outside)
    assert residual_efficiency(*arrays[:3])[0, 0, 0] == max(short, 0)
    assert residual_before_unidentified(*arrays)[0, 0, 0] == max(short + unidentified, 0)


# Prices and seasons ------------------------------------------------------------------------------


@pytest.mark.req(45)
def test_activity_is_priced_at_the_year_that_its_contract_names(tiny: TinyModel) -> None:
    tiny.add("prices", "HRG-DC", "DAYCASE", "2028-29", "1200", "national")
    tiny.add("prices", "HRG-DC", "DAYCASE", "2030-31", "1900", "national")

    def name_year(rows: list[list[str]]) -> None:
        at = rows[0].index("price_base_year")
        next(row for row in rows if row[0] == "CLINIC")[at] = "2030-31"

    tiny.change("contracts", name_year)
    ledger = ran(tiny).ledger
    assert ledger["contract/CLINIC/unit_price"].value.ravel().tolist() == [1900_00.0]
    assert set(ledger["contract/ACUTE/unit_price"].value.ravel()) == {4250_00, 1500_00, 250_00}


@pytest.mark.req(25)
def test_a_season_is_learnt_from_years_before_the_one_made_up() -> None:
    tables = part_year()
    later = months("2027-28", list(reversed(PAST[0])))
    before = baseline(calculated(place(**tables)))
    tables["monthly_spend"] = [*tables["monthly_spend"], *later]
    assert baseline(calculated(place(**tables))) == before == pytest.approx(1143.638074, abs=1e-6)


# Grades ------------------------------------------------------------------------------------------


@pytest.mark.req(77, 80)
@pytest.mark.parametrize(
    ("option", "grade", "named"),
    [
        ("schedule", 2, ""),
        ("absorbed_cost", 2, "step 1: absorbed cost; "),
        ("direct_cost", 2, "step 1: direct cost; "),
    ],
)
def test_a_line_has_the_grade_of_table_2_for_its_method(
    tiny: TinyModel, option: str, grade: int, named: str
) -> None:
    def choose(rows: list[list[str]]) -> None:
        next(row for row in rows if row[:2] == ["COMM", "step_1"])[2] = option

    tiny.change("contract_methods", choose)
    tiny.add("provider_costs", "COMM", "THERAPY", "overhead", "150000")
    lines = [line for line in ran(tiny).current.lines.lines if line.contract == "COMM"]
    # Patient groups at step 4 are a second option too; a weaker or better step 1 would be named
    # alone, or not at all.
    assert {(line.grade, line.grade_reason) for line in lines} == {
        (grade, f"{named}activity mapped to patient groups")
    }


# How close is the same ---------------------------------------------------------------------------


def set_value(table: str, key: str, column: str, value: str) -> Callable[[TinyModel], None]:
    """Enter one value in the row of a table that begins with a key or holds it second."""

    def change(rows: list[list[str]]) -> None:
        at = rows[0].index(column)
        next(row for row in rows if key in row[:2])[at] = value

    return lambda model: model.change(table, change)


@pytest.mark.req(30, 48)
@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("schedule_total", set_value("schedule_lines", "S1", "value", "1700000.01")),
        ("schedule_total", set_value("schedule_lines", "S1", "value", "1699950.01")),
        ("contract_unexplained", set_value("contracts", "CLINIC", "value", "450000.01")),
        ("contract_unexplained", set_value("contracts", "CLINIC", "value", "450049.99")),
        (
            "ledger_difference",
            set_value("commissioner_ledger", "A110", "ledger_value", "450000.01"),
        ),
        (
            "ledger_difference",
            set_value("commissioner_ledger", "A110", "ledger_value", "449950.01"),
        ),
    ],
)
def test_a_penny_apart_is_told_as_50_pounds_would_be(
    tiny: TinyModel, code: str, change: Callable[[TinyModel], None]
) -> None:
    change(tiny)
    assert code in codes(tiny)


def test_what_adds_up_is_not_told(tiny: TinyModel) -> None:
    assert codes(tiny).isdisjoint({"schedule_total", "contract_unexplained"})


@pytest.mark.req(25)
@pytest.mark.parametrize("apart", [0.01, -0.01, 49.99])
def test_months_that_do_not_add_to_the_amount_by_a_penny_are_refused(apart: float) -> None:
    with pytest.raises(InputProblems) as stopped:
        calculated(place(**part_year(value=sum(KNOWN) + apart)))
    assert [p.code for p in stopped.value.problems if p.severity == "error"] == ["months_total"]


# Instalments -------------------------------------------------------------------------------------


LEVEL = (1.0,) * 12


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """A year's values as they change, some with the months of the term cut short or made longer."""
    found = [Change(0, draw(Pence), 0, "E0", 0, "figure", LEVEL)]
    for number in range(1, draw(st.integers(1, 5)) + 1):
        position = draw(st.integers(found[-1].position, 12))
        ends = draw(st.one_of(st.just(12), st.integers(1, 12)))
        weights = tuple(1.0 if month < ends else 0.0 for month in range(12))
        found.append(
            Change(
                position,
                draw(Pence),
                draw(st.integers(0, position)),
                "E",
                number,
                "figure",
                weights,
            )
            if position < 12
            else Change(12, draw(Pence), draw(st.integers(0, 11)), "E", number, "figure", weights)
        )
    return found


@pytest.mark.req(212, 244)
@settings(max_examples=200, deadline=None)
@given(changes=histories(), rule=st.sampled_from(["remaining_months", "catch_up"]))
def test_instalments_of_any_history_add_to_the_value_and_leave_what_is_paid(
    changes: list[Change], rule: str
) -> None:
    found = instalments(changes, rule)
    assert sum(found.due) == changes[-1].amount_pence
    for count in range(1, len(changes)):
        paid = changes[count].position
        assert instalments(changes[:count], rule).paid[:paid] == found.paid[:paid]
    last = next(c for c in reversed(changes) if any(c.weights[c.position :]))
    outside = [m for m in range(last.position, 12) if not last.weights[m]]
    assert [found.paid[month] for month in outside] == [0] * len(outside)


@pytest.mark.req(212, 244)
@pytest.mark.parametrize("rule", ["remaining_months", "catch_up"])
def test_what_is_put_right_after_the_last_month_is_not_paid_again_when_the_term_grows(
    rule: str,
) -> None:
    short = (1.0,) * 6 + (0.0,) * 6
    changes = [
        Change(0, 600, 0, "A", 0, "figure", short),
        Change(6, 660, 3, "B", 1, "figure", short),
        Change(8, 1260, 6, "C", 2, "figure", LEVEL),
    ]
    found = instalments(changes, rule)
    assert found.paid == (100,) * 6 + (0, 0) + (150,) * 4
    assert found.late[0][1] == (0,) * 3 + (20,) * 3 + (0,) * 6
    assert sum(found.due) == 1260


# Changes of a list -------------------------------------------------------------------------------


@pytest.mark.req(119, 234, 238)
def test_a_practice_that_left_and_came_back_is_counted_by_its_last_change() -> None:
    terms = [
        {
            "list_code": "P1",
            "terms_from": "2027-04-01",
            "permitted_points": "quarter",
            "funding_stream": "gp",
            "weighted_funding": 50,
            "replacement_stream": "core",
            "replacement_cost": 20,
        }
    ]
    values = [
        {
            "patient_type": kind,
            "funding_stream": stream,
            "year": year,
            "value": value if stream == "core" else 0,
            "people_behind": 5000,
            "agreed_on": "2027-02-01",
            "source": "t",
        }
        for kind, value in (("well", 50), ("ill", 200))
        for stream in ("core", "gp", "care")
        for year in ("2027-28", "2028-29", "2029-30")
    ]
    events = [
        event("R1", "reactivation", "2027-10-01", "2027-08-01", list_code="P1"),
        event("J1", "joining", "2028-04-01", "2028-04-02", list_code="P1"),
        event("U1", "population_update", "2029-04-01", "2029-04-10"),
    ]

    def update(more: float) -> list[float]:
        people = [
            *counts("2027-10-01", {}, "2027-10-01"),
            *counts("2028-04-01", {}, "2028-04-01"),
            *counts("2029-04-01", {("P1", "well"): more}, "2029-04-05"),
        ]
        contract = live(
            events,
            type_values=values,
            population_counts=people,
            **(GP | {"practice_terms": terms}),
        )
        return list(moved(contract, "U1"))

    apart = [b - a for a, b in zip(update(0), update(100), strict=True)]
    assert apart == [0, 0, 100 * 50_00]
