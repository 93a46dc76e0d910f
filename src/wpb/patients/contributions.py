"""What each group of people contributes to the cells of a run, read from the engine's results into
arrays.

Source: handbook 2.4.5; req 95, 463.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wpb.patients.gate import GROUPS, UNITS, Contributions
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
from wpb.patients.spending import ChargeKey
from wpb.tables.schema import TypedTable

if TYPE_CHECKING:
    import pyarrow

    from wpb.patients.cells import Cells

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
) -> ListCells:
    """Decide the pools of a run, and give its cells by pooled activity, lists as they were.

    Source: handbook 2.4.5; req 463.
    """
    pool_charges(
        {key: summed(by_list.values(), 2) for key, by_list in cells.items()}, facts, pooling
    )
    together: ListCells = {}
    for key, by_list in cells.items():
        into = together.setdefault(pooling.key_of(key), {})
        for code, cell in by_list.items():
            into[code] = into[code] + cell if code in into else cell
    for key, by_list in together.items():
        into_pools = pool_lists(
            by_list,
            side_of,
            pool_codes(set(side_of.values())),
            pooling.rule,
            pooling.without_people,
        )
        if into_pools:
            pooling.lists[key] = dict(sorted(into_pools.items()))
    return together


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
