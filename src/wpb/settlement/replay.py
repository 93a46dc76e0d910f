"""Replays a contract's payments from its versions, month by month; the same events always give the
same ledger.

Source: overview Table 1; handbook 1.1.5, 1.1.6, 4.4; req 212, 231, 232, 244.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from wpb.kernel.calendar import month_of, months_of
from wpb.kernel.posting import Posting
from wpb.settlement.instalments import Change, Instalments, instalments
from wpb.settlement.ledger import Entry, SettlementLedger, in_order
from wpb.settlement.months import Calendar
from wpb.tables.contract_records import MonthlyItem, Standing, StandingVersion, Succession

Memory = dict[tuple[object, ...], Instalments]
"""Instalments already worked out, by everything they depend on: a replay after one change works out
only what changed.
"""


@dataclass(frozen=True)
class Plan:
    """Everything a replay needs, and nothing else."""

    years: tuple[str, ...]
    calendar: Calendar
    rule: str
    ends_on: Sequence[tuple[int, datetime.date]]
    """The last day of the term, by the version that set it."""
    versions: Sequence[StandingVersion]
    items: Sequence[MonthlyItem] = ()
    successions: Sequence[Succession] = ()
    disputes: Sequence[tuple[str, datetime.date, datetime.date | None]] = ()
    """Open disputes: event, from, until."""
    memory: Memory = field(default_factory=dict)


def replay(plan: Plan) -> SettlementLedger:
    """Replay every payment of a contract from nothing.

    Source: overview Table 1; handbook 1.1.5, 4.4; req 212, 231, 232, 244.
    """
    entries: list[Entry] = []
    paid: dict[tuple[str, str], int] = {}
    firsts = {
        version.number: plan.calendar.first_open(version.known_on) for version in plan.versions
    }
    due: dict[str, dict[str, tuple[int, ...]]] = {year: {} for year in plan.years}
    for key in sorted({key for version in plan.versions for key in version.payments}):
        for position, year in enumerate(plan.years):
            found = _year_of(plan, key, position, year, firsts)
            if found is not None:
                due[year][key] = found.due
                paid.update(
                    {
                        (key, month): amount
                        for month, amount in zip(months_of(year), found.paid, strict=True)
                    }
                )
                entries += _entries(plan, key, year, found, firsts)
    entries += _item_entries(plan, paid)
    successions = sorted(
        plan.successions, key=lambda succession: (succession.effective_on, succession.known_on)
    )
    return SettlementLedger(
        in_order(
            settled
            for entry in entries
            for settled in _succeeded(entry, successions, plan.calendar)
        ),
        due,
    )


def _standing_of(plan: Plan, key: str) -> Standing:
    return next(version.payments[key] for version in plan.versions if key in version.payments)


def changes_of(plan: Plan, key: str, year: str) -> list[Change]:
    """The changes of one stream's value for one year, in the order in which they could first alter
    an instalment.

    Source: overview Table 1; handbook 4.4; req 212, 244.
    """
    firsts = {
        version.number: plan.calendar.first_open(version.known_on) for version in plan.versions
    }
    return _changes(plan, key, plan.years.index(year), year, firsts)


def _changes(
    plan: Plan, key: str, position: int, year: str, firsts: Mapping[int, str]
) -> list[Change]:
    changes: list[Change] = []
    for version in plan.versions:
        standing = version.payments.get(key)
        amount = standing.pence[position] if standing else 0
        if changes and changes[-1].amount_pence == amount:
            continue
        if not changes and not amount:
            continue
        at = plan.calendar.position(year, firsts[version.number])
        figure = (standing or _standing_of(plan, key)).figure.format(year=year)
        change = Change(
            at,
            amount,
            plan.calendar.from_month(year, version.effective_on),
            version.event,
            version.number,
            figure,
            _weights(plan, year, version.number, standing or _standing_of(plan, key)),
        )
        if changes and at == 0 and changes[-1].position == 0:
            changes = [change]
        else:
            changes.append(change)
    if not any(change.amount_pence for change in changes):
        return []
    if changes[0].position:
        changes.insert(
            0,
            Change(
                0, 0, 0, changes[0].event, changes[0].version, changes[0].figure, changes[0].weights
            ),
        )
    return changes


def _year_of(
    plan: Plan, key: str, position: int, year: str, firsts: Mapping[int, str]
) -> Instalments | None:
    """The instalments that the changes of one stream's value for one year come to."""
    changes = _changes(plan, key, position, year, firsts)
    if not changes:
        return None
    known = (tuple(changes), plan.rule)
    if known not in plan.memory:
        plan.memory[known] = instalments(changes, plan.rule)
    return plan.memory[known]


def _weights(plan: Plan, year: str, version: int, standing: Standing) -> tuple[float, ...]:
    """The weights of a year's months for the term as it stood at a version, and for the payment's
    own days.
    """
    end = _term_end(plan, version)
    return plan.calendar.weights(year, min(end, standing.ends_on or end), standing.starts_on)


