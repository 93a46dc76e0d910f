"""Opens the database of a store: SQLite in write-ahead mode, or PostgreSQL; one writer at a time,
whole or not at all.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

from wpb.kernel.problems import UsageProblem
from wpb.store.migrations import NEWEST

LOCK = 7241973
"""The number under which PostgreSQL's writers queue; the trail's rows follow one another, so
writers do too.
"""


class Database:
    """A database that readers read as it stands and writers change one at a time."""

    def __init__(self, url: str):
        """Open the database at a URL (sqlite:///path, postgresql+psycopg://...) and bring its shape
        up to date: an older SQLite store is copied beside itself first.

        Raises UsageProblem for a store written by a newer wpb.
        Source: req 443.
        """
        self.url = url
        self.upgraded = ""
        """What was done to an older store when it was opened, in words."""
        self.engine = _engine(url)
        self._bring_up_to_date()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes all happen, or none of them."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
            connection.commit()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file on this machine."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def _bring_up_to_date(self) -> None:
        shape = self._shape()
        if shape == NEWEST:
            return
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
        if shape and shape not in known:
            from wpb import __version__

            self.close()
            raise UsageProblem(
                f"This store is of schema {shape}, written by a newer wpb; this is wpb"
                f" {__version__}, which reads stores up to schema {NEWEST}. Open it with the wpb"
                " that wrote it. Nothing was changed."
            )
        if shape:
            self.upgraded = self._backed_up(shape)
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _shape(self) -> str:
        """The schema of the store; '' where there is nothing yet."""
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return ""
            return "".join(
                connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
            )

    def _backed_up(self, shape: str) -> str:
        """Copy an older SQLite store beside it before it is upgraded; gives what is done in
        words.
        """
        words = f"The store was of schema {shape} and was brought to schema {NEWEST}."
        if not self.is_sqlite or not self.engine.url.database:
            return words
        path = Path(self.engine.url.database)
        stem = f"{path.name}.schema-{shape}.{datetime.date.today().isoformat()}"
        copy = next(
            copy
            for number in range(1, 1000)
            if not (copy := path.with_name(stem if number == 1 else f"{stem}-{number}")).exists()
        )
        with self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        copy.chmod(path.stat().st_mode)
        return f"{words} As it was before: {copy}"


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=20, max_overflow=40)
    engine = create_engine(
        url, pool_size=20, max_overflow=40, connect_args={"timeout": 30, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _: Any) -> None:
        raw.isolation_level = None  # the driver's own BEGIN would be deferred; ours is immediate
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "trusted_schema=OFF",
        ):
            raw.execute(f"PRAGMA {pragma}")

    return engine
