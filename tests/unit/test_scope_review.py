"""The checks of the scope: each trips on input that should trip it, and passes on input that
shouldn't.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from tests.models import Rows, calculated, direct, place
from wpb.kernel.problems import InputProblems
from wpb.run import Budget
from wpb.scope.footprints import boundary_factors
from wpb.scope.neighbourhoods import neighbourhood_sizes
from wpb.scope.population_path import population_modes, population_update_is_automatic
from wpb.scope.population_size import budget_variation, least_people
from wpb.scope.risks import EFFECTS, HANDBOOK_BEARERS
from wpb.tables.records import Section
from wpb.tables.scope_records import MECHANISM_SETTINGS

FLAT = {"growth_category": "FLAT"}
TWO_SERVICES: list[dict[str, Any]] = [
    {"service_line": "S1", "name": "Community nursing", "scope": "in", **FLAT},
    {"service_line": "S2", "name": "Emergency beds", "scope": "out", **FLAT},
]
SPEND = [direct("A", 1000), direct("B", 500, service_line="S2")]


def built(tables: Mapping[str, Rows] | None = None, **changes: Any) -> Budget:
    return calculated(
        place(service_lines=TWO_SERVICES, direct_spend=SPEND, **(tables or {})), **changes
    )


def codes(budget: Budget) -> list[str]:
    return [problem.code for problem in budget.problems]


def section(budget: Budget, name: str) -> Section:
    return next(found for found in budget.sections if found.name == name)


def rows(budget: Budget, name: str) -> list[dict[str, Any]]:
    found = section(budget, name)
    return [
        dict(zip((column.name for column in found.columns), row, strict=True)) for row in found.rows
    ]


def stopped(tables: Mapping[str, Rows]) -> list[str]:
    with pytest.raises(InputProblems) as found:
        built(tables)
    return [problem.code for problem in found.value.problems if problem.severity == "error"]


@pytest.mark.req(4)
def test_services_that_influence_one_another_across_the_edge_are_named_with_their_spend() -> None:
    tripped = built(
        {
            "service_interactions": [
                {
                    "service_line": "S1",
                    "influences": "S2",
                    "strength": "high",
                    "how": "nurses keep people at home",
                }
            ]
        }
    )
    assert "scope_width" in codes(tripped)
    (exposure,) = rows(tripped, "scope_width")
    assert (exposure["outside"], exposure["inside"], exposure["spend_outside_pence"]) == (
        "S2",
        "S1",
        50_000,
    )
    both_in = [row | {"scope": "in"} for row in TWO_SERVICES]
    fine = calculated(
        place(
            service_lines=both_in,
            direct_spend=SPEND,
            service_interactions=[
                {"service_line": "S1", "influences": "S2", "strength": "high", "how": "nurses"}
            ],
        )
    )
    assert "scope_width" not in codes(fine)


@pytest.mark.req(4)
def test_a_service_outside_that_the_model_influences_is_an_exposure() -> None:
    marked = [TWO_SERVICES[0], TWO_SERVICES[1] | {"influenced_by_model": True}]
    assert "scope_width" in codes(calculated(place(service_lines=marked, direct_spend=SPEND)))


@pytest.mark.req(47)
def test_only_sub_services_that_the_model_can_influence_are_in() -> None:
    lines = [
        TWO_SERVICES[0] | {"scope": "influenced", "influenced_by_model": True},
        TWO_SERVICES[1] | {"scope": "influenced", "influenced_by_model": False},
    ]
    budget = calculated(place(service_lines=lines, direct_spend=SPEND))
    assert budget.baseline.value.sum() == pytest.approx(1000 * 100 * 0.9)
    with pytest.raises(InputProblems) as found:
        calculated(
            place(
                service_lines=[lines[0] | {"influenced_by_model": None}, lines[1]],
                direct_spend=SPEND,
            )
        )
    assert found.value.problems[-1].code == "influence_missing"


@pytest.mark.req(5)
def test_chance_moves_a_small_budget_more_than_a_large_one() -> None:
    assert budget_variation(3.0, 9_000_000) == pytest.approx(0.001)
    assert budget_variation(3.0, least_people(3.0, 0.01)) == pytest.approx(0.01)
    small = built({"cost_variation": [{"person_variation": 3.0, "source": "study"}]})
    assert "population_size" in codes(small)
    (row,) = rows(small, "population_size")
    assert row["people"] == 9000
    assert row["budget_variation"] == pytest.approx(3 / math.sqrt(9000))
    assert row["least_people"] == 90_000
    assert "population_size" not in codes(
        built({"cost_variation": [{"person_variation": 0.5, "source": "study"}]})
    )


@pytest.mark.req(5)
def test_variation_by_service_is_joined_by_spend() -> None:
    lines = [row | {"scope": "in"} for row in TWO_SERVICES]
    variation = [
        {"service_line": "S1", "person_variation": 2.0, "source": "study"},
        {"service_line": "S2", "person_variation": 4.0, "source": "study"},
    ]
    budget = calculated(
        place(
            service_lines=lines,
            direct_spend=[direct("A", 1000), direct("B", 1000, service_line="S2")],
            cost_variation=variation,
        )
    )
    assert rows(budget, "population_size")[0]["person_variation"] == pytest.approx(
        math.sqrt(2**2 + 4**2) / 2
    )


@pytest.mark.req(6)
def test_neighbourhoods_are_natural_communities() -> None:
    def lists(people: float, named: str = "N") -> list[dict[str, Any]]:
        return [
            {
                "list_code": "P1",
                "name": "One",
                "kind": "practice",
                "commissioner": "ICB",
                "participation": "full",
                "population": people,
                "neighbourhood": "N",
            },
            {
                "list_code": "P2",
                "name": "Two",
                "kind": "practice",
                "commissioner": "ICB",
                "participation": "full",
                "population": 20_000,
                "neighbourhood": named,
            },
        ]

    right = built({"gp_lists": lists(20_000)})
    assert "neighbourhood_size" not in codes(right)
    assert neighbourhood_sizes(right.model) == {"N": (2, 40_000)}
    assert "neighbourhood_size" in codes(built({"gp_lists": lists(31_000)}))
    assert "neighbourhood_size" in codes(built({"gp_lists": lists(9_000)}))
    assert "neighbourhood_missing" in codes(built({"gp_lists": lists(30_000, "")}))
    wider = [{"limit": "neighbourhood_largest", "value": 60_000, "reason": "a rural place"}]
    assert "neighbourhood_size" not in codes(
        built({"gp_lists": lists(31_000), "check_limits": wider})
    )


def council_lists(elsewhere: float = 4000) -> dict[str, Rows]:
    lists = [
        *place()["gp_lists"],
        {
            "list_code": "AWAY",
            "name": "Residents registered elsewhere",
            "kind": "elsewhere",
            "participation": "none",
            "population": 4000,
        },
    ]
    prints = [
        {"organisation": "COUNCIL", "list_code": code, "residents": n}
        for code, n in (("P1", 6000), ("P2", 2000), ("P3", 1000), ("AWAY", elsewhere))
        if n
    ]
    return {"gp_lists": lists, "footprints": prints}


@pytest.mark.req(14)
def test_a_council_with_residents_elsewhere_is_cut_by_residents() -> None:
    care = direct(
        "C",
        1300,
        commissioner="COUNCIL",
        funding_stream="care",
        population_method="boundary_carve_out",
    )
    budget = calculated(place(**council_lists(), service_lines=TWO_SERVICES, direct_spend=[care]))
    (boundary,) = boundary_factors(budget.model, budget.scope)
    assert boundary.spend_factor == pytest.approx(8000 / 13_000)
    assert boundary.population_factor == pytest.approx(8000 / 9000)
    assert budget.baseline.value.sum() == pytest.approx(1300 * 100 * 8000 / 13_000)
    assert "boundary" not in codes(budget)
    loose = calculated(
        place(
            **council_lists(),
            service_lines=TWO_SERVICES,
            direct_spend=[care | {"population_method": "population_carve_out"}],
        )
    )
    assert "boundary" in codes(loose)


@pytest.mark.req(14)
def test_footprints_that_cannot_be_are_refused() -> None:
    tables = council_lists()
    tables["footprints"] = [{"organisation": "COUNCIL", "list_code": "P1", "residents": 6001}]
    assert stopped(tables) == ["footprint_larger_than_list"]
    with pytest.raises(InputProblems) as found:
        calculated(place(direct_spend=[direct("C", 1, population_method="boundary_carve_out")]))
    assert found.value.problems[-1].code == "footprint_missing"


@pytest.mark.req(8, 9)
def test_each_risk_has_its_bearer() -> None:
    usual = [
        {"risk": risk, "bearer": bearer, "reason": "as usual"}
        for risk, bearer in HANDBOOK_BEARERS.items()
    ]
    fine = built({"risk_bearers": usual})
    assert {"risk_bearer", "risk_missing"}.isdisjoint(codes(fine))
    assert {row["risk"]: row["bearer"] for row in rows(fine, "risk_register")}[
        "population size"
    ] == "commissioner"
    assert "risk_bearer" in codes(
        built({"risk_bearers": [row | {"bearer": "provider"} for row in usual]})
    )
    assert "risk_missing" in codes(built({"risk_bearers": usual[:-1]}))


@pytest.mark.req(10)
@pytest.mark.parametrize(
    ("mechanism", "keeps", "moves", "risk"),
    [
        ("population_update", "registered_weighted", "registered_headcount", "population need"),
        ("gain_loss_sharing", "none", "population_size", "population size"),
        ("inflation_update", "published_index", "provider_actual_cost", "efficiency"),
        ("activity_paid_elements", "public_health_only", "wide", "utilisation"),
    ],
)
def test_a_mechanism_leaves_each_risk_with_its_bearer_or_is_named(
    mechanism: str, keeps: str, moves: str, risk: str
) -> None:
    assert "risk_mechanism" not in codes(
        built({"mechanisms": [{"mechanism": mechanism, "setting": keeps, "reason": "agreed"}]})
    )
    tripped = [
        problem.what
        for problem in built(
            {"mechanisms": [{"mechanism": mechanism, "setting": moves, "reason": "agreed"}]}
        ).problems
        if problem.code == "risk_mechanism"
    ]
    assert any(risk in words for words in tripped)


@pytest.mark.req(10)
def test_sharing_agreed_in_the_register_is_no_conflict_and_strange_settings_are_refused() -> None:
    shared = [
        {
            "risk": risk,
            "bearer": "shared" if risk in ("utilisation", "volatility") else bearer,
            "reason": "transition",
        }
        for risk, bearer in HANDBOOK_BEARERS.items()
    ]
    sharing = [
        {"mechanism": "gain_loss_sharing", "setting": "fixed_price_activity", "reason": "agreed"}
    ]
    assert "risk_mechanism" not in codes(built({"risk_bearers": shared, "mechanisms": sharing}))
    assert "risk_mechanism" in codes(built({"mechanisms": sharing}))
    assert stopped(
        {"mechanisms": [{"mechanism": "gain_loss_sharing", "setting": "wide", "reason": "?"}]}
    ) == ["mechanism_setting"]
    assert set(EFFECTS) == {
        (mechanism, setting)
        for mechanism, settings in MECHANISM_SETTINGS.items()
        for setting in settings
    }


def answered(checklist: str, items: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "checklist": checklist,
            "item": item,
            "answer": answer,
            "statement": "so",
            "owner": "us",
            "answered_on": "2026-10-01",
        }
        for item, answer in items.items()
    ]


FEATURES = dict.fromkeys(
    (
        "scope_covered",
        "payment_unlinked",
        "payment_aligned",
        "prevention_rewarded",
        "system_managed",
    ),
    "yes",
)
CHARACTERISTICS = dict.fromkeys(
    ("predictability", "accountability_flexibility", "risk_and_reward"), "yes"
)
READY = dict.fromkeys(
    (
        "case_for_change",
        "care_model_designed",
        "scope_specified",
        "data_available",
        "shadow_tested",
        "provider_payments",
        "essential_jobs_done",
    ),
    "yes",
)


@pytest.mark.req(11, 12)
@pytest.mark.parametrize(
    ("checklist", "items"), [("features", FEATURES), ("characteristics", CHARACTERISTICS)]
)
def test_features_and_characteristics_are_stated(checklist: str, items: dict[str, str]) -> None:
    met = built({"checklist_answers": answered(checklist, items)})
    assert f"checklist_{checklist}" not in codes(met)
    assert sum(row["answer"] == "yes" for row in rows(met, "checklists")) == len(items)
    partly = items | {next(iter(items)): "partly"}
    assert f"checklist_{checklist}" in codes(
        built({"checklist_answers": answered(checklist, partly)})
    )
    assert stopped({"checklist_answers": answered(checklist, {"predictabilty": "yes"})}) == [
        "checklist_item"
    ]


@pytest.mark.req(15)
def test_the_gate_opens_when_every_enabler_and_all_ten_jobs_are_done() -> None:
    jobs = answered("essential_jobs", {f"job{number}": "yes" for number in range(1, 11)})
    assert "readiness" not in codes(
        built({"checklist_answers": [*answered("readiness", READY), *jobs]})
    )
    assert "readiness" in codes(
        built({"checklist_answers": [*answered("readiness", READY), *jobs[:-1]]})
    )
    assert "readiness" in codes(
        built(
            {"checklist_answers": [*answered("readiness", READY | {"data_available": "no"}), *jobs]}
        )
    )


def mode(year: str, name: str, **more: str) -> dict[str, str]:
    return {"from_year": year, "mode": name, "reason": "agreed", **more}


@pytest.mark.req(3, 16)
def test_a_segment_matures_into_the_whole_population_and_then_people_one_by_one() -> None:
    path = [
        mode("2027-28", "segment", segment="frail people"),
        mode("2028-29", "whole_population"),
        mode("2029-30", "person_level", linked_data="linked records from 2028"),
    ]
    budget = built({"population_modes": path})
    assert list(population_modes(budget.model).values()) == [
        "segment",
        "whole_population",
        "person_level",
    ]
    assert [population_update_is_automatic(budget.model, year) for year in budget.years] == [
        False,
        False,
        True,
    ]
    assert "population_path" not in codes(budget)
    assert set(population_modes(built().model).values()) == {"whole_population"}
    assert "population_path" in codes(built({"population_modes": path[:1]}))
    assert "population_path" in codes(
        built(
            {
                "population_modes": [
                    mode("2027-28", "whole_population"),
                    path[0] | {"from_year": "2028-29"},
                ]
            }
        )
    )


@pytest.mark.req(3, 16)
def test_a_path_that_says_too_little_is_refused() -> None:
    assert stopped({"population_modes": [mode("2027-28", "segment")]}) == ["segment_missing"]
    assert stopped({"population_modes": [mode("2027-28", "person_level")]}) == [
        "linked_data_missing"
    ]
    assert stopped({"population_modes": [mode("2040-41", "whole_population")]}) == ["mode_year"]


@pytest.mark.req(13)
def test_per_head_is_derived_and_nothing_is_made_from_it() -> None:
    budget = built()
    (row,) = rows(budget, "per_head")
    assert row["derived_per_head_pence"] == round(1000 * 100 * 0.9 / 9000)
    assert "An indicator only" in section(budget, "per_head").note
    doubled = [entry | {"population": entry["population"] * 2} for entry in place()["gp_lists"]]
    twice = built({"gp_lists": doubled})
    assert twice.baseline.value.sum() == budget.baseline.value.sum()
    assert rows(twice, "per_head")[0]["derived_per_head_pence"] == row["derived_per_head_pence"] / 2


@pytest.mark.req(17)
def test_evaluation_needs_current_activity_quality_and_cost() -> None:
    def figures(
        year: str, kinds: tuple[str, ...] = ("activity", "quality", "cost")
    ) -> list[dict[str, Any]]:
        return [
            {
                "measure": f"m-{kind}",
                "measure_kind": kind,
                "period": year,
                "figure": 5,
                "unit": "each",
                "data_source": "returns",
            }
            for kind in kinds
        ]

    fine = built({"evaluation_series": figures("2026-27")})
    assert "evaluation" not in codes(fine)
    assert [row["measure"] for row in rows(fine, "evaluation")] == [
        "m-activity",
        "m-cost",
        "m-quality",
    ]
    assert "evaluation" in codes(built({"evaluation_series": figures("2024-25")}))
    assert "evaluation" in codes(
        built({"evaluation_series": figures("2026-27", ("activity", "cost"))})
    )


@pytest.mark.req(1)
def test_every_check_that_was_not_made_says_what_it_needs() -> None:
    unchecked = [row for row in rows(built(), "scope_checks") if row["status"] == "not checked"]
    assert {row["check"] for row in unchecked} >= {
        "population_size",
        "neighbourhood_size",
        "risk_bearer",
        "risk_mechanism",
        "readiness",
        "evaluation",
    }
    assert all(row["evidence"] for row in unchecked)
