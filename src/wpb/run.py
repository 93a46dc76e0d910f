"""The whole path of a budget on one screen: scope, current spend, baseline, forecast,
affordability.

Source: handbook 1.2, Fig 14; overview Fig 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wpb.assurance.figures import Figures
from wpb.assurance.stage import assurance_stage
from wpb.baseline.adjustments import AdjustedSpend, adjusted_spend, check_adjustments
from wpb.baseline.block_contract import block_contract
from wpb.baseline.by_list import baseline_by_list
from wpb.baseline.care_analysis import care_analysis
from wpb.baseline.care_packages import care_packages
from wpb.baseline.conserved import baseline_conserved, spend_conserved
from wpb.baseline.contract_review import review_contracts
from wpb.baseline.current_spend import CurrentSpend, current_spend, spend_by_service
from wpb.baseline.direct_spend import direct_spend
from wpb.baseline.exclusions import check_contract_form, leave_out_agreed
from wpb.baseline.ledger_schedule import ledger_schedule
from wpb.baseline.population_shares import PopulationShares, SharesBuilt
from wpb.baseline.priced_activity import priced_contract
from wpb.baseline.pricing_regime import tag_regimes
from wpb.baseline.primary_care import primary_care
from wpb.baseline.reconciliation import ledger_ties
from wpb.baseline.review import review_baseline
from wpb.baseline.routing import Routing
from wpb.forecast.affordability import Affordability
from wpb.forecast.care_model import CareModel
from wpb.forecast.conserved import forecast_conserved
from wpb.forecast.council_money import council_sections
from wpb.forecast.growth_rates import GrowthRates, growth_rates
from wpb.forecast.line_rates import LineRates
from wpb.forecast.phasing import scope_by_year, starting_level
from wpb.forecast.placeholders import (
    Placeholders,
    placeholder_section,
    placeholders,
    tell_placeholders,
)
from wpb.forecast.projection import carry_forward, growth_factors
from wpb.forecast.stage import Outlook, at_year_one, check_growth, forecast_stage, rates_of_lines
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.kernel.problems import ProblemLog
from wpb.scope.need_index import target_allocation
from wpb.scope.register import scope_register
from wpb.scope.review import ServiceSpend, check_scope_records, review_scope
from wpb.tables.methods.facts import BY_BLOCK_METHODS
from wpb.tables.model import Model
from wpb.tables.records import Route, Scope, Section
from wpb.tables.watched import Stage, watched

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Ground:
    """Scope and current spend: what stands before anything is carried to another year."""

    scope: Scope
    routing: Routing
    shares: SharesBuilt
    current: CurrentSpend
    adjusted: AdjustedSpend


@dataclass(frozen=True)
class Start:
    """The baseline, the rates that carry it on, and what the reviews of both said."""

    rates: GrowthRates
    taken: LineRates
    converted: tuple[Block, Block]
    joined: Block
    baseline: Block
    sections: tuple[Section, ...]


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
    """Small tables that the rooms hand on for the report and the workbook."""
    outlook: Outlook | None = None
    """The forecast with what was worked out on its way."""
    placeholders: Placeholders | None = None
    """What rests on rates and allocations that nobody knows yet."""
    stages: tuple[Stage[Ground], Stage[Start]] | None = None
    """The stages before the forecast, for a calculation that goes on from them."""

    @property
    def years(self) -> tuple[str, ...]:
        """The contract years."""
        return self.model.settings.years


def calculate(
    model: Model,
    book: AssumptionBook,
    progress: Progress = lambda stage: None,
    after: Budget | None = None,
) -> Budget:
    """Work out a budget from a model that was read and checked.

    after: a budget worked out before. Its stages before the forecast are taken as they stand where
    all they read is the very same; the rest is worked out as ever, so figures are the same with it
    and without.
    Raises InputProblems, with every problem found at the stage that stopped.
    Source: handbook 1.2; req 18, 174, 200, 367.
    """
    held = after.stages if after is not None else None
    ground = held[0] if held is not None and held[0].holds_for(model) else _ground(model, progress)
    start = (
        held[1]
        if held is not None and ground is held[0] and held[1].holds_for(model, book)
        else _start(ground, model, book, progress)
    )
    ledger, problems = start.on_from()
    scope, current, begun = ground.found.scope, ground.found.current, start.found
    progress("forecast")
    outlook = forecast_stage(
        model,
        scope,
        book,
        ledger,
        current.lines,
        begun.converted,
        begun.joined,
        begun.baseline,
        begun.taken,
        target_allocation,
        problems,
    )
    by_party = outlook.workings.residual.by_party
    forecast_conserved(ledger, begun.converted, outlook.affordability, by_party)
    council = _council_money(model, scope, ledger, current, outlook, problems)
    progress("assurance")
    assured = assurance_stage(_figures(model, scope, ledger, current, outlook), problems)
    resting = placeholders(model, book, current.lines, begun.baseline, outlook.affordability)
    tell_placeholders(resting, problems)
    problems.raise_if_errors()
    return Budget(
        model,
        book,
        scope,
        ledger,
        problems,
        ground.found.shares,
        current,
        ground.found.adjusted,
        begun.rates,
        begun.baseline,
        outlook.do_nothing,
        outlook.forecast,
        outlook.out_of_scope,
        outlook.impacts,
        outlook.affordability,
        (
            *begun.sections,
            *outlook.sections,
            *council,
            *assured,
            *([placeholder_section(resting)] if resting.found else []),
        ),
        outlook,
        resting,
        (ground, start),
    )


def _ground(told: Model, progress: Progress) -> Stage[Ground]:
    """Work out scope and current spend."""
    model, ledger, problems = watched(told), Ledger(), ProblemLog(list(told.warnings))
    progress("scope")
    scope = scope_register(model, problems)
    check_scope_records(model, problems)
    check_adjustments(model, problems)
    check_growth(model, problems)
    check_contract_form(model, problems)
    problems.raise_if_errors()
    progress("current spend")
    shares_asked = PopulationShares(model, scope, problems)
    routing = Routing(model, scope, ledger, shares_asked, problems)
    routes = _routes(routing)
    problems.raise_if_errors()
    shares = shares_asked.build(ledger)
    current = current_spend(routing, routes, shares)
    spend_conserved(routes, current)
    ledger_ties(model, current, ledger, problems)
    return Stage(
        Ground(scope, routing, shares, current, adjusted_spend(routing, current)),
        ledger,
        problems,
        model,
    )


def _start(
    ground: Stage[Ground], told: Model, book: AssumptionBook, progress: Progress
) -> Stage[Start]:
    """Work out the baseline and its rates, and review both."""
    model, (ledger, problems), found = watched(told), ground.on_from(), ground.found
    routing, scope, current = found.routing.on(model, ledger, problems), found.scope, found.current
    progress("baseline")
    rates = growth_rates(model, scope, book, current.lines, ledger, problems)
    taken = rates_of_lines(model, ledger, current.lines, rates, problems)
    converted = _convert(model, ledger, found.adjusted, taken.rates)
    joined = scope_by_year(model, scope, current.lines, ledger)
    baseline = starting_level(
        ledger, "baseline", converted[0], joined, at=model.settings.first_contract_year
    )
    ledger.movement(
        "baseline/joins_later",
        baseline,
        converted[0],
        "baseline",
        "Services that join the scope in a later year",
    )
    baseline_by_list(ledger, current, baseline, found.shares)
    baseline_conserved(
        ledger, found.adjusted, converted, baseline, bool(model.settings.conversion_steps)
    )
    schedule = ledger_schedule(model, current, found.adjusted, baseline)
    sections = (
        *([schedule] if schedule else []),
        *_reviews(routing, book, current, found.adjusted, baseline),
        *care_analysis(model, ledger, current, found.shares, baseline, problems),
    )
    return Stage(
        Start(rates, taken, converted, joined, baseline, sections), ledger, problems, model, book
    )


def _reviews(
    routing: Routing,
    book: AssumptionBook,
    current: CurrentSpend,
    adjusted: AdjustedSpend,
    baseline: Block,
) -> tuple[Section, ...]:
    """Make every check of scope and baseline that needs the figures, and give what a reader sees of
    them.

    Source: handbook 1.1.5, 2.4.1; req 37.
    """
    baseline_pence = float(baseline.value[0, :, 0].sum())
    spend = ServiceSpend(
        spend_by_service(current, current.in_scope), spend_by_service(current, current.out_of_scope)
    )
    scope = review_scope(routing.model, routing.scope, spend, baseline_pence, routing.problems)
    return (
        *scope,
        *review_baseline(routing, book, current, adjusted, baseline),
        *review_contracts(routing, current),
    )


def _council_money(
    model: Model,
    scope: Scope,
    ledger: Ledger,
    current: CurrentSpend,
    outlook: Outlook,
    problems: ProblemLog,
) -> tuple[Section, ...]:
    """Tell council money apart in the forecast, the care model's own lines with it.

    Source: overview 3.3.3; req 131, 132, 137.
    """
    impacts = outlook.impacts
    more = (
        {
            code: (line.commissioner, line.funding_stream)
            for code, line in zip(impacts.axis.codes, impacts.lines, strict=True)
        }
        if impacts
        else {}
    )
    return council_sections(model, scope, ledger, outlook.forecast, current.lines, more, problems)


def _routes(routing: Routing) -> list[Route]:
    """Send each contract and table down its route: priced, block, primary care, social care, or
    direct.

    Source: handbook 2.1, 2.6; req 19, 125.
    """
    routes: list[Route | None] = []
    for row, basis in enumerate(routing.model["contracts"].text("payment_basis")):
        routes.append(
            block_contract(routing, row)
            if basis in BY_BLOCK_METHODS
            else priced_contract(routing, row)
        )
    routes += [primary_care(routing), care_packages(routing), direct_spend(routing)]
    found = [route for route in routes if route is not None]
    for route in found:
        if route.lines and route.lines[0].contract:
            _contract_by_service(routing.ledger, route)
    return tag_regimes(routing, leave_out_agreed(routing, found))


def _contract_by_service(ledger: Ledger, route: Route) -> None:
    axis = Axis("service line", tuple(dict.fromkeys(line.service_line for line in route.lines)))
    into = [axis.positions[line.service_line] for line in route.lines]
    ledger.total(
        f"contract/{route.name}", axis, (route.spend, into), title="Contract by service line"
    )


def _convert(
    model: Model, ledger: Ledger, adjusted: AdjustedSpend, rates: GrowthRates
) -> tuple[Block, Block]:
    """Carry adjusted spend to contract year 1 by the model's conversion steps; each growth factor
    is applied once.

    Source: handbook 2.7; req 140.
    """
    settings = model.settings
    if not settings.conversion_steps:
        return adjusted.in_scope, adjusted.out_of_scope
    year = (settings.first_contract_year,)
    factors = growth_factors(
        ledger,
        "conversion_factor",
        rates.conversion,
        settings.efficiency_method.option,
        year,
        rates.summed,
    )
    inside = carry_forward(
        ledger, "baseline/conversion", adjusted.in_scope, factors, rates, "baseline"
    )
    outside = carry_forward(
        ledger, "out_of_scope/conversion", adjusted.out_of_scope, factors, rates, "out of scope"
    )
    return at_year_one(ledger, inside.after_efficiency), at_year_one(
        ledger, outside.after_efficiency
    )


def _figures(
    model: Model, scope: Scope, ledger: Ledger, current: CurrentSpend, outlook: Outlook
) -> Figures:
    """Hand the forecast's figures to assurance."""
    impacts, afford = outlook.impacts, outlook.affordability
    by_cell = {
        "allocation": afford.allocation,
        "forecast": afford.forecast,
        "out_of_scope": afford.out_of_scope,
        "headroom": afford.headroom,
    }
    return Figures(
        model=model,
        scope=scope,
        ledger=ledger,
        lines=current.lines,
        forecast=outlook.forecast,
        before_efficiency=outlook.inside.before_efficiency,
        after_efficiency=outlook.inside.after_efficiency,
        do_nothing=outlook.do_nothing,
        impact_lines=impacts.lines if impacts else (),
        impact_saving=impacts.saving if impacts else None,
        impact_net=impacts.net if impacts else None,
        cells=afford.cells,
        by_cell=by_cell,
        by_commissioner=afford.by_commissioner,
        by_stream=afford.by_stream,
        total=afford.total,
        residual_by_party=outlook.workings.residual.by_party,
    )
