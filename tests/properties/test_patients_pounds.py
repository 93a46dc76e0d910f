"""Pounds in are pounds out, for populations and contracts of any shape."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from wpb.kernel.problems import ProblemLog
from wpb.patients.allocation import RecordClass, share_over_records
from wpb.patients.cells import read_cells
from wpb.patients.disclosure import rounded_shares
from wpb.patients.engine import open_engine
from wpb.patients.person_level import PersonLevel
from wpb.patients.sources import find_sources
from wpb.patients.specifications import COMMISSIONED_ACTIVITY, PERSON_TABLES, PROVIDERS
from wpb.patients.stages import Stages
from wpb.tables.contracts import Prices
from wpb.tables.schema import TableSpec, TypedTable, empty_table

pytestmark = pytest.mark.req(95, 101)

CLASSES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 60), st.integers(1, 500)),
    min_size=1,
    max_size=12,
    unique_by=lambda item: item[:2],
)


@settings(max_examples=50, deadline=None)
@given(st.integers(-(10**14), 10**14), CLASSES)
def test_a_sum_is_shared_to_the_penny(
    total: int, given_classes: list[tuple[int, int, int]]
) -> None:
    classes = [RecordClass(*item) for item in given_classes]
    records = {(item.cell, item.units): item.records for item in classes}
    shares = share_over_records(total, classes)
    assert (
        sum(
            share.pence * records[share.cell, share.units] + share.with_a_penny_more
            for share in shares
        )
        == total
    )
    every = sum(item.units * item.records for item in classes)
    for share in shares:
        assert abs(share.pence - total * share.units / every) <= 1 + 1e-9 * abs(total)


@settings(max_examples=50, deadline=None)
@given(CLASSES, st.randoms(use_true_random=False))
def test_the_order_of_classes_changes_nothing(
    given_classes: list[tuple[int, int, int]], chance: object
) -> None:
    classes = [RecordClass(*item) for item in given_classes]
    shuffled = classes[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(share_over_records(1_000_003, classes)) == set(
        share_over_records(1_000_003, shuffled)
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=40))
def test_told_units_keep_their_sum(units: list[int]) -> None:
    assert rounded_shares(np.array(units, dtype=np.int64), 5).sum() == sum(units)


def commissioned() -> TypedTable:
    rows = [
        ("R1", "first", "T1", "ACUTE", "OUT", "first", "priced", "variable"),
        ("C1", "first", "T1", "COMM", "NURSING", "visit", "block", ""),
        ("C1", "first", "T2", "COMM", "THERAPY", "visit", "block", ""),
    ]
    names = (
        "provider",
        "point_of_delivery",
        "service_code",
        "contract",
        "service_line",
        "activity_type",
        "valuation",
        "payment_part",
    )
    columns = {"activity_table": np.array(["outpatient_care"] * len(rows), dtype=object)} | {
        name: np.array([row[place] for row in rows], dtype=object)
        for place, name in enumerate(names)
    }
    return TypedTable(COMMISSIONED_ACTIVITY, columns, "c.csv", "c", range(2, len(rows) + 2))


def priced(spec: TableSpec = Prices.spec) -> TypedTable:
    row = {
        "activity_currency": "T1",
        "point_of_delivery": "first",
        "price_year": "2029-30",
        "unit_price": 12_345.0,
        "price_kind": "local",
    }
    return TypedTable(
        spec,
        {
            name: np.array([value], dtype=float if name == "unit_price" else object)
            for name, value in row.items()
        },
        "p.csv",
        "p",
        [2],
    )


RECORDS = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.sampled_from([("R1", "T1"), ("C1", "T1"), ("C1", "T2")]),
        st.integers(-1, 5),
        st.integers(0, 364),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=12, deadline=None)
@given(RECORDS, st.integers(0, 10**9), st.integers(0, 10**9))
def test_pounds_in_are_pounds_out_for_any_records(
    records: list[tuple[int, tuple[str, str], int, int]], nursing: int, therapy: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = np.datetime64("2029-04-01")
        register = {
            "pseudonym": list(range(1, 9)),
            "list_code": ["A", "B"] * 4,
            "age": [30] * 8,
            "sex": ["f"] * 8,
            "residence": [""] * 8,
            "has_frailty": [False, True] * 4,
        }
        dates = {
            "joined_on": pa.array([None] * 8, pa.date32()),
            "left_on": pa.array([None] * 8, pa.date32()),
            "died_on": pa.array([None] * 8, pa.date32()),
        }
        parquet.write_table(pa.table({**register, **dates}), folder / "person_register.parquet")
        activity = {
            "record": list(range(len(records))),
            "pseudonym": [row[0] for row in records],
            "provider": [row[1][0] for row in records],
            "point_of_delivery": ["first"] * len(records),
            "treatment_function": [row[1][1] for row in records],
            "hrg": [""] * len(records),
            "attended_on": pa.array(first + np.array([row[3] for row in records])),
            "units": [row[2] for row in records],
        }
        parquet.write_table(pa.table(activity), folder / "outpatient_care.parquet")
        log = ProblemLog()
        cells = read_cells(commissioned(), priced(), empty_table(PROVIDERS), "2029-30", log)
        engine = open_engine(scratch=folder / "spill", threads=1)
        work = PersonLevel(
            Stages(folder / "engine", engine),
            find_sources(folder, {table.name: table for table in PERSON_TABLES}, {}, log),
            cells,
            ["A", "B"],
            "",
            "2029-30",
            (0, 65),
        )
        work.encode()
        pence = {("COMM", "NURSING", "visit"): nursing, ("COMM", "THERAPY", "visit"): therapy}
        _, unmapped = work.charge(pence)
        work.add_up()
        good = [row for row in records if row[2] > 0]
        expected = (
            nursing + therapy + sum(12_345 * row[2] for row in good if row[1] == ("R1", "T1"))
        )
        for result in ("by_list", "by_profile"):
            whole = engine.fetch(
                f"SELECT CAST(COALESCE(SUM(pence), 0) AS BIGINT) AS pence FROM {result}"
            ).to_pylist()[0]["pence"]
            assert whole + sum(unmapped.values()) == expected
        nobody = engine.fetch(
            "SELECT CAST(COALESCE(SUM(pence), 0) AS BIGINT) AS pence FROM by_list WHERE list = 0"
        ).to_pylist()[0]["pence"]
        people = engine.fetch(
            "SELECT CAST(COALESCE(SUM(pence), 0) AS BIGINT) AS pence FROM by_person"
        ).to_pylist()[0]["pence"]
        assert nobody + people + sum(unmapped.values()) == expected
        engine.close()
