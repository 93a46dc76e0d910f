"""Block contracts looked at hard: every check on input that trips it and input that doesn't, every
workaround by hand-worked figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from tests.models import Rows, calculated, contract, methods, place
from wpb.baseline.patient_caveats import band
from wpb.kernel.problems import InputProblems
from wpb.run import Budget

SERVICES = [
    {"service_line": code, "name": code, "scope": "in", "growth_category": "FLAT"}
    for code in ("S1", "S2")
]


def activity(
    kind: str, service: str, units: float, source: str = "cids", code: str = "C"
) -> dict[str, Any]:
    return {
        "contract": code,
        "activity_type": kind,
        "name": kind,
        "service_line": service,
        "activity_source": source,
        "units": units,
    }


ACTIVITY = [activity("HOME", "S1", 100), activity("CLINIC", "S1", 300), activity("CALL", "S2", 600)]


def schedule(s1: float, s2: float, admin: float = 0) -> list[dict[str, Any]]:
    lines = [
        {
            "contract": "C",
            "schedule_line": code,
            "line_kind": "service",
            "service_line": code,
            "value": value,
            "reflects_actual_spend": True,
        }
        for code, value in (("S1", s1), ("S2", s2))
    ]
    return lines + (
        [
            {
                "contract": "C",
                "schedule_line": "ADMIN",
                "line_kind": "non_service",
                "value": admin,
                "reflects_actual_spend": True,
            }
        ]
        if admin
        else []
    )


def costs(*rows: tuple[str, str, float]) -> list[dict[str, Any]]:
    return [
        {"contract": "C", "service_line": service, "cost_kind": kind, "cost": cost}
        for service, kind, cost in rows
    ]


def built(
    tables: Mapping[str, Rows] | None = None,
    basis: str = "block",
    population: Mapping[str, Any] | None = None,
    **options: str,
) -> Budget:
    start: dict[str, Rows] = {
        "service_lines": SERVICES,
        "contracts": [
            contract(
                "C",
                10_000,
                basis,
                **({"population_method": "whole_contract"} | dict(population or {})),
            )
        ],
        "contract_activity": ACTIVITY,
        "schedule_lines": schedule(6000, 4000),
        "contract_methods": methods("C", **options),
    }
    return calculated(place(**(start | dict(tables or {}))))


def codes(budget: Budget) -> list[str]:
    return [problem.code for problem in budget.problems]


def rows(budget: Budget, name: str) -> list[dict[str, Any]]:
    found = next(section for section in budget.sections if section.name == name)
    return [
        dict(zip((column.name for column in found.columns), row, strict=True)) for row in found.rows
    ]


def result(budget: Budget, check: str) -> set[str]:
    return {
        row["status"]
        for name in ("contract_checks", "activity_data_checks", "baseline_checks")
        for row in rows(budget, name)
        if row["check"] == check
    }


def line(budget: Budget, code: str) -> float:
    return budget.current.spend.at(budget.current.lines.axis.positions[code], 0) / 100


def by_service(budget: Budget) -> dict[str, float]:
    block = budget.ledger["contract/C"]
    return {code: block.at(row, 0) / 100 for row, code in enumerate(block.axis.codes)}


@pytest.mark.req(41)
def test_activity_without_service_fields_is_taken_apart_by_block_methods() -> None:
    budget = built(basis="activity_total")
    assert by_service(budget) == pytest.approx({"S1": 6000, "S2": 4000})
    assert {entry.payment_basis for entry in budget.current.lines.lines} == {"activity_total"}
    narrow = [SERVICES[0], SERVICES[1] | {"scope": "out"}]
    assert built(
        {"service_lines": narrow}, basis="activity_total"
    ).baseline.value.sum() == pytest.approx(600_000)


def recorded(
    units: Mapping[str, float], kind: str = "CLINIC", service: str = "S1"
) -> list[dict[str, Any]]:
    return [
        {
            "contract": "C",
            "service_line": service,
            "activity_type": kind,
            "list_code": code,
            "units": count,
        }
        for code, count in units.items()
    ]


@pytest.mark.req(45, 46)
def test_clusters_go_by_practice_and_assessments_by_the_pattern_of_clusters() -> None:
    kinds = [
        activity("CLUSTER", "S1", 100),
        activity("CRISIS", "S1", 50),
        activity("ASSESS", "S2", 10),
    ]
    by_list = [
        *recorded({"P1": 60, "P3": 40}, "CLUSTER"),
        *recorded({"P1": 10, "P2": 40}, "CRISIS"),
    ]

    def proxy(kind: str, share: float) -> dict[str, Any]:
        return {
            "contract": "C",
            "activity_type": "ASSESS",
            "proxy_service_line": "S1",
            "proxy_activity_type": kind,
            "share": share,
            "agreed_by": "Clinical lead",
        }

    tables: dict[str, Rows] = {
        "contract_activity": kinds,
        "activity_by_list": by_list,
        "activity_proxies": [proxy("CLUSTER", 0.5), proxy("CRISIS", 0.5)],
    }
    budget = built(tables, population={"population_method": "activity_by_list"})
    inside = {
        entry.code: budget.current.in_scope.at(row, 0) / budget.current.spend.at(row, 0)
        for row, entry in enumerate(budget.current.lines.lines)
    }
    assert inside == pytest.approx(
        {"C.S1.CLUSTER": 0.6, "C.S1.CRISIS": 1.0, "C.S2.ASSESS": 0.5 * 0.6 + 0.5 * 1.0}
    )
    reasons = {entry.code: entry.grade_reason for entry in budget.current.lines.lines}
    assert "proxy" in reasons["C.S2.ASSESS"] or budget.current.lines.lines[2].grade == 3
    without = built(
        {**tables, "activity_proxies": []}, population={"population_method": "activity_by_list"}
    )
    assert without.current.unmapped.value.sum() == pytest.approx(400_000)
    with pytest.raises(InputProblems) as found:
        built(
            {**tables, "activity_proxies": [proxy("NOTHING", 1.0)]},
            population={"population_method": "activity_by_list"},
        )
    assert found.value.problems[-1].code == "proxy_unrecorded"


@pytest.mark.req(46)
def test_a_proxy_is_a_second_option() -> None:
    by_list = [*recorded({"P1": 100}, "HOME"), *recorded({"P1": 300}, "CLINIC")]
    proxy = [
        {
            "contract": "C",
            "activity_type": "CALL",
            "proxy_service_line": "S1",
            "proxy_activity_type": "HOME",
            "share": 1.0,
            "agreed_by": "Lead",
        }
    ]
    weights = [
        {"contract": "C", "activity_type": kind, "weight_source": "time_and_motion", "weight": 1}
        for kind in ("HOME", "CLINIC", "CALL")
    ]
    budget = built(
        {"activity_by_list": by_list, "activity_proxies": proxy, "cost_weights": weights},
        population={"population_method": "activity_by_list"},
        step_3="relative_resource",
    )
    assert {entry.activity_type: entry.grade for entry in budget.current.lines.lines} == {
        "HOME": 1,
        "CLINIC": 1,
        "CALL": 2,
    }


def actuals(s1: float, s2: float) -> list[dict[str, Any]]:
    return [
        {"contract": "C", "service_line": code, "actual_spend": value, "source": "ledger"}
        for code, value in (("S1", s1), ("S2", s2))
    ]


@pytest.mark.req(49)
def test_a_schedule_is_tested_against_actual_spend() -> None:
    assert result(built({"schedule_actuals": actuals(6100, 3950)}), "schedule_actual") == {"passed"}
    assert "schedule_actual" in codes(built({"schedule_actuals": actuals(5000, 5000)}))
    assert result(built(), "schedule_actual") == {"not checked"}


@pytest.mark.req(53)
def test_three_splits_stand_side_by_side() -> None:
    drivers = [
        {"contract": "C", "service_line": code, "driver": "WTE", "units": units}
        for code, units in (("S1", 10), ("S2", 30))
    ]
    budget = built({"schedule_lines": schedule(5000, 3000, 2000), "cost_drivers": drivers})
    found = {row["service_line"]: row for row in rows(budget, "non_service_splits")}
    assert (
        found["S1"]["cost_driver_pence"],
        found["S1"]["schedule_value_pence"],
        found["S1"]["equal_pence"],
    ) == (550_000, 625_000, 600_000)
    assert (
        found["S2"]["cost_driver_pence"],
        found["S2"]["schedule_value_pence"],
        found["S2"]["equal_pence"],
    ) == (450_000, 375_000, 400_000)
    assert found["S1"]["difference_pence"] == 75_000
    assert (
        rows(built({"schedule_lines": schedule(5000, 3000, 2000)}), "non_service_splits")[0][
            "cost_driver_pence"
        ]
        is None
    )
    assert rows(built(), "non_service_splits") == []


@pytest.mark.req(54)
def test_the_driver_used_was_chosen_from_those_thought_of() -> None:
    drivers = [
        {"contract": "C", "service_line": code, "driver": "WTE", "units": 10}
        for code in ("S1", "S2")
    ]

    def sheet(**chosen: bool) -> list[dict[str, Any]]:
        return [
            {
                "contract": "C",
                "cost_object": "service line",
                "driver": name,
                "relationship": "in proportion",
                "cost_per_unit": 40_000,
                "chosen": yes,
                "reason": "r",
            }
            for name, yes in chosen.items()
        ]

    base: dict[str, Rows] = {"schedule_lines": schedule(5000, 3000, 2000), "cost_drivers": drivers}
    fine = built(
        {**base, "cost_driver_candidates": sheet(WTE=True, Rooms=False)}, split="cost_driver"
    )
    assert result(fine, "driver_worksheet") == {"passed"}
    assert rows(fine, "cost_drivers")[0]["cost_per_unit_pence"] == 4_000_000
    assert "driver_worksheet" in codes(
        built({**base, "cost_driver_candidates": sheet(WTE=False, Rooms=True)}, split="cost_driver")
    )
    assert result(built(base, split="cost_driver"), "driver_worksheet") == {"not checked"}


@pytest.mark.req(55)
def test_a_schedule_is_compared_with_the_shape_of_cost_not_its_size() -> None:
    assert result(
        built({"provider_costs": costs(("S1", "direct", 12_000), ("S2", "direct", 8000))}),
        "schedule_shape",
    ) == {"passed"}
    assert "schedule_shape" in codes(
        built({"provider_costs": costs(("S1", "direct", 5000), ("S2", "direct", 5000))})
    )


@pytest.mark.req(57)
def test_education_and_research_are_left_out_where_they_can_be_told_apart() -> None:
    plain = costs(("S1", "direct", 3000), ("S2", "direct", 7000))
    without = built({"provider_costs": plain}, step_1="absorbed_cost")
    marked = built(
        {
            "provider_costs": (
                plain + costs(("S1", "education_and_training", 5000), ("", "research", 900))
            )
        },
        step_1="absorbed_cost",
    )
    absorbed = built(
        {"provider_costs": plain + costs(("S1", "indirect", 5000))}, step_1="absorbed_cost"
    )
    assert by_service(without) == by_service(marked) == pytest.approx({"S1": 3000, "S2": 7000})
    assert by_service(absorbed)["S1"] == pytest.approx(10_000 * 8 / 15)
    assert any(
        "£5,900" in row["evidence"]
        for row in rows(marked, "contract_checks")
        if row["check"] == "costs_left_out"
    )


@pytest.mark.req(58)
def test_costs_want_the_providers_assurance() -> None:
    shared: dict[str, Rows] = {
        "provider_costs": costs(("S1", "direct", 3000), ("S2", "direct", 7000))
    }
    assured = [
        {
            "contract": "C",
            "standard": "approved_costing_guidance",
            "confirmed": True,
            "confirmed_by": "Director",
            "confirmed_on": "2026-09-01",
            "evidence": "letter",
        }
    ]
    assert "costing_assurance" in codes(built(shared, step_1="absorbed_cost"))
    assert "costing_assurance" in codes(
        built(
            {**shared, "costing_assurance": [assured[0] | {"confirmed": False}]},
            step_1="absorbed_cost",
        )
    )
    assert "costing_assurance" not in codes(
        built({**shared, "costing_assurance": assured}, step_1="absorbed_cost")
    )
    assert "costing_assurance" not in codes(built(shared))


@pytest.mark.req(60)
def test_the_bias_of_direct_cost_is_sized() -> None:
    uneven = costs(
        ("S1", "direct", 4000),
        ("S2", "direct", 4000),
        ("S1", "overhead", 1000),
        ("S2", "overhead", 3000),
    )
    budget = built({"provider_costs": uneven}, step_1="direct_cost")
    assert "direct_cost_bias" in codes(budget)
    # S1: 5,000 of 10,000 by direct cost, 5/12 of it by absorbed: £833 too much.
    assert any("£833 more" in problem.what for problem in budget.problems)
    even = costs(
        ("S1", "direct", 4000),
        ("S2", "direct", 4000),
        ("S1", "overhead", 1000),
        ("S2", "overhead", 1000),
    )
    assert result(built({"provider_costs": even}, step_1="direct_cost"), "direct_cost_bias") == {
        "passed"
    }
    assert result(
        built({"provider_costs": even[:2]}, step_1="direct_cost"), "direct_cost_bias"
    ) == {"not checked"}


@pytest.mark.req(61)
def test_a_stale_schedule_is_written_again_by_costs() -> None:
    budget = built(
        {"provider_costs": costs(("S1", "direct", 3000), ("S2", "direct", 7000))},
        step_1="absorbed_cost",
    )
    assert [
        (row["service_line"], row["old_pence"], row["new_pence"], row["change_pence"])
        for row in rows(budget, "refreshed_schedules")
    ] == [("S1", 600_000, 300_000, -300_000), ("S2", 400_000, 700_000, 300_000)]
    assert rows(built(), "refreshed_schedules") == []


@pytest.mark.req(62, 92)
def test_an_undivided_contract_and_one_average_are_told_and_told_together() -> None:
    budget = built(step_1="undivided")
    assert {"undivided", "average"} <= set(codes(budget))
    entry = budget.current.lines.lines[0]
    assert entry.grade == 3
    assert "undivided" in entry.grade_reason
    assert "simple average" in entry.grade_reason
    assert any(
        "less sure still" in problem.what
        for problem in budget.problems
        if problem.code == "average"
    )
    assert "undivided" not in codes(built())
    weights = [
        {"contract": "C", "activity_type": kind, "weight_source": "time_and_motion", "weight": 1}
        for kind in ("HOME", "CLINIC", "CALL")
    ]
    harder = built({"cost_weights": weights}, step_1="undivided", step_3="relative_resource")
    assert any(
        "harder" in problem.what for problem in harder.problems if problem.code == "undivided"
    )


@pytest.mark.req(92)
def test_one_average_will_do_for_activity_of_like_cost() -> None:
    def national(*unit_costs: float) -> list[dict[str, Any]]:
        return [
            {
                "activity_type": kind,
                "category": kind,
                "unit_cost": cost,
                "collection_year": "2024-25",
            }
            for kind, cost in zip(("HOME", "CLINIC", "CALL"), unit_costs, strict=True)
        ]

    assert result(built({"national_unit_costs": national(50, 52, 48)}), "average") == {"passed"}
    assert "average" in codes(built({"national_unit_costs": national(50, 150, 10)}))
    one = built({"contract_activity": ACTIVITY[:1], "schedule_lines": schedule(10_000, 0)[:1]})
    assert result(one, "average") == {"passed"}


@pytest.mark.req(32)
def test_a_cross_subsidy_is_suspected_where_lines_stand_off_both_ways() -> None:
    budget = built({"provider_costs": costs(("S1", "direct", 3000), ("S2", "direct", 7000))})
    assert "cross_subsidy" in codes(budget)
    assert [row["by_cost_share_pence"] for row in rows(budget, "spend_and_cost")] == [
        300_000,
        700_000,
    ]
    assert result(
        built({"provider_costs": costs(("S1", "direct", 6100), ("S2", "direct", 3900))}),
        "cross_subsidy",
    ) == {"passed"}
    same = built(
        {"provider_costs": costs(("S1", "direct", 3000), ("S2", "direct", 7000))},
        step_1="absorbed_cost",
    )
    assert result(same, "cross_subsidy") == {"passed"}


def benchmark(*providers: tuple[str, float, float]) -> list[dict[str, Any]]:
    return [
        {"activity_type": kind, "benchmark_provider": name, "unit_cost": cost, "units": units}
        for kind in ("HOME", "CLINIC", "CALL")
        for name, cost, units in providers
    ]


@pytest.mark.req(30)
def test_lines_paid_below_cost_or_benchmark_are_listed() -> None:
    assert "under_funded" in codes(
        built({"provider_costs": costs(("S1", "direct", 7000), ("S2", "direct", 4000))})
    )
    assert result(
        built({"provider_costs": costs(("S1", "direct", 6000), ("S2", "direct", 4000))}),
        "under_funded",
    ) == {"passed"}
    assert "under_funded" in codes(built({"benchmark_costs": benchmark(("B1", 30.0, 10))}))
    assert result(built({"benchmark_costs": benchmark(("B1", 5.0, 10))}), "under_funded") == {
        "passed"
    }


@pytest.mark.req(64)
def test_sources_are_ranked_national_standards_first() -> None:
    mixed = [
        activity("HOME", "S1", 100, "local_report"),
        activity("CLINIC", "S1", 300, "sus"),
        activity("CALL", "S2", 600, "mh_clusters"),
    ]
    found = rows(
        built({"contract_activity": mixed}, step_2="local_information"), "activity_sources"
    )
    assert [(row["rank"], row["standard"]) for row in found] == [
        (1, "national"),
        (4, "national"),
        (6, "local"),
    ]


def profile(**more: Any) -> list[dict[str, Any]]:
    return [
        {
            "contract": "C",
            "relevance": "contacts are what patients feel",
            "judged_by": "Head of nursing",
            "control_total": 1000,
            "control_source": "community data set",
            "provenance": "audited",
            "level": "patient_pseudonym",
            "access_agreed": True,
            **more,
        }
    ]


@pytest.mark.req(65, 67)
@pytest.mark.parametrize("source", ["mhlds", "provider_internal"])
def test_patient_level_access_is_asked_for(source: str) -> None:
    tables: dict[str, Rows] = {
        "contract_activity": [entry | {"activity_source": source} for entry in ACTIVITY],
        "activity_by_list": recorded({"P1": 1}),
    }
    by_list = {"population_method": "activity_by_list"}
    assert "activity_access" in codes(built(tables, population=by_list))
    assert "activity_access" in codes(
        built({**tables, "dataset_profiles": profile(access_agreed=False)}, population=by_list)
    )
    assert "activity_access" not in codes(
        built({**tables, "dataset_profiles": profile()}, population=by_list)
    )
    assert "activity_access" not in codes(built(tables))


@pytest.mark.req(66, 67)
def test_local_reports_keep_their_dimensions_and_tie_to_the_activity_used() -> None:
    def report(first: float) -> list[dict[str, Any]]:
        each = (
            ("first", "home", "not_stated", first),
            ("follow_up", "phone", "not_stated", 60),
            ("referral", "other", "urgent", 999),
        )
        return [
            {
                "contract": "C",
                "activity_type": "HOME",
                "attendance": attendance,
                "location": place_of,
                "priority": priority,
                "units": units,
            }
            for attendance, place_of, priority, units in each
        ]

    local: dict[str, Rows] = {
        "contract_activity": [activity("HOME", "S1", 100, "local_report"), *ACTIVITY[1:]]
    }
    fine = built({**local, "local_reports": report(40)}, step_2="local_information")
    assert result(fine, "local_report") == {"passed"}
    assert rows(fine, "local_reports")[2]["priority"] == "urgent"
    assert "local_report" in codes(
        built({**local, "local_reports": report(50)}, step_2="local_information")
    )
    assert "local_report" in codes(
        built(
            {**local, "local_reports": [report(40)[0] | {"activity_type": "OTHER"}]},
            step_2="local_information",
        )
    )


def unit(kind: str, code: str, what: str = "contact", costed: bool = True) -> dict[str, Any]:
    return {
        "contract": "C",
        "activity_type": kind,
        "unit_code": code,
        "unit": what,
        "provider_costs_by_it": costed,
    }


def earlier(*units: float) -> list[dict[str, Any]]:
    return [
        {"contract": "C", "activity_type": "HOME", "year": f"20{22 + at}-{23 + at}", "units": count}
        for at, count in enumerate(units)
    ]


def minutes(kind: str, *times: float) -> list[dict[str, Any]]:
    return [
        {"contract": "C", "activity_type": kind, "observation": f"{kind}{at}", "minutes": time}
        for at, time in enumerate(times)
    ]


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        pytest.param(
            "box2_relevance",
            {"dataset_profiles": profile()},
            {"dataset_profiles": profile(judged_by="")},
            id="relevant",
            marks=pytest.mark.req(68),
        ),
        pytest.param(
            "box2_exclusive",
            {"unit_codes": [unit("HOME", "N1"), unit("CLINIC", "N2")]},
            {"unit_codes": [unit("HOME", "N1"), unit("CLINIC", "N1")]},
            id="exclusive",
            marks=pytest.mark.req(69),
        ),
        pytest.param(
            "box2_exhaustive",
            {"dataset_profiles": profile()},
            {"dataset_profiles": profile(control_total=1100)},
            id="exhaustive",
            marks=pytest.mark.req(70),
        ),
        pytest.param(
            "box2_alike",
            {"time_observations": minutes("HOME", 28, 30, 33)},
            {"time_observations": minutes("HOME", 5, 10, 90)},
            id="alike",
            marks=pytest.mark.req(71),
        ),
        pytest.param(
            "box2_consistent",
            {"unit_codes": [unit("HOME", "N1"), unit("HOME", "N2")]},
            {"unit_codes": [unit("HOME", "N1"), unit("HOME", "N2", "bed day")]},
            id="consistent",
            marks=pytest.mark.req(72),
        ),
        pytest.param(
            "box2_accuracy",
            {"dataset_profiles": profile()},
            {"dataset_profiles": profile(provenance="not_known")},
            id="assessable",
            marks=pytest.mark.req(73),
        ),
        pytest.param(
            "box2_years",
            {"activity_history": earlier(91, 94, 96, 98)},
            {"activity_history": earlier(60, 61, 62, 63)},
            id="years",
            marks=pytest.mark.req(74),
        ),
        pytest.param(
            "box2_level",
            {"dataset_profiles": profile()},
            {"dataset_profiles": profile(level="aggregate")},
            id="level",
            marks=pytest.mark.req(75),
        ),
        pytest.param(
            "box2_costing",
            {"unit_codes": [unit("HOME", "N1")]},
            {"unit_codes": [unit("HOME", "N1"), unit("CLINIC", "N2", costed=False)]},
            id="costing",
            marks=pytest.mark.req(76),
        ),
    ],
)
def test_each_of_the_nine_checks_passes_good_data_and_stops_at_bad(
    check: str, good: dict[str, Rows], bad: dict[str, Rows]
) -> None:
    assert result(built(good), check) == {"passed"}
    assert check in codes(built(bad))
    assert result(built(), check) == {"not checked"}


@pytest.mark.req(81)
def test_a_time_and_motion_sample_becomes_weights_with_an_interval() -> None:
    seen = [
        *minutes("HOME", 40, 44, 36),
        *minutes("CLINIC", 20, 22, 18),
        *minutes("CALL", 10, 11, 9),
    ]
    budget = built({"time_observations": seen}, step_3="relative_resource")
    assert line(budget, "C.S1.HOME") == pytest.approx(6000 * 100 * 40 / (100 * 40 + 300 * 20))
    found = {row["activity_type"]: row for row in rows(budget, "time_and_motion")}
    assert found["CLINIC"]["weight"] == pytest.approx(0.5)
    assert found["CLINIC"]["weight_error"] == pytest.approx(
        4.3027 * 0.5 * math.sqrt(4 / (3 * 400) + 16 / (3 * 1600))
    )
    assert "sample_small" in codes(budget)
    many = [
        entry
        for kind, time in (("HOME", 40), ("CLINIC", 20), ("CALL", 10))
        for entry in minutes(kind, *[time + at % 3 for at in range(30)])
    ]
    assert "sample_small" not in codes(
        built({"time_observations": many}, step_3="relative_resource")
    )
    with pytest.raises(InputProblems) as stopped:
        built({"time_observations": seen[:6]}, step_3="relative_resource")
    assert stopped.value.problems[-1].code == "weight_missing"


def weighed(source: str, *weights: float) -> dict[str, Rows]:
    return {
        "cost_weights": [
            {"contract": "C", "activity_type": kind, "weight_source": source, "weight": weight}
            for kind, weight in zip(("HOME", "CLINIC", "CALL"), weights, strict=True)
        ]
    }


@pytest.mark.req(82)
def test_weights_want_the_sign_off_of_care_professionals() -> None:
    def signed(tracks: bool) -> list[dict[str, Any]]:
        return [
            {
                "contract": "C",
                "question": question,
                "answer": answer,
                "signed_by": "Head of nursing",
                "signed_on": "2026-10-01",
                "comment": "travel is left out",
            }
            for question, answer in (
                ("sample_representative", True),
                ("factor_tracks_cost", tracks),
            )
        ]

    own = weighed("time_and_motion", 1, 2, 3)
    assert codes(built(own, step_3="relative_resource")).count("weights_unsigned") == 2
    assert {"weights_unsigned", "weights_doubted"}.isdisjoint(
        codes(built({**own, "sign_offs": signed(True)}, step_3="relative_resource"))
    )
    assert "weights_doubted" in codes(
        built({**own, "sign_offs": signed(False)}, step_3="relative_resource")
    )


@pytest.mark.req(83)
def test_own_reference_costs_are_a_second_option_and_want_to_be_confirmed() -> None:
    own = weighed("own_reference_costs", 40, 20, 10)
    budget = built(
        {**own, "benchmark_costs": benchmark(("B1", 20.0, 10))}, step_3="relative_resource"
    )
    assert {entry.grade for entry in budget.current.lines.lines} == {2}
    assert "own_costs" in codes(budget)
    assert any("0.50 to 2.00 times the benchmark" in problem.what for problem in budget.problems)
    assert {row["activity_type"]: row["own_pence"] for row in rows(budget, "benchmark_means")} == {
        "HOME": 4000,
        "CLINIC": 2000,
        "CALL": 1000,
    }
    assured = [
        {
            "contract": "C",
            "standard": "mandatory_costing_standards",
            "confirmed": True,
            "confirmed_by": "Director",
            "confirmed_on": "2026-09-01",
            "evidence": "audit",
        }
    ]
    assert result(
        built({**own, "costing_assurance": assured}, step_3="relative_resource"), "own_costs"
    ) == {"passed"}
    assert line(budget, "C.S1.HOME") == pytest.approx(6000 * 100 * 40 / (100 * 40 + 300 * 20))


@pytest.mark.req(86)
def test_a_benchmark_is_judged_and_both_means_are_shown() -> None:
    def like(**same: bool) -> list[dict[str, Any]]:
        return [
            {
                "benchmark_provider": name,
                "similar_cost_structure": True,
                "similar_casemix": same.get(name, True),
                "costs_reliable": True,
                "judged_by": "Costing lead",
            }
            for name in ("B1", "B2")
        ]

    near: dict[str, Rows] = {"benchmark_costs": benchmark(("B1", 20.0, 100), ("B2", 22.0, 300))}
    fine = built({**near, "benchmark_providers": like()}, step_3="benchmark_weighted")
    assert {"benchmark_fit", "benchmark_means"}.isdisjoint(codes(fine))
    assert (
        rows(fine, "benchmark_means")[0]["unweighted_pence"],
        rows(fine, "benchmark_means")[0]["weighted_pence"],
    ) == (2100, 2150)
    assert "benchmark_fit" in codes(
        built({**near, "benchmark_providers": like(B2=False)}, step_3="benchmark_unweighted")
    )
    assert "benchmark_fit" in codes(
        built({**near, "benchmark_providers": like()[:1]}, step_3="benchmark_unweighted")
    )
    far: dict[str, Rows] = {"benchmark_costs": benchmark(("B1", 20.0, 100), ("B2", 60.0, 900))}
    assert "benchmark_means" in codes(built(far, step_3="benchmark_weighted"))


@pytest.mark.req(89)
def test_a_local_factor_far_from_one_and_poor_submissions_are_told() -> None:
    def national(unit_cost: float) -> list[dict[str, Any]]:
        return [
            {
                "activity_type": kind,
                "category": kind,
                "unit_cost": unit_cost,
                "collection_year": "2024-25",
            }
            for kind in ("HOME", "CLINIC", "CALL")
        ]

    even: dict[str, Rows] = {
        "national_unit_costs": national(10),
        "schedule_lines": schedule(4000, 6000),
    }
    assert result(built(even, step_3="national_reference_costs"), "national_factor") == {"passed"}
    assert "national_factor" in codes(
        built({**even, "national_unit_costs": national(5)}, step_3="national_reference_costs")
    )
    poor = [{"activity_type": "HOME", "poor_submissions": 0.4, "source": "audit"}]
    assert "national_poor" in codes(
        built({**even, "national_cost_quality": poor}, step_3="national_reference_costs")
    )
    assert result(
        built(
            {**even, "national_cost_quality": [poor[0] | {"poor_submissions": 0.1}]},
            step_3="national_reference_costs",
        ),
        "national_poor",
    ) == {"passed"}


@pytest.mark.req(90)
def test_other_unit_costs_serve_as_weights() -> None:
    budget = built(weighed("other_unit_costs", 45, 15, 9), step_3="other_unit_costs")
    assert line(budget, "C.S1.HOME") == pytest.approx(6000 * 100 * 45 / (100 * 45 + 300 * 15))
    assert {entry.grade for entry in budget.current.lines.lines} == {2}


@pytest.mark.req(100)
def test_spend_per_patient_is_banded_and_small_groups_are_left_out() -> None:
    registers = [
        {"list_code": code, "condition": condition, "patients": count}
        for code in ("P1", "P2", "P3", "UNREG")
        for condition, count in (
            ("diabetes", 50 if code != "UNREG" else 0),
            ("rare", 2 if code == "P1" else 0),
        )
    ]
    mapping = [
        {
            "contract": "C",
            "activity_type": kind,
            "condition": condition,
            "share": 1.0,
            "clinician_source": "Lead",
        }
        for kind, condition in (("HOME", "diabetes"), ("CLINIC", "diabetes"), ("CALL", "rare"))
    ]
    budget = built(
        {"condition_registers": registers, "patient_group_mapping": mapping},
        population={"population_method": "patient_groups"},
    )
    found = {row["condition"]: row for row in rows(budget, "patient_groups")}
    assert (found["diabetes"]["patients"], found["diabetes"]["spend_per_patient"]) == (
        150,
        "£0 to £50",
    )
    assert (found["rare"]["patients"], found["rare"]["spend_per_patient"]) == (
        None,
        "left out: fewer than 10 patients",
    )
    note = next(section.note for section in budget.sections if section.name == "patient_groups")
    assert "not what any one person costs" in note
    assert (band(4_999), band(5_000), band(2_000_000)) == (
        "£0 to £50",
        "£50 to £100",
        "£10,000 or more",
    )
