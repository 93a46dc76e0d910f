"""The first shape of the store, with an audit trail that refuses to be changed."""

from __future__ import annotations

from alembic import op

from wpb.store.shape import GUARDS, metadata

revision, down_revision = "0001", None


def upgrade() -> None:
    """Make every table, and the guards that keep what is written once from being changed."""
    connection = op.get_bind()
    metadata.create_all(connection)
    for statement in GUARDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
