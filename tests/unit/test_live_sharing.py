"""Gains and losses settled in a live contract: mirrored, posted on account, made final, corrected,
and never counted twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.live_models import live_model
from tests.models import Rows, book
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.live import LiveContract, live_contract
from wpb.live.sharing import model_arrangements
from wpb.present.exposure_view import total_exposure
from wpb.present.statements import settlement_figures, statement_figures
from wpb.settlement.ledger import balances
from wpb.sharing.exposure import worst_case_pence

ARRANGEMENT = """\
arrangement: care
title: Care of adults
settles: parties
currency: GBP
first_year: 2027-28
years: 3
what_is_shared: spend
gap_falls_on: PROV
retained_by: PROV
frequency: yearly
ends: {gains: undecided, losses: undecided}
lines:
  - {line: adults, title: Adults, unit: pound, currency: GBP, baseline: BASELINE, baseline_from: FROM, source_of_cash: {kind: CASH}}
parties:
  - {party: ICB, title: Commissioner, role: commissioner, contract: main, gains: 50%, losses: 50%, influence: 2, ability_to_bear_risk: 5}
  - {party: PROV, title: Lead, role: provider, gains: 30%, losses: 30%, influence: 5, ability_to_bear_risk: 3}
  - {party: SUB, title: Partner, role: provider, contract: under, gains: 20%, losses: 20%, influence: 3, ability_to_bear_risk: 2}
contracts:
  - {contract: main, payer: ICB, payee: PROV}
  - {contract: under, payer: PROV, payee: SUB}
