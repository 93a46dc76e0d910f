"""Instalments, corrections, closed months, and every payment between parties, by hand."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live_models import counts, event, live, live_tables, refused
from tests.models import book, make
from wpb.kernel.explain import find_figure
from wpb.kernel.money import round_half_up
from wpb.kernel.problems import InputProblems, UsageProblem
from wpb.live import LiveContract, live_contract
from wpb.present.journal_export import account_of, accounts_of, journal_beancount, journal_csv
from wpb.present.statements import (
    annual_payment_by_month,
    monitoring,
    month_seal,
    provider_bridges,
    settlement_figures,
    statement_figures,
)
from wpb.settlement.instalments import Change, instalments, spread
from wpb.settlement.ledger import balances
from wpb.settlement.monitoring import watch
from wpb.settlement.provider_bridge import stranded_fixed_cost

LEVEL = (1 / 12,) * 12
U1 = event("U1", "population_update", "2027-07-01", "2027-07-10")
UPDATED: dict[str, Any] = {
    "events": [U1],
    "population_counts": counts("2027-07-01", {("P1", "ill"): 10}, "2027-07-05"),
}


def paid(contract: LiveContract, payer: str, payee: str) -> dict[str, int]:
    """What one party paid another by month."""
    found: dict[str, int] = {}
    for posting in contract.settlement.postings:
        if (posting.payer, posting.payee) == (payer, payee):
            found[posting.month] = found.get(posting.month, 0) + posting.amount_pence
    return found


def change(
    position: int,
    amount: int,
    from_month: int = 0,
    event_code: str = "E",
    weights: tuple[float, ...] = LEVEL,
) -> Change:
    return Change(position, amount, from_month, event_code, 1, "figure", weights)


@pytest.mark.req(212)
def test_twelve_instalments_add_exactly_the_earlier_month_taking_the_odd_penny() -> None:
    assert spread(100, LEVEL) == [9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8]
    assert spread(-100, LEVEL) == [-9, -9, -9, -9, -8, -8, -8, -8, -8, -8, -8, -8]


@pytest.mark.req(212, 244)
def test_a_change_within_the_year_is_spread_by_the_stated_rule() -> None:
    changes = [change(0, 1200), change(4, 1320, 3)]
    assert instalments(changes, "remaining_months").paid == (100,) * 4 + (115,) * 8
    # It holds from the fourth month: 120 over nine months, the first of them made good in the
    # fifth.
    assert instalments(changes, "catch_up").paid == (100,) * 4 + (128, 114) + (113,) * 6
    late = instalments([change(0, 1200), change(12, 1170, 9)], "remaining_months")
    assert late.paid == (100,) * 12
    assert late.late[0][1] == (0,) * 9 + (-10,) * 3
    assert late.due == (100,) * 9 + (90,) * 3


@pytest.mark.req(212)
def test_a_profile_that_does_not_add_to_one_is_refused_and_one_that_does_is_followed() -> None:
    months = ("04", "05", "06", "07", "08", "09", "10", "11", "12", "01", "02", "03")
    profile = [{"month": month, "share": 0.08} for month in months]
    assert "0.96" in refused("profile_total", instalment_profile=profile)
    profile[0]["share"] = 0.12
    contract = live(instalment_profile=profile)
    assert annual_payment_by_month(contract, contract.tree(), 0)[:2] == [
        126_000_000 * 12 // 100,
        126_000_000 * 8 // 100,
    ]


@pytest.mark.req(212, 244)
def test_an_update_known_after_notice_changes_the_next_instalment_and_none_before() -> None:
    contract = live(**UPDATED)
    core = paid(contract, "ICB", "PROV")
    assert [core[f"2027-{month:02d}"] for month in (4, 5, 6, 7)] == [7_500_000] * 4
    assert core["2027-08"] == 7_500_000 + 18_785
    assert sum(core[month] for month in core if month < "2028-04") == 90_000_000 + 150_273


@pytest.mark.req(212)
def test_a_late_correction_to_a_closed_year_is_posted_in_the_first_open_month() -> None:
    fixed = counts("2027-07-01", {("P1", "ill"): 4}, "2028-05-02")
    correction = event("C1", "correction", "2027-07-01", "2028-05-04", refers_to="U1")
    people = [*UPDATED["population_counts"], *fixed]
    before, after = (
        live([U1], population_counts=people),
        live([U1, correction], population_counts=people),
    )
    closed = [
        entry.posting for entry in before.settlement.entries if entry.posting.month <= "2028-05"
    ]
    assert [
        entry.posting for entry in after.settlement.entries if entry.posting.month <= "2028-05"
    ] == closed
    posted = [entry for entry in after.settlement.entries if entry.corrects]
    assert {entry.posting.month for entry in posted} == {"2028-06"}
    assert {(entry.posting.payer, entry.posting.payee) for entry in posted} == {
        ("PROV", "ICB"),
        ("PROV", "COUNCIL"),
    }
    assert sum(entry.posting.amount_pence for entry in posted) == 6 * 240_00 * 275 // 366 + 1
    year = settlement_figures(after)["years"][0]
    assert sum(year["instalments_pence"]) == year["wpap_pence"]


@pytest.mark.req(369)
def test_what_is_slipped_into_a_closed_month_is_refused_by_its_seal() -> None:
    closed = [{"month": f"2027-{4 + n:02d}", "closed_on": f"2027-{5 + n:02d}-20"} for n in range(5)]
    kept = month_seal(live(closed_months=closed, **UPDATED), "2027-08")
    sealed = [*closed[:-1], closed[-1] | {"seal": kept}]
    assert live(closed_months=sealed, **UPDATED).settlement.entries
    assert "2027-08" in refused(
        "closed_month_changed",
        [U1],
        closed_months=sealed,
        population_counts=counts("2027-07-01", {("P1", "ill"): 11}, "2027-07-05"),
    )


OUTSIDE: dict[str, Any] = {
    "aqp_prices": [
        {
            "service_line": "S1",
            "activity_type": "OP",
            "price_from": "2027-04-01",
            "unit_price": 100,
            "price_kind": "any_qualified_provider",
        },
        {
            "service_line": "S1",
            "activity_type": "OP",
            "price_from": "2028-04-01",
            "unit_price": 110,
            "price_kind": "any_qualified_provider",
        },
    ],
    "external_activity": [
        {
            "month": month,
            "provider": "OUT",
            "commissioner": "ICB",
            "service_line": "S1",
            "activity_type": "OP",
            "units": units,
            "known_on": known,
        }
        for month, units, known in (
            ("2027-05", 3, "2027-05-28"),
            ("2028-04", 2, "2028-05-12"),
            ("2027-05", 5, "2027-09-02"),
        )
    ],
}


@pytest.mark.req(231, 339, 358)
def test_providers_that_patients_choose_are_paid_from_the_budget_at_the_price_of_the_day() -> None:
    contract = live(**OUTSIDE)
    assert paid(contract, "PROV", "OUT") == {
        "2027-05": 30_000,
        "2027-09": 50_000,
        "2028-05": 22_000,
    }
    # The correction of May undoes what was paid and pays it anew.
    assert paid(contract, "OUT", "PROV") == {"2027-09": 30_000}
    deducted = live(terms={"outside_providers": "commissioner_deducts"}, **OUTSIDE)
    assert paid(deducted, "ICB", "OUT")["2027-05"] == 30_000
    assert paid(deducted, "PROV", "ICB")["2027-05"] == 30_000
    refused("price_missing", aqp_prices=[], external_activity=OUTSIDE["external_activity"])
    refused(
        "month_outside_term",
        aqp_prices=OUTSIDE["aqp_prices"],
        external_activity=[dict(OUTSIDE["external_activity"][0], month="2031-05")],
    )


PARTNERS = [
    {
        "subcontract": "K1",
        "payee": "SUB",
        "rule": "share",
        "share": 0.1,
        "gain_loss_share": 0.25,
        "starts_on": "2027-04-01",
        "reason": "Alliance",
    },
    {
        "subcontract": "K2",
        "payee": "P1",
        "rule": "fixed",
        "amount": 36_500,
        "starts_on": "2028-04-01",
        "ends_on": "2028-04-30",
        "reason": "Practice",
    },
]


@pytest.mark.req(232)
def test_partners_are_paid_by_their_rules_and_take_their_share_of_gains_and_losses() -> None:
    gains = [
        event(
            "G1",
            "payment",
            "2028-09-01",
            "2028-08-20",
            refers_to="gain_loss",
            party="ICB",
            counterparty="PROV",
            amount=1_000,
        ),
        event(
            "G2",
            "payment",
            "2029-09-01",
            "2029-08-20",
            refers_to="gain_loss",
            party="PROV",
            counterparty="ICB",
            amount=400,
        ),
    ]
    contract = live(gains, subcontracts=PARTNERS)
    partner = paid(contract, "PROV", "SUB")
    assert sum(amount for month, amount in partner.items() if month < "2028-04") == 12_600_000
    assert partner["2028-09"] == 1_050_000 + 25_000
    assert paid(contract, "SUB", "PROV") == {"2029-09": 10_000}
    assert paid(contract, "PROV", "P1") == {"2028-04": 300_000}
    refused("subcontract_incomplete", subcontracts=[dict(PARTNERS[0], rule="fixed")])
    refused("party_unknown", subcontracts=[dict(PARTNERS[0], payee="NOBODY")])
    refused(
        "shares_total", subcontracts=[PARTNERS[0], dict(PARTNERS[0], subcontract="K3", share=0.95)]
    )


@pytest.mark.req(232)
def test_a_successor_takes_a_partys_place_and_a_dispute_pays_without_prejudice() -> None:
    events = [
        event("N1", "succession", "2028-04-01", "2028-02-01", party="SUB", counterparty="OUT"),
        event("D1", "dispute", "2027-10-05", "2027-10-05", refers_to="A1"),
        event(
            "D2",
            "payment",
            "2028-01-01",
            "2028-01-10",
            refers_to="D1",
            party="ICB",
            counterparty="PROV",
            amount=500,
        ),
    ]
    contract = live(events, subcontracts=PARTNERS[:1])
    assert max(paid(contract, "PROV", "SUB")) == "2028-03"
    assert min(paid(contract, "PROV", "OUT")) == "2028-04"
    disputed = {
        posting.month
        for posting in contract.settlement.postings
        if "without prejudice to D1" in posting.reason
    }
    assert disputed == {"2027-11", "2027-12", "2028-01"}
    assert paid(contract, "ICB", "PROV")["2028-01"] == 7_550_000


def test_the_tail_of_a_gain_share_is_paid_after_the_contract_has_ended() -> None:
    contract = live(
        [
            event(
                "G1",
                "payment",
                "2030-07-01",
                "2030-06-20",
                refers_to="gain_loss",
                party="ICB",
                counterparty="PROV",
                amount=100,
            )
        ],
        subcontracts=PARTNERS[:1],
    )
    assert paid(contract, "ICB", "PROV")["2030-07"] == 10_000
    assert paid(contract, "PROV", "SUB")["2030-07"] == 2_500
    refused(
        "party_unknown",
        [
            event(
                "G1",
                "payment",
                "2030-07-01",
                "2030-06-20",
                party="ICB",
                counterparty="NOBODY",
                amount=100,
            )
        ],
    )


def test_a_payment_once_agreed_is_corrected_by_reversing_it() -> None:
    events = [
        event(
            "F1", "payment", "2027-06-01", "2027-06-03", party="ICB", counterparty="OUT", amount=900
        ),
        event("C1", "correction", "2027-06-01", "2027-09-09", refers_to="F1", amount=750),
    ]
    contract = live(events)
    assert paid(contract, "ICB", "OUT") == {"2027-06": 90_000, "2027-09": 75_000}
    assert paid(contract, "OUT", "ICB") == {"2027-09": 90_000}


@pytest.mark.req(210, 212)
def test_a_contract_that_is_terminated_is_paid_to_the_day() -> None:
    contract = live([event("T1", "termination", "2028-09-30", "2028-06-10")])
    core = paid(contract, "ICB", "PROV")
    assert max(core) == "2028-09"
    assert sum(amount for month, amount in core.items() if month >= "2028-04") == pytest.approx(
        90_000_000 * 183 / 365, abs=1
    )


@pytest.mark.req(210)
def test_activity_is_paid_on_account_and_put_right_and_incentives_when_they_are_earned() -> None:
    schemes = [
        {
            "year": "2027-28",
            "scheme": "OUTCOMES",
            "treatment": "top_sliced",
            "rate": 0.02,
            "parts": "part_a",
            "achieved": 0.75,
            "settled_on": "2028-07-14",
            "basis": "agreed",
        }
    ]
    contract = live(incentive_choices=schemes)
    assert paid(contract, "ICB", "PROV")["2028-07"] == 7_500_000 + 90_000_000 * 2 // 100 * 3 // 4
    assert sum(balances(contract.settlement.postings).values()) == 0
    delivered = [
        {
            "month": "2027-05",
            "commissioner": "ICB",
            "funding_stream": "core",
            "amount": 120,
            "known_on": "2027-06-12",
        }
    ]
    assert paid(live(delivered_activity=delivered), "ICB", "PROV")["2027-06"] == 7_500_000 + 12_000


@pytest.mark.req(222)
def test_monitoring_gives_year_to_date_outturn_and_what_moved_the_year() -> None:
    found = watch("Beds", "2027-28", "2027-06", [10] * 12, {"2027-04": 12, "2027-05": 9})
    assert (
        found.budget_to_date_pence,
        found.actual_to_date_pence,
        found.forecast_outturn_pence,
        found.variance_pence,
    ) == (20, 21, 121, 1)
    view = monitoring(
        live(
            monitoring_actuals=[{"month": "2027-04", "service_line": "S1", "amount": 100_000}],
            **UPDATED,
        ),
        "2027-09",
    )
    assert [(row["event"], row["wpap_pence"]) for row in view["variance_by_movement"]] == [
        ("U1", 150_273 + 30_055)
    ]
    assert (
        view["annual_payment"]["forecast_outturn_pence"] - view["annual_payment"]["budget_pence"]
        == 180_328
    )
    assert view["services"][0]["actual_to_date_pence"] == 10_000_000


@pytest.mark.req(222)
@pytest.mark.parametrize("event_of", [("PROV", "SUB"), ("ICB", "OUT")])
def test_what_was_paid_to_date_counts_whoever_has_taken_a_partys_place(
    event_of: tuple[str, str],
) -> None:
    moved = event(
        "N1", "succession", "2027-07-01", "2027-06-01", party=event_of[0], counterparty=event_of[1]
    )
    payment = monitoring(live([moved]), "2027-09")["annual_payment"]
    assert payment["actual_to_date_pence"] == payment["budget_to_date_pence"] == 63_000_000


@pytest.mark.req(232)
def test_a_provider_sees_its_income_after_and_the_fixed_cost_left_behind() -> None:
    assert stranded_fixed_cost(-100.0, 0.7) == 70.0
    assert stranded_fixed_cost(100.0, 0.7) == 0.0
    income = [
        {
            "provider": "SUB",
            "income_today": 200_000,
            "continues_outside": 50_000,
            "fixed_cost_share": 0.5,
            "source": "accounts",
        }
    ]
    found = provider_bridges(live(subcontracts=PARTNERS[:1], provider_income=income), "2027-28")[0]
    # £200,000 of 2026-27 in the money of 2027-28, by the GDP deflator of 2027-28
    deflator = book().look_up("gdp_deflator", "2027-28").value
    assert deflator > 0
    today, outside = (round_half_up(pence * (1 + deflator)) for pence in (20_000_000, 5_000_000))
    assert (found.income_today_pence, found.continues_outside_pence) == (today, outside)
    assert found.under_contract_pence == 12_600_000
    assert found.change_pence == 12_600_000 + outside - today
    assert found.stranded_fixed_cost_pence == round_half_up((today - outside - 12_600_000) / 2)
    assert sum(found.cash_by_month_pence) == 12_600_000


@pytest.mark.req(232, 367)
def test_every_posting_cites_a_figure_that_opens() -> None:
    contract = live(
        [
            U1,
            event(
                "F1",
                "payment",
                "2027-06-01",
                "2027-06-03",
                party="ICB",
                counterparty="OUT",
                amount=900,
            ),
        ],
        subcontracts=PARTNERS,
        population_counts=UPDATED["population_counts"],
        **OUTSIDE,
    )
    figures = {posting.figure for posting in contract.settlement.postings}
    assert len(figures) > 10
    for figure in figures:
        assert find_figure(contract.ledger, figure).block.unit == "pence"


def test_a_statement_carries_the_balance_on_and_unknown_names_are_told() -> None:
    contract = live(**UPDATED)
    first, second = (statement_figures(contract, "PROV", month) for month in ("2027-07", "2027-08"))
    assert first["closing_pence"] == second["opening_pence"] == 4 * 10_500_000
    assert (
        second["closing_pence"] - second["opening_pence"]
        == second["received_pence"] - second["paid_pence"]
    )
    with pytest.raises(UsageProblem, match="ICB"):
        statement_figures(contract, "NOBODY", "2027-07")
    with pytest.raises(UsageProblem, match="2028-05"):
        statement_figures(contract, "PROV", "July")


@pytest.mark.req(232)
def test_the_journal_balances_line_by_line_and_beancount_agrees(tmp_path: Path) -> None:
    contract = live(subcontracts=PARTNERS, **UPDATED, **OUTSIDE)
    rows = list(csv.DictReader(io.StringIO(journal_csv(contract))))
    assert (
        sum(round(float(row["debit"] or 0) * 100) for row in rows)
        == sum(round(float(row["credit"] or 0) * 100) for row in rows)
        > 0
    )
    file = tmp_path / "ledger.beancount"
    file.write_text(journal_beancount(contract), encoding="utf-8")
    check = pytest.importorskip(
        "beancount", reason="beancount is not installed; its own check reads the exported file"
    )
    done = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", str(file)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), check.__name__
    spoilt = file.read_text(encoding="utf-8").replace(
        "  Assets:Parties:PROV  75000.00", "  Assets:Parties:PROV  75000.01", 1
    )
    assert spoilt != file.read_text(encoding="utf-8")
    file.write_text(spoilt, encoding="utf-8")
    assert (
        subprocess.run(
            [sys.executable, "-m", "beancount.scripts.check", str(file)], capture_output=True
        ).returncode
        == 1
    )
    assert account_of("UNREG-a b") == "Assets:Parties:UNREG-a-b"
    assert accounts_of(["A.B", "A-B", "a-B"]) == {
        "A-B": "Assets:Parties:A-B",
        "A.B": "Assets:Parties:A-B-2",
        "a-B": "Assets:Parties:A-B-3",
    }


@pytest.mark.req(232)
def test_a_journal_goes_up_to_the_month_asked_for_and_no_further(tmp_path: Path) -> None:
    contract = live(subcontracts=PARTNERS)
    rows = list(csv.DictReader(io.StringIO(journal_csv(contract, "2027-06"))))
    assert {row["month"] for row in rows} == {"2027-04", "2027-05", "2027-06"}
    text = journal_beancount(contract, "2027-06")
    assert "2027-07-01 balance Assets:Parties:ICB  -" in text and "2027-07-01 *" not in text


def test_a_working_out_after_one_change_gives_the_same_to_the_penny() -> None:
    tables = live_tables([U1], subcontracts=PARTNERS)
    tables["population_counts"] = [*tables["population_counts"], *UPDATED["population_counts"]]
    before = live_contract(make(tables), book())
    tables["contract_events"] = [
        *tables["contract_events"],
        event(
            "F1", "payment", "2027-06-01", "2027-06-03", party="ICB", counterparty="OUT", amount=900
        ),
    ]
    changed = make(tables)
    assert (
        live_contract(changed, book(), before=before).settlement.entries
        == live_contract(changed, book()).settlement.entries
    )


def test_an_event_without_what_it_needs_is_refused() -> None:
    with pytest.raises(InputProblems):
        live([event("F1", "payment", "2027-06-01", "2027-06-03", party="ICB")])
    refused(
        "event_outside_term",
        [
            event(
                "S1",
                "scope_change",
                "2031-04-01",
                "2028-04-01",
                service_line="S1",
                direction="leaves",
            )
        ],
    )


@pytest.mark.req(232)
def test_a_succession_known_late_changes_no_month_already_paid_and_is_passed_on() -> None:
    on_time = live(
        [event("N1", "succession", "2028-04-01", "2028-02-01", party="SUB", counterparty="OUT")],
        subcontracts=PARTNERS[:1],
    )
    late = live(
        [event("N1", "succession", "2028-04-01", "2028-06-20", party="SUB", counterparty="OUT")],
        subcontracts=PARTNERS[:1],
    )
    before = live(subcontracts=PARTNERS[:1])
    fixed = [posting for posting in before.settlement.postings if posting.month < "2028-07"]
    assert [posting for posting in late.settlement.postings if posting.month < "2028-07"] == fixed
    passed = [
        posting
        for posting in late.settlement.postings
        if (posting.payer, posting.payee) == ("SUB", "OUT")
    ]
    assert {posting.month for posting in passed} == {"2028-07"} and len(passed) == 3
    assert passed[0].reason.startswith("Passed on from 2028-0") and passed[0].reason.endswith(
        "(N1)"
    )
    assert balances(late.settlement.postings) == balances(on_time.settlement.postings)


@pytest.mark.parametrize(
    ("code", "events"),
    [
        (
            "same_party",
            [
                event(
                    "F1",
                    "payment",
                    "2027-06-01",
                    "2027-06-03",
                    party="ICB",
                    counterparty="ICB",
                    amount=900,
                )
            ],
        ),
        (
            "same_party",
            [
                event(
                    "N1", "succession", "2027-06-01", "2027-06-03", party="SUB", counterparty="SUB"
                )
            ],
        ),
        (
            "succeeded_already",
            [
                event(
                    "N1", "succession", "2027-06-01", "2027-05-03", party="SUB", counterparty="OUT"
                ),
                event(
                    "N2", "succession", "2027-09-01", "2027-08-03", party="OUT", counterparty="SUB"
                ),
            ],
        ),
        (
            "event_incomplete",
            [
                event(
                    "F1",
                    "payment",
                    "2027-06-01",
                    "2027-06-03",
                    party="ICB",
                    counterparty="OUT",
                    amount=900,
                ),
                event("C1", "correction", "2027-06-01", "2027-07-03", refers_to="F1"),
            ],
        ),
        (
            "refers_to_the_future",
            [
                event(
                    "F1",
                    "payment",
                    "2027-06-01",
                    "2027-06-03",
                    party="ICB",
                    counterparty="OUT",
                    amount=900,
                ),
                event("C1", "correction", "2027-06-01", "2027-05-03", refers_to="F1", amount=1),
            ],
        ),
        (
            "terminated_already",
            [
                event("T1", "termination", "2028-09-30", "2028-06-10"),
                event("T2", "termination", "2029-09-30", "2028-07-10"),
            ],
        ),
        (
            "after_termination",
            [
                event("T1", "termination", "2028-09-30", "2028-06-10"),
                event(
                    "S1",
                    "scope_change",
                    "2028-10-01",
                    "2028-07-10",
                    service_line="S1",
                    direction="leaves",
                ),
            ],
        ),
        ("known_before_counted", [event("U1", "population_update", "2028-10-01", "2028-09-10")]),
        (
            "event_has_too_much",
            [
                event(
                    "N1",
                    "succession",
                    "2027-06-01",
                    "2027-06-03",
                    party="SUB",
                    counterparty="OUT",
                    amount=5,
                )
            ],
        ),
    ],
)
def test_events_that_contradict_what_came_before_are_refused(code: str, events: list[Any]) -> None:
    words = refused(code, events)
    assert events[-1]["event"] in words and words.endswith(".")


def test_a_termination_may_be_brought_forward() -> None:
    contract = live(
        [
            event("T1", "termination", "2028-09-30", "2028-06-10"),
            event("T2", "termination", "2028-08-31", "2028-07-10"),
        ]
    )
    assert max(posting.month for posting in contract.settlement.postings) == "2028-08"
