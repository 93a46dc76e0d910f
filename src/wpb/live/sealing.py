"""Signing, closing a month, and dated corrections: each writes one file of the sealed record, whole
or not at all.

Source: overview 4.3; handbook 3.7, 4.1; req 385.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import wpb
from wpb.kernel.calendar import month_of, month_start, next_month, year_of
from wpb.kernel.posting import MONTH_PATTERN, Posting
from wpb.kernel.problems import UsageProblem
from wpb.live.contract import LiveContract
from wpb.live.sealed import calculation_hash, input_digest, inputs_of, values_of
from wpb.settlement.ledger import Entry
from wpb.tables.sealed_record import (
    CORRECTION,
    FOLDER,
    Kind,
    Net,
    Schedule,
    Sealed,
    SealedPosting,
    Values,
    file_name,
    spell,
)


@dataclass(frozen=True)
class RecordFile:
    """One file of the record, ready to be written."""

    number: int
    kind: Kind
    month: str
    content: bytes
    postings: tuple[SealedPosting, ...]

    @property
    def name(self) -> str:
        """Its name in the record."""
        return file_name(self.number)


def agreement_file(live: LiveContract, on: datetime.date) -> RecordFile:
    """Seal what was signed: values by payer and year, instalments, inputs by hash, and this wpb.

    live: the contract as known on the day.
    Raises UsageProblem where it was sealed before, or no agreement was known on the day.
    Source: overview 4.3; handbook 4.1; req 385.
    """
    if live.held.record.entries:
        raise UsageProblem(
            "the agreement is sealed already, on"
            f" {live.held.record.entries[0].on}; what changes it is an event, not another signing"
        )
    agreed = live.history.agreed
    if agreed.number == 0 or not live.held.schedule_now:
        raise UsageProblem(
            f"no agreement is known on {on}: enter it in contract_events, or give the day it was"
            " signed with --on"
        )
    # nothing is sealed yet, so that the trees are as worked out
    signed = values_of(live.trees[agreed.number]), live.held.schedule_now
    return _file(live, "agreement", on, "", (), signed, {}, "")


def next_to_close(live: LiveContract) -> str:
    """The month that is closed next: after the last in the record, else the contract's first.

    Source: req 385.
    """
    sealed = sorted(live.held.record.months)
    return next_month(sealed[-1]) if sealed else f"{live.terms.starts_on:%Y-%m}"


def month_file(live: LiveContract, month: str, on: datetime.date) -> RecordFile:
    """Seal a month: every posting of it, and what working it out gave.

    live: the contract as known on the day.
    Raises UsageProblem for a month that is not the next, that has not ended, or where something
    sealed before would be worked out otherwise.
    Source: overview 4.3; handbook 3.7; req 385.
    """
    if not MONTH_PATTERN.match(month):
        raise UsageProblem(f"'{month}' is not a month; write it as 2028-05")
    _check_open(live, on)
    due = next_to_close(live)
    if month != due:
        raise UsageProblem(
            f"{month} is closed already: what is known later is paid in an open month"
            if month < due
            else f"{due} is closed before {month}: months close in order"
        )
    if month_start(next_month(month)) > on:
        raise UsageProblem(f"{month} has not ended on {on}; a month is closed after its last day")
    last = f"{live.history.versions[-1].ends_on:%Y-%m}"
    postings = [one for one in live.settlement.entries if one.posting.month == month]
    if month > last and not postings:
        raise UsageProblem(f"the contract ends in {last}, and nothing is paid in {month}")
    kept = tuple(_kept(entry) for entry in postings)
    return _file(live, "month", on, month, kept, None, {}, "")


def correction_file(live: LiveContract, on: datetime.date, reason: str) -> RecordFile:
    """Take in, from a day on, what this wpb works out otherwise than was signed and closed: the
    difference of each closed month is posted in the first open month.

    Raises UsageProblem where there is no difference, or no reason is given.
    Source: overview 4.3; handbook 3.7; req 232, 385.
    """
    held = live.held
    if not held.record.entries:
        raise UsageProblem("nothing is sealed yet, so that nothing needs a correction")
    if not held.moves:
        raise UsageProblem("this wpb works out everything as it was sealed; nothing to correct")
    if not reason.strip():
        raise UsageProblem("a correction needs its reason")
    _check_day(live, on)
    month = live.plan.calendar.month_for(month_of(on), on)
    number = len(held.record.entries) + 1
    postings = tuple(
        _correction(live, number, month, settled, key, pence, reason)
        for settled, moved in held.month_moves.items()
        for key, pence in moved.items()
    )
    nets = {settled: held.nets_now.get(settled, {}) for settled in held.month_moves}
    signed = held.values_now, held.schedule_now
    return _file(live, "correction", on, month, postings, signed, nets, reason)


def _check_open(live: LiveContract, on: datetime.date) -> None:
    if not live.held.record.entries:
        raise UsageProblem("the agreement is not sealed yet; run `wpb agree` first")
    _check_day(live, on)
    if live.held.moves:
        raise UsageProblem(
            "this wpb works out otherwise what was signed or closed (`wpb check` says what); enter"
            " the difference with `wpb correct` before closing another month"
        )


def _check_day(live: LiveContract, on: datetime.date) -> None:
    last = live.held.record.entries[-1]
    if on < last.on:
        raise UsageProblem(f"the record was last written for {last.on}; {on} is before it")


def _correction(
    live: LiveContract,
    number: int,
    month: str,
    settled: str,
    key: tuple[str, str, str, str],
    pence: int,
    reason: str,
) -> SealedPosting:
    first, second, stream, _ = key
    payer, payee = (first, second) if pence > 0 else (second, first)
    like = next(
        (
            entry
            for entry in (*live.settlement.entries, *live.held.worked_out)
            if entry.key == stream and entry.posting.month == settled
        ),
        None,
    )
    figure = like.posting.figure if like else f"record/{number}"
    was = live.held.record.months[settled].wpb
    words = f"Correction of {settled}: {stream}, worked out by wpb {was} ({reason.strip()})"
    return SealedPosting(
        Posting(month, payer, payee, abs(pence), words, figure),
        f"{CORRECTION}{number}/{stream}",
        like.element if like else "item",
        like.version if like else 0,
        "",
        settled,
        like.year if like else year_of(month_start(settled)),
    )


def _kept(entry: Entry) -> SealedPosting:
    return SealedPosting(
        entry.posting,
        entry.key,
        entry.element,
        entry.version,
        entry.event,
        entry.corrects,
        entry.year,
    )


def _file(
    live: LiveContract,
    kind: Kind,
    on: datetime.date,
    month: str,
    postings: tuple[SealedPosting, ...],
    signed: tuple[Values, Schedule] | None,
    nets: dict[str, Net],
    reason: str,
) -> RecordFile:
    number = len(live.held.record.entries) + 1
    head: dict[str, Any] = {
        "on": on.isoformat(),
        "written_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "contract": live.terms.contract,
        "month": month,
        "reason": reason,
        "wpb": wpb.__version__,
        "calculation": calculation_hash(),
        "manifest": input_digest(live.model),
        "inputs": inputs_of(live.model),
    }
    content = spell(number, kind, live.held.record.head, head, postings, signed, nets)
    return RecordFile(number, kind, month, content, postings)


def write_file(folder: Path, file: RecordFile) -> Path:
    """Write a file of the record whole, under a number that none has yet, and give its path.

    A process that is killed leaves either the whole file or none; of two that write the same
    number, the second is refused.
    Raises UsageProblem where the number was taken meanwhile.
    Source: req 385.
    """
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    target, waiting = place / file.name, place / f".{file.name}.{os.getpid()}"
    try:
        with waiting.open("wb") as stream:
            stream.write(file.content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(waiting, target)
        except FileExistsError:
            raise UsageProblem(
                f"another process sealed {target.name} meanwhile; nothing was written. Look at what"
                " it wrote, and run this again"
            ) from None
        except OSError:  # a disk without hard links: renaming is whole too, if not exclusive
            if target.exists():
                raise
            waiting.rename(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            waiting.unlink()
    return target


def sealed_figures(file: RecordFile, entry: Sealed) -> dict[str, Any]:
    """What was sealed, for a reader: the file, the hash to keep elsewhere, values and postings.

    Source: req 385.
    """
    return {
        "contract": entry.contract,
        "kind": entry.kind,
        "month": entry.month or None,
        "on": entry.on.isoformat(),
        "file": f"{FOLDER}/{file.name}",
        "hash": entry.digest,
        "wpb": entry.wpb,
        "manifest": entry.manifest,
        "lifetime_pence": sum(pence for pence in entry.values.values()),
        "postings": [one.posting.as_dict() for one in entry.postings],
        "paid_pence": sum(one.posting.amount_pence for one in entry.postings),
    }