def _term_end(plan: Plan, version: int) -> datetime.date:
    """The end of the term as it stood at a version."""
    return [end for number, end in plan.ends_on if number <= version][-1]


def _entries(
    plan: Plan, key: str, year: str, found: Instalments, firsts: Mapping[int, str]
) -> list[Entry]:
    standing = _standing_of(plan, key)
    entries = []
    for month, amount, change in zip(months_of(year), found.paid, found.versions, strict=True):
        if amount:
            reason = standing.reason + _without_prejudice(plan, month)
            entries.append(
                Entry(
                    _posting(month, standing.payer, standing.payee, amount, reason, change.figure),
                    key,
                    standing.element,
                    change.version,
                    change.event,
                    "",
                    year,
                )
            )
    for change, difference in found.late:
        for month, amount in zip(months_of(year), difference, strict=True):
            if amount:
                posted = firsts[change.version]
                reason = (
                    f"Correction of {month}: {standing.reason[0].lower()}{standing.reason[1:]}"
                    f" ({change.event})"
                )
                entries.append(
                    Entry(
                        _posting(
                            posted, standing.payer, standing.payee, amount, reason, change.figure
                        ),
                        key,
                        standing.element,
                        change.version,
                        change.event,
                        month,
                        year,
                    )
                )
    return entries


def _without_prejudice(plan: Plan, month: str) -> str:
    fixed = plan.calendar.fixed_on(month)
    open_disputes = [
        code
        for code, start, end in plan.disputes
        if start <= fixed and (end is None or fixed < end)
    ]
    return f"; without prejudice to {', '.join(open_disputes)}" if open_disputes else ""


def _posting(month: str, payer: str, payee: str, amount: int, reason: str, figure: str) -> Posting:
    """A posting of a signed amount: below nought, payer and payee change places."""
    return (
        Posting(month, payer, payee, amount, reason, figure)
        if amount > 0
        else Posting(month, payee, payer, -amount, reason, figure)
    )


def _item_entries(plan: Plan, paid: Mapping[tuple[str, str], int]) -> list[Entry]:
    """Post each item in its month; one that was known late, or that replaces another, undoes what
    was posted before it.
    """
    by_key: dict[str, list[MonthlyItem]] = defaultdict(list)
    for item in sorted(plan.items, key=lambda item: (item.known_on, item.key)):
        by_key[item.key].append(item)
    entries: list[Entry] = []
    for key in sorted(by_key):
        before: Posting | None = None
        for item in by_key[key]:
            month = plan.calendar.month_for(item.month, item.known_on)
            late = item.month if before is not None else ""
            if before is not None:
                entries.append(
                    Entry(
                        before.reversed(month, f"Reversal of {before.month}: {before.reason}"),
                        key,
                        "item",
                        0,
                        "",
                        before.month,
                        "",
                    )
                )
            pence = item.pence - paid.get((item.replaces_standing, item.month), 0)
            before = (
                _posting(month, item.payer, item.payee, pence, item.reason, item.figure)
                if pence
                else None
            )
            if before is not None:
                entries.append(Entry(before, key, "item", 0, "", late, ""))
    return entries


def _succeeded(entry: Entry, successions: Sequence[Succession], calendar: Calendar) -> list[Entry]:
    """Put successors in the place of those they succeed, from the month in which they do; what a
    party would pay itself falls away.

    A month that was fixed before a succession was known stays as it was paid; what it came to is
    passed on between the two in the first month still open.
    """
    posting, passed_on = entry.posting, list[Entry]()
    payer, payee = posting.payer, posting.payee
    for at, succession in enumerate(successions):
        if succession.predecessor not in (payer, payee) or posting.month < month_of(
            succession.effective_on
        ):
            continue
        first = calendar.first_open(succession.known_on)
        if posting.month >= first:
            payer, payee = (
                succession.successor if party == succession.predecessor else party
                for party in (payer, payee)
            )
            continue
        giver, taker = (
            (succession.predecessor, succession.successor)
            if payee == succession.predecessor
            else (succession.successor, succession.predecessor)
        )
        words = (
            f"Passed on from {posting.month} by succession:"
            f" {posting.reason[0].lower()}{posting.reason[1:]} ({succession.event})"
        )
        passed = Entry(
            Posting(first, giver, taker, posting.amount_pence, words, posting.figure),
            entry.key,
            "item",
            entry.version,
            succession.event,
            posting.month,
            "",
        )
        passed_on += _succeeded(passed, successions[at + 1 :], calendar)
    if payer == payee:
        return passed_on
    if (payer, payee) == (posting.payer, posting.payee):
        return [entry, *passed_on]
    return [replace(entry, posting=replace(posting, payer=payer, payee=payee)), *passed_on]
