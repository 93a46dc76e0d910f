"""Payments that belong to one month, as formulas: outside providers, activity delivered, incentives
earned, sums agreed once.

Source: handbook 1.1.5, 1.1.6, 5.3; overview 3.5; req 210, 231, 232.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wpb.kernel.ledger import Block
from wpb.kernel.money import round_parts
from wpb.live import LiveContract
from wpb.present.live_workbook.placing import Placing
from wpb.present.live_workbook.rounding import Parts, Rounded, write_parts
from wpb.present.live_workbook.sheets import FIXED, HEADING_HEIGHT, write_top
from wpb.present.live_workbook.stages import AFTER_STAGES, ONE_MONTH
from wpb.present.workbook_styles import Styles
from wpb.tables.contract_records import MonthlyItem

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

COLUMNS = (
    "What for",
    "Month",
    "Payer",
    "Payee",
    "Known on",
    "Due for the month",
    "Less paid on account",
    "To pay",
)
EARNED = "Incentive earned"
"""The title of the figures that hold what a scheme earned in a year, by payer and stream."""
SINGLE = {
    "outside": "wpb/outside_providers",
    "delivered": "wpb/delivered_activity",
    "sum": "wpb/sums_agreed",
}
"""The figures whose rows are payments of their own, by the first word of an item's key."""


def one_month_items(live: LiveContract) -> list[MonthlyItem]:
    """The payments of one month that are not settlements of gains and losses, which stand on a
    sheet of their own.

    Source: handbook 1.1.6; req 231.
    """
    return sorted(
        (item for item in live.plan.items if not item.key.startswith("sharing.")),
        key=lambda item: (item.month, item.key, item.known_on),
    )


class OneMonthSheet:
    """Writes each payment of one month, less what was paid on account for it."""

    def __init__(
        self,
        sheet: Worksheet,
        styles: Styles,
        live: LiveContract,
        placing: Placing,
        paid_at: Mapping[tuple[str, str], str],
    ) -> None:
        self.sheet, self.styles, self.live, self.placing, self.paid_at = (
            sheet,
            styles,
            live,
            placing,
            paid_at,
        )
        self.earned: dict[str, Rounded] = {}

    def write(self) -> None:
        """Write what schemes earned in whole pence, then every payment in order of month.

        Source: handbook 1.1.6, 5.3; req 210, 231.
        """
        sheet, styles = self.sheet, self.styles
        write_top(sheet, styles, ONE_MONTH, AFTER_STAGES[ONE_MONTH])
        sheet.set_column(0, 0, 70)
        sheet.set_column(1, 4, 14)
        sheet.set_column(5, 7, 18)
        sheet.freeze_panes(0, 1)
        items, row = one_month_items(self.live), 4
        for block in (block for block in self.live.ledger if block.title == EARNED):
            self.earned[block.id] = write_parts(
                sheet, styles, row, self._earned(block), [block.id.split("/")[3]]
            )
            row = self.earned[block.id].foot + 2
        heading = styles.make(
            bold=True, font_color="#FFFFFF", bg_color="#1D3F4E", text_wrap=True, valign="top"
        )
        sheet.set_row(row, HEADING_HEIGHT)
        for at, words in enumerate(COLUMNS):
            sheet.write_string(row, at, words, heading)
        paid = self._paid()
        for here, item in enumerate(items, row + 1):
            self._item(item, here, paid)
        sheet.autofilter(row, 0, row + len(items), len(COLUMNS) - 1)

    def _paid(self) -> dict[tuple[str, str], int]:
        """What was paid on account, by payment and month."""
        found: dict[tuple[str, str], int] = {}
        for entry in self.live.settlement.entries:
            if not entry.corrects and entry.element != "item":
                standing = next(
                    version.payments[entry.key]
                    for version in self.live.plan.versions
                    if entry.key in version.payments
                )
                sign = -1 if entry.posting.payee == standing.payer else 1
                found[entry.key, entry.posting.month] = sign * entry.posting.amount_pence
        return found

    def _earned(self, block: Block) -> Parts:
        scheme, year, at = self._of(block)
        exact = [[block.at(row, at) / 100] for row in range(len(block.axis))]
        formulas = [
            [self.placing.reference(block, row, at, ONE_MONTH)] for row in range(len(block.axis))
        ]
        return Parts(
            f"{scheme}, earned for {year}",
            list(block.axis.codes),
            list(block.axis.codes),
            formulas,
            exact,
            [round_parts(block.value[0, :, at].tolist(), block.axis.codes)],
        )

    def _of(self, block: Block) -> tuple[str, str, int]:
        """The scheme and year of what was earned, and the year's position."""
        scheme, year = block.id.split("/")[2:4]
        return scheme, year, block.year_position(year)

    def _item(self, item: MonthlyItem, row: int, paid: Mapping[tuple[str, str], int]) -> None:
        sheet, styles = self.sheet, self.styles
        for at, words in enumerate(
            (item.reason, item.month, item.payer, item.payee, item.known_on.isoformat())
        ):
            sheet.write_string(row, at, words, styles.text)
        formula, account = self._due(item), (item.replaces_standing, item.month)
        if formula:
            sheet.write_formula(row, 5, f"={formula}", styles.money(), item.pence / 100)
        else:
            sheet.write_number(
                row, 5, item.pence / 100, styles.make(num_format=styles.pounds, bg_color=FIXED)
            )
        before = paid.get(account, 0)
        sheet.write_formula(
            row,
            6,
            f"={self.paid_at[account]}" if account in self.paid_at else "=0",
            styles.money(),
            before / 100,
        )
        sheet.write_formula(
            row, 7, f"=F{row + 1}-G{row + 1}", styles.money(), (item.pence - before) / 100
        )

    def _due(self, item: MonthlyItem) -> str:
        """The formula of what an item comes to; blank where it has none of its own, such as a part
        passed on.
        """
        kind, found = (
            item.key.split(".")[0],
            [block for block in self.earned if item.figure.startswith(f"{block}/")],
        )
        if found:
            block, code = self.live.ledger[max(found, key=len)], item.figure.rpartition("/")[2]
            row, at = block.axis.positions[code], self._of(block)[2]
            own = abs(item.pence - block.at(row, at)) < 1
            return self.earned[block.id].cell(row, 0, ONE_MONTH) if own else ""
        whole = item.figure.removesuffix("/total")
        if kind == "outcome" and whole in self.live.ledger:
            return f"ROUND({self.placing.reference(self.live.ledger[whole], 0, 0, ONE_MONTH)},2)"
        if kind not in SINGLE or SINGLE[kind] not in self.live.ledger:
            return ""
        block = self.live.ledger[SINGLE[kind]]
        at = block.axis.positions.get(item.figure.removeprefix(f"{block.id}/"), -1)
        own = at >= 0 and abs(item.pence - block.at(at, 0)) < 1
        return f"ROUND({self.placing.reference(block, at, 0, ONE_MONTH)},2)" if own else ""
