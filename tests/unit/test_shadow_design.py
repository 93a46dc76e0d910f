"""A search over designs: settled by the arrangement's own steps, limits kept, more exposure buys
more reward.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import wpb
from tests.shadow_models import ORGANISATIONS, shadow_budget, shadow_case, uncertain
from wpb.cli import main
from wpb.commands.shadow import read_arrangements
from wpb.kernel.problems import UsageProblem
from wpb.shadow.accounts import accounts
from wpb.shadow.design_search import Sample, frontier, over_limits, sample, weighed
from wpb.shadow.designs import Design, as_it_stands, redesigned, searched
from wpb.shadow.draws import CHUNK_RUNS, draw
from wpb.shadow.engine import simulate
from wpb.shadow.shadow_test import shadow_test
from wpb.shadow.sharing_links import ends_with
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.settle_parties import settle_parties

MIDSHIRE = Path(wpb.__file__).parents[2] / "examples" / "midshire"
ARRANGEMENT = """
arrangement: made
title: Made
settles: parties
currency: GBP
first_year: 2027-28
years: 3
what_is_shared: fixed_price_activity
gap_falls_on: ICB
retained_by: ICB
fund_held_by: ICB
frequency: yearly
ends: {gains: undecided, losses: undecided}
lines:
  - {line: hospital, title: Hospital, unit: spell, currency: HRG, price: 1000.00, baseline: 100, baseline_from: history, source_of_cash: {kind: activity_payment}}
parties:
  - {party: ICB, title: Commissioner, role: commissioner, contract: main, gains: 50%, losses: 60%}
  - {party: LEAD, title: Lead, role: provider, contract: main, gains: 30%, losses: 30%}
  - {party: HOSP, title: Hospital, role: provider, contract: hospital, gains: 20%, losses: 10%}
contracts:
  - {contract: main, payer: ICB, payee: LEAD}
  - {contract: hospital, payer: LEAD, payee: HOSP}
steps:
  - step: gap
  - step: cash
  - step: net
  - {step: corridor, minimum_savings_rate: 2%, minimum_loss_rate: 2%, counts_from: excess}
  - {step: sides, gains: 1, losses: 1}
  - {step: limit, gains: {rate: 10%, of: baseline}, losses: {rate: 10%, of: baseline}}
  - step: share_out
