"""Use per head by activity, segment and age, as the forecast carries it: no cell stands on the use
of a few people.

Every person is in one segment, so the cells add up to the whole population; conditions overlap and
would not. Cells of few people are put together before they leave, and take one use per head.
Source: handbook 3.3.3 Tower Hamlets, 2.4.5; req 100, 180, 182.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from wpb.kernel.calendar import days_in
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients.gate import GROUPS, Contributions, DisclosureRule
from wpb.patients.outputs import THREE_FIGURES, Applied, Outputs
from wpb.patients.people import days_by_profile
from wpb.patients.person_level import PersonLevel
from wpb.patients.pooling import summed
from wpb.patients.segments import Kinds
from wpb.patients.spending import ChargeKey
from wpb.patients.summaries import Summary
from wpb.tables.schema import TypedTable
from wpb.tables.segments import FROM_SEGMENTS

SMALL_GROUPS = "small_groups"
"""The segment that holds, in an age band, the segments with too few people to be shown."""
SegmentCell = tuple[str, int]
"""Segment and position of the age band."""
ActivityKey = tuple[str, str]
"""Service line and activity type."""


def no_use() -> Contributions:
    """Units that people of one cell used, by group of people: none."""
    return np.zeros((1, GROUPS), dtype=np.int64)


@dataclass
class Tally:
    """People, days on a list, and use by activity of each segment and age band."""

    people: dict[SegmentCell, int] = field(default_factory=lambda: defaultdict(int))
    days: dict[SegmentCell, int] = field(default_factory=lambda: defaultdict(int))
    use: dict[ActivityKey, dict[SegmentCell, Contributions]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(no_use))
    )


@dataclass(frozen=True)
class FitToLeave:
    """Use by activity, segment and age band as it leaves."""

    days: dict[SegmentCell, int]
    rates: dict[ActivityKey, dict[SegmentCell, float]]
    held: list[ActivityKey]
    shown: list[tuple[list[ActivityKey], set[SegmentCell]]]
    """Activities and cells whose use is told as one figure."""


def asks_for_segments(growth_categories: TypedTable) -> bool:
    """Whether some growth category takes its demographic growth from use by segment.

    Source: handbook 3.3.3 Tower Hamlets; req 180.
    """
    return FROM_SEGMENTS in growth_categories.text("demographic_rate")


def projection_bands(
    table: TypedTable, projection: str, log: ProblemLog
) -> tuple[tuple[int, str], ...]:
    """The first age and the name of each age band of a population projection, youngest first.

    Bands that are not spelt 0-17 or 85+, leave ages out or start above 0 are problems.
    Source: handbook 3.3.3; req 175, 180.
    """
    found: dict[int, tuple[int, str]] = {}
    for row, (source, name) in enumerate(
        zip(table.text("projection"), table.text("age_band"), strict=True)
    ):
        if source != projection:
            continue
        spelt = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3})|\+)", name)
        if spelt is None:
            log.error(
                table.where(row, "age_band"),
                f"The age band '{name}' is not spelt as ages, so people's records can't be put"
                " in it.",
                "Write it like 0-17 or 85+.",
                "segment_bands",
            )
            return ()
        found[int(spelt[1])] = (int(spelt[2]) if spelt[2] else 200, name)
    order = sorted(found)
    gaps = [first for first, after in pairwise(order) if found[first][0] + 1 != after]
    if order and (order[0] != 0 or gaps or found[order[-1]][0] != 200):
        log.error(
            Cell("population_projections", "population_projections", ""),
            f"The age bands of the projection '{projection}' leave ages out or overlap.",
            "Let them start at 0, follow one another, and end with an open band such as 85+.",
            "segment_bands",
        )
        return ()
    return tuple((first, found[first][1]) for first in order)


def tally(
    work: PersonLevel,
    kinds: Kinds,
    charge_keys: Sequence[ChargeKey],
    bands: Sequence[tuple[int, str]],
    proxies: Mapping[ChargeKey, tuple[str, str]],
) -> Tally:
    """Add people, days and use up by segment and the projection's age bands, as the last adding-up
    left them.

    A service without activity by practice is used as the line is whose activity it follows.
    Source: handbook 3.3.3 Tower Hamlets, 2.4 Encompass; req 46, 180.
    """
    followers: dict[tuple[str, str], list[ActivityKey]] = defaultdict(list)
    for (_, line, kind), followed in proxies.items():
        followers[followed].append((line, kind))
    found = Tally()
    starts = [first for first, _ in bands]
    cell_of = {
        profile: (
            kinds.segment[profile],
            sum(1 for first in starts if first <= kinds.cuts[band]) - 1,
        )
        for profile, band in kinds.band.items()
    }
    for profile, (count, days) in days_by_profile(work).items():
        found.people[cell_of[profile]] += count
        found.days[cell_of[profile]] += days
    cells = sorted(set(cell_of.values()))
    place = np.full(max(cell_of, default=0) + 1, -1, dtype=np.int64)
    for profile, cell in cell_of.items():
        place[profile] = cells.index(cell)
    profiles, charges, groups, units = (
        np.asarray(column.to_numpy(), dtype=np.int64)
        for column in work.stages.fetch(
            "SELECT profile, charge, person_group, units FROM by_activity"
        ).columns
    )
    dense = np.zeros((len(charge_keys), len(cells), GROUPS), dtype=np.int64)
    np.add.at(dense, (charges, place[profiles], groups), units)
    for charge, number in zip(*np.nonzero(dense.any(axis=-1)), strict=True):
        key = charge_keys[charge]
        for activity in [(key[1], key[2]), *followers[key[0], key[1]]]:
            found.use[activity][cells[number]] += dense[charge, number]
    return found


def fit_to_leave(found: Tally, outputs: Outputs, bands: Sequence[str]) -> FitToLeave:
    """Give days by cell, units a day by activity and cell, and the activities held back, so that no
    few people show.

    Segments of few people are put together within their age band; activities of few users with the
    least other one of their service line; cells of few users with others of their age band, and
    bands of few users with other bands.
    Source: handbook 2.4.5, 3.3.3; req 100, 180.
    """
    rule = outputs.rule
    home = _homes(found.people, rule.smallest)
    days: dict[SegmentCell, int] = defaultdict(int)
    for cell, count in found.days.items():
        days[home[cell]] += count
    joined: dict[ActivityKey, dict[SegmentCell, Contributions]] = {
        activity: _moved(cells.items(), home) for activity, cells in found.use.items()
    }
    rates: dict[ActivityKey, dict[SegmentCell, float]] = {}
    held: list[ActivityKey] = []
    shown: list[tuple[list[ActivityKey], set[SegmentCell]]] = []
    for group in _activity_groups(joined, rule):
        cells = _moved((item for activity in group for item in joined[activity].items()), {})
        name = " and ".join("|".join(activity) for activity in group)
        if not _fits(cells.values(), rule):
            held += group
            outputs.add(("segment_use", name, ""), summed(cells.values(), 1), "suppressed")
            continue
        shared, pools = _rates(cells, days, rule)
        for pool in pools:
            members = {cell for cell, into in home.items() if into in pool}
            shown.append((group, members))
            told = " and ".join(f"{segment} {bands[band]}" for segment, band in pool)
            outputs.add(
                ("segment_use", name, told),
                summed((cells[cell] for cell in pool), 1),
                "pooled" if len(pool) > 1 or len(group) > 1 else "released",
                THREE_FIGURES,
            )
        rates |= dict.fromkeys(group, shared)
    return FitToLeave(dict(days), rates, sorted(held), shown)


def _homes(people: Mapping[SegmentCell, int], smallest: int) -> dict[SegmentCell, SegmentCell]:
    """The cell that each cell's people are shown in."""
    home: dict[SegmentCell, SegmentCell] = {}
    for band in {band for _, band in people}:
        order = sorted((count, cell) for cell, count in people.items() if cell[1] == band)
        small = [cell for count, cell in order if count < smallest]
        while small and len(small) < len(order) and sum(people[cell] for cell in small) < smallest:
            small.append(order[len(small)][1])
        home |= {cell: (SMALL_GROUPS, band) if cell in small else cell for _, cell in order}
    return home


