"""Totals by person: an array where people's numbers lie close together, hashing where they do not,
the same pence either way.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wpb.patients.embedded import EmbeddedEngine
from wpb.patients.engine import Cancelled


def totals(
    folder: Path, rows: list[tuple[int, int]], people: list[int], name: str
) -> dict[int, int]:
    """Add rows of (person, pence) up with an engine of their own."""
    engine = EmbeddedEngine(scratch=folder / f"spill-{name}")
    try:
        engine.place("people", pyarrow.table({"person": pyarrow.array(people, pyarrow.int64())}))
        engine.place(
            "amounts",
            pyarrow.table(
                {
                    "person": pyarrow.array([person for person, _ in rows], pyarrow.int64()),
                    "pence": pyarrow.array([pence for _, pence in rows], pyarrow.int64()),
                }
            ),
        )
        engine.materialise_totals("SELECT person, pence FROM amounts", "people", folder / name)
        engine.attach("found", folder / name)
        return {
            row["person"]: row["pence"]
            for row in engine.fetch("SELECT person, pence FROM found").to_pylist()
        }
    finally:
        engine.close()


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 40), st.integers(-10_000_000_000, 10_000_000_000)), max_size=60
    )
)
@settings(max_examples=25, deadline=None)
def test_people_close_together_and_far_apart_have_the_same_totals(
    rows: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, far = tmp_path_factory.mktemp("totals"), 10**15 + 7
    expected = Counter({person: 0 for person, _ in rows})
    for person, pence in rows:
        expected[person] += pence
    close_by = totals(folder, rows, list(range(41)), "close")
    spread = totals(
        folder,
        [(person * far, pence) for person, pence in rows],
        [person * far for person in range(41)],
        "spread",
    )
    below_nought = totals(
        folder,
        [(person - 20, pence) for person, pence in rows],
        [person - 20 for person in range(41)],
        "below",
    )
    assert close_by == dict(expected)
    assert spread == {person * far: pence for person, pence in expected.items()}
    assert below_nought == {person - 20: pence for person, pence in expected.items()}


def test_amounts_that_might_leave_64_bits_are_added_by_the_engine_itself(tmp_path: Path) -> None:
    huge = 2**61
    assert totals(tmp_path, [(1, huge), (1, -huge), (2, huge), (2, 5)], [1, 2], "huge") == {
        1: 0,
        2: huge + 5,
    }


def test_a_total_of_no_rows_is_an_empty_result(tmp_path: Path) -> None:
    assert totals(tmp_path, [], [], "none") == {}


def test_adding_up_is_stopped_when_it_is_asked_to(tmp_path: Path) -> None:
    engine = EmbeddedEngine(scratch=tmp_path / "spill")
    engine.place("people", pyarrow.table({"person": pyarrow.array(range(1000), pyarrow.int64())}))
    asking = threading.Timer(0.3, engine.interrupt)
    asking.start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        engine.materialise_totals(
            "SELECT i % 1000 AS person, CAST(hash(i) % 97 AS BIGINT) AS pence FROM"
            " range(20000000000) AS r(i)",
            "people",
            tmp_path / "stopped",
        )
    assert time.monotonic() - started < 60
    assert not (tmp_path / "stopped").exists()
    assert engine.fetch("SELECT COUNT(*) AS people FROM people").to_pylist() == [{"people": 1000}]
