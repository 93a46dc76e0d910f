"""Changes one cell of a model at a time and says what follows it: a figure, a section, a warning, a
refusal, or nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import wpb
from wpb.intake.table_checks import check_declared
from wpb.kernel.ledger import Block, Ledger
from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, ProblemLog
from wpb.live.contract import live_contract
from wpb.run import Budget, calculate
from wpb.tables import contract_life
from wpb.tables.checks import Context, check_across
from wpb.tables.model import Model
from wpb.tables.schema import Column, TypedTable

EXAMPLES = Path(__file__).parents[1] / "examples"
MODELS = ("handbook", "poor_data", "midshire")
OF_CONTRACT = {table.spec.name for table in contract_life.TABLES} | {
    "organisations",
    "provider_income",
}
ROWS_TRIED = 4
"""How many later rows of a column are changed, the last first, until a figure follows one."""


@cache
def loaded(name: str) -> wpb.api.LoadedModel:
    """One example, read and calculated once."""
    return wpb.load(EXAMPLES / name)


def figures(ledger: Ledger) -> dict[str, Any]:
    """The figures of a ledger that are worked out, by block, with the codes of its rows."""
    return {block.id: (block.axis.codes, block.value) for block in ledger if block.kind != "leaf"}


def same_figures(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether two ledgers hold the same figures by the same ids."""
    return before.keys() == after.keys() and all(
        codes == after[name][0] and np.array_equal(value, after[name][1], equal_nan=True)
        for name, (codes, value) in before.items()
    )


def cells_cited(ledger: Ledger) -> set[Cell]:
    """Every cell that a leaf of a ledger gives as the place it came from."""
    return {
        dataclasses.replace(place, entered="")
        for block in ledger
        if block.where is not None
        for place in _places(block)
    }


def _places(block: Block) -> Iterator[Cell]:
    assert block.where is not None
    for row in range(len(block.axis)):
        for year in range(block.value.shape[2]):
            place = block.where(row, year)
            if isinstance(place, Cell):
                yield place


@dataclasses.dataclass(frozen=True)
class Base:
    """An example as it is: its figures, sections and cited cells."""

    model: Model
    budget: Budget
    budget_figures: dict[str, Any]
    contract_figures: dict[str, Any] | None
    cited: set[Cell]


@cache
def base(name: str) -> Base:
    """Calculate an example, and its contract where it has one."""
    found = loaded(name)
    contract = found.contract.ledger if len(found.model["contract_terms"]) else None
    return Base(
        found.model,
        found.budget,
        figures(found.budget.ledger),
        figures(contract) if contract is not None else None,
        cells_cited(found.budget.ledger) | (cells_cited(contract) if contract else set()),
    )


def filled(table: TypedTable, column: Column) -> list[int]:
    """The rows after the first that have something in a column, the last first."""
    values = table.columns[column.name]
    return [
        row
        for row in range(len(table) - 1, 0, -1)
        if not (
            values[row] in (None, "")
            or (isinstance(values[row], float) and (np.isnan(values[row]) or values[row] == 0))
        )
    ]


def other_values(table: TypedTable, column: Column, row: int, model: Model) -> list[Any]:
    """Values that could stand in a cell in place of its own."""
    value: Any = table.columns[column.name][row]
    if column.is_number:
        return [value * 0.9] if column.kind in ("share", "rate") else [value * 1.1]
    if column.kind == "yes_no":
        return [not value]
    if column.kind == "choice":
        return [choice for choice in column.choices if choice != value]
    if column.kind == "year":
        return [year_after(value, step) for step in (1, -1)]
    if column.kind == "date":
        return [f"{int(value[:4]) + step}{value[4:]}" for step in (1, -1)]
    other, _, name = column.refers_to.partition(".")
    codes = model[other].text(name) if other else table.text(column.name)
    return [code for code in dict.fromkeys(codes) if code and code != value][:3]


def year_after(year: str, step: int) -> str:
    """The financial year some years later."""
    first = int(year[:4]) + step
    return f"{first}-{(first + 1) % 100:02}"


def with_cell(model: Model, name: str, column: str, row: int, value: Any) -> Model:
    """Give a model with one cell changed."""
    table = model[name]
    values = table.columns[column].copy()
    values[row] = value
    entered = dict(table.entered)
    if column in entered:
        texts = list(entered[column])
        texts[row] = str(value)
        entered[column] = texts
    changed = dataclasses.replace(table, columns={**table.columns, column: values}, entered=entered)
    return dataclasses.replace(model, tables={**model.tables, name: changed})


def what_follows(name: str, changed: Model, table: str) -> str:
    """Say what a changed model differs in from the example: the first of figure, contract figure,
    refused, section, warning, or nothing.
    """
    start = base(name)
    log = ProblemLog()
    check_declared(changed.tables, set(), changed.settings, log)
    check_across(Context(changed.tables, changed.settings, set(), log))
    if log.errors:
        return "refused"
    try:
        budget = calculate(changed, loaded(name).book, after=start.budget)
        if not same_figures(start.budget_figures, figures(budget.ledger)):
            return "figure"
        if start.contract_figures is not None and table in OF_CONTRACT:
            held = loaded(name).contract
            contract = live_contract(changed, loaded(name).book, before=held)
            if not same_figures(start.contract_figures, figures(contract.ledger)):
                return "contract figure"
            if contract.plan.items != held.plan.items or contract.settlement != held.settlement:
                return "posting"
    except InputProblems:
        return "refused"
    if budget.sections != start.budget.sections:
        return "section"
    if list(budget.problems) != list(start.budget.problems) or log.problems:
        return "warning"
    return "nothing"
