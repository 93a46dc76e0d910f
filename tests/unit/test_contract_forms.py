"""The three forms of integration in money: who is paid by whom in a virtual, a partial and a full
model.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import wpb
from tests.conftest import REPO_ROOT
from tests.live_models import event, live_tables, refused
from tests.models import book, direct, make
from wpb.kernel.problems import InputProblems
from wpb.live import LiveContract, live_contract
from wpb.present.contract_view import contract_figures, tree_figures
from wpb.present.statements import monitoring
from wpb.settlement.ledger import balances

LINES = [
    direct("D5", 500_000, provider="OUT"),
    direct("D6", 300_000, provider="SUB"),
    direct("D7", 90_000, provider="OUT"),
]


def in_form(form: str, events: Any = (), lines: Any = LINES, **more: Any) -> LiveContract:
    """The small contract in one form, its practices taking part as the form says; lines of £590,000
    name OUT, and of £300,000 SUB.
    """
    tables = live_tables(list(events), direct_spend=list(lines), **more)
    tables["gp_lists"] = [
        row
        | (
            {"participation": form}
            if row["participation"] != "none" and row["kind"] == "practice"
            else {}
        )
        for row in tables["gp_lists"]
    ]
    return live_contract(make(tables, form=form), book())


def pairs(contract: LiveContract) -> dict[tuple[str, str], int]:
    """What each pays each in the first year."""
    found: dict[tuple[str, str], int] = {}
    for entry in contract.settlement.entries:
        if entry.posting.month < "2028-04":
            ends = entry.posting.payer, entry.posting.payee
            found[ends] = found.get(ends, 0) + entry.posting.amount_pence
    return found


@pytest.mark.req(343)
def test_in_a_virtual_model_each_commissioner_goes_on_paying_each_provider() -> None:
    contract = in_form("virtual")
    # Nine tenths of the lists take part: of £890,000 of lines that name a provider, £801,000; the
    # rest is told of.
    assert pairs(contract) == {("ICB", "OUT"): 59_000_000 * 9 // 10, ("ICB", "SUB"): 27_000_000}
    told = next(problem.what for problem in contract.problems if problem.code == "virtual_unpaid")
    assert "£1,260,000 of the annual payment of 2027-28" in told
    assert (
        monitoring(contract, "2027-09")["annual_payment"]["actual_to_date_pence"] == 80_100_000 // 2
    )


@pytest.mark.req(231, 343)
def test_a_virtual_model_has_no_lead_to_pay_outside_providers_or_earn_incentives() -> None:
    prices = [
        {
            "service_line": "S1",
            "activity_type": "OPFA",
            "price_from": "2027-04-01",
            "unit_price": 100,
            "price_kind": "local",
        }
    ]
    activity = [
        {
            "month": "2027-05",
            "provider": "OUT",
            "commissioner": "ICB",
            "service_line": "S1",
            "activity_type": "OPFA",
            "units": 12,
            "known_on": "2027-06-10",
        }
    ]
    scheme = [
        {
            "year": "2027-28",
            "scheme": "OUTCOMES",
            "treatment": "top_sliced",
            "rate": 0.02,
            "parts": "part_a",
            "basis": "agreed",
            "achieved": 0.5,
            "settled_on": "2028-07-01",
        }
    ]
    contract = in_form(
        "virtual",
        lines=LINES[:2],
        aqp_prices=prices,
        external_activity=activity,
        incentive_choices=scheme,
    )
    assert "PROV" not in balances(contract.settlement.postings)
    choice = [
        posting
        for posting in contract.settlement.postings
        if posting.reason.startswith("Patient choice")
    ]
    assert [(posting.payer, posting.payee, posting.amount_pence) for posting in choice] == [
        ("ICB", "OUT", 120_000)
    ]
    earned = {
        posting.payee: posting.amount_pence
        for posting in contract.settlement.postings
        if "earned" in posting.reason
    }
    # Half of 2% of Part A comes back to those it was withheld from, by the lines that name them.
    assert earned == {"OUT": 450_000, "SUB": 270_000}
    with pytest.raises(InputProblems, match="stop the run") as stopped:
        in_form(
            "virtual",
            delivered_activity=[
                {
                    "month": "2027-05",
                    "commissioner": "ICB",
                    "funding_stream": "core",
                    "amount": 5000,
                    "known_on": "2027-06-10",
                }
            ],
        )
    assert [problem.code for problem in stopped.value.problems if problem.severity == "error"] == [
        "virtual_activity"
    ]


@pytest.mark.req(344, 345)
def test_a_practice_takes_part_as_the_form_of_the_contract_says() -> None:
    for form, practice in (("virtual", "P1"), ("partial", "P1"), ("full", "P2")):
        assert practice in refused("form_contradicted", settings={"form": form})


def copied(tmp_path: Path, form: str) -> LiveContract:
    """Midshire on the day it is agreed, all its practices taking part in one form."""
    folder = tmp_path / form
    shutil.copytree(
        REPO_ROOT / "examples" / "midshire",
        folder,
        ignore=shutil.ignore_patterns("results", "record", "arrangements", "*.xlsx"),
    )
    settings = folder / "model.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("form: mixed", f"form: {form}"),
        encoding="utf-8",
    )

    def rewrite(name: str, change: Any) -> None:
        path = folder / "inputs" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        kept = [changed for row in rows if (changed := change(row)) is not None]
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, rows[0])
            writer.writeheader()
            writer.writerows(kept)

    def only(wanted: bool) -> Any:
        return lambda row: row if wanted else None

    rewrite(
        "gp_lists",
        lambda row: (
            row
            | (
                {"participation": form}
                if row["kind"] == "practice" and row["participation"] != "none"
                else {}
            )
        ),
    )
    rewrite("contract_events", lambda row: row if row["event"] == "A01" else None)
    rewrite(
        "gp_roles",
        lambda row: (
            row
            | {
                "own_contract": "suspended" if form == "full" else "continues",
                "role": "subcontractor" if form == "full" else "none",
            }
        ),
    )
    rewrite("subcontracts", lambda row: row if not row["subcontract"].startswith("GP-") else None)
    for name in ("sharing_outturn", "sharing_measures", "periodic_evidence", "closed_months"):
        rewrite(name, only(False))
    loaded = wpb.load(folder)
    return live_contract(loaded.model, loaded.book)


@pytest.mark.req(344, 345, 346)
def test_core_general_practice_is_inside_a_full_contract_and_outside_a_partial_one(
    tmp_path: Path,
) -> None:
    core: dict[str, int] = {}
    for form in ("partial", "full"):
        contract = copied(tmp_path, form)
        figures = contract_figures(contract)
        core[form] = sum(
            row["wpap_pence"]
            for row in figures["years"][0]["schedule_4a"]
            if row["funding_stream"] == "primary_medical"
        )
        flows: Mapping[str, Any] = {flow["who"]: flow for flow in figures["money_flow"]}
        assert flows["contract"]["form"] == form
        words = (
            "core general practice is inside"
            if form == "full"
            else "its own contract pays it for core general practice"
        )
        assert all(words in flow["flow"] for who, flow in flows.items() if who != "contract")
        tree = tree_figures(contract, contract.tree(), 0)
        assert (
            tree["wpb_pence"] == tree["wpap_pence"] + tree["withheld_pence"] + tree["beside_pence"]
        )
        assert sum(balances(contract.settlement.postings).values()) == 0
        payers = {
            posting.payer
            for posting in contract.settlement.postings
            if posting.payee == "MIDPART" and posting.reason.startswith("Annual payment")
        }
        assert payers == {"QZN", "QZS", "MCC"}
    assert core["partial"] < core["full"] / 5


@pytest.mark.req(232)
def test_personal_budgets_of_several_payers_out_add_to_the_penny() -> None:
    budgets = [
        {
            "personal_budget": code,
            "commissioner": "ICB",
            "funding_stream": "core",
            "budget_kind": "personal_health_budget",
            "held": "inside",
            "administered_by": by,
            "year": "2027-28",
            "amount": 1000.01,
        }
        for code, by in (("A", "PROV"), ("B", "SUB"), ("C", "OUT"))
    ]
    tables = live_tables(
        [event("T1", "termination", "2027-09-11", "2027-06-01")], personal_budgets=budgets
    )
    contract = live_contract(make(tables), book())
    paid = sum(
        posting.amount_pence
        for posting in contract.settlement.postings
        if posting.reason.startswith("Personal budgets")
    )
    assert paid == contract.tree().of("personal_budgets", 0)
