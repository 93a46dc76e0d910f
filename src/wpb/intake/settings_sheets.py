"""Reads the `model` sheet of a workbook - a setting and its value on each row - to the same flat
settings as model.yaml.
"""

from __future__ import annotations

import datetime

from wpb.intake.grids import Grid, SheetFault, as_entered, is_blank
from wpb.intake.headings import first_row_after_notes
from wpb.intake.settings_files import Entry
from wpb.kernel.problems import ProblemLog
from wpb.tables.settings_shape import SETTINGS

HEADINGS = ("setting", "value")
FIXED_KEYS = {setting.key for setting in SETTINGS if "{}" not in setting.key}


def read_settings_sheet(grid: Grid, log: ProblemLog) -> dict[str, Entry]:
    """Read a sheet with the columns setting and value; keys are dotted, as 'contract.first_year'.
    Problems go to the log.

    Blank values of settings whose name the user chooses, such as routes, are left out, so that the
    sheet may list more than apply.
    """
    heading = first_row_after_notes(grid)
    found = (
        tuple(as_entered(grid.value(heading, position)).strip(" ") for position in (0, 1))
        if heading < len(grid.rows)
        else ()
    )
    if found != HEADINGS:
        log.error(
            grid.cell(heading, 0),
            "The sheet 'model' should start with the headings 'setting' and 'value'.",
            "Put 'setting' in column A and 'value' in column B, one row for each setting.",
            "heading_missing",
        )
        return {}
    entries: dict[str, Entry] = {}
    for row in range(heading + 1, len(grid.rows)):
        key, raw = as_entered(grid.value(row, 0)).strip(" "), grid.value(row, 1)
        where = grid.cell(row, 1, as_entered(raw))
        if isinstance(raw, SheetFault):
            log.error(
                where, f"The value of '{key}' is {raw.text}.", "Type the value in.", "excel_error"
            )
        elif not key and not is_blank(raw):
            log.error(
                where,
                "This value has no setting beside it.",
                "Name the setting in column A.",
                "setting_missing",
            )
        elif key in entries:
            log.error(
                where,
                f"'{key}' is set twice, here and in cell {entries[key].where.cell}.",
                "Keep one of them.",
                "setting_twice",
            )
        elif key in FIXED_KEYS or (key and not is_blank(raw)):
            text = (
                raw.isoformat()[:10]
                if isinstance(raw, datetime.date)
                else as_entered(raw).strip(" ")
            )
            entries[key] = Entry(text, where)
    return entries
