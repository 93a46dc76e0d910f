"""A mapping applied to a layout: the rows of the table, what could not be mapped, and totals in
against totals out.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from wpb.intake.grids import SheetFault, as_entered, is_blank
from wpb.intake.mapping.amounts import CALENDAR_YEAR, exact, plain, read_amount, read_year
from wpb.intake.mapping.layouts import Layout
from wpb.intake.mapping.rules import ColumnRule, TableMapping
from wpb.intake.mapping.total_like import TotalLike, rows_like_totals
from wpb.intake.row_checks import NAME_COLUMNS, SHORTEST_ALIKE, look_of, tell_alike
from wpb.intake.units import currency_said, unit_name, unit_said
from wpb.intake.values import SCIENTIFIC, SIGNS, ValueFault, date_day_first, typed_value
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.schema import Column, TableSpec

Row = dict[str, str]
MOST_NAMED = 10
UNIT_HEADING = re.compile(r"(currency |money )?(units?|scale|denomination)", re.IGNORECASE)
"""A column that says, row by row, in what an amount is counted."""
ADDED_KINDS = ("pounds", "count", "number")
FOREIGN_SIGN = {"EUR": "€", "USD": "$", "GBP": "£"}


@dataclass
class Tie:
    """Totals of one column of figures: in the file, left out on purpose, and written. in = left out
    + written. `numbers` of the file are taken, or left out.
    """

    column: str
    source: Decimal = Decimal(0)
    left_out: Decimal = Decimal(0)
    written: Decimal = Decimal(0)
    numbers: int = 0
    numbers_taken: int = 0

    @property
    def difference(self) -> Decimal:
        """What is neither written nor left out on purpose."""
        return self.source - self.left_out - self.written


@dataclass
class Unmapped:
    """A code that no look-up knows: its rows, where it first stands, and the figures of its
    rows.
    """

    column: str
    code: str
    where: Cell
    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class LeftOutRows:
    """Rows left out for one reason, from 0, and their figures by column."""

    reason: str
    rows: list[int] = field(default_factory=list)
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
    left_out: list[LeftOutRows] = field(default_factory=list)
    totals: list[TotalLike] = field(default_factory=list)
    markers: dict[str, int] = field(default_factory=dict)
    """How often each declared mark stands in place of a figure."""
    days_first: dict[str, str] = field(default_factory=dict)
    """An example of the dates read day first, and what it was read as, by column."""


def apply_mapping(
    mapping: TableMapping,
    layout: Layout,
    spec: TableSpec,
    known: Mapping[str, set[str]],
    currency: str,
    log: ProblemLog,
) -> Mapped:
    """Make a table's rows from a layout; every row is written, left out for a reason, or a problem.

    written + left out = total of the file, for every column of figures, exactly: every number under
    its headings, on whatever row below them it stands.
    known: codes that a column of the model allows, by column. Problems go to the log, each with its
    cell.
    Source: handbook 2.4.1 (transparent, assured inputs); req 18, 361, 373, 376, 377.
    """
    work = _Work(mapping, layout, spec, known, currency, log)
    work.check_units()
    work.tell_hidden()
    for row in layout.rows:
        work.take(row)
    work.report()
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
        sum(len(group.rows) for group in work.left_out.values()),
        len(work.rows) - len(rows),
        list(work.unmapped.values()),
        ties,
        list(work.left_out.values()),
        list(work.totals.values()),
        dict(work.marks),
        work.days_first,
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
        self.passes = list(_passes(mapping))
        self.figures = [
            column
            for column in spec.columns
            if column.kind in ADDED_KINDS
            and any(rules[column.name].headings for rules in self.passes if column.name in rules)
        ]
        self.key_codes = [
            column.name
            for column in spec.columns
            if column.kind == "code" and column.name in spec.key
        ]
        self.amount_columns = {column.name for column in self.figures}
        self.typed: dict[tuple[str, str], str] = {}
        """Texts already checked, by column."""
        self.rows: list[tuple[int, Row]] = []
        self.unmapped: dict[tuple[str, str], Unmapped] = {}
        self.left_out: dict[str, LeftOutRows] = {}
        self.marks: Counter[str] = Counter()
        self.days_first: dict[str, str] = {}
        self.unread: dict[tuple[str, str], list[Cell]] = {}
        self.faults: Counter[str] = Counter()
        self.lacking: list[str] = []
        self.withheld, self.unreadable = "", False
        self.totals = {
            found.row: found
            for found in rows_like_totals(
                mapping,
                layout,
                [column.name for column in self.figures],
                self._names(),
                self._codes(),
            )
        }

    def _names(self) -> list[str]:
        return [
            heading
            for name in NAME_COLUMNS
            if name in self.mapping.columns
            for heading in self.mapping.columns[name].headings
        ]

    def _codes(self) -> list[str]:
        return [
            heading
            for column in self.spec.columns
            if column.kind == "code" and column.name in self.mapping.columns
            for heading in self.mapping.columns[column.name].headings
        ]

    def tell_hidden(self) -> None:
        """Warn of hidden rows that are read with the others, with their figures."""
        hidden = [
            row
            for row in self.layout.rows
            if row in self.layout.grid.hidden_rows and not self._reason_without_total(row)
        ]
        if not hidden:
            return
        worth = ", ".join(
            f"{column.name} {plain(total)}"
            for column in self.figures
            if (
                total := sum(
                    (
                        self._figure(row, column, rules, quiet=True) or Decimal(0)
                        for row in hidden
                        for rules in self.passes
                    ),
                    Decimal(0),
                )
            )
        )
        self.log.warning(
            self.layout.grid.cell(hidden[0], self.layout.positions[0]),
            f"{len(hidden)} hidden row{'s are' if len(hidden) > 1 else ' is'} read with the others:"
            f" row {', '.join(str(row + 1) for row in hidden[:MOST_NAMED])}"
            + (f" ({worth})." if worth else "."),
            "Look at them; leave them out with --hidden-rows leave-out where they do not belong.",
            "rows_hidden",
        )

    def check_units(self) -> None:
        """Refuse a unit or a currency that the file says of an amount, until its factor is said."""
        self._check_unit_column()
        for column in self.figures:
            for rules in self.passes:
                rule = rules.get(column.name, ColumnRule())
                for heading in rule.headings:
                    if column.kind == "pounds":
                        self._check_currency(heading)
                    self._check_unit(column, rule, heading)
                if rule.headings and self.mapping.unpivot:
                    break

    def _check_unit_column(self) -> None:
        """Refuse rows whose own column of units says thousands or millions of some of them."""
        for heading in self.layout.headings:
            if not UNIT_HEADING.fullmatch(heading.strip()):
                continue
            kept = self.mapping.keep.get(heading)
            said = {text: unit_said(text) for text in kept or self.layout.values(heading) if text}
            if len(set(said.values())) > 1:
                place = self.layout.grid.cell(
                    self.layout.heading_row, self.layout.position_of[heading], heading
                )
                self.log.error(
                    place,
                    f"The rows are in different units by '{heading}': {', '.join(said)}.",
                    f'Bring those of one unit in at a time, such as --keep "{heading}=VALUE" with'
                    " --times.",
                    "units_mixed",
                )

    def _check_unit(self, column: Column, rule: ColumnRule, heading: str) -> None:
        said = heading
        unit = unit_said(heading)
        if unit == 1 and column.kind == "pounds":
            texts = [*self.layout.about, *self._units_of_rows()]
            said = next((text for text in texts if unit_said(text) > 1), "")
            unit = unit_said(said)
        if unit == 1 or (rule.times and abs(rule.factor) in (1, unit) and rule.factor != -1):
            return
        shown = self._shown_divided_by(heading)
        hint = (
            f" The cells are shown divided by {shown:,} and hold full amounts, so"
            f" --times {column.name}=1 may be right."
            if shown > 1
            else ""
        )
        self.log.error(
            self.layout.grid.cell(
                self.layout.heading_row, self.layout.position_of[heading], heading
            ),
            f"'{said}' says that the figures of '{heading}' are in {unit_name(unit)}.",
            f"Say so with --times {column.name}={unit}, or with --times {column.name}=1 where they"
            f" are not.{hint}",
            "unit_not_said",
        )

    def _units_of_rows(self) -> list[str]:
        """What a column of units says of the rows that are kept."""
        return [
            text
            for heading in self.layout.headings
            if UNIT_HEADING.fullmatch(heading.strip())
            for text in self.mapping.keep.get(heading) or self.layout.values(heading)
        ]

    def _shown_divided_by(self, heading: str) -> int:
        position = self.layout.position_of[heading]
        return max(
            (self.layout.grid.shown_divided_by(row, position) for row in self.layout.rows),
            default=1,
        )

    def _check_currency(self, heading: str) -> None:
        own = self.currency or "GBP"
        said = next(
            (code for text in (heading, *self.layout.about) if (code := currency_said(text))), own
        )
        if said != own:
            self.log.error(
                self.layout.grid.cell(
                    self.layout.heading_row, self.layout.position_of[heading], heading
                ),
                f"'{heading}' is in {said}, but this model is in {own}.",
                f"Bring in the amounts in {own}.",
                "currency",
            )

    def take(self, row: int) -> None:
        """Make the rows of one row of the file: written, or left out for a reason."""
        reason = self._reason_to_leave_out(row)
        if reason:
            group = self.left_out.setdefault(reason, LeftOutRows(reason))
            group.rows.append(row)
            for rules in self.passes:
                for column in self.figures:
                    amount = self._figure(row, column, rules, quiet=True)
                    self._add_left_out(reason, column.name, amount)
            return
        for rules in self.passes:
            self._take(row, rules)

    def _add_left_out(self, reason: str, name: str, amount: Decimal | None) -> None:
        group = self.left_out.setdefault(reason, LeftOutRows(reason))
        group.totals[name] = group.totals.get(name, Decimal(0)) + (amount or Decimal(0))

    def _reason_without_total(self, row: int) -> str:
        """Why a row is left out whatever its figures are: it is not kept, named, or hidden."""
        for heading, values in self.mapping.keep.items():
            if self.layout.text(row, heading).casefold() not in {
                value.casefold() for value in values
            }:
                return f"'{heading}' is not {' or '.join(values)}"
        for rule in self.mapping.left_out:
            if self.layout.text(row, rule.column) == rule.equals:
                return rule.reason
        if self.mapping.hidden_rows == "leave-out" and row in self.layout.grid.hidden_rows:
            return "the row is hidden"
        return ""

    def _reason_to_leave_out(self, row: int) -> str:
        reason = self._reason_without_total(row)
        if reason:
            return reason
        found = self.totals.get(row)
        if found and self.mapping.totals == "leave-out":
            return f"a total: {found.why}"
        if found and not (self.mapping.totals == "keep" and not found.by_word):
            self._report_total(found)
        return ""

    def _report_total(self, found: TotalLike) -> None:
        options = f'--leave-out "{found.heading}={found.text}:total", or' if found.by_word else ""
        keep = "" if found.by_word else " If these rows are data, say --totals keep."
        self._fault(
            found.row,
            found.heading,
            f"Row {found.row + 1} looks like a total: {found.why}.",
            f"Leave it out with {options} --totals leave-out.{keep}".replace("  ", " "),
            "total_row",
        )

    def _take(self, row: int, rules: Mapping[str, ColumnRule]) -> None:
        self.withheld, self.unreadable = "", False
        amounts = {
            column.name: self._figure(row, column, rules)
            for column in self.figures
            if column.name in rules
        }
        if self.mapping.unpivot and not amounts.get(self.mapping.unpivot.value_column):
            return
        if self.withheld:
            group = self.left_out.setdefault(self.withheld, LeftOutRows(self.withheld))
            group.rows.append(row)
            for name, amount in amounts.items():
                self._add_left_out(self.withheld, name, amount)
            return
        made: Row = {}
        whole, self.lacking = True, []
        for column in self.spec.columns:
            rule = rules.get(column.name)
            if rule is None:
                continue
            text = self._text(row, column, rule, amounts)
            whole = whole and text is not None
            made[column.name] = text or ""
        if self.lacking and not (self.unreadable and all(name in amounts for name in self.lacking)):
            first = rules[self.lacking[0]].headings
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

    def _figure(
        self, row: int, column: Column, rules: Mapping[str, ColumnRule], quiet: bool = False
    ) -> Decimal | None:
        """The figure of a row, exactly; None where every cell it comes from is blank, a mark, or
        can't be read.
        """
        rule = rules.get(column.name, ColumnRule())
        found: list[Decimal] = []
        for heading in rule.headings:
            amount = self._amount(row, column, heading, quiet)
            if amount is not None:
                found.append(-amount if heading in rule.taken_off else amount)
        return sum(found, Decimal(0)) * rule.factor if found else None

    def _amount(self, row: int, column: Column, heading: str, quiet: bool) -> Decimal | None:
        raw = self.layout.value(row, heading)
        if is_blank(raw):
            return None
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            if column.kind == "pounds" and not quiet:
                self._check_sign_shown(row, heading)
            return exact(raw)
        text = as_entered(raw).strip()
        amount = read_amount(text) if isinstance(raw, str) else None
        meaning = self.mapping.markers.get(text)
        if amount is not None or quiet or not text:
            return amount
        if meaning:
            self.marks[text] += 1
            if meaning == "nil":
                return Decimal(0)
            if column.required:
                self.withheld = self.withheld or f"'{text}' is {meaning.replace('_', ' ')}"
            return None
        self.unreadable = True
        if isinstance(raw, SheetFault):
            self._check_fault(row, heading, column)
        else:
            self.unread.setdefault((heading, text), []).append(self.layout.where(row, heading))
        return None

    def _check_sign_shown(self, row: int, heading: str) -> None:
        sign = self.layout.grid.shown_in.get((row, self.layout.position_of[heading]), "")
        if sign and sign != SIGNS.get(self.currency, "£"):
            self._fault(
                row,
                heading,
                f"The cell shows its number in {sign}, but this model is in"
                f" {self.currency or 'GBP'}.",
                f"Bring in the amounts in {self.currency or 'GBP'}.",
                "currency",
            )

    def _check_fault(self, row: int, heading: str, column: Column) -> bool:
        """Whether a cell holds an error, a formula never calculated, or a date where a code
        belongs; each is a problem.
        """
        raw = self.layout.code(row, heading)
        if isinstance(raw, str) and not raw.startswith("#"):
            return False
        dated = isinstance(raw, datetime.date) and column.kind == "code"
        if not (isinstance(raw, SheetFault | str) or dated):
            return False
        try:
            if not isinstance(raw, str):
                typed_value(column, raw, self.currency)
            elif column.kind in ("code", "text"):
                typed_value(column.as_kind("text"), raw, self.currency)
        except ValueFault as fault:
            self._fault(row, heading, fault.what, fault.fix, fault.code)
            return True
        return False

    def _text(
        self, row: int, column: Column, rule: ColumnRule, amounts: dict[str, Decimal | None]
    ) -> str | None:
        """The text of a cell to be written; None where it can't be, with the problem logged."""
        if column.name in amounts:
            amount = amounts[column.name]
            text = "" if amount is None else plain(amount)
        elif rule.headings:
            faults = [self._check_fault(row, heading, column) for heading in rule.headings]
            if any(faults):
                return None
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
        known = self.known.get(column.name)
        found = rule.lookup.get(code, None if rule.lookup else code)
        if found is not None and known and found not in known:
            found = _in_any_case(found, column, known)
        if found is not None:
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
        typed = self.typed.get((column.name, text))
        if typed is not None:
            return typed
        try:
            value = typed_value(column, text, self.currency)
        except ValueFault as fault:
            what, fix = (
                fault.what,
                f"{fault.fix} A look-up can turn the file's own words into ours.",
            )
            if column.kind == "year" and CALENDAR_YEAR.fullmatch(text):
                what = f"'{text}' is a calendar year: it may be the year that begins or ends then."
                fix = (
                    f"Say the financial year with --set {column.name}==YYYY-YY, or with a"
                    " look-up of"
                    f" '{text}'."
                )
            self._fault(row, heading, what, fix, fault.code)
            return None
        if column.kind == "date" and rule.headings and date_day_first(text):
            self.days_first.setdefault(column.name, f"{text} as {value}")
        typed = str(value) if column.kind in ("code", "date") else text
        if column.name not in self.amount_columns:
            self.typed[column.name, text] = typed
        return typed

    def _fault(self, row: int, heading: str, what: str, fix: str, code: str) -> None:
        self.faults[code] += 1
        if self.faults[code] <= MOST_NAMED:
            self.log.error(self.layout.where(row, heading), what, fix, code)

    def report(self) -> None:
        """Name what could not be read: texts in place of figures, counted together, and codes that
        no look-up knows, with their rows and figures.
        """
        for (heading, text), cells in self.unread.items():
            self._report_unread(heading, text, cells)
        for entry in self.unmapped.values():
            worth = "".join(f", {name} {plain(total)}" for name, total in entry.totals.items())
            self.log.error(
                entry.where,
                f"'{entry.code}' stands for no '{entry.column}' of this model ({entry.rows}"
                f" row{'s' if entry.rows > 1 else ''}{worth}).",
                f"Add it to the look-up of '{entry.column}', or to the model.",
                "unmapped_code",
            )
        for code, count in self.faults.items():
            if count > MOST_NAMED:
                self.log.error(
                    None,
                    f"{count - MOST_NAMED} more cells have the same fault as those above.",
                    "Correct them in the same way.",
                    code,
                )

    def _report_unread(self, heading: str, text: str, cells: list[Cell]) -> None:
        many = f" ({len(cells)} rows)" if len(cells) > 1 else ""
        own = SIGNS.get(self.currency, "£")
        sign = next((mark for mark in ("€", "$", "¥", "£") if mark in text and mark != own), "")
        if sign:
            self.log.error(
                cells[0],
                f"'{text}' is in {sign}, but this model is in {self.currency or 'GBP'}.",
                f"Bring in the amounts in {self.currency or 'GBP'}.",
                "currency",
            )
        elif SCIENTIFIC.fullmatch(text):
            self.log.error(
                cells[0],
                f"'{text}' was saved in short form and may have lost digits{many}.",
                "Format the cells as numbers and save again.",
                "not_a_number",
            )
        elif any(character.isdigit() for character in text):
            self.log.error(
                cells[0],
                f"'{text}' under '{heading}' is not an amount{many}.",
                "Correct the cell, or leave the row out with --leave-out.",
                "not_a_number",
            )
        else:
            self.log.error(
                cells[0],
                f"'{text}' stands in place of a figure under '{heading}'{many}.",
                f'Say what it means with --marker "{text}=nil", "{text}=withheld" or'
                f' "{text}=not_collected", or leave the row out with --leave-out.',
                "marker_unknown",
            )

    def added_up(self) -> list[Row]:
        """Rows with one key become one, their figures added, where the mapping says so; otherwise
        each repeat is a problem.
        """
        kept: dict[tuple[str, ...], Row] = {}
        looks: dict[tuple[str, str], str] = {}
        checked: set[tuple[str, str]] = set()
        repeats = 0
        for row, made in self.rows:
            key = tuple(made.get(name, "") for name in self.spec.key)
            self._tell_look_alike(row, made, looks, checked)
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

    def _tell_look_alike(
        self,
        row: int,
        made: Row,
        looks: dict[tuple[str, str], str],
        checked: set[tuple[str, str]],
    ) -> None:
        for name in self.key_codes:
            code = made.get(name, "")
            if len(code) < SHORTEST_ALIKE or (name, code) in checked:
                continue
            checked.add((name, code))
            other = looks.setdefault((name, look_of(code)), code)
            if other != code:
                where = self.layout.grid.cell(row, self.layout.positions[0], code)
                tell_alike(where, other, code, self.log)

    def _add(self, row: int, into: Row, made: Row) -> None:
        figures = {column.name for column in self.figures}
        for column in self.spec.columns:
            ours, theirs = into.get(column.name, ""), made.get(column.name, "")
            if column.kind in ADDED_KINDS and theirs:
                into[column.name] = (
                    plain(Decimal(ours or "0") + Decimal(theirs))
                    if column.name in figures
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
        """Set totals in beside totals out: in, every number below the headings; out, what is
        written and what is left out with its reason.
        """
        found = []
        for column in self.figures:
            source, numbers = self._in_the_file(column)
            left_out = sum(
                (group.totals.get(column.name, Decimal(0)) for group in self.left_out.values()),
                Decimal(0),
            )
            for row, reason in self.layout.set_aside.items():
                amount = sum(
                    (self._figure(row, column, rules, quiet=True) or Decimal(0))
                    for rules in self.passes
                )
                if amount:
                    self._add_left_out(reason, column.name, amount + Decimal(0))
                    left_out += amount
            written = sum((Decimal(row.get(column.name) or "0") for row in rows), Decimal(0))
            found.append(Tie(column.name, source, left_out, written, numbers))
        return found

    def _in_the_file(self, column: Column) -> tuple[Decimal, int]:
        """Every number under the headings of a column, read again from the sheet, row by row."""
        source, numbers = Decimal(0), 0
        grid = self.layout.grid
        for rules in self.passes:
            rule = rules.get(column.name, ColumnRule())
            for heading in rule.headings:
                position = self.layout.position_of[heading]
                sign = -rule.factor if heading in rule.taken_off else rule.factor
                for row in range(self.layout.heading_row + 1, len(grid.rows)):
                    raw = grid.value(row, position)
                    if isinstance(raw, str):
                        amount = read_amount(raw)
                    elif isinstance(raw, int | float) and not isinstance(raw, bool):
                        amount = None if is_blank(raw) else exact(raw)
                    else:
                        amount = None
                    if amount is not None:
                        source += sign * amount
                        numbers += 1
        return source, numbers


def _passes(mapping: TableMapping) -> Iterator[dict[str, ColumnRule]]:
    """The rules of each row to be made of a row of the file: one, or one a heading of an
    unpivot.
    """
    wide = mapping.unpivot
    if wide is None:
        yield dict(mapping.columns)
        return
    value = mapping.columns.get(wide.value_column, ColumnRule())
    for heading in wide.headings:
        yield {
            **mapping.columns,
            wide.name_column: ColumnRule(value=wide.names.get(heading, heading)),
            wide.value_column: ColumnRule((heading,), times=value.times),
        }


def _in_any_case(code: str, column: Column, known: set[str]) -> str | None:
    """A code as the model has it, where its register writes it in one case only."""
    try:
        found = str(typed_value(column, code, ""))
    except ValueFault:
        return None
    return found if found in known else None


def valid_times(text: str) -> bool:
    """Say whether a text is a number that figures can be multiplied by, other than zero."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and number != 0
