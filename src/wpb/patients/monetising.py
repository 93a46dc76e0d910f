"""Pence of each activity of block contracts and of the primary care pot, for work on people without
a run of the chain.

A run of the chain gives its own pence by contract, service line and activity type, and those are
used instead.
Source: handbook 2.4.2-2.4.4 Table 2, 2.5 Tower Hamlets; req 48, 80-91, 114-118.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

from wpb.kernel.money import exact, whole_pence
from wpb.patients.allocation import appointment_prices, largest_remainder, share_over_activity
from wpb.patients.cells import Cells
from wpb.patients.settings import Appointments
from wpb.patients.spending import ChargeKey
from wpb.tables.schema import TypedTable

OWN_SOURCES = {
    "relative_resource": ("time_and_motion", "own_reference_costs"),
    "other_unit_costs": ("other_unit_costs",),
}


def block_pence(
    tables: Mapping[str, TypedTable],
    cells: Cells,
    units: Mapping[ChargeKey, int],
    proxies: Mapping[ChargeKey, tuple[str, str]],
) -> dict[ChargeKey, int]:
    """Share each block contract's whole pence over its service lines and their activity types,
    exact to the penny.

    Service lines take the contract by schedule value (lines such as Admin by the same values), or
    by units x weight where there is no schedule; activity types take their line by units x weight,
    the weight being that of Step 3's option.
    Source: handbook 2.4.2-2.4.4; req 48, 53, 80-91.
    """
    contracts = tables["contracts"]
    shared: dict[ChargeKey, int] = {}
    for row in range(len(contracts)):
        if str(contracts.columns["payment_basis"][row]) != "block":
            continue
        contract, value = (
            str(contracts.columns["contract"][row]),
            whole_pence(float(contracts.numbers("value")[row])),
        )
        own = {key: count for key, count in units.items() if key[0] == contract}
        own |= {
            key: sum(count for other, count in units.items() if other[:2] == proxies[key])
            for key in proxies
            if key[0] == contract
        }
        weights = _weights(tables, contract, {key[2] for key in own})
        lines = _service_pence(tables, contract, value, own, weights)
        parts, _ = share_over_activity(
            lines, {(key[1], key[2]): count for key, count in own.items()}, weights
        )
        shared |= {(contract, line, kind): pence for (line, kind), pence in parts.items()}
    return shared


def _service_pence(
    tables: Mapping[str, TypedTable],
    contract: str,
    value: int,
    units: Mapping[ChargeKey, int],
    weights: Mapping[str, Fraction],
) -> dict[str, int]:
    schedule = tables["schedule_lines"]
    by_line: dict[str, Fraction] = defaultdict(Fraction)
    for row in schedule.rows_where("contract", contract):
        if str(schedule.columns["line_kind"][row]) == "service":
            by_line[str(schedule.columns["service_line"][row])] += Fraction(
                exact(float(schedule.numbers("value")[row]))
            )
    if not by_line:
        for key, count in units.items():
            by_line[key[1]] += count * weights[key[2]]
    return largest_remainder(value, by_line) if sum(by_line.values()) else {}


def _weights(
    tables: Mapping[str, TypedTable], contract: str, kinds: set[str]
) -> dict[str, Fraction]:
    """The weight of a unit of each activity type by Step 3's option; one where there is none."""
    methods = tables["contract_methods"]
    options = {
        str(methods.columns["step"][row]): str(methods.columns["option"][row])
        for row in methods.rows_where("contract", contract)
    }
    option = options.get("step_3", "simple_average")
    found: dict[str, Fraction] = {}
    if option == "national_reference_costs":
        found = _column(
            tables["national_unit_costs"], "unit_cost", range(len(tables["national_unit_costs"]))
        )
    elif option.startswith("benchmark"):
        found = _benchmark(tables["benchmark_costs"], by_volume=option == "benchmark_weighted")
    elif option in OWN_SOURCES:
        own = tables["cost_weights"]
        found = _column(
            own,
            "weight",
            [
                row
                for row in own.rows_where("contract", contract)
                if str(own.columns["weight_source"][row]) in OWN_SOURCES[option]
            ],
        )
    return {kind: found.get(kind, Fraction(1)) for kind in kinds}


def _column(table: TypedTable, column: str, rows: Sequence[int]) -> dict[str, Fraction]:
    return {
        str(table.columns["activity_type"][row]): Fraction(exact(float(table.numbers(column)[row])))
        for row in rows
    }


def _benchmark(table: TypedTable, *, by_volume: bool) -> dict[str, Fraction]:
    cost: dict[str, Fraction] = defaultdict(Fraction)
    count: dict[str, Fraction] = defaultdict(Fraction)
    for row, kind in enumerate(table.text("activity_type")):
        volume = Fraction(exact(float(table.numbers("units")[row]))) if by_volume else Fraction(1)
        cost[kind] += volume * Fraction(exact(float(table.numbers("unit_cost")[row])))
        count[kind] += volume
    return {kind: cost[kind] / count[kind] for kind in cost if count[kind]}


def pot_pence(
    payments: TypedTable,
    appointments: Appointments | None,
    cells: Cells,
    units: Mapping[ChargeKey, int],
) -> dict[ChargeKey, int]:
    """Share the primary care pot (payment streams of the settings, added up) over attended
    appointments by class.

    Source: handbook 2.5 Tower Hamlets; req 114-118.
    """
    keys = {
        service.charge_key
        for service in cells.services.values()
        if service.valuation == "appointments"
    }
    attended = {key: units[key] for key in keys if units.get(key)}
    if appointments is None or not attended:
        return {}
    pot = sum(
        whole_pence(float(payments.numbers("value")[row]))
        for row, stream in enumerate(payments.text("payment_stream"))
        if stream in appointments.payment_streams
    )
    by_name = {".".join(key): key for key in attended}
    prices = {
        name: appointments.relative_price.get(key[2], Fraction(1)) for name, key in by_name.items()
    }
    pence, _ = appointment_prices(
        pot, {name: attended[key] for name, key in by_name.items()}, prices
    )
    return {by_name[name]: part for name, part in pence.items()}
