"""The room from end to end on a synthetic place: pounds in and out, faults, refusals,
resumption.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import wpb
from wpb.input_sheets import input_sheets
from wpb.kernel.identifiers import valid_nhs_number
from wpb.kernel.problems import InputProblems, UsageProblem
from wpb.patients.engine import Cancelled, EngineProblem, open_engine
from wpb.patients.room import Room, open_room
from wpb.patients.stages import Stages
from wpb.patients.synthesis import synthesise
from wpb.present.live_workbook import write_live_workbook
from wpb.tables.schema import TableSpec, TypedTable

PEOPLE = 3_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth") / "place"
    synthesise(folder, PEOPLE, 5)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A copy of the place that a test may spoil, without what the engine kept."""
    copied = tmp_path / "place"
    shutil.copytree(made, copied, ignore=shutil.ignore_patterns(".engine", "summaries", "results"))
    return copied


def spoil(place: Path, table: str, change: Callable[[dict[str, list[object]]], None]) -> None:
    """Change the columns of a table's first file."""
    path = min((place / "patients" / table).glob("*.parquet"))
    read = parquet.read_table(path)
    columns = {
        name: column.to_pylist()
        for name, column in zip(read.column_names, read.columns, strict=True)
    }
    change(columns)
    parquet.write_table(
        pa.table({name: pa.array(values) for name, values in columns.items()}), path
    )


def codes_of(place: Path) -> dict[str, str]:
    return {problem.code: problem.what for problem in wpb.load(place).check()}


@pytest.mark.req(38, 39, 95, 101, 102)
def test_a_synthetic_place_runs_twice_with_the_same_figures_and_no_residual(place: Path) -> None:
    first, second = wpb.load(place).summary(), wpb.load(place).summary()
    assert json.dumps(first, default=str) == json.dumps(second, default=str)
    assert {contract["contract"] for contract in first["contracts"]} == {
        "ACUTE1",
        "ACUTE2",
        "COMMUNITY",
        "MENTAL",
    }
    assert all(contract["residual_pence"] == 0 for contract in first["contracts"])
    assert not [problem for problem in wpb.load(place).check() if problem.severity == "error"]


@pytest.mark.req(102)
def test_the_same_seed_gives_the_same_records(made: Path, tmp_path: Path) -> None:
    synthesise(tmp_path / "again", PEOPLE, 5)
    synthesise(tmp_path / "other", PEOPLE, 6)
    name = "patients/outpatient_care/part-00000.parquet"
    assert parquet.read_table(made / name).equals(parquet.read_table(tmp_path / "again" / name))
    assert not parquet.read_table(made / name).equals(parquet.read_table(tmp_path / "other" / name))


def test_csv_gives_the_figures_of_parquet(made: Path, tmp_path: Path) -> None:
    synthesise(tmp_path / "csv", PEOPLE, 5, as_csv=True)
    assert (
        wpb.load(tmp_path / "csv").summary()["contracts"] == wpb.load(made).summary()["contracts"]
    )


def test_a_database_table_gives_the_figures_of_parquet(place: Path, made: Path) -> None:
    import duckdb

    source = place / "patients" / "community_contacts"
    with duckdb.connect(str(place / "patients" / "records.duckdb")) as connection:
        connection.execute(f"CREATE TABLE contacts AS SELECT * FROM '{source}/*.parquet'")
    shutil.rmtree(source)
    settings = place / "patients" / "patients.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8")
        + "sources:\n  community_contacts: {database: records.duckdb, table: contacts}\n",
        encoding="utf-8",
    )
    assert wpb.load(place).summary()["contracts"] == wpb.load(made).summary()["contracts"]


@pytest.mark.req(361, 367)
def test_the_workbook_of_a_place_with_records_comes_back_in_with_the_same_result(
    place: Path, tmp_path: Path
) -> None:
    loaded = wpb.load(place)
    write_live_workbook(loaded.run(), input_sheets(place, loaded.model), tmp_path / "live.xlsx")
    again = wpb.load(tmp_path / "live.xlsx").run()
    for block in loaded.budget.ledger:
        assert np.allclose(again.ledger[block.id].value, block.value, rtol=1e-12, atol=1e-9), (
            block.id
        )


def test_a_folder_with_something_in_it_is_left_alone(made: Path) -> None:
    with pytest.raises(UsageProblem, match="holds something"):
        synthesise(made, PEOPLE, 5)


