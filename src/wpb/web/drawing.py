"""Result tables as the app shows them: figures that open where they come from, a page of rows at a
time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from wpb.present.result_table import ResultColumn, ResultTable, Value
from wpb.present.words import MINUS, currency_sign, spell_count, spell_pounds, spell_share
from wpb.store.refusals import Absent
from wpb.web.budgets import Shown
from wpb.web.figures import figure_of

ROWS = 100
FIGURES = ("pence", "share", "rate", "number", "count")
BADGES = ("severity", "status", "standing", "certainty")


@dataclass(frozen=True)
class Shape:
    """One cell: its text, its address, whether it is a figure, its badge."""

    text: str
    link: str = ""
    figure: bool = False
    negative: bool = False
    badge: bool = False
    exact: str = ""
    """The sum to the penny, where the text is rounded."""


@dataclass(frozen=True)
class Drawn:
    """One table with the rows of one page of it."""

    name: str
    title: str
    about: str
    headings: tuple[Shape, ...]
    rows: tuple[tuple[Shape, ...], ...]
    found: int
    first: int
    page: int
    pages: int
    wanted: str
    unit: str = ""
    """The unit of its money where that isn't the pound, such as £m."""
    totals: tuple[Shape, ...] = ()
    of_page: bool = False
    """Whether it was made for one page alone, and has no page of its own."""


def spell(value: Value, kind: str, sign: str) -> str:
    """Write a value as a reader sees it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("_", " ") if kind == "code" and value.islower() else value
    if kind == "pence":
        return spell_pounds(int(value), sign)
    if kind in ("share", "rate"):
        return spell_share(float(value))
    if kind == "count":
        return spell_count(float(value))
    return f"{value:,.6g}".replace("-", MINUS) if isinstance(value, float) else f"{value:,}"


def drawn(
    shown: Shown,
    table: ResultTable,
    version: int,
    wanted: str = "",
    page: int = 1,
    most: int = ROWS,
) -> Drawn:
    """Lay a table out with the rows that hold some words, one page of them."""
    rows = [
        (number, row)
        for number, row in enumerate(table.rows)
        if not wanted or any(wanted.lower() in str(value).lower() for value in row)
    ]
    pages = max(1, -(-len(rows) // most))
    page = min(max(page, 1), pages)
    sign = currency_sign(shown.budget.model.settings.currency)
    names = [column.name for column in table.columns]
    body = tuple(
        tuple(
            cell_of(
                shown,
                table,
                column,
                value,
                number,
                dict(zip(names, row, strict=True)),
                version,
                sign,
            )
            for column, value in zip(table.columns, row, strict=True)
        )
        for number, row in rows[(page - 1) * most : page * most]
    )
    headings = tuple(
        Shape(column.heading, figure=column.kind in FIGURES) for column in table.columns
    )
    return Drawn(
        table.name,
        table.title,
        table.help,
        headings,
        body,
        len(rows),
        (page - 1) * most + 1,
        page,
        pages,
        wanted,
    )


def cell_of(
    shown: Shown,
    table: ResultTable,
    column: ResultColumn,
    value: Value,
    number: int,
    row: dict[str, Any],
    version: int,
    sign: str,
) -> Shape:
    """Give one cell: a figure with its address, or words."""
    text = spell(value, column.kind, sign)
    if column.kind not in FIGURES or value is None:
        return Shape(text, badge=column.name in BADGES and bool(text))
    return Shape(
        text,
        address_of(shown, table.name, column.name, number, row, version),
        True,
        text.startswith(MINUS),
    )


def address_of(
    shown: Shown, table: str, column: str, number: int, row: dict[str, Any], version: int
) -> str:
    """Give the address that shows where a figure comes from: its tree, or the row that it stands
    in.
    """
    if row.get("address"):
        return f"{row['address']}?version={version}"
    figure = figure_of(shown.budget, table, column, row)
    return (
        f"/explain/{quote(figure)}?version={version}"
        if figure
        else f"/rows/{quote(table)}/{number + 1}?version={version}#{quote(column)}"
    )


def one_row(shown: Shown, table: ResultTable, number: int) -> list[tuple[ResultColumn, str]]:
    """Give a row of a table as headings and words.

    Raises Absent for a row that isn't there.
    """
    if not 1 <= number <= len(table):
        raise Absent(f"There is no row {number} in {table.title}.")
    sign = currency_sign(shown.budget.model.settings.currency)
    return [
        (column, spell(value, column.kind, sign))
        for column, value in zip(table.columns, table.rows[number - 1], strict=True)
    ]
