"""The engine on this machine: DuckDB, embedded, spilling to its scratch folder where memory runs
short.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wpb.patients.csv_heading import read_heading
from wpb.patients.engine import Cancelled, ColumnType, EngineProblem, Source, totals_by_person
from wpb.patients.private_files import Mask
from wpb.patients.reading import quoted

if TYPE_CHECKING:
    import pyarrow

ROW_GROUP = 245_760
"""Rows of a Parquet row group: large enough to scan fast, small enough that two threads share the
work.
"""
KEPT_AS = (
    "FORMAT parquet, COMPRESSION uncompressed, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1,"
    f" ROW_GROUP_SIZE {ROW_GROUP}"
)
"""Plain whole numbers, packed: looking for repeated values took a third of the time of writing and
saved a fifth of the size.
"""

ARRAY_LIMIT = 16_000_000
"""People's numbers from lowest to highest for which sums are held in an array, a quarter of a
gigabyte.
"""
MOST_FILES, FEWEST_ROWS = 200, 200
"""Files of a folder looked at before its records are read, and the rows of each."""
BATCH = 100_000
"""Rows taken from the engine at a time."""


class EmbeddedEngine:
    """Runs the pipeline in this process."""

    name = "duckdb"

    def __init__(
        self, *, scratch: Path, memory_limit: str = "", threads: int = 0, largest_spill: str = ""
    ):
        import duckdb

        scratch.mkdir(parents=True, exist_ok=True)
        settings: dict[str, Any] = {
            "temp_directory": str(scratch),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if memory_limit:
            settings["memory_limit"] = memory_limit
        if threads:
            settings["threads"] = threads
        if largest_spill:
            settings["max_temp_directory_size"] = largest_spill
        self._duckdb = duckdb
        self._connection = duckdb.connect(":memory:", config=settings)
        self._connection.execute("SET enable_progress_bar = false")
        self._attached = 0
        self._mask: Mask | None = None
        self._columns: dict[str, list[str]] = {}
        self._as_text: dict[str, list[str]] = {}

    def keep_under(self, key: bytes) -> str:
        """Store people's numbers under a key from now on, and read them back with it."""
        self._mask = Mask(
            key,
            lambda number: f"CAST(hash({number}) >> 4 AS BIGINT)",
            lambda one, other: f"xor({one}, {other})",
        )
        return f"{self._mask.name} {self._duckdb.__version__}"

    def _columns_of(self, statement: str) -> list[str]:
        return [str(row[0]) for row in self._run(f"DESCRIBE {statement}").fetchall()]

    def read(self, source: Source) -> dict[str, ColumnType]:
        """Make a source readable under its name and give the type of each column."""
        scan = self._scan(source)
        self._run(f"CREATE OR REPLACE VIEW {source.name}_source AS {scan}", source)
        described = {
            str(row[0]): str(row[1])
            for row in self._run(f"DESCRIBE {source.name}_source", source).fetchall()
        }
        unlike = [
            column
            for column, kind in described.items()
            if _column_type(kind) == "text" and kind != "VARCHAR"
        ]
        self._columns[source.name], self._as_text[source.name] = list(described), unlike
        if unlike:  # such as UUID, bytes, or values within values
            as_text = ", ".join(
                f"CAST({quoted(column)} AS VARCHAR) AS {quoted(column)}" for column in unlike
            )
            self._run(
                f"CREATE OR REPLACE VIEW {source.name}_source AS SELECT * REPLACE ({as_text}) FROM"
                f" ({scan})",
                source,
            )
        return {column: _column_type(kind) for column, kind in described.items()}

    def look_at(self, source: Source, name: str, rows: int) -> None:
        """Make the first rows of a source that was read readable under a name: so many in all, from
        each of its files.
        """
        pattern = Path(source.location)
        listed = sorted(pattern.parent.glob(pattern.name)) if source.kind == "parquet" else []
        if len(listed) < 2:
            self._run(
                f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {source.name}_source LIMIT {rows}",
                source,
            )
            return
        step = -(-len(listed) // MOST_FILES)
        files = listed[::step]
        if len({self._described(file, source) for file in files}) > 1:
            raise _uneven(source)
        each = max(rows // len(files), FEWEST_ROWS)
        parts = " UNION ALL BY NAME ".join(
            f"(SELECT * FROM read_parquet({_in_quotes(str(file))}, hive_partitioning = false)"
            f" LIMIT {each})"
            for file in files
        )
        columns = ", ".join(
            f"CAST({quoted(column)} AS VARCHAR) AS {quoted(column)}"
            if column in self._as_text.get(source.name, ())
            else quoted(column)
            for column in self._columns[source.name]
        )
        self._run(f"CREATE OR REPLACE VIEW {name} AS SELECT {columns} FROM ({parts})", source)

    def leave_out(self, source: Source, condition: str) -> None:
        """Read only the rows of a source that meet a condition from now on."""
        name = f"{source.name}_source"
        every = f"every_{source.name}"
        self._run(f"DROP VIEW IF EXISTS {every}")
        self._run(f"ALTER VIEW {name} RENAME TO {every}")
        self._run(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {every} WHERE {condition}")

    def _described(self, file: Path, source: Source) -> tuple[tuple[str, str], ...]:
        """The columns of one file, by name and type, in any order."""
        described = self._run(
            f"DESCRIBE SELECT * FROM read_parquet({_in_quotes(str(file))}, hive_partitioning ="
            " false)",
            source,
        )
        return tuple(sorted((str(row[0]), str(row[1])) for row in described.fetchall()))

    def _scan(self, source: Source) -> str:
        place = source.location.replace("'", "''")
        if source.kind == "csv":
            delimiter, columns = read_heading(Path(source.location), source.label)
            listed = ", ".join(f"{_in_quotes(column)}: 'VARCHAR'" for column in columns)
            return (
                f"SELECT * FROM read_csv('{place}', auto_detect = false, delim = '{delimiter}',"
                " quote = '\"', escape = '\"', header = true, strict_mode = true, columns ="
                f" {{{listed}}})"
            )
        if source.kind == "parquet":
            return f"SELECT * FROM read_parquet('{place}', hive_partitioning = false)"
        if source.kind == "database":
            self._attached += 1
            self._run(f"ATTACH '{place}' AS attached_{self._attached} (READ_ONLY)", source)
            return f"SELECT * FROM attached_{self._attached}.{_quoted(source.table)}"
        raise EngineProblem(
            "source_kind",
            f"{source.label} names a table of a cluster's catalogue.",
            "Run with --engine spark://host:port, or give a file.",
        )

    def place(self, name: str, table: pyarrow.Table) -> None:
        """Make a small table readable under a name."""
        self._connection.register(f"{name}_given", table)
        self._run(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {name}_given")
        self._connection.unregister(f"{name}_given")

    def materialise(self, statement: str, target: Path) -> None:
        """Write the result of a statement as Parquet to a folder that does not exist yet."""
        target.mkdir(parents=True)
        path = str(target / "part.parquet").replace("'", "''")
        if self._mask and (stored := self._mask.hidden(self._columns_of(statement))):
            statement = f"SELECT * REPLACE ({stored} AS person) FROM ({statement}) AS plain"
        self._run(f"COPY ({statement}) TO '{path}' ({KEPT_AS})")

    def materialise_totals(self, statement: str, among: str, target: Path) -> None:
        """Write the sum of pence of each person of a statement (person, pence).

        Where people's numbers lie close together each has a place of its own in an array, which
        spares the hashing.
        """
        low, high, people = self._fetch_row(
            f"SELECT COALESCE(MIN(person), 0), COALESCE(MAX(person), 0), COUNT(*) FROM {among}"
        )
        if high - low >= min(ARRAY_LIMIT, 4 * people + 100_000):
            self.materialise(totals_by_person(statement), target)
            return
        try:
            totals = added_in_place(self._connection, statement, low, high)
        except (
            self._duckdb.Error,
            OSError,
        ) as fault:  # the reader of batches passes the engine's faults on as OSError
            raise self._explained(fault, None) from None
        if totals is None:
            self.materialise(totals_by_person(statement), target)
            return
        self._connection.register("totals_given", totals)
        try:
            self.materialise("SELECT * FROM totals_given", target)
        finally:
            self._connection.unregister("totals_given")

    def _fetch_row(self, statement: str) -> tuple[int, ...]:
        return tuple(int(value) for value in self._run(statement).fetchall()[0])

    def attach(self, name: str, target: Path) -> None:
        """Make a materialised result readable under a name."""
        path = str(target / "*.parquet").replace("'", "''")
        kept = f"SELECT * FROM read_parquet('{path}', hive_partitioning = false)"
        if self._mask and (person := self._mask.read(self._columns_of(kept))):
            kept = f"SELECT * REPLACE ({person} AS person) FROM ({kept}) AS stored"
        self._run(f"CREATE OR REPLACE VIEW {name} AS {kept}")

    def fetch(self, statement: str) -> pyarrow.Table:
        """Give the result of a statement, for results that are small."""
        try:
            return self._connection.sql(statement).to_arrow_table()
        except self._duckdb.Error as fault:
            raise self._explained(fault, None) from None

    def count_distinct(
        self, name: str, column: str, where: str, low: int, high: int, rows: int
    ) -> int:
        """Count the distinct whole numbers in a column: a bit each where they lie close together,
        else in slices that fit in memory.
        """
        if rows and high - low < 64 * rows + 1_000_000 and high - low < 4_000_000_000:
            return self._fetch_row(
                f"SELECT BIT_COUNT(BITSTRING_AGG({column}, {low}, {high})) FROM {name} WHERE"
                f" {where}"
            )[0]
        slices = rows // 8_000_000 + 1
        return sum(
            self._fetch_row(
                f"SELECT COUNT(DISTINCT {column}) FROM {name} WHERE {where} AND ABS({column} %"
                f" {slices}) = {part}"
            )[0]
            for part in range(slices)
        )

    def whole_number_key(self, column: str) -> str:
        """Spell a text column as a whole number of 60 bits, the same in every engine."""
        return f"CAST('0x' || substr(md5({column}), 1, 15) AS BIGINT)"

    def interrupt(self) -> None:
        """Stop the statement that is running, from another thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Let the engine's resources go."""
        self._connection.close()

    def _run(self, statement: str, source: Source | None = None) -> Any:
        try:
            return self._connection.execute(statement)
        except self._duckdb.Error as fault:
            raise self._explained(fault, source) from None

    def _explained(self, fault: Exception, source: Source | None) -> Exception:
        """Say what went wrong in words of our own: the engine's may quote a value of a record."""
        text, place = str(fault).lower(), source.label if source else "a stage of the run"
        if isinstance(fault, self._duckdb.InterruptException) or text.startswith("interrupt error"):
            return Cancelled()
        if any(
            sign in text
            for sign in (
                "no space left",
                "disk full",
                "max_temp_directory_size",
                "file too large",
                "could not write file",
            )
        ):
            return EngineProblem(
                "disk_full",
                f"The disk (or the limit on spilled records) is full while writing {place}.",
                "Free some space or raise the limit and run again; finished stages are kept.",
            )
        if isinstance(fault, self._duckdb.OutOfMemoryException) or text.startswith(
            "out of memory error"
        ):
            return EngineProblem(
                "memory",
                f"The engine ran out of the memory it was given in {place}.",
                "Raise the limit and run again; finished stages are kept.",
            )
        if any(
            sign in text for sign in ("schema mismatch in glob", "reading multiple parquet files")
        ):
            return _uneven(source)
        if line := _line_of(text):
            return EngineProblem(
                "source_damaged",
                f"{source.label if source else 'A file of records'} can't be read{line}.",
                "Mend the line.",
            )
        if "csv parser state machine" in text:
            return EngineProblem(
                "source_damaged",
                f"{source.label if source else 'A file of records'} can't be read: its lines end in"
                " more than one way, or a quotation mark is left open.",
                "Save it again as CSV.",
            )
        if source is not None:
            return EngineProblem(
                "source_damaged",
                f"{place} can't be read: it is cut short, damaged or not of the kind its name"
                " says.",
                "Write it again from its source.",
            )
        if os.environ.get("WPB_SHOW_ENGINE_FAULTS"):
            return fault
        # Faults of the reader of Parquet come as the plain base class; faults of statements have
        # classes of their own.
        if type(fault) is self._duckdb.Error or any(
            sign in text
            for sign in (
                "parquet",
                "thrift",
                "corrupt",
                "too small",
                "footer",
                "csv error",
                "csv parser",
                "decompress",
            )
        ):
            return EngineProblem(
                "source_damaged",
                "A file of records can't be read to its end: it is cut short or damaged.",
                "Write it again from its source.",
            )
        return EngineProblem(
            "engine_fault",
            f"The engine could not finish {place} ({type(fault).__name__}).",
            "Run again; finished stages are kept. If it happens again, report it with the versions"
            " in the manifest.",
        )


def added_in_place(connection: Any, statement: str, low: int, high: int) -> pyarrow.Table | None:
    """Add pence up in an array with a place for each number from low to high; None where whole
    numbers of 64 bits might not hold them.
    """
    import numpy as np
    import pyarrow

    pence, seen, reach = np.zeros(high - low + 1, np.int64), np.zeros(high - low + 1, np.bool_), 0
    placed = (
        f"SELECT CAST(person - ({low}) AS INTEGER) AS place, CAST(pence AS BIGINT) AS pence FROM"
        f" ({statement}) AS valued"
    )
    with connection.sql(placed).to_arrow_reader(BATCH) as batches:
        for batch in batches:
            places, amounts = (column.to_numpy() for column in batch.columns)
            reach += int(np.abs(amounts.astype(np.float64)).sum())
            np.add.at(pence, places, amounts)
            seen[places] = True
    if reach >= 2**62:
        return None
    found = np.flatnonzero(seen)
    return pyarrow.table({"person": found + low, "pence": pence[found]})


def _uneven(source: Source | None) -> EngineProblem:
    return EngineProblem(
        "source_uneven",
        f"{source.label if source else 'A folder of records'} holds files that differ in"
        " their columns, or in the type of one.",
        "Write them all with the same columns and types.",
    )


def _quoted(table: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


def _in_quotes(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _line_of(text: str) -> str:
    """The line of a CSV file that a fault of the engine names, in words; nothing else of it may be
    shown.
    """
    found = re.search(r"csv error on line: (\d+)", text)
    return (
        f" at line {int(found[1]):,}: it has more or fewer cells than the first line, a quotation"
        " mark left open, or letters that are not UTF-8"
        if found
        else ""
    )


def _column_type(name: str) -> ColumnType:
    if name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"):
        return "whole"
    if name == "DATE" or name.startswith("TIMESTAMP"):
        return "date"
    if name == "BOOLEAN":
        return "flag"
    if name.startswith(("DOUBLE", "FLOAT", "DECIMAL", "HUGEINT", "UBIGINT", "UHUGEINT")):
        return "number"
    return "text"
