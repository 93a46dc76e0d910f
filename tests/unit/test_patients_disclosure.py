"""What is published gives no small cell away, whoever adds and subtracts."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import wpb
from wpb.patients.cross_tables import NOBODY, SMALL_GROUPS, by_segment_table
from wpb.patients.disclosure import bridges, rounded_shares
from wpb.patients.gate import GROUPS, DisclosureRule
from wpb.patients.pooling import (
    MIXED,
    ChargeFacts,
    Pooling,
    pool_charges,
    pool_lists,
    summed,
)
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


def test_the_attack_finds_a_lone_cell() -> None:
    held = np.array([[True, False], [False, False]])
    assert derivable(held) == [(0, 0)] == bridges(held)


def test_bridges_are_what_the_attack_finds() -> None:
    chance = np.random.default_rng(3)
    for _ in range(40):
        held = chance.random((5, 6)) < 0.3
        assert sorted((int(row), int(column)) for row, column in derivable(held)) == bridges(held)


def test_units_by_list_are_told_to_the_nearest_five_and_keep_their_sum() -> None:
    units = np.array([3, 12, 148, 7, 1])
    told = rounded_shares(units, 5)
    assert told.sum() == units.sum()
    assert (np.delete(told, told.argmax()) % 5 == 0).all()
    assert (np.abs(told - units) < 10).all()


def people(*amounts: int) -> np.ndarray:
    """A cell in which each person has an amount: as units, and as pence."""
    cell = np.zeros((2, GROUPS), dtype=np.int64)
    for person, amount in enumerate(amounts):
        cell[:, person % GROUPS] += amount
    return cell


@pytest.mark.req(463)
def test_a_cell_needs_people_and_no_one_who_dominates_it() -> None:
    rule = DisclosureRule()
    assert rule.fits(people(*[5] * 10)) and not rule.fits(people(*[5] * 9))
    assert not rule.fits(people(900, *[1] * 30)), "31 people, and one of them has nearly all of it"
    assert rule.fits(people(90, 80, *[1] * 9)), "what is left is a tenth of the largest"
    assert not rule.fits(people(90, 80, *[1] * 8))
    of_two = DisclosureRule(largest=2, largest_share=0.8)
    assert of_two.fits(people(40, 40, *[5] * 8)) and not of_two.fits(people(50, 50, *[2] * 8))


SIDES = {code: (code in "abc", "ICB") for code in "abcdef"}
CODES = {(True, "ICB"): "IN", (False, "ICB"): "OUT", MIXED: "MIXED"}


@pytest.mark.req(463)
@pytest.mark.parametrize("seed", range(60))
def test_whatever_lists_use_each_figure_shown_fits_and_all_use_is_in_one(seed: int) -> None:
    chance, rule = np.random.default_rng(seed), DisclosureRule()
    cells = {
        code: people(*chance.integers(1, 400, int(chance.negative_binomial(1, 0.08))) ** 2)
        if chance.random() < 0.9
        else people()
        for code in "abcdef"
    }
    whole = summed(cells.values(), 2)
    if not rule.fits(whole):
        return
    into = pool_lists(cells, SIDES, CODES, rule)
    shown: dict[str, np.ndarray] = {}
    for code, cell in cells.items():
        name = into.get(code, code)
        shown[name] = shown.get(name, people()) + cell
    assert all(rule.fits(cell) for cell in shown.values() if cell.any())
    assert (summed(shown.values(), 2) == whole).all()
    assert all(
        name in "abcdef" or CODES[SIDES[code]] == name or name == "MIXED"
        for code, name in into.items()
    )
    assert all(SIDES[code] == SIDES[name] for code, name in into.items() if name in SIDES), (
        "a list is counted only with one on its side of the scope"
    )


@pytest.mark.req(463)
def test_an_activity_of_one_user_is_counted_with_its_nearest_neighbour() -> None:
    many, one = people(*[3] * 40), people(7)
    keys = {
        ("C", "BEDS", "elective"): one,
        ("C", "BEDS", "day_case"): many,
        ("C", "CLINIC", "first"): people(*[3] * 30),
        ("D", "NURSE", "home"): one,
    }
    facts = {
        key: ChargeFacts("block" if key[0] == "D" else "priced", "", key[1] != "CLINIC", "g")
        for key in keys
    }
    pooling = Pooling(DisclosureRule())
    pool_charges(keys, facts, pooling)
    assert pooling.charges == {("C", "BEDS", "elective"): ("C", "BEDS", "day_case")}
    assert pooling.alone == [("D", "NURSE", "home")], "it has no neighbour in its contract"
    keys["D", "THERAPY", "clinic"] = many
    facts["D", "THERAPY", "clinic"] = facts["D", "NURSE", "home"]
    pooling = Pooling(DisclosureRule())
    pool_charges(keys, facts, pooling)
    assert pooling.follows == {("D", "NURSE", "home"): ("D", "THERAPY")}, (
        "a line of a block contract keeps its sum and follows the pattern of another"
    )


@pytest.mark.req(463)
def test_segments_with_few_users_are_pooled_and_their_totals_give_none_away() -> None:
    cells = {
        "BEDS": {"a": people(*[9] * 40), "b": people(*[9] * 30), "c": people(*[9] * 20)},
        "CLINIC": {"a": people(*[9] * 40), "b": people(*[9] * 30), "c": people(9, 9)},
        "NURSE": {"a": people(*[9] * 40), "b": people(*[9] * 30), NOBODY: people(9)},
    }
    table, most = by_segment_table(cells, DisclosureRule())
    assert most == "a" and all(DisclosureRule().fits(cell) for cell in table.cells.values())
    rows = {row["segment"]: row for row in table.published("segment", [SMALL_GROUPS])}
    assert rows["total"]["total"] == 9 * (90 + 72 + 71)
    assert "c" not in rows, (
        "its beds are pooled too: what it has in all, less them, would be two people's"
    )


def test_a_small_segment_is_valued_with_others(tmp_path: Path) -> None:
    """Credibility is n / (n + k) with one k for all, so a shown one would give the count of a
    suppressed segment away.
    """
    folder = tmp_path / "place"
    synthesise(folder, 1_200, 5)
    loaded = wpb.load(folder)
    loaded.run()
    loaded.write_people(folder / "results")
    with (folder / "results" / "people" / "value_by_segment.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert SMALL_GROUPS in {row["segment"] for row in rows}
    assert all(int(row["people"]) >= 10 for row in rows)
