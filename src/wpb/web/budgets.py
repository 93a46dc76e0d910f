"""Calculated budgets by the folder they came from: worked out once, kept while in use, made again when asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import wpb
from wpb.api import CONTRACT_FIGURES, LoadedModel
from wpb.kernel.explain import explain
from wpb.present.record_tables import years_table
from wpb.present.report_sections import Reader
from wpb.present.result_table import ResultColumn, ResultTable, entered, label, result_table
from wpb.present.result_tables import result_tables
from wpb.present.whole_pence import WholePence
from wpb.run import Budget, calculate
from wpb.store.database import Database
from wpb.store.frozen import lay_out, thaw
from wpb.store.overlay import Change, lay_over
from wpb.tables import ALL_TABLES
from wpb.tables.model import Model
from wpb.tables.records import Section
from wpb.web.late_tables import LateContract, Tables

KINDS: dict[str, Any] = {"pounds": "pence", "rate": "rate", "share": "share", "number": "number", "count": "count", "code": "code", "year": "year"}
COST_TABLES = ("spend_and_cost",)
"""Results that show what a provider spends, as against what it is paid."""
COST_INPUTS = ("provider_costs", "provider_income", "cost_weights")


@dataclass
class Shown:
    """A budget as the app shows it: its tables, sections and charts, each made when first asked for."""

    folder: str
    loaded: LoadedModel
    laid: Budget | None = None
    kept: dict[Any, Any] = field(default_factory=dict)
    """Whatever was rendered from it, by what was asked."""
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
        """Every result table, every section of the budget as a table, and the results of its contract."""
        found = dict(result_tables(self.whole))
        for section in self.budget.sections:
            found.setdefault(section.name, section_table(section))
        found["data_checklist"] = data_checklist(self.budget.model)
        return Tables(found, self.contract)

    @cached_property
    def reader(self) -> Reader:
        """The budget as words and charts read it."""
        return Reader(self.whole, self.tables)

    @cached_property
    def provider_of(self) -> dict[str, str]:
        """The provider of each of today's contracts."""
        table = self.budget.model["contracts"]
        return dict(zip(table.text("contract"), table.text("provider"), strict=True))

    def table(self, name: str, costs_of: frozenset[str] | None) -> ResultTable:
        """Give a table as someone may see it: of cost data, only the rows of providers they may see (None: all).

        Raises KeyError for a table that isn't there.
        Source: handbook 2.1.1; req 354.
        """
        table = self.tables[name]
        if name not in COST_TABLES or costs_of is None:
            return table
        at = table.position("contract")
        return ResultTable(table.name, table.title, table.help, table.columns, tuple(row for row in table.rows if self.provider_of.get(str(row[at])) in costs_of))

    def explained(self, figure: str, depth: int) -> dict[str, Any]:
        """Give the tree of a figure, kept while it is among the last few asked for.

        Raises UsageProblem for a figure that isn't there.
        """
        found = self.trees.get((figure, depth))
        if found is None:
            found = self.trees[figure, depth] = self.explain(figure, depth)
            if len(self.trees) > 24:
                self.trees.popitem(last=False)
        return found

    def explain(self, figure: str, depth: int | None) -> dict[str, Any]:
        """Give the tree of a figure of the budget, or of its contract.

        Raises UsageProblem for a figure that isn't there.
        """
        live = self.contract.live if figure.strip("/").split("/")[0] in CONTRACT_FIGURES else None
        return live.explain(figure, depth) if live else explain(self.budget.ledger, figure, depth)

    def keep(self, key: Any, make: Callable[[], Any]) -> Any:
        """Give what was made under a key, making it the first time."""
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) > 2000:
                self.kept.clear()
            found = self.kept[key] = make()
        return found


def section_table(section: Section) -> ResultTable:
    """Show a section as a result table."""
    columns = [ResultColumn(column.name, column.heading, KINDS.get(column.kind, "text"), "calculated" if column.kind in KINDS and column.kind not in ("code", "year") else "label") for column in section.columns]
    return result_table(section.name, section.title, section.note, columns, section.rows)


def data_checklist(model: Model) -> ResultTable:
    """List every input table: whether the model has it, how many rows it holds and the file it came from.

    Source: handbook 1.1.5, 2.4.1; req 15, 359.
    """
    columns = [label("table", "Table", "code"), label("title", "What it holds"), label("needed", "Needed"), label("standing", "Standing"), entered("rows", "Rows", "count"), label("file", "File"), label("sha256", "Fingerprint", "code")]
    rows = []
    for spec in ALL_TABLES:
        held = model.tables[spec.name]
        standing = "there" if len(held) else "missing" if spec.required else "not given"
        rows.append([spec.name, spec.title, "yes" if spec.required else "where it applies", standing, len(held), held.file, model.input_hashes.get(held.file, "")[:12]])
    return result_table("data_checklist", "Data checklist", "Every table a model may have, and what this one gives.", columns, rows)


class Budgets:
    """The budgets in use, a few at a time."""

    def __init__(self, database: Database, cache: Path, most: int = 4):
        self.database, self.cache, self.most = database, cache, most
        self._shown: OrderedDict[str, Shown] = OrderedDict()
        self._laid: OrderedDict[tuple[str, tuple[Change, ...]], Shown] = OrderedDict()
        self._lock = threading.Lock()
        self._working: dict[Any, threading.Lock] = {}

    def of(self, folder: str) -> Shown:
        """Give the budget of a frozen folder.

        Raises InputProblems where its inputs stop a run.
        """
        return self._once(self._shown, folder, self.most, lambda: self._open(folder))

    def laid_over(self, folder: str, changes: tuple[Change, ...]) -> Shown:
        """Give the budget of a frozen folder with changes laid over it; the folder stays as it is.

        Raises InputProblems where the changes stop a run; Conflict for a change of what isn't there.
        """

        def make() -> Shown:
            under = self.of(folder)
            model, book = lay_over(under.budget.model, under.loaded.book, changes)
            return Shown(folder, under.loaded, calculate(model, book, after=under.budget))

        return self._once(self._laid, (folder, changes), 16, make)

    def _open(self, folder: str) -> Shown:
        with self.database.reading() as connection:
            content = thaw(connection, folder)
        shown = Shown(folder, wpb.load(lay_out(content, self.cache / folder)))
        _ = shown.tables
        return shown

    def _once(self, kept: OrderedDict[Any, Shown], key: Any, most: int, make: Callable[[], Shown]) -> Shown:
        with self._lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
            working = self._working.setdefault(key, threading.Lock())
        with working:
            with self._lock:
                if key in kept:
                    return kept[key]
            made = make()
            with self._lock:
                kept[key] = made
                self._working.pop(key, None)
                while len(kept) > most:
                    kept.popitem(last=False)
            return made
