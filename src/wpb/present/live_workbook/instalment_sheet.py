"""Instalments as formulas: a year's value over the months, spread again after each change of it.

Source: overview Table 1; handbook 4.4; req 212, 244, 363.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wpb.kernel.calendar import months_of
from wpb.kernel.places import column_letters
from wpb.live import LiveContract
from wpb.present.live_workbook.sheets import FIXED, HEADING_HEIGHT, write_top
from wpb.present.live_workbook.sources import InputSheet
from wpb.present.live_workbook.stages import AFTER_STAGES, INSTALMENTS
from wpb.present.workbook_styles import CALCULATED, Styles
from wpb.settlement.instalments import Change, instalments
from wpb.settlement.replay import changes_of
from wpb.tables.contract_records import Standing, Version

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MONTHS = (
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "January",
    "February",
    "March",
)
HEADINGS = (
    "Payment",
    "Payer",
    "Payee",
    "Year",
    "Because of",
    "Counts from",
    "Value of the year",
    "To spread",
    "Pence to give",
)
VALUE, TO_SPREAD, PENCE, BELOW, PAID, LEFT = 6, 7, 8, 9, 21, 33
"""Positions of the columns: the value, what is spread, pence for the largest remainders, what each
month's share has below a penny, instalments, what is left over.
"""
WEIGHTS_TOP = 6


@dataclass(frozen=True)
class Line:
    """A row of the sheet: a value of the year, and the instalments once it is known; or a
    correction after the year's end.
    """

    row: int
    pence: int
    months: tuple[int, ...]
    correction: bool = False


class InstalmentSheet:
    """Writes every standing payment's instalments as formulas over Schedule 4A."""

    def __init__(
        self,
        sheet: Worksheet,
        styles: Styles,
        live: LiveContract,
        payment: Callable[[Version, str, int, str], str],
        inputs: Mapping[str, InputSheet],
    ) -> None:
        self.sheet, self.styles, self.live, self.payment = sheet, styles, live, payment
        self.profile = inputs.get("instalment_profile")
        self.weights: dict[tuple[float, ...], int] = {}
        self.money, self.bold = styles.money(), styles.money(bold=True)
        self.plain = styles.make(num_format="0.000000", bg_color=CALCULATED)
        self.fixed = styles.make(num_format=styles.pounds, bg_color=FIXED)
        self.checks: list[tuple[str, str, float]] = []
        self.paid_at: dict[tuple[str, str], str] = {}
        """Address of each instalment, by payment and month."""
        self.row = 0

    def write(self) -> None:
        """Write the weights of the months, then payment by payment and year by year.

        Source: overview Table 1; handbook 4.4; req 212, 244.
        """
        plan, sheet = self.live.plan, self.sheet
        write_top(sheet, self.styles, INSTALMENTS, AFTER_STAGES[INSTALMENTS])
        sheet.write_string(
            3,
            0,
            f"A change within a year is settled by the rule: {plan.rule.replace('_', ' ')}. Each"
            " row gives the instalments as they stood once it was known; the last row of a year is"
            " what is paid.",
            self.styles.note,
        )
        sheet.set_column(0, 0, 52)
        sheet.set_column(1, 5, 13)
        sheet.set_column(VALUE, LEFT, 16)
        sheet.set_column(BELOW, BELOW + 11, 12, None, {"level": 1, "hidden": 1})
        keys = sorted({key for version in plan.versions for key in version.payments})
        found = {
            (key, year): changes
            for key in keys
            for year in plan.years
            if (changes := changes_of(plan, key, year))
        }
        self._write_weights([change.weights for changes in found.values() for change in changes])
        heading = self.styles.make(
            bold=True, font_color="#FFFFFF", bg_color="#1D3F4E", text_wrap=True, valign="top"
        )
        top = self.row
        names = [
            *HEADINGS,
            *(f"{month}, remainder below a penny" for month in MONTHS),
            *MONTHS,
            "Left over",
        ]
        sheet.set_row(top, HEADING_HEIGHT)
        for at, words in enumerate(names):
            sheet.write_string(top, at, words, heading)
        self.row = first = top + 1
        for (key, year), changes in found.items():
            self._write_year(key, year, changes)
        sheet.freeze_panes(top + 1, 1)
        sheet.autofilter(top, 0, max(self.row - 1, top), LEFT)
        left, year_column = column_letters(LEFT), column_letters(3)
        for year in plan.years:
            formula = (
                f"SUMIF('{INSTALMENTS}'!${year_column}${first + 1}:${year_column}${self.row},\""
                f"{year}\",'{INSTALMENTS}'!${left}${first + 1}:${left}${self.row})"
            )
            self.checks.append(
                (f"Instalments and corrections add to each payment's value, {year}", formula, 0.0)
            )

    def _write_weights(self, wanted: Sequence[tuple[float, ...]]) -> None:
        """The weight of each month: its share of the profile x its days within the term / its
        days.
        """
        sheet = self.sheet
        sheet.write_string(
            WEIGHTS_TOP - 1,
            0,
            "Weights of the months: share of the year's profile x days within the term / days of"
            " the month",
            self.styles.section,
        )
        for at, month in enumerate(MONTHS):
            sheet.write_string(
                WEIGHTS_TOP - 1,
                PAID + at,
                month,
                self.styles.make(bold=True, align="right", bottom=1),
            )
        self.row = WEIGHTS_TOP
        for weights in dict.fromkeys(wanted):
            self.weights[weights] = self.row
            sheet.write_string(self.row, 0, f"Months {len(self.weights)}", self.styles.text)
            for at, weight in enumerate(weights):
                formula = self._profile_formula(at, weight)
                shown = self.styles.make(
                    num_format="0.000000", bg_color=CALCULATED if formula else FIXED
                )
                if formula:
                    sheet.write_formula(self.row, PAID + at, formula, shown, weight)
                else:
                    sheet.write_number(self.row, PAID + at, weight, shown)
            self.row += 1
        self.row += 1

    def _profile_formula(self, month: int, weight: float) -> str:
        """A weight as the profile's own cell x the part of the month within the term."""
        share = self.live.terms.profile[month]
        if self.profile is None or not share:
            return ""
        for row, values in enumerate(self.profile.rows, 1):
            if f"{(month + 3) % 12 + 1:02d}" in [str(value).zfill(2) for value in values[:1]]:
                at = next(
                    (
                        position
                        for position in sorted(self.profile.number_columns)
                        if position < len(values) and values[position] == share
                    ),
                    -1,
                )
                part = weight / share
                return (
                    f"='{self.profile.name}'!${column_letters(at)}${row}"
                    + ("" if part == 1 else f"*{part!r}")
                    if at >= 0
                    else ""
                )
        return ""

    def _standing(self, key: str) -> Standing:
        return next(
            version.payments[key] for version in self.live.plan.versions if key in version.payments
        )

    def _write_year(self, key: str, year: str, changes: Sequence[Change]) -> None:
        """Write one payment's year: a row for each change of its value, and one for what is put
        right after the year.
        """
        rule = self.live.plan.rule
        lines: list[Line] = []
        for number, change in enumerate(changes):
            now = instalments(changes[: number + 1], rule)
            before = lines[-1].pence if lines else 0
            late = bool(now.late) and now.late[-1][0] is change
            row = self.row
            self._words(row, key, year, change, late)
            self._value(row, key, year, change)
            standing = [line for line in lines if not line.correction]
            if late:
                months = now.late[-1][1]
                start = change.from_month if any(change.weights[change.from_month :]) else 0
                self._spread(
                    row,
                    change,
                    (
                        f"{self._at(VALUE, row)}-{self._at(VALUE, lines[-1].row)}"
                        if lines
                        else self._at(VALUE, row)
                    ),
                    (change.amount_pence - before),
                    start,
                    months,
                    None,
                )
            elif rule == "catch_up" and lines and change.weights == changes[0].weights:
                months = now.paid
                self._catch_up(row, change, lines[-1], standing[-1], months)
            else:
                months = now.paid
                self._remaining(row, change, lines, standing, months)
            lines.append(Line(row, change.amount_pence, months, late))
            self.row += 1
        last = [line for line in lines if not line.correction][-1]
        for at, month in enumerate(months_of(year)):
            self.paid_at[key, month] = f"'{INSTALMENTS}'!{self._at(PAID + at, last.row)}"
        terms = [
            f"SUM({self._at(PAID, line.row)}:{self._at(PAID + 11, line.row)})"
            for line in (last, *(line for line in lines if line.correction))
        ]
        self.sheet.write_formula(
            lines[-1].row,
            LEFT,
            f"=ABS(ROUND({self._at(VALUE, lines[-1].row)}-{'-'.join(terms)},2))",
            self.money,
            0.0,
        )

    def _at(self, column: int, row: int) -> str:
        return f"${column_letters(column)}{row + 1}"

    def _words(self, row: int, key: str, year: str, change: Change, late: bool) -> None:
        standing = self._standing(key)
        months = months_of(year)
        counts = (
            "after the year" if late else months[change.position] if change.position else months[0]
        )
        because = f"{change.event or 'agreement'}{', corrected after the year' if late else ''}"
        for at, words in enumerate(
            (f"{standing.reason} ({key})", standing.payer, standing.payee, year, because, counts)
        ):
            self.sheet.write_string(row, at, words, self.styles.text)

    def _value(self, row: int, key: str, year: str, change: Change) -> None:
        version = self.live.history.versions[change.version]
        known = any(
            standing.number == change.version and key in standing.payments
            for standing in self.live.plan.versions
        )
        formula = (
            self.payment(version, key, self.live.terms.years.index(year), INSTALMENTS)
            if known and change.amount_pence
            else ""
        )
        if formula:
            self.sheet.write_formula(
                row, VALUE, f"={formula}", self.money, change.amount_pence / 100
            )
        else:
            self.sheet.write_number(row, VALUE, change.amount_pence / 100, self.fixed)

    def _remaining(
        self,
        row: int,
        change: Change,
        lines: Sequence[Line],
        standing: Sequence[Line],
        months: Sequence[int],
    ) -> None:
        """What is left of the value after what was paid, over the months left; as before where the
        value did not move.
        """
        if not lines:
            self._spread(row, change, self._at(VALUE, row), change.amount_pence, 0, months, None)
            return
        before, start = standing[-1], change.position
        paid = (
            f"-SUM({self._at(PAID, before.row)}:{self._at(PAID + start - 1, before.row)})"
            if start
            else ""
        )
        late = "".join(
            f"-SUM({self._at(PAID, line.row)}:{self._at(PAID + 11, line.row)})"
            for line in lines
            if line.correction
        )
        left = (
            change.amount_pence
            - sum(before.months[:start])
            - sum(sum(line.months) for line in lines if line.correction)
        )
        same = f"ROUND({self._at(VALUE, row)}-{self._at(VALUE, lines[-1].row)},2)=0"
        self._spread(
            row, change, f"{self._at(VALUE, row)}{paid}{late}", left, start, months, (before, same)
        )

    def _spread(
        self,
        row: int,
        change: Change,
        formula: str,
        pence: int,
        start: int,
        months: Sequence[int],
        before: tuple[Line, str] | None,
    ) -> None:
        """Spread an amount over the months from one on: rounded down, then a penny each to the
        largest remainders, earlier first.
        """
        self._shares(row, change, formula, pence, start)
        if not any(
            change.weights
        ):  # no month of the year is within the term: the sum is put right in its last
            for month in range(12):
                self.sheet.write_formula(
                    row,
                    PAID + month,
                    f"={self._at(TO_SPREAD, row) if month == 11 else '0'}",
                    self.money,
                    months[month] / 100,
                )
            return
        for month in range(12):
            cell = PAID + month
            kept = self._at(cell, before[0].row) if before is not None else ""
            formula = "0" if month < start else self._instalment(row, change, month, start)
            if before is not None:
                formula = kept if month < start else f"IF({before[1]},{kept},{formula})"
            self.sheet.write_formula(row, cell, f"={formula}", self.money, months[month] / 100)

    def _shares(self, row: int, change: Change, formula: str, pence: int, start: int) -> None:
        """Write the amount to spread, what each month's share has below a penny, and the pence that
        rounding down leaves.
        """
        weights, whole = change.weights, math.fsum(change.weights[start:])
        shares = [round(abs(pence) * weight / whole, 6) if whole else 0.0 for weight in weights]
        below = [round(share - math.floor(share), 6) for share in shares]
        self.sheet.write_formula(row, TO_SPREAD, f"=ROUND({formula},2)", self.money, pence / 100)
        for month in range(start, 12):
            share = self._share(row, change, month, start) if whole else "0"
            self.sheet.write_formula(
                row, BELOW + month, f"=ROUND({share}-INT({share}),6)", self.plain, below[month]
            )
        every = f"{self._at(BELOW + start, row)}:{self._at(BELOW + 11, row)}"
        self.sheet.write_formula(
            row,
            PENCE,
            f"=ROUND(SUM({every}),0)",
            self.styles.make(num_format="0", bg_color=CALCULATED),
            round(math.fsum(below[start:])),
        )

    def _share(self, row: int, change: Change, month: int, start: int) -> str:
        """A month's share of what is spread, in pence before rounding."""
        at = self.weights[change.weights] + 1
        every = f"SUM({column_letters(PAID + start)}${at}:{column_letters(PAID + 11)}${at})"
        return (
            f"ROUND(ABS({self._at(TO_SPREAD, row)})*100*{column_letters(PAID + month)}${at}/{every}"
            ",6)"
        )

    def _instalment(self, row: int, change: Change, month: int, start: int) -> str:
        own = self._at(BELOW + month, row)
        rank = f'COUNTIF({self._at(BELOW + start, row)}:{self._at(BELOW + 11, row)},">"&{own})'
        if month > start:
            rank += (
                f"+COUNTIF({self._at(BELOW + start, row)}:{self._at(BELOW + month - 1, row)},{own})"
            )
        return (
            f"SIGN({self._at(TO_SPREAD, row)})*(INT({self._share(row, change, month, start)})+IF("
            f"{rank}<{self._at(PENCE, row)},1,0))/100"
        )

    def _catch_up(
        self, row: int, change: Change, last: Line, before: Line, months: Sequence[int]
    ) -> None:
        """The difference over the months it holds for; what belongs to months gone by is made good
        in the first month left.
        """
        start, held = (
            change.position,
            change.from_month if any(change.weights[change.from_month :]) else 0,
        )
        difference = change.amount_pence - last.pence
        self._shares(
            row, change, f"{self._at(VALUE, row)}-{self._at(VALUE, last.row)}", difference, held
        )
        for month in range(12):
            kept = self._at(PAID + month, before.row)
            if month < start:
                formula = kept
            elif month == start:
                made_good = [
                    self._instalment(row, change, each, held) for each in range(held, start + 1)
                ]
                formula = "+".join([kept, *made_good])
            else:
                formula = (
                    f"{kept}+{self._instalment(row, change, month, held)}"
                    if month >= held
                    else kept
                )
            self.sheet.write_formula(
                row, PAID + month, f"={formula}", self.money, months[month] / 100
            )
