"""The small tables that go with the benchmark's records: what activity belongs to which contract,
prices and factors.
"""

from __future__ import annotations

import numpy as np
from made_records import GROUPS, PROVIDERS, SPECIALTIES

from wpb.patients.specifications import COMMISSIONED_ACTIVITY
from wpb.patients.specifications import PROVIDERS as PROVIDER_TABLE
from wpb.tables.contracts import Contracts, Prices
from wpb.tables.schema import TableSpec, TypedTable

YEAR = "2029-30"


def table_of(spec: TableSpec, rows: list[dict[str, object]]) -> TypedTable:
    """Make a typed table of rows given by column."""
    columns = {
        column.name: np.array(
            [row.get(column.name, np.nan if column.is_number else "") for row in rows],
            dtype=np.float64 if column.is_number else object,
        )
        for column in spec.columns
    }
    return TypedTable(spec, columns, f"{spec.name}.csv", spec.name, range(2, len(rows) + 2))


def codes(prefix: str, count: int) -> list[str]:
    """List the codes drawn from by the records."""
    return [f"{prefix}{number:03d}" for number in range(count)]


def tables() -> tuple[TypedTable, TypedTable, TypedTable, TypedTable]:
    """Give commissioned activity, prices, providers and contracts."""
    priced, block = (
        {"valuation": "priced", "payment_part": "variable"},
        {"valuation": "block", "payment_part": ""},
    )
    services: list[dict[str, object]] = []
    for provider in codes("R", PROVIDERS):
        for point in ("day_case", "elective", "non_elective"):
            services += [
                {
                    "activity_table": "admitted_care",
                    "provider": provider,
                    "point_of_delivery": point,
                    "service_code": code,
                    "contract": f"ACUTE{provider}",
                    "service_line": f"INPATIENT{number % 6}",
                    "activity_type": point,
                    **priced,
                }
                for number, code in enumerate(codes("T", SPECIALTIES))
            ]
        for point in ("first", "follow_up"):
            services += [
                {
                    "activity_table": "outpatient_care",
                    "provider": provider,
                    "point_of_delivery": point,
                    "service_code": code,
                    "contract": f"ACUTE{provider}",
                    "service_line": f"OUTPATIENT{number % 6}",
                    "activity_type": point,
                    **priced,
                }
                for number, code in enumerate(codes("T", SPECIALTIES))
            ]
        services += [
            {
                "activity_table": "emergency_care",
                "provider": provider,
                "point_of_delivery": point,
                "contract": f"ACUTE{provider}",
                "service_line": "EMERGENCY",
                "activity_type": point,
                **priced,
            }
            for point in ("type_1", "type_3")
        ]
    for provider in codes("C", 3):
        services += [
            {
                "activity_table": "community_contacts",
                "provider": provider,
                "point_of_delivery": point,
                "service_code": code,
                "contract": f"COMM{provider}",
                "service_line": code,
                "activity_type": f"{code}.{point}",
                **block,
            }
            for code in codes("S", 15)
            for point in ("home_visit", "clinic", "telephone")
        ]
    for provider in codes("M", 2):
        services += [
            {
                "activity_table": "mental_health_clusters",
                "provider": provider,
                "service_code": code,
                "contract": f"MH{provider}",
                "service_line": f"CLUSTERS{int(code[1:]) // 5}",
                "activity_type": code,
                **block,
            }
            for code in codes("K", 20)
        ]
    services += [
        {
            "activity_table": "gp_appointments",
            "service_code": kind,
            "contract": "PRIMARY",
            "service_line": "APPOINTMENTS",
            "activity_type": kind,
            "valuation": "appointments",
        }
        for kind in ("gp", "nurse", "telephone", "other")
    ]
    prices: list[dict[str, object]] = []
    for currencies, points, base in (
        (codes("H", GROUPS), ("day_case", "elective", "non_elective"), 60_000),
        (codes("T", SPECIALTIES), ("first", "follow_up"), 9_000),
        (codes("V", 12), ("type_1", "type_3"), 8_000),
    ):
        prices += [
            {
                "activity_currency": code,
                "point_of_delivery": point,
                "price_year": YEAR,
                "unit_price": float(base + 137 * number + 1_000 * place),
                "price_kind": "national",
            }
            for number, code in enumerate(currencies)
            for place, point in enumerate(points)
        ]
    factors: list[dict[str, object]] = [
        {"provider": provider, "year": YEAR, "market_forces_factor": 1.01 + number / 200}
        for number, provider in enumerate(codes("R", PROVIDERS))
    ]
    paid: list[dict[str, object]] = [
        {"contract": contract, "value": 12_345_678_901.0, "payment_basis": "block"}
        for contract in sorted(
            {str(row["contract"]) for row in services if row["valuation"] == "block"}
        )
    ]
    return (
        table_of(COMMISSIONED_ACTIVITY, services),
        table_of(Prices.spec, prices),
        table_of(PROVIDER_TABLE, factors),
        table_of(Contracts.spec, paid),
    )
