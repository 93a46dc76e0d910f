"""Efficiency from plans to residual, schemes, shifts, overlays, unidentified savings, floors: each
shown once, each on its own line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.forecast_models import (
    YEARS,
    allocations,
    budget,
    category,
    codes,
    has_section,
    pounds,
    refused,
    section,
    service,
    tables,
    whole,
)
from wpb.run import Budget
from wpb.tables.settings import Choice

COUNCIL = allocations([1000] * 3, "COUNCIL", "care")
RICH = [*allocations([9_000_000] * 3), *COUNCIL]
FLAT = [category("G", "none", cost_rate="")]


def two_services(**more: Any) -> dict[str, Any]:
    """£3m and £1m of two services, without growth; and £2m of a third outside."""
    lines = (
        whole("D1", 3_000_000),
        whole("D2", 1_000_000, service_line="S2"),
        whole("D3", 2_000_000, service_line="OUT"),
    )
    return tables(
        *lines,
        **(
            {
                "service_lines": [service(), service("S2"), service("OUT", "out")],
                "growth_categories": FLAT,
                "allocations": RICH,
            }
            | more
        ),
    )


def last(found: Budget) -> float:
    return pounds(found, "forecast/2029-30")


def plan(year: str, saving: float, **changes: Any) -> dict[str, Any]:
    return {
        "provider": "PROV",
        "service_line": "",
        "year": year,
        "planned_saving": saving,
        "cost_base": 1_000_000,
        "plan": "Plan 2026",
    } | changes


def provided(**more: Any) -> dict[str, Any]:
    return tables(whole("D1", 1_000_000, provider="PROV"), **more)


@pytest.mark.req(191, 193, 186)
def test_plans_fill_the_target_and_only_the_shortfall_is_added(tmp_path: Path) -> None:
    found = budget(
        tmp_path / "a",
        provided(provider_efficiency_plans=[plan("2027-28", 15_000), plan("2028-29", 30_000)]),
    )
    grown = 1_000_000 * 1.01 * 1.02 * 1.03
    assert pounds(found, "forecast/movement_efficiency_planned/2027-28") == pytest.approx(
        -grown * 0.015
    )
    assert pounds(found, "forecast/movement_efficiency/2027-28") == pytest.approx(-grown * 0.005)
    after = pounds(found, "forecast/2028-29")
    assert after == pytest.approx(1_000_000 * (1.01 * 1.02 * 1.03) ** 2 * 0.98 * 0.97), (
        "a plan beyond the target stands"
    )
    assert pounds(found, "forecast/2029-30") == pytest.approx(after * 1.01 * 1.02 * 1.03 * 0.98), (
        "a year without a plan takes the target"
    )
    without = budget(tmp_path / "b", provided())
    assert "forecast/movement_efficiency_planned" not in without.ledger
    steps = {row[0]: row[1] for row in section(found, "efficiency_steps").rows}
    assert steps["Planned by PROV"] == pytest.approx(grown * 1.5, abs=1)
    assert steps["Further target beyond plans"] == pytest.approx(grown * 0.5, abs=1)


@pytest.mark.req(193)
def test_a_service_that_benchmarks_high_is_expected_to_save_more(tmp_path: Path) -> None:
    expected = [
        {
            "provider": "PROV",
            "service_line": "S1",
            "year": "2027-28",
            "expected_rate": rate,
            "benchmark": "Tests",
        }
        for rate in (0.04,)
    ]
    found = budget(
        tmp_path / "a",
        provided(
            benchmark_efficiency=expected,
            provider_efficiency_plans=[plan("2027-28", 15_000, service_line="S1")],
        ),
    )
    assert pounds(found, "forecast/2027-28") == pytest.approx(1_000_000 * 1.01 * 1.02 * 1.03 * 0.96)
    low = budget(
        tmp_path / "b",
        provided(benchmark_efficiency=[row | {"expected_rate": 0.01} for row in expected]),
    )
    assert pounds(low, "forecast/2027-28") == pytest.approx(1_000_000 * 1.01 * 1.02 * 1.03 * 0.98)


@pytest.mark.req(191)
def test_plans_out_of_range_are_refused(tmp_path: Path) -> None:
    assert "out_of_range" in refused(
        tmp_path / "a", provided(provider_efficiency_plans=[plan("2027-28", 1_000_000)])
    )
    assert "year_outside_term" in refused(
        tmp_path / "b", provided(provider_efficiency_plans=[plan("2030-31", 1_000)])
    )


@pytest.mark.req(156, 157)
def test_the_allocation_route_takes_no_second_efficiency_yet_feels_programmes(
    tmp_path: Path,
) -> None:
    growing = [*allocations([1_000_000, 1_040_000, 1_081_600, 1_124_864], first=2026), *COUNCIL]
    aligned = {
        "population_share": 0.95,
        "service_share": 0.95,
        "minimum_share": 0.85,
        "expected_growth_gap": 0.0,
        "maximum_growth_gap": 0.005,
    }
    changes: dict[str, Any] = {
        "forecast_routes": {"core": Choice("allocation_growth", "all of it")},
        "alignment": {"core": aligned},
    }
    given = provided(
        allocations=growing,
        provider_efficiency_plans=[plan("2027-28", 15_000)],
        efficiency_schemes=[scheme()],
        scheme_savings=[saving(50_000)],
    )
    found = budget(tmp_path, given, **changes)
    assert pounds(found, "forecast/movement_efficiency/2029-30") == 0
    assert last(found) == pytest.approx(1_000_000 * 1.04**3 - 50_000)
    assert "efficiency_in_allocation" in codes(found)
    assert "efficiency_in_allocation" not in codes(
        budget(tmp_path / "b", provided(provider_efficiency_plans=[plan("2027-28", 15_000)]))
    )


def scheme(**changes: Any) -> dict[str, Any]:
    return {
        "scheme": "Q1",
        "name": "Scheme",
        "programme_kind": "right_care",
        "level": "service",
        "service_line": "S1",
        "commissioner": "ICB",
        "funding_stream": "core",
        "scope": "inside",
        "owner": "COO",
        "plan": "Pathway",
    } | changes


def saving(amount: float, year: str = "2029-30", **changes: Any) -> dict[str, Any]:
    return {"scheme": "Q1", "year": year, "saving": amount} | changes


SYSTEM = {"level": "system", "service_line": ""}


@pytest.mark.req(192)
@pytest.mark.parametrize(("key", "first"), [("spend", 0.75), ("equal", 0.5), ("own_weights", 0.2)])
def test_a_system_scheme_is_shared_by_its_key(tmp_path: Path, key: str, first: float) -> None:
    weights = [
        {"scheme": "Q1", "service_line": code, "weight": weight, "reason": "Tests"}
        for code, weight in (("S1", 2), ("S2", 8))
    ]
    given = two_services(
        efficiency_schemes=[scheme(**SYSTEM, distribution_key=key)],
        scheme_savings=[saving(100_000)],
        scheme_keys=weights,
    )
    if key == "equal":
        given["service_lines"] = [service(), service("S2")]
        given["direct_spend"] = given["direct_spend"][:2]
    found = budget(tmp_path, given)
    assert pounds(found, "forecast/2029-30/QS.Q1.S1") == pytest.approx(-100_000 * first)
    assert pounds(found, "forecast/2029-30/QS.Q1.S2") == pytest.approx(-100_000 * (1 - first))
    assert last(found) == pytest.approx(3_900_000)
    assert pounds(found, "forecast/2028-29") == pytest.approx(4_000_000)


@pytest.mark.req(192)
@pytest.mark.parametrize(
    ("row", "savings", "code"),
    [
        (scheme(service_line=""), [saving(1)], "scheme_service"),
        (scheme(**SYSTEM), [saving(1)], "scheme_key"),
        (scheme(**SYSTEM, distribution_key="own_weights"), [saving(1)], "scheme_key"),
        (
            scheme(
                **SYSTEM, distribution_key="spend", commissioner="COUNCIL", funding_stream="care"
            ),
            [saving(1)],
            "scheme_key",
        ),
        (scheme(), [], "scheme_empty"),
        (scheme(), [saving(-1)], "out_of_range"),
        (scheme(), [saving(1, "2031-32")], "year_outside_term"),
    ],
)
def test_schemes_that_cannot_be_placed_are_refused(
    tmp_path: Path, row: dict[str, Any], savings: list[dict[str, Any]], code: str
) -> None:
    assert code in refused(tmp_path, two_services(efficiency_schemes=[row], scheme_savings=savings))


@pytest.mark.req(189)
@pytest.mark.parametrize("share", ["", "0.4", "40%"])
def test_a_saving_is_taken_from_the_budget_or_left_to_share_never_both(
    tmp_path: Path, share: str
) -> None:
    given = two_services(
        efficiency_schemes=[scheme(), scheme(scheme="Q2", share_in_budget=0.9)],
        scheme_savings=[saving(100_000, investment=10_000), saving(50_000) | {"scheme": "Q2"}],
    )
    found = budget(tmp_path, given, savings_share=Choice(share, "shared while new"))
    part = 0.4 if share else 1.0
    assert last(found) == pytest.approx(4_000_000 + 10_000 - 100_000 * part - 50_000 * 0.9)
    impacts = found.care_model
    assert impacts is not None
    assert impacts.left_to_sharing.value[0, :, 2].sum() / 100 == pytest.approx(
        100_000 * (1 - part) + 5_000
    )
    taken = impacts.investment.value - impacts.net.value
    assert taken + impacts.left_to_sharing.value == pytest.approx(impacts.saving.value)
    rows: Any = section(found, "savings_shared").rows
    assert sum(row[5] for row in rows) == 15_000_000


@pytest.mark.req(189)
def test_taking_all_savings_is_said_aloud(tmp_path: Path) -> None:
    given = two_services(efficiency_schemes=[scheme()], scheme_savings=[saving(100_000)])
    everything = budget(tmp_path / "a", given)
    assert "savings_all_taken" in codes(everything) and not has_section(
        everything, "savings_shared"
    )
    assert "savings_all_taken" not in codes(
        budget(tmp_path / "b", given, savings_share=Choice("0.4", "agreed"))
    )
    assert "savings_share" in codes(budget(tmp_path / "c", given, savings_share=Choice("0.4", "")))


def shift(**changes: Any) -> dict[str, Any]:
    return {
        "shift": "HOME",
        "programme_kind": "new_care_models",
        "year": "2029-30",
        "units": 100,
        "from_setting": "acute",
        "from_service_line": "S1",
        "from_stream": "core",
        "from_scope": "inside",
        "from_unit_price": 3_000,
        "to_setting": "community",
        "to_service_line": "OUT",
        "to_stream": "core",
        "to_scope": "outside",
        "to_unit_price": 1_200,
        "commissioner": "ICB",
        "owner": "Directors",
        "plan": "Virtual wards",
    } | changes


@pytest.mark.req(183)
def test_a_shift_moves_activity_and_prices_each_side(tmp_path: Path) -> None:
    found = budget(tmp_path, two_services(setting_shifts=[shift()]))
    assert last(found) == pytest.approx(4_000_000 - 300_000)
    assert pounds(found, "out_of_scope/2029-30") == pytest.approx(2_000_000 + 120_000)
    rows = {(row[0], row[1]): row[5] for row in section(found, "setting_shifts").rows}
    assert rows["all settings", "units lost"] == rows["all settings", "units gained"] == 100, (
        "activity is conserved"
    )
    assert (rows["acute", "spend released"], rows["community", "spend needed"]) == (
        30_000_000,
        12_000_000,
    )


@pytest.mark.req(183)
def test_shifts_that_do_not_hold_together_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "a", two_services(setting_shifts=[shift(units_per_unit=3)])) == {
        "shift_not_conserved"
    }
    reasoned = budget(
        tmp_path / "b",
        two_services(
            setting_shifts=[
                shift(units_per_unit=3, units_per_unit_reason="Three visits for a stay")
            ]
        ),
    )
    assert pounds(reasoned, "out_of_scope/2029-30") == pytest.approx(2_000_000 + 360_000)
    assert refused(tmp_path / "c", two_services(setting_shifts=[shift(to_scope="inside")])) == {
        "shift_scope"
    }
    assert refused(
        tmp_path / "d",
        two_services(
            setting_shifts=[shift(to_service_line="S1", to_scope="inside", to_setting="acute")]
        ),
    ) == {"shift_nowhere"}
    assert refused(tmp_path / "e", two_services(setting_shifts=[shift(year="2030-31")])) == {
        "year_outside_term"
    }


def overlay(**changes: Any) -> dict[str, Any]:
    return {
        "programme": "UEC",
        "programme_kind": "urgent_and_emergency_care",
        "acute_area": "ae",
        "year": "2029-30",
        "activity_change": -0.1,
        "pounds_in": "this_row",
        "owner": "Board",
        "plan": "Streaming",
    } | changes


def emergency(**more: Any) -> dict[str, Any]:
    """A priced contract of 1,000 A&E attendances at £100 each."""
    contract = {
        "contract": "AC",
        "title": "Acute",
        "commissioner": "ICB",
        "provider": "PROV",
        "payment_basis": "activity",
        "funding_stream": "core",
        "value": 100_000,
        "effective_year": "2026-27",
        "price_base_year": "2026-27",
        "currency": "GBP",
        "population_method": "whole_contract",
    }
    return tables(
        whole("D1", 50_000, service_line="S2"),
        service_lines=[service(), service("S2", group="OTHER")],
        growth_categories=[
            category(acute_area="ae", efficiency_rate=""),
            category("OTHER", "none", cost_rate=""),
        ],
        contracts=[contract],
        priced_activity=[
            {
                "contract": "AC",
                "service_line": "S1",
                "point_of_delivery": "AE",
                "activity_currency": "HRG",
                "payment_part": "variable",
                "units": 1000,
            }
        ],
        prices=[
            {
                "activity_currency": "HRG",
                "point_of_delivery": "AE",
                "price_year": "2026-27",
                "unit_price": 100,
                "price_kind": "national",
            }
        ],
        **more,
    )


@pytest.mark.req(168)
def test_an_overlay_changes_activity_in_its_area_and_its_pounds(tmp_path: Path) -> None:
    found = budget(tmp_path / "a", emergency(activity_overlays=[overlay()]))
    rows = {(row[0], row[1]): row[4] for row in section(found, "acute_activity").rows}
    grown = 1000 * (1.01 * 1.02) ** 3
    assert rows["A&E attendances", "before programmes"] == pytest.approx(grown)
    assert rows["A&E attendances", "with programmes"] == pytest.approx(grown * 0.9)
    assert rows["Elective admissions", "before programmes"] == 0
    assert last(found) == pytest.approx(50_000 + 100_000 * (1.01 * 1.02 * 1.03) ** 3 * 0.9)
    activity_only = budget(
        tmp_path / "b", emergency(activity_overlays=[overlay(pounds_in="care_model_impacts")])
    )
    assert last(activity_only) == pytest.approx(50_000 + 100_000 * (1.01 * 1.02 * 1.03) ** 3)


@pytest.mark.req(168)
def test_overlays_never_count_twice(tmp_path: Path) -> None:
    impact = {
        "programme": "UEC",
        "service_line": "S1",
        "commissioner": "ICB",
        "funding_stream": "core",
        "year": "2029-30",
        "investment": 0,
        "saving": 100,
        "recurrent": True,
        "scope": "inside",
        "owner": "Board",
        "plan": "Streaming",
    }
    assert refused(
        tmp_path / "a", emergency(activity_overlays=[overlay()], care_model_impacts=[impact])
    ) == {"overlay_twice"}
    budget(
        tmp_path / "b",
        emergency(
            activity_overlays=[overlay(pounds_in="care_model_impacts")], care_model_impacts=[impact]
        ),
    )
    assert refused(
        tmp_path / "c", emergency(activity_overlays=[overlay(acute_area="elective")])
    ) == {"area_unknown"}
    assert refused(
        tmp_path / "d", emergency(activity_overlays=[overlay(activity_change=-1.5)])
    ) == {"out_of_range"}
    assert refused(tmp_path / "e", emergency(activity_overlays=[overlay(year="2030-31")])) == {
        "year_outside_term"
    }


def unidentified(**changes: Any) -> dict[str, Any]:
    return {
        "qipp": "U1",
        "commissioner": "ICB",
        "funding_stream": "core",
        "year": "2029-30",
        "amount": 200_000,
        "deliverable": "yes",
        "deliverable_evidence": "Review of 2026",
        "right_place": "yes",
        "right_place_evidence": "Weighed with partners",
        "owner": "CFO",
    } | changes


@pytest.mark.req(196, 197, 198)
def test_unidentified_savings_have_a_line_of_their_own_and_two_answers(tmp_path: Path) -> None:
    found = budget(tmp_path / "a", two_services(unidentified_qipp=[unidentified()]))
    assert pounds(found, "forecast/2029-30/UQ.U1.ICB.core") == pytest.approx(-200_000)
    assert pounds(found, "forecast/movement_unidentified/2029-30") == pytest.approx(-200_000)
    assert section(found, "unidentified_qipp").rows[0][-2:] == ("assured", "yes")
    assert not codes(found) & {"qipp_unassured", "qipp_refused"}
    unanswered = budget(
        tmp_path / "b", two_services(unidentified_qipp=[unidentified(deliverable="open")])
    )
    assert last(unanswered) == pytest.approx(3_800_000) and "qipp_unassured" in codes(unanswered)
    unshown = budget(
        tmp_path / "c", two_services(unidentified_qipp=[unidentified(right_place_evidence="tbc")])
    )
    assert section(unshown, "unidentified_qipp").rows[0][-2] == "to be assured"
    no = budget(tmp_path / "d", two_services(unidentified_qipp=[unidentified(right_place="no")]))
    assert last(no) == pytest.approx(4_000_000) and "qipp_refused" in codes(no)
    assert section(no, "unidentified_qipp").rows[0][-2:] == ("refused", "no")
    assert refused(tmp_path / "e", two_services(unidentified_qipp=[unidentified(amount=-1)])) == {
        "out_of_range"
    }
    assert refused(
        tmp_path / "f", two_services(unidentified_qipp=[unidentified(year="2030-31")])
    ) == {"year_outside_term"}


@pytest.mark.req(194, 195, 198)
def test_the_residual_is_split_by_ability_and_unidentified_savings_do_not_hide_it(
    tmp_path: Path,
) -> None:
    poor = [*allocations([5_500_000] * 3), *COUNCIL]
    abilities = [
        {"organisation": code, "weight": weight, "reason": "Size"}
        for code, weight in (("ICB", 1), ("PROV", 3))
    ]
    found = budget(
        tmp_path / "a",
        two_services(
            allocations=poor, unidentified_qipp=[unidentified()], residual_abilities=abilities
        ),
    )
    assert pounds(found, "affordability/total/residual/2029-30") == pytest.approx(300_000)
    assert pounds(found, "residual/before_unidentified/2029-30") == pytest.approx(500_000)
    assert pounds(found, "residual/by_party/2029-30/PROV") == pytest.approx(300_000 * 0.75)
    rows: Any = section(found, "residual_efficiency").rows
    assert rows[2][4] + rows[3][4] == rows[1][4]
    assert not has_section(budget(tmp_path / "b", two_services()), "residual_efficiency")
    assert refused(
        tmp_path / "c", two_services(residual_abilities=[row | {"weight": 0} for row in abilities])
    ) == {"ability_nought"}


def floor(**changes: Any) -> dict[str, Any]:
    return {
        "floor": "F1",
        "level": "ics",
        "care": "community",
        "year": "2027-28",
        "minimum_spend": 1_000_000,
        "counted_as": "service_line",
        "counted_code": "S2",
        "source": "Letter",
    } | changes


@pytest.mark.req(184)
def test_minimum_spend_is_tested_where_it_is_known(tmp_path: Path) -> None:
    met = budget(tmp_path / "a", two_services(investment_floors=[floor()]))
    assert section(met, "investment_floors").rows[0][-2] == "met" and "floor_short" not in codes(
        met
    )
    below = budget(tmp_path / "b", two_services(investment_floors=[floor(minimum_spend=1_250_000)]))
    assert section(below, "investment_floors").rows[0][6:8] == (
        25_000_000,
        "below the minimum",
    ) and "floor_short" in codes(below)
    unknown = budget(tmp_path / "c", two_services(investment_floors=[floor(minimum_spend=None)]))
    assert section(unknown, "investment_floors").rows[0][4:8] == (
        None,
        100_000_000,
        None,
        "unknown",
    )
    assert refused(tmp_path / "d", two_services(investment_floors=[floor(counted_code="S9")])) == {
        "floor_uncounted"
    }
    assert refused(
        tmp_path / "e",
        two_services(investment_floors=[floor(), floor(counted_code="S1", minimum_spend=2)]),
    ) == {"floor_two_minima"}
    assert refused(tmp_path / "f", two_services(investment_floors=[floor(year="2031-32")])) == {
        "year_outside_term"
    }


@pytest.mark.req(184)
def test_a_minimum_counts_from_its_first_year(tmp_path: Path) -> None:
    early = [
        {
            "commissioner": c,
            "funding_stream": s,
            "year": y,
            "allocation": 9_000_000,
            "certainty": "firm",
            "source": "Tests",
        }
        for c, s in (("ICB", "core"), ("COUNCIL", "care"))
        for y in ("2021-22", "2022-23", "2023-24")
    ]
    given = two_services(
        allocations=early,
        investment_floors=[
            floor(year="2022-23"),
            floor(floor="F2", level="region", year="2022-23"),
        ],
    )
    for line in given["direct_spend"]:
        line["effective_year"] = "2020-21"
    found = budget(tmp_path, given, first_contract_year="2021-22", spend_year="2020-21")
    assert [row[-2] for row in section(found, "investment_floors").rows] == ["not in force", "met"]
    assert "floor_not_in_force" in codes(found)


@pytest.mark.req(188, 190, 201)
def test_every_kind_of_change_has_a_movement_of_its_own_and_they_add_up(tmp_path: Path) -> None:
    impact = {
        "programme": "NEW",
        "service_line": "S2",
        "commissioner": "ICB",
        "funding_stream": "core",
        "year": "2029-30",
        "investment": 70_000,
        "saving": 20_000,
        "recurrent": True,
        "scope": "inside",
        "owner": "COO",
        "plan": "Teams",
        "programme_kind": "new_care_models",
    }
    found = budget(
        tmp_path,
        two_services(
            care_model_impacts=[impact],
            efficiency_schemes=[scheme()],
            scheme_savings=[saving(100_000)],
            setting_shifts=[shift()],
            unidentified_qipp=[unidentified()],
        ),
    )
    moved = {
        m.step: float(m.block.value[0, :, 2].sum()) / 100
        for m in found.ledger.movements
        if m.stage == "forecast"
    }
    assert moved["Care model, investment less saving"] == pytest.approx(50_000)
    assert moved["QIPP and transformation schemes"] == pytest.approx(-100_000)
    assert moved["Shifts between care settings"] == pytest.approx(-300_000)
    assert moved["Unidentified QIPP"] == pytest.approx(-200_000)
    assert pounds(found, "baseline") + sum(moved.values()) == pytest.approx(last(found))
    assert YEARS[-1] == "2029-30"
