"""A column is gone through once, and the work of reading and calculating grows with the lines, not
with their square: counted, not timed.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import wpb
from tests.models import book
from tests.tiny_model import TinyModel
from wpb.intake.reading import read_model
from wpb.run import calculate

WPB = str(Path(wpb.__file__).parent)


def with_more_lines(folder: Path, copies: int) -> TinyModel:
    """The small fixture with so many copies of its contracts and other lines, each its own code."""
    model = TinyModel(folder)
    own = {row[0] for name in ("contracts", "direct_spend") for row in model.rows(name)[1:]}
    for path in sorted((model.folder / "inputs").glob("*.csv")):
        if path.stem != "adjustments":
            _repeat(model, path.stem, copies, own)
    return model


def _repeat(model: TinyModel, table: str, copies: int, own: set[str]) -> None:
    heading, *rows = model.rows(table)
    codes = [
        at for at, name in enumerate(heading) if name in ("contract", "budget_line", "package")
    ]
    if table == "commissioner_ledger":
        codes = [heading.index("account"), heading.index("covers")]
        rows = [row for row in rows if row[codes[1]] in own]
    if codes:
        more = [
            [f"{value}-{turn}" if at in codes else value for at, value in enumerate(row)]
            for turn in range(1, copies)
            for row in rows
        ]
        model.change(table, lambda found: found.extend(more))


def steps_of(work: Callable[[], Any]) -> tuple[int, Any]:
    """Lines of wpb's own code that were stepped on, each turn of a loop counting, and the
    result.
    """
    steps = 0

    def inside(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal steps
        steps += event == "line"
        return inside

    def entered(frame: FrameType, event: str, argument: object) -> Any:
        return inside if frame.f_code.co_filename.startswith(WPB) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        found = work()
    finally:
        sys.settrace(before)
    return steps, found


def test_reading_and_calculating_visit_rows_in_step_with_lines(tmp_path: Path) -> None:
    national = book()
    visits: dict[int, tuple[int, int]] = {}
    for copies in (4, 8, 16):
        folder = with_more_lines(tmp_path / str(copies), copies).folder
        reading, model = steps_of(partial(read_model, folder))
        calculating, _ = steps_of(partial(calculate, model, national))
        visits[copies] = (reading, calculating)
    for what, few, some, many in zip(
        ("reading", "calculating"), *(visits[copies] for copies in (4, 8, 16)), strict=True
    ):
        first, second = some - few, many - some
        assert second <= 2.1 * first, f"{what}: {first:,} more steps, then {second:,}"


def test_each_column_is_gone_through_once(tmp_path: Path) -> None:
    model = read_model(with_more_lines(tmp_path, 3).folder)
    calculate(model, book())
    builds = {
        f"{name}: {what}": times
        for name, table in model.tables.items()
        for what, times in table.built.items()
    }
    assert len(builds) > 100
    assert {what: times for what, times in builds.items() if times != 1} == {}


def test_a_column_that_was_read_is_closed_and_a_copy_is_open(tmp_path: Path) -> None:
    table = read_model(TinyModel(tmp_path).folder)["direct_spend"]
    first = table.text("budget_line")[0]
    with pytest.raises(ValueError, match="read-only"):
        table.columns["budget_line"][0] = "OTHER"
    changed = copy.deepcopy(table)
    changed.columns["budget_line"][0] = "OTHER"
    assert changed.text("budget_line")[0] == "OTHER"
    assert changed.rows_where("budget_line", first) == []
    assert table.text("budget_line")[0] == first
