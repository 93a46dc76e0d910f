"""Results as a workbook: cover, headline, the path by step, and a sheet for each result table.

Yellow cells are figures as they were entered, blue cells are calculated; pounds stand as finance
people write them.
Source: handbook 3.7; req 361, 362, 366.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wpb.present.path_layout import years_across
from wpb.present.result_table import ResultColumn, ResultTable, Value
from wpb.present.words import currency_sign
from wpb.present.workbook_fronts import write_cover, write_headline, write_path
from wpb.present.workbook_styles import Styles, column_width
from wpb.tables.settings import ModelSettings

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADER_ROW = 4
"""Rows above are the title, what the sheet shows, a way back to the cover, and the total."""


def write_workbook(tables: Mapping[str, ResultTable], settings: ModelSettings, path: Path) -> None:
    """Write every result table as a sheet, behind a cover, a headline and the path by step.

    The same tables give the same bytes: the workbook's date is the day the model says it was
    prepared.
    Source: handbook 3.7; req 361, 362, 366, 370.
    """
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {
                "title": settings.title,
                "subject": "Whole population budget",
                "author": settings.prepared_by,
                "created": _prepared(settings),
            }
        )
        book.set_calc_mode("auto")
        styles = Styles(book, currency_sign(settings.currency))
        sheets = as_sheets(tables)
        write_cover(book.add_worksheet("cover"), styles, settings, sheets)
        write_headline(book.add_worksheet("headline"), styles, tables)
        write_path(book.add_worksheet("path"), styles, tables)
        for table in sheets.values():
            _write_table(book, styles, table)


def _prepared(settings: ModelSettings) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(settings.prepared_on)
    except ValueError:
        return datetime.datetime(2000, 1, 1)


def _write_table(book: Workbook, styles: Styles, table: ResultTable) -> Worksheet:
    sheet = book.add_worksheet(table.name)
    last = max(len(table) - 1, 0)
    sheet.write_string(0, 0, table.title, styles.title)
    sheet.write_string(1, 0, table.help, styles.note)
    sheet.write_url(2, 0, "internal:'cover'!A1", styles.link, "Back to the cover")
    for position, column in enumerate(table.columns):
        sheet.write_string(HEADER_ROW, position, column.heading, styles.header_of(column))
        sheet.set_column(
            position, position, column_width(column, [row[position] for row in table.rows[:200]])
        )
        _write_column(sheet, styles, table, position, column)
        if column.adds_up and table.rows:
            _write_total(sheet, styles, table, position, column)
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    if table.rows:
        sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + 1 + last, len(table.columns) - 1)
    _set_print(sheet, table)
    return sheet


def _write_total(
    sheet: Worksheet, styles: Styles, table: ResultTable, position: int, column: ResultColumn
) -> None:
    from xlsxwriter.utility import xl_range

    cells = xl_range(HEADER_ROW + 1, position, HEADER_ROW + len(table), position)
    total = sum(row[position] or 0 for row in table.rows)  # type: ignore[misc]
    value = total / 100 if column.kind == "pence" else total
    sheet.write_string(HEADER_ROW - 1, 0, "Total of the rows shown", styles.total_label)
    sheet.write_formula(
        HEADER_ROW - 1, position, f"=SUBTOTAL(109,{cells})", styles.total_of(column), value
    )


def _write_column(
    sheet: Worksheet, styles: Styles, table: ResultTable, position: int, column: ResultColumn
) -> None:
    style = styles.of(column)
    for row, record in enumerate(table.rows, HEADER_ROW + 1):
        write_value(sheet, row, position, record[position], column, style)


def write_value(
    sheet: Worksheet, row: int, position: int, value: Value, column: ResultColumn, style: Any
) -> None:
    """Write one value: pence as pounds, numbers as numbers, and text always as text, never as a
    formula.
    """
    if value is None or value == "":
        sheet.write_blank(row, position, None, style)
    elif isinstance(value, bool):
        sheet.write_string(row, position, "Yes" if value else "No", style)
    elif isinstance(value, str):
        sheet.write_string(row, position, value, style)
    else:
        sheet.write_number(row, position, value / 100 if column.kind == "pence" else value, style)


def _set_print(sheet: Worksheet, table: ResultTable) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_footer(f"&L{table.title}&RPage &P of &N")


def as_sheets(tables: Mapping[str, ResultTable]) -> dict[str, ResultTable]:
    """Lay the tables out for reading in a spreadsheet: the forecast by line has its years
    across.
    """
    sheets = dict(tables)
    by_line = sheets.pop("forecast_by_line")
    for name, column, title in (
        ("forecast_by_line", "forecast_pence", "Forecast by line"),
        ("out_of_scope_by_line", "out_of_scope_pence", "Forecast out of scope by line"),
    ):
        sheets[name] = years_across(by_line, column, name, title)
    last = ("choices", "assumptions", "problems")
    return {name: sheets[name] for name in (*(name for name in sheets if name not in last), *last)}
