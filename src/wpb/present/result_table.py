"""A result as a table: declared columns, typed rows - written the same to CSV, to the workbook and
to the report.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wpb.kernel.problems import UsageProblem

Kind = Literal["code", "text", "year", "pence", "share", "rate", "number", "count", "yes_no"]
"""pence: whole pence, shown as pounds where people read; share and rate: 0.025 for 2.5%; number:
unrounded.
"""
Library = Literal["pandas", "polars", "pyarrow"]
Origin = Literal["label", "input", "calculated"]
Value = str | int | float | bool | None


@dataclass(frozen=True)
class ResultColumn:
    """One column of a result: its name in files, its heading for readers, what it holds and where
    it comes from.
    """

    name: str
    heading: str
    kind: Kind = "text"
    origin: Origin = "label"
    adds_up: bool = False
    """Whether its rows add to a total that means something."""


@dataclass(frozen=True)
class ResultTable:
    """One result: its name (the CSV's and the sheet's), title, what it shows, columns and rows."""

    name: str
    title: str
    help: str
    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def position(self, column: str) -> int:
        """Find a column's position by name.

        Raises KeyError for a name the table doesn't have.
        """
        for position, found in enumerate(self.columns):
            if found.name == column:
                return position
        raise KeyError(f"result {self.name} has no column {column}")

    def column(self, name: str) -> list[Any]:
        """The values of a column, in the order of the rows."""
        position = self.position(name)
        return [row[position] for row in self.rows]

    def frame(self, library: Library = "pyarrow") -> Any:
        """The rows as a data frame of the library asked for: pandas, polars or pyarrow; amounts are
        whole pence.

        Raises UsageProblem where that library is not installed.
        """
        columns = {column.name: self.column(column.name) for column in self.columns}
        try:
            module = importlib.import_module(library)
        except ImportError as fault:
            raise UsageProblem(
                f"{library} is not installed, so there is no such frame. Install it with pip"
                f" install {library}, or ask for another library."
            ) from fault
        return module.table(columns) if library == "pyarrow" else module.DataFrame(columns)

    def records(self) -> list[dict[str, Any]]:
        """The rows by column name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def result_table(
    name: str,
    title: str,
    about: str,
    columns: Sequence[ResultColumn],
    rows: Iterable[Sequence[Value]],
) -> ResultTable:
    """Make a result table, checking that every row has a value for every column.

    Raises ValueError for a row of another length.
    """
    found = tuple(tuple(row) for row in rows)
    if any(len(row) != len(columns) for row in found):
        raise ValueError(f"result {name} has a row that does not fit its {len(columns)} columns")
    return ResultTable(name, title, about, tuple(columns), found)


def label(name: str, heading: str, kind: Kind = "text") -> ResultColumn:
    """Declare a column that names things."""
    return ResultColumn(name, heading, kind)


def entered(name: str, heading: str, kind: Kind = "pence", adds_up: bool = False) -> ResultColumn:
    """Declare a column of figures as they were entered."""
    return ResultColumn(name, heading, kind, "input", adds_up)


def worked_out(
    name: str, heading: str, kind: Kind = "pence", adds_up: bool = False
) -> ResultColumn:
    """Declare a column of figures that were calculated."""
    return ResultColumn(name, heading, kind, "calculated", adds_up)
