"""How Alembic runs the changes: on the connection that the store hands over, within its
transaction.
"""

from __future__ import annotations

from alembic import context

from wpb.store.shape import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
