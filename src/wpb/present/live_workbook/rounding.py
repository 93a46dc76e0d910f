"""Tables that round parts to whole pence so that they add to their total, as formulas.

Each part is rounded down; the pence still to give go to the largest remainders, equal ones in the
order of their codes.
Source: req 63, 370.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wpb.kernel.places import column_letters
from wpb.present.live_workbook.sheets import HEADING_HEIGHT
from wpb.present.workbook_styles import CALCULATED, Styles

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


@dataclass(frozen=True)
class Parts:
    """What is rounded together: a label, an order and by year a formula in pounds for each part.

    exact: pounds by part and year. whole_pence: what the calculation made of them, by year and
    part.
    totals: by year, the formula of the total to add to, in pounds; without it, the parts' own
    total.
    """

    title: str
    labels: Sequence[str]
    order: Sequence[str]
    formulas: Sequence[Sequence[str]]
    exact: Sequence[Sequence[float]]
    whole_pence: Sequence[Sequence[int]]
    totals: Sequence[str] = ()


@dataclass(frozen=True)
class Rounded:
    """Where a table's rounded amounts stand."""

    sheet: str
    first_row: int
    first_column: int
    count: int
    foot: int
    """The row below the table, from 0."""

    def cell(self, part: int, year: int, on: str = "") -> str:
        """The address of a rounded amount, for a formula on the sheet `on`."""
        return (
            self._on(on)
            + f"${column_letters(self.first_column + year)}${self.first_row + part + 1}"
        )

    def whole(self, year: int, on: str = "", first: int = 0, count: int = 0) -> str:
        """The addresses of all rounded amounts of a year, or of some that stand together."""
        letters, top = column_letters(self.first_column + year), self.first_row + first + 1
        return self._on(on) + f"${letters}${top}:${letters}${top + (count or self.count) - 1}"

    def left_over(self, year: int, on: str) -> str:
        """The address of what the rounded amounts differ from their total by."""
        return self._on(on) + f"${column_letters(self.first_column + year)}${self.foot}"

    def _on(self, on: str) -> str:
        return "" if on == self.sheet else f"'{self.sheet}'!"


def write_parts(
    sheet: Worksheet, styles: Styles, top: int, parts: Parts, years: Sequence[str]
) -> Rounded:
    """Write a table of parts: exact pounds, what is left below a penny, and whole pence that add to
    the total.

    Source: req 63, 370.
    """
    heading = styles.make(
        bold=True, font_color="#FFFFFF", bg_color="#1D3F4E", text_wrap=True, valign="top"
    )
    count, width, first = len(parts.labels), len(years), top + 3
    columns = {"exact": 2, "below": 2 + width, "whole": 2 + 2 * width}
    sheet.write_string(top, 0, parts.title, styles.section)
    sheet.set_row(top + 1, HEADING_HEIGHT)
    for at, words in (
        (0, "Part"),
        (1, "Order of equal remainders"),
        (columns["exact"], "Before rounding"),
        (columns["below"], "Remainder below a penny, in pence"),
        (columns["whole"], "In whole pence"),
    ):
        sheet.write_string(top + 1, at, words, heading)
    ranks = {code: rank for rank, code in enumerate(sorted(parts.order), 1)}
    for at in (0, 1):
        sheet.write_string(top + 2, at, "", heading)
    for row, label in enumerate(parts.labels):
        sheet.write_string(first + row, 0, label, styles.text)
        sheet.write_number(first + row, 1, ranks[parts.order[row]], styles.note)
    orders = f"$B${first + 1}:$B${first + count}"
    for year, words in enumerate(years):
        _write_year(sheet, styles, parts, year, first, columns, orders)
        for column in columns.values():
            sheet.write_string(top + 2, column + year, words, heading)
            if year:
                sheet.write_string(top + 1, column + year, "", heading)
    sheet.write_string(
        first + count, 0, "Total, and pence to give to the largest remainders", styles.strong
    )
    sheet.write_string(
        first + count + 1, 0, "Left over: nought where the parts add to the total", styles.text
    )
    return Rounded(sheet.get_name(), first, columns["whole"], count, first + count + 2)


def _write_year(
    sheet: Worksheet,
    styles: Styles,
    parts: Parts,
    year: int,
    first: int,
    columns: dict[str, int],
    orders: str,
) -> None:
    money, bold, plain = (
        styles.money(),
        styles.money(bold=True),
        styles.make(num_format="0.000000", bg_color=CALCULATED),
    )
    count = len(parts.labels)
    exact, below, whole = (
        column_letters(columns[name] + year) for name in ("exact", "below", "whole")
    )
    top, last = first + 1, first + count
    every = f"{below}${top}:{below}${last}"
    exact_pence = [round(parts.exact[row][year] * 100, 6) for row in range(count)]
    down = [math.floor(amount) for amount in exact_pence]
    for row in range(count):
        at = first + row
        sheet.write_formula(
            at,
            columns["exact"] + year,
            f"={parts.formulas[row][year]}",
            money,
            parts.exact[row][year],
        )
        sheet.write_formula(
            at,
            columns["below"] + year,
            f"=ROUND(ROUND({exact}{at + 1}*100,6)-INT(ROUND({exact}{at + 1}*100,6)),6)",
            plain,
            round(exact_pence[row] - down[row], 6),
        )
        larger = f'COUNTIF({every},">"&{below}{at + 1})'
        rank = f'{larger}+COUNTIFS({every},{below}{at + 1},{orders},"<"&$B{at + 1})'
        sheet.write_formula(
            at,
            columns["whole"] + year,
            f"=(INT(ROUND({exact}{at + 1}*100,6))+IF({rank}<{below}${last + 1},1,0))/100",
            money,
            parts.whole_pence[year][row] / 100,
        )
    total_pence = sum(parts.whole_pence[year])
    total = parts.totals[year] if parts.totals else f"SUM({exact}{top}:{exact}{last})"
    sheet.write_formula(
        last, columns["exact"] + year, f"=ROUND({total},2)", bold, total_pence / 100
    )
    sheet.write_formula(
        last,
        columns["below"] + year,
        f"=ROUND({exact}{last + 1}*100-SUM({exact}{top}:{exact}{last})*100+SUM({every}),0)",
        plain,
        total_pence - sum(down),
    )
    sheet.write_formula(
        last, columns["whole"] + year, f"=SUM({whole}{top}:{whole}{last})", bold, total_pence / 100
    )
    sheet.write_formula(
        last + 1, columns["whole"] + year, f"={exact}{last + 1}-{whole}{last + 1}", money, 0.0
    )
