"""The book of assumptions: what is the figure for this year, as known on that date, and who says
so?
"""

from __future__ import annotations

import datetime
import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wpb.kernel.assumptions.local import accept_local
from wpb.kernel.assumptions.reading import read_bibliography, read_subjects
from wpb.kernel.assumptions.values import (
    Assumption,
    DatedValue,
    Extension,
    MissingAssumption,
    Reference,
    Subject,
    in_force,
    shown,
    spell_years,
    stretches,
)
from wpb.kernel.calendar import year_of
from wpb.kernel.places import Cell, Citation
from wpb.kernel.problems import ProblemLog

MEND = "Enter a local assumption for it, or say in model.yaml how to extend it."
ENTER = "Enter a local assumption for it."


def load_book(national: Path | None, local: Path | None, problems: ProblemLog) -> AssumptionBook:
    """Read the national assumptions and a model's own; what has no citation, vintage or grounds
    does not load.

    national, local: folders of YAML files, either may be absent. Every fault goes to the log with
    file and line.
    Source: handbook 3.3.2, 3.3.3; req 159, 177, 178, 179.
    """
    nationally, references = _national(national, problems) if national else ({}, {})
    locally: dict[str, Subject] = {}
    if local is not None and local.is_dir():
        references = {**references, **read_bibliography(local, problems)}
        found = read_subjects(
            local,
            references,
            problems,
            local=True,
            known_units={key: (s.unit, s.kind) for key, s in nationally.items()},
        )
        locally = accept_local(
            found, AssumptionBook(nationally.values()).find, local.parent, problems
        )
    return AssumptionBook(nationally.values(), locally.values(), references)


_KEPT: dict[Path, tuple[object, dict[str, Subject], dict[str, Reference]]] = {}
"""National values by folder, as read from the files whose names, sizes and times are kept here."""


def _national(
    folder: Path, problems: ProblemLog
) -> tuple[dict[str, Subject], dict[str, Reference]]:
    """Read a folder of national values, once for as long as its files stay as they are.

    Subjects and references can't be changed, so that books may share them. A folder with problems
    is read each time, so that each reader is told.
    """
    files = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    stands = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    kept = _KEPT.get(folder)
    if kept is not None and kept[0] == stands:
        return dict(kept[1]), dict(kept[2])
    own = ProblemLog()
    references = read_bibliography(folder, own)
    subjects = read_subjects(folder, references, own, local=False)
    problems.extend(own)
    if not len(own):
        _KEPT[folder] = stands, subjects, references
    return dict(subjects), dict(references)


