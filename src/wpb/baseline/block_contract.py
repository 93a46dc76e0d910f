"""A block contract taken apart in four steps, down to activity types and GP lists, exact to the
penny.

Source: handbook 2.4.1 Fig 1, Table 2; req 36, 37, 48-63, 77-101.
"""

from __future__ import annotations

import numpy as np

from wpb.baseline.block_steps import (
    UNDIVIDED,
    BlockContract,
    MappedActivity,
    step_1,
    step_2,
    step_3,
)
from wpb.baseline.routing import CARVE_OUT_GRADES, Routing
from wpb.kernel.ledger import TOTAL, Axis, Block
from wpb.kernel.money import pounds
from wpb.tables.leaves import table_leaf
from wpb.tables.methods.registry import STEP_1_OPTIONS, STEP_2_OPTIONS, STEP_3_OPTIONS
from wpb.tables.records import Line, Route


def block_contract(routing: Routing, row: int, options: dict[str, str] | None = None) -> Route:
    """Take a block contract apart: pounds to services, activity to services, pounds to activity,
    activity to lists.

    options: other options than the contract names, to set methods side by side.

    Source: handbook 2.4.1 Fig 1, Table 2; req 36, 48, 77, 80, 101.
    """
    contracts, ledger = routing.model["contracts"], routing.ledger
    code = str(contracts.columns["contract"][row])
    contract = BlockContract(row, code, options if options is not None else _options(routing, code))
    value = table_leaf(
        ledger,
        f"contract/{code}/value",
        TOTAL,
        "pence",
        contracts,
        "value",
        [row],
        "Paid under the contract",
    )
    by_service = step_1(routing, contract, value)
    mapped = step_2(routing, contract)
    by_activity = step_3(routing, contract, by_service, mapped)
    lines = [
        _line(routing, contract, service, kind, activity_row)
        for (service, kind), activity_row in zip(mapped.pairs, mapped.activity_rows, strict=True)
    ]
    return _with_idle_services(routing, contract, by_service, mapped, by_activity, lines)


def _options(routing: Routing, code: str) -> dict[str, str]:
    methods = routing.model["contract_methods"]
    return {
        str(methods.columns["step"][r]): str(methods.columns["option"][r])
        for r in methods.rows_where("contract", code)
    }


def _with_idle_services(
    routing: Routing,
    contract: BlockContract,
    by_service: Block,
    mapped: MappedActivity,
    by_activity: Block,
    lines: list[Line],
) -> Route:
    """Service lines with pounds and no activity keep their pounds, mapped to no one and
    reported.
    """
    active = np.zeros(len(by_service.axis))
    np.add.at(
        active,
        [
            0 if by_service.axis.codes == (UNDIVIDED,) else by_service.axis.positions[service]
            for service, _ in mapped.pairs
        ],
        mapped.units.value[0, :, 0],
    )
    idle = [i for i in np.flatnonzero(active == 0) if by_service.at(int(i), 0) != 0]
    for i in idle:
        service = by_service.axis.codes[i]
        place = routing.model["contracts"].where(contract.row, "value")
        routing.problems.warning(
            place,
            f"Service line {service} of contract {contract.code} has"
            f" {pounds(by_service.at(int(i), 0), 2)} and no activity, so the pounds are mapped to"
            " no one.",
            "Add its activity to contract_activity.",
            "service_without_activity",
        )
        lines.append(_line(routing, contract, service, "NOACTIVITY", None))
    axis = Axis("budget line", tuple(line.code for line in lines))
    into_idle = np.full(len(by_service.axis), -1, dtype=np.int64)
    into_idle[idle] = len(by_activity.axis) + np.arange(len(idle))
    spend = routing.ledger.total(
        f"contract/{contract.code}/spend",
        axis,
        (by_activity, np.arange(len(by_activity.axis))),
        (by_service, into_idle),
        title="Spend",
    )
    return Route(contract.code, tuple(lines), spend)


def _line(
    routing: Routing, contract: BlockContract, service: str, kind: str, activity_row: int | None
) -> Line:
    contracts, row = routing.model["contracts"], contract.row
    commissioner, method = (
        str(contracts.columns[name][row]) for name in ("commissioner", "population_method")
    )
    place = (
        routing.model["contract_activity"].where(activity_row, "units")
        if activity_row is not None
        else contracts.where(row, "value")
    )
    grade, reason = _grade(routing, contract, method, service, kind)
    name = (
        str(routing.model["contract_activity"].columns["name"][activity_row])
        if activity_row is not None
        else "No activity"
    )
    return Line(
        code=f"{contract.code}.{service}.{kind}",
        name=name,
        commissioner=commissioner,
        provider=str(contracts.columns["provider"][row]),
        contract=contract.code,
        service_line=service,
        activity_type=kind,
        funding_stream=str(contracts.columns["funding_stream"][row]),
        payment_basis=str(contracts.columns["payment_basis"][row]),
        population=_population(
            routing, contract, service, kind, method, commissioner, activity_row
        ),
        grade=grade,
        grade_reason=reason,
        effective_year=str(contracts.columns["effective_year"][row]),
        price_base_year=str(contracts.columns["price_base_year"][row]),
        place=place,
    )


def _population(
    routing: Routing,
    contract: BlockContract,
    service: str,
    kind: str,
    method: str,
    commissioner: str,
    activity_row: int | None,
) -> str:
    """Step 4, or the carve-out used in its place.

    Source: handbook 2.4.5, Table 1; req 43, 44, 96, 99, 101.
    """
    contracts = routing.model["contracts"]
    place = contracts.where(contract.row, "population_method")
    if activity_row is None:
        return routing.shares.unmapped(f"idle.{contract.code}.{service}", place)
    if method == "activity_by_list":
        return routing.shares.activity_by_list(
            contract.code,
            service,
            kind,
            routing.model["contract_activity"].where(activity_row, "units"),
        )
    if method == "patient_groups":
        return routing.shares.patient_groups(contract.code, kind, commissioner, place)
    return routing.carve_out(contracts, contract.row, commissioner)


def _takes_proxy(routing: Routing, code: str, service: str, kind: str) -> bool:
    table = routing.model["activity_proxies"]
    return not routing.shares.is_recorded(code, service, kind) and any(
        table.columns["activity_type"][r] == kind for r in table.rows_where("contract", code)
    )


def _grade(
    routing: Routing, contract: BlockContract, method: str, service: str, kind: str
) -> tuple[int, str]:
    """The weakest method on a line's way, and which it was; every last option is named, so that two
    of them show.

    The provider's own reference costs are a second option at Step 3, and so is a proxy's pattern at
    Step 4.

    Source: handbook Table 2, 2.4.4 end; req 37, 92.
    """
    used = [
        STEP_1_OPTIONS[contract.options["step_1"]],
        STEP_2_OPTIONS[contract.options["step_2"]],
        STEP_3_OPTIONS[contract.options["step_3"]],
    ]
    steps: list[tuple[int, str]] = [
        (option.grade, f"{option.step.replace('_', ' ')}: {option.words}") for option in used
    ]
    weaker = (option.regrade(routing.model, contract.code) for option in used)
    steps += [found for found in weaker if found is not None]
    steps.append(CARVE_OUT_GRADES[method])
    if method == "activity_by_list" and _takes_proxy(routing, contract.code, service, kind):
        steps.append((2, "the pattern of a proxy"))
    weakest = max(grade for grade, _ in steps)
    return weakest, "; ".join(reason for grade, reason in steps if grade == weakest)
