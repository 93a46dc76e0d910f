"""Every kind of figure of every small example, edited in its workbook of formulas: the workbook
gives what the engine gives, or says that it does not.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import wpb
from tests.tiny_model import TINY
from tests.unit.test_live_workbook import (
    HANDBOOK,
    PENNY,
    POOR_DATA,
    headline,
    recalculated,
    written,
)
from wpb.kernel.problems import InputProblems
from wpb.tables import ALL_TABLES

MODELS = {"tiny": TINY, "handbook": HANDBOOK, "poor_data": POOR_DATA}
NUMBERS = {
    table.name: {column.name for column in table.columns if column.is_number}
    for table in ALL_TABLES
}
FACTOR = 1.25
UNFOLLOWED = {
    ("tiny", "contracts", "value"),
    ("tiny", "contracts", "fixed_value"),
    ("handbook", "priced_activity", "units"),
    ("handbook", "prices", "unit_price"),
}
"""Edits that open a gap between what a contract pays and what its activity explains. The engine
gives the gap a line of its own, and the workbook of formulas has none for it and does not say so.
"""


def edits() -> list[tuple[str, str, str]]:
    """List the model, table and column of every kind of figure that somebody entered."""
    found = []
    for name, model in MODELS.items():
        for path in sorted((model / "inputs").glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
            found += [
                (name, path.stem, column)
                for column in (rows[0] if rows else {})
                if column in NUMBERS.get(path.stem, ())
                and any(map(is_some, column_of(rows, column)))
            ]
    return found


def marked(found: list[tuple[str, str, str]]) -> list[Any]:
    """Give the edits as parameters; one that is not followed yet must fail until it is."""
    reason = "the workbook has no line for pay that activity does not explain"
    fails = pytest.mark.xfail(strict=True, reason=reason)
    return [pytest.param(*edit, marks=[fails] if edit in UNFOLLOWED else []) for edit in found]


def column_of(rows: list[dict[str, str]], column: str) -> list[str]:
    """The entries of one column."""
    return [row[column] or "" for row in rows]


def is_some(entry: str) -> bool:
    """Whether an entry is a number other than zero."""
    return bool(entry.strip("0. -"))


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The workbooks of formulas, each written when first asked for."""

    class Written(dict[str, Path]):
        def __missing__(self, name: str) -> Path:
            self[name] = written(MODELS[name], tmp_path_factory.mktemp(name))[1]
            return self[name]

    return Written()


def edited(path: Path, table: str, column: str) -> None:
    """Raise the first figure of a column by a quarter, as a user of Excel would."""
    book = openpyxl.load_workbook(path)
    sheet = book[table]
    heading = next(
        cell
        for row in sheet.iter_rows(min_row=1, max_row=20)
        for cell in row
        if cell.value == column
    )
    cell = next(
        found
        for (found,) in sheet.iter_rows(
            min_row=heading.row + 1, min_col=heading.column, max_col=heading.column
        )
        if isinstance(found.value, int | float) and found.value
    )
    cell.value *= FACTOR
    book.save(path)


def checks_that_do_not_hold(path: Path) -> float:
    """Read how many of its own checks a recalculated workbook says do not hold."""
    return float(openpyxl.load_workbook(path, data_only=True)["2 Checks"]["B5"].value)


@pytest.mark.deep(sample=2)
@pytest.mark.req(35, 367)
@pytest.mark.parametrize(("model", "table", "column"), marked(edits()))
def test_an_edit_moves_the_workbook_as_the_engine_or_is_told(
    model: str, table: str, column: str, workbooks: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "live.xlsx"
    shutil.copyfile(workbooks[model], path)
    edited(path, table, column)
    again = recalculated(path)
    told = checks_that_do_not_hold(again)
    try:
        engine = wpb.load(path).run()
    except InputProblems as refused:
        assert refused.problems
        return
    for name, block in (
        ("Headroom", engine.affordability.total["headroom"]),
        ("Forecast", engine.forecast),
    ):
        expected = (block.value[0].sum(axis=0) / 100).tolist()
        assert told or headline(again)[name] == pytest.approx(expected, abs=PENNY), name
