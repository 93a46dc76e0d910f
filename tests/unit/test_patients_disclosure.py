"""What is published gives no small cell away, whoever adds and subtracts."""

from __future__ import annotations

import numpy as np
import pytest

from wpb.patients.disclosure import bridges, rounded_shares, suppressed_cells
from wpb.patients.publishing import HELD, CrossTable, published

pytestmark = pytest.mark.req(100)


def derivable(held: np.ndarray) -> list[tuple[int, int]]:
    """Attack a table by differencing: list the held-back cells that its totals determine.

    Every total gives one equation in the held-back cells. A cell is known exactly when some combination of the
    equations leaves it alone, that is when its unit vector is in the space their rows span.
    """
    cells = list(zip(*np.nonzero(held), strict=True))
    rows, columns = held.shape
    equations = np.zeros((rows + columns + 1, len(cells)))
    for position, (row, column) in enumerate(cells):
        equations[row, position] = equations[rows + column, position] = equations[-1, position] = 1
    rank = np.linalg.matrix_rank(equations)
    return [cell for position, cell in enumerate(cells) if np.linalg.matrix_rank(np.vstack([equations, np.eye(len(cells))[position]])) == rank]


@pytest.mark.parametrize("seed", range(25))
def test_no_held_back_cell_can_be_worked_out(seed: int) -> None:
    chance = np.random.default_rng(seed)
    people = chance.negative_binomial(1, 0.04, (chance.integers(2, 9), chance.integers(2, 9)))
    held = suppressed_cells(people, 10)
    assert held[(people > 0) & (people < 10)].all()
    assert derivable(held) == []


def test_the_attack_finds_a_lone_cell() -> None:
    held = np.array([[True, False], [False, False]])
    assert derivable(held) == [(0, 0)] == bridges(held)


def test_bridges_are_what_the_attack_finds() -> None:
    chance = np.random.default_rng(3)
    for _ in range(40):
        held = chance.random((5, 6)) < 0.3
        assert sorted((int(row), int(column)) for row, column in derivable(held)) == bridges(held)


def test_published_pence_cannot_be_differenced() -> None:
    people = np.array([[40, 3, 55], [61, 35, 44], [52, 33, 21], [2, 1, 0]])
    pence = people * 12_345
    rows = published(CrossTable(("a", "b", "c", "d"), ("x", "y", "z"), pence, people), 10, "segment")
    shown = {row["segment"]: row for row in rows}
    assert "d" not in shown, "a row too small even in total is put with others"
    assert shown["total"]["total"] == pence.sum()
    held = np.array([[row[column] == HELD for column in ("x", "y", "z")] for row in rows[:-1]])
    assert held.any() and derivable(held) == []


def test_units_by_list_are_told_to_the_nearest_five_and_keep_their_sum() -> None:
    units = np.array([3, 12, 148, 7, 1])
    told = rounded_shares(units, 5)
    assert told.sum() == units.sum()
    assert (np.delete(told, told.argmax()) % 5 == 0).all()
    assert (np.abs(told - units) < 10).all()
