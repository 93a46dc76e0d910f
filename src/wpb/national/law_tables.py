"""What the law lets be pooled, and what a form of contract may not hold: dated, cited, and unknown
where no source settles it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from wpb.national import national_folder

Lawfulness = Literal["lawful", "unlawful", "unknown"]


@dataclass(frozen=True, slots=True)
class LegalEntry:
    """One dated statement of the law: what it is about, its status, from when, and who says so."""

    subject: str
    under: str
    status: str
    starts: datetime.date
    source: str
    locator: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.source}, {self.locator}"


NOT_STATED = "not stated in any source at hand"


@cache
def pooling_powers() -> tuple[LegalEntry, ...]:
    """Read which functions may be pooled under which power, in order of date.

    Source: handbook 2.6; overview 3.3.3; req 134.
    """
    return _read("pooling_powers.yaml", "function", "power")


@cache
def contract_exclusions() -> tuple[LegalEntry, ...]:
    """Read which services a form of contract may not hold, in order of date.

    Source: overview 3.3.1; handbook fn 16; req 122.
    """
    return _read("contract_exclusions.yaml", "service", "vehicle")


def entry_on(
    entries: Iterable[LegalEntry], subject: str, under: str, on: datetime.date
) -> LegalEntry | None:
    """Give the entry that stands on a date: the latest to start for that subject and power or
    contract, or None.

    Source: handbook 2.6; req 122, 134.
    """
    standing = [
        entry
        for entry in entries
        if (entry.subject, entry.under) == (subject, under) and entry.starts <= on
    ]
    return max(standing, key=lambda entry: entry.starts, default=None)


def _read(name: str, subject: str, under: str) -> tuple[LegalEntry, ...]:
    from ruamel.yaml import YAML

    rows: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(
        (national_folder() / "law" / name).read_text(encoding="utf-8")
    )
    found = [
        LegalEntry(
            str(row[subject]),
            str(row[under]),
            str(row["status"]),
            row["from"],
            str(row["source"]),
            str(row["locator"]),
            str(row.get("note", "")),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda entry: (entry.subject, entry.under, entry.starts)))
