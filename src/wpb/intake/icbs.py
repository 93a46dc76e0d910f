"""The integrated care boards of England by date, 42 to 31 March 2026 and 36 from 1 April 2026, and
picking one: its practices, people and weights from the published file at hand.

    log = ProblemLog()
    place = pick_place(path, "Essex", date(2026, 4, 1), log)
    place.icb.name, place.code, place.rows, place.practices

`icbs.csv` and `icb_successors.csv` hold the facts with their sources. Where an ICB was divided, its
practices go by the district of their address, and each one whose district is in no source is named
and left out. A code that was never found stays blank: the user gives it ("Thames Valley=CODE").
"""

from __future__ import annotations

import csv
import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from wpb.intake.practice_files import PracticeFile, plain_icb, read_practice_file
from wpb.intake.values import as_ods_writes
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog

CHANGED = date(2026, 4, 1)
"""When 12 ICBs gave way to 6, and one boundary moved."""


@dataclass(frozen=True)
class Icb:
    """One ICB: its ODS code ('' where it was not found), its name and the days it stood."""

    code: str
    name: str
    opened: date
    closed: date | None
    """The last day; None while it stands."""
    source: str

    def stands_on(self, day: date) -> bool:
        """Whether the ICB stands on a day."""
        return self.opened <= day and (self.closed is None or day <= self.closed)


@dataclass(frozen=True)
class IcbSuccession:
    """Whose people went where: all of an ICB's, or those of practices in one district of it."""

    predecessor: str
    """Code."""
    successor: str
    """Name, since one code is unknown."""
    since: date
    district: str
    """'' for the whole ICB."""
    source: str


@dataclass(frozen=True)
class PickedPlace:
    """An ICB and the published practices that are its own on the day asked for."""

    icb: Icb
    code: str
    """The ICB's code, or the one the user gave where it is unknown."""
    practices: PracticeFile
    """The whole file, its practices under the ICBs of the day."""

    @property
    def rows(self) -> list[int]:
        """The rows of the place's practices, in order of practice code."""
        return self.practices.rows_of_icb(self.code)


def icbs_on(day: date) -> tuple[Icb, ...]:
    """List the ICBs of a day, by name: 42 to 31 March 2026, 36 from 1 April 2026, none before
    1 July 2022.

    Source: NHS Business Services Authority, ICB mergers, 10 April 2026; written statement of
    9 September 2025; req 380.
    """
    return tuple(icb for icb in every_icb() if icb.stands_on(day))


@cache
def every_icb() -> tuple[Icb, ...]:
    """List every ICB that stood at any time, by name."""
    found = [
        Icb(
            row["code"],
            row["name"],
            date.fromisoformat(row["opened"]),
            date.fromisoformat(row["closed"]) if row["closed"] else None,
            row["source"],
        )
        for row in _rows("icbs.csv")
    ]
    return tuple(sorted(found, key=lambda icb: icb.name))


@cache
def icb_successions() -> tuple[IcbSuccession, ...]:
    """List who followed whom, by whole ICB or by district."""
    return tuple(
        IcbSuccession(
            row["predecessor"],
            row["successor"],
            date.fromisoformat(row["from"]),
            row["district"],
            row["source"],
        )
        for row in _rows("icb_successors.csv")
    )


def find_icb_on(wanted: str, day: date, place: Cell, log: ProblemLog) -> tuple[Icb, str] | None:
    """Find an ICB of a day by its code or its name, in any case and with or without 'NHS' and
    'ICB', with its code; NAME=CODE gives the code of one whose code is unknown.

    Records an error, and gives None, for one that does not stand on that day (saying who followed
    it), one that never did (naming the nearest), and an unknown code that was not given.
    """
    asked, _, given = (part.strip() for part in wanted.partition("="))
    standing = [icb for icb in icbs_on(day) if _is(icb, asked)]
    if not standing:
        _refuse(asked, day, place, log)
        return None
    icb = standing[0]
    code = icb.code or as_ods_writes(given)
    if not code or (icb.code and given and as_ods_writes(given) != icb.code):
        log.error(
            place,
            f"The ODS code of {icb.name} is {icb.code or 'unknown: no published source has it'}"
            + (f", not {given}." if given else "."),
            f"Give the name alone: '{icb.name}'."
            if icb.code
            else f"Give it with its code, as '{icb.name}=CODE'.",
            "icb_code_unknown",
        )
        return None
    return icb, code


def _is(icb: Icb, asked: str) -> bool:
    return plain_icb(asked) in {plain_icb(icb.code), plain_icb(icb.name)} - {""}


