"""Tables fit to leave the engine: small cells suppressed, and enough others with them that none can
be worked out.

A table with row and column totals gives a suppressed cell away exactly when it is a bridge of the
graph whose points are the rows and columns and whose lines are the suppressed cells: then every
other suppressed cell can be eliminated. So cells are suppressed until there is no bridge. Source:
handbook 2.4.5; req 100.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


def rounded_counts(counts: Numbers, base: int) -> Numbers:
    """Round counts half-up to a multiple of the base."""
    return (counts + base // 2) // base * base


def suppressed_cells(people: Numbers, smallest: int) -> Flags:
    """Say which cells of a table with published totals to hold back, given the people in each.

    First every cell of 1 to smallest - 1 people; then, while a held-back cell could be worked out
    from totals, or the held-back cells of a row or column add to fewer than `smallest` people, the
    cell with the fewest people that mends it.
    Source: handbook 2.4.5; req 100.
    """
    held = (people > 0) & (people < smallest)
    while True:
        exposed = bridges(held)
        thin = _thin_lines(people, held, smallest)
        if not len(exposed) and thin is None:
            return held
        cell = _mending_cell(people, held, exposed[0]) if len(exposed) else thin
        if cell is None:
            held = held | (people > 0)
            return held
        held[cell] = True


def _thin_lines(people: Numbers, held: Flags, smallest: int) -> tuple[int, int] | None:
    """The next cell to hold back in a row or column whose held-back people are too few, if there is
    one.
    """
    for axis in (0, 1):
        sums = np.where(held, people, 0).sum(axis=1 - axis)
        for line in np.flatnonzero((sums > 0) & (sums < smallest)):
            index = np.flatnonzero(
                ~np.take(held, line, axis=axis) & (np.take(people, line, axis=axis) > 0)
            )
            if len(index):
                along = np.take(people, line, axis=axis)[index]
                other = int(index[np.argmin(along)])
                return (int(line), other) if axis == 0 else (other, int(line))
    return None


def _mending_cell(people: Numbers, held: Flags, exposed: tuple[int, int]) -> tuple[int, int] | None:
    """The cell with the fewest people that closes a ring through the exposed cell."""
    without = held.copy()
    without[exposed] = False
    part = _parts(without)
    rows, columns = people.shape
    row_part, column_part = part[:rows], part[rows:]
    own, other = row_part[exposed[0]], column_part[exposed[1]]
    candidates = (
        ~held
        & (people > 0)
        & (
            ((row_part == own)[:, None] & (column_part == other)[None, :])
            | ((row_part == other)[:, None] & (column_part == own)[None, :])
        )
    )
    if not candidates.any():
        # No one cell closes the ring: take the least one that joins the exposed row or column to
        # another.
        near = np.zeros_like(held)
        near[exposed[0], :] = near[:, exposed[1]] = True
        candidates = ~held & near & (people > 0)
    if not candidates.any():
        return None
    least = int(np.argmin(np.where(candidates, people, np.iinfo(np.int64).max)))
    return least // columns, least % columns


def _parts(held: Flags) -> NDArray[np.int64]:
    """Number the connected parts of the graph of held-back cells, by row and then column."""
    rows, columns = held.shape
    part = np.arange(rows + columns)

    def root(point: int) -> int:
        while part[point] != point:
            part[point] = part[part[point]]
            point = int(part[point])
        return point

    for row, column in zip(*np.nonzero(held), strict=True):
        first, second = root(int(row)), root(rows + int(column))
        part[max(first, second)] = min(first, second)
    return np.array([root(point) for point in range(rows + columns)], dtype=np.int64)


def bridges(held: Flags) -> list[tuple[int, int]]:
    """List the held-back cells that row and column totals give away, in order: the bridges of their
    graph.
    """
    rows, columns = held.shape
    near: list[list[int]] = [[] for _ in range(rows + columns)]
    for row, column in zip(*np.nonzero(held), strict=True):
        near[int(row)].append(rows + int(column))
        near[rows + int(column)].append(int(row))
    order, lowest, found, turn = [-1] * len(near), [0] * len(near), [], 0
    for start in range(len(near)):
        if order[start] >= 0:
            continue
        order[start] = lowest[start] = turn
        turn += 1
        path = [(start, -1, 0)]
        while path:
            point, came_from, position = path.pop()
            if position < len(near[point]):
                path.append((point, came_from, position + 1))
                neighbour = near[point][position]
                if order[neighbour] < 0:
                    order[neighbour] = lowest[neighbour] = turn
                    turn += 1
                    path.append((neighbour, point, 0))
                elif neighbour != came_from:
                    lowest[point] = min(lowest[point], order[neighbour])
            elif came_from >= 0:
                lowest[came_from] = min(lowest[came_from], lowest[point])
                if lowest[point] > order[came_from]:
                    found.append((min(point, came_from), max(point, came_from) - rows))
    return sorted(found)


def rounded_shares(units: Numbers, base: int) -> Numbers:
    """Round the units of one activity by list to multiples of the base, keeping their sum: what is
    left goes to the largest.

    The sum is a published figure; each list's units are told only to the nearest `base`, so a small
    list's use can't be worked out. Source: handbook 2.4.5; req 100.
    """
    total = int(units.sum())
    parts = units // base * base
    owed = (total - int(parts.sum())) // base
    order = np.lexsort((np.arange(len(units)), parts - units))
    parts[order[:owed]] += base
    parts[int(np.argmax(parts))] += total - int(parts.sum())
    return parts
