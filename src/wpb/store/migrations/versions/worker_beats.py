"""When a run's worker last said that it is alive, so that servers that share a store never take
each other's runs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Add the column where the table was made before it had one."""
    if "beat" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("jobs")}:
        op.add_column("jobs", sa.Column("beat", sa.Integer, nullable=False, server_default="0"))