@dataclass(frozen=True)
class Spoiling:
    """A way to spoil a table and the problem that must tell of it."""

    table: str
    column: str
    value: object
    code: str
    rows: int = 3


@pytest.mark.req(99)
@pytest.mark.parametrize(
    "spoiling",
    [
        Spoiling("outpatient_care", "units", -1, "records_units_not_above_nought"),
        Spoiling("outpatient_care", "provider", "NOWHERE", "records_unknown_service"),
        Spoiling("admitted_care", "hrg", "ZZ99Z", "records_no_price"),
        Spoiling("community_contacts", "record", 1, "records_duplicate_record"),
        Spoiling("community_contacts", "pseudonym", 7, "records_not_on_register", 15),
        Spoiling("emergency_care", "pseudonym", None, "records_blank_pseudonym"),
        Spoiling("emergency_care", "arrived_on", None, "records_wrong_type"),
        Spoiling("person_register", "list_code", "NOLIST", "register_unknown_list"),
        Spoiling("person_register", "age", 200, "register_age_out_of_range"),
    ],
    ids=lambda spoiling: spoiling.code,
)
def test_faults_are_counted_by_kind(place: Path, spoiling: Spoiling) -> None:
    def change(columns: dict[str, list[object]]) -> None:
        columns[spoiling.column][: spoiling.rows] = [spoiling.value] * spoiling.rows

    spoil(place, spoiling.table, change)
    told = next(
        problem.what
        for problem in wpb.load(place).check()
        if problem.code == spoiling.code and problem.where and problem.where.sheet == spoiling.table
    )
    few = "few people are behind them" if spoiling.code.startswith("records") else "fewer than 10"
    assert few in told, "nothing is counted that few people stand behind, however many records"


@pytest.mark.req(99)
def test_too_many_faults_stop_the_run(place: Path) -> None:
    def change(columns: dict[str, list[object]]) -> None:
        columns["units"] = [0] * len(columns["units"])

    spoil(place, "outpatient_care", change)
    with pytest.raises(InputProblems) as found:
        wpb.load(place).run()
    assert "records_over_threshold" in {problem.code for problem in found.value.problems}


@pytest.mark.req(99)
def test_faults_that_carry_too_many_pounds_stop_the_run(place: Path) -> None:
    def change(columns: dict[str, list[object]]) -> None:
        columns["pseudonym"][0] = 7
        columns["units"][0] = 900

    spoil(place, "outpatient_care", change)
    told = codes_of(place)
    assert "records_over_threshold" not in told
    assert told["pounds_over_threshold"].startswith("Faulty records of outpatient_care carry")


def cut_the_end(content: bytes) -> bytes:
    return content[:-200]


def cut_the_middle(content: bytes) -> bytes:
    return content[: len(content) // 2] + content[len(content) // 2 + 2000 :]


def garble(content: bytes) -> bytes:
    third = len(content) // 3
    return (
        content[:third]
        + bytes(byte ^ 0x5A for byte in content[third : third + 1500])
        + content[third + 1500 :]
    )


@pytest.mark.req(99)
@pytest.mark.parametrize("damage", [cut_the_end, cut_the_middle, garble])
def test_damaged_files_are_named_all_at_once(place: Path, damage: Callable[[bytes], bytes]) -> None:
    for table in ("emergency_care", "outpatient_care"):
        path = place / "patients" / table / "part-00000.parquet"
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputProblems) as found:
        wpb.load(place).run()
    assert sorted(
        (problem.code, problem.where.file)
        for problem in found.value.problems
        if problem.where and problem.severity == "error"
    ) == [
        ("source_damaged", "patients/emergency_care"),
        ("source_damaged", "patients/outpatient_care"),
    ]


WAYS_TO_WRITE: list[Callable[[int], object]] = [
    int,
    float,
    lambda number: f"{number:010d}".encode(),
    lambda number: f"{number // 10**7} {number // 10**4 % 1000:03d} {number % 10**4:04d}",
    lambda number: f"{number // 10**7}\u00a0{number // 10**4 % 1000:03d}\u00a0{number % 10**4:04d}",
    lambda number: f" {number // 10**7}-{number // 10**4 % 1000:03d}-{number % 10**4:04d} ",
    lambda number: f"NHS No: {number}",
    lambda number: f"{number}.0",
]


