"""What is published gives no small cell away, whoever adds and subtracts."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import wpb
from wpb.patients.disclosure import bridges, rounded_shares, suppressed_cells
from wpb.patients.publishing import HELD, NOBODY, CrossTable, published, with_nobody_joined
from wpb.patients.synthesis import synthesise

pytestmark = pytest.mark.req(100)


def derivable(held: np.ndarray) -> list[tuple[int, int]]:
    """Attack a table by differencing: list the held-back cells that its totals determine.

    Every total gives one equation in the held-back cells. A cell is known exactly when some
    combination of the equations leaves it alone, that is when its unit vector is in the space their
    rows span.
    """
    cells = list(zip(*np.nonzero(held), strict=True))
    rows, columns = held.shape
    equations = np.zeros((rows + columns + 1, len(cells)))
    for position, (row, column) in enumerate(cells):
        equations[row, position] = equations[rows + column, position] = equations[-1, position] = 1
    rank = np.linalg.matrix_rank(equations)
    return [
        cell
        for position, cell in enumerate(cells)
        if np.linalg.matrix_rank(np.vstack([equations, np.eye(len(cells))[position]])) == rank
    ]


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
    rows = published(
        CrossTable(("a", "b", "c", "d"), ("x", "y", "z"), pence, people), 10, "segment"
    )
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


def shown_values(table: CrossTable, smallest: int) -> tuple[list[str], np.ndarray]:
    """What a reader has of a published table: the names of its rows, and pence or a blank (NaN),
    totals last.
    """
    rows = published(table, smallest, "row")
    values = [
        [
            float("nan") if row[column] == HELD else float(str(row[column]))
            for column in (*table.columns, "total")
        ]
        for row in rows
    ]
    return [str(row["row"]) for row in rows], np.array(values)


@pytest.mark.parametrize("seed", range(30))
def test_two_tables_side_by_side_give_no_few_people_away(seed: int) -> None:
    """Attack the table by list and the table by segment together: both hold the people on no list."""
    chance = np.random.default_rng(seed)
    lists, segments, lines = 4, 4, 5
    people = chance.negative_binomial(1, 0.02, (lists, segments, lines))
    people[:, 0] = chance.integers(0, 2, (lists, lines))  # a segment of very few
    nobody = chance.integers(0, 60, lines)
    by_list = np.vstack([people.sum(axis=1), nobody])
    by_segment = np.vstack([people.sum(axis=0), nobody])
    first = CrossTable((*"ABCD", NOBODY), tuple("vwxyz"), by_list * 1_000 + by_list % 7, by_list)
    second = CrossTable(
        (*"klmn", NOBODY), tuple("vwxyz"), by_segment * 1_000 + by_segment % 7, by_segment
    )
    unknowns = {
        (kind, row, column): place
        for place, (kind, row, column) in enumerate(
            [("list", row, column) for row in range(lists + 1) for column in range(lines)]
            + [("segment", row, column) for row in range(segments) for column in range(lines)]
        )
    }

    def cells_of(
        kind: str, name: str, names: tuple[str, ...], seen: list[str]
    ) -> list[tuple[str, int]]:
        """The rows of pounds that a published row adds up; people on no list are the same pounds in
        both tables.
        """
        if name == "total":
            wanted = list(names)
        elif name == "small groups together":
            wanted = [
                each for each in names if not any(each in other.split(", and ") for other in seen)
            ]
        else:
            wanted = name.split(", and ")
        return [("list", lists) if each == NOBODY else (kind, names.index(each)) for each in wanted]

    equations = []
    for kind, table in (("list", first), ("segment", with_nobody_joined(second))):
        names, values = shown_values(table, 10)
        for name, row in zip(names, values, strict=True):
            for column, value in enumerate(row):
                if np.isnan(value):
                    continue
                equation = np.zeros(len(unknowns))
                for of_kind, place in cells_of(
                    kind, name, first.rows if kind == "list" else second.rows, names
                ):
                    for each in range(lines) if column == lines else (column,):
                        equation[unknowns[of_kind, place, each]] += 1
                equations.append(equation)
    known = np.array(equations)
    rank = np.linalg.matrix_rank(known)
    for (kind, row, column), place in unknowns.items():
        count = (by_list if kind == "list" else by_segment)[row, column]
        if 0 < count < 10:
            target = np.zeros(len(unknowns))
            target[place] = 1
            assert np.linalg.matrix_rank(np.vstack([known, target])) > rank, (
                f"{kind} {row} {column} of {count} people is given away"
            )


def test_the_credibility_of_a_small_segment_is_held_back_too(tmp_path: Path) -> None:
    """Credibility is n / (n + k) with one k for all, so a shown one would give the count of a
    held-back segment away.
    """
    folder = tmp_path / "place"
    synthesise(folder, 1_200, 5)
    loaded = wpb.load(folder)
    loaded.run()
    loaded.write_people(folder / "results")
    with (folder / "results" / "people" / "value_by_segment.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    held = [row for row in rows if row["people"] == HELD]
    assert held and {row["credibility"] for row in held} == {HELD}
