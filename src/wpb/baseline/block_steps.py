"""Block contracts, Steps 1 to 3: pounds to service lines, activity to service lines, pounds to
activity.

Source: handbook 2.4.2, 2.4.3, 2.4.4; req 48-63, 77-80, 84-92.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.baseline.routing import Routing
from wpb.kernel.arithmetic import apportion, times
from wpb.kernel.ledger import TOTAL, Axis, Block, Ref, Rows
from wpb.tables.leaves import table_leaf
from wpb.tables.methods.option import Work
from wpb.tables.methods.registry import SPLIT_OPTIONS, STEP_1_OPTIONS, STEP_3_OPTIONS

UNDIVIDED = "UNDIVIDED"


@dataclass(frozen=True)
class BlockContract:
    """One block contract on its way through the steps: its row, code, options and where each option
    was entered.
    """

    row: int
    code: str
    options: dict[str, str]


def contract_work(routing: Routing, contract: BlockContract) -> Work:
    """Give an option of a step what it works on.

    Source: handbook Table 2; req 37.
    """
    return Work(
        routing.model,
        routing.ledger,
        routing.problems,
        contract.row,
        contract.code,
        SPLIT_OPTIONS.get(contract.options.get("non_service_split", "")),
    )


def step_1(routing: Routing, contract: BlockContract, value: Block) -> Block:
    """Step 1: share the contract value over service lines, by schedule, absorbed cost or direct
    cost, or carry it undivided.

    value x weight / sum of weights, so that the lines add to what is paid even where the schedule
    doesn't.
    Source: handbook 2.4.2 Figs 2-4; req 48, 56, 57, 59, 62, 63.
    """
    option, work = STEP_1_OPTIONS[contract.options["step_1"]], contract_work(routing, contract)
    if option.weigh is None:
        axis = Axis("service line", (UNDIVIDED,))
        return routing.ledger.total(
            f"contract/{contract.code}/step_1",
            axis,
            (value, [0]),
            title="Step 1: carried undivided",
        )
    weight = option.weigh(work, value)
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
        title=f"Step 1: by {option.words}",
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
    option = STEP_3_OPTIONS[contract.options["step_3"]]
    weight = option.weigh(
        contract_work(routing, contract), mapped.units.axis, [kind for _, kind in mapped.pairs]
    )
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
    rate = ledger.add(
        f"contract/{code}/pence_per_weighted_unit",
        option.rate,
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