"""
NAN = float("nan")


@pytest.fixture(scope="module")
def arrangement(tmp_path_factory: pytest.TempPathFactory) -> PartyArrangement:
    """A small arrangement, read from its file."""
    folder = tmp_path_factory.mktemp("model") / "arrangements"
    folder.mkdir()
    (folder / "made.yaml").write_text(ARRANGEMENT, encoding="utf-8")
    (found,) = read_arrangements(folder.parent)
    return found


@pytest.fixture(scope="module")
def held(arrangement: PartyArrangement) -> Sample:
    """Outturns that lie about the baseline, a little above it."""
    return Sample(arrangement, np.random.default_rng(6).normal(101.0, 5.0, (400, 1, 3)), {})


def shares(arrangement: PartyArrangement, design: Design, *units: float) -> np.ndarray:
    """What lead and hospital are given of gaps of one year each, in pounds, [gap, year, party]."""
    outturn = np.repeat(np.array(units)[:, None, None], 3, axis=2)
    return (
        settle_parties(redesigned(arrangement, design), outturn).party[:, 1:].transpose(0, 2, 1)
        / 100
    )


@pytest.mark.req(276, 280, 281, 282)
def test_a_design_pays_by_corridor_limit_share_and_year(arrangement: PartyArrangement) -> None:
    """Baseline £100,000; corridor 1%, cap 4%, collar 2%; providers have half of gains and a quarter
    of losses, three to two and three to one between them.
    """
    found = shares(
        arrangement,
        Design(0.5, 0.25, 0.04, 0.02, 0.01, 1, 2),
        99.5,
        97.0,
        90.0,
        100.5,
        102.0,
        110.0,
    )
    both = found.sum(axis=2)
    np.testing.assert_allclose(both[:3, 1], [0, 1_000, 2_000])
    np.testing.assert_allclose(both[3:, 1], [0, -250, -500])
    np.testing.assert_allclose(both[3:, 0], 0)
    np.testing.assert_allclose(both[3:, 2], 0)
    np.testing.assert_allclose(found[1, 1], [600, 400])
    np.testing.assert_allclose(found[4, 1], [-187.5, -62.5])


@pytest.mark.req(276)
def test_its_own_terms_give_the_arrangement_back(
    arrangement: PartyArrangement, held: Sample
) -> None:
    gains, losses = as_it_stands(arrangement)
    assert (gains, losses) == (pytest.approx(0.5), pytest.approx(0.4))
    same = weighed(held, Design(gains, losses, 0.10, 0.10, 0.02, 0, 3))
    stands = weighed(held)
    for one, other in zip(same.parties, stands.parties, strict=True):
        assert (one.mean, one.tail) == (pytest.approx(other.mean), pytest.approx(other.tail))
    assert same.reward == pytest.approx(stands.reward)


@pytest.mark.req(279)
def test_the_frontier_keeps_limits_and_more_exposure_buys_more_reward(held: Sample) -> None:
    limits, own = [100_00.0, 1_000_00.0], {"HOSP": 300_00.0}
    found = frontier(held, limits, own)
    assert len(found) == 2
    for judged, limit in zip(found, limits, strict=True):
        assert over_limits(judged, limit, own) <= 0.01 * limit
        assert judged.loss_share <= judged.gain_share + 0.01
    assert found[0].reward < found[1].reward
    (one_sided,) = frontier(held, [1.0], {}, one_sided=True)
    assert one_sided.loss_share == 0 and one_sided.provider.tail >= -1 and one_sided.reward > 0.3
    assert frontier(held, limits[:1], own, workers=2) == found[:1]


@pytest.mark.req(273, 300)
def test_a_sample_is_what_the_simulation_settles(arrangement: PartyArrangement) -> None:
    links = [{"arrangement": "made", "line": "hospital", "service_line": "S2", "scope": "outside"}]
    case = shadow_case(
        [uncertain("USE", "activity", distribution="lognormal", centre=1.0, spread=0.05)],
        {"shadow_sharing": links},
        [arrangement],
    )
    held = sample(case, "made", 400, 1)
    plan = case.plan
    settled = accounts(
        plan, simulate(plan, draw(plan.declared, plan.rows_of_each, 3, 1, 0)), case.planned
    ).settlements[0]
    again = settle_parties(arrangement, held.outturn[:128])
    np.testing.assert_array_equal(ends_with(again), ends_with(settled))
    assert {row["organisation"] for row in ORGANISATIONS} >= set(arrangement.party_names)


def test_what_cannot_be_searched_is_refused(arrangement: PartyArrangement, held: Sample) -> None:
    with pytest.raises(UsageProblem, match="above nought"):
        frontier(held, [0.0], {})
    with pytest.raises(UsageProblem, match="no provider"):
        searched(
            replace(
                arrangement,
                parties=tuple(replace(party, role="commissioner") for party in arrangement.parties),
            )
        )
    case = shadow_case([])
    with pytest.raises(UsageProblem, match="no arrangement 'made'"):
        sample(case, "made", 500, 1)
    without = replace(
        arrangement,
        steps=tuple(step for step in arrangement.steps if step.kind not in ("limit", "sides")),
    )
    assert set(searched(without)) == {"gain_share", "loss_share", "minimum_rate"}
    assert settle_parties(
        redesigned(without, Design(0.5, 0.5, NAN, NAN, 0.0, NAN, NAN)), np.full((1, 1, 3), 50.0)
    ).party[0, 1:].sum() == pytest.approx(3 * 25_000_00)


@pytest.mark.req(279, 301)
def test_the_command_gives_points_to_discuss_beside_the_terms_as_they_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "design"
    assert (
        main(
            [
                "design",
                str(MIDSHIRE),
                "--limit",
                "1500000",
                "--runs",
                "400",
                "--workers",
                "1",
                "--out",
                str(out),
                "--json",
            ]
        )
        == 0
    )
    figures = json.loads(capsys.readouterr().out)
    assert [one["design"] for one in figures["designs"]] == ["as it stands", "A"]
    point = figures["designs"][1]
    assert point["providers"]["bad_year_pence"] >= -1_500_000_00 * 1.02
    for party in point["parties"]:
        assert party["bad_year_pence"] >= -figures["party_limits_pence"][party["party"]] - 1_500_000
    assert sorted(path.name for path in out.iterdir()) == [
        "designs.csv",
        "designs.html",
        "designs.json",
    ]
    assert figures.pop("schema") == "wpb.design/1"
    assert json.loads((out / "designs.json").read_text(encoding="utf-8")) == figures
    page = (out / "designs.html").read_text(encoding="utf-8")
    assert "A frontier to discuss" in page and "<script" not in page


def test_the_command_refuses_too_few_runs_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["design", str(MIDSHIRE), "--runs", "100"]) == 2
    assert "400 would do" in capsys.readouterr().err


@pytest.mark.req(280, 281, 299)
def test_how_often_limits_bind_is_its_closed_form(arrangement: PartyArrangement) -> None:
    """Use varies by a factor of its own each year: the cap binds where it is 12% below plan or more
    (2% corridor, then 10%), the collar at 12% above.
    """
    links = [{"arrangement": "made", "line": "hospital", "service_line": "S2", "scope": "outside"}]
    row = uncertain("USE", "activity", distribution="lognormal", centre=1.0, spread=0.10)
    results = shadow_test(
        shadow_budget([row], {"shadow_sharing": links}), [arrangement], runs=CHUNK_RUNS * 60
    )
    (found,) = results.limits
    below, above = (
        0.5 * (1 + math.erf(math.log(factor) / 0.10 / math.sqrt(2))) for factor in (0.88, 1.12)
    )
    runs = 3 * CHUNK_RUNS * 60
    assert found.cap_years == pytest.approx(below, abs=4.5 * math.sqrt(below / runs))
    assert found.collar_years == pytest.approx(1 - above, abs=4.5 * math.sqrt(below / runs))
    assert found.cap.value == pytest.approx(1 - (1 - below) ** 3, abs=0.02)