def _refuse(asked: str, day: date, place: Cell, log: ProblemLog) -> None:
    """Say why there is no such ICB on a day: it stood at another time, or never."""
    other = next((icb for icb in every_icb() if _is(icb, asked)), None)
    if other is not None and other.closed is not None and other.closed < day:
        followed = list(
            dict.fromkeys(s.successor for s in icb_successions() if s.predecessor == other.code)
        )
        log.error(
            place,
            f"{other.name} ({other.code}) closed on {other.closed:%-d %B %Y}.",
            f"Its people are now with {' and '.join(followed)}: pick one of those, or a day"
            " before it closed.",
            "icb_closed",
        )
    elif other is not None:
        log.error(
            place,
            f"{other.name} opened on {other.opened:%-d %B %Y}, after the day asked for,"
            f" {day:%-d %B %Y}.",
            "Pick an ICB of that day, or a later day.",
            "icb_not_open",
        )
    else:
        by_word = {
            word: icb for icb in icbs_on(day) for word in (plain_icb(icb.code), plain_icb(icb.name))
        }
        inside = [word for word in by_word if asked and plain_icb(asked) in word]
        near = [*inside, *difflib.get_close_matches(plain_icb(asked), by_word, n=3, cutoff=0.0)]
        named = list(dict.fromkeys(by_word[word] for word in near))[:3]
        log.error(
            place,
            f"There is no ICB '{asked}' on {day:%-d %B %Y}.",
            "The nearest: " + "; ".join(f"{icb.code} {icb.name}".strip() for icb in named) + ".",
            "unknown_icb",
        )


def under_icbs_of(
    practices: PracticeFile, day: date, log: ProblemLog, codes: Mapping[str, str] | None = None
) -> PracticeFile:
    """Put every practice of a published file under its ICB on a day, as the table of successors
    says; a file that has the ICBs of the day already comes back as it is.

    codes: codes by name that the user gave for ICBs; only problems that concern those ICBs are
    told. A practice of a divided ICB whose district is in no source keeps the ICB it had, and is
    named in a warning.
    Source: req 380.
    """
    given = dict(codes or {})
    codes_now = {icb.name: icb.code for icb in icbs_on(day)} | given
    whole: dict[str, str] = {}
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    for change in icb_successions():
        if change.since <= day and change.district:
            parts[change.predecessor][change.district.casefold()] = change.successor
        elif change.since <= day:
            whole[change.predecessor] = change.successor
    icb_codes, icb_names = list(practices.icb_codes), list(practices.icb_names)
    divided: dict[str, list[int]] = defaultdict(list)
    for row, (code, district) in enumerate(
        zip(practices.icb_codes, practices.district_names, strict=True)
    ):
        after = whole.get(code) or parts.get(code, {}).get(district.casefold())
        if after:
            icb_names[row], icb_codes[row] = after, codes_now[after] or after
        if code in parts and (not given or set(parts[code].values()) & set(given)):
            divided[code].append(row)
    for rows in divided.values():
        _tell_divided(practices, rows, {row for row in rows if icb_codes[row] in parts}, log)
    return replace(practices, icb_codes=tuple(icb_codes), icb_names=tuple(icb_names))


def _tell_divided(
    practices: PracticeFile, rows: Sequence[int], unplaced: set[int], log: ProblemLog
) -> None:
    """Say how the practices of a divided ICB were placed, and which could not be."""
    name = practices.icb_names[rows[0]]
    log.note(
        practices.where(rows[0], "district"),
        f"{name} was divided on {CHANGED:%-d %B %Y}: its practices are placed by the district of"
        " their address.",
        "Check practices near the new boundary.",
        "icb_divided",
    )
    if unplaced:
        first = sorted(unplaced)
        named = ", ".join(
            f"{practices.codes[row]} ({practices.district_names[row]})" for row in first[:3]
        )
        log.warning(
            practices.where(first[0], "district"),
            f"No source says where {len(first)} of the practices of {name} went:"
            f" {named}. They are left out.",
            "Add them to gp_lists by hand if they are yours.",
            "icb_of_practice_unknown",
        )


def pick_places(
    path: Path, wanted: Sequence[str], day: date, log: ProblemLog, totals: str = ""
) -> tuple[PracticeFile, list[PickedPlace]] | None:
    """Pick ICBs of a day by code or name, and read their practices, people and weights from a
    place-based allocation file of any edition, before or after the change of ICBs.

    Records an error and gives None where there is no such ICB on that day or the file has none of
    its practices; raises InputProblems where the file can't be read.
    Source: req 380.
    """
    place = Cell(path.name, path.stem, "")
    found = [icb for text in wanted if (icb := find_icb_on(text, day, place, log))]
    if len(found) < len(wanted):
        return None
    names = {icb.name: code for icb, code in found}
    before = {s.predecessor for s in icb_successions() if s.successor in names}
    practices = read_practice_file(path, [*names, *names.values(), *sorted(before)], totals)
    log.extend(practices.warnings)
    practices = under_icbs_of(practices, day, log, names)
    picked = [PickedPlace(icb, code, practices) for icb, code in dict(found).items()]
    for one in picked:
        if not one.rows:
            log.error(
                place,
                f"The file has no practice of {one.icb.name} ({one.code}).",
                "Use a place-based allocation file of the whole of England.",
                "no_practices",
            )
    return (practices, picked) if all(one.rows for one in picked) else None


def pick_place(
    path: Path, wanted: str, day: date, log: ProblemLog, totals: str = ""
) -> PickedPlace | None:
    """Pick one ICB of a day, as `pick_places` does.

    Source: req 380.
    """
    found = pick_places(path, [wanted], day, log, totals)
    return found[1][0] if found else None


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
