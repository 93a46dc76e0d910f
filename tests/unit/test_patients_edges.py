"""Births, movers, the dead, people on two lists and residents without a GP: each counted, named,
and with the right pounds.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

import wpb
from wpb.kernel.problems import Problem
from wpb.patients.synthesis import synthesise

PEOPLE = 1_000
REGISTER, CARE = "person_register", "emergency_care"
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth") / "place"
    synthesise(folder, PEOPLE, 5, as_csv=True)
    return folder


def records(place: Path, table: str) -> Rows:
    with (place / "patients" / f"{table}.csv").open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def write(place: Path, table: str, rows: Rows) -> None:
    with (place / "patients" / f"{table}.csv").open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.req(96, 99, 234)
@pytest.mark.parametrize("each", [40, 3], ids=["enough people to tell", "few people"])
def test_people_at_the_edges_are_counted_named_and_priced(
    made: Path, tmp_path: Path, each: int
) -> None:
    place = tmp_path / "place"
    shutil.copytree(made, place, ignore=shutil.ignore_patterns(".engine", "summaries"))
    first, visit = records(place, REGISTER)[0], records(place, CARE)[0]
    plain = {"age": "40", "sex": "f", "joined_on": "", "left_on": "", "died_on": ""}
    lists = sorted({row["list_code"] for row in records(place, REGISTER)} - {""})[:2]

    def stay(name: str, at: str, **given: str) -> dict[str, str]:
        return first | plain | {"pseudonym": name, "list_code": at} | given

    people = [
        *(stay(f"DEAD{n}", lists[0], died_on="2029-09-30") for n in range(each)),
        *(stay(f"BORN{n}", lists[0], age="0", joined_on="2029-10-01") for n in range(each)),
        *(stay(f"MOVED{n}", lists[0], left_on="2029-08-31") for n in range(each)),
        *(stay(f"MOVED{n}", lists[1], joined_on="2029-09-01") for n in range(each)),
        *(stay(f"TWICE{n}", lists[0]) for n in range(each)),
        *(stay(f"TWICE{n}", lists[1], joined_on="2029-12-01") for n in range(each)),
        *(stay(f"NOGP{n}", "") for n in range(each)),
    ]
    write(place, REGISTER, records(place, REGISTER) + people)
    visits = [
        (name, day, at)
        for kind, on, place_of_day in (
            ("DEAD", "2029-09-30", lists[0]),
            ("DEAD", "2029-11-01", "ELSE1"),
            ("BORN", "2029-10-01", lists[0]),
            ("MOVED", "2029-08-31", lists[0]),
            ("MOVED", "2029-09-01", lists[1]),
            ("TWICE", "2029-11-30", lists[0]),
            ("TWICE", "2029-12-01", lists[1]),
            ("NOGP", "2029-12-25", "UNREG1"),
        )
        for name, day, at in [(f"{kind}{n}", on, place_of_day) for n in range(each)]
    ]
    write(
        place,
        CARE,
        [
            visit
            | {
                "record": str(900_001 + number),
                "pseudonym": name,
                "arrived_on": day,
                "units": "100",
            }
            for number, (name, day, _) in enumerate(visits)
        ],
    )
    settings = place / "patients" / "patients.yaml"
    text = settings.read_text(encoding="utf-8").replace(
        "stop_over_share: 0.1", "stop_over_share: 0.9"
    )
    settings.write_text(text, encoding="utf-8")
    found: dict[str, Problem] = {}
    for problem in wpb.load(place).check():
        found.setdefault(f"{problem.where.sheet if problem.where else ''} {problem.code}", problem)
    dead = next(p.what for code, p in found.items() if code.startswith(CARE) and "death" in code)
    told = (
        f"About {each} of {8 * each} records of {CARE} dated after the person's death (about \u00a3"
    )
    hidden = (
        f"Some records of {CARE} dated after the person's death: how many, and their pounds, are"
    )
    assert dead.startswith(told if each > 10 else hidden)
    assert not [code for code in found if code.startswith(CARE) and "not_on_register" in code]
    twice = next(p.what for code, p in found.items() if "register_overlapping_stays" in code)
    assert f"next one: {each if each > 10 else 'fewer than 10'};" in twice
    path = place / "patients" / "summaries" / "activity_by_list.csv"
    with path.open(newline="", encoding="utf-8") as opened:
        units = {
            row["list_code"]: float(row["units"])
            for row in csv.DictReader(opened)
            if row["service_line"] == "EMERGENCY_DEPT"
        }
    expected: dict[str, float] = {}
    for _, _, at in visits:
        expected[at] = expected.get(at, 0) + 100
    assert sum(units.values()) == sum(expected.values())
    for at, wanted in expected.items() if each > 10 else ():
        assert units[at] == pytest.approx(wanted, abs=5)
