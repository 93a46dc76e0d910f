"""Two releases of one place that differ by a few people: figures that would show it stay as they
were, and follow once more has changed.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import wpb
from wpb.cli import main
from wpb.patients.contributions import pooled
from wpb.patients.gate import GROUPS, DisclosureRule
from wpb.patients.pooling import ChargeFacts, Pooling
from wpb.patients.releases import passes, read_releases
from wpb.patients.synthesis import synthesise

pytestmark = [pytest.mark.req(463)]
RULE = DisclosureRule()
KEY = ("C", "BEDS", "day_case")
FACTS = {KEY: ChargeFacts("priced", "", True, "g")}
SIDES = {code: (code in "abc", "ICB") for code in "abcdef"}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released") / "place"
    synthesise(folder, 1_000, 5, as_csv=True)
    run(folder, "first")
    return folder


def run(place: Path, results: str) -> dict[str, object]:
    loaded = wpb.load(place)
    loaded.run()
    loaded.write_people(place / results)
    told = loaded.summary()
    return {name: told[name] for name in told if name != "problems"}


def change(place: Path, every: int) -> None:
    """Leave out one in so many attendances at an emergency department."""
    path = place / "patients" / "emergency_care.csv"
    with path.open(newline="", encoding="utf-8") as opened:
        rows = list(csv.reader(opened))
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([row for at, row in enumerate(rows) if not at or at % every])


def test_a_correction_of_few_people_changes_no_released_figure(
    released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    shutil.copytree(released, place)
    before = run(place, "again")
    for path in (place / "first" / "people").glob("*.csv"):
        assert path.read_bytes() == (place / "again" / "people" / path.name).read_bytes()
    change(place, 60)
    assert run(place, "second") == before, "the budget stays as it was released, to the penny"
    told = {problem.code for problem in wpb.load(place).check()}
    assert "earlier_figures_kept" in told
    check = ["people", "check", str(place / "second"), "--earlier", str(place / "first")]
    assert main(check) == 0
    written = (place / "second" / "people" / "pooled.csv").read_text(encoding="utf-8")
    assert "EMERGENCY_DEPT,,held: too few people since an earlier release" in written
    header = (place / "second" / "people" / "pence_by_list_and_service.csv").read_text("utf-8")
    assert "EMERGENCY_DEPT" not in header.splitlines()[0], "its pounds would tell the difference"
    assert main(["people", "clear", str(place)]) == 0
    assert run(place, "third") == before, "clearing what is kept forgets no release"
    change(place, 2)
    assert run(place, "fourth") != before, "figures follow once more has changed"
    assert main(["people", "check", str(place / "fourth"), "--earlier", str(place / "first")]) == 0
    capsys.readouterr()


def test_differences_are_let_out_where_an_officer_accepts_them_or_nothing_was_released(
    released: Path, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    shutil.copytree(released, place)
    change(place, 60)
    with (place / "patients" / "patients.yaml").open("a", encoding="utf-8") as opened:
        opened.write("differences_accepted_by: Head of analytics\n")
    found = [one for one in wpb.load(place).check() if one.code == "earlier_releases_not_compared"]
    assert "Head of analytics" in found[0].what
    run(place, "second")
    assert main(["people", "check", str(place / "second"), "--earlier", str(place / "first")]) == 3
    told = json.loads((place / "second" / "people" / "output_check.json").read_text("utf-8"))
    assert told["judged_against"] == []
    kept = place / "patients" / ".released" / "2029-30.json"
    assert kept.is_file() and main(["people", "clear", str(place), "--releases"]) == 0
    assert not kept.is_file()


def people(*amounts: int, first: int = 0) -> np.ndarray:
    cell = np.zeros((2, GROUPS), dtype=np.int64)
    for person, amount in enumerate(amounts, first):
        cell[:, person % GROUPS] += amount
    return cell


def test_a_difference_needs_people_and_no_one_who_dominates_it() -> None:
    before = people(*[5] * 40)
    assert passes(RULE, before, before)
    assert not passes(RULE, before, before + people(*[1] * 9))
    assert passes(RULE, before, before + people(*[1] * 10))
    assert not passes(RULE, before, before + people(900, *[1] * 20))
    pounds_only = before + people(*[1] * 20)
    pounds_only[0] = before[0]
    pounds_only[0, 0] += 1
    assert not passes(RULE, before, pounds_only), "units of one person changed, prices of many"


@pytest.mark.parametrize("seed", range(40))
def test_pools_stay_and_each_figure_is_as_released_or_differs_by_enough(
    seed: int, tmp_path: Path
) -> None:
    chance = np.random.default_rng(seed)
    cells = {
        code: people(*chance.integers(1, 9, size), first=int(chance.integers(0, 61)))
        for code in "abcdef"
        if (size := int(chance.integers(0, 40)))
    }
    if not RULE.fits(sum(cells.values(), people())):
        return
    shown: list[dict[str, np.ndarray]] = []
    for turn in range(3):
        releases, pooling = read_releases(tmp_path, "2029-30", RULE), Pooling(RULE)
        told = pooled({KEY: cells}, FACTS, SIDES, pooling, releases)
        by_pool: dict[str, np.ndarray] = {}
        for code, cell in told.get(KEY, {}).items():
            name = pooling.list_of(KEY, code)
            by_pool[name] = by_pool.get(name, people()) + cell
        assert all(RULE.fits(cell) for cell in by_pool.values())
        shown.append(by_pool)
        releases.remember(str(turn))
        cells = {
            code: cell
            + people(*[1] * int(chance.integers(0, 14)), first=int(chance.integers(0, 61)))
            for code, cell in cells.items()
        }
        if turn == 0:
            cells |= {code: people(3, 4) for code in "abcdef" if code not in cells}
    for number, later in enumerate(shown):
        for before in shown[:number]:
            for name, cell in later.items():
                if name in before:
                    assert passes(RULE, before[name], cell)
                else:
                    assert RULE.fits(cell)
