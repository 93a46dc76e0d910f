"""The whole forecast, in order: growth, efficiency, the care model and schemes, then affordability.

Source: handbook chapter 3, Fig 14; overview 4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wpb.forecast.affordability import Affordability, affordability
from wpb.forecast.allocation_gate import check_allocation_route, measured_alignment
from wpb.forecast.care_model import KIND_NAMES, CareModel, care_model_impacts, join_impacts
from wpb.forecast.double_count import check_double_count
from wpb.forecast.efficiency_plans import EfficiencyPlans, efficiency_plans
from wpb.forecast.growth_rates import GrowthRates
from wpb.forecast.line_rates import LineRates, line_rates
from wpb.forecast.method_difference import efficiency_method_difference, override_effects
from wpb.forecast.notes import ForecastWorkings, forecast_notes
from wpb.forecast.overlays import overlay_impacts
from wpb.forecast.overrides import judged_overrides
from wpb.forecast.paths import priced_paths
from wpb.forecast.phasing import level_outside, starting_level
from wpb.forecast.plausibility import check_plausible
from wpb.forecast.projection import Factors, Projected, carry_forward, growth_factors
from wpb.forecast.residual import residual_of
from wpb.forecast.schemes import scheme_impacts
from wpb.forecast.segment_growth import rates_by_segment
from wpb.forecast.segment_shifts import segment_impacts
from wpb.forecast.shifts import Shifts, shift_impacts
from wpb.forecast.streams import check_no_second_efficiency, check_streams, target_shares
from wpb.forecast.unidentified import UnidentifiedRow, judged_qipp, unidentified_impacts
from wpb.forecast.uplifts_due import check_price_bases
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Line, Scope, Section

TargetRule = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True)
class Outlook:
    """The forecast of the budget and of everything outside it, set against allocations, with what
    was worked out on the way.
    """

    do_nothing: Block
    forecast: Block
    out_of_scope: Block
    inside: Projected
    impacts: CareModel | None
    affordability: Affordability
    workings: ForecastWorkings
    sections: tuple[Section, ...]


def check_growth(model: Model, problems: ProblemLog) -> None:
    """Make the checks of growth that need no figures.

    Source: handbook 3.3.2; req 162, 170.
    """
    check_double_count(model, problems)
    problems.raise_if_errors()


def rates_of_lines(
    model: Model, ledger: Ledger, lines: BudgetLines, rates: GrowthRates, problems: ProblemLog
) -> LineRates:
    """Work out the rates each line truly takes: by its activity's use by segment, by route, by its
    provider's plans, and by overrides.

    Raises InputProblems with every fault of plans and overrides at once.
    Source: handbook 3.2.1, 3.3.3, 3.5 Mid-Nottinghamshire case; req 154, 177-180, 191, 193.
    """
    plans: EfficiencyPlans | None = efficiency_plans(model, problems)
    rates = rates_by_segment(model, ledger, lines, rates, problems)
    overrides = judged_overrides(model, rates, lines, problems)
    check_streams(model, lines, problems)
    check_no_second_efficiency(model, lines, plans, problems)
    check_price_bases(model, lines, rates, problems)
    problems.raise_if_errors()
    return line_rates(model, ledger, lines, rates, plans, overrides)


def forecast_stage(
    model: Model,
    scope: Scope,
    book: AssumptionBook,
    ledger: Ledger,
    lines: BudgetLines,
    levels: tuple[Block, Block],
    joined: Block,
    baseline: Block,
    taken: LineRates,
    target_allocation: TargetRule,
    problems: ProblemLog,
) -> Outlook:
    """Carry the baseline and everything outside it forward side by side, change both by the care
    model, and test affordability.

    levels: spend in and out of scope at contract year 1; joined: 1 or 0 by line and year;
    target_allocation: the rule that shares an allocation by weighted people.
    Source: handbook 1.1.6, 3.3-3.6; req 171, 174, 188, 200, 201.
    """
    settings, rates = model.settings, taken.rates
    converted, outside = (at_year_one(ledger, level) for level in levels)
    start = starting_level(ledger, "forecast/start", converted, joined)
    outside_start = level_outside(ledger, "out_of_scope/start", outside, converted, joined)
    alignment = measured_alignment(model, scope, lines, start, outside_start, ledger)
    check_allocation_route(model, alignment, problems)
    factors = growth_factors(
        ledger,
        "growth_factor",
        rates.by_step,
        settings.efficiency_method.option,
        settings.years,
        rates.summed,
    )
    inside, out = _carried(model, ledger, start, outside_start, baseline, factors, rates)
    priced_paths(ledger, model["contracts"].text("contract"), converted.axis, rates, factors)
    judged = judged_qipp(model, problems)
    shifts = shift_impacts(model, scope, ledger, problems)
    impacts = _all_impacts(
        model, scope, ledger, lines.lines, (inside, out), shifts, judged, problems
    )
    problems.raise_if_errors()
    forecast, forecast_cells = with_impacts(
        ledger, "forecast", inside.after_efficiency, lines.lines, impacts, True
    )
    out_of_scope, out_cells = with_impacts(
        ledger, "out_of_scope", out.after_efficiency, lines.lines, impacts, False
    )
    afford = affordability(
        model, ledger, forecast, forecast_cells, out_of_scope, out_cells, problems
    )
    do_nothing = ledger.total(
        "do_nothing", TOTAL, (inside.before_efficiency, None), title="Do nothing"
    )
    workings = ForecastWorkings(
        alignment,
        taken,
        shifts,
        judged,
        efficiency_method_difference(model, ledger, inside.before_efficiency, rates),
        override_effects(model, ledger, start, taken, factors),
        target_shares(
            model, scope, ledger, afford.allocation, afford.cells, target_allocation, problems
        ),
        residual_of(model, ledger, afford, impacts, problems),
    )
    sections = forecast_notes(
        model,
        book,
        scope,
        ledger,
        lines,
        forecast,
        out_of_scope,
        impacts,
        afford,
        workings,
        problems,
    )
    return Outlook(do_nothing, forecast, out_of_scope, inside, impacts, afford, workings, sections)


def _all_impacts(
    model: Model,
    scope: Scope,
    ledger: Ledger,
    lines: Sequence[Line],
    carried: tuple[Projected, Projected],
    shifts: Shifts | None,
    judged: list[UnidentifiedRow],
    problems: ProblemLog,
) -> CareModel | None:
    """Join what changes spend beyond growth, and refuse or question what can't be right of it."""
    levels = (carried[0].after_efficiency, carried[1].after_efficiency)
    impacts = join_impacts(
        model,
        ledger,
        (
            care_model_impacts(model, ledger),
            scheme_impacts(model, ledger, lines, *levels, problems),
            overlay_impacts(model, scope, ledger, lines, *levels, problems),
            segment_impacts(model, ledger, lines, *levels, problems),
            shifts.impacts if shifts else None,
            unidentified_impacts(model, ledger, judged),
        ),
        problems,
    )
    check_plausible(model, scope, lines, ledger["spend"], levels, impacts, problems)
    return impacts


