"""Who pays whom under the contract month by month: commissioners, the lead provider or each
provider, partners.

Source: handbook 1.1.5; overview 2, 3.4; contracting for accountable models 14-16; req 210, 212,
232, 343-345.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from wpb.contract.subcontracts import read_subcontracts
from wpb.contract.terms import Terms, on_day
from wpb.contract.timing import share_of_year
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.kernel.money import pounds, round_parts, split_pence, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.contract_records import FrozenLines, Standing, Tree, Version
from wpb.tables.model import Model


def subcontract_share(payment_pence: Array, share: Array, share_of_year: Array) -> Array:
    """A partner's part of the annual payment: payment x share x share of the year its agreement
    runs.

    Source: handbook 1.1.5; req 232.
    """
    return payment_pence * share * share_of_year


def subcontract_sum(amount_pence: Array, share_of_year: Array) -> Array:
    """A fixed sum, or the forecast lines of a provider, for the part of the year the agreement
    runs.

    Source: handbook 1.1.5; req 232.
    """
    return amount_pence * share_of_year


class Payments:
    """Turns versions into standing payments: from commissioners, and from the lead provider to its
    partners.
    """

    def __init__(
        self,
        model: Model,
        terms: Terms,
        lines: FrozenLines,
        cells: Axis,
        part: tuple[str, ...],
        ledger: Ledger,
        problems: ProblemLog,
    ) -> None:
        self.model, self.terms, self.lines, self.cells, self.part, self.ledger = (
            model,
            terms,
            lines,
            cells,
            part,
            ledger,
        )
        self.subcontracts = read_subcontracts(model, terms, lines, problems)
        self.axis = Axis("subcontract", tuple(sub.code for sub in self.subcontracts))
        self._fixed = self._fixed_values() if self.subcontracts and not problems.errors else None
        self._paid_to_partners: dict[str, Block] = {}
        self._by_provider = self._provider_shares() if terms.form == "virtual" else {}

    def standing(self, version: Version, tree: Tree) -> dict[str, Standing]:
        """Every payment that stands under a version, in whole pence by year.

        Source: handbook 1.1.5; overview 2; req 210, 212, 232, 343-345.
        """
        found = {**self._from_commissioners(version, tree), **self._personal(version, tree)}
        if self.terms.form != "virtual":
            found.update(self._to_partners(version, tree))
        return found

    def _from_commissioners(self, version: Version, tree: Tree) -> dict[str, Standing]:
        words = {
            "wpap": "Annual payment",
            "activity_paid": "Services paid by activity, on account",
            "incentives": "Incentives on existing terms, on account",
        }
        found: dict[str, Standing] = {}
        for element, reason in words.items():
            amounts = (
                self._existing_incentives(version)
                if element == "incentives"
                else tree.amounts[element]
            )
            for cell, code in enumerate(self.cells.codes):
                commissioner, stream = code.split(".", 1)
                pence = tuple(year[cell] for year in amounts)
                if not any(pence):
                    continue
                figure = (
                    f"wpb/term_to_{version.ends_on}/incentives/{{year}}/{code}"
                    if element == "incentives"
                    else f"{version.elements[element].id}/{{year}}/{code}"
                )
                text = f"{reason}, Part {self.part[cell]}, {stream.replace('_', ' ')}"
                if self.terms.form == "virtual":
                    found.update(self._direct(element, commissioner, code, pence, text, figure))
                else:
                    found[f"{element}/{code}"] = Standing(
                        f"{element}/{code}",
                        commissioner,
                        self.terms.lead_provider,
                        text,
                        figure,
                        pence,
                        element,
                    )
        return found

    def _existing_incentives(self, version: Version) -> tuple[tuple[int, ...], ...]:
        """Incentives on terms that exist already; schemes chosen beside the payment are posted when
        they are settled.
        """
        block = self.ledger[f"wpb/term_to_{version.ends_on}/incentives"].value[0]
        return tuple(
            tuple(round_parts(block[:, year].tolist(), self.cells.codes))
            for year in range(len(self.terms.years))
        )

    def payees(self, element: str, cell: str, year: int, pence: int) -> dict[str, int]:
        """Who is paid a commissioner's money for an element of a year: the lead provider, or
        without one each provider by its lines.

        Money on lines that name no provider, or the payer itself, goes on as today and is not paid
        under the contract: ''.
        Source: contracting for accountable models 14-16; req 343, 344, 345.
        """
        if self.terms.form != "virtual":
            return {self.terms.lead_provider: pence}
        shares = self._by_provider.get((element, cell, year), {"": 1.0})
        return dict(
            zip(shares, split_pence(pence, list(shares.values()), list(shares)), strict=True)
        )

    def _direct(
        self,
        element: str,
        commissioner: str,
        cell: str,
        pence: tuple[int, ...],
        reason: str,
        figure: str,
    ) -> dict[str, Standing]:
        found: dict[str, list[int]] = defaultdict(lambda: [0] * len(pence))
        for year, amount in enumerate(pence):
            for provider, part in self.payees(element, cell, year, amount).items():
                found[provider][year] += part
        return {
            f"{element}/{cell}/{provider}": Standing(
                f"{element}/{cell}/{provider}",
                commissioner,
                provider,
                reason,
                figure,
                tuple(parts),
                element,
            )
            for provider, parts in sorted(found.items())
            if provider
        }

    def _provider_shares(self) -> dict[tuple[str, str, int], dict[str, float]]:
        """Forecast lines of each element, payer and stream by the provider they name, year by
        year.
        """
        found: dict[tuple[str, str, int], dict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )
        values, names = (
            self.lines.forecast.value[0],
            {"wpap": "wpap", "activity_paid": "activity_paid", "incentive": "incentives"},
        )
        for row, (provider, commissioner) in enumerate(
            zip(self.lines.provider, self.lines.commissioner, strict=True)
        ):
            for year in range(values.shape[1]):
                key = (
                    names[self.lines.element[row]],
                    f"{commissioner}.{self.lines.funding_stream[row]}",
                    year,
                )
                found[key]["" if provider == commissioner else provider] += max(
                    float(values[row, year]), 0.0
                )
        return {
            key: dict(sorted(shares.items()))
            for key, shares in found.items()
            if sum(shares.values()) > 0
        }

    def tell_unpaid(self, tree: Tree, problems: ProblemLog) -> None:
        """Say what of the annual payment nobody is paid under the contract: in a virtual model,
        lines that name no provider.

        Source: contracting for accountable models 14; req 343.
        """
        unpaid = [
            sum(
                self.payees("wpap", code, at, tree.amounts["wpap"][at][cell]).get("", 0)
                for cell, code in enumerate(self.cells.codes)
            )
            for at in range(len(tree.years))
        ]
        if any(unpaid):
            problems.note(
                None,
                f"In this virtual model {pounds(unpaid[0])} of the annual payment of"
                f" {tree.years[0]} is on lines that name no provider. It goes on being spent as"
                " today, and no payment is posted for it.",
                "Name providers on those lines if they are paid under the alliance.",
                "virtual_unpaid",
            )

    def _personal(self, version: Version, tree: Tree) -> dict[str, Standing]:
        """Personal budgets inside the budget go to whoever pays them out."""
        table = self.model["personal_budgets"]
        found: dict[tuple[str, str], list[float]] = defaultdict(
            lambda: [0.0] * len(self.terms.years)
        )
        for row in table.rows_where("held", "inside"):
            year = str(table.columns["year"][row])
            if year in self.terms.years:
                cell = (
                    f"{table.columns['commissioner'][row]}.{table.columns['funding_stream'][row]}"
                )
                at = self.terms.years.index(year)
                found[cell, str(table.columns["administered_by"][row])][at] += float(
                    table.numbers("amount")[row]
                )
        standing = {}
        for cell in sorted({cell for cell, _ in found}):
            payees, commissioner = (
                sorted(payee for other, payee in found if other == cell),
                cell.split(".", 1)[0],
            )
            whole = [year[self.cells.positions[cell]] for year in tree.amounts["personal_budgets"]]
            parts = [
                (
                    split_pence(total, [found[cell, payee][at] for payee in payees], payees)
                    if total
                    else [0] * len(payees)
                )
                for at, total in enumerate(whole)
            ]
            for number, payee in enumerate(payees):
                if payee != commissioner:
                    key, pence = (
                        f"personal_budgets/{cell}/{payee}",
                        tuple(year[number] for year in parts),
                    )
                    standing[key] = Standing(
                        key,
                        commissioner,
                        payee,
                        "Personal budgets and direct payments",
                        f"{version.elements['personal_budgets'].id}/{{year}}/{cell}",
                        pence,
                        "personal_budgets",
                    )
        return standing

    def _fixed_values(self) -> dict[str, Block]:
        """Shares, sums and days of the agreements, as figures of the ledger."""
        table, years = self.model["subcontracts"], self.terms.years
        rows = [sub.row for sub in self.subcontracts]
        share, amount = np.zeros(len(rows)), np.zeros((len(rows), len(years)))
        for i, sub in enumerate(self.subcontracts):
            if sub.rule == "share":
                share[i] = float(table.numbers("share")[sub.row])
            elif sub.rule == "fixed":
                amount[i] = float(table.numbers("amount")[sub.row])
            elif sub.rule == "lines":
                name = str(table.columns["provider"][sub.row])
                lines = [
                    row
                    for row, (provider, element) in enumerate(
                        zip(self.lines.provider, self.lines.element, strict=True)
                    )
                    if provider == name and element == "wpap"
                ]
                amount[i] = self.lines.forecast.value[0, lines].sum(axis=0)
        days = np.array(
            [
                [share_of_year(year, self._first_day(row), self._last_day(row)) for year in years]
                for row in rows
            ]
        )
        term = np.array(
            [
                [share_of_year(year, self.terms.starts_on, self.terms.ends_on) for year in years]
                for _ in rows
            ]
        )
        part = np.divide(days, term, out=np.zeros_like(days), where=term > 0)
        return {
            "share": self.ledger.leaf(
                "wpb/subcontracts/share",
                self.axis,
                "share",
                share,
                lambda row, year: table.where(rows[row], "share"),
                title="Share of the annual payment",
            ),
            "amount": self.ledger.leaf(
                "wpb/subcontracts/amount",
                self.axis,
                "pence",
                amount,
                lambda row, year: table.where(rows[row], "rule"),
                years,
                "Sum a year",
            ),
            "days": self.ledger.leaf(
                "wpb/subcontracts/share_of_year",
                self.axis,
                "share",
                days,
                lambda row, year: table.where(rows[row], "starts_on"),
                years,
                "Share of the year",
            ),
            "part": self.ledger.leaf(
                "wpb/subcontracts/share_of_term",
                self.axis,
                "share",
                part,
                lambda row, year: table.where(rows[row], "starts_on"),
                years,
                "Share of the contract's days in the year",
            ),
        }

    def _first_day(self, row: int) -> datetime.date:
        return max(
            self.terms.starts_on, on_day(str(self.model["subcontracts"].columns["starts_on"][row]))
        )

    def _last_day(self, row: int) -> datetime.date:
        text = str(self.model["subcontracts"].columns["ends_on"][row])
        return min(on_day(text), self.terms.ends_on) if text else self.terms.ends_on

    def _to_partners(self, version: Version, tree: Tree) -> dict[str, Standing]:
        if self._fixed is None:
            return {}
        if version.name not in self._paid_to_partners:
            self._paid_to_partners[version.name] = self._partners_of(version)
        paid = self._paid_to_partners[version.name]
        found = {}
        whole = self._partners_pence(paid, tree)
        for row, sub in enumerate(self.subcontracts):
            if sub.payee != self.terms.lead_provider:
                pence = tuple(year[row] for year in whole)
                key = f"partner/{sub.code}"
                found[key] = Standing(
                    key,
                    self.terms.lead_provider,
                    sub.payee,
                    sub.reason,
                    f"{paid.id}/{{year}}/{sub.code}",
                    pence,
                    "partner",
                    self._first_day(sub.row),
                    self._last_day(sub.row),
                )
        return found

    def _partners_of(self, version: Version) -> Block:
        """What partners are paid under a version, before it is spelled in whole pence."""
        assert self._fixed is not None
        name, years = f"wpb/{version.name}", self.terms.years
        total = self.ledger.total(
            f"{name}/wpap_total",
            Axis("total", ("total",)),
            (version.elements["wpap"], None),
            title="Annual payment",
        )
        spread = np.zeros(len(self.axis), dtype=np.int64)
        shared = self.ledger.add(
            f"{name}/partners_by_share",
            subcontract_share,
            self.axis,
            "pence",
            years,
            "Partners by share",
            payment_pence=Ref(total, spread),
            share=self._fixed["share"],
            share_of_year=self._fixed["part"],
        )
        sums = self.ledger.add(
            f"{name}/partners_by_sum",
            subcontract_sum,
            self.axis,
            "pence",
            years,
            "Partners by sum or lines",
            amount_pence=self._fixed["amount"],
            share_of_year=self._fixed["days"],
        )
        rows = np.arange(len(self.axis))
        return self.ledger.total(
            f"{name}/partners",
            self.axis,
            (shared, rows),
            (sums, rows),
            title="Payments to partners",
        )

    def check_passed_on(
        self, standing: Mapping[str, Standing], tree: Tree, problems: ProblemLog
    ) -> None:
        """Warn of years in which the lead provider's agreements come to more than the annual
        payment it is paid.

        Source: handbook 1.1.5; req 232.
        """
        for at, year in enumerate(tree.years):
            passed_on, payment = (
                sum(found.pence[at] for found in standing.values() if found.element == "partner"),
                tree.of("wpap", at),
            )
            if passed_on > payment:
                problems.warning(
                    self.model["subcontracts"].where(0, "subcontract"),
                    f"In {year} the lead provider passes on {pounds(passed_on)} of an annual"
                    f" payment of {pounds(payment)}.",
                    "Check the subcontracts: what they come to beyond the payment has no money"
                    " behind it.",
                    "passed_on_more",
                )

    def _partners_pence(self, paid: Block, tree: Tree) -> list[list[int]]:
        """Whole pence by year and subcontract; shares and what the lead keeps add to the annual
        payment of the year.
        """
        by_share = [row for row, sub in enumerate(self.subcontracts) if sub.rule == "share"]
        found = []
        for year in range(len(self.terms.years)):
            amounts = [whole_pence(paid.at(row, year)) for row in range(len(self.axis))]
            exact = [paid.at(row, year) for row in by_share]
            rounded = round_parts(
                [*exact, tree.of("wpap", year) - sum(exact)],
                [*(self.axis.codes[row] for row in by_share), "~kept"],
                tree.of("wpap", year),
            )
            for row, amount in zip(by_share, rounded, strict=False):
                amounts[row] = amount
            found.append(amounts)
        return found
