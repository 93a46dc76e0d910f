"""The part of a care package that is in scope: as stated, by the value of its components, or by
relative resource.

Source: handbook 2.6, 2.4.4; req 127.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wpb.baseline.routing import Routing
from wpb.kernel.arithmetic import share_of, times
from wpb.kernel.ledger import Axis, Block, Rows
from wpb.tables.leaves import table_leaf

IN_SCOPE_GRADES = {
    "stated": (1, "packages of people on the list"),
    "by_value": (1, "packages of people on the list, split by the value of their components"),
    "by_resource": (
        2,
        (
            "packages of people on the list, not split by service and shared by units x relative"
            " unit cost"
        ),
    ),
}


def share_in_scope(routing: Routing, axis: Axis) -> tuple[Block, list[str]]:
    """Give each package's share in scope, and the way it was found: stated, by_value or
    by_resource.

    With components: sum of weights in scope / sum of all weights; a weight is the component's value
    or, where the package is not split by service, units x relative unit cost, as in Step 3 for
    block contracts.
    Source: handbook 2.6, 2.4.4 Fig 8; req 127.
    """
    table, ledger = routing.model["care_packages"], routing.ledger
    stated = table_leaf_where_given(routing, axis)
    if not len(routing.model["package_components"]):
        return stated, ["stated"] * len(axis)
    worked_out, ways = _from_components(routing, axis)
    found = sorted(ways)
    keep = np.array([-1 if row in ways else row for row in range(len(axis))], dtype=np.int64)
    share = ledger.total(
        "care_packages/share",
        axis,
        (stated, keep),
        (worked_out, found),
        title="Part of the package that is in scope",
    )
    return share, [ways.get(row, "stated") for row in range(len(table))]


def table_leaf_where_given(routing: Routing, axis: Axis) -> Block:
    """Enter the shares that are stated; a package without one has components, whose share takes its
    place.

    Source: handbook 2.6; req 127.
    """
    table = routing.model["care_packages"]
    values = (
        np.nan_to_num(table.numbers("in_scope_share"), nan=0.0)
        if len(routing.model["package_components"])
        else table.numbers("in_scope_share")
    )
    return routing.ledger.leaf(
        "care_packages/in_scope_share",
        axis,
        "share",
        values,
        lambda row, year: table.where(row, "in_scope_share"),
        title="Part of the package stated as in scope",
    )


def _from_components(routing: Routing, axis: Axis) -> tuple[Block, dict[int, str]]:
    """The share in scope of each package with components, in order of package, and its way."""
    parts, ledger = routing.model["package_components"], routing.ledger
    by_value = [row for row, value in enumerate(parts.numbers("value")) if np.isfinite(value)]
    by_units = [row for row in range(len(parts)) if row not in set(by_value)]
    component = Axis("component", tuple(parts.key_of(row) for row in range(len(parts))))
    blocks = []
    if by_value:
        names = Axis("component with a value", tuple(component.codes[row] for row in by_value))
        blocks.append(
            (
                table_leaf(
                    ledger,
                    "care_packages/component_value",
                    names,
                    "pence",
                    parts,
                    "value",
                    by_value,
                    "Value of the component",
                ),
                by_value,
            )
        )
    if by_units:
        names = Axis("component with units", tuple(component.codes[row] for row in by_units))
        units = table_leaf(
            ledger,
            "care_packages/component_units",
            names,
            "units",
            parts,
            "units",
            by_units,
            "Units of the component",
        )
        cost = table_leaf(
            ledger,
            "care_packages/component_unit_cost",
            names,
            "pence",
            parts,
            "unit_cost",
            by_units,
            "Relative cost of a unit",
        )
        blocks.append(
            (
                ledger.add(
                    "care_packages/component_resource",
                    times,
                    names,
                    "pence",
                    quantity=units,
                    factor=cost,
                    title="Units x relative unit cost",
                ),
                by_units,
            )
        )
    weight = ledger.total(
        "care_packages/component_weight", component, *blocks, title="Weight of the component"
    )
    return _package_shares(routing, axis, weight), {
        axis.positions[str(parts.columns["package"][row])]: (
            "by_value" if np.isfinite(parts.numbers("value")[row]) else "by_resource"
        )
        for row in range(len(parts))
    }


def _package_shares(routing: Routing, axis: Axis, weight: Block) -> Block:
    parts, ledger = routing.model["package_components"], routing.ledger
    owner = [axis.positions[package] for package in parts.text("package")]
    found = sorted(set(owner))
    packages = Axis("care package with components", tuple(axis.codes[row] for row in found))
    into = [found.index(row) for row in owner]
    whole = ledger.total(
        "care_packages/all_components", packages, (weight, into), title="Weight of all components"
    )
    inside = ledger.total(
        "care_packages/components_in_scope",
        packages,
        (weight, _where(into, parts.flags("in_scope"))),
        title="Weight of components in scope",
    )
    return ledger.add(
        "care_packages/share_by_components",
        share_of,
        packages,
        "share",
        part=inside,
        whole=whole,
        title="Part of the package in scope, by its components",
    )


def _where(into: Sequence[int], flags: Sequence[bool | None]) -> Rows:
    return np.array(
        [row if flag else -1 for row, flag in zip(into, flags, strict=True)], dtype=np.int64
    )
