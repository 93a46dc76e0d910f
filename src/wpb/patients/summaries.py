"""What leaves the engine for the chain: activity by list, by contract and at case-mix prices,
registers and care packages.

Units by list are told to the nearest few and still add to the activity's total, so a small list's
use can't be worked out.
Source: handbook 2.3, 2.4.5, 2.6; req 38-40, 100, 101, 126-129.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wpb.patients.cells import Cells
from wpb.patients.disclosure import rounded_counts, rounded_shares
from wpb.patients.pooling import Pooling
from wpb.patients.spending import ChargeKey
from wpb.tables import TABLES_BY_NAME
from wpb.tables.schema import TypedTable

SOURCES = {"community_contacts": "cids", "mental_health_clusters": "mh_clusters"}
FOLDER = "summaries"
Row = dict[str, object]


@dataclass(frozen=True)
class ListUse:
    """Use of one contract's service line and activity type by the people of one list ('' for people
    on no list).
    """

    key: ChargeKey
    list_code: str
    units: int
    pence: int


@dataclass
class Summary:
    """Rows for the chain's tables, by table."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    gone: list[ChargeKey] = field(default_factory=list)
    """Activities that are counted with others, and so are no more."""

    def add(self, table: str, **values: object) -> None:
        """Add a row."""
        self.rows.setdefault(table, []).append(values)


def summarise_activity(
    summary: Summary,
    cells: Cells,
    uses: Sequence[ListUse],
    year: str,
    base: int,
    pooling: Pooling,
) -> None:
    """Write activity by list, activity of block contracts, and priced activity at its case-mix
    price.

    case-mix price of a contract's point of delivery = its pence / its units; units by list of
    priced activity are in
    units of that case mix: pence of the list / case-mix price.
    Source: handbook 2.3, 2.4.3, 2.4.5; req 38-40, 77, 101.
    """
    services = {service.charge_key: service for service in cells.services.values()}
    by_key: dict[ChargeKey, dict[str, ListUse]] = {}
    for use in uses:
        by_key.setdefault(use.key, {})[use.list_code] = use
    for key in sorted(by_key):
        service, lists = services.get(key), by_key[key]
        if service is None or service.valuation == "appointments":
            continue
        units, pence = (
            sum(use.units for use in lists.values()),
            sum(use.pence for use in lists.values()),
        )
        codes = sorted(lists)
        parts = [lists[code].units for code in codes]
        if service.priced:
            _add_priced(summary, key, service.payment_part, units, pence, year, pooling)
            if pence:
                parts = [round(units * lists[code].pence / pence) for code in codes]
        else:
            summary.add(
                "contract_activity",
                contract=key[0],
                activity_type=key[2],
                name=f"{key[2]}{_with_others(key, pooling)}",
                service_line=key[1],
                activity_source=SOURCES.get(service.activity_table, "local_report"),
                units=float(units),
            )
        shares = rounded_shares(np.array(parts, dtype=np.int64), base)
        for code, part in zip(codes, shares, strict=True):
            summary.add(
                "activity_by_list",
                contract=key[0],
                service_line=key[1],
                activity_type=key[2],
                list_code=code,
                units=float(part),
            )


def _add_priced(
    summary: Summary,
    key: ChargeKey,
    part: str,
    units: int,
    pence: int,
    year: str,
    pooling: Pooling,
) -> None:
    """Write activity that is valued at prices, at its case-mix price."""
    currency = f"CASEMIX.{'.'.join(key)}{_with_others(key, pooling)}"
    summary.add(
        "priced_activity",
        contract=key[0],
        service_line=key[1],
        point_of_delivery=key[2],
        activity_currency=currency,
        payment_part=part,
        units=float(units),
    )
    summary.add(
        "prices",
        activity_currency=currency,
        point_of_delivery=key[2],
        price_year=year,
        unit_price=pence / units,
        price_kind="local",
    )


def _with_others(key: ChargeKey, pooling: Pooling) -> str:
    """Name the activities of few people that are counted with one: '.WITH.a', or ''."""
    others = sorted(
        other[2] if other[1] == key[1] else ".".join(other[1:])
        for other, into in pooling.charges.items()
        if into == key
    )
    return f".WITH.{'.'.join(others)}" if others else ""


def summarise_alone(
    summary: Summary,
    tables: Mapping[str, TypedTable],
    cells: Cells,
    alone: Sequence[ChargeKey],
    year: str,
) -> None:
    """Write contracts whose records are of too few people to be shown: at what they pay, by the
    population of lists.

    Nothing of the records is in it: one unit at the contract's own value (of an aligned contract,
    its fixed value and the rest apart), and the people of gp_lists as activity.
    Source: handbook Table 1, 2.4.5; req 43, 463.
    """
    contracts, lists = tables["contracts"], tables["gp_lists"]
    parts = {service.charge_key: service for service in cells.services.values()}
    for key in alone:
        service = parts.get(key)  # none: it only follows the pattern of others
        if (service and service.valuation == "appointments") or not contracts.rows_where(
            "contract", key[0]
        ):
            continue
        row = contracts.rows_where("contract", key[0])[0]
        priced = service is not None and service.priced
        if priced:
            value = float(contracts.numbers("value")[row])
            fixed = float(np.nan_to_num(contracts.numbers("fixed_value")[row]))
            _one_unit(summary, key, "variable", value - fixed, year)
            if fixed:
                _one_unit(summary, (*key[:2], f"{key[2]}-fixed"), "fixed", fixed, year)
        else:
            summary.add(
                "contract_activity",
                contract=key[0],
                activity_type=key[2],
                name=key[2],
                service_line=key[1],
                activity_source="local_report",
                units=float(lists.numbers("population").sum()),
            )
        kinds = [key[2], *([f"{key[2]}-fixed"] if priced and fixed else [])]
        for kind in kinds:
            for code, people in zip(
                lists.text("list_code"), lists.numbers("population").tolist(), strict=True
            ):
                summary.add(
                    "activity_by_list",
                    contract=key[0],
                    service_line=key[1],
                    activity_type=kind,
                    list_code=code,
                    units=float(people),
                )


