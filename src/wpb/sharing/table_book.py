"""Settling a results table: what hangs on few-valued columns is worked out once, the rest in blocks
of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import ProblemLog
from wpb.sharing.arrangement import TableArrangement
from wpb.sharing.ranges import STEP_RANGES
from wpb.sharing.results_table import ResultsTable
from wpb.sharing.step_kinds import TABLE_KINDS, Figures, Step, run_steps
from wpb.sharing.values import Bands, Cases, Named, Value

Array = NDArray[np.float64]
ROWS_A_BLOCK = 8192
"""Rows worked at a time, so that a block's figures stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Grid:
    """A figure for every combination of few-valued columns that occurs; one figure where it hangs
    on none of them.
    """

    values: Array


@dataclass(frozen=True)
class Slot:
    """A figure by row: where it is held while a block of rows is worked."""

    number: int


Work = Callable[[list[Any], slice], Any]


@dataclass
class TableBook:
    """Lays the steps out on a results table: worked at once for combinations, and as jobs for
    blocks of rows.
    """

    table: ResultsTable
    log: ProblemLog
    jobs: list[Work] = field(default_factory=list)
    spread: dict[int, tuple[Grid, Slot]] = field(default_factory=dict)
    columns: dict[str, Slot] = field(default_factory=dict)
    worked: dict[int, Grid | Slot] = field(default_factory=dict)
    step: Step | None = None
    figures: Figures = field(default_factory=dict)

    def named(self, name: str) -> Slot:
        """Find a figure of an earlier step, or a column of numbers."""
        if name in self.figures:
            return self.by_row(self.figures[name])
        if name not in self.columns:
            column = self.table.numbers[name]
            self.columns[name] = self._add(lambda held, rows: column[rows])
        return self.columns[name]

    def look_up(self, cases: Cases) -> Grid:
        """Work a look-up out for every combination that occurs, refusing rows that no case fits."""
        values, missing, _ = cases.tabulated(self.table.axes)
        if values.size == 1 and not missing.any():
            return Grid(values.reshape(1))
        _, codes = self.table.combination
        place = tuple(
            codes[name] if size > 1 else 0
            for name, size in zip(self.table.axes, values.shape, strict=True)
        )
        if missing.any() and np.any(missing[place]):
            self._refuse(cases, np.broadcast_to(missing[place], next(iter(codes.values())).shape))
        return Grid(np.atleast_1d(values[place]))

    def scale(self, bands: Bands) -> Slot:
        """Read a sliding scale by row."""
        table = bands.tabulated
        sizes = self.table.sizes
        if bands.of not in sizes:
            sizes[bands.of] = self.table.numbers[bands.of].astype(np.intp)
        column, last = sizes[bands.of], len(table) - 1
        return self._add(lambda held, rows: table.take(np.minimum(column[rows], last)))

    def apply(self, figure: str, rule: Callable[..., Any], **inputs: Grid | Slot) -> Grid | Slot:
        """Work a figure out: at once where all its inputs hang on few-valued columns, else by
        row.
        """
        grids = {name: given.values for name, given in inputs.items() if isinstance(given, Grid)}
        if len(grids) == len(inputs):
            return Grid(rule(**grids))
        slots = [(name, self.by_row(given).number) for name, given in inputs.items()]
        return self._add(lambda held, rows: rule(**{name: held[number] for name, number in slots}))

    def by_row(self, handle: Grid | Slot) -> Slot:
        """Give a figure by row, whichever way it was made."""
        if isinstance(handle, Slot):
            return handle
        if id(handle) not in self.spread:
            self.spread[id(handle)] = (handle, self._add(self._spread(handle.values)))
        return self.spread[id(handle)][1]

    def hold(self, kind: str, name: str, value: Value, handle: Grid | Slot) -> None:
        """Refuse rows whose reported value is outside the range of what it is, and a worked-out
        value that is.
        """
        allowed = STEP_RANGES.get((kind, name))
        if allowed is None:
            return
        if isinstance(value, Named) and value.name in self.table.numbers:
            column = self.table.numbers[value.name]
            low = column <= allowed.least if allowed.above else column < allowed.least
            for row in np.flatnonzero(low | (column > allowed.most)):
                self.log.error(
                    self.table.where(int(row), value.name),
                    f"{value.name} is {column[row]:g}, and has to be {allowed.words}, as it is"
                    f" '{name}' of the step '{kind}'.",
                    "Correct the cell.",
                    "out_of_range",
                )
        elif isinstance(handle, Grid) and not allowed.holds(handle.values):
            self.log.error(
                getattr(value, "place", None),
                f"'{name}' of the step '{kind}' has to be {allowed.words}, and is not for some"
                " rows.",
                "Correct the values it is worked out from.",
                "out_of_range",
            )

    def _spread(self, values: Array) -> Work:
        if values.size == 1 or (values == values[0]).all():
            return lambda held, rows: values[0]
        of_row, _ = self.table.combination
        return lambda held, rows: values.take(of_row[rows])

    def _add(self, work: Work) -> Slot:
        self.jobs.append(work)
        return Slot(len(self.jobs) - 1)

    def _refuse(self, cases: Cases, missing: NDArray[np.bool_]) -> None:
        of_row, codes = self.table.combination
        for row in np.flatnonzero(missing[of_row]):
            spelt = {
                name: self.table.axes[name][codes[name][of_row[row]]] for name in cases.columns
            }
            said = ", ".join(
                f"{name} {'blank' if value is None else value}" for name, value in spelt.items()
            )
            blank = next((name for name, value in spelt.items() if value is None), cases.columns[0])
            fix = (
                f"Enter a value that {cases.name} has, or add one to the arrangement"
                f" ({cases.place.cell})."
            )
            self.log.error(
                self.table.where(int(row), blank),
                f"The arrangement gives no {cases.name} for {said}.",
                fix,
                "no_parameter",
            )


