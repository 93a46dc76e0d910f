"""A table of results to settle: one row an organisation and year, its columns declared by the
arrangement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.numerals import percentage
from wpb.kernel.places import Cell, column_letters
from wpb.kernel.problems import ProblemLog
from wpb.sharing.values import Match

Array = NDArray[np.float64]
Codes = NDArray[np.int32]
Rows = NDArray[np.intp]

KINDS = ("text", "choice", "whole_number", "flag", "amount", "rate")
MOST_VALUES = 64
"""A whole number with more possible values than this is read by sliding scale, not by look-up."""


@dataclass(frozen=True)
class ResultColumn:
    """A column of a results table: what it holds, its bounds, and what a blank or a missing column
    means.
    """

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    above: float | None = None
    optional: bool = False
    if_blank: float | bool | None = None
    """What a blank stands for; None: a blank is refused, unless the column is optional or
    blank_where fits.
    """
    blank_allowed: bool = False
    blank_where: tuple[tuple[str, Match], ...] = ()
    help: str = ""

    @property
    def values(self) -> tuple[Any, ...] | None:
        """The few values a look-up can read, a blank last; None where there are too many."""
        blank: tuple[Any, ...] = (
            (None,) if self.blank_allowed or self.optional or self.blank_where else ()
        )
        if self.kind == "choice":
            return (*self.choices, *blank)
        if self.kind == "flag":
            return (False, True, *blank)
        if (
            self.kind == "whole_number"
            and self.least is not None
            and self.most is not None
            and self.most - self.least < MOST_VALUES
        ):
            return (*range(int(self.least), int(self.most) + 1), *blank)
        return None


@dataclass
class ResultsTable:
    """A results table that was read and checked; amounts in pence (cents), blanks NaN."""

    columns: Mapping[str, ResultColumn]
    numbers: dict[str, Array]
    codes: dict[str, Codes]
    texts: dict[str, Sequence[str]]
    file: str = ""
    positions: Mapping[str, int] | None = None

    def __len__(self) -> int:
        for held in (self.numbers, self.codes, self.texts):
            for column in held.values():
                return len(column)
        return 0

    @cached_property
    def axes(self) -> dict[str, tuple[Any, ...]]:
        """The columns with few values, and those values."""
        return {
            name: values
            for name, column in self.columns.items()
            if (values := column.values) is not None
        }

    @cached_property
    def combination(self) -> tuple[Rows, dict[str, Codes]]:
        """The combinations of few-valued columns that occur: each row's combination, and each
        combination's codes.
        """
        key = np.zeros(len(self), dtype=np.intp)
        for name, values in self.axes.items():
            key *= len(values)
            key += self.codes[name]
        found, first, of_row = np.unique(key, return_index=True, return_inverse=True)
        del found
        return of_row.astype(np.intp), {name: self.codes[name][first] for name in self.axes}

    @cached_property
    def sizes(self) -> dict[str, Rows]:
        """Whole numbers as positions on a sliding scale, where a scale has read them."""
        return {}

    def where(self, row: int, column: str) -> Cell:
        """Give the cell of a value (row 0 is the second line of the file)."""
        position = (self.positions or {}).get(column)
        return Cell(
            self.file,
            sheet_of(self.file),
            f"{column_letters(position)}{row + 2}" if position is not None else "",
        )


def sheet_of(file: str) -> str:
    """Name the sheet of a CSV as Excel does: the file's own name.

    Source: handbook 6.4.6 (reporting); req 286.
    """
    return file.rsplit("/", 1)[-1].removesuffix(".csv")


def read_results(
    file: str,
    headings: Sequence[str],
    cells: Mapping[str, Sequence[str]],
    columns: Mapping[str, ResultColumn],
    log: ProblemLog,
) -> ResultsTable:
    """Read a results table from the text of its cells, checking every one.

    Records an error with its cell for a column that is missing or unknown, a blank where none is
    allowed, and a value that is not what its column holds.

    Source: handbook 6.4.6 (reporting); req 286.
    """
    positions = {name: position for position, name in enumerate(headings)}
    table = ResultsTable(columns, {}, {}, {}, file, positions)
    rows = len(next(iter(cells.values()))) if cells else 0
    for name in headings:
        if name not in columns:
            log.error(
                Cell(file, sheet_of(file), f"{column_letters(positions[name])}1", name),
                f"The arrangement has no column '{name}'.",
                f"Its columns: {', '.join(columns)}.",
                "column_unknown",
            )
        elif headings.count(name) > 1 and positions[name] != headings.index(name):
            log.error(
                Cell(file, sheet_of(file), f"{column_letters(positions[name])}1", name),
                f"Column '{name}' is there twice.",
                "Keep one of them.",
                "column_duplicate",
            )
    for name, column in columns.items():
        if name not in positions:
            if not column.optional:
                log.error(
                    Cell(file, sheet_of(file), "", name),
                    f"Column '{name}' is missing.",
                    "Add it, with a value in every row.",
                    "column_missing",
                )
            _fill_absent(table, column, rows)
            continue
        _read_column(table, column, cells[name], log)
    if not log.errors:
        _check_blanks(table, log)
    return table


def _fill_absent(table: ResultsTable, column: ResultColumn, rows: int) -> None:
    if column.values is not None:
        fill = (
            len(column.values) - 1
            if column.if_blank is None
            else column.values.index(column.if_blank)
        )
        table.codes[column.name] = np.full(rows, fill, dtype=np.int32)
    if column.kind == "text":
        table.texts[column.name] = [""] * rows
    elif column.kind not in ("choice", "flag"):
        table.numbers[column.name] = np.full(
            rows, np.nan if column.if_blank is None else float(column.if_blank)
        )


def _read_column(
    table: ResultsTable, column: ResultColumn, cells: Sequence[str], log: ProblemLog
) -> None:
    if column.kind == "text":
        table.texts[column.name] = cells
        for row, text in enumerate(cells):
            if not text.strip():
                log.error(
                    table.where(row, column.name), f"{column.name} is blank.", "Enter it.", "blank"
                )
        return
    if column.kind in ("choice", "flag"):
        table.codes[column.name] = _coded(table, column, cells, log)
        return
    numbers = _numbers(table, column, cells, log)
    table.numbers[column.name] = _in_pence(numbers) if column.kind == "amount" else numbers
    if column.values is not None:
        blank = len(column.values) - 1
        inside = np.where(np.isnan(numbers), blank, numbers - (column.least or 0))
        table.codes[column.name] = np.clip(inside, 0, blank).astype(np.int32)


def _in_pence(amounts: Array) -> Array:
    """Give amounts in pence: exact where they were written to the penny."""
    scaled = amounts * 100
    whole = np.rint(scaled)
    return np.where(np.abs(scaled - whole) < 1e-3, whole, scaled)


def _coded(
    table: ResultsTable, column: ResultColumn, cells: Sequence[str], log: ProblemLog
) -> Codes:
    known: dict[str, int] = {}
    values = column.values or ()
    for code, value in enumerate(values):
        if value is not None:
            known[str(value).lower() if isinstance(value, bool) else str(value)] = code
    if column.if_blank is not None:
        known[""] = values.index(column.if_blank)
    elif None in values:
        known[""] = len(values) - 1
    fold = column.kind == "flag"
    found = {
        text: known.get(text.strip().lower() if fold else text.strip(), -1) for text in set(cells)
    }
    codes = np.fromiter((found[text] for text in cells), dtype=np.int32, count=len(cells))
    for row in np.flatnonzero(codes < 0):
        text = cells[int(row)].strip()
        what = (
            f"'{text}' is not true or false."
            if fold
            else f"'{text}' is not a {column.name} of this arrangement."
        )
        fix = "Enter true or false." if fold else f"Enter one of {', '.join(column.choices)}."
        log.error(
            table.where(int(row), column.name),
            f"{column.name} is blank." if not text else what,
            fix,
            "blank" if not text else "wrong_value",
        )
    return np.maximum(codes, 0)


def _numbers(
    table: ResultsTable, column: ResultColumn, cells: Sequence[str], log: ProblemLog
) -> Array:
    numbers = _parsed(cells)
    blank_allowed = column.blank_allowed or column.optional or bool(column.blank_where)
    for row in np.flatnonzero(~np.isfinite(numbers)):
        text = cells[int(row)].strip()
        if text:
            value = percentage(text) if column.kind == "rate" else None
            if value is None:
                log.error(
                    table.where(int(row), column.name),
                    f"'{text}' is not {_noun(column)}.",
                    _how(column),
                    "not_a_number",
                )
            numbers[row] = np.nan if value is None else value
        elif column.if_blank is not None:
            numbers[row] = float(column.if_blank)
        elif not blank_allowed:
            log.error(
                table.where(int(row), column.name),
                f"{column.name} is blank.",
                _how(column),
                "blank",
            )
    bad = np.zeros(len(numbers), dtype=bool)
    with np.errstate(invalid="ignore"):
        if column.least is not None:
            bad |= numbers < column.least
        if column.most is not None:
            bad |= numbers > column.most
        if column.above is not None:
            bad |= numbers <= column.above
        if column.kind == "whole_number":
            bad |= numbers != np.rint(numbers)
    for row in np.flatnonzero(bad & ~np.isnan(numbers)):
        log.error(
            table.where(int(row), column.name),
            f"{column.name} is {cells[int(row)].strip()}, which is not"
            f" {_noun(column)}{_bounds(column)}.",
            _how(column),
            "out_of_range",
        )
    return numbers


def _parsed(cells: Sequence[str]) -> Array:
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        parsed = np.full(len(cells), np.nan)
        for row, text in enumerate(cells):
            try:
                parsed[row] = float(text) if "_" not in text else np.nan
            except ValueError:
                continue
        return parsed


def _noun(column: ResultColumn) -> str:
    return {"amount": "an amount of money", "rate": "a rate", "whole_number": "a whole number"}[
        column.kind
    ]


def _bounds(column: ResultColumn) -> str:
    said = [
        f"above {column.above:g}" if column.above is not None else "",
        f"{column.least:g} or more" if column.least is not None else "",
        f"no more than {column.most:g}" if column.most is not None else "",
    ]
    return f" {' and '.join(part for part in said if part)}" if any(said) else ""


def _how(column: ResultColumn) -> str:
    example = {"amount": "30000.00", "rate": "0.025", "whole_number": "12"}[column.kind]
    return f"Enter digits only, for example {example}."


def _check_blanks(table: ResultsTable, log: ProblemLog) -> None:
    """Refuse blanks of columns that may be blank only where a condition holds."""
    for column in table.columns.values():
        if not column.blank_where or column.kind in ("text", "choice", "flag"):
            continue
        allowed = np.ones(len(table), dtype=bool)
        for name, match in column.blank_where:
            fits = np.array([match(value) for value in table.axes[name]])
            allowed &= fits[table.codes[name]]
        for row in np.flatnonzero(np.isnan(table.numbers[column.name]) & ~allowed):
            said = " and ".join(
                f"{name} is {match.text.lower()}" for name, match in column.blank_where
            )
            log.error(
                table.where(int(row), column.name),
                f"{column.name} is blank.",
                f"{_how(column)} It may be blank only where {said}.",
                "blank",
            )
