"""What a place must have in place to use people's records: said, applied, counted, and written
down.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

import wpb
from wpb.commands.group import cli
from wpb.kernel.problems import InputProblems, Problem, UsageProblem
from wpb.patients.synthesis import synthesise

PEOPLE = 600
SAID = """governance:
  lawful_basis: Article 6(1)(e), public task
  special_category_condition: Article 9(2)(h)
  confidentiality: section_251
  section_251: 24/CAG/0000
  opt_outs: {file: opt_outs}
  retain_until: 2999-03-31
  roles: {controller: Midshire ICB, caldicott_guardian: Medical director}
  output_checker: Head of analytics
  environment: Midshire secure data environment
"""
MADE_UP = "governance:\n  made_up: true\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth") / "place"
    synthesise(folder, PEOPLE, 5)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "place"
    shutil.copytree(made, copied, ignore=shutil.ignore_patterns(".engine", "summaries", "results"))
    return copied


def say(place: Path, text: str) -> None:
    path = place / "patients" / "patients.yaml"
    written = path.read_text(encoding="utf-8")
    assert MADE_UP in written
    path.write_text(written.replace(MADE_UP, text), encoding="utf-8")


def problems(place: Path) -> dict[str, Problem]:
    try:
        return {problem.code: problem for problem in wpb.load(place).check()}
    except InputProblems as found:
        return {problem.code: problem for problem in found.problems}


@pytest.mark.req(462)
def test_records_of_real_people_without_governance_are_warned_of(place: Path) -> None:
    assert "governance_missing" not in problems(place), "made-up people need none"
    say(place, "")
    told = problems(place)["governance_missing"]
    assert told.severity == "warning"
    for asked in ("lawful basis", "opt-outs", "Caldicott guardian", "kept"):
        assert asked in told.what
    assert "section 251" not in told.what, "asked only where it is the basis"


@pytest.mark.req(462)
@pytest.mark.parametrize("how", ["a table", "a flag"])
def test_people_who_opted_out_are_left_out_and_counted(place: Path, how: str) -> None:
    register = next((place / "patients" / "person_register").glob("*.parquet"))
    read = parquet.read_table(register)
    out = set(read.column("pseudonym").to_pylist()[:40])
    without = place.with_name("without")
    shutil.copytree(place, without)
    left = 0
    for path in without.glob("patients/*/*.parquet"):
        table = parquet.read_table(path)
        keep = [value not in out for value in table.column("pseudonym").to_pylist()]
        left += keep.count(False)
        parquet.write_table(table.filter(pa.array(keep)), path)
    if how == "a table":
        with (place / "patients" / "opt_outs.csv").open(
            "w", newline="", encoding="utf-8"
        ) as opened:
            csv.writer(opened).writerows([["pseudonym"], *[[value] for value in sorted(out)]])
        say(place, SAID)
    else:
        flags = [value in out for value in read.column("pseudonym").to_pylist()]
        parquet.write_table(read.append_column("opted_out", pa.array(flags)), register)
        say(place, SAID.replace("{file: opt_outs}", "{column: opted_out}"))
    found = problems(place)
    assert "governance_missing" not in found
    assert f": {len(out)}. What is held of them ({left:,} rows" in found["opt_outs_applied"].what
    for name in ("activity_by_list", "condition_registers", "care_packages"):
        file = Path("patients") / "summaries" / f"{name}.csv"
        wpb.load(without).check()
        assert (place / file).read_text(encoding="utf-8") == (without / file).read_text(
            encoding="utf-8"
        )


@pytest.mark.req(462)
@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("2999-03-31", "2020-03-31", "retention_ended"),
        ("2999-03-31", "next year", "patients_settings"),
        ("section_251\n", "hope\n", "patients_settings"),
        ("lawful_basis", "lawful_bases", "patients_settings"),
        ("{file: opt_outs}", "{column: nowhere}", "opt_outs_missing"),
        ("{file: opt_outs}", "{file: opt_outs}", "opt_outs_missing"),
        ("{file: opt_outs}", "{file: opt_outs, column: b}", "patients_settings"),
    ],
)
def test_what_cannot_be_kept_to_stops_the_run(
    place: Path, before: str, after: str, code: str
) -> None:
    say(place, SAID.replace(before, after))
    with pytest.raises(InputProblems) as found:
        wpb.load(place).run()
    assert code in {problem.code for problem in found.value.problems if problem.severity == "error"}


@pytest.mark.req(462)
def test_the_papers_say_what_the_settings_say_and_what_they_do_not(place: Path) -> None:
    say(place, SAID.replace("  output_checker: Head of analytics\n", ""))
    out = place / "papers" / "assessment.md"
    asked = ["people", "governance", str(place), "--out", str(out)]
    assert CliRunner().invoke(cli, asked).exit_code == 0
    text = out.read_text(encoding="utf-8")
    missing = text.split("## What is still to be said")[1].split("##")[0].strip()
    assert missing == "- Who checks what leaves."
    for said in (
        "24/CAG/0000",
        "Midshire ICB",
        "2999-03-31",
        "patients/admitted_care",
        "Synthshire",
    ):
        assert said in text
    asked = ["people", "governance", str(place / "papers")]
    assert isinstance(CliRunner().invoke(cli, asked).exception, UsageProblem)
