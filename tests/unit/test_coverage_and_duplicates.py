"""What was listed against what was paid, and spend that is likely entered twice."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import wpb
from tests.tiny_model import TinyModel
from tests.upgrade_models import table, upgraded
from wpb.cli import main


@pytest.fixture
def tiny(tmp_path: Path) -> TinyModel:
    """A small model in a folder of its own."""
    return TinyModel(tmp_path)


def problems(model: TinyModel, code: str, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """The warnings of one code, by `wpb check`."""
    assert main(["check", str(model.folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["problems"]
    return [one for one in found if one["code"] == code]


def recorded(model: TinyModel, share: float) -> None:
    """List a share of every unit that is paid for, half of it on each of two lists."""
    paid: dict[tuple[str, str, str], float] = {}
    head, *rows = model.rows("priced_activity")
    at = {name: head.index(name) for name in head}
    for row in rows:
        key = (row[at["contract"]], row[at["service_line"]], row[at["point_of_delivery"]])
        paid[key] = paid.get(key, 0.0) + float(row[at["units"]].replace(",", ""))
    columns, *known = model.rows("activity_by_list")
    lists = sorted({row[columns.index("list_code")] for row in known})[:2]
    made = [
        [*key, code, str(units * share / 2)]
        for key, units in paid.items()
        if key[0] == "ACUTE"
        for code in lists
    ]
    names = ["contract", "service_line", "activity_type", "list_code", "units"]
    model.write("activity_by_list", [names, *made])


@pytest.mark.req(388, 92)
def test_activity_by_list_that_falls_short_is_told_in_pounds_and_graded(
    tiny: TinyModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tiny, 1.0)
    assert problems(tiny, "list_coverage", capsys) == []
    lines = wpb.load(tiny.folder).run().current.lines.lines
    assert {line.grade for line in lines if line.contract == "ACUTE"} == {1}
    recorded(tiny, 0.75)
    told = problems(tiny, "list_coverage", capsys)
    assert len(told) == 1
    assert "of the" in told[0]["what"] and "£3,000,000" in told[0]["what"]
    assert main(["run", str(tiny.folder), "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    with (tmp_path / "out" / "more_coverage_by_list.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert rows and {float(row["coverage"]) for row in rows} == {0.75}
    assert sum(int(row["not_covered_pence"]) for row in rows) == 300_000_000
    budget = wpb.load(tiny.folder).run()
    graded = {line.grade for line in budget.current.lines.lines if line.contract == "ACUTE"}
    reasons = {line.grade_reason for line in budget.current.lines.lines if line.grade == 2}
    assert graded == {2}
    assert any("covers 75.0% of the units paid for" in reason for reason in reasons)


@pytest.mark.req(388)
def test_a_line_with_nothing_listed_is_graded_last_and_told(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tiny, 1.0)
    rows = tiny.rows("activity_by_list")
    first = rows[-1][:3]
    tiny.write("activity_by_list", [row for row in rows if row[:3] != first])
    told = problems(tiny, "list_coverage", capsys)
    assert len(told) == 1 and ".".join(first) in told[0]["what"]
    budget = wpb.load(tiny.folder).run()
    line = next(
        one
        for one in budget.current.lines.lines
        if [one.contract, one.service_line, one.activity_type] == first
    )
    assert (line.grade, line.grade_reason) == (3, "no activity is listed")


@pytest.mark.req(18, 383)
def test_one_line_entered_under_another_code_is_questioned(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert problems(tiny, "amount_twice", capsys) == []
    head, *rows = tiny.rows("direct_spend")
    value = head.index("value")
    large = max(rows, key=lambda row: float(row[value].replace(",", "").strip("£")))
    again = list(large)
    again[head.index("budget_line")] = "OTHERCODE"
    tiny.write("direct_spend", [head, *rows, again])
    told = problems(tiny, "amount_twice", capsys)
    assert len(told) == 1
    assert "OTHERCODE (direct_spend)" in told[0]["what"]
    assert "direct_spend" in str(told[0])


@pytest.mark.req(18, 383)
def test_a_service_paid_by_block_and_by_activity_is_questioned(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert problems(tiny, "service_paid_twice", capsys) == []
    head, *rows = tiny.rows("contracts")
    at = head.index("provider")
    provider = next(row[at] for row in rows if row[0] == "COMM")
    service = tiny.rows("contract_activity")
    line = next(row[service[0].index("service_line")] for row in service[1:] if "COMM" in row)
    tiny.write("contracts", [head, *([*r[:at], provider, *r[at + 1 :]] for r in rows)])
    priced = tiny.rows("priced_activity")
    place = priced[0].index("service_line")
    for row in priced[1:]:
        if row[0] == "CLINIC":
            row[place] = line
    tiny.write("priced_activity", priced)
    told = problems(tiny, "service_paid_twice", capsys)
    assert told and "by a block sum and by activity" in told[0]["what"]
    assert "COMM (" in told[0]["what"] and "CLINIC (" in told[0]["what"]


@pytest.mark.req(145, 146)
def test_an_adjustment_comes_out_with_its_evidence_parties_and_date(
    tiny: TinyModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tiny.folder), "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    head, first = tiny.rows("adjustments")[:2]
    given = dict(zip(head, first, strict=True))
    with (tmp_path / "out" / "more_hand_adjustments.csv").open(encoding="utf-8") as stream:
        row = next(csv.DictReader(stream))
    for name in ("adjustment", "reason", "evidence", "agreed_by", "agreed_on"):
        assert row[name] == given[name], name
    assert row["falls_on"] == "in scope part"
    assert given["evidence"] in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.req(140, 146)
def test_an_adjustment_of_the_whole_line_falls_on_both_its_parts(tiny: TinyModel) -> None:
    head, first = tiny.rows("adjustments")[:2]
    line, amount = first[1], 100 * float(first[3])
    part = wpb.load(tiny.folder).run()
    tiny.set("adjustments", "J2", "whole_line")
    whole = wpb.load(tiny.folder).run()
    row = part.current.lines.axis.positions[line]
    share = part.current.in_scope.at(row, 0) / part.current.spend.at(row, 0)
    assert 0 < share < 1 and head[9] == "falls_on"
    for budget, of_inside in ((part, 1.0), (whole, share)):
        inside = budget.ledger["baseline/one_off_adjustment"].at(row, 0)
        assert inside == pytest.approx(amount * of_inside)
    outside = whole.ledger["out_of_scope/one_off_adjustment"].at(row, 0)
    assert outside == pytest.approx(amount * (1 - share))
    section = next(one for one in whole.sections if one.name == "hand_adjustments")
    shown: dict[str, Any] = dict(
        zip([column.name for column in section.columns], section.rows[0], strict=True)
    )
    assert shown["in_scope_pence"] + shown["out_of_scope_pence"] == shown["amount_pence"]
    assert shown["in_scope_pence"] == pytest.approx(amount * share, abs=0.5)


@pytest.mark.req(146)
def test_what_an_adjustment_is_for_has_no_default(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.set("adjustments", "J2", "")
    assert main(["check", str(tiny.folder), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["problems"]
    assert [one["where"]["cell"] for one in found if one["severity"] == "error"] == ["J2"]


@pytest.mark.req(443)
def test_an_older_model_says_what_its_adjustments_were_for(tmp_path: Path) -> None:
    model = upgraded(tmp_path)
    assert {row["falls_on"] for row in table(model, "adjustments")} == {"in_scope_part"}
