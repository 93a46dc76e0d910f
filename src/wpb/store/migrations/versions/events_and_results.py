"""Events in the life of a contract, written once, and results kept by what they were made from."""

from __future__ import annotations

from alembic import op

from wpb.store.shape import guards, metadata

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    """Make the two tables, guard the events, and take out a table that nothing ever used."""
    connection = op.get_bind()
    metadata.create_all(
        connection, tables=[metadata.tables[name] for name in ("events", "results")]
    )
    for statement in guards(connection.dialect.name, ("events",)):
        connection.exec_driver_sql(statement)
    op.drop_table("uploads", if_exists=True)
