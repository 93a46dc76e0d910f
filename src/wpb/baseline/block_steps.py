"""Block contracts, Steps 1 to 3: pounds to service lines, activity to service lines, pounds to
activity.

Source: handbook 2.4.2, 2.4.3, 2.4.4; req 48-63, 77-80, 84-92.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.baseline.routing import Routing, table_leaf
from wpb.baseline.rules import apportion, share_of, times
from wpb.baseline.unit_weights import local_cost_factor, unit_weights
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ref, Rows
from wpb.kernel.money import pounds
from wpb.kernel.places import Cell

UNDIVIDED = "UNDIVIDED"
PATIENT_CARE_COSTS = {
    "absorbed_cost": ("direct", "indirect", "overhead"),
    "direct_cost": ("direct",),
}


@dataclass(frozen=True)
class BlockContract:
    """One block contract on its way through the steps: its row, code, options and where each option
    was entered.
    """

    row: int
    code: str
    options: dict[str, str]


def with_non_service(
    service_pence: Array, non_service_pence: Array, driver: Array, all_drivers: Array
) -> Array:
    """A service line's schedule value with its part of lines such as Admin: value + non-service x
    driver / all drivers.

    The driver is a cost driver such as WTE, the schedule value itself, or one for each service
    line.
    Source: handbook 2.4.2 Fig 3, Box 1; req 50, 51, 52, 54.
    """
    return service_pence + apportion(non_service_pence, driver, all_drivers)


def step_1(routing: Routing, contract: BlockContract, value: Block) -> Block:
    """Step 1: share the contract value over service lines, by schedule, absorbed cost or direct
    cost, or carry it undivided.

    value x weight / sum of weights, so that the lines add to what is paid even where the schedule
    doesn't.
    Source: handbook 2.4.2 Figs 2-4; req 48, 56, 57, 59, 62, 63.
    """
    option = contract.options["step_1"]
    if option == "undivided":
        axis = Axis("service line", (UNDIVIDED,))
        return routing.ledger.total(
            f"contract/{contract.code}/step_1",
            axis,
            (value, [0]),
            title="Step 1: carried undivided",
        )
    weight = (
        _schedule_weights(routing, contract, value)
        if option == "schedule"
        else _cost_weights(routing, contract, option)
    )
    all_weights = routing.ledger.total(
        f"contract/{contract.code}/step_1_weights",
        TOTAL,
        (weight, None),
        title="Step 1: all weights",
    )
    return routing.ledger.add(
        f"contract/{contract.code}/step_1",
        apportion,
        weight.axis,
        "pence",
        total_pence=value,
        weight=weight,
        all_weights=all_weights,
        title=f"Step 1: by {option.replace('_', ' ')}",
    )


def _schedule_weights(routing: Routing, contract: BlockContract, value: Block) -> Block:
    schedule, ledger, code = routing.model["schedule_lines"], routing.ledger, contract.code
    rows = schedule.rows_where("contract", code)
    printed = table_leaf(
        ledger,
        f"contract/{code}/schedule",
        Axis("schedule line", tuple(str(schedule.columns["schedule_line"][r]) for r in rows)),
        "pence",
        schedule,
        "value",
        rows,
        "Schedule value",
    )
    services = [str(schedule.columns["service_line"][r]) for r in rows]
    axis = Axis("service line", tuple(dict.fromkeys(name for name in services if name)))
    own = ledger.total(
        f"contract/{code}/schedule_by_service",
        axis,
        (printed, [axis.positions.get(name, -1) for name in services]),
        title="Schedule value of the service line",
    )
    _check_schedule(routing, contract, rows, printed, value)
    if all(services):
        return own
    other = ledger.total(
        f"contract/{code}/non_service",
        TOTAL,
        (printed, [-1 if name else 0 for name in services]),
        title="Lines that are no service, such as Admin",
    )
    driver = _driver(routing, contract, axis, own)
    all_drivers = ledger.total(
        f"contract/{code}/all_drivers", TOTAL, (driver, None), title="Driver over all service lines"
    )
    return ledger.add(
        f"contract/{code}/schedule_with_non_service",
        with_non_service,
        axis,
        "pence",
        service_pence=own,
        non_service_pence=other,
        driver=driver,
        all_drivers=all_drivers,
        title="Schedule value with its part of the lines that are no service",
    )


def _check_schedule(
    routing: Routing, contract: BlockContract, rows: list[int], printed: Block, value: Block
) -> None:
    schedule = routing.model["schedule_lines"]
    total = float(printed.value[0, :, 0].sum())
    if abs(total - value.at(0, 0)) >= 0.5:
        routing.problems.warning(
            schedule.where(rows[0], "value"),
            f"The schedule of contract {contract.code} adds to {pounds(total, 2)} and the contract"
            f" pays {pounds(value.at(0, 0), 2)}; what is paid is shared out in the schedule's"
            " proportions.",
            "Refresh the schedule, or use provider costs at step 1.",
            "schedule_total",
        )
    for row in rows:
        if schedule.flags("reflects_actual_spend")[row] is False:
            routing.problems.warning(
                schedule.where(row, "reflects_actual_spend"),
                f"Contract {contract.code} uses a schedule value that is marked as not reflecting"
                " actual spend.",
                "Use provider costs at step 1 (the handbook's second option), or refresh the"
                " schedule.",
                "schedule_stale",
            )


def _driver(routing: Routing, contract: BlockContract, axis: Axis, own: Block) -> Block:
    ledger, code, option = routing.ledger, contract.code, contract.options["non_service_split"]
    if option == "schedule_value":
        return own
    if option == "equal":
        place = method_place(routing, contract.row, code, "non_service_split")
        return ledger.leaf(
            f"contract/{code}/driver",
            axis,
            "service lines",
            np.ones(len(axis)),
            lambda row, year: place,
            title="One for each service line",
        )
    drivers = routing.model["cost_drivers"]
    rows = {
        str(drivers.columns["service_line"][r]): r for r in drivers.rows_where("contract", code)
    }
    missing = [service for service in axis.codes if service not in rows]
    if missing:
        routing.problems.error(
            drivers.where(0, "service_line") if len(drivers) else None,
            f"Contract {code} spreads its non-service lines by a cost driver, and"
            f" {', '.join(missing)} has none.",
            "Add a row to cost_drivers for each service line of the schedule.",
            "driver_missing",
        )
        routing.problems.raise_if_errors()
    return table_leaf(
        ledger,
        f"contract/{code}/driver",
        axis,
        "driver units",
        drivers,
        "units",
        [rows[service] for service in axis.codes],
        "Units of the cost driver",
    )


def method_place(routing: Routing, row: int, code: str, step: str) -> Cell:
    """The cell that names a contract's option for a step; the contract's own where an option is
    tried out that it doesn't name.

    Source: handbook Table 2; req 37.
    """
    methods = routing.model["contract_methods"]
    named = (r for r in methods.rows_where("contract", code) if methods.columns["step"][r] == step)
    return next(
        (methods.where(r, "option") for r in named),
        routing.model["contracts"].where(row, "contract"),
    )


def _cost_weights(routing: Routing, contract: BlockContract, option: str) -> Block:
    """Provider cost by service line; education, research and commercial costs are left out.

    Source: handbook 2.4.2; req 56, 57, 59.
    """
    costs, code = routing.model["provider_costs"], contract.code
    rows = [
        r
        for r in costs.rows_where("contract", code)
        if costs.columns["cost_kind"][r] in PATIENT_CARE_COSTS[option]
        and costs.columns["service_line"][r]
    ]
    names = [str(costs.columns["service_line"][r]) for r in rows]
    by_kind = table_leaf(
        routing.ledger,
        f"contract/{code}/provider_cost",
        Axis(
            "provider cost",
            tuple(
                f"{name}.{costs.columns['cost_kind'][r]}"
                for name, r in zip(names, rows, strict=True)
            ),
        ),
        "pence of cost",
        costs,
        "cost",
        rows,
        "Provider cost",
    )
    axis = Axis("service line", tuple(dict.fromkeys(names)))
    return routing.ledger.total(
        f"contract/{code}/provider_cost_by_service",
        axis,
        (by_kind, [axis.positions[name] for name in names]),
        title="Provider cost of the service line",
    )


@dataclass(frozen=True)
class MappedActivity:
    """Step 2's result: units by activity type and service line."""

    units: Block
    pairs: tuple[tuple[str, str], ...]
    """(service line, activity type) of each row."""
    activity_rows: tuple[int, ...]


