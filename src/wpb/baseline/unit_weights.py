"""Step 3's weights: relative resource use, benchmark or national unit costs, or one for every unit.

Source: handbook 2.4.4; req 80, 83-88, 90, 91.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wpb.baseline.routing import Routing, table_leaf
from wpb.baseline.rules import share_of, times
from wpb.baseline.time_and_motion import observed_weights
from wpb.kernel.ledger import Array, Axis, Block, Ref
from wpb.kernel.places import Cell
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

if TYPE_CHECKING:
    from wpb.baseline.block_steps import BlockContract


def local_cost_factor(part: Array, whole: Array) -> Array:
    """What scales national average costs to what is paid: contract value / sum of (activity x
    national unit cost).

    Source: handbook Fig 10; req 87, 88.
    """
    return share_of(part, whole)


def weighted_mean(cost: Array, units: Array) -> Array:
    """An activity-weighted mean: total cost / total units.

    Source: handbook Fig 9; req 85.
    """
    return share_of(cost, units)


def unit_weights(
    routing: Routing, contract: BlockContract, axis: Axis, activity_types: list[str]
) -> Block:
    """Give each row of mapped activity its weight by the contract's Step 3 option.

    Source: handbook 2.4.4 Fig 7; req 80, 83, 84, 85, 87, 90, 91.
    """
    option, code = contract.options["step_3"], contract.code
    if option == "simple_average":
        place = option_place(routing, contract.row, code)
        return routing.ledger.leaf(
            f"contract/{code}/weight",
            axis,
            "weight",
            np.ones(len(axis)),
            lambda row, year: place,
            title="No difference between activity types",
        )
    if option.startswith("benchmark"):
        return _benchmark(routing, code, axis, activity_types, option)
    if option == "relative_resource" and not _own_weights(routing, code, option):
        return observed_weights(routing, code, axis, activity_types)
    if option == "national_reference_costs":
        table, column, rows = (
            routing.model["national_unit_costs"],
            "unit_cost",
            _by_type(routing.model["national_unit_costs"]),
        )
    else:
        table, column, rows = (
            routing.model["cost_weights"],
            "weight",
            _own_weights(routing, code, option),
        )
    return table_leaf(
        routing.ledger,
        f"contract/{code}/weight",
        axis,
        "weight",
        table,
        column,
        _rows_for(routing, code, activity_types, rows, table),
        "Cost weight of a unit",
    )


def option_place(routing: Routing, row: int, code: str) -> Cell:
    """The cell that names a contract's option for Step 3; the contract's own where an option is
    tried out that it doesn't name.

    Source: handbook Table 2; req 37.
    """
    methods = routing.model["contract_methods"]
    named = (
        r for r in methods.rows_where("contract", code) if methods.columns["step"][r] == "step_3"
    )
    return next(
        (methods.where(r, "option") for r in named),
        routing.model["contracts"].where(row, "contract"),
    )


def by_own_costs(model: Model, contract: str) -> bool:
    """Whether a contract's weights are the provider's own reference costs, and not observed.

    Source: handbook 2.4.4 (a second option); req 83.
    """
    table = model["cost_weights"]
    return any(
        table.columns["weight_source"][row] == "own_reference_costs"
        for row in table.rows_where("contract", contract)
    )


def _by_type(table: TypedTable) -> dict[str, int]:
    return {kind: row for row, kind in enumerate(table.text("activity_type"))}


def _own_weights(routing: Routing, code: str, option: str) -> dict[str, int]:
    table = routing.model["cost_weights"]
    wanted = (
        ("time_and_motion", "own_reference_costs")
        if option == "relative_resource"
        else ("other_unit_costs",)
    )
    return {
        str(table.columns["activity_type"][row]): row
        for row in table.rows_where("contract", code)
        if table.columns["weight_source"][row] in wanted
    }


def _rows_for(
    routing: Routing, code: str, activity_types: list[str], rows: dict[str, int], table: TypedTable
) -> list[int]:
    missing = sorted({kind for kind in activity_types if kind not in rows})
    if missing:
        activity = routing.model["contract_activity"]
        for kind in missing:
            row = next(
                r
                for r in activity.rows_where("contract", code)
                if activity.columns["activity_type"][r] == kind
            )
            routing.problems.error(
                activity.where(row, "activity_type"),
                f"Activity {kind} of contract {code} has no weight in {table.spec.name}.",
                f"Add a row for it to {table.spec.name}, or choose another option at step 3.",
                "weight_missing",
            )
        routing.problems.raise_if_errors()
    return [rows[kind] for kind in activity_types]


def _benchmark(
    routing: Routing, code: str, axis: Axis, activity_types: list[str], option: str
) -> Block:
    """Mean unit cost over benchmark providers, each counting once or by its volume.

    Source: handbook Fig 9; req 84, 85.
    """
    ledger, table = routing.ledger, routing.model["benchmark_costs"]
    kinds = table.text("activity_type")
    _rows_for(routing, code, activity_types, _by_type(table), table)
    rows = [row for row, kind in enumerate(kinds) if kind in set(activity_types)]
    pair_axis = Axis(
        "activity type and benchmark provider", tuple(table.key_of(row) for row in rows)
    )
    type_axis = Axis("activity type", tuple(dict.fromkeys(kinds[row] for row in rows)))
    into = [type_axis.positions[kinds[row]] for row in rows]
    cost = table_leaf(
        ledger,
        f"contract/{code}/benchmark_unit_cost",
        pair_axis,
        "pence of cost",
        table,
        "unit_cost",
        rows,
        "Unit cost of a benchmark provider",
    )
    if option == "benchmark_weighted":
        volume = table_leaf(
            ledger,
            f"contract/{code}/benchmark_units",
            pair_axis,
            "units",
            table,
            "units",
            rows,
            "Volume of a benchmark provider",
        )
        spent = ledger.add(
            f"contract/{code}/benchmark_cost",
            times,
            pair_axis,
            "pence of cost",
            quantity=volume,
            factor=cost,
        )
    else:
        volume = ledger.leaf(
            f"contract/{code}/benchmark_count",
            pair_axis,
            "providers",
            np.ones(len(rows)),
            lambda row, year: table.where(rows[row], "benchmark_provider"),
            title="Each provider counts once",
        )
        spent = cost
    total = ledger.total(f"contract/{code}/benchmark_total", type_axis, (spent, into))
    count = ledger.total(f"contract/{code}/benchmark_volume", type_axis, (volume, into))
    mean = ledger.add(
        f"contract/{code}/benchmark_mean",
        weighted_mean,
        type_axis,
        "pence of cost",
        cost=total,
        units=count,
        title="Mean unit cost of the benchmark",
    )
    take = np.array([type_axis.positions[kind] for kind in activity_types], dtype=np.int64)
    return ledger.add(
        f"contract/{code}/weight",
        _as_weight,
        axis,
        "weight",
        mean=Ref(mean, take),
        title="Benchmark unit cost as a weight",
    )


def _as_weight(mean: Array) -> Array:
    """A mean unit cost used as a weight: only its relation to the others counts.

    Source: handbook 2.4.4; req 84.
    """
    return mean
