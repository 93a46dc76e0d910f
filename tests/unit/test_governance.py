"""Governance as data: checklists and their scores, the form of a contract, pension access, terms
under the clock, named systems.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpb.governance.checklists import ANSWERS, CHECKLISTS, NOTE, changed_terms, open_points, score
from wpb.governance.contract_form import BY_KEY, FORMS, integration_trade_off, pension_flags
from wpb.governance.named_systems import SYSTEMS, named_systems
from wpb.tables import ALL_TABLES


@pytest.mark.req(341, 347)
def test_a_point_is_open_until_answered_and_one_not_met_until_it_says_why() -> None:
    checklist = CHECKLISTS["readiness_features"]
    assert list(checklist.points) == [
        "improvements",
        "vision",
        "finance",
        "consistency",
        "engagement",
        "gp_commitment",
        "system_plans",
        "risks",
    ], "features a to h"
    answers = dict.fromkeys(checklist.points, "yes")
    assert open_points(checklist, answers) == () and score(checklist, answers) == (8, 8)
    answers |= {"risks": "no", "vision": "not applicable"}
    assert open_points(checklist, answers) == ("vision", "risks") and score(checklist, answers) == (
        6,
        7,
    )
    assert (
        open_points(
            checklist, answers | {"risks" + NOTE: "Being written", "vision" + NOTE: "Not asked"}
        )
        == ()
    )


@given(
    st.dictionaries(
        st.sampled_from(list(CHECKLISTS["contracting"].points)), st.sampled_from([*ANSWERS, ""])
    )
)
@pytest.mark.req(341)
def test_points_met_never_pass_those_that_apply(answers: dict[str, str]) -> None:
    met, applying = score(CHECKLISTS["contracting"], answers)
    assert 0 <= met <= applying <= 10 == len(CHECKLISTS["contracting"].points)


@pytest.mark.req(349)
@pytest.mark.parametrize(
    ("participation", "forms", "said"),
    [
        ({"A": "virtual", "B": "virtual"}, ["virtual"], "sooner than partially integrated"),
        ({"A": "partial"}, ["partial"], "core general practice included"),
        ({"A": "full", "B": "full"}, ["full"], "takes longest"),
        (
            {"A": "full", "B": "partial", "C": "none"},
            ["partial", "full"],
            "as strong as partially integrated",
        ),
        ({"A": "none"}, [], "nothing is integrated"),
    ],
)
def test_strength_is_set_against_pace(
    participation: dict[str, str], forms: list[str], said: str
) -> None:
    found = integration_trade_off(participation)
    assert [form.key for form in found.forms] == forms and any(
        said in sentence for sentence in found.sentences
    )
    assert ("none" in participation.values() and len(forms) > 0) == any(
        "take no part" in sentence for sentence in found.sentences
    )


def test_a_stronger_form_needs_a_procurement_and_a_full_one_the_release_of_practices() -> None:
    assert [form.strength for form in FORMS] == [1, 2, 3]
    assert not any("procurement" in need for need in BY_KEY["virtual"].needs_first) and any(
        "Release of practices" in need for need in BY_KEY["full"].needs_first
    )


@pytest.mark.req(352)
def test_every_subcontract_says_what_pension_access_its_payment_allows_for() -> None:
    found = pension_flags(
        [("S1", "Z81008"), ("S2", "MRH"), ("S3", "MCC"), ("S4", "NOBODY")],
        {"Z81008": "practice", "MRH": "provider", "MCC": "council"},
    )
    assert [(flag.subcontract, flag.access) for flag in found] == [
        ("S1", "approved_subcontract"),
        ("S2", "confirm"),
        ("S3", "other_scheme"),
        ("S4", "not_known"),
    ]


@pytest.mark.req(357)
def test_terms_that_differ_from_the_notice_are_named() -> None:
    assert changed_terms(
        {"starts on": "2027-04-01", "scope of X": "in"},
        {"starts on": "2027-04-01", "scope of X": "out", "scope of Y": "in"},
    ) == ("scope of X: in was advertised, now out", "scope of Y: nothing was advertised, now in")
    assert changed_terms({"a": "1"}, {"a": "1"}) == ()


@pytest.mark.req(360)
def test_every_named_system_fills_tables_that_there_are_or_says_what_to_do(repo_root: Path) -> None:
    assert {
        "SUS",
        "CIDS",
        "MH&LD DS",
        "QOF",
        "FIMS",
        "IHAM",
        "Unify",
        "Framework-I",
        "EMIS",
        "GLA SHLAA",
        "ONS",
        "PLICS",
        "PSSRU",
    } == {each.name for each in SYSTEMS}
    known = {spec.name for spec in ALL_TABLES}
    for each in SYSTEMS:
        assert set(each.tables) <= known and (each.tables or each.note) and each.named_in
    assert (
        [each.name for each in named_systems("community services")] == ["CIDS"]
        and named_systems("no such thing") == ()
        and len(named_systems()) == len(SYSTEMS)
    )
    glossary = (repo_root / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert all(f"| {each.name} |" in glossary for each in SYSTEMS)
