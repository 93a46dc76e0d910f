"""Segments, values per kind of person, use per head and its path."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from wpb.kernel.problems import ProblemLog
from wpb.patients.segments import (
    DEFAULT_RULES,
    NO_SEGMENT,
    Rule,
    check_conditions,
    cuts_for,
    kinds_of,
    read_cohort,
)
from wpb.patients.values import (
    projected_activity,
    projected_spend,
    top_share,
    type_values,
    use_per_head,
)


@pytest.mark.req(181, 302)
def test_the_first_rule_met_gives_the_segment() -> None:
    rules = (
        Rule("frail", any_of=frozenset({"frailty"})),
        Rule("older", age_from=65),
        Rule("young", age_to=17),
    )
    cuts = cuts_for(rules)
    assert {18, 65} <= set(cuts)
    profiles = [
        {"profile": 1, "band": cuts.index(65), "sex": 0, "mask": 1},
        {"profile": 2, "band": cuts.index(65), "sex": 0, "mask": 0},
        {"profile": 3, "band": cuts.index(18), "sex": 0, "mask": 0},
    ]
    kinds = kinds_of(
        profiles,
        cuts,
        ("frailty",),
        rules,
        read_cohort({"age_from": 65, "any_of": ["frailty"]}, ProblemLog()),
    )
    assert kinds.segment == {1: "frail", 2: "older", 3: NO_SEGMENT}
    assert kinds.cohort == {1}


@pytest.mark.req(181)
def test_a_rule_for_a_condition_that_is_not_there_is_refused() -> None:
    log = ProblemLog()
    check_conditions(DEFAULT_RULES, ("frailty", "dementia", "smi"), log)
    assert [problem.code for problem in log.errors] == ["segment_condition_unknown"]
    assert "cancer" in log.errors[0].what


@pytest.mark.req(234, 242, 245)
def test_values_put_back_every_penny_and_thin_types_lean_on_everyone() -> None:
    pence = [9_000_000, 40_000_000, 60_000]
    squares = [
        Decimal(9_000_000) ** 2 / 900 * 3,
        Decimal(40_000_000) ** 2 / 400 * 3,
        Decimal(60_000) ** 2 / 2 * Decimal("1.9"),
    ]
    well, frail, rare = type_values(
        ["well", "frail", "rare"],
        [900, 400, 2],
        [900 * 365, 380 * 365, 2 * 365],
        365,
        pence,
        squares,
    )
    assert well.own_pence_per_head == pytest.approx(10_000)
    assert frail.own_pence_per_head == pytest.approx(40_000_000 / 380), (
        "the dead and leavers weigh by their days"
    )
    assert rare.credibility < well.credibility <= 1 and rare.thin
    assert sum(
        value.value_pence_per_head * value.person_years for value in (well, frail, rare)
    ) == pytest.approx(sum(pence))


@pytest.mark.req(245)
def test_types_that_do_not_differ_have_no_credibility_of_their_own() -> None:
    values = type_values(
        ["a", "b"],
        [50, 50],
        [50 * 365] * 2,
        365,
        [500_000, 500_000],
        [Decimal(500_000) ** 2 / 50 * 5] * 2,
    )
    assert [value.credibility for value in values] == [0, 0]
    assert values[0].value_pence_per_head == pytest.approx(values[1].value_pence_per_head)


@pytest.mark.req(180, 182)
def test_use_per_head_is_carried_over_the_population_path() -> None:
    rates = use_per_head(np.array([[100.0, 300.0]]), np.array([1000.0, 500.0]))
    assert rates.tolist() == [[0.1, 0.6]]
    people = np.array([[1000.0, 1010.0], [500.0, 550.0]])
    assert projected_activity(rates, people)[0].tolist() == pytest.approx([400.0, 431.0])
    shifts = np.zeros((1, 2, 2))
    shifts[0, 1, 1] = -0.1
    shifted = projected_activity(rates, people, shifts)
    assert shifted[0].tolist() == pytest.approx([400.0, 431.0 - 33.0])
    assert projected_spend(shifted, np.array([[200.0, 210.0]]))[0, 1] == pytest.approx(398.0 * 210)


@pytest.mark.req(180)
def test_activity_of_people_who_are_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="no days on a list"):
        use_per_head(np.array([[1.0]]), np.array([0.0]))


@pytest.mark.req(315)
def test_the_top_share_rounds_up_and_breaks_ties_by_pseudonym() -> None:
    assert top_share({5: 0.9, 3: 0.9, 1: 0.1, 7: 0.2}, 0.25) == {3}
    assert len(top_share(dict.fromkeys(range(101), 0.5), 0.02)) == 3
