"""Monthly monitoring of services that are in the contract for part of its term, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live_models import event, live, moved
from tests.models import direct
from wpb.commands.settle import _monitoring_lines
from wpb.live import LiveContract
from wpb.live.watched_services import budget_by_month
from wpb.present.payment_results import monitoring_table
from wpb.present.statements import monitoring

EYES: dict[str, Any] = {
    "service_lines": [
        {"service_line": "EYES", "name": "Eyes", "scope": "out", "growth_category": "FLAT"}
    ],
    "direct_spend": [direct("D3", 200_000, service_line="EYES")],
}
JOINS = event(
    "S1", "scope_change", "2027-10-01", "2027-08-01", service_line="EYES", direction="joins"
)


def spent(**by_month: float) -> list[dict[str, Any]]:
    return [
        {"month": month[1:].replace("_", "-"), "service_line": "EYES", "amount": amount}
        for month, amount in by_month.items()
    ]


def eyes(contract: LiveContract, month: str) -> dict[str, Any]:
    return next(row for row in monitoring(contract, month)["services"] if row["name"] == "EYES")


@pytest.mark.req(222, 223)
def test_a_service_that_joined_is_watched_against_the_budget_it_joined_with() -> None:
    contract = live(
        [JOINS], monitoring_actuals=spent(m2027_09=9_000, m2027_10=14_000, m2027_11=16_000), **EYES
    )
    found = eyes(contract, "2027-11")
    # £90,000 for half a year: £15,000 a month from October; September is before it joined.
    assert found["budget_pence"] == moved(contract, "S1")[0] == 9_000_000
    assert (
        found["budget_to_date_pence"],
        found["actual_to_date_pence"],
        found["forecast_outturn_pence"],
    ) == (3_000_000, 3_000_000, 9_000_000)
    assert "2027-10 to 2028-03" in found["note"] and "£9,000.00" in found["note"]
    assert (
        eyes(live([JOINS], monitoring_actuals=spent(m2028_05=14_000), **EYES), "2028-06")[
            "budget_pence"
        ]
        == 18_000_000
    )


@pytest.mark.req(222, 223)
def test_a_service_that_was_never_in_the_contract_has_no_budget_and_not_one_of_nought() -> None:
    contract = live(monitoring_actuals=spent(m2027_04=14_000), **EYES)
    found = eyes(contract, "2027-04")
    assert found["actual_to_date_pence"] == 1_400_000
    assert [
        found[f"{name}_pence"]
        for name in ("budget", "budget_to_date", "variance_to_date", "forecast_outturn", "variance")
    ] == [None] * 5
    text = "\n".join(_monitoring_lines(monitoring(contract, "2027-04")))
    assert "EYES: No budget in the annual payment in 2027-28" in text and "£14,000" in text
    row = monitoring_table(contract).rows[-1]
    assert row[2] is None and "No budget in the annual payment" in str(row[-1])


@pytest.mark.req(222, 223)
def test_a_service_that_left_has_its_budget_up_to_then_and_none_after() -> None:
    leaves = event(
        "S1", "scope_change", "2027-10-01", "2027-03-20", service_line="S1", direction="leaves"
    )
    contract = live([leaves])
    months = budget_by_month(contract, "S1", "2027-28")
    assert sum(pence or 0 for pence in months) == 126_000_000 + moved(contract, "S1")[0]
    assert None not in months[:6] and months[6:] == [None] * 6
    assert budget_by_month(contract, "S1", "2028-29") == [None] * 12


@pytest.mark.req(222, 215)
def test_a_term_that_ends_within_a_year_has_a_budget_for_its_days_alone() -> None:
    contract = live(
        terms={"ends_on": "2029-09-30"},
        monitoring_actuals=[{"month": "2029-04", "service_line": "S1", "amount": 1}],
    )
    found = monitoring(contract, "2029-09")
    assert (
        found["services"][0]["budget_pence"]
        == found["annual_payment"]["budget_pence"]
        == 63_172_603
    )
    assert "2029-04 to 2029-09" in found["services"][0]["note"]
