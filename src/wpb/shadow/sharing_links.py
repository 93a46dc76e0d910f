"""Gain/loss arrangements in a simulation: what each is measured on, and what each party is due, run
by run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wpb.live.sharing_links import Link, Shared, shared_arrangements
from wpb.sharing.settle_parties import PartySettlement, settle_parties
from wpb.sharing.statement import planned_units

__all__ = [
    "Link",
    "Shared",
    "baselines",
    "beyond_limit",
    "dues",
    "ends_with",
    "measured",
    "planned_units",
    "shared_arrangements",
]
Array = NDArray[np.float64]


def ends_with(settlement: PartySettlement) -> Array:
    """What each party ends with of the cash gap, unrounded, [run, party, year]: its share + what it
    keeps undistributed + the fund it holds.

    They add to the pool.
    Source: handbook 6.4.6; req 286, 287.
    """
    arrangement = settlement.arrangement
    names = arrangement.party_names
    runs, _, years = settlement.line_gap.shape
    ends = np.array(np.broadcast_to(settlement.party, (runs, len(names), years)))
    ends[:, names.index(arrangement.retained_by)] += settlement.retained[:, 0]
    ends[:, names.index(arrangement.fund_held_by or arrangement.retained_by)] += (
        settlement.reinvested[:, 0]
    )
    return ends


def beyond_limit(settlement: PartySettlement) -> Array:
    """What the caps and collars of an arrangement cut off, [run, year]: above nought a gain, below
    it a loss; nought where none binds.

    Source: handbook 6.5.2; req 280, 281.
    """
    whole: Array = np.zeros_like(settlement.pool[:, 0])
    for step, amount in settlement.kept:
        if step.endswith("_limit"):
            whole = whole + amount[:, 0]
    return whole


def dues(settlement: PartySettlement) -> Array:
    """What each party is due, unrounded, [run, party, year]: what it ends with - the gap that fell
    on it.

    They add to nought.
    Source: handbook 6.4.6; req 286, 287.
    """
    due, names = ends_with(settlement), settlement.arrangement.party_names
    for row, line in enumerate(settlement.arrangement.lines):
        due[:, names.index(line.gap_falls_on)] -= settlement.line_gap[:, row]
    return due


def baselines(shared: Shared) -> Array:
    """The baseline of each line in pence, [line, year of the arrangement].

    Source: handbook 6.4.4; req 273.
    """
    arrangement = shared.arrangement
    nothing = settle_parties(
        arrangement,
        np.zeros_like(shared.planned_units),
        {name: np.ones(len(arrangement.years)) for name in arrangement.measures},
    )
    return np.asarray(nothing.baseline[0], dtype=np.float64)


def measured(
    shared: Shared,
    years: Sequence[str],
    spend: Array,
    activity: Array,
    planned_activity: Array,
    measures: Mapping[str, Array],
) -> tuple[Array, dict[str, Array]]:
    """What an arrangement is settled on in simulated runs: outturn, [run, line, year of the
    arrangement], and reported measures, [run, 1, year].

    spend, activity: [run, line of the arrangement, contract year]; planned: [1, line, year].
    Outturn: spend in pence
    where spend is shared; else the baseline's units x simulated activity / planned activity. Years
    of the arrangement outside the contract settle as planned.
    Source: handbook 6.2, 6.4.4; req 273, 285.
    """
    arrangement = shared.arrangement
    outturn = np.broadcast_to(
        shared.planned_units, (spend.shape[0], *shared.planned_units.shape)
    ).copy()
    for place, year in enumerate(arrangement.years):
        if year not in years:
            continue
        at = list(years).index(year)
        if arrangement.what_is_shared == "spend":
            outturn[:, :, place] = spend[:, :, at]
        else:
            base = planned_activity[:, :, at]
            outturn[:, :, place] *= np.divide(
                activity[:, :, at], base, out=np.ones_like(activity[:, :, at]), where=base > 0
            )
    reported = {}
    for name in arrangement.measures:
        value = measures.get(name, measures.get("", np.ones((1, 1, len(years)))))
        full = np.ones((value.shape[0], 1, len(arrangement.years)))
        for place, year in enumerate(arrangement.years):
            if year in years:
                full[:, :, place] = value[:, :, list(years).index(year)]
        reported[name] = full
    return outturn, reported
