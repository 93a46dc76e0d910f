"""One cell of a sound model is spoilt at a time: an error names that very file and cell, wherever
it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wpb
from tests.tiny_model import TINY, TinyModel, spelled
from wpb.intake.values import as_register_writes
from wpb.kernel.places import column_letters
from wpb.kernel.problems import Problem
from wpb.tables import TABLES_BY_NAME
from wpb.tables.schema import Column

NAMES_OF_THEIR_OWN = {
    "gp_lists.neighbourhood",
    "schedule_lines.schedule_line",
    "benchmark_costs.benchmark_provider",
    "care_packages.package",
    "commissioner_ledger.account",
    "adjustments.adjustment",
    "care_model_impacts.programme",
}
"""Codes that nothing else repeats, so that no other cell can tell a slip from a new name."""
KNOWN_TO_THE_RUN = {
    "adjustments.budget_line",
    "growth_categories.cost_rate",
    "growth_categories.activity_rate",
    "growth_categories.efficiency_rate",
}
"""Codes that only the calculation can hold against the budget lines and the assumptions it knows.
"""


def entries() -> Iterator[tuple[str, Column, int, int, str]]:
    """Every filled cell of the fixture: table, column, row and position from 0, text."""
    model = TinyModel.__new__(TinyModel)
    model.folder = TINY
    for path in sorted((TINY / "inputs").glob("*.csv")):
        heading, *rows = model.rows(path.stem)
        for row, values in enumerate(rows, start=1):
            for position, text in enumerate(values):
                if text:
                    yield (
                        path.stem,
                        TABLES_BY_NAME[path.stem].column(heading[position]),
                        row,
                        position,
                        text,
                    )


CELLS = list(entries())
REQUIRED = [cell for cell in CELLS if cell[1].required]
NUMBERS = [cell for cell in CELLS if cell[1].is_number]
CODES = [
    cell
    for cell in CELLS
    if cell[1].kind == "code"
    and f"{cell[0]}.{cell[1].name}" not in NAMES_OF_THEIR_OWN | KNOWN_TO_THE_RUN
]
CHOICES = [cell for cell in CELLS if cell[1].kind in ("choice", "year", "date", "yes_no")]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    return TinyModel(tmp_path_factory.mktemp("fuzz"))


def errors_after(
    tiny: TinyModel, table: str, row: int, position: int, text: str
) -> tuple[list[Problem], str]:
    """Spoil one cell, check, put the table back; give the errors and the spoilt cell."""
    cell = f"{column_letters(position)}{row + 1}"
    tiny.set(table, cell, text)
    try:
        return tiny.errors(), cell
    finally:
        shutil.copy(TINY / "inputs" / f"{table}.csv", tiny.path(table))


def stands_at(problems: list[Problem], table: str, cell: str, code: str = "") -> bool:
    """Whether an error stands at a cell of a table."""
    return any(
        problem.where is not None
        and (problem.where.file, problem.where.cell) == (f"inputs/{table}.csv", cell)
        and code in ("", problem.code)
        for problem in problems
    )


@given(spoilt=st.sampled_from(REQUIRED))
@settings(max_examples=50, deadline=None)
def test_a_blank_is_named(tiny: TinyModel, spoilt: tuple[str, Column, int, int, str]) -> None:
    table, _, row, position, _ = spoilt
    errors, cell = errors_after(tiny, table, row, position, "")
    assert stands_at(errors, table, cell, "blank"), spelled(errors)


@given(
    spoilt=st.sampled_from(NUMBERS),
    text=st.sampled_from(["thirty", "12 000", "1O0", "n/a", "-", "1.2.3", "(12)"]),
)
@settings(max_examples=50, deadline=None)
def test_text_in_a_number_is_named(
    tiny: TinyModel, spoilt: tuple[str, Column, int, int, str], text: str
) -> None:
    table, _, row, position, _ = spoilt
    errors, cell = errors_after(tiny, table, row, position, text)
    assert stands_at(errors, table, cell, "not_a_number"), spelled(errors)


@given(spoilt=st.sampled_from(CODES), slip=st.sampled_from(["add", "drop", "swap", "case"]))
@settings(max_examples=50, deadline=None)
def test_a_slip_in_a_code_is_named(
    tiny: TinyModel, spoilt: tuple[str, Column, int, int, str], slip: str
) -> None:
    table, _, row, position, code = spoilt
    slipped = {
        "add": code + "Q",
        "drop": code[:-2] or "Q",
        "swap": code[1] + code[0] + code[2:],
        "case": code.swapcase(),
    }[slip]
    column = spoilt[1]
    if slipped == code or as_register_writes(column, slipped) == code:
        slipped = code + "Q"  # a code of ODS is the same in any case
    errors, cell = errors_after(tiny, table, row, position, slipped)
    # Where the code is the one that others repeat, they are the ones in error, and their mend may
    # name this cell.
    named = stands_at(errors, table, cell) or any(
        f"(inputs/{table}.csv, cell {cell})" in problem.fix for problem in errors
    )
    assert errors, f"{table} {cell}: '{code}' became '{slipped}' and nothing was said"
    assert named or slip != "add", spelled(errors)


@given(spoilt=st.sampled_from(CHOICES))
@settings(max_examples=50, deadline=None)
def test_a_slip_in_a_choice_year_or_date_is_named(
    tiny: TinyModel, spoilt: tuple[str, Column, int, int, str]
) -> None:
    table, _, row, position, text = spoilt
    errors, cell = errors_after(tiny, table, row, position, f"{text}x")
    assert stands_at(errors, table, cell), spelled(errors)


@given(spoilt=st.sampled_from(CELLS))
@settings(max_examples=30, deadline=None)
def test_a_repeated_row_is_named(
    tiny: TinyModel, spoilt: tuple[str, Column, int, int, str]
) -> None:
    table, _, row, _, _ = spoilt
    rows = tiny.rows(table)
    tiny.write(table, [*rows, rows[row]])
    errors = tiny.errors()
    shutil.copy(TINY / "inputs" / f"{table}.csv", tiny.path(table))
    key = column_letters(rows[0].index(TABLES_BY_NAME[table].key[0]))
    assert stands_at(errors, table, f"{key}{len(rows) + 1}", "duplicate_key"), spelled(errors)


@pytest.mark.parametrize("place", sorted(KNOWN_TO_THE_RUN))
def test_a_slip_that_only_the_calculation_can_see_is_named_too(tmp_path: Path, place: str) -> None:
    tiny = TinyModel(tmp_path)
    table, _, name = place.partition(".")
    position = tiny.rows(table)[0].index(name)
    cell = f"{column_letters(position)}2"
    tiny.set(table, cell, tiny.rows(table)[1][position] + "Q")
    problems = [problem for problem in wpb.load(tiny.folder).check() if problem.severity == "error"]
    assert stands_at(problems, table, cell), spelled(problems)
