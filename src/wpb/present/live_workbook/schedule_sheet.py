"""The contract in whole pence: each version's tree, what partners are due, and the payment that
stands by year.

Source: overview 2, Table 1; handbook 1.1.5; req 210, 211, 232, 363, 370.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wpb.kernel.money import round_parts
from wpb.kernel.places import column_letters
from wpb.live import LiveContract
from wpb.present.live_workbook.placing import Placing
from wpb.present.live_workbook.rounding import Parts, Rounded, write_parts
from wpb.present.live_workbook.sheets import write_top
from wpb.present.live_workbook.stages import AFTER_STAGES, SCHEDULE_4A
from wpb.present.workbook_styles import Styles
from wpb.tables.contract_records import ELEMENTS, Version

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

FIRST_TABLE = 4
ROWS_OF_TREE = (
    ("wpap", "Annual payment"),
    ("part_a", "of which Part A, paid by the NHS"),
    ("part_b", "of which Part B, paid by councils"),
    ("withheld", "Withheld for incentives"),
    ("activity_paid", "Paid by activity"),
    ("incentives", "Incentives beside the payment"),
    ("personal_budgets", "Personal budgets"),
)


class ScheduleSheet:
    """Writes Schedule 4A as formulas, and knows where each standing payment of each version
    stands.
    """

    def __init__(
        self, sheet: Worksheet, styles: Styles, live: LiveContract, placing: Placing
    ) -> None:
        self.sheet, self.styles, self.live, self.placing = sheet, styles, live, placing
        self.years = live.terms.years
        self.cells = live.history.tree.cells
        self.trees: dict[int, Rounded] = {}
        self.partners: dict[int, Rounded] = {}
        self.existing: dict[str, Rounded] = {}
        self.checks: list[tuple[str, str, float]] = []

    def write(self, versions: Sequence[Version]) -> None:
        """Write the standing version at the top, then every version's tables.

        Source: overview 2; req 211, 363.
        """
        write_top(self.sheet, self.styles, SCHEDULE_4A, AFTER_STAGES[SCHEDULE_4A])
        self.sheet.set_column(0, 0, 46)
        self.sheet.set_column(1, 1, 12)
        self.sheet.set_column(2, 1 + 3 * len(self.years), 17)
        self.sheet.freeze_panes(0, 1)
        row = FIRST_TABLE + len(ROWS_OF_TREE) + 7
        for version in versions:
            row = self._version(version, row)
        self._standing(versions[-1])

    def _version(self, version: Version, row: int) -> int:
        words = f"Version {version.number}, {version.status}" + (
            f" after {version.event}" if version.event else ""
        )
        self.trees[version.number] = tree = write_parts(
            self.sheet, self.styles, row, self._tree_parts(version, words), self.years
        )
        row = tree.foot + 2
        partners = self._partner_parts(version, words)
        if partners is not None:
            self.partners[version.number] = write_parts(
                self.sheet, self.styles, row, partners, self.years
            )
            row = self.partners[version.number].foot + 2
        term = f"wpb/term_to_{version.ends_on}/incentives"
        if term not in self.existing and self.live.ledger[term].value.any():
            self.existing[term] = write_parts(
                self.sheet, self.styles, row, self._existing_parts(term), self.years
            )
            row = self.existing[term].foot + 2
        return row

    def _tree_parts(self, version: Version, words: str) -> Parts:
        tree, cells = self.live.trees[version.number], range(len(self.cells))
        years = range(len(self.years))
        blocks = [version.elements[element] for element in ELEMENTS]
        return Parts(
            f"{words}: the whole population budget by element, payer and stream",
            [
                f"{dict(ROWS_OF_TREE)[element]}, {code}"
                for element in ELEMENTS
                for code in self.cells.codes
            ],
            [f"{number}.{code}" for number in range(len(ELEMENTS)) for code in self.cells.codes],
            [
                [self.placing.reference(block, cell, year, SCHEDULE_4A) for year in years]
                for block in blocks
                for cell in cells
            ],
            [[block.at(cell, year) / 100 for year in years] for block in blocks for cell in cells],
            [
                [tree.amounts[element][year][cell] for element in ELEMENTS for cell in cells]
                for year in years
            ],
        )

    def _partner_parts(self, version: Version, words: str) -> Parts | None:
        """Partners with a share of the annual payment, and what the lead provider keeps: together
        they are the annual payment.
        """
        name = f"wpb/{version.name}/partners"
        by_share = [
            row for row, sub in enumerate(self.live.payments.subcontracts) if sub.rule == "share"
        ]
        if name not in self.live.ledger or not by_share:
            return None
        block, tree, years = (
            self.live.ledger[name],
            self.live.trees[version.number],
            range(len(self.years)),
        )
        own = self.trees[version.number]
        totals = [f"SUM({own.whole(year, SCHEDULE_4A, 0, len(self.cells))})" for year in years]
        shares = [
            [self.placing.reference(block, row, year, SCHEDULE_4A) for year in years]
            for row in by_share
        ]
        kept = [f"{totals[year]}-{'-'.join(cells[year] for cells in shares)}" for year in years]
        exact = [[block.at(row, year) / 100 for year in years] for row in by_share]
        left = [
            tree.of("wpap", year) / 100 - sum(amounts[year] for amounts in exact) for year in years
        ]
        codes = [*(block.axis.codes[row] for row in by_share), "~kept"]
        whole = [
            round_parts(
                [*(amounts[year] * 100 for amounts in exact), left[year] * 100],
                codes,
                tree.of("wpap", year),
            )
            for year in years
        ]
        labels = [
            *(
                f"{block.axis.codes[row]}, {self.live.payments.subcontracts[row].payee}"
                for row in by_share
            ),
            "Kept by the lead provider",
        ]
        return Parts(
            f"{words}: the annual payment shared with partners",
            labels,
            codes,
            [*shares, kept],
            [*exact, left],
            whole,
            totals,
        )

    def _existing_parts(self, term: str) -> Parts:
        block, years = self.live.ledger[term], range(len(self.years))
        exact = [[block.at(cell, year) / 100 for year in years] for cell in range(len(self.cells))]
        whole = [round_parts(block.value[0, :, year].tolist(), self.cells.codes) for year in years]
        formulas = [
            [self.placing.reference(block, cell, year, SCHEDULE_4A) for year in years]
            for cell in range(len(self.cells))
        ]
        return Parts(
            "Incentives on terms that exist already, by payer and stream",
            list(self.cells.codes),
            list(self.cells.codes),
            formulas,
            exact,
            whole,
        )

    def payment(self, version: Version, key: str, year: int, on: str) -> str:
        """The address of a standing payment's value for a year under a version; blank where it has
        no cell of its own.

        Source: overview 2; handbook 1.1.5; req 210, 232.
        """
        element, _, rest = key.partition("/")
        term = f"wpb/term_to_{version.ends_on}/incentives"
        if element == "partner":
            return self._partner(version, rest, year, on)
        if element == "incentives" and rest in self.cells.positions:
            return (
                self.existing[term].cell(self.cells.positions[rest], year, on)
                if term in self.existing
                else ""
            )
        if element in ELEMENTS and rest in self.cells.positions and version.number in self.trees:
            return self.trees[version.number].cell(
                ELEMENTS.index(element) * len(self.cells) + self.cells.positions[rest], year, on
            )
        return ""

    def _partner(self, version: Version, code: str, year: int, on: str) -> str:
        subs, name = self.live.payments.subcontracts, f"wpb/{version.name}/partners"
        row = next(at for at, sub in enumerate(subs) if sub.code == code)
        if subs[row].rule == "share" and version.number in self.partners:
            return self.partners[version.number].cell(
                [sub.code for sub in subs if sub.rule == "share"].index(code), year, on
            )
        block = self.live.ledger[name]
        return (
            f"ROUND({self.placing.reference(block, row, year, on)},2)"
            if block in self.placing.spots
            else ""
        )

    def _standing(self, version: Version) -> None:
        """The version that stands, element by element, with the value set out first beside it."""
        sheet, styles, own, count = (
            self.sheet,
            self.styles,
            self.trees[version.number],
            len(self.cells),
        )
        sheet.write_string(
            FIRST_TABLE,
            0,
            f"As it stands: version {version.number}, {version.title}",
            styles.section,
        )
        tree, first = self.live.trees[version.number], self.live.trees[0]
        part = {
            letter: [
                cell for cell, found in enumerate(self.live.history.tree.part) if found == letter
            ]
            for letter in "AB"
        }
        top = FIRST_TABLE + 2
        for year, words in enumerate(self.years):
            sheet.write_string(
                FIRST_TABLE + 1, 2 + year, words, styles.make(bold=True, align="right", bottom=1)
            )
            letters = column_letters(2 + year)
            for row, (name, _) in enumerate(ROWS_OF_TREE, top):
                cells = part["A"] if name == "part_a" else part["B"]
                if name in ELEMENTS:
                    formula, pence = (
                        f"SUM({own.whole(year, SCHEDULE_4A, ELEMENTS.index(name) * count, count)})",
                        tree.of(name, year),
                    )
                else:
                    formula, pence = (
                        "+".join(own.cell(cell, year, SCHEDULE_4A) for cell in cells) or "0",
                        sum(tree.amounts["wpap"][year][cell] for cell in cells),
                    )
                sheet.write_formula(row, 2 + year, f"={formula}", styles.money(), pence / 100)
            foot = top + len(ROWS_OF_TREE)
            elements = [
                row for row, (name, _) in enumerate(ROWS_OF_TREE, top + 1) if name in ELEMENTS
            ]
            sheet.write_formula(
                foot,
                2 + year,
                "=" + "+".join(f"{letters}{row}" for row in elements),
                styles.money(bold=True),
                tree.wpb(year) / 100,
            )
            sheet.write_formula(
                foot + 1,
                2 + year,
                f"=SUM({self.trees[0].whole(year, SCHEDULE_4A)})",
                styles.money(),
                first.wpb(year) / 100,
            )
            sheet.write_formula(
                foot + 2,
                2 + year,
                f"={letters}{foot + 1}-{letters}{foot + 2}",
                styles.money(),
                (tree.wpb(year) - first.wpb(year)) / 100,
            )
            self._checks_of(version, year, words, f"'{SCHEDULE_4A}'!{letters}", top, foot)
        names = [words for _, words in ROWS_OF_TREE] + [
            "Whole population budget",
            "Indicative value, as first set out",
            "Change since",
        ]
        for row, words in enumerate(names, top):
            sheet.write_string(
                row, 0, words, styles.strong if words == "Whole population budget" else styles.text
            )

    def _checks_of(
        self, version: Version, year: int, words: str, column: str, top: int, foot: int
    ) -> None:
        exact = f"SUM({self.placing.column_range(version.wpb, year, '2 Checks')})"
        self.checks.append(
            (
                f"The contract's elements add to its budget, to half a penny, {words}",
                f"ROUND({column}{foot + 1}-ROUND({exact},2),2)",
                0.0,
            )
        )
        self.checks.append(
            (
                f"Parts A and B add to the annual payment, {words}",
                f"{column}{top + 1}-{column}{top + 2}-{column}{top + 3}",
                0.0,
            )
        )
        if version.number in self.partners:
            self.checks.append(
                (
                    f"Partners and what the lead provider keeps add to the annual payment, {words}",
                    self.partners[version.number].left_over(year, "2 Checks"),
                    0.0,
                )
            )
