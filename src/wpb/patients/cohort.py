"""The integrated-care cohort: how many people it holds and what their care comes to, where that
gives no small group away.

Source: handbook 3.3.3 Tower Hamlets; req 181.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wpb.kernel.calendar import days_in
from wpb.patients.cross_tables import NOBODY
from wpb.patients.disclosure import rounded_counts
from wpb.patients.gate import GROUPS, PENCE, UNITS, Contributions, DisclosureRule, significant
from wpb.patients.people import days_by_profile
from wpb.patients.pooling import summed
from wpb.patients.room import Room
from wpb.patients.segments import Kinds
from wpb.patients.use_by_age import HELD

if TYPE_CHECKING:
    import pyarrow

COHORT, OTHERS = "cohort", "everyone else"
CohortCells = dict[tuple[str, bool], Contributions]
"""By segment and whether in the cohort: what people of each group contribute, all services
together; people on no list are NOBODY.
"""


@dataclass(frozen=True)
class CohortPart:
    """The people inside the cohort, or all the others; one of the two with people on no list."""

    part: str
    people: int
    person_years: float
    own_pence: int
    """Of the people of the part, who are on a list."""
    pence: int
    """With that of people on no list, where they are put with the part."""


def cohort_cells(found: pyarrow.Table, kinds: Kinds) -> CohortCells:
    """Read the by_profile result by segment and side of the cohort, as the table by segment has
    it.
    """
    profiles, _, groups, units, pence = (
        np.asarray(column.to_numpy(), dtype=np.int64) for column in found.columns
    )
    names = sorted({*kinds.segment.values(), NOBODY})
    size = max([0, *kinds.segment]) + 1
    place, inside = np.full(size, names.index(NOBODY), dtype=np.int64), np.zeros(size, np.int64)
    for profile, segment in kinds.segment.items():
        place[profile], inside[profile] = names.index(segment), profile in kinds.cohort
    dense = np.zeros((len(names), 2, 2, GROUPS), dtype=np.int64)
    for measure, values in ((UNITS, units), (PENCE, pence)):
        np.add.at(dense[:, :, measure], (place[profiles], inside[profiles], groups), values)
    return {
        (names[segment], bool(side)): dense[segment, side]
        for segment, side in zip(*np.nonzero(dense[:, :, UNITS].any(axis=-1)), strict=True)
    }


def cohort_parts(
    room: Room, kinds: Kinds, cells: CohortCells, most: str
) -> tuple[CohortPart, CohortPart]:
    """Count and value the people inside the cohort and outside it, as the last adding-up left them.

    The parts add to the total of the other tables of a run. People on no list go where the segment
    `most` is, which they are put with in the table by segment: inside where it lies wholly inside
    the cohort, else outside.
    Source: handbook 3.3.3 Tower Hamlets; req 181.
    """
    year_days = days_in(room.settings.activity_year)
    found: dict[bool, list[int]] = {True: [0, 0], False: [0, 0]}
    for profile, (count, days) in days_by_profile(room.encode()).items():
        found[profile in kinds.cohort][0] += count
        found[profile in kinds.cohort][1] += days
    joined = (most, True) in cells and (most, False) not in cells
    nobody = int(cells[NOBODY, False][PENCE].sum()) if (NOBODY, False) in cells else None
    inside, outside = (
        CohortPart(
            f"{name}, and {NOBODY}" if nobody is not None and is_in == joined else name,
            found[is_in][0],
            found[is_in][1] / year_days,
            own := int(_of(cells, is_in)[PENCE].sum()),
            own + (nobody or 0) * (is_in == joined),
        )
        for name, is_in in ((COHORT, True), (OTHERS, False))
    )
    return inside, outside


def _of(cells: CohortCells, is_in: bool, segments: Iterable[str] | None = None) -> Contributions:
    """What people on one side of the cohort contribute, of all segments or of some."""
    return summed(
        (
            cell
            for (segment, side), cell in cells.items()
            if side == is_in and segment != NOBODY and (segments is None or segment in segments)
        ),
        2,
    )


def gives_away_few(cells: CohortCells, rule: DisclosureRule) -> bool:
    """Say whether the cohort's sum, alone or set against the sums of segments, would tell what a
    few people's care, or one dominant person's, comes to.

    Segments that lie partly in the cohort leave, once the others are taken off, the people of
    theirs that are inside (or outside). Those, and each side as a whole, must fit the rule without
    the people on no list, whose sum another table may show. Source: handbook 2.4.5; req 100, 181,
    463.
    """
    split = {segment for segment, side in cells if side and (segment, False) in cells}
    wholes = [_of(cells, side) for side in (True, False)]
    parts = [_of(cells, side, split) for side in (True, False)] if split else []
    return not all(rule.fits(cell) for cell in (*wholes, *parts))


def published_cohort(
    room: Room, kinds: Kinds, by_profile: pyarrow.Table, most: str
) -> list[dict[str, object]]:
    """Give the cohort and everyone else as rows that may be published; no rows where no cohort is
    defined.

    Counts are rounded, and pence a head of people on a list have three figures; where a few
    people's care could be worked out, every figure is held back.
    Source: handbook 2.4.5, 3.3.3; req 100, 181, 463.
    """
    if room.cohort is None:
        return []
    cells = cohort_cells(by_profile, kinds)
    held = gives_away_few(cells, room.rule)
    for name, is_in in ((COHORT, True), (OTHERS, False)):
        place = ("integrated_care_cohort", name, "pence")
        room.outputs.add(place, _of(cells, is_in), "suppressed" if held else "released")
    return [
        {"part": part.part, **_figures(part, held, room.settings.round_counts_to)}
        for part in cohort_parts(room, kinds, cells, most)
    ]


def _figures(part: CohortPart, held: bool, base: int) -> Mapping[str, object]:
    names = ("people", "person_years", "pence", "pence_per_head")
    if held:
        return dict.fromkeys(names, HELD)
    counts = rounded_counts(np.array([part.people, round(part.person_years)]), base)
    average = significant(part.own_pence / part.person_years) if part.person_years else ""
    return dict(zip(names, (*map(int, counts), part.pence, average), strict=True))
