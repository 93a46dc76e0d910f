"""The statements of the migrations that make a database refuse to change what is written once."""

from __future__ import annotations

from collections.abc import Sequence


def guard(dialect: str, tables: Sequence[str]) -> list[str]:
    """Give the guards of some tables as the migrations have always made them."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_stays_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT"
            f" RAISE(ABORT, '{table} is written once'); END"
            for table in tables
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH"
        " STATEMENT EXECUTE FUNCTION written_once()"
        for table in tables
    ]
