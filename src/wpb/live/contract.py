"""A live contract on one screen: frozen forecast, dated events, versions, payments, settlement
ledger.

Every figure is a function of the events and of the budget as it stood when the contract was agreed.
Source: handbook 4.1-4.5; overview 2; req 210-212, 215, 219, 234, 244, 369.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from wpb.contract.event_checks import check_events
from wpb.contract.events import Event, read_events
from wpb.contract.forms import check_roles
from wpb.contract.money_flow import Payments
from wpb.contract.one_offs import (
    agreed_sums,
    delivered_activity,
    earned_incentives,
    outside_providers,
)
from wpb.contract.periodic import (
    Decision,
    FactorEffect,
    NewFigure,
    decide,
    factor_rows,
    new_figures,
    new_less_old,
)
from wpb.contract.table_checks import check_personal_budgets, check_tables
from wpb.contract.terms import Terms, on_day, read_terms
from wpb.contract.versions import ContractHistory, History
from wpb.contract.vintages import OverlaidBook
from wpb.contract.wpb_tree import whole_pence_tree
from wpb.incentives.payment import earned_of_payment
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.explain import explain
from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.live.incentives import LiveIncentives, live_incentives
from wpb.live.sealed import Held, read_held
from wpb.live.sharing import SharingSettled, model_arrangements, settle_sharing
from wpb.run import Budget, Progress, calculate
from wpb.settlement.ledger import SettlementLedger, check_seals
from wpb.settlement.months import Calendar
from wpb.settlement.replay import Memory, Plan, replay
from wpb.sharing.parties import PartyArrangement
from wpb.tables import contract_life
from wpb.tables.contract_records import FrozenLines, StandingVersion, Succession, Tree
from wpb.tables.model import Model
from wpb.tables.sealed_record import SealedRecord


@dataclass
class LiveContract:
    """A contract as it stands: what it rests on, its versions, and the ledger of what is paid."""

    model: Model
    book: AssumptionBook
    as_known_on: datetime.date | None
    budget: Budget
    terms: Terms
    history: ContractHistory
    decisions: dict[str, Decision]
    payments: Payments
    trees: dict[int, Tree]
    ledger: Ledger
    """The contract's calculation ledger; its blocks rest on those of the budget."""
    plan: Plan
    settlement: SettlementLedger
    problems: ProblemLog
    budgets: dict[tuple[Any, ...], Budget] = field(default_factory=dict)
    sharing: SharingSettled = field(default_factory=SharingSettled)
    """Gains and losses shared: statements of each outturn, and what is paid for them."""
    incentives: LiveIncentives = field(default_factory=LiveIncentives)
    held: Held = field(default_factory=lambda: Held(SealedRecord(), {}))
    """What was signed and closed, and where working it out would differ today."""

    def tree(self, known_on: datetime.date | None = None) -> Tree:
        """The tree of the version that held on a day, in whole pence."""
        return self.trees[self.history.at(known_on).number]

    def explain(self, figure: str, depth: int | None = None) -> dict[str, Any]:
        """Give the tree of a figure of the contract, down to cells and citations.

        Raises UsageProblem for a figure that isn't there.
        """
        return explain(
            (
                self.ledger
                if figure.strip("/") in self.ledger or figure.startswith("wpb")
                else self.budget.ledger
            ),
            figure,
            depth,
        )


