"""Settlements of gains and losses in whole pence, as formulas over the arrangements' steps.

Source: handbook 6.4.6; req 286, 287, 364, 370.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wpb.kernel.ledger import Block
from wpb.kernel.money import round_parts
from wpb.kernel.places import column_letters
from wpb.live import LiveContract
from wpb.present.live_workbook.placing import Placing
from wpb.present.live_workbook.rounding import Parts, Rounded, write_parts
from wpb.present.live_workbook.sheets import HEADING_HEIGHT, write_top
from wpb.present.live_workbook.stages import AFTER_STAGES, SHARES_TO_PAY
from wpb.present.workbook_styles import Styles

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

KEPT, FUND = "~retained", "~reinvested"
COLUMNS = (
    "Party",
    "Share",
    "Gap that fell on it",
    "Kept undistributed",
    "Fund held",
    "Due",
    "Settled before",
    "To settle now",
)


class SharesSheet:
    """Writes, for each settlement, the shares rounded, what fell on whom, and what each party is
    still due.
    """

    def __init__(
        self, sheet: Worksheet, styles: Styles, live: LiveContract, placing: Placing
    ) -> None:
        self.sheet, self.styles, self.live, self.placing = sheet, styles, live, placing
        self.checks: list[tuple[str, str, float]] = []
        self._before: dict[tuple[str, str], tuple[int, dict[str, int]]] = {}
        """Row of the first party and the pence due when an arrangement's year was last settled."""

    def write(self) -> None:
        """Write every settlement in the order in which it was known.

        Source: handbook 6.4.6; req 286, 364.
        """
        write_top(self.sheet, self.styles, SHARES_TO_PAY, AFTER_STAGES[SHARES_TO_PAY])
        self.sheet.set_column(0, 0, 46)
        self.sheet.set_column(1, 8, 19)
        self.sheet.freeze_panes(0, 1)
        row = 4
        for stated in self.live.sharing.statements:
            row = self._settlement(stated, row) + 2

    def _settlement(self, stated: Mapping[str, Any], row: int) -> int:
        due = self.live.ledger[f"wpb/sharing/{stated['arrangement']}/{stated['known_on']}"]
        year = due.year_position(str(stated["year"]))
        words = (
            f"{stated['title']}: {stated['year']}, {stated['status']}, as known on"
            f" {stated['known_on']}"
        )
        pieces = {name: ref.block for name, ref in due.inputs.items()}
        fell = pieces["fell_on_it_pence"].parts[0]
        lines = write_parts(
            self.sheet,
            self.styles,
            row,
            self._lines(fell.block, year, words),
            [str(stated["year"])],
        )
        shares = write_parts(
            self.sheet,
            self.styles,
            lines.foot + 1,
            self._shares(pieces, stated, year, words, lines),
            [str(stated["year"])],
        )
        return self._due(stated, shares, lines, fell.into.tolist(), shares.foot + 1, words)

    def _lines(self, gap: Block, year: int, words: str) -> Parts:
        exact = [[gap.at(line, year) / 100] for line in range(len(gap.axis))]
        whole = [round_parts([amount[0] * 100 for amount in exact], gap.axis.codes)]
        formulas = [
            [self.placing.reference(gap, line, year, SHARES_TO_PAY)]
            for line in range(len(gap.axis))
        ]
        return Parts(
            f"{words}: what each line gained or lost",
            list(gap.axis.codes),
            list(gap.axis.codes),
            formulas,
            exact,
            whole,
        )

    def _shares(
        self,
        pieces: Mapping[str, Block],
        stated: Mapping[str, Any],
        year: int,
        words: str,
        lines: Rounded,
    ) -> Parts:
        """Each party's share with what is kept undistributed and set aside; all together they are
        the pool.
        """
        share, fund, fell = pieces["share_pence"], pieces["fund_pence"], pieces["fell_on_it_pence"]
        parties, on = share.axis.codes, SHARES_TO_PAY
        cells = [self.placing.reference(share, at, year, on) for at in range(len(parties))]
        aside = f"SUM({self.placing.column_range(fund, year, on)})"
        kept = f"SUM({self.placing.column_range(fell, year, on)})-{'-'.join(cells)}-{aside}"
        exact = [share.at(at, year) / 100 for at in range(len(parties))]
        set_aside = sum(fund.at(at, year) for at in range(len(fund.axis))) / 100
        pool = sum(fell.at(at, year) for at in range(len(fell.axis))) / 100
        rounded = [
            *(party["share_pence"] for party in stated["parties"]),
            stated["retained_pence"],
            stated["reinvested_pence"],
        ]
        titles = [
            *(party["title"] for party in stated["parties"]),
            "Kept undistributed",
            "Set aside for transformation",
        ]
        total = [f"SUM({lines.whole(0, on)})"]
        return Parts(
            f"{words}: shares",
            titles,
            [*parties, KEPT, FUND],
            [[cell] for cell in (*cells, kept, aside)],
            [[value] for value in (*exact, pool - sum(exact) - set_aside, set_aside)],
            [rounded],
            total,
        )

    def _due(
        self,
        stated: Mapping[str, Any],
        shares: Rounded,
        lines: Rounded,
        falls_on: list[int],
        row: int,
        words: str,
    ) -> int:
        """What each party is due so that it ends with its share, less what was settled of it
        before.
        """
        sheet, styles, money = self.sheet, self.styles, self.styles.money()
        parties, key = stated["parties"], (str(stated["arrangement"]), str(stated["year"]))
        heading = styles.make(
            bold=True, font_color="#FFFFFF", bg_color="#1D3F4E", text_wrap=True, valign="top"
        )
        sheet.write_string(row, 0, f"{words}: due", styles.section)
        sheet.set_row(row + 1, HEADING_HEIGHT)
        for at, name in enumerate(COLUMNS):
            sheet.write_string(row + 1, at, name, heading)
        first, before = row + 2, self._before.get(key)
        for at, party in enumerate(parties):
            here = first + at
            kept = stated["retained_pence"] if party["party"] == stated["retained_by"] else 0
            fund = (
                stated["reinvested_pence"]
                if party["party"] == (stated["fund_held_by"] or stated["retained_by"])
                else 0
            )
            fell = (
                "+".join(
                    lines.cell(line, 0, SHARES_TO_PAY)
                    for line, holder in enumerate(falls_on)
                    if holder == at
                )
                or "0"
            )
            settled = before[1].get(party["party"], 0) if before else 0
            cells = (
                (shares.cell(at, 0, SHARES_TO_PAY), party["share_pence"]),
                (fell, party["fell_on_it_pence"]),
                (
                    (
                        shares.cell(len(parties), 0, SHARES_TO_PAY)
                        if kept or party["party"] == stated["retained_by"]
                        else "0"
                    ),
                    kept,
                ),
                (
                    (
                        shares.cell(len(parties) + 1, 0, SHARES_TO_PAY)
                        if party["party"] == (stated["fund_held_by"] or stated["retained_by"])
                        else "0"
                    ),
                    fund,
                ),
                (f"B{here + 1}-C{here + 1}+D{here + 1}+E{here + 1}", party["due_pence"]),
                (f"F{before[0] + at + 1}" if before else "0", settled),
                (f"F{here + 1}-G{here + 1}", party["due_pence"] - settled),
            )
            sheet.write_string(here, 0, party["title"], styles.text)
            for column, (formula, pence) in enumerate(cells, 1):
                sheet.write_formula(here, column, f"={formula}", money, pence / 100)
        foot = first + len(parties)
        sheet.write_string(foot, 0, "All parties", styles.strong)
        for column in range(1, len(COLUMNS)):
            letters = column_letters(column)
            total = (
                sum(
                    (party["share_pence"], party["fell_on_it_pence"])[column - 1]
                    for party in parties
                )
                if column < 3
                else (
                    (stated["retained_pence"], stated["reinvested_pence"])[column - 3]
                    if column < 5
                    else 0
                )
            )
            sheet.write_formula(
                foot,
                column,
                f"=SUM({letters}{first + 1}:{letters}{foot})",
                styles.money(bold=True),
                total / 100,
            )
        self._before[key] = first, {party["party"]: party["due_pence"] for party in parties}
        self.checks.append(
            (
                f"What is due to all parties nets to nought: {words}",
                f"ROUND('{SHARES_TO_PAY}'!F{foot + 1},2)",
                0.0,
            )
        )
        self.checks.append(
            (
                f"Shares, what is kept and what is set aside add to the pool: {words}",
                shares.left_over(0, "2 Checks"),
                0.0,
            )
        )
        return foot + 1