class AssumptionBook:
    """National and local assumptions, looked up by key, year and what was known on a date; it logs
    what was used.
    """

    def __init__(
        self,
        national: Iterable[Subject],
        local: Iterable[Subject] = (),
        references: dict[str, Reference] | None = None,
    ):
        self.national = {subject.key: subject for subject in national}
        self.local = {subject.key: subject for subject in local}
        self.references = references or {}
        self._used: dict[tuple[str, str, str, bool], Assumption] = {}

    def keys(self) -> tuple[str, ...]:
        """List every key, in order."""
        return tuple(sorted({*self.national, *self.local}))

    @property
    def used(self) -> tuple[Assumption, ...]:
        """Every figure looked up so far, once each, by key and year."""
        return tuple(self._used[key] for key in sorted(self._used))

    def subject(self, key: str) -> Subject:
        """Give the subject of a key, the national one where there are both.

        Raises MissingAssumption for a key that nobody has entered, with the nearest ones.
        """
        found = self.national.get(key) or self.local.get(key)
        if found is None:
            near = difflib.get_close_matches(key, self.keys(), n=3, cutoff=0.5)
            fix = (
                f"Did you mean {' or '.join(near)}?"
                if near
                else (
                    "`wpb assumptions list` shows what there is; a local one can be entered in the"
                    " model's assumptions folder."
                )
            )
            raise MissingAssumption(key, (), f"there is no assumption '{key}'.", fix)
        return found

    def years(self, key: str, known_on: datetime.date | None = None) -> tuple[str, ...]:
        """List the years a key has a value for, as known on a date, national and local together.

        Raises MissingAssumption for a key that nobody has entered.
        """
        self.subject(key)
        return tuple(
            sorted(
                {
                    year
                    for book in (self.national, self.local)
                    if key in book
                    for year in book[key].years(known_on)
                }
            )
        )

    def look_up(self, key: str, year: str, known_on: datetime.date | None = None) -> Assumption:
        """Give the figure for a year: the local value where there is one, else the national, as
        known on a date.

        Of several vintages the latest known on the date is taken; a consultation or placeholder
        only where nothing firmer is known. A change within the year is weighted by days where the
        subject says so: value = sum of (value x days in force) / days in the year.

        Raises MissingAssumption, saying what there is and how to mend it.
        Source: handbook 3.3.2; req 159, 162, 179.
        """
        found = self.find(key, year, known_on)
        if found is None:
            raise self._missing(key, (year,), known_on, self.years(key, known_on), "")
        return self._log(found)

    def find(self, key: str, year: str, known_on: datetime.date | None = None) -> Assumption | None:
        """Give the figure for a year as look_up does, or None, without logging that it was used."""
        found = [
            answer
            for subject in self._subjects(key)
            if (answer := _answer(subject, year, known_on)) is not None
        ]
        if len(found) > 1:
            return _displacing(found[0], found[1])
        return found[0] if found else None

    def look_up_at(
        self, key: str, on: datetime.date, known_on: datetime.date | None = None
    ) -> Assumption:
        """Give the figure in force on a day, for an assumption that changes within a year, such as
        a legal limit.

        Raises MissingAssumption where nothing is in force on that day.
        """
        year = year_of(on)
        self.subject(key)
        for subject in self._subjects(key):
            value = in_force(subject.known(year, known_on), on)
            if value is not None:
                return self._log(_assumption(subject, value, value.value))
        raise self._missing(key, (year,), known_on, self.years(key, known_on), "")

    def rates(
        self,
        key: str,
        years: Sequence[str],
        extensions: Sequence[Extension] = (),
        known_on: datetime.date | None = None,
        problems: ProblemLog | None = None,
        where: Cell | None = None,
    ) -> list[Assumption]:
        """Give the figure for each of several years, carried past the last published year only as
        the model says.

        hold_last: the last published figure goes on; average: the mean of all published years.
        Never past the extension's `until`. With a log, what is missing becomes one problem at
        `where` and its figures are NaN.

        Raises MissingAssumption where something is missing and there is no log.
        Source: handbook 3.3.2, 3.3.3; req 153, 159.
        """
        try:
            published = self.years(key, known_on)
            found = {year: self.find(key, year, known_on) for year in years}
            extension = next((extension for extension in extensions if extension.key == key), None)
            if extension is not None:
                found.update(
                    self._extended(
                        key,
                        [year for year in years if found[year] is None],
                        extension,
                        published,
                        known_on,
                    )
                )
            absent = [year for year in years if found[year] is None]
            if absent:
                raise self._missing(
                    key, absent, known_on, published, _extension_ends(extension, published)
                )
        except MissingAssumption as missing:
            if problems is None:
                raise
            problems.error(where, missing.what, missing.fix, "missing_assumption")
            return [_nothing(key, year) for year in years]
        return [self._log(assumption) for assumption in found.values() if assumption is not None]

    def describe(self, key: str) -> dict[str, Any]:
        """Spell a subject for a reader or JSON: what it is and every value, national and local, all
        vintages.

        Raises MissingAssumption for a key that nobody has entered.
        """
        first = self.subject(key)
        values = [
            {"local": subject.local, **_spelled(value)}
            for subject in self._subjects(key)
            for value in subject.values
        ]
        return {
            "key": key,
            "title": first.title,
            "unit": first.unit,
            "kind": first.kind,
            "in_year_change": first.in_year_change,
            "note": first.note,
            "values": sorted(values, key=lambda value: (value["year"], value["known_from"])),
        }

    def _subjects(self, key: str) -> list[Subject]:
        return [book[key] for book in (self.local, self.national) if key in book]

    def _extended(
        self,
        key: str,
        years: Sequence[str],
        extension: Extension,
        published: Sequence[str],
        known_on: datetime.date | None,
    ) -> dict[str, Assumption | None]:
        beyond = [year for year in years if published and published[-1] < year <= extension.until]
        if not beyond:
            return {}
        known = [
            answer for year in published if (answer := self.find(key, year, known_on)) is not None
        ]
        if extension.how == "hold_last":
            value, words = (
                known[-1].value,
                f"{shown(known[-1].value, known[-1].unit)}, the value for {published[-1]}, held",
            )
        elif extension.how == "average":
            value = math.fsum(answer.value for answer in known) / len(known)
            words = f"the mean of the {len(known)} published years, {spell_years(published)}"
        else:
            raise MissingAssumption(
                key,
                beyond,
                f"model.yaml extends {key} by '{extension.how}', which is not a way to extend.",
                "Write hold_last or average, or enter a local assumption.",
            )
        if not extension.reason.strip():
            raise MissingAssumption(
                key,
                beyond,
                f"model.yaml extends {key} without a reason.",
                "Say why it may be carried past its last published year.",
            )
        note = f"carried past {published[-1]}: {words}; reason: {extension.reason}"
        last = known[-1]
        return {
            year: replace(
                last,
                value=value,
                extended=True,
                displaced=None,
                citation=replace(last.citation, effective_year=year, status="extended", note=note),
            )
            for year in beyond
        }

    def _missing(
        self,
        key: str,
        years: Sequence[str],
        known_on: datetime.date | None,
        published: Sequence[str],
        limit: str,
    ) -> MissingAssumption:
        subject = self.subject(key)
        on = f" as known on {known_on.day} {known_on:%B %Y}" if known_on else ""
        has = f"it has {spell_years(published)}" if published else "it has none"
        note = f" ({subject.note.rstrip('.')})" if subject.note and not published else ""
        past = published and min(years) > published[-1]
        return MissingAssumption(
            key,
            years,
            f"{key} has no value for {spell_years(years)}{on}; {has}{note}.{limit}",
            MEND if past else ENTER,
        )

    def _log(self, assumption: Assumption) -> Assumption:
        self._used[
            (assumption.key, assumption.year, assumption.citation.vintage, assumption.extended)
        ] = assumption
        return assumption


