"""The store: what is agreed stays as it was, nothing confirmed is lost, and whoever tampers is
found.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import wpb
from wpb.kernel.problems import UsageProblem
from wpb.store import agreements, events, jobs, people, records, scenarios
from wpb.store.baking import bake
from wpb.store.database import Database
from wpb.store.frozen import freeze, lay_out, listing_of, model_files, thaw
from wpb.store.overlay import Change, lay_over
from wpb.store.refusals import Conflict, Forbidden
from wpb.store.trail import Actor, export_trail, read_trail, record, verify_export, verify_store

ANN, BEN = Actor("Ann <ann@icb.example>", "QZN"), Actor("Ben <ben@trust.example>", "MRH")
MODEL = {"model.yaml": b"model: one\n", "inputs/contracts.csv": b"contract,value\nA,1.00\n"}


@pytest.fixture(scope="session")
def postgresql_url(postgresql: Path) -> Iterator[str]:
    """A throwaway cluster on a socket of its own, run by someone other than root."""
    folder = Path(tempfile.mkdtemp(prefix="wpbpg"))
    as_user = (
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    )
    if as_user:
        os.chown(folder, 65534, 65534)
    subprocess.run(
        [
            *as_user,
            str(postgresql / "initdb"),
            "-D",
            f"{folder}/d",
            "-U",
            "wpb",
            "-A",
            "trust",
            "-N",
        ],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    server = subprocess.Popen(
        [
            *as_user,
            str(postgresql / "postgres"),
            "-D",
            f"{folder}/d",
            "-k",
            str(folder),
            "-c",
            "listen_addresses=",
            "-F",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    url = f"postgresql+psycopg://wpb@/postgres?host={folder}"
    for _ in range(100):
        if (
            subprocess.run(
                [str(postgresql / "pg_isready"), "-h", str(folder), "-U", "wpb"],
                capture_output=True,
            ).returncode
            == 0
        ):
            break
        time.sleep(0.1)
    yield url
    server.send_signal(signal.SIGINT)
    server.wait(30)
    subprocess.run(["rm", "-rf", str(folder)], check=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'store.db'}")
    else:
        url = request.getfixturevalue("postgresql_url")
        cleaner = Database(url)
        with cleaner.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        cleaner.close()
        made = Database(url)
    with made.writing() as connection:
        people.add_organisations(
            connection,
            ANN,
            {
                "QZN": ("North", "commissioner"),
                "MRH": ("Royal", "provider"),
                "MCC": ("County", "council"),
            },
        )
    yield made
    made.close()


def proposed(database: Database) -> agreements.Version:
    with database.writing() as connection:
        number = agreements.make_version(connection, ANN, MODEL, "First", "To begin")
        agreements.propose(connection, ANN, number, ["QZN", "MRH"], "For agreement")
        for actor in (ANN, BEN):
            agreements.remark(connection, actor, number, "interest", "", "None to declare")
        return agreements.find_version(connection, number)


def test_a_frozen_folder_comes_back_byte_for_byte_and_once(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as connection:
        first, second = freeze(connection, MODEL), freeze(connection, dict(reversed(MODEL.items())))
        assert first == second
        assert thaw(connection, first) == MODEL
        assert lay_out(thaw(connection, first), tmp_path / "laid") == tmp_path / "laid"
    assert (tmp_path / "laid" / "inputs" / "contracts.csv").read_bytes() == MODEL[
        "inputs/contracts.csv"
    ]


@pytest.mark.parametrize(
    "path", ["../up.csv", "/etc/x.csv", "a/../../x.csv", "a\\b.csv", "a\nb.csv", "", "a//b.csv"]
)
def test_a_path_that_leads_out_is_refused(path: str) -> None:
    with pytest.raises(UsageProblem):
        listing_of({path: b""})


def test_peoples_records_never_enter(tmp_path: Path) -> None:
    (tmp_path / "patients").mkdir()
    (tmp_path / "model.yaml").write_text("model: x\n")
    with pytest.raises(UsageProblem, match="people's records"):
        model_files(tmp_path)


@pytest.mark.req(354, 369)
def test_every_party_signs_and_then_nothing_changes(database: Database) -> None:
    version = proposed(database)
    with database.writing() as connection:
        assert not agreements.sign(connection, ANN, version.number, version.folder, "Agreed")
        assert agreements.sign(connection, BEN, version.number, version.folder, "Agreed")
        assert agreements.find_version(connection, version.number).standing == "agreed"
        for attempt in (
            lambda: agreements.withdraw(connection, ANN, version.number, "No"),
            lambda: agreements.sign(connection, BEN, version.number, version.folder, "Again"),
            lambda: agreements.propose(connection, ANN, version.number, ["QZN", "MRH"], "Again"),
        ):
            with pytest.raises(Conflict):
                attempt()
        later = agreements.make_version(
            connection,
            BEN,
            {**MODEL, "inputs/contracts.csv": b"contract,value\nA,2.00\n"},
            "Second",
            "Growth",
            parent=version.number,
        )
        assert agreements.find_version(connection, later).parent == version.number
        assert verify_store(connection) == []


@pytest.mark.req(354)
@pytest.mark.parametrize(
    ("actor", "folder", "said"),
    [
        (BEN, "0" * 64, "not what this version holds"),
        (Actor("Cy", "MCC"), None, "not one of the parties"),
    ],
)
def test_a_signature_is_for_what_was_seen_and_by_a_party(
    database: Database, actor: Actor, folder: str | None, said: str
) -> None:
    version = proposed(database)
    with database.writing() as connection, pytest.raises((Conflict, Forbidden), match=said):
        agreements.sign(connection, actor, version.number, folder or version.folder, "")


@pytest.mark.req(354)
def test_interests_come_before_a_signature(database: Database) -> None:
    with database.writing() as connection:
        number = agreements.make_version(connection, ANN, MODEL, "First", "To begin")
        agreements.propose(connection, ANN, number, ["QZN", "MRH"], "")
        with pytest.raises(Conflict, match="Declare interests"):
            agreements.sign(
                connection, ANN, number, agreements.find_version(connection, number).folder, ""
            )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET detail = 'x'",
        "DELETE FROM trail",
        "UPDATE versions SET title = 'x'",
        "DELETE FROM acts",
        "UPDATE files SET sha256 = 'x'",
    ],
)
def test_the_database_refuses_to_change_what_is_written_once(
    database: Database, statement: str
) -> None:
    proposed(database)
    with pytest.raises(Exception, match="written once"), database.engine.begin() as connection:
        connection.execute(text(statement))


def tamper(database: Database, statement: str) -> None:
    """Change the database as someone with all its rights could: past the guards."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            for name in (
                connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                .scalars()
                .all()
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(statement))
        connection.commit()
        if not database.is_sqlite:
            connection.execute(text("SET session_replication_role = DEFAULT"))
            connection.commit()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE trail SET organisation = 'MCC' WHERE number = 5", "Row 5 was changed"),
        ("DELETE FROM trail WHERE number = 4", "was taken out"),
        (
            "UPDATE versions SET folder = folder, parent = 1 WHERE number = 1",
            "not the one that the trail recorded",
        ),
        ("DELETE FROM acts", "signatures and proposals"),
    ],
)
def test_tampering_past_the_guards_is_found(database: Database, statement: str, said: str) -> None:
    proposed(database)
    tamper(database, statement)
    with database.reading() as connection:
        assert any(said in words for words in verify_store(connection))


