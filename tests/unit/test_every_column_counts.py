"""A figure follows the row it was entered on and cites its cell; row order moves nothing; what the
help offers the reader takes.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from tests.models import book, calculated, contract, direct, place
from tests.tiny_model import TinyModel
from wpb.intake.reading import read_model
from wpb.kernel.explain import explain
from wpb.kernel.ledger import Block
from wpb.kernel.problems import InputProblems
from wpb.run import Budget, calculate


def impact(year: str, saving: float, **changes: Any) -> dict[str, Any]:
    row = {
        "programme": "P",
        "service_line": "S1",
        "commissioner": "ICB",
        "funding_stream": "core",
        "year": year,
        "investment": 0,
        "saving": saving,
        "recurrent": True,
        "scope": "inside",
        "owner": "us",
        "plan": "so",
    }
    return row | changes


def by_code(block: Block) -> dict[str, list[float]]:
    return {code: block.value[0, row].tolist() for row, code in enumerate(block.axis.codes)}


def cells_of(budget: Budget, figure: str) -> set[str]:
    """The cells a figure is made from, as wpb explain gives them."""
    return set(re.findall(r"'cell': '([^']*)'", repr(explain(budget.ledger, figure))))


SHARES = [
    impact("2027-28", 1000, share_in_budget=0.25),
    impact("2028-29", 1000, share_in_budget=0.75),
    impact("2029-30", 1000),
]


def test_the_share_of_a_saving_is_that_of_its_own_year_in_any_order_of_rows() -> None:
    orders = [SHARES, SHARES[::-1], [SHARES[1], SHARES[2], SHARES[0]]]
    budgets = [
        calculated(place(direct_spend=[direct("L1", 90_000)], care_model_impacts=rows))
        for rows in orders
    ]
    for budget in budgets:
        net = by_code(budget.ledger["impact/net"])
        assert net == {"CM.P.S1.ICB.core": [-25_000.0, -75_000.0, -100_000.0]}
    cells = cells_of(budgets[0], "impact/net/2028-29/CM.P.S1.ICB.core")
    assert "M3" in cells, cells
    blank = cells_of(budgets[0], "impact/net/2029-30/CM.P.S1.ICB.core")
    assert "M4" not in blank
    assert "forecast.savings.share_in_budget" in blank, blank


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_rows_of_every_table_change_nothing(tmp_path: Path, seed: int) -> None:
    national = book()
    before = calculate(read_model(TinyModel(tmp_path / "a").folder), national)
    tiny, chance = TinyModel(tmp_path / "b"), random.Random(seed)
    for path in sorted((tiny.folder / "inputs").glob("*.csv")):
        heading, *rows = tiny.rows(path.stem)
        chance.shuffle(rows)
        tiny.write(path.stem, [heading, *rows])
    after = calculate(read_model(tiny.folder), national)
    for block in before.ledger:
        was, now = by_code(block), by_code(after.ledger[block.id])
        assert was.keys() == now.keys(), block.id
        for code, values in was.items():
            assert now[code] == pytest.approx(values, rel=1e-12, nan_ok=True), (block.id, code)


def test_the_reader_takes_spend_for_one_list(tmp_path: Path) -> None:
    tiny = TinyModel(tmp_path)
    heading, *rows = tiny.rows("direct_spend")
    line = dict(zip(heading, rows[0], strict=True))
    line |= {
        "budget_line": "RX-P1",
        "population_method": "one_list",
        "carve_out_driver": "",
        "value": "1000",
        "list_code": "P81001",
    }
    tiny.write(
        "direct_spend",
        [[*heading, "list_code"], *([*row, ""] for row in rows), list(line.values())],
    )
    budget = calculate(read_model(tiny.folder), book())
    assert by_code(budget.ledger["spend_in_scope"])["RX-P1"] == [100_000.0]


def priced(**changes: Any) -> dict[str, Any]:
    row = {
        "contract": "C",
        "service_line": "S1",
        "point_of_delivery": "EL",
        "activity_currency": "HRG1",
        "payment_part": "variable",
        "units": 10,
    }
    return row | changes


def price(currency: str, unit_price: float) -> dict[str, Any]:
    return {
        "activity_currency": currency,
        "point_of_delivery": "EL",
        "price_year": "2026-27",
        "unit_price": unit_price,
        "price_kind": "local",
    }


def test_two_currencies_of_one_service_and_point_of_delivery_are_two_lines() -> None:
    budget = calculated(
        place(
            contracts=[contract("C", 30 * 20 + 10 * 50, "activity")],
            priced_activity=[priced(units=30), priced(activity_currency="HRG2")],
            prices=[price("HRG1", 20), price("HRG2", 50)],
        )
    )
    spend = by_code(budget.ledger["spend"])
    assert spend == {"C.S1.EL.HRG1": [60_000.0], "C.S1.EL.HRG2": [50_000.0]}


def test_two_rows_of_one_currency_are_still_one_too_many(tmp_path: Path) -> None:
    tiny = TinyModel(tmp_path)
    tiny.add("priced_activity", *tiny.rows("priced_activity")[1])
    with pytest.raises(InputProblems) as stopped:
        read_model(tiny.folder)
    assert "duplicate_key" in {problem.code for problem in stopped.value.problems}