def live_contract(
    model: Model,
    book: AssumptionBook,
    as_known_on: datetime.date | None = None,
    progress: Progress = lambda stage: None,
    before: LiveContract | None = None,
    arrangements: Sequence[PartyArrangement] | None = None,
) -> LiveContract:
    """Work out a contract from its frozen forecast and its events, as known on a day.

    before: an earlier working-out, whose budgets and instalments are used again where nothing they
    rest on changed.
    arrangements: the gain/loss arrangements settled in it; without them, those of the model's
    folder.

    Raises InputProblems with every problem found.
    Source: handbook 4.1-4.5; req 210-212, 244, 369, 385.
    """
    problems = ProblemLog(list(model.warnings))
    terms = read_terms(model, problems)
    held = read_held(model, as_known_on, problems)
    problems.raise_if_errors()
    assert terms is not None
    events = _checked_events(model, terms, as_known_on, problems)
    budgets = dict(before.budgets) if before is not None else {}
    frozen = _frozen_budget(model, book, events, as_known_on, budgets, progress)
    ledger, lines = Ledger(), frozen_lines(frozen)
    progress("periodic agreements")
    decisions = _decisions(model, frozen, events, terms, lines, ledger, budgets, problems)
    problems.raise_if_errors()
    progress("versions")
    rates = {
        code: decision.rate for code, decision in decisions.items() if decision.rate is not None
    }
    builder = History(model, terms, lines, ledger, problems, rates)
    check_personal_budgets(model, builder.tree, problems)
    history = builder.build(events, on_day(model.settings.prepared_on))
    problems.raise_if_errors()
    progress("payments")
    payments = Payments(
        model, terms, lines, history.tree.cells, history.tree.part, ledger, problems
    )
    problems.raise_if_errors()
    trees = held.trees(
        history, {version.number: whole_pence_tree(version) for version in history.versions}
    )
    incentives = live_incentives(model, terms, ledger, as_known_on, problems)
    problems.raise_if_errors()
    plan = _plan(
        model,
        terms,
        history,
        payments,
        trees,
        ledger,
        incentives,
        as_known_on,
        before.plan.memory if before is not None else {},
        held,
        problems,
    )
    problems.raise_if_errors()
    progress("gains and losses")
    sharing = _sharing(
        model, frozen, lines, plan, arrangements, ledger, incentives, as_known_on, problems
    )
    problems.raise_if_errors()
    plan = replace(plan, items=[*plan.items, *sharing.items])
    progress("settlement")
    settlement = held.settlement(plan, replay(plan))
    held.tell(model, terms, problems)
    check_seals(settlement, _seals(model, as_known_on), problems)
    problems.raise_if_errors()
    return LiveContract(
        model,
        book,
        as_known_on,
        frozen,
        terms,
        history,
        decisions,
        payments,
        trees,
        ledger,
        plan,
        settlement,
        problems,
        budgets,
        sharing,
        incentives,
        held,
    )


def _checked_events(
    model: Model, terms: Terms, as_known_on: datetime.date | None, problems: ProblemLog
) -> list[Event]:
    """Read the events known on a day, and check them with the tables that they rest on."""
    entered = read_events(model)
    events = [event for event in entered if as_known_on is None or event.known_on <= as_known_on]
    check_events(entered, events, model, terms, problems)
    check_roles(model, problems)
    check_tables(model, terms, problems)
    _check_inputs_known(model, events, problems)
    problems.raise_if_errors()
    return events


def _check_inputs_known(model: Model, events: list[Event], problems: ProblemLog) -> None:
    """Refuse an agreement dated before what it rests on was known.

    Source: handbook 4.1, 4.3; req 213.
    """
    for event in (event for event in events if event.kind == "agreement"):
        prepared = on_day(model.settings.prepared_on)
        if event.known_on < prepared:
            problems.error(
                event.place,
                f"The contract was agreed on {event.known_on}, and its inputs were not known until"
                f" {prepared}.",
                "Correct the day of the agreement, or prepared_on in the settings.",
                "agreed_before_inputs",
            )


def _frozen_budget(
    model: Model,
    book: AssumptionBook,
    events: list[Event],
    as_known_on: datetime.date | None,
    budgets: dict[tuple[Any, ...], Budget],
    progress: Progress,
) -> Budget:
    """Calculate the budget the contract rests on: as known when it was agreed, whatever was
    published since.
    """
    agreed = [event.known_on for event in events if event.kind == "agreement"]
    asked = [
        day
        for day in (
            *agreed,
            as_known_on,
            on_day(model.settings.known_on) if model.settings.known_on else None,
        )
        if day is not None
    ]
    known_on = min(asked).isoformat() if asked else ""
    return _calculated(model, book, known_on, (), budgets, progress)


def _calculated(
    model: Model,
    book: AssumptionBook,
    known_on: str,
    figures: tuple[NewFigure, ...],
    budgets: dict[tuple[Any, ...], Budget],
    progress: Progress,
) -> Budget:
    """Calculate a budget, or take the one that was calculated from the same inputs before."""
    contract_tables = {f"inputs/{table.spec.name}.csv" for table in contract_life.TABLES}
    inputs = tuple(
        sorted(
            (file, digest)
            for file, digest in model.input_hashes.items()
            if file not in contract_tables
        )
    )
    key = (
        inputs,
        id(model) if not inputs else 0,
        known_on,
        tuple((figure.assumption, figure.year, figure.new_value) for figure in figures),
    )
    if key not in budgets:
        at = (
            replace(model, settings=replace(model.settings, known_on=known_on))
            if known_on
            else model
        )
        budgets[key] = calculate(at, OverlaidBook(book, figures), progress)
    return budgets[key]


