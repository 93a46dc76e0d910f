"""The account of a file before anything of it is written: what was found, what is taken, what is
left out and why, and how its totals tie to the file and to the user's own control total.

On screen it is a list of lines, in JSON one object; both say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog, UsageProblem

NAMED_ROWS = 10


@dataclass(frozen=True)
class LeftOutGroup:
    """Rows left out for one reason, from 1, with their totals by column."""

    reason: str
    rows: tuple[int, ...]
    totals: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnTotal:
    """One column of figures tied to the file: file = left out + written, by amount and by
    number.
    """

    column: str
    money: bool
    file: str
    left_out: str
    written: str
    difference: str
    numbers: int


@dataclass
class FileAccount:
    """What a file holds and what becomes of it; rows are numbered from 1, as a spreadsheet does."""

    file: str
    sheet: str = ""
    heading_row: int = 1
    titles: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()
    """How the file was read where that was not plain: encoding, separator, old format."""
    currency: str = ""
    units: dict[str, str] = field(default_factory=dict)
    """What each column of figures is multiplied by, where it is not 1."""
    period: str = ""
    edition: str = ""
    standing: str = ""
    """final, draft or superseded, where the file is a known one."""
    rows_read: int = 0
    rows_kept: int = 0
    totals_like: tuple[tuple[int, str], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    left_out: tuple[LeftOutGroup, ...] = ()
    columns_not_read: tuple[str, ...] = ()
    columns_without_heading: tuple[str, ...] = ()
    markers: dict[str, str] = field(default_factory=dict)
    dates_read_day_first: dict[str, str] = field(default_factory=dict)
    totals: tuple[ColumnTotal, ...] = ()
    control_total: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Spell the account for JSON."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "heading_row": self.heading_row,
            "titles": list(self.titles),
            "read_as": list(self.read_as),
            "currency": self.currency,
            "units": self.units,
            "period": self.period,
            "edition": self.edition,
            "standing": self.standing,
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "rows_like_totals": [{"row": row, "why": why} for row, why in self.totals_like],
            "hidden_rows": list(self.hidden_rows),
            "hidden_columns": list(self.hidden_columns),
            "hidden_sheets": list(self.hidden_sheets),
            "left_out": [
                {"reason": group.reason, "rows": list(group.rows), "totals": group.totals}
                for group in self.left_out
            ],
            "columns_not_read": list(self.columns_not_read),
            "columns_without_heading": list(self.columns_without_heading),
            "markers": self.markers,
            "dates_read_day_first": self.dates_read_day_first,
            "totals": [
                {
                    "column": total.column,
                    "file": total.file,
                    "left_out": total.left_out,
                    "written": total.written,
                    "difference": total.difference,
                    "numbers": total.numbers,
                }
                for total in self.totals
            ],
            "control_total": self.control_total or None,
        }

    def lines(self) -> list[str]:
        """Spell the account for a person, a thing a line; what does not apply is left out."""
        place = f", sheet '{self.sheet}'" if self.sheet else ""
        said = [f"{self.file}{place}, headings on row {self.heading_row}."]
        said += _if(self.titles, f"Above the headings: {' / '.join(self.titles)}.")
        said += _if(self.read_as, f"Read as: {'; '.join(self.read_as)}.")
        said += _if(self.period, f"Period the file names: {self.period}.")
        edition = f"{self.edition} ({self.standing})" if self.standing else self.edition
        said += _if(self.edition, f"Edition: {edition}.")
        said += [f"Unit: {column} {unit}." for column, unit in self.units.items()]
        said += _if(self.hidden_sheets, f"Hidden sheets: {', '.join(self.hidden_sheets)}.")
        said += _if(
            self.hidden_rows, f"Hidden rows, read with the others: {rows_named(self.hidden_rows)}."
        )
        said += _if(self.hidden_columns, f"Hidden columns: {', '.join(self.hidden_columns)}.")
        said += [f"Looks like a total: row {row} ({why})." for row, why in self.totals_like]
        said += [f"Mark '{mark}': {meaning}." for mark, meaning in self.markers.items()]
        said += [
            f"Dates of {column} are read day first: {example}."
            for column, example in self.dates_read_day_first.items()
        ]
        for group in self.left_out:
            worth = "".join(f", {column} {total}" for column, total in group.totals.items())
            said.append(f"Left out: {rows_named(group.rows)}: {group.reason}{worth}.")
        said += _if(
            self.columns_not_read, f"Headings not read: {', '.join(self.columns_not_read)}."
        )
        said += _if(
            self.columns_without_heading,
            (
                "Columns with values and no heading, not read: "
                f"{', '.join(self.columns_without_heading)}."
            ),
        )
        for total in self.totals:
            source, written, left_out = (
                shown(Decimal(text), total.money)
                for text in (total.file, total.written, total.left_out)
            )
            said.append(
                f"{total.column}: {source} in the file = {written} written + {left_out} left out"
                + (
                    f" + {shown(Decimal(total.difference), total.money)} in the problems."
                    if Decimal(total.difference)
                    else "."
                )
            )
        control = self.control_total
        said += _if(
            control,
            f"Control total {control.get('given')}: {control.get('column')} comes to"
            f" {control.get('found')}, difference {control.get('difference')}.",
        )
        return said


def _if(condition: object, line: str) -> list[str]:
    return [line] if condition else []


def rows_named(rows: Sequence[int]) -> str:
    """Name rows: "row 3", or "rows 3, 7, 9", or the count with the first ten."""
    if len(rows) == 1:
        return f"row {rows[0]}"
    named = ", ".join(str(row) for row in rows[:NAMED_ROWS])
    return f"{len(rows):,} rows ({named}{', ...' if len(rows) > NAMED_ROWS else ''})"


def shown(amount: Decimal, money: bool) -> str:
    """Write a total for a reader: money to the penny, or with every digit where there are more."""
    places = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:,.{max(places, 2 if money else 0)}f}"


def check_control_total(
    account: FileAccount, given: Iterable[str], place: Cell, log: ProblemLog
) -> None:
    """Hold what is to be written against the totals the user gives; a difference is an error.

    given: an amount for the first column of money, or COLUMN=AMOUNT.
    Raises UsageProblem for what is no amount, or a column that has no total.
    Source: req 374.
    """
    from wpb.intake.mapping.amounts import plain, read_amount

    for text in given:
        name, sign, rest = text.partition("=")
        amount = read_amount(rest if sign else text)
        columns = {total.column: total for total in account.totals}
        first = next((total for total in account.totals if total.money), None)
        total = columns.get(name.strip()) if sign else first or next(iter(columns.values()), None)
        if amount is None or total is None:
            raise UsageProblem(
                f"--control-total '{text}' should be an amount, or COLUMN=AMOUNT with one of"
                f" {', '.join(columns) or 'the columns of figures'}."
            )
        written = Decimal(total.written)
        account.control_total = {
            "column": total.column,
            "given": plain(amount),
            "found": plain(written),
            "difference": plain(written - amount),
        }
        if written != amount:
            log.error(
                place,
                f"{total.column} comes to {shown(written, total.money)} and the control total is"
                f" {shown(amount, total.money)}: a difference of"
                f" {shown(written - amount, total.money)}.",
                "Look for rows that are missing, there twice, or left out; nothing was written.",
                "control_total",
            )
