"""What a scenario changes, laid over a model in memory; the model itself stays as it was read.

A change scales a column of an input table, sets one cell, or adds to an assumption in every year.
Source: handbook 3.7, 5.1; req 177-179, 366.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.assumptions.values import Subject
from wpb.kernel.money import exact, round_half_up, whole_pence
from wpb.store.refusals import Conflict
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

KINDS = ("scale", "set", "add")


@dataclass(frozen=True)
class Change:
    """One change: scale (times value), set (to value) or add (value to an assumption).

    where: the column and the value of the rows it is for ('' for all); for set, the key of the row.
    Money is in pounds, as people enter it.
    """

    kind: str
    table: str
    column: str
    value: float
    where_column: str = ""
    where_value: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Spell the change for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        only = (
            f" where {self.where_column.replace('_', ' ')} is {self.where_value}"
            if self.where_column
            else ""
        )
        words = {"scale": "times", "set": "set to", "add": "plus"}[self.kind]
        what = (
            self.table
            if self.kind == "add"
            else f"{self.column.replace('_', ' ')} of {self.table.replace('_', ' ')}"
        )
        return f"{what}{only} {words} {self.value:g}"


def changes_from(spelt: Any) -> list[Change]:
    """Read changes from JSON.

    Raises Conflict for what isn't a list of changes.
    """
    if not isinstance(spelt, list) or len(spelt) > 200:
        raise Conflict("Changes come as a list of at most 200.")
    found = []
    for each in spelt:
        try:
            change = Change(**{**each, "value": float(each["value"])})
        except (TypeError, KeyError, ValueError) as error:
            raise Conflict("A change has a kind, a table, a column and a value.") from error
        words = (change.table, change.column, change.where_column, change.where_value)
        if (
            change.kind not in KINDS
            or not math.isfinite(change.value)
            or abs(change.value) > 1e12
            or any(not isinstance(word, str) or len(word) > 200 for word in words)
        ):
            raise Conflict("A change scales, sets or adds, by a number.")
        found.append(change)
    return found


def lay_over(
    model: Model, book: AssumptionBook, changes: Sequence[Change], title: str = "a scenario"
) -> tuple[Model, AssumptionBook]:
    """Give the model and the book with changes laid over them.

    Raises Conflict for a change of something that isn't there.
    """
    tables = dict(model.tables)
    for change in changes:
        if change.table == "rates":
            raise Conflict(
                "Rates by year are part of the assumptions: add points to rates instead."
            )
        if change.kind != "add":
            tables[change.table] = _changed_table(tables, change)
    laid = Model(
        model.folder,
        model.settings,
        tables,
        model.warnings,
        model.input_hashes,
        record=model.record,
        is_held=not changes,
    )
    added = [change for change in changes if change.kind == "add"]
    return laid, _changed_book(book, added, title) if added else book


def rows_of(table: TypedTable, change: Change) -> list[int]:
    """List the rows that a change is for.

    Raises Conflict where it is for none.
    """
    if change.kind == "set":
        rows = [row for row in range(len(table)) if table.key_of(row) == change.where_value]
    elif change.where_column:
        rows = (
            table.rows_where(change.where_column, change.where_value)
            if change.where_column in table.columns
            else []
        )
    else:
        rows = list(range(len(table)))
    if not rows:
        raise Conflict(f"The table {change.table} has no row for '{change.where_value}'.")
    return rows


def new_figure(change: Change, old: float, unit: str) -> float:
    """Give a cell's new figure as the table holds it: whole pence for money, else at most ten
    decimals.
    """
    if unit == "pounds":
        return float(
            whole_pence(old * change.value if change.kind == "scale" else change.value * 100)
        )
    return float(round_half_up(old * change.value if change.kind == "scale" else change.value, 10))


def _changed_table(tables: dict[str, TypedTable], change: Change) -> TypedTable:
    table = tables.get(change.table)
    if (
        table is None
        or change.column not in table.columns
        or not table.spec.column(change.column).is_number
    ):
        raise Conflict(
            f"There is no column of figures '{change.column}' in a table '{change.table}'."
        )
    unit = unit_of(table, change.column)
    figures = table.numbers(change.column).copy()
    entered = list(table.entered[change.column]) if change.column in table.entered else None
    for row in rows_of(table, change):
        if not np.isnan(figures[row]) or change.kind == "set":
            figures[row] = new_figure(change, figures[row], unit)
            if entered is not None:
                entered[row] = spell_cell(figures[row], unit)
    kept = {**table.entered, change.column: entered} if entered is not None else table.entered
    return replace(table, columns={**table.columns, change.column: figures}, entered=kept)


def unit_of(table: TypedTable, column: str) -> str:
    """Say whether a column holds pounds or another number."""
    return "pounds" if table.spec.column(column).kind == "pounds" else "number"


def spell_cell(figure: float, unit: str) -> str:
    """Write a figure as it is entered in a table: pounds with two decimals."""
    return (
        f"{round_half_up(exact(figure) / 100, 2) + 0:f}"
        if unit == "pounds"
        else f"{figure:.10f}".rstrip("0").rstrip(".")
    )


def _changed_book(book: AssumptionBook, changes: Iterable[Change], title: str) -> AssumptionBook:
    local = dict(book.local)
    for change in changes:
        held = local.get(change.table) or book.national.get(change.table)
        if held is None:
            raise Conflict(f"There is no assumption '{change.table}'.")
        local[change.table] = plus(held, change.value, title)
    return AssumptionBook(book.national.values(), local.values(), book.references)


def plus(subject: Subject, value: float, title: str) -> Subject:
    """Add a figure to every value of an assumption, to ten decimals, as a local one with its
    grounds.
    """
    values = tuple(
        replace(
            each,
            value=float(round_half_up(each.value + value, 10)),
            reason=each.reason or f"Tried in {title}",
            evidence=each.evidence or "A trial, not evidence",
            owner=each.owner or title,
        )
        for each in subject.values
    )
    return replace(subject, values=values, local=True)
