"""What use by segment, which the forecast carries, tells of a service line, so that use per head by
age leaves nothing of few people between the two.

Source: handbook 2.4.5, 3.3.3; req 100, 180, 463.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wpb.patients.carried_use import Tally, fit_to_leave, tally
from wpb.patients.gate import Contributions, DisclosureRule
from wpb.patients.outputs import Outputs
from wpb.patients.pooling import summed
from wpb.patients.room import Room
from wpb.patients.segments import Kinds

Uses = NDArray[np.int64]
"""[band, group of people]: units."""
ByBand = Mapping[int, Contributions]
"""What people of each fine age band contribute."""


@dataclass(frozen=True)
class ToldPool:
    """One figure of use by segment: what the people behind it contribute, by fine age band, and all
    use of the line in those bands.
    """

    own: ByBand
    whole: ByBand

    def holds(self, bands: Iterable[int]) -> bool:
        """Whether all use of the line in some age bands is in this figure."""
        used = [band for band in bands if band in self.whole]
        return bool(used) and all(
            band in self.own and np.array_equal(self.own[band], self.whole[band]) for band in used
        )

    def within(self, bands: Iterable[int]) -> bool:
        """Whether the figure is all of people in some age bands."""
        return set(self.own) <= set(bands)

    def leaves_enough(self, rule: DisclosureRule, shown: Sequence[Sequence[int]]) -> bool:
        """Whether what figures of whole age bands leave of this one is nothing, or fits."""
        taken = {band for bands in shown if self.holds(bands) for band in bands}
        if not taken:
            return True
        rest = summed((cell for band, cell in self.own.items() if band not in taken), 1)
        return not rest.any() or rule.fits(rest)

    def clear_of(self, rule: DisclosureRule, cells: Uses, bands: Sequence[int]) -> bool:
        """Whether this figure and that of some people in some age bands leave nothing of few people
        of one another.

        `cells` is the use of those people [band, group of people]. What may lie within the other,
        group by group, is taken to. Source: handbook 2.4.5; req 463.
        """
        used = [band for band in bands if cells[band].any()]
        theirs = cells[list(bands)].sum(axis=0)[None, :]
        own = summed(self.own.values(), 1)
        inside = all(
            band in self.own and bool((cells[band] <= self.own[band][0]).all()) for band in used
        )
        around = self.within(bands) and all(
            bool((use[0] <= cells[band]).all()) for band, use in self.own.items()
        )
        rest = own - theirs if inside else theirs - own
        return not (inside or around) or not rest.any() or rule.fits(rest)


@dataclass
class ToldUse:
    """The figures of use by segment, by service line; none where nothing is carried."""

    pools: dict[str, list[ToldPool]] = field(default_factory=lambda: defaultdict(list))

    def of_line(self, line: str) -> Sequence[ToldPool]:
        """The figures of one service line."""
        return self.pools.get(line, ())


def told_fits(
    rule: DisclosureRule,
    cells: Uses,
    bands: frozenset[int],
    told: Sequence[ToldPool],
) -> bool:
    """Say whether what use by segment leaves of the use of some age bands is nothing, or fits.

    `cells` is the use of the line [band, group of people]. Source: handbook 2.4.5; req 463.
    """
    inside = [one for one in told if one.within(bands)]
    if not inside:
        return True
    whole = cells[sorted(bands)].sum(axis=0)[None, :]
    rest = whole - summed((cell for one in inside for cell in one.own.values()), 1)
    return not rest.any() or rule.fits(rest)


def told_by_segment(room: Room, kinds: Kinds) -> ToldUse:
    """Work out again what the summary of use by segment tells, by service line and fine age band.

    Source: handbook 2.4.5, 3.3.3; req 180, 463.
    """
    told = ToldUse()
    if not room.bands:
        return told
    room.add_up({}, "by_activity")
    work, starts = room.encode(), [first for first, _ in room.bands]
    fine = tally(
        work, kinds, room.charge_keys, [(cut, str(cut)) for cut in kinds.cuts], room.proxies
    )
    coarse = _in_bands(fine, kinds.cuts, starts)
    shown = fit_to_leave(coarse, Outputs(room.rule), [name for _, name in room.bands]).shown
    wholes: dict[str, dict[int, Contributions]] = defaultdict(dict)
    for activity, cells in fine.use.items():
        for (_, band), use in cells.items():
            of_line = wholes[activity[0]]
            of_line[band] = of_line[band] + use if band in of_line else use
    for group, members in shown:
        own: dict[int, Contributions] = {}
        for activity in group:
            for (segment, band), use in fine.use[activity].items():
                start = sum(1 for first in starts if first <= kinds.cuts[band]) - 1
                if (segment, start) in members and use.any():
                    own[band] = own[band] + use if band in own else use
        if own:
            told.pools[group[0][0]].append(ToldPool(own, wholes[group[0][0]]))
    return told


def _in_bands(fine: Tally, cuts: Sequence[int], starts: Sequence[int]) -> Tally:
    """The same people and use by segment in wider age bands, which begin at some of the cuts."""
    wide = [sum(1 for first in starts if first <= cut) - 1 for cut in cuts]
    coarse = Tally()
    for (segment, band), count in fine.people.items():
        coarse.people[segment, wide[band]] += count
    for (segment, band), days in fine.days.items():
        coarse.days[segment, wide[band]] += days
    for activity, cells in fine.use.items():
        for (segment, band), use in cells.items():
            coarse.use[activity][segment, wide[band]] += use
    return coarse
