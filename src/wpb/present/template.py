"""The empty Excel template: a sheet for each table with drop-downs and help, a checklist that goes
green, a cover.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wpb.kernel.places import column_letters
from wpb.present.template_guides import write_checklist, write_cover, write_lists, write_step
from wpb.present.template_styles import Styles
from wpb.tables import ALL_TABLES
from wpb.tables.schema import Column, TableSpec
from wpb.tables.settings_shape import MODEL_SCHEMA, SCHEMA_SETTING, SETTINGS, Setting
from wpb.tables.stages import STEPS, step_sheet

NOTE_ROW, UNIT_ROW, HEADING_ROW, FIRST_ROW = 0, 1, 2, 3
"""Rows of a table's sheet, from 0: two rows of notes (marked #, so that the reader passes over
them), headings, values.
"""
LAST_ROW = 20_000
"""The last row, from 0, that drop-downs reach."""
ENTERED_ROUTES = ("core", "primary_medical", "specialised", "social_care", "public_health")
EXTENSIONS = 6
LARGEST = 1e15
UNITS = {
    "code": "code",
    "text": "text",
    "pounds": "£",
    "number": "number",
    "count": "number, not below 0",
    "rate": "rate, such as 2.5%",
    "share": "share from 0% to 100%",
    "year": "year, such as 2030-31",
    "date": "date, such as 2030-04-01",
    "yes_no": "true or false",
    "choice": "from the list",
}


@dataclass
class _Book:
    """The workbook while it is written: its styles, and the lists that drop-downs draw on."""

    workbook: Any
    styles: Styles
    tables: frozenset[str]
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def list_range(self, name: str, choices: tuple[str, ...]) -> str:
        """Keep a list for the lists sheet and give its range."""
        self.lists.setdefault(name, choices)
        column = column_letters(list(self.lists).index(name))
        return f"=lists!${column}$2:${column}${len(self.lists[name]) + 1}"


def write_template(
    path: Path, tables: Sequence[TableSpec] = ALL_TABLES, settings: bool = True
) -> None:
    """Write the template workbook: cover, checklist, the eight steps of a first budget, model
    settings, one sheet for each table, lists. Without settings it holds further tables alone.

    On a table's sheet rows 1 and 2 are notes marked #, row 3 holds the headings and row 4 the first
    values, so that the filled sheet reads back as it is. Raises OSError where the file can't be
    written.
    Source: req 361, 379.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties(
            {
                "title": "Inputs of a whole population budget",
                "created": datetime.datetime(2026, 1, 1),
            }
        )
        book = _Book(workbook, Styles.of(workbook), frozenset(spec.name for spec in tables))
        cover, checklist = workbook.add_worksheet("cover"), workbook.add_worksheet("checklist")
        if settings:
            for number, step in enumerate(STEPS, start=1):
                sheet = workbook.add_worksheet(step_sheet(number))
                write_step(sheet, number, step, book.tables, book.styles)
            _write_settings(book)
        for spec in tables:
            _write_table(book, spec)
        write_lists(workbook.add_worksheet("lists"), book.lists, book.styles)
        write_cover(cover, book.styles)
        rows = settings_rows() if settings else []
        write_checklist(checklist, book.styles, FIRST_ROW, LAST_ROW, rows, tables)


def _write_table(book: _Book, spec: TableSpec) -> None:
    sheet, styles = book.workbook.add_worksheet(spec.name), book.styles
    needed = "This table is needed." if spec.required else "Fill this table in where it applies."
    sheet.write(NOTE_ROW, 0, f"# {spec.title}: {spec.help} {needed}", styles.note)
    for position, column in enumerate(spec.columns):
        mark = "# " if position == 0 else ""
        sheet.set_column(
            position,
            position,
            max(14, len(column.name) + 3, 28 if column.kind == "text" else 0),
            styles.input_for(column),
        )
        sheet.write(UNIT_ROW, position, f"{mark}{UNITS[column.kind]}", styles.unit)
        sheet.write(
            HEADING_ROW,
            position,
            column.name,
            styles.heading if column.required else styles.optional_heading,
        )
        sheet.write_comment(
            HEADING_ROW, position, column_help(column), {"x_scale": 2, "y_scale": 1.4}
        )
        validation = _validation(book, spec, column)
        if validation:
            sheet.data_validation(FIRST_ROW, position, LAST_ROW, position, validation)
    sheet.set_row(NOTE_ROW, None, styles.note)
    sheet.set_row(UNIT_ROW, None, styles.unit)
    sheet.set_row(HEADING_ROW, 20)
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.set_tab_color("#FFD966" if spec.required else "#D9D9D9")


