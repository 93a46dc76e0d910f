"""Three years of a small contract as a finance lead reads them, and Midshire's three years through
the command line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import wpb
from tests.examples import example
from tests.live_models import counts, event, live
from wpb.commands.group import cli
from wpb.kernel.problems import UsageProblem
from wpb.live import LiveContract
from wpb.present.statements import settlement_figures, statement_figures, statement_lines

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "settlement"
MIDSHIRE = ROOT / "examples" / "midshire"


@pytest.fixture(scope="module")
def three_years() -> LiveContract:
    """Updates, a scope change, a correction to a closed month, outside activity, a partner and a
    gain.
    """
    events = [
        event(
            "U1",
            "population_update",
            "2027-07-01",
            "2027-07-10",
            reason="Registered lists of 1 July 2027",
        ),
        event(
            "U2",
            "population_update",
            "2028-04-01",
            "2028-04-12",
            reason="Registered lists of 1 April 2028",
        ),
        event(
            "C1",
            "correction",
            "2027-07-01",
            "2028-05-04",
            refers_to="U1",
            reason="Students of one hall were counted twice",
        ),
        event(
            "S1",
            "scope_change",
            "2029-10-01",
            "2029-06-20",
            service_line="EYES",
            direction="joins",
            reason="Eye clinics join",
        ),
        event(
            "G1",
            "payment",
            "2028-09-01",
            "2028-08-20",
            refers_to="gain_loss",
            party="ICB",
            counterparty="PROV",
            amount=12_345.67,
            reason="Gain share for 2027-28",
        ),
    ]
    from tests.models import direct

    return live(
        events,
        service_lines=[
            {"service_line": "EYES", "name": "Eyes", "scope": "out", "growth_category": "FLAT"}
        ],
        direct_spend=[direct("D3", 200_000, service_line="EYES")],
        population_counts=[
            *counts("2027-07-01", {("P1", "ill"): 10}, "2027-07-05"),
            *counts("2028-04-01", {("P1", "ill"): 12, ("P2", "well"): -30}, "2028-04-05"),
            *counts("2027-07-01", {("P1", "ill"): 4}, "2028-05-02"),
        ],
        subcontracts=[
            {
                "subcontract": "K1",
                "payee": "SUB",
                "rule": "share",
                "share": 0.1,
                "gain_loss_share": 0.25,
                "starts_on": "2027-04-01",
                "reason": "Alliance of voluntary organisations",
            }
        ],
        aqp_prices=[
            {
                "service_line": "S1",
                "activity_type": "OP",
                "price_from": "2027-04-01",
                "unit_price": 104.5,
                "price_kind": "any_qualified_provider",
            }
        ],
        external_activity=[
            {
                "month": "2028-05",
                "provider": "OUT",
                "commissioner": "ICB",
                "service_line": "S1",
                "activity_type": "OP",
                "units": 31,
                "known_on": "2028-06-09",
            }
        ],
    )


def golden(name: str, text: str) -> None:
    """Compare with the golden file; WPB_GOLDEN=write writes it anew."""
    path = GOLDEN / name
    if os.environ.get("WPB_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.req(232)
@pytest.mark.parametrize(
    ("party", "month"),
    [("PROV", "2028-06"), ("ICB", "2028-06"), ("SUB", "2028-09"), ("PROV", "2029-10")],
)
def test_statements_read_as_agreed(three_years: LiveContract, party: str, month: str) -> None:
    names = {"PROV": "Lead provider", "ICB": "Commissioner", "SUB": "Partner"}
    golden(
        f"statement_{party}_{month}.txt",
        "\n".join(statement_lines(statement_figures(three_years, party, month), names)) + "\n",
    )


@pytest.mark.req(212)
def test_years_and_balances_read_as_agreed(three_years: LiveContract) -> None:
    figures = settlement_figures(three_years)
    lines = []
    for year in figures["years"]:
        lines += [
            f"{year['year']}",
            *(
                f"  {name:<24}{year[name]:>14}"
                for name in (
                    "wpb_pence",
                    "wpap_pence",
                    "part_a_pence",
                    "part_b_pence",
                    "withheld_pence",
                    "beside_pence",
                )
            ),
        ]
        lines += ["  instalments " + " ".join(str(pence) for pence in year["instalments_pence"])]
    lines += [
        "balances",
        *(f"  {party:<24}{pence:>14}" for party, pence in figures["balances"].items()),
    ]
    golden("years.txt", "\n".join(lines) + "\n")


def asked(*words: str) -> Any:
    done = CliRunner().invoke(cli, [*words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def settled() -> Any:
    return asked("settle", str(MIDSHIRE), "--json")


@pytest.mark.req(210, 211, 212, 232)
def test_midshire_settles_to_the_penny(settled: Any) -> None:
    assert list(settled) == ["schema", "years", "postings", "balances", "sharing"]
    assert len(settled["years"]) == 10
    for year in settled["years"]:
        assert len(year["instalments_pence"]) == 12
        assert (
            sum(year["instalments_pence"])
            == year["wpap_pence"]
            == year["part_a_pence"] + year["part_b_pence"]
        )
        assert (
            year["wpb_pence"] == year["wpap_pence"] + year["withheld_pence"] + year["beside_pence"]
        )
        assert (
            year["beside_pence"]
            == year["activity_paid_pence"]
            + year["incentives_pence"]
            + year["personal_budgets_pence"]
        )
        assert (
            min(
                year["withheld_pence"],
                year["activity_paid_pence"],
                year["incentives_pence"],
                year["personal_budgets_pence"],
            )
            > 0
        )
    assert sum(settled["balances"].values()) == 0
    for posting in settled["postings"]:
        assert (
            posting["amount_pence"] > 0
            and posting["payer"] != posting["payee"]
            and posting["reason"]
            and posting["figure"].startswith("wpb/")
        )


@pytest.mark.req(367)
def test_every_figure_that_a_posting_cites_can_be_opened(settled: Any) -> None:
    model = example("midshire")
    for figure in sorted({posting["figure"] for posting in settled["postings"]}):
        assert model.explain(figure, 1)["id"] == figure
    with pytest.raises(UsageProblem, match="contract_terms"):
        wpb.load(ROOT / "examples" / "handbook").explain("wpb/v1/wpap/2027-28")


@pytest.mark.req(286, 367)
def test_a_shared_gain_is_followed_to_its_cells_by_the_ids_that_end_each_branch(
    settled: Any,
) -> None:
    model = example("midshire")
    shared = next(
        posting["figure"]
        for posting in settled["postings"]
        if posting["figure"].startswith("wpb/sharing/")
    )
    to_open, opened, leaves = [shared], set(), set()
    while to_open:
        opened.add(figure := to_open.pop())
        branches = [model.explain(figure, 1)]
        while branches:
            node = branches.pop()
            branches += node["children"]
            if node["kind"] == "see" and node["id"] not in opened:
                to_open.append(node["id"])
            elif node["kind"] == "input":
                leaves.add(node["where"]["file"])
    assert leaves == {
        "inputs/sharing_outturn.csv",
        "inputs/sharing_measures.csv",
        "urgent_care.yaml",
    }


@pytest.mark.req(119, 221, 234)
def test_midshire_goes_through_its_three_years() -> None:
    figures = asked("contract", str(MIDSHIRE), "--json")
    kinds = {version["kind"] for version in figures["versions"]}
    assert {
        "population_update",
        "reactivation",
        "joining",
        "scope_change",
        "correction",
        "re_opener",
        "periodic_agreement",
        "succession",
    } <= kinds
    assert all(test["band"] in ("in_range", "none") for test in figures["changes"])
    assert figures["years"][0]["certainty"] == "firm"
    earlier = asked("contract", str(MIDSHIRE), "--json", "--as-known-on", "2028-03-31")
    assert [v for v in figures["versions"] if v["known_on"] <= "2028-03-31"] == earlier["versions"]


def test_midshire_update_statement_and_comparison() -> None:
    update = asked("update-population", str(MIDSHIRE), "--update", "2028-07-01", "--json")
    assert update["update"] == "U05" and update["barred_changes"] and update["thin_types"]
    statement = asked("statement", str(MIDSHIRE), "--party", "QZN", "--month", "2028-05", "--json")
    assert (
        statement["closing_pence"]
        == statement["opening_pence"] + statement["received_pence"] - statement["paid_pence"]
    )
    assert (
        asked("contract", str(MIDSHIRE), "--compare", "agreed", "v20", "--json")[
            "unexplained_pence"
        ]
        == 0
    )


@pytest.mark.req(369)
def test_two_versions_of_the_contract_are_compared_by_name_event_or_day() -> None:
    found = asked("compare", f"{MIDSHIRE}@agreed", f"{MIDSHIRE}@R01", "--json")
    assert found["unexplained_pence"] == 0 and found["steps"][-1]["event"] == "R01"
    assert all(
        sum(step["parts_pence"].values())
        == step["total_pence"]
        == sum(step["years_pence"].values())
        for step in found["steps"]
    )
    assert asked("compare", f"{MIDSHIRE}@agreed", f"{MIDSHIRE}@2028-05-10", "--json") == found
    text = CliRunner().invoke(cli, ["compare", f"{MIDSHIRE}@v8", f"{MIDSHIRE}@agreed"]).stdout
    assert (
        "Weir Cottage Surgery takes up its own contract again" in text
        and text.rstrip().endswith("£0.00")
    )
    for a, b, words in (
        (f"{MIDSHIRE}@v1", str(MIDSHIRE), "not one of each"),
        (f"{MIDSHIRE}@v1", "nowhere@v1", "no model at nowhere"),
        (f"{MIDSHIRE}@v1", f"{MIDSHIRE}@v99", "no version 'v99'"),
    ):
        with pytest.raises(UsageProblem, match=words):
            CliRunner().invoke(
                cli, ["compare", a, b], catch_exceptions=False, standalone_mode=False
            )


@pytest.mark.req(210)
def test_the_check_of_a_model_looks_at_its_contract_too(tmp_path: Path) -> None:
    folder = tmp_path / "midshire"
    shutil.copytree(MIDSHIRE, folder, ignore=shutil.ignore_patterns("results", "*.xlsx"))
    assert not [problem for problem in wpb.load(folder).check() if problem.severity == "error"]
    events = folder / "inputs" / "contract_events.csv"
    events.write_text(
        events.read_text(encoding="utf-8").replace(
            "S01,scope_change,2029-10-01", "S01,scope_change,2039-10-01"
        ),
        encoding="utf-8",
    )
    found = [problem for problem in wpb.load(folder).check() if problem.severity == "error"]
    assert [problem.code for problem in found] == ["event_outside_term"]
    assert found[0].where is not None and found[0].where.cell.startswith("A")


def test_wrong_names_are_told_in_words() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "wpb",
            "statement",
            str(MIDSHIRE),
            "--party",
            "NOBODY",
            "--month",
            "2028-05",
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert "MIDPART" in done.stderr and "Traceback" not in done.stderr


def test_the_commands_of_the_guide_to_a_live_contract_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [
        line.strip()
        for line in (ROOT / "docs" / "live-contract.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("    wpb ")
    ]
    assert len(commands) == 7
    for command in commands:
        done = CliRunner().invoke(
            cli,
            command.replace("examples/midshire", str(MIDSHIRE)).split()[1:],
            catch_exceptions=False,
        )
        assert done.exit_code == 0 and done.stdout, command
    assert (tmp_path / "settlement.beancount").read_text(encoding="utf-8").startswith("option")
