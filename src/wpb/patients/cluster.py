"""The engine on a Spark cluster, classic (spark://) or Connect (sc://): the same statements in
Spark's dialect.

The engine's folder must be one that the cluster and this machine both see. Source: req 95, 102.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wpb.patients.engine import Cancelled, ColumnType, EngineProblem, Source, totals_by_person
from wpb.patients.private_files import WHOLE, Mask

if TYPE_CHECKING:
    import pyarrow


class ClusterEngine:
    """Runs the pipeline on the user's cluster."""

    name = "spark"
    _mask: Mask | None = None

    def __init__(self, address: str):
        try:
            from pyspark.sql import SparkSession  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            raise EngineProblem(
                "spark_missing",
                "PySpark is not installed, so records can't be sent to a Spark cluster.",
                "Install it with pip install 'pyspark>=4,<5', or use --engine duckdb.",
            ) from None
        builder = SparkSession.builder.appName("wpb")
        builder = (
            builder.remote(address)
            if address.startswith("sc://")
            else builder.master(address)
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        )
        try:
            self._spark: Any = builder.getOrCreate()
            if not address.startswith("sc://"):
                self._spark.sparkContext.setLogLevel("ERROR")
            self._spark.conf.set("spark.sql.ansi.enabled", "true")
            self._spark.conf.set("spark.sql.session.timeZone", "UTC")
        except Exception:  # noqa: BLE001 - Spark raises many kinds
            raise EngineProblem(
                "cluster_unreachable",
                f"The cluster at {address} could not be reached.",
                "Check its address and that it is running.",
            ) from None

    def keep_under(self, key: bytes) -> str:
        """Store people's numbers under a key from now on, and read them back with it."""
        self._mask = Mask(
            key,
            lambda number: f"(xxhash64({number}) & {WHOLE})",
            lambda one, other: f"({one} ^ {other})",
        )
        return self._mask.name

    def read(self, source: Source) -> dict[str, ColumnType]:
        """Make a source readable under its name and give the type of each column."""
        if source.kind == "database":
            raise EngineProblem(
                "source_kind",
                f"{source.label} is a DuckDB file, which a cluster can't read.",
                "Give Parquet or a table of the cluster's catalogue, or use --engine duckdb.",
            )
        try:
            if source.kind == "csv":
                frame = self._spark.read.csv(
                    source.location, header=True, inferSchema=False, mode="FAILFAST", escape='"'
                )
            elif source.kind == "parquet":
                frame = self._spark.read.parquet(source.location)
            else:
                frame = self._spark.table(source.table)
            kinds = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
            types = {name: _column_type(kind) for name, kind in kinds.items()}
            for name, kind in kinds.items():
                if types[name] == "text" and kind != "string":  # such as bytes
                    frame = frame.withColumn(name, frame[name].cast("string"))
        except Exception:  # noqa: BLE001 - Spark raises many kinds
            raise EngineProblem(
                "source_damaged",
                f"{source.label} can't be read: it is cut short, damaged or not of the kind its"
                " name says.",
                "Write it again from its source.",
            ) from None
        frame.createOrReplaceTempView(f"{source.name}_source")
        return types

    def look_at(self, source: Source, name: str, rows: int) -> None:
        """Make the first rows of a source readable under a name."""
        self._run(
            lambda: (
                self._spark.table(f"{source.name}_source").limit(rows).createOrReplaceTempView(name)
            )
        )

    def leave_out(self, source: Source, condition: str) -> None:
        """Read only the rows of a source that meet a condition from now on."""
        name = f"{source.name}_source"
        self._run(
            lambda: self._spark.sql(
                spark_dialect(f"SELECT * FROM {name} WHERE {condition}")
            ).createOrReplaceTempView(name)
        )

    def place(self, name: str, table: pyarrow.Table) -> None:
        """Make a small table readable under a name."""
        self._run(lambda: self._spark.createDataFrame(table).createOrReplaceTempView(name))

    def materialise(self, statement: str, target: Path) -> None:
        """Write the result of a statement as Parquet to a folder that does not exist yet."""

        def write() -> None:
            frame = self._spark.sql(spark_dialect(statement))
            if self._mask and (stored := self._mask.hidden(frame.columns)):
                frame = frame.selectExpr(*_with_person(frame.columns, stored))
            frame.write.parquet(str(target))

        self._run(write)

    def materialise_totals(self, statement: str, among: str, target: Path) -> None:
        """Write the sum of pence of each person of a statement (person, pence)."""
        self.materialise(totals_by_person(statement), target)

    def attach(self, name: str, target: Path) -> None:
        """Make a materialised result readable under a name."""

        def read() -> None:
            frame = self._spark.read.parquet(str(target))
            if self._mask and (person := self._mask.read(frame.columns)):
                frame = frame.selectExpr(*_with_person(frame.columns, person))
            frame.createOrReplaceTempView(name)

        self._run(read)

    def fetch(self, statement: str) -> pyarrow.Table:
        """Give the result of a statement, for results that are small."""
        return self._run(lambda: self._spark.sql(spark_dialect(statement)).toArrow())

    def count_distinct(
        self, name: str, column: str, where: str, low: int, high: int, rows: int
    ) -> int:
        """Count the distinct whole numbers in a column."""
        return int(
            self.fetch(f"SELECT COUNT(DISTINCT {column}) AS n FROM {name} WHERE {where}")
            .column(0)[0]
            .as_py()
        )

    def whole_number_key(self, column: str) -> str:
        """Spell a text column as a whole number of 60 bits, the same in every engine."""
        return f"CAST(CONV(SUBSTR(MD5({column}), 1, 15), 16, 10) AS BIGINT)"

    def interrupt(self) -> None:
        """Stop the statement that is running, from another thread."""
        if hasattr(self._spark, "interruptAll"):
            self._spark.interruptAll()
        else:
            self._spark.sparkContext.cancelAllJobs()

    def close(self) -> None:
        """Let the engine's resources go; the cluster stays."""
        self._spark.stop()

    def _run(self, work: Any) -> Any:
        try:
            return work()
        except Exception as fault:
            text = str(fault).lower()
            if os.environ.get("WPB_SHOW_ENGINE_FAULTS"):
                raise
            if "cancel" in text or "interrupt" in text:
                raise Cancelled from None
            if "no space left" in text:
                raise EngineProblem(
                    "disk_full",
                    "A disk of the cluster is full.",
                    "Free some space and run again; finished stages are kept.",
                ) from None
            if any(sign in text for sign in ("parquet", "malformed", "footer", "corrupt")):
                raise EngineProblem(
                    "source_damaged",
                    "A file of records can't be read to its end: it is cut short or damaged.",
                    "Write it again from its source.",
                ) from None
            raise EngineProblem(
                "engine_fault",
                f"The cluster could not finish a stage ({type(fault).__name__}).",
                "Look at the cluster's own log, then run again; finished stages are kept.",
            ) from None


def _with_person(columns: list[str], person: str) -> list[str]:
    """The columns as they are, with another way of spelling the person."""
    return [
        f"CAST({person} AS BIGINT) AS person" if column == "person" else f"`{column}`"
        for column in columns
    ]


@lru_cache(maxsize=256)
def spark_dialect(statement: str) -> str:
    """Spell a statement of the pipeline in Spark's dialect."""
    import sqlglot

    return sqlglot.transpile(statement, read="duckdb", write="spark")[0]


def _column_type(name: str) -> ColumnType:
    if name in ("tinyint", "smallint", "int", "bigint"):
        return "whole"
    if name in ("date", "timestamp", "timestamp_ntz"):
        return "date"
    if name == "boolean":
        return "flag"
    if name.startswith(("double", "float", "decimal")):
        return "number"
    return "text"
