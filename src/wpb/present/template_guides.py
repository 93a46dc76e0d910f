"""The sheets of the template that guide its user: cover, checklist and lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from wpb.kernel.places import column_letters
from wpb.present.template_styles import Styles
from wpb.tables import TABLES_BY_NAME
from wpb.tables.schema import TableSpec
from wpb.tables.settings_shape import Setting
from wpb.tables.stages import Step

COVER = (
    "Fill in the yellow cells. Pale yellow cells may be left blank.",
    (
        "Each sheet is one table: rows 1 and 2 are notes, row 3 holds the headings, and your values"
        " start on row 4. Leave the headings as they are."
    ),
    (
        "Point at a heading to read what its column holds. Drop-downs offer the choices, and the"
        " codes you have entered on other sheets; so start with organisations, funding_streams,"
        " growth_categories, service_lines and gp_lists."
    ),
    (
        "Write years as 2030-31 and amounts in pounds. A blank is never read as nought: enter 0"
        " where you mean nought."
    ),
    "The sheet checklist goes green, row by row, as tables are filled in.",
    (
        "The sheets step 1 to step 8 go through a first budget in order. Further tables come with"
        " `wpb add`: by stage, by table, or by contract and method."
    ),
    (
        "When you are done, run `wpb check` on this workbook. It reports everything that is wrong"
        " at once, each with its sheet and cell."
    ),
    (
        "Or put the workbook into the model's inputs folder: CSV files there that hold only"
        " headings are passed over. The settings then stand either in model.yaml or on the sheet"
        " model, not both."
    ),
)
CHECKLIST_HEADINGS = (
    "Sheet",
    "What it holds",
    "Needed?",
    "Rows",
    "Blanks to fill",
    "State",
    "Checked? (yes/no)",
    "Checked by",
)
COVER_WIDTH = 110
CHECKLIST_WIDTHS = (26, 130, 10, 8, 15, 16, 18, 24)
FIRST_CHECK = 3


def write_cover(sheet: Any, styles: Styles) -> None:
    """Write the cover: what the workbook is and how to fill it in."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, COVER_WIDTH)
    sheet.write(0, 1, "Inputs of a whole population budget", styles.title)
    for row, line in enumerate(COVER, start=2):
        sheet.write(row, 0, row - 1)
        sheet.write(row, 1, line, styles.wrapped)
        sheet.set_row(row, 32 if len(line) > COVER_WIDTH else 16)
    sheet.write(len(COVER) + 3, 1, "To be filled in", styles.sign_off)
    sheet.write_url(
        len(COVER) + 4, 1, "internal:'checklist'!A1", styles.link, "Go to the checklist"
    )


def write_step(sheet: Any, number: int, step: Step, there: Collection[str], styles: Styles) -> None:
    """Write the sheet of one step of a first budget: what is asked, and links to its tables.

    Source: req 379.
    """
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, COVER_WIDTH)
    sheet.write(0, 0, f"Step {number}: {step.name}", styles.title)
    for row, line in enumerate(step.asks, start=2):
        sheet.write(row, 1, line, styles.wrapped)
    row = 3 + len(step.asks)
    for name in step.tables:
        if name in there:
            sheet.write_url(row, 0, f"internal:'{name}'!A1", styles.link, name)
            sheet.write(row, 1, TABLES_BY_NAME[name].help, styles.wrapped)
            row += 1
    if step.settings:
        sheet.write_url(row, 0, "internal:'model'!A1", styles.link, "model")
        sheet.write(row, 1, "The settings: who, when, and the choices made.", styles.wrapped)


def write_lists(sheet: Any, lists: Mapping[str, Sequence[str]], styles: Styles) -> None:
    """Write every list that drop-downs draw on, one column each."""
    for position, (name, choices) in enumerate(lists.items()):
        sheet.set_column(position, position, max(14, len(name) + 2))
        sheet.write(0, position, name, styles.optional_heading)
        for row, choice in enumerate(choices, start=1):
            sheet.write_string(row, position, choice)
    sheet.freeze_panes(1, 0)


def write_checklist(
    sheet: Any,
    styles: Styles,
    first_row: int,
    last_row: int,
    settings: Sequence[tuple[str, Setting]],
    tables: Sequence[TableSpec],
) -> None:
    """Write the checklist: for each sheet its rows, its blanks, and a state that goes green when
    nothing is missing.

    first_row, last_row: where values stand on a table's sheet, from 0.
    """
    sheet.write(0, 0, "Checklist", styles.title)
    for position, (heading, width) in enumerate(
        zip(CHECKLIST_HEADINGS, CHECKLIST_WIDTHS, strict=True)
    ):
        sheet.set_column(position, position, width)
        sheet.write(FIRST_CHECK - 1, position, heading, styles.heading)
    needed = [
        row
        for row, (_, setting) in enumerate(settings, start=first_row)
        if setting.required and "{}" not in setting.key
    ]
    if settings:
        filled = "+".join(f'(model!$B${row + 1}<>"")' for row in needed)
        _write_check(
            sheet,
            styles,
            FIRST_CHECK,
            "model",
            "Settings, unless you fill in model.yaml",
            False,
            f"={filled}",
            f"={len(needed)}-D{FIRST_CHECK + 1}",
        )
    first_table = FIRST_CHECK + (1 if settings else 0)
    for row, spec in enumerate(tables, start=first_table):
        counts = [
            f"COUNTA({spec.name}!${letter}${first_row + 1}:${letter}${last_row + 1})"
            for letter in _needed_columns(spec)
        ]
        # ROWS turns to an error where the sheet was deleted: COUNTA alone would count the error as
        # a row.
        blanks = f"={len(counts)}*D{row + 1}-({'+'.join(counts)})"
        _write_check(
            sheet,
            styles,
            row,
            spec.name,
            f"{spec.title}: {spec.help}",
            spec.required,
            f"=MAX({','.join(counts)})+0*ROWS({spec.name}!$A$1)",
            blanks,
        )
    last = first_table + len(tables) - 1
    for words, style in (
        ("Ready", styles.green),
        ("Fill in", styles.red),
        ("Has blanks", styles.amber),
    ):
        sheet.conditional_format(
            FIRST_CHECK,
            0,
            last,
            5,
            {"type": "formula", "criteria": f'=$F{FIRST_CHECK + 1}="{words}"', "format": style},
        )
    sheet.data_validation(FIRST_CHECK, 6, last, 6, {"validate": "list", "source": ["yes", "no"]})
    sheet.freeze_panes(FIRST_CHECK, 1)


def _needed_columns(spec: TableSpec) -> list[str]:
    return [
        column_letters(position) for position, column in enumerate(spec.columns) if column.required
    ]


def _write_check(
    sheet: Any,
    styles: Styles,
    row: int,
    name: str,
    holds: str,
    required: bool,
    rows: str,
    blanks: str,
) -> None:
    number = row + 1
    sheet.write_url(row, 0, f"internal:'{name}'!A1", styles.link, name)
    sheet.write(row, 1, holds)
    sheet.write(row, 2, "yes" if required else "no")
    sheet.write_formula(row, 3, rows, None, 0)
    sheet.write_formula(row, 4, f"=IF(D{number}=0,0,{blanks[1:]})", None, 0)
    state = (
        f'=IF(D{number}=0,IF(C{number}="yes","Fill in","Not used"),IF(E{number}=0,"Ready","Has'
        ' blanks"))'
    )
    sheet.write_formula(row, 5, state, None, "Fill in" if required else "Not used")
    sheet.write_blank(row, 6, None, styles.sign_off)
    sheet.write_blank(row, 7, None, styles.sign_off)
