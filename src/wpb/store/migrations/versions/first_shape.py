"""The first shape of the store, with an audit trail that refuses to be changed."""

from __future__ import annotations

from alembic import op

from wpb.store.shape import guards, metadata

revision, down_revision = "0001", None
TABLES = (
    "files",
    "folders",
    "organisations",
    "people",
    "sessions",
    "links",
    "versions",
    "acts",
    "parties",
    "scenarios",
    "remarks",
    "records",
    "jobs",
    "trail",
)
WRITTEN_ONCE = ("trail", "files", "folders", "versions", "acts", "remarks", "parties")
REFUSE = (
    "CREATE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
    " 'written once'; END $$"
)


def upgrade() -> None:
    """Make every table, and the guards that keep what is written once from being changed."""
    connection = op.get_bind()
    metadata.create_all(connection, tables=[metadata.tables[name] for name in TABLES])
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(REFUSE)
    for statement in guards(connection.dialect.name, WRITTEN_ONCE):
        connection.exec_driver_sql(statement)
