"""Checks that a table declares in its class, each with the code of the problem it tells of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from wpb.tables.checking import NAMED_CELLS, Among, tell_rows
from wpb.tables.declared import DeclaredColumn, NumberColumn, TextColumn
from wpb.tables.limits import limit_in
from wpb.tables.schema import TypedTable

SHARE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class SharesAddToOne:
    """A share column adds to 1 within each group of rows, to within 1e-9; a group with a blank or
    wrong share is left to its own problem.
    """

    column: NumberColumn
    per: tuple[TextColumn, ...]
    codes = ("shares_total",)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log each group whose shares do not add to 1.

        Source: handbook 2.4.3 Fig 6, 2.4.5 Fig 13; req 79, 97.
        """
        groups: Mapping[tuple[str, ...], list[int]] = (
            table.groups(*(column.name for column in self.per))
            if self.per
            else {(): list(range(len(table)))}
        )
        name, shares = self.column.name, table.numbers(self.column.name)
        for key, rows in groups.items():
            total = math.fsum(shares[rows])
            if rows and math.isfinite(total) and abs(total - 1) > SHARE_TOLERANCE:
                cells = [table.where(row, name).cell for row in rows]
                among.log.error(
                    table.where(rows[0], name),
                    f"The shares of {', '.join(key) or 'the table'} ({', '.join(cells)}) add to"
                    f" {total:.10g}, not 1.",
                    "Correct them so that they add to exactly 1 (100%).",
                    "shares_total",
                )


@dataclass(frozen=True)
class Steady:
    """A figure should not leap from one year, month or day to the next."""

    column: NumberColumn
    by: tuple[TextColumn, ...]
    over: TextColumn
    limit: str
    """The entry of check_limits that says how far it may move."""
    unless: tuple[str, ...] = ()
    """Columns of other tables that declare the change: their codes may leap."""
    codes = ("figure_jump",)

    def find(self, table: TypedTable, among: Among) -> None:
        """Warn where a figure leaps from one period to the next: |later / earlier - 1| above the
        limit.

        Source: handbook 2.4.1; req 383.
        """
        name = self.column.name
        most, numbers = limit_in(among.tables, self.limit), table.numbers(name)
        when, leaps = table.text(self.over.name), []
        declared = {
            code
            for other, _, column in (each.partition(".") for each in self.unless)
            for code in among[other].text(column)
        }
        by = [column.name for column in self.by]
        for key, rows in table.groups(*by).items() if by else [((), range(len(table)))]:
            if declared.intersection(key):
                continue
            ordered = sorted((row for row in rows if when[row]), key=lambda row: when[row])
            for earlier, later in pairwise(ordered):
                before, after = float(numbers[earlier]), float(numbers[later])
                if before > 0 and after > 0 and not 1 / (1 + most) <= after / before <= 1 + most:
                    leaps.append((max(after / before, before / after), later, earlier, key))
        leaps.sort(key=lambda leap: (-leap[0], leap[1]))
        for number, (_, later, earlier, key) in enumerate(leaps[:NAMED_CELLS], start=1):
            more = len(leaps) - number
            change = float(numbers[later]) / float(numbers[earlier]) - 1
            among.log.warning(
                table.where(later, name),
                f"The {name.replace('_', ' ')} of {' '.join(key) or table.spec.name} changes"
                f" by {change:.1%} from {when[earlier]} to {when[later]} (cells"
                f" {table.where(earlier, name).cell} and"
                f" {table.where(later, name).cell}), more than {most:.0%}."
                + (f" So do {more} more." if number == NAMED_CELLS and more else ""),
                f"Correct it; or, if it is right, set {self.limit} in check_limits with a reason.",
                "figure_jump",
            )


@dataclass(frozen=True)
class RateNotLarge:
    """A rate should not be further from zero than a limit."""

    column: NumberColumn
    limit: str
    """The entry of check_limits beyond which it is questioned."""
    codes = ("rate_large",)

    def find(self, table: TypedTable, among: Among) -> None:
        """Warn of rates further from zero than the limit.

        Source: handbook 2.4.1; req 383.
        """
        name = self.column.name
        most, numbers = limit_in(among.tables, self.limit), table.numbers(name)
        rows = [row for row, number in enumerate(numbers) if abs(float(number)) > most]
        rows.sort(key=lambda row: -abs(float(numbers[row])))
        for number, row in enumerate(rows[:NAMED_CELLS], start=1):
            more = len(rows) - number
            among.log.warning(
                table.where(row, name),
                f"A {name.replace('_', ' ')} of {float(numbers[row]):.1%} is more than {most:.0%}."
                + (f" So are {more} more." if number == NAMED_CELLS and more else ""),
                f"Correct it; or, if it is right, set {self.limit} in check_limits with a reason.",
                "rate_large",
            )


def _filled(table: TypedTable, column: DeclaredColumn, row: int) -> bool:
    """Whether a cell was filled in, by its text where that was kept."""
    entered = table.entered.get(column.name)
    if entered is not None:
        return bool(str(entered[row]).strip())
    value = table.columns[column.name][row]
    return not (value is None or value == "" or (isinstance(value, float) and math.isnan(value)))


@dataclass(frozen=True)
class RequiredWhen:
    """A column is filled in on rows where another has one of some values."""

    column: DeclaredColumn
    when: DeclaredColumn
    values: tuple[object, ...]
    what: str
    fix: str
    code: str = "blank"

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the problem it tells of."""
        return (self.code,)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log the rows that lack the value.

        Source: req 361.
        """
        rows = [
            row
            for row, value in enumerate(table.columns[self.when.name])
            if value in self.values and not _filled(table, self.column, row)
        ]
        tell_rows(among.log.error, table, self.column.name, rows, self.what, self.fix, self.code)


@dataclass(frozen=True)
class OnlyWhen:
    """A column is blank on rows where another has a value that is none of some values."""

    column: DeclaredColumn
    when: DeclaredColumn
    values: tuple[object, ...]
    what: str
    fix: str
    code: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the problem it tells of."""
        return (self.code,)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log the rows that have a value nothing would read.

        Source: req 361.
        """
        rows = [
            row
            for row, value in enumerate(table.columns[self.when.name])
            if value != "" and value not in self.values and _filled(table, self.column, row)
        ]
        tell_rows(among.log.error, table, self.column.name, rows, self.what, self.fix, self.code)


@dataclass(frozen=True)
class Refused:
    """Values of a choice that may not be entered, each with the reason."""

    column: TextColumn
    reasons: Mapping[str, str]
    fix: str
    code: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the problem it tells of."""
        return (self.code,)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log the rows with a value that may not be entered.

        Source: req 361.
        """
        for value, reason in self.reasons.items():
            rows = table.rows_where(self.column.name, value)
            tell_rows(among.log.error, table, self.column.name, rows, reason, self.fix, self.code)
