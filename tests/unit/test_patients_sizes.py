"""A synthetic place of any size is a model that runs."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import wpb
from wpb.patients.synthesis import synthesise


@pytest.mark.req(46, 102, 180)
@pytest.mark.parametrize(("people", "seed"), [(1_000, 1), (30_000, 5), (60_000, 7)])
def test_a_synthetic_place_of_any_size_runs(people: int, seed: int, tmp_path: Path) -> None:
    synthesise(tmp_path / "place", people, seed)
    budget = wpb.load(tmp_path / "place").run()
    assert not [problem for problem in budget.problems if problem.severity == "error"]
    if people >= 20_000:
        units = _units(tmp_path / "place" / "patients" / "summaries")
        assert units["MH_ASSESSMENT"] == pytest.approx(units["COMMON_MH"], rel=0.02), (
            "a service without activity by practice is used as the line is whose activity it"
            " follows"
        )


def _units(summaries: Path) -> dict[str, float]:
    """Use by service line: people of each segment and age band times their use per head."""
    people = {
        (row["segment"], row["age_band"]): float(row["people"])
        for row in _rows(summaries / "segment_people.csv")
    }
    found: dict[str, float] = {}
    for row in _rows(summaries / "segment_use.csv"):
        used = people[row["segment"], row["age_band"]] * float(row["use_per_head"])
        found[row["service_line"]] = found.get(row["service_line"], 0.0) + used
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))
