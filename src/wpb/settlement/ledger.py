"""The settlement ledger: entries that are only ever added, the balances they come to, and the seal
of a closed month.

Source: handbook 3.7; req 231, 232.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wpb.kernel.conservation import pence_must_add
from wpb.kernel.posting import Posting
from wpb.kernel.problems import ProblemLog


@dataclass(frozen=True)
class Entry:
    """One posting with what it belongs to: its stream, the version it goes by, and the month it
    corrects if any.
    """

    posting: Posting
    key: str
    element: str
    version: int
    event: str
    corrects: str = ""
    year: str = ""
    """The financial year it settles."""
    manifest: str = ""
    """The inputs of the run that sealed it; blank until its month is closed."""


@dataclass(frozen=True)
class SettlementLedger:
    """Every entry in order of month, payer, payee and stream."""

    entries: tuple[Entry, ...]
    instalments: Mapping[str, Mapping[str, tuple[int, ...]]]
    """What each month of a year comes to, by year and stream, once everything known is counted."""

    @property
    def postings(self) -> list[Posting]:
        """The postings alone."""
        return [entry.posting for entry in self.entries]

    def through(self, month: str) -> SettlementLedger:
        """The ledger up to and with a month."""
        return SettlementLedger(
            tuple(entry for entry in self.entries if entry.posting.month <= month), self.instalments
        )


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Put entries in order of month, payer, payee, stream and what they correct; never of the rows
    they came from.

    Source: handbook 3.7; req 232.
    """
    return tuple(
        sorted(
            entries,
            key=lambda e: (
                e.posting.month,
                e.posting.payer,
                e.posting.payee,
                e.key,
                e.corrects,
                e.version,
                e.posting.amount_pence,
            ),
        )
    )


def balances(postings: Iterable[Posting]) -> dict[str, int]:
    """What each party has received less what it has paid, in whole pence; over all parties they add
    to nought.

    Source: handbook 1.1.5; req 232.
    """
    found: dict[str, int] = defaultdict(int)
    for posting in postings:
        found[posting.payer] -= posting.amount_pence
        found[posting.payee] += posting.amount_pence
    pence_must_add("What parties receive less what they pay", found, 0, None)
    return dict(sorted(found.items()))


def seal(postings: Iterable[Posting]) -> str:
    """The seal of a month: a digest of its postings - who pays whom, how much and why; the same
    postings, the same seal.

    Source: handbook 3.7; req 369.
    """
    lines = sorted(f"{p.month}|{p.payer}|{p.payee}|{p.amount_pence}|{p.reason}" for p in postings)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def check_seals(ledger: SettlementLedger, sealed: Mapping[str, str], problems: ProblemLog) -> None:
    """Compare each closed month with the seal that was kept: what was agreed and paid does not
    change.

    Source: handbook 3.7; req 369.
    """
    by_month: dict[str, list[Posting]] = defaultdict(list)
    for posting in ledger.postings:
        by_month[posting.month].append(posting)
    for month, kept in sorted(sealed.items()):
        if kept and seal(by_month[month]) != kept:
            problems.error(
                None,
                f"{month} is closed, and its payments would no longer be what they were (seal"
                f" {seal(by_month[month])}, kept {kept}).",
                "Something was entered as if it had been known before the month closed. Enter it"
                " with the day it was really known: it is then posted as a correction.",
                "closed_month_changed",
            )
