"""What was signed and closed stays: the record is laid over what is worked out, and every
difference is refused, or told and kept out until a dated correction takes it in.

Source: overview 4.3; handbook 3.7, 4.1; req 369, 385.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import wpb
from wpb.contract.terms import Terms, on_day
from wpb.contract.versions import ContractHistory
from wpb.kernel.calendar import month_start, months_of, year_of
from wpb.kernel.money import pounds
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.settlement.instalments import spread
from wpb.settlement.ledger import Entry, SettlementLedger, in_order
from wpb.settlement.months import Calendar
from wpb.settlement.replay import Plan, replay
from wpb.tables.arrangement_files import arrangement_texts
from wpb.tables.contract_records import ELEMENTS, Standing, StandingVersion, Tree
from wpb.tables.model import Model
from wpb.tables.sealed_record import (
    FOLDER,
    Net,
    Schedule,
    SealedRecord,
    Values,
    net_of,
    read_record,
)

WORKED_OUT_BY = (
    "kernel",
    "national",
    "tables",
    "intake",
    "scope",
    "baseline",
    "forecast",
    "assurance",
    "contract",
    "incentives",
    "sharing",
    "settlement",
    "live",
)
K = TypeVar("K", bound=tuple[str, ...])
Cause = Literal["inputs", "calculation", "both"]
TITLES = {
    "wpap": "the annual payment",
    "withheld": "what is withheld",
    "activity_paid": "what is paid by activity",
    "incentives": "incentives paid outside the annual payment",
    "personal_budgets": "personal budgets",
}


@cache
def calculation_hash() -> str:
    """The hash of all that works a contract out: code and national figures of this wpb.

    Source: req 385.
    """
    root, digest = Path(wpb.__file__).parent, hashlib.sha256()
    paths = [
        root / "run.py",
        *(path for room in WORKED_OUT_BY for path in (root / room).rglob("*")),
    ]
    for path in sorted(paths):
        if path.suffix in (".py", ".yaml", ".csv"):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def input_digest(model: Model) -> str:
    """Name the inputs of a model in 16 characters: the hash of the hashes of its files.

    Source: handbook 3.7; req 367.
    """
    lines = [f"{file} {digest}" for file, digest in sorted(model.input_hashes.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def inputs_of(model: Model) -> dict[str, str]:
    """The hash of every file that a contract is worked out from, arrangements too.

    Source: req 385.
    """
    more = {
        f"arrangements/{Path(name).name}": hashlib.sha256(text.encode()).hexdigest()
        for name, text in arrangement_texts(model.arrangements_place)
    }
    return dict(sorted({**model.input_hashes, **more}.items()))


def less(now: Mapping[K, int], kept: Mapping[K, int]) -> dict[K, int]:
    """What each figure is more than what was kept, where it differs."""
    keys = sorted({*now, *kept})
    found = {key: now.get(key, 0) - kept.get(key, 0) for key in keys}
    return {key: pence for key, pence in found.items() if pence}


def values_of(tree: Tree) -> Values:
    """The whole pence of a tree by element, payer and stream, and year.

    Source: overview 2; req 210.
    """
    return {
        (element, cell, year): tree.amounts[element][at][position]
        for element in ELEMENTS
        for at, year in enumerate(tree.years)
        for position, cell in enumerate(tree.cells.codes)
        if tree.amounts[element][at][position]
    }


def schedule_of(
    years: Sequence[str],
    standing: Mapping[str, Standing],
    calendar: Calendar,
    payers: frozenset[str],
    ends_on: datetime.date,
) -> Schedule:
    """The instalments by stream and year of what commissioners pay under one version alone.

    Source: overview Table 1; req 212.
    """
    found: Schedule = {}
    for key, one in standing.items():
        if one.payer not in payers:
            continue
        for year, pence in zip(years, one.pence, strict=True):
            weights = calendar.weights(year, min(ends_on, one.ends_on or ends_on), one.starts_on)
            if pence:
                found[key, year] = (
                    tuple(spread(pence, weights)) if any(weights) else (0,) * 11 + (pence,)
                )
    return found


@dataclass
class Held:
    """A contract held to its record: what was sealed, and where working it out differs today.

    value_moves: pence by (element, payer and stream, year). instalment_moves: pence by (stream,
    year, month). month_moves: by sealed month, pence from the first party to the second.
    """

    record: SealedRecord
    inputs: Mapping[str, str]
    value_moves: Values = field(default_factory=dict)
    instalment_moves: Values = field(default_factory=dict)
    month_moves: dict[str, Net] = field(default_factory=dict)
    values_now: Values = field(default_factory=dict)
    schedule_now: Schedule = field(default_factory=dict)
    nets_now: dict[str, Net] = field(default_factory=dict)
    worked_out: tuple[Entry, ...] = ()
    """The entries of sealed months as they would be worked out today."""
    trees_now: dict[int, Tree] = field(default_factory=dict)
    as_worked_out: list[StandingVersion] = field(default_factory=list)
    """Standing payments as they would be worked out today, where they are not what was signed."""
    lost: bool = False
    """Whether a stream that was signed is no longer there to be kept."""
    known_on: datetime.date | None = None
    what_if: bool = False
    """Whether this is a question only: months stay closed, and nothing is held to the record."""

    @property
    def moves(self) -> bool:
        """Whether anything that was signed or closed would be worked out otherwise today."""
        return bool(self.value_moves or self.instalment_moves or self.month_moves)

    @property
    def cause(self) -> Cause:
        """What a difference comes from: other inputs than at the last sealing, another
        calculation, or both.
        """
        last = self.record.last
        if last is None or last.inputs == self.inputs:
            return "calculation"
        return "inputs" if last.calculation == calculation_hash() else "both"

    def closed(self, model: Model) -> dict[str, datetime.date]:
        """The day each month was closed: as sealed, else as entered."""
        table = model["closed_months"]
        entered = zip(table.text("month"), table.text("closed_on"), strict=True)
        return {
            **{month: on_day(day) for month, day in entered},
            **{month: sealed.on for month, sealed in self.record.months.items()},
        }

    def trees(self, history: ContractHistory, trees: dict[int, Tree]) -> dict[int, Tree]:
        """The trees with what was signed in the place of what it would come to today.

        Source: req 385.
        """
        signed, _ = self.record.signed
        agreed = [version.number for version in history.versions if version.number > 0]
        if not signed or not agreed or self.what_if:
            return trees
        self.values_now = values_of(trees[agreed[0]])
        self.value_moves, self.trees_now = less(self.values_now, signed), trees
        if not self.value_moves:
            return trees
        cells = history.tree.cells.positions
        self.lost |= any(cell not in cells for _, cell, _ in self.value_moves)
        return {
            number: self._as_signed(tree) if number >= agreed[0] else tree
            for number, tree in trees.items()
        }

    def _as_signed(self, tree: Tree) -> Tree:
        amounts = {
            element: tuple(
                tuple(
                    pence - self.value_moves.get((element, cell, year), 0)
                    for cell, pence in zip(tree.cells.codes, tree.amounts[element][at], strict=True)
                )
                for at, year in enumerate(tree.years)
            )
            for element in tree.amounts
        }
        return replace(tree, amounts=amounts)

    def standing(
        self,
        terms: Terms,
        history: ContractHistory,
        calendar: Calendar,
        made_of: Callable[[dict[int, Tree]], list[StandingVersion]],
        trees: dict[int, Tree],
    ) -> list[StandingVersion]:
        """The standing payments with what commissioners signed to pay in the place of what it
        would come to today.

        made_of: gives the standing payments of trees, which are as signed.
        Source: overview Table 1; req 212, 385.
        """
        _, signed = self.record.signed
        versions = made_of(trees)
        if not versions:
            return versions
        payers = frozenset(code.split(".", 1)[0] for code in history.tree.cells.codes)

        def months(of: list[StandingVersion]) -> Schedule:
            return schedule_of(
                terms.years, of[0].payments, calendar, payers, history.agreed.ends_on
            )

        today = made_of(self.trees_now) if self.value_moves else versions
        self.schedule_now = months(today)
        if not self.record.entries or self.what_if:
            return versions
        self.instalment_moves = less(_by_month(self.schedule_now), _by_month(signed))
        if not self.instalment_moves:
            return versions
        self.as_worked_out = today
        by_year: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        still = less(_by_month(months(versions)), _by_month(signed))
        for (stream, year, _), pence in still.items():
            by_year[stream][year] += pence
        self.lost |= any(stream not in versions[0].payments for stream in by_year)
        return [
            replace(
                version,
                payments={
                    key: replace(
                        one,
                        pence=tuple(
                            pence - by_year[key][year] if key in by_year else pence
                            for year, pence in zip(terms.years, one.pence, strict=True)
                        ),
                    )
                    for key, one in version.payments.items()
                },
            )
            for version in versions
        ]

    def settlement(self, plan: Plan, worked_out: SettlementLedger) -> SettlementLedger:
        """The ledger with sealed months as they were sealed, and dated corrections in theirs.

        Source: handbook 3.7; req 232, 369, 385.
        """
        sealed = self.record.months
        by_month: dict[str, list[Entry]] = defaultdict(list)
        for entry in worked_out.entries:
            by_month[entry.posting.month].append(entry)
        as_kept = _nets(worked_out)
        self.nets_now = (
            _nets(replay(replace(plan, versions=self.as_worked_out)))
            if self.as_worked_out
            else as_kept
        )
        if not self.record.entries or self.what_if:
            return worked_out
        entries = [entry for month in by_month if month not in sealed for entry in by_month[month]]
        for one in self.record.entries:
            if one.kind == "month" or (one.kind == "correction" and one.month not in sealed):
                entries += [
                    Entry(
                        kept.posting,
                        kept.key,
                        kept.element,
                        kept.version,
                        kept.event,
                        kept.corrects,
                        kept.year,
                        one.manifest,
                    )
                    for kept in one.postings
                ]
        self.worked_out = tuple(entry for month in sealed for entry in by_month.get(month, ()))
        due = {year: dict(streams) for year, streams in worked_out.instalments.items()}
        for month in sorted(sealed):
            expected = self.record.expected(month)
            if moved := less(self.nets_now.get(month, {}), expected):
                self.month_moves[month] = moved
            _take_out(due, plan, month, less(as_kept.get(month, {}), expected))
        return SettlementLedger(in_order(entries), due)

    def tell(self, model: Model, terms: Terms, problems: ProblemLog) -> None:
        """Refuse a changed input that would move what was signed or closed, tell what another wpb
        would work out otherwise, and name closed months without a record.

        Source: req 385.
        """
        if self.what_if:
            return
        _check_closing_days(self.record, self.known_on, model, terms, problems)
        if not self.moves:
            return
        if self.cause == "calculation" and not self.lost:
            self._tell_kept(problems)
            return
        where = Cell(f"{FOLDER}/{self.record.entries[-1].file}", "", "")
        for what in (*self._value_words(), *self._month_words()):
            problems.error(where, f"{what} {self._why()}", self._fix(), "sealed_would_change")

    def _why(self) -> str:
        last = self.record.entries[-1]
        changed = sorted(
            file
            for file in {*last.inputs, *self.inputs}
            if last.inputs.get(file) != self.inputs.get(file)
        )
        files = (
            f"Files that differ from those sealed on {last.on}: {', '.join(changed)}."
            if changed
            else ""
        )
        return (
            f"{files} wpb differs too: it was {last.wpb} and is {wpb.__version__}, or its"
            " calculation was changed."
            if self.cause == "both"
            else files
        ).strip()

    def _fix(self) -> str:
        if self.cause == "both":
            return (
                "Put those files back as they were sealed and run this again: what is left comes"
                " from wpb, and enters by `wpb correct`. Then enter your changes, each with the"
                " day it was known."
            )
        return (
            "Put back what was there. What became known later is entered with the day it was known"
            " and is paid in an open month; a new agreement is an event."
        )

    def _value_words(self) -> list[str]:
        signed, schedule = self.record.signed
        found = []
        groups: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
        for (element, cell, year), pence in self.value_moves.items():
            kept = signed.get((element, cell, year), 0)
            groups[element, cell].append((year, kept, kept + pence))
        for (element, cell), years in groups.items():
            payer, stream = cell.split(".", 1)
            found.append(
                f"Signed, and would change: {TITLES[element]} of {payer},"
                f" {stream.replace('_', ' ')}: {_moved(years)}."
            )
        if not self.value_moves and self.instalment_moves:
            kept_months = _by_month(schedule)
            by_stream: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
            for (stream, year, month), pence in self.instalment_moves.items():
                kept = kept_months.get((stream, year, month), 0)
                by_stream[stream].append((month, kept, kept + pence))
            found += [
                f"Signed, and would change: the instalments of {stream}: {_moved(months)}."
                for stream, months in by_stream.items()
            ]
        return found

    def _month_words(self) -> list[str]:
        found = []
        for month, moved in self.month_moves.items():
            expected = self.record.expected(month)
            by_pair: dict[str, list[int]] = defaultdict(lambda: [0, 0])
            for key in {*expected, *moved}:
                if any(move[:2] == key[:2] for move in moved):
                    pair = by_pair[f"{key[0]} to {key[1]}"]
                    amount = expected.get(key, 0)
                    pair[0] += amount
                    pair[1] += amount + moved.get(key, 0)
            words = _moved((pair, kept, now) for pair, (kept, now) in sorted(by_pair.items()))
            found.append(f"{month} is closed, and its payments would change: {words}.")
        return found

    def _tell_kept(self, problems: ProblemLog) -> None:
        last = self.record.entries[-1]
        words = [word.rstrip(".") for word in (*self._value_words(), *self._month_words())]
        problems.warning(
            Cell(f"{FOLDER}/{last.file}", "", ""),
            f"wpb {wpb.__version__} would work out otherwise what was signed or closed with"
            f" {last.wpb}. What was sealed is kept and paid. {'; '.join(words)}.",
            "Weigh the difference with the parties. Where it is agreed, `wpb correct` enters it as"
            " a dated correction in an open month.",
            "calculated_otherwise",
        )


def _nets(ledger: SettlementLedger) -> dict[str, Net]:
    by_month: dict[str, list[Entry]] = defaultdict(list)
    for entry in ledger.entries:
        by_month[entry.posting.month].append(entry)
    return {
        month: net_of((one.posting, one.key, one.corrects) for one in entries)
        for month, entries in by_month.items()
    }


def _by_month(schedule: Schedule) -> Values:
    return {
        (stream, year, month): pence
        for (stream, year), months in schedule.items()
        for month, pence in zip(months_of(year), months, strict=True)
        if pence
    }


def _moved(rows: Iterable[tuple[str, int, int]]) -> str:
    return "; ".join(
        f"{name} {pounds(kept, 2)} to {pounds(now, 2)}"
        f" ({'+' if now > kept else ''}{pounds(now - kept, 2)})"
        for name, kept, now in rows
    )


def _take_out(
    due: dict[str, dict[str, tuple[int, ...]]],
    plan: Plan,
    month: str,
    moved: Net,
) -> None:
    """Take differences that were not posted out of what the months of a year come to."""
    standing = {
        key: one for version in reversed(plan.versions) for key, one in version.payments.items()
    }
    for (first, second, stream, corrects), pence in moved.items():
        one, settled = standing.get(stream), corrects or month
        year = year_of(month_start(settled))
        if one is None or stream not in due.get(year, {}):
            continue
        along = one.payer == first or one.payee == second
        months = list(due[year][stream])
        months[months_of(year).index(settled)] -= pence if along else -pence
        due[year][stream] = tuple(months)


def _check_closing_days(
    record: SealedRecord,
    known_on: datetime.date | None,
    model: Model,
    terms: Terms,
    problems: ProblemLog,
) -> None:
    if record.entries and record.entries[0].contract != terms.contract:
        problems.error(
            Cell(f"{FOLDER}/{record.entries[0].file}", "", ""),
            f"The sealed record is of contract {record.entries[0].contract}, and the model's"
            f" contract is {terms.contract}.",
            "Keep each model in a folder of its own, with its own record.",
            "record_of_another",
        )
    table, sealed = model["closed_months"], record.months
    missing = []
    for row, month in enumerate(table.text("month")):
        day = on_day(table.text("closed_on")[row])
        if known_on is not None and day > known_on:
            continue
        if month not in sealed:
            missing.append((row, month))
        elif sealed[month].on != day:
            problems.error(
                table.where(row, "closed_on"),
                f"{month} was closed on {sealed[month].on} by the sealed record, not on {day}.",
                "Write the day of the record, or take the row out: the record is enough.",
                "closed_month_differs",
            )
    if missing:
        months = f"{missing[0][1]} to {missing[-1][1]}" if len(missing) > 1 else missing[0][1]
        problems.warning(
            table.where(missing[0][0], "month"),
            f"{len(missing)} closed months have no sealed record: {months}. What was paid in them"
            " is worked out again each time, and a changed input changes it.",
            "Run `wpb agree` and then `wpb close` for each month in order.",
            "closed_month_without_record",
        )


def read_held(model: Model, known_on: datetime.date | None, problems: ProblemLog) -> Held:
    """Read a model's record as it stood on a day, with the inputs it is held to today.

    Source: req 385.
    """
    if not model.record:
        return Held(SealedRecord(), {}, known_on=known_on)
    record = read_record(model.record, problems).known_on(known_on)
    inputs = inputs_of(model) if model.is_held else {}
    return Held(record, inputs, known_on=known_on, what_if=not model.is_held)
