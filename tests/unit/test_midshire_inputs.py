"""Midshire is made the same each time, reads without a fault, and its sums tie to the penny."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from wpb.api import LoadedModel
from wpb.intake.reading import check_model
from wpb.run import Budget
from wpb.tables.methods.registry import METHOD_OPTIONS
from wpb.tables.spend import PRIMARY_CARE_STREAMS

ROOT = Path(__file__).resolve().parents[2]
MIDSHIRE = ROOT / "examples" / "midshire"

Row = dict[str, str]


@pytest.fixture(scope="module")
def budget() -> Budget:
    return LoadedModel(MIDSHIRE).budget


def rows_of(table: str) -> list[Row]:
    with (MIDSHIRE / "inputs" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def total(rows: list[Row], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def of_contract(table: str, contract: str) -> list[Row]:
    return [row for row in rows_of(table) if row["contract"] == contract]


def test_the_generator_makes_what_is_committed(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_midshire.py"), str(tmp_path)],
        check=True,
        capture_output=True,
    )
    made = sorted(
        path.relative_to(tmp_path)
        for path in tmp_path.rglob("*")
        if path.suffix in (".csv", ".yaml")
    )
    kept = sorted(
        path.relative_to(MIDSHIRE)
        for folder in ("inputs", "assumptions", "arrangements")
        for path in (MIDSHIRE / folder).iterdir()
    )
    assert made == sorted([*kept, Path("model.yaml")])
    for path in made:
        assert (tmp_path / path).read_bytes() == (MIDSHIRE / path).read_bytes(), path


def test_the_folder_reads_without_a_fault() -> None:
    reading = check_model(MIDSHIRE)
    assert reading.model is not None
    assert {problem.code for problem in reading.problems} == {"dispensing_excluded"}


def test_the_workbook_holds_the_same_tables_and_settings() -> None:
    folder, workbook = check_model(MIDSHIRE).model, check_model(MIDSHIRE / "midshire.xlsx").model
    assert folder is not None and workbook is not None
    assert {name: len(table) for name, table in folder.tables.items()} == {
        name: len(table) for name, table in workbook.tables.items()
    }
    for name, table in folder.tables.items():
        for column in table.spec.columns:
            twin = workbook.tables[name]
            ours, theirs = (
                (
                    each.numbers(column.name).tolist()
                    if column.is_number
                    else list(each.columns[column.name])
                )
                for each in (table, twin)
            )
            assert (
                ours == pytest.approx(theirs, rel=1e-15, nan_ok=True)
                if column.is_number
                else ours == theirs
            ), f"{name}.{column.name}"
    assert (folder.settings.title, folder.settings.years, folder.settings.conversion_steps) == (
        workbook.settings.title,
        workbook.settings.years,
        workbook.settings.conversion_steps,
    )
    assert (
        folder.settings.forecast_routes == workbook.settings.forecast_routes
        and folder.settings.extensions == workbook.settings.extensions
    )


@pytest.mark.req(2, 6, 103)
def test_the_place_is_as_described() -> None:
    lists = rows_of("gp_lists")
    practices = [row for row in lists if row["kind"] == "practice"]
    assert Counter(row["participation"] for row in practices) == {
        "full": 22,
        "partial": 12,
        "virtual": 2,
        "none": 4,
    }
    residents = sum(int(row["population"]) for row in lists if row["kind"] != "elsewhere")
    assert 290_000 < residents < 310_000
    neighbourhoods: Counter[str] = Counter()
    for row in practices:
        neighbourhoods[row["neighbourhood"]] += int(row["population"])
    assert len(neighbourhoods) == 7 and all(
        30_000 <= people <= 50_000 for people in neighbourhoods.values()
    )
    assert {row["commissioner"] for row in lists if row["kind"] == "unregistered"} == {"QZN", "QZS"}
    assert all(any(mark.isalpha() for mark in row["list_code"]) for row in lists)


@pytest.mark.req(39, 40)
@pytest.mark.parametrize(
    "contract", [row["contract"] for row in rows_of("contracts") if row["payment_basis"] != "block"]
)
def test_what_is_paid_is_fixed_plus_units_at_prices(contract: str) -> None:
    prices = {
        (row["activity_currency"], row["point_of_delivery"]): Decimal(row["unit_price"])
        for row in rows_of("prices")
    }
    (terms,) = of_contract("contracts", contract)
    lines = of_contract("priced_activity", contract)
    paid = sum(
        (
            int(row["units"]) * prices[row["activity_currency"], row["point_of_delivery"]]
            for row in lines
            if row["payment_part"] == "variable"
        ),
        Decimal(0),
    )
    assert paid + Decimal(terms["fixed_value"] or 0) == Decimal(terms["value"])
    assert len(lines) <= 200


@pytest.mark.req(38, 101)
def test_activity_by_list_adds_to_the_units_of_each_line() -> None:
    by_list: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in rows_of("activity_by_list"):
        by_list[row["contract"], row["service_line"], row["activity_type"]] += Decimal(row["units"])
    expected = {
        (row["contract"], row["service_line"], row["point_of_delivery"]): Decimal(row["units"])
        for row in rows_of("priced_activity")
    }
    counted = {
        row["contract"]
        for row in rows_of("contracts")
        if row["population_method"] == "activity_by_list" and row["payment_basis"] == "block"
    }
    shares: defaultdict[tuple[str, str], list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows_of("activity_mapping"):
        shares[row["contract"], row["activity_type"]].append(
            (row["service_line"], Decimal(row["share"]))
        )
    for row in rows_of("contract_activity"):
        if row["contract"] in counted:
            for line, share in shares.get(
                (row["contract"], row["activity_type"]), [(row["service_line"], Decimal(1))]
            ):
                expected[row["contract"], line, row["activity_type"]] = (
                    Decimal(row["units"]) * share
                )
    assert dict(by_list) == {key: units for key, units in expected.items() if units}


@pytest.mark.req(48, 56, 59, 62, 80, 84, 85, 87, 91)
def test_block_contracts_show_the_options_of_every_step() -> None:
    used = {(row["step"], row["option"]) for row in rows_of("contract_methods")}
    for step in ("step_1", "step_2", "non_service_split"):
        assert {option for found, option in used if found == step} == set(METHOD_OPTIONS[step])
    printed = set(METHOD_OPTIONS["step_3"]) - {"benchmark_median"}
    assert {option for found, option in used if found == "step_3"} == printed
    assert all(row["reason"] and row["agreed_by"] for row in rows_of("contract_methods"))
    for contract, rows in _grouped(rows_of("schedule_lines"), "contract").items():
        assert total(rows, "value") == Decimal(of_contract("contracts", contract)[0]["value"])
    assert {
        row["contract"]
        for row in rows_of("schedule_lines")
        if row["reflects_actual_spend"] == "false"
    } == {"MCH-S", "MMH-S"}
    assert max(Counter(row["contract"] for row in rows_of("contract_activity")).values()) <= 82


def _grouped(rows: list[Row], column: str) -> dict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return dict(found)


@pytest.mark.req(18)
def test_the_ledger_ties_but_for_one_accrual() -> None:
    packages = rows_of("care_packages")
    commissioner_of = {row["list_code"]: row["commissioner"] for row in rows_of("gp_lists")}
    model: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for table, code in (("contracts", "contract"), ("direct_spend", "budget_line")):
        for row in rows_of(table):
            model[row["commissioner"], row[code]] += Decimal(row["value"])
    for row in rows_of("primary_care_payments"):
        model[commissioner_of[row["list_code"]], "primary_care"] += Decimal(row["value"])
    for row in packages:
        model[row["commissioner"], "care_packages"] += Decimal(row["gross_value"]) - Decimal(
            row["client_contribution"]
        )
    ledger: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows_of("commissioner_ledger"):
        ledger[row["commissioner"], row["covers"]] += Decimal(row["ledger_value"])
    differences = {
        key: model[key] - ledger[key] for key in {*model, *ledger} if model[key] != ledger[key]
    }
    assert differences == {("QZN", "CLW-N"): Decimal("12345.67")}


def test_there_are_some_three_thousand_budget_lines() -> None:
    mapped = Counter((row["contract"], row["activity_type"]) for row in rows_of("activity_mapping"))
    block = sum(
        mapped.get((row["contract"], row["activity_type"]), 1)
        for row in rows_of("contract_activity")
    )
    lines = block + sum(
        len(rows_of(table))
        for table in ("priced_activity", "primary_care_payments", "care_packages", "direct_spend")
    )
    assert 2_800 <= lines <= 3_200
    assert {row["payment_stream"] for row in rows_of("primary_care_payments")} == set(
        PRIMARY_CARE_STREAMS
    )
    assert 60 <= len(rows_of("service_lines")) <= 85


@pytest.mark.req(188)
def test_the_care_model_invests_before_it_saves() -> None:
    by_year: dict[str, Decimal] = {}
    for row in rows_of("care_model_impacts"):
        by_year[row["year"]] = (
            by_year.get(row["year"], Decimal(0))
            + Decimal(row["investment"])
            - Decimal(row["saving"])
        )
    net = [by_year[year] for year in sorted(by_year)]
    assert len(net) == 10 and net[0] > 0 and net[1] > 0 and all(amount < 0 for amount in net[4:])
    assert {row["scope"] for row in rows_of("care_model_impacts")} == {"inside", "outside"}


@pytest.mark.req(18, 200, 202)
def test_the_budget_is_tight_and_one_stream_falls_short_for_one_year(budget: Budget) -> None:
    in_scope, outside = (
        float(block.value.sum()) / 1e8
        for block in (budget.current.in_scope, budget.current.out_of_scope)
    )
    assert 330 < in_scope < 360 and 250 < outside < 300
    afford = budget.affordability
    headroom, allocation = afford.headroom.value[0], afford.allocation.value[0]
    short = [
        (*afford.cells[cell], budget.years[year])
        for cell in range(len(afford.cells))
        for year in range(len(budget.years))
        if headroom[cell, year] < 0
    ]
    assert short == [("QZS", "core", "2028-29")]
    assert (headroom / allocation).max() < 0.02
    assert (afford.total["headroom"].value > 0).all()


@pytest.mark.req(7, 99)
def test_mental_health_crisis_joins_later_and_some_activity_stays_unmapped(budget: Budget) -> None:
    lines = budget.current.lines.lines
    crisis = [row for row, line in enumerate(lines) if line.service_line == "MHCRIS"]
    assert budget.baseline.value[0, crisis].sum() == 0
    assert {
        line.activity_type
        for row, line in enumerate(lines)
        if budget.current.unmapped.at(row, 0) != 0
    } == {"UNCODE"}
