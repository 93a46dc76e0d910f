"""How a page shows a result: which columns and rows of it, which value stands across, and in what
unit.

Finance people read whole budgets in millions and single payments in pounds; the exact sum stands
behind every figure.
Source: handbook 3.7; req 361, 366.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wpb.kernel.money import round_half_up, whole_pence
from wpb.present.result_table import ResultColumn, ResultTable, Value
from wpb.present.words import MINUS, currency_sign, spell_day, spell_pennies, spell_pounds
from wpb.web.budgets import Shown
from wpb.web.drawing import FIGURES, Drawn, Shape, address_of, cell_of, spell

PREVIEW = 25
MILLIONS, THOUSANDS, POUNDS, PENNIES = "m", "000", "", "p"
LEAST = {MILLIONS: 1_000_000_000, THOUSANDS: 10_000_000}
"""The largest sum of a table from which it is shown in millions or thousands, in pence: 10 million,
and 100 thousand.
"""
SIZE = {MILLIONS: 100_000_000, THOUSANDS: 100_000, POUNDS: 100, PENNIES: 1}
HIDDEN = ("figure", "address")
PRICES = ("per_person", "per_unit", "per_head_pence")
"""Columns of small sums, shown to the penny whatever the unit of their table."""
NAMED = (
    "commissioner",
    "provider",
    "payer",
    "payee",
    "party",
    "organisation",
    "council",
    "funding_stream",
    "stream",
    "stream_kind",
    "service_line",
    "list_code",
    "held_under",
    "outside",
    "inside",
    "name",
    "contract",
    "holder",
)
"""Columns of codes, shown by the names that people know."""


@dataclass(frozen=True)
class Part:
    """A result on a page.

    columns: those shown, in order (all where empty). where: rows whose column holds one of some
    values. asked: rows whose column holds what the reader chose. across: the column whose values
    stand as columns, each with `value`.
    """

    table: str
    columns: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    across: str = ""
    value: str = ""
    title: str = ""
    about: str = ""
    most: int = PREVIEW
    totals: bool = False
    pennies: bool = False
    """Whether its money is single payments, shown to the penny."""
    first: str = ""
    """Heading of the first column, where the result's own doesn't fit."""


def laid_out(
    shown: Shown,
    table: ResultTable,
    part: Part,
    version: int,
    chosen: Mapping[str, str] | None = None,
) -> Drawn:
    """Lay a part of a result out: narrowed to its rows and columns, money in one unit, every figure
    with its address.
    """
    names = [column.name for column in table.columns]
    kept = [(number, dict(zip(names, row, strict=True))) for number, row in enumerate(table.rows)]
    kept = [
        (number, row)
        for number, row in kept
        if all(str(row[name]) in values for name, values in part.where)
        and all(str(row[name]) == (chosen or {}).get(choice, "") for name, choice in part.asked)
    ]
    if part.across:
        headings, body, unit = _across(shown, table, part, kept, version)
        totals: tuple[Shape, ...] = ()
    else:
        headings, body, unit = _down(shown, table, part, kept[: part.most], version)
        totals = (
            _totals(shown, table, part, [row for _, row in kept], unit)
            if part.totals and len(kept) > 1
            else ()
        )
    found = len(kept) if not part.across else len(body)
    return Drawn(
        table.name,
        part.title or table.title,
        part.about or table.help,
        headings,
        body[: part.most],
        found,
        1,
        1,
        -(-found // part.most) or 1,
        "",
        unit_words(shown, unit),
        totals,
        not has_own_page(shown, table.name),
    )


def has_own_page(shown: Shown, name: str) -> bool:
    """Whether a result is the budget's own, with a page and twins, or was made for one page
    alone.
    """
    return name in shown.tables


def unit_words(shown: Shown, unit: str) -> str:
    """Name the unit that money is shown in, such as £m; '' for whole pounds."""
    return f"{currency_sign(shown.budget.model.settings.currency)}{unit}" if unit else ""


def unit_of(amounts: Sequence[int]) -> str:
    """Choose the unit of a table by its largest sum."""
    most = max((abs(amount) for amount in amounts), default=0)
    return next((unit for unit, least in LEAST.items() if most >= least), POUNDS)


def in_unit(amount_pence: int, unit: str, sign: str) -> str:
    """Write whole pence in a unit: 363.5 for £m, 1,234 for £000, £1,235 for pounds; a true minus
    sign.
    """
    if not amount_pence:
        return "0"
    if unit == POUNDS:
        return spell_pounds(amount_pence, sign)
    value = round_half_up(amount_pence / SIZE[unit], 1 if unit == MILLIONS else 0)
    return f"{value:,}".replace("-", MINUS)


def _money(
    columns: Sequence[ResultColumn], rows: Sequence[Mapping[str, Any]], pennies: bool
) -> dict[str, str]:
    """Choose the unit of each column of money: the table's, or pounds where that would leave
    nothing to read.
    """
    if pennies:
        return {column.name: PENNIES for column in columns} | {"": POUNDS}
    sums = {
        column.name: [int(row[column.name]) for row in rows if row[column.name] is not None]
        for column in columns
        if column.kind == "pence"
    }
    whole = unit_of(
        [
            amount
            for name, amounts in sums.items()
            if not name.endswith(PRICES)
            for amount in amounts
        ]
    )
    small = SIZE[whole] // 10
    return {
        name: (
            POUNDS
            if name.endswith(PRICES) or (whole and any(amounts) and max(map(abs, amounts)) < small)
            else whole
        )
        for name, amounts in sums.items()
    } | {"": whole}


def _down(
    shown: Shown,
    table: ResultTable,
    part: Part,
    rows: Sequence[tuple[int, dict[str, Any]]],
    version: int,
) -> tuple[tuple[Shape, ...], tuple[tuple[Shape, ...], ...], str]:
    columns = _columns(table, part)
    units = _money(columns, [row for _, row in rows], part.pennies)
    sign = currency_sign(shown.budget.model.settings.currency)
    body = tuple(
        tuple(
            _shape(shown, table, column, row, number, version, units.get(column.name, POUNDS), sign)
            for column in columns
        )
        for number, row in rows
    )
    headings = tuple(
        Shape(
            _heading(column, units, part, position, sign),
            figure=column.kind in FIGURES
            or (column.name == "value" and "address" in [other.name for other in table.columns]),
        )
        for position, column in enumerate(columns)
    )
    return headings, body, units[""]


def _heading(
    column: ResultColumn, units: Mapping[str, str], part: Part, position: int, sign: str
) -> str:
    words = part.first if part.first and position == 0 else column.heading
    return (
        f"{words}, {sign}"
        if column.kind == "pence" and units[""] and units[column.name] == POUNDS
        else words
    )


def _columns(table: ResultTable, part: Part) -> list[ResultColumn]:
    by_name = {column.name: column for column in table.columns}
    return (
        [by_name[name] for name in part.columns if name in by_name]
        if part.columns
        else [column for column in table.columns if column.name not in HIDDEN]
    )


def _shape(
    shown: Shown,
    table: ResultTable,
    column: ResultColumn,
    row: dict[str, Any],
    number: int,
    version: int,
    unit: str,
    sign: str,
) -> Shape:
    value: Value = row[column.name]
    if column.name == "value" and row.get("address"):
        return Shape(
            str(value), address_of(shown, table.name, column.name, number, row, version), True
        )
    if isinstance(value, str) and column.kind in ("code", "text", "year"):
        return replace(
            cell_of(shown, table, column, value, number, row, version, sign),
            text=said(shown, column, value),
        )
    if column.kind != "pence" or value is None:
        return cell_of(shown, table, column, value, number, row, version, sign)
    if unit == PENNIES or column.name.endswith(PRICES):
        return Shape(
            spell_pennies(whole_pence(float(value)), sign),
            address_of(shown, table.name, column.name, number, row, version),
            True,
            float(value) < 0,
        )
    text = in_unit(int(value), unit, sign)
    return Shape(
        text,
        address_of(shown, table.name, column.name, number, row, version),
        True,
        int(value) < 0,
        exact=spell_pennies(int(value), sign) if unit else "",
    )


def said(shown: Shown, column: ResultColumn, value: str) -> str:
    """Write a code by its name, a day and a month as people write them, and any other words as they
    are.
    """
    if column.name in NAMED and value in shown.names:
        return shown.names[value]
    dated = value if column.kind == "year" else spell_day(value)
    return dated if dated != value else spell(value, column.kind, "")


def _across(
    shown: Shown,
    table: ResultTable,
    part: Part,
    rows: Sequence[tuple[int, dict[str, Any]]],
    version: int,
) -> tuple[tuple[Shape, ...], tuple[tuple[Shape, ...], ...], str]:
    """Stand the values of one column across: a row for each set of the others."""
    by_name = {column.name: column for column in table.columns}
    value = by_name[part.value]
    sign = currency_sign(shown.budget.model.settings.currency)
    heads = list(dict.fromkeys(str(row[part.across]) for _, row in rows))
    found: dict[tuple[str, ...], dict[str, tuple[int, dict[str, Any]]]] = {}
    for number, row in rows:
        found.setdefault(tuple(str(row[name] or "") for name in part.columns), {})[
            str(row[part.across])
        ] = (number, row)
    unit = (
        unit_of([int(row[part.value]) for _, row in rows if row[part.value] is not None])
        if value.kind == "pence"
        else POUNDS
    )
    body = []
    for key, cells in found.items():
        labels = [
            Shape(said(shown, by_name[name], text))
            for name, text in zip(part.columns, key, strict=True)
        ]
        body.append(
            (
                *labels,
                *(
                    (
                        _shape(
                            shown, table, value, cells[head][1], cells[head][0], version, unit, sign
                        )
                        if head in cells
                        else Shape("", figure=True)
                    )
                    for head in heads
                ),
            )
        )
    first = [
        Shape(part.first if part.first and position == 0 else by_name[name].heading)
        for position, name in enumerate(part.columns)
    ]
    return (*first, *(Shape(head, figure=True) for head in heads)), tuple(body), unit


def _totals(
    shown: Shown, table: ResultTable, part: Part, rows: Sequence[dict[str, Any]], unit: str
) -> tuple[Shape, ...]:
    """Add up the columns whose rows add to a total that means something."""
    columns = _columns(table, part)
    sign = currency_sign(shown.budget.model.settings.currency)
    units = _money(columns, rows, part.pennies)
    shapes = []
    for position, column in enumerate(columns):
        amounts = [row[column.name] for row in rows if row[column.name] is not None]
        if column.adds_up and column.kind == "pence":
            total = sum(int(amount) for amount in amounts)
            shapes.append(
                Shape(
                    (
                        spell_pennies(total, sign)
                        if part.pennies
                        else in_unit(
                            total,
                            units[column.name] if units[column.name] == POUNDS else unit,
                            sign,
                        )
                    ),
                    figure=True,
                    negative=total < 0,
                    exact=spell_pennies(total, sign),
                )
            )
        else:
            shapes.append(Shape("Total" if position == 0 else "", figure=column.kind in FIGURES))
    return tuple(shapes)
