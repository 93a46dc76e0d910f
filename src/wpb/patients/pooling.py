"""Cells of few people are pooled with a named neighbour, once, before anything reads them; every
table of a run is made from the same cells.

An activity of few people is counted with its neighbour in the same contract. Then, for each
activity, lists with few users are counted in a pool of lists on the same side of the scope, or with
a neighbour where the pool would be too small, so that what is in scope and out of it hardly
changes. Parts still add, and what is published is always a sum of cells that each stand on enough
people: no difference of published figures can isolate fewer. Source: handbook 2.4.5; req 100, 463.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from wpb.patients.allocation import largest_remainder
from wpb.patients.gate import GROUPS, Contributions, DisclosureRule
from wpb.patients.spending import ChargeKey

POOL_KIND = "pooled"
MIXED_POOL = "POOLED"
"""The code of a mixed pool in tables of people; the budget has it divided between the sides."""
Side = tuple[bool, str]
"""Whether lists are in scope, and their commissioner: lists are pooled within it."""
MIXED: Side = (False, "*")
"""Lists of several sides, where those of one are too few."""


@dataclass(frozen=True)
class ChargeFacts:
    """What decides with which other activity one may be counted."""

    valuation: str
    """How it is valued: activity is counted only with activity that is valued alike."""
    part: str
    """Its payment part."""
    in_scope: bool
    growth_category: str

    @property
    def block(self) -> bool:
        """Whether its service line takes a sum of its own from a block contract."""
        return self.valuation == "block"


@dataclass
class Pooling:
    """What is counted with what."""

    rule: DisclosureRule
    charges: dict[ChargeKey, ChargeKey] = field(default_factory=dict)
    """Activities of few people, and the activity each is counted with."""
    follows: dict[ChargeKey, tuple[str, str]] = field(default_factory=dict)
    """Service lines of block contracts that keep their sum and have too few users to be shown:
    their activity, and the contract and line whose pattern they follow.
    """
    alone: list[ChargeKey] = field(default_factory=list)
    """Activities of few people that have no neighbour in their contract."""
    lists: dict[ChargeKey, dict[str, str]] = field(default_factory=dict)
    """By activity: lists with few users, and those put with them, and their pool's code."""
    weights: dict[str, dict[str, int]] = field(default_factory=dict)
    """People on each list of the pools of one side, by list and the side's pool: a mixed pool's
    use is divided between the sides by them.
    """

    def key_of(self, key: ChargeKey) -> ChargeKey:
        """The activity that one is counted with: itself, in most cases."""
        return self.charges.get(key, key)

    @property
    def without_people(self) -> set[str]:
        """The lists that have no population, as people elsewhere have none."""
        return {code for code, sides in self.weights.items() if not sum(sides.values())}

    def divided(self, key: ChargeKey, whole: int) -> dict[str, int]:
        """Divide what a mixed pool comes to between the pools of its lists' sides, by the people on
        those lists.
        """
        parts: dict[str, int] = {}
        for code, pool in self.lists.get(key, {}).items():
            if pool == MIXED_POOL:
                for side, people in self.weights.get(code, {}).items():
                    parts[side] = parts.get(side, 0) + max(1, people)
        return largest_remainder(whole, parts)

    def shown(self, key: ChargeKey, code: str, whole: int) -> dict[str, int]:
        """What a list or pool comes to, by the rows of gp_lists that show it."""
        return self.divided(key, whole) if code == MIXED_POOL else {code: whole}

    def pools_used(self) -> set[str]:
        """The codes of the pools that some activity's use is shown in."""
        return {
            side
            for by_list in self.lists.values()
            for code, pool in by_list.items()
            for side in (self.weights[code] if pool == MIXED_POOL else (pool,))
            if side not in self.weights
        }

    def list_of(self, key: ChargeKey, list_code: str) -> str:
        """The list, or pool of lists, that a list's use of an activity is shown under."""
        return self.lists.get(key, {}).get(list_code, list_code)


def summed(cells: Iterable[Contributions], measures: int) -> Contributions:
    """Add cells up, person group by person group: someone in two of them counts once."""
    whole = np.zeros((measures, GROUPS), dtype=np.int64)
    for cell in cells:
        whole += cell
    return whole


def pool_charges(
    cells: Mapping[ChargeKey, Contributions],
    facts: Mapping[ChargeKey, ChargeFacts],
    pooling: Pooling,
) -> None:
    """Put each activity of few people with its nearest neighbour, until every one fits.

    Nearest: of one contract and valued alike; of the same payment part, side of the scope, service
    line and growth category; then the one with the fewest people. Source: handbook 2.4.5; req 463.
    """
    rule = pooling.rule
    groups: dict[ChargeKey, list[ChargeKey]] = {key: [key] for key in cells}
    held = dict(cells)
    stuck: set[ChargeKey] = set()
    while True:
        unfit = [key for key in held if key not in stuck and not rule.fits(held[key])]
        if not unfit:
            break
        key = min(unfit, key=lambda one: (rule.people(held[one]), one))
        near = [
            other
            for other in held
            if other != key
            and other[0] == key[0]
            and facts[other].valuation == facts[key].valuation
        ]
        if not near:
            stuck.add(key)
            continue
        with_key = min(
            near, key=lambda one: (*_distance(key, one, facts), rule.people(held[one]), one)
        )
        keep, gone = _larger_first(key, with_key, held, rule)
        held[keep] = held[keep] + held.pop(gone)
        groups[keep] += groups.pop(gone)
        stuck.discard(keep)
    pooling.alone = sorted(key for key in stuck if key in held)
    for keep, members in groups.items():
        pooling.charges |= {member: keep for member in members if member != keep}
    _orphans(cells, facts, pooling)


