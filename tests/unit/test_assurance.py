"""Assurance: both sides of the test, what binds, what closes a gap, who delivers, what the plan
says, what the record bears.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.forecast_models import (
    allocations,
    budget,
    category,
    codes,
    has_section,
    refused,
    section,
    service,
    tables,
    whole,
)

COUNCIL = allocations([500_000] * 3, "COUNCIL", "care")
LINES = (
    whole("D1", 1_000_000, provider="PROV"),
    whole("D2", 400_000, service_line="S2", commissioner="COUNCIL", funding_stream="care"),
    whole("D3", 2_000_000, service_line="OUT"),
)


def system(amount: float = 4_000_000, **more: Any) -> dict[str, Any]:
    """£1m of NHS and £0.4m of council spend in scope, £2m of NHS spend outside, without growth."""
    given = {
        "service_lines": [service(), service("S2"), service("OUT", "out")],
        "growth_categories": [category(method="none", cost_rate="", efficiency_rate="local.e")],
        "allocations": [*allocations([amount] * 3), *COUNCIL],
    }
    return tables(*LINES, **(given | more))


def cost(service_line: str, amount: float, year: str = "2027-28") -> dict[str, Any]:
    return {
        "service_line": service_line,
        "year": year,
        "efficient_cost": amount,
        "evidence": "Costing study",
    }


def both_sides(folder: Path, **more: Any) -> tuple[Any, ...]:
    return section(budget(folder, system(**more)), "two_sided_test").rows[0]


@pytest.mark.req(203, 200)
def test_a_budget_must_be_affordable_and_cover_efficient_cost(tmp_path: Path) -> None:
    enough = [cost("S1", 900_000), cost("S2", 380_000)]
    assert both_sides(tmp_path / "a", efficient_costs=enough)[-1] == "passes both"
    short = [cost("S1", 990_000), cost("S2", 380_000)]
    found = budget(tmp_path / "b", system(efficient_costs=short))
    row = section(found, "two_sided_test").rows[0]
    assert row[2] == "affordable" and row[6:] == (
        "does not cover efficient cost",
        "does not pass both",
    )
    assert "below_efficient_cost" in codes(found)
    assert (
        both_sides(tmp_path / "c", efficient_costs=enough, amount=2_500_000)[2] == "not affordable"
    )


@pytest.mark.req(203)
def test_what_was_not_tested_does_not_pass(tmp_path: Path) -> None:
    assert both_sides(tmp_path / "a")[6:] == ("not tested", "does not pass both")
    part = both_sides(tmp_path / "b", efficient_costs=[cost("S1", 900_000)])
    assert part[3:5] == (1, 2) and part[6:] == ("covers what was tested", "does not pass both")
    assert refused(tmp_path / "c", system(efficient_costs=[cost("S9", 1)])) == {
        "efficient_cost_unused"
    }


@pytest.mark.req(203)
def test_a_line_short_of_its_cost_is_not_made_good_by_another(tmp_path: Path) -> None:
    row = both_sides(tmp_path, efficient_costs=[cost("S1", 500_000), cost("S2", 399_000)])
    assert row[5] > 0 and row[6] == "does not cover efficient cost"


@pytest.mark.req(201, 200)
def test_paths_inside_and_outside_stand_side_by_side(tmp_path: Path) -> None:
    rows: dict[Any, Any] = {
        row[0]: row[1:] for row in section(budget(tmp_path, system()), "system_position").rows
    }
    assert rows["Headroom"] == tuple(
        a - b - c
        for a, b, c in zip(
            rows["Allocations"], rows["Budget"], rows["Outside the budget"], strict=True
        )
    )
    assert rows["Outside the budget"][0] == pytest.approx(200_000_000 * 0.98)


@pytest.mark.req(202)
def test_a_stream_can_bind_though_the_total_does_not(tmp_path: Path) -> None:
    tight = [
        *allocations([4_000_000] * 3),
        *allocations([380_000, 384_160, 380_000], "COUNCIL", "care"),
    ]
    found = budget(tmp_path / "a", system(allocations=tight))
    rows: Any = section(found, "binding_constraints").rows
    assert [row[:3] + row[4:5] for row in rows] == [
        ("2027-28", "COUNCIL", "care", "exceeded"),
        ("2028-29", "COUNCIL", "care", "spent in full"),
    ]
    assert all(row[5] > 0 for row in rows)
    assert section(budget(tmp_path / "b", system()), "binding_constraints").rows == ()


@pytest.mark.req(202)
def test_contributions_add_to_the_budget(tmp_path: Path) -> None:
    rows: list[Any] = [
        row
        for row in section(budget(tmp_path, system()), "contributions").rows
        if row[0] == "2027-28"
    ]
    assert [row[1] for row in rows] == ["COUNCIL", "ICB"]
    assert sum(row[2] for row in rows) == 140_000_000 * 0.98
    assert sum(row[3] for row in rows) == pytest.approx(1)


def option(kind: str = "care_model", effect: float = 100_000, **changes: Any) -> dict[str, Any]:
    return {
        "option": "A",
        "option_kind": kind,
        "description": "Do it sooner",
        "year": "2027-28",
        "effect": effect,
        "decision": "chosen",
        "owner": "COO",
    } | changes


@pytest.mark.req(204)
def test_a_gap_asks_for_options_and_measures_each_kind(tmp_path: Path) -> None:
    poor = budget(tmp_path / "a", system(2_732_000))
    rows: list[Any] = [
        row for row in section(poor, "affordability_options").rows if row[0] == "2027-28"
    ]
    assert rows[0][2] == pytest.approx(10_000_000)
    assert rows[3][1].startswith("Change other commissioning plans") and rows[3][
        3
    ] == pytest.approx(100_000 / 1_960_000)
    assert "gap_open" in codes(poor)
    closed = budget(
        tmp_path / "b", system(2_732_000, affordability_options=[option(), option(year="2028-29")])
    )
    assert [
        row[2]
        for row in section(closed, "affordability_options").rows
        if row[1] == "Gap left after the options"
    ] == [0, 0]
    assert "gap_open" not in codes(closed)
    rejected = budget(
        tmp_path / "c", system(2_732_000, affordability_options=[option(decision="rejected")])
    )
    assert "gap_open" in codes(rejected)
    assert not has_section(budget(tmp_path / "d", system()), "affordability_options")
    assert refused(tmp_path / "e", system(affordability_options=[option(year="2031-32")])) == {
        "year_outside_term"
    }


def impact(**changes: Any) -> dict[str, Any]:
    return {
        "programme": "FRAIL",
        "service_line": "S1",
        "commissioner": "ICB",
        "funding_stream": "core",
        "year": "2027-28",
        "investment": 0,
        "saving": 10_000,
        "recurrent": True,
        "scope": "inside",
        "owner": "COO",
        "plan": "Home first",
        "programme_kind": "prevention",
    } | changes


@pytest.mark.req(205, 190)
def test_every_saving_has_an_owner_and_a_plan(tmp_path: Path) -> None:
    owned = budget(tmp_path / "a", system(care_model_impacts=[impact()]))
    assert section(owned, "savings_register").rows[0][7:9] == ("owned and planned", 1_000_000)
    assert "saving_unplanned" not in codes(owned)
    assert section(owned, "national_programmes").rows[0][:2] == ("prevention", 1_000_000)
    bare = budget(tmp_path / "b", system(care_model_impacts=[impact(plan="to follow")]))
    assert section(bare, "savings_register").rows[0][
        7
    ] == "no plan" and "saving_unplanned" in codes(bare)
    assert not has_section(budget(tmp_path / "c", system()), "savings_register")


def review(kind: str, subject: str, **changes: Any) -> dict[str, Any]:
    return {
        "review": f"{kind}.{subject}",
        "review_kind": kind,
        "subject": subject,
        "reviewer": "A. Reviewer",
        "organisation": "University",
        "independent": True,
        "reviewed_on": "2026-10-01",
        "outcome": "accepted",
        "finding": "Sound",
    } | changes


@pytest.mark.req(185, 199)
def test_growth_is_assured_and_shifts_are_validated(tmp_path: Path) -> None:
    given = system(care_model_impacts=[impact()])
    all_three = [review("growth", "G"), review("clinical", "FRAIL"), review("operational", "FRAIL")]
    found = budget(tmp_path / "a", given | {"reviews": all_three})
    assert {row[3] for row in section(found, "review_status").rows} == {"accepted"}
    assert not codes(found) & {"validation_missing", "review_not_independent"}
    partly = budget(tmp_path / "b", given | {"reviews": all_three[:2]})
    assert ("FRAIL", "operational", 0, "not reviewed") in section(
        partly, "review_status"
    ).rows and "validation_missing" in codes(partly)
    own = budget(
        tmp_path / "c",
        given | {"reviews": [review("growth", "G", independent=False), *all_three[1:]]},
    )
    assert (
        "review_not_independent" in codes(own)
        and ("G", "growth", 0, "not reviewed") in section(own, "review_status").rows
    )
    assert "review_date" in codes(
        budget(
            tmp_path / "d", given | {"reviews": [review("growth", "G", reviewed_on="2027-01-01")]}
        )
    )
    assert refused(tmp_path / "e", given | {"reviews": [review("clinical", "FRIAL")]}) == {
        "review_subject"
    }
    assert not has_section(budget(tmp_path / "f", given), "reviews")


def planned(measure: str, value: float, **changes: Any) -> dict[str, Any]:
    return {
        "plan": "System plan v3",
        "measure": measure,
        "commissioner": "",
        "year": "2027-28",
        "plan_value": value,
        "tolerance": 0.01,
    } | changes


@pytest.mark.req(206)
def test_figures_agree_with_the_systems_plan_or_are_explained(tmp_path: Path) -> None:
    near = [
        planned("forecast", 1_365_000),
        planned("out_of_scope", 1_960_000),
        planned("allocation", 4_000_000, commissioner="ICB"),
        planned("do_nothing", 1_400_000),
        planned("care_model_net", -10_000),
    ]
    agreed = budget(
        tmp_path / "a",
        system(system_plan_totals=near, care_model_impacts=[impact(service_line="S1")]),
    )
    statuses = [row[7] for row in section(agreed, "plan_consistency").rows]
    assert statuses == ["agrees"] * 5 and "plan_differs" not in codes(agreed)
    far = budget(tmp_path / "b", system(system_plan_totals=[planned("forecast", 1_300_000)]))
    assert section(far, "plan_consistency").rows[0][6:8] == (
        7_200_000,
        "differs",
    ) and "plan_differs" in codes(far)
    explained = budget(
        tmp_path / "c",
        system(
            system_plan_totals=[
                planned("forecast", 1_300_000, explanation="The plan leaves out prescribing")
            ]
        ),
    )
    assert "plan_differs" not in codes(explained)
    assert refused(
        tmp_path / "d", system(system_plan_totals=[planned("forecast", 1, year="2031-32")])
    ) == {"year_outside_term"}
    assert refused(
        tmp_path / "e", system(system_plan_totals=[planned("forecast", 1, commissioner="PROV")])
    ) == {"plan_commissioner"}


def record(year: str, saving: float) -> dict[str, Any]:
    return {
        "provider": "PROV",
        "year": year,
        "delivered_saving": saving,
        "cost_base": 1_000_000,
        "evidence": "Annual report",
    }


@pytest.mark.req(208)
def test_the_ask_is_set_beside_what_a_provider_has_done(tmp_path: Path) -> None:
    able = budget(
        tmp_path / "a",
        system(efficiency_record=[record("2024-25", 10_000), record("2025-26", 22_000)]),
    )
    row = section(able, "capability_stretch").rows[0]
    assert row[1:5] == (
        pytest.approx(0.016),
        pytest.approx(0.022),
        pytest.approx(0.02),
        pytest.approx(0.02 / 0.016),
    )
    assert "stretch_beyond_record" not in codes(able)
    weak = budget(
        tmp_path / "b",
        system(efficiency_record=[record("2024-25", 10_000), record("2025-26", 15_000)]),
    )
    assert section(weak, "capability_stretch").rows[0][
        5
    ] == "beyond its best year" and "stretch_beyond_record" in codes(weak)
    none = budget(tmp_path / "c", system(efficiency_record=[record("2024-25", 0)]))
    assert section(none, "capability_stretch").rows[0][4] is None
    assert refused(tmp_path / "d", system(efficiency_record=[record("2024-25", 1_000_000)])) == {
        "out_of_range"
    }


@pytest.mark.req(208, 195)
def test_the_ask_holds_the_part_of_the_residual_given_to_a_provider(tmp_path: Path) -> None:
    ability = [{"organisation": "PROV", "weight": 1, "reason": "It alone can respond"}]
    amounts: dict[str, Any] = {
        "amount": 2_600_000,
        "efficiency_record": [record("2025-26", 22_000)],
    }
    left = budget(tmp_path / "a", system(**amounts))
    given = budget(tmp_path / "b", system(**amounts, residual_abilities=ability))
    residual = given.affordability.total["residual"].at(0, 2) / 100
    assert residual > 0
    assert section(given, "capability_stretch").rows[0][3] == pytest.approx(
        1 - ((1_000_000 * 0.98**3 - residual) / 1_000_000) ** (1 / 3)
    )
    assert section(left, "capability_stretch").rows[0][3] == pytest.approx(0.02)
