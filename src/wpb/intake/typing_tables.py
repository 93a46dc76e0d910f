"""A grid to a typed table: every value typed by its column's kind, every problem logged with its
cell.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.intake.grids import Grid, as_entered, is_blank
from wpb.intake.headings import find_heading
from wpb.intake.row_checks import (
    check_overhang,
    check_totals,
    check_unit_notes,
    tell_hidden,
    tell_look_alikes,
)
from wpb.intake.values import SIGNS, ValueFault, date_day_first, typed_value
from wpb.kernel.problems import ProblemLog
from wpb.tables.schema import Column, TableSpec, TypedTable

REPORTED = 25
"""How many cells of one column are named one by one for the same kind of fault; the rest are
counted.
"""


def type_table(grid: Grid, spec: TableSpec, currency: str, log: ProblemLog) -> TypedTable | None:
    """Read a grid as one declared table; None, with the problem logged, where it has no heading
    row.

    Rows with nothing in them are passed over. Numbers are float64 with NaN for an allowed blank,
    pounds in pence.
    """
    _note_merged(grid, log)
    heading = find_heading(grid, spec, log)
    if heading is None:
        return None
    rows = [
        row
        for row in range(heading.row + 1, len(grid.rows))
        if any(not is_blank(value) for value in grid.rows[row])
    ]
    tell_hidden(grid, heading.row, rows, log)
    check_overhang(grid, len(grid.rows[heading.row]), rows, log)
    check_unit_notes(grid, heading.row, spec, log)
    columns: dict[str, NDArray[np.generic]] = {}
    entered: dict[str, list[str]] = {}
    for column in spec.columns:
        reading = _ColumnReading(grid, column, heading.positions.get(column.name), currency, log)
        columns[column.name] = reading.read(rows)
        if reading.position is not None:
            entered[column.name] = reading.entered
    table = TypedTable(
        spec,
        columns,
        grid.file,
        grid.sheet,
        [row + 1 for row in rows],
        dict(heading.positions),
        dict(entered),
    )
    check_totals(table, grid.sums, log)
    tell_look_alikes(table, log)
    return table


@dataclass
class _ColumnReading:
    """One column while it is read: its faults counted, so that a column of a thousand bad cells
    stays readable.
    """

    grid: Grid
    column: Column
    position: int | None
    currency: str
    log: ProblemLog

    def __post_init__(self) -> None:
        self.entered: list[str] = []
        self.known: dict[object, object] = {}
        self.faults: Counter[str] = Counter()
        self.as_text: list[int] = []
        self.as_number: list[int] = []
        self.day_first: list[int] = []

    def read(self, rows: list[int]) -> NDArray[np.generic]:
        blank: object = (
            np.nan if self.column.is_number else None if self.column.kind == "yes_no" else ""
        )
        values = [
            blank if self.position is None else self._value(row, self.position, blank)
            for row in rows
        ]
        for code, count in self.faults.items():
            if count > REPORTED and self.position is not None:
                self.log.error(
                    self.grid.cell(rows[-1], self.position),
                    f"{count - REPORTED} more cells of the column '{self.column.name}' have the"
                    " same fault.",
                    "Correct them as the ones above.",
                    code,
                )
        self._note_habits()
        if self.column.is_number:
            return np.array(values, dtype=np.float64)
        held = np.empty(len(values), dtype=object)
        held[:] = values
        return held

    def _value(self, row: int, position: int, blank: object) -> object:
        code = self.column.kind == "code"
        raw = self.grid.code(row, position) if code else self.grid.value(row, position)
        self.entered.append(as_entered(raw))
        if is_blank(raw):
            if self.column.required:
                self._fault(
                    row,
                    position,
                    f"'{self.column.name}' is blank.",
                    f"Enter it: {self.column.help}.",
                    "blank",
                )
            return blank
        if self.column.kind == "pounds" and self._in_another_currency(row, position):
            return blank
        if isinstance(raw, str) and raw in self.known:
            value = self.known[raw]
        else:
            try:
                value = self.known[raw] = typed_value(self.column, raw, self.currency)
            except ValueFault as fault:
                self._fault(row, position, fault.what, fault.fix, fault.code)
                return blank
        if self.grid.source == "excel":
            if self.column.is_number and isinstance(raw, str):
                self.as_text.append(row)
            elif code and not isinstance(raw, str):
                self.as_number.append(row)
        if self.column.kind == "date" and isinstance(raw, str) and date_day_first(raw):
            self.day_first.append(row)
        return value

    def _in_another_currency(self, row: int, position: int) -> bool:
        sign = self.grid.shown_in.get((row, position), "")
        if not sign or sign == SIGNS.get(self.currency, "£"):
            return False
        what = (
            f"The cell shows its number in {sign}, but this model is in {self.currency or 'GBP'}."
        )
        self._fault(
            row,
            position,
            what,
            f"Enter the amount in {self.currency or 'GBP'}, and format the cell so.",
            "currency",
        )
        return True

    def _fault(self, row: int, position: int, what: str, fix: str, code: str) -> None:
        self.faults[code] += 1
        if self.faults[code] <= REPORTED:
            self.log.error(
                self.grid.cell(row, position, as_entered(self.grid.value(row, position))),
                what,
                fix,
                code,
            )

    def _note_habits(self) -> None:
        if self.position is None:
            return
        if self.day_first:
            first = as_entered(self.grid.value(self.day_first[0], self.position))
            self.log.note(
                self.grid.cell(self.day_first[0], self.position, first),
                f"{len(self.day_first)} date(s) of the column '{self.column.name}' are read day"
                f" first: {first} as {date_day_first(first)}.",
                code="date_day_first",
            )
        if self.as_text:
            where = self.grid.cell(
                self.as_text[0],
                self.position,
                as_entered(self.grid.value(self.as_text[0], self.position)),
            )
            self.log.note(
                where,
                f"{len(self.as_text)} number(s) of the column '{self.column.name}' are stored as"
                " text; they are read as numbers.",
                code="number_as_text",
            )
        if self.as_number:
            where = self.grid.cell(
                self.as_number[0],
                self.position,
                as_entered(self.grid.value(self.as_number[0], self.position)),
            )
            self.log.note(
                where,
                f"{len(self.as_number)} code(s) of the column '{self.column.name}' are stored as"
                " numbers; they are read as their digits.",
                "Where a code starts with 0, format the column as Text and type it again.",
                "code_as_number",
            )


def _note_merged(grid: Grid, log: ProblemLog) -> None:
    for first_row, first_position, last_row, last_position in grid.merged:
        if as_entered(grid.value(first_row, 0) if first_row < len(grid.rows) else None).startswith(
            "#"
        ):
            continue
        first, last = grid.cell(first_row, first_position), grid.cell(last_row, last_position)
        log.error(
            first,
            f"The cells {first.cell} to {last.cell} are merged, so all but the first read as"
            " blank.",
            "Unmerge them and fill in each cell.",
            "merged_cells",
        )
