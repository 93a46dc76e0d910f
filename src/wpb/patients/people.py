"""People on lists and of each kind: counted by days, so that joiners, leavers and the dead weigh
what they should.

Source: handbook 4.4, 3.3.3; req 96, 180, 234.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow

from wpb.kernel.calendar import days_in
from wpb.patients.engine import rows_of
from wpb.patients.gate import GROUPS, Contributions, group_of
from wpb.patients.person_level import PersonLevel
from wpb.patients.way_in import OVERLAPPING_STAYS

BY_LIST = (
    "SELECT list, CAST(SUM(to_day - from_day) AS BIGINT) AS days, CAST(SUM(CASE WHEN to_day ="
    " {days} THEN 1 ELSE 0 END) AS BIGINT) AS at_end FROM people GROUP BY list"
)
BY_PROFILE = (
    "SELECT profile, COUNT(DISTINCT person) AS people, CAST(SUM(to_day - from_day) AS BIGINT) AS"
    " days FROM people GROUP BY profile"
)
REGISTERS = (
    f"SELECT p.list, c.condition, {group_of('p.person')} AS person_group, COUNT(*) AS patients FROM"
    " people AS p JOIN profile_conditions AS c ON p.profile = c.profile WHERE p.to_day = {days}"
    f" GROUP BY p.list, c.condition, {group_of('p.person')}"
)
SQUARES = """
    SELECT p.profile, COUNT(*) AS people, CAST(SUM(b.pence) AS BIGINT) AS pence, SUM(CAST(b.pence AS DECIMAL(18, 0)) * CAST(b.pence AS DECIMAL(18, 0))) AS squared
    FROM by_person AS b JOIN (SELECT person, MAX(profile) AS profile FROM people GROUP BY person) AS p ON b.person = p.person GROUP BY p.profile"""
"""Pence of people by profile and the sum of their squares; a person of two profiles counts under
the later one.
"""


def count_register(work: PersonLevel) -> tuple[dict[int, int], int]:
    """Count rows of the register by kind of fault, and the stays that overlap the next."""
    counts = {
        row["fault"]: row["stays"]
        for row in rows_of(
            work.stages.fetch("SELECT fault, COUNT(*) AS stays FROM registrations GROUP BY fault")
        )
    }
    overlap = rows_of(work.stages.fetch(OVERLAPPING_STAYS))[0]
    return counts, overlap["stays"]


def people_by_list(
    work: PersonLevel,
) -> tuple[dict[str, int], dict[str, dict[str, Contributions]]]:
    """Count the people on each list on the last day of the year, and, by group of people, those
    with each condition by list.

    Source: handbook Table 1; req 42, 96.
    """
    days = days_in(work.year)
    pairs = [
        (profile["profile"], bit)
        for profile in work.profiles
        for bit in range(len(work.conditions))
        if profile["mask"] >> bit & 1
    ]
    work.stages.place(
        "profile_conditions",
        pyarrow.table(
            {
                "profile": pyarrow.array([profile for profile, _ in pairs], pyarrow.int32()),
                "condition": pyarrow.array([bit for _, bit in pairs], pyarrow.int32()),
            }
        ),
    )
    population = {
        work.list_codes[row["list"] - 1]: row["at_end"]
        for row in rows_of(work.stages.fetch(BY_LIST.format(days=days)))
    }
    found = rows_of(work.stages.fetch(REGISTERS.format(days=days)))
    registers: dict[str, dict[str, Contributions]] = {name: {} for name in work.conditions}
    for row in found:
        cell = registers[work.conditions[row["condition"]]].setdefault(
            work.list_codes[row["list"] - 1], np.zeros((1, GROUPS), dtype=np.int64)
        )
        cell[0, row["person_group"]] += row["patients"]
    return population, registers


def days_by_profile(work: PersonLevel) -> Mapping[int, tuple[int, int]]:
    """Give people and days on a list by profile.

    Source: handbook 4.4; req 234.
    """
    return {
        row["profile"]: (row["people"], row["days"])
        for row in rows_of(work.stages.fetch(BY_PROFILE))
    }
