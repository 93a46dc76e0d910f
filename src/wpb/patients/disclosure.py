"""Counts rounded so that no few people show, and the cells that the totals of a table give away.

A table with row and column totals gives a suppressed cell away exactly when it is a bridge of the
graph whose points are the rows and columns and whose lines are the suppressed cells: then every
other suppressed cell can be eliminated. Source: handbook 2.4.5; req 100.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


def rounded_counts(counts: Numbers, base: int) -> Numbers:
    """Round counts half-up to a multiple of the base."""
    return (counts + base // 2) // base * base


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
