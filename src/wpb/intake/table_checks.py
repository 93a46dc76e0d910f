"""Checks a table's declaration asks for: keys, codes of other tables, shares that add to 1, years
that fit the model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from wpb.kernel.calendar import start_year
from wpb.kernel.problems import ProblemLog
from wpb.kernel.words import nearest
from wpb.tables.checking import NAMED_CELLS, Among
from wpb.tables.schema import Column, TypedTable
from wpb.tables.settings import ModelSettings

Tables = dict[str, TypedTable]


def check_declared(
    tables: Tables, unreadable: set[str], settings: ModelSettings | None, log: ProblemLog
) -> None:
    """Check every table against its declaration; tables that couldn't be read are not held against
    others.

    Source: req 1, 78, 79, 97, 361.
    """
    among = Among(tables, settings, unreadable, log)
    for table in tables.values():
        check_keys(table, log)
        for check in table.spec.checks:
            check.find(table, among)
        for column in table.spec.columns:
            if column.refers_to:
                check_codes(table, column, tables, unreadable, log)
            if column.kind == "year" and settings is not None:
                check_years(table, column, settings, log, _rolled_forward(tables))


def check_keys(table: TypedTable, log: ProblemLog) -> None:
    """Check that no two rows have the same key; a repeat is named with the row it repeats."""
    seen: dict[tuple[str, ...], int] = {}
    required = [name for name in table.spec.key if table.spec.column(name).required]
    for row in range(len(table)):
        key = tuple(str(table.columns[name][row]) for name in table.spec.key)
        if any(not table.columns[name][row] for name in required):
            continue
        first = seen.setdefault(key, row)
        if first != row:
            log.error(
                table.where(row, table.spec.key[0]),
                f"Row {table.row_numbers[row]} has the same {' and '.join(table.spec.key)} as row"
                f" {table.row_numbers[first]}: {', '.join(part or '(blank)' for part in key)}.",
                "Keep one row, or correct the codes of the other.",
                "duplicate_key",
            )


def check_codes(
    table: TypedTable, column: Column, tables: Tables, unreadable: set[str], log: ProblemLog
) -> None:
    """Check that every code of a column is one the other table has; a near one is suggested with
    its cell.
    """
    other_name, _, other_column = column.refers_to.partition(".")
    if other_name in unreadable or not len(table):
        return
    other = tables[other_name]
    known = {str(code): row for row, code in enumerate(other.columns[other_column])}
    rows: dict[str, list[int]] = defaultdict(list)
    for row, code in enumerate(table.columns[column.name]):
        if code and str(code) not in known:
            rows[str(code)].append(row)
    for code, found in rows.items():
        _report_code(table, column.name, code, found, other, other_column, known, log)


def _report_code(
    table: TypedTable,
    name: str,
    code: str,
    rows: list[int],
    other: TypedTable,
    other_column: str,
    known: dict[str, int],
    log: ProblemLog,
) -> None:
    near = nearest(code, known)
    place = other.where(known[near], other_column) if near else None
    hint = f"Did you mean '{near}' ({place.file}, cell {place.cell})? " if place else ""
    where_to = (
        f"the table '{other.spec.name}'"
        if len(other)
        else f"the table '{other.spec.name}', which has no rows"
    )
    for number, row in enumerate(rows[:NAMED_CELLS], start=1):
        rest = (
            f" So do {len(rows) - number} more cells of this column."
            if number == NAMED_CELLS and len(rows) > NAMED_CELLS
            else ""
        )
        log.error(
            table.where(row, name),
            f"'{code}' is not in {where_to}.{rest}",
            f"{hint}Correct it here, or add '{code}' to '{other.spec.name}'.",
            "code_unknown",
        )


def _rolled_forward(tables: Tables) -> dict[str, str]:
    """The year that amounts of contracts and lines are for, where they are rolled forward to the
    spend year.
    """
    repaired = tables.get("spend_repairs")
    if repaired is None:
        return {}
    return {
        str(repaired.columns["subject"][row]): str(repaired.columns["from_year"][row])
        for row in repaired.rows_where("repair", "rolled_forward")
    }


def check_years(
    table: TypedTable,
    column: Column,
    settings: ModelSettings,
    log: ProblemLog,
    rolled: Mapping[str, str] = {},
) -> None:
    """Check years against the model's: amounts are for the spend year, or the year they are rolled
    forward from, and plans lie within the contract.

    Allocations may start at the spend year, from which the first growth is measured.
    Source: handbook 2.1, 3.3.1; req 149.
    """
    first, last = settings.years[0], settings.years[-1]
    earliest = min(settings.spend_year, first) if table.spec.name == "allocations" else first
    for row, year in enumerate(table.text(column.name)):
        if not year:
            continue
        if column.name == "effective_year" and year != rolled.get(
            _subject(table, row), settings.spend_year
        ):
            log.error(
                table.where(row, column.name),
                f"The amount is for {year}, but this model's spend is for {settings.spend_year}.",
                "Enter the amount for that year, or correct baseline.spend_year in the settings.",
                "year_not_spend_year",
            )
        elif (table.spec.name, column.name) in PLANNED_YEARS and not start_year(
            earliest
        ) <= start_year(year) <= start_year(last):
            log.error(
                table.where(row, column.name),
                f"{year} is outside the years of this model, {earliest} to {last}.",
                "Correct the year, take the row out, or change the contract's term in the"
                " settings.",
                "year_outside_term",
            )


def _subject(table: TypedTable, row: int) -> str:
    name = next(
        (name for name in ("contract", "budget_line", "covers") if name in table.columns), ""
    )
    return str(table.columns[name][row]) if name else ""


PLANNED_YEARS = {
    ("allocations", "year"),
    ("care_model_impacts", "year"),
    ("service_lines", "in_scope_from"),
}
