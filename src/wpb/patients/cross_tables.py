"""Pounds by list or segment and service line, made of cells that may be shown.

A cell is never blank: what few people's care came to is in a pool, so rows and columns add to their
totals and there is nothing to work out from them.
Source: handbook 2.4.5, 3.3.3; req 95, 100, 101, 463.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wpb.patients.allocation import largest_remainder
from wpb.patients.contributions import BY_LIST, by_pool, list_cells
from wpb.patients.disclosure import bridges
from wpb.patients.gate import GROUPS, PENCE, UNITS, Contributions, DisclosureRule
from wpb.patients.outputs import Outputs
from wpb.patients.pooling import grow, summed
from wpb.patients.room import Room
from wpb.patients.segments import Kinds

if TYPE_CHECKING:
    import pyarrow

NOBODY = "people on no list"
SMALL_GROUPS = "small groups together"
BY_PROFILE = "SELECT profile, line, person_group, units, pence FROM by_profile"
SegmentCells = dict[str, dict[str, Contributions]]
"""By service line and segment: what people of each group contribute."""


@dataclass
class CrossTable:
    """Cells of one table that may be shown, by row and column."""

    cells: dict[tuple[str, str], Contributions] = field(default_factory=dict)
    pence: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, row: str, column: str, cell: Contributions, pence: int | None = None) -> None:
        """Add what people contribute to a cell, and its pence where they are not the sum of
        that.
        """
        place = (row, column)
        self.cells[place] = self.cells[place] + cell if place in self.cells else cell.copy()
        amount = int(cell[PENCE].sum()) if pence is None else pence
        self.pence[place] = self.pence.get(place, 0) + amount

    def without(self, columns: Collection[str]) -> CrossTable:
        """The same table without some columns, and its totals without them."""
        return CrossTable(
            {place: cell for place, cell in self.cells.items() if place[1] not in columns},
            {place: pence for place, pence in self.pence.items() if place[1] not in columns},
        )

    def note(self, outputs: Outputs, table: str, pools: Collection[str]) -> None:
        """Note every cell for the output checker, with the totals of rows and columns."""
        if not self.cells:
            return
        for (row, column), cell in sorted(self.cells.items()):
            outputs.add((table, row, column), cell, "pooled" if row in pools else "released")
        for row in sorted({row for row, _ in self.cells}):
            outputs.add((table, row, "total"), self._sum(row=row))
        for column in sorted({column for _, column in self.cells}):
            outputs.add((table, "total", column), self._sum(column=column))
        outputs.add((table, "total", "total"), self._sum())

    def _sum(self, row: str = "", column: str = "") -> Contributions:
        chosen = (
            cell
            for (of_row, of_column), cell in self.cells.items()
            if row in ("", of_row) and column in ("", of_column)
        )
        return summed(chosen, 2)

    def published(self, first: str, last: Sequence[str] = ()) -> list[dict[str, object]]:
        """Give the table as rows with its totals; rows named in `last` come last."""
        columns = sorted({column for _, column in self.pence})
        names = sorted({row for row, _ in self.pence}, key=lambda row: (row in last, row))
        rows: list[dict[str, object]] = []
        for name in names:
            amounts = {column: self.pence.get((name, column), 0) for column in columns}
            rows.append({first: name, **amounts, "total": sum(amounts.values())})
        sums = {
            column: sum(self.pence.get((name, column), 0) for name in names) for column in columns
        }
        return [*rows, {first: "total", **sums, "total": sum(sums.values())}]


def by_list_table(room: Room) -> CrossTable:
    """Add pounds up by list or pool and service line, in the pools that the budget was made with.

    Services without activity by practice follow the shown units of the line whose pattern they
    take. Source: handbook 2.4.5; req 95, 101, 463.
    """
    pooling, elsewhere = room.decide_pools(), room.list_of_kind("elsewhere")
    found = room.encode().stages.fetch(BY_LIST)
    cells = list_cells(found, room.charge_keys, [elsewhere, *room.list_codes])
    patterns: dict[tuple[str, str], dict[str, Contributions]] = {}
    for key, by_list in sorted(room.pooled_cells.items()):
        if key not in pooling.alone:
            pattern = patterns.setdefault(key[:2], {})
            for name, cell in by_pool(key, by_list, pooling).items():
                pattern[name] = pattern[name] + cell if name in pattern else cell
    table, proxies = CrossTable(), room.proxies
    for key, by_list in sorted(cells.items()):
        if key in proxies:
            followed = patterns.get(proxies[key], {})
            total = int(sum(cell[PENCE].sum() for cell in by_list.values()))
            units = {name: int(cell[UNITS].sum()) for name, cell in sorted(followed.items())}
            for name, pence in largest_remainder(total, units).items():
                table.add(_name(name, elsewhere), key[1], followed[name], pence)
            continue
        for name, cell in by_pool(key, by_list, pooling).items():
            table.add(_name(name, elsewhere), key[1], cell)
    return table


def _name(code: str, elsewhere: str) -> str:
    return NOBODY if code == elsewhere else code


def segment_cells(found: pyarrow.Table, kinds: Kinds, lines: Sequence[str]) -> SegmentCells:
    """Read the by_profile result by service line and segment; people on no list are NOBODY."""
    profiles, numbers, groups, units, pence = (
        np.asarray(column.to_numpy(), dtype=np.int64) for column in found.columns
    )
    names = sorted({*kinds.segment.values(), NOBODY})
    place = np.full(max(kinds.segment, default=0) + 1, names.index(NOBODY), dtype=np.int64)
    for profile, segment in kinds.segment.items():
        place[profile] = names.index(segment)
    dense = np.zeros((len(lines), len(names), 2, GROUPS), dtype=np.int64)
    np.add.at(dense[:, :, UNITS], (numbers, place[profiles], groups), units)
    np.add.at(dense[:, :, PENCE], (numbers, place[profiles], groups), pence)
    cells: SegmentCells = {}
    for line, segment in zip(*np.nonzero(dense[:, :, UNITS].any(axis=-1)), strict=True):
        cells.setdefault(lines[line], {})[names[segment]] = dense[line, segment]
    return cells


def by_segment_table(cells: SegmentCells, rule: DisclosureRule) -> tuple[CrossTable, str]:
    """Add pounds up by segment and service line, segments with few users of a line in its pool; and
    name the segment that people on no list are put with.

    People on no list go with the segment that most people are in, and its cells are judged by its
    own people, as the table by list may show people on no list in a row of their own. What of a
    segment is in pools must itself fit, or be nothing: its value over all lines is published too.
    Source: handbook 2.4.5; req 100, 463.
    """
    whole = {
        segment: summed((by[segment] for by in cells.values() if segment in by), 2)
        for segment in sorted({name for by in cells.values() for name in by} - {NOBODY})
    }
    most = min(whole, key=lambda name: (-_users_of(name, cells), name), default="")
    forced: set[tuple[str, str]] = {
        (line, segment) for segment, cell in whole.items() if not rule.fits(cell) for line in cells
    }
    while True:
        pools = {line: _pooled(by, most, rule, forced, line) for line, by in cells.items()}
        more = _remainder(cells, whole, pools, forced, rule)
        if more is None:
            break
        forced.add(more)
    table = CrossTable()
    joined = f"{most}, and {NOBODY}" if any(NOBODY in by for by in cells.values()) else most
    for line, by_segment in cells.items():
        for segment, cell in by_segment.items():
            home = most if segment == NOBODY else segment
            name = SMALL_GROUPS if home in pools[line] else joined if home == most else home
            table.add(name, line, cell)
    return table, most


def _users_of(segment: str, cells: SegmentCells) -> int:
    return sum(int(np.count_nonzero(by[segment][UNITS])) for by in cells.values() if segment in by)


def _pooled(
    by_segment: Mapping[str, Contributions],
    most: str,
    rule: DisclosureRule,
    forced: set[tuple[str, str]],
    line: str,
) -> set[str]:
    """The segments that are in a line's pool."""
    judged = {name: cell for name, cell in by_segment.items() if name != NOBODY}
    if most and most not in judged and NOBODY in by_segment:
        judged[most] = np.zeros_like(by_segment[NOBODY])
        judged[most][:, 0] = 1
    small = {name for name, cell in judged.items() if (line, name) in forced or not rule.fits(cell)}
    return (grow(small, judged, judged, rule) or set(judged)) if small else small


