"""Arrangements between parties: the bundled examples by hand, refusals by line, payments and
corrections.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wpb.cli import main
from wpb.kernel.explain import explain
from wpb.kernel.ledger import Ledger
from wpb.kernel.lined_yaml import read_yaml
from wpb.kernel.posting import Posting
from wpb.kernel.problems import Problem, ProblemLog
from wpb.sharing.checks import check_arrangement
from wpb.sharing.cliff import cliffs
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.payments import settlement_postings, transfers
from wpb.sharing.reading import Page
from wpb.sharing.reading_parties import read_party_arrangement
from wpb.sharing.settle_parties import rounded_year, settle_parties
from wpb.sharing.statement import principle_links, term_sheet

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "sharing"
GOLDEN = ROOT / "tests" / "golden" / "sharing"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml") if path.with_suffix(".csv").exists())


def read(text: str) -> tuple[PartyArrangement, list[Problem]]:
    log = ProblemLog()
    arrangement = read_party_arrangement(read_yaml(text, "a.yaml", log), Page("a.yaml", log))
    if not log.errors:
        check_arrangement(arrangement, log)
    return arrangement, list(log)


def example(name: str) -> PartyArrangement:
    arrangement, problems = read((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert [problem for problem in problems if problem.severity == "error"] == []
    return arrangement


def changed(name: str, *changes: tuple[str, str]) -> str:
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.req(258, 276, 278, 279, 280, 281, 286, 294, 310, 311)
@pytest.mark.parametrize("name", NAMES)
def test_bundled_arrangements_settle_as_written_down(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    measures = EXAMPLES / f"{name}_measures.csv"
    more = ["--measures", str(measures)] if measures.exists() else []
    assert main(["share", "check", str(EXAMPLES / f"{name}.yaml")]) == 0
    capsys.readouterr()
    assert (
        main(
            [
                "share",
                "settle",
                str(EXAMPLES / f"{name}.yaml"),
                str(EXAMPLES / f"{name}.csv"),
                *more,
            ]
        )
        == 0
    )
    assert capsys.readouterr().out == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.req(258, 259, 269, 294)
def test_a_saving_on_first_outpatients_is_shared_three_ways_at_the_agreed_price() -> None:
    """Figure 20 told in numbers of our own: 4,000 fewer attendances at £180, shared 20, 50 and 30
    to the hundred.
    """
    settlement = settle_parties(example("outpatients_three_way"), np.array([[36_000.0]]))
    assert settlement.pool[0, 0, 0] == 72_000_000
    assert settlement.party[0, :, 0] == pytest.approx([14_400_000, 36_000_000, 21_600_000])
    losing = settle_parties(example("outpatients_three_way"), np.array([[44_000.0]]))
    assert losing.party[0, :, 0].tolist() == [0, 0, 0]
    assert losing.retained[0, 0, 0] == -72_000_000


@pytest.mark.req(278, 293)
def test_gain_shares_move_by_year_and_the_hospital_leaves() -> None:
    """Figure 22 told in numbers of our own."""
    settlement = settle_parties(example("gain_share_over_time"), np.full((1, 10), 19_200.0))
    shares = settlement.party[0] / settlement.pool[0]
    assert shares[2].tolist() == pytest.approx([0.3, 0.3, 0.25, 0.2, 0.1, 0, 0, 0, 0, 0])
    assert (np.diff(shares[1]) >= -1e-12).all() and shares[1][-1] == pytest.approx(0.6)


@pytest.mark.req(279, 293)
def test_losses_pass_to_the_provider_by_the_end_of_year_six() -> None:
    """Figure 23 told in numbers of our own: after year 6 nothing is shared, and the provider bears
    it all.
    """
    arrangement = example("loss_share_over_time")
    settlement = settle_parties(arrangement, np.full((1, 10), 21_000.0))
    commissioner = -settlement.party[0, 0]
    assert commissioner.tolist() == pytest.approx(
        [1.8e8, 1.8e8, 1.44e8, 1.08e8, 0.72e8, 0.36e8, 0, 0, 0, 0]
    )
    assert rounded_year(settlement, 0).due == {
        "midshire_icb": -180_000_000,
        "midshire_provider": 180_000_000,
    }
    assert rounded_year(settlement, 7).due == {"midshire_icb": 0, "midshire_provider": 0}
    gains = settle_parties(arrangement, np.full((1, 10), 19_000.0))
    assert (gains.party == 0).all()


@pytest.mark.req(257, 280, 281, 282, 287, 288, 297)
def test_parameters_change_as_the_model_grows_up() -> None:
    """Figure 25 told in numbers of our own: one-sided, then two-sided inside limits, then without
    them.
    """
    arrangement = example("parameters_over_time")
    fewer, more = np.array([13_000.0, 60_000, 120_000]), np.array([18_000.0, 60_000, 120_000])
    measures = {"care_outcomes": np.array([0.7, 0.7, 0.7, 0.5, 0.7, 0.7])}
    gain = settle_parties(arrangement, np.repeat(fewer[:, None], 6, axis=1), measures)
    loss = settle_parties(arrangement, np.repeat(more[:, None], 6, axis=1), measures)
    assert (loss.party[0, :, :2] == 0).all()
    baseline = gain.baseline.sum(axis=1)[0]
    limit = 0.02 * baseline
    assert loss.party[0].sum(axis=0)[2:4] == pytest.approx(-limit[2:4])
    assert loss.party[0].sum(axis=0)[4] < -limit[4]
    assert gain.reinvested[0, 0, 0] == pytest.approx(0.2 * limit[0])
    assert gain.party[0, :, 3].tolist() == [0, 0, 0, 0], "outcomes of 50% do not open the gate"
    assert gain.party[0, 1].tolist() == [0] * 6, "the alliance's share goes to its members"
    assert gain.party[0, 2, 0] == pytest.approx(0.65 / 0.35 * gain.party[0, 3, 0])


@pytest.mark.req(282)
def test_the_excess_alone_counts_or_the_whole_from_the_first_pound_and_the_cliff_is_shown() -> None:
    text = changed("parameters_over_time", ("counts_from: excess", "counts_from: first_pound"))
    first, _ = read(text)
    excess = example("parameters_over_time")
    edge = [(found.side, found.jump_pence) for found in cliffs(first) if found.year == "2030-31"]
    base = (15_000 * 2600 + 60_000 * 180 + 120_000 * 62) * 100
    assert edge == [("gains", pytest.approx(0.005 * base)), ("losses", pytest.approx(0.005 * base))]
    assert all(found.jump_pence == 0 for found in cliffs(excess))
    units = np.repeat(np.array([14_850.0, 60_000, 120_000])[:, None], 6, axis=1)
    measures = {"care_outcomes": np.ones(6)}
    gap = 150 * 2600 * 100
    assert settle_parties(first, units, measures).pool[0, 0, 0] == gap
    shared = [settle_parties(found, units, measures) for found in (first, excess)]
    totals = [found.party[0, :, 0].sum() + found.reinvested[0, 0, 0] for found in shared]
    assert totals == [pytest.approx(gap), pytest.approx(gap - 0.005 * base)]


@pytest.mark.req(282)
def test_the_minimum_rate_must_say_from_where_it_counts() -> None:
    _, problems = read(changed("parameters_over_time", ("counts_from: excess, ", "")))
    assert [problem.what for problem in problems if problem.severity == "error"] == [
        "Step 'corridor' must say 'counts_from': first_pound or excess."
    ]


@pytest.mark.req(258)
def test_a_block_payment_releases_no_cash_so_its_gain_is_notional() -> None:
    arrangement, problems = read(
        changed("outpatients_three_way", ("kind: activity_payment", "kind: none"))
    )
    assert not [problem for problem in problems if problem.severity == "error"]
    settlement = settle_parties(arrangement, np.array([[36_000.0]]))
    assert settlement.notional[0, 0, 0] == 72_000_000
    assert settlement.pool[0, 0, 0] == 0 and (settlement.party == 0).all()
    part, _ = read(
        changed(
            "outpatients_three_way", ("kind: activity_payment", "kind: marginal_payment, rate: 20%")
        )
    )
    assert settle_parties(part, np.array([[36_000.0]])).pool[0, 0, 0] == pytest.approx(14_400_000)


@pytest.mark.req(281)
def test_blended_emergency_payment_is_fixed_plus_a_fifth_of_the_deviation() -> None:
    arrangement = example("blended_emergency")
    for units, fifth in ((42_000.0, 60_000_000), (38_000.0, -60_000_000), (40_000.0, 0)):
        due = rounded_year(settle_parties(arrangement, np.array([[units]])), 0).due
        assert due == {"midshire_icb": -fifth, "midshire_hospital": fifth}


@pytest.mark.req(276, 281)
def test_tiers_share_each_part_of_the_gap_by_its_own_shares() -> None:
    settlement = settle_parties(
        example("tiered_corridors"), np.array([[4.5e9, 5.3e9], [2.9e9, 3.04e9]])
    )
    # £6.0m under a baseline of £80m: £0.8m kept, £3.2m at 60%, £2.0m at 30%; £3.4m over: £0.8m
    # kept, £2.6m at 40%.
    assert settlement.party[0, 1].tolist() == pytest.approx(
        [(3.2e8 * 0.6 + 2.0e8 * 0.3), -2.6e8 * 0.4]
    )
    assert settlement.party[0].sum(axis=0) == pytest.approx(settlement.pool[0, 0])


@pytest.mark.req(288)
def test_lines_are_netted_only_where_the_file_says_so() -> None:
    text = changed(
        "tiered_corridors",
        ("  - step: tier\n", "  - {step: sides, gains: 1, losses: 0}\n"),
        ("tiers:", "sub_splits: []\nunused:"),
    )
    text = text[: text.index("unused:")] + text[text.index("parties:") :]
    text = text.replace(
        "role: commissioner,", "role: commissioner, gains: 50%, losses: 50%,"
    ).replace("role: provider,", "role: provider, gains: 50%, losses: 50%,")
    units = np.array([[4.5e9, 5.0e9], [3.4e9, 3.0e9]])
    netted, problems = read(text)
    assert not [problem for problem in problems if problem.severity == "error"]
    by_line, _ = read(text.replace("  - step: net\n", ""))
    assert settle_parties(netted, units).party[0, :, 0].sum() == pytest.approx(1.0e8)
    assert settle_parties(by_line, units).party[0, :, 0].sum() == pytest.approx(5.0e8)


@pytest.mark.req(286)
def test_every_share_explains_itself_down_to_cells_and_lines_of_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = [
        "share",
        "statement",
        str(EXAMPLES / "parameters_over_time.yaml"),
        str(EXAMPLES / "parameters_over_time.csv"),
        "--year",
        "2032-33",
    ]
    more = [
        "--measures",
        str(EXAMPLES / "parameters_over_time_measures.csv"),
        "--party",
        "midshire_hospital",
        "--depth",
        "40",
        "--json",
    ]
    assert main([*arguments, *more]) == 0
    stated = json.loads(capsys.readouterr().out)
    tree = stated["explanation"]
    share = next(
        party["share_pence"] for party in stated["parties"] if party["party"] == "midshire_hospital"
    )
    assert tree["value"] == pytest.approx(share, abs=0.5)
    places = {
        (leaf["where"]["file"], leaf["where"]["cell"]) for leaf in leaves(tree) if "where" in leaf
    }
    assert ("parameters_over_time.csv", "C8") in places
    assert ("parameters_over_time_measures.csv", "C4") in places
    assert (
        sum(
            file == "parameters_over_time.yaml" and cell.startswith("line ")
            for file, cell in places
        )
        > 8
    )


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    return (
        [leaf for child in node["children"] for leaf in leaves(child)]
        if node["children"]
        else [node]
    )


def test_the_ledger_and_the_arrays_agree() -> None:
    arrangement = example("parameters_over_time")
    units = np.array(
        [[14_200.0, 15_900, 16_500, 15_000, 14_000, 15_750], [60_000.0] * 6, [120_000.0] * 6]
    )
    measures = {"care_outcomes": np.array([0.7, 0.7, 0.7, 0.5, 0.7, 0.7])}
    ledger = Ledger()
    kept, plain = (
        settle_parties(arrangement, units, measures, ledger),
        settle_parties(arrangement, units, measures),
    )
    np.testing.assert_array_equal(kept.party, plain.party)
    np.testing.assert_array_equal(kept.retained, plain.retained)
    assert (
        explain(ledger, "sharing/01_gap/gap/2031-32/emergency_admissions", 1)["operation"] == "gap"
    )


def test_many_runs_go_through_the_same_steps() -> None:
    arrangement = example("parameters_over_time")
    units = (
        np.random.default_rng(3)
        .normal([[[15_000]], [[60_000]], [[120_000]]], 400, (3, 500, 6))
        .transpose(1, 0, 2)
    )
    measures = {"care_outcomes": np.ones(6)}
    together = settle_parties(arrangement, units, measures)
    assert together.party.shape == (500, 4, 6)
    for run in (0, 17, 499):
        np.testing.assert_allclose(
            together.party[run],
            settle_parties(arrangement, units[run], measures).party[0],
            rtol=1e-12,
        )


@pytest.mark.req(260, 272, 277, 281, 285, 291, 296)
@pytest.mark.parametrize(
    ("name", "change", "code", "said"),
    [
        (
            "outpatients_three_way",
            ("gains: 50%", "gains: 45%"),
            "shares_do_not_add",
            "The shares of gains add to 95.0000% in 2030-31, not to 100%.",
        ),
        (
            "outpatients_three_way",
            ("    price: 180.00\n", ""),
            "no_price",
            "Line 'outpatient_firsts' has no price.",
        ),
        (
            "outpatients_three_way",
            ("contract: hospital_contract, influence", "influence"),
            "no_contract",
            "Midshire General Hospital has no contract to be paid through.",
        ),
        (
            "outpatients_three_way",
            (
                "gains: 50%, losses: 0, contract: community_contract, influence: 5",
                "gains: 50%, losses: 0, contract: community_contract, influence: 0",
            ),
            "party_without_influence",
            "",
        ),
        (
            "outpatients_three_way",
            (
                "{kind: activity_payment}",
                "{kind: payment_already_made, held_by: midshire_hospital}",
            ),
            "cash_elsewhere",
            "",
        ),
        (
            "outpatients_three_way",
            ("  - step: net\n", "  - step: nett\n"),
            "unknown_step",
            "'nett' is not a kind of step.",
        ),
        (
            "outpatients_three_way",
            ("  - step: gap\n  - step: cash\n", "  - step: cash\n  - step: gap\n"),
            "step_order",
            "Step 1, 'cash', needs 'amount', which no step before it makes.",
        ),
        ("outpatients_three_way", ("frequency: yearly", "frequency: monthly"), "no_profile", ""),
        (
            "parameters_over_time",
            ("losses: {rate: cap, of: baseline}", "losses: {pounds: -5}"),
            "collar_above_cap",
            "",
        ),
        (
            "parameters_over_time",
            ("measures: [care_outcomes]", "measures: [falls]"),
            "unknown_name",
            (
                "'care_outcomes' is not a reported measure, a parameter or a figure of an earlier"
                " step."
            ),
        ),
        (
            "parameters_over_time",
            ("midshire_provider: 65%", "midshire_provider: 60%"),
            "shares_do_not_add",
            "The parts of provider_alliance's share do not add to 100%.",
        ),
        (
            "gain_share_over_time",
            ("2033-34 to 2035-36: 20600, ", ""),
            "no_value_for_year",
            "baseline has no value for 2033-34, 2034-35, 2035-36.",
        ),
        (
            "gain_share_over_time",
            ("from 2036-37: 21200", "from 2046-47: 21200"),
            "unknown_name",
            "'2046-47' is not a year of this arrangement.",
        ),
        (
            "mid_nottinghamshire_investment_risk",
            (
                (
                    "gains: 0, losses: 25%, contract: community_contract, influence: 5,"
                    " ability_to_bear_risk: 3"
                ),
                (
                    "gains: 0, losses: 25%, contract: community_contract, influence: 5,"
                    " ability_to_bear_risk: 0"
                ),
            ),
            "party_cannot_bear_risk",
            "",
        ),
        (
            "blended_emergency",
            ("gains: 20%, losses: 20%, contract", "gains: 0, losses: 0, contract"),
            "shares_do_not_add",
            "",
        ),
        (
            "tiered_corridors",
            ("up_to: 5%", "up_to: 0.5%"),
            "tier_order",
            "Tier 2 does not follow on from the one before.",
        ),
    ],
)
def test_an_arrangement_that_cannot_hold_is_refused_at_its_line(
    name: str, change: tuple[str, str], code: str, said: str
) -> None:
    _, problems = read(changed(name, change))
    found = [
        problem for problem in problems if problem.severity == "error" and problem.code == code
    ]
    assert found, [str(problem) for problem in problems]
    assert all(
        problem.where is not None and problem.where.cell.startswith("line ") and problem.fix
        for problem in found
    )
    assert not said or said in [problem.what for problem in found]


@pytest.mark.req(260)
def test_a_risk_of_one_party_alone_is_not_shared() -> None:
    _, problems = read(
        changed(
            "blended_emergency",
            ("gains: 20%, losses: 20%, contract", "gains: 0, losses: 0, contract"),
            ("gains: 80%, losses: 80%", "gains: 100%, losses: 100%"),
        )
    )
    assert "Only one party has a share, so nothing is shared." in [
        problem.what for problem in problems
    ]


@pytest.mark.req(277)
def test_equal_shares_ask_for_a_reason() -> None:
    plain = (
        changed("tiered_corridors", ("  - step: tier\n", "")).split("tiers:")[0]
        + "parties:"
        + changed("tiered_corridors", ("  - step: tier\n", "")).split("parties:")[1]
    )
    equal = plain.replace(
        "role: commissioner,", "role: commissioner, gains: 50%, losses: 50%,"
    ).replace("role: provider,", "role: provider, gains: 50%, losses: 50%,")
    assert {problem.code for problem in read(equal)[1]} == {"equal_shares"}
    assert (
        read(equal.replace("influence: 5", "why: agreed after a look at levers, influence: 5"))[1]
        == []
    )


@pytest.mark.req(257, 286)
def test_a_measure_that_is_not_reported_stops_the_settlement(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        main(
            [
                "share",
                "settle",
                str(EXAMPLES / "parameters_over_time.yaml"),
                str(EXAMPLES / "parameters_over_time.csv"),
                "--json",
            ]
        )
        == 1
    )
    said = [problem["what"] for problem in json.loads(capsys.readouterr().out)["problems"]]
    assert (
        "The measure 'care_outcomes' is not reported for 2030-31, and the arrangement needs it."
        in said
    )


@pytest.mark.req(286)
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("outpatient_firsts,2030-31,thirty,12,final", "'thirty' is not a number."),
        (
            "outpatient_firsts,2029-30,36000,12,final",
            "'2029-30' is not a year of this arrangement.",
        ),
        ("outpatients,2030-31,36000,12,final", "'outpatients' is not a line of this arrangement."),
        ("outpatient_firsts,2030-31,36000,6,final", "6 months of 2030-31 cannot be final."),
        (
            "outpatient_firsts,2030-31,36000,12,final\noutpatient_firsts,2030-31,36001,12,final",
            "outpatient_firsts is there twice for 2030-31.",
        ),
    ],
)
def test_an_outturn_that_cannot_be_read_is_refused_at_its_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: str, said: str
) -> None:
    file = tmp_path / "outturn.csv"
    file.write_text(f"line,year,outturn,months,status\n{rows}\n", encoding="utf-8")
    assert (
        main(["share", "settle", str(EXAMPLES / "outpatients_three_way.yaml"), str(file), "--json"])
        == 1
    )
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert said in [problem["what"] for problem in problems]
    assert all(problem["where"]["file"] == "outturn.csv" for problem in problems)


@pytest.mark.req(286)
def test_provisional_payments_are_made_up_at_the_final_outturn_and_corrected_after_it() -> None:
    arrangement = example("outpatients_three_way")
    due = [
        rounded_year(settle_parties(arrangement, np.array([[units]])), 0)
        for units in (37_000.0, 36_000.0, 39_000.0)
    ]
    first = settlement_postings(arrangement, due[0], "2030-31", "2031-02", "provisional")
    assert {(posting.payee, posting.amount_pence) for posting in first} == {
        ("midshire_community", 27_000_000),
        ("midshire_hospital", 16_200_000),
    }
    final = settlement_postings(arrangement, due[1], "2030-31", "2031-06", "final", first)
    assert {(posting.payee, posting.amount_pence) for posting in final} == {
        ("midshire_community", 9_000_000),
        ("midshire_hospital", 5_400_000),
    }
    assert (
        settlement_postings(arrangement, due[1], "2030-31", "2031-07", "final", [*first, *final])
        == []
    )
    revised = settlement_postings(
        arrangement, due[2], "2030-31", "2031-09", "final", [*first, *final]
    )
    undone = [posting for posting in revised if "reversal" in posting.reason]
    assert {(posting.payer, posting.payee, posting.amount_pence) for posting in undone} == {
        ("midshire_community", "midshire_icb", 36_000_000),
        ("midshire_hospital", "midshire_icb", 21_600_000),
    }
    everything = [*first, *final, *revised]
    assert net(everything, "midshire_hospital") == due[2].due["midshire_hospital"] == 5_400_000
    with pytest.raises(ValueError, match="was settled finally"):
        settlement_postings(arrangement, due[2], "2030-31", "2031-10", "provisional", everything)


def net(postings: list[Posting], party: str) -> int:
    return sum(
        posting.amount_pence * ((posting.payee == party) - (posting.payer == party))
        for posting in postings
    )


@pytest.mark.req(286, 317)
def test_money_goes_by_the_contracts_there_are() -> None:
    arrangement = example("parameters_over_time")
    assert transfers(
        arrangement,
        {
            "midshire_icb": -100,
            "provider_alliance": 0,
            "midshire_provider": 65,
            "midshire_hospital": 35,
        },
    ) == {
        ("midshire_icb", "midshire_provider"): 100,
        ("midshire_provider", "midshire_hospital"): 35,
    }
    assert transfers(
        arrangement, {"midshire_icb": 0, "midshire_provider": -35, "midshire_hospital": 35}
    ) == {("midshire_provider", "midshire_hospital"): 35}


def test_a_posting_is_whole_pence_one_way() -> None:
    right: dict[str, Any] = {
        "month": "2030-04",
        "payer": "a",
        "payee": "b",
        "amount_pence": 5,
        "reason": "r",
        "figure": "f",
    }
    wrongs: tuple[dict[str, Any], ...] = (
        {"amount_pence": -5},
        {"amount_pence": 0},
        {"month": "2030"},
        {"payee": "a"},
        {"reason": ""},
    )
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"posting|month"):
            Posting(**(right | wrong))
    posting = Posting("2030-04", "a", "b", 5, "r", "f")
    assert posting.reversed("2030-05", "wrong").as_dict() == {
        "month": "2030-05",
        "payer": "b",
        "payee": "a",
        "amount_pence": 5,
        "reason": "wrong",
        "figure": "f",
    }


@pytest.mark.req(269, 289, 290, 292, 293)
def test_the_term_sheet_says_what_was_agreed_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    arrangement = example("parameters_over_time")
    terms = term_sheet(arrangement)
    assert terms["lines"][0]["filters"] == {"age": "65 and over", "admission": "emergency"}
    assert terms["parties"][1]["gains"] == pytest.approx(
        {
            "2030-31": 0.5,
            "2031-32": 0.5,
            "2032-33": 0.6,
            "2033-34": 0.6,
            "2034-35": 0.75,
            "2035-36": 0.75,
        }
    )
    assert principle_links(arrangement)["one_pot"] == ["step 3, net"]
    assert terms["reviews"] == [
        {
            "when": "the whole population budget's forecast changes by 2.0% or more",
            "then": "Set the baseline again from the new forecast",
        }
    ]
    assert main(["share", "term-sheet", str(EXAMPLES / "parameters_over_time.yaml")]) == 0
    assert capsys.readouterr().out == (GOLDEN / "parameters_over_time_terms.txt").read_text(
        encoding="utf-8"
    )


@pytest.mark.req(257)
def test_a_gate_that_opens_half_the_time_halves_what_a_share_is_worth(
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(EXAMPLES / "parameters_over_time.yaml")
    assert main(["share", "term-sheet", file, "--gate-opens", "0.5", "--json"]) == 0
    damped = json.loads(capsys.readouterr().out)["damped"]
    assert damped["provider_alliance"] == pytest.approx(
        {
            "2030-31": 0.25,
            "2031-32": 0.25,
            "2032-33": 0.3,
            "2033-34": 0.3,
            "2034-35": 0.375,
            "2035-36": 0.375,
        }
    )
    assert main(["share", "term-sheet", file, "--gate-opens", "0.5"]) == 0
    assert "What a share of gains is worth" in capsys.readouterr().out
    assert (
        main(
            [
                "share",
                "term-sheet",
                str(EXAMPLES / "outpatients_three_way.yaml"),
                "--gate-opens",
                "0.5",
            ]
        )
        == 2
    )


def test_every_kind_of_step_is_in_the_guide() -> None:
    from wpb.sharing.party_steps import PARTY_KINDS
    from wpb.sharing.step_kinds import TABLE_KINDS

    guide = (ROOT / "docs" / "arrangement-files.md").read_text(encoding="utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("| `")]
    for kinds, column in ((PARTY_KINDS, 2), (TABLE_KINDS, 3)):
        told = {
            name.strip("` ")
            for line in rows
            if len(line.split("|")) == 6 and "yes" in line.split("|")[column]
            for name in line.split("|")[1].split(",")
        }
        assert told == set(kinds)
