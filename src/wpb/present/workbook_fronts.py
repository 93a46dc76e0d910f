"""The first sheets of the workbook: the cover, the headline by year, and the path by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wpb.present.path_layout import path_rows
from wpb.present.result_table import ResultTable
from wpb.present.workbook_styles import CALCULATED, ENTERED, Styles
from wpb.tables.settings import ModelSettings

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

COVER_WIDTH, LINE = 96, 110
"""Width of the cover's second column, in figures, and how many letters go on a line of it."""


def write_cover(
    sheet: Worksheet, styles: Styles, settings: ModelSettings, tables: Mapping[str, ResultTable]
) -> None:
    """Write what the workbook is, who made it, what the colours mean, and where everything is."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, COVER_WIDTH)
    sheet.set_row(0, 24)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, settings.title, styles.title)
    facts = (
        ("Prepared by", settings.prepared_by),
        ("Prepared on", settings.prepared_on),
        ("Lead provider", settings.lead_provider),
        ("Form of integration", settings.form),
        ("Current spend is for", settings.spend_year),
        ("The baseline stands at", settings.baseline_year),
        ("Contract years", f"{settings.years[0]} to {settings.years[-1]}"),
        ("Assumptions as known on", settings.known_on or "the day of the run"),
    )
    for row, (name, value) in enumerate(facts, 2):
        sheet.write_string(row, 0, name, styles.strong)
        sheet.write_string(row, 1, value, styles.text)
    row = len(facts) + 3
    sheet.write_string(row, 0, "Colours", styles.section)
    sheet.write_string(row + 1, 0, "Yellow", styles.make(bg_color=ENTERED))
    sheet.write_string(row + 1, 1, "A figure as it was entered or published.", styles.text)
    sheet.write_string(row + 2, 0, "Blue", styles.make(bg_color=CALCULATED))
    sheet.write_string(
        row + 2, 1, "A calculated figure. Negative amounts are red and in brackets.", styles.text
    )
    sheet.write_string(
        row + 3,
        1,
        "Amounts hold whole pence, rounded so that parts add to their totals. The unrounded figures"
        " are in ledger.parquet.",
        styles.wrapped,
    )
    sheet.set_row(row + 3, 30)
    row += 5
    sheet.write_string(row, 0, "Sheets", styles.section)
    entries = [
        ("headline", "Headline by year, in millions"),
        ("path", "Path from the baseline to each year's forecast, step by step"),
    ]
    entries += [(table.name, f"{table.title}. {table.help}") for table in tables.values()]
    for offset, (name, about) in enumerate(entries, 1):
        sheet.write_url(row + offset, 0, f"internal:'{name}'!A1", styles.link, name)
        sheet.write_string(row + offset, 1, about, styles.wrapped)
        # Not every program makes a row as high as its wrapped words.
        sheet.set_row(row + offset, 15 * (1 + len(about) // LINE))


def write_headline(sheet: Worksheet, styles: Styles, tables: Mapping[str, ResultTable]) -> None:
    """Write the headline of each year; headroom is a live formula over the three figures beside
    it.
    """
    years, bridge = tables["years"], tables["bridge"]
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(years) + 1, 13)
    sheet.write_string(0, 0, "Headline by year", styles.title)
    sheet.write_string(
        1,
        0,
        "In millions, held to the penny. Headroom = allocation less forecast less forecast out of"
        " scope.",
        styles.note,
    )
    sheet.write_string(3, 0, str(bridge.rows[-1][3]), styles.strong)
    sheet.write_number(
        3, 1, float(bridge.column("amount_pence")[-1]) / 100, styles.money(bold=True, millions=True)
    )
    sheet.write_string(5, 0, "Year", styles.section)
    labels = (
        ("do_nothing_pence", "Do nothing", "calculated"),
        ("forecast_pence", "Forecast", "calculated"),
        ("out_of_scope_pence", "Forecast out of scope", "calculated"),
        ("allocation_pence", "Allocation", "input"),
    )
    for row, (_, name, _) in enumerate(labels, 6):
        sheet.write_string(row, 0, name, styles.strong)
    sheet.write_string(10, 0, "Headroom", styles.strong)
    sheet.write_string(11, 0, "Residual efficiency, not yet planned", styles.strong)
    from xlsxwriter.utility import xl_col_to_name

    for position, record in enumerate(years.records(), 1):
        column = xl_col_to_name(position)
        sheet.write_string(
            5, position, record["year"], styles.make(bold=True, align="right", bottom=1)
        )
        for row, (name, _, origin) in enumerate(labels, 6):
            sheet.write_number(
                row, position, record[name] / 100, styles.money(origin, millions=True)
            )
        sheet.write_formula(
            10,
            position,
            f"={column}10-{column}8-{column}9",
            styles.money(bold=True, millions=True),
            record["headroom_pence"] / 100,
        )
        sheet.write_formula(
            11,
            position,
            f"=MAX(0,-{column}11)",
            styles.money(millions=True),
            record["residual_pence"] / 100,
        )
    sheet.freeze_panes(6, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)


def write_path(sheet: Worksheet, styles: Styles, tables: Mapping[str, ResultTable]) -> None:
    """Write baseline, steps and forecast with years across; the forecast is a live sum of what
    stands above it.
    """
    layout = path_rows(tables["forecast_by_year"])
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 52)
    sheet.set_column(1, len(layout.years), 18)
    sheet.write_string(0, 0, "Path from the baseline to the forecast", styles.title)
    sheet.write_string(
        1,
        0,
        "Each step's effect since the baseline. Baseline plus steps equals forecast.",
        styles.note,
    )
    sheet.write_string(3, 0, "Step", styles.section)
    from xlsxwriter.utility import xl_col_to_name

    for position, year in enumerate(layout.years, 1):
        sheet.write_string(3, position, year, styles.make(bold=True, align="right", bottom=1))
    for row, (name, amounts) in enumerate([("Baseline", layout.opening), *layout.steps], 4):
        sheet.write_string(row, 0, name, styles.text)
        for position, amount in enumerate(amounts, 1):
            sheet.write_number(row, position, amount / 100, styles.money())
    foot = 5 + len(layout.steps)
    sheet.write_string(foot, 0, "Forecast", styles.strong)
    sheet.write_string(foot + 2, 0, "Do nothing, before efficiency and care model", styles.text)
    for position in range(1, len(layout.years) + 1):
        column = xl_col_to_name(position)
        sheet.write_formula(
            foot,
            position,
            f"=SUM({column}5:{column}{foot})",
            styles.money(bold=True),
            layout.closing[position - 1] / 100,
        )
        sheet.write_number(
            foot + 2, position, layout.do_nothing[position - 1] / 100, styles.money()
        )
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)
