"""Small models built in memory, for tests that vary them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wpb.kernel.assumptions import AssumptionBook, load_book
from wpb.kernel.problems import ProblemLog
from wpb.national import national_folder
from wpb.run import Budget, calculate
from wpb.tables import ALL_TABLES
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable, empty_table
from wpb.tables.settings import Choice, ModelSettings

Rows = Sequence[dict[str, Any]]


def table(name: str, rows: Rows) -> TypedTable:
    """Make a typed table from rows; pounds are given in pounds."""
    spec = next(spec for spec in ALL_TABLES if spec.name == name)
    if not rows:
        return empty_table(spec)
    columns: dict[str, Any] = {}
    for column in spec.columns:
        values = [row.get(column.name) for row in rows]
        if column.is_number:
            scale = 100.0 if column.kind == "pounds" else 1.0
            columns[column.name] = np.array(
                [np.nan if value is None else float(value) * scale for value in values]
            )
        elif column.kind == "yes_no":
            columns[column.name] = np.array(values, dtype=object)
        else:
            columns[column.name] = np.array(
                ["" if value is None else str(value) for value in values], dtype=object
            )
    positions = {column.name: position for position, column in enumerate(spec.columns)}
    return TypedTable(
        spec, columns, f"inputs/{name}.csv", name, list(range(2, len(rows) + 2)), positions
    )


def settings(**changes: Any) -> ModelSettings:
    """Make the settings of a three-year model; conversion none, growth from contract year 1."""
    given: dict[str, Any] = {
        "model": "small",
        "title": "A small model",
        "currency": "GBP",
        "prepared_by": "Tests",
        "prepared_on": "2026-11-01",
        "lead_provider": "PROV",
        "form": "mixed",
        "first_contract_year": "2027-28",
        "contract_years": 3,
        "spend_year": "2026-27",
        "conversion_steps": (),
        "conversion_reason": "",
        "efficiency_method": Choice("multiplicative", "as agreed"),
        "forecast_routes": {},
        "alignment": {},
    }
    return ModelSettings(**(given | changes))


def place(**more: Rows) -> dict[str, Rows]:
    """The least a model needs: a commissioner, a provider, three lists (one not taking part), a
    stream, one service and its growth.
    """
    base: dict[str, Rows] = {
        "organisations": [
            {"organisation": "ICB", "name": "Commissioner", "kind": "commissioner"},
            {"organisation": "COUNCIL", "name": "Council", "kind": "council"},
            {"organisation": "PROV", "name": "Provider", "kind": "provider"},
        ],
        "gp_lists": [
            {
                "list_code": "P1",
                "name": "One",
                "kind": "practice",
                "commissioner": "ICB",
                "participation": "full",
                "population": 6000,
            },
            {
                "list_code": "P2",
                "name": "Two",
                "kind": "practice",
                "commissioner": "ICB",
                "participation": "partial",
                "population": 3000,
            },
            {
                "list_code": "P3",
                "name": "Three",
                "kind": "practice",
                "commissioner": "ICB",
                "participation": "none",
                "population": 1000,
            },
            {
                "list_code": "UNREG",
                "name": "No GP",
                "kind": "unregistered",
                "commissioner": "ICB",
                "participation": "partial",
                "population": 0,
            },
        ],
        "funding_streams": [
            {"funding_stream": "core", "name": "Core", "kind": "core", "funder": "nhs"},
            {
                "funding_stream": "care",
                "name": "Social care",
                "kind": "social_care",
                "funder": "council",
            },
        ],
        "growth_categories": [
            {"growth_category": "FLAT", "name": "No growth", "growth_method": "none"}
        ],
        "service_lines": [
            {"service_line": "S1", "name": "Service", "scope": "in", "growth_category": "FLAT"}
        ],
        "allocations": [
            {
                "commissioner": c,
                "funding_stream": s,
                "year": y,
                "allocation": 1_000_000,
                "certainty": "firm",
                "source": "ours",
            }
            for c, s in (("ICB", "core"), ("COUNCIL", "care"))
            for y in ("2027-28", "2028-29", "2029-30")
        ],
    }
    return base | more


def direct(code: str, value: float, **changes: Any) -> dict[str, Any]:
    """A direct-spend line of the one service, shared by population."""
    line = {
        "budget_line": code,
        "name": code,
        "commissioner": "ICB",
        "provider": "",
        "service_line": "S1",
        "funding_stream": "core",
        "value": value,
        "effective_year": "2026-27",
        "population_method": "population_carve_out",
        "recurrent": True,
    }
    return line | changes


def contract(code: str, value: float, basis: str, **changes: Any) -> dict[str, Any]:
    """A contract with the provider, shared by population."""
    row = {
        "contract": code,
        "title": code,
        "commissioner": "ICB",
        "provider": "PROV",
        "payment_basis": basis,
        "funding_stream": "core",
        "value": value,
        "effective_year": "2026-27",
        "price_base_year": "2026-27",
        "currency": "GBP",
        "population_method": "population_carve_out",
    }
    return row | changes


def methods(
    code: str,
    step_1: str = "schedule",
    step_2: str = "national_standard",
    step_3: str = "simple_average",
    split: str = "schedule_value",
) -> list[dict[str, Any]]:
    """The options of a block contract."""
    return [
        {"contract": code, "step": step, "option": option, "reason": "test"}
        for step, option in (
            ("step_1", step_1),
            ("step_2", step_2),
            ("step_3", step_3),
            ("non_service_split", split),
        )
    ]


def make(tables: Mapping[str, Rows], **changes: Any) -> Model:
    """Make a model from tables and settings."""
    return Model(
        Path(),
        settings(**changes),
        {spec.name: table(spec.name, tables.get(spec.name, [])) for spec in ALL_TABLES},
    )


def book(local: Path | None = None) -> AssumptionBook:
    """The national assumptions, with a folder of local ones."""
    problems = ProblemLog()
    found = load_book(national_folder(), local, problems)
    problems.raise_if_errors()
    return found


def calculated(tables: Mapping[str, Rows], local: Path | None = None, **changes: Any) -> Budget:
    """Make and calculate a model."""
    return calculate(make(tables, **changes), book(local))
