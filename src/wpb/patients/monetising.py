"""Pence of each activity of block contracts and of the primary care pot, for work on people without
a run of the chain.

A run of the chain gives its own pence by contract, service line and activity type, and those are
used instead.
Source: handbook 2.4.2-2.4.4 Table 2, 2.5 Tower Hamlets; req 48, 80-91, 114-118.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from wpb.kernel.ledger import Axis, Ledger
from wpb.kernel.money import exact, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.patients.allocation import appointment_prices, largest_remainder, share_over_activity
from wpb.patients.cells import Cells
from wpb.patients.settings import Appointments
from wpb.patients.spending import ChargeKey
from wpb.tables.methods.option import Work
from wpb.tables.methods.registry import STEP_3_OPTIONS
from wpb.tables.methods.simple_average import OPTION as SIMPLE_AVERAGE
from wpb.tables.schema import TypedTable


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
    option = STEP_3_OPTIONS[options.get("step_3", SIMPLE_AVERAGE.name)]
    found = option.known(tables, contract) if option.known else kinds
    axis = Axis("activity type", tuple(sorted(kinds & found)))
    row = tables["contracts"].rows_where("contract", contract)[0]
    work = Work(tables, Ledger(), ProblemLog(), row, contract)
    block = option.weigh(work, axis, axis.codes) if len(axis) else None
    weights = block.value[0, :, 0].tolist() if block is not None else []
    own = {kind: Fraction(exact(weight)) for kind, weight in zip(axis.codes, weights, strict=True)}
    return {kind: own.get(kind, Fraction(1)) for kind in kinds}


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
