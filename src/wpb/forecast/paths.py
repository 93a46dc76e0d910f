"""Unit cost and activity of priced services by year, as Figures 15 and 16 lay them out; their
product is Figure 17.

Source: handbook Figs 15-17; req 163, 164, 165.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wpb.forecast.growth import grow
from wpb.forecast.growth_rates import GrowthRates
from wpb.forecast.projection import Factors
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref, Rows

ACTIVITY_STEPS = ("demographic", "non_demographic", "activity")


def activity_growth(
    units: Array, demographic: Array, non_demographic: Array, activity: Array
) -> Array:
    """Activity carried forward: units x each compounded activity factor.

    Source: handbook Fig 16; req 164, 167.
    """
    return units * demographic * non_demographic * activity


def unit_cost_growth(level_pence: Array, cost_pressure: Array, litigation: Array) -> Array:
    """A unit price carried forward: price x inflation factor x clinical negligence factor.

    Source: handbook Fig 15, Tables 4-5; req 162, 163.
    """
    return level_pence * cost_pressure * litigation


def priced_paths(
    ledger: Ledger, contracts: Sequence[str], line_axis: Axis, rates: GrowthRates, factors: Factors
) -> None:
    """Lay out the path of unit prices and of activity for every priced line, from the baseline's
    year on.

    unit cost[y] = price x unit cost factor[y]; activity[y] = units x activity factors[y].
    Source: handbook Figs 15, 16; req 163, 164, 165.
    """
    priced = [name for name in contracts if f"contract/{name}/priced_activity" in ledger]
    if not priced:
        return
    parts = {
        kind: [ledger[f"contract/{name}/{kind}"] for name in priced]
        for kind in ("units", "unit_price")
    }
    axis = Axis("priced line", tuple(code for block in parts["units"] for code in block.axis.codes))
    group = rates.group_of_line[[line_axis.positions[code] for code in axis.codes]]
    units, price = (
        ledger.total(f"priced/{kind}", axis, *_joined(blocks), title=blocks[0].title)
        for kind, blocks in parts.items()
    )
    uplift = Ref(factors.by_step["cost_pressure"], group)
    if "litigation" in factors.by_step:
        ledger.add(
            "unit_cost_path",
            unit_cost_growth,
            axis,
            "pence per unit",
            factors.years,
            "Unit price carried forward",
            level_pence=price,
            cost_pressure=uplift,
            litigation=Ref(factors.by_step["litigation"], group),
        )
    else:
        ledger.add(
            "unit_cost_path",
            grow,
            axis,
            "pence per unit",
            factors.years,
            "Unit price carried forward",
            level_pence=price,
            factor=uplift,
        )
    activity = {step: Ref(factors.by_step[step], group) for step in ACTIVITY_STEPS}
    ledger.add(
        "activity_path",
        activity_growth,
        axis,
        "units",
        factors.years,
        "Activity carried forward",
        units=units,
        **activity,
    )


def _joined(blocks: Sequence[Block]) -> list[tuple[Block, Rows]]:
    starts = np.cumsum([0, *(len(block.axis) for block in blocks)])
    return [
        (block, int(start) + np.arange(len(block.axis)))
        for block, start in zip(blocks, starts, strict=False)
    ]
