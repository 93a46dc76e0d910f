"""A whole shadow test: scenarios, what drives the results, payment models, sharing, the command and
its report page.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import wpb
from tests.examples import example
from tests.models import book
from tests.shadow_models import shadow_budget, shadow_case, uncertain
from wpb.commands.shadow import read_arrangements
from wpb.kernel.problems import InputProblems, ProblemLog, UsageProblem
from wpb.shadow.appraisal import appraise, rewards
from wpb.shadow.draws import planned_values
from wpb.shadow.runs import run_values, simulate_runs
from wpb.shadow.scenarios import overlaid, scenario_grid
from wpb.shadow.sensitivity import break_even, break_evens, tornado, variance_shares
from wpb.shadow.shadow_test import prepare, shadow_test
from wpb.shadow.sharing_links import dues
from wpb.sharing.settle_parties import rounded_year, settle_parties

MIDSHIRE = Path(wpb.__file__).parents[2] / "examples" / "midshire"
USE = uncertain(
    "USE",
    "activity",
    distribution="normal",
    centre=1.0,
    spread=0.02,
    applies_by="provider",
    applies_to="HOSP",
    persistence=1.0,
)
BASE = uncertain(
    "BASE",
    "baseline_error",
    distribution="normal",
    centre=1.0,
    spread=0.04,
    applies_by="provider",
    applies_to="COMM",
    persistence=1.0,
)


@pytest.fixture(scope="module")
def midshire() -> wpb.api.LoadedModel:
    """Midshire, read once."""
    return example("midshire")


@pytest.mark.req(300)
def test_shares_of_variance_are_those_of_a_sum_of_two() -> None:
    """Spend = hospital (700,000 with spread 0.02) + community (300,000 with 0.04): variances
    14,000^2 and 12,000^2.
    """
    case = shadow_case([USE, BASE])
    shares = {
        one.uncertainty: one for one in variance_shares(case, ["headroom"], 4_096, 3)["headroom"]
    }
    truth = 14_000**2 / (14_000**2 + 12_000**2)
    assert shares["USE"].alone == pytest.approx(truth, abs=0.05)
    assert shares["BASE"].together == pytest.approx(1 - truth, abs=0.05)
    low, high = shares["USE"].together_interval
    assert low <= truth <= high
    assert variance_shares(case, ["headroom"], 256, 3) == variance_shares(
        case, ["headroom"], 256, 3
    )


@pytest.mark.req(300)
def test_a_tornado_moves_one_thing_at_a_time_and_break_even_is_where_nothing_is_left() -> None:
    case = shadow_case([USE, BASE])
    swings = tornado(case, "headroom")
    assert [swing.uncertainty for swing in swings] == ["USE", "BASE"]
    assert swings[0].at_high == pytest.approx(-3 * 700_000_00 * 0.02 * 1.2815515655, rel=1e-6)
    at = break_even(case, "headroom", "USE", within=(0.5, 5.0))
    assert at is not None
    values = planned_values(case.plan.declared, 1, 3)
    values["USE"][:] = at
    assert run_values(case, values)[0, case.columns["headroom"]].sum() == pytest.approx(0, abs=1)
    assert break_even(case, "headroom", "USE") is None
    with pytest.raises(UsageProblem, match="no shared uncertainty"):
        break_even(case, "headroom", "NOTHING")


@pytest.mark.req(299, 333, 334, 335, 336, 337)
def test_payment_models_put_use_of_services_where_they_say() -> None:
    terms = [
        {"payment_model": "bundled_pathway", "term": "episode_share", "value": 0.7, "reason": "t"},
        {"payment_model": "blended", "term": "marginal_rate", "value": 0.5, "reason": "t"},
    ]
    case = shadow_case([USE], {"payment_model_terms": terms})
    values = planned_values(case.plan.declared, 1, 3)
    values["USE"][:] = 1.10
    row = (
        run_values(case, values)[0] - run_values(case, planned_values(case.plan.declared, 1, 3))[0]
    )

    def moved(model: str, party: str) -> float:
        return float(row[case.columns[f"model/{model}/{party}"]][0])

    inside, outside, term = 500_000_00 * 0.10, 200_000_00 * 0.10, 3
    assert moved("activity", "ICB") == pytest.approx(-(inside + outside) * term)
    assert moved("block", "ICB") == pytest.approx(-outside * term)
    assert moved("blended", "ICB") == pytest.approx(-(0.5 * inside + outside) * term)
    assert moved("bundled_pathway", "ICB") == pytest.approx(-(0.7 * inside + outside) * term)
    assert moved("stratified_capitation", "ICB") == pytest.approx(-outside * term)
    assert moved("whole_population_budget", "ICB") == pytest.approx(-outside * term)
    assert moved("whole_population_budget", "LEAD") == pytest.approx(-inside * term)
    assert moved("activity", "HOSP") == pytest.approx(0.6 * (inside + outside) * term)
    assert moved("block", "HOSP") == pytest.approx((0.6 * outside - 0.4 * inside) * term)


@pytest.mark.req(338)
def test_what_a_model_rewards_is_what_a_change_pays() -> None:
    terms = [{"payment_model": "blended", "term": "marginal_rate", "value": 0.5, "reason": "t"}]
    budget = shadow_budget([USE], {"payment_model_terms": terms})
    results = shadow_test(budget, runs=128)
    fewer = next(
        reward for reward in rewards(results.case, results.planned) if "fewer units" in reward.what
    )
    lead = [terms.organisation for terms in results.plan.parties].index("LEAD")
    assert fewer.by_model["whole_population_budget"][lead] > 0
    assert fewer.by_model["activity"][lead] == 0


@pytest.mark.req(300)
def test_break_evens_are_told_with_how_likely_they_are() -> None:
    """Hospital spend is 700,000 a year: 2% more of it, one standard deviation, eats that much
    headroom.
    """
    case = shadow_case([USE, BASE])
    left = run_values(case, planned_values(case.plan.declared, 1, 3))[
        0, case.columns["headroom"]
    ].sum()
    near = {
        one.uncertainty: one for one in break_evens(case, "headroom", left - 3 * 700_000_00 * 0.02)
    }
    assert near["USE"].value == pytest.approx(1.02)
    assert near["USE"].probability == pytest.approx(0.158655, abs=1e-4)
    assert [one.uncertainty for one in break_evens(case, "headroom", left + 1e12)] == [
        "USE",
        "BASE",
    ]
    assert all(one.value is None for one in break_evens(case, "headroom", left + 1e12))


def _scenario(**change: object) -> dict[str, object]:
    return {
        "scenario": "s",
        "change": "c",
        "kind": "input",
        "target": "direct_spend.value",
        "rows": "budget_line=H_IN",
        "how": "add",
        "value": "1000",
        "reason": "test",
    } | change


@pytest.mark.req(300)
def test_a_scenario_lays_over_a_model_and_leaves_it_as_it_was() -> None:
    budget = shadow_budget(
        [USE],
        {
            "scenario_changes": [
                _scenario(),
                _scenario(
                    change="d",
                    kind="uncertainty",
                    target="USE.spread",
                    rows="",
                    how="multiply",
                    value="2",
                ),
                _scenario(scenario="t", target="direct_spend.value", how="multiply", value="0"),
            ]
        },
    )
    before = budget.model["direct_spend"].numbers("value").copy()
    found = overlaid(budget.model, book(), ["s"])
    assert found.model["direct_spend"].numbers("value")[0] == before[0] + 1000_00
    assert found.model["uncertainties"].numbers("spread")[0] == pytest.approx(0.04)
    np.testing.assert_array_equal(budget.model["direct_spend"].numbers("value"), before)
    both = overlaid(budget.model, book(), ["s", "t"])
    assert both.model["direct_spend"].numbers("value")[0] == 0
    assert [change.reason for change in both.changes] == ["test"] * 3
    assert scenario_grid([["s"], ["t", "u"]]) == [
        (),
        ("t",),
        ("u",),
        ("s",),
        ("s", "t"),
        ("s", "u"),
    ]


@pytest.mark.req(300)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": "direct_spend.nothing"}, "no input 'direct_spend.nothing'"),
        ({"rows": "budget_line=NONE"}, "No row of direct_spend"),
        ({"rows": "nothing=1"}, "no column nothing"),
        ({"value": "lots"}, "not a number"),
        (
            {"kind": "assumption", "target": "nothing.here", "rows": ""},
            "no assumption 'nothing.here'",
        ),
        ({"kind": "uncertainty", "target": "NONE.spread", "rows": ""}, "No row of uncertainties"),
    ],
)
def test_a_scenario_that_changes_nothing_is_refused(change: dict[str, object], words: str) -> None:
    budget = shadow_budget([USE], {"scenario_changes": [_scenario(**change)]})
    with pytest.raises(InputProblems) as refused:
        overlaid(budget.model, book(), ["s"])
    assert words in refused.value.problems[0].what
    with pytest.raises(UsageProblem, match="no scenario 'x'"):
        overlaid(budget.model, book(), ["x"])


@pytest.mark.req(300)
def test_scenarios_of_midshire_share_their_draws(midshire: wpb.api.LoadedModel) -> None:
    """The slow start changes two uncertainties; everything else is drawn as before, so the
    difference is not chance.
    """
    arrangements = read_arrangements(MIDSHIRE)
    case, _ = prepare(midshire.budget, arrangements, ProblemLog())
    over = overlaid(midshire.model, midshire.book, ["slow_start"])
    other, _ = prepare(wpb.run.calculate(over.model, over.book), arrangements, ProblemLog())
    with simulate_runs(case, 256, 1) as before, simulate_runs(other, 256, 1) as after:
        apart = after.total("margin/MIDPART") - before.total("margin/MIDPART")
        assert apart.mean() < 0
        assert apart.std() < before.total("margin/MIDPART").std()


@pytest.mark.req(286)
def test_dues_of_simulated_runs_are_those_of_a_settlement(midshire: wpb.api.LoadedModel) -> None:
    (arrangement,) = read_arrangements(MIDSHIRE)
    random = np.random.default_rng(1)
    outturn = np.stack(
        [random.normal(22_500, 900, (20, 10)), random.normal(3_900, 200, (20, 10))], axis=1
    )
    settlement = settle_parties(
        arrangement, outturn, {"care_outcomes": random.uniform(0.4, 1.0, (20, 1, 10))}
    )
    due = dues(settlement)
    np.testing.assert_allclose(due.sum(axis=1), 0, atol=1e-4)
    for run in range(20):
        for year in range(10):
            whole = rounded_year(settlement, year, run).due
            for row, party in enumerate(arrangement.party_names):
                assert abs(whole[party] - due[run, row, year]) < 3


@pytest.mark.req(299, 300)
def test_the_command_prints_the_same_for_any_number_of_workers() -> None:
    said = [
        subprocess.run(
            [
                sys.executable,
                "-m",
                "wpb",
                "shadow",
                str(MIDSHIRE),
                "--runs",
                "600",
                "--seed",
                "1",
                "--workers",
                workers,
                "--json",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for workers in ("1", "2")
    ]
    assert said[0] == said[1]
    figures = json.loads(said[0])
    assert figures["runs"] == 600
    assert (
        figures["principal"]["years"][0]["forecast_pence"]
        == example("midshire").summary()["years"][0]["forecast_pence"]
    )
    for party in figures["parties"]:
        assert party["p5_pence"] <= party["p50_pence"] <= party["p95_pence"]
        assert 0 <= party["probability_of_gain"] + party["probability_of_loss"] <= 1
        assert isinstance(party["mean_pence"], int)
    assert {party["party"] for party in figures["parties"]} >= {
        "QZN",
        "QZS",
        "MCC",
        "MIDPART",
        "MRH",
    }
    whole, emergency, _ = figures["chance_alone"]
    assert whole["people"] > 200_000 and [
        one["chance_of_paying_for_chance"] for one in emergency["minimum_savings_rates"]
    ] == [0.01, 0.05, 0.10]
    assert [one["variation_rate"] for one in whole["people_for_variation"]] == [0.005, 0.01, 0.02]
    assert {one["result"] for one in figures["drivers"]} == {"margin/MIDPART", "headroom"}
    assert figures["ready_to_go_live"] is False


@pytest.mark.req(299, 301)
def test_the_report_page_stands_alone_and_says_how_sure_it_is(
    tmp_path: Path, midshire: wpb.api.LoadedModel
) -> None:
    from wpb.present.shadow_report import parties_csv, shadow_html

    results = shadow_test(midshire.budget, read_arrangements(MIDSHIRE), runs=400)
    page = shadow_html(results, appraise(results, runs=256))
    assert page.count('<span class="badge placeholder">placeholder</span>') == 3
    assert page.count("<figure>") == page.count("<svg") == 1 + 2 + 8 + 1 + 2 + 2 + 2 + 1
    assert "<script" not in page and "http://" not in page.replace("http://www.w3.org", "")
    assert "nan" not in re.sub(r"<[^>]+>", " ", page).lower().split()
    for heading in (
        "Every party",
        "What drives the results",
        "Is the baseline fair?",
        "Payment models side by side",
        "Transition of deficits",
        "From shadow to live",
        "Choosing patients",
        "Are these runs enough?",
        "What chance alone does",
        "People needed for random variation",
        "Who bears what",
        "A part of the services in shadow",
        "Where the headroom over the term comes to nought",
    ):
        assert heading in page
    assert len(parties_csv(results).splitlines()) == 1 + 3 * 10 * len(results.parties)


def test_an_arrangement_that_fits_nothing_is_refused_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "midshire"
    shutil.copytree(MIDSHIRE, folder, ignore=shutil.ignore_patterns("results", "record", "*.xlsx"))
    file = folder / "arrangements" / "urgent_care.yaml"
    file.write_text(
        file.read_text(encoding="utf-8")
        .replace("planned_admissions", "other_admissions")
        .replace("MRH", "ROYAL"),
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "wpb", "shadow", str(folder), "--runs", "200", "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    codes = {problem["code"] for problem in json.loads(done.stdout)["problems"]}
    assert codes & {"arrangement_line", "arrangement_party"}


def test_the_command_refuses_too_few_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wpb", "shadow", str(MIDSHIRE), "--runs", "50"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "at least 100" in done.stderr and "Traceback" not in done.stderr
