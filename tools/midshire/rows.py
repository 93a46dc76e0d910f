"""Rows of the input tables as they are made, checked against the declared columns."""

from __future__ import annotations

from wpb.tables import TABLES_BY_NAME

Row = dict[str, str]


class Rows:
    """Rows by table name, each value as the text its cell will hold."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}

    def add(self, table: str, **values: str | int | float | bool) -> None:
        """Add one row; a column left out is blank.

        Raises KeyError for a column the table doesn't have.
        """
        row = {column.name: "" for column in TABLES_BY_NAME[table].columns}
        for name, value in values.items():
            if name not in row:
                raise KeyError(f"table {table} has no column {name}")
            row[name] = ("true" if value else "false") if isinstance(value, bool) else str(value)
        self.tables.setdefault(table, []).append(row)

    def join(self, other: Rows) -> None:
        """Take in the rows of another."""
        for table, rows in other.tables.items():
            self.tables.setdefault(table, []).extend(rows)

    def where(self, table: str, **values: str) -> list[Row]:
        """List the rows of a table that hold these values."""
        return [
            row
            for row in self.tables.get(table, [])
            if all(row[name] == value for name, value in values.items())
        ]