def step_2(routing: Routing, contract: BlockContract) -> MappedActivity:
    """Step 2: map each activity type to its service line, shared activity by the clinicians'
    percentages: units x share.

    Source: handbook 2.4.3 Figs 5, 6; req 77, 78.
    """
    activity, mapping, ledger, code = (
        routing.model["contract_activity"],
        routing.model["activity_mapping"],
        routing.ledger,
        contract.code,
    )
    rows = activity.rows_where("contract", code)
    pairs, source, shares, places = [], [], [], []
    for r in rows:
        activity_type, own = (
            str(activity.columns["activity_type"][r]),
            str(activity.columns["service_line"][r]),
        )
        mapped = (
            []
            if own
            else [
                m
                for m in mapping.rows_where("contract", code)
                if mapping.columns["activity_type"][m] == activity_type
            ]
        )
        if own:
            pairs.append((own, activity_type))
            source.append(r)
            shares.append(1.0)
            places.append(activity.where(r, "service_line"))
        for m in mapped:
            pairs.append((str(mapping.columns["service_line"][m]), activity_type))
            source.append(r)
            shares.append(float(mapping.numbers("share")[m]))
            places.append(mapping.where(m, "share"))
    counts = table_leaf(
        ledger,
        f"contract/{code}/activity",
        Axis("activity type", tuple(str(activity.columns["activity_type"][r]) for r in rows)),
        "units",
        activity,
        "units",
        rows,
        "Units of activity",
    )
    axis = Axis(
        "service line and activity type", tuple(f"{service}.{kind}" for service, kind in pairs)
    )
    share = ledger.leaf(
        f"contract/{code}/activity_share",
        axis,
        "share",
        shares,
        lambda row, year: places[row],
        title="Share of the activity for the service line",
    )
    take = np.array([rows.index(r) for r in source], dtype=np.int64)
    units = ledger.add(
        f"contract/{code}/step_2",
        times,
        axis,
        "units",
        quantity=Ref(counts, take),
        factor=share,
        title="Step 2: units mapped to the service line",
    )
    return MappedActivity(units, tuple(pairs), tuple(source))


