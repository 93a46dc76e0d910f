"""The integrated-care cohort: how many people it holds and what their care comes to, where that
gives no small group away.

Source: handbook 3.3.3 Tower Hamlets; req 181.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wpb.kernel.calendar import days_in
from wpb.kernel.money import whole_pence
from wpb.patients.disclosure import rounded_counts
from wpb.patients.engine import rows_of
from wpb.patients.people import SQUARES, days_by_profile
from wpb.patients.room import Room
from wpb.patients.segments import Kinds


@dataclass(frozen=True)
class CohortPart:
    """The people inside the cohort, or all the others."""

    part: str
    people: int
    person_years: float
    pence: int


def cohort_parts(room: Room, kinds: Kinds) -> tuple[CohortPart, CohortPart] | None:
    """Count and value the people inside the cohort and outside it, as the last adding-up left them;
    None without a cohort.

    Source: handbook 3.3.3 Tower Hamlets; req 181.
    """
    if room.cohort is None:
        return None
    work, year_days = room.encode(), days_in(room.settings.activity_year)
    pence = {row["profile"]: int(row["pence"]) for row in rows_of(work.stages.fetch(SQUARES))}
    found: dict[bool, list[int]] = {True: [0, 0, 0], False: [0, 0, 0]}
    for profile, (count, days) in days_by_profile(work).items():
        sums = found[profile in kinds.cohort]
        for place, value in enumerate((count, days, pence.get(profile, 0))):
            sums[place] += value
    inside, outside = (
        CohortPart(name, found[is_in][0], found[is_in][1] / year_days, found[is_in][2])
        for name, is_in in (("cohort", True), ("everyone else", False))
    )
    return inside, outside


def gives_away_few(people: Mapping[int, int], kinds: Kinds, smallest: int) -> bool:
    """Say whether the cohort's sum, set against the sums of segments, would tell what a few
    people's care comes to.

    Segments that lie partly in the cohort leave, once the others are taken off, the people of
    theirs that are inside (or outside): too few of either, and the cohort is held back. Source:
    handbook 2.4.5; req 100, 181.
    """
    parts: dict[str, dict[bool, int]] = defaultdict(lambda: {True: 0, False: 0})
    for profile, count in people.items():
        parts[kinds.segment[profile]][profile in kinds.cohort] += count
    whole = [sum(part[side] for part in parts.values()) for side in (True, False)]
    split = [
        sum(part[side] for part in parts.values() if part[True] and part[False])
        for side in (True, False)
    ]
    return any(count < smallest for count in whole) or any(0 < count < smallest for count in split)


def published_cohort(room: Room, kinds: Kinds) -> list[dict[str, object]]:
    """Give the cohort and everyone else as rows that may be published; no rows where no cohort is
    defined.

    Counts are rounded; where a few people's care could be worked out, every figure is held back.
    Source: handbook 2.4.5, 3.3.3; req 100, 181.
    """
    parts = cohort_parts(room, kinds)
    if parts is None:
        return []
    people = {profile: count for profile, (count, _) in days_by_profile(room.encode()).items()}
    held, base = (
        gives_away_few(people, kinds, room.settings.smallest_count),
        room.settings.round_counts_to,
    )
    rows: list[dict[str, object]] = []
    for part in parts:
        count, years = (
            int(value)
            for value in rounded_counts(np.array([part.people, round(part.person_years)]), base)
        )
        figures: dict[str, object] = {
            "people": count,
            "person_years": years,
            "pence": part.pence,
            "pence_per_head": (
                whole_pence(part.pence / part.person_years) if part.person_years else ""
            ),
        }
        rows.append(
            {"part": part.part, **(dict.fromkeys(figures, "held back") if held else figures)}
        )
    return rows