def _moved(
    cells: Iterable[tuple[SegmentCell, Contributions]], home: Mapping[SegmentCell, SegmentCell]
) -> dict[SegmentCell, Contributions]:
    moved: dict[SegmentCell, Contributions] = defaultdict(no_use)
    for cell, use in cells:
        moved[home.get(cell, cell)] += use
    return moved


def _users(uses: Iterable[Contributions]) -> int:
    return int(np.count_nonzero(summed(uses, 1)))


def _fits(uses: Iterable[Contributions], rule: DisclosureRule) -> bool:
    return rule.fits(summed(uses, 1))


def _activity_groups(
    use: Mapping[ActivityKey, Mapping[SegmentCell, Contributions]], rule: DisclosureRule
) -> list[list[ActivityKey]]:
    """Activities of a service line, each alone where enough people use it, else with the next least
    used.
    """
    groups: list[list[ActivityKey]] = []
    for line in sorted({line for line, _ in use}):
        order = sorted(
            (activity for activity in use if activity[0] == line),
            key=lambda activity: (_users(use[activity].values()), activity),
        )
        few = [activity for activity in order if not _fits(use[activity].values(), rule)]
        spare = [activity for activity in order if activity not in few]
        while (
            few
            and spare
            and not _fits((each for activity in few for each in use[activity].values()), rule)
        ):
            few.append(spare.pop(0))
        groups += ([few] if few else []) + [[activity] for activity in order if activity not in few]
    return groups


