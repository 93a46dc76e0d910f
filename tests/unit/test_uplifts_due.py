"""Each line takes the uplifts that its year and prices do not hold yet, once, and none is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import wpb
from tests.tiny_model import TinyModel
from wpb.cli import main

CONVERT = "[demographic, non_demographic, activity, cost_pressure, combined, efficiency]"
REASON = "\n    reason: One year carries spend to contract year 1."


@pytest.fixture
def tiny(tmp_path: Path) -> TinyModel:
    """A small model whose spend is for the year before the contract."""
    return TinyModel(tmp_path)


def forecast(model: TinyModel) -> dict[str, list[float]]:
    """The forecast of each line in pence, by year."""
    outlook = wpb.load(model.folder).run().outlook
    assert outlook is not None
    block = outlook.forecast
    return dict(zip(block.axis.codes, block.value[0].tolist(), strict=True))


def checked(model: TinyModel, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Any]]:
    """The exit code and problems of `wpb check`."""
    code = main(["check", str(model.folder), "--json"])
    return code, json.loads(capsys.readouterr().out)["problems"]


@pytest.mark.req(140, 387)
@pytest.mark.parametrize("steps", [CONVERT, "[cost_pressure]", "[efficiency, demographic]"])
def test_a_list_of_conversion_steps_loses_no_driver(
    tiny: TinyModel, steps: str, capsys: pytest.CaptureFixture[str]
) -> None:
    grown = forecast(tiny)
    tiny.settings("steps: []", f"steps: {steps}{REASON}")
    converted = forecast(tiny)
    for line, by_year in grown.items():
        assert converted[line] == pytest.approx(by_year), line
    code, problems = checked(tiny, capsys)
    told = [found for found in problems if found["code"] == "uplift_left_out"]
    assert code == 0
    assert len(told) == (steps != CONVERT)
    if steps == "[cost_pressure]":
        assert "activity growth" in told[0]["what"] and "convert" in str(told[0])


@pytest.mark.req(140, 149)
def test_a_stream_that_grows_with_its_allocation_is_converted_from_the_spend_year(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.settings("steps: []", f"steps: [combined]{REASON}")
    assert checked(tiny, capsys)[0] == 0
    tiny.change("allocations", lambda rows: rows.pop(2))
    code, problems = checked(tiny, capsys)
    assert code == 1
    assert "allocation_missing" in {found["code"] for found in problems}


@pytest.mark.req(387)
@pytest.mark.parametrize("steps", ["", "[cost_pressure]"])
def test_spend_at_the_prices_of_year_1_takes_no_uplift_of_price_again(
    tiny: TinyModel, steps: str
) -> None:
    if steps:
        tiny.settings("steps: []", f"steps: {steps}{REASON}")
    before = forecast(tiny)
    tiny.set("contracts", "J4", "2030-31")
    after = forecast(tiny)
    uplift = wpb.load(tiny.folder).run().ledger
    moved = {line for line in before if after[line] != pytest.approx(before[line])}
    assert moved and all(line.startswith("COMM.") for line in moved)
    name = "conversion_rate" if steps else "growth_rate"
    block = uplift[f"{name}/cost_pressure"]
    rate = block.at(block.axis.positions["community"], 0)
    assert rate > 0
    for line in moved:
        assert after[line] == pytest.approx([year / (1 + rate) for year in before[line]]), line


@pytest.mark.req(387)
def test_the_price_base_is_cited_where_no_uplift_is_due(
    tiny: TinyModel, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.set("contracts", "J4", "2030-31")
    budget = wpb.load(tiny.folder).run()
    flags = budget.ledger["line_rate/cost_pressure/is_due"]
    row = next(n for n, code in enumerate(flags.axis.codes) if "at prices of 2030-31" in code)
    assert [flags.at(row, year) for year in (0, 1)] == [0.0, 1.0]
    assert flags.where is not None
    assert flags.where(row, 0).as_dict()["cell"] == "J4"


@pytest.mark.req(387)
@pytest.mark.parametrize(
    ("year", "growth", "words"),
    [
        ("2028-29", "", "older than the year it is for"),
        ("2031-32", "", "after contract year 1"),
        ("2030-31", "total_cost", "price and activity in one"),
    ],
)
def test_a_price_base_that_cannot_be_carried_is_refused_at_its_cell(
    tiny: TinyModel, year: str, growth: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.set("contracts", "J4", year)
    if growth:
        rows = tiny.rows("growth_categories")
        rows[2][2:8] = [growth, "total_cost_growth.primary_medical_care", "", "", "", ""]
        tiny.write("growth_categories", rows)
    code, problems = checked(tiny, capsys)
    found = [one for one in problems if one["code"] == "price_base"]
    assert code == 1
    assert len(found) == 1 and words in found[0]["what"]
    assert "J4" in str(found[0])
