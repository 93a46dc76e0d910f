"""One of two budgets to compare, brought to the same shape from a calculated budget or from results
on disk.

Source: handbook 4.3.1; req 369.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wpb.kernel.problems import UsageProblem
from wpb.present.bridge import BASELINE_STAGES
from wpb.present.ledger_file import COLUMNS, ledger_table
from wpb.present.manifest import MANIFEST
from wpb.present.record_tables import assumptions_table
from wpb.present.whole_pence import WholePence
from wpb.run import Budget
from wpb.tables.model import Model

if TYPE_CHECKING:
    import pyarrow as pa

LEDGER, ASSUMPTIONS = "ledger.parquet", "assumptions.csv"
Step = tuple[str, str]


@dataclass
class ComparedSide:
    """A budget's ledger, assumptions and input hashes, with the sums a comparison asks for."""

    name: str
    title: str
    baseline_year: str
    years: tuple[str, ...]
    ledger: pa.Table
    assumptions: list[dict[str, Any]]
    inputs: dict[str, str]
    model: Model | None = None

    @cached_property
    def _columns(self) -> dict[str, Any]:
        return {
            name: _words(self.ledger.column(name))
            for name in ("kind", "stage", "step", "figure", "line", "year")
        } | {"amount": self.ledger.column("amount_pence").to_numpy()}

    @cached_property
    def _is_movement(self) -> Any:
        return self._columns["kind"] == "movement"

    @cached_property
    def lines(self) -> frozenset[str]:
        """Every line that has an amount somewhere."""
        return frozenset(self._columns["line"].tolist())

    @cached_property
    def baseline_lines(self) -> dict[str, float]:
        """The baseline of each line that has one, unrounded."""
        return self._level("baseline", self.baseline_year)

    @property
    def baseline_total(self) -> float:
        """The baseline, unrounded."""
        return float(np.sum(list(self.baseline_lines.values())))

    @cached_property
    def baseline_steps(self) -> dict[Step, float]:
        """The movements from current spend to the baseline, in order, unrounded."""
        stage = self._columns["stage"]
        return self._steps(
            np.flatnonzero(
                self._is_movement
                & np.logical_or.reduce([stage == name for name in BASELINE_STAGES])
            )
        )

    @cached_property
    def forecast_lines(self) -> dict[str, dict[str, float]]:
        """The forecast of each line by year, unrounded."""
        return {year: self._level("forecast", year) for year in self.years}

    @cached_property
    def forecast_total(self) -> dict[str, float]:
        """The forecast by year, unrounded."""
        return {
            year: float(np.sum(list(lines.values()))) for year, lines in self.forecast_lines.items()
        }

    @cached_property
    def forecast_steps(self) -> dict[str, dict[Step, float]]:
        """The movements from the baseline to each year's forecast, in order, unrounded."""
        rows = self._is_movement & (self._columns["stage"] == "forecast")
        return {
            year: self._steps(np.flatnonzero(rows & (self._columns["year"] == year)))
            for year in self.years
        }

    def _level(self, figure: str, year: str) -> dict[str, float]:
        columns = self._columns
        rows = np.flatnonzero(
            ~self._is_movement & (columns["figure"] == figure) & (columns["year"] == year)
        )
        return dict(
            zip(columns["line"][rows].tolist(), columns["amount"][rows].tolist(), strict=True)
        )

    def _steps(self, rows: Any) -> dict[Step, float]:
        found: dict[Step, float] = {}
        columns = self._columns
        for stage, step, amount in zip(
            columns["stage"][rows].tolist(),
            columns["step"][rows].tolist(),
            columns["amount"][rows].tolist(),
            strict=True,
        ):
            found[stage, step] = found.get((stage, step), 0.0) + amount
        return found


def _words(column: pa.ChunkedArray) -> Any:
    """Spell a column of words as an array, each distinct word made once."""
    import pyarrow as pa

    joined = column.combine_chunks()
    encoded = joined if pa.types.is_dictionary(joined.type) else joined.dictionary_encode()
    return np.asarray(encoded.dictionary.to_pylist(), dtype=object)[encoded.indices.to_numpy()]


def side_of_budget(budget: Budget, name: str) -> ComparedSide:
    """Take a calculated budget as a side of a comparison."""
    settings = budget.model.settings
    used = assumptions_table(WholePence(budget)).records()
    return ComparedSide(
        name,
        settings.title,
        settings.baseline_year,
        budget.years,
        ledger_table(budget),
        used,
        budget.model.input_hashes,
        budget.model,
    )


def results_at(path: Path) -> Path | None:
    """Give the results folder that a path names, itself or by its ledger; None where it names
    something else.
    """
    folder = path.parent if path.name == LEDGER else path
    return folder if (folder / LEDGER).is_file() and (folder / MANIFEST).is_file() else None


def side_of_results(folder: Path, name: str) -> ComparedSide:
    """Take the results of an earlier run as a side of a comparison.

    Raises UsageProblem where they cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        ledger = pq.read_table(folder / LEDGER, columns=list(COLUMNS))
        with (folder / ASSUMPTIONS).open(encoding="utf-8", newline="") as stream:
            used = [_typed(record) for record in csv.DictReader(stream)]
        return ComparedSide(
            name,
            manifest["title"],
            manifest["baseline_year"],
            tuple(manifest["years"]),
            ledger,
            used,
            manifest["inputs"],
        )
    except (OSError, ValueError, KeyError, pa.ArrowException) as fault:
        raise UsageProblem(
            f"the results in {folder} cannot be read ({fault}). Run the model again, or name its"
            " folder instead."
        ) from fault


def _typed(record: dict[str, str]) -> dict[str, Any]:
    return {
        **record,
        "value": float(record["value"]) if record["value"] else None,
        "local": record["local"] == "true",
    }
