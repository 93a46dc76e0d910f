"""One definition, the same answers: every stage on the embedded engine, on a Spark cluster and
through Spark Connect.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.conformance.conftest import Cluster
from wpb.intake.csv_files import read_csv_file
from wpb.intake.reading import check_model
from wpb.intake.typing_tables import type_table
from wpb.kernel.problems import ProblemLog
from wpb.patients.publishing import work_out
from wpb.patients.room import Room, open_room
from wpb.patients.stages import Stages
from wpb.patients.synthesis import synthesise
from wpb.tables.schema import TableSpec, TypedTable

pytestmark = pytest.mark.req(38, 95, 101, 102)

STAGES = (
    *(
        "registrations",
        "movers",
        "people",
        "by_list",
        "by_profile",
        "by_person",
        "by_activity",
        "packages",
        "overlaps_admitted_care",
    ),
    *(
        f"records_{table}"
        for table in (
            "admitted_care",
            "outpatient_care",
            "emergency_care",
            "community_contacts",
            "mental_health_clusters",
            "gp_appointments",
        )
    ),
)
"""Every stage that is kept, by the name it is read under."""
PEOPLE = 1_200


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small place with faulty records, pseudonyms in letters, and one table as CSV."""
    folder = tmp_path_factory.mktemp("conformance") / "place"
    synthesise(folder, PEOPLE, 11, faulty_share=0.03)
    for table in sorted(
        path
        for path in (folder / "patients").iterdir()
        if path.is_dir() and not path.name.startswith(".")
    ):
        if not list(table.glob("*.parquet")):
            continue
        for path in table.glob("*.parquet"):
            read = parquet.read_table(path)
            coded = pa.array(
                [
                    None if value is None else f"P-{value:x}"
                    for value in read.column("pseudonym").to_pylist()
                ]
            )
            read = read.set_column(read.column_names.index("pseudonym"), "pseudonym", coded)
            if table.name == "emergency_care":
                read = read.set_column(
                    0,
                    "record",
                    pa.array([f"E{value}" for value in read.column("record").to_pylist()]),
                )
            parquet.write_table(read, path)
    contacts = folder / "patients" / "community_contacts"
    import pyarrow.csv

    pyarrow.csv.write_csv(
        parquet.read_table(contacts),
        contacts.with_suffix(".csv"),
        pyarrow.csv.WriteOptions(quoting_style="needed"),
    )
    for left in (contacts, folder / "patients" / ".engine", folder / "patients" / "summaries"):
        shutil.rmtree(left, ignore_errors=True)
    settings = folder / "patients" / "patients.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace(
            "stop_over_share: 0.12", "stop_over_share: 0.5"
        ),
        encoding="utf-8",
    )
    return folder


def opened(place: Path, engine: str, tmp_path: Path) -> tuple[Room, ProblemLog]:
    """Open a copy of the place on an engine."""
    folder = tmp_path / "place"
    shutil.copytree(place, folder, dirs_exist_ok=True)
    log, found = ProblemLog(), {}

    def take(
        model: Path,
        tables: dict[str, TypedTable],
        settings: object,
        read: object,
        hashes: object,
        problems: ProblemLog,
    ) -> None:
        found.update(tables)

    check_model(folder, take)

    def read_table(spec: TableSpec, path: Path) -> TypedTable | None:
        grid = read_csv_file(path, path.name, log)
        return type_table(grid, spec, "GBP", log) if grid else None

    room = open_room(folder, found, read_table, "2029-30", log, engine, "synthetic")
    assert room is not None, log.problems
    return room, log


def rows_in(stages: Stages, stage: str) -> list[tuple[object, ...]]:
    """Every row of a stage, in order."""
    table = stages.fetch(f"SELECT * FROM {stage}")
    names = sorted(table.column_names)
    return sorted((tuple(row[name] for name in names) for row in table.to_pylist()), key=repr)


def worked(
    place: Path, engine: str, tmp_path: Path
) -> tuple[dict[str, list[tuple[object, ...]]], dict[str, object]]:
    """Work the place up on an engine; give every stage's rows in order, and what would leave the
    engine.
    """
    room, log = opened(place, engine, tmp_path)
    summary = {
        name: {column: values.tolist() for column, values in table.columns.items()}
        for name, table in room.summary().items()
    }
    results = work_out(room, room.monetised())
    stages = room.encode().stages
    rows = {stage: rows_in(stages, stage) for stage in STAGES}
    left: dict[str, object] = {
        "summary": summary,
        "types": results.types,
        "use": results.use,
        "by_list": results.by_list.pence,
        "by_segment": results.by_segment.pence,
        "problems": sorted(str(problem) for problem in log.problems),
    }
    stages.engine.close()
    return rows, left


@pytest.fixture(scope="session")
def embedded(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, list[tuple[object, ...]]], dict[str, object]]:
    return worked(place, "duckdb", tmp_path_factory.mktemp("duckdb"))


def same(first: object, second: object) -> bool:
    return repr(first) == repr(second)


@pytest.mark.deep(sample=0)
def test_a_killed_worker_changes_no_answer(
    own_cluster: Cluster,
    place: Path,
    embedded: tuple[dict[str, list[tuple[object, ...]]], dict[str, object]],
    small_cluster_settings: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("SPARK_CONF_DIR", str(small_cluster_settings))
    killed: list[str] = []

    def kill_once(stage: str, state: str, seconds: float) -> None:
        if stage == "encoded_outpatient_care" and state == "started":
            own_cluster.kill_a_worker()
            killed.append(stage)

    room, _ = opened(place, own_cluster.address, tmp_path)
    room.progress = kill_once
    stages = room.encode().stages
    assert killed
    for stage in (
        "people",
        "records_admitted_care",
        "records_outpatient_care",
        "records_gp_appointments",
    ):
        assert same(rows_in(stages, stage), embedded[0][stage]), stage
    stages.engine.close()


@pytest.mark.deep(sample=1)
@pytest.mark.parametrize("way", ["classic", "connect"])
def test_a_cluster_gives_the_same_answers(
    way: str,
    place: Path,
    embedded: tuple[dict[str, list[tuple[object, ...]]], dict[str, object]],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = request.getfixturevalue("master" if way == "classic" else "connect_server")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("SPARK_CONF_DIR", str(request.getfixturevalue("small_cluster_settings")))
    rows, left = worked(place, address, tmp_path)
    for stage, expected in embedded[0].items():
        assert len(rows[stage]) == len(expected), stage
        assert same(rows[stage], expected), f"{stage} differs"
    for name, expected_result in embedded[1].items():
        assert same(left[name], expected_result), name
    assert embedded[0]["by_list"], "there was something to compare"
