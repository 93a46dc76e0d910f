"""What each group of people contributes to the cells of a run, read from the engine's results into
arrays.

Source: handbook 2.4.5; req 95, 463.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wpb.patients.gate import GROUPS, UNITS, Contributions, DisclosureRule
from wpb.patients.pooling import (
    MIXED,
    MIXED_POOL,
    ChargeFacts,
    Pooling,
    Side,
    pool_charges,
    pool_lists,
    summed,
)
from wpb.patients.releases import Releases
from wpb.patients.spending import ChargeKey
from wpb.tables.schema import TypedTable

if TYPE_CHECKING:
    import pyarrow

    from wpb.patients.cells import Cells

ACTIVITY = "activity_by_list"
BY_LIST = "SELECT list, charge, person_group, units, pence FROM by_list"
ListCells = dict[ChargeKey, dict[str, Contributions]]
"""What each list's people contribute to each activity."""


def list_cells(
    found: pyarrow.Table, keys: Sequence[ChargeKey], list_codes: Sequence[str]
) -> ListCells:
    """Read the by_list result: units and pence by activity, list and group of people.

    `list_codes` has the code of each list number, from 0 for people on no list.
    """
    lists, charges, groups, units, pence = (
        np.asarray(column.to_numpy(), dtype=np.int64) for column in found.columns
    )
    dense = np.zeros((len(keys), len(list_codes), 2, GROUPS), dtype=np.int64)
    dense[charges, lists, 0, groups] = units
    dense[charges, lists, 1, groups] = pence
    cells: ListCells = {}
    for charge, number in zip(*np.nonzero(dense[:, :, UNITS].any(axis=-1)), strict=True):
        of_key = cells.setdefault(keys[charge], {})
        code, cell = list_codes[number], dense[charge, number]
        of_key[code] = of_key[code] + cell if code in of_key else cell
    return cells


def charge_facts(
    cells: Cells, service_lines: TypedTable, part_scope: TypedTable
) -> dict[ChargeKey, ChargeFacts]:
    """What decides with which other activity each may be counted."""
    lines = {
        line: (scope, growth, influenced)
        for line, scope, growth, influenced in zip(
            service_lines.text("service_line"),
            service_lines.text("scope"),
            service_lines.text("growth_category"),
            service_lines.flags("influenced_by_model"),
            strict=True,
        )
    }
    parts = {
        (line, kind): bool(flag)
        for line, kind, flag in zip(
            part_scope.text("service_line"),
            part_scope.text("activity_type"),
            part_scope.flags("in_scope"),
            strict=True,
        )
    }
    facts = {}
    for service in cells.services.values():
        key = service.charge_key
        scope, growth, influenced = lines.get(service.service_line, ("in", "", None))
        inside = (
            parts.get((service.service_line, service.activity_type), False)
            if scope == "part"
            else bool(influenced)
            if scope == "influenced"
            else scope == "in"
        )
        facts[key] = ChargeFacts(
            "priced" if service.priced else service.valuation,
            service.payment_part,
            inside,
            growth,
        )
    return facts


def pooled(
    cells: ListCells,
    facts: Mapping[ChargeKey, ChargeFacts],
    side_of: Mapping[str, Side],
    pooling: Pooling,
    releases: Releases,
) -> ListCells:
    """Decide the pools of a run, and give its cells by pooled activity, lists as they were; where
    there was an earlier release, in its pools, and by pool.

    A figure stays as it was released where its difference would show few people.
    Source: handbook 2.4.5; req 463.
    """
    before = EarlierPools.of(releases, facts, side_of)
    new = {key: by_list for key, by_list in cells.items() if key not in before.lists_used}
    pool_charges({key: summed(by.values(), 2) for key, by in new.items()}, facts, pooling)
    pooling.charges |= before.charges
    pooling.follows |= before.follows
    pooling.alone = sorted({*pooling.alone, *before.alone})
    together: ListCells = {}
    used: dict[ChargeKey, set[str]] = {}
    for key, by_list in cells.items():
        into = together.setdefault(pooling.key_of(key), {})
        used[key] = {*by_list, *before.lists_used.get(key, ())}
        for code, cell in by_list.items():
            into[code] = into[code] + cell if code in into else cell
    codes = pool_codes(set(side_of.values()))
    for key, by_list in together.items():
        into_pools = (
            before.joined(key, by_list, side_of, codes, pooling.rule)
            if key in before.lists_used
            else pool_lists(by_list, side_of, codes, pooling.rule, pooling.without_people)
        )
        if into_pools:
            pooling.lists[key] = dict(sorted(into_pools.items()))
    releases.pools = _pools_spelt(pooling, used | before.lists_used)
    return _judged(together, pooling, releases)