def _answer(subject: Subject, year: str, known_on: datetime.date | None) -> Assumption | None:
    values = subject.known(year, known_on)
    parts = stretches(values, year) if values else []
    if not parts or any(value is None for value, _ in parts):
        return None
    spread = [(value, days) for value, days in parts if value is not None]
    last = spread[-1][0]
    if len(spread) == 1:
        return _assumption(subject, last, last.value)
    words = "; ".join(
        f"{shown(value.value, subject.unit)} for {days} days" for value, days in spread
    )
    if subject.in_year_change != "day_weighted":
        raise MissingAssumption(
            subject.key,
            (year,),
            f"{subject.key} changes within {year} ({words}), so it has no one value for the year.",
            "Ask for its value on a date, or enter a local assumption for the year.",
        )
    whole = sum(days for _, days in spread)
    return _assumption(
        subject,
        last,
        math.fsum(value.value * days for value, days in spread) / whole,
        f"weighted by days in force: {words}",
    )


def _assumption(subject: Subject, value: DatedValue, figure: float, note: str = "") -> Assumption:
    words = "; ".join(
        part for part in (note, value.note, _grounds(value) if subject.local else "") if part
    )
    citation = Citation(
        subject.key, value.year, value.published, value.source, value.locator, value.status, words
    )
    return Assumption(
        figure,
        citation,
        subject.unit,
        local=subject.local,
        title=subject.title,
        source_id=value.source_id,
        owner=value.owner,
        reason=value.reason,
        evidence=value.evidence,
    )


def _grounds(value: DatedValue) -> str:
    return f"local value; reason: {value.reason}; evidence: {value.evidence}; owner: {value.owner}"


def _displacing(local: Assumption, national: Assumption) -> Assumption:
    words = (
        f"in place of the national {shown(national.value, national.unit)}"
        f" ({national.citation.source}, {national.citation.vintage})"
    )
    return replace(
        local,
        displaced=national,
        citation=replace(local.citation, note=f"{local.citation.note}; {words}"),
    )


def _extension_ends(extension: Extension | None, published: Sequence[str]) -> str:
    return (
        f" model.yaml extends it to {extension.until} and no further."
        if extension is not None and published
        else ""
    )


def _nothing(key: str, year: str) -> Assumption:
    return Assumption(math.nan, Citation(key, year, "", "", status="missing"), "", title=key)


def _spelled(value: DatedValue) -> dict[str, Any]:
    return {
        "year": value.year,
        "value": value.value,
        "status": value.status,
        "published": value.published,
        "known_from": value.known_from.isoformat(),
        "withdrawn": value.withdrawn.isoformat() if value.withdrawn else None,
        "effective_from": value.starts.isoformat(),
        "source": value.source_id,
        "source_title": value.source,
        "locator": value.locator,
        "note": value.note,
        "reason": value.reason,
        "evidence": value.evidence,
        "owner": value.owner,
        "where": value.where.as_dict(),
    }
