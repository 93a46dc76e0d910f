"""Growth: how its parts combine, where rates come from, what may replace them, and what would count
twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.forecast_models import (
    RATES,
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
from wpb.forecast.growth import additive_efficiency_factor, multiplicative_efficiency_factor
from wpb.forecast.projection import INTERACTION
from wpb.tables.settings import Choice, Extension


@pytest.mark.req(171, 174)
def test_growth_is_applied_one_after_another_and_each_effect_shows(tmp_path: Path) -> None:
    found = budget(tmp_path, tables())
    steps = {
        step: pounds(found, f"forecast/movement_{step}/2027-28")
        for step in ("demographic", "non_demographic", "cost_pressure", "efficiency")
    }
    assert steps["demographic"] == pytest.approx(10_000)
    assert steps["non_demographic"] == pytest.approx(1_010_000 * 0.02)
    assert steps["cost_pressure"] == pytest.approx(1_010_000 * 1.02 * 0.03)
    assert steps["efficiency"] == pytest.approx(-1_010_000 * 1.02 * 1.03 * 0.02)
    assert 1_000_000 + sum(steps.values()) == pytest.approx(pounds(found, "forecast/2027-28"))


@pytest.mark.req(171)
def test_additive_presentation_shows_effects_alone_and_their_interaction(tmp_path: Path) -> None:
    sequential = budget(tmp_path / "a", tables())
    apart = budget(tmp_path / "b", tables(), presentation="additive_with_interaction")
    assert pounds(apart, "forecast/alone_demographic/2027-28") == pytest.approx(10_000)
    assert pounds(apart, "forecast/alone_cost_pressure/2027-28") == pytest.approx(30_000)
    assert pounds(apart, "forecast/interaction/2027-28") == pytest.approx(
        1_000_000 * (1.01 * 1.02 * 1.03 - 1 - 0.06)
    )
    assert INTERACTION in [movement.step for movement in apart.ledger.movements]
    assert INTERACTION not in [movement.step for movement in sequential.ledger.movements]
    for year in YEARS:
        assert pounds(apart, f"forecast/{year}") == pytest.approx(
            pounds(sequential, f"forecast/{year}")
        )
        moved = (
            sum(
                float(m.block.value[0, :, YEARS.index(year)].sum())
                for m in apart.ledger.movements
                if m.stage == "forecast"
            )
            / 100
        )
        assert 1_000_000 + moved == pytest.approx(pounds(apart, f"forecast/{year}"))


@pytest.mark.req(172)
def test_sixteen_groups_each_take_their_own_rates(tmp_path: Path) -> None:
    groups = [f"G{i:02d}" for i in range(16)]
    rates = RATES | {f"x{i}": 0.001 * i for i in range(16)}
    given = tables(
        *(whole(f"D{i:02d}", 1_000_000, service_line=f"S{i:02d}") for i in range(16)),
        growth_categories=[
            category(code, cost_rate=f"local.x{i}", efficiency_rate="")
            for i, code in enumerate(groups)
        ],
        service_lines=[service(f"S{i:02d}", group=code) for i, code in enumerate(groups)],
        allocations=[*allocations([20_000_000] * 3), *allocations([1_000] * 3, "COUNCIL", "care")],
    )
    found = budget(tmp_path, given, rates)
    for row in range(16):
        assert found.forecast.at(row, 0) / 100 == pytest.approx(
            1_000_000 * 1.01 * 1.02 * (1 + 0.001 * row)
        )


@pytest.mark.req(167)
def test_hospital_activity_grows_by_the_sum_of_local_and_national_rates(tmp_path: Path) -> None:
    one_after_another = budget(tmp_path / "a", tables())
    summed = budget(
        tmp_path / "b",
        tables(growth_categories=[category(activity_combination="sum", acute_area="ae")]),
    )
    assert pounds(summed, "forecast/after_non_demographic/2029-30") == pytest.approx(
        1_000_000 * 1.03**3
    )
    assert pounds(one_after_another, "forecast/after_non_demographic/2029-30") == pytest.approx(
        1_000_000 * (1.01 * 1.02) ** 3
    )
    assert pounds(summed, "forecast/movement_demographic/2027-28") == pytest.approx(10_000)


@pytest.mark.req(162, 160)
def test_clinical_negligence_shows_apart_from_other_inflation(tmp_path: Path) -> None:
    found = budget(
        tmp_path,
        tables(
            growth_categories=[category(litigation_weight="local.w", litigation_rate="local.l")]
        ),
    )
    grown = 1_000_000 * 1.01 * 1.02
    assert pounds(found, "forecast/movement_cost_pressure/2027-28") == pytest.approx(grown * 0.03)
    assert pounds(found, "forecast/movement_litigation/2027-28") == pytest.approx(
        grown * 0.1 * 0.15
    )
    assert pounds(found, "do_nothing/2027-28") == pytest.approx(grown * (1.03 + 0.1 * 0.15))
    assert "forecast/movement_litigation" not in budget(tmp_path / "without", tables()).ledger


@pytest.mark.req(162)
def test_the_rise_of_negligence_is_set_anew_each_year(tmp_path: Path) -> None:
    given = tables(
        growth_categories=[category(litigation_weight="local.w", litigation_rate="local.l")]
    )
    extension = (Extension("local.l", "hold_last", "2029-30", "No later rate"),)
    assert refused(tmp_path, given, RATES | {"l": [0.15]}, extensions=extension) == {
        "litigation_extended"
    }
    assert "litigation_parts" in refused(
        tmp_path, tables(growth_categories=[category(litigation_rate="local.l")])
    )


@pytest.mark.req(170)
@pytest.mark.parametrize(
    ("row", "code"),
    [
        (category(cost_rate="total_cost_growth.continuing_health_care"), "rate_twice"),
        (category(method="total_cost", activity_rate="local.n"), "rate_twice"),
        (category(method="total_cost", cost_rate="unit_cost_uplift.hchs"), "rate_half"),
        (
            category(method="total_cost", litigation_weight="local.w", litigation_rate="local.l"),
            "rate_twice",
        ),
        (
            category(
                cost_rate="unit_cost_uplift.hchs",
                litigation_weight="local.w",
                litigation_rate="local.l",
            ),
            "rate_twice",
        ),
    ],
)
def test_a_rate_of_total_cost_is_never_one_of_two(
    tmp_path: Path, row: dict[str, Any], code: str
) -> None:
    assert code in refused(tmp_path, tables(growth_categories=[row]))


@pytest.mark.req(169, 170)
def test_one_local_rate_has_one_meaning(tmp_path: Path) -> None:
    lines = (whole("D1", 1000), whole("D2", 1000, service_line="S2"))
    both = {"service_lines": [service(), service("S2", group="T")]}
    assert "rate_two_roles" in refused(
        tmp_path / "a",
        tables(
            *lines,
            growth_categories=[category(), category("T", "total_cost", cost_rate="local.c")],
            **both,
        ),
    )
    found = budget(
        tmp_path / "b",
        tables(*lines, growth_categories=[category(), category("T", "total_cost")], **both),
    )
    assert found.forecast.at(1, 0) / 100 == pytest.approx(1050)


def projections(source: str, young: list[float], old: list[float]) -> list[dict[str, Any]]:
    years = ("2026-27", *YEARS)
    return [
        {
            "projection": source,
            "age_band": band,
            "year": year,
            "people": people,
            "published": "Tests",
        }
        for band, series in (("0-64", young), ("65+", old))
        for year, people in zip(years, series, strict=True)
    ]


POPULATION = {
    "projection": "gla_capped_shlaa",
    "allocation_basis": "ons",
    "reason": "Housing is planned",
}
PROFILE = [
    {"growth_category": "G", "age_band": band, "use_per_person": use, "source": "Tests"}
    for band, use in (("0-64", 1), ("65+", 4))
]
BOTH = projections("ons", [800, 800, 800, 800], [200, 202, 204, 206]) + projections(
    "gla_capped_shlaa", [800, 808, 816, 824], [200, 210, 220, 230]
)


@pytest.mark.req(175, 167)
def test_demographic_growth_comes_from_the_projection_chosen_by_age(tmp_path: Path) -> None:
    given = tables(
        growth_categories=[category(demographic_rate="population_projection")],
        population_projections=BOTH,
    )
    plain = budget(tmp_path / "a", given, population=POPULATION)
    assert pounds(plain, "forecast/movement_demographic/2027-28") == pytest.approx(
        1_000_000 * (1018 / 1000 - 1)
    )
    by_age = budget(tmp_path / "b", given | {"age_profiles": PROFILE}, population=POPULATION)
    assert pounds(by_age, "forecast/movement_demographic/2027-28") == pytest.approx(
        1_000_000 * ((808 + 4 * 210) / (800 + 4 * 200) - 1)
    )
    assert pounds(by_age, "forecast/after_demographic/2029-30") == pytest.approx(
        1_000_000 * (824 + 4 * 230) / (800 + 4 * 200)
    )


@pytest.mark.req(175)
def test_the_misalignment_with_the_basis_of_allocations_is_shown(tmp_path: Path) -> None:
    given = tables(
        growth_categories=[category(demographic_rate="population_projection")],
        population_projections=BOTH,
    )
    found = budget(tmp_path / "a", given, population=POPULATION)
    rows = {row[0]: row[2:] for row in section(found, "population_projections").rows}
    assert rows["difference"][2] == pytest.approx(1054 / 1018 - 1006 / 1002)
    assert "projection_misaligned" in codes(found)
    same = budget(tmp_path / "b", given, population=POPULATION | {"projection": "ons"})
    assert "difference" not in {row[0] for row in section(same, "population_projections").rows}
    assert "projection_misaligned" not in codes(same)


@pytest.mark.req(175, 153)
def test_growth_stops_where_a_projection_stops(tmp_path: Path) -> None:
    given = tables(
        growth_categories=[category(demographic_rate="population_projection")],
        population_projections=[row for row in BOTH if row["year"] != "2029-30"],
    )
    assert "projection_years" in refused(tmp_path / "a", given, population=POPULATION)
    assert "projection_missing" in refused(tmp_path / "b", given, population={"projection": "onz"})
    profile = [row for row in PROFILE if row["age_band"] == "65+"]
    assert "profile_bands" in refused(
        tmp_path / "c",
        given | {"population_projections": BOTH, "age_profiles": profile},
        population=POPULATION,
    )


def override(**changes: Any) -> dict[str, Any]:
    return {
        "override": "O1",
        "applies_to": "service_line",
        "code": "S1",
        "driver": "demographic",
        "year": "2028-29",
        "rate": 0.015,
        "outside_provider_control": True,
        "reason": "New homes",
        "evidence": "Housing plan 2026",
        "owner": "Public health",
    } | changes


@pytest.mark.req(179)
def test_an_override_replaces_a_rate_of_one_line_year_and_driver_and_shows_old_and_new(
    tmp_path: Path,
) -> None:
    lines = (whole("D1", 1_000_000), whole("D2", 1_000_000, service_line="S2"))
    given = tables(
        *lines,
        service_lines=[service(), service("S2")],
        rate_overrides=[override()],
        allocations=[*allocations([5_000_000] * 3), *allocations([1000] * 3, "COUNCIL", "care")],
    )
    found, plain = (
        budget(tmp_path / "a", given),
        budget(tmp_path / "b", given | {"rate_overrides": []}),
    )
    assert found.forecast.at(1, 2) == plain.forecast.at(1, 2)
    assert found.forecast.at(0, 0) == plain.forecast.at(0, 0)
    assert found.forecast.at(0, 2) / plain.forecast.at(0, 2) == pytest.approx(1.015 / 1.01)
    row = section(found, "rate_overrides").rows[0]
    assert row[5:9] == (pytest.approx(0.01), 0.015, pytest.approx(0.005), "applied")
    worth = section(found, "override_effects").rows[0]
    assert worth[3] == pytest.approx(found.forecast.at(0, 2) - plain.forecast.at(0, 2), abs=1)
    assert not has_section(plain, "rate_overrides")


@pytest.mark.req(179)
def test_the_narrowest_override_goes_first(tmp_path: Path) -> None:
    wide = override(override="O2", applies_to="growth_category", code="G", rate=0.5)
    found = budget(
        tmp_path,
        tables(rate_overrides=[wide, override(), wide | {"year": "2029-30", "rate": 0.02}]),
    )
    assert pounds(found, "forecast/after_demographic/2029-30") == pytest.approx(
        1_000_000 * 1.01 * 1.015 * 1.02
    )


@pytest.mark.req(178)
def test_a_rate_above_the_standing_one_is_held_until_evidence_is_attached(tmp_path: Path) -> None:
    held = budget(tmp_path / "a", tables(rate_overrides=[override(evidence="tbc")]))
    plain = budget(tmp_path / "b", tables())
    assert held.forecast.at(0, 2) == plain.forecast.at(0, 2)
    assert "held_for_evidence" in codes(held)
    assert section(held, "rate_overrides").rows[0][8] == "held for evidence"
    lower = budget(tmp_path / "c", tables(rate_overrides=[override(evidence="", rate=0.005)]))
    assert "held_for_evidence" not in codes(lower)
    assert lower.forecast.at(0, 2) < plain.forecast.at(0, 2)


@pytest.mark.req(177, 170)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outside_provider_control": False}, "provider_control"),
        ({"reason": "tbc"}, "local_grounds"),
        ({"code": "S9"}, "override_unknown"),
        ({"year": "2026-27"}, "override_unused"),
        ({"driver": "combined"}, "override_twice"),
    ],
)
def test_overrides_that_may_not_be_are_refused(
    tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    assert code in refused(tmp_path, tables(rate_overrides=[override(**changes)]))


@pytest.mark.req(187)
def test_the_other_way_of_taking_efficiency_is_worth_what_it_says(tmp_path: Path) -> None:
    multiplied = budget(tmp_path / "a", tables())
    added = budget(tmp_path / "b", tables(), efficiency_method=Choice("additive", "as quoted"))
    for year in YEARS:
        assert pounds(multiplied, f"efficiency_method/difference/{year}") == pytest.approx(
            pounds(multiplied, f"forecast/{year}") - pounds(added, f"forecast/{year}")
        )
    one: Any = section(added, "efficiency_method").rows[0][1]
    other: Any = section(multiplied, "efficiency_method").rows[0][1]
    assert one == -other < 0, "multiplied, efficiency bears on growth too and takes more"


@pytest.mark.req(187)
def test_the_two_methods_agree_without_efficiency() -> None:
    import numpy as np

    nothing, uplift = np.zeros((1, 1, 3)), np.full((1, 1, 3), 0.03)
    assert (
        additive_efficiency_factor(nothing, uplift) == multiplicative_efficiency_factor(nothing)
    ).all()


ALIGNED = {
    "population_share": 0.95,
    "service_share": 0.95,
    "minimum_share": 0.85,
    "expected_growth_gap": 0.0,
    "maximum_growth_gap": 0.005,
}
GATE = {
    name: ALIGNED[name] for name in ("minimum_share", "expected_growth_gap", "maximum_growth_gap")
}
GROWING = [
    *allocations([1_000_000, 1_040_000, 1_081_600, 1_124_864], first=2026),
    *allocations([1000] * 3, "COUNCIL", "care"),
]


def widening(second_from: str = "2029-30") -> dict[str, Any]:
    """Nine tenths of the stream join the scope later; the rest is in from the start."""
    lines = (whole("D1", 100_000), whole("D2", 900_000, service_line="S2"))
    services = [service(), service("S2") | {"in_scope_from": second_from}]
    return tables(*lines, service_lines=services, allocations=GROWING)


def lists_all_in() -> list[dict[str, Any]]:
    return [
        {
            "list_code": "P1",
            "name": "One",
            "kind": "practice",
            "commissioner": "ICB",
            "participation": "full",
            "population": 6000,
        },
        {
            "list_code": "UNREG",
            "name": "No GP",
            "kind": "unregistered",
            "commissioner": "ICB",
            "participation": "partial",
            "population": 0,
        },
    ]


@pytest.mark.req(154, 156)
def test_a_stream_switches_to_its_allocation_once_scope_has_widened(tmp_path: Path) -> None:
    given = widening() | {"gp_lists": lists_all_in()}
    found = budget(
        tmp_path,
        given,
        route_switches={"core": "2029-30"},
        forecast_routes={"core": Choice("national_assumptions", "narrow at first")},
        alignment={"core": GATE},
    )
    own = 100_000 * (1.01 * 1.02 * 1.03 * 0.98) ** 2
    assert found.forecast.at(0, 1) / 100 == pytest.approx(own)
    assert found.forecast.at(0, 2) / 100 == pytest.approx(own * 1.04), (
        "from the switch on: the allocation's growth, and no second efficiency"
    )
    assert section(found, "funding_stream_routes").rows[0][2] == "2029-30"


@pytest.mark.req(154, 148)
def test_a_switch_is_refused_while_scope_is_narrow(tmp_path: Path) -> None:
    given = widening() | {"gp_lists": lists_all_in()}
    changes: dict[str, Any] = {
        "forecast_routes": {"core": Choice("national_assumptions", "narrow")},
        "alignment": {"core": GATE},
    }
    assert refused(tmp_path / "a", given, route_switches={"core": "2028-29"}, **changes) == {
        "alignment_low"
    }
    assert "switch_year" in refused(
        tmp_path / "b", given, route_switches={"core": "2035-36"}, **changes
    )
    assert refused(
        tmp_path / "c",
        given | {"rate_overrides": [override(year="2029-30")]},
        route_switches={"core": "2029-30"},
        **changes,
    ) == {"override_twice"}
    budget(
        tmp_path / "d",
        given | {"rate_overrides": [override()]},
        route_switches={"core": "2029-30"},
        **changes,
    )


@pytest.mark.req(158, 148)
def test_the_near_whole_scope_preset_measures_its_own_shares(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "forecast_routes": {"core": Choice("allocation_growth", "almost all of it")},
        "route_presets": {"core": "near_whole_scope"},
        "alignment": {"core": GATE},
    }
    found = budget(tmp_path / "a", tables(allocations=GROWING, gp_lists=lists_all_in()), **changes)
    assert pounds(found, "forecast/2029-30") == pytest.approx(1_000_000 * 1.04**3)
    assert section(found, "funding_stream_routes").rows[0][5:7] == (1.0, 1.0)
    assert "alignment_low" not in codes(
        budget(tmp_path / "b", tables(allocations=GROWING), **changes)
    ), "nine tenths of the people are above the least share"
    narrow = tables(
        whole("D1", 100_000),
        whole("D2", 900_000, service_line="S2"),
        service_lines=[service(), service("S2", "out")],
        allocations=GROWING,
        gp_lists=lists_all_in(),
    )
    assert refused(tmp_path / "c", narrow, **changes) == {"alignment_low"}
    assert "preset_route" in refused(
        tmp_path / "d", tables(allocations=GROWING), route_presets={"core": "near_whole_scope"}
    )


@pytest.mark.req(148)
def test_stated_shares_that_the_model_does_not_bear_out_are_questioned(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "forecast_routes": {"core": Choice("allocation_growth", "almost all of it")},
        "alignment": {"core": ALIGNED},
    }
    narrow = tables(
        whole("D1", 100_000),
        whole("D2", 900_000, service_line="S2"),
        service_lines=[service(), service("S2", "out")],
        allocations=GROWING,
        gp_lists=lists_all_in(),
    )
    assert "alignment_differs" in codes(budget(tmp_path / "a", narrow, **changes))
    assert "alignment_differs" not in codes(
        budget(tmp_path / "b", tables(allocations=GROWING, gp_lists=lists_all_in()), **changes)
    )


@pytest.mark.req(155)
def test_lists_in_scope_are_given_a_target_share_by_need(tmp_path: Path) -> None:
    weights = [
        {"list_code": code, "need": "overall_core", "weighted_population": people}
        for code, people in (("P1", 7000), ("P2", 2000), ("P3", 1000))
    ]
    found = budget(
        tmp_path / "a", tables(list_weights=weights), target_needs={"core": "overall_core"}
    )
    assert pounds(found, "target_allocation/2027-28/ICB.core") == pytest.approx(1_000_000 * 0.9)
    assert section(found, "target_allocation").rows[0][2] == 90_000_000
    assert "target_weights" in refused(
        tmp_path / "b", tables(list_weights=weights[:2]), target_needs={"core": "overall_core"}
    )


@pytest.mark.req(150)
def test_how_streams_are_combined_is_on_record(tmp_path: Path) -> None:
    two = tables(
        whole("D1", 1000), whole("D2", 1000, commissioner="COUNCIL", funding_stream="care")
    )
    assert "combination_unrecorded" in codes(budget(tmp_path / "a", two))
    recorded = budget(
        tmp_path / "b",
        two,
        combination={
            "method": "each_stream_then_added",
            "agreed_by": "Both boards",
            "agreed_on": "2026-10-01",
            "reason": "",
        },
    )
    assert "combination_unrecorded" not in codes(recorded)
    assert "Both boards" in section(recorded, "funding_stream_routes").note


@pytest.mark.req(151)
def test_allocations_do_not_grow_firmer_with_time(tmp_path: Path) -> None:
    council = allocations([1000] * 3, "COUNCIL", "care")
    odd = budget(
        tmp_path / "a",
        tables(
            allocations=[
                *allocations([10**6] * 3, certainty=("firm", "indicative", "firm")),
                *council,
            ]
        ),
    )
    assert "certainty_order" in codes(odd)
    right = budget(
        tmp_path / "b",
        tables(
            allocations=[
                *allocations([10**6] * 3, certainty=("firm", "indicative", "planning_assumption")),
                *council,
            ]
        ),
    )
    assert "certainty_order" not in codes(right)
    assert section(right, "allocation_certainty").rows[0] == (
        "ICB",
        "core",
        "firm",
        "indicative",
        "planning assumption",
    )


@pytest.mark.req(153)
def test_years_beyond_what_is_published_are_listed_with_their_source(tmp_path: Path) -> None:
    extended = budget(
        tmp_path / "a",
        tables(),
        RATES | {"d": [0.01, 0.012]},
        extensions=(Extension("local.d", "hold_last", "2029-30", "The trend is steady"),),
    )
    row = next(
        row for row in section(extended, "beyond_published_years").rows if row[0] == "local.d"
    )
    assert row[1] == "2029-30" and "The trend is steady" in str(row[3])
    assert not has_section(budget(tmp_path / "b", tables()), "beyond_published_years")


@pytest.mark.req(176, 149)
def test_services_that_are_not_health_grow_by_rates_of_their_own_in_the_same_way(
    tmp_path: Path,
) -> None:
    lines = (
        whole("D1", 1_000_000),
        whole("HOUSING", 500_000, service_line="S2", commissioner="COUNCIL", funding_stream="care"),
    )
    given = tables(
        *lines,
        growth_categories=[
            category(),
            category("HOME", "total_cost", cost_rate="local.h", efficiency_rate="local.e"),
        ],
        service_lines=[service(), service("S2", group="HOME")],
    )
    found = budget(tmp_path, given, RATES | {"h": 0.04})
    assert found.forecast.at(1, 2) / 100 == pytest.approx(500_000 * (1.04 * 0.98) ** 3)
    assert found.forecast.at(0, 2) / 100 == pytest.approx(
        1_000_000 * (1.01 * 1.02 * 1.03 * 0.98) ** 3
    )


@pytest.mark.req(173, 174)
def test_three_thousand_lines_are_projected_each_in_or_out_of_scope(tmp_path: Path) -> None:
    lines = [
        whole(f"L{i:04d}", 1_000 + i, service_line="S2" if i % 3 else "S1") for i in range(3_000)
    ]
    given = tables(
        *lines,
        service_lines=[service(), service("S2", "out")],
        allocations=[*allocations([50_000_000] * 3), *allocations([1000] * 3, "COUNCIL", "care")],
    )
    found = budget(tmp_path, given)
    inside = sum(1_000 + i for i in range(0, 3_000, 3))
    assert pounds(found, "do_nothing/2029-30") == pytest.approx(inside * (1.01 * 1.02 * 1.03) ** 3)
    assert pounds(found, "out_of_scope/2027-28") == pytest.approx(
        (sum(1_000 + i for i in range(3_000)) - inside) * 1.01 * 1.02 * 1.03 * 0.98
    )
    assert len(found.current.lines.lines) == 3_000
