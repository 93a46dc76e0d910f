"""Opens the database of a store: SQLite in write-ahead mode, or PostgreSQL; one writer at a time,
whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

from wpb.store.migrations import NEWEST

LOCK = 7241973
"""The number under which PostgreSQL's writers queue; the trail's rows follow one another, so
writers do too.
"""


class Database:
    """A database that readers read as it stands and writers change one at a time."""

    def __init__(self, url: str):
        """Open the database at a URL (sqlite:///path, postgresql+psycopg://...) and bring its shape
        up to date.
        """
        self.url = url
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
        with self.reading() as connection:
            if inspect(connection).has_table("alembic_version") and connection.execute(
                text("SELECT version_num FROM alembic_version")
            ).scalars().all() == [NEWEST]:
                return
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


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