def _judged(together: ListCells, pooling: Pooling, releases: Releases) -> ListCells:
    """The cells as they may be let out, after what earlier releases tell."""
    judged: ListCells = {}
    rows = {"|".join(key): key for key in together}
    gone: dict[ChargeKey, set[str]] = {}
    for table, row, code in releases.earlier if releases.any_earlier else ():
        if table == ACTIVITY and row in rows and code != "total":
            gone.setdefault(rows[row], set()).add(code)
    for key, by_list in together.items():
        if key in pooling.alone:
            judged[key] = by_list
            continue
        shown = by_pool(key, by_list, pooling)
        for code in gone.get(key, set()) - set(shown):
            shown[code] = np.zeros((2, GROUPS), dtype=np.int64)
        told = {
            code: releases.judged((ACTIVITY, "|".join(key), code), cell)
            for code, cell in shown.items()
        }
        judged[key] = (
            {code: cell for code, cell in told.items() if cell.any()}
            if releases.any_earlier
            else by_list
        )
    return judged


@dataclass
class EarlierPools:
    """What an earlier release counted with what; it stays, so that no pool of one release less one
    of another leaves few people.
    """

    charges: dict[ChargeKey, ChargeKey] = field(default_factory=dict)
    follows: dict[ChargeKey, tuple[str, str]] = field(default_factory=dict)
    alone: list[ChargeKey] = field(default_factory=list)
    lists: dict[ChargeKey, dict[str, str]] = field(default_factory=dict)
    lists_used: dict[ChargeKey, set[str]] = field(default_factory=dict)
    """By activity that was known then: the lists that used it."""

    @classmethod
    def of(
        cls,
        releases: Releases,
        facts: Mapping[ChargeKey, ChargeFacts],
        side_of: Mapping[str, Side],
    ) -> EarlierPools:
        """Read them; none where there was no release, or its contracts or lists are no more."""
        given = releases.pools
        if not releases.any_earlier or not given:
            return cls()
        found = cls(
            {_key(one): _key(other) for one, other in given["charges"]},
            {_key(one): (other[0], other[1]) for one, other in given["follows"]},
            [_key(one) for one in given["alone"]],
            {_key(one): dict(pools) for one, pools in given["lists"]},
            {_key(one): set(codes) for one, codes in given["used"]},
        )
        known = {*side_of, *pool_codes(set(side_of.values())).values()}
        fits = set(found.charges.values()) <= set(facts) and all(
            set(pools.values()) <= known for pools in found.lists.values()
        )
        return found if fits else cls()

    def joined(
        self,
        key: ChargeKey,
        by_list: Mapping[str, Contributions],
        side_of: Mapping[str, Side],
        codes: Mapping[Side, str],
        rule: DisclosureRule,
    ) -> dict[str, str]:
        """The pools of an activity's lists: as they were, and for lists that did not use it then
        their own where they fit, else the pool, or the list, that most people use it from.
        """
        into = {code: pool for code, pool in self.lists.get(key, {}).items() if code in side_of}
        whole: dict[str, Contributions] = {}
        for code, cell in by_list.items():
            name = into.get(code, code)
            if code in self.lists_used[key] or rule.fits(cell):
                whole[name] = whole[name] + cell if name in whole else cell
        for code, cell in sorted(by_list.items()):
            if code in self.lists_used[key] or rule.fits(cell) or code not in side_of:
                continue
            side = side_of[code]
            near = [name for name in whole if name == codes[side] or side_of.get(name) == side] or [
                name for name in whole if name == codes[MIXED]
            ]
            if near:
                into[code] = min(
                    near, key=lambda one: (one not in codes.values(), -rule.people(whole[one]), one)
                )
            elif whole:  # no pool of its side: it is counted in the mixed one from now on
                into |= dict.fromkeys([*by_list], codes[MIXED])
        return into


def _pools_spelt(pooling: Pooling, used: Mapping[ChargeKey, set[str]]) -> dict[str, object]:
    return {
        "charges": [[list(one), list(other)] for one, other in sorted(pooling.charges.items())],
        "follows": [[list(one), list(other)] for one, other in sorted(pooling.follows.items())],
        "alone": [list(one) for one in pooling.alone],
        "lists": [[list(one), pools] for one, pools in sorted(pooling.lists.items())],
        "used": [[list(one), sorted(codes)] for one, codes in sorted(used.items())],
    }


def _key(given: Sequence[str]) -> ChargeKey:
    contract, line, kind = given
    return contract, line, kind


def pool_codes(sides: set[Side]) -> dict[Side, str]:
    """The code that each side's pool of lists has among gp_lists."""
    several = len({commissioner for _, commissioner in sides}) > 1
    return {MIXED: MIXED_POOL} | {
        side: f"POOLED_{'IN' if side[0] else 'OUT'}" + (f"_{side[1]}" if several else "")
        for side in sides
    }


def by_pool(
    key: ChargeKey, by_list: Mapping[str, Contributions], pooling: Pooling
) -> dict[str, NDArray[np.int64]]:
    """Add the cells of one activity up by list or pool, as they may be shown."""
    shown: dict[str, NDArray[np.int64]] = {}
    for code, cell in by_list.items():
        name = pooling.list_of(key, code)
        shown[name] = shown[name] + cell if name in shown else cell
    return shown