OUTPUTS = (
    "generated",
    "share_rate",
    "loss_rate",
    "limit",
    "limit_bound",
    "deduction",
    "amount",
    "recouped",
)


@dataclass(frozen=True)
class TableSettlement:
    """What each row comes to: unrounded pence (cents), rates as decimals, `limit_bound` 1 or 0."""

    generated: Array
    share_rate: Array
    loss_rate: Array
    limit: Array
    limit_bound: Array
    deduction: Array
    amount: Array
    recouped: Array


@dataclass(frozen=True)
class Laid:
    """A settlement laid out: the jobs for a block of rows, and which of them give the outputs."""

    jobs: Sequence[Work]
    chosen: Sequence[int | None]
    rows: int

    def carried_out(self) -> TableSettlement:
        """Do the jobs, a block of rows at a time."""
        results = np.empty((len(OUTPUTS), self.rows))
        held: list[Any] = [None] * len(self.jobs)
        for start in range(0, self.rows, ROWS_A_BLOCK):
            block = slice(start, min(start + ROWS_A_BLOCK, self.rows))
            for number, job in enumerate(self.jobs):
                held[number] = job(held, block)
            for result, given in zip(results, self.chosen, strict=True):
                result[block] = 0 if given is None else held[given]
        return TableSettlement(*results)


def lay_out(arrangement: TableArrangement, table: ResultsTable, log: ProblemLog) -> Laid | None:
    """Lay out the settlement of a table; None, with the problems in the log, where a row falls
    outside the arrangement.

    Source: handbook 6.4.6; req 286.
    """
    before = len(log.errors)
    book = TableBook(table, log)
    figures: Figures = run_steps(book, arrangement.steps, TABLE_KINDS, {})
    if len(log.errors) > before:
        return None
    chosen = [book.by_row(figures[name]).number if name in figures else None for name in OUTPUTS]
    return Laid(book.jobs, chosen, len(table))


def settle_table(
    arrangement: TableArrangement, table: ResultsTable, log: ProblemLog
) -> TableSettlement | None:
    """Settle every row of a results table by an arrangement's steps.

    Gives None, with the problems in the log, where a row falls outside the arrangement.
    Source: handbook 6.4.5, 6.4.6; req 258, 276, 277, 278, 279, 280, 281, 282, 286.
    """
    laid = lay_out(arrangement, table, log)
    settled = laid.carried_out() if laid is not None else None
    if settled is None:
        return None
    rate = np.where(settled.generated < 0, settled.loss_rate, settled.share_rate)
    unknown = np.flatnonzero(np.isnan(settled.amount) | ((settled.generated != 0) & np.isnan(rate)))
    for row in unknown:
        log.error(
            table.where(int(row), next(iter(table.columns))),
            "What this row comes to rests on a value that is blank, such as the quality score that"
            " eases a loss.",
            "Enter the value; a blank is never read as zero.",
            "blank_value_needed",
        )
    return None if unknown.size else settled
