"""What holds of any gain/loss arrangement: money is conserved to the penny, and shares are
symmetric and monotone where the file implies it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wpb.kernel.lined_yaml import read_yaml
from wpb.kernel.problems import ProblemLog
from wpb.sharing.checks import check_arrangement
from wpb.sharing.outturn import Outturn, figures_to_settle
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.payments import transfers
from wpb.sharing.reading import Page
from wpb.sharing.reading_parties import read_party_arrangement
from wpb.sharing.settle_parties import rounded_year, settle_parties
from wpb.sharing.statement import planned_units

YEARS = ("2030-31", "2031-32")
PARTIES = ("icb", "a", "b", "c")


def shares(draw: st.DrawFn) -> dict[str, str]:
    """Whole percentages for each party that add to 100."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=3, max_size=3)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    return dict(zip(PARTIES, (f"{part}%" for part in parts), strict=True))


@st.composite
def arrangements(draw: st.DrawFn, symmetric: bool = False) -> str:
    """Write any arrangement file: lines, sources of cash, corridor, sides, limits, gates,
    reinvestment, tiers, splits.
    """
    gains = shares(draw)
    losses = gains if symmetric else shares(draw)
    rate = draw(st.sampled_from(["0", "1%", "2.5%"]))
    other_rate = rate if symmetric else draw(st.sampled_from(["0", "1%", "2.5%"]))
    bearer = draw(st.sampled_from(["icb", "a"]))
    kinds = (
        ["activity_payment"]
        if symmetric
        else ["activity_payment", "none", "marginal_payment, rate: 20%"]
    )
    lines = "\n".join(
        f"  - {{line: l{number}, title: L, unit: u, currency: c, price:"
        f" {draw(st.integers(1, 5000)) / 100:.2f}, baseline: {draw(st.integers(1, 50000))},"
        f" baseline_from: history, source_of_cash: {{kind: {draw(st.sampled_from(kinds))}}}}}"
        for number in range(3)
    )
    early = ["  - step: cash", *(["  - step: net"] if draw(st.booleans()) else [])]
    middle = [
        (
            f"  - {{step: corridor, minimum_savings_rate: {rate}, minimum_loss_rate: {other_rate},"
            f" counts_from: {draw(st.sampled_from(['first_pound', 'excess']))}}}"
        )
    ]
    cap = draw(st.sampled_from(["none", "{rate: 3%, of: baseline}", "{pounds: 1234.56}"]))
    collar = (
        cap
        if symmetric
        else draw(st.sampled_from(["none", "{rate: 2%, of: baseline}", "{pounds: 777.77}"]))
    )
    middle.append(f"  - {{step: limit, gains: {cap}, losses: {collar}}}")
    if not symmetric:
        middle.append(f"  - {{step: sides, gains: 1, losses: {draw(st.sampled_from(['0', '1']))}}}")
        middle.append(f"  - {{step: reinvest, of_gains: {draw(st.integers(0, 100))}%}}")
        middle.append(
            "  - {step: gate, gains:"
            f" {draw(st.sampled_from(['50%', '1', '{measure: score, at_least: 0.5}']))}}}"
        )
    middle = draw(st.permutations(middle))
    tiers, late = "", ["  - step: share_out"]
    if draw(st.booleans()):
        other = shares(draw)
        tiers = (
            f"tiers:\n  - {{up_to: 2%, gains: {gains}, losses: {losses}}}\n  - {{up_to: none,"
            f" gains: {other}, losses: {other if symmetric else shares(draw)}}}\n".replace("'", "")
        )
        late = ["  - step: tier", *late]
    if not symmetric and draw(st.booleans()):
        late.append(
            "  - {step: limit, gains: {pounds: 333.33}, losses: {by: party, table: {a: none},"
            " otherwise: none}}"
        )
    if not symmetric and draw(st.booleans()):
        late.append("  - step: sub_split")
        tiers += "sub_splits:\n  - {of: b, between: {c: 40%, a: 60%}}\n"
    parties = "\n".join(
        f"  - {{party: {party}, title: {party}, role:"
        f" {'commissioner' if party == 'icb' else 'provider'}, gains: {gains[party]}, losses:"
        f" {losses[party]}{'' if party == bearer else f', contract: to_{party}'}, influence: 3,"
        " ability_to_bear_risk: 3, why: agreed}"
        for party in PARTIES
    )
    contracts = "\n".join(
        f"  - {{contract: to_{party}, payer: {bearer}, payee: {party}}}"
        for party in PARTIES
        if party != bearer
    )
    steps = "\n".join(["  - step: gap", *early, *middle, *late])
    return (
        "arrangement: any\ntitle: Any\nsettles: parties\ncurrency: GBP\nfirst_year:"
        f" 2030-31\nyears: 2\nwhat_is_shared: fixed_price_activity\ngap_falls_on: {bearer}\n"
        "fund_held_by: c\nfrequency: yearly\nends: {gains: undecided, losses:"
        f" {'undecided' if symmetric else draw(st.sampled_from(['undecided', '2030-31']))}}}"
        "\nmeasures:"
        " [score]\n"
        f"lines:\n{lines}\nparties:\n{parties}\n{tiers}contracts:\n{contracts}\nsteps:\n{steps}\n"
    )


def read(text: str) -> PartyArrangement:
    log = ProblemLog()
    arrangement = read_party_arrangement(read_yaml(text, "any.yaml", log), Page("any.yaml", log))
    assert not log.errors, "\n".join(str(problem) for problem in log)
    check_arrangement(arrangement, log)
    assert {problem.code for problem in log.errors} <= {"one_party_alone"}, "\n".join(
        str(problem) for problem in log
    )
    return arrangement


