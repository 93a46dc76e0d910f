"""Stores of every schema there was are opened, backed up and brought up to date; a newer one is
refused.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from wpb.cli import main
from wpb.kernel.problems import UsageProblem
from wpb.store import agreements
from wpb.store.database import Database
from wpb.store.frozen import thaw
from wpb.store.migrations import NEWEST
from wpb.store.shape import metadata
from wpb.store.trail import verify_store

pytestmark = pytest.mark.req(443)
SCHEMAS = Path(__file__).parents[1] / "fixtures" / "schemas"


def store_of(schema: str, folder: Path) -> Path:
    """Make a store as an older wpb left it."""
    path = folder / "store.db"
    with sqlite3.connect(path) as made:
        made.executescript((SCHEMAS / f"store_{schema}.sql").read_text(encoding="utf-8"))
    made.close()
    return path


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Give what each table of a store holds."""
    opened = sqlite3.connect(path)
    names = [
        name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    found = {name: opened.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(names)}
    opened.close()
    return found


def test_there_is_a_store_of_every_older_schema() -> None:
    older = [f"{number:04}" for number in range(1, int(NEWEST))]
    assert set(older) - {path.stem.removeprefix("store_") for path in SCHEMAS.glob("*.sql")} <= {
        NEWEST
    }


@pytest.mark.parametrize("schema", sorted(path.stem[6:] for path in SCHEMAS.glob("store_*.sql")))
def test_an_older_store_is_backed_up_and_upgraded(schema: str, tmp_path: Path) -> None:
    path = store_of(schema, tmp_path)
    before = tables(path)
    database = Database(f"sqlite:///{path}")
    copies = [each for each in tmp_path.iterdir() if ".schema-" in each.name]
    if schema == NEWEST:
        assert (copies, database.upgraded) == ([], "")
    else:
        assert f"was of schema {schema}" in database.upgraded
        assert str(copies[0]) in database.upgraded and tables(copies[0]) == before
    for name, table in metadata.tables.items():
        with database.reading() as connection:
            columns = connection.exec_driver_sql(f"PRAGMA table_info({name})").all()
        assert [column[1] for column in columns] == [column.name for column in table.columns]
    with database.reading() as connection:
        assert verify_store(connection) == []
        (version,) = agreements.all_versions(connection)
        assert version.standing == "agreed"
        assert thaw(connection, version.folder)["model.yaml"] == b"model: one\n"
    database.close()
    assert not Database(f"sqlite:///{path}").upgraded


def test_the_command_says_that_it_upgraded_the_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store_of("0001", tmp_path)
    assert main(["audit", "verify", "--store", str(path)]) == 0
    assert "The store was of schema 0001" in capsys.readouterr().err


def test_a_newer_store_is_refused_and_untouched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store_of("0003", tmp_path)
    with sqlite3.connect(path) as changed:
        changed.execute("UPDATE alembic_version SET version_num = '9001'")
    changed.close()
    before = tables(path)
    with pytest.raises(UsageProblem, match="written by a newer wpb"):
        Database(f"sqlite:///{path}")
    assert main(["audit", "log", "--store", str(path)]) == 2
    assert "schema 9001" in capsys.readouterr().err
    assert tables(path) == before
