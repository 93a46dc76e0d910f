"""The formats of the Excel template: yellow for what is entered, bold headings, grey notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wpb.tables.schema import Column

NUMBER_FORMATS = {
    "pounds": "#,##0.00",
    "number": "#,##0.########",
    "count": "#,##0.########",
    "rate": "0.00##%",
    "share": "0.00##%",
    "date": "yyyy-mm-dd",
    "yes_no": "General",
}
"""Everything else is text, so that Excel turns no code or year into a number or a date."""
YELLOW, PALE_YELLOW = "#FFF2CC", "#FFFBEE"


@dataclass(frozen=True)
class Styles:
    """The formats of one workbook."""

    title: Any
    plain: Any
    wrapped: Any
    note: Any
    unit: Any
    heading: Any
    optional_heading: Any
    input_text: Any
    sign_off: Any
    link: Any
    green: Any
    amber: Any
    red: Any
    inputs: dict[tuple[str, bool], Any]

    def input_for(self, column: Column) -> Any:
        """The format of a column's input cells: yellow where it is needed, paler where it may be
        blank.
        """
        return self.inputs[NUMBER_FORMATS.get(column.kind, "@"), column.required]

    @classmethod
    def of(cls, workbook: Any) -> Styles:
        """Add every format to a workbook."""
        border = {"border": 1, "border_color": "#D9D9D9"}
        inputs = {
            (number_format, required): workbook.add_format(
                {
                    **border,
                    "bg_color": YELLOW if required else PALE_YELLOW,
                    "num_format": number_format,
                }
            )
            for number_format in {*NUMBER_FORMATS.values(), "@"}
            for required in (True, False)
        }
        return cls(
            title=workbook.add_format({"bold": True, "font_size": 18}),
            plain=workbook.add_format({"valign": "top"}),
            wrapped=workbook.add_format({"text_wrap": True, "valign": "top"}),
            note=workbook.add_format(
                {"italic": True, "font_color": "#595959", "bg_color": "#FFFFFF"}
            ),
            unit=workbook.add_format(
                {"italic": True, "font_color": "#595959", "bg_color": "#F2F2F2"}
            ),
            heading=workbook.add_format(
                {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "border": 1}
            ),
            optional_heading=workbook.add_format(
                {"bold": True, "bg_color": "#8497B0", "font_color": "#FFFFFF", "border": 1}
            ),
            input_text=inputs["@", True],
            sign_off=workbook.add_format({**border, "bg_color": YELLOW}),
            link=workbook.add_format({"font_color": "#0563C1", "underline": 1}),
            green=workbook.add_format({"bg_color": "#C6EFCE", "font_color": "#006100"}),
            amber=workbook.add_format({"bg_color": "#FFEB9C", "font_color": "#7F6000"}),
            red=workbook.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"}),
            inputs=inputs,
        )
