"""Pooled budgets: what each model permits, the fund's year to the penny, checklists, reviews and
payback.
"""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.pooling.business_case import BusinessCase, payback_year
from wpb.pooling.checklists import (
    AGREEMENT_CONTENTS,
    BUILDING_BLOCKS,
    FIVE_STEPS,
    POOLING_CHECKLIST,
    SHARING_PRINCIPLES,
    completeness,
    next_step,
)
from wpb.pooling.levers import LEVERS, unmoved_parties
from wpb.pooling.place_models import PLACE_MODELS, not_permitted, risk_share_allowed
from wpb.pooling.pooled_fund import (
    DISABLED_FACILITIES_GRANT,
    Contribution,
    PooledYear,
    Spend,
    flagged_services,
    pooled_year,
)
from wpb.pooling.reviews import check_reviews, quarterly_reviews

PARTNERS = {"england": "national_commissioner", "icb": "health_body", "council": "local_government"}


@pytest.mark.req(318, 319, 320, 321)
@pytest.mark.parametrize(
    ("model", "mechanisms", "without", "codes"),
    [
        ("seat_at_the_table", ("align_budgets", "joint_contract_risk_share"), (), []),
        ("seat_at_the_table", ("pool_section_75",), (), ["not_permitted"]),
        ("joint", ("pool_section_75", "partner_risk_share"), (), []),
        ("joint", ("pool_section_13v",), ("england",), ["partner_missing"]),
        ("joint", ("pool_section_75",), ("council",), ["partner_missing"]),
        ("delegation", ("delegate_section_13zb", "delegation_risk_share"), (), []),
        ("delegation", ("delegate_section_13zb",), ("council",), ["partner_missing"]),
        ("devolution", ("transfer_section_105a",), (), []),
        ("devolution", ("partner_risk_share",), (), ["not_permitted"]),
    ],
)
def test_each_place_model_permits_its_own_mechanisms(
    model: str, mechanisms: tuple[str, ...], without: tuple[str, ...], codes: list[str]
) -> None:
    partners = {name: kind for name, kind in PARTNERS.items() if name not in without}
    assert [problem.code for problem in not_permitted(model, mechanisms, partners)] == codes


@pytest.mark.req(321)
def test_devolution_leaves_no_risk_to_share_with_the_national_commissioner() -> None:
    assert not risk_share_allowed("devolution", with_national=True)
    assert all(
        risk_share_allowed(model, with_national=True)
        for model in PLACE_MODELS
        if model != "devolution"
    )


def year(icb: int, council: int, spent: int, grant_spent: int) -> PooledYear:
    log = ProblemLog()
    contributions = [
        Contribution("icb", icb),
        Contribution("council", council),
        Contribution("council", 50_500, ring_fence=DISABLED_FACILITIES_GRANT),
        Contribution("council", 700, "in_kind"),
    ]
    spends = [
        Spend("reablement", spent),
        Spend("home adaptations", grant_spent, DISABLED_FACILITIES_GRANT),
    ]
    found = pooled_year(
        contributions, spends, {"icb": 0.5, "council": 0.5}, {"icb": 0.65, "council": 0.35}, log
    )
    assert found is not None and list(log) == []
    return found


@pytest.mark.req(322, 324, 331)
def test_what_is_over_or_short_is_shared_and_a_grant_stays_in_its_fence() -> None:
    under = year(600_001, 400_000, 900_000, 50_000)
    assert under.gap_pence == 100_001
    assert {position.partner: position.share_of_gap_pence for position in under.positions} == {
        "council": 50_001,
        "icb": 50_000,
    }
    assert under.ring_fenced == {DISABLED_FACILITIES_GRANT: 500}
    over = year(600_000, 400_000, 1_100_000, 50_500)
    assert {position.partner: position.cash_due_pence for position in over.positions} == {
        "council": -35_000,
        "icb": -65_000,
    }
    fence_broken = year(600_000, 400_000, 1_000_000, 51_500)
    assert fence_broken.gap_pence == -1000
    assert fence_broken.in_kind_pence == 700


@pytest.mark.req(322)
@settings(max_examples=40)
@given(
    st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 2 * 10**9), st.integers(0, 10**5)
)
def test_a_pool_loses_no_penny(icb: int, council: int, spent: int, grant_spent: int) -> None:
    found = year(icb, council, spent, grant_spent)
    assert sum(position.share_of_gap_pence for position in found.positions) == found.gap_pence
    assert found.contributed_pence - found.spent_pence == found.gap_pence + sum(
        found.ring_fenced.values()
    )


