"""The first shape of the store, with an audit trail that refuses to be changed.

Written out, not made from today's tables: what an old store was given stays what it was.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)

from wpb.store.migrations.guards import guard

revision, down_revision = "0001", None
WRITTEN_ONCE = ("trail", "files", "folders", "versions", "acts", "remarks", "parties")
REFUSE = (
    "CREATE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
    " 'written once'; END $$"
)


def _text(name: str, default: str | None = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def upgrade() -> None:
    """Make every table, and the guards that keep what is written once from being changed."""
    _files_and_people()
    _versions()
    _work()
    _trail()
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(REFUSE)
    for statement in guard(connection.dialect.name, WRITTEN_ONCE):
        connection.exec_driver_sql(statement)


def _files_and_people() -> None:
    op.create_table(
        "files",
        Column("sha256", String(64), primary_key=True),
        Column("content", LargeBinary, nullable=False),
    )
    op.create_table(
        "folders",
        Column("sha256", String(64), primary_key=True),
        _text("listing"),
        _text("frozen_at"),
    )
    op.create_table(
        "organisations", Column("code", String(64), primary_key=True), _text("name"), _text("kind")
    )
    op.create_table(
        "people",
        Column("id", Integer, primary_key=True),
        Column("email", String(254), nullable=False, unique=True),
        _text("name"),
        Column("organisation", String(64), ForeignKey("organisations.code"), nullable=False),
        _text("role"),
        Column("administrator", Boolean, nullable=False),
        _text("password"),
        _text("subject"),
        Column("active", Boolean, nullable=False),
    )
    op.create_table(
        "sessions",
        Column("token_sha256", String(64), primary_key=True),
        Column("person", Integer, ForeignKey("people.id"), nullable=False),
        Column("until", Integer, nullable=False),
    )
    op.create_table(
        "links",
        Column("token_sha256", String(64), primary_key=True),
        Column("person", Integer, ForeignKey("people.id"), nullable=False),
        Column("until", Integer, nullable=False),
    )


def _versions() -> None:
    op.create_table(
        "versions",
        Column("number", Integer, primary_key=True),
        Column("folder", String(64), ForeignKey("folders.sha256"), nullable=False),
        Column("parent", Integer, ForeignKey("versions.number"), nullable=True),
        _text("title"),
        _text("reason"),
        _text("made_by"),
        _text("made_at"),
        Column("scenario", Integer, nullable=True),
        UniqueConstraint("folder", "parent", name="one_version_a_folder_and_parent"),
    )
    op.create_table(
        "acts",
        Column("id", Integer, primary_key=True),
        Column("version", Integer, ForeignKey("versions.number"), nullable=False),
        _text("act"),
        _text("organisation"),
        _text("person"),
        _text("words"),
        _text("at"),
    )
    op.create_table(
        "parties",
        Column("version", Integer, ForeignKey("versions.number"), primary_key=True),
        Column("organisation", String(64), ForeignKey("organisations.code"), primary_key=True),
    )


def _work() -> None:
    op.create_table(
        "scenarios",
        Column("id", Integer, primary_key=True),
        Column("folder", String(64), ForeignKey("folders.sha256"), nullable=False),
        _text("title"),
        _text("reason"),
        _text("changes"),
        _text("made_by"),
        _text("organisation"),
        _text("made_at"),
        Column("revision", Integer, nullable=False),
    )
    op.create_table(
        "remarks",
        Column("id", Integer, primary_key=True),
        Column("version", Integer, ForeignKey("versions.number"), nullable=False),
        _text("kind"),
        _text("about"),
        _text("words"),
        _text("person"),
        _text("organisation"),
        _text("at"),
        Column("file", String(64), ForeignKey("files.sha256"), nullable=True),
        _text("file_name"),
    )
    op.create_table(
        "records",
        Column("checklist", String(64), primary_key=True),
        Column("version", Integer, ForeignKey("versions.number"), primary_key=True),
        _text("answers"),
        Column("revision", Integer, nullable=False),
        _text("changed_by"),
        _text("signed"),
    )
    op.create_table(
        "jobs",
        Column("id", Integer, primary_key=True),
        _text("kind"),
        Column("folder", String(64), nullable=False),
        _text("settings", "{}"),
        _text("standing"),
        _text("stage"),
        _text("person"),
        _text("organisation"),
        _text("at"),
        _text("worker"),
        _text("outcome"),
        Column("file", String(64), nullable=True),
    )


def _trail() -> None:
    op.create_table(
        "trail",
        Column("number", Integer, primary_key=True, autoincrement=False),
        _text("at"),
        _text("person"),
        _text("organisation"),
        _text("act"),
        _text("subject"),
        _text("detail"),
        _text("previous"),
        _text("hash"),
    )
