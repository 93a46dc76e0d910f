"""Many runs, in chunks of a fixed size over as many processes as asked for: the same figures for
any number of them.

What is kept of a run is a short row of totals; past a size they wait in a file, so memory does not
grow with runs.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from wpb.shadow.accounts import Accounts, accounts
from wpb.shadow.draws import CHUNK_RUNS, draw, planned_values
from wpb.shadow.engine import Simulated, simulate
from wpb.shadow.payment_models import PaymentModel, margins
from wpb.shadow.plan import SimulationPlan
from wpb.shadow.sharing_links import beyond_limit
from wpb.shadow.workers import Workers, at_work

Array = NDArray[np.float64]
Seed = int | Mapping[str, int]

BATCH_CHUNKS = 8
IN_MEMORY_BYTES = 256_000_000


class Cancelled(Exception):
    """Raised where a simulation was stopped before its end."""


@dataclass(frozen=True)
class Case:
    """What a worker holds: the plan, the case in which all goes as planned, and the payment models
    to compare.
    """

    plan: SimulationPlan
    planned: Simulated
    models: tuple[PaymentModel, ...] = ()

    @property
    def columns(self) -> dict[str, slice]:
        """Where each figure stands in a run's row: name -> columns."""
        years, found, at = len(self.plan.years), {}, 0
        sizes: list[tuple[str, int]] = []
        for terms in self.plan.parties:
            sizes += [
                (f"margin/{terms.organisation}", years),
                (f"income/{terms.organisation}", years),
            ]
        sizes += [(name, years) for name in ("forecast", "out_of_scope", "headroom")]
        for one in self.plan.shared:
            sizes += [
                (f"gap/{one.arrangement.name}/{line}", len(one.arrangement.years))
                for line in one.arrangement.line_names
            ]
        sizes += [
            (f"beyond_limit/{one.arrangement.name}", len(one.arrangement.years))
            for one in self.plan.shared
        ]
        sizes += [
            (f"sharing/{terms.organisation}", years)
            for terms in self.plan.parties
            if self.plan.shared
        ]
        if self.models:
            sizes += [
                (f"model/{code}/{terms.organisation}", 1)
                for code in self.model_codes
                for terms in self.plan.parties
            ]
        for name, size in sizes:
            found[name] = slice(at, at + size)
            at += size
        return found

    @property
    def model_codes(self) -> tuple[str, ...]:
        """The payment models compared, by code."""
        from wpb.shadow.payment_models import WPB, WPB_SHARED

        return (
            (*(one.code for one in self.models), WPB, *([WPB_SHARED] if self.plan.shared else []))
            if self.models
            else ()
        )

    @property
    def width(self) -> int:
        """Number of figures kept of a run."""
        return max(int(columns.stop) for columns in self.columns.values())


def planned_case(plan: SimulationPlan, models: tuple[PaymentModel, ...] = ()) -> Case:
    """The case in which everything goes as planned: the same calculation with one run."""
    return Case(plan, simulate(plan, planned_values(plan.declared, 1, len(plan.years))), models)


def run_values(case: Case, values: Mapping[str, Array]) -> Array:
    """The figures kept of runs whose uncertainties have these values, [run, column]."""
    plan = case.plan
    now = simulate(plan, values)
    drawn_up = accounts(plan, now, case.planned)
    return row_of(case, now, drawn_up)


def row_of(case: Case, now: Simulated, drawn_up: Accounts) -> Array:
    """Lay the figures kept of each run out in a row."""
    plan, columns = case.plan, case.columns
    runs = drawn_up.income.shape[0]
    rows = np.empty((runs, case.width))
    inside = np.array([cell.inside for cell in plan.cells])
    for place, terms in enumerate(plan.parties):
        rows[:, columns[f"margin/{terms.organisation}"]] = (
            drawn_up.income[:, place] - drawn_up.cost[:, place]
        )
        rows[:, columns[f"income/{terms.organisation}"]] = drawn_up.income[:, place]
        if plan.shared:
            rows[:, columns[f"sharing/{terms.organisation}"]] = drawn_up.shared[:, place]
    rows[:, columns["forecast"]] = now.spend[:, inside].sum(axis=1)
    rows[:, columns["out_of_scope"]] = now.spend[:, ~inside].sum(axis=1)
    rows[:, columns["headroom"]] = now.allocation.sum(axis=1) - now.spend.sum(axis=1)
    for one, settlement in zip(plan.shared, drawn_up.settlements, strict=True):
        for line, name in enumerate(one.arrangement.line_names):
            rows[:, columns[f"gap/{one.arrangement.name}/{name}"]] = settlement.gap[:, line]
        rows[:, columns[f"beyond_limit/{one.arrangement.name}"]] = beyond_limit(settlement)
    if case.models:
        for code, margin in margins(plan, case.models, now, drawn_up).items():
            for place, terms in enumerate(plan.parties):
                rows[:, columns[f"model/{code}/{terms.organisation}"]] = margin[:, place, None]
    return rows


