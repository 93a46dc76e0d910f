"""Measure the person-level pipeline against a bare scan, hand-written SQL and a pandas script, each in its own process.

Each measure is told as wall seconds, processor seconds and peak memory; ratios compare measures of one run of this
script. On a busy machine the processor seconds are the better guide.
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
    connection = duckdb.connect(database, config={"threads": THREADS, "memory_limit": memory, "temp_directory": str(spill), "preserve_insertion_order": False})
    connection.execute("SET enable_progress_bar = false")
    return connection


def lists_of(folder: Path) -> list[str]:
    """The lists of the register."""
    import duckdb

    return [code for (code,) in duckdb.sql(f"SELECT DISTINCT list_code FROM '{folder}/patients/person_register.parquet' ORDER BY 1").fetchall()]


def sums(units: dict[tuple[str, str, str], int]) -> dict[tuple[str, str, str], int]:
    """A sum of pence for each block activity, the same for both ways of doing the job."""
    return {key: 1_000_000_007 + 97 * number for number, key in enumerate(sorted(units)) if not key[0].startswith("ACUTE")}


def scan(folder: Path, memory: str) -> object:
    """Touch every column of every row, and do nothing with it."""
    connection = connect(folder, memory)
    for name in (*SHARES, "person_register"):
        path = f"{folder}/patients/{name}.parquet"
        columns = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{path}')").fetchall()
        touched = {"VARCHAR": "sum(strlen({0}))", "DATE": "sum({0} - DATE '2029-04-01')", "BOOLEAN": "sum({0}::INTEGER)"}  # a plain max would be read off the files' own statistics
        connection.execute(f"SELECT {', '.join(touched.get(kind, 'sum({0})').format(column) for column, kind in columns)} FROM '{path}'").fetchall()
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
    result = by_hand.run(connect(folder, memory, str(database)), folder / "patients", cells, lists_of(folder), sums(keys))
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
    stages = Stages(work_folder, open_engine(scratch=work_folder / "spill", memory_limit=memory, threads=THREADS, largest_spill=largest_spill))
    work = PersonLevel(stages, find_sources(folder / "patients", {table.name: table for table in PERSON_TABLES}, {}, log), cells, lists_of(folder), "", YEAR, AGE_CUTS)
    work.encode()
    work.charge(sums({service.charge_key: 0 for service in cells.services.values()}))
    work.add_up()
    totals = {name: rows_of(stages.fetch(f"SELECT CAST(SUM(pence) AS BIGINT) AS pence FROM {name}"))[0]["pence"] for name in ("by_list", "by_profile", "by_person")}
    seconds = {name: round(taken, 2) for name, taken in stages.seconds.items()}
    return {**totals, "stages": seconds}


def pandas_script(folder: Path, memory: str) -> object:
    """The script an analyst would write: one pass in pandas, for the pounds by list, by kind of person and by person."""
    import numpy
    import pandas

    commissioned, prices, providers, _ = tables()
    services = pandas.DataFrame(dict(commissioned.columns))
    price = pandas.DataFrame({"currency": prices.text("activity_currency"), "point_of_delivery": prices.text("point_of_delivery"), "unit_pence": prices.numbers("unit_price")})
    factor = pandas.DataFrame({"provider": providers.text("provider"), "factor": providers.numbers("market_forces_factor")})
    register = pandas.read_parquet(folder / "patients" / "person_register.parquet")
    register["band"] = numpy.searchsorted(AGE_CUTS, register["age"], side="right")
    register["mask"] = sum(register[name].astype("int64") * 2**bit for bit, name in enumerate(sorted(name for name in register if name.startswith("has_"))))
    register = register[["pseudonym", "list_code", "band", "mask", "joined_on", "left_on", "died_on"]]
    days = {"admitted_care": "discharged_on", "outpatient_care": "attended_on", "emergency_care": "arrived_on", "community_contacts": "contact_on", "mental_health_clusters": "started_on", "gp_appointments": "appointment_on"}
    codes = {"admitted_care": "treatment_function", "outpatient_care": "treatment_function", "community_contacts": "service", "mental_health_clusters": "cluster", "gp_appointments": "appointment_class"}
    valued = []
    for name, day in days.items():
        records = pandas.read_parquet(folder / "patients" / f"{name}.parquet").rename(columns={day: "day", codes.get(name, ""): "service_code", "contact_type": "point_of_delivery"})
        assert not records["record"].duplicated().any()
        if "attendance" in records:
            records = records[records["attendance"] == "attended"]
        records["day"] = pandas.to_datetime(records["day"])
        records = records[(records["day"] >= "2029-04-01") & (records["day"] < "2030-04-01")]
        if "ended_on" in records:
            records["units"] = (pandas.to_datetime(records["ended_on"]).clip(upper=pandas.Timestamp("2030-03-31")) - records["day"]).dt.days + 1
        records["units"] = records.get("units", 1)
        own = services[services["activity_table"] == name]
        keys = [key for key in ("provider", "point_of_delivery", "service_code") if key in records]
        records = records.merge(own[[*keys, "contract", "service_line", "activity_type"]], on=keys, how="left")
        if name in ("admitted_care", "outpatient_care", "emergency_care"):
            records["currency"] = records["service_code"] if name == "outpatient_care" else records["hrg"]
            records = records.merge(price, on=["currency", "point_of_delivery"], how="left").merge(factor, on="provider", how="left")
            records["pence"] = records["units"] * (records["unit_pence"] * records["factor"]).round()
        else:
            whole = records.groupby(["contract", "service_line", "activity_type"])["units"].transform("sum")
            records["pence"] = 1_000_000_007 * records["units"] / whole
        records = records.merge(register, on="pseudonym", how="left")
        valued.append(records[["pseudonym", "list_code", "band", "mask", "contract", "service_line", "activity_type", "units", "pence"]])
    everything = pandas.concat(valued)
    results = [everything.groupby(keys, dropna=False)[["units", "pence"]].sum() for keys in (["list_code", "contract", "service_line", "activity_type"], ["band", "mask", "service_line"], ["pseudonym"])]
    return {"by_list": float(results[0]["pence"].sum())}


def money(folder: Path, memory: str) -> object:
    """Sums of the same pence as whole numbers and as floating point, in turn, five times each."""
    connection = connect(folder, memory)
    records = " UNION ALL ".join(f"SELECT person, list, CAST(units * 12345 + record % 1000 AS BIGINT) AS pence FROM read_parquet('{path}/*.parquet')" for path in (folder / "engine").glob("encoded_*"))
    connection.execute(f"CREATE TABLE money AS SELECT list, pence, pence / 100.0 AS pounds FROM ({records})")
    seconds: dict[str, list[float]] = {"whole": [], "floating": []}
    answers = set()
    for _ in range(5):
        for name, expression in (("whole", "CAST(SUM(pence) AS BIGINT)"), ("floating", "SUM(pounds)")):
            started = time.process_time()
            found = connection.execute(f"SELECT SUM(total) FROM (SELECT list, {expression} AS total FROM money GROUP BY list)").fetchone()
            seconds[name].append(time.process_time() - started)
            if name == "floating":
                answers.add(repr(found))
    return {"whole_to_floating": sorted(seconds["whole"])[2] / sorted(seconds["floating"])[2], "answers_of_floating": len(answers)}


class WithoutPandas:
    """Hides pandas, which the product does not bring and pyarrow loads wherever it finds it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Say that pandas is not there; leave every other module to the finders that follow."""
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


MEASURES = {"scan": scan, "hand": hand, "pipeline": pipeline, "pandas": pandas_script, "money": money}


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
        print(json.dumps({"seconds": round(time.perf_counter() - started, 2), "processor_seconds": round(used.ru_utime + used.ru_stime, 2), "peak_mb": round(used.ru_maxrss / 1024), "result": result}))
        return
    for name in chosen.measures.split(","):
        done = subprocess.run([sys.executable, __file__, str(chosen.folder), "--measures", name, "--memory", chosen.memory, "--one"], capture_output=True, text=True)
        print(name, done.stdout.strip() or done.stderr[-2000:], flush=True)


if __name__ == "__main__":
    main()
