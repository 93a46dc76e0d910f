"""A whole model folder with synthetic people, which check and run take as it is.

Source: handbook 2.1, 2.4.5; req 102.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from wpb.kernel.calendar import days_in, first_day
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.patients import synthetic_place as place
from wpb.patients.engine import rows_of
from wpb.patients.people import people_by_list
from wpb.patients.person_level import PersonLevel
from wpb.patients.room import MODEL_TABLES, open_room
from wpb.patients.specifications import (
    ACTIVITY,
    PERSON_CARE_PACKAGES,
    PERSON_REGISTER,
    SMALL_TABLES,
)
from wpb.patients.summaries import ListUse
from wpb.patients.synthetic_future import YEAR, YEARLY_GROWTH
from wpb.patients.synthetic_people import Columns, Wanted, blocks
from wpb.tables import TABLES_BY_NAME
from wpb.tables.schema import TableSpec, TypedTable, empty_table

Row = Mapping[str, object]
SMALL_PLACE = 5_000


def synthesise(
    folder: Path,
    people: int,
    seed: int,
    faulty_share: float = 0.0,
    as_csv: bool = False,
    progress: Callable[[str], None] = lambda stage: None,
) -> dict[str, int]:
    """Write a model folder with so many synthetic people; gives the rows written by table of
    records.

    Contracts paid by activity are worth what their activity comes to; the same people and seed give
    the same folder.
    Raises UsageProblem for a folder that holds something, or too few people.
    Source: handbook 2.4.5; req 102.
    """
    if people < 500:
        raise UsageProblem(
            "A synthetic place needs 500 people at least, so that its practices have someone on"
            " their lists."
        )
    if folder.exists() and any(folder.iterdir()):
        raise UsageProblem(f"{folder} holds something already. Give a folder that is new or empty.")
    wanted = Wanted(
        people, seed, place.lists_for(people), first_day(YEAR), days_in(YEAR), faulty_share
    )
    patients = folder / "patients"
    patients.mkdir(parents=True, exist_ok=True)
    progress("making people and records")
    rows = _write_records(patients, wanted, as_csv, progress)
    for name, table in place.person_tables().items():
        _write_table(
            patients / f"{name}.csv",
            next(spec for spec in SMALL_TABLES if spec.name == name),
            table,
        )
    # In a small place a few stays that overlap by chance are a large share of its admissions.
    threshold = max(0.02 if people >= SMALL_PLACE else 0.1, round(4 * faulty_share, 3))
    (patients / "patients.yaml").write_text(
        place.PATIENTS_YAML.format(stop_over_share=threshold), encoding="utf-8"
    )
    progress("valuing their activity")
    found = _valued(folder, wanted.lists)
    inputs = folder / "inputs"
    inputs.mkdir()
    for name, table in place.tables(wanted.lists, found).items():
        if not table:
            continue
        _write_table(inputs / f"{name}.csv", TABLES_BY_NAME[name], table)
    (folder / "model.yaml").write_text(place.MODEL_YAML, encoding="utf-8")
    return rows


def _write_records(
    patients: Path, wanted: Wanted, as_csv: bool, progress: Callable[[str], None]
) -> dict[str, int]:
    rows: dict[str, int] = {}
    for number, block in enumerate(blocks(wanted)):
        progress(
            f"making people and records, {min(wanted.people, (number + 1) * 50_000):,} of"
            f" {wanted.people:,}"
        )
        for name, columns in block.items():
            rows[name] = rows.get(name, 0) + len(next(iter(columns.values())))
            _write_block(patients, name, columns, number, as_csv)
    return rows


def _write_block(patients: Path, name: str, columns: Columns, number: int, as_csv: bool) -> None:
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.table(
        {column: pyarrow.array(values, from_pandas=True) for column, values in columns.items()}
    )
    if not as_csv:
        (patients / name).mkdir(exist_ok=True)
        parquet.write_table(
            table, patients / name / f"part-{number:05d}.parquet", row_group_size=245_760
        )
        return
    with (patients / f"{name}.csv").open("a", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        if not number:
            writer.writerow(table.column_names)
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            writer.writerow(
                [
                    (
                        ""
                        if value is None
                        else str(value).lower()
                        if isinstance(value, bool)
                        else value
                    )
                    for value in row
                ]
            )


def _valued(folder: Path, lists: Sequence[str]) -> place.Found:
    """What the records themselves come to, which contracts and plans are made to fit."""
    codes: list[Row] = [{"list_code": code, "kind": "practice"} for code in lists]
    codes += [
        {"list_code": "UNREG1", "kind": "unregistered"},
        {"list_code": "ELSE1", "kind": "elsewhere"},
    ]
    tables = {name: empty_table(TABLES_BY_NAME[name]) for name in MODEL_TABLES}
    tables["gp_lists"] = _table(TABLES_BY_NAME["gp_lists"], codes)
    tables["prices"] = _table(TABLES_BY_NAME["prices"], place.prices())
    small = place.person_tables()
    log = ProblemLog()
    room = open_room(folder, tables, lambda spec, path: _table(spec, small[spec.name]), YEAR, log)
    assert room is not None
    work = room.encode()
    room.add_up({}, "by_list")
    uses = room.uses(work)
    population, _ = people_by_list(work)
    by_age = _people_by_age(work)
    packages = room.encode_packages(work)
    paid = rows_of(
        packages.fetch(
            "SELECT CAST(COALESCE(SUM(gross - contribution), 0) AS BIGINT) AS pence FROM packages"
            " WHERE fault = 0"
        )
    )[0]["pence"]
    work.stages.engine.close()
    priced = {
        contract: _priced(room.cells.services_by_key(), uses, contract)
        for contract in place.ACUTE.values()
    }
    return place.Found(
        population, by_age, priced, paid, frozenset((use.key[0], use.key[2]) for use in uses)
    )


def _people_by_age(work: PersonLevel) -> dict[int, int]:
    """People on a list on the last day of the year, by the first age of the projection's age
    bands.
    """
    found: dict[int, int] = {}
    for row in rows_of(
        work.stages.fetch(
            f"SELECT profile, COUNT(*) AS people FROM people WHERE to_day = {days_in(work.year)}"
            " GROUP BY profile"
        )
    ):
        age = work.age_cuts[work.profiles[row["profile"] - 1]["band"]]
        start = max(first for first in YEARLY_GROWTH if first <= age)
        found[start] = found.get(start, 0) + row["people"]
    return found


def _priced(
    parts: Mapping[tuple[str, str, str], str], uses: Sequence[ListUse], contract: str
) -> place.Priced:
    found = {
        part: sum(use.pence for use in uses if use.key[0] == contract and parts[use.key] == part)
        for part in ("variable", "fixed")
    }
    return place.Priced(found["variable"], found["fixed"])


def _table(spec: TableSpec, rows: Sequence[Row]) -> TypedTable:
    """Make a typed table from rows as they would be written, pounds as pence."""
    columns = {}
    for column in spec.columns:
        values = [row.get(column.name, "") for row in rows]
        if column.is_number:
            factor = 100 if column.kind == "pounds" else 1
            columns[column.name] = np.array(
                [
                    np.nan if value == "" else round(float(str(value)) * factor, 6)
                    for value in values
                ]
            )
        else:
            columns[column.name] = np.array([str(value) for value in values], dtype=object)
    return TypedTable(spec, columns, f"{spec.name}.csv", spec.name, range(2, len(rows) + 2))


def _write_table(path: Path, spec: TableSpec, rows: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        names = [
            column.name
            for column in spec.columns
            if column.required or any(row.get(column.name, "") != "" for row in rows)
        ]
        writer.writerow(names)
        writer.writerows([row.get(name, "") for name in names] for row in rows)


RECORD_TABLES = (
    PERSON_REGISTER.name,
    *(shape.name for shape in ACTIVITY),
    PERSON_CARE_PACKAGES.name,
)
