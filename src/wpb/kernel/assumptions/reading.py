"""Reading assumption files: every fault is a problem with its file and line, and what is at fault
does not load.
"""

from __future__ import annotations

import datetime
import difflib
import functools
import math
import re
from calendar import monthrange
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from wpb.kernel.assumptions.values import (
    IN_YEAR_CHANGES,
    KINDS,
    STATUSES,
    UNITS,
    DatedValue,
    Reference,
    Subject,
)
from wpb.kernel.calendar import financial_year, first_day, is_financial_year, last_day, start_year
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.ranges import range_of_unit
from wpb.kernel.safe_yaml import load_yaml, yaml_reader

BIBLIOGRAPHY = "bibliography.yaml"
KEY = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")
GROUNDS = ("reason", "evidence", "owner", "outside_provider_control")
SUBJECT_FIELDS = ("key", "title", "unit", "kind", "in_year_change", "note", "values")
VALUE_FIELDS = (
    "year",
    "value",
    "status",
    "published",
    "source",
    "locator",
    "known_from",
    "withdrawn",
    "effective_from",
    "note",
)
REFERENCE_FIELDS = ("id", "title", "publisher", "year", "address", "licence")


class Entry:
    """One mapping of a YAML file: its fields, the line of each, and where to report what is wrong
    with it.
    """

    def __init__(self, fields: Any, file: str, log: ProblemLog, line: int = 1):
        self.fields: Mapping[str, Any] = fields
        self.file = file
        self.log = log
        self.line = fields.lc.line + 1 if hasattr(fields, "lc") else line
        self.faults = 0

    def where(self, field: str = "") -> Cell:
        """Give the place of a field, or of the entry where it has no such field."""
        line = (
            self.fields.lc.key(field)[0] + 1
            if field in self.fields and hasattr(self.fields, "lc")
            else self.line
        )
        return Cell(
            self.file,
            "",
            f"line {line}",
            "" if field not in self.fields else str(self.fields[field]),
        )

    def refuse(self, field: str, what: str, fix: str, code: str = "assumption") -> None:
        """Report what is wrong with a field; the entry will not load."""
        self.faults += 1
        self.log.error(self.where(field), what, fix, code)

    def text(self, field: str, default: str | None = None, why: str = "") -> str:
        """Read a field of words; without a default it must be there."""
        given = self.fields.get(field)
        words = "" if given is None else str(given).strip()
        if words or default is not None:
            return words or default or ""
        self.refuse(
            field,
            f"{field} is missing." if given is None else f"{field} is blank.",
            why or f"Enter {field}.",
        )
        return ""

    def choice(self, field: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """Read a field that must be one of a few words."""
        word = self.text(field, default, f"Enter one of {', '.join(choices)}.")
        if word and word not in choices:
            self.refuse(
                field,
                f"{field} '{word}' is not one of {', '.join(choices)}.",
                "Enter one of these.",
            )
        return word

    def date(self, field: str) -> datetime.date | None:
        """Read an optional date, written 2030-04-01."""
        given = self.fields.get(field)
        if given is None:
            return None
        try:
            return datetime.date.fromisoformat(str(given))
        except ValueError:
            self.refuse(field, f"{field} '{given}' is not a date.", "Write it as 2030-04-01.")
            return None

    def only(self, allowed: tuple[str, ...]) -> None:
        """Refuse fields nobody knows: a typo must not pass for a field left out."""
        for field in self.fields:
            if field not in allowed:
                near = difflib.get_close_matches(str(field), allowed, n=1)
                self.refuse(
                    field,
                    f"'{field}' is not a field here.",
                    f"Did you mean {near[0]}?" if near else f"The fields are {', '.join(allowed)}.",
                )


def _yaml_reader() -> Any:
    from ruamel.yaml.constructor import RoundTripConstructor

    class DatesAsWritten(RoundTripConstructor):
        """Leaves dates as text, so that a day that does not exist is a problem with a line, not a
        fault.
        """

    DatesAsWritten.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda reader, node: str(node.value)
    )
    yaml = yaml_reader()
    yaml.Constructor = DatesAsWritten
    return yaml


@functools.lru_cache(maxsize=32)
def _read(text: str) -> Any:
    """Read the text of a file, once for as long as it stays the same; nobody changes what it
    holds.
    """
    return load_yaml(text, _yaml_reader())


