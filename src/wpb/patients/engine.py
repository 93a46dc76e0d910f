"""What an engine of the person-level pipeline can do; one on this machine and one on a cluster do
it alike.

Statements are written once, in DuckDB's dialect. An engine reads sources as views, turns statements
into materialised results between stages, and hands small results back as Arrow tables. Source: req
95, 102.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow

SourceKind = Literal["csv", "parquet", "database", "catalogue"]
ColumnType = Literal["text", "whole", "number", "date", "flag"]


@dataclass(frozen=True)
class Source:
    """Where records of one table are: CSV or Parquet files, a table of a database file, or of the
    engine's own catalogue.
    """

    name: str
    kind: SourceKind
    location: str
    """A path or pattern of files, or the database file."""
    table: str = ""
    """The table inside the database or catalogue."""
    label: str = ""
    """What a reader calls it, such as patients/admitted_care.parquet."""
    fingerprint: str = ""
    """Changes whenever the content does."""


class EngineProblem(Exception):
    """Raised where the engine cannot go on; says what happened and how to mend it, and never holds
    a value of a record.
    """

    def __init__(self, code: str, what: str, fix: str):
        self.code, self.what, self.fix = code, what, fix
        super().__init__(f"{what} {fix}")

    def naming(self, label: str) -> EngineProblem:
        """The same problem with the records named, where a stage could not tell whose they are."""
        what = self.what
        for nameless in ("A file of records", "A folder of records"):
            what = what.replace(nameless, label, 1)
        return EngineProblem(self.code, what, self.fix)


class Cancelled(Exception):
    """Raised where the person stopped the work; what was finished is kept."""


class Engine(Protocol):
    """Runs the statements of the pipeline."""

    name: str

    def keep_under(self, key: bytes) -> str:
        """Store people's numbers under a key from now on, and read them back with it; gives what
        tells this way of storing from another.
        """

    def read(self, source: Source) -> dict[str, ColumnType]:
        """Make a source readable under its name and give the type of each column."""

    def look_at(self, source: Source, name: str, rows: int) -> None:
        """Make the first rows of a source that was read readable under a name: so many in all, from
        each of its files.
        """

    def leave_out(self, source: Source, condition: str) -> None:
        """Read only the rows of a source that meet a condition from now on."""

    def place(self, name: str, table: pyarrow.Table) -> None:
        """Make a small table readable under a name."""

    def materialise(self, statement: str, target: Path) -> None:
        """Write the result of a statement as Parquet to a folder that does not exist yet."""

    def materialise_totals(self, statement: str, among: str, target: Path) -> None:
        """Write the sum of pence of each person of a statement (person, pence) as Parquet; every
        person is in the table `among`.
        """

    def attach(self, name: str, target: Path) -> None:
        """Make a materialised result readable under a name."""

    def fetch(self, statement: str) -> pyarrow.Table:
        """Give the result of a statement, for results that are small."""

    def count_distinct(
        self, name: str, column: str, where: str, low: int, high: int, rows: int
    ) -> int:
        """Count the distinct whole numbers in a column whose lowest, highest and number of rows are
        known.
        """

    def whole_number_key(self, column: str) -> str:
        """Spell a text column as a whole number of 60 bits, the same in every engine."""

    def interrupt(self) -> None:
        """Stop the statement that is running, from another thread."""

    def close(self) -> None:
        """Let the engine's resources go."""


def open_engine(
    address: str = "duckdb",
    *,
    scratch: Path,
    memory_limit: str = "",
    threads: int = 0,
    largest_spill: str = "",
) -> Engine:
    """Open an engine: duckdb (embedded), spark://host:port or local[n] (a Spark cluster), or
    sc://host:port (Spark Connect).

    `scratch` is the folder for what does not fit in memory; `memory_limit` and `largest_spill` are
    sizes such as 4GB.

    Raises EngineProblem for an address of no engine, or where Spark is asked for and not installed.
    """
    if address == "duckdb":
        from wpb.patients.embedded import EmbeddedEngine

        return EmbeddedEngine(
            scratch=scratch, memory_limit=memory_limit, threads=threads, largest_spill=largest_spill
        )
    if address.startswith(("spark://", "sc://", "local[")):
        from wpb.patients.cluster import ClusterEngine

        return ClusterEngine(address)
    raise EngineProblem(
        "engine_unknown",
        f"'{address}' is not an engine.",
        "Use duckdb, spark://host:port for a Spark cluster, or sc://host:port for Spark Connect.",
    )


def totals_by_person(statement: str) -> str:
    """Add the pence of a statement (person, pence) up by person."""
    return (
        f"SELECT person, CAST(SUM(pence) AS BIGINT) AS pence FROM ({statement}) AS valued GROUP BY"
        " person"
    )


def columns_of(table: pyarrow.Table) -> list[list[Any]]:
    """Give a result as its columns, in order; whole numbers by way of an array, a tenth of the time
    of one by one.
    """
    import pyarrow

    return [
        (
            column.to_numpy().tolist()
            if pyarrow.types.is_integer(column.type) and not column.null_count
            else column.to_pylist()
        )
        for column in table.columns
    ]


def rows_of(table: pyarrow.Table) -> list[dict[str, Any]]:
    """Give a small result as a list of rows by column name."""
    return [
        dict(zip(table.column_names, values, strict=True))
        for values in zip(*columns_of(table), strict=True)
    ]