@pytest.mark.req(102)
def test_nhs_numbers_and_names_are_refused_and_never_shown(place: Path) -> None:
    numbers = [
        number for number in range(9_434_765_000, 9_434_795_000) if valid_nhs_number(str(number))
    ][:PEOPLE]

    def change(columns: dict[str, list[object]]) -> None:
        size = len(columns["pseudonym"])
        columns["residence"] = [
            str(numbers[place % len(numbers)]) if place % 50 == 0 else "AREA1"
            for place in range(size)
        ]
        for number, write in enumerate(WAYS_TO_WRITE):
            columns[f"spare_{number}"] = [
                write(numbers[place % len(numbers)]) for place in range(size)
            ]
        columns["spare_chance"] = [str(1_000_000_000 + 7_919 * place) for place in range(size)]
        columns["surname"] = ["Nobody"] * size

    spoil(place, "person_register", change)
    problems = wpb.load(place).check()
    refused = {
        problem.where.cell
        for problem in problems
        if problem.code == "nhs_numbers" and problem.where
    }
    assert refused == {
        "residence",
        *(f"spare_{number}" for number in range(len(WAYS_TO_WRITE))),
    }, "one in eleven numbers of ten digits is right by chance, and that is not refused"
    assert "identifying_column" in {problem.code for problem in problems}
    told = " ".join(f"{problem.what} {problem.fix} {problem.where}" for problem in problems)
    assert not [number for number in numbers if str(number) in told] and "Nobody" not in told


@pytest.mark.req(102)
def test_check_digits_of_nhs_numbers() -> None:
    assert valid_nhs_number("9434765919")
    assert (
        not valid_nhs_number("9434765918")
        and not valid_nhs_number("943476591")
        and not valid_nhs_number("94347659I9")
    )


@pytest.mark.req(102)
def test_no_pseudonym_leaves_the_engines_folder(place: Path) -> None:
    wpb.load(place).run()
    pseudonyms = {
        str(value)
        for value in (
            parquet.read_table(place / "patients" / "person_register")
            .column("pseudonym")
            .to_pylist()
        )
    }
    for path in [*(place / "patients" / "summaries").iterdir()]:
        words = set(path.read_text(encoding="utf-8").replace("\n", ",").split(","))
        assert not words & pseudonyms, path.name
    assert (
        (place / "patients" / ".engine" / ".gitignore").read_text(encoding="utf-8").endswith("*\n")
    )


@pytest.mark.req(130)
def test_packages_wait_for_agreements(place: Path) -> None:
    settings = place / "patients" / "patients.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("safe_haven: true", "safe_haven: false"),
        encoding="utf-8",
    )
    assert "safe haven" in codes_of(place)["information_governance"]


@pytest.mark.req(126, 127, 128, 129)
def test_care_packages_are_net_in_scope_and_attributable(place: Path) -> None:
    table = parquet.read_table(place / "patients" / "person_care_packages").to_pylist()
    kept = [row for row in table if row["attributable"]]
    rows = wpb.load(place).model["care_packages"]
    assert rows.numbers("gross_value").sum() == pytest.approx(
        100 * sum(row["gross_value"] for row in kept), abs=0.01
    )
    assert rows.numbers("client_contribution").sum() == pytest.approx(
        100 * sum(row["client_contribution"] for row in kept), abs=0.01
    )
    inside = (
        (rows.numbers("gross_value") - rows.numbers("client_contribution"))
        * rows.numbers("in_scope_share")
    ).sum()
    assert inside == pytest.approx(
        100
        * sum(
            (row["gross_value"] - row["client_contribution"]) * row["in_scope_share"]
            for row in kept
        ),
        abs=len(kept),
    )
    left_out = len(table) - len(kept)
    assert 0 < left_out < 10
    assert codes_of(place)["packages_not_attributable"].endswith("left out: fewer than 10.")
    belongs: list[object] = [number >= 20 for number in range(len(table))]
    spoil(place, "person_care_packages", lambda columns: columns.update(attributable=belongs))
    assert codes_of(place)["packages_not_attributable"].endswith("left out: 20.")


