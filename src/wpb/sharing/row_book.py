"""One row of a results table settled on the calculation ledger, so that every step of it can be
explained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.explain import Node, explain
from wpb.kernel.ledger import TOTAL, Block, Ledger
from wpb.kernel.places import Cell
from wpb.sharing import steps
from wpb.sharing.arrangement import TableArrangement
from wpb.sharing.results_table import ResultsTable
from wpb.sharing.step_kinds import TABLE_KINDS, Figures, Step, run_steps
from wpb.sharing.values import Bands, Cases, Value, words_of

Array = NDArray[np.float64]
NO_LIMIT = 1e15
"""Stands on the ledger for 'none' as a limit, since a figure there is always a number: more than
any sum.
"""
RATES = ("rate", "weight", "quality", "score")


@dataclass
class RowBook:
    """Works the steps out for one row of a table; None stands for a blank that an arrangement
    allows.
    """

    table: ResultsTable
    row: int
    money: str = "pence"
    """The unit of amounts: pence, or the hundredth part of another currency."""
    ledger: Ledger = field(default_factory=Ledger)
    worked: dict[int, Block | None] = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)
    step: Step | None = None

    def named(self, name: str) -> Block | None:
        """Find a figure of an earlier step, or enter the cell of a column."""
        if name in self.figures:
            found: Block = self.figures[name]
            return found
        if name in self.ledger:
            return self.ledger[name]
        unit = {"amount": self.money, "whole_number": "number"}.get(
            self.table.columns[name].kind, "rate"
        )
        return self._leaf(
            name, float(self.table.numbers[name][self.row]), unit, self.table.where(self.row, name)
        )

    def hold(self, kind: str, name: str, value: Value, handle: Block | None) -> None:
        """Let the value by: a row is explained only after its table was settled and checked."""

    def look_up(self, cases: Cases) -> Block | None:
        """Look a value up for the row, from the line of the file that gives it."""
        values, _, chosen = cases.tabulated(self.table.axes)
        at = tuple(
            int(self.table.codes[name][self.row]) if size > 1 else 0
            for name, size in zip(self.table.axes, values.shape, strict=True)
        )
        place = cases.cases[int(chosen[at])].place if chosen[at] >= 0 else cases.place
        return self._leaf(self._named(cases.name), float(values[at]), "rate", place)

    def scale(self, bands: Bands) -> Block:
        """Read a sliding scale for the row."""

        def sliding_scale(size: Array) -> Array:
            """Read a sliding scale: start + (end - start) x (size - low) / (high - low), inside the
            band the size falls in.

            Source: handbook 6.4.5; req 282.
            """
            return bands.at(size)

        size = self.named(bands.of)
        assert size is not None
        return self.ledger.add(
            self._named(bands.name),
            sliding_scale,
            TOTAL,
            "rate",
            None,
            words_of(bands.name),
            size=size,
        )

    def apply(self, figure: str, rule: Callable[..., Any], **inputs: Block | None) -> Block | None:
        """Work a figure out and keep it; of a first given or a least, a blank leaves the other."""
        given = {name: block for name, block in inputs.items() if block is not None}
        if len(given) < len(inputs) and rule in (steps.first_given, steps.least):
            return next(iter(given.values()), None)
        if len(given) < len(inputs) and rule is steps.product:
            return None
        for name in inputs.keys() - given.keys():
            assert self.step is not None
            given[name] = self._entered(
                self._named(f"{name}_not_given"),
                NO_LIMIT if name in ("cap", "collar") else 0.0,
                "rate",
                self.step.place,
            )
        unit = (
            "flag"
            if figure == "limit_bound"
            else "rate"
            if any(word in figure for word in RATES)
            else self.money
        )
        return self.ledger.add(
            self._named(figure), rule, TOTAL, unit, None, words_of(figure), **given
        )

    def _leaf(self, name: str, value: float, unit: str, place: Cell) -> Block | None:
        return None if np.isnan(value) else self._entered(name, value, unit, place)

    def _entered(self, name: str, value: float, unit: str, place: Cell) -> Block:
        return self.ledger.leaf(
            name,
            TOTAL,
            unit,
            [value],
            lambda row, year: place,
            title=words_of(name.rpartition("/")[2]),
        )

    def _named(self, figure: str) -> str:
        assert self.step is not None
        stem = f"sharing/{self.step.number:02d}_{self.step.kind}/{figure}"
        number, free = 2, stem
        while free in self.ledger:
            free, number = f"{stem}_{number}", number + 1
        return free


def explained_row(
    arrangement: TableArrangement, table: ResultsTable, row: int, depth: int | None = None
) -> Node:
    """Explain what one row earns or owes, step by step, down to its cells and the lines of the
    arrangement.

    Amounts are unrounded pence (cents).
    Source: handbook 6.4.6; req 286, 367.
    """
    book = RowBook(
        table,
        row,
        "pence" if arrangement.currency == "GBP" else f"hundredths of {arrangement.currency}",
    )
    figures = run_steps(book, arrangement.steps, TABLE_KINDS, {})
    amount: Block = figures["amount"]
    return explain(book.ledger, amount.id, depth)
