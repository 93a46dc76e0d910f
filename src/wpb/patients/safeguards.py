"""The gate before records are read: no NHS numbers, no names, no dates of birth, and agreements in
place.

Source: handbook 2.4.5, 2.6; req 102, 130.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from math import sqrt

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients.engine import ColumnType, Engine, Source, rows_of
from wpb.patients.reading import quoted
from wpb.patients.settings import PatientSettings
from wpb.patients.specifications import CONDITION_PREFIX, PERSON_REGISTER
from wpb.tables.schema import TableSpec

IDENTIFYING = (
    "nhs_number",
    "nhsnumber",
    "surname",
    "forename",
    "first_name",
    "last_name",
    "name",
    "full_name",
    "address",
    "postcode",
    "date_of_birth",
    "dob",
    "telephone",
    "phone",
    "email",
)
SAMPLE_ROWS = 2_000_000
"""Longer tables than this are looked at in their first rows; whoever is in them is looked at whole
in the register.
"""
AROUND_DIGITS = (
    "|NHSnhsOo .,:;#/_-\u00a0\u2002\u2003\u2007\u2009\u200b\u202f\u2010\u2011\u2012\u2013\t"
)
"""What may stand before, between and after the digits of an NHS number as people write it."""
LONGEST_WRITTEN = 31
BY_CHANCE = 1 / 11
"""Share of ten-digit values that are valid NHS numbers by chance."""
REFUSED_SHARE = 0.3
"""Of ten-digit values, however few there are: a third are no chance."""
REFUSED_DEVIATIONS = 6
"""Standard deviations above what chance gives: among many values even a few NHS numbers in a
hundred show.
"""


def valid_nhs_number(digits: str) -> bool:
    """Say whether ten digits end in the check digit of an NHS number, by modulus 11.

    check = 11 - (10 x d1 + 9 x d2 + ... + 2 x d9) mod 11, with 11 read as 0 and 10 never given.
    """
    if len(digits) != 10 or not digits.isdigit():
        return False
    check = 11 - sum((10 - place) * int(digit) for place, digit in enumerate(digits[:9])) % 11
    return check % 11 == int(digits[9]) and check != 10


def beyond_chance(ten_digits: int, valid: int) -> bool:
    """Say whether so many valid NHS numbers among so many ten-digit values are no chance.

    refused: valid >= 0.3 n, or valid > n p + 6 sqrt(n p (1 - p)) with p = 1/11.
    """
    likely = ten_digits * BY_CHANCE
    return valid > 0 and (
        valid >= REFUSED_SHARE * ten_digits
        or valid > likely + REFUSED_DEVIATIONS * sqrt(likely * (1 - BY_CHANCE))
    )


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
    missing = [column for column in spec.columns if column.required and column.name not in types]
    for column in missing:
        near = get_close_matches(column.name, [name.strip().lower() for name in unread], 1, 0.8)
        written = next((name for name in unread if near and name.strip().lower() == near[0]), "")
        fix = (
            f"Rename the column {written}, if that is it." if written else f"Add it: {column.help}."
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
            f"Columns of {spec.name} that are not read: {', '.join(sorted(unread))}.",
            "Rename those that should be:"
            f" {', '.join(known)}{' or ' + conditions + '<condition>' if conditions else ''}.",
            "columns_not_read",
        )
    return not missing


def check_identifiers(
    engine: Engine, source: Source, types: Mapping[str, ColumnType], log: ProblemLog
) -> None:
    """Refuse a source with a column of NHS numbers, or a column named for what identifies people.

    Values are never shown: only the column's name and how many were found.
    Source: handbook 2.4.5; req 102.
    """
    for column in types:
        if column.strip().lower().replace(" ", "_") in IDENTIFYING:
            log.error(
                Cell(source.label, source.name, column),
                f"The column {column} is named for something that identifies people.",
                "Take it out: records are joined by pseudonym only.",
                "identifying_column",
            )
    columns = [column for column, kind in types.items() if kind in ("text", "whole", "number")]
    if not columns:
        return
    values = ", ".join(
        f"{_ten_digits(column, types[column])} AS value_{number}"
        for number, column in enumerate(columns)
    )
    measures = ", ".join(_found(f"value_{number}") for number in range(len(columns)))
    limit = "" if source.name == "person_register" else f" LIMIT {SAMPLE_ROWS}"
    found = next(
        iter(
            rows_of(
                engine.fetch(
                    f"SELECT {measures} FROM (SELECT {values} FROM {source.name}_source{limit}) AS"
                    " looked_at"
                )
            )
        )
    )
    counts = list(found.values())
    for number, column in enumerate(columns):
        ten_digits, valid = int(counts[2 * number] or 0), int(counts[2 * number + 1] or 0)
        if beyond_chance(ten_digits, valid):
            log.error(
                Cell(source.label, source.name, column),
                f"The column {column} holds valid NHS numbers ({valid:,} found).",
                "Replace them with pseudonyms before the records come here.",
                "nhs_numbers",
            )


def _ten_digits(column: str, kind: ColumnType) -> str:
    """The value of a column as a whole number where it has ten digits, however it is spaced, marked
    or headed 'NHS'.
    """
    name = quoted(column)
    if kind == "text":
        # The mark at the end lets a spreadsheet's '.0' be told from digits that matter.
        written = f"TRANSLATE(REPLACE({name} || '|', '.0|', ''), '{AROUND_DIGITS}', '')"
        return (
            f"CASE WHEN LENGTH({name}) >= 10 AND LENGTH({name}) <= {LONGEST_WRITTEN} AND"
            f" REGEXP_MATCHES({written}, '^[0-9]{{10}}$') THEN CAST({written} AS BIGINT) END"
        )
    return (
        f"CASE WHEN {name} >= 1000000000 AND {name} <= 9999999999 THEN CAST({name} AS BIGINT) END"
    )


def _found(value: str) -> str:
    """Count the values of ten digits, and those that end in the right check digit."""
    digits = [f"(({value}) // {10 ** (9 - place)}) % 10" for place in range(10)]
    weighed = " + ".join(f"{10 - place} * ({digit})" for place, digit in enumerate(digits[:9]))
    # The check digit makes the weighed sum, itself included, a multiple of 11.
    return f"COUNT({value}), COUNT(CASE WHEN ({weighed} + {digits[9]}) % 11 = 0 THEN 1 END)"


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
