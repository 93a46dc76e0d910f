"""A mapping applied to a layout: the rows of the table, what could not be mapped, and totals in
against totals out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from wpb.intake.mapping.amounts import plain, read_amount, read_year
from wpb.intake.mapping.layouts import Layout
from wpb.intake.mapping.rules import ColumnRule, TableMapping
from wpb.intake.values import ValueFault, typed_value
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.schema import Column, TableSpec

Row = dict[str, str]
MOST_NAMED = 10
ADDED_KINDS = ("pounds", "count", "number")


@dataclass
class Tie:
    """Totals of one column of figures: in the file, left out on purpose, and written. in = left out
    + written.
    """

    column: str
    source: Decimal = Decimal(0)
    left_out: Decimal = Decimal(0)
    written: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        """What is neither written nor left out on purpose."""
        return self.source - self.left_out - self.written


@dataclass
class Unmapped:
    """A code that no look-up knows: its rows, where it first stands, and what hangs on it."""

    column: str
    code: str
    where: Cell
    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Mapped:
    """What a mapping made: rows, counts, unmapped codes by column, and ties."""

    rows: list[Row]
    rows_read: int
    rows_left_out: int
    rows_added_up: int
    unmapped: list[Unmapped]
    ties: list[Tie]


def apply_mapping(
    mapping: TableMapping,
    layout: Layout,
    spec: TableSpec,
    known: Mapping[str, set[str]],
    currency: str,
    log: ProblemLog,
) -> Mapped:
    """Make a table's rows from a layout; every row is written, left out for a reason, or a problem.

    written + left out = total of the file, for every column of figures, exactly.
    known: codes that a column of the model allows, by column. Problems go to the log, each with its
    cell.
    Source: handbook 2.4.1 (transparent, assured inputs); req 18, 361.
    """
    work = _Work(mapping, layout, spec, known, currency, log)
    for row in layout.rows:
        work.take(row)
    work.report_unmapped()
    rows = work.added_up()
    ties = work.ties(rows)
    for tie in ties:
        if tie.difference and not log.errors:
            raise AssertionError(
                f"{tie.column}: {tie.difference} of the file's total was neither written nor"
                " left out"
            )
    return Mapped(
        rows,
        len(layout.rows),
        work.left_out_rows,
        len(work.rows) - len(rows),
        list(work.unmapped.values()),
        ties,
    )


class _Work:
    def __init__(
        self,
        mapping: TableMapping,
        layout: Layout,
        spec: TableSpec,
        known: Mapping[str, set[str]],
        currency: str,
        log: ProblemLog,
    ):
        self.mapping, self.layout, self.spec, self.known, self.currency, self.log = (
            mapping,
            layout,
            spec,
            known,
            currency,
            log,
        )
        self.rows: list[tuple[int, Row]] = []
        self.unmapped: dict[tuple[str, str], Unmapped] = {}
        self.left_out_rows = 0
        self.figures = [
            column
            for column in spec.columns
            if column.kind in ADDED_KINDS
            and column.name in mapping.columns
            and mapping.columns[column.name].headings
        ]
        self.source = {column.name: Decimal(0) for column in self.figures}
        self.left_out = {column.name: Decimal(0) for column in self.figures}
        self.faults = 0
        self.lacking: list[str] = []

    def take(self, row: int) -> None:
        """Make one row; its figures are added to the file's total whatever becomes of it."""
        amounts = {column.name: self._figure(row, column) for column in self.figures}
        for name, amount in amounts.items():
            self.source[name] += amount or Decimal(0)
        if any(self.layout.text(row, rule.column) == rule.equals for rule in self.mapping.left_out):
            self.left_out_rows += 1
            for name, amount in amounts.items():
                self.left_out[name] += amount or Decimal(0)
            return
        made: Row = {}
        whole, self.lacking = True, []
        for column in self.spec.columns:
            rule = self.mapping.columns.get(column.name)
            if rule is None:
                continue
            text = self._text(row, column, rule, amounts)
            whole = whole and text is not None
            made[column.name] = text or ""
        if self.lacking:
            first = self.mapping.columns[self.lacking[0]].headings
            names = " and ".join(f"'{name}'" for name in self.lacking)
            self._fault(
                row,
                (first or self.layout.headings)[0],
                f"Nothing on row {row + 1} gives {names}.",
                "Fill the cells in; if the row is a total or a note, leave it out with --leave-out"
                " HEADING=VALUE:REASON.",
                "blank",
            )
        if whole:
            self.rows.append((row, made))

    def _figure(self, row: int, column: Column) -> Decimal | None:
        """The figure of a row, exactly; None where every cell it comes from is blank or one can't
        be read.
        """
        rule = self.mapping.columns[column.name]
        found: list[Decimal] = []
        for heading in rule.headings:
            text = self.layout.text(row, heading)
            if not text:
                continue
            amount = read_amount(text)
            if amount is None:
                self._fault(
                    row,
                    heading,
                    f"'{text}' is not an amount.",
                    "Correct the cell, or leave the row out with --leave-out.",
                    "not_a_number",
                )
                return None
            found.append(-amount if heading in rule.taken_off else amount)
        return sum(found, Decimal(0)) * Decimal(rule.times) if found else None

    def _text(
        self, row: int, column: Column, rule: ColumnRule, amounts: dict[str, Decimal | None]
    ) -> str | None:
        """The text of a cell to be written; None where it can't be, with the problem logged."""
        if column.name in amounts:
            amount = amounts[column.name]
            text = "" if amount is None else plain(amount)
        elif rule.headings:
            parts = [part for heading in rule.headings if (part := self.layout.text(row, heading))]
            text = rule.joined_by.join(parts)
            if text and (rule.lookup or column.name in self.known):
                mapped = self._looked_up(row, column, rule, text, amounts)
                if mapped is None:
                    return None
                text = mapped
            elif column.kind == "year":
                text = read_year(text)
        else:
            text = rule.value
        return self._checked(row, column, rule, text)

    def _looked_up(
        self,
        row: int,
        column: Column,
        rule: ColumnRule,
        code: str,
        amounts: dict[str, Decimal | None],
    ) -> str | None:
        found = rule.lookup.get(code, None if rule.lookup else code)
        known = self.known.get(column.name)
        if found is not None and not (known and found not in known):
            return found
        entry = self.unmapped.setdefault(
            (column.name, code),
            Unmapped(column.name, code, self.layout.where(row, rule.headings[0])),
        )
        entry.rows += 1
        for name, amount in amounts.items():
            entry.totals[name] = entry.totals.get(name, Decimal(0)) + (amount or Decimal(0))
        return None

    def _checked(self, row: int, column: Column, rule: ColumnRule, text: str) -> str | None:
        heading = rule.headings[0] if rule.headings else self.layout.headings[0]
        if not text:
            if not column.required:
                return ""
            self.lacking.append(column.name)
            return None
        try:
            typed_value(column, text, self.currency)
        except ValueFault as fault:
            self._fault(
                row,
                heading,
                fault.what,
                f"{fault.fix} A look-up can turn the file's own words into ours.",
                fault.code,
            )
            return None
        return text

    def _fault(self, row: int, heading: str, what: str, fix: str, code: str) -> None:
        self.faults += 1
        if self.faults <= 25:
            self.log.error(self.layout.where(row, heading), what, fix, code)

    def report_unmapped(self) -> None:
        """Name every code that no look-up knows, with its rows and what hangs on it."""
        for entry in self.unmapped.values():
            worth = "".join(f", {name} {plain(total)}" for name, total in entry.totals.items())
            self.log.error(
                entry.where,
                f"'{entry.code}' stands for no '{entry.column}' of this model ({entry.rows}"
                f" row{'s' if entry.rows > 1 else ''}{worth}).",
                f"Add it to the look-up of '{entry.column}', or to the model.",
                "unmapped_code",
            )

    def added_up(self) -> list[Row]:
        """Rows with one key become one, their figures added, where the mapping says so; otherwise
        each repeat is a problem.
        """
        kept: dict[tuple[str, ...], Row] = {}
        repeats = 0
        for row, made in self.rows:
            key = tuple(made.get(name, "") for name in self.spec.key)
            if key not in kept:
                kept[key] = dict(made)
            elif self.mapping.add_up:
                self._add(row, kept[key], made)
            else:
                repeats += 1
                if repeats <= MOST_NAMED:
                    self.log.error(
                        self.layout.grid.cell(row, self.layout.positions[0]),
                        f"Row {row + 1} has the same {' and '.join(self.spec.key)} as a row above:"
                        f" {', '.join(key)}.",
                        "Use --add-up to add such rows up, or give them codes that tell them"
                        " apart.",
                        "duplicate_key",
                    )
        return list(kept.values())

    def _add(self, row: int, into: Row, made: Row) -> None:
        for column in self.spec.columns:
            ours, theirs = into.get(column.name, ""), made.get(column.name, "")
            if column.kind in ADDED_KINDS and theirs:
                into[column.name] = (
                    plain(Decimal(ours or "0") + Decimal(theirs))
                    if column.name in self.source
                    else ours
                )
            elif ours != theirs and column.kind != "text":
                self.log.error(
                    self.layout.grid.cell(row, self.layout.positions[0]),
                    f"Row {row + 1} is to be added to another, but their '{column.name}' differ:"
                    f" {ours or '(blank)'} and {theirs or '(blank)'}.",
                    "Correct one of them, or map codes that tell the rows apart.",
                    "add_up_differs",
                )

    def ties(self, rows: list[Row]) -> list[Tie]:
        """Set totals in beside totals out."""
        return [
            Tie(
                column.name,
                self.source[column.name],
                self.left_out[column.name],
                sum((Decimal(row[column.name] or "0") for row in rows), Decimal(0)),
            )
            for column in self.figures
        ]


def valid_times(text: str) -> bool:
    """Say whether a text is a number that figures can be multiplied by, other than nought."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and number != 0
