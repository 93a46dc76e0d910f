"""What documents are made from: one set of result tables, the report's charts and stories, and a contract where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from wpb.live import LiveContract
from wpb.present.contract_view import contract_figures
from wpb.present.documents.content import Document, Grid, Part, grid_of
from wpb.present.report_sections import Reader, affordability_view, bridge_view, headline_view, path_view
from wpb.present.result_table import ResultTable
from wpb.present.result_tables import result_tables
from wpb.present.section_tables import section_tables
from wpb.present.whole_pence import WholePence
from wpb.present.words import spell_pounds
from wpb.run import Budget


@dataclass
class Papers:
    """A budget as documents read it."""

    budget: Budget
    mark: str
    live: LiveContract | None = None
    arrangements: Sequence[tuple[str, Mapping[str, Any]]] = field(default=())
    """Sharing arrangements as declared: the file's name and what stands in it."""

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
        return {name: view(self.reader) for name, view in (("headline", headline_view), ("bridge", bridge_view), ("path", path_view), ("affordability", affordability_view))}

    def table(self, name: str, columns: Sequence[str] = (), caption: str = "", most: int = 0, millions: bool = False) -> Grid:
        """Print a result table."""
        return grid_of(self.reader.tables[name], self.reader.sign, columns, caption, most, millions)

    def section(self, *names: str, most: int = 40) -> list[Part]:
        """Print tables that rooms hand on, those that there are."""
        return [grid_of(self.sections[f"more_{name}"], self.reader.sign, most=most) for name in names if f"more_{name}" in self.sections]

    def pounds(self, amount_pence: int) -> str:
        """Write whole pence as pounds."""
        return spell_pounds(amount_pence, self.reader.sign)

    def grid(self, caption: str, headings: Sequence[str], rows: Iterable[Sequence[str | int]], money: Sequence[int] = ()) -> Grid:
        """Print rows of words and whole pence; money names the columns that hold pence."""
        body = tuple(tuple(self.pounds(int(value)) if at in money else str(value).replace("_", " ") for at, value in enumerate(row)) for row in rows)
        return Grid(caption, tuple(headings), body, frozenset(money))

    def document(self, title: str, parts: Iterable[Part]) -> Document:
        """Put a document together under the model's name, date and mark."""
        settings = self.budget.model.settings
        return Document(title, settings.title, self.mark, settings.prepared_by, settings.prepared_on, tuple(parts))
