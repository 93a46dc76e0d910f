"""The gate before records are read: no NHS numbers, no names, no dates of birth, and agreements in
place.

Source: handbook 2.4.5, 2.6; req 102, 130.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from wpb.kernel.identifiers import (
    MOSTLY,
    WORDS,
    Kind,
    beyond_chance,
    fit_to_show,
    look_at,
    names_a_person,
)
from wpb.kernel.identifiers import Column as LookedAt
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients.engine import ColumnType, Engine, Source, rows_of
from wpb.patients.reading import quoted
from wpb.patients.settings import PatientSettings
from wpb.patients.specifications import CONDITION_PREFIX, PERSON_REGISTER
from wpb.tables.schema import Column, TableSpec, TypedTable

SAMPLE_ROWS = 20_000
"""Rows of a table whose values are looked at one by one, from each of its files."""
LONG_ROWS = 1_000_000
"""Rows of a longer table in which numbers of ten digits are looked for; the register is looked at
whole, as it holds everyone.
"""
FEW_VALUES = 2_000
"""A column with no more different values than this is looked at value by value, however long."""
MOST_MATCHES = 50_000
TEN_DIGITS_SQL = r"\p{N}(?:[^\p{L}\p{N}]{0,3}\p{N}){9}|[eE][+]?0?9"
WORTH_A_LOOK_SQL = f"{TEN_DIGITS_SQL}|@"


def check_columns(
    source: Source, spec: TableSpec, types: Mapping[str, ColumnType], log: ProblemLog
) -> bool:
    """Ask for the columns a table must have, and name those that are not read; says whether none is
    missing.

    A name in other letters, or misspelt, is told beside: a column not read in silence might be the
    day people left.
    Source: handbook 2.4.5; req 99.
    """
    known = [column.name for column in spec.columns]
    conditions = CONDITION_PREFIX if spec is PERSON_REGISTER else None
    unread = [
        name
        for name in types
        if name not in known and not (conditions and name.startswith(conditions))
    ]
    listed = list(types)
    showable = {name: shown(name, listed.index(name) + 1, known) for name in unread}
    missing = [column for column in spec.columns if column.required and column.name not in types]
    for column in missing:
        near = get_close_matches(column.name, [name.strip().lower() for name in unread], 1, 0.8)
        written = next((name for name in unread if near and name.strip().lower() == near[0]), "")
        fix = (
            f"Rename the column {showable[written]}, if that is it."
            if written
            else f"Add it: {column.help}."
        )
        log.error(
            Cell(source.label, spec.name, column.name),
            f"The column {column.name} is missing.",
            fix,
            "column_missing",
        )
    if unread and not missing:
        log.note(
            Cell(source.label, spec.name, ""),
            f"Columns of {spec.name} that are not read: {', '.join(sorted(showable.values()))}.",
            "Rename those that should be:"
            f" {', '.join(known)}{' or ' + conditions + '<condition>' if conditions else ''}.",
            "columns_not_read",
        )
    return not missing


def shown(column: str, position: int, known: Container[str]) -> str:
    """Name a column in a message: by its heading where that gives no one away, else by its place.

    Source: req 102.
    """
    fits = column in known or fit_to_show(column)
    return column if fits else f"number {position} of the file"


def check_identifiers(
    engine: Engine,
    source: Source,
    spec: TableSpec,
    types: Mapping[str, ColumnType],
    log: ProblemLog,
) -> None:
    """Refuse a source with a column of NHS numbers, names, postcodes, dates of birth, telephone
    numbers or email addresses, or one that is named for what identifies people.

    Neither values nor headings that hold one are shown: only the column's place and how many were
    found. Dates are refused only in columns that the table does not declare as dates.
    Source: handbook 2.4.5; req 102, 462.
    """
    known = {column.name: column for column in spec.columns}
    refuse = _Refusals(source, list(types), known, log)
    for column in types:
        if column not in known:
            refuse.heading(column)
    text = [column for column, kind in types.items() if kind == "text"]
    found = _values_of(engine, source, text, refuse) if text else {}
    for column, seen in found.items():
        dates_allowed = column in known and known[column].kind == "date"
        for kind, count in seen.refused(dates_allowed=dates_allowed).items():
            refuse.values(column, kind, count)
    _check_numbers(engine, source, types, refuse)
    for column, column_kind in types.items():
        if column_kind == "date" and column not in known:
            refuse.values(column, "dates", 0)


@dataclass
class _Refusals:
    """Refuses columns of one source, each told once for each thing it holds."""

    source: Source
    columns: Sequence[str]
    known: Mapping[str, Column]
    log: ProblemLog
    number_like: set[str] = field(default_factory=set)
    """Text columns with so many ten-digit values that they are counted as numbers are."""

    def _name(self, column: str) -> str:
        return shown(column, self.columns.index(column) + 1, self.known)

    def heading(self, column: str) -> None:
        """Refuse a heading that names what identifies people, or is itself such a value."""
        name = self._name(column)
        where = Cell(self.source.label, self.source.name, name)
        if names_a_person(column):
            self.log.error(
                where,
                f"The column {name} is named for something that identifies people.",
                "Take it out: records are joined by pseudonym only.",
                "identifying_column",
            )
        seen = look_at([column.removeprefix(CONDITION_PREFIX)])
        if seen.refused(dates_allowed=False):
            self.log.error(
                where,
                f"The heading of column number {self.columns.index(column) + 1} holds something"
                " that identifies a person.",
                "Give the file a first line with the names of its columns, and nothing of a person"
                " in them.",
                "identifying_heading",
            )

    def values(self, column: str, kind: Kind, count: int) -> None:
        """Refuse a column by what it holds."""
        name = self._name(column)
        fixes = {
            "nhs_numbers": "Replace them with pseudonyms before the records come here: `wpb people"
            " pseudonymise` does it.",
            "dates": "Take the column out, or rename it to the column of ours that it is; an age"
            " stands for a date of birth.",
        }
        self.log.error(
            Cell(self.source.label, self.source.name, name),
            f"The column {name} holds {WORDS[kind]}{f' ({count:,} found)' if count else ''}.",
            fixes.get(kind, "Take the column out: records are joined by pseudonym only."),
            "nhs_numbers" if kind == "nhs_numbers" else f"identifying_{kind}",
        )


def _values_of(
    engine: Engine, source: Source, text: Sequence[str], refuse: _Refusals
) -> dict[str, LookedAt]:
    """Look at the different values of text columns: all of a sample, and those worth a look of a
    longer one.
    """
    import pyarrow.compute

    listed = ", ".join(quoted(column) for column in text)
    engine.look_at(source, f"{source.name}_sample", SAMPLE_ROWS)
    sample = engine.fetch(f"SELECT {listed} FROM {source.name}_sample")
    found: dict[str, LookedAt] = {}
    different: dict[str, int] = {}
    for column in text:
        values = pyarrow.compute.unique(sample.column(column)).to_pylist()
        different[column] = len(values)
        found[column] = look_at(values)
    if len(sample) < SAMPLE_ROWS // 2:
        return found
    refuse.number_like |= {
        column for column, seen in found.items() if seen.ten_digits > 0.5 * max(1, seen.values)
    }
    whole = source.name == "person_register"
    if not whole:
        engine.look_at(source, f"{source.name}_long", LONG_ROWS)
    worth = {
        column: f"LENGTH({quoted(column)}) >= {6 if different[column] <= FEW_VALUES else 10}"
        + (
            ""
            if different[column] <= FEW_VALUES
            else f" AND REGEXP_MATCHES({quoted(column)}, '{WORTH_A_LOOK_SQL}')"
        )
        for column in text
        if column not in refuse.number_like
    }
    measures = ", ".join(
        f"ARRAY_AGG(DISTINCT CASE WHEN {condition} THEN {quoted(column)} END) AS v{number}"
        for number, (column, condition) in enumerate(worth.items())
    )
    if measures:
        row = engine.fetch(
            f"SELECT {measures} FROM {source.name}_{'source' if whole else 'long'}"
        ).to_pylist()[0]
        for column, values in zip(worth, row.values(), strict=True):
            if different[column] <= FEW_VALUES:
                found[column] = look_at([*values[:MOST_MATCHES]])
            else:
                for value in [value for value in values or () if value is not None][:MOST_MATCHES]:
                    found[column].look_at(value)
    return found


def _check_numbers(
    engine: Engine, source: Source, types: Mapping[str, ColumnType], refuse: _Refusals
) -> None:
    """Count values of ten digits, and NHS numbers among them, in columns of numbers."""
    columns = [
        column
        for column, kind in types.items()
        if kind in ("whole", "number") or column in refuse.number_like
    ]
    if not columns:
        return
    if source.name != "person_register":
        engine.look_at(source, f"{source.name}_long", LONG_ROWS)
    values = ", ".join(
        f"{_ten_digits(column, types[column])} AS value_{number}"
        for number, column in enumerate(columns)
    )
    measures = ", ".join(_found(f"value_{number}") for number in range(len(columns)))
    place = f"{source.name}_{'source' if source.name == 'person_register' else 'long'}"
    found = rows_of(engine.fetch(f"SELECT {measures} FROM (SELECT {values} FROM {place}) AS seen"))
    counts = [int(value or 0) for value in found[0].values()]
    for number, column in enumerate(columns):
        ten_digits, valid, eight, dates = counts[4 * number : 4 * number + 4]
        if beyond_chance(ten_digits, valid):
            refuse.values(column, "nhs_numbers", valid)
        if eight and dates >= MOSTLY * eight:
            refuse.values(column, "dates", dates)


def _ten_digits(column: str, kind: ColumnType) -> str:
    """The value of a column as a whole number where it has eight or ten digits."""
    name = quoted(column)
    if kind == "text":
        digits = f"REGEXP_REPLACE({name}, '[^0-9]', '', 'g')"
        return f"CASE WHEN LENGTH({digits}) = 10 THEN TRY_CAST({digits} AS BIGINT) END"
    return (
        f"CASE WHEN ({name} >= 1000000000 AND {name} <= 9999999999) OR ({name} >= 10000000 AND"
        f" {name} <= 99999999) THEN CAST({name} AS BIGINT) END"
    )


def _found(value: str) -> str:
    """Count the values of ten digits, and those that end in the right check digit; then those of
    eight digits, and those that are a date from 1900 to 2099, year first.
    """
    digits = [f"(({value}) // {10 ** (9 - place)}) % 10" for place in range(10)]
    weighed = " + ".join(f"{10 - place} * ({digit})" for place, digit in enumerate(digits[:9]))
    ten = f"{value} >= 1000000000"
    day, month, year = f"{value} % 100", f"{value} // 100 % 100", f"{value} // 10000"
    date = f"{year} BETWEEN 1900 AND 2099 AND {month} BETWEEN 1 AND 12 AND {day} BETWEEN 1 AND 31"
    # The check digit makes the weighed sum, itself included, a multiple of 11.
    return (
        f"COUNT(CASE WHEN {ten} THEN 1 END), COUNT(CASE WHEN {ten} AND"
        f" ({weighed} + {digits[9]}) % 11 = 0 THEN 1 END),"
        f" COUNT(CASE WHEN NOT ({ten}) THEN 1 END),"
        f" COUNT(CASE WHEN NOT ({ten}) AND {date} THEN 1 END)"
    )


def check_small_table(table: TypedTable, log: ProblemLog) -> None:
    """Refuse values that identify people in a small table that lies beside the records.

    Source: req 102, 462.
    """
    for column in table.spec.columns:
        if column.is_number or column.kind not in ("code", "text"):
            continue
        seen = look_at(set(table.text(column.name)) - {""})
        for kind, count in seen.refused(dates_allowed=column.kind == "text").items():
            if kind == "nhs_numbers" or column.kind == "code":
                log.error(
                    Cell(f"patients/{table.spec.name}.csv", table.spec.name, column.name),
                    f"The column {column.name} holds {WORDS[kind]} ({count:,} found).",
                    "Take them out: this table is about services, not people.",
                    "nhs_numbers" if kind == "nhs_numbers" else f"identifying_{kind}",
                )


def check_agreements(settings: PatientSettings, has_packages: bool, log: ProblemLog) -> None:
    """Ask for what must be in place before people's social care is joined to their health care.

    Source: handbook 2.6 Tower Hamlets; req 130.
    """
    missing = settings.missing_safeguards
    if has_packages and missing:
        log.error(
            Cell("patients/patients.yaml", "patients", "information_governance"),
            "People's care packages are here, and these are not said to be in place:"
            f" {', '.join(name.replace('_', ' ') for name in missing)}.",
            "Set each to true under information_governance once it is in place, or take the"
            " packages out.",
            "information_governance",
        )