def column_help(column: Column) -> str:
    """Say what a column holds, whether it may be blank, and what its codes refer to."""
    parts = [f"{column.help}.", f"Enter: {UNITS[column.kind]}."]
    if column.refers_to:
        table, _, name = column.refers_to.partition(".")
        parts.append(f"A {name} of the sheet {table}.")
    if column.kind == "choice":
        parts.append(f"One of: {', '.join(column.choices)}.")
    parts.append("Needed on every row." if column.required else "May be blank.")
    return "\n".join(parts)


def _validation(book: _Book, spec: TableSpec, column: Column) -> dict[str, Any]:
    """The rule a cell of a column is held to as it is typed: a drop-down, or a range of numbers."""
    prompt = {
        "input_title": column.name[:32],
        "input_message": _shortened(column.help, 250),
        "error_title": "Please check",
    }
    if column.kind == "choice":
        return {
            **prompt,
            "validate": "list",
            "source": book.list_range(f"{spec.name}.{column.name}", column.choices),
            "error_message": "Choose from the list.",
        }
    if column.kind == "yes_no":
        return {
            **prompt,
            "validate": "list",
            "source": book.list_range("true or false", ("true", "false")),
            "error_message": "Choose true or false.",
        }
    table, _, name = column.refers_to.partition(".")
    if table in book.tables:
        return {
            **prompt,
            "validate": "list",
            "source": _codes_range(table, name),
            "error_message": _shortened(
                f"Choose a {name} of the sheet {table}, or add it there first.", 250
            ),
        }
    if column.kind in ("pounds", "number", "count", "rate", "share"):
        allowed = column.range
        limits = (
            {"criteria": ">", "value": allowed.least}
            if allowed.above
            else {
                "criteria": "between",
                "minimum": max(allowed.least, -LARGEST),
                "maximum": min(allowed.most, LARGEST),
            }
        )
        return {
            **prompt,
            "validate": "decimal",
            **limits,
            "error_message": f"Enter a {UNITS[column.kind].replace('£', 'number of pounds')}.",
        }
    return {**prompt, "validate": "any"}


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."


def _codes_range(table: str, name: str) -> str:
    """The codes entered so far on another sheet, without the blank rows below them."""
    spec = next(spec for spec in ALL_TABLES if spec.name == table)
    letter = column_letters([column.name for column in spec.columns].index(name))
    first = f"{table}!${letter}${FIRST_ROW + 1}"
    return f"=OFFSET({first},0,0,MAX(1,COUNTA({first}:${letter}${LAST_ROW + 1})),1)"


def settings_rows() -> list[tuple[str, Setting]]:
    """List the rows of the model sheet: each setting, those with a name of the user's choosing once
    for each likely name.
    """
    rows = [(setting.key, setting) for setting in SETTINGS if "{}" not in setting.key]
    routes = [setting for setting in SETTINGS if setting.key.startswith("forecast.routes.{}")]
    rows += [
        (setting.key.replace("{}", stream), setting)
        for stream in ENTERED_ROUTES
        for setting in routes
    ]
    extensions = [
        setting for setting in SETTINGS if setting.key.startswith("assumptions.extend.{}")
    ]
    rows += [
        (setting.key.replace("{}", str(number)), setting)
        for number in range(1, EXTENSIONS + 1)
        for setting in extensions
    ]
    return rows


def _write_settings(book: _Book) -> None:
    sheet, styles = book.workbook.add_worksheet("model"), book.styles
    sheet.write(
        NOTE_ROW,
        0,
        "# Settings of the model. Leave this sheet empty if you fill in model.yaml instead.",
        styles.note,
    )
    sheet.write(
        UNIT_ROW,
        0,
        "# Streams, growth categories and numbers in a setting's name may be changed, and rows"
        " copied: forecast.routes.<stream>.route, forecast.no_growth.<category>",
        styles.note,
    )
    for position, (heading, width) in enumerate(
        (("setting", 52), ("value", 36), ("# help", 120), ("# example", 34))
    ):
        sheet.set_column(
            position, position, width, styles.input_text if heading == "value" else styles.plain
        )
        sheet.write(HEADING_ROW, position, heading, styles.heading)
    for row, (key, setting) in enumerate(settings_rows(), start=FIRST_ROW):
        sheet.write(row, 0, key, styles.plain)
        sheet.write(
            row,
            2,
            setting.help if setting.required else f"{setting.help} (may be blank)",
            styles.plain,
        )
        sheet.write(row, 3, setting.example, styles.plain)
        if key == SCHEMA_SETTING:
            sheet.write(row, 1, str(MODEL_SCHEMA), styles.input_text)
        if setting.kind == "choice":
            sheet.data_validation(
                row,
                1,
                row,
                1,
                {
                    "validate": "list",
                    "source": book.list_range(setting.key, setting.choices),
                    "error_message": "Choose from the list.",
                },
            )
    sheet.set_row(NOTE_ROW, None, styles.note)
    sheet.set_row(UNIT_ROW, None, styles.note)
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.set_tab_color("#FFD966")