@dataclass
class RunStore:
    """The rows of all runs, column by column: in memory while small, else in a file that goes when
    it is closed.
    """

    case: Case
    runs: int
    _array: Array | None = field(default=None, repr=False)
    _file: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        size = self.runs * self.case.width * 8
        if size <= IN_MEMORY_BYTES:
            self._array = np.empty((self.case.width, self.runs))
        else:
            self._file = tempfile.TemporaryFile(prefix="wpb-shadow-")  # noqa: SIM115 - held until the store is closed
            os.truncate(self._file.fileno(), size)

    def put(self, first: int, rows: Array) -> None:
        """Keep the rows of runs from `first` on; what lies past the last run is left out."""
        kept = np.ascontiguousarray(rows[: max(0, self.runs - first)].T)
        if self._array is not None:
            self._array[:, first : first + kept.shape[1]] = kept
            return
        for column in range(kept.shape[0]):
            os.pwrite(self._file.fileno(), kept[column].tobytes(), (column * self.runs + first) * 8)

    def column(self, at: int) -> Array:
        """One figure of every run."""
        if self._array is not None:
            held: Array = self._array[at]
            return held
        return np.frombuffer(
            os.pread(self._file.fileno(), self.runs * 8, at * self.runs * 8), dtype=np.float64
        )

    def years(self, name: str) -> Iterator[Array]:
        """One figure of every run, year by year."""
        columns = self.case.columns[name]
        for at in range(columns.start, columns.stop):
            yield self.column(at)

    def total(self, name: str) -> Array:
        """One figure of every run, added over years."""
        whole = np.zeros(self.runs)
        for year in self.years(name):
            whole += year
        return whole

    def close(self) -> None:
        """Let the rows go."""
        self._array = None
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def batch_rows(case: Case, seed: Seed, chunks: range) -> Array:
    """The rows of some chunks, in order."""
    rows, years = case.plan.rows_of_each, len(case.plan.years)
    found = [
        run_values(case, draw(case.plan.declared, rows, years, seed, chunk)) for chunk in chunks
    ]
    return np.concatenate([np.broadcast_to(one, (CHUNK_RUNS, case.width)) for one in found])


def batches_of(chunks: int, size: int = BATCH_CHUNKS) -> list[range]:
    """Chunks in batches, each handed to a worker at one go."""
    return [range(first, min(first + size, chunks)) for first in range(0, chunks, size)]


def simulate_runs(
    case: Case,
    runs: int,
    seed: Seed,
    workers: int | Workers = 1,
    progress: Callable[[str], None] = lambda stage: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> RunStore:
    """Simulate runs and keep the rows of each.

    The figures hang on the seed and the size of a chunk alone, never on the number of workers.
    Raises Cancelled, UsageProblem where a worker was ended from outside.
    Source: handbook 1.1.5; req 299, 300.
    """
    chunks = math.ceil(runs / CHUNK_RUNS)
    batches = batches_of(chunks)
    store = RunStore(case, runs)
    try:
        done = 0
        with at_work(workers) as crew:
            for place, rows in crew.each(batch_rows, case, [(seed, batch) for batch in batches]):
                store.put(batches[place].start * CHUNK_RUNS, rows)
                before, done = done, done + len(batches[place])
                if done * 10 // chunks > before * 10 // chunks:
                    progress(f"simulating, {min(done * CHUNK_RUNS, runs):,} of {runs:,} runs")
                if cancelled():
                    raise Cancelled
    except BaseException:
        store.close()
        raise
    return store
