"""Fair baselines, Fig 24, minimum rates and population sizes; deficits that end; access;
segmentations; going live.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import make, place
from tests.shadow_models import shadow_budget, uncertain
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.shadow.deficit import by_month, glide, transitions
from wpb.shadow.fair_baseline import (
    fair_shift,
    half_sample_mode,
    minimum_savings_rate,
    observed_spread,
    odds,
    people_for_rate,
    variation_of_rate,
)
from wpb.shadow.going_live import shadow_to_live
from wpb.shadow.monitors import access_findings
from wpb.shadow.segmentation import compare_segmentations
from wpb.shadow.shadow_test import shadow_test

RANDOM = np.random.default_rng(24)
SYMMETRIC = RANDOM.normal(0.0, 1.0, 40_000)
STRETCHING = RANDOM.normal(-0.8, 1.0, 40_000)
SKEWED = 0.4 - RANDOM.gamma(1.6, 1.0, 40_000)
GENEROUS = RANDOM.normal(0.8, 1.0, 40_000)


@pytest.mark.req(275)
@pytest.mark.parametrize(
    ("gap", "case"), [(SYMMETRIC, "A"), (STRETCHING, "B"), (SKEWED, "C"), (GENEROUS, "generous")]
)
def test_the_three_cases_of_figure_24_are_recognised(gap: np.ndarray, case: str) -> None:
    assert odds(gap).case == case


@pytest.mark.req(274, 275)
def test_suggested_shares_leave_the_provider_even_and_never_bear_more_of_losses() -> None:
    for gap in (SYMMETRIC, STRETCHING, SKEWED, GENEROUS):
        found = odds(gap, 0.5)
        assert found.provider_loss_share <= found.provider_gain_share
        expected = (
            found.provider_gain_share * found.expected_gain
            - found.provider_loss_share * found.expected_loss
        )
        assert expected >= -1e-12
        if found.provider_loss_share < found.provider_gain_share:
            assert expected == pytest.approx(0, abs=1e-12)
    assert odds(STRETCHING).provider_loss_share < 0.2 < odds(SYMMETRIC).provider_loss_share


@pytest.mark.req(274)
def test_a_fair_shift_makes_gain_and_loss_as_likely_and_its_interval_covers_the_truth() -> None:
    shift = fair_shift(STRETCHING, 100.0)
    assert ((STRETCHING + shift.shift) > 0).mean() == pytest.approx(0.5, abs=1e-4)
    assert shift.rate == pytest.approx(0.008, abs=0.0003)
    random, covered = np.random.default_rng(9), 0
    for _ in range(600):
        low, high = fair_shift(random.normal(-0.3, 1.0, 300), 1.0).rate_interval
        covered += low <= 0.3 <= high
    assert covered / 600 == pytest.approx(0.95, abs=0.03)


def test_the_most_likely_value_of_a_skewed_gap_is_found() -> None:
    assert half_sample_mode(SKEWED) == pytest.approx(0.4 - 0.6, abs=0.2)


@pytest.mark.req(5, 283)
def test_a_minimum_savings_rate_pays_for_chance_as_often_as_chosen() -> None:
    variation = variation_of_rate(2.5, 20_000, systematic=0.01, baseline_years=3)
    rate = minimum_savings_rate(variation, 0.10)
    by_chance = np.random.default_rng(4).normal(0.0, variation, 200_000)
    assert (by_chance >= rate).mean() == pytest.approx(0.10, abs=0.003)
    people = people_for_rate(2.5, rate, 0.10, systematic=0.01, baseline_years=3)
    assert people == pytest.approx(20_000)
    assert people_for_rate(2.5, 0.01, 0.10, systematic=0.01) is None


@pytest.mark.req(283)
def test_chance_at_a_size_stays_under_the_spread_seen_in_the_us_programme() -> None:
    for people in (6_000, 15_000, 30_000, 60_000):
        assert variation_of_rate(2.5, people, baseline_years=3) < observed_spread(people)


@settings(max_examples=40)
@given(st.floats(1.0, 6.0), st.integers(100, 200_000), st.floats(0.0, 0.05), st.floats(0.01, 0.4))
def test_rate_and_population_are_each_other_turned_round(
    person: float, people: int, systematic: float, false_payment: float
) -> None:
    rate = minimum_savings_rate(variation_of_rate(person, people, systematic, 2), false_payment)
    assert people_for_rate(person, rate, false_payment, systematic, 2) == pytest.approx(
        people, rel=1e-4
    )


@pytest.mark.req(209)
@settings(max_examples=40)
@given(st.floats(1.0, 1e9), st.integers(1, 10), st.sampled_from(["straight", "halving"]))
def test_support_falls_every_year_and_ends(deficit: float, years: int, path: str) -> None:
    support = glide(deficit, years, path)
    assert support[-1] == 0
    assert (np.diff(np.r_[deficit, support]) <= 1e-6).all()
    assert support.max() < deficit


@pytest.mark.req(209)
def test_a_transition_is_apart_from_the_budget_and_adds_up() -> None:
    row = {
        "provider": "HOSP",
        "first_year": "2027-28",
        "years": 3,
        "deficit": 100_000.01,
        "path": "straight",
        "paid_by": "ICB",
        "reason": "test",
    }
    budget = shadow_budget((), {"deficit_transitions": [row]})
    (found,) = transitions(budget.model, ProblemLog())
    assert found.support_pence == (6_666_667, 3_333_334, 0)
    assert sum(found.to_find_pence) == found.deficit_pence == 10_000_001
    assert sum(by_month(found.support_pence[0])) == found.support_pence[0]
    np.testing.assert_array_equal(budget.forecast.value, shadow_budget().forecast.value)
    for change, words in (
        ({"years": 4}, "time-limited"),
        ({"deficit": -1}, "no deficit"),
        ({"paid_by": "HOSP"}, "pay its own"),
    ):
        with pytest.raises(InputProblems) as refused:
            transitions(
                shadow_budget((), {"deficit_transitions": [row | change]}).model, ProblemLog()
            )
        assert words in f"{refused.value.problems[0].what} {refused.value.problems[0].fix}"


@pytest.mark.req(342)
def test_access_is_flagged_beyond_chance_and_not_for_chance() -> None:
    def group(name: str, actual: int, joined: int, left: int) -> dict[str, object]:
        return {
            "people_group": name,
            "measure": "contacts",
            "actual": actual,
            "expected": 1_000,
            "joined": joined,
            "left": left,
            "period": "2026-27",
        }

    found = access_findings(
        make(
            place(
                access_monitoring=[
                    group("steady", 985, 100, 104),
                    group("fewer", 850, 100, 104),
                    group("leaving", 1_000, 60, 140),
                ]
            )
        )
    )
    assert [(one.flagged, one.leaving_flagged) for one in found] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    random, alarms = np.random.default_rng(7), 0
    for _ in range(200):
        groups = [
            group(str(at), int(random.poisson(1_000)), 100, int(random.binomial(200, 0.5)))
            | {"joined": 100}
            for at in range(6)
        ]
        alarms += any(one.flagged for one in access_findings(make(place(access_monitoring=groups))))
    assert alarms / 200 <= 0.04


@pytest.mark.req(302)
def test_segmentations_are_ranked_by_the_variance_they_explain() -> None:
    def segment(
        name: str, code: str, people: int, mean: float, deviation: float
    ) -> dict[str, object]:
        return {
            "segmentation": name,
            "segment": code,
            "people": people,
            "mean_cost": mean,
            "sd_cost": deviation,
            "source": "test",
        }

    rows = [
        segment("one", "all", 1_000, 500, 1_000),
        segment("two", "low", 800, 250, math.sqrt(5e5)),
        segment("two", "high", 200, 1_500, math.sqrt(1.75e6)),
    ]
    problems = ProblemLog()
    first, second = compare_segmentations(make(place(segmentations=rows)), problems)
    assert (first.segmentation, second.segmentation) == ("two", "one")
    assert first.explained == pytest.approx(250_000 / (250_000 + 750_000))
    assert second.explained == 0
    assert not len(problems)
    compare_segmentations(
        make(place(segmentations=[*rows, segment("three", "some", 900, 500, 1_000)])), problems
    )
    assert [problem.code for problem in problems] == ["segmentation_people"]


@pytest.mark.req(299, 301, 304)
def test_going_live_needs_the_whole_interval_and_every_judgement() -> None:
    def criterion(code: str, measure: str, **more: object) -> dict[str, object]:
        return {"criterion": code, "title": code, "measure": measure, "owner": "test"} | more

    rows = [
        criterion("RISK", "probability_beyond_exposure_limit", organisation="LEAD", at_most=0.5),
        criterion("SHADOW", "months_in_shadow", at_most=12),
        criterion("BOARD", "judgement", met=True),
        criterion("NEVER", "probability_beyond_exposure_limit", organisation="HOSP", at_most=0.5),
    ]
    budget = shadow_budget(
        [uncertain("USE", "activity", distribution="lognormal", centre=1.0, spread=0.02)],
        {"live_criteria": rows},
    )
    results = shadow_test(budget, runs=512)
    decision = shadow_to_live(results, months_in_shadow=11)
    assert [one.met for one in decision.criteria][1:] == [False, True, None]
    assert not decision.ready
    beyond = next(
        party for party in results.parties if party.terms.organisation == "LEAD"
    ).beyond_exposure_limit
    assert beyond is not None and decision.criteria[0].met == (beyond.high <= 0.5)


@pytest.mark.req(5, 283)
def test_chance_alone_is_told_apart_into_what_evens_out_and_what_does_not() -> None:
    """Counts of 2,500 a year vary by 1/50, hard years by 3%; growth is put at plan. The hospital is
    500,000 of 900,000 in scope.
    """
    rows = [
        uncertain(
            "COUNT",
            "activity",
            distribution="counts",
            yearly_count=2_500,
            spread=0.0,
            applies_by="provider",
            applies_to="HOSP",
        ),
        uncertain(
            "HARD",
            "activity",
            distribution="lognormal",
            centre=1.0,
            spread=0.03,
            applies_by="provider",
            applies_to="HOSP",
        ),
        uncertain("PEOPLE", "population", centre=0.0, spread=0.05),
    ]
    (whole,) = shadow_test(
        shadow_budget(rows), runs=128, false_payments=[0.05], shares=[0.02, 0.012]
    ).chance
    part = 500_000 / 900_000
    assert whole.evens_out == pytest.approx(part / 50, rel=0.04)
    assert whole.shared == pytest.approx(part * 0.03, rel=0.04)
    assert whole.variation == pytest.approx(math.hypot(whole.evens_out, whole.shared))
    ((chance, rate),) = whole.rates
    assert (chance, rate) == (0.05, pytest.approx(1.6448536 * whole.variation))
    (_, people), (_, none) = whole.people_for
    assert people == pytest.approx(whole.people * whole.evens_out**2 / (0.02**2 - whole.shared**2))
    assert none is None


@pytest.mark.req(283)
def test_dispersion_of_counts_does_not_even_out() -> None:
    row = uncertain("COUNT", "activity", distribution="counts", yearly_count=400, spread=0.01)
    (whole,) = shadow_test(shadow_budget([row]), runs=128).chance
    assert whole.evens_out == pytest.approx(1 / 20, rel=0.04)
    assert whole.shared == pytest.approx(0.1, rel=0.04)
    assert shadow_test(shadow_budget([]), runs=128).chance == ()
