"""Carry spend forward one step after another, so that the effect of each shows as a movement.

Source: handbook 3.3-3.4, Fig 14, Dudley case; req 149, 165, 171-174, 186-187.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.forecast.growth import (
    additive_efficiency_factor,
    compound_factor,
    effect_alone,
    grow,
    interaction,
    litigation_factor,
    multiplicative_efficiency_factor,
    summed_activity_factor,
)
from wpb.forecast.growth_rates import GROWTH_STEPS, STEP_NAMES, GrowthRates
from wpb.kernel.ledger import Block, Ledger, Ref

FURTHER_TARGET = "Provider efficiency, further target"
INTERACTION = "Growth steps together (interaction)"


@dataclass(frozen=True)
class Projected:
    """The levels of a projection on the budget lines by year: before efficiency (do nothing) and
    after it.
    """

    before_efficiency: Block
    after_efficiency: Block


@dataclass(frozen=True)
class Factors:
    """Compounded factors by step on the growth groups, for one set of years."""

    by_step: dict[str, Block]
    years: tuple[str, ...]


def growth_factors(
    ledger: Ledger,
    prefix: str,
    rates: dict[str, Block],
    method: str,
    years: tuple[str, ...],
    summed: Block | None = None,
) -> Factors:
    """Compound each step's rates; efficiency by the method the model states.

    summed: 1 for groups whose two parts of activity growth are added, as the national hospital
    activity model does.
    Source: handbook Figs 15, 16, 3.3.2, 3.4; req 162, 163, 164, 167, 186, 187.
    """
    factors = {}
    for step, rate in rates.items():
        title = f"{STEP_NAMES[step]}, compounded"
        if step in ("efficiency", "efficiency_planned"):
            factors[step] = efficiency_factor(
                ledger, f"{prefix}/{step}", rates, method, years, step
            )
        elif step == "litigation":
            factors[step] = ledger.add(
                f"{prefix}/{step}",
                litigation_factor,
                rate.axis,
                "factor",
                years,
                title,
                cost_pressure_rate=_through(rates["cost_pressure"]),
                litigation_rate=_through(rate),
            )
        elif step == "non_demographic" and summed is not None and "demographic" in rates:
            factors[step] = ledger.add(
                f"{prefix}/{step}",
                summed_activity_factor,
                rate.axis,
                "factor",
                years,
                title,
                demographic_rate=_through(rates["demographic"]),
                non_demographic_rate=_through(rate),
                summed=summed,
            )
        else:
            factors[step] = ledger.add(
                f"{prefix}/{step}",
                compound_factor,
                rate.axis,
                "factor",
                years,
                title,
                growth_rate=_through(rate),
            )
    return Factors(factors, years)


def _through(rate: Block) -> Ref:
    return Ref(rate, years="through")


def efficiency_factor(
    ledger: Ledger,
    block_id: str,
    rates: dict[str, Block],
    method: str,
    years: tuple[str, ...],
    step: str = "efficiency",
) -> Block:
    """Compound efficiency by one of the two methods: added to the price uplift of its year, or
    multiplied.

    Source: handbook 3.4; req 186, 187.
    """
    efficiency, title = rates[step], f"{STEP_NAMES[step]}, {method}, compounded"
    if method == "multiplicative":
        return ledger.add(
            block_id,
            multiplicative_efficiency_factor,
            efficiency.axis,
            "factor",
            years,
            title,
            efficiency_rate=_through(efficiency),
        )
    names = (
        ("cost_pressure_rate", "cost_pressure"),
        ("combined_rate", "combined"),
        ("litigation_rate", "litigation"),
    )
    uplifts = {name: _through(rates[uplift]) for name, uplift in names if uplift in rates}
    return ledger.add(
        block_id,
        additive_efficiency_factor,
        efficiency.axis,
        "factor",
        years,
        title,
        efficiency_rate=_through(efficiency),
        **uplifts,
    )


def carry_forward(
    ledger: Ledger,
    prefix: str,
    start: Block,
    factors: Factors,
    rates: GrowthRates,
    stage: str,
    presentation: str = "sequential",
) -> Projected:
    """Apply each step's factor to the level before it: level x factor of the line's group.

    The order is demographic, non-demographic, other activity, unit cost, litigation, total cost,
    then efficiency; each movement is the difference of two levels, so the movements add to the
    whole change. Presented additively with interaction, each growth step shows what it would do
    alone, and what they do together has a movement of its own.
    Source: handbook 3.3.2 Dudley, 3.4; req 165, 169, 171, 173, 174, 186, 187.
    """
    level, apart = start, presentation == "additive_with_interaction"
    steps = [step for step in GROWTH_STEPS if step in factors.by_step]
    for step in steps:
        level = _step(ledger, prefix, level, factors, rates, step, "" if apart else stage)
    if apart:
        _effects_apart(ledger, prefix, start, level, factors, rates, steps, stage)
    return Projected(level, _efficiency(ledger, prefix, level, factors, rates, stage))


def _step(
    ledger: Ledger,
    prefix: str,
    level: Block,
    factors: Factors,
    rates: GrowthRates,
    step: str,
    stage: str,
) -> Block:
    after = ledger.add(
        f"{prefix}/after_{step}",
        grow,
        level.axis,
        "pence",
        factors.years,
        f"After: {STEP_NAMES[step].lower()}",
        level_pence=level,
        factor=Ref(factors.by_step[step], rates.group_of_line),
    )
    if stage:
        ledger.movement(f"{prefix}/movement_{step}", after, level, stage, STEP_NAMES[step])
        ledger.retire(level)
    return after


def _efficiency(
    ledger: Ledger, prefix: str, level: Block, factors: Factors, rates: GrowthRates, stage: str
) -> Block:
    """Take efficiency off; where providers' plans are known, what they plan and what is asked
    beyond show apart.
    """
    if "efficiency" not in factors.by_step:
        return level
    if "efficiency_planned" not in factors.by_step:
        return _step(ledger, prefix, level, factors, rates, "efficiency", stage)
    planned = ledger.add(
        f"{prefix}/after_efficiency_planned",
        grow,
        level.axis,
        "pence",
        factors.years,
        "After: what providers plan to save",
        level_pence=level,
        factor=Ref(factors.by_step["efficiency_planned"], rates.group_of_line),
    )
    after = ledger.add(
        f"{prefix}/after_efficiency",
        grow,
        level.axis,
        "pence",
        factors.years,
        "After: provider efficiency",
        level_pence=level,
        factor=Ref(factors.by_step["efficiency"], rates.group_of_line),
    )
    ledger.movement(
        f"{prefix}/movement_efficiency_planned",
        planned,
        level,
        stage,
        STEP_NAMES["efficiency_planned"],
    )
    ledger.movement(f"{prefix}/movement_efficiency", after, planned, stage, FURTHER_TARGET)
    return after


def _effects_apart(
    ledger: Ledger,
    prefix: str,
    start: Block,
    after: Block,
    factors: Factors,
    rates: GrowthRates,
    steps: list[str],
    stage: str,
) -> None:
    effects = {}
    for step in steps:
        effects[step] = ledger.add(
            f"{prefix}/alone_{step}",
            effect_alone,
            start.axis,
            "pence",
            factors.years,
            STEP_NAMES[step],
            level_pence=start,
            factor=Ref(factors.by_step[step], rates.group_of_line),
        )
        ledger.record(
            stage, STEP_NAMES[step], effects[step], "Its effect alone, before any other growth"
        )
    together = ledger.add(
        f"{prefix}/interaction",
        interaction,
        start.axis,
        "pence",
        factors.years,
        INTERACTION,
        after=after,
        before=start,
        **effects,
    )
    ledger.record(
        stage, INTERACTION, together, "What the drivers do together beyond what each does alone"
    )
