"""A calculated budget as the app shows it: its tables, sections and charts, and who may see what of
them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from wpb.api import CONTRACT_FIGURES, LoadedModel
from wpb.kernel.explain import explain
from wpb.present.record_tables import years_table
from wpb.present.report_sections import Reader
from wpb.present.result_table import ResultColumn, ResultTable, entered, label, result_table
from wpb.present.result_tables import result_tables
from wpb.present.whole_pence import WholePence
from wpb.run import Budget
from wpb.store.database import Database
from wpb.tables import ALL_TABLES
from wpb.tables.model import Model
from wpb.tables.records import Section
from wpb.web.late_tables import LateContract, Tables
from wpb.web.latest_shadow import LatestShadow

KINDS: dict[str, Any] = {
    "pounds": "pence",
    "rate": "rate",
    "share": "share",
    "number": "number",
    "count": "count",
    "code": "code",
    "year": "year",
}


@dataclass
class Shown:
    """A budget as the app shows it: its tables, sections and charts, each made when first asked
    for.
    """

    folder: str
    loaded: LoadedModel
    laid: Budget | None = None
    database: Database | None = None
    """Where results of long runs are kept, if anywhere."""
    chosen: OrderedDict[Any, str] = field(default_factory=OrderedDict)
    """The last pages that were drawn for what readers chose on them."""
    trees: OrderedDict[Any, dict[str, Any]] = field(default_factory=OrderedDict)
    """The last figures that were explained: a year's total has thousands of parts."""

    @property
    def budget(self) -> Budget:
        """The calculated budget."""
        return self.laid or self.loaded.budget

    @cached_property
    def whole(self) -> WholePence:
        """Its whole-pence figures."""
        return WholePence(self.budget)

    @cached_property
    def years(self) -> ResultTable:
        """Its headline figures by year, which a trial needs before any other table."""
        return years_table(self.whole)

    @cached_property
    def contract(self) -> LateContract:
        """The live contract of the budget, worked out when first asked for."""
        return LateContract(self.budget)

    @cached_property
    def tables(self) -> Tables:
        """Every result table, every section of the budget as a table, and the results of its
        contract.
        """
        found = dict(result_tables(self.whole))
        for section in self.budget.sections:
            found.setdefault(section.name, section_table(section))
        found["data_checklist"] = data_checklist(self.budget.model)
        return Tables(found, self.contract, LatestShadow(self.database, self.folder))

    @cached_property
    def reader(self) -> Reader:
        """The budget as words and charts read it."""
        return Reader(self.whole, self.tables)

    @cached_property
    def provider_of(self) -> dict[str, str]:
        """The provider of each of today's contracts."""
        table = self.budget.model["contracts"]
        return dict(zip(table.text("contract"), table.text("provider"), strict=True))

    def explained(self, figure: str, depth: int | None) -> dict[str, Any]:
        """Give the tree of a figure, kept while it is among the last few asked for.

        Raises UsageProblem for a figure that isn't there.
        """
        found = self.trees.get((figure, depth))
        if found is None:
            found = self.trees[figure, depth] = self.explain(figure, depth)
            if len(self.trees) > 24:
                self.trees.popitem(last=False)
        return found

    def drawn(self, key: Any, make: Callable[[], str]) -> str:
        """Give a page drawn for what a reader chose on it, kept while it is among the last few
        asked for.
        """
        found = self.chosen.get(key)
        if found is None:
            found = self.chosen[key] = make()
            if len(self.chosen) > 60:
                self.chosen.popitem(last=False)
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """The names behind codes: organisations, funding streams, GP lists, service lines, today's
        contracts.
        """
        model, found = self.budget.model, dict(self.reader.names)
        for table, code, name in (
            ("gp_lists", "list_code", "name"),
            ("service_lines", "service_line", "name"),
            ("contracts", "contract", "title"),
        ):
            found |= {
                key: words
                for key, words in zip(model[table].text(code), model[table].text(name), strict=True)
                if words
            }
        return found

    def explain(self, figure: str, depth: int | None) -> dict[str, Any]:
        """Give the tree of a figure of the budget, or of its contract.

        Raises UsageProblem for a figure that isn't there.
        """
        live = self.contract.live if figure.strip("/").split("/")[0] in CONTRACT_FIGURES else None
        return live.explain(figure, depth) if live else explain(self.budget.ledger, figure, depth)


def section_table(section: Section) -> ResultTable:
    """Show a section as a result table."""
    columns = [
        ResultColumn(
            column.name,
            column.heading,
            KINDS.get(column.kind, "text"),
            (
                "calculated"
                if column.kind in KINDS and column.kind not in ("code", "year")
                else "label"
            ),
        )
        for column in section.columns
    ]
    return result_table(section.name, section.title, section.note, columns, section.rows)


def data_checklist(model: Model) -> ResultTable:
    """List every input table: whether the model has it, how many rows it holds and the file it came
    from.

    Source: handbook 1.1.5, 2.4.1; req 15, 359.
    """
    columns = [
        label("table", "Table", "code"),
        label("title", "What it holds"),
        label("needed", "Needed"),
        label("standing", "Standing"),
        entered("rows", "Rows", "count"),
        label("file", "File"),
        label("sha256", "Fingerprint", "code"),
    ]
    rows = []
    for spec in ALL_TABLES:
        held = model.tables[spec.name]
        standing = "there" if len(held) else "missing" if spec.required else "not given"
        rows.append(
            [
                spec.name,
                spec.title,
                "yes" if spec.required else "where it applies",
                standing,
                len(held),
                held.file,
                model.input_hashes.get(held.file, "")[:12],
            ]
        )
    return result_table(
        "data_checklist",
        "Data checklist",
        "Every table a model may have, and what this one gives.",
        columns,
        rows,
    )
