"""Writing the sheets of the stages, the inputs and the assumptions.

Source: handbook 3.7; req 361, 362, 366.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wpb.kernel.assumptions import Assumption, AssumptionBook
from wpb.kernel.ledger import Block
from wpb.kernel.places import column_letters
from wpb.present.live_workbook.formulas import Formulas
from wpb.present.live_workbook.placing import Band, Placing
from wpb.present.live_workbook.sources import ASSUMPTIONS, FIRST_ASSUMPTION, InputSheet
from wpb.present.live_workbook.stages import PURPOSE, SHARING
from wpb.present.live_workbook.units import is_money, scale_of, unit_words
from wpb.present.workbook_styles import CALCULATED, ENTERED, Styles

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FIXED = "#ECECEC"
"""Figures that the calculation took from words, dates or several cells: they change on the next
run, not in the workbook.
"""
HEADING_HEIGHT = 45
"""Three lines, for headings that break between words."""
NUMBERS = {
    "rate": "0.00%",
    "share": "0.0000%",
    "factor": "0.000000",
    "ratio": "0.0000",
    "flag": "0",
    "units": "#,##0.00",
    "people": "#,##0",
}
ASSUMPTION_HEADINGS = (
    "Assumption",
    "For the year",
    "Unit",
    "Value",
    "Value as written",
    "Status",
    "Published",
    "Source",
    "Where in it",
    "Local",
    "Kind",
    "Title",
    "Owner",
    "Reason",
    "Evidence",
    "Outside the provider's control",
    "Note",
)


class StageSheets:
    """Writes the figures of each stage where they were placed."""

    def __init__(
        self, book: Workbook, styles: Styles, sign: str, placing: Placing, formulas: Formulas
    ) -> None:
        self.book, self.styles, self.sign = book, styles, sign
        self.placing, self.formulas = placing, formulas

    def write(self, name: str) -> None:
        """Write one stage: its tables one below another, figures side by side on the rows they
        share.
        """
        sheet = self.book.add_worksheet(name)
        write_top(sheet, self.styles, name, PURPOSE[name])
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 400, 15)
        sheet.freeze_panes(0, 1)
        for band in self.placing.bands[name]:
            self._write_band(sheet, band)

    def _write_band(self, sheet: Worksheet, band: Band) -> None:
        styles, first = self.styles, band.first_row
        heading = styles.make(
            bold=True, font_color="#FFFFFF", bg_color="#1D3F4E", text_wrap=True, valign="top"
        )
        sheet.write_string(band.top, 0, band.title, styles.section)
        sheet.set_row(band.top + 1, HEADING_HEIGHT)
        sheet.write_string(
            band.top + 1, 0, band.axis_name[:1].upper() + band.axis_name[1:], heading
        )
        sheet.write_string(band.top + 2, 0, "", heading)
        for row, code in enumerate(band.codes):
            sheet.write_string(first + row, 0, code, styles.text)
        words = [(1 + at, title, texts) for at, (title, texts) in enumerate(band.labels)] + [
            (key.position, key.title, key.codes) for key in band.keys
        ]
        for position, title, texts in words:
            sheet.write_string(band.top + 1, position, title, heading)
            sheet.write_string(band.top + 2, position, "", heading)
            for row, text in enumerate(texts):
                sheet.write_string(first + row, position, text, styles.note)
        for block in band.blocks:
            self._write_block(sheet, band, block, heading)

    def _write_block(self, sheet: Worksheet, band: Band, block: Block, heading: Format) -> None:
        column, first = self.placing.spots[block].column, band.first_row
        title = block.title or block.id.rpartition("/")[2].replace("_", " ")
        for offset in range(len(block.years) if block.years else 1):
            sheet.write_string(band.top + 1, column + offset, title if offset == 0 else "", heading)
            sheet.write_string(
                band.top + 2,
                column + offset,
                block.years[offset] if block.years else unit_words(block.unit, self.sign),
                heading,
            )
        declared = block.kind == "leaf" and self.placing.spots[block].band.sheet == SHARING
        calculated, fixed = (
            self._style(block, CALCULATED),
            self._style(block, ENTERED if declared else FIXED),
        )
        exact = block.value[0] * scale_of(block.unit)
        values, entered = exact.round(9).tolist(), exact.tolist()
        write_formula, write_number = sheet.write_formula, sheet.write_number
        for row, year, formula in self.formulas.of(block):
            if formula:
                write_formula(first + row, column + year, formula, calculated, values[row][year])
            else:
                write_number(first + row, column + year, entered[row][year], fixed)

    def _style(self, block: Block, colour: str) -> Format:
        number = (
            self.styles.pounds if is_money(block.unit) else NUMBERS.get(block.unit, "#,##0.00##")
        )
        return self.styles.make(
            num_format=number, bg_color=colour, bottom=4, bottom_color="#C9D3D8"
        )


def write_top(sheet: Worksheet, styles: Styles, title: str, purpose: str) -> None:
    """Write a sheet's title, what it shows, and the way back to the cover."""
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, re.sub(r"^\d+ ", "", title), styles.title)
    sheet.write_string(1, 0, purpose, styles.note)
    sheet.write_url(2, 0, "internal:'cover'!A1", styles.link, "Back to the cover")
    set_page(sheet, title)