def step_3(
    routing: Routing, contract: BlockContract, by_service: Block, mapped: MappedActivity
) -> Block:
    """Step 3: share each service line's pounds over its activity: pounds x units x weight / sum of
    (units x weight).

    Source: handbook 2.4.4 Figs 7-11; req 80, 83-85, 87, 90, 91.
    """
    ledger, code = routing.ledger, contract.code
    undivided = by_service.axis.codes == (UNDIVIDED,)
    owner = np.array(
        [
            0 if undivided else by_service.axis.positions.get(service, -1)
            for service, _ in mapped.pairs
        ],
        dtype=np.int64,
    )
    _check_services(routing, contract, by_service, mapped, owner)
    weight = unit_weights(routing, contract, mapped.units.axis, [kind for _, kind in mapped.pairs])
    weighted = ledger.add(
        f"contract/{code}/weighted_activity",
        times,
        mapped.units.axis,
        "weighted units",
        quantity=mapped.units,
        factor=weight,
        title="Units x cost weight",
    )
    whole = ledger.total(
        f"contract/{code}/all_weighted_activity",
        by_service.axis,
        (weighted, owner),
        title="Weighted activity of the service line",
    )
    rule = (
        local_cost_factor if contract.options["step_3"] == "national_reference_costs" else share_of
    )
    rate = ledger.add(
        f"contract/{code}/pence_per_weighted_unit",
        rule,
        by_service.axis,
        "pence per weighted unit",
        part=by_service,
        whole=whole,
        title="Pounds for one weighted unit",
    )
    return ledger.add(
        f"contract/{code}/step_3",
        times,
        mapped.units.axis,
        "pence",
        quantity=weighted,
        factor=Ref(rate, np.maximum(owner, 0)),
        title="Step 3: pounds of the activity type",
    )


def _check_services(
    routing: Routing,
    contract: BlockContract,
    by_service: Block,
    mapped: MappedActivity,
    owner: Rows,
) -> None:
    activity = routing.model["contract_activity"]
    for (service, kind), row, found in zip(mapped.pairs, mapped.activity_rows, owner, strict=True):
        if found < 0:
            routing.problems.error(
                activity.where(row, "activity_type"),
                f"Activity {kind} of contract {contract.code} belongs to service line {service},"
                " which got no pounds at step 1.",
                "Give the service line a schedule value or a provider cost, or map the activity to"
                " another line.",
                "service_without_pounds",
            )
    routing.problems.raise_if_errors()
