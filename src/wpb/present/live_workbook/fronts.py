"""The sheets a reader meets first and last: cover, headline with the bridge, checks, and the trace.

Source: handbook 2.7, 3.6, 3.7, Fig 14; req 147, 200, 201, 361, 362, 367.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wpb.kernel.ledger import Block, Movement
from wpb.kernel.places import column_letters
from wpb.present.live_workbook.formulas import Formulas
from wpb.present.live_workbook.sheets import set_page, write_top
from wpb.present.live_workbook.sources import ASSUMPTIONS, InputSheet, place_words
from wpb.present.live_workbook.stages import PURPOSE
from wpb.present.live_workbook.units import unit_words
from wpb.present.workbook_styles import CALCULATED, ENTERED, Styles
from wpb.run import Budget

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADLINE, CHECKS, TRACE = "1 Headline", "2 Checks", "27 Trace"
FRONT_PURPOSE = {
    HEADLINE: (
        "The bridge to the baseline and the path to each year's forecast, set against allocations."
    ),
    CHECKS: "Every reconciliation of the workbook: each difference should be nought.",
    TRACE: (
        "Every figure of the workbook: where it stands, its rule and formula in words, and what"
        " goes into it."
    ),
}
TOLERANCE = 0.005
"""Half a penny, in pounds: reconciliations are of unrounded figures."""


class Fronts:
    """Writes the sheets around the stages."""

    def __init__(
        self, book: Workbook, styles: Styles, budget: Budget, formulas: Formulas, sign: str
    ) -> None:
        self.book, self.styles, self.budget, self.formulas, self.sign = (
            book,
            styles,
            budget,
            formulas,
            sign,
        )
        self.years = budget.years
        self.checks: list[tuple[str, str, float]] = []
        """What is checked, the formula of the difference, and its value."""

    def cover(self, sheets: Sequence[str], inputs: Sequence[InputSheet], mark: str) -> None:
        """Say what the workbook is, how to use it, what the colours mean and where everything
        is.
        """
        styles, settings = self.styles, self.budget.model.settings
        sheet = self.book.add_worksheet("cover")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 110)
        set_page(sheet, "Cover")
        sheet.write_string(0, 0, settings.title, styles.title)
        sheet.write_string(1, 0, mark, styles.note)
        facts = [
            ("Prepared by", settings.prepared_by),
            ("Prepared on", settings.prepared_on),
            ("Lead provider", settings.lead_provider),
            ("Current spend is for", settings.spend_year),
            ("Contract years", f"{self.years[0]} to {self.years[-1]}"),
            ("Assumptions as known on", settings.known_on or settings.prepared_on),
        ]
        row = 3
        for name, value in facts:
            sheet.write_string(row, 0, name, styles.strong)
            sheet.write_string(row, 1, value, styles.text)
            row += 1
        guide = (
            (
                "How to use it",
                (
                    "Change a yellow figure on an input sheet or on the assumptions sheet: every"
                    " sheet follows. Then run the file again with `wpb run` to check it and to"
                    " bring in what words and dates decide."
                ),
            ),
            ("Yellow", "A figure as it was entered or published."),
            ("Blue", "A formula."),
            (
                "Grey",
                (
                    "A figure the calculation took from words, dates or several cells. It changes"
                    " on the next run, not here."
                ),
            ),
            (
                "Pounds",
                (
                    "Amounts are unrounded and shown to the penny. Published tables round them so"
                    " that parts add to their totals."
                ),
            ),
        )
        row += 1
        for name, text in guide:
            colour = {"Yellow": ENTERED, "Blue": CALCULATED, "Grey": "#ECECEC"}.get(name)
            sheet.write_string(
                row, 0, name, styles.make(bg_color=colour) if colour else styles.strong
            )
            sheet.write_string(row, 1, text, styles.wrapped)
            sheet.set_row(row, 15 * (1 + len(text) // 115))
            row += 1
        row += 1
        purposes = {
            **FRONT_PURPOSE,
            **PURPOSE,
            ASSUMPTIONS: "Each assumption the budget used, with source, date, owner and evidence.",
        }
        for name in [*sheets, *(source.name for source in inputs)]:
            sheet.write_url(row, 0, f"internal:'{name}'!A1", styles.link, name)
            sheet.set_row(row, 15 * (1 + len(purposes.get(name, "")) // 115))
            sheet.write_string(
                row,
                1,
                purposes.get(
                    name,
                    (
                        "An arrangement's file, line by line."
                        if name.startswith("sharing ")
                        else "Input table, laid out as it was read."
                    ),
                ),
                styles.wrapped,
            )
            row += 1

    def headline(self, sheet: Worksheet) -> None:
        """Write the bridge to the baseline, the path by year, and headroom, all as formulas over
        the stages' sheets.
        """
        styles = self.styles
        write_top(sheet, styles, HEADLINE, FRONT_PURPOSE[HEADLINE])
        sheet.set_column(0, 0, 54)
        sheet.set_column(1, len(self.years) + 1, 19)
        sheet.freeze_panes(4, 1)
        sheet.fit_to_pages(1, 1)
        row = self._baseline(sheet, 4)
        row, forecast = self._path(sheet, row + 2)
        self._affordability(sheet, row + 2, forecast)

    def _line(
        self,
        sheet: Worksheet,
        row: int,
        name: str,
        formulas: Sequence[str],
        values: Sequence[float],
        bold: bool = False,
    ) -> None:
        sheet.write_string(row, 0, name, self.styles.strong if bold else self.styles.text)
        for offset, (formula, value) in enumerate(zip(formulas, values, strict=True), 1):
            sheet.write_formula(
                row, offset, f"={formula}", self.styles.money(bold=bold), value / 100
            )

    def _total(self, block: Block) -> float:
        return float(block.value[0].sum())

    def _baseline(self, sheet: Worksheet, row: int) -> int:
        budget, total = self.budget, self.formulas.total
        sheet.write_string(
            row,
            0,
            f"From current spend, {budget.model.settings.spend_year}, to the baseline,"
            f" {budget.model.settings.baseline_year}",
            self.styles.section,
        )
        first = row + 1
        opening = [
            ("Current spend", budget.current.spend, 1),
            ("Out of scope", budget.current.out_of_scope, -1),
            ("Mapped to no one", budget.current.unmapped, -1),
        ]
        moves = [
            (movement.step, movement.block, 1)
            for movement in budget.ledger.movements
            if movement.stage == "baseline"
        ]
        for at, (name, block, sign) in enumerate([*opening, *moves], first):
            self._line(
                sheet,
                at,
                name,
                [f"{'-' if sign < 0 else ''}{total(block, 0, HEADLINE)}"],
                [sign * float(block.value[0, :, 0].sum())],
            )
        foot = first + len(opening) + len(moves)
        self._line(
            sheet,
            foot,
            "Baseline",
            [f"SUM(B{first + 1}:B{foot})"],
            [self._total(budget.baseline)],
            bold=True,
        )
        self.book.define_name("baseline_total", f"='{HEADLINE}'!$B${foot + 1}")
        self.checks.append(
            (
                "Current spend and every step add to the baseline",
                f"'{HEADLINE}'!B{foot + 1}-{total(budget.baseline, 0, CHECKS)}",
                0.0,
            )
        )
        self.opening = f"$B${foot + 1}"
        return foot

    def _path(self, sheet: Worksheet, row: int) -> tuple[int, int]:
        budget, count = self.budget, len(self.years)
        sheet.write_string(row, 0, "From the baseline to the forecast", self.styles.section)
        self._years(sheet, row)
        baseline = self._total(budget.baseline)
        self._line(sheet, row + 1, "Baseline", [self.opening] * count, [baseline] * count)
        moves: list[Movement] = [
            movement for movement in budget.ledger.movements if movement.stage == "forecast"
        ]
        for at, movement in enumerate(moves, row + 2):
            values = movement.block.value[0].sum(axis=0).tolist()
            self._line(
                sheet,
                at,
                movement.step,
                [self.formulas.total(movement.block, year, HEADLINE) for year in range(count)],
                values * (count if len(values) == 1 else 1),
            )
        foot = row + 2 + len(moves)
        columns = [column_letters(year + 1) for year in range(count)]
        self._line(
            sheet,
            foot,
            "Forecast",
            [f"SUM({c}{row + 2}:{c}{foot})" for c in columns],
            budget.forecast.value[0].sum(axis=0).tolist(),
            bold=True,
        )
        for year, column in enumerate(columns):
            self.checks.append(
                (
                    f"Baseline and every step add to the forecast, {self.years[year]}",
                    (
                        f"'{HEADLINE}'!{column}{foot + 1}-"
                        f"{self.formulas.total(budget.forecast, year, CHECKS)}"
                    ),
                    0.0,
                )
            )
        self._line(
            sheet,
            foot + 1,
            "Do nothing, before efficiency and care model",
            [self.formulas.total(budget.do_nothing, year, HEADLINE) for year in range(count)],
            budget.do_nothing.value[0].sum(axis=0).tolist(),
        )
        self.book.define_name(
            "forecast_by_year", f"='{HEADLINE}'!$B${foot + 1}:${columns[-1]}${foot + 1}"
        )
        return foot + 1, foot

    def _years(self, sheet: Worksheet, row: int) -> None:
        for offset, year in enumerate(self.years, 1):
            sheet.write_string(
                row, offset, year, self.styles.make(bold=True, align="right", bottom=1)
            )

    def _affordability(self, sheet: Worksheet, row: int, forecast: int) -> None:
        total, count = self.budget.affordability.total, len(self.years)
        sheet.write_string(row, 0, "Affordability", self.styles.section)
        self._years(sheet, row)
        columns = [column_letters(year + 1) for year in range(count)]
        ways = {
            "Allocation": (
                [self.formulas.total(total["allocation"], year, HEADLINE) for year in range(count)],
                total["allocation"],
            ),
            "Forecast": ([f"{c}{forecast + 1}" for c in columns], total["forecast"]),
            "Forecast out of scope": (
                [
                    self.formulas.total(self.budget.out_of_scope, year, HEADLINE)
                    for year in range(count)
                ],
                total["out_of_scope"],
            ),
            "Headroom": (
                [f"{c}{row + 2}-{c}{row + 3}-{c}{row + 4}" for c in columns],
                total["headroom"],
            ),
            "Residual efficiency nobody has planned": (
                [f"MAX(0,-{c}{row + 5})" for c in columns],
                total["residual"],
            ),
        }
        for at, (name, (formulas, block)) in enumerate(ways.items(), row + 1):
            self._line(
                sheet, at, name, formulas, block.value[0, 0].tolist(), bold=name == "Headroom"
            )
        exported = total["headroom"].value[0, 0].tolist()
        sheet.write_string(row + 7, 0, "Headroom when the workbook was written", self.styles.text)
        self._line(
            sheet,
            row + 8,
            "Change since",
            [f"{c}{row + 5}-{c}{row + 8}" for c in columns],
            [0.0] * count,
        )
        for offset, value in enumerate(exported, 1):
            sheet.write_number(
                row + 7,
                offset,
                value / 100,
                self.styles.make(num_format=self.styles.pounds, bg_color="#ECECEC"),
            )
        for year, column in enumerate(columns):
            self.checks.append(
                (
                    f"Headroom here and on the affordability sheet agree, {self.years[year]}",
                    (
                        f"'{HEADLINE}'!{column}{row + 5}-"
                        f"{self.formulas.total(total['headroom'], year, CHECKS)}"
                    ),
                    0.0,
                )
            )
        self._chart(sheet, row + 10, forecast, row + 1)

    def _chart(self, sheet: Worksheet, row: int, forecast: int, allocation: int) -> None:
        chart = self.book.add_chart({"type": "line"})
        last = len(self.years)
        for at, name in (
            (forecast, "Forecast"),
            (forecast + 1, "Do nothing"),
            (allocation, "Allocation"),
            (allocation + 2, "Forecast out of scope"),
        ):
            chart.add_series(
                {
                    "name": name,
                    "categories": [HEADLINE, allocation - 1, 1, allocation - 1, last],
                    "values": [HEADLINE, at, 1, at, last],
                }
            )
        chart.set_title({"name": "Forecast and allocation"})
        chart.set_y_axis({"num_format": f'{self.sign}#,##0,,"m"', "name": "Millions"})
        chart.set_size({"width": 900, "height": 380})
        sheet.insert_chart(
            row,
            0,
            chart,
            {
                "description": (
                    "Lines by year: forecast, do nothing, allocation and forecast out of scope, as"
                    " in the rows above."
                )
            },
        )

    def write_checks(self, sheet: Worksheet, more: Sequence[tuple[str, str, float]]) -> None:
        """Write every reconciliation: what is checked, its difference, and whether it holds."""
        styles = self.styles
        write_top(sheet, styles, CHECKS, FRONT_PURPOSE[CHECKS])
        sheet.set_column(0, 0, 90)
        sheet.set_column(1, 2, 18)
        checks = [*self.checks, *more]
        for position, name in enumerate(("Check", "Difference", "Holds")):
            sheet.write_string(
                6, position, name, styles.make(bold=True, font_color="#FFFFFF", bg_color="#1D3F4E")
            )
        for row, (name, formula, value) in enumerate(checks, 7):
            sheet.write_string(row, 0, name, styles.text)
            sheet.write_formula(row, 1, f"={formula}", styles.money(), value)
            sheet.write_formula(
                row,
                2,
                f'=IF(ABS(B{row + 1})<{TOLERANCE},"Yes","No")',
                styles.text,
                "Yes" if abs(value) < TOLERANCE else "No",
            )
        sheet.write_string(4, 0, "Checks that do not hold", styles.strong)
        last = 7 + len(checks)
        sheet.write_formula(
            4,
            1,
            f'=COUNTIF(C8:C{last},"No")',
            styles.strong,
            sum(abs(value) >= TOLERANCE for _, _, value in checks),
        )
        self.book.define_name("checks_that_fail", f"='{CHECKS}'!$B$5")
        sheet.conditional_format(
            7,
            2,
            last,
            2,
            {
                "type": "cell",
                "criteria": "==",
                "value": '"No"',
                "format": self.book.add_format({"bg_color": "#F7C8C8", "bold": True}),
            },
        )
        sheet.freeze_panes(7, 0)

    def trace(self, sheet: Worksheet, blocks: Sequence[Block]) -> None:
        """List every figure with its place, its rule in words and its inputs, each a link.

        Source: handbook 3.7; req 367.
        """
        styles = self.styles
        write_top(sheet, styles, TRACE, FRONT_PURPOSE[TRACE])
        sheet.set_column(0, 0, 52)
        sheet.set_column(1, 8, 26)
        headings = (
            "Figure",
            "What it is",
            "Sheet",
            "First cell",
            "Unit",
            "How it is made",
            "Formula in words",
            "Inputs",
            "Where the first figure was entered",
        )
        for position, name in enumerate(headings):
            sheet.write_string(
                4, position, name, styles.make(bold=True, font_color="#FFFFFF", bg_color="#1D3F4E")
            )
        for row, block in enumerate(blocks, 5):
            spot = self.formulas.placing.spots[block]
            sheet.write_string(row, 0, block.id, styles.text)
            sheet.write_string(row, 1, block.title, styles.text)
            sheet.write_string(row, 2, spot.band.sheet, styles.text)
            sheet.write_url(
                row,
                3,
                f"internal:'{spot.band.sheet}'!{spot.cell(0, 0)}",
                styles.link,
                spot.cell(0, 0),
            )
            sheet.write_string(row, 4, unit_words(block.unit, self.sign), styles.text)
            for position, words in enumerate(
                (*_made(block), place_words(block) if block.kind == "leaf" else ""), 5
            ):
                sheet.write_string(row, position, words[:2000], styles.text)
        sheet.freeze_panes(5, 1)
        if blocks:
            sheet.autofilter(4, 0, 4 + len(blocks), len(headings) - 1)


def _made(block: Block) -> tuple[str, str, str]:
    if block.kind == "leaf":
        return "Entered", "", ""
    if block.kind == "sum":
        return "Added up", "sum", ", ".join(part.block.id for part in block.parts)
    assert block.rule is not None
    first = " ".join((inspect.getdoc(block.rule) or "").split("\n\n", 1)[0].split())
    return (
        block.rule.__name__,
        first,
        ", ".join(f"{name}: {ref.block.id}" for name, ref in block.inputs.items()),
    )