def _one_unit(summary: Summary, key: ChargeKey, part: str, pence: float, year: str) -> None:
    currency = f"WHOLE.{'.'.join(key)}"
    summary.add(
        "priced_activity",
        contract=key[0],
        service_line=key[1],
        point_of_delivery=key[2],
        activity_currency=currency,
        payment_part=part,
        units=1.0,
    )
    summary.add(
        "prices",
        activity_currency=currency,
        point_of_delivery=key[2],
        price_year=year,
        unit_price=pence,
        price_kind="local",
    )


def summarise_proxies(
    summary: Summary,
    proxies: Mapping[ChargeKey, tuple[str, str]],
    uses: Sequence[ListUse],
    base: int,
) -> list[ChargeKey]:
    """Give services without activity by practice the pattern of their proxy's activity, by list;
    gives those whose proxy has no activity that may be shown.

    Source: handbook 2.4 Encompass; req 46.
    """
    without: list[ChargeKey] = []
    for key, (contract, proxy_line) in sorted(proxies.items()):
        lists: dict[str, int] = {}
        for use in uses:
            if use.key[:2] == (contract, proxy_line):
                lists[use.list_code] = lists.get(use.list_code, 0) + use.units
        codes = sorted(lists)
        if not codes:
            without.append(key)
        if codes:
            summary.add(
                "contract_activity",
                contract=key[0],
                activity_type=key[2],
                name=key[2],
                service_line=key[1],
                activity_source="mh_clusters",
                units=float(sum(lists.values())),
            )
        for code, part in (
            zip(
                codes,
                rounded_shares(np.array([lists[code] for code in codes], dtype=np.int64), base),
                strict=True,
            )
            if codes
            else ()
        ):
            summary.add(
                "activity_by_list",
                contract=key[0],
                service_line=key[1],
                activity_type=key[2],
                list_code=code,
                units=float(part),
            )
    return without


def summarise_registers(
    summary: Summary, patients: Mapping[tuple[str, str], int], base: int
) -> None:
    """Write the people on each list with each condition on the last day of the year, to the nearest
    few.

    Source: handbook Table 1, 2.4.5; req 42, 96, 100.
    """
    keys = sorted(patients)
    for (list_code, condition), number in zip(
        keys,
        rounded_counts(np.array([patients[key] for key in keys], dtype=np.int64), base),
        strict=True,
    ):
        summary.add(
            "condition_registers", list_code=list_code, condition=condition, patients=float(number)
        )


def summarise_packages(summary: Summary, groups: Sequence[Mapping[str, object]], year: str) -> None:
    """Write care packages in groups of one list, service line, payer and in-scope share, never one
    by one.

    Source: handbook 2.6; req 126-129.
    """
    for number, group in enumerate(groups, 1):
        summary.add("care_packages", package=f"GROUP{number:05d}", effective_year=year, **group)


def typed(summary: Summary) -> dict[str, TypedTable]:
    """Give the rows as the chain's typed tables; each value's place is the summary's file that
    holds it.
    """
    tables = {}
    for name, rows in summary.rows.items():
        spec = TABLES_BY_NAME[name]
        blanks = {
            column.name: np.nan if column.is_number else None if column.kind == "yes_no" else ""
            for column in spec.columns
        }
        columns = {
            column.name: np.array(
                [row.get(column.name, blanks[column.name]) for row in rows],
                dtype=np.float64 if column.is_number else object,
            )
            for column in spec.columns
        }
        positions = {column.name: position for position, column in enumerate(spec.columns)}
        tables[name] = TypedTable(
            spec, columns, f"patients/{FOLDER}/{name}.csv", name, range(2, len(rows) + 2), positions
        )
    return tables


def write_summaries(tables: Mapping[str, TypedTable], folder: Path) -> None:
    """Write the summaries as CSV beside the records' folder of the engine, so that every figure's
    cell can be opened.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        part = target / f".{name}.part"
        with part.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.writer(opened)
            writer.writerow([column.name for column in table.spec.columns])
            for row in range(len(table)):
                writer.writerow(
                    [
                        _written(table, column.name, column.kind, row)
                        for column in table.spec.columns
                    ]
                )
        part.replace(target / f"{name}.csv")


def _written(table: TypedTable, column: str, kind: str, row: int) -> str:
    value = table.columns[column][row]
    if kind in ("pounds", "count", "share", "number", "rate"):
        number = float(table.numbers(column)[row])
        return "" if number != number else f"{number / 100 if kind == 'pounds' else number:.12g}"
    return "" if value is None else str(value)