def _carried(
    model: Model,
    ledger: Ledger,
    start: Block,
    outside_start: Block,
    baseline: Block,
    factors: Factors,
    rates: GrowthRates,
) -> tuple[Projected, Projected]:
    ledger.movement(
        "forecast/movement_scope", start, baseline, "forecast", "Services joining the scope"
    )
    shown = model.settings.presentation
    inside = carry_forward(ledger, "forecast", start, factors, rates, "forecast", shown)
    return inside, carry_forward(
        ledger, "out_of_scope", outside_start, factors, rates, "out of scope", shown
    )


def at_year_one(ledger: Ledger, level: Block) -> Block:
    """Hold a level that stands at contract year 1 alone, as the start of every year's growth.

    Source: handbook 2.1; req 140.
    """
    if level.years is None:
        return level
    return ledger.add(
        f"{level.id}/year_1",
        held_level,
        level.axis,
        "pence",
        None,
        "At contract year 1",
        level_pence=Ref(level, years=level.years[0]),
    )


def held_level(level_pence: Array) -> Array:
    """The level reached in contract year 1.

    Source: handbook 2.1; req 140.
    """
    return level_pence


def with_impacts(
    ledger: Ledger,
    name: str,
    levels: Block,
    lines: Sequence[Line],
    impacts: CareModel | None,
    inside: bool,
) -> tuple[Block, list[tuple[str, str]]]:
    """Add lines of impact to the budget lines, a movement for each kind; each line's commissioner
    and stream come with it.

    Source: handbook 3.5, 3.6; req 157, 188, 198.
    """
    cells = [(line.commissioner, line.funding_stream) for line in lines]
    chosen = impacts.rows(inside) if impacts else []
    codes = (
        (*levels.axis.codes, *(impacts.axis.codes[row] for row in chosen))
        if impacts
        else levels.axis.codes
    )
    axis = Axis("line", codes)
    parts: list[tuple[Block, Rows]] = [(levels, np.arange(len(levels.axis)))]
    if impacts and chosen:
        into = np.full(len(impacts.axis), -1, dtype=np.int64)
        into[chosen] = len(levels.axis) + np.arange(len(chosen))
        parts.append((impacts.net, into))
        for kind, title in KIND_NAMES.items():
            if rows := impacts.rows(inside, kind):
                of_kind = np.where(np.isin(np.arange(len(impacts.axis)), rows), into, -1)
                movement = ledger.total(
                    f"{name}/movement_{kind}", axis, (impacts.net, of_kind), title=title
                )
                ledger.record("forecast" if inside else "out of scope", title, movement)
        cells += [
            (impacts.lines[row].commissioner, impacts.lines[row].funding_stream) for row in chosen
        ]
    return (
        ledger.total(name, axis, *parts, title="Forecast" if inside else "Forecast out of scope"),
        cells,
    )