def _larger_first(
    one: ChargeKey, other: ChargeKey, held: Mapping[ChargeKey, Contributions], rule: DisclosureRule
) -> tuple[ChargeKey, ChargeKey]:
    """Two activities, the one that more people use first."""
    first, second = sorted((one, other), key=lambda key: (-rule.people(held[key]), key))
    return first, second


def _distance(
    key: ChargeKey, other: ChargeKey, facts: Mapping[ChargeKey, ChargeFacts]
) -> tuple[bool, bool, bool, bool]:
    """How far apart two activities of a contract are; a block line's own activities come first."""
    part = facts[key].part != facts[other].part
    scope = facts[key].in_scope != facts[other].in_scope
    line = key[1] != other[1]
    growth = facts[key].growth_category != facts[other].growth_category
    return (part, line, scope, growth) if facts[key].block else (part, scope, line, growth)


def _orphans(
    cells: Mapping[ChargeKey, Contributions],
    facts: Mapping[ChargeKey, ChargeFacts],
    pooling: Pooling,
) -> None:
    """Let the lines of block contracts whose activity is all counted under another line follow that
    line.
    """
    for line in sorted({key[:2] for key in cells if facts[key].block}):
        own = [key for key in cells if key[:2] == line]
        kept = [key for key in own if pooling.key_of(key)[:2] == line]
        if own and not kept:
            most = min(own, key=lambda key: (-pooling.rule.people(cells[key]), key))
            target = pooling.key_of(most)
            pooling.follows[most] = (target[0], target[1])


def pool_lists(
    cells: Mapping[str, Contributions],
    side_of: Mapping[str, Side],
    codes: Mapping[Side, str],
    rule: DisclosureRule,
    last: Collection[str] = (),
) -> dict[str, str]:
    """Say which lists' use of one activity is shown elsewhere: in a pool, or with a neighbour.

    Lists that do not fit are pooled by side. Where those of a side do not fit together either, they
    are counted with the list of that side that most people use it from; and where there is none,
    with lists of other sides in the mixed pool. `codes` has the code of each side's pool; lists in
    `last`, which have no population to divide a mixed pool by, join it last.
    Source: handbook 2.4.5; req 463.
    """
    used = {code: cell for code, cell in cells.items() if rule.people(cell)}
    pools: dict[Side, set[str]] = {}
    for code, cell in used.items():
        if not rule.fits(cell):
            pools.setdefault(side_of[code], set()).add(code)
    into: dict[str, str] = {}
    mixed: set[str] = set()
    for side, members in sorted(pools.items()):
        pool = _sum_of(used, members)
        near = [
            code
            for code in used
            if side_of[code] == side and code not in members and rule.fits(pool + used[code])
        ]
        if rule.fits(pool):
            into |= dict.fromkeys(members, codes[side])
        elif near:
            most = min(near, key=lambda code: (-rule.people(used[code]), code))
            into |= dict.fromkeys(members, most)
        else:
            mixed |= members
    if mixed:
        taken = set(into) | set(into.values())
        spare = {code: used[code] for code in used if code not in taken}
        grown = grow(
            mixed, {code: cell for code, cell in spare.items() if code not in last}, used, rule
        ) or grow(mixed, spare, used, rule)
        grown = grown or _from_pools(mixed | set(spare), into, used, codes, rule)
        if not grown:  # what is left is too little: everything goes to the mixed pool
            return dict.fromkeys(used, codes[MIXED])
        into |= dict.fromkeys(grown, codes[MIXED])
    return into


def _from_pools(
    mixed: set[str],
    into: Mapping[str, str],
    used: Mapping[str, Contributions],
    codes: Mapping[Side, str],
    rule: DisclosureRule,
) -> set[str]:
    """Take lists out of other pools, those with the fewest users first, for a mixed pool that does
    not fit: as long as what is left of a pool fits too. An empty set where that is not enough.
    """
    left = {pool: {code for code in into if into[code] == pool} for pool in codes.values()}
    grown = set(mixed)
    for code in sorted(into, key=lambda code: (rule.people(used[code]), code)):
        if rule.fits(_sum_of(used, grown)):
            break
        rest = left.get(into[code], set()) - {code}
        if rest and rule.fits(_sum_of(used, rest)):
            left[into[code]] = rest
            grown.add(code)
    return grown if rule.fits(_sum_of(used, grown)) else set()


def grow(
    pool: Collection[str],
    spare: Mapping[str, Contributions],
    cells: Mapping[str, Contributions],
    rule: DisclosureRule,
) -> set[str]:
    """Add to a pool what fewest people use until it fits; an empty set where it never does.

    Source: handbook 2.4.5; req 463.
    """
    grown = set(pool)
    order = sorted(
        set(spare) - grown,
        key=lambda code: (rule.people(spare[code]), int(spare[code][0].sum()), code),
    )
    while not rule.fits(_sum_of(cells, grown)):
        if not order:
            return set()
        grown.add(order.pop(0))
    return grown


def _sum_of(cells: Mapping[str, Contributions], chosen: Iterable[str]) -> Contributions:
    return summed((cells[code] for code in chosen), next(iter(cells.values())).shape[0])
