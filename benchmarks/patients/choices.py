"""Measure the choices behind the kept stages and the results, each against what it was chosen over,
turn by turn.

It reads the stages that `measure.py DIR --measures pipeline` left in DIR. Processor seconds, the
best of the turns.
Run: python benchmarks/patients/choices.py DIR [--turns 3]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from wpb.patients.embedded import added_in_place

Way = Callable[[duckdb.DuckDBPyConnection], None]
KEPT = "FORMAT parquet, COMPRESSION uncompressed, PARQUET_VERSION V2, ROW_GROUP_SIZE 245760"
PENCE = "c.pence + CASE WHEN r.record <= c.extra_to THEN c.extra ELSE 0 END"
JOINED = "FROM r JOIN charges AS c ON r.cell = c.cell AND r.units = c.units WHERE r.kind IN (0, 1)"
SUMS = (
    f"CAST(SUM(r.units) AS BIGINT) AS units, COUNT(*) AS records, CAST(SUM({PENCE}) AS BIGINT) AS"
    " pence"
)
PERSON = f"CAST(SUM({PENCE}) AS BIGINT) AS pence {JOINED} AND r.list > 0 GROUP BY r.person"
DIRECT_BITS = 24


def in_an_array(connection: duckdb.DuckDBPyConnection) -> None:
    """Add pence up by person as the embedded engine does where people's numbers lie close
    together.
    """
    low, high = connection.execute(
        "SELECT MIN(person), MAX(person) FROM r WHERE list > 0"
    ).fetchall()[0]
    added_in_place(
        connection, f"SELECT r.person, {PENCE} AS pence {JOINED} AND r.list > 0", low, high
    )


def choices(folder: Path) -> dict[str, dict[str, list[str | Way]]]:
    """Each choice with the statements of what was taken and what was left."""
    out = folder / "choice.parquet"

    def made(select: str) -> str:
        return f"CREATE OR REPLACE TABLE made AS {select}"

    by_list, by_profile = (
        f"SELECT r.{kind}, c.{per}, {SUMS} {JOINED} GROUP BY r.{kind}, c.{per}"
        for kind, per in (("list", "charge"), ("profile", "line"))
    )
    return {
        "write a stage": {
            "plain": [f"COPY wide TO '{out}' ({KEPT}, DICTIONARY_SIZE_LIMIT 1)"],
            "with dictionaries": [f"COPY wide TO '{out}' ({KEPT})"],
            "in DuckDB's own file": [
                "CREATE OR REPLACE TABLE own.wide AS SELECT * FROM wide",
                "CHECKPOINT own",
            ],
        },
        "pence by person": {
            "in an array": [in_an_array],
            "hashed": [made(f"SELECT r.person, {PERSON}")],
            "hashed, with the kind": [
                made(f"SELECT r.person, MAX(r.profile) AS profile, {PERSON}")
            ],
            "a place each in the engine's own table": [
                f"SET perfect_ht_threshold = {DIRECT_BITS}",
                made(f"SELECT r.person, {PERSON}"),
                "RESET perfect_ht_threshold",
            ],
        },
        "by list and by kind": {
            "one after the other": [made(by_list), made(by_profile)],
            "grouping sets in one pass": [
                made(
                    f"SELECT r.list, c.charge, r.profile, c.line, {SUMS} {JOINED} GROUP BY GROUPING"
                    " SETS ((r.list, c.charge), (r.profile, c.line))"
                )
            ],
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    chosen = parser.parse_args()
    own = chosen.folder / "choice.duckdb"
    connection = duckdb.connect(
        config={"threads": 2, "memory_limit": "6GB", "preserve_insertion_order": False}
    )
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"ATTACH '{own}' AS own")
    stages = sorted((chosen.folder / "engine").glob("encoded_*"))
    rows = " UNION ALL ".join(
        "SELECT record, person, list, profile, cell, units, kind FROM"
        f" read_parquet('{stage}/*.parquet')"
        for stage in stages
    )
    connection.execute(f"CREATE VIEW r AS {rows}")
    outpatients = next(stage for stage in stages if "outpatient" in stage.name)
    connection.execute(
        f"CREATE TABLE wide AS SELECT * FROM read_parquet('{outpatients}/*.parquet')"
    )
    connection.execute(
        "CREATE TABLE charges AS SELECT cell, units, CAST(cell % 150 AS INTEGER) AS charge,"
        " CAST(cell % 25 AS INTEGER) AS line, CAST(cell % 1000 + units AS BIGINT) AS pence,"
        " CAST(cell % 2 AS BIGINT) AS extra, CAST(500000 AS BIGINT) AS extra_to FROM r GROUP BY"
        " cell, units"
    )
    for choice, ways in choices(chosen.folder).items():
        best: dict[str, float] = {}
        for _ in range(chosen.turns):
            for way, statements in ways.items():
                started = time.process_time()
                for statement in statements:
                    statement(connection) if callable(statement) else connection.execute(statement)
                best[way] = min(best.get(way, float("inf")), time.process_time() - started)
        first = next(iter(best.values()))
        print(
            choice,
            {way: f"{taken:.2f} s, {taken / first:.2f}" for way, taken in best.items()},
            flush=True,
        )
    connection.close()
    for left in (own, chosen.folder / "choice.parquet"):
        left.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
