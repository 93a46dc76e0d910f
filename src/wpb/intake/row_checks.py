"""What is checked of the rows of every table, whatever file it came from: rows longer than their
heading, rows that are totals, hidden rows, units said in notes, and codes that look alike.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from wpb.intake.grids import Grid, as_entered, is_blank
from wpb.intake.total_rows import is_total_word, sums_of_counts, sums_of_rows, unlike_the_others
from wpb.intake.units import unit_name, unit_said
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.schema import TableSpec, TypedTable

NAMED = 3
ADDITIVE_TABLES = (
    *("commissioner_ledger", "direct_spend", "care_packages", "primary_care_payments", "gp_lists"),
    *("priced_activity", "activity_by_list", "contract_activity", "council_funding", "contracts"),
)
"""Tables of a ledger, of spend, activity or payments, in which a figure that is the sum of the rows
above is a total.
"""
ADDITIVE_COLUMNS = ("ledger_value", "value", "gross_value", "units", "population", "amount")
NAME_COLUMNS = ("name", "title", "description")
LOOKS = str.maketrans(
    {"o": "0", "l": "1", "i": "1", "\u0430": "a", "\u0435": "e", "\u043e": "0", "\u0440": "p"}
    | {"\u0441": "c", "\u0445": "x", "\u0456": "1", "\u0443": "y", "\u03bf": "0", "\u03b1": "a"}
    | dict.fromkeys("-_\u2010\u2011\u2012\u2013\u2014\u2212 \u00a0", None)
)
SHORTEST_ALIKE = 4


def check_overhang(grid: Grid, width: int, rows: Iterable[int], log: ProblemLog) -> None:
    """Refuse values beyond the last heading: in a CSV, mostly a comma in a value that should stand
    in quotes.
    """
    for row in rows:
        for position in range(width, len(grid.rows[row])):
            value = grid.value(row, position)
            if not is_blank(value):
                log.error(
                    grid.cell(row, position, as_entered(value)),
                    "The row goes on past the last heading.",
                    'Put quotes around a value that holds a comma, for example "1,234.50", or clear'
                    " the cell.",
                    "row_too_long",
                )
                break


def tell_hidden(grid: Grid, heading: int, rows: Sequence[int], log: ProblemLog) -> None:
    """Say that a sheet is hidden, and warn of hidden rows and columns that hold data: they are read
    with the others.
    """
    if grid.hidden:
        log.note(
            grid.cell(0, 0),
            f"The sheet '{grid.sheet}' is hidden; it is read all the same.",
            code="sheet_hidden",
        )
    hidden = [row for row in rows if row in grid.hidden_rows]
    if hidden:
        named = ", ".join(str(row + 1) for row in hidden[:NAMED])
        log.warning(
            grid.cell(hidden[0], 0, as_entered(grid.value(hidden[0], 0))),
            f"{len(hidden)} hidden row{'s are' if len(hidden) > 1 else ' is'} read with the others:"
            f" row {named}{', ...' if len(hidden) > NAMED else ''}.",
            "Unhide the rows and look at them; delete those that do not belong.",
            "rows_hidden",
        )
    columns = [
        position
        for position in sorted(grid.hidden_columns)
        if position < len(grid.rows[heading]) and not is_blank(grid.value(heading, position))
    ]
    if columns:
        named = ", ".join(as_entered(grid.value(heading, position)) for position in columns)
        log.note(grid.cell(heading, columns[0]), f"Hidden columns: {named}.", code="columns_hidden")


def check_unit_notes(grid: Grid, heading: int, spec: TableSpec, log: ProblemLog) -> None:
    """Refuse a note above the headings that says the amounts are in thousands or millions: a
    model's tables are in pounds.
    """
    if not any(column.kind == "pounds" for column in spec.columns):
        return
    for row in range(heading):
        text = " ".join(as_entered(value) for value in grid.rows[row] if not is_blank(value))
        unit = unit_said(text)
        if unit > 1 and any(mark in text for mark in "£$€"):
            log.error(
                grid.cell(row, 0, text),
                f"The note says that amounts are in {unit_name(unit)}, and this table is read in"
                " pounds.",
                "Write the amounts in pounds and correct the note, or bring the file in with `wpb"
                f" map --times COLUMN={unit}`.",
                "unit_not_pounds",
            )


def check_totals(table: TypedTable, sums: Iterable[tuple[int, int]], log: ProblemLog) -> None:
    """Refuse rows that are totals: by the word of their code or name in every table, and by value
    in the columns of money and counts of a ledger, of spend, activity and payments.

    Source: req 1, 361.
    """
    named = _by_word(table)
    for row, column in named.items():
        where = table.where(row, column)
        log.error(
            where,
            f"'{where.entered or table.columns[column][row]}' on row {table.row_numbers[row]} is a"
            " total, which adds up other rows.",
            "Take the row out: totals are worked out. If it is not a total, give it a name that"
            " says what it is.",
            "total_row",
        )
    if table.spec.name not in ADDITIVE_TABLES:
        return
    formulas = set(sums)
    unnamed = _unnamed(table)
    for name in ADDITIVE_COLUMNS:
        if name in table.columns and table.spec.column(name).kind in ("pounds", "count", "number"):
            _by_value(table, name, unnamed, set(named), formulas, log)


def _by_word(table: TypedTable) -> dict[int, str]:
    names = [
        column.name
        for column in table.spec.columns
        if (column.kind == "code" and column.name in table.spec.key)
        or (column.kind == "text" and column.name in NAME_COLUMNS)
        or (column.kind == "code" and column.refers_to)
    ]
    found: dict[int, str] = {}
    for name in names:
        values = table.text(name)
        totals = {value for value in set(values) if is_total_word(value)}
        if totals and sum(value in totals for value in values) * 2 <= max(len(values), 2):
            for row, value in enumerate(values):
                if value in totals:
                    found.setdefault(row, name)
    return found


def _unnamed(table: TypedTable) -> list[bool]:
    found = [False] * len(table)
    for column in table.spec.columns:
        own_code = column.kind == "code" and column.name in table.spec.key and not column.refers_to
        if own_code or column.name in NAME_COLUMNS:
            values = table.text(column.name)
            marked = (
                unlike_the_others(values)
                if column.kind == "code"
                else [not value for value in values]
            )
            found = [one or other for one, other in zip(found, marked, strict=True)]
    return found


def _by_value(
    table: TypedTable,
    name: str,
    unnamed: Sequence[bool],
    known: set[int],
    formulas: set[tuple[int, int]],
    log: ProblemLog,
) -> None:
    values = table.numbers(name)
    kept = [row for row in range(len(table)) if row not in known]
    amounts = [round(float(values[row]) * 100) if np.isfinite(values[row]) else 0 for row in kept]
    position = table.column_positions.get(name, -1)
    summed = (
        sums_of_rows(amounts, [unnamed[row] for row in kept])
        if table.spec.column(name).kind == "pounds"
        else sums_of_counts(amounts)
    )
    found = {kept[at]: what for at, what in summed.items()}
    for row in kept:
        if (table.row_numbers[row] - 1, position) in formulas:
            found.setdefault(row, "other rows, by its formula")
    for row, what in found.items():
        log.error(
            table.where(row, name),
            f"The {name} on row {table.row_numbers[row]} is the sum of {what}, so the row looks"
            " like a total.",
            (
                "Take the row out if it is one. If it is not, move it above the rows that add up"
                " to it."
            ),
            "total_row_by_value",
        )


def tell_look_alikes(table: TypedTable, log: ProblemLog) -> None:
    """Warn where two codes of a table's key differ only in case, dashes or look (O and 0, l and
    1).
    """
    for column in table.spec.columns:
        if column.kind != "code" or column.name not in table.spec.key:
            continue
        seen: dict[str, dict[str, int]] = defaultdict(dict)
        for row, code in enumerate(table.text(column.name)):
            if len(code) >= SHORTEST_ALIKE:
                seen[look_of(code)].setdefault(code, row)
        for codes in seen.values():
            if len(codes) > 1:
                first, second = list(codes)[:2]
                tell_alike(table.where(codes[second], column.name), first, second, log)


def look_of(code: str) -> str:
    """Give what a code looks like: without case, dashes and spaces, with O as 0 and I and l as
    1; a whole number without leading zeros.
    """
    look = unicodedata.normalize("NFKC", code).casefold().translate(LOOKS)
    return look.lstrip("0") if look.isdigit() else look


def tell_alike(where: Cell, first: str, second: str, log: ProblemLog) -> None:
    """Warn of two codes that look alike and are read as two."""
    log.warning(
        where,
        f"'{second}' and '{first}' look alike and are read as two different codes.",
        "If they are one, write them the same way.",
        "codes_look_alike",
    )
