"""Use per head by service line, condition and age band, bands of few users together.

Source: handbook 2.4.5, 3.3.3 Tower Hamlets; req 100, 180, 182, 463.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wpb.kernel.calendar import days_in
from wpb.patients.disclosure import rounded_counts
from wpb.patients.gate import GROUPS, DisclosureRule
from wpb.patients.outputs import THREE_FIGURES, Outputs
from wpb.patients.people import days_by_profile
from wpb.patients.room import Room
from wpb.patients.segments import Kinds
from wpb.patients.told_use import ToldPool, ToldUse, Uses, told_fits

if TYPE_CHECKING:
    import pyarrow

HELD = "held back"
ANY = "any"
"""Everyone, whatever their conditions."""
HIDDEN_SHARE = 0.01
"""Figures of three digits hide less than this share of a sum."""


@dataclass(frozen=True)
class UseCell:
    """Units per head of one service line, condition and age band, or why none are shown."""

    service_line: str
    condition: str
    age_band: str
    pooled_with: str
    """The other age bands that share the figure."""
    person_years: float
    """Of the band and those it shares its figure with; nan where nothing is shown."""
    units: int

    @property
    def shown(self) -> bool:
        """Whether enough people stand behind the figure."""
        return self.person_years == self.person_years

    @property
    def per_head(self) -> str:
        """Units per head to three figures."""
        return f"{self.units / self.person_years:.3g}" if self.shown else HELD

    def published(self, base: int) -> dict[str, object]:
        """Spell as a row of the published table."""
        years = np.array([round(self.person_years)]) if self.shown else None
        return {
            "service_line": self.service_line,
            "condition": self.condition,
            "age_band": self.age_band,
            "pooled_with": self.pooled_with,
            "person_years": HELD if years is None else int(rounded_counts(years, base)[0]),
            "units_per_head": self.per_head,
        }


def use_rows(
    room: Room,
    kinds: Kinds,
    by_profile: pyarrow.Table,
    lines: Sequence[str],
    told: ToldUse,
) -> list[UseCell]:
    """Give units per head by service line, condition and age band.

    A person with two conditions counts under both; 'any' counts everyone once. Bands of few users
    share a figure, and a condition is shown only where those who have it and those who do not are
    enough, or none. Bands of a condition are never finer than everyone's, and everyone's are such
    that nothing of few people is left between them and use by segment. Person-years are whole days
    added up and divided once, so that no order in which an engine gives them changes a digit.
    Source: handbook 3.3.3 Tower Hamlets; req 180, 463.
    """
    bands = range(len(kinds.cuts))
    year_days = days_in(room.settings.activity_year)
    days: dict[str, list[int]] = defaultdict(lambda: [0] * len(kinds.cuts))
    for profile, (_, on_list) in days_by_profile(room.encode()).items():
        for condition in (*kinds.held[profile], ANY):
            days[condition][kinds.band[profile]] += on_list
    uses = _uses(kinds, by_profile, lines)
    found: list[UseCell] = []
    everyone = {
        line: (
            {}
            if _nobody_shows(by_profile, kinds, lines.index(line), cells, room.rule)
            else _everyones_bands(cells, room.rule, told.of_line(line))
        )
        for (line, condition), cells in uses.items()
        if condition == ANY
    }
    for (line, condition), cells in sorted(uses.items()):
        pools = everyone[line]
        if condition != ANY and pools:
            blocks = sorted({tuple(pool) for pool in pools.values()})
            clear = _clear_of(cells, room.rule, told.of_line(line))
            pools = _bands_together(cells, uses[line, ANY] - cells, room.rule, blocks, clear)
        _note(room.outputs, (line, condition), cells, pools, kinds)
        for band in bands:
            if not days[condition][band]:
                continue
            pool = pools.get(band, []) if cells[band].any() else [band]
            shared = ", ".join(kinds.band_name(other) for other in pool if other != band)
            found.append(
                UseCell(
                    line,
                    condition,
                    kinds.band_name(band),
                    shared,
                    sum(days[condition][other] for other in pool) / year_days if pool else np.nan,
                    int(sum(cells[other].sum() for other in pool)),
                )
            )
    return [cell for cell in found if cell.units or not cell.shown or cell.condition == ANY]


def _note(
    outputs: Outputs,
    row: tuple[str, str],
    cells: Uses,
    pools: Mapping[int, list[int]],
    kinds: Kinds,
) -> None:
    """Note the figures of one service line and condition for the output checker."""
    name = "|".join(row)
    if not pools:
        outputs.add(("use_per_head", name, ""), cells.sum(axis=0)[None, :], "suppressed")
    for pool in sorted(set(map(tuple, pools.values()))):
        told = " and ".join(kinds.band_name(band) for band in pool)
        outputs.add(
            ("use_per_head", name, told),
            cells[list(pool)].sum(axis=0)[None, :],
            "pooled" if len(pool) > 1 else "released",
            THREE_FIGURES,
        )


def _uses(
    kinds: Kinds, by_profile: pyarrow.Table, lines: Sequence[str]
) -> dict[tuple[str, str], Uses]:
    """Units by service line and condition: [band, group of people]."""
    profiles, numbers, groups, units, _ = (
        np.asarray(column.to_numpy(), dtype=np.int64) for column in by_profile.columns
    )
    known = np.isin(profiles, list(kinds.held))
    profiles, numbers, groups, units = (
        column[known] for column in (profiles, numbers, groups, units)
    )
    size = max(kinds.held, default=0) + 1
    band = np.zeros(size, dtype=np.int64)
    for profile, number in kinds.band.items():
        band[profile] = number
    found: dict[tuple[str, str], Uses] = {}
    for condition in (*kinds.conditions, ANY):
        has = np.zeros(size, dtype=np.bool_)
        has[[one for one, held in kinds.held.items() if condition == ANY or condition in held]] = (
            True
        )
        chosen = has[profiles]
        dense = np.zeros((len(lines), len(kinds.cuts), GROUPS), dtype=np.int64)
        np.add.at(
            dense,
            (numbers[chosen], band[profiles[chosen]], groups[chosen]),
            units[chosen],
        )
        for line in np.flatnonzero(dense.any(axis=(1, 2))).tolist():
            found[lines[line], condition] = dense[line]
    return found


Block = tuple[int, ...]
"""Positions of age bands that are told as one."""


def _nobody_shows(
    by_profile: pyarrow.Table, kinds: Kinds, line: int, cells: Uses, rule: DisclosureRule
) -> bool:
    """Whether all use of a line, which activity gives, less that of people on a list would show few
    people, or one, who are on none: their use is more than what three figures hide.
    """
    profiles, numbers, groups, units, _ = (
        np.asarray(column.to_numpy(), dtype=np.int64) for column in by_profile.columns
    )
    chosen = (numbers == line) & ~np.isin(profiles, list(kinds.held))
    nobody = np.zeros((1, GROUPS), dtype=np.int64)
    np.add.at(nobody[0], groups[chosen], units[chosen])
    few = bool(nobody.any()) and not rule.fits(nobody)
    return few and float(nobody.sum()) >= HIDDEN_SHARE * float(cells.sum())


def _clear_of(
    cells: Uses, rule: DisclosureRule, told: Sequence[ToldPool]
) -> Callable[[Sequence[int]], bool]:
    def clear(bands: Sequence[int]) -> bool:
        return all(one.clear_of(rule, cells, bands) for one in told)

    return clear


def _everyones_bands(
    cells: Uses, rule: DisclosureRule, told: Sequence[ToldPool]
) -> dict[int, list[int]]:
    """The bands that share everyone's figure of a service line, so that neither it nor what it
    leaves of use by segment, or that of it, stands on too few people.
    """

    def leaves_enough(pool: Sequence[int]) -> bool:
        return told_fits(rule, cells, frozenset(pool), told)

    forced: set[int] = set()
    singles: list[Block] = [(band,) for band in range(len(cells))]
    while True:
        pools = _bands_together(cells, None, rule, singles, leaves_enough, forced)
        shown = sorted({tuple(pool) for pool in pools.values()})
        few = next((one for one in told if not one.leaves_enough(rule, shown)), None)
        if few is None:
            return pools
        inside = [pool for pool in shown if few.holds(pool) and not set(pool) <= forced]
        if not inside:
            return {}
        forced |= set(min(inside, key=lambda pool: int(np.count_nonzero(cells[list(pool)]))))


def _bands_together(
    cells: Uses,
    others: Uses | None,
    rule: DisclosureRule,
    blocks: Sequence[Block],
    leaves_enough: Callable[[Sequence[int]], bool] = lambda pool: True,
    forced: Collection[int] = (),
) -> dict[int, list[int]]:
    """The bands that each band with users shares its figure with; none where all are too few."""

    def bands_of(pool: Iterable[Block]) -> list[int]:
        return [band for block in pool for band in block]

    def fits(pool: Iterable[Block]) -> bool:
        bands = bands_of(pool)
        whole = cells[bands].sum(axis=0)[None, :]
        rest = None if others is None else others[bands].sum(axis=0)[None, :]
        clear = rest is None or not rest.any() or rule.fits(rest)
        return clear and rule.fits(whole) and leaves_enough(bands)

    users = {
        block: int(np.count_nonzero(cells[list(block)].sum(axis=0)))
        for block in blocks
        if cells[list(block)].any()
    }
    small = [block for block in users if not fits([block]) or set(block) & set(forced)]
    spare = sorted(
        (block for block in users if block not in small), key=lambda one: (users[one], one)
    )
    while small and spare and not fits(small):
        small.append(spare.pop(0))
    if small and not fits(small):
        return {}
    pooled = sorted(bands_of(small))
    return {band: list(block) for block in spare for band in block} | dict.fromkeys(pooled, pooled)


def age_profiles(use: Sequence[UseCell]) -> list[dict[str, object]]:
    """Spell use per head as rows of the input table age_profiles, one growth category a service
    line.

    Demographic growth by population_projection weighs people by it, so that use by age is carried
    into the forecast. A service line of which too little may be shown has no rows; a band of which
    nobody used the service has 0.
    Source: handbook 3.3.3 Tower Hamlets; req 180, 182.
    """
    everyone: Mapping[tuple[str, str], UseCell] = {
        (cell.service_line, cell.age_band): cell for cell in use if cell.condition == ANY
    }
    bands = sorted(
        {band for _, band in everyone}, key=lambda band: int(band.split("-")[0].rstrip("+"))
    )
    held = {line for (line, _), cell in everyone.items() if not cell.shown}
    return [
        {
            "growth_category": line,
            "age_band": band,
            "use_per_person": everyone[line, band].per_head if (line, band) in everyone else "0",
            "source": "People's records",
        }
        for line in sorted({line for line, _ in everyone} - held)
        for band in bands
    ]
