"""The whole path of a budget on one screen: scope, current spend, baseline, forecast, affordability.

Source: handbook 1.2, Fig 14; overview Fig 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wpb.baseline.adjustments import AdjustedSpend, adjusted_spend, check_adjustments
from wpb.baseline.block_contract import block_contract
from wpb.baseline.by_list import baseline_by_list
from wpb.baseline.care_packages import care_packages
from wpb.baseline.current_spend import CurrentSpend, current_spend, spend_by_service
from wpb.baseline.direct_spend import direct_spend
from wpb.baseline.population_shares import PopulationShares, SharesBuilt
from wpb.baseline.priced_activity import priced_contract
from wpb.baseline.primary_care import primary_care
from wpb.baseline.reconciliation import ledger_ties
from wpb.baseline.routing import Routing
from wpb.forecast.affordability import Affordability, affordability
from wpb.forecast.allocation_gate import check_allocation_route
from wpb.forecast.care_model import CareModel, care_model_impacts
from wpb.forecast.growth_rates import GrowthRates, growth_rates
from wpb.forecast.paths import priced_paths
from wpb.forecast.phasing import level_outside, scope_by_year, starting_level
from wpb.forecast.projection import Projected, carry_forward, growth_factors
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger, Ref, Rows
from wpb.kernel.problems import ProblemLog
from wpb.scope.register import scope_register
from wpb.scope.review import ServiceSpend, check_scope_records, review_scope
from wpb.tables.model import Model
from wpb.tables.records import Route, Scope, Section

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Budget:
    """A calculated budget: its ledger and the figures every view is made from."""

    model: Model
    book: AssumptionBook
    scope: Scope
    ledger: Ledger
    problems: ProblemLog
    shares: SharesBuilt
    current: CurrentSpend
    adjusted: AdjustedSpend
    rates: GrowthRates
    baseline: Block
    do_nothing: Block
    forecast: Block
    out_of_scope: Block
    care_model: CareModel | None
    affordability: Affordability
    sections: tuple[Section, ...] = ()
    """What the reviews of scope and baseline found, for the report and the workbook."""

    @property
    def years(self) -> tuple[str, ...]:
        """The contract years."""
        return self.model.settings.years


def calculate(model: Model, book: AssumptionBook, progress: Progress = lambda stage: None) -> Budget:
    """Work out a budget from a model that was read and checked.

    Raises InputProblems, with every problem found at the stage that stopped.
    Source: handbook 1.2; req 18, 174, 200, 367.
    """
    ledger, problems = Ledger(), ProblemLog(list(model.warnings))
    progress("scope")
    scope = scope_register(model, problems)
    check_scope_records(model, problems)
    check_adjustments(model, problems)
    problems.raise_if_errors()
    progress("current spend")
    shares_asked = PopulationShares(model, scope, problems)
    routing = Routing(model, scope, ledger, shares_asked, problems)
    routes = _routes(routing)
    problems.raise_if_errors()
    shares = shares_asked.build(ledger)
    current = current_spend(routing, routes, shares)
    ledger_ties(model, current, ledger, problems)
    progress("baseline")
    adjusted = adjusted_spend(routing, current)
    rates = growth_rates(model, scope, book, current.lines, ledger, problems)
    converted, outside = _convert(model, ledger, adjusted, rates)
    joined = scope_by_year(model, scope, current.lines, ledger)
    baseline = starting_level(ledger, "baseline", converted, joined, at=model.settings.first_contract_year)
    ledger.movement("baseline/joins_later", baseline, converted, "baseline", "Services that join the scope in a later year")
    baseline_by_list(ledger, current, baseline, shares)
    sections = _reviews(routing, current, baseline)
    progress("forecast")
    check_allocation_route(model, problems)
    impacts = care_model_impacts(model, ledger)
    inside, out = _forecast(model, ledger, converted, outside, joined, baseline, rates)
    forecast, forecast_cells = _with_care_model(ledger, "forecast", inside.after_efficiency, current, impacts, True)
    out_of_scope, out_cells = _with_care_model(ledger, "out_of_scope", out.after_efficiency, current, impacts, False)
    progress("affordability")
    afford = affordability(model, ledger, forecast, forecast_cells, out_of_scope, out_cells, problems)
    do_nothing = ledger.total("do_nothing", TOTAL, (inside.before_efficiency, None), title="Do nothing")
    return Budget(model, book, scope, ledger, problems, shares, current, adjusted, rates, baseline, do_nothing, forecast, out_of_scope, impacts, afford, sections)


def _reviews(routing: Routing, current: CurrentSpend, baseline: Block) -> tuple[Section, ...]:
    """Make every check of scope and baseline that needs the figures, and give what a reader sees of them.

    Source: handbook 1.1.5, 2.4.1; req 37.
    """
    baseline_pence = float(baseline.value[0, :, 0].sum())
    spend = ServiceSpend(spend_by_service(current, current.in_scope), spend_by_service(current, current.out_of_scope))
    return review_scope(routing.model, routing.scope, spend, baseline_pence, routing.problems)


def _routes(routing: Routing) -> list[Route]:
    """Send each contract and table down its route: priced, block, primary care, social care, or direct.

    Source: handbook 2.1; req 19.
    """
    routes: list[Route | None] = []
    for row, basis in enumerate(routing.model["contracts"].text("payment_basis")):
        routes.append(block_contract(routing, row) if basis == "block" else priced_contract(routing, row))
    routes += [primary_care(routing), care_packages(routing), direct_spend(routing)]
    found = [route for route in routes if route is not None]
    for route in found:
        if route.lines and route.lines[0].contract:
            _contract_by_service(routing.ledger, route)
    return found


def _contract_by_service(ledger: Ledger, route: Route) -> None:
    axis = Axis("service line", tuple(dict.fromkeys(line.service_line for line in route.lines)))
    into = [axis.positions[line.service_line] for line in route.lines]
    ledger.total(f"contract/{route.name}", axis, (route.spend, into), title="Contract by service line")


def _convert(model: Model, ledger: Ledger, adjusted: AdjustedSpend, rates: GrowthRates) -> tuple[Block, Block]:
    """Carry adjusted spend to contract year 1 by the model's conversion steps; each growth factor is applied once.

    Source: handbook 2.7; req 140.
    """
    settings = model.settings
    if not settings.conversion_steps:
        return adjusted.in_scope, adjusted.out_of_scope
    year = (settings.first_contract_year,)
    factors = growth_factors(ledger, "conversion_factor", rates.conversion, settings.efficiency_method.option, year)
    inside = carry_forward(ledger, "baseline/conversion", adjusted.in_scope, factors, rates, "baseline")
    outside = carry_forward(ledger, "out_of_scope/conversion", adjusted.out_of_scope, factors, rates, "out of scope")
    return _at_year_one(ledger, inside.after_efficiency), _at_year_one(ledger, outside.after_efficiency)


def _forecast(model: Model, ledger: Ledger, converted: Block, outside: Block, joined: Block, baseline: Block, rates: GrowthRates) -> tuple[Projected, Projected]:
    """Carry the baseline and everything outside it forward side by side, with the same factors.

    Source: handbook 1.1.6, 3.3-3.4; req 171, 174, 201.
    """
    settings = model.settings
    factors = growth_factors(ledger, "growth_factor", rates.by_step, settings.efficiency_method.option, settings.years)
    start = starting_level(ledger, "forecast/start", converted, joined)
    ledger.movement("forecast/movement_scope", start, baseline, "forecast", "Services joining the scope")
    inside = carry_forward(ledger, "forecast", start, factors, rates, "forecast")
    priced_paths(ledger, model["contracts"].text("contract"), converted.axis, rates, factors)
    outside_start = level_outside(ledger, "out_of_scope/start", outside, converted, joined)
    return inside, carry_forward(ledger, "out_of_scope", outside_start, factors, rates, "out of scope")


def _at_year_one(ledger: Ledger, level: Block) -> Block:
    """A level that stands at contract year 1 alone, held as the start of every year's growth."""
    if level.years is None:
        return level
    return ledger.add(f"{level.id}/year_1", _held, level.axis, "pence", None, "At contract year 1", level_pence=Ref(level, years=level.years[0]))


