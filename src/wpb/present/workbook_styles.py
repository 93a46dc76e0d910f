"""How cells look: yellow for what was entered, blue for what was calculated, pounds with brackets
for negatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wpb.present.result_table import Kind, ResultColumn, Value

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

ENTERED, CALCULATED, HEADING, INK, RULE, QUIET = (
    "#FFF6CC",
    "#E4F0F6",
    "#1D3F4E",
    "#1B2A31",
    "#C9D3D8",
    "#5A6B73",
)
FONT = "Arial"


class Styles:
    """The formats of one workbook, made once each."""

    def __init__(self, book: Workbook, sign: str) -> None:
        self._book = book
        self.pounds = f'{sign}#,##0.00;[Red]({sign}#,##0.00);"–"'
        self.millions = f'{sign}#,##0.0,,"m";[Red]({sign}#,##0.0,,"m");"–"'
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}
        self.title = self.make(bold=True, font_size=16, font_color=HEADING)
        self.section = self.make(
            bold=True, font_size=12, font_color=HEADING, bottom=1, bottom_color=RULE
        )
        self.note = self.make(font_color=QUIET, italic=True)
        self.link = self.make(font_color="#0B5A7A", underline=1, valign="top")
        self.text = self.make(valign="top")
        self.wrapped = self.make(text_wrap=True, valign="top")
        self.strong = self.make(bold=True)
        self.total_label = self.make(bold=True, font_color=QUIET)

    def make(self, **properties: object) -> Format:
        """Make a format, or give the one already made."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(
                {"font_name": FONT, "font_size": 10, "font_color": INK, **properties}
            )
        return self._made[key]

    def number_format(self, kind: Kind) -> str:
        """Give the number format of a kind of value."""
        return {
            "pence": self.pounds,
            "share": "0.0%",
            "rate": "0.00%",
            "count": "#,##0",
            "number": "#,##0.####",
        }.get(kind, "General")

    def of(self, column: ResultColumn) -> Format:
        """Give the format of a column's cells."""
        properties: dict[str, object] = {
            "num_format": self.number_format(column.kind),
            "bottom": 4,
            "bottom_color": RULE,
        }
        if column.origin != "label":
            properties["bg_color"] = ENTERED if column.origin == "input" else CALCULATED
        return self.make(**properties)

    def header_of(self, column: ResultColumn) -> Format:
        """Give the format of a column's heading."""
        return self.make(
            bold=True,
            font_color="#FFFFFF",
            bg_color=HEADING,
            text_wrap=True,
            valign="vcenter",
            align="left" if column.origin == "label" else "right",
        )

    def total_of(self, column: ResultColumn) -> Format:
        """Give the format of a column's total."""
        return self.make(
            bold=True,
            num_format=self.number_format(column.kind),
            bg_color=CALCULATED,
            top=1,
            bottom=6,
        )

    def money(
        self, origin: str = "calculated", bold: bool = False, millions: bool = False
    ) -> Format:
        """Give a format for pounds, or millions of pounds, by where the figure comes from."""
        properties: dict[str, object] = {
            "num_format": self.millions if millions else self.pounds,
            "bg_color": ENTERED if origin == "input" else CALCULATED,
        }
        return self.make(
            **properties,
            **(
                {"bold": True, "top": 1, "bottom": 6}
                if bold
                else {"bottom": 4, "bottom_color": RULE}
            ),
        )


def column_width(column: ResultColumn, values: Sequence[Value]) -> float:
    """Fit a column to its heading and values, within reason."""
    if column.kind == "pence":
        return 19
    longest = max((len(str(value)) for value in values if value is not None), default=0)
    return min(max(longest + 2, len(column.heading) * 0.7, 9), 48)
