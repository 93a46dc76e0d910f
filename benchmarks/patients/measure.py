"""Measure the person-level pipeline against a bare scan, hand-written SQL and a pandas script, each
in its own process.

Each measure is told as wall seconds, processor seconds and peak memory; ratios compare measures of
one run of this script. On a busy machine the processor seconds are the better guide.
Run: python benchmarks/patients/measure.py DIR [--measures scan,hand,pipeline,...] [--memory 4GB]
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from made_records import SHARES
from small_tables import YEAR, tables

THREADS = 2
AGE_CUTS = (0, 5, 16, 45, 65, 75, 85)


def connect(folder: Path, memory: str, database: str = ":memory:"):  # type: ignore[no-untyped-def]
    """Open DuckDB with the limits that every measure has."""
    import duckdb

    spill = folder / "spill"
    shutil.rmtree(spill, ignore_errors=True)
    connection = duckdb.connect(
        database,
        config={
            "threads": THREADS,
            "memory_limit": memory,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
        },
    )
    connection.execute("SET enable_progress_bar = false")
    return connection


def lists_of(folder: Path) -> list[str]:
    """The lists of the register."""
    import duckdb

    register = f"{folder}/patients/person_register.parquet"
    found = duckdb.sql(f"SELECT DISTINCT list_code FROM '{register}' ORDER BY 1")
    assert found is not None
    return [code for (code,) in found.fetchall()]


def sums(units: dict[tuple[str, str, str], int]) -> dict[tuple[str, str, str], int]:
    """A sum of pence for each block activity, the same for both ways of doing the job."""
    return {
        key: 1_000_000_007 + 97 * number
        for number, key in enumerate(sorted(units))
        if not key[0].startswith("ACUTE")
    }


def scan(folder: Path, memory: str) -> object:
    """Touch every column of every row, and do nothing with it."""
    connection = connect(folder, memory)
    for name in (*SHARES, "person_register"):
        path = f"{folder}/patients/{name}.parquet"
        columns = connection.execute(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{path}')"
        ).fetchall()
        touched = {
            "VARCHAR": "sum(strlen({0}))",
            "DATE": "sum({0} - DATE '2029-04-01')",
            "BOOLEAN": "sum({0}::INTEGER)",
        }  # a plain max would be read off the files' own statistics
        sums = (touched.get(kind, "sum({0})").format(column) for column, kind in columns)
        connection.execute(f"SELECT {', '.join(sums)} FROM '{path}'").fetchall()
    return None


def hand(folder: Path, memory: str) -> object:
    """The job by hand."""
    import by_hand

    from wpb.kernel.problems import ProblemLog
    from wpb.patients.cells import read_cells

    commissioned, prices, providers, _ = tables()
    cells = read_cells(commissioned, prices, providers, YEAR, ProblemLog())
    database = folder / "hand.duckdb"
    database.unlink(missing_ok=True)
    keys = {service.charge_key: 0 for service in cells.services.values()}
    result = by_hand.run(
        connect(folder, memory, str(database)),
        folder / "patients",
        cells,
        lists_of(folder),
        sums(keys),
    )
    database.unlink()
    return result


def pipeline(folder: Path, memory: str, largest_spill: str = "") -> object:
    """The job by the pipeline, from nothing kept."""
    from wpb.kernel.problems import ProblemLog
    from wpb.patients.cells import read_cells
    from wpb.patients.engine import open_engine, rows_of
    from wpb.patients.person_level import PersonLevel
    from wpb.patients.sources import find_sources
    from wpb.patients.specifications import PERSON_TABLES
    from wpb.patients.stages import Stages

    work_folder, log = folder / "engine", ProblemLog()
    commissioned, prices, providers, _ = tables()
    cells = read_cells(commissioned, prices, providers, YEAR, log)
    stages = Stages(
        work_folder,
        open_engine(
            scratch=work_folder / "spill",
            memory_limit=memory,
            threads=THREADS,
            largest_spill=largest_spill,
        ),
    )
    work = PersonLevel(
        stages,
        find_sources(folder / "patients", {table.name: table for table in PERSON_TABLES}, {}, log),
        cells,
        lists_of(folder),
        "",
        YEAR,
        AGE_CUTS,
    )
    work.encode()
    work.charge(sums({service.charge_key: 0 for service in cells.services.values()}))
    work.add_up()
    totals = {
        name: rows_of(stages.fetch(f"SELECT CAST(SUM(pence) AS BIGINT) AS pence FROM {name}"))[0][
            "pence"
        ]
        for name in ("by_list", "by_profile", "by_person")
    }
    seconds = {name: round(taken, 2) for name, taken in stages.seconds.items()}
    return {**totals, "stages": seconds}


def pandas_sums(folder: Path, memory: str) -> object:
    """The script an analyst would write: one pass in pandas for the sums, with no faults, overlaps
    or pennies.
    """
    return _by_pandas(folder, whole=False)


def pandas_whole(folder: Path, memory: str) -> object:
    """The whole job as one pass in pandas."""
    return _by_pandas(folder, whole=True)


def _by_pandas(folder: Path, whole: bool) -> object:
    import by_pandas

    from wpb.kernel.problems import ProblemLog
    from wpb.patients.cells import read_cells

    commissioned, prices, providers, _ = tables()
    cells = read_cells(commissioned, prices, providers, YEAR, ProblemLog())
    return by_pandas.outcome(
        folder,
        AGE_CUTS,
        sums({service.charge_key: 0 for service in cells.services.values()}),
        whole,
    )


def money(folder: Path, memory: str) -> object:
    """Sums of the same pence as whole numbers and as floating point, in turn, five times each."""
    connection = connect(folder, memory)
    records = " UNION ALL ".join(
        "SELECT person, list, CAST(units * 12345 + record % 1000 AS BIGINT) AS pence FROM"
        f" read_parquet('{path}/*.parquet')"
        for path in (folder / "engine").glob("encoded_*")
    )
    connection.execute(
        f"CREATE TABLE money AS SELECT list, pence, pence / 100.0 AS pounds FROM ({records})"
    )
    seconds: dict[str, list[float]] = {"whole": [], "floating": []}
    answers = set()
    for _ in range(5):
        for name, expression in (
            ("whole", "CAST(SUM(pence) AS BIGINT)"),
            ("floating", "SUM(pounds)"),
        ):
            started = time.process_time()
            found = connection.execute(
                f"SELECT SUM(total) FROM (SELECT list, {expression} AS total FROM money GROUP BY"
                " list)"
            ).fetchone()
            seconds[name].append(time.process_time() - started)
            if name == "floating":
                answers.add(repr(found))
    return {
        "whole_to_floating": sorted(seconds["whole"])[2] / sorted(seconds["floating"])[2],
        "answers_of_floating": len(answers),
    }


class WithoutPandas:
    """Hides pandas, which the product does not bring and pyarrow loads wherever it finds it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Say that pandas is not there; leave every other module to the finders that follow."""
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


MEASURES = {
    "scan": scan,
    "hand": hand,
    "pipeline": pipeline,
    "pandas": pandas_sums,
    "pandas_whole": pandas_whole,
    "money": money,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--measures", default="scan,hand,pipeline,money")
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        if chosen.measures == "pipeline":
            shutil.rmtree(chosen.folder / "engine", ignore_errors=True)
            sys.meta_path.insert(0, WithoutPandas())
        started = time.perf_counter()
        result = MEASURES[chosen.measures](chosen.folder, chosen.memory)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(
            json.dumps(
                {
                    "seconds": round(time.perf_counter() - started, 2),
                    "processor_seconds": round(used.ru_utime + used.ru_stime, 2),
                    "peak_mb": round(used.ru_maxrss / 1024),
                    "result": result,
                }
            )
        )
        return
    for name in chosen.measures.split(","):
        done = subprocess.run(
            [
                sys.executable,
                __file__,
                str(chosen.folder),
                "--measures",
                name,
                "--memory",
                chosen.memory,
                "--one",
            ],
            capture_output=True,
            text=True,
        )
        print(name, done.stdout.strip() or done.stderr[-2000:], flush=True)


if __name__ == "__main__":
    main()