def frozen_lines(budget: Budget) -> FrozenLines:
    """Take the lines of a budget as a contract rests on them, the care model's own lines included.

    Source: handbook 3.6, 4.1; req 210, 213.
    """
    lines = {
        line.code: (
            line.commissioner,
            line.funding_stream,
            line.element,
            line.service_line,
            line.provider,
        )
        for line in budget.current.lines.lines
    }
    care = budget.care_model
    if care is not None:
        for code, impact in zip(care.axis.codes, care.lines, strict=True):
            lines.setdefault(
                code, (impact.commissioner, impact.funding_stream, "wpap", impact.service_line, "")
            )
    inside = [lines[code] for code in budget.forecast.axis.codes]
    profiles = {
        line.code: budget.shares.axis.positions[line.population]
        for line in budget.current.lines.lines
    }
    outside = [code for code in budget.out_of_scope.axis.codes if code in profiles]
    own = [lines[code] for code in budget.out_of_scope.axis.codes]
    excluded = {
        line.code
        for line in budget.current.lines.lines
        if line.element in ("excluded", "pass_through")
    }
    services = tuple(
        "" if code in excluded or code not in profiles else line[3]
        for code, line in zip(budget.out_of_scope.axis.codes, own, strict=True)
    )
    return FrozenLines(
        codes=budget.forecast.axis.codes,
        commissioner=tuple(line[0] for line in inside),
        funding_stream=tuple(line[1] for line in inside),
        element=tuple(
            "wpap" if line[2] not in ("activity_paid", "incentive") else line[2] for line in inside
        ),
        service_line=tuple(line[3] for line in inside),
        provider=tuple(line[4] for line in inside),
        forecast=budget.forecast,
        outside_service_line=services,
        outside_commissioner=tuple(line[0] for line in own),
        outside_stream=tuple(line[1] for line in own),
        out_of_scope=budget.out_of_scope,
        population_share=budget.shares.in_scope,
        profile=(
            np.array(
                [profiles.get(code, 0) for code in budget.out_of_scope.axis.codes], dtype=np.int64
            )
            if outside
            else np.zeros(len(own), dtype=np.int64)
        ),
        allocation=budget.affordability.allocation,
        out_of_scope_total=budget.affordability.out_of_scope,
    )


def _decisions(
    model: Model,
    frozen: Budget,
    events: list[Event],
    terms: Terms,
    lines: FrozenLines,
    ledger: Ledger,
    budgets: dict[tuple[Any, ...], Budget],
    problems: ProblemLog,
) -> dict[str, Decision]:
    """Recalculate for each periodic agreement and re-opener, one factor after another, and set out
    what was agreed.

    A later one starts from the figures of those before it, but for figures that were refused: those
    stay as they were.
    Source: handbook 4.3.1; req 218-223.
    """
    found: dict[str, Decision] = {}
    laid_over: tuple[NewFigure, ...] = ()
    old = {(used.key, used.year): used.value for used in frozen.book.used}
    cells = Axis(
        "commissioner and stream",
        tuple(
            sorted(
                {f"{c}.{s}" for c, s in zip(lines.commissioner, lines.funding_stream, strict=True)}
            )
        ),
    )
    level = _annual_payment_lines(frozen, cells, "wpb/periodic/start", ledger)
    for event in (event for event in events if event.kind in ("periodic_agreement", "re_opener")):
        factors: list[FactorEffect] = []
        stood = laid_over, dict(old), level
        for factor, row in factor_rows(event, model, problems):
            figures = new_figures(event, factor, row, model, old, problems)
            firing = tuple(figure for figure in figures if figure.counts)
            if problems.errors or not firing:
                factors.append(FactorEffect(factor, tuple(figures), None))
                continue
            laid_over = (*laid_over, *firing)
            old.update({(figure.assumption, figure.year): figure.new_value for figure in firing})
            recalculated = _calculated(
                model,
                frozen.book,
                frozen.model.settings.known_on,
                laid_over,
                budgets,
                lambda stage: None,
            )
            name = f"wpb/periodic/{event.code}/{factor}"
            after = _annual_payment_lines(recalculated, cells, f"{name}/lines", ledger)
            change = ledger.add(
                name,
                new_less_old,
                cells,
                "pence",
                terms.years,
                f"Effect of {factor}",
                new_pence=after,
                old_pence=level,
            )
            level = after
            factors.append(FactorEffect(factor, tuple(figures), change))
        found[event.code] = decide(event, model, factors, cells, terms, ledger)
        if event.accepted_share == 0:
            laid_over, old, level = stood
    return found


