"""What a run publishes of a cohort and a risk score, and how it stops: limits told, Ctrl-C heard,
nothing about one person.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import wpb
from wpb.cli import main
from wpb.patients.cohort import gives_away_few
from wpb.patients.cross_tables import NOBODY
from wpb.patients.gate import (
    GROUPS,
    PENCE,
    UNITS,
    Contributions,
    DisclosureRule,
    significant,
)
from wpb.patients.publishing import all_or_none
from wpb.patients.releases import forget_releases
from wpb.patients.risk_publishing import tenths_together
from wpb.patients.synthesis import synthesise
from wpb.patients.use_by_age import HELD, UseCell, age_profiles

PEOPLE = 3_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth") / "place"
    synthesise(folder, PEOPLE, 5)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "place"
    shutil.copytree(made, copied, ignore=shutil.ignore_patterns("results"))
    return copied


def set_risk(place: Path, lines: str) -> None:
    with (place / "patients" / "patients.yaml").open("a", encoding="utf-8") as opened:
        opened.write(f"risk:\n{lines}")


def supply(place: Path, scores: list[tuple[object, object]]) -> None:
    with (place / "patients" / "risk_scores.csv").open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([("pseudonym", "score"), *scores])


def pseudonyms(place: Path) -> list[int]:
    from pyarrow import parquet

    return sorted(
        set(
            parquet.read_table(place / "patients" / "person_register")
            .column("pseudonym")
            .to_pylist()
        )
    )


def publish(place: Path) -> tuple[dict[str, list[dict[str, str]]], list[str]]:
    """Run a place and give the tables it publishes of people by name, with the codes of the
    warnings.
    """
    forget_releases(place / "patients")  # each run of a test is a release of its own
    loaded = wpb.load(place)
    loaded.run()
    warnings = loaded.write_people(place / "results")
    tables = {}
    for path in (place / "results" / "people").glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as opened:
            tables[path.stem] = list(csv.DictReader(opened))
    return tables, [warning.code for warning in warnings]


@pytest.mark.req(181, 100)
def test_a_cohort_and_everyone_else_are_counted_and_valued(place: Path) -> None:
    tables, warnings = publish(place)
    inside, outside = tables["integrated_care_cohort"]
    assert not warnings and "risk_score" not in tables
    assert abs(int(inside["people"]) + int(outside["people"]) - PEOPLE) <= 5
    assert int(inside["people"]) % 5 == 0 and int(outside["people"]) % 5 == 0
    assert int(inside["pence_per_head"]) > 2 * int(outside["pence_per_head"]), (
        "people with long-term conditions cost more"
    )
    for name in ("pence_by_list_and_service", "pence_by_segment_and_service"):
        whole = next(
            row for row in tables[name] if "total" in (row.get("list_code"), row.get("segment"))
        )
        assert int(inside["pence"]) + int(outside["pence"]) == int(whole["total"]), (
            f"nothing is left of {name} to be worked out, as people on no list would be"
        )
    assert (inside["part"], outside["part"]) == ("cohort", f"everyone else, and {NOBODY}")
    for row in (inside, outside):
        assert int(row["pence_per_head"]) == significant(float(row["pence_per_head"]))
        assert int(row["pence_per_head"]) * int(row["person_years"]) == pytest.approx(
            int(row["pence"]), rel=0.03
        )


@pytest.mark.req(100, 462, 463)
def test_every_cell_that_leaves_is_listed_for_the_output_checker(place: Path) -> None:
    publish(place)
    listed = place / "patients" / ".engine" / "NOT_FOR_RELEASE_output_cells.csv"
    cells = list(csv.DictReader(listed.read_text(encoding="utf-8").splitlines()))
    by_place = {(cell["table"], cell["row"], cell["column"]): cell for cell in cells}
    assert os.name == "nt" or listed.stat().st_mode & 0o777 == 0o600
    told = json.loads((place / "results" / "people" / "output_check.json").read_text("utf-8"))
    assert told["list_of_cells_sha256"] == hashlib.sha256(listed.read_bytes()).hexdigest()
    assert sum(found["cells"] for found in told["tables"].values()) == len(cells)
    for name in ("pence_by_list_and_service", "pence_by_segment_and_service"):
        path = place / "results" / "people" / f"{name}.csv"
        for row in csv.DictReader(path.read_text("utf-8").splitlines()):
            first, *columns = row
            for column in columns:
                cell = by_place.get((name, row[first], column))
                assert cell or row[column] == "0", "what is shown is listed"
    with (place / "patients" / "summaries" / "activity_by_list.csv").open() as opened:
        for row in csv.DictReader(opened):
            key = "|".join((row["contract"], row["service_line"], row["activity_type"]))
            listed_as = ("activity_by_list", key, row["list_code"])
            mixed = ("activity_by_list", key, "POOLED")
            alike = key.startswith("MENTAL|") and row["list_code"]  # a proxy's pattern
            assert listed_as in by_place or mixed in by_place or alike
    assert main(["people", "check", str(place / "results")]) == 0
    for cell in cells:
        people = cell["people_at_least"]
        enough = people.startswith("more") or int(people) >= 10
        assert cell["passes"] == "yes" and (enough or cell["rule_applied"] == "suppressed")
    loaded = wpb.load(place)
    loaded.run()
    loaded.write_people(place / "results")
    assert (listed.read_text(encoding="utf-8")).count("\n") == len(cells) + 1, (
        "a run from what is kept lists the same cells"
    )


def set_cohort(place: Path, lines: str) -> None:
    settings = place / "patients" / "patients.yaml"
    before, after = settings.read_text(encoding="utf-8").split("cohort:\n")
    rest = after[next(m.start() for m in re.finditer(r"^\S", after, re.MULTILINE)) :]
    settings.write_text(f"{before}cohort:\n{lines}{rest}", encoding="utf-8")


@pytest.mark.req(100, 181)
def test_people_on_no_list_go_where_their_segment_is_and_few_people_hold_all_back(
    place: Path,
) -> None:
    set_cohort(place, "  none_of: [frailty, dementia]\n")
    inside, outside = publish(place)[0]["integrated_care_cohort"]
    assert (inside["part"], outside["part"]) == (f"cohort, and {NOBODY}", "everyone else")
    set_cohort(place, "  age_from: 85\n  all_of: [frailty, dementia, cancer, smi]\n")
    held = publish(place)[0]["integrated_care_cohort"]
    assert {value for row in held for name, value in row.items() if name != "part"} == {HELD}


@pytest.mark.req(100, 181, 463)
@pytest.mark.parametrize(
    ("inside", "held"),
    [
        ({"frail 1", "frail 2"}, False),  # a whole segment tells nothing new
        ({"frail 1"}, True),  # all but three of a segment: the three are what is left of it
        ({"frail 2", "well 1", "well 2"}, True),  # the others and three of a segment
        ({"frail 1", "frail 2", "well 1"}, False),
        ({"frail 1", "frail 2", "well 2"}, False),
        ({"frail 2"}, True),  # a cohort of three
        ({"frail 1", "frail 2", "well 2", "rich"}, True),  # one dominates what is of a segment
    ],
)
def test_a_cohort_that_differs_from_a_segment_by_few_people_is_held_back(
    inside: set[str], held: bool
) -> None:
    people = {"frail 1": 40, "frail 2": 3, "well 1": 50, "well 2": 30}
    cells: dict[tuple[str, bool], Contributions] = {
        (NOBODY, False): np.ones((2, GROUPS), dtype=np.int64)
    }
    for name, count in people.items():
        cell = np.zeros((2, GROUPS), dtype=np.int64)
        cell[UNITS, :count], cell[PENCE, :count] = 1, 1_000
        cell[PENCE, 0] *= 1_000 if name == "well 2" and "rich" in inside else 1
        place = (name.split()[0], name in inside)
        cells[place] = cells[place] + cell if place in cells else cell
    assert gives_away_few(cells, DisclosureRule()) == held


@pytest.mark.req(315)
def test_a_trained_score_is_published_with_what_it_learnt_from(place: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    set_risk(place, "  method: train\n  cut_day: 60\n")
    tables, warnings = publish(place)
    assert not warnings
    told = {row["measure"]: row["value"] for row in tables["risk_score"]}
    assert told["trained on"].startswith("people on a list on day 60 of 2029-30")
    assert "has frailty" in told["learns from"]
    assert 0.55 < float(told["discrimination (area under the curve; 0.5 is a guess)"]) < 1
    assert int(told["people trained on"]) > int(told["people checked"]) > 0
    assert 1 < len(tables["risk_calibration"]) <= 10
    group = {row["list_code"]: row["people"] for row in tables["target_group_by_list"]}
    assert 0 < int(group["total"]) <= 60
    assert all(int(people) % 5 == 0 and int(people) >= 10 for people in group.values())


@pytest.mark.req(315)
def test_without_scikit_learn_the_rest_is_published_and_the_lack_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_risk(place, "  method: train\n")
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    tables, warnings = publish(place)
    assert warnings == ["sklearn_missing"]
    assert "risk_score" not in tables and tables["value_by_segment"]


@pytest.mark.req(315)
def test_a_supplied_score_is_checked_and_never_shown(place: Path) -> None:
    people = pseudonyms(place)
    supply(
        place,
        [(person, 0.001 + 0.000123457 * (number % 800)) for number, person in enumerate(people)],
    )
    set_risk(place, "  trained_on: The county model of 2028\n")
    tables, warnings = publish(place)
    assert not warnings
    told = {row["measure"]: row["value"] for row in tables["risk_score"]}
    assert any(
        "last day" in row["value"] for row in tables["risk_score"] if row["measure"] == "note"
    ), "fewer than 2% of the people scored are in the table"
    assert told["trained on"] == "The county model of 2028"
    assert 0.35 < float(told["discrimination (area under the curve; 0.5 is a guess)"]) < 0.65, (
        "the score is made of nothing"
    )
    written = "".join(
        path.read_text(encoding="utf-8") for path in (place / "results" / "people").iterdir()
    )
    assert "0.000123457" not in written and str(people[7]) not in written.replace("\n", ",").split(
        ","
    )
    (place / "patients" / "risk_scores.csv").unlink()
    settings = place / "patients" / "patients.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").split("\nrisk:")[0], encoding="utf-8")
    assert "risk_score" not in publish(place)[0], (
        "what an earlier run said of a score that is gone is gone too"
    )


@pytest.mark.req(315)
def test_faulty_scores_and_settings_are_told(place: Path) -> None:
    first, second, *_ = pseudonyms(place)
    supply(place, [(first, 0.5), (first, 0.6), (second, "high")])
    assert publish(place)[1] == ["risk_scores"]
    (place / "patients" / "risk_scores.csv").unlink()
    set_risk(place, "  method: guess\n  cut: 3\n  cut_day: 400\n")
    told = [
        problem.what for problem in wpb.load(place).check() if problem.code == "patients_settings"
    ]
    assert len(told) == 3
    settings = place / "patients" / "patients.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").split("\nrisk:")[0] + "\nrisk: {method: supplied}\n",
        encoding="utf-8",
    )
    assert "risk_scores" in [problem.code for problem in wpb.load(place).check()]


@pytest.mark.req(100, 463)
@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ([12, 15, 20, 40], [[0], [1], [2], [3]]),
        ([3, 8, 20, 40], [[0, 1], [2], [3]]),
        ([12, 15, 20, 95], [[0], [1], [2, 3]]),  # five of the last tenth did not
        ([1, 2, 3, 4], [[0, 1, 2, 3]]),
        ([1, 2, 3, 3], []),
    ],
)
def test_tenths_of_a_score_in_which_few_had_the_outcome_are_told_with_their_neighbours(
    outcomes: list[int], told: list[list[int]]
) -> None:
    tenths = [(0.1, count / 100, 100) for count in outcomes]
    assert tenths_together(tenths, 10) == told


@pytest.mark.req(100)
def test_tables_of_two_runs_never_stand_side_by_side(tmp_path: Path) -> None:
    people = tmp_path / "people"
    people.mkdir()
    for name in ("value_by_segment.csv", "risk_score.csv", "my_notes.txt"):
        (people / name).write_text("of an earlier run", encoding="utf-8")
    (people / ".partial-killed").mkdir()
    with pytest.raises(RuntimeError), all_or_none(tmp_path) as fresh:  # noqa: PT012
        (fresh / "people").mkdir()
        (fresh / "people" / "unmapped.csv").write_text("of this run", encoding="utf-8")
        raise RuntimeError
    assert [path.name for path in people.iterdir()] == ["my_notes.txt"], (
        "a run that stops leaves none of either"
    )
    with all_or_none(tmp_path) as fresh:
        (fresh / "people").mkdir()
        (fresh / "people" / "unmapped.csv").write_text("of this run", encoding="utf-8")
    assert sorted(path.name for path in people.iterdir()) == ["my_notes.txt", "unmapped.csv"]


@pytest.mark.req(180, 182)
def test_use_by_age_is_given_in_the_shape_the_forecast_takes() -> None:
    def row(line: str, band: str, units: int, condition: str = "any") -> UseCell:
        return UseCell(line, condition, band, "", float("nan") if units < 0 else 10.0, units)

    given = age_profiles(
        [
            row("acute", "5-15", 2),
            row("acute", "0-4", 5),
            row("acute", "85+", 31),
            row("acute", "85+", 90, "frailty"),
            row("nursing", "5-15", 1),
            row("nursing", "0-4", -1),
        ]
    )
    assert {made["source"] for made in given} == {"People's records"}
    assert [tuple(made.values())[:3] for made in given] == [
        ("acute", "0-4", "0.5"),
        ("acute", "5-15", "0.2"),
        ("acute", "85+", "3.1"),
    ]


def test_a_run_says_what_it_may_spill_and_refuses_what_is_no_size(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(place), "--spill-limit", "2GB", "--no-files", "--json"]) == 0
    # Kept summaries need no engine, and then there is nothing to say.
    shutil.rmtree(place / "patients" / ".engine")
    assert (
        main(
            [
                "run",
                str(place),
                "--spill-limit",
                "2GB",
                "--memory-limit",
                "1GB",
                "--no-files",
                "--json",
            ]
        )
        == 0
    )
    assert "spilled, by the limit given at most 2GB in patients/.engine" in capsys.readouterr().err
    assert main(["run", str(place), "--spill-limit", "lots"]) == 2
    assert "is not a size" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="processes are stopped by signals of POSIX")
def test_ctrl_c_keeps_what_is_finished_and_says_that_it_resumes(place: Path) -> None:
    engine = place / "patients" / ".engine"
    shutil.rmtree(engine)
    script = (
        "import sys\nimport wpb.commands.running as running\nrunning.SLOW_SECONDS = 0\nfrom wpb.cli"
        " import main\nsys.exit(main(['run', sys.argv[1]]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "encoded" in line:
            break
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()
    assert process.wait() == 130, said
    assert "the same command goes on from there" in said and "Traceback" not in said
    assert (
        list(engine.glob("people-*"))
        and not list(engine.glob(".part-*"))
        and not list(engine.glob("by_list-*"))
    )
    assert not (place / "results").exists()
    assert all(
        contract["residual_pence"] == 0 for contract in wpb.load(place).summary()["contracts"]
    )
