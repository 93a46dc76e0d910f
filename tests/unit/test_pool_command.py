"""A pooled fund from its file: settled, explained, corrected, reviewed, and refused at its line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from wpb.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "pooled_budget"
TEXT = (EXAMPLE / "pool.yaml").read_text(encoding="utf-8")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, exit_code: int = 0) -> Any:
    assert main(["pool", *arguments, "--json"]) == exit_code
    return json.loads(capsys.readouterr().out)


def changed(folder: Path, *changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "pool.yaml").write_text(text, encoding="utf-8")
    return str(folder)


@pytest.mark.req(322, 323, 324, 331)
def test_a_year_under_its_baseline_is_shared_and_the_grant_stays_in_its_fence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = printed(capsys, "year", str(EXAMPLE), "--year", "2027-28")
    # 18.4m + 2.15m + 9.6m of shared cash; 13,640,418.27 + 11,702,355.10 + 4,288,120.00 of shared
    # spend.
    assert found["gap_pence"] == 3_015_000_000 - 2_963_089_337 == 51_910_663
    assert found["left_in_ring_fences_pence"] == {
        "disabled_facilities_grant": 324_000_000 - 310_522_064
    }
    assert found["in_kind_pence"] == 43_500_000
    assert {one["partner"]: one["share_of_gap_pence"] for one in found["positions"]} == {
        "QZN": 25_955_331,
        "COUNCIL": 25_955_332,
    }
    assert [(one["payer"], one["payee"], one["amount_pence"]) for one in found["postings"]] == [
        ("COUNCIL", "QZN", 25_955_331)
    ]
    assert sum(one["gain_pence"] for one in found["services"]) == 3_339_000_000 - 3_273_611_401


@pytest.mark.req(322, 324)
def test_a_year_over_it_is_borne_by_the_shares_of_that_year_once_the_fence_is_used_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = printed(capsys, "year", str(EXAMPLE), "--year", "2028-29")
    # The grant is overspent by £28,441.02, within what it brought forward: nothing is drawn.
    assert found["gap_pence"] == 3_094_200_000 - 3_164_135_269 == -69_935_269
    (fence,) = found["ring_fences"]
    assert fence["opening_pence"] == 324_000_000 - 310_522_064 == 13_477_936
    assert fence["left_pence"] == 13_477_936 + 324_000_000 - 326_844_102
    assert (fence["drawn_pence"], fence["becomes"]) == (0, "carried")
    assert {
        one["partner"]: (one["share_rate"], one["share_of_gap_pence"]) for one in found["positions"]
    } == {"QZN": (0.65, -45_457_925), "COUNCIL": (0.35, -24_477_344)}
    assert (found["status"], [(one["payer"], one["payee"]) for one in found["postings"]]) == (
        "provisional",
        [("QZN", "COUNCIL")],
    )
    borne = sum(one["bears_pence"] for one in found["positions"])
    assert borne == found["spent_pence"] - 2_844_102


def test_a_planned_year_pays_nothing_and_a_wrong_one_is_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = printed(capsys, "year", str(EXAMPLE), "--year", "2030-31")
    assert (found["status"], found["postings"], found["gap_pence"]) == ("planned", [], 45_000_000)
    printed(capsys, "year", str(EXAMPLE), "--year", "2031-32", exit_code=2)
    printed(capsys, "year", str(EXAMPLE), "--year", "2030-31", "--partner", "NOBODY", exit_code=2)


@pytest.mark.req(322, 367)
def test_a_share_is_explained_to_the_lines_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    tree = printed(capsys, "year", str(EXAMPLE), "--year", "2028-29", "--partner", "QZN")[
        "explanation"
    ]
    assert tree["value"] == pytest.approx(-69_935_269 * 0.65)

    def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
        return (
            [leaf for child in node["children"] for leaf in leaves(child)]
            if node["children"]
            else [node]
        )

    lines = TEXT.splitlines()
    for leaf in leaves(tree):
        assert leaf["where"]["cell"].startswith("line ")
    spent = next(leaf for leaf in leaves(tree) if "reablement" in leaf["id"])
    assert "15010226.91" in lines[int(spent["where"]["cell"].removeprefix("line ")) - 1]


@pytest.mark.req(286, 322)
def test_a_provisional_year_is_paid_on_account_and_a_revised_final_one_is_reversed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def posted(rows: list[dict[str, Any]]) -> str:
        file = tmp_path / "posted.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(
                opened, ["month", "payer", "payee", "amount_pence", "reason", "figure"]
            )
            writer.writeheader()
            writer.writerows(rows)
        return str(file)

    on_account = printed(capsys, "year", str(EXAMPLE), "--year", "2028-29")["postings"]
    final = changed(
        tmp_path, ("2028-29: provisional", "2028-29: final"), ("4391008.33", "4381008.33")
    )
    second = printed(capsys, "year", final, "--year", "2028-29", "--posted", posted(on_account))[
        "postings"
    ]
    # £10,000 less spent: the ICB gets 65% of it back.
    assert [(one["payer"], one["payee"], one["amount_pence"]) for one in second] == [
        ("COUNCIL", "QZN", 650_000)
    ]
    revised = changed(
        tmp_path, ("2028-29: provisional", "2028-29: final"), ("4391008.33", "4371008.33")
    )
    third = printed(
        capsys, "year", revised, "--year", "2028-29", "--posted", posted(on_account + second)
    )["postings"]
    assert [(one["payer"], one["payee"], one["amount_pence"]) for one in third] == [
        ("COUNCIL", "QZN", 44_807_925),
        ("QZN", "COUNCIL", 44_157_925),
    ]
    assert "reversal" in third[0]["reason"]
    printed(
        capsys,
        "year",
        str(EXAMPLE),
        "--year",
        "2028-29",
        "--posted",
        posted(on_account + second),
        exit_code=2,
    )


@pytest.mark.req(318, 319, 320, 321, 325, 326, 327, 329, 332)
def test_what_the_agreement_rests_on_and_what_is_open(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "check", str(EXAMPLE))
    assert found["model"] == "Joint arrangements" and "pool_section_75" in found["permits"]
    assert list(found["joint_funding_required"]) == ["Aftercare under section 117"]
    assert found["open"]["agreement"] == [
        "Main risks, and how they are managed, shared and eased",
        "How VAT is treated",
    ]
    assert found["open"]["next_step"] == ["agree_shares"]
    assert found["problems"] == []


@pytest.mark.req(328, 330)
def test_reviews_by_quarter_and_payback(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "reviews", str(EXAMPLE), "--year", "2028-29")["due_by"] == [
        "2028-07-28",
        "2028-10-28",
        "2029-01-28",
        "2029-04-28",
    ]
    assert main(["pool", "reviews", str(EXAMPLE), "--year", "2029-30"]) == 3
    assert "Quarter 1 of 2029-30" in capsys.readouterr().out
    found = printed(capsys, "case", str(EXAMPLE))
    assert [one["balance_pence"] for one in found["years"]] == [
        -155_000_000,
        -125_000_000,
        -15_000_000,
        105_000_000,
    ]
    assert (found["pays_back_in"], found["missing"]) == ("2030-31", [])


@pytest.mark.req(318, 319, 320, 321, 322, 323)
@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        (
            [
                ("model: joint", "model: seat_at_the_table"),
                ("[pool_section_75, partner_risk_share]", "[align_budgets]"),
            ],
            "not_pooled",
            "aligned and not pooled",
        ),
        (
            [("model: joint", "model: delegation")],
            "not_permitted",
            "Delegation does not permit 'pool_section_75'.",
        ),
        (
            [("[pool_section_75, partner_risk_share]", "[pool_section_75]")],
            "risk_share_not_declared",
            "no mechanism says so",
        ),
        (
            [
                ("model: joint", "model: devolution"),
                ("[pool_section_75, partner_risk_share]", "[transfer_section_105a]"),
            ],
            "risk_share_not_applicable",
            "goes with the function",
        ),
        (
            [("underspend_shares: {QZN: 50%", "underspend_shares: {QZN: 40%")],
            "shares_do_not_add",
            "The shares add to 90.00%.",
        ),
        (
            [("  2029-30: {QZN: 60%, COUNCIL: 40%}\n", "")],
            "missing_value",
            "'overspend_shares' has nothing for 2029-30.",
        ),
        (
            [("    funded_by: [QZN, COUNCIL]\n    law", "    funded_by: [QZN]\n    law")],
            "joint_funding_required",
            "must be funded jointly",
        ),
        (
            [("    ring_fence: disabled_facilities_grant\n", "    ring_fence: winter_grant\n")],
            "empty_ring_fence",
            "which nobody pays into",
        ),
        ([("4288120.00", "4288120.005")], "wrong_value", "is not written to the penny"),
        ([("4288120.00", "about 4m")], "not_a_number", "not a number"),
        (
            [
                (
                    "outturn: {2027-28: 4288120.00, 2028-29: 4391008.33}",
                    "outturn: {2028-29: 4391008.33}",
                )
            ],
            "missing_value",
            "2027-28 has no outturn for aftercare.",
        ),
        (
            [("status: {2027-28: final, 2028-29: provisional}", "status: {2027-28: final}")],
            "missing_value",
            "There is an outturn for 2028-29",
        ),
        ([("host: COUNCIL", "host: TRUST")], "wrong_value", "'host: TRUST' is not understood."),
        ([("steps_done:", "step_done:")], "unknown_key", "A pooled fund has no 'step_done'."),
        ([("vat: false", "vats: false")], "unknown_name", "The agreement has no point 'vats'."),
    ],
)
def test_a_file_that_cannot_stand_is_refused_at_its_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: list[tuple[str, str]],
    code: str,
    said: str,
) -> None:
    problems = printed(
        capsys, "year", changed(tmp_path, *changes), "--year", "2027-28", exit_code=1
    )["problems"]
    found = [problem for problem in problems if problem["code"] == code and said in problem["what"]]
    assert found, problems
    assert all(problem["where"]["cell"].startswith("line ") and problem["fix"] for problem in found)


@pytest.mark.req(322)
@pytest.mark.parametrize("key", ["underspend_shares", "overspend_shares"])
def test_shares_left_empty_are_refused_at_their_line_with_every_partner(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = TEXT.index(f"\n{key}:")
    rest = TEXT[start + 1 :].split("\n")
    kept = [
        line
        for number, line in enumerate(rest)
        if number
        and not (line.startswith(" ") and all(before.startswith(" ") for before in rest[1:number]))
    ]
    (tmp_path / "pool.yaml").write_text(
        TEXT[: start + 1] + f"{key}: {{}}\n" + "\n".join(kept), encoding="utf-8"
    )
    found = printed(capsys, "year", str(tmp_path), "--year", "2027-28", exit_code=1)
    (problem,) = [problem for problem in found["problems"] if "has nothing for" in problem["what"]]
    assert (
        "QZN, COUNCIL" in problem["what"]
        and problem["where"]["cell"] == f"line {TEXT[: start + 1].count(chr(10)) + 1}"
    )


@pytest.mark.req(324)
def test_a_service_with_an_empty_baseline_is_refused_and_costs_no_nought(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = next(line for line in TEXT.splitlines() if "baseline:" in line)
    empty = (
        line[: line.index("baseline:")]
        + "baseline: {}"
        + (line[line.index("}", line.index("baseline:")) + 1 :] if "}" in line else "")
    )
    found = printed(
        capsys, "year", changed(tmp_path, (line, empty)), "--year", "2027-28", exit_code=1
    )
    assert any(
        "'baseline' has nothing for 2027-28" in problem["what"] for problem in found["problems"]
    )


@pytest.mark.req(324, 384, 416)
@pytest.mark.parametrize(
    ("left_over", "opening", "drawn", "back"),
    [
        ("left_over: carried", 13_477_936, 0, 0),
        ("left_over: lapsed", 0, 2_844_102, 0),
        ("left_over: returned", 0, 2_844_102, 13_477_936),
        ("left_over: by_agreement", 0, 2_844_102, 0),
        ("left_over: by_agreement, agreed: {2027-28: carried}", 13_477_936, 0, 0),
    ],
)
def test_what_is_left_of_a_ring_fence_becomes_what_was_declared(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    left_over: str,
    opening: int,
    drawn: int,
    back: int,
) -> None:
    # The grant comes by way of the ICB here, so that what is returned has to be paid.
    given_by = ("{partner: COUNCIL, title: Disabled", "{partner: QZN, title: Disabled")
    pool = changed(tmp_path, ("left_over: carried", left_over), given_by)
    first = printed(capsys, "year", pool, "--year", "2027-28")
    assert first["ring_fences"][0]["left_pence"] == 13_477_936
    assert [one["amount_pence"] for one in first["postings"]] == [25_955_331 + back]
    second = printed(capsys, "year", pool, "--year", "2028-29")["ring_fences"][0]
    assert (second["opening_pence"], second["drawn_pence"]) == (opening, drawn)


@pytest.mark.req(384, 416)
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("left_over: carried, ", "", "missing_value"),
        ("left_over: carried", "left_over: kept", "wrong_value"),
        ("- {ring_fence: disabled_facilities_grant, left", "- {ring_fence: other, left", ""),
        ("left_over: carried", "left_over: carried, agreed: {2027-28: lapsed}", "wrong_value"),
    ],
)
def test_a_ring_fence_without_a_word_on_what_is_left_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, code: str
) -> None:
    found = printed(capsys, "year", changed(tmp_path, (old, new)), "--year", "2027-28", exit_code=1)
    codes = {problem["code"] for problem in found["problems"] if problem["severity"] == "error"}
    assert codes and (
        code in codes if code else codes == {"left_over_not_declared", "unknown_name"}
    )
