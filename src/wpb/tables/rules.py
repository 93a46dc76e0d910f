"""Checks that a table declares in its class, each with the code of the problem it tells of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from wpb.kernel.calendar import is_financial_year, next_year
from wpb.tables.checking import NAMED_CELLS, Among, tell_rows
from wpb.tables.declared import DeclaredColumn, FlagColumn, NumberColumn, TextColumn
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


@dataclass(frozen=True)
class NotAbove:
    """A number is no higher than another of its row."""

    column: NumberColumn
    most: NumberColumn
    what: str
    fix: str
    code: str = "out_of_range"

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the problem it tells of."""
        return (self.code,)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log the rows on which the number is above the other.

        Source: req 361.
        """
        over = table.numbers(self.column.name) > table.numbers(self.most.name)
        rows = np.flatnonzero(over).tolist()
        tell_rows(among.log.error, table, self.column.name, rows, self.what, self.fix, self.code)


@dataclass(frozen=True)
class Differs:
    """A code is not that of another column of its row."""

    column: TextColumn
    other: TextColumn
    what: str
    fix: str
    code: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the problem it tells of."""
        return (self.code,)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log the rows on which both are one code.

        Source: req 361.
        """
        pairs = zip(table.text(self.column.name), table.text(self.other.name), strict=True)
        rows = [row for row, (code, other) in enumerate(pairs) if code and code == other]
        tell_rows(among.log.error, table, self.column.name, rows, self.what, self.fix, self.code)


@dataclass(frozen=True)
class NotIn:
    """A code of the table is not also one of another table, so that every code means one thing."""

    column: TextColumn
    other: str
    """table.column"""
    what: str
    fix: str
    code: str = "code_used_twice"

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the problem it tells of."""
        return (self.code,)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log the rows whose code the other table has too.

        Source: req 361.
        """
        name, _, column = self.other.partition(".")
        taken = set(among[name].text(column)) - {""}
        rows = [row for row, code in enumerate(table.text(self.column.name)) if code in taken]
        tell_rows(among.log.error, table, self.column.name, rows, self.what, self.fix, self.code)


@dataclass(frozen=True)
class OfKind:
    """A code refers to a row that is of none of some kinds."""

    column: TextColumn
    kind: str
    """table.column that says what the row is."""
    refused: tuple[str, ...]
    what: str
    fix: str
    code: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the problem it tells of."""
        return (self.code,)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log each code that refers to a row of a refused kind.

        Source: handbook 2.1.1; req 361.
        """
        name, _, column = self.kind.partition(".")
        _, _, key = self.column.refers_to.partition(".")
        kinds = dict(zip(among[name].text(key), among[name].text(column), strict=True))
        for (code,), rows in table.groups(self.column.name).items():
            if kinds.get(code) in self.refused:
                what = self.what.replace("{kind}", kinds[code].replace("_", " "))
                tell_rows(among.log.error, table, self.column.name, rows, what, self.fix, self.code)


@dataclass(frozen=True)
class OneYes:
    """Exactly one row of each group says yes."""

    column: FlagColumn
    per: tuple[TextColumn, ...]
    what: str
    """What is wrong, with {codes} and {held} ('is there twice' or 'is missing')."""
    fix: str
    code: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the problem it tells of."""
        return (self.code,)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log each group in which none or several rows say yes.

        Source: req 361.
        """
        flags = table.flags(self.column.name)
        for key, rows in table.groups(*(column.name for column in self.per)).items():
            yes = [row for row in rows if flags[row]]
            if len(yes) != 1:
                held = "is there twice" if yes else "is missing"
                among.log.error(
                    table.where((yes or rows)[-1], self.column.name),
                    self.what.format(codes=" ".join(key), held=held),
                    self.fix,
                    self.code,
                )


@dataclass(frozen=True)
class EveryYearBetween:
    """What runs over years has a row for each year between its first and its last.

    A year before the first row, or after the last, has nothing; one left out in between would count
    as zero, and no one said so.
    """

    year: TextColumn
    codes = ("year_gap",)

    def find(self, table: TypedTable, among: Among) -> None:
        """Log each run of rows that leaves a year out.

        Source: handbook 3.5; req 188, 192.
        """
        years = table.text(self.year.name)
        by = [name for name in table.spec.key if name != self.year.name]
        for key, rows in table.groups(*by).items():
            row_of = {years[row]: row for row in rows if is_financial_year(years[row])}
            if not row_of:
                continue
            first, last = min(row_of), max(row_of)
            missing, year = [], first
            while year < last:
                if year not in row_of:
                    missing.append(year)
                year = next_year(year)
            if missing:
                after = min(year for year in row_of if year > missing[0])
                among.log.error(
                    table.where(row_of[after], self.year.name),
                    f"'{' '.join(code for code in key if code)}' has rows for {first} to {last}"
                    f" and none for {', '.join(missing)}, which would count as nought.",
                    "Add a row for each year in between, with 0 where nothing changes.",
                    "year_gap",
                )
