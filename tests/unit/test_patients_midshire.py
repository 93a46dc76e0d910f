"""Midshire's hospital and community contracts rebuilt from synthetic records of people: the same
contract totals, by another way in.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import wpb
from wpb.api import LoadedModel
from wpb.patients.allocation import largest_remainder

YEAR = "2026-27"
PEOPLE_ON_A_LIST = 12
EMERGENCY = ("AE", "UTC")
ADMITTED = ("NEL", "EL", "DC", "BIRTH")
Key = tuple[str, str, str]
"""Contract, service line and activity type."""
Rows = list[dict[str, str]]


def rows_of(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def write(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def taken_out(inputs: Path, name: str, goes: Callable[[dict[str, str]], bool]) -> Rows:
    """Take some rows out of a table, and give them."""
    rows = rows_of(inputs / f"{name}.csv")
    kept = [row for row in rows if not goes(row)]
    (inputs / f"{name}.csv").unlink()
    if kept:
        write(inputs / f"{name}.csv", kept)
    return [row for row in rows if goes(row)]


def table_of(key: Key, priced: Mapping[Key, dict[str, str]]) -> str:
    """The table of records an activity belongs in."""
    if key not in priced:
        return "community_contacts"
    return (
        "emergency_care"
        if key[2].startswith(EMERGENCY)
        else "admitted_care"
        if key[2].startswith(ADMITTED)
        else "outpatient_care"
    )


def columns_of(
    table: str, records: list[tuple[int, Key, int]], priced: Mapping[Key, dict[str, str]]
) -> pa.Table:
    """Records of one table by column; a contract stands for its provider, so that North and South
    stay apart.
    """
    when = pa.array(np.datetime64("2026-04-01") + np.arange(len(records)) % 365)
    shared = {
        "record": list(range(len(records))),
        "pseudonym": [person for person, _, _ in records],
        "provider": [key[0] for _, key, _ in records],
        "units": [units for _, _, units in records],
    }
    lines, kinds = [key[1] for _, key, _ in records], [key[2] for _, key, _ in records]
    if table == "community_contacts":
        return pa.table({**shared, "service": lines, "contact_type": kinds, "contact_on": when})
    shared |= {
        "point_of_delivery": kinds,
        "hrg": [priced[key]["activity_currency"] for _, key, _ in records],
    }
    if table == "emergency_care":
        return pa.table({**shared, "arrived_on": when})
    days = (
        {"admitted_on": when, "discharged_on": when}
        if table == "admitted_care"
        else {"attended_on": when}
    )
    return pa.table({**shared, "treatment_function": lines, **days})


def rebuilt(midshire: Path, folder: Path) -> Path:
    """Copy Midshire, take the activity of its contracts with activity by list out, and put records
    of made-up people in its place.
    """
    shutil.copytree(midshire, folder, ignore=shutil.ignore_patterns("results", "record", "*.xlsx"))
    inputs, patients = folder / "inputs", folder / "patients"
    patients.mkdir()
    contracts = {
        row["contract"]
        for row in rows_of(inputs / "contracts.csv")
        if row["population_method"] == "activity_by_list"
    }
    # Dietetics serve two service lines as one activity; records have one line each, so that
    # activity stays as it was.
    priced = {
        (row["contract"], row["service_line"], row["point_of_delivery"]): row
        for row in taken_out(inputs, "priced_activity", lambda row: row["contract"] in contracts)
    }
    block = {
        (row["contract"], row["service_line"], row["activity_type"]): row
        for row in taken_out(
            inputs,
            "contract_activity",
            lambda row: row["contract"] in contracts and row["service_line"] != "",
        )
    }
    uses = taken_out(
        inputs,
        "activity_by_list",
        lambda row: (row["contract"], row["service_line"], row["activity_type"]) in priced | block,
    )
    lists = [row["list_code"] for row in rows_of(inputs / "gp_lists.csv")]
    register = [
        (1 + PEOPLE_ON_A_LIST * number + place, code)
        for number, code in enumerate(lists)
        for place in range(PEOPLE_ON_A_LIST)
    ]
    nothing = pa.array([None] * len(register), pa.date32())
    parquet.write_table(
        pa.table(
            {
                "pseudonym": [person for person, _ in register],
                "list_code": [code for _, code in register],
                "age": [20 + person % 70 for person, _ in register],
                "sex": ["f"] * len(register),
                "joined_on": nothing,
                "left_on": nothing,
                "died_on": nothing,
            }
        ),
        patients / "person_register.parquet",
    )
    records: dict[str, list[tuple[int, Key, int]]] = defaultdict(list)
    counted: dict[Key, int] = defaultdict(int)
    listed: dict[Key, dict[str, int]] = defaultdict(dict)
    for use in uses:
        listed[use["contract"], use["service_line"], use["activity_type"]][use["list_code"]] = int(
            float(use["units"])
        )
    for (
        key,
        row,
    ) in block.items():  # Midshire shares a block contract's activity by the lists that are known
        if listed[key]:
            listed[key] = largest_remainder(int(float(row["units"])), listed[key])
    for key, list_code, units in (
        (key, code, units) for key, by_list in listed.items() for code, units in by_list.items()
    ):
        first = 1 + PEOPLE_ON_A_LIST * lists.index(list_code)
        counted[key] += units
        records[table_of(key, priced)] += [
            (first + place, key, units // PEOPLE_ON_A_LIST + (place < units % PEOPLE_ON_A_LIST))
            for place in range(PEOPLE_ON_A_LIST)
        ]
    for key, row in (priced | block).items():  # activity of people on no list
        records[table_of(key, priced)].append(
            (len(register) + 1, key, int(float(row["units"])) - counted[key])
        )
    for table, found in records.items():
        parquet.write_table(
            columns_of(table, [record for record in found if record[-1] > 0], priced),
            patients / f"{table}.parquet",
        )
    commissioned = [
        {
            "activity_table": table_of(key, priced),
            "provider": key[0],
            "point_of_delivery": key[2],
            "service_code": "" if table_of(key, priced) == "emergency_care" else key[1],
            "contract": key[0],
            "service_line": key[1],
            "activity_type": key[2],
            "valuation": "priced" if key in priced else "block",
            "payment_part": row.get("payment_part", ""),
        }
        for key, row in (priced | block).items()
    ]
    write(patients / "commissioned_activity.csv", commissioned)
    write(
        patients / "providers.csv",
        [
            {"provider": contract, "year": YEAR, "market_forces_factor": "1"}
            for contract in sorted(contracts)
        ],
    )
    (patients / "patients.yaml").write_text(
        f"activity_year: {YEAR}\nstop_over_share: 1\n", encoding="utf-8"
    )
    return folder


def priced_pence(loaded: LoadedModel) -> dict[tuple[str, str], int]:
    """Whole pence of priced activity by contract and payment part: units x price of the year."""
    prices = loaded.model["prices"]
    price = {
        (currency, point): pence
        for currency, point, year, pence in zip(
            prices.text("activity_currency"),
            prices.text("point_of_delivery"),
            prices.text("price_year"),
            prices.numbers("unit_price"),
            strict=True,
        )
        if year == YEAR
    }
    found: dict[tuple[str, str], float] = defaultdict(float)
    table = loaded.model["priced_activity"]
    for contract, part, currency, point, units in zip(
        *(
            table.text(name)
            for name in ("contract", "payment_part", "activity_currency", "point_of_delivery")
        ),
        table.numbers("units"),
        strict=True,
    ):
        found[contract, part] += units * price[currency, point]
    return {key: round(pence) for key, pence in found.items()}


def block_units(loaded: LoadedModel) -> dict[tuple[str, str], float]:
    table = loaded.model["contract_activity"]
    return dict(
        zip(
            zip(table.text("contract"), table.text("activity_type"), strict=True),
            table.numbers("units").tolist(),
            strict=True,
        )
    )


@pytest.mark.req(38, 39, 40, 95, 101)
def test_midshire_from_records_has_the_contract_totals_of_midshire(
    repo_root: Path, tmp_path: Path
) -> None:
    before, after = (
        wpb.load(repo_root / "examples" / "midshire"),
        wpb.load(rebuilt(repo_root / "examples" / "midshire", tmp_path / "rebuilt")),
    )
    assert priced_pence(after) == priced_pence(before), (
        "each record at its price comes to the contracts' activity, to the penny"
    )
    assert block_units(after) == block_units(before)
    was, now = (
        {contract["contract"]: contract for contract in loaded.summary()["contracts"]}
        for loaded in (before, after)
    )
    assert now.keys() == was.keys()
    for code, contract in now.items():
        whole = contract["value_pence"]
        assert whole == was[code]["value_pence"], code
        assert contract["residual_pence"] == 0
        assert abs(contract["allocated_pence"] - was[code]["allocated_pence"]) < 0.01 * whole, (
            "to the rounding and pooling of small numbers"
        )


@pytest.mark.req(95, 99, 100)
def test_pounds_shared_over_midshires_records_are_the_pounds_of_its_contracts(
    repo_root: Path, tmp_path: Path
) -> None:
    loaded = wpb.load(rebuilt(repo_root / "examples" / "midshire", tmp_path / "rebuilt"))
    loaded.write_people(tmp_path / "results")
    people = tmp_path / "results" / "people"
    shared = next(
        int(row["total"])
        for row in rows_of(people / "pence_by_list_and_service.csv")
        if row["list_code"] == "total"
    )
    unmapped = sum(int(row["pence"]) for row in rows_of(people / "unmapped.csv"))
    current = loaded.budget.current
    block = sum(
        current.spend.at(row, 0)
        for row, line in enumerate(current.lines.lines)
        if line.payment_basis == "block"
    )
    assert shared + unmapped == sum(priced_pence(loaded).values()) + round(block)
