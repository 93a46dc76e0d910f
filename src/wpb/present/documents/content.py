"""What a document is made of, before anyone knows whether it becomes a PDF, a Word file or a page.

Source: handbook 3.7; req 361-366, 370, 371.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wpb.kernel.money import whole_pence
from wpb.present.charts import Chart
from wpb.present.result_table import ResultColumn, ResultTable, Value
from wpb.present.words import MINUS, spell_millions, spell_pounds, spell_share, spell_value


@dataclass(frozen=True)
class Heading:
    """A heading of the document; level 2 stands under a heading of level 1."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of words."""

    text: str


@dataclass(frozen=True)
class Field:
    """Something for people to fill in and sign: its name, and what stands there already."""

    name: str
    value: str = ""


@dataclass(frozen=True)
class Form:
    """Fields to fill in."""

    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Grid:
    """A table as it is printed: caption, headings, rows of text, and which columns hold figures."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: frozenset[int] = frozenset()
    total: bool = False
    """Whether the last row adds the others up."""


Part = Heading | Paragraph | Form | Grid | Chart


@dataclass(frozen=True)
class Document:
    """A document: its title, what it is of, its mark (draft, version) and its parts."""

    title: str
    subject: str
    mark: str
    author: str
    date: str
    parts: tuple[Part, ...]


def spelled(value: Value, column: ResultColumn, sign: str) -> str:
    """Write a value as finance people write it: pounds with commas, rates and shares in per cent,
    blank for nothing.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return (
            value.replace("_", " ")
            if column.kind == "code" and value.islower() and "." not in value
            else value
        )
    if column.kind == "pence":
        return spell_pounds(whole_pence(value), sign)
    if column.kind == "share":
        return spell_share(float(value))
    if column.kind == "rate":
        return (
            spell_value(float(value), "rate").replace(f"{MINUS}0%", "0%")
            if abs(value) < 0.0000005
            else spell_value(float(value), "rate")
        )
    places = (
        0 if float(value).is_integer() else 2 if abs(value) >= 100 else 4 if abs(value) >= 1 else 6
    )
    text = f"{value:,.{places}f}"
    return (text.rstrip("0").rstrip(".") if places else text).replace("-", MINUS)


def grid_of(
    table: ResultTable,
    sign: str,
    columns: Sequence[str] = (),
    caption: str = "",
    most: int = 0,
    millions: bool = False,
) -> Grid:
    """Print a result table, or some of its columns and first rows; what is left out is said in the
    caption.
    """
    names = list(columns) or [column.name for column in table.columns]
    chosen = [table.columns[table.position(name)] for name in names]
    rows = table.rows[:most] if most else table.rows
    left = len(table.rows) - len(rows)
    words = (caption or table.title) + (
        f" (the first {len(rows)} of {len(table.rows)} rows; all are in {table.name}.csv)"
        if left
        else ""
    )

    unit_at = next((at for at, column in enumerate(table.columns) if column.name == "unit"), None)

    def text(value: Value, column: ResultColumn, row: tuple[Value, ...]) -> str:
        if (
            unit_at is not None
            and column.name in ("value", "displaced_value")
            and isinstance(value, int | float)
        ):
            return spell_value(float(value), str(row[unit_at]))
        return (
            spell_millions(whole_pence(value), sign)
            if millions and column.kind == "pence" and isinstance(value, int | float)
            else spelled(value, column, sign)
        )

    body = tuple(
        tuple(text(row[table.position(column.name)], column, row) for column in chosen)
        for row in rows
    )
    return Grid(
        words,
        tuple(column.heading for column in chosen),
        body,
        frozenset(
            at
            for at, column in enumerate(chosen)
            if column.kind in ("pence", "share", "rate", "number", "count")
        ),
    )