def _annual_payment_lines(budget: Budget, cells: Axis, name: str, ledger: Ledger) -> Block:
    lines = frozen_lines(budget)
    into = [
        cells.positions[f"{c}.{s}"] if element == "wpap" else -1
        for c, s, element in zip(
            lines.commissioner, lines.funding_stream, lines.element, strict=True
        )
    ]
    return ledger.total(
        name, cells, (lines.forecast, into), title="Forecast lines of the annual payment"
    )


def _plan(
    model: Model,
    terms: Terms,
    history: ContractHistory,
    payments: Payments,
    trees: dict[int, Tree],
    ledger: Ledger,
    incentives: LiveIncentives,
    known_on: datetime.date | None,
    memory: Memory,
    held: Held,
    problems: ProblemLog,
) -> Plan:
    """Bring together what settlement needs: standing payments by version, items by month,
    successions, disputes.
    """
    agreed = [version for version in history.versions if version.number > 0]
    calendar = Calendar(terms.starts_on, terms.notice_days, held.closed(model), terms.profile)

    def standing_of(of: dict[int, Tree]) -> list[StandingVersion]:
        return [
            StandingVersion(
                version.number,
                version.event,
                version.known_on,
                version.effective_on,
                payments.standing(version, of[version.number]),
            )
            for version in agreed
        ]

    standing = held.standing(terms, history, calendar, standing_of, trees)
    if standing:
        payments.check_passed_on(standing[-1].payments, trees[agreed[-1].number], problems)
        payments.tell_unpaid(trees[agreed[-1].number], problems)
    items = (
        [
            *outside_providers(model, terms, ledger, known_on, problems),
            *delivered_activity(model, terms, ledger, known_on, problems),
            *earned_incentives(
                model,
                terms,
                history,
                ledger,
                known_on,
                earned_of_payment,
                incentives.achieved,
                payments.payees,
            ),
            *incentives.items,
            *agreed_sums(history.events, terms, payments.subcontracts, ledger),
        ]
        if agreed
        else []
    )
    successions = [
        Succession(event.party, event.counterparty, event.effective_on, event.code, event.known_on)
        for event in history.events
        if event.kind == "succession"
    ]
    resolved = {
        event.refers_to: event.known_on
        for event in history.events
        if event.kind in ("payment", "correction")
    }
    disputes = [
        (event.code, event.known_on, resolved.get(event.code))
        for event in history.events
        if event.kind == "dispute"
    ]
    return Plan(
        terms.years,
        calendar,
        terms.in_year_rule,
        [(version.number, version.ends_on) for version in history.versions],
        standing,
        items,
        successions,
        disputes,
        memory,
    )


def _sharing(
    model: Model,
    frozen: Budget,
    lines: FrozenLines,
    plan: Plan,
    arrangements: Sequence[PartyArrangement] | None,
    ledger: Ledger,
    incentives: LiveIncentives,
    known_on: datetime.date | None,
    problems: ProblemLog,
) -> SharingSettled:
    """Settle the arrangements whose outturn the model has, between parties that pay each other
    under the contract.
    """
    if not len(model["sharing_outturn"]) or not plan.versions:
        return SharingSettled()
    pairs = {
        (standing.payer, standing.payee)
        for version in plan.versions
        for standing in version.payments.values()
    }
    return settle_sharing(
        model,
        frozen,
        lines,
        model_arrangements(model.arrangements_place) if arrangements is None else arrangements,
        pairs,
        ledger,
        known_on,
        problems,
        incentives.achieved,
    )


def _seals(model: Model, known_on: datetime.date | None) -> dict[str, str]:
    table = model["closed_months"]
    return {
        month: kept
        for month, day, kept in zip(
            *(table.text(name) for name in ("month", "closed_on", "seal")), strict=True
        )
        if kept and (known_on is None or on_day(day) <= known_on)
    }


def version_named(live: LiveContract, name: str) -> int:
    """Find a version by its name, v0 and so on, by its event, or by a day.

    Raises UsageProblem where there is none.
    Source: handbook 4.3.1; req 369.
    """
    for version in live.history.versions:
        if name in (
            version.name,
            version.event,
            version.status if version.status != "updated" else "",
        ):
            return version.number
    try:
        return live.history.at(datetime.date.fromisoformat(name)).number
    except ValueError:
        raise UsageProblem(
            f"there is no version '{name}'; there are"
            f" {', '.join(version.name for version in live.history.versions)}, and days such as"
            " 2028-04-01"
        ) from None
