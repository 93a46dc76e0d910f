"""Suitability and alliance files: what to share and between whom, and an alliance's three-part
payment.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wpb.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples" / "sharing"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, exit_code: int = 0) -> Any:
    assert main(["share", *arguments, "--json"]) == exit_code
    return json.loads(capsys.readouterr().out)


def changed(folder: Path, name: str, *changes: tuple[str, str]) -> str:
    text = (
        (EXAMPLES / name)
        .read_text(encoding="utf-8")
        .replace("arrangement: mid_", f"arrangement: {EXAMPLES}/mid_")
        .replace("outturn: mid_", f"outturn: {EXAMPLES}/mid_")
    )
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.mark.req(261, 262, 263, 264, 265, 266, 267, 268, 270, 271)
def test_activities_are_scored_and_go_through_the_decision_flow(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = printed(capsys, "suitability", str(EXAMPLES / "suitability.yaml"))
    said = {
        one["activity"]: (one["verdict"], one["shared_risk"], one["failed"])
        for one in found["activities"]
    }
    assert said == {
        "non_elective_admissions": ("share", True, []),
        "outpatients": ("share", False, []),
        "delayed_discharges": ("leave_out", True, ["data_sufficient"]),
        "theatre_costs": ("think_again", False, []),
    }
    assert found["not_considered"] == ["elective_care"]


@pytest.mark.req(272, 289, 291, 295)
def test_parties_come_in_order_of_influence_and_a_provider_sees_what_it_loses(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = printed(capsys, "suitability", str(EXAMPLES / "suitability.yaml"))
    assert [(one["party"], one["part"]) for one in found["parties"]] == [
        ("midshire_partnership", "gains_and_losses"),
        ("midshire_hospital", "gains_and_losses"),
        ("midshire_council", "gains_only"),
        ("midshire_icb", "gains_and_losses"),
        ("ambulance_trust", "none"),
    ]
    # 1,800 fewer at £2,600; 30% of a cost of £2,550 goes with them; 25% of the income is its share.
    assert found["provider_effects"] == [
        {
            "provider": "midshire_hospital",
            "lost_income_pence": 468_000_000,
            "avoided_cost_pence": 137_700_000,
            "share_pence": 117_000_000,
            "net_pence": -213_300_000,
        }
    ]
    assert {one["principle"]: one["held"] for one in found["principles"]}["gateway"] is False
    assert main(["share", "suitability", str(EXAMPLES / "suitability.yaml")]) == 0
    assert (
        "Not scored, of the areas a local arrangement should consider: elective care"
        in capsys.readouterr().out
    )


@pytest.mark.req(261, 268)
@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("material: 5, ", ""), "missing_value", "'scores' has nothing for material."),
        (
            ("accountable: 4}\n    why", "accountable: 6}\n    why"),
            "out_of_range",
            "'accountable' is 6",
        ),
        (
            ("influenced_by: [midshire_partnership, midshire_hospital]", "influenced_by: [nobody]"),
            "unknown_name",
            "'nobody' is not one of 'influenced_by'.",
        ),
        (("mean_score_from: 3\n", ""), "not_a_number", "'mean_score_from' is missing."),
    ],
)
def test_a_suitability_file_is_refused_at_its_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: tuple[str, str],
    code: str,
    said: str,
) -> None:
    problems = printed(
        capsys, "suitability", changed(tmp_path, "suitability.yaml", change), exit_code=1
    )["problems"]
    assert any(problem["code"] == code and said in problem["what"] for problem in problems), (
        problems
    )


@pytest.mark.req(305, 306, 307, 308, 309, 310, 312, 317)
def test_an_alliance_pays_each_provider_in_three_parts(capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = printed(capsys, "alliance", str(EXAMPLES / "alliance.yaml"))["years"]
    hospital, other, community, _ = first["providers"]
    # 21,400 x £2,200 x 1.011 x 1.006 x 0.98
    assert hospital["fixed_pence"] == round(21_400 * 220_000 * 1.011 * 1.006 * 0.98)
    # The share falls from 52,000 of 70,000 to 51,200 of 70,100: 1.25 points, held at 1% of £60m.
    assert (hospital["variable_pence"], other["variable_pence"], community["variable_pence"]) == (
        -60_000_000,
        60_000_000,
        0,
    )
    # 1.8% of £196m, since every outcome was met; nobody earns in the second year, in which one was
    # missed.
    assert hospital["outcome_pence"] == 352_800_000
    assert {one["outcome_pence"] for one in second["providers"]} == {0}
    # 560 more than planned at 70% of £2,200 in the transition year; the other hospital was under
    # plan.
    assert (hospital["transition_pence"], other["transition_pence"]) == (86_240_000, 0)
    assert next(
        (one["contract"], one["points_to"], one["amount_pence"]) for one in first["references"]
    ) == ("hospital_one_contract", "alliance_agreement", 352_800_000)
    # Going over the plan costs its share to each that can influence it, by the arrangement's own
    # settlement.
    assert [one["shared_pence"] for one in second["providers"]] == [
        -22_000_000,
        -8_800_000,
        -22_000_000,
        0,
    ]
    assert (third["choice_known"], third["outcome_known"]) == (False, False)
    for year in (first, second, third):
        assert sum(one["variable_pence"] for one in year["providers"]) == 0
        assert all(
            one["total_pence"]
            == sum(
                one[f"{part}_pence"]
                for part in ("fixed", "variable", "outcome", "shared", "transition")
            )
            for one in year["providers"]
        )


@pytest.mark.req(303, 309, 313, 314, 316)
def test_the_gap_the_shadow_subset_and_what_is_not_settled_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = printed(capsys, "alliance", str(EXAMPLES / "alliance.yaml"))
    assert [one["left_pence"] for one in found["funding_gap"]] == [
        150_000_000,
        500_000_000,
        800_000_000,
    ]
    assert (found["shadow"]["subset_pence"], found["shadow"]["whole_pence"]) == (
        10_000_000_000,
        55_000_000_000,
    )
    assert found["shadow"]["found_by_proxy_pence"] == 1_450_000_000
    assert "not a formal member" in next(
        one["reason"] for one in found["shadow"]["services"] if one["service"] == "Prescribing"
    )
    assert len(found["not_settled_yet"]) == 2
    assert main(["share", "alliance", str(EXAMPLES / "alliance.yaml")]) == 0
    text = capsys.readouterr().out
    assert "Not settled yet between the parties" in text and "£100,000,000 of £550,000,000" in text


@pytest.mark.req(305, 367)
@pytest.mark.parametrize(
    "figure",
    [
        "alliance/fixed/2017-18/community_provider",
        "alliance/variable/2017-18/hospital_two",
        "alliance/outcome/2016-17/out_of_hours",
    ],
)
def test_every_part_is_explained_to_the_lines_of_the_file(
    capsys: pytest.CaptureFixture[str], figure: str
) -> None:
    tree = printed(capsys, "alliance", str(EXAMPLES / "alliance.yaml"), "--explain", figure)

    def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
        return (
            [leaf for child in node["children"] for leaf in leaves(child)]
            if node["children"]
            else [node]
        )

    assert tree["value"]
    assert all(
        leaf["where"]["file"] == "alliance.yaml" and leaf["where"]["cell"].startswith("line ")
        for leaf in leaves(tree)
    )


@pytest.mark.req(306, 308, 312)
@pytest.mark.parametrize(
    ("changes", "exit_code", "said"),
    [
        (
            [("2017-18: 1500000, 2018-19: 3250000", "2017-18: 1400000, 2018-19: 3250000")],
            1,
            "The resource shifts of 2017-18 add to -£100,000.00.",
        ),
        ([("collar: -1%", "collar: 2%")], 1, "The collar is 2.0% and the cap 1.0%."),
        ([("  mechanism: unsettled\n", "")], 1, "'mechanism' is missing."),
        (
            [
                (
                    "2017-18: {hospital_one: 49700, hospital_two: 19800}",
                    "2017-18: {hospital_one: 49700}",
                )
            ],
            1,
            "'2017-18' has nothing for hospital_two.",
        ),
        (
            [("shorter_waits: false", "shorter_waits: perhaps")],
            1,
            "'shorter_waits' is true or false.",
        ),
        (
            [
                (
                    "{year: 2016-17, provider: hospital_one, planned",
                    "{year: 2017-18, provider: hospital_one, planned",
                )
            ],
            2,
            "a transition year has the one or the other",
        ),
    ],
)
def test_an_alliance_that_cannot_stand_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: list[tuple[str, str]],
    exit_code: int,
    said: str,
) -> None:
    problems = printed(
        capsys, "alliance", changed(tmp_path, "alliance.yaml", *changes), exit_code=exit_code
    )["problems"]
    assert any(said in problem["what"] for problem in problems), problems