def test_a_trail_cut_short_is_found_by_whoever_noted_its_end(database: Database) -> None:
    proposed(database)
    with database.reading() as connection:
        rows = read_trail(connection)
    tamper(database, f"DELETE FROM trail WHERE number = {len(rows)}")
    with database.reading() as connection:
        assert verify_store(connection, rows[-2]["hash"]) == []
        assert any("cut short" in words for words in verify_store(connection, rows[-1]["hash"]))


def test_the_export_is_enough_to_verify(database: Database) -> None:
    proposed(database)
    with database.reading() as connection:
        exported = json.loads(json.dumps(export_trail(read_trail(connection))))
    assert verify_export(exported) == []
    exported["rows"][2]["detail"] = "{}"
    assert any("Row 3 was changed" in words for words in verify_export(exported))
    assert verify_export({**exported, "rows": exported["rows"][:2]}) != []
    assert verify_export([]) != []


def test_two_people_editing_the_second_is_told_and_nothing_is_lost(database: Database) -> None:
    changes = [Change("scale", "care_model_impacts", "saving", 0.8)]
    version = proposed(database)
    with database.writing() as connection:
        identity = scenarios.save_scenario(
            connection, ANN, version.folder, "Slower", "Caution", changes
        )
        assert (
            scenarios.edit_scenario(
                connection, ANN, identity, 1, "Slower still", "Caution", changes
            )
            == 2
        )
        with pytest.raises(Conflict, match="Ann"):
            scenarios.edit_scenario(
                connection, Actor("Al", "QZN"), identity, 1, "Faster", "Hope", changes
            )
        assert scenarios.find_scenario(connection, identity).title == "Slower still"
        assert records.answer(connection, ANN, "readiness", version.number, 0, {"a": "yes"}) == 1
        with pytest.raises(Conflict, match="Ann"):
            records.answer(connection, BEN, "readiness", version.number, 0, {"a": "no"})
        records.sign_record(connection, BEN, "readiness", version.number, 1)
        with pytest.raises(Conflict, match="signed"):
            records.answer(connection, ANN, "readiness", version.number, 1, {"a": "no"})


