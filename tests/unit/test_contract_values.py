"""The tree of the budget, its parts, part years, practices and scope: every figure by hand."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tests.live_models import AGREED, counts, event, live, live_model, moved, refused, wpb
from tests.models import book, direct
from wpb.contract.forms import money_flow_map
from wpb.contract.practice_changes import returns_at_end
from wpb.contract.timing import (
    anniversary,
    is_permitted_point,
    quarter_of,
    share_of_year,
    starts_fixed_period,
    years_between,
)
from wpb.kernel.calendar import days_in, first_day, last_day, months_of
from wpb.kernel.money import whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.live import live_contract, version_named
from wpb.present.contract_view import compare_versions, contract_figures, tree_figures
from wpb.present.statements import annual_payment_by_month
from wpb.settlement.ledger import balances
from wpb.tables.checks.context import Context
from wpb.tables.checks.settings_fit import check_term

DAY = datetime.date.fromisoformat
STARTS = (
    *(f"{2027 if month > 3 else 2028}-{month:02d}-01" for month in range(1, 13)),
    "2028-02-29",
    "2027-11-17",
)
STARTS_AND_TERMS = sorted(
    {
        *((start, term) for start in STARTS for term in (1, 4, 15)),
        *(("2027-10-01", term) for term in range(1, 16)),
    }
)


@pytest.mark.req(210, 211, 212)
def test_the_tree_adds_up_and_its_parts_go_by_who_funds() -> None:
    contract = live()
    found = tree_figures(contract, contract.tree(), 0)
    assert (
        found["wpb_pence"],
        found["wpap_pence"],
        found["part_a_pence"],
        found["part_b_pence"],
    ) == (126_000_000, 126_000_000, 90_000_000, 36_000_000)


@pytest.mark.req(210, 233)
def test_withheld_comes_off_the_payment_and_beside_stands_on_top() -> None:
    schemes = [
        {
            "year": "2027-28",
            "scheme": "OUTCOMES",
            "treatment": "top_sliced",
            "rate": 0.02,
            "parts": "part_a",
            "basis": "agreed",
        },
        {
            "year": "2027-28",
            "scheme": "TEAMS",
            "treatment": "beside",
            "rate": 0.01,
            "parts": "both",
            "basis": "agreed",
        },
    ]
    budgets = [
        {
            "personal_budget": "PHB",
            "commissioner": "ICB",
            "funding_stream": "core",
            "budget_kind": "personal_health_budget",
            "held": "inside",
            "administered_by": "PROV",
            "year": "2027-28",
            "amount": 100_000,
        },
        {
            "personal_budget": "DP",
            "commissioner": "COUNCIL",
            "funding_stream": "care",
            "budget_kind": "council_direct_payment",
            "held": "outside",
            "administered_by": "COUNCIL",
            "year": "2027-28",
            "amount": 50_000,
        },
    ]
    contract = live(incentive_choices=schemes, personal_budgets=budgets)
    found = tree_figures(contract, contract.tree(), 0)
    # Payment before withholding: 900,000 - 100,000 personal budgets, and 360,000 of council money:
    # the budget outside changes nothing.
    assert found["withheld_pence"] == 1_600_000
    assert found["incentives_pence"] == 1_160_000
    assert found["personal_budgets_pence"] == 10_000_000
    assert found["wpap_pence"] == 80_000_000 - 1_600_000 + 36_000_000
    assert found["wpb_pence"] == 126_000_000 + 1_160_000
    assert (
        found["wpb_pence"] == found["wpap_pence"] + found["withheld_pence"] + found["beside_pence"]
    )


@pytest.mark.req(210, 233, 367)
def test_rates_and_personal_budgets_each_lead_to_a_cell_of_their_own() -> None:
    schemes = [
        {
            "year": "2027-28",
            "scheme": scheme,
            "treatment": "top_sliced",
            "rate": rate,
            "parts": parts,
            "basis": "agreed",
        }
        for scheme, rate, parts in (("IPS", 0.02, "part_a"), ("OUTCOMES", 0.01, "both"))
    ]
    budget = {
        "commissioner": "ICB",
        "funding_stream": "core",
        "budget_kind": "personal_health_budget",
        "held": "inside",
        "administered_by": "PROV",
        "year": "2027-28",
    }
    contract = live(
        incentive_choices=schemes,
        personal_budgets=[
            budget | {"personal_budget": name, "amount": 1_000} for name in ("NORTH", "SOUTH")
        ],
    )
    served = {
        code: contract.explain(f"wpb/rate/top_sliced/2027-28/{code}")
        for code in ("ICB.core", "COUNCIL.care")
    }
    assert {
        code: [child["value"] for child in rate["children"]] for code, rate in served.items()
    } == {"ICB.core": [0.02, 0.01], "COUNCIL.care": [0.01]}
    assert all(child["kind"] == "input" for rate in served.values() for child in rate["children"])
    assert [
        child["value"]
        for child in contract.explain("wpb/lines/personal_budgets/2027-28/ICB.core")["children"]
    ] == [100_000, 100_000]


@pytest.mark.req(212, 215)
def test_a_contract_that_starts_mid_year_is_paid_by_days_and_a_leap_year_has_366() -> None:
    assert share_of_year("2027-28", DAY("2027-10-01"), DAY("2030-03-31")) == 183 / 366
    assert share_of_year("2028-29", DAY("2027-10-01"), DAY("2028-04-30")) == 30 / 365
    contract = live_contract(
        live_model(
            terms={"starts_on": "2027-10-01"},
            contract_events=[AGREED | {"effective_on": "2027-10-01"}],
        ),
        book(),
    )
    assert wpb(contract)[0] == 126_000_000 * 183 // 366
    assert next(entry.posting.month for entry in contract.settlement.entries) == "2027-10"


def allocations(years: range) -> list[dict[str, object]]:
    """Enough money for each year that starts in these."""
    return [
        {
            "commissioner": c,
            "funding_stream": s,
            "year": f"{y}-{(y + 1) % 100:02d}",
            "allocation": 2_000_000,
            "certainty": "firm",
            "source": "ours",
        }
        for c, s in (("ICB", "core"), ("COUNCIL", "care"))
        for y in years
    ]


@pytest.mark.req(212, 213, 215)
@pytest.mark.parametrize(("start", "term"), STARTS_AND_TERMS)
def test_every_start_and_every_term_pays_its_days_and_no_more(start: str, term: int) -> None:
    """£1,260,000 a year from any day for 1 to 15 years, over leap years: each year by its days,
    twelve instalments that add.
    """
    first, last = DAY(start), anniversary(DAY(start), term) - datetime.timedelta(days=1)
    touched = years_between(first, last)
    contract = live_contract(
        live_model(
            terms={"starts_on": start, "ends_on": last.isoformat(), "fixed_years": 1},
            settings={"contract_years": len(touched)},
            contract_events=[AGREED | {"effective_on": start}],
            allocations=allocations(range(2027, 2027 + len(touched))),
        ),
        book(),
    )
    held = [(min(last, last_day(year)) - max(first, first_day(year))).days + 1 for year in touched]
    assert sum(held) == (last - first).days + 1
    assert wpb(contract) == [
        whole_pence(126_000_000 * days / days_in(year))
        for year, days in zip(touched, held, strict=True)
    ]
    for at, year in enumerate(contract.terms.years):
        months = annual_payment_by_month(contract, contract.tree(), at)
        assert len(months) == 12 and sum(months) == contract.tree().of("wpap", at)
        for month, pence in zip(months_of(year), months, strict=True):
            assert bool(pence) == (start[:7] <= month <= last.isoformat()[:7])
    assert sum(balances(contract.settlement.postings).values()) == 0
    assert sum(posting.amount_pence for posting in contract.settlement.postings) == sum(
        wpb(contract)
    )


@pytest.mark.req(213, 215)
def test_fifteen_years_from_mid_year_touch_sixteen_financial_years_and_a_day_more_is_refused() -> (
    None
):
    terms = {"starts_on": "2027-10-01", "ends_on": "2042-09-30", "fixed_years": 5}
    more: dict[str, Any] = {
        "contract_events": [AGREED | {"effective_on": "2027-10-01"}],
        "allocations": allocations(range(2027, 2043)),
    }
    contract = live(terms=terms, settings={"contract_years": 16}, **more)
    assert len(wpb(contract)) == 16 and wpb(contract)[-1] == whole_pence(126_000_000 * 183 / 365)
    assert "15 years at most" in refused(
        "term_too_long",
        terms=terms | {"ends_on": "2042-10-01"},
        settings={"contract_years": 16},
        **more,
    )
    assert "2042-43" in refused(
        "term_beyond_forecast", terms=terms, settings={"contract_years": 15}, **more
    )
    assert starts_fixed_period(
        DAY("2032-10-01"), contract.terms.starts_on, 5
    ) and not starts_fixed_period(DAY("2032-04-01"), contract.terms.starts_on, 5)


@pytest.mark.req(215)
def test_sixteen_whole_financial_years_are_refused_by_the_check_of_the_settings() -> None:
    log = ProblemLog()
    for start, fits in (("2027-10-01", True), ("2027-04-01", False), ("", False)):
        model = (
            live_model(terms={"starts_on": start}, settings={"contract_years": 16})
            if start
            else live_model(contract_terms=[], settings={"contract_years": 16})
        )
        log = ProblemLog()
        check_term(Context(model.tables, model.settings, set(), log))
        assert bool(log.errors) is not fits


@pytest.mark.req(215)
def test_a_contract_from_29_february_has_its_anniversary_on_1_march_in_other_years() -> None:
    start = DAY("2028-02-29")
    assert [anniversary(start, years).isoformat() for years in (1, 4)] == [
        "2029-03-01",
        "2032-02-29",
    ]
    assert starts_fixed_period(DAY("2030-03-01"), start, 2) and not starts_fixed_period(
        DAY("2030-02-28"), start, 2
    )
    assert is_permitted_point(DAY("2029-03-01"), "anniversary", start, DAY("2033-02-27"))


@pytest.mark.req(215)
def test_a_fixed_period_is_whole_years_and_no_longer_than_the_contract() -> None:
    assert "whole number" in refused("not_whole", terms={"fixed_years": 1.5})
    refused(
        "fixed_period_too_long",
        terms={"starts_on": "2027-10-01", "ends_on": "2028-09-30"},
        contract_events=[AGREED | {"effective_on": "2027-10-01"}],
    )


def test_a_term_the_forecast_does_not_cover_is_refused() -> None:
    assert "2030-31" in refused("term_beyond_forecast", terms={"ends_on": "2030-04-30"})


def test_a_term_that_ends_before_it_starts_is_refused() -> None:
    refused("term_backwards", terms={"ends_on": "2027-01-31"})


def test_without_terms_there_is_no_live_contract() -> None:
    refused("terms_missing", contract_terms=[])


@pytest.mark.req(213)
def test_an_agreement_dated_before_its_inputs_were_known_is_refused() -> None:
    assert "2027-03-20" in refused("agreed_before_inputs", settings={"prepared_on": "2027-03-20"})
    assert live(settings={"prepared_on": "2027-03-01"}).history.versions[-1].status == "agreed"


def test_a_second_agreement_and_an_event_before_the_first_are_refused() -> None:
    refused("agreement_twice", [AGREED | {"event": "A2", "known_on": "2027-05-01"}])
    refused(
        "event_before_agreement", [event("S1", "allocation_change", "2027-04-01", "2027-01-01")]
    )


@pytest.mark.req(223, 244)
def test_a_service_that_joins_within_a_year_brings_its_share_for_the_days_left() -> None:
    more: dict[str, Any] = {
        "service_lines": [
            {"service_line": "EYES", "name": "Eyes", "scope": "out", "growth_category": "FLAT"}
        ],
        "direct_spend": [direct("D3", 200_000, service_line="EYES")],
    }
    contract = live(
        [
            event(
                "S1",
                "scope_change",
                "2027-10-01",
                "2027-08-01",
                service_line="EYES",
                direction="joins",
            )
        ],
        **more,
    )
    # 200,000 x 9,000 / 10,000 people x 183 / 366 days in the leap year.
    assert moved(contract, "S1") == [9_000_000, 18_000_000, 18_000_000]
    back = live(
        [
            event(
                "S1",
                "scope_change",
                "2028-04-01",
                "2027-08-01",
                service_line="S1",
                direction="leaves",
            )
        ]
    )
    assert wpb(back) == [126_000_000, 0, 0]
    refused(
        "scope_change_empty",
        [
            event(
                "S1",
                "scope_change",
                "2027-10-01",
                "2027-08-01",
                service_line="EYES",
                direction="leaves",
            )
        ],
        **more,
    )


@pytest.mark.req(223)
@pytest.mark.parametrize(
    ("day", "days"),
    [("2027-04-01", 366), ("2028-02-29", 32), ("2028-03-31", 1), ("2027-07-15", 261)],
)
def test_a_change_of_scope_holds_from_its_day_in_a_leap_year(day: str, days: int) -> None:
    left = moved(
        live(
            [event("S1", "scope_change", day, "2027-03-20", service_line="S1", direction="leaves")]
        ),
        "S1",
    )
    assert left == [-whole_pence(126_000_000 * days / 366), -126_000_000, -126_000_000]


@pytest.mark.req(223)
def test_a_service_comes_back_with_what_it_took_and_cannot_leave_or_join_twice() -> None:
    def change(code: str, day: str, direction: str) -> dict[str, object]:
        return event(
            code,
            "scope_change",
            day,
            f"2027-0{6 + int(code[1])}-01",
            service_line="S1",
            direction=direction,
        )

    assert wpb(
        live([change("S1", "2028-04-01", "leaves"), change("S2", "2029-04-01", "joins")])
    ) == [126_000_000, 0, 126_000_000]
    assert "has left already, by S1" in refused(
        "scope_change_twice",
        [change("S1", "2028-04-01", "leaves"), change("S2", "2029-04-01", "leaves")],
    )
    assert "later change of scope, S1" in refused(
        "scope_order", [change("S1", "2029-04-01", "leaves"), change("S2", "2028-04-01", "joins")]
    )


GP: dict[str, Any] = {
    "funding_streams": [
        {"funding_stream": "core", "name": "Core", "kind": "core", "funder": "nhs"},
        {"funding_stream": "care", "name": "Care", "kind": "social_care", "funder": "council"},
        {
            "funding_stream": "gp",
            "name": "Primary medical",
            "kind": "primary_medical",
            "funder": "nhs",
        },
    ],
    "direct_spend": [direct("D4", 600_000, funding_stream="gp")],
    "list_weights": [
        {"list_code": "P1", "need": "primary_medical_care", "weighted_population": 6600},
        {"list_code": "P2", "need": "primary_medical_care", "weighted_population": 3000},
        {"list_code": "P3", "need": "primary_medical_care", "weighted_population": 900},
    ],
    "practice_terms": [
        {
            "list_code": "P1",
            "terms_from": "2027-04-01",
            "permitted_points": "quarter",
            "funding_stream": "gp",
            "weighted_funding": 50,
        },
        {
            "list_code": "P1",
            "terms_from": "2028-01-01",
            "permitted_points": "quarter",
            "funding_stream": "gp",
            "weighted_funding": 60,
            "replacement_stream": "core",
            "replacement_cost": 20,
        },
        {
            "list_code": "P3",
            "terms_from": "2027-04-01",
            "permitted_points": "quarter",
            "funding_stream": "gp",
            "weighted_funding": 50,
            "replacement_stream": "core",
            "replacement_cost": 20,
        },
    ],
    "allocations": [
        {
            "commissioner": c,
            "funding_stream": s,
            "year": y,
            "allocation": 1_000_000,
            "certainty": "firm",
            "source": "ours",
        }
        for c, s in (("ICB", "core"), ("ICB", "gp"), ("COUNCIL", "care"))
        for y in ("2027-28", "2028-29", "2029-30")
    ],
}


@pytest.mark.req(119, 120, 121)
def test_a_practice_that_reactivates_takes_its_weighted_funding_on_the_terms_of_that_day() -> None:
    early = live([event("R1", "reactivation", "2027-10-01", "2027-08-01", list_code="P1")], **GP)
    assert moved(early, "R1") == [-6600 * 50_00 * 183 // 366, -6600 * 50_00, -6600 * 50_00]
    late = live([event("R1", "reactivation", "2028-04-01", "2028-02-01", list_code="P1")], **GP)
    # From 2028 the terms are higher, and the other services leave too: 6,600 x 60 and 6,000 x 20.
    assert moved(late, "R1") == [0, -(6600 * 60_00 + 6000 * 20_00), -(6600 * 60_00 + 6000 * 20_00)]


@pytest.mark.req(121)
def test_a_practice_reactivates_only_at_a_permitted_point_and_by_default_at_the_end() -> None:
    refused(
        "not_a_permitted_point",
        [event("R1", "reactivation", "2027-11-01", "2027-08-01", list_code="P1")],
        **GP,
    )
    refused(
        "practice_terms_missing",
        [event("R1", "reactivation", "2027-10-01", "2027-08-01", list_code="P1")],
        **(GP | {"practice_terms": GP["practice_terms"][2:]}),
    )
    start, end = DAY("2027-04-01"), DAY("2030-03-31")
    assert is_permitted_point(DAY("2030-04-01"), "expiry_only", start, end)
    assert not is_permitted_point(DAY("2029-04-01"), "expiry_only", start, end)
    assert is_permitted_point(DAY("2029-04-01"), "anniversary", start, end)
    roles = [{"list_code": "P1", "role": "subcontractor", "own_contract": "suspended"}]
    contract = live(gp_roles=roles, **GP)
    assert returns_at_end(contract.model, contract.terms.ends_on) == [
        {"list_code": "P1", "returns_on": "2030-04-01", "terms_from": "2028-01-01"}
    ]


@pytest.mark.req(119, 121)
def test_a_practice_leaves_once_joins_once_and_brings_nothing_that_is_inside_already() -> None:
    leaves = event("R1", "reactivation", "2027-10-01", "2027-08-01", list_code="P1")
    assert "it left by R1 on 2027-10-01" in refused(
        "practice_not_inside",
        [leaves, leaves | {"event": "R2", "effective_on": "2028-01-01", "known_on": "2027-11-01"}],
        **GP,
    )
    assert "no suspended contract" in refused(
        "practice_not_inside", [leaves | {"list_code": "P2"}], **GP
    )
    assert "inside already" in refused(
        "practice_inside_already", [leaves | {"event_kind": "joining"}], **GP
    )
    merged = [
        {
            "list_code": "P1",
            "change": "merged",
            "successor": "P2",
            "share": 1,
            "effective_on": "2027-07-01",
        }
    ]
    assert "merged into P2 on 2027-07-01" in refused(
        "practice_merged", [leaves], list_changes=merged, **GP
    )
    # The other services of a partially integrated practice's people are inside: when it joins in
    # full it brings its core funding alone.
    terms = [
        {
            "list_code": "P2",
            "terms_from": "2027-04-01",
            "permitted_points": "quarter",
            "funding_stream": "gp",
            "weighted_funding": 50,
            "replacement_stream": "core",
            "replacement_cost": 20,
        }
    ]
    joins = live(
        [event("J1", "joining", "2028-04-01", "2028-02-01", list_code="P2")],
        population_counts=counts("2027-07-01", {}, "2027-07-05"),
        **(GP | {"practice_terms": terms}),
    )
    assert moved(joins, "J1") == [0, 3000 * 50_00, 3000 * 50_00]
    # It may leave again later, and takes what the terms of that day say.
    back = [
        event("J1", "joining", "2028-04-01", "2028-02-01", list_code="P2"),
        event("R1", "reactivation", "2029-04-01", "2029-02-01", list_code="P2"),
    ]
    assert "later change, J1" in refused(
        "practice_order",
        [back[0], back[1] | {"effective_on": "2027-10-01"}],
        population_counts=counts("2027-07-01", {}, "2027-07-05"),
        **(GP | {"practice_terms": terms}),
    )


@pytest.mark.req(119, 234, 238)
def test_a_mover_is_paid_once_whatever_the_order_the_events_were_entered_in() -> None:
    day, extra = "2027-10-01", {("P1", "well"): 100.0}
    values = [
        {
            "patient_type": k,
            "funding_stream": s,
            "year": y,
            "value": v,
            "people_behind": 5000,
            "agreed_on": "2027-02-01",
            "source": "t",
        }
        for k, s, v in (
            ("well", "gp", 60),
            ("ill", "gp", 90),
            ("well", "core", 50),
            ("ill", "core", 200),
            ("well", "care", 0),
            ("ill", "care", 0),
        )
        for y in ("2027-28", "2028-29", "2029-30")
    ]
    first = [
        event("U1", "population_update", day, "2027-10-10"),
        event("R1", "reactivation", "2028-01-01", "2027-12-01", list_code="P1"),
        event("U2", "population_update", "2028-01-01", "2028-01-10"),
    ]
    people = [
        *counts(day, extra, "2027-10-05"),
        *counts("2028-01-01", {("P1", "well"): 700.0}, "2028-01-05"),
    ]
    contract = live(first, type_values=values, population_counts=people, **GP)
    # After P1 left wholly, 600 more people registering there are not paid again: they went with the
    # practice.
    assert moved(contract, "U2") == [0, 0, 0]
    turned = live(
        [first[2], first[0], first[1]], type_values=values, population_counts=people, **GP
    )
    assert wpb(turned) == wpb(contract)


@pytest.mark.req(119, 243)
def test_a_practice_that_joins_is_counted_from_then_on_beyond_what_it_came_with() -> None:
    values = [
        {
            "patient_type": k,
            "funding_stream": s,
            "year": y,
            "value": v if s == "core" else 0,
            "people_behind": 5000,
            "agreed_on": "2027-02-01",
            "source": "t",
        }
        for k, v in (("well", 50), ("ill", 200))
        for s in ("core", "gp", "care")
        for y in ("2027-28", "2028-29", "2029-30")
    ]
    p3 = [
        {
            "basis": "planned",
            "count_date": d,
            "list_code": "P3",
            "patient_type": "well",
            "people": 1000,
            "known_on": "2027-01-10",
        }
        for d in ("2027-04-01", "2030-04-01")
    ]
    p3 += [
        {
            "basis": "registered",
            "count_date": d,
            "list_code": "P3",
            "patient_type": "well",
            "people": n,
            "known_on": d,
        }
        for d, n in (("2027-10-01", 1100), ("2028-04-01", 1130))
    ]
    events = [
        event("J1", "joining", "2027-10-01", "2027-10-02", list_code="P3"),
        event("U1", "population_update", "2028-04-01", "2028-04-10"),
    ]
    contract = live(
        events,
        type_values=values,
        population_counts=[*counts("2028-04-01", {}, "2028-04-05"), *p3],
        **GP,
    )
    assert moved(contract, "J1")[1] == 1100 * 9 * 50_00 // 10 + 1100 * 20_00
    # Of 1,130 people now, 1,100 were paid for when the practice joined.
    assert moved(contract, "U1")[1] == 30 * 50_00
    refused("no_count", events[:1], **GP)


@pytest.mark.req(119, 120, 238)
def test_a_practice_without_a_weight_or_with_a_type_not_counted_is_refused() -> None:
    leaves = [event("R1", "reactivation", "2027-10-01", "2027-08-01", list_code="P1")]
    said = refused(
        "practice_weight_missing", leaves, **(GP | {"list_weights": GP["list_weights"][1:]})
    )
    assert "list P1" in said and "list_weights" in said and "gp_lists" in said
    counted = counts("2027-07-01", {}, "2027-07-05")
    said = refused(
        "type_not_counted",
        leaves,
        population_counts=[
            row for row in counted if (row["list_code"], row["patient_type"]) != ("P1", "ill")
        ],
        **GP,
    )
    assert "list P1 of that day has no row for type ill" in said and "population_counts" in said


@pytest.mark.req(343, 344, 345, 346)
def test_the_money_flow_map_says_who_pays_a_practice_in_each_form() -> None:
    roles = [
        {"list_code": "P1", "role": "owner", "own_contract": "suspended"},
        {"list_code": "P2", "role": "none", "own_contract": "continues"},
    ]
    flows = {
        flow["who"]: flow["flow"]
        for flow in money_flow_map(live_model(gp_roles=roles), live(gp_roles=roles).terms)
    }
    assert "share of what the holder earns" in flows["P1"]
    assert "integration agreement" in flows["P2"]
    assert "P3" not in flows
    refused(
        "own_contract_continues",
        gp_roles=[{"list_code": "P1", "role": "owner", "own_contract": "continues"}],
    )
    refused(
        "own_contract_ended",
        gp_roles=[{"list_code": "P2", "role": "none", "own_contract": "terminated"}],
    )


@pytest.mark.req(215, 216)
def test_longer_fixed_periods_are_set_beside_what_they_expose() -> None:
    certain = [
        {
            "commissioner": c,
            "funding_stream": s,
            "year": y,
            "allocation": 2_000_000,
            "certainty": sure,
            "source": "ours",
        }
        for c, s in (("ICB", "core"), ("COUNCIL", "care"))
        for y, sure in (("2027-28", "firm"), ("2028-29", "firm"), ("2029-30", "indicative"))
    ]
    periods = contract_figures(live(allocations=certain))["fixed_periods"]
    assert [(p["years"], p["exposed_pence"], p["chosen"]) for p in periods] == [
        (1, 0, False),
        (2, 0, True),
        (3, 126_000_000, False),
    ]


@pytest.mark.req(219, 369)
def test_every_penny_between_two_versions_is_explained() -> None:
    contract = live(
        [
            event("U1", "population_update", "2027-07-01", "2027-07-10"),
            event(
                "S1",
                "scope_change",
                "2028-10-01",
                "2028-08-01",
                service_line="S1",
                direction="leaves",
            ),
        ],
        population_counts=counts("2027-07-01", {("P1", "ill"): 7}, "2027-07-05"),
    )
    found = compare_versions(
        contract, version_named(contract, "indicative"), version_named(contract, "S1")
    )
    assert found["unexplained_pence"] == 0
    assert found["total_pence"] == sum(wpb(contract)) - sum(wpb(contract, 0))
    assert [step["event"] for step in found["steps"]] == ["U1", "S1"]
    assert compare_versions(contract, 3, 0)["total_pence"] == -found["total_pence"]


@pytest.mark.req(369)
def test_what_was_known_when() -> None:
    given: dict[str, Any] = {
        "events": [event("U1", "population_update", "2027-07-01", "2027-07-10")],
        "population_counts": counts("2027-07-01", {("P1", "ill"): 7}, "2027-07-05"),
    }
    assert live(as_known_on="2027-07-09", **given).history.versions[-1].name == "v1"
    assert live(as_known_on="2027-07-10", **given).history.versions[-1].name == "v2"
    assert quarter_of(DAY("2028-01-01")) == "2027-28 Q4"
    assert starts_fixed_period(DAY("2029-04-01"), DAY("2027-04-01"), 2)
    assert not starts_fixed_period(DAY("2028-04-01"), DAY("2027-04-01"), 2)
