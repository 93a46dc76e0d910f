"""How a column of a source is read, whatever its type: statements in which text that isn't of its
kind becomes missing.

A value that cannot be read is never guessed at: `wrong` says so, and the record is counted and
listed by kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wpb.patients.engine import ColumnType, Engine

TRUE_WORDS = "('true', 'yes', 'y', '1')"
FALSE_WORDS = "('false', 'no', 'n', '0', '')"
LARGEST_UNITS = 1_000_000
"""More units than this in one record is a fault of the record."""


@dataclass(frozen=True)
class ColumnReader:
    """Spells the columns of one source in statements."""

    types: Mapping[str, ColumnType]
    engine: Engine
    as_written: bool = False
    """Whether text was written by a program (Parquet, a database), so that codes carry no blanks
    around them. Codes left untouched keep their dictionaries, and joins on them cost next to
    nothing.
    """

    def has(self, column: str) -> bool:
        """Whether the source has the column."""
        return bool(column) and column in self.types

    def code(self, column: str) -> str:
        """A code as text, '' where blank or absent."""
        if not self.has(column):
            return "''"
        if self.types[column] == "text":
            # Looking at both ends first spares most texts the trimming: it takes ten times longer.
            name = quoted(column)
            return (
                f"COALESCE(CASE WHEN {name} LIKE ' %' OR {name} LIKE '% ' THEN TRIM({name}) ELSE"
                f" {name} END, '')"
            )
        return f"COALESCE(CAST({quoted(column)} AS VARCHAR), '')"

    def matched(self, column: str) -> str:
        """A code to be matched with ours; blank or absent matches none."""
        return (
            quoted(column)
            if self.has(column) and self.types[column] == "text" and self.as_written
            else self.code(column)
        )

    def is_blank(self, column: str) -> str:
        """Whether a code is blank."""
        return f"COALESCE({self.matched(column)}, '') = ''"

    def key(self, column: str) -> str:
        """A pseudonym or record identifier as a whole number; missing where blank.

        A whole number stays as it is, so that equal identifiers meet whatever the type of the file;
        other text becomes 60 bits of its digest.
        """
        if not self.has(column):
            return "CAST(NULL AS BIGINT)"
        if self.types[column] == "whole":
            return f"CAST({quoted(column)} AS BIGINT)"
        text = self.code(column)
        return (
            f"CASE WHEN {text} = '' THEN NULL WHEN LENGTH({text}) <= 15 AND REGEXP_MATCHES({text},"
            f" '^[1-9][0-9]{{0,14}}$') THEN TRY_CAST({text} AS BIGINT) ELSE"
            f" {self.engine.whole_number_key(text)} END"
        )

    def whole(self, column: str) -> str:
        """A whole number; missing where blank or not one."""
        if not self.has(column):
            return "CAST(NULL AS BIGINT)"
        name = quoted(column)
        if self.types[column] == "whole":
            return f"CAST({name} AS BIGINT)"
        if self.types[column] == "number":
            return (
                f"CASE WHEN {name} = FLOOR({name}) AND ABS({name}) < 1000000000 THEN CAST({name} AS"
                " BIGINT) END"
            )
        text = self.code(column)
        return (
            f"CASE WHEN REGEXP_MATCHES({text}, '^-?[0-9]{{1,9}}$') THEN TRY_CAST({text} AS"
            " BIGINT) END"
        )

    def decimal(self, column: str) -> str:
        """A number that need not be whole; missing where blank or not one."""
        name = quoted(column)
        if self.types[column] in ("whole", "number"):
            return f"CASE WHEN ABS({name}) < 1000000000 THEN CAST({name} AS DOUBLE) END"
        text = self.code(column)
        return (
            f"CASE WHEN REGEXP_MATCHES({text},"
            f" '^-?[0-9]{{1,9}}([.][0-9]{{1,18}})?(e-?[0-9]{{1,2}})?$') THEN TRY_CAST({text} AS"
            " DOUBLE) END"
        )

    def date(self, column: str) -> str:
        """A date; missing where blank or not one."""
        if not self.has(column):
            return "CAST(NULL AS DATE)"
        if self.types[column] == "date":
            return f"CAST({quoted(column)} AS DATE)"
        text = self.code(column)
        return (
            f"CASE WHEN REGEXP_MATCHES({text}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$') THEN"
            f" TRY_CAST({text} AS DATE) END"
        )

    def day(self, column: str, first_day: str) -> str:
        """Days from the first day of the year (0) to a date."""
        return f"CAST(DATE_DIFF('day', DATE '{first_day}', {self.date(column)}) AS INTEGER)"

    def flag(self, column: str) -> str:
        """Whether a yes/no column says yes."""
        kind = self.types[column]
        if kind == "flag":
            return f"COALESCE({quoted(column)}, FALSE)"
        if kind in ("whole", "number"):
            return f"COALESCE({quoted(column)} = 1, FALSE)"
        return f"(LOWER({self.code(column)}) IN {TRUE_WORDS})"

    def wrong_flag(self, column: str) -> str:
        """Whether a yes/no column holds something else."""
        if self.types[column] == "flag":
            return "FALSE"
        return (
            f"(LOWER({self.code(column)}) NOT IN {TRUE_WORDS} AND LOWER({self.code(column)}) NOT IN"
            f" {FALSE_WORDS})"
        )

    def pence(self, column: str) -> str:
        """Pounds as whole pence; missing where blank, not a number, or finer than a penny."""
        text = self.code(column)
        if self.types[column] == "number":
            text = f"CAST(CAST({quoted(column)} AS DECIMAL(18, 2)) AS VARCHAR)"
        return (
            f"CASE WHEN REGEXP_MATCHES({text}, '^-?[0-9]{{1,12}}([.][0-9]{{1,2}})?$') THEN"
            f" CAST(CAST({text} AS DECIMAL(18, 2)) * 100 AS BIGINT) END"
        )

    def wrong(self, column: str, reading: str) -> str:
        """Whether a column holds something that could not be read."""
        if not self.has(column) or self.types[column] in ("whole", "date"):
            return "FALSE"
        return f"({self.code(column)} <> '' AND {reading} IS NULL)"


def quoted(column: str) -> str:
    """Quote a column's name."""
    return '"' + column.replace('"', '""') + '"'
