"""Midshire's hospital contracts rebuilt from synthetic records of people: the same contract totals, by another way in."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import wpb

YEAR = "2026-27"
PEOPLE_ON_A_LIST = 12


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def rebuilt(midshire: Path, folder: Path) -> Path:
    """Copy Midshire, take the activity of its hospital contracts out, and put records of made-up people in its place."""
    shutil.copytree(midshire, folder, ignore=shutil.ignore_patterns("results", "*.xlsx"))
    inputs, patients = folder / "inputs", folder / "patients"
    patients.mkdir()
    hospital = {row["contract"] for row in rows_of(inputs / "contracts.csv") if row["payment_basis"] != "block" and row["population_method"] == "activity_by_list"}
    priced = [row for row in rows_of(inputs / "priced_activity.csv") if row["contract"] in hospital]
    uses = [row for row in rows_of(inputs / "activity_by_list.csv") if row["contract"] in hospital]
    for name in ("priced_activity", "activity_by_list"):
        kept = [row for row in rows_of(inputs / f"{name}.csv") if row["contract"] not in hospital]
        (inputs / f"{name}.csv").unlink()
        if kept:
            write(inputs / f"{name}.csv", kept)
    lists = [row["list_code"] for row in rows_of(inputs / "gp_lists.csv")]
    register = [(1 + PEOPLE_ON_A_LIST * number + place, code) for number, code in enumerate(lists) for place in range(PEOPLE_ON_A_LIST)]
    nothing = pa.array([None] * len(register), pa.date32())
    parquet.write_table(pa.table({"pseudonym": [person for person, _ in register], "list_code": [code for _, code in register], "age": [20 + person % 70 for person, _ in register], "sex": ["f"] * len(register), "joined_on": nothing, "left_on": nothing, "died_on": nothing}), patients / "person_register.parquet")
    currency = {(row["contract"], row["service_line"], row["point_of_delivery"]): row["activity_currency"] for row in priced}
    records, counted = [], defaultdict(int)
    for use in uses:
        key, units = (use["contract"], use["service_line"], use["activity_type"]), int(float(use["units"]))
        first = 1 + PEOPLE_ON_A_LIST * lists.index(use["list_code"])
        counted[key] += units
        records += [(first + place, *key, units // PEOPLE_ON_A_LIST + (place < units % PEOPLE_ON_A_LIST)) for place in range(PEOPLE_ON_A_LIST)]
    nobody = len(register) + 1
    records += [(nobody, *key, int(float(row["units"])) - counted[key]) for row in priced if (key := (row["contract"], row["service_line"], row["point_of_delivery"]))]
    records = [record for record in records if record[-1] > 0]
    columns = {"record": list(range(len(records))), "pseudonym": [record[0] for record in records], "provider": [record[1] for record in records], "treatment_function": [record[2] for record in records], "point_of_delivery": [record[3] for record in records], "hrg": [currency[record[1:4]] for record in records], "units": [record[4] for record in records]}
    parquet.write_table(pa.table({**columns, "attended_on": pa.array(np.datetime64("2026-04-01") + np.arange(len(records)) % 365)}), patients / "outpatient_care.parquet")
    write(patients / "commissioned_activity.csv", [{"activity_table": "outpatient_care", "provider": row["contract"], "point_of_delivery": row["point_of_delivery"], "service_code": row["service_line"], "contract": row["contract"], "service_line": row["service_line"], "activity_type": row["point_of_delivery"], "valuation": "priced", "payment_part": row["payment_part"]} for row in priced])
    return folder


@pytest.mark.req(38, 39, 40, 95, 101)
def test_midshire_from_records_has_the_contract_totals_of_midshire(repo_root: Path, tmp_path: Path) -> None:
    midshire = repo_root / "examples" / "midshire"
    before = {contract["contract"]: contract for contract in wpb.load(midshire).summary()["contracts"]}
    after = {contract["contract"]: contract for contract in wpb.load(rebuilt(midshire, tmp_path / "rebuilt")).summary()["contracts"]}
    assert after.keys() == before.keys()
    for code, contract in after.items():
        assert contract["value_pence"] == before[code]["value_pence"], code
        assert contract["residual_pence"] == 0
        whole = contract["value_pence"]
        assert abs(contract["allocated_pence"] - before[code]["allocated_pence"]) < 0.005 * whole, "to the rounding of small lists' units"