def _held(level_pence: Array) -> Array:
    """The level reached in contract year 1.

    Source: handbook 2.1; req 140.
    """
    return level_pence


def _with_care_model(ledger: Ledger, name: str, levels: Block, current: CurrentSpend, impacts: CareModel | None, inside: bool) -> tuple[Block, list[tuple[str, str]]]:
    """Add care-model lines to the budget lines; each line's commissioner and stream come with it."""
    cells = [(line.commissioner, line.funding_stream) for line in current.lines.lines]
    chosen = [i for i, line in enumerate(impacts.lines) if line.inside == inside] if impacts else []
    codes = (*levels.axis.codes, *(impacts.axis.codes[i] for i in chosen)) if impacts else levels.axis.codes
    axis = Axis("line", codes)
    parts: list[tuple[Block, Rows]] = [(levels, np.arange(len(levels.axis)))]
    if impacts and chosen:
        into = np.full(len(impacts.axis), -1, dtype=np.int64)
        into[chosen] = len(levels.axis) + np.arange(len(chosen))
        parts.append((impacts.net, into))
        movement = ledger.total(f"{name}/movement_care_model", axis, (impacts.net, into), title="Care model, investment less saving")
        ledger.record("forecast" if inside else "out of scope", "Care model, investment less saving", movement)
        cells += [(impacts.lines[i].commissioner, impacts.lines[i].funding_stream) for i in chosen]
    return ledger.total(name, axis, *parts, title="Forecast" if inside else "Forecast out of scope"), cells