@pytest.mark.req(323)
def test_legislated_joint_funding_is_flagged_and_never_left_to_one_partner() -> None:
    aftercare = Spend("aftercare", 100, funded_by=("icb", "council"), law="section_117_aftercare")
    assert "section 117" in flagged_services([aftercare])["aftercare"]
    log = ProblemLog()
    halves = {"icb": 0.5, "council": 0.5}
    contributions = [Contribution("icb", 100), Contribution("council", 100)]
    assert (
        pooled_year(
            contributions,
            [Spend("aftercare", 100, funded_by=("icb",), law="section_117_aftercare")],
            halves,
            halves,
            log,
        )
        is None
    )
    assert [problem.code for problem in log] == ["joint_funding_required"]


@pytest.mark.req(322, 324)
def test_a_pool_that_does_not_add_up_is_refused() -> None:
    log = ProblemLog()
    found = pooled_year(
        [Contribution("icb", 100)],
        [Spend("adaptations", 5, DISABLED_FACILITIES_GRANT)],
        {"icb": 0.9},
        {"icb": 0.5, "trust": 0.5},
        log,
    )
    assert found is None
    assert [problem.code for problem in log] == [
        "shares_do_not_add",
        "partner_without_contribution",
        "empty_ring_fence",
    ]


@pytest.mark.req(322)
def test_a_partner_without_a_share_is_named_and_never_taken_to_bear_nothing() -> None:
    log, partners = ProblemLog(), [Contribution("icb", 100), Contribution("council", 100)]
    place = Cell("pool.yaml", "", "line 9")
    assert (
        pooled_year(
            partners, [Spend("beds", 5)], {"icb": 1.0}, {"icb": 1.0, "council": 0.0}, log, place
        )
        is None
    )
    (problem,) = log
    assert (problem.code, problem.where) == ("share_missing", place)
    assert "council contributes and has no share of underspends" in str(problem)
    assert "0 for one that takes no part" in str(problem)


@pytest.mark.req(325, 326, 327)
def test_checklists_say_what_is_open() -> None:
    found = completeness(POOLING_CHECKLIST, {"aims": True, "partners": True, "risks": False})
    assert found.open == ("scope", "business_case", "funding_and_management", "risks")
    assert (found.rate, found.complete) == (pytest.approx(2 / 6), False)
    assert completeness(BUILDING_BLOCKS, dict.fromkeys(BUILDING_BLOCKS, True)).complete
    assert len(BUILDING_BLOCKS) == 5
    assert {"vat", "disputes", "contributions", "termination"} <= set(AGREEMENT_CONTENTS)
    with pytest.raises(ValueError, match="no point trusts"):
        completeness(BUILDING_BLOCKS, {"trusts": True})


@pytest.mark.req(289)
def test_the_sharing_principles_are_an_editable_checklist() -> None:
    edited = {**SHARING_PRINCIPLES, "local": "A principle of our own"}
    assert completeness(edited, {"local": True, "net": True}).done == ("net", "local")


@pytest.mark.req(329)
def test_the_five_steps_are_taken_in_order() -> None:
    assert next_step(()) == FIVE_STEPS[0]
    assert next_step(FIVE_STEPS[:3]) == FIVE_STEPS[3]
    assert next_step(FIVE_STEPS) == ""
    with pytest.raises(ValueError, match="in order"):
        next_step((FIVE_STEPS[2],))


@pytest.mark.req(328)
def test_every_quarter_is_reviewed() -> None:
    assert quarterly_reviews("2030-31") == [
        datetime.date(2030, 7, 28),
        datetime.date(2030, 10, 28),
        datetime.date(2031, 1, 28),
        datetime.date(2031, 4, 28),
    ]
    log = ProblemLog()
    check_reviews(
        "2030-31",
        [datetime.date(2030, 6, 1), datetime.date(2030, 9, 30), datetime.date(2031, 3, 1)],
        log,
    )
    assert [problem.what for problem in log] == [
        "Quarter 3 of 2030-31 (01 October to 31 December) has no review."
    ]


@pytest.mark.req(330)
def test_a_business_case_says_when_it_pays_back() -> None:
    case = BusinessCase(
        "Reablement",
        ("Fewer admissions",),
        ("Recruit teams",),
        (),
        ("2030-31", "2031-32", "2032-33"),
        (100, 20, 0),
        (10, 60, 80),
    )
    assert case.pays_back_in == "2032-33"
    assert case.missing == ("measures",)
    assert case.balance() == [-90, -50, 30]
    assert payback_year(np.array([10.0, 0, 100]), np.array([20.0, 0, 0])) is None


@pytest.mark.req(332)
def test_levers_show_whom_nothing_moves() -> None:
    assert unmoved_parties(LEVERS, ("provider", "local_government", "voluntary_sector")) == [
        "voluntary_sector"
    ]