def _remainder(
    cells: SegmentCells,
    whole: Mapping[str, Contributions],
    pools: Mapping[str, set[str]],
    forced: set[tuple[str, str]],
    rule: DisclosureRule,
) -> tuple[str, str] | None:
    """One more line and segment to pool, where what of a segment is in pools does not fit."""
    for segment in whole:
        inside = [line for line, by in cells.items() if segment in by and segment in pools[line]]
        outside = [line for line, by in cells.items() if segment in by and line not in inside]
        if inside and outside:
            pooled = summed((cells[line][segment] for line in inside), 2)
            if not rule.fits(pooled):
                users = {
                    line: int(np.count_nonzero(cells[line][segment][UNITS])) for line in outside
                }
                return min(outside, key=lambda line: (users[line], line)), segment
    names, lines = sorted(whole), sorted(cells)
    held = np.array(
        [[name in pools[line] and name in cells[line] for line in lines] for name in names],
        dtype=np.bool_,
    ).reshape(len(names), len(lines))
    for row, column in bridges(held):
        line, segment = lines[column], names[row]
        if not rule.fits(cells[line][segment]):
            spare = [
                *((other, segment) for other in lines if segment in cells[other]),
                *((line, other) for other in sorted(set(cells[line]) - {NOBODY})),
            ]
            near = [one for one in spare if one not in forced and one[1] not in pools[one[0]]]
            if near:
                return min(
                    near, key=lambda one: (int(np.count_nonzero(cells[one[0]][one[1]][UNITS])), one)
                )
    return None
