"""Who made a sign-in link for someone else, and the sessions that began from one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    """Add the columns where the tables were made before they had them."""
    for table, name in (("links", "made_by"), ("sessions", "handed_by")):
        held = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
        if name not in held:
            op.add_column(table, sa.Column(name, sa.Text, nullable=False, server_default=""))
