"""Each column that moves figures moves one, which cites its cell; each column of evidence comes out
with its cell; and what no example shows is named here.
"""

from __future__ import annotations

import csv
import dataclasses

import pytest

from tests.every_column import EXAMPLES, MODELS, base, filled, other_values, what_follows, with_cell
from wpb.present.evidence_table import evidence_table
from wpb.tables import ALL_TABLES, TABLES_BY_NAME, contract_life, shadowing

READ_LATER = {table.spec.name for table in (*contract_life.TABLES, *shadowing.TABLES)}
"""Tables of the signed contract and of shadow running; what they move is not in the budget."""
ROWS_TRIED, VALUES_TRIED = 3, 2
FIGURE, REFUSED = "figure", "refused"
BY_POSITION = {("monthly_spend", "month")}
"""Numbers that say which figure is meant, as a code does."""
NOT_FILLED = {
    ("care_model_impacts", "share_in_budget"),
    ("care_packages", "attributable_to_person"),
    ("care_packages", "package_kind"),
    ("care_packages", "provision"),
    ("commissioner_ledger", "audited_outturn"),
    ("direct_spend", "list_code"),
    ("growth_categories", "activity_combination"),
    ("growth_categories", "acute_area"),
    ("investment_floors", "minimum_spend"),
    ("primary_care_terms", "growth_category"),
    ("primary_care_terms", "national_value"),
}
"""Columns that move figures and that no example fills on a later row: tests of their own show
them.
"""


def entered() -> dict[tuple[str, str], list[str]]:
    """Each table and column of the budget that examples fill on a later row, with the examples,
    the smallest first.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for model in MODELS:
        for path in sorted((EXAMPLES / model / "inputs").glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                later = list(csv.DictReader(stream))[1:]
            for column in TABLES_BY_NAME[path.stem].columns:
                if any((row.get(column.name) or "").strip("0. ") for row in later):
                    found.setdefault((path.stem, column.name), []).append(model)
    return found


ENTERED = entered()
MOVES = [
    (spec.name, column.name)
    for spec in ALL_TABLES
    for column in spec.columns
    if column.means == "moves"
    and spec.name not in READ_LATER
    and (spec.name, column.name) in ENTERED
]


@pytest.mark.deep(sample=3)
@pytest.mark.req(386)
@pytest.mark.parametrize(("table", "column"), MOVES)
def test_a_figure_follows_a_later_row_and_cites_its_cell(table: str, column: str) -> None:
    said: list[str] = []
    for name in ENTERED[table, column]:
        model, cited = base(name).model, base(name).cited
        held = model[table]
        spec, rows = held.spec.column(column), filled(held, held.spec.column(column))
        for row in dict.fromkeys((*rows[:1], *rows[len(rows) // 2 :][:1], *rows[-1:])):
            for value in other_values(held, spec, row, model)[:VALUES_TRIED]:
                said.append(what_follows(name, with_cell(model, table, column, row, value), table))
                if said[-1] != FIGURE:
                    continue
                cell = dataclasses.replace(held.where(row, column), entered="")
                named = spec.is_number and (table, column) not in BY_POSITION
                assert not named or cell in cited, f"{cell} moves figures, and none cites it"
                return
    assert REFUSED in said, f"nothing follows {table}.{column}: {said}"


@pytest.mark.req(98, 146, 386)
@pytest.mark.parametrize("name", ["handbook", "poor_data"])
def test_all_evidence_comes_out_with_its_cell(name: str) -> None:
    model = base(name).model
    shown = {(row[0], row[1], row[2]): row[5] for row in evidence_table(model).rows}
    checked = 0
    for table in model.tables.values():
        for column in table.spec.columns:
            if column.means != "evidence" or column.name not in table.entered:
                continue
            for row, text in enumerate(table.entered[column.name]):
                if text.strip():
                    cells = str(shown[table.spec.name, column.name, text.strip()])
                    named = table.where(row, column.name).cell in cells.split(", ")
                    assert named or cells.endswith("and more"), (table.spec.name, column.name, row)
                    checked += 1
    assert checked > 50


@pytest.mark.req(386)
def test_every_column_of_the_budget_is_shown_by_an_example_or_named() -> None:
    filled_tables = {table for table, _ in ENTERED}
    missing = {
        (spec.name, column.name)
        for spec in ALL_TABLES
        if spec.name in filled_tables and spec.name not in READ_LATER
        for column in spec.columns
        if column.means == "moves" and (spec.name, column.name) not in ENTERED
    }
    assert missing == NOT_FILLED