def test_writers_queue_and_the_trail_holds(database: Database) -> None:
    faults: list[Exception] = []

    def write(name: str) -> None:
        try:
            for number in range(15):
                with database.writing() as connection:
                    record(connection, Actor(name, "QZN"), "said", f"thing {number}")
        except Exception as fault:  # noqa: BLE001 - looked at below
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(f"writer {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.reading() as connection:
        assert verify_store(connection) == []
        assert sum(row["act"] == "said" for row in read_trail(connection)) == 60


def test_a_session_ends_a_link_works_once_and_a_password_is_kept_as_a_hash(
    database: Database,
) -> None:
    with database.writing() as connection:
        identity = people.add_person(
            connection,
            ANN,
            "Dee@Example.org",
            "Dee",
            "MRH",
            "provider",
            password="correct horse battery",
        )
        person = people.check_password(connection, "dee@example.org", "correct horse battery")
        assert person is not None and person.id == identity
        assert people.check_password(connection, "dee@example.org", "wrong") is None
        assert people.check_password(connection, "nobody@example.org", "wrong") is None
        token = people.make_link(connection, identity)
        assert people.use_link(connection, token) == person
        assert people.use_link(connection, token) is None
        assert people.use_link(connection, people.make_link(connection, identity, -1)) is None
        session = people.start_session(connection, person)
        assert people.person_of_session(connection, session) == person
        people.stop_person(connection, ANN, identity)
        assert people.person_of_session(connection, session) is None
        kept = json.dumps(
            [
                [str(value) for value in row]
                for table in ("people", "sessions", "links", "trail")
                for row in connection.execute(text(f"SELECT * FROM {table}"))
            ]
        )
        assert "correct horse" not in kept and session not in kept and token not in kept


def test_a_run_is_taken_once_cancelled_and_taken_up_again(database: Database) -> None:
    folder = proposed(database).folder
    with database.writing() as connection:
        first, second = (jobs.ask(connection, ANN, "run", folder, {"n": n}) for n in (1, 2))
        taken = jobs.take(connection, "worker 1")
        assert taken is not None and taken.id == first and jobs.tell(connection, first, "forecast")
        assert jobs.say_alive(connection, first, "worker 1") and not jobs.say_alive(
            connection, first, "worker 2"
        )
        assert jobs.take_up_again(connection) == 0, "its worker is alive, whichever server asks"
        assert jobs.take_up_again(connection, silent_seconds=-2) == 1
        assert not jobs.say_alive(connection, first, "worker 1"), "whoever lost it stops"
        with pytest.raises(Forbidden):
            jobs.cancel(connection, BEN, second)
        jobs.cancel(connection, ANN, first)
        assert not jobs.tell(connection, first, "later")
        taken = jobs.take(connection, "worker 2")
        assert taken is not None and taken.id == second
        jobs.finish(connection, second, jobs.DONE, "done", b"zip")
        assert jobs.find_job(connection, second).standing == jobs.DONE


WRITER = """
import sys
from wpb.store import agreements, events, jobs, people, records, results, scenarios
from wpb.store.database import Database
from wpb.store.overlay import Change
from wpb.store.trail import Actor

database, number = Database(sys.argv[1]), int(sys.argv[2])
ann, ben = Actor("Ann", "QZN"), Actor("Ben", "MRH")
while True:
    number += 1
    def version(c):
        return agreements.make_version(c, ann, {"model.yaml": str(number).encode() * 20_000}, "v", "w")
    def agree(c):
        made = version(c)
        agreements.propose(c, ann, made, ["QZN", "MRH"], "")
        for actor in (ann, ben):
            agreements.remark(c, actor, made, "interest", "", "None", ("a.txt", b"x" * 1000))
            agreements.sign(c, actor, made, agreements.find_version(c, made).folder, "")
        return made
    def event(c):
        made = agree(c)
        events.enter_event(c, ben, made, {"event": "E1"}, {"list_totals": b"a,b\\n1,2\\n" * 500}, 0)
        return made
    def record(c):
        made = version(c)
        records.answer(c, ann, "isap", made, 0, {"a": "yes"})
        records.sign_record(c, ann, "isap", made, 1)
        return made
    def run(c):
        made = version(c)
        job = jobs.ask(c, Actor("Ann", f"o{number}"), "run", agreements.find_version(c, made).folder, {})
        jobs.take(c, "w")
        jobs.finish(c, job, jobs.DONE, "done", b"zip" * 5000)
        return made
    def other(c):
        made = version(c)
        people.add_person(c, ann, f"p{number}@x.example", "P", "QZN", "analyst")
        scenarios.save_scenario(c, ann, agreements.find_version(c, made).folder, "t", "r", [Change("scale", "a", "b", 2.0)])
        results.keep_result(c, "f" * 64, f"page {number}", "x" * 5000)
        return made
    for write in (version, agree, event, record, run, other):
        number += 1
        with database.writing() as connection:
            made = write(connection)
        print(write.__name__, made, flush=True)
"""


@pytest.mark.parametrize("turn", range(3))
def test_killed_in_the_middle_of_any_write_all_that_was_confirmed_is_there_whole(
    database: Database, turn: int
) -> None:
    """Six kinds of writes go round until kill -9; what was confirmed is there, and no write is half
    there.
    """
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, database.url, str(1000 * turn)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    confirmed = [writer.stdout.readline() for _ in range(7)]
    time.sleep((0.03, 0.11, 0.2)[turn])
    os.kill(writer.pid, signal.SIGKILL)
    confirmed += writer.communicate()[0].splitlines()
    whole = [line.split() for line in confirmed if line.strip() and line.split()[-1].isdigit()]
    assert {kind for kind, _ in whole} == {"version", "agree", "event", "record", "run", "other"}
    opened = Database(database.url)
    with opened.reading() as connection:
        if opened.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert verify_store(connection) == []
        found = {version.number: version for version in agreements.all_versions(connection)}
        for kind, number in whole:
            assert thaw(connection, found[int(number)].folder)
            assert kind not in ("agree", "event") or found[int(number)].standing == "agreed"
            assert len(events.events_of(connection, int(number))) == (kind == "event")
            assert bool(records.completed(connection, "isap", int(number)).signed) == (
                kind == "record"
            )
        assert all(version.standing in ("draft", "agreed") for version in found.values()), (
            "no agreement is half signed"
        )
        assert all(job.standing == jobs.DONE and job.file for job in jobs.all_jobs(connection))
    opened.close()


def test_an_older_store_is_brought_up_to_date_and_then_opened_without_looking(
    tmp_path: Path,
) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import inspect

    from wpb.store import migrations
    from wpb.store.database import _engine

    url = f"sqlite:///{tmp_path / 'old.db'}"
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = _engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    assert "events" not in inspect(engine).get_table_names()
    engine.dispose()
    fresh, old = Database(f"sqlite:///{tmp_path / 'fresh.db'}"), Database(url)
    shapes = [
        {
            name: [
                (column["name"], str(column["type"]), column["nullable"])
                for column in inspect(database.engine).get_columns(name)
            ]
            for name in inspect(database.engine).get_table_names()
        }
        for database in (fresh, old)
    ]
    guards = [
        database.engine.connect()
        .exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        .all()
        for database in (fresh, old)
    ]
    assert shapes[0] == shapes[1] and guards[0] == guards[1] and len(guards[0]) == 16
    Database(url).close()


@pytest.fixture(scope="module")
def midshire(repo_root: Path) -> Any:
    return wpb.load(repo_root / "examples" / "midshire")


@pytest.mark.req(177, 179)
def test_a_scenario_gives_the_same_figures_laid_over_and_written_in(
    midshire: Any, tmp_path: Path
) -> None:
    changes = [
        Change("scale", "care_model_impacts", "saving", 0.8),
        Change("add", "local.efficiency.acute", "", -0.005),
        Change("scale", "allocations", "allocation", 1.013, "commissioner", "QZN"),
    ]
    from wpb.run import calculate

    content = model_files(midshire.path)
    assert "model.yaml" in content and not any(name.endswith("xlsx") for name in content)
    laid = calculate(*lay_over(midshire.model, midshire.book, changes))
    written = wpb.load(
        lay_out(bake(content, midshire.model, midshire.book.local, changes), tmp_path / "baked")
    ).run()
    assert (laid.forecast.value == written.forecast.value).all()
    assert (
        laid.affordability.total["headroom"].value == written.affordability.total["headroom"].value
    ).all()
    assert float(laid.forecast.value.sum()) != float(midshire.budget.forecast.value.sum())
    assert (
        wpb.load(midshire.path).model["allocations"].numbers("allocation").tolist()
        == midshire.model["allocations"].numbers("allocation").tolist()
    )


@pytest.mark.parametrize(
    "change",
    [
        Change("scale", "nothing", "saving", 1),
        Change("scale", "allocations", "commissioner", 1),
        Change("scale", "allocations", "allocation", 1, "commissioner", "X"),
        Change("add", "no.such", "", 1),
    ],
)
def test_a_change_of_what_isnt_there_is_refused(midshire: Any, change: Change) -> None:
    with pytest.raises(Conflict):
        lay_over(midshire.model, midshire.book, [change])


def test_a_national_assumption_can_be_tried_but_not_written_in(midshire: Any) -> None:
    change = Change("add", "unit_cost_uplift.hchs", "", 0.001)
    lay_over(midshire.model, midshire.book, [change])
    with pytest.raises(Conflict, match="national assumption"):
        bake({}, midshire.model, midshire.book.local, [change])


def test_the_command_verifies_a_store_and_an_export_and_says_what_was_altered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from wpb.cli import main

    store, export = str(tmp_path / "store.db"), tmp_path / "trail.json"
    database = Database(f"sqlite:///{store}")
    with database.writing() as connection:
        agreements.make_version(connection, ANN, MODEL, "First", "To begin")
        record(connection, BEN, "said", "something")
    assert main(["audit", "verify", "--store", store]) == 0
    assert main(["audit", "export", "--store", store, str(export)]) == 0
    assert main(["audit", "verify", "--export", str(export)]) == 0
    export.write_text(export.read_text().replace("something", "anything"))
    assert main(["audit", "verify", "--export", str(export)]) == 3
    tamper(database, "UPDATE trail SET person = 'Eve' WHERE number = 1")
    assert main(["audit", "verify", "--store", store]) == 3
    assert "Row 1 was changed" in capsys.readouterr().err
    assert main(["audit", "log", "--store", store]) == 0
    assert main(["audit", "verify", "--store", str(tmp_path / "none.db")]) == 2
    assert main(["audit", "verify"]) == 2
