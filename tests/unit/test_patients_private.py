"""What is kept of people is closed to other accounts, tells no pseudonym, and goes when it should;
and pseudonyms are made under a key that stays outside.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

import wpb
from wpb.commands.group import cli
from wpb.kernel.identifiers import valid_nhs_number
from wpb.kernel.problems import InputProblems, UsageProblem
from wpb.patients.synthesis import synthesise

PEOPLE = 600
NUMBERS = [str(n) for n in range(9_434_765_000, 9_434_800_000) if valid_nhs_number(str(n))][:PEOPLE]


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


def with_pseudonyms_in_letters(place: Path) -> None:
    for path in place.glob("patients/*/*.parquet"):
        read = parquet.read_table(path)
        at = read.column_names.index("pseudonym")
        text = [f"P{value}" for value in read.column("pseudonym").to_pylist()]
        parquet.write_table(read.set_column(at, "pseudonym", pa.array(text)), path)


def kept_people(place: Path) -> dict[str, set[int]]:
    found = {}
    for path in (place / "patients" / ".engine").glob("*/*.parquet"):
        read = parquet.read_table(path)
        if "person" in read.column_names:
            found[path.parent.name.rpartition("-")[0]] = set(read.column("person").to_pylist())
    return found


@pytest.mark.req(102, 462)
@pytest.mark.parametrize("letters", [False, True], ids=["whole numbers", "letters"])
def test_what_is_kept_is_closed_and_tells_no_pseudonym_and_figures_do_not_depend_on_the_key(
    place: Path, tmp_path: Path, letters: bool
) -> None:
    if letters:
        with_pseudonyms_in_letters(place)
    other = tmp_path / "other"
    shutil.copytree(place, other)
    before = os.umask(0)
    try:
        figures = wpb.load(place).summary()
    finally:
        os.umask(before)
    assert wpb.load(other).summary() == figures == wpb.load(place).summary()
    engine = place / "patients" / ".engine"
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (engine, *engine.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    register = parquet.read_table(place / "patients" / "person_register")
    pseudonyms = register.column("pseudonym").to_pylist()
    kept, kept_elsewhere = kept_people(place), kept_people(other)
    assert {"people", "registrations", "encoded_admitted_care"} <= set(kept)
    if not letters:
        assert not [stage for stage, people in kept.items() if people & set(pseudonyms)]
    assert not [stage for stage, people in kept.items() if people & kept_elsewhere[stage]]


@pytest.mark.req(102, 462)
def test_a_folder_that_was_open_is_closed_and_what_a_kill_left_is_taken_away(place: Path) -> None:
    engine = place / "patients" / ".engine"
    half = engine / ".part-people-0123456789abcdef0123-999999999"
    spilled = engine / "spill-999999999"
    for folder in (half, spilled):
        folder.mkdir(parents=True)
        (folder / "rows").write_text("rows", encoding="utf-8")
    (engine / "old").write_text("x", encoding="utf-8")
    for path in (engine, engine / "old"):
        path.chmod(0o777)
    wpb.load(place).check()
    assert not half.exists() and not spilled.exists()
    assert stat.S_IMODE((engine / "old").stat().st_mode) == 0o600
    assert stat.S_IMODE(engine.stat().st_mode) == 0o700


@pytest.mark.req(102, 462)
def test_links_out_of_the_folder_are_not_followed(place: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.txt").write_text("kept", encoding="utf-8")
    shutil.move(place / "patients" / "emergency_care", outside / "emergency_care")
    link = place / "patients" / "emergency_care"
    link.symlink_to(outside / "emergency_care")
    with pytest.raises(InputProblems) as found:
        wpb.load(place).run()
    assert "patients_link" in {problem.code for problem in found.value.problems}
    link.unlink()
    shutil.move(outside / "emergency_care", link)
    (place / "patients" / ".engine").symlink_to(outside)
    codes = set()
    try:
        codes = {problem.code for problem in wpb.load(place).check()}
    except InputProblems as stopped:
        codes = {problem.code for problem in stopped.problems}
    assert "patients_link" in codes
    assert CliRunner().invoke(cli, ["people", "clear", str(place)]).output.startswith("Cleared")
    assert [path.name for path in outside.iterdir()] == ["kept.txt"]
    assert not (place / "patients" / ".engine").is_symlink()


@pytest.mark.req(102, 462)
def test_what_is_kept_goes_with_the_records(place: Path) -> None:
    engine = place / "patients" / ".engine"
    wpb.load(place).check()
    assert list(engine.glob("encoded_emergency_care-*"))
    shutil.rmtree(place / "patients" / "emergency_care")
    wpb.load(place).check()
    assert not list(engine.glob("*emergency_care-*")) and list(engine.glob("people-*"))
    shutil.rmtree(place / "patients" / "person_register")
    with pytest.raises(InputProblems):
        wpb.load(place).run()
    assert not engine.exists()


def invoke(*given: object) -> Result:
    return CliRunner().invoke(cli, ["people", *map(str, given)])


def linking(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(rows)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.req(102, 462)
def test_a_key_is_private_and_kept_away_from_models(place: Path, tmp_path: Path) -> None:
    key = tmp_path / "keys" / "place.key"
    assert invoke("key", key).exit_code == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert isinstance(invoke("key", key).exception, UsageProblem)
    assert isinstance(invoke("key", place / "patients" / "place.key").exception, UsageProblem)
    key.chmod(0o644)
    file = linking(tmp_path / "a.csv", [["nhs_number"], [NUMBERS[0]]])
    asked: tuple[str | Path, ...] = ("pseudonymise", file, "--key", key, "--column", "nhs_number")
    assert "chmod 600" in str(invoke(*asked, "--out", tmp_path / "b.csv").exception)


@pytest.mark.req(102, 462)
def test_one_key_links_sources_and_files_with_invalid_numbers_are_refused(tmp_path: Path) -> None:
    key, other = tmp_path / "one.key", tmp_path / "two.key"
    invoke("key", key)
    invoke("key", other)
    spaced = [f"{number[:3]} {number[3:6]} {number[6:]}" for number in NUMBERS]
    first = linking(
        tmp_path / "gp.csv",
        [
            ["nhs_number", "surname", "age"],
            *[[number, "Nobody", "40"] for number in spaced],
            ["", "x", "1"],
        ],
    )
    table = pa.table({"id": pa.array([float(n) for n in NUMBERS]), "units": [1] * PEOPLE})
    parquet.write_table(table, tmp_path / "acute.parquet")
    out = tmp_path / "out"
    asked: tuple[str | Path, ...] = (
        "pseudonymise",
        first,
        "--key",
        key,
        "--column",
        "nhs_number",
        "--out",
        out,
    )
    told = json.loads(invoke(*asked, "--drop", "surname", "--json").stdout)["files"][0]
    assert (told["rows"], told["blank"], told["invalid"]) == (PEOPLE + 1, 1, 0)
    asked = ("pseudonymise", tmp_path / "acute.parquet", "--key", key, "--column", "id")
    assert invoke(*asked, "--out", out / "acute.parquet").exit_code == 0
    of_gp = rows_of(out / "gp.csv")
    assert list(of_gp[0]) == ["pseudonym", "age"] and of_gp[-1]["pseudonym"] == ""
    of_acute = parquet.read_table(out / "acute.parquet").column("pseudonym").to_pylist()
    assert [row["pseudonym"] for row in of_gp[:-1]] == of_acute
    assert len(set(of_acute)) == PEOPLE and not set(of_acute) & set(NUMBERS)
    assert stat.S_IMODE((out / "gp.csv").stat().st_mode) == 0o600
    asked = ("pseudonymise", tmp_path / "acute.parquet", "--key", other, "--column", "id")
    assert invoke(*asked, "--out", out / "other.parquet").exit_code == 0
    of_other = parquet.read_table(out / "other.parquet").column("pseudonym").to_pylist()
    assert not set(of_other) & set(of_acute)
    wrong = linking(tmp_path / "bad.csv", [["nhs_number"], [NUMBERS[0]], ["9434765918"], ["x"]])
    asked = (
        "pseudonymise",
        wrong,
        "--key",
        key,
        "--column",
        "nhs_number",
        "--out",
        out / "bad.csv",
    )
    refused = invoke(*asked).exception
    assert isinstance(refused, InputProblems)
    assert refused.problems[0].what.startswith("2 of 3 rows")
    assert "9434765918" not in str(refused.problems[0]) and not (out / "bad.csv").exists()
    assert not list(out.glob(".*"))
    assert invoke(*asked, "--blank-invalid").exit_code == 0
    assert [bool(row["pseudonym"]) for row in rows_of(out / "bad.csv")] == [True, False, False]


@pytest.mark.req(102, 462)
def test_a_linking_table_is_keyed_again(tmp_path: Path) -> None:
    old, new = tmp_path / "old.key", tmp_path / "new.key"
    invoke("key", old)
    invoke("key", new)
    source = linking(tmp_path / "n.csv", [["nhs", "nhs_number"], *[[n, n] for n in NUMBERS[:9]]])
    asked: tuple[str | Path, ...] = (
        "pseudonymise",
        source,
        "--key",
        old,
        "--column",
        "nhs",
        "--out",
        tmp_path / "l.csv",
    )
    assert invoke(*asked).exit_code == 0
    asked = ("rotate", tmp_path / "l.csv", "--old", old, "--new", new, "--out", tmp_path / "r.csv")
    assert invoke(*asked).exit_code == 0
    before, after = rows_of(tmp_path / "l.csv"), rows_of(tmp_path / "r.csv")
    assert [row["old_pseudonym"] for row in after] == [row["pseudonym"] for row in before]
    assert not {row["pseudonym"] for row in after} & {row["pseudonym"] for row in before}
    asked = ("rotate", tmp_path / "l.csv", "--old", new, "--new", old, "--out", tmp_path / "x.csv")
    refused = invoke(*asked).exception
    assert isinstance(refused, InputProblems) and not (tmp_path / "x.csv").exists()
    assert "9 a pseudonym that the old key does not give" in refused.problems[0].what
