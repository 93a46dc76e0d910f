"""The tree of the whole population budget: annual payment Parts A and B, what is withheld, and what stands beside it.

budget = annual payment + withheld + activity-paid + incentives beside it + personal budgets.
Source: overview 2, Table 1; handbook 5.3; req 210, 211, 233.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np

from wpb.contract.terms import Terms
from wpb.contract.timing import share_of_year
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.money import round_parts
from wpb.kernel.places import Cell
from wpb.tables.contract_records import ELEMENTS, Effect, FrozenLines, Tree, Version
from wpb.tables.model import Model


def part_of_year(amount_pence: Array, share_of_year: Array) -> Array:
    """An amount for the days the contract runs: whole-year amount x days within it / days in the year.

    Source: handbook 4.3; req 212, 215.
    """
    return amount_pence * share_of_year


def before_withholding(lines_pence: Array, share_of_year: Array, personal_pence: Array) -> Array:
    """The annual payment before anything is withheld: lines x share of the year - personal budgets held inside.

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


def added_up(first_pence: Array, second_pence: Array, third_pence: Array, fourth_pence: Array, fifth_pence: Array) -> Array:
    """The whole population budget: annual payment + withheld + activity-paid + incentives + personal budgets.

    Source: overview Table 1; req 210.
    """
    return first_pence + second_pence + third_pence + fourth_pence + fifth_pence