def _entries(path: Path, folder: Path, log: ProblemLog) -> list[Entry]:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    file = f"{folder.name}/{path.name}"
    try:
        found = _read(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        log.error(
            Cell(file, "", ""),
            "the file is not written in UTF-8.",
            "Save it as UTF-8 text.",
            "unreadable",
        )
        return []
    except YAMLError as fault:
        mark = fault.problem_mark if isinstance(fault, MarkedYAMLError) else None
        line = f"line {mark.line + 1}" if mark else ""
        said = str(getattr(fault, "problem", "") or "it cannot be read").split("\n")[0]
        log.error(
            Cell(file, "", line),
            f"the file is not valid YAML: {said}.",
            "Check the line for quotes, colons, brackets and indents.",
            "unreadable",
        )
        return []
    if found is None:
        log.error(
            Cell(file, "", ""),
            "the file is empty.",
            "Enter an assumption in it, or remove it.",
            "unreadable",
        )
        return []
    listed = found if isinstance(found, list) else [found]
    entries = []
    for position, item in enumerate(listed):
        if isinstance(item, Mapping):
            entries.append(Entry(item, file, log))
        else:
            log.error(
                Cell(file, "", _line_of(listed, position)),
                "the file holds something that is not an entry with named fields.",
                "Write `key:` and its fields, or a list of such entries.",
                "unreadable",
            )
    return entries


def _line_of(listed: Any, position: int) -> str:
    return f"line {listed.lc.item(position)[0] + 1}" if hasattr(listed, "lc") else "line 1"


def read_bibliography(folder: Path, log: ProblemLog) -> dict[str, Reference]:
    """Read the bibliography of a folder, by id; a folder without one has no references of its
    own.
    """
    path = folder / BIBLIOGRAPHY
    references: dict[str, Reference] = {}
    for entry in _entries(path, folder, log) if path.is_file() else []:
        entry.only(REFERENCE_FIELDS)
        name, title, publisher = entry.text("id"), entry.text("title"), entry.text("publisher")
        year = entry.fields.get("year")
        if not isinstance(year, int) or isinstance(year, bool):
            entry.refuse(
                "year",
                (
                    f"year '{year}' is not a year of publication."
                    if year is not None
                    else "year is missing."
                ),
                "Enter a whole number, such as 2017.",
            )
        if name in references:
            entry.refuse(
                "id", f"the id '{name}' is used twice.", "Give each source an id of its own."
            )
        if not entry.faults:
            references[name] = Reference(
                name,
                title,
                publisher,
                int(str(year)),
                entry.text("address", ""),
                entry.text("licence", ""),
            )
    return references


def read_subjects(
    folder: Path,
    references: Mapping[str, Reference],
    log: ProblemLog,
    local: bool,
    known_units: Mapping[str, tuple[str, str]] | None = None,
) -> dict[str, Subject]:
    """Read every assumption file of a folder, by key; the values at fault are left out and
    reported.

    known_units: unit and kind by key of the assumptions these may stand in place of, which give the
    default.
    Source: req 159.
    """
    subjects: dict[str, Subject] = {}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        if path.name == BIBLIOGRAPHY:
            continue
        for entry in _entries(path, folder, log):
            subject = _subject(
                entry, references, local, (known_units or {}).get(str(entry.fields.get("key")))
            )
            if subject is None:
                continue
            if subject.key in subjects:
                log.error(
                    entry.where("key"),
                    f"{subject.key} is entered twice, first at {subjects[subject.key].where}.",
                    "Put all its values under one key.",
                    "assumption",
                )
            else:
                subjects[subject.key] = subject
    return subjects


def _subject(
    entry: Entry, references: Mapping[str, Reference], local: bool, standing: tuple[str, str] | None
) -> Subject | None:
    entry.only(SUBJECT_FIELDS + (GROUNDS if local else ()))
    key = entry.text("key")
    if key and not KEY.match(key):
        entry.refuse(
            "key",
            f"'{key}' is not a key.",
            "Use small letters, digits and underscores, with dots between parts, such as"
            " activity_growth.community.",
        )
    title = entry.text("title", key if local else None)
    unit = entry.choice("unit", UNITS, standing[0] if standing else None)
    kind = entry.choice(
        "kind", KINDS, standing[1] if standing else ("growth" if unit == "rate" else "other")
    )
    changes = entry.choice("in_year_change", IN_YEAR_CHANGES, "forbid")
    if standing and unit and unit != standing[0]:
        entry.refuse(
            "unit",
            f"{key} is a {standing[0]} nationally and a {unit} here.",
            f"Enter it as a {standing[0]}, or under a key of its own.",
        )
    given = entry.fields.get("values")
    if not isinstance(given, list) or not (given or entry.fields.get("note")):
        entry.refuse(
            "values",
            "there are no values.",
            "Enter at least one, or say in a note why nothing is published.",
        )
    if entry.faults or not isinstance(given, list):
        return None
    values = []
    for position, item in enumerate(given):
        if not isinstance(item, Mapping):
            entry.log.error(
                Cell(entry.file, "", _line_of(given, position)),
                f"'{item}' is not a value with its year and citation.",
                "Write year, value, status, published, source and locator.",
                "assumption",
            )
        elif (value := _value(item, entry, references, unit, changes, local)) is not None:
            values.append(value)
    _check_openings(entry, key, values)
    return Subject(
        key,
        title,
        unit,
        kind,
        changes,
        entry.text("note", ""),
        tuple(values),
        entry.where("key"),
        local,
    )


def _value(
    item: Mapping[str, Any],
    subject: Entry,
    references: Mapping[str, Reference],
    unit: str,
    changes: str,
    local: bool,
) -> DatedValue | None:
    fields = (
        dict(item)
        if not local
        else {**{name: subject.fields[name] for name in GROUNDS if name in subject.fields}, **item}
    )
    entry = Entry(item, subject.file, subject.log)
    entry.only(VALUE_FIELDS + (GROUNDS if local else ()))
    year = _year(entry)
    figure = _figure(entry, unit)
    status = entry.choice("status", STATUSES)
    published, known_from = _vintage(entry)
    source, source_id = _source(entry, references, local)
    locator = entry.text(
        "locator",
        "" if local else None,
        "Say where in the source it stands: a table, a page or a section.",
    )
    starts = entry.date("effective_from") or (first_day(year) if year else None)
    if year and starts and not first_day(year) <= starts <= last_day(year):
        entry.refuse(
            "effective_from",
            f"{starts} is not in {year}.",
            f"Enter a day from {first_day(year)} to {last_day(year)}.",
        )
    elif year and starts and starts != first_day(year) and changes == "forbid":
        entry.refuse(
            "effective_from",
            f"the value changes within {year}, and in_year_change does not say how to take that.",
            "Add in_year_change: step (a value by date) or day_weighted (weighted by days in"
            " force).",
        )
    known_from, withdrawn = entry.date("known_from") or known_from, entry.date("withdrawn")
    control = fields.get("outside_provider_control")
    if entry.faults or year is None or figure is None or known_from is None or starts is None:
        return None
    words = {name: str(fields.get(name) or "").strip() for name in ("reason", "evidence", "owner")}
    return DatedValue(
        year,
        figure,
        status,
        published,
        known_from,
        source,
        source_id,
        locator,
        entry.where("value"),
        starts,
        withdrawn,
        entry.text("note", ""),
        outside_provider_control=control if isinstance(control, bool) else None,
        **words,
    )


def _year(entry: Entry) -> str | None:
    given = entry.text("year", why="Enter the year it is for, such as 2030-31.")
    if given and not is_financial_year(given):
        start = re.match(r"^(\d{4})\b", given)
        likely = f", such as {financial_year(int(start[1]))}" if start else ", such as 2030-31"
        entry.refuse(
            "year", f"'{given}' is not a financial year.", f"Write it with a hyphen{likely}."
        )
        return None
    if given and not 1948 <= start_year(given) <= 2100:
        entry.refuse("year", f"{given} is out of range.", "Check the year.")
        return None
    return given or None


def _figure(entry: Entry, unit: str) -> float | None:
    given = entry.fields.get("value")
    figure: float | None = None
    if isinstance(given, str) and given.strip().endswith("%"):
        try:
            figure = float(Decimal(given.strip()[:-1].strip()) / 100)
        except InvalidOperation:
            figure = None
    elif isinstance(given, int | float) and not isinstance(given, bool):
        figure = float(given)
    if figure is None or not math.isfinite(figure):
        entry.refuse(
            "value",
            "value is missing." if given is None else f"value '{given}' is not a number.",
            "Enter a number, such as 0.025 (or 2.5%).",
        )
        return None
    if unit in ("rate", "share") and not range_of_unit(unit).holds(figure):
        entry.refuse(
            "value",
            f"value {given} is not a {unit}: it would be {figure * 100:g}%.",
            f"Write {figure / 100:g} (or {figure:g}%) if that is what is meant.",
        )
        return None
    return figure


def _vintage(entry: Entry) -> tuple[str, datetime.date | None]:
    given = entry.text(
        "published",
        why="Say when it was published, as precisely as known: 2017, 2017-08 or 2017-08-31.",
    )
    match = re.match(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$", given)
    try:
        if match is None:
            raise ValueError
        year, month, day = int(match[1]), int(match[2] or 12), match[3]
        if day:
            return given, datetime.date(year, month, int(day))
        return given, datetime.date(year, month, monthrange(year, month)[1])
    except ValueError:
        if given:
            entry.refuse(
                "published",
                f"published '{given}' is not a date.",
                "Write it as 2017, 2017-08 or 2017-08-31.",
            )
        return given, None


def _source(entry: Entry, references: Mapping[str, Reference], local: bool) -> tuple[str, str]:
    given = entry.text(
        "source", why="A value needs a citation: enter the id of a source in bibliography.yaml."
    )
    if given in references:
        return str(references[given]), given
    if given and not (local and " " in given):
        near = difflib.get_close_matches(given, references, n=1)
        fix = (
            f"Did you mean {near[0]}?"
            if near
            else "Add it there with its title, publisher and year"
            + (", or name the document in full." if local else ".")
        )
        entry.refuse("source", f"there is no source '{given}' in bibliography.yaml.", fix)
    return given, ""


def _check_openings(entry: Entry, key: str, values: list[DatedValue]) -> None:
    for value in values:
        opening = any(
            other.starts == first_day(value.year) for other in values if other.year == value.year
        )
        if not opening:
            entry.log.error(
                value.where,
                f"{key} has a value from {value.starts} and none from the start of {value.year}.",
                f"Enter the value from {first_day(value.year)} as well.",
                "assumption",
            )