steps: [gap, cash, net, {step: sides, gains: 1, losses: 1}, share_out]
"""
PARTNER = [
    {
        "subcontract": "K1",
        "payee": "SUB",
        "rule": "share",
        "share": 0.1,
        "starts_on": "2027-04-01",
        "reason": "Partner",
    }
]
SAVING = [
    {
        "programme": "UEC",
        "service_line": "S1",
        "commissioner": "ICB",
        "funding_stream": "core",
        "year": "2028-29",
        "investment": 0,
        "saving": 60_000,
        "recurrent": True,
        "scope": "inside",
        "owner": "Board",
        "plan": "Streaming",
    }
]


def outturn(amount: float, status: str, known_on: str, year: str = "2027-28") -> dict[str, Any]:
    return {
        "arrangement": "care",
        "line": "adults",
        "year": year,
        "outturn": amount,
        "months": 12,
        "status": status,
        "known_on": known_on,
    }


def settled(
    folder: Path,
    rows: Sequence[dict[str, Any]],
    baseline: str = "1260000",
    mirror: str = "wpb",
    cash: str = "activity_payment",
    partners: Rows = PARTNER,
    **more: Any,
) -> LiveContract:
    (folder / "arrangements").mkdir(exist_ok=True)
    (folder / "arrangements" / "care.yaml").write_text(
        ARRANGEMENT.replace("BASELINE", baseline).replace("FROM", mirror).replace("CASH", cash),
        encoding="utf-8",
    )
    link = [{"arrangement": "care", "line": "adults", "service_line": "S1", "scope": "inside"}]
    return live_contract(
        live_model(subcontracts=partners, shadow_sharing=link, sharing_outturn=list(rows), **more),
        book(),
        arrangements=model_arrangements(folder),
    )


def shared(contract: LiveContract) -> list[tuple[str, str, str, int]]:
    return [
        (p.month, p.payer, p.payee, p.amount_pence)
        for p in contract.settlement.postings
        if p.figure.startswith("wpb/sharing/")
    ]


def codes(folder: Path, *args: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(InputProblems) as stopped:
        settled(folder, *args, **more)
    return {
        problem.code: str(problem)
        for problem in stopped.value.problems
        if problem.severity == "error"
    }


PROVISIONAL = outturn(1_200_000, "provisional", "2028-05-10")
FINAL = outturn(1_190_000, "final", "2028-09-10")
REVISED = outturn(1_280_000, "final", "2029-02-10")


@pytest.mark.req(273, 286, 287)
def test_an_outturn_is_paid_on_account_made_final_and_corrected(tmp_path: Path) -> None:
    contract = settled(tmp_path, [PROVISIONAL, FINAL, REVISED])
    assert shared(contract) == [
        ("2028-05", "PROV", "ICB", 30_000_00),
        ("2028-05", "PROV", "SUB", 12_000_00),
        ("2028-09", "PROV", "ICB", 5_000_00),
        ("2028-09", "PROV", "SUB", 2_000_00),
        ("2029-02", "ICB", "PROV", 35_000_00),
        ("2029-02", "ICB", "PROV", 10_000_00),
        ("2029-02", "SUB", "PROV", 14_000_00),
        ("2029-02", "SUB", "PROV", 4_000_00),
    ]
    assert sum(balances(contract.settlement.postings).values()) == 0
    words = [
        posting.reason.split(",")[0]
        for posting in contract.settlement.postings
        if posting.figure.startswith("wpb/sharing/")
    ]
    assert words == ["Gain share"] * 5 + ["Loss share", "Gain share", "Loss share"]
    listed = [row["reason"] for row in statement_figures(contract, "SUB", "2028-09")["rows"]]
    assert any(
        reason.startswith("Gain share, Care of adults: 2027-28 final settlement")
        for reason in listed
    )


@pytest.mark.req(286)
def test_each_posting_is_explained_down_to_the_outturn(tmp_path: Path) -> None:
    contract = settled(tmp_path, [FINAL])
    posting = next(
        p
        for p in contract.settlement.postings
        if p.payee == "SUB" and p.figure.startswith("wpb/sharing/")
    )
    assert "'sheet': 'sharing_outturn', 'cell': 'D2'" in str(contract.explain(posting.figure, 20))


def test_only_what_was_known_is_settled(tmp_path: Path) -> None:
    contract = settled(tmp_path, [PROVISIONAL, FINAL])
    earlier = live_contract(
        contract.model, book(), datetime.date(2028, 6, 1), arrangements=model_arrangements(tmp_path)
    )
    assert shared(earlier) == shared(contract)[:2]
    assert [one["status"] for one in settlement_figures(contract, "2028-06")["sharing"]] == [
        "provisional"
    ]


@pytest.mark.req(287)
def test_a_gain_without_cash_is_shown_and_not_paid(tmp_path: Path) -> None:
    contract = settled(tmp_path, [FINAL], cash="none")
    assert shared(contract) == []
    assert contract.sharing.statements[0]["notional_pence"] == pytest.approx(70_000_00)


@pytest.mark.req(273, 292)
def test_a_baseline_that_is_no_longer_the_budgets_is_said_and_goes_on_as_agreed(
    tmp_path: Path,
) -> None:
    drifted = settled(tmp_path, [FINAL], baseline="1300000")
    said = {problem.code: str(problem) for problem in drifted.problems}
    assert "1,260,000" in said["not_the_budget"] and "re-based" in said["not_the_budget"]
    assert shared(drifted) != []
    assert "not_the_budget" not in {problem.code for problem in settled(tmp_path, [FINAL]).problems}


@pytest.mark.req(298)
def test_a_saving_taken_in_the_budget_is_not_shared_again(tmp_path: Path) -> None:
    """£60,000 taken from the budget in 2028-29: a baseline that still holds it pays it out
    twice.
    """
    found = codes(tmp_path, [FINAL], mirror="history", care_model_impacts=SAVING)
    assert "£60,000.00 of saving in 2028-29" in found["counted_twice"]
    after = "{by: year, table: {2027-28: 1260000, 2028-29: 1200000, 2029-30: 1260000}}"
    assert len(shared(settled(tmp_path, [FINAL], baseline=after, care_model_impacts=SAVING))) == 2


@pytest.mark.req(189, 298)
def test_a_saving_left_to_sharing_may_be_shared_once(tmp_path: Path) -> None:
    left = [SAVING[0] | {"share_in_budget": 0.0}]
    assert len(shared(settled(tmp_path, [FINAL], care_model_impacts=left))) == 2


@pytest.mark.req(286, 317)
def test_a_party_without_a_contract_is_refused(tmp_path: Path) -> None:
    assert "SUB" in codes(tmp_path, [FINAL], partners=[])["no_contract"]


def test_wrong_names_and_orders_are_refused_at_their_cells(tmp_path: Path) -> None:
    assert "'other'" in codes(tmp_path, [FINAL | {"arrangement": "other"}])["arrangement_missing"]
    assert (
        "sharing_outturn, cell B2"
        in codes(tmp_path, [FINAL | {"line": "children"}])["unknown_name"]
    )
    assert (
        "settled finally"
        in codes(tmp_path, [FINAL, outturn(1, "provisional", "2028-10-10")])["sharing_status"]
    )


@pytest.mark.req(248, 284)
def test_exposure_is_added_up_across_schemes_and_tested_against_the_limit(tmp_path: Path) -> None:
    """10% over £1,260,000 is £126,000: half of it the commissioner's, and beyond its limit of
    £60,000.
    """
    limits = [
        {"organisation": "ICB", "exposure_limit": 60_000},
        {"organisation": "SUB", "exposure_limit": 30_000},
    ]
    scheme = [
        {
            "year": "2027-28",
            "scheme": "IPS",
            "treatment": "top_sliced",
            "rate": 0.025,
            "parts": "both",
            "basis": "test",
        }
    ]
    contract, log = (
        settled(tmp_path, [FINAL], shadow_parties=limits, incentive_choices=scheme),
        ProblemLog(),
    )
    first = {
        one["party"]: one
        for one in total_exposure(contract, model_arrangements(tmp_path), 0.1, log)["exposures"]
        if one["year"] == "2027-28"
    }
    assert (first["ICB"]["total_pence"], first["ICB"]["within_limit"]) == (
        pytest.approx(63_000_00),
        False,
    )
    assert (first["SUB"]["total_pence"], first["SUB"]["within_limit"]) == (
        pytest.approx(25_200_00),
        True,
    )
    assert first["PROV"]["by_scheme_pence"] == {
        "care": pytest.approx(37_800_00),
        "withheld incentives": pytest.approx(31_500_00),
    }
    assert {problem.code for problem in log} == {"over_exposed", "no_exposure_limit"}


@pytest.mark.req(284)
def test_exposure_is_the_worst_over_what_a_gate_on_losses_may_do(tmp_path: Path) -> None:
    """A loss that is shared only once outcomes reach 60% is still a loss that may have to be
    borne.
    """
    gated = ARRANGEMENT.replace(
        "steps: [gap, cash, net,",
        "measures: [outcomes]\nsteps: [gap, cash, net, {step: gate, gains: 1, losses: {measure:"
        " outcomes, at_least: 60%}},",
    )
    (tmp_path / "arrangements").mkdir()
    (tmp_path / "arrangements" / "care.yaml").write_text(
        gated.replace("BASELINE", "1260000")
        .replace("FROM", "history")
        .replace("CASH", "activity_payment"),
        encoding="utf-8",
    )
    (arrangement,) = model_arrangements(tmp_path)
    assert worst_case_pence(arrangement, 0.1)["ICB"] == [pytest.approx(63_000_00)] * 3


def gated_by_scheme(folder: Path, threshold: str, reported: float, **more: Any) -> LiveContract:
    """An arrangement whose gains pass only if the scheme HOME achieved enough; a metric of HOME
    earns half from 0 to 1.
    """
    (folder / "arrangements").mkdir(exist_ok=True)
    text = ARRANGEMENT.replace(
        "steps: [gap, cash, net,",
        "measures: [HOME]\nsteps: [gap, cash, net, {step: gate, gains: {measure: HOME, at_least:"
        f" {threshold}}}, losses: 1}},",
    )
    (folder / "arrangements" / "care.yaml").write_text(
        text.replace("BASELINE", "1260000")
        .replace("FROM", "wpb")
        .replace("CASH", "activity_payment"),
        encoding="utf-8",
    )
    tables: dict[str, Rows] = {
        "subcontracts": PARTNER,
        "shadow_sharing": [
            {"arrangement": "care", "line": "adults", "service_line": "S1", "scope": "inside"}
        ],
        "sharing_outturn": [FINAL],
        "incentive_schemes": [
            {
                "scheme": "HOME",
                "title": "Home",
                "published_as": "local",
                "all_or_nothing": False,
                "source": "test",
            }
        ],
        "incentive_choices": [
            {
                "year": "2027-28",
                "scheme": "HOME",
                "treatment": "beside",
                "rate": 0.01,
                "parts": "part_a",
                "settled_on": "2028-07-14",
                "basis": "test",
            }
        ],
        "incentive_metrics": [
            {
                "scheme": "HOME",
                "metric": "A",
                "title": "A",
                "measure": "a",
                "metric_kind": "process",
                "first_year": "2027-28",
                "paid": True,
                "weight": 1,
                "wants": "more",
                "scale": "sliding",
                "threshold": 0,
                "full_at": 1,
            }
        ],
        "incentive_reports": [
            {
                "year": "2027-28",
                "scheme": "HOME",
                "metric": "A",
                "value": reported,
                "known_on": "2028-06-30",
                "source": "test",
            }
        ],
    }
    return live_contract(
        live_model(**{**tables, **more}), book(), arrangements=model_arrangements(folder)
    )


@pytest.mark.req(257)
def test_a_gate_may_hang_on_what_an_incentive_scheme_achieved(tmp_path: Path) -> None:
    assert len(shared(gated_by_scheme(tmp_path, "70%", 0.7))) == 2
    assert shared(gated_by_scheme(tmp_path, "70%", 0.69)) == []
    with pytest.raises(InputProblems) as stopped:
        gated_by_scheme(
            tmp_path,
            "70%",
            0.7,
            sharing_measures=[
                {
                    "arrangement": "care",
                    "measure": "HOME",
                    "year": "2027-28",
                    "value": 0.9,
                    "known_on": "2028-06-01",
                }
            ],
        )
    assert [problem.code for problem in stopped.value.problems if problem.severity == "error"] == [
        "measure_twice"
    ]


@pytest.mark.req(257, 286)
def test_a_measure_reported_after_the_last_outturn_is_said_to_change_nothing_yet(
    tmp_path: Path,
) -> None:
    (tmp_path / "arrangements").mkdir()
    text = ARRANGEMENT.replace(
        "steps: [gap, cash, net,",
        "measures: [outcomes]\nsteps: [gap, cash, net, {step: gate, gains: {measure: outcomes,"
        " at_least: 60%}, losses: 1},",
    )
    (tmp_path / "arrangements" / "care.yaml").write_text(
        text.replace("BASELINE", "1260000")
        .replace("FROM", "wpb")
        .replace("CASH", "activity_payment"),
        encoding="utf-8",
    )
    link = [{"arrangement": "care", "line": "adults", "service_line": "S1", "scope": "inside"}]
    rows = [
        {
            "arrangement": "care",
            "measure": "outcomes",
            "year": "2027-28",
            "value": value,
            "known_on": day,
        }
        for value, day in ((0.7, "2028-06-01"), (0.5, "2028-11-01"))
    ]
    found = live_contract(
        live_model(
            subcontracts=PARTNER,
            shadow_sharing=link,
            sharing_outturn=[FINAL],
            sharing_measures=rows,
        ),
        book(),
        arrangements=model_arrangements(tmp_path),
    )
    assert len(shared(found)) == 2
    said = next(problem for problem in found.problems if problem.code == "measure_after_outturn")
    assert (
        said.where is not None
        and said.where.sheet == "sharing_measures"
        and "after the last outturn" in said.what
    )
    again = live_contract(
        live_model(
            subcontracts=PARTNER,
            shadow_sharing=link,
            sharing_outturn=[FINAL, FINAL | {"known_on": "2028-11-01"}],
            sharing_measures=rows,
        ),
        book(),
        arrangements=model_arrangements(tmp_path),
    )
    assert (
        sum(
            amount if payee == "PROV" else -amount
            for _, payer, payee, amount in shared(again)
            if "PROV" in (payer, payee)
        )
        == 0
    )
