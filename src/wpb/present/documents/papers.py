"""What documents are made from: one set of result tables, the report's charts and stories, and a
contract where there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from wpb.live import LiveContract
from wpb.present.contract_view import contract_figures
from wpb.present.documents.content import Document, Grid, Part, grid_of
from wpb.present.report_sections import (
    Reader,
    affordability_view,
    bridge_view,
    headline_view,
    path_view,
)
from wpb.present.result_table import ResultTable
from wpb.present.result_tables import result_tables
from wpb.present.section_tables import section_tables
from wpb.present.whole_pence import WholePence
from wpb.present.words import spell_date, spell_pennies, spell_pounds
from wpb.run import Budget
from wpb.sharing.parties import PartyArrangement

CODED = (
    "commissioner",
    "party",
    "provider",
    "payer",
    "payee",
    "organisation",
    "funding_stream",
    "stream",
    "holder",
)
"""Columns that hold codes of organisations and streams, which people read by name."""
YEARS_A_TABLE = 5
"""Years of whole pounds and pence that a page takes side by side."""


@dataclass
class Papers:
    """A budget as documents read it."""

    budget: Budget
    mark: str
    live: LiveContract | None = None
    arrangements: Sequence[tuple[str, Mapping[str, Any]]] = field(default=())
    """Sharing arrangements as declared: the file's name and what stands in it."""
    parties: Sequence[PartyArrangement] = field(default=())
    """Those between named parties, as read."""

    @cached_property
    def reader(self) -> Reader:
        """The result tables with names in place of codes."""
        whole = WholePence(self.budget)
        return Reader(whole, result_tables(whole))

    @cached_property
    def sections(self) -> dict[str, ResultTable]:
        """The tables that rooms hand on."""
        return section_tables(self.budget)

    @cached_property
    def contract(self) -> dict[str, Any]:
        """The contract's figures; empty where the model has none."""
        return contract_figures(self.live) if self.live is not None else {}

    @cached_property
    def views(self) -> dict[str, dict[str, Any]]:
        """The report's sections: their stories in words and their charts."""
        return {
            name: view(self.reader)
            for name, view in (
                ("headline", headline_view),
                ("bridge", bridge_view),
                ("path", path_view),
                ("affordability", affordability_view),
            )
        }

    def table(
        self,
        name: str,
        columns: Sequence[str] = (),
        caption: str = "",
        most: int = 0,
        millions: bool = False,
    ) -> Grid:
        """Print a result table."""
        table = self.reader.tables[name]
        return self._with_names(
            grid_of(table, self.reader.sign, columns, caption, most, millions),
            list(columns) or [column.name for column in table.columns],
        )

    def section(self, *names: str, most: int = 40) -> list[Part]:
        """Print tables that rooms hand on, those that there are."""
        found = [self.sections[f"more_{name}"] for name in names if f"more_{name}" in self.sections]
        return [
            self._with_names(
                grid_of(table, self.reader.sign, most=most),
                [column.name for column in table.columns],
            )
            for table in found
        ]

    def _with_names(self, grid: Grid, columns: Sequence[str]) -> Grid:
        """Put names in place of the codes of organisations and streams."""
        coded = {at for at, name in enumerate(columns) if name in CODED}
        rows = tuple(
            tuple(
                self.reader.names.get(text, text) if at in coded else text
                for at, text in enumerate(row)
            )
            for row in grid.rows
        )
        return replace(grid, rows=rows) if coded else grid

    def pounds(self, amount_pence: int) -> str:
        """Write whole pence as pounds."""
        return spell_pounds(amount_pence, self.reader.sign)

    def grid(
        self,
        caption: str,
        headings: Sequence[str],
        rows: Iterable[Sequence[str | int]],
        money: Sequence[int] = (),
    ) -> Grid:
        """Print rows of words and whole pence; money names the columns that hold pence."""
        body = tuple(
            tuple(
                self.pounds(int(value)) if at in money else str(value).replace("_", " ")
                for at, value in enumerate(row)
            )
            for row in rows
        )
        return Grid(caption, tuple(headings), body, frozenset(money))

    def document(self, title: str, parts: Iterable[Part]) -> Document:
        """Put a document together under the model's name, date and mark."""
        settings = self.budget.model.settings
        return Document(
            title,
            settings.title,
            self.mark,
            settings.prepared_by,
            spell_date(settings.prepared_on),
            tuple(parts),
        )

    def named(self, code: str) -> str:
        """The name of an organisation, a practice or a stream, or its code in words."""
        return self._practices.get(code) or self.reader.name(code)

    @cached_property
    def _practices(self) -> dict[str, str]:
        lists = self.budget.model["gp_lists"]
        return dict(zip(lists.text("list_code"), lists.text("name"), strict=True))

    @cached_property
    def services(self) -> dict[str, str]:
        """Names of service lines by code."""
        lines = self.budget.model["service_lines"]
        return dict(zip(lines.text("service_line"), lines.text("name"), strict=True))

    def by_year(
        self,
        caption: str,
        headings: Sequence[str],
        rows: Sequence[tuple[Sequence[str], Sequence[int]]],
        years: Sequence[str],
        total: str = "",
        pennies: bool = False,
    ) -> list[Part]:
        """Print amounts by year, a few years to a table so that they can be read; with `total`, a
        row that adds them up.
        """
        found: list[Part] = []
        for start in range(0, len(years), YEARS_A_TABLE):
            chosen = range(start, min(start + YEARS_A_TABLE, len(years)))
            spell = spell_pennies if pennies else spell_pounds
            body = [
                (*words, *(spell(amounts[at], self.reader.sign) for at in chosen))
                for words, amounts in rows
            ]
            if total:
                body.append(
                    (
                        total,
                        *("" for _ in headings[1:]),
                        *(
                            spell(sum(amounts[at] for _, amounts in rows), self.reader.sign)
                            for at in chosen
                        ),
                    )
                )
            words = (
                caption
                if len(years) <= YEARS_A_TABLE
                else f"{caption}, {years[chosen[0]]} to {years[chosen[-1]]}"
            )
            found.append(
                Grid(
                    words,
                    (*headings, *(years[at] for at in chosen)),
                    tuple(tuple(row) for row in body),
                    frozenset(range(len(headings), len(headings) + len(chosen))),
                    bool(total),
                )
            )
        return found
