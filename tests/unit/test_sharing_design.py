"""Designing an arrangement: what to share and with whom, its baseline, exposure, double counts, and
the Mid-Nottinghamshire parts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wpb.kernel.ledger import Axis, Ledger
from wpb.kernel.lined_yaml import read_yaml
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.sharing.baseline_profile import check_mirror, projected_activity, triggers_met
from wpb.sharing.double_count import counted_twice
from wpb.sharing.exposure import exposures, worst_case_pence
from wpb.sharing.parties import PartyArrangement, RebaseTrigger
from wpb.sharing.patient_choice import VariablePart, choice_block
from wpb.sharing.reading import Page
from wpb.sharing.reading_parties import read_party_arrangement
from wpb.sharing.settle_parties import settle_parties
from wpb.sharing.suitability import (
    INDICATOR_MENU,
    TESTS,
    Candidate,
    parties_to_include,
    provider_effect,
    shared_risk,
    suitability,
)
from wpb.sharing.three_parts import (
    SubsetService,
    cluster_value,
    fixed_element,
    funding_gap,
    gap_tracker,
    shadow_subset,
    three_part_payment,
    transition_payment,
)

EXAMPLES = Path(__file__).parents[2] / "examples" / "sharing"


def example(name: str) -> PartyArrangement:
    log = ProblemLog()
    arrangement = read_party_arrangement(
        read_yaml((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml", log),
        Page(f"{name}.yaml", log),
    )
    assert not log.errors
    return arrangement


@pytest.mark.req(261, 262, 263, 264, 265, 266, 267, 268, 271)
def test_eight_tests_say_whether_to_share_an_activity() -> None:
    assert len(TESTS) == 8
    good = dict.fromkeys(TESTS, 4)
    assert suitability("non_elective_admissions", good).verdict == "share"
    assert suitability("prescribing", {**good, "data_sufficient": 0}).failed == ("data_sufficient",)
    assert suitability("prescribing", {**good, "data_sufficient": 0}).verdict == "leave_out"
    assert suitability("outpatients", {**good, "material": 1}).verdict == "think_again"
    assert "non_elective_admissions" in INDICATOR_MENU and "delayed_discharges" in INDICATOR_MENU
    for test in TESTS:
        with pytest.raises(ValueError, match=test):
            suitability(
                "elective_care", {name: score for name, score in good.items() if name != test}
            )
        with pytest.raises(ValueError, match="from 0 to 5"):
            suitability("elective_care", {**good, test: 6})


@pytest.mark.req(260, 270)
@pytest.mark.parametrize(
    ("impact", "influenced_by", "affected", "share", "reason"),
    [
        (
            5e8,
            ("hospital",),
            ("icb",),
            True,
            "it is significant, and hospital, icb answer for it together",
        ),
        (1e6, ("hospital",), ("icb",), False, "it is too small to be worth sharing"),
        (5e8, ("hospital",), ("hospital",), False, "it sits with hospital alone"),
        (5e8, (), ("hospital", "icb"), False, "none of the parties can influence it"),
    ],
)
def test_a_risk_is_shared_where_it_is_significant_and_collective(
    impact: float,
    influenced_by: tuple[str, ...],
    affected: tuple[str, ...],
    share: bool,
    reason: str,
) -> None:
    found = shared_risk("emergency admissions", impact, 1e8, influenced_by, affected)
    assert (found.share, found.reason) == (share, reason)


@pytest.mark.req(272, 291, 296)
def test_parties_join_by_influence_and_ability_to_bear_risk() -> None:
    found = parties_to_include(
        [
            Candidate("charity", 2, 0),
            Candidate("icb", 0, 5, holds_the_saving=True),
            Candidate("hospital", 4, 4),
            Candidate("bystander", 0, 5),
        ]
    )
    assert found == {
        "hospital": "gains_and_losses",
        "charity": "gains_only",
        "icb": "gains_and_losses",
        "bystander": "none",
    }


@pytest.mark.req(295)
def test_the_hospital_shares_because_its_fixed_cost_stays() -> None:
    effect = provider_effect(4000, 18_000, 17_000, 0.7, 0.3)
    assert (effect.lost_income_pence, effect.avoided_cost_pence, effect.share_pence) == (
        72_000_000,
        pytest.approx(20_400_000),
        pytest.approx(21_600_000),
    )
    assert effect.net_pence == pytest.approx(-30_000_000)
    assert provider_effect(4000, 18_000, 17_000, 0.7, 0).net_pence < effect.net_pence


@pytest.mark.req(273)
def test_baselines_mirror_the_budget_or_come_from_history_demography_and_the_model() -> None:
    rates = np.full((1, 2), 0.1), np.full((1, 2), 0.02), np.array([[0.0, -0.05]])
    assert projected_activity(np.array([1000.0]), *rates).tolist() == [
        pytest.approx([1122, 1122 * 1.1 * 1.02 * 0.95])
    ]
    arrangement = example("loss_share_over_time")
    log = ProblemLog()
    check_mirror(arrangement, {"emergency_admissions": [20_000] * 10}, log)
    assert list(log) == []
    check_mirror(arrangement, {"emergency_admissions": [20_000, 19_500, *[20_000] * 8]}, log)
    assert [problem.what for problem in log] == [
        (
            "Line 'emergency_admissions' has a baseline of 20,000 in 2031-32, and the budget's"
            " forecast"
            " is 19,500."
        )
    ]
    check_mirror(arrangement, {}, log)
    assert log.problems[-1].code == "line_unknown"


@pytest.mark.req(292)
def test_a_changed_forecast_sets_the_baseline_again() -> None:
    trigger = RebaseTrigger("forecast", 0.02, "set the baseline again")
    assert triggers_met([trigger], {"forecast": -0.02}) == [trigger]
    assert triggers_met([trigger], {"forecast": 0.0199}) == []
    with pytest.raises(KeyError):
        triggers_met([trigger], {})


def budget(forecast_pence: float, saving_pence: float) -> Ledger:
    ledger, axis = Ledger(), Axis("budget_line", ("acute.emergency",))
    years = tuple(f"20{30 + number}-{31 + number}" for number in range(10))

    def where(row: int, year: int) -> Cell:
        return Cell("inputs.csv", "inputs", "B2")

    ledger.leaf(
        "do_nothing", axis, "pence", np.full((1, 10), forecast_pence + saving_pence), where, years
    )
    ledger.leaf("forecast", axis, "pence", np.full((1, 10), forecast_pence), where, years)
    ledger.movement(
        "care_model", ledger["forecast"], ledger["do_nothing"], "efficiency", "Care model"
    )
    return ledger


@pytest.mark.req(298)
def test_a_saving_taken_in_the_budget_is_not_paid_again_as_a_gain() -> None:
    arrangement = example("loss_share_over_time")
    settlement = settle_parties(arrangement, np.full((1, 10), 20_000.0))
    lines = {"emergency_admissions": "acute.emergency"}
    clean, log = budget(4_800_000_000, 200_000_000), ProblemLog()
    assert (
        counted_twice(settlement, clean, lines, "forecast", ("care_model",), log) == []
        and list(log) == []
    )
    doubled = budget(4_650_000_000, 200_000_000)
    found = counted_twice(settlement, doubled, lines, "forecast", ("care_model",), log)
    assert len(found) == len(log.errors) == 10
    assert (found[0].taken_in_budget_pence, found[0].counted_twice_pence, found[0].movements) == (
        200_000_000,
        150_000_000,
        ("care_model",),
    )
    assert counted_twice(settlement, doubled, {}, "forecast", ("care_model",), log) == []


@pytest.mark.req(248, 284)
def test_exposure_adds_up_over_every_scheme_and_is_held_against_a_limit() -> None:
    losses = worst_case_pence(example("parameters_over_time"), 0.10)
    assert losses["midshire_provider"][:2] == [0, 0]
    assert losses["midshire_hospital"][2] == pytest.approx(
        0.02 * 0.3 * 0.35 * (15_300 * 2600 + 60_000 * 180 + 120_000 * 62) * 100
    )
    sharing = {
        "midshire_hospital": losses["midshire_hospital"][4],
        "midshire_provider": losses["midshire_provider"][4],
    }
    log = ProblemLog()
    found = exposures(
        "2034-35",
        {"gain_loss": sharing, "ips": {"midshire_hospital": 25_000_000.0}},
        {"midshire_hospital": sharing["midshire_hospital"]},
        log,
    )
    assert found[0].total_pence == sharing["midshire_hospital"] + 25_000_000
    assert [(problem.severity, problem.code) for problem in log] == [
        ("error", "over_exposed"),
        ("warning", "no_exposure_limit"),
    ]
    assert not found[0].within_limit


def moved_by_choice(
    base: dict[str, float], actual: dict[str, float], value: float, cap: float, collar: float
) -> dict[str, float]:
    part = VariablePart(
        False,
        {"2017-18": value},
        cap,
        collar,
        base,
        {"2017-18": actual},
        Cell("alliance.yaml", "", "line 1"),
    )
    block = choice_block(part, ("2017-18",), Ledger())
    return {code: block.at(row, 0) for row, code in enumerate(block.axis.codes)}


@pytest.mark.req(307, 308, 309)
def test_money_follows_patients_between_hospitals_and_growth_alone_pays_nothing() -> None:
    base = {"one": 6000.0, "two": 4000.0}
    assert moved_by_choice(base, {"one": 6600, "two": 4400}, 2e9, 0.05, -0.05) == {
        "one": pytest.approx(0, abs=1e-6),
        "two": pytest.approx(0, abs=1e-6),
    }
    assert moved_by_choice(base, {"one": 5800, "two": 4200}, 2e9, 0.05, -0.05) == {
        "one": pytest.approx(-4e7),
        "two": pytest.approx(4e7),
    }
    assert moved_by_choice(base, {"one": 4000, "two": 6000}, 2e9, 0.05, -0.05) == {
        "one": pytest.approx(-1e8),
        "two": pytest.approx(1e8),
    }


@pytest.mark.req(307, 308)
@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 10_000), st.integers(0, 10_000)), min_size=2, max_size=6),
    st.integers(0, 10**12),
    st.floats(0, 0.2),
    st.floats(-0.2, 0),
)
def test_the_variable_element_makes_and_loses_nothing(
    units: list[tuple[int, int]], value: int, cap: float, collar: float
) -> None:
    base = {f"h{number}": float(before) for number, (before, _) in enumerate(units)}
    actual = {f"h{number}": float(after + 1) for number, (_, after) in enumerate(units)}
    found = moved_by_choice(base, actual, float(value), cap, collar)
    assert sum(found.values()) == pytest.approx(0, abs=max(1e-3, value * 1e-12))
    assert all(collar * value - 1 <= amount <= cap * value + 1 for amount in found.values())


@pytest.mark.req(305, 306)
def test_three_parts_make_each_providers_payment() -> None:
    fixed = fixed_element(
        np.array([1000.0, 500]),
        np.array([100_000.0, 40_000]),
        np.array([0.02, 0.02]),
        np.array([0.01, 0.01]),
        np.array([0.02, 0.02]),
        np.array([-5e6, 5e6]),
    )
    assert fixed.tolist() == pytest.approx(
        [1e8 * 1.02 * 1.01 * 0.98 - 5e6, 2e7 * 1.02 * 1.01 * 0.98 + 5e6]
    )
    payments = three_part_payment(
        {"one": 100, "two": 50}, {"one": -5, "two": 5}, {"one": 2, "two": 1}, {"one": 0, "two": -3}
    )
    assert [found.total_pence for found in payments] == [97, 53]
    with pytest.raises(ValueError, match="nought"):
        three_part_payment({"one": 100}, {"one": 5}, {}, {})
    with pytest.raises(ValueError, match="two"):
        three_part_payment({"one": 100}, {}, {}, {"two": 5})


@pytest.mark.req(309, 312)
def test_the_transition_year_still_pays_extra_activity_at_the_marginal_rate() -> None:
    assert transition_payment(
        np.array([1050.0, 950.0]), np.array(1000.0), np.array(200_000.0), np.array(0.7)
    ).tolist() == pytest.approx([7_000_000, 0])


@pytest.mark.req(313, 314)
def test_the_shadow_subset_is_about_a_fifth_and_says_why_each_service_is_in_or_out() -> None:
    clusters = {"1-3": 20.0, "18-21 dementia": 30.0, "10-17": 50.0}
    dementia = cluster_value(2.0e9, clusters, ["18-21 dementia"])
    services = [
        SubsetService("urgent care", 7_400_000_000, True, "Urgent and proactive care come first"),
        SubsetService(
            "community teams", 2_000_000_000, True, "Urgent and proactive care come first"
        ),
        SubsetService(
            "dementia", int(dementia), True, "Nearest part of the block", "mental health clusters"
        ),
        SubsetService(
            "prescribing",
            6_000_000_000,
            False,
            "No detailed patient data, and general practice is no formal member",
        ),
    ]
    found = shadow_subset(services, 55_000_000_000)
    assert found["subset_pence"] == 1e10
    assert found["share_of_whole"] == pytest.approx(0.1818, abs=5e-5)
    assert found["found_by_proxy_pence"] == 6e8
    with pytest.raises(ValueError, match="prescribing"):
        shadow_subset([SubsetService("prescribing", 1, False, "")], 10)


@pytest.mark.req(316)
def test_the_funding_gap_is_tracked_to_140_million_in_ten_years() -> None:
    do_nothing, funding = np.linspace(5.6e10, 7.4e10, 10), np.linspace(5.6e10, 6.0e10, 10)
    assert funding_gap(do_nothing, funding)[-1] == 1.4e10
    tracked = gap_tracker(
        [f"{2013 + number}-{14 + number}" for number in range(10)],
        do_nothing,
        funding,
        np.linspace(0, 1.0e10, 10),
    )
    assert (tracked[-1].gap_pence, tracked[-1].left_pence) == (1.4e10, pytest.approx(4e9))