@pytest.mark.req(40, 41)
def test_block_money_on_top_of_proxy_prices_is_refused(place: Path) -> None:
    path = place / "patients" / "commissioned_activity.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    row = next(line for line in lines if "DISTRICT_NURSING-clinic" in line)
    path.write_text(
        "\n".join(
            line.replace("block,", "proxy_priced,variable") if line == row else line
            for line in lines
        )
        + "\n",
        encoding="utf-8",
    )
    assert "counted twice" in codes_of(place)["block_and_priced"]


@pytest.mark.req(45, 46)
def test_assessments_follow_clusters(place: Path) -> None:
    table = wpb.load(place).model["activity_by_list"]
    rows = list(
        zip(
            table.text("service_line"), table.text("list_code"), table.numbers("units"), strict=True
        )
    )
    clusters: dict[str, float] = {}
    for line, code, units in rows:
        if line == "COMMON_MH":
            clusters[code] = clusters.get(code, 0) + units
    assessments = {code: units for line, code, units in rows if line == "MH_ASSESSMENT"}
    assert sum(assessments.values()) == sum(clusters.values())
    assert all(abs(assessments[code] - clusters[code]) <= 5 * 5 + 5 for code in assessments), (
        "to the rounding of each cluster"
    )


@pytest.mark.req(234)
def test_overlapping_stays_count_once(place: Path) -> None:
    def change(columns: dict[str, list[object]]) -> None:
        for column in columns.values():
            column.append(column[0])
        columns["joined_on"][0] = columns["joined_on"][-1] = columns["left_on"][0] = columns[
            "left_on"
        ][-1] = columns["died_on"][0] = columns["died_on"][-1] = None
        columns["list_code"][-1] = "Y80001"

    spoil(place, "person_register", change)
    assert "overlap the person's next one" in codes_of(place)["register_overlapping_stays"]


