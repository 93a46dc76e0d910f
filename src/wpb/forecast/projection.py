"""Carry spend forward one step after another, so that the effect of each shows as a movement.

Source: handbook 3.3-3.4, Fig 14, Dudley case; req 149, 165, 171-174, 186-187.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.forecast.growth import additive_efficiency_factor, compound_factor, grow, multiplicative_efficiency_factor
from wpb.forecast.growth_rates import GROWTH_STEPS, STEP_NAMES, GrowthRates
from wpb.kernel.ledger import Block, Ledger, Ref


@dataclass(frozen=True)
class Projected:
    """The levels of a projection on the budget lines by year: before efficiency (do nothing) and after it."""

    before_efficiency: Block
    after_efficiency: Block


@dataclass(frozen=True)
class Factors:
    """Compounded factors by step on the growth groups, for one set of years."""

    by_step: dict[str, Block]
    years: tuple[str, ...]


def growth_factors(ledger: Ledger, prefix: str, rates: dict[str, Block], method: str, years: tuple[str, ...]) -> Factors:
    """Compound each step's rates; efficiency by the method the model states.

    Source: handbook Figs 15, 16, 3.4; req 163, 164, 186, 187.
    """
    factors = {}
    for step, rate in rates.items():
        if step == "efficiency":
            factors[step] = _efficiency_factor(ledger, prefix, rates, method, years)
        else:
            factors[step] = ledger.add(f"{prefix}/{step}", compound_factor, rate.axis, "factor", years, f"{STEP_NAMES[step]}, compounded", growth_rate=Ref(rate, years="through"))
    return Factors(factors, years)


def _efficiency_factor(ledger: Ledger, prefix: str, rates: dict[str, Block], method: str, years: tuple[str, ...]) -> Block:
    efficiency = rates["efficiency"]
    title = f"Provider efficiency, {method}, compounded"
    if method == "multiplicative":
        return ledger.add(f"{prefix}/efficiency", multiplicative_efficiency_factor, efficiency.axis, "factor", years, title, efficiency_rate=Ref(efficiency, years="through"))
    uplifts = {name: Ref(rates[step], years="through") for name, step in (("cost_pressure_rate", "cost_pressure"), ("combined_rate", "combined")) if step in rates}
    return ledger.add(f"{prefix}/efficiency", additive_efficiency_factor, efficiency.axis, "factor", years, title, efficiency_rate=Ref(efficiency, years="through"), **uplifts)


def carry_forward(ledger: Ledger, prefix: str, start: Block, factors: Factors, rates: GrowthRates, stage: str) -> Projected:
    """Apply each step's factor to the level before it: level x factor of the line's group.

    The order is demographic, non-demographic, other activity, unit cost, total cost, then efficiency; each
    movement is the difference of two levels, so the movements add to the whole change.
    Source: handbook 3.3.2 Dudley, 3.4; req 165, 169, 171, 173, 174, 186, 187.
    """
    level = start
    for step in GROWTH_STEPS:
        if step in factors.by_step:
            level = _step(ledger, prefix, level, factors, rates, step, stage)
    before = level
    if "efficiency" in factors.by_step:
        level = _step(ledger, prefix, level, factors, rates, "efficiency", stage)
    return Projected(before, level)


def _step(ledger: Ledger, prefix: str, level: Block, factors: Factors, rates: GrowthRates, step: str, stage: str) -> Block:
    after = ledger.add(f"{prefix}/after_{step}", grow, level.axis, "pence", factors.years, f"After: {STEP_NAMES[step].lower()}", level_pence=level, factor=Ref(factors.by_step[step], rates.group_of_line))
    ledger.movement(f"{prefix}/movement_{step}", after, level, stage, STEP_NAMES[step])
    ledger.retire(level)
    return after