def _rates(
    cells: Mapping[SegmentCell, Contributions],
    days: Mapping[SegmentCell, int],
    rule: DisclosureRule,
) -> tuple[dict[SegmentCell, float], list[list[SegmentCell]]]:
    """Units a day by cell, one rate for cells that are put together, 0 where nobody used it; and
    what is put together.
    """
    pools: list[list[SegmentCell]] = []
    thin: list[SegmentCell] = []
    users = {cell: int(np.count_nonzero(use)) for cell, use in cells.items()}
    for band in sorted({band for _, band in days}):
        used = sorted(
            (cell for cell in days if cell[1] == band and users.get(cell)),
            key=lambda cell: (users[cell], cell),
        )
        if used and not _fits((cells[cell] for cell in used), rule):
            thin += used
            continue
        few = [cell for cell in used if not rule.fits(cells[cell])]
        spare = [cell for cell in used if cell not in few]
        while few and spare and not _fits((cells[cell] for cell in few), rule):
            few.append(spare.pop(0))
        pools += ([few] if few else []) + [[cell] for cell in used if cell not in few]
    if thin:
        pools.sort(key=lambda pool: (_users(cells[cell] for cell in pool), pool))
        while not _fits((cells[cell] for cell in thin), rule) and pools:
            thin += pools.pop(0)
        pools.append(thin)
    rates = dict.fromkeys(days, 0.0)
    for pool in pools:
        rate = int(summed((cells[cell] for cell in pool), 1).sum()) / sum(
            days[cell] for cell in pool
        )
        rates |= dict.fromkeys(pool, rate)
    return rates, pools


def _of_whole_lines(
    rates: Mapping[ActivityKey, Mapping[SegmentCell, float]], lines: Collection[str]
) -> dict[ActivityKey, dict[SegmentCell, float]]:
    """Units a day of all activity of each line, added up from what leaves anyway, so that it tells
    nothing more.
    """
    whole: dict[ActivityKey, dict[SegmentCell, float]] = {}
    for (line, _), by_cell in sorted(rates.items()):
        if line in lines:
            known = whole.setdefault((line, ""), dict.fromkeys(by_cell, 0.0))
            whole[line, ""] = {cell: known[cell] + rate for cell, rate in by_cell.items()}
    return whole


def summarise_use(
    summary: Summary,
    found: Tally,
    bands: Sequence[tuple[int, str]],
    year: str,
    rule: DisclosureRule,
    base: int,
    log: ProblemLog,
    outputs: Outputs,
    priced_lines: Collection[str] = (),
) -> None:
    """Write people and use per head by segment and age band as the forecast's tables take them.

    People are person-years to the nearest few, use per head has three figures. A priced service
    line has rows for all of
    its activity too: what is paid and explained by no activity grows as that does.
    Source: handbook 3.3.3 Tower Hamlets; req 100, 180.
    """
    fit = fit_to_leave(found, outputs, [name for _, name in bands])
    days, rates, held = fit.days, fit.rates, fit.held
    people: dict[SegmentCell, int] = defaultdict(int)
    for cell, home in _homes(found.people, rule.smallest).items():
        people[home] += found.people[cell]
    year_days, told = days_in(year), f"People's records of {year}"
    cells = [cell for cell in sorted(days, key=lambda cell: (cell[1], cell[0])) if days[cell]]
    for segment, band in cells:
        place = ("segment_people", segment, bands[band][1])
        applied: Applied = "pooled" if segment == SMALL_GROUPS else "released"
        outputs.add_count(place, people[segment, band], applied, f"nearest {base}")
        years = max(base, round(days[segment, band] / year_days / base) * base)
        summary.add(
            "segment_people",
            segment=segment,
            age_band=bands[band][1],
            people=float(years),
            source=told,
        )
    for activity, by_cell in sorted((rates | _of_whole_lines(rates, priced_lines)).items()):
        for segment, band in cells:
            summary.add(
                "segment_use",
                service_line=activity[0],
                activity_type=activity[1],
                segment=segment,
                age_band=bands[band][1],
                use_per_head=float(f"{by_cell[segment, band] * year_days:.3g}"),
                source=told,
            )
    if held:
        log.warning(
            Cell("patients", "commissioned_activity", ""),
            f"Use by segment of {', '.join(' '.join(activity) for activity in held)} is held back:"
            f" too few people used it ({rule.told()}).",
            "Give those service lines a category with another demographic rate.",
            "segment_use_held_back",
        )