def units(draw_from: Any) -> Any:
    return st.lists(st.lists(draw_from, min_size=2, max_size=2), min_size=3, max_size=3).map(
        lambda rows: np.array(rows, dtype=float)
    )


OUTTURN = units(st.integers(0, 60_000))


@pytest.mark.req(276, 281, 282, 287, 288)
@settings(max_examples=40, deadline=None)
@given(arrangements(), OUTTURN, st.floats(0, 1))
def test_shares_and_what_is_kept_and_reinvested_add_to_the_pool_to_the_penny(
    text: str, outturn: Any, score: float
) -> None:
    arrangement = read(text)
    settlement = settle_parties(arrangement, outturn, {"score": np.full(2, score)})
    whole = settlement.party.sum(axis=1) + settlement.retained[:, 0] + settlement.reinvested[:, 0]
    np.testing.assert_allclose(whole, settlement.pool[:, 0], rtol=1e-12, atol=1e-4)
    for year in range(2):
        rounded = rounded_year(settlement, year)
        assert sum(rounded.party.values()) + rounded.retained + rounded.reinvested == rounded.pool
        assert sum(rounded.borne.values()) == rounded.pool
        assert sum(rounded.due.values()) == 0
        paid = transfers(arrangement, dict(rounded.due))
        for party in PARTIES:
            assert (
                sum(
                    amount * ((payee == party) - (payer == party))
                    for (payer, payee), amount in paid.items()
                )
                == rounded.due[party]
            )


@pytest.mark.req(276, 280)
@settings(max_examples=15, deadline=None)
@given(arrangements(symmetric=True), units(st.integers(-400, 400)))
def test_a_symmetric_arrangement_treats_a_loss_as_a_gain_turned_round(text: str, away: Any) -> None:
    arrangement = read(text)
    base = np.array([[_units(arrangement, row)] * 2 for row in range(3)])
    up, down = settle_parties(arrangement, base + away), settle_parties(arrangement, base - away)
    np.testing.assert_allclose(up.party, -down.party, rtol=1e-9, atol=1e-3)


def _units(arrangement: PartyArrangement, row: int) -> float:
    from wpb.sharing.statement import by_year

    line = arrangement.lines[row]
    return by_year(arrangement, line.baseline, {"line": line.line})["2030-31"]


@pytest.mark.req(276, 281)
@settings(max_examples=15, deadline=None)
@given(
    arrangements(),
    st.lists(st.integers(0, 60_000), min_size=3, max_size=3),
    st.integers(0, 2),
    st.integers(1, 5_000),
)
def test_less_activity_never_makes_any_party_worse_off(
    text: str, outturn: list[int], line: int, fewer: int
) -> None:
    arrangement = read(text.replace("step: gate", "step: gate, losses: 1"))
    more = np.repeat(np.array(outturn, dtype=float)[:, None], 2, axis=1)
    less = more.copy()
    less[line] = np.maximum(less[line] - fewer, 0)
    measures = {"score": np.ones(2)}
    before, after = (
        settle_parties(arrangement, more, measures),
        settle_parties(arrangement, less, measures),
    )
    assert (after.party >= before.party - 1e-3).all()


@pytest.mark.req(282)
@settings(max_examples=20, deadline=None)
@given(st.floats(0.001, 0.2), st.floats(-0.3, 0.3))
def test_counting_only_the_excess_never_jumps_and_counting_from_the_first_pound_jumps_at_the_edge(
    rate: float, gap_rate: float
) -> None:
    from wpb.sharing import steps

    base, amount = np.array([1e8]), np.array([gap_rate * 1e8])
    weight = steps.corridor_weight(
        amount / base, np.array([rate]), np.array([rate]), np.array([0.0])
    )
    excess = steps.counted_as_excess(amount, weight, base, np.array([rate]), np.array([rate]))[0]
    first = steps.counted_from_first_pound(amount, weight)[0]
    assert excess == pytest.approx(np.sign(gap_rate) * max(abs(gap_rate) - rate, 0) * 1e8, abs=1e-3)
    assert first == (amount[0] if weight[0] else 0)


@pytest.mark.req(257, 286)
@settings(max_examples=30, deadline=None)
@given(arrangements(), st.floats(0, 1), st.floats(0, 1))
def test_a_year_without_outturn_comes_to_nothing_whatever_its_measures(
    text: str, score: float, settled_score: float
) -> None:
    """That is why a measure may be unreported there; one that is missing in a settled year is
    refused.
    """
    arrangement = read(text)
    as_planned = settle_parties(
        arrangement, planned_units(arrangement), {"score": np.full(2, score)}
    )
    assert (
        not as_planned.party.any() and not as_planned.pool.any() and not as_planned.reinvested.any()
    )
    outturn = Outturn(
        np.where(np.arange(2) == 0, 100.0, np.nan) * np.ones((3, 1)),
        {"2030-31": 12},
        {"2030-31": "final"},
        (0,),
        {},
    )
    units_used, reported = figures_to_settle(
        arrangement, outturn, {"score": np.array([settled_score, np.nan])}
    )
    assert not settle_parties(arrangement, units_used, reported).party[0, :, 1].any()
    with pytest.raises(ValueError, match="score"):
        figures_to_settle(arrangement, outturn, {"score": np.array([np.nan, score])})