def set_page(sheet: Worksheet, title: str) -> None:
    """Set a sheet up for print: A4 across, one page wide, its name and the page's number at the
    foot.
    """
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{title}&RPage &P of &N")


def write_input(book: Workbook, styles: Styles, source: InputSheet) -> None:
    """Write an input table exactly as it stood, cell by cell; figures are yellow, and each column
    of figures has a name.
    """
    sheet = book.add_worksheet(source.name)
    sheet.set_tab_color(ENTERED)
    yellow, text = styles.make(bg_color=ENTERED, num_format="General"), styles.text
    sheet.set_column(0, 60, 17 if source.rows and len(source.rows[0]) > 1 else 120)
    for row, values in enumerate(source.rows):
        for position, value in enumerate(values):
            if isinstance(value, bool):
                sheet.write_boolean(row, position, value, text)
            elif isinstance(value, int | float):
                sheet.write_number(row, position, value, yellow)
            elif value not in (None, ""):
                sheet.write_string(
                    row,
                    position,
                    str(value),
                    yellow if source.settings and position == 1 and row else text,
                )
    heading = next(
        (
            row
            for row, values in enumerate(source.rows)
            if values and not str(values[0]).startswith("#")
        ),
        0,
    )
    sheet.freeze_panes(heading + 1, 1)
    sheet.set_row(heading, None, styles.strong)
    sheet.repeat_rows(heading)
    set_page(sheet, source.name)
    for position in sorted(source.number_columns):
        name = re.sub(r"\W", "_", f"input_{source.name}_{source.rows[heading][position]}")
        letters = column_letters(position)
        book.define_name(
            name,
            (
                f"='{source.name}'!${letters}${heading + 2}:${letters}$"
                f"{max(len(source.rows), heading + 2)}"
            ),
        )


def write_assumptions(
    book: Workbook, styles: Styles, used: Sequence[Assumption], assumptions: AssumptionBook
) -> None:
    """Write every assumption the budget used with its source, date, owner and evidence; its value
    is yellow.

    Source: handbook 3.7, 4.5; req 366.
    """
    sheet = book.add_worksheet(ASSUMPTIONS)
    sheet.set_tab_color(ENTERED)
    write_top(
        sheet,
        styles,
        "Assumptions",
        "Each assumption the budget used. Beside a value you change, fill in owner, reason and"
        " evidence, and whether it is outside the provider's control.",
    )
    heading = styles.make(bold=True, font_color="#FFFFFF", bg_color="#1D3F4E", text_wrap=True)
    for position, title in enumerate(ASSUMPTION_HEADINGS):
        sheet.write_string(FIRST_ASSUMPTION - 2, position, title, heading)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 5, 13)
    sheet.set_column(6, 11, 34)
    for row, found in enumerate(used, FIRST_ASSUMPTION - 1):
        number = "0.00##%" if found.unit == "rate" else "General"
        for position, text in enumerate(_facts(found, assumptions)):
            if position in (3, 4):
                sheet.write_number(
                    row,
                    position,
                    found.value,
                    styles.make(bg_color=ENTERED if position == 3 else FIXED, num_format=number),
                )
            else:
                sheet.write_string(row, position, text, styles.text)
    sheet.freeze_panes(FIRST_ASSUMPTION - 1, 1)


def _facts(found: Assumption, book: AssumptionBook) -> tuple[str, ...]:
    subject = book.local.get(found.key) or book.national.get(found.key)
    citation, local = found.citation, found.local and not found.extended
    control = (
        any(value.outside_provider_control for value in subject.values if value.year == found.year)
        if subject and local
        else False
    )
    return (
        found.key,
        found.year,
        found.unit,
        "",
        "",
        found.status,
        citation.vintage,
        citation.source,
        citation.locator,
        "yes" if local else "",
        subject.kind if subject else "",
        found.title,
        found.owner,
        found.reason,
        found.evidence,
        "yes" if control else "",
        citation.note,
    )
