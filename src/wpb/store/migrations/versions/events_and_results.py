"""Events in the life of a contract, written once, and results kept by what they were made from."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint

from wpb.store.migrations.guards import guard

revision, down_revision = "0002", "0001"


def _text(name: str, default: str | None = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def upgrade() -> None:
    """Make the two tables, guard the events, and take out a table that nothing ever used."""
    connection = op.get_bind()
    op.create_table(
        "events",
        Column("id", Integer, primary_key=True),
        Column("version", Integer, ForeignKey("versions.number"), nullable=False),
        Column("code", String(64), nullable=False),
        _text("row", "{}"),
        _text("tables", "{}"),
        _text("person"),
        _text("organisation"),
        _text("at"),
        UniqueConstraint("version", "code", name="one_event_a_code"),
    )
    op.create_table(
        "results",
        Column("inputs", String(64), primary_key=True),
        Column("programme", String(64), primary_key=True),
        Column("name", String(200), primary_key=True),
        Column("content", LargeBinary, nullable=False),
    )
    for statement in guard(connection.dialect.name, ("events",)):
        connection.exec_driver_sql(statement)
    op.drop_table("uploads", if_exists=True)
