"""One chunk of runs through the same rules as the principal case: growth, the care model, accounts
of each party, sharing.

The rule functions are those of the forecast, incentives and sharing rooms; only their leaves have a
run axis here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wpb.forecast.care_model import net_impact
from wpb.forecast.growth_rates import GrowthRates
from wpb.forecast.projection import carry_forward, growth_factors
from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.kernel.places import Cell
from wpb.shadow.baseline_parts import baseline_moved, is_by_parts
from wpb.shadow.declared import RATE_DRIVERS, STEP_OF, Uncertainty
from wpb.shadow.plan import SimulationPlan

Array = NDArray[np.float64]

SIMULATED = Cell("", "simulation", "")
AFTER_ACTIVITY, AFTER_ALL = "run/after_activity", "run/after_efficiency"


@dataclass(frozen=True)
class Simulated:
    """What a chunk comes to, before accounts: spend and activity by cell, impacts, people,
    allocations, quality.

    spend: pence after growth, efficiency and impacts, [run, cell, year]. activity: the same before
    prices and efficiency, without impacts. impact: net of the care model. people: registered people
    over those planned, [run, 1, year]. allocation: [run, commissioner, year]. quality: score by
    measure, [run, 1, year].
    """

    spend: Array
    activity: Array
    impact: Array
    people: Array
    allocation: Array
    quality: dict[str, Array]


class CellLedger(Ledger):
    """Lets levels go as they are used, and keeps of the wanted ones what falls on each cell."""

    def __init__(self, starts: NDArray[np.int64], wanted: Sequence[str]) -> None:
        super().__init__(totals_only=True)
        self.starts, self.wanted = starts, wanted
        self.by_cell: dict[str, Array] = {}

    def retire(self, block: Block) -> None:
        """Keep a wanted level by cell, and let its rows go."""
        if block.id in self.wanted:
            self.by_cell[block.id] = added_by_cell(block.value, self.starts)
        block.known = None
        block.__dict__.pop("value", None)


def added_by_cell(value: Array, starts: NDArray[np.int64]) -> Array:
    """Add neighbouring rows into cells: [run, row, year] to [run, cell, year]."""
    return np.add.reduceat(value, starts, axis=1)


def delayed(saving_pence: Array, delay_years: Array) -> Array:
    """Savings that come late: the planned path read `delay` years earlier, between years in a
    straight line, nothing before it starts.

    saving_pence: [1, line, year]; delay_years: [run, 1, 1], from nought up.
    Source: handbook 3.5; req 190, 300.
    """
    years = saving_pence.shape[2]
    padded = np.concatenate([np.zeros((*saving_pence.shape[:2], years + 1)), saving_pence], axis=2)[
        0
    ]
    held = np.minimum(delay_years[:, 0, 0], float(years))
    whole = np.floor(held).astype(np.int64)
    part = (held - whole)[:, None, None]
    at = np.arange(years)[None, :] - whole[:, None] + years + 1
    now, before = padded[:, at].transpose(1, 0, 2), padded[:, at - 1].transpose(1, 0, 2)
    return np.asarray(now * (1 - part) + before * part, dtype=np.float64)


def delivered(saving_pence: Array, share_delivered: Array) -> Array:
    """The part of a saving that comes: saving x share delivered.

    Source: handbook 3.5; req 189, 300.
    """
    return saving_pence * share_delivered


def moved_growth(points: Array, weight: float, first_growth: int) -> Array:
    """Points of growth by year that count: nothing before growth starts.

    Source: handbook 2.1; req 140.
    """
    counted = points * weight
    if first_growth:
        counted = np.array(counted)
        counted[..., :first_growth] = 0.0
    return counted


def factor_of(value: Array, weight: float) -> Array:
    """A factor on the part of a level it moves: 1 + weight x (value - 1).

    Source: req 300.
    """
    return value if weight == 1.0 else 1.0 + weight * (value - 1.0)


def simulate(plan: SimulationPlan, values: Mapping[str, Array]) -> Simulated:
    """Carry one chunk of runs through the forecast. values: of each uncertainty, [run, 1 or row,
    year].

    Source: handbook 3.3-3.6; req 34, 174, 188, 300.
    """
    people = _growth_of(plan, values, "population")
    ledger = CellLedger(plan.cell_starts, (AFTER_ACTIVITY, AFTER_ALL))
    rows = Axis("row", tuple(str(row) for row in range(len(plan.row_keys))))
    start = ledger.leaf(
        "run/start",
        rows,
        "pence",
        _start(plan, values, people),
        lambda row, year: SIMULATED,
        years=plan.years,
    )
    rates = _rates(plan, values, ledger)
    factors = growth_factors(
        ledger, "run/factor", rates.by_step, plan.efficiency_method, plan.years, rates.summed
    )
    last = carry_forward(ledger, "run", start, factors, rates, "simulation")
    ledger.retire(last.after_efficiency)
    runs = (
        max(array.shape[0] for array in (*ledger.by_cell.values(), people, *values.values()))
        if values
        else 1
    )
    impact = _impacts(plan, values, runs)
    spend = _on_cells(plan, ledger.by_cell[AFTER_ALL], runs) + impact
    return Simulated(
        spend,
        _on_cells(plan, ledger.by_cell[AFTER_ACTIVITY], runs),
        impact,
        people,
        _allocation(plan, values),
        _quality(plan, values),
    )


def _on_cells(plan: SimulationPlan, by_rows: Array, runs: int) -> Array:
    if len(plan.cells_with_rows) == len(plan.cells):
        return by_rows
    full = np.zeros((runs, len(plan.cells), len(plan.years)))
    full[:, plan.cells_with_rows] = by_rows
    return full


def _growth_of(plan: SimulationPlan, values: Mapping[str, Array], driver: str) -> Array:
    """Growth beyond what was planned, compounded: product of (1 + points)."""
    found: Array = np.ones((1, 1, len(plan.years)))
    for one in plan.declared.of(driver):
        found = found * np.cumprod(
            1.0 + moved_growth(values[one.code], one.weight, plan.first_growth), axis=2
        )
    return found


def _start(plan: SimulationPlan, values: Mapping[str, Array], people: Array) -> Array:
    """Each row's start with what moves its level: people, activity in the year, error in the
    baseline.
    """
    everywhere, some = people, []
    for one in (*plan.declared.of("activity"), *plan.declared.of("baseline_error")):
        if is_by_parts(one):
            continue
        factor = factor_of(values[one.code], one.weight)
        if factor.shape[1] == 1 and one.applies_by == "everything":
            everywhere = everywhere * factor
        else:
            some.append((one, factor))
    start: Array = plan.start[None]
    if plan.parts is not None and any(is_by_parts(one) for one in plan.declared.uncertainties):
        added = baseline_moved(plan.parts, plan.declared, values)
        start = np.repeat(start, added.shape[0], axis=0)
        start[:, plan.parts.rows] += added
    start = start * everywhere
    for one, factor in some:
        mask = plan.row_mask(one)
        if mask.all():
            start = np.multiply(
                start, factor, out=start if start.shape[0] == factor.shape[0] else None
            )
            continue
        if start.shape[0] < factor.shape[0]:
            start = np.repeat(start, factor.shape[0], axis=0)
        start[:, mask] *= factor
    return start


def _rates(plan: SimulationPlan, values: Mapping[str, Array], ledger: Ledger) -> GrowthRates:
    axis = Axis("growth group", plan.groups)
    moved: dict[str, Array] = {step: rate[None] for step, rate in plan.rates.items()}
    for one in plan.declared.uncertainties:
        step = STEP_OF.get(one.driver, one.driver)
        if one.driver in RATE_DRIVERS and step in moved:
            mask = plan.group_mask(one).astype(np.float64)[None, :, None]
            # A group that has no rate of a step has nothing of it to be wrong about.
            has_step = (plan.rates[step] != 0.0).any(axis=1)[None, :, None]
            moved[step] = moved[step] + mask * has_step * moved_growth(
                values[one.code], one.weight, plan.first_growth
            )
    blocks = {
        step: ledger.leaf(
            f"run/rate/{step}", axis, "rate", rate, lambda row, year: SIMULATED, years=plan.years
        )
        for step, rate in moved.items()
    }
    summed = (
        None
        if plan.summed is None
        else ledger.leaf("run/summed", axis, "flag", plan.summed, lambda row, year: SIMULATED)
    )
    return GrowthRates(axis, blocks, {}, plan.group_of_row, summed)


def _impacts(plan: SimulationPlan, values: Mapping[str, Array], runs: int) -> Array:
    """Net impact on each cell, savings late and in part as drawn, [run, cell, year]."""
    if plan.impacts is None:
        return np.zeros((1, len(plan.cells), len(plan.years)))
    planned = plan.impacts
    saving: Array = planned.saving[None]
    programmes = np.array(planned.programmes)
    for one in plan.declared.of("care_model_delay"):
        lines = _lines_of(one, programmes)
        late = delayed(planned.saving[None, lines], values[one.code][:, :, :1])
        saving = (
            np.repeat(saving, late.shape[0], axis=0)
            if saving.shape[0] < late.shape[0]
            else saving.copy()
        )
        saving[:, lines] = late
    for one in plan.declared.of("care_model_delivery"):
        lines = _lines_of(one, programmes)
        share = np.where(lines[None, :, None], factor_of(values[one.code], one.weight), 1.0)
        saving = delivered(saving, share)
    net = net_impact(planned.investment[None], saving, planned.share[None])
    # Summed line by line, so that the figures never hang on how a library splits a product of
    # matrices.
    onto = np.zeros((net.shape[0], len(plan.cells), net.shape[2]))
    for line in range(net.shape[1]):
        for cell in np.flatnonzero(planned.to_cells[line]):
            onto[:, cell] += net[:, line] * planned.to_cells[line, cell]
    return onto


def _lines_of(one: Uncertainty, programmes: NDArray[np.str_]) -> NDArray[np.bool_]:
    return (
        np.ones(len(programmes), dtype=bool)
        if one.applies_by == "everything"
        else programmes == one.applies_to
    )


def _allocation(plan: SimulationPlan, values: Mapping[str, Array]) -> Array:
    found: Array = plan.allocation[None]
    for one in plan.declared.of("allocation"):
        moved = np.cumprod(
            1.0 + moved_growth(values[one.code], one.weight, plan.first_growth), axis=2
        )
        mask = np.array(
            [
                one.applies_by == "everything" or code == one.applies_to
                for code in plan.commissioners
            ]
        )
        found = found * np.where(mask[None, :, None], moved, 1.0)
    return found


def _quality(plan: SimulationPlan, values: Mapping[str, Array]) -> dict[str, Array]:
    found: dict[str, Any] = {}
    for one in plan.declared.of("quality"):
        found[one.applies_to] = values[one.code]
    return found
