"""The population update: only the difference from plan, size and composition apart, and what may
not move money.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.live_models import (
    YEARS,
    counts,
    event,
    live,
    live_model,
    live_tables,
    moved,
    refused,
    wpb,
)
from tests.models import book, make
from wpb.contract.count_checks import check_planned
from wpb.contract.people import Counts
from wpb.contract.population_update import blended, credibility, full_people
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.live import live_contract
from wpb.present.together import in_turn_or_together
from wpb.present.update_view import chosen_update, update_figures

U1 = event("U1", "population_update", "2027-07-01", "2027-07-10")


def counted(
    changes: dict[tuple[str, str], float], day: str = "2027-07-01", known: str = "2027-07-05"
) -> list[dict[str, Any]]:
    return list(counts(day, changes, known))


@pytest.mark.req(234, 238, 244)
def test_only_the_difference_from_what_was_planned_is_paid() -> None:
    assert moved(live([U1], population_counts=counted({})), "U1") == [0, 0, 0]
    contract = live([U1], population_counts=counted({("P1", "ill"): 10, ("P2", "well"): -4}))
    # 10 x (200 + 40) - 4 x (50 + 10) = 2,160 a year; 275 of 366 days in the first.
    assert moved(contract, "U1") == [162_295, 216_000, 216_000]
    planned = [
        {
            "basis": "planned",
            "count_date": "2028-04-01",
            "list_code": code,
            "patient_type": kind,
            "people": people,
            "known_on": "2027-01-10",
        }
        for code, kind, people in (
            ("P1", "well", 5000),
            ("P1", "ill", 1366),
            ("P2", "well", 2500),
            ("P2", "ill", 500),
        )
    ]
    grown = live([U1], population_counts=[*counted({("P1", "ill"): 91}), *planned])
    # Planned people grow in a straight line by days: 366 more over 366 days is 91 more after 91
    # days.
    assert moved(grown, "U1") == [0, 0, 0]


@pytest.mark.req(235, 237)
def test_size_and_composition_are_told_apart_and_the_average_shows_its_error() -> None:
    contract = live([U1], population_counts=counted({("P1", "ill"): 10, ("P2", "well"): -4}))
    found = {row["cell"]: row for row in update_figures(contract, "U1")["yearly_effect"]}
    # Average of core: (7,500 x 50 + 1,500 x 200) / 9,000 = 75; six more people are 450 of the
    # 1,800.
    assert (
        found["ICB.core"]["size_pence"],
        found["ICB.core"]["composition_pence"],
        found["ICB.core"]["total_pence"],
    ) == (45_000, 135_000, 180_000)
    assert (
        update_figures(contract, "U1")["average_per_head"]["likely_error_pence"] == 135_000 + 27_000
    )
    by_head = live(
        [U1],
        {"value_method": "average_per_head"},
        population_counts=counted({("P1", "ill"): 10, ("P2", "well"): -4}),
    )
    assert moved(by_head, "U1")[1] == 6 * (75_00 + 15_00)


@pytest.mark.req(245)
def test_thin_types_are_flagged_or_blended_by_credibility() -> None:
    assert credibility(250, 1000) == 0.5
    assert credibility(5000, 1000) == 1
    assert blended(200.0, 75.0, 0.5) == 137.5
    values = [
        {
            "patient_type": kind,
            "funding_stream": "core",
            "year": year,
            "value": value,
            "people_behind": behind,
            "agreed_on": "2027-02-01",
            "source": "t",
        }
        for kind, value, behind in (("well", 50, 9000), ("ill", 200, 250))
        for year in YEARS
    ]
    values += [
        row | {"funding_stream": "care", "value": 0, "people_behind": 9000} for row in values
    ]
    people = counted({("P1", "ill"): 10})
    flagged = live([U1], type_values=values, population_counts=people)
    assert [
        (t["patient_type"], t["credibility"]) for t in update_figures(flagged, "U1")["thin_types"]
    ] == [("ill", 0.5)]
    assert moved(flagged, "U1")[1] == 10 * 200_00
    assert (
        moved(
            live([U1], {"thin_types": "blend"}, type_values=values, population_counts=people), "U1"
        )[1]
        == 10 * 137_50
    )
    # a mean cost that varies twice as much as its mean needs four times the people
    wide = [row | {"cost_variation": 2} for row in values]
    assert full_people(1082, 2) == 4 * 1082
    assert [
        (t["patient_type"], t["credibility"])
        for t in update_figures(live([U1], type_values=wide, population_counts=people), "U1")[
            "thin_types"
        ]
    ] == [("ill", 0.25)]


@pytest.mark.req(240)
@pytest.mark.parametrize(
    ("cause", "paid"),
    [
        ("case_finding", 18_000),
        ("unavoidable_change", 18_000),
        ("avoidable_deterioration", 0),
        ("recoding", 0),
    ],
)
def test_change_of_health_status_moves_money_only_where_it_may(cause: str, paid: int) -> None:
    movements = [
        {
            "count_date": "2027-07-01",
            "list_code": "P1",
            "cause": cause,
            "patient_type": "well",
            "to_type": "ill",
            "people": 1,
        }
    ]
    contract = live(
        [U1],
        patient_movements=movements,
        population_counts=counted({("P1", "well"): -1, ("P1", "ill"): 1}),
    )
    assert moved(contract, "U1")[1] == paid


@pytest.mark.req(240)
def test_improving_health_takes_nothing_away_then_or_later() -> None:
    movements = [
        {
            "count_date": "2027-07-01",
            "list_code": "P1",
            "cause": "health_improvement",
            "patient_type": "ill",
            "to_type": "well",
            "people": 30,
        }
    ]
    changes = {("P1", "well"): 30.0, ("P1", "ill"): -30.0}
    events = [U1, event("U2", "population_update", "2027-10-01", "2027-10-10")]
    contract = live(
        events,
        patient_movements=movements,
        population_counts=[*counted(changes), *counted(changes, "2027-10-01", "2027-10-05")],
    )
    assert wpb(contract) == [126_000_000] * 3


@pytest.mark.req(236)
def test_a_second_update_for_a_quarter_is_refused_and_one_in_the_next_is_not() -> None:
    again = event("U2", "population_update", "2027-09-01", "2027-09-10")
    assert "2027-28 Q2" in refused(
        "second_update",
        [U1, again],
        population_counts=[*counted({}), *counted({}, "2027-09-01", "2027-09-05")],
    )
    refused(
        "second_update",
        [U1, event("U2", "population_update", "2027-10-01", "2027-10-10")],
        {"update_frequency": "annual"},
        population_counts=[*counted({}), *counted({}, "2027-10-01", "2027-10-05")],
    )
    refused(
        "update_date",
        [event("U2", "population_update", "2027-09-01", "2027-09-10")],
        population_counts=counted({}, "2027-09-01", "2027-09-05"),
    )


@pytest.mark.req(241)
def test_in_transition_an_update_needs_agreement_and_when_mature_none() -> None:
    assert "transition" in refused(
        "update_not_agreed", [U1], {"update_mode": "transition"}, population_counts=counted({})
    )
    agreed = U1 | {"agreed_by": "Board"}
    assert (
        live([agreed], {"update_mode": "transition"}, population_counts=counted({}))
        .history.versions[-1]
        .event
        == "U1"
    )


@pytest.mark.req(238)
def test_without_a_planned_population_an_update_is_refused() -> None:
    tables = live_tables([U1])
    tables["population_counts"] = [
        dict(row, known_on="2027-06-01") for row in tables["population_counts"]
    ] + counted({})
    with pytest.raises(InputProblems) as stopped:
        live_contract(make(tables), book())
    errors = [problem for problem in stopped.value.problems if problem.severity == "error"]
    assert {problem.code for problem in errors} == {"no_planned_population"}
    assert "allocation" in errors[0].fix


def test_lists_that_do_not_sum_are_refused() -> None:
    totals = [
        {"count_date": "2027-07-01", "list_code": "P1", "people": 6001, "known_on": "2027-07-05"}
    ]
    assert "6000" in refused(
        "list_does_not_sum", [U1], population_counts=counted({}), list_totals=totals
    )
    totals[0]["people"] = 6000
    assert moved(live([U1], population_counts=counted({}), list_totals=totals), "U1") == [0, 0, 0]


@pytest.mark.req(238, 243)
def test_a_merger_needs_its_map_and_then_moves_no_money() -> None:
    merged = [
        row
        for row in counted({("P1", "well"): 2500, ("P1", "ill"): 500})
        if row["list_code"] == "P1"
    ]
    assert "P2" in refused("merger_missing", [U1], population_counts=merged)
    change = [
        {
            "list_code": "P2",
            "change": "merged",
            "successor": "P1",
            "share": 1,
            "effective_on": "2027-06-01",
        }
    ]
    assert moved(live([U1], population_counts=merged, list_changes=change), "U1") == [0, 0, 0]
    opened = [
        *counted({}),
        {
            "basis": "registered",
            "count_date": "2027-07-01",
            "list_code": "P9",
            "patient_type": "well",
            "people": 40,
            "known_on": "2027-07-05",
        },
    ]
    change = [
        {
            "list_code": "P9",
            "change": "opened",
            "share": 1,
            "effective_on": "2027-06-01",
            "commissioner": "ICB",
            "participation": "partial",
        }
    ]
    assert moved(live([U1], population_counts=opened, list_changes=change), "U1")[1] == 40 * 60_00


@pytest.mark.req(239)
def test_the_commissioners_contingency_is_drawn_down_and_may_run_out() -> None:
    funds = [
        {"commissioner": "ICB", "year": "2027-28", "amount": 1_000},
        {"commissioner": "COUNCIL", "year": "2027-28", "amount": 1_000},
    ]
    contract = live([U1], contingencies=funds, population_counts=counted({("P1", "ill"): 10}))
    found = {row["commissioner"]: row for row in update_figures(contract, "U1")["contingency"]}
    assert (found["ICB"]["drawn_pence"], found["ICB"]["left_pence"]) == (150_273, 100_000 - 150_273)
    assert "not enough" in found["ICB"]["words"]
    assert found["COUNCIL"]["words"] == "enough"


@pytest.mark.req(238)
def test_a_corrected_count_takes_the_place_of_the_first_and_needs_an_event() -> None:
    fixed = counts("2027-07-01", {("P1", "ill"): 8}, "2027-08-20")
    people = [*counted({("P1", "ill"): 10}), *fixed]
    assert moved(live([U1], population_counts=people), "U1")[1] == 10 * 240_00
    contract = live(
        [U1, event("C1", "correction", "2027-07-01", "2027-08-21", refers_to="U1")],
        population_counts=people,
    )
    assert moved(contract, "C1")[1] == -2 * 240_00
    refused(
        "not_correctable", [event("C1", "correction", "2027-07-01", "2027-08-21", refers_to="A1")]
    )
    refused(
        "event_unknown", [event("C1", "correction", "2027-07-01", "2027-08-21", refers_to="U7")]
    )


@pytest.mark.req(244)
def test_two_updates_in_one_go_or_in_turn_come_to_the_same_value() -> None:
    second = event("U2", "population_update", "2027-10-01", "2027-10-10")
    people = [
        *counted({("P1", "ill"): 10}),
        *counted({("P1", "ill"): 25, ("P2", "well"): 3}, "2027-10-01", "2027-10-05"),
    ]
    in_turn = live([U1, second], population_counts=people)
    one_go = live([dict(U1, known_on="2027-10-10"), second], population_counts=people)
    assert wpb(in_turn) == wpb(one_go)
    report = in_turn_or_together(in_turn)[0]
    assert report["same_value"] and not report["same_instalments"] and "2027-08" in report["why"][0]
    assert in_turn_or_together(one_go)[0]["same_instalments"]
    assert chosen_update(in_turn, "2027-10-01") == "U2"


@pytest.mark.req(234, 244)
def test_a_new_vintage_agreed_between_two_updates_is_told_as_the_reason_they_differ() -> None:
    newer: list[dict[str, Any]] = [
        {
            "patient_type": kind,
            "funding_stream": "core",
            "year": year,
            "value": value,
            "people_behind": 5000,
            "agreed_on": "2029-02-01",
            "source": "t",
        }
        for kind, value in (("well", 55), ("ill", 260))
        for year in YEARS
    ]
    newer += [row | {"funding_stream": "care", "value": 0} for row in newer]
    older = [
        dict(row, agreed_on="2027-02-01", value=row["value"] - 10 if row["value"] else 0)
        for row in newer
    ]
    events = [
        event("U1", "population_update", "2029-01-01", "2029-01-10"),
        event("P1", "periodic_agreement", "2029-04-01", "2029-02-10", accepted_share=0),
        event("U2", "population_update", "2029-04-01", "2029-04-10"),
    ]
    people = [
        *counted({("P1", "ill"): 10}, "2029-01-01", "2029-01-05"),
        *counted({("P1", "ill"): 10}, "2029-04-01", "2029-04-05"),
    ]
    contract = live(events, type_values=[*older, *newer], population_counts=people)
    assert (contract.history.updates["U1"].vintage, contract.history.updates["U2"].vintage) == (
        "2027-02-01",
        "2029-02-01",
    )
    # The same ten people are worth 260 instead of 250 from April 2029 on.
    assert moved(contract, "U2") == [0, 0, 10 * 10_00]
    pair = next(
        pair
        for pair in in_turn_or_together(contract)
        if (pair["first"], pair["second"]) == ("U1", "U2")
    )
    assert (
        pair["same_value"]
        and "each at the vintage agreed by its own day, 2027-02-01 and 2029-02-01" in pair["why"][1]
    )
    one_vintage = live(events, type_values=older, population_counts=people)
    assert moved(one_vintage, "U2") == [0, 0, 0]
    together = [event for event in events if event["event"] != "P1"]
    assert in_turn_or_together(
        live(together, type_values=[*older, *newer], population_counts=people)
    )[0]["same_value"]


@pytest.mark.req(119, 238, 244)
def test_where_one_go_and_one_after_the_other_differ_the_report_says_by_how_much_and_why() -> None:
    """A practice joins with 1,000 well people; a later count finds 50 of them ill."""
    joined: dict[str, Any] = {
        "practice_terms": [
            {
                "list_code": "P3",
                "terms_from": "2027-04-01",
                "permitted_points": "quarter",
                "funding_stream": "core",
                "weighted_funding": 50,
                "replacement_stream": "core",
                "replacement_cost": 20,
            }
        ],
        "list_weights": [
            {"list_code": "P3", "need": "primary_medical_care", "weighted_population": 1000}
        ],
    }
    p3 = [
        {
            "basis": basis,
            "count_date": day,
            "list_code": "P3",
            "patient_type": kind,
            "people": people,
            "known_on": known,
        }
        for basis, day, known, well, ill in (
            ("planned", "2027-04-01", "2027-01-10", 1000, 0),
            ("planned", "2030-04-01", "2027-01-10", 1000, 0),
            ("registered", "2027-04-01", "2027-04-10", 1000, 0),
            ("registered", "2027-10-01", "2027-10-05", 960, 50),
        )
        for kind, people in (("well", well), ("ill", ill))
    ]
    events = [
        event("J1", "joining", "2027-10-01", "2027-09-01", list_code="P3"),
        event("U1", "population_update", "2027-10-01", "2027-10-10"),
    ]
    contract = live(
        events, population_counts=[*counted({}, "2027-10-01", "2027-10-05"), *p3], **joined
    )
    pair = in_turn_or_together(contract, only="U1")[0]
    assert (
        not pair["same_value"]
        and "a later count of P3 was known, of 1,010 people and not 1,000" in pair["why"][-1]
    )
    # In one go the practice brings ten more people at £70; in turn the update pays 50 ill and 40
    # fewer well people instead.
    assert pair["difference_pence"]["2028-29"] == 10 * 70_00 - (50 * 240_00 - 40 * 60_00)
    assert in_turn_or_together(contract, only="J9") == []


def later_plan(*without: tuple[str, str], day: str = "2028-04-01") -> list[dict[str, Any]]:
    return [
        row
        for row in counts(day, {}, "2027-01-10", "planned")
        if (row["list_code"], row["patient_type"]) not in without
    ]


@pytest.mark.req(238, 243)
def test_a_planned_count_with_a_row_left_out_is_refused_and_no_plan_slides_to_nought() -> None:
    said = refused(
        "planned_gap", [U1], population_counts=[*counted({}), *later_plan(("P1", "ill"))]
    )
    assert (
        "List P1" in said
        and "type ill" in said
        and "2028-04-01" in said
        and "population_counts" in said
    )
    refused(
        "planned_gap",
        [U1],
        population_counts=[*counted({}), *later_plan(("P2", "ill"), ("P2", "well"))],
    )
    # The row came after the contract was agreed, so the plan that was agreed has a gap.
    late = [
        (
            row | {"known_on": "2027-06-01"}
            if (row["list_code"], row["patient_type"]) == ("P1", "ill")
            else row
        )
        for row in later_plan()
    ]
    refused("planned_gap", [U1], population_counts=[*counted({}), *late])


@pytest.mark.req(238, 243)
def test_a_list_that_merged_or_opened_between_two_planned_counts_is_on_one_of_them_alone() -> None:
    merges = [
        {
            "list_code": "P2",
            "change": "merged",
            "successor": "P1",
            "share": 1,
            "effective_on": "2027-10-01",
        }
    ]
    tables = live_tables([U1], list_changes=merges)
    tables["population_counts"] = [
        row
        for row in tables["population_counts"]
        if (row["count_date"], row["list_code"]) != ("2030-04-01", "P2")
    ]
    log = ProblemLog()
    check_planned(Counts(make(tables)), date.max, log)
    assert not log.errors
    check_planned(Counts(make(tables | {"list_changes": []})), date.max, log)
    assert [problem.code for problem in log] == ["planned_gap"] * 2
    opened = [
        {
            "list_code": "P9",
            "change": "opened",
            "effective_on": "2028-01-01",
            "commissioner": "ICB",
            "participation": "full",
        }
    ]
    new = [
        {
            "basis": "planned",
            "count_date": "2030-04-01",
            "list_code": "P9",
            "patient_type": "well",
            "people": 40,
            "known_on": "2027-01-10",
        }
    ]
    log = ProblemLog()
    check_planned(Counts(live_model(population_counts=new, list_changes=opened)), date.max, log)
    assert not log.errors


@pytest.mark.req(236)
def test_a_quarter_or_a_year_without_a_count_is_told() -> None:
    later = event(
        "F1", "payment", "2028-06-01", "2028-06-03", party="ICB", counterparty="OUT", amount=1
    )
    people = [*counted({}), *counted({}, "2028-04-01", "2028-04-05")]
    updates = [U1, event("U2", "population_update", "2028-04-01", "2028-04-10")]
    told = {
        found.what
        for found in live([*updates, later], population_counts=people).problems
        if found.code == "update_missed"
    }
    assert told == {
        (
            "The contract counts its people every quarter, and no population update was made for"
            " 2027-28 Q3, 2027-28 Q4."
        )
    }
    yearly = live(
        [U1, later | {"known_on": "2029-06-03"}],
        {"update_frequency": "annual"},
        population_counts=counted({}),
    )
    assert [found.what[-8:-1] for found in yearly.problems if found.code == "update_missed"] == [
        "2028-29"
    ]
    assert not [
        found
        for found in live([*updates[:1]], population_counts=people).problems
        if found.code == "update_missed"
    ]
