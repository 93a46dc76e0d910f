"""The sealed record of a signed contract: one file for each signing, closed month and correction,
each holding the hash of the one before it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wpb.kernel.places import Cell
from wpb.kernel.posting import Posting
from wpb.kernel.problems import ProblemLog

FOLDER = "record"
CORRECTION = "correction/"
"""How the streams of dated corrections begin."""
SCHEMA = "wpb.sealed-record/1"
Kind = Literal["agreement", "month", "correction"]
Net = dict[tuple[str, str, str, str], int]
"""Whole pence from the first party to the second, by (first, second, stream, month corrected), the
parties in order of their codes.
"""
Values = dict[tuple[str, str, str], int]
"""Whole pence by (element, commissioner and stream, year)."""
Schedule = dict[tuple[str, str], tuple[int, ...]]
"""The twelve instalments of what a commissioner pays, by (stream, year), as signed."""


@dataclass(frozen=True)
class SealedPosting:
    """A posting as it was kept, with what it belongs to."""

    posting: Posting
    key: str
    element: str
    version: int
    event: str
    corrects: str
    year: str

    def as_dict(self) -> dict[str, str | int]:
        """Spell for the record."""
        return {
            **self.posting.as_dict(),
            "stream": self.key,
            "element": self.element,
            "version": self.version,
            "event": self.event,
            "corrects": self.corrects,
            "year": self.year,
        }


@dataclass(frozen=True)
class Sealed:
    """One file of the record: what was sealed, when, from which inputs and by which wpb.

    values, schedule: what was signed, in an agreement, or what a correction puts in its place.
    nets: what the working-out gave for each sealed month that a correction is for.
    """

    file: str
    number: int
    kind: Kind
    on: datetime.date
    contract: str
    month: str
    wpb: str
    calculation: str
    manifest: str
    inputs: Mapping[str, str]
    digest: str
    postings: tuple[SealedPosting, ...] = ()
    values: Values = field(default_factory=dict)
    schedule: Schedule = field(default_factory=dict)
    nets: Mapping[str, Net] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class SealedRecord:
    """The whole record in order, whose hashes were followed from the first file to the last."""

    entries: tuple[Sealed, ...] = ()

    def known_on(self, day: datetime.date | None) -> SealedRecord:
        """The record as it stood on a day."""
        if day is None:
            return self
        return SealedRecord(tuple(entry for entry in self.entries if entry.on <= day))

    @property
    def months(self) -> dict[str, Sealed]:
        """What closed each month."""
        return {entry.month: entry for entry in self.entries if entry.kind == "month"}

    @property
    def corrections(self) -> list[Sealed]:
        """The dated corrections, in order."""
        return [entry for entry in self.entries if entry.kind == "correction"]

    @property
    def last(self) -> Sealed | None:
        """The last file."""
        return self.entries[-1] if self.entries else None

    @property
    def head(self) -> str:
        """The hash of the last file, to be kept outside the folder; blank where there is none."""
        return self.entries[-1].digest if self.entries else ""

    @property
    def signed(self) -> tuple[Values, Schedule]:
        """The values and instalments in force: as signed, or as the last correction put them."""
        holders = [entry for entry in self.entries if entry.values]
        return (holders[-1].values, holders[-1].schedule) if holders else ({}, {})

    def expected(self, month: str) -> Net:
        """What working a sealed month out is held to: what it gave then, or at the last
        correction of it.
        """
        corrected = [one for one in self.corrections if month in one.nets]
        if corrected:
            return dict(corrected[-1].nets[month])
        sealed = self.months.get(month)
        return (
            net_of((one.posting, one.key, one.corrects) for one in sealed.postings)
            if sealed
            else {}
        )


def net_of(rows: Iterable[tuple[Posting, str, str]]) -> Net:
    """Add postings up by the two parties, stream and month corrected, in whole pence from the
    first party to the second; dated corrections of the record are left out.
    """
    found: Net = defaultdict(int)
    for posting, stream, corrects in rows:
        first, second = sorted((posting.payer, posting.payee))
        if not stream.startswith(CORRECTION):
            sign = 1 if posting.payer == first else -1
            found[first, second, stream, corrects] += sign * posting.amount_pence
    return {key: pence for key, pence in found.items() if pence}


def file_name(number: int) -> str:
    """The name of a file of the record, by its number alone: of two writers at once, one fails."""
    return f"{number:04d}.json"


def spell(
    number: int,
    kind: Kind,
    previous: str,
    head: Mapping[str, Any],
    postings: Iterable[SealedPosting],
    signed: tuple[Values, Schedule] | None,
    nets: Mapping[str, Net],
) -> bytes:
    """Spell one file of the record, with the hash of the file before it and its own.

    head: on, contract, month, wpb, calculation, manifest, inputs, reason and when it was written.
    """
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "number": number,
        "kind": kind,
        "previous": previous,
        **head,
        "postings": [posting.as_dict() for posting in postings],
        "values": [[*key, pence] for key, pence in sorted(signed[0].items()) if pence]
        if signed
        else [],
        "schedule": [[*key, list(months)] for key, months in sorted(signed[1].items())]
        if signed
        else [],
        "nets": {
            month: [[*key, pence] for key, pence in sorted(net.items()) if pence]
            for month, net in sorted(nets.items())
        },
    }
    content["hash"] = _own_hash(content)
    lines = ",\n".join(f"{json.dumps(key)}: {_spelled(value)}" for key, value in content.items())
    return ("{\n" + lines + "\n}\n").encode()


def _spelled(value: object) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in value) + "\n]"
    return json.dumps(value, ensure_ascii=False, indent=1 if isinstance(value, dict) else None)


def _own_hash(content: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in content.items() if key != "hash"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_record(files: Iterable[tuple[str, bytes]], problems: ProblemLog) -> SealedRecord:
    """Read the record and follow its hashes; a file that was edited, taken out or put in is named.

    files: name and content, in order of name.
    Source: overview 4.3; req 385.
    """
    entries: list[Sealed] = []
    previous = ""
    for name, content in files:
        number = len(entries) + 1
        try:
            found = json.loads(content)
            entry = _entry(name, found)
        except (ValueError, KeyError, TypeError, AttributeError):
            _broken(name, "it can't be read as a file of the record", problems)
            return SealedRecord(tuple(entries))
        if found.get("hash") != _own_hash(found):
            _broken(name, "its content isn't what was sealed: it was edited", problems)
        elif entry.number != number:
            _broken(
                name,
                f"it is number {entry.number} where number {number} belongs: a file was taken out"
                " or put in",
                problems,
            )
        elif found.get("previous") != previous or name != file_name(number):
            _broken(name, "it doesn't follow from the file before it", problems)
        elif (entry.kind == "agreement") != (number == 1):
            _broken(name, "a record begins with the agreement, and has one", problems)
        elif entries and (entry.contract != entries[0].contract or entry.on < entries[-1].on):
            _broken(name, "its contract or its day doesn't follow the file before it", problems)
        if problems.errors:
            return SealedRecord(tuple(entries))
        entries.append(entry)
        previous = entry.digest
    return SealedRecord(tuple(entries))


def _broken(name: str, why: str, problems: ProblemLog) -> None:
    problems.error(
        Cell(f"{FOLDER}/{name}", "", ""),
        f"The sealed record of the contract is broken at {name}: {why}.",
        "Put the record folder back as it was, from a copy or a backup. What was signed and closed"
        " is never edited: a change enters with the day it was known, as an event or a correction.",
        "record_broken",
    )


def _entry(name: str, found: Mapping[str, Any]) -> Sealed:
    if found["schema"] != SCHEMA or found["kind"] not in ("agreement", "month", "correction"):
        raise ValueError(name)
    return Sealed(
        name,
        int(found["number"]),
        found["kind"],
        datetime.date.fromisoformat(found["on"]),
        str(found["contract"]),
        str(found["month"]),
        str(found["wpb"]),
        str(found["calculation"]),
        str(found["manifest"]),
        {str(file): str(digest) for file, digest in found["inputs"].items()},
        str(found["hash"]),
        tuple(_posting(one) for one in found["postings"]),
        {(row[0], row[1], row[2]): int(row[3]) for row in found["values"]},
        {(row[0], row[1]): tuple(int(pence) for pence in row[2]) for row in found["schedule"]},
        {
            month: {(row[0], row[1], row[2], row[3]): int(row[4]) for row in net}
            for month, net in found["nets"].items()
        },
        str(found["reason"]),
    )


def _posting(one: Mapping[str, Any]) -> SealedPosting:
    return SealedPosting(
        Posting(
            one["month"],
            one["payer"],
            one["payee"],
            one["amount_pence"],
            one["reason"],
            one["figure"],
        ),
        str(one["stream"]),
        str(one["element"]),
        int(one["version"]),
        str(one["event"]),
        str(one["corrects"]),
        str(one["year"]),
    )