def test_finished_stages_are_kept_and_unfinished_ones_leave_nothing(tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []

    def open_stages(cancelled: Callable[[], bool] | None = None) -> Stages:
        return Stages(
            tmp_path / "engine",
            open_engine(scratch=tmp_path / "spill"),
            lambda stage, state, seconds: said.append((stage, state)),
            cancelled,
        )

    long = "SELECT SUM(a.range * b.range % 7) AS n FROM range(300000) AS a, range(300000) AS b"
    stages = open_stages()
    stages.make("one", "SELECT 1 AS n", [])
    started = time.monotonic()
    stages = open_stages(lambda: time.monotonic() > started + 0.5)
    with pytest.raises(Cancelled):
        stages.make("two", long, [])
    assert time.monotonic() < started + 20
    assert [path.name[:4] for path in (tmp_path / "engine").iterdir() if path.is_dir()] == ["one-"]
    open_stages().make("one", "SELECT 1 AS n", [])
    assert said.count(("one", "done")) == 1 and ("one", "kept") in said


@pytest.mark.skipif(os.name == "nt", reason="processes are killed by signals of POSIX")
def test_a_killed_run_is_picked_up(place: Path) -> None:
    script = (
        "import sys, wpb\nprint('ready', flush=True)\nwpb.load(sys.argv[1], progress=lambda stage:"
        " print(stage, flush=True)).run()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(place)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "encoded outpatient care" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    engine = place / "patients" / ".engine"
    assert list(engine.glob("people-*")) and not list(engine.glob("by_list-*"))
    figures = wpb.load(place).summary()
    assert all(contract["residual_pence"] == 0 for contract in figures["contracts"])
    assert not list(engine.glob(".part-*"))


@pytest.mark.skipif(os.name == "nt", reason="the limit on a file's size is POSIX")
def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    script = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom wpb.patients.engine import"
        " EngineProblem, open_engine\nfrom wpb.patients.stages import"
        " Stages\nsignal.signal(signal.SIGXFSZ,"
        " signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\nstages ="
        " Stages(Path(sys.argv[1]), open_engine(scratch=Path(sys.argv[1]) / 'spill'))\ntry:\n   "
        " stages.make('big', 'SELECT hash(range) AS n FROM range(2000000)', [])\nexcept"
        " EngineProblem as fault:\n    print(fault.code, len([path for path in"
        " Path(sys.argv[1]).iterdir() if path.name.startswith(('big', '.part'))]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "engine")], capture_output=True, text=True
    )
    assert done.stdout.split() == ["disk_full", "0"], done.stderr


def test_unknown_engines_and_missing_clusters_are_told(tmp_path: Path) -> None:
    with pytest.raises(EngineProblem, match="is not an engine"):
        open_engine("oracle", scratch=tmp_path)


def test_unknown_settings_are_told(place: Path) -> None:
    (place / "patients" / "patients.yaml").write_text(
        "stop_over: 0.5\nappointments: {relative_price: {gp: one}}\n", encoding="utf-8"
    )
    told = [
        problem.what for problem in wpb.load(place).check() if problem.code == "patients_settings"
    ]
    assert any("'stop_over'" in what for what in told) and any("'one'" in what for what in told)


@pytest.mark.req(315)
def test_a_risk_score_is_trained_checked_and_gives_a_target_group(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from wpb.patients.risk import top_by_list, trained_score

    synthesise(tmp_path / "larger", 12_000, 1)
    room = opened(tmp_path / "larger")
    work = room.encode()
    scored = trained_score(work)
    assert scored.report is not None
    assert 0.6 < scored.report.discrimination < 0.95
    assert scored.report.expected_over_observed == pytest.approx(1.0, abs=0.25)
    assert scored.report.outcomes_in_top > 3 * scored.report.top_share, (
        "the top two in a hundred hold far more than their share"
    )
    assert scored.report.people_trained + scored.report.people_checked == len(scored.person)
    group = top_by_list(work, scored)
    assert 0 < sum(cell.sum() for cell in group.values()) <= -(-len(scored.person) * 2 // 100)


@pytest.mark.req(315)
def test_a_perfect_and_a_blind_score() -> None:
    import numpy as np

    from wpb.patients.risk import check_score

    outcome = np.array([False] * 80 + [True] * 20)
    assert check_score(outcome.astype(float), outcome, "", 0).discrimination == 1.0
    assert check_score(np.full(100, 0.2), outcome, "", 0).discrimination == 0.5
    assert check_score(np.full(100, 0.2), outcome, "", 0).expected_over_observed == pytest.approx(
        1.0
    )


@pytest.mark.req(95, 100, 101, 180, 242)
def test_pounds_of_people_lists_and_segments_are_the_pounds_of_the_contracts(place: Path) -> None:
    from wpb.patients.publishing import work_out, write_published

    room = opened(place)
    pence = room.monetised()
    results = work_out(room, pence)
    stages = room.encode().stages
    assert sum(results.by_list.pence.values()) == sum(results.by_segment.pence.values())
    charged = {key[0] for key in pence}
    for contract in ("COMMUNITY", "MENTAL"):
        found = stages.fetch(
            "SELECT charge, CAST(SUM(pence) AS BIGINT) AS pence FROM by_list GROUP BY charge"
        ).to_pylist()
        assert sum(
            row["pence"] for row in found if room.charge_keys[row["charge"]][0] == contract
        ) == sum(value for key, value in pence.items() if key[0] == contract)
    assert charged == {"COMMUNITY", "MENTAL", "PRIMARY_CARE_POT"} and not results.unmapped
    people = stages.fetch("SELECT CAST(SUM(pence) AS BIGINT) AS pence FROM by_person").to_pylist()[
        0
    ]["pence"]
    assert sum(value.pence for value in results.types) == people
    assert "people on no list" not in {row for row, _ in results.by_segment.pence}, (
        "a row of two tables could be shown in one and held back in the other"
    )
    write_published(room, results, place / "results")
    assert {path.name for path in (place / "results" / "people").iterdir()} >= {
        "value_by_segment.csv",
        "use_per_head.csv",
        "pence_by_list_and_service.csv",
    }


def opened(place: Path) -> Room:
    """The room of a place, with the tables as the edge reads them."""
    from wpb.intake.csv_files import read_csv_file
    from wpb.intake.reading import check_model
    from wpb.intake.typing_tables import type_table
    from wpb.kernel.problems import ProblemLog

    log, found = ProblemLog(), {}
    check_model(
        place, lambda folder, tables, settings, read, hashes, problems: found.update(tables)
    )

    def read(spec: TableSpec, path: Path) -> TypedTable | None:
        grid = read_csv_file(path, path.name, log)
        assert grid is not None
        return type_table(grid, spec, "GBP", log)

    room = open_room(
        place,
        found,
        read,
        "2029-30",
        log,
    )
    assert room is not None
    return room
