"""The way in: registers and records become narrow rows of whole numbers, once, with what is wrong
marked on each.

Pseudonyms and codes are encoded here and nowhere else. No row is dropped: each keeps the kind of
fault it has.
Source: handbook 2.3, 2.4.5; req 38, 95, 102.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.patients.gate import group_of
from wpb.patients.reading import LARGEST_UNITS, ColumnReader
from wpb.patients.specifications import ActivityShape

SERVICE_STEP = 10_000
"""A cell is service x 10,000 + currency: which contract a record belongs to, and which price."""

VALID, OFF_REGISTER, NOT_ATTENDED = 0, 1, 2
(
    BLANK_PERSON,
    WRONG_TYPE,
    OUTSIDE_YEAR,
    NO_UNITS,
    UNKNOWN_SERVICE,
    NO_PRICE,
    DUPLICATE,
    ENDS_EARLY,
) = (
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
)
VALUED = (VALID, OFF_REGISTER)
"""Kinds that carry money; the pounds of people on no list are reported, and spread over no one."""

REGISTER_FAULTS = {
    1: "blank_pseudonym",
    2: "wrong_type",
    3: "unknown_list",
    4: "age_out_of_range",
    5: "ends_before_it_starts",
    6: "outside_year",
}
RECORD_FAULTS = {
    OFF_REGISTER: "not_on_register",
    NOT_ATTENDED: "not_attended",
    BLANK_PERSON: "blank_pseudonym",
    WRONG_TYPE: "wrong_type",
    OUTSIDE_YEAR: "outside_year",
    NO_UNITS: "units_not_above_nought",
    UNKNOWN_SERVICE: "unknown_service",
    NO_PRICE: "no_price",
    DUPLICATE: "duplicate_record",
    ENDS_EARLY: "ends_before_it_starts",
}


def registrations(
    reader: ColumnReader,
    conditions: Sequence[str],
    age_cuts: Sequence[int],
    by_sex: bool,
    first_day: str,
    days: int,
) -> str:
    """State each stay on a list in whole numbers: person, list, age band, sex, conditions as bits,
    days [from, to).

    A person who joins, leaves or dies part-way stays in the denominator for the days they were on
    the list.
    Source: handbook 4.4, 3.3.3; req 181, 234.
    """
    joined, left, died = (
        reader.day(name, first_day) for name in ("joined_on", "left_on", "died_on")
    )
    age = reader.whole("age")
    band = " + ".join(f"CASE WHEN age >= {cut} THEN 1 ELSE 0 END" for cut in age_cuts[1:]) or "0"
    bits = (
        " + ".join(
            f"CASE WHEN {reader.flag('has_' + condition)} THEN CAST({2**bit} AS BIGINT) ELSE CAST(0"
            " AS BIGINT) END"
            for bit, condition in enumerate(conditions)
        )
        or "CAST(0 AS BIGINT)"
    )
    wrong = [
        reader.wrong(name, reader.date(name)) for name in ("joined_on", "left_on", "died_on")
    ] + [reader.wrong("age", age)]
    wrong += [reader.wrong_flag("has_" + condition) for condition in conditions]
    return f"""
        SELECT CAST(COALESCE(person, 0) AS BIGINT) AS person, CAST(COALESCE(l.list, 0) AS INTEGER) AS list,
            CAST({band} AS INTEGER) AS band, CAST({"sex" if by_sex else "0"} AS INTEGER) AS sex, CAST(mask AS BIGINT) AS mask,
            CAST(GREATEST(0, COALESCE(joined, 0)) AS INTEGER) AS from_day,
            CAST(LEAST({days}, COALESCE(gone, {days})) AS INTEGER) AS to_day,
            CAST(CASE WHEN person IS NULL THEN 1 WHEN wrong OR sex = 0 THEN 2 WHEN l.list IS NULL THEN 3
                WHEN age IS NULL OR age < 0 OR age > 120 THEN 4 WHEN joined >= gone THEN 5
                WHEN COALESCE(joined, 0) >= {days} OR COALESCE(gone, 1) <= 0 THEN 6 ELSE 0 END AS INTEGER) AS fault
        FROM (
            SELECT {reader.key("pseudonym")} AS person, {reader.code("list_code")} AS list_code, {age} AS age,
                CASE LOWER({reader.code("sex")}) WHEN 'f' THEN 1 WHEN 'm' THEN 2 WHEN 'x' THEN 3 ELSE 0 END AS sex,
                {bits} AS mask, {joined} AS joined,
                CASE WHEN {left} IS NULL AND {died} IS NULL THEN NULL
                    ELSE LEAST(COALESCE({left}, 100000), COALESCE({died}, 100000)) + 1 END AS gone,
                ({" OR ".join(wrong)}) AS wrong
            FROM person_register_source
        ) AS r LEFT JOIN lists AS l ON r.list_code = l.list_code"""


MOVERS = "SELECT person FROM registrations WHERE fault = 0 GROUP BY person HAVING COUNT(*) > 1"
"""People with more than one stay: few, so that stays are put in order for them alone."""

PROFILE_KEYS = "SELECT band, sex, mask FROM registrations WHERE fault = 0 GROUP BY band, sex, mask"

_STAYS = """
    SELECT r.person, r.list, r.from_day, r.to_day, r.band, r.sex, r.mask,
        LEAD(r.from_day) OVER (PARTITION BY r.person ORDER BY r.from_day, r.to_day, r.list) AS next_from
    FROM registrations AS r JOIN movers AS m ON r.person = m.person WHERE r.fault = 0"""

PEOPLE = f"""
    SELECT s.person, s.list, s.from_day, s.to_day, p.profile
    FROM (
        SELECT r.person, r.list, r.from_day, r.to_day, r.band, r.sex, r.mask
        FROM registrations AS r LEFT JOIN movers AS m ON r.person = m.person WHERE r.fault = 0 AND m.person IS NULL
        UNION ALL
        SELECT person, list, from_day, CAST(LEAST(to_day, COALESCE(next_from, to_day)) AS INTEGER) AS to_day, band, sex, mask
        FROM ({_STAYS}) AS stays WHERE COALESCE(next_from, to_day) > from_day
    ) AS s JOIN profiles AS p ON s.band = p.band AND s.sex = p.sex AND s.mask = p.mask"""
"""Each stay with its profile. Where two stays overlap the later list takes over on its first day.
"""

OVERLAPPING_STAYS = f"""
    SELECT COUNT(*) AS stays, CAST(COALESCE(SUM(to_day - next_from), 0) AS BIGINT) AS days
    FROM ({_STAYS}) AS stays WHERE next_from < to_day"""


def records(
    shape: ActivityShape, reader: ColumnReader, first_day: str, days: int, priced: bool
) -> str:
    """State each record in whole numbers: record, person, list, profile, cell, day, units and kind
    of fault.

    Source: handbook 2.3, 2.4.5; req 38, 95, 115.
    """
    day, units, typed = _day_and_units(shape, reader, first_day, days)
    blank_key = f"{reader.key(shape.record)} IS NULL"
    wrong = " OR ".join(
        [blank_key, *(reader.wrong(column, expression) for column, expression in typed.items())]
    )
    keys = {
        "provider": reader.matched(shape.provider),
        "point_of_delivery": reader.matched(shape.point_of_delivery),
        "service_code": reader.matched(shape.service_code),
    }
    used = [name for name in keys if getattr(shape, name)]
    price, no_price, join_price, codes = _priced(shape, reader) if priced else ("0", "", "", "")
    attended = f"WHEN attendance <> 'attended' THEN {NOT_ATTENDED}" if shape.attendance else ""
    attendance = f", {reader.matched(shape.attendance)} AS attendance" if shape.attendance else ""
    interval = (
        ", CAST(start_day AS INTEGER) AS start_day, CAST(end_day AS INTEGER) AS end_day"
        if shape.starts
        else ""
    )
    bounds = (
        f", {reader.day(shape.starts, first_day)} AS start_day, {reader.day(shape.ends, first_day)}"
        " AS end_day"
        if shape.starts
        else ""
    )
    early = f"WHEN end_day < start_day THEN {ENDS_EARLY}" if shape.starts else ""
    pod = ", ".join(
        f"{expression} AS {name}"
        for name, expression in keys.items()
        if name in used or name == "point_of_delivery"
    )
    return f"""
        SELECT COALESCE(t.record, 0) AS record, COALESCE(t.person, 0) AS person,
            COALESCE(p.list, 0) AS list, COALESCE(p.profile, 0) AS profile,
            CAST(COALESCE(s.service, 0) * {SERVICE_STEP} + {price} AS INTEGER) AS cell,
            COALESCE(t.day, -1) AS day, CAST(COALESCE(t.units, 0) AS INTEGER) AS units,
            CAST(CASE WHEN t.person IS NULL THEN {BLANK_PERSON} WHEN wrong OR t.day IS NULL OR t.units IS NULL THEN {WRONG_TYPE}
                {early} WHEN t.day < 0 OR t.day >= {days} THEN {OUTSIDE_YEAR} WHEN t.units <= 0 THEN {NO_UNITS}
                WHEN s.service IS NULL THEN {UNKNOWN_SERVICE} {no_price} {attended}
                WHEN p.list IS NULL THEN {OFF_REGISTER} ELSE {VALID} END AS INTEGER) AS kind{interval}
        FROM (
            SELECT {reader.key(shape.record)} AS record, {reader.key(shape.person)} AS person, {day} AS day, {units} AS units,
                {pod}{codes}, ({wrong}) AS wrong{attendance}{bounds}
            FROM {shape.name}_source
        ) AS t
        LEFT JOIN services_{shape.name} AS s ON {" AND ".join(f"t.{name} = s.{name}" for name in used)}
        {join_price}
        LEFT JOIN people AS p ON t.person = p.person AND t.day >= p.from_day AND t.day < p.to_day"""


def _priced(shape: ActivityShape, reader: ColumnReader) -> tuple[str, str, str, str]:
    """How priced records find their currency: its number, when there is none, the joins and the
    columns they need.

    Where a record has no HRG its treatment function is the currency.
    """
    own = shape.currency or shape.service_code
    found, codes = "c.currency", f", {reader.matched(own)} AS currency_code"
    joins = (
        "LEFT JOIN currencies AS c ON t.currency_code = c.currency_code AND t.point_of_delivery ="
        " c.point_of_delivery"
    )
    if shape.currency and shape.service_code:
        found = "CASE WHEN t.no_code THEN d.currency ELSE c.currency END"
        codes += f", {reader.is_blank(own)} AS no_code"
        joins += (
            " LEFT JOIN currencies AS d ON t.service_code = d.currency_code AND t.point_of_delivery"
            " = d.point_of_delivery"
        )
    number = f"CASE WHEN s.priced = 1 THEN COALESCE({found}, 0) ELSE 0 END"
    return number, f"WHEN s.priced = 1 AND ({found}) IS NULL THEN {NO_PRICE}", joins, codes


def _day_and_units(
    shape: ActivityShape, reader: ColumnReader, first_day: str, days: int
) -> tuple[str, str, dict[str, str]]:
    """The day that places a record, its units, and the columns whose reading must not fail."""
    typed = {
        column: reader.date(column) for column in (shape.day, shape.starts, shape.ends) if column
    }
    if not shape.is_episode:
        units = reader.whole(shape.units) if shape.units else "1"
        if shape.units:
            typed[shape.units] = units
            units = (
                f"CASE WHEN {units} <= {LARGEST_UNITS} AND {units} >= -{LARGEST_UNITS} THEN"
                f" {units} END"
            )
        return reader.day(shape.day, first_day), units, typed
    start, end = (
        reader.day(shape.starts, first_day),
        f"COALESCE({reader.day(shape.ends, first_day)}, {days - 1})",
    )
    day = f"CASE WHEN {start} < 0 AND {end} >= 0 THEN 0 ELSE {start} END"
    return day, f"LEAST({end}, {days - 1}) - GREATEST({start}, 0) + 1", typed


def repeated_identifiers(table: str) -> str:
    """Find the identifiers of a table that are given more than once."""
    return (
        f"SELECT record FROM {table} WHERE kind <> {WRONG_TYPE} GROUP BY record HAVING COUNT(*) > 1"
    )


def without_duplicates(table: str, repeated: str, shape: ActivityShape) -> str:
    """State a table again with repeated identifiers marked as duplicates; the first of each keeps
    its kind.
    """
    columns = [
        "record",
        "person",
        "list",
        "profile",
        "cell",
        "day",
        "units",
        *(("start_day", "end_day") if shape.starts else ()),
    ]
    order = ", ".join(
        f"t.{name}" for name in ("kind", "day", "person", "cell", "units", "list", "profile")
    )
    listed = ", ".join(columns)
    return f"""
        SELECT {", ".join(f"t.{name}" for name in columns)}, t.kind
        FROM {table} AS t LEFT JOIN {repeated} AS d ON t.record = d.record WHERE d.record IS NULL OR t.kind = {WRONG_TYPE}
        UNION ALL
        SELECT {listed}, CAST(CASE WHEN turn > 1 THEN {DUPLICATE} ELSE kind END AS INTEGER) AS kind
        FROM (
            SELECT {", ".join(f"t.{name}" for name in columns)}, t.kind, ROW_NUMBER() OVER (PARTITION BY t.record ORDER BY {order}) AS turn
            FROM {table} AS t JOIN {repeated} AS d ON t.record = d.record WHERE t.kind <> {WRONG_TYPE}
        ) AS turns"""


def deaths(reader: ColumnReader, first_day: str) -> str:
    """State the day each person died, of those whose register says so."""
    key, died = reader.key("pseudonym"), reader.day("died_on", first_day)
    return (
        f"SELECT {key} AS person, MIN({died}) AS died FROM person_register_source WHERE {key} IS NOT"
        f" NULL AND {died} IS NOT NULL GROUP BY {key}"
    )


def used_after_death(table: str) -> str:
    """Count the records of people on no list that day that are dated after their death."""
    group = group_of("r.person")
    return f"""
        SELECT r.cell, r.units, {group} AS person_group, COUNT(*) AS records
        FROM {table} AS r JOIN deaths AS d ON r.person = d.person
        WHERE r.kind = {OFF_REGISTER} AND r.day > d.died GROUP BY r.cell, r.units, {group}"""


def overlapping_episodes(table: str) -> str:
    """Count stays of one person on a list that start before an earlier one has ended, and the
    money-bearing units in them.

    They keep their pounds: which of two records is wrong is for the provider to say.
    """
    group = group_of("person")
    return f"""
        SELECT cell, units, {group} AS person_group, COUNT(*) AS records FROM (
            SELECT cell, units, person, kind, start_day,
                MAX(end_day) OVER (PARTITION BY person ORDER BY start_day, end_day, record ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier_end
            FROM {table} WHERE kind IN ({VALID}, {OFF_REGISTER}) AND (end_day IS NULL OR end_day > start_day)
        ) AS stays WHERE earlier_end > start_day AND kind = {VALID} GROUP BY cell, units, {group}"""
