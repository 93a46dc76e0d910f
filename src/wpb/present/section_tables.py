"""The tables that rooms hand on beside the main results - checks, reviews, workings - as result
tables.

Source: handbook 2.4.1, 3.7; req 37, 367.
"""

from __future__ import annotations

from wpb.kernel.money import whole_pence
from wpb.present.html_tables import Cell, HtmlTable, figure, html_table, words
from wpb.present.report_sections import Reader
from wpb.present.result_table import Kind, ResultColumn, ResultTable, Value, result_table
from wpb.present.words import spell_count
from wpb.run import Budget
from wpb.tables.records import Section

KINDS: dict[str, Kind] = {
    "code": "code",
    "text": "text",
    "year": "year",
    "date": "text",
    "pounds": "pence",
    "rate": "rate",
    "share": "share",
    "count": "count",
    "number": "number",
    "yes_no": "yes_no",
}
LONGEST = 40
"""A table of more rows than this stands in the workbook and the CSV, not in the report."""


def section_tables(budget: Budget) -> dict[str, ResultTable]:
    """Make a result table of every section that has rows, by its name behind `more_`.

    Source: handbook 2.4.1, 3.7; req 37, 367.
    """
    return {
        f"more_{section.name}": _as_table(section) for section in budget.sections if section.rows
    }


def _as_table(section: Section) -> ResultTable:
    columns = [
        ResultColumn(
            column.name,
            column.heading,
            KINDS[column.kind],
            "label" if KINDS[column.kind] in ("code", "text", "year") else "calculated",
        )
        for column in section.columns
    ]
    return result_table(f"more_{section.name}", section.title, section.note, columns, section.rows)


def sections_view(
    reader: Reader, tables: dict[str, ResultTable]
) -> list[tuple[str, HtmlTable | None]]:
    """Lay sections out for the report: the note, and the table where it is short enough to read.

    Source: handbook 3.7; req 361.
    """
    found: list[tuple[str, HtmlTable | None]] = []
    for table in tables.values():
        if len(table) > LONGEST:
            found.append(
                (
                    f"{table.title}: {len(table)} rows, in the workbook and in {table.name}.csv.",
                    None,
                )
            )
            continue
        rows = [
            [_cell(reader, value, column) for value, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ]
        found.append(
            (
                table.help,
                html_table(
                    table.name.replace("_", "-"),
                    table.title,
                    [column.heading for column in table.columns],
                    rows,
                ),
            )
        )
    return found


def _cell(reader: Reader, value: Value, column: ResultColumn) -> Cell:
    if value is None or value == "":
        return words("")
    if column.kind == "yes_no":
        return words("yes" if value else "no")
    if column.kind in ("code", "text", "year"):
        return words(value)
    number = float(value)
    if column.kind == "pence":
        return reader.money(whole_pence(number))
    if column.kind in ("rate", "share"):
        return figure(f"{number * 100:.2f}%".replace("-", "−"))
    if column.kind == "count":
        return figure(spell_count(number))
    return figure(f"{number:,.3f}".replace("-", "−"))
