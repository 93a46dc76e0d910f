"""A calculation that goes on from an earlier one gives what a whole one gives, whatever was
changed: the same figures, bit by bit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import wpb
from wpb.kernel.problems import InputProblems
from wpb.run import Budget, calculate
from wpb.store.overlay import Change, lay_over

MIDSHIRE = wpb.load(Path(__file__).parents[2] / "examples" / "midshire")


def changeable() -> list[tuple[str, str, str]]:
    """Every column of figures of every table that Midshire fills in, and every local assumption."""
    tables = [
        (table.spec.name, column.name)
        for table in MIDSHIRE.model.tables.values()
        if len(table)
        for column in table.spec.columns
        if column.is_number and not np.isnan(table.numbers(column.name)).all()
    ]
    return [("scale", table, column) for table, column in tables] + [
        ("add", key, "") for key in sorted(MIDSHIRE.book.local)
    ]


@st.composite
def changes(draw: st.DrawFn) -> tuple[Change, ...]:
    chosen = draw(st.lists(st.sampled_from(changeable()), min_size=1, max_size=3, unique=True))
    return tuple(
        Change(
            kind,
            table,
            column,
            (
                draw(st.sampled_from((0.97, 0.999, 1.001, 1.02)))
                if kind == "scale"
                else draw(st.sampled_from((-0.003, 0.004)))
            ),
        )
        for kind, table, column in chosen
    )


def outcome(laid: tuple[Any, Any], after: Budget | None) -> Budget | list[Any]:
    try:
        return calculate(*laid, after=after)
    except InputProblems as stopped:
        return list(stopped.problems)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
@given(changes())
@example((Change("scale", "care_model_impacts", "saving", 0.9),))
@example(
    (
        Change("scale", "allocations", "allocation", 1.01),
        Change("add", "local.efficiency.acute", "", -0.005),
    )
)
@example(
    (
        Change("scale", "contracts", "value", 1.02),
        Change("scale", "care_model_impacts", "investment", 0.5),
    )
)
@pytest.mark.req(174, 366, 367)
def test_going_on_gives_what_a_whole_calculation_gives(tried: tuple[Change, ...]) -> None:
    base = MIDSHIRE.budget
    laid = lay_over(base.model, MIDSHIRE.book, tried)
    on, whole = outcome(laid, base), outcome(laid, None)
    if not isinstance(whole, Budget):
        assert on == whole
        return
    assert isinstance(on, Budget)
    assert list(on.ledger.blocks) == list(whole.ledger.blocks)
    for block_id, block in whole.ledger.blocks.items():
        assert np.array_equal(on.ledger[block_id].value, block.value, equal_nan=True), block_id
    assert [
        (move.stage, move.step, move.block.id, move.reason) for move in on.ledger.movements
    ] == [(move.stage, move.step, move.block.id, move.reason) for move in whole.ledger.movements]
    assert on.sections == whole.sections
    assert list(on.problems) == list(whole.problems)


def test_only_what_a_change_touches_is_worked_out_again_and_the_first_budget_stays() -> None:
    base = MIDSHIRE.budget
    kept, blocks = float(base.forecast.value.sum()), len(base.ledger.blocks)

    def stages_kept(*tried: Change) -> list[bool]:
        after = calculate(*lay_over(base.model, MIDSHIRE.book, tried), after=base)
        assert after.stages is not None and base.stages is not None
        return [mine is first for mine, first in zip(after.stages, base.stages, strict=True)]

    assert stages_kept(Change("scale", "care_model_impacts", "saving", 0.9)) == [True, True]
    assert stages_kept(Change("add", "local.efficiency.acute", "", -0.005)) == [True, False]
    assert stages_kept(Change("scale", "contracts", "value", 1.01)) == [False, False]
    assert (float(base.forecast.value.sum()), len(base.ledger.blocks)) == (kept, blocks)
