"""The tree of the whole population budget: annual payment Parts A and B, what is withheld, and what
stands beside it.

budget = annual payment + withheld + activity-paid + incentives beside it + personal budgets.
Source: overview 2, Table 1; handbook 5.3; req 210, 211, 233.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np

from wpb.contract.terms import Terms
from wpb.contract.timing import share_of_year
from wpb.kernel.conservation import must_add
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.money import round_parts
from wpb.kernel.places import Cell
from wpb.tables.contract_records import ELEMENTS, Effect, FrozenLines, Tree, Version
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable


def part_of_year(amount_pence: Array, share_of_year: Array) -> Array:
    """An amount for the days the contract runs: whole-year amount x days within it / days in the
    year.

    Source: handbook 4.3; req 212, 215.
    """
    return amount_pence * share_of_year


def before_withholding(lines_pence: Array, share_of_year: Array, personal_pence: Array) -> Array:
    """The annual payment before anything is withheld: lines x share of the year - personal budgets
    held inside.

    Source: overview 2; req 210, 233.
    """
    return lines_pence * share_of_year - personal_pence


def share_of_payment(payment_pence: Array, rate: Array) -> Array:
    """What a scheme comes to: payment before withholding x rate of the year.

    Source: handbook 5.3; overview 5.1; req 210.
    """
    return payment_pence * rate


def annual_payment(payment_pence: Array, withheld_pence: Array) -> Array:
    """The annual payment: payment before withholding - what is withheld.

    Source: overview 2; handbook 5.3; req 210.
    """
    return payment_pence - withheld_pence


def added_up(
    first_pence: Array,
    second_pence: Array,
    third_pence: Array,
    fourth_pence: Array,
    fifth_pence: Array,
) -> Array:
    """The whole population budget: annual payment + withheld + activity-paid + incentives +
    personal budgets.

    Source: overview Table 1; req 210.
    """
    return first_pence + second_pence + third_pence + fourth_pence + fifth_pence


class ContractTree:
    """Makes the tree of each version on the contract's ledger; what does not change between
    versions is made once.
    """

    def __init__(self, model: Model, terms: Terms, lines: FrozenLines, ledger: Ledger) -> None:
        self.model, self.terms, self.lines, self.ledger = model, terms, lines, ledger
        self.cells = Axis(
            "commissioner and stream",
            tuple(
                sorted(
                    {
                        f"{c}.{s}"
                        for c, s in zip(lines.commissioner, lines.funding_stream, strict=True)
                    }
                )
            ),
        )
        self.rows = np.array(
            [
                self.cells.positions[f"{c}.{s}"]
                for c, s in zip(lines.commissioner, lines.funding_stream, strict=True)
            ],
            dtype=np.int64,
        )
        funder = dict(
            zip(
                model["funding_streams"].text("funding_stream"),
                model["funding_streams"].text("funder"),
                strict=True,
            )
        )
        self.part = tuple(
            "B" if funder[code.split(".", 1)[1]] == "council" else "A" for code in self.cells.codes
        )
        self._shares: dict[tuple[datetime.date, datetime.date], Block] = {}
        self._bases: dict[datetime.date, tuple[Block, dict[str, Block]]] = {}
        self.by_element = {
            name: self._lines_of(name) for name in ("wpap", "activity_paid", "incentive")
        }
        self.rates = {treatment: self._rates(treatment) for treatment in ("top_sliced", "beside")}
        self.personal = self._personal()

    def _lines_of(self, element: str) -> Block:
        into = np.where([found == element for found in self.lines.element], self.rows, -1)
        return self.ledger.total(
            f"wpb/lines/{element}",
            self.cells,
            (self.lines.forecast, into),
            title=f"Forecast lines: {element.replace('_', ' ')}",
        )

    def paid_streams(self) -> set[str]:
        """The funding streams with money in the annual payment.

        Source: overview 2; handbook 4.1; req 210.
        """
        lines = self.by_element["wpap"].value[0]
        return {
            code.split(".", 1)[1] for cell, code in enumerate(self.cells.codes) if lines[cell].any()
        }

    def share(self, starts_on: datetime.date, ends_on: datetime.date) -> Block:
        """The share of each year from one day to another, as figures of the ledger.

        Source: handbook 4.3; req 215.
        """
        key = (starts_on, ends_on)
        if key not in self._shares:
            values = np.array(
                [[share_of_year(year, starts_on, ends_on) for year in self.terms.years]]
            )
            self._shares[key] = self.ledger.leaf(
                f"wpb/share_of_year/{starts_on}_{ends_on}",
                TOTAL,
                "share",
                values,
                lambda row, year: self.terms.place,
                self.terms.years,
                "Share of the year",
            )
        return self._shares[key]

    def _spread(self) -> Rows:
        return np.zeros(len(self.cells), dtype=np.int64)

    def _rates(self, treatment: str) -> Block:
        """Add up the rates of the schemes that serve each cell's part of the payment, each rate
        with its own cell.
        """
        table = self.model["incentive_choices"]
        rows = self._in_term(table, "treatment", treatment)
        title = f"Rate of schemes: {treatment.replace('_', ' ')}"
        name, words = f"wpb/rate/{treatment}", table.text("scheme")
        serves = {
            f"{words[row]}.{table.columns['parts'][row]}": str(table.columns["parts"][row])
            for row in rows
        }
        schemes = self._entered(
            f"{name}/schemes",
            table,
            {row: f"{words[row]}.{table.columns['parts'][row]}" for row in rows},
            "rate",
            "rate",
            title,
        )
        parts = [
            (
                schemes,
                [
                    cell if serves[code] in ("both", f"part_{part.lower()}") else -1
                    for code in schemes.axis.codes
                ],
            )
            for cell, part in enumerate(self.part)
        ]
        return self.ledger.total(name, self.cells, *parts, title=title)

    def _personal(self) -> Block:
        """Add up the personal budgets held inside the budget by who pays for them."""
        table = self.model["personal_budgets"]
        payers = [
            f"{commissioner}.{stream}"
            for commissioner, stream in zip(
                table.text("commissioner"), table.text("funding_stream"), strict=True
            )
        ]
        # A budget that nobody pays for is refused by the check of the tables.
        rows = [
            row
            for row in self._in_term(table, "held", "inside")
            if payers[row] in self.cells.positions
        ]
        codes = {row: f"{payers[row]}.{table.columns['personal_budget'][row]}" for row in rows}
        title = "Personal budgets inside the budget"
        budgets = self._entered(
            "wpb/lines/personal_budgets/each", table, codes, "amount", "pence", title
        )
        payer_of = {codes[row]: self.cells.positions[payers[row]] for row in rows}
        return self.ledger.total(
            "wpb/lines/personal_budgets",
            self.cells,
            (budgets, [payer_of[code] for code in budgets.axis.codes]),
            title=title,
        )

    def _in_term(self, table: TypedTable, column: str, wanted: str) -> list[int]:
        return [
            row
            for row in table.rows_where(column, wanted)
            if table.columns["year"][row] in self.terms.years
        ]

    def _entered(
        self,
        block_id: str,
        table: TypedTable,
        codes: dict[int, str],
        column: str,
        unit: str,
        title: str,
    ) -> Block:
        """Enter one column of a table's rows at their years; a year that has no row points at the
        sheet, at no cell.
        """
        axis = Axis("row", tuple(dict.fromkeys(codes.values())))
        values, places = np.zeros((len(axis), len(self.terms.years))), {}
        for row, code in codes.items():
            at = axis.positions[code], self.terms.years.index(str(table.columns["year"][row]))
            values[at], places[at] = float(table.numbers(column)[row]), table.where(row, column)
        nowhere = Cell(
            table.file or f"inputs/{table.spec.name}.csv", table.sheet or table.spec.name, ""
        )
        return self.ledger.leaf(
            block_id,
            axis,
            unit,
            values,
            lambda row, year: places.get((row, year), nowhere),
            self.terms.years,
            title,
        )

    def base(self, ends_on: datetime.date) -> tuple[Block, dict[str, Block]]:
        """The payment before withholding and the other elements for a term that ends on a day,
        before any event.

        Source: overview 2; req 210, 215, 233.
        """
        if ends_on not in self._bases:
            share = Ref(self.share(self.terms.starts_on, ends_on), self._spread())
            name, years = f"wpb/term_to_{ends_on}", self.terms.years
            made = {
                element: self.ledger.add(
                    f"{name}/{element}",
                    part_of_year,
                    self.cells,
                    "pence",
                    years,
                    title,
                    amount_pence=block,
                    share_of_year=share,
                )
                for element, block, title in (
                    ("activity_paid", self.by_element["activity_paid"], "Paid by activity"),
                    ("incentives", self.by_element["incentive"], "Incentives on existing terms"),
                    ("personal_budgets", self.personal, "Personal budgets"),
                )
            }
            payment = self.ledger.add(
                f"{name}/before_withholding",
                before_withholding,
                self.cells,
                "pence",
                years,
                "Annual payment before withholding",
                lines_pence=self.by_element["wpap"],
                share_of_year=share,
                personal_pence=made["personal_budgets"],
            )
            self._bases[ends_on] = payment, made
        return self._bases[ends_on]

    def effect(self, effect: Effect, ends_on: datetime.date) -> Block | None:
        """What an effect comes to in each year of the term: yearly rate x days it holds / days in
        the year.

        None where it never holds within the term.
        Source: handbook 4.4; req 215, 244.
        """
        last = (
            min(ends_on, effect.ends_before - datetime.timedelta(days=1))
            if effect.ends_before
            else ends_on
        )
        if last < effect.starts_on:
            return None
        block_id = f"wpb/effect/{effect.rate.id.removeprefix('wpb/')}/{effect.starts_on}_{last}"
        if block_id in self.ledger:
            return self.ledger[block_id]
        share = Ref(self.share(effect.starts_on, last), self._spread())
        return self.ledger.add(
            block_id,
            part_of_year,
            self.cells,
            "pence",
            self.terms.years,
            f"Effect of {effect.event}",
            amount_pence=effect.rate,
            share_of_year=share,
        )

    def tree(
        self, number: int, effects: Sequence[Effect], ends_on: datetime.date
    ) -> tuple[Block, dict[str, Block], Block]:
        """Make the tree of one version: payment before withholding, the five elements, and the
        budget.

        Source: overview 2, Table 1; req 210.
        """
        base, elements = self.base(ends_on)
        rows, years, name = np.arange(len(self.cells)), self.terms.years, f"wpb/v{number}"
        blocks = [
            block for effect in effects if (block := self.effect(effect, ends_on)) is not None
        ]
        payment = self.ledger.total(
            f"{name}/before_withholding",
            self.cells,
            (base, rows),
            *((block, rows) for block in blocks),
            title="Annual payment before withholding",
        )
        withheld = self.ledger.add(
            f"{name}/withheld",
            share_of_payment,
            self.cells,
            "pence",
            years,
            "Withheld for incentives",
            payment_pence=payment,
            rate=self.rates["top_sliced"],
        )
        beside = self.ledger.add(
            f"{name}/schemes_beside",
            share_of_payment,
            self.cells,
            "pence",
            years,
            "Schemes beside the payment",
            payment_pence=payment,
            rate=self.rates["beside"],
        )
        found = {
            "wpap": self.ledger.add(
                f"{name}/wpap",
                annual_payment,
                self.cells,
                "pence",
                years,
                "Whole population annual payment",
                payment_pence=payment,
                withheld_pence=withheld,
            ),
            "withheld": withheld,
            "activity_paid": elements["activity_paid"],
            "incentives": self.ledger.total(
                f"{name}/incentives",
                self.cells,
                (elements["incentives"], rows),
                (beside, rows),
                title="Incentives beside the payment",
            ),
            "personal_budgets": elements["personal_budgets"],
        }
        names = ("first_pence", "second_pence", "third_pence", "fourth_pence", "fifth_pence")
        wpb = self.ledger.add(
            f"{name}/wpb",
            added_up,
            self.cells,
            "pence",
            years,
            "Whole population budget",
            **dict(zip(names, (found[e] for e in ELEMENTS), strict=True)),
        )
        return payment, found, wpb


def whole_pence_tree(version: Version) -> Tree:
    """Round a version's tree to whole pence, year by year, so that every part adds to the rounded
    budget of the year.

    Raises InputProblems where the parts do not add to the budget of each year.
    Source: overview 2; req 210, 211, 370, 384.
    """
    years = version.wpb.years or ()
    cells = version.wpb.axis
    codes = [f"{number}.{code}" for number in range(len(ELEMENTS)) for code in cells.codes]
    amounts: dict[str, list[tuple[int, ...]]] = {element: [] for element in ELEMENTS}
    stacked = np.concatenate([version.elements[element].value[0] for element in ELEMENTS])
    # Cells are what large sums leave over, so figures are compared over all cells of a year.
    parts = {element: version.elements[element].value[0].sum(axis=0) for element in ELEMENTS}
    whole = version.wpb.value[0].sum(axis=0)
    must_add(f"The budget of version {version.number}", parts, whole, None)
    for year in range(len(years)):
        rounded = round_parts(stacked[:, year].tolist(), codes)
        for number, element in enumerate(ELEMENTS):
            amounts[element].append(tuple(rounded[number * len(cells) : (number + 1) * len(cells)]))
    return Tree(years, cells, {element: tuple(found) for element, found in amounts.items()})
