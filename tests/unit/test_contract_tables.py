"""What the tables of a live contract leave blank or say twice: refused in words, or nought because
the column says so.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.live_models import counts, event, live, moved, refused, wpb
from tests.models import direct
from tests.unit.test_contract_values import GP
from wpb.kernel.problems import InputProblems

UPDATE = event("U1", "population_update", "2027-07-01", "2027-07-10")
COUNTED = counts("2027-07-01", {("P1", "ill"): 10, ("P1", "well"): -10}, "2027-07-05")
WORSE = {
    "count_date": "2027-07-01",
    "list_code": "P1",
    "cause": "avoidable_deterioration",
    "patient_type": "well",
    "to_type": "ill",
    "people": 10,
}
MERGED = {
    "list_code": "P1",
    "change": "merged",
    "successor": "P2",
    "share": 1,
    "effective_on": "2027-09-01",
}
AGREED_SUM = {
    "subcontract": "K1",
    "payee": "SUB",
    "rule": "fixed",
    "amount": 1000,
    "starts_on": "2027-04-01",
    "reason": "Alliance",
}
SCHEME = {
    "year": "2027-28",
    "scheme": "OUTCOMES",
    "treatment": "top_sliced",
    "rate": 0.02,
    "parts": "part_a",
    "basis": "agreed",
}
BUDGET = {
    "personal_budget": "PHB",
    "commissioner": "ICB",
    "funding_stream": "core",
    "budget_kind": "personal_health_budget",
    "held": "inside",
    "administered_by": "PROV",
    "year": "2027-28",
    "amount": 1000,
}


def without(row: dict[str, Any], *names: str, **more: Any) -> dict[str, Any]:
    """A row with some cells left blank, and others changed."""
    return {name: value for name, value in (row | more).items() if name not in names}


@pytest.mark.req(232)
@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("subcontract_incomplete", without(AGREED_SUM, "amount")),
        ("subcontract_incomplete", without(AGREED_SUM, "amount", rule="share")),
        ("subcontract_incomplete", without(AGREED_SUM, "amount", rule="lines")),
        ("subcontract_two_rules", without(AGREED_SUM, share=0.1)),
        ("subcontract_two_rules", without(AGREED_SUM, rule="lines", provider="PROV")),
        ("subcontract_no_lines", without(AGREED_SUM, "amount", rule="lines", provider="NOBODY")),
        ("subcontract_dates", without(AGREED_SUM, ends_on="2027-03-01")),
    ],
)
def test_a_subcontract_gives_what_its_one_rule_needs_and_nothing_else(
    code: str, row: dict[str, Any]
) -> None:
    assert "K1" in refused(
        code, subcontracts=[row], direct_spend=[direct("D9", 1000, provider="PROV")]
    )


@pytest.mark.req(232)
def test_a_blank_share_of_gains_is_none_as_its_column_says() -> None:
    gain = event(
        "G1",
        "payment",
        "2027-09-01",
        "2027-08-20",
        refers_to="gain_loss",
        party="ICB",
        counterparty="PROV",
        amount=100,
    )
    partners = [
        AGREED_SUM,
        AGREED_SUM | {"subcontract": "K2", "payee": "OUT", "gain_loss_share": 0.25},
    ]
    shares = [
        posting
        for posting in live([gain], subcontracts=partners).settlement.postings
        if "share of" in posting.reason
    ]
    assert [(posting.payee, posting.amount_pence) for posting in shares] == [("OUT", 2_500)]


@pytest.mark.req(232)
def test_partners_promised_more_than_the_annual_payment_are_told_of() -> None:
    contract = live(subcontracts=[AGREED_SUM | {"amount": 1_300_000}])
    assert [problem.what for problem in contract.problems if problem.code == "passed_on_more"] == [
        f"In {year} the lead provider passes on £1,300,000 of an annual payment of £1,260,000."
        for year in ("2027-28", "2028-29", "2029-30")
    ]


@pytest.mark.req(119, 120)
@pytest.mark.parametrize("blank", ["replacement_cost", "replacement_stream"])
def test_terms_of_a_practice_give_both_the_stream_and_the_cost_of_other_services_or_neither(
    blank: str,
) -> None:
    terms = [without(GP["practice_terms"][1], blank)]
    assert "P1" in refused(
        "replacement_incomplete",
        [event("R1", "reactivation", "2028-04-01", "2028-02-01", list_code="P1")],
        **(GP | {"practice_terms": terms}),
    )


@pytest.mark.req(240)
@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("movement_incomplete", without(WORSE, "to_type")),
        ("movement_incomplete", without(WORSE, to_type="well")),
        ("movement_incomplete", without(WORSE, people=-10)),
        ("movement_incomplete", without(WORSE, cause="patient_choice")),
        ("type_unknown", without(WORSE, to_type="il")),
        ("movement_without_count", without(WORSE, list_code="P9")),
        ("movement_without_count", without(WORSE, count_date="2027-08-01")),
    ],
)
def test_a_change_of_health_status_that_cannot_be_followed_is_refused_and_pays_nothing(
    code: str, row: dict[str, Any]
) -> None:
    refused(code, [UPDATE], population_counts=COUNTED, patient_movements=[row])


@pytest.mark.req(238, 240)
def test_a_change_that_may_not_move_money_goes_with_its_people_when_their_list_merges() -> None:
    later: list[dict[str, Any]] = [
        {
            "basis": "registered",
            "count_date": "2027-10-01",
            "list_code": "P2",
            "patient_type": kind,
            "people": people,
            "known_on": "2027-10-05",
        }
        for kind, people in (("well", 7490), ("ill", 1510))
    ]
    events = [UPDATE, event("U2", "population_update", "2027-10-01", "2027-10-10")]
    assert (
        wpb(
            live(
                events,
                population_counts=[*COUNTED, *later],
                patient_movements=[WORSE],
                list_changes=[MERGED],
            )
        )
        == [126_000_000] * 3
    )
    # By a closing, its people part, and three quarters of the ten are still not paid for on the
    # list that is in the contract.
    parts = [
        MERGED | {"change": "closed", "share": 0.75},
        MERGED | {"change": "closed", "successor": "P3", "share": 0.25},
    ]
    stayed = [
        {**row, "people": {"well": 2500 + 3750 - 7.5, "ill": 500 + 750 + 7.5}[row["patient_type"]]}
        for row in later
    ]
    assert moved(
        live(
            events,
            population_counts=[*COUNTED, *stayed],
            patient_movements=[WORSE],
            list_changes=parts,
        ),
        "U2",
    )[1:] == [0, 0]


@pytest.mark.req(238, 243)
@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("successor_unknown", [MERGED | {"successor": "P9"}]),
        ("successor_unknown", [MERGED | {"successor": ""}]),
        ("successor_unknown", [MERGED | {"successor": "P1"}]),
        ("list_unknown", [MERGED | {"list_code": "P9"}]),
        (
            "opening_incomplete",
            [{"list_code": "P9", "change": "opened", "share": 1, "effective_on": "2027-06-01"}],
        ),
        (
            "list_ends_twice",
            [
                MERGED | {"share": 0.5},
                MERGED | {"successor": "P3", "share": 0.5, "effective_on": "2027-10-01"},
            ],
        ),
        (
            "successor_gone",
            [
                MERGED,
                {
                    "list_code": "P2",
                    "change": "closed",
                    "successor": "P3",
                    "share": 1,
                    "effective_on": "2027-08-01",
                },
            ],
        ),
    ],
)
def test_a_merger_map_that_loses_people_is_refused(code: str, rows: list[dict[str, Any]]) -> None:
    refused(code, list_changes=rows)


@pytest.mark.req(234, 238)
def test_a_type_left_out_of_a_count_is_not_read_as_nobody() -> None:
    some = [row for row in COUNTED if row["patient_type"] != "ill"]
    assert "no count of them" in refused("type_not_counted", [UPDATE], population_counts=some)
    nobody = [row | ({"people": 0} if row["patient_type"] == "ill" else {}) for row in COUNTED]
    assert moved(live([UPDATE], population_counts=nobody), "U1")[1] == -1500 * (
        200_00 + 40_00
    ) - 10 * (50_00 + 10_00)


@pytest.mark.req(234, 238)
def test_every_update_that_is_wrong_is_told_at_once() -> None:
    second = event("U2", "population_update", "2027-10-01", "2027-10-10")
    some = [
        row
        for day in ("2027-07-01", "2027-10-01")
        for row in counts(day, {}, f"{day[:8]}05")
        if row["patient_type"] != "ill"
    ]
    words = refused("type_not_counted", [UPDATE, second], population_counts=some)
    assert "U1" in words
    with pytest.raises(InputProblems) as stopped:
        live([UPDATE, second], population_counts=some)
    assert {problem.what[:2] for problem in stopped.value.problems} >= {"U1", "U2"}


@pytest.mark.req(234)
def test_a_stream_with_money_has_an_agreed_value_of_a_person_even_if_it_is_nought() -> None:
    years = ("2027-28", "2028-29", "2029-30")
    core = [
        {
            "patient_type": kind,
            "funding_stream": "core",
            "year": year,
            "value": 50,
            "people_behind": 5000,
            "agreed_on": "2027-02-01",
            "source": "test",
        }
        for kind in ("well", "ill")
        for year in years
    ]
    assert "money of care" in refused(
        "stream_without_values", [UPDATE], population_counts=COUNTED, type_values=core
    )
    assert moved(
        live(
            [UPDATE],
            population_counts=COUNTED,
            type_values=[*core, *(row | {"funding_stream": "care", "value": 0} for row in core)],
        ),
        "U1",
    ) == [0, 0, 0]


@pytest.mark.req(210)
@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("settled_missing", [SCHEME | {"achieved": 0.9}]),
        ("achieved_missing", [SCHEME | {"settled_on": "2028-07-01"}]),
        ("withheld_too_much", [SCHEME | {"rate": 0.6}, SCHEME | {"scheme": "B", "rate": 0.5}]),
        ("year_outside_term", [SCHEME | {"year": "2032-33"}]),
    ],
)
def test_schemes_are_settled_whole_and_withhold_no_more_than_there_is(
    code: str, rows: list[dict[str, Any]]
) -> None:
    refused(code, incentive_choices=rows)


@pytest.mark.req(210, 233)
@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("no_payer", BUDGET | {"commissioner": "PROV"}),
        ("personal_budgets_too_large", BUDGET | {"amount": 900_001}),
        ("year_outside_term", BUDGET | {"year": "2032-33"}),
    ],
)
def test_personal_budgets_inside_come_out_of_money_that_is_there(
    code: str, row: dict[str, Any]
) -> None:
    refused(code, personal_budgets=[row])


def test_a_closed_month_is_written_as_a_month() -> None:
    refused("month_wrong", closed_months=[{"month": "202704", "closed_on": "2027-05-20"}])


@pytest.mark.req(369, 385)
@pytest.mark.parametrize(
    ("code", "closed"),
    [
        ("month_closed_early", {"2027-04": "2027-03-20"}),
        ("month_closed_early", {"2027-04": "2027-04-30"}),
        ("month_closed_early", {"2027-04": "2027-06-20", "2027-05": "2027-06-10"}),
        ("month_closed_out_of_order", {"2027-05": "2027-06-20"}),
        ("month_closed_out_of_order", {"2027-04": "2027-05-20", "2027-06": "2027-07-20"}),
        ("month_closed_out_of_order", {"2027-03": "2027-05-20"}),
    ],
)
def test_months_close_in_order_after_they_end(code: str, closed: dict[str, str]) -> None:
    refused(
        code, closed_months=[{"month": month, "closed_on": day} for month, day in closed.items()]
    )