class ContractTree:
    """Makes the tree of each version on the contract's ledger; what does not change between versions is made once."""

    def __init__(self, model: Model, terms: Terms, lines: FrozenLines, ledger: Ledger) -> None:
        self.model, self.terms, self.lines, self.ledger = model, terms, lines, ledger
        self.cells = Axis("commissioner and stream", tuple(sorted({f"{c}.{s}" for c, s in zip(lines.commissioner, lines.funding_stream, strict=True)})))
        self.rows = np.array([self.cells.positions[f"{c}.{s}"] for c, s in zip(lines.commissioner, lines.funding_stream, strict=True)], dtype=np.int64)
        funder = dict(zip(model["funding_streams"].text("funding_stream"), model["funding_streams"].text("funder"), strict=True))
        self.part = tuple("B" if funder[code.split(".", 1)[1]] == "council" else "A" for code in self.cells.codes)
        self._shares: dict[tuple[datetime.date, datetime.date], Block] = {}
        self._bases: dict[datetime.date, tuple[Block, dict[str, Block]]] = {}
        self.by_element = {name: self._lines_of(name) for name in ("wpap", "activity_paid", "incentive")}
        self.rates = {treatment: self._rates(treatment) for treatment in ("top_sliced", "beside")}
        self.personal = self._personal()

    def _lines_of(self, element: str) -> Block:
        into = np.where([found == element for found in self.lines.element], self.rows, -1)
        return self.ledger.total(f"wpb/lines/{element}", self.cells, (self.lines.forecast, into), title=f"Forecast lines: {element.replace('_', ' ')}")

    def paid_streams(self) -> set[str]:
        """The funding streams with money in the annual payment.

        Source: overview 2; handbook 4.1; req 210.
        """
        lines = self.by_element["wpap"].value[0]
        return {code.split(".", 1)[1] for cell, code in enumerate(self.cells.codes) if lines[cell].any()}

    def share(self, starts_on: datetime.date, ends_on: datetime.date) -> Block:
        """The share of each year from one day to another, as figures of the ledger.

        Source: handbook 4.3; req 215.
        """
        key = (starts_on, ends_on)
        if key not in self._shares:
            values = np.array([[share_of_year(year, starts_on, ends_on) for year in self.terms.years]])
            self._shares[key] = self.ledger.leaf(f"wpb/share_of_year/{starts_on}_{ends_on}", TOTAL, "share", values, lambda row, year: self.terms.place, self.terms.years, "Share of the year")
        return self._shares[key]

    def _spread(self) -> Rows:
        return np.zeros(len(self.cells), dtype=np.int64)

    def _rates(self, treatment: str) -> Block:
        table = self.model["incentive_choices"]
        values = np.zeros((len(self.cells), len(self.terms.years)))
        places: dict[int, Cell] = {}
        for row in [r for r in table.rows_where("treatment", treatment) if table.columns["year"][r] in self.terms.years]:
            year = self.terms.years.index(str(table.columns["year"][row]))
            wanted = str(table.columns["parts"][row])
            for cell, part in enumerate(self.part):
                if wanted in ("both", f"part_{part.lower()}"):
                    values[cell, year] += float(table.numbers("rate")[row])
                    places.setdefault(year, table.where(row, "rate"))
        empty = Cell(table.file or "inputs/incentive_choices.csv", table.sheet or "incentive_choices", "")
        return self.ledger.leaf(f"wpb/rate/{treatment}", self.cells, "rate", values, lambda row, year: places.get(year, empty), self.terms.years, f"Rate of schemes: {treatment.replace('_', ' ')}")

    def _personal(self) -> Block:
        table = self.model["personal_budgets"]
        values = np.zeros((len(self.cells), len(self.terms.years)))
        places: dict[tuple[int, int], Cell] = {}
        for row in [r for r in table.rows_where("held", "inside") if table.columns["year"][r] in self.terms.years]:
            cell = self.cells.positions.get(f"{table.columns['commissioner'][row]}.{table.columns['funding_stream'][row]}", -1)
            if cell >= 0:
                year = self.terms.years.index(str(table.columns["year"][row]))
                values[cell, year] += float(table.numbers("amount")[row])
                places.setdefault((cell, year), table.where(row, "amount"))
        empty = Cell(table.file or "inputs/personal_budgets.csv", table.sheet or "personal_budgets", "")
        return self.ledger.leaf("wpb/lines/personal_budgets", self.cells, "pence", values, lambda row, year: places.get((row, year), empty), self.terms.years, "Personal budgets inside the budget")

    def base(self, ends_on: datetime.date) -> tuple[Block, dict[str, Block]]:
        """The payment before withholding and the other elements for a term that ends on a day, before any event.

        Source: overview 2; req 210, 215, 233.
        """
        if ends_on not in self._bases:
            share = Ref(self.share(self.terms.starts_on, ends_on), self._spread())
            name, years = f"wpb/term_to_{ends_on}", self.terms.years
            made = {
                element: self.ledger.add(f"{name}/{element}", part_of_year, self.cells, "pence", years, title, amount_pence=block, share_of_year=share)
                for element, block, title in (("activity_paid", self.by_element["activity_paid"], "Paid by activity"), ("incentives", self.by_element["incentive"], "Incentives on existing terms"), ("personal_budgets", self.personal, "Personal budgets"))
            }
            payment = self.ledger.add(f"{name}/before_withholding", before_withholding, self.cells, "pence", years, "Annual payment before withholding", lines_pence=self.by_element["wpap"], share_of_year=share, personal_pence=made["personal_budgets"])
            self._bases[ends_on] = payment, made
        return self._bases[ends_on]

    def effect(self, effect: Effect, ends_on: datetime.date) -> Block | None:
        """What an effect comes to in each year of the term: yearly rate x days it holds / days in the year.

        None where it never holds within the term.
        Source: handbook 4.4; req 215, 244.
        """
        last = min(ends_on, effect.ends_before - datetime.timedelta(days=1)) if effect.ends_before else ends_on
        if last < effect.starts_on:
            return None
        block_id = f"wpb/effect/{effect.rate.id.removeprefix('wpb/')}/{effect.starts_on}_{last}"
        if block_id in self.ledger:
            return self.ledger[block_id]
        share = Ref(self.share(effect.starts_on, last), self._spread())
        return self.ledger.add(block_id, part_of_year, self.cells, "pence", self.terms.years, f"Effect of {effect.event}", amount_pence=effect.rate, share_of_year=share)

    def tree(self, number: int, effects: Sequence[Effect], ends_on: datetime.date) -> tuple[Block, dict[str, Block], Block]:
        """Make the tree of one version: payment before withholding, the five elements, and the budget.

        Source: overview 2, Table 1; req 210.
        """
        base, elements = self.base(ends_on)
        rows, years, name = np.arange(len(self.cells)), self.terms.years, f"wpb/v{number}"
        blocks = [block for effect in effects if (block := self.effect(effect, ends_on)) is not None]
        payment = self.ledger.total(f"{name}/before_withholding", self.cells, (base, rows), *((block, rows) for block in blocks), title="Annual payment before withholding")
        withheld = self.ledger.add(f"{name}/withheld", share_of_payment, self.cells, "pence", years, "Withheld for incentives", payment_pence=payment, rate=self.rates["top_sliced"])
        beside = self.ledger.add(f"{name}/schemes_beside", share_of_payment, self.cells, "pence", years, "Schemes beside the payment", payment_pence=payment, rate=self.rates["beside"])
        found = {
            "wpap": self.ledger.add(f"{name}/wpap", annual_payment, self.cells, "pence", years, "Whole population annual payment", payment_pence=payment, withheld_pence=withheld),
            "withheld": withheld,
            "activity_paid": elements["activity_paid"],
            "incentives": self.ledger.total(f"{name}/incentives", self.cells, (elements["incentives"], rows), (beside, rows), title="Incentives beside the payment"),
            "personal_budgets": elements["personal_budgets"],
        }
        names = ("first_pence", "second_pence", "third_pence", "fourth_pence", "fifth_pence")
        wpb = self.ledger.add(f"{name}/wpb", added_up, self.cells, "pence", years, "Whole population budget", **dict(zip(names, (found[e] for e in ELEMENTS), strict=True)))
        return payment, found, wpb


def whole_pence_tree(version: Version) -> Tree:
    """Round a version's tree to whole pence, year by year, so that every part adds to the rounded budget of the year.

    Source: overview 2; req 210, 211, 370.
    """
    years = version.wpb.years or ()
    cells = version.wpb.axis
    codes = [f"{number}.{code}" for number in range(len(ELEMENTS)) for code in cells.codes]
    amounts: dict[str, list[tuple[int, ...]]] = {element: [] for element in ELEMENTS}
    stacked = np.concatenate([version.elements[element].value[0] for element in ELEMENTS])
    for year in range(len(years)):
        rounded = round_parts(stacked[:, year].tolist(), codes)
        for number, element in enumerate(ELEMENTS):
            amounts[element].append(tuple(rounded[number * len(cells) : (number + 1) * len(cells)]))
    return Tree(years, cells, {element: tuple(found) for element, found in amounts.items()})
