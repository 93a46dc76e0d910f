"""Current spend on the scope: every route's lines brought together, and each split into in scope,
out of scope and unmapped.

Source: handbook 2.1; req 18, 19, 99.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wpb.baseline.coverage import listed_coverage, with_coverage_grade
from wpb.baseline.population_shares import SharesBuilt
from wpb.baseline.routing import Routing, cell_leaf
from wpb.baseline.spend_subjects import with_repair_grade
from wpb.kernel.arithmetic import times
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.kernel.places import Cell
from wpb.tables.records import BudgetLines, Line, Route, Scope


@dataclass(frozen=True)
class CurrentSpend:
    """Spend on each budget line and its split: whole = in scope + unmapped + out of scope."""

    lines: BudgetLines
    spend: Block
    in_scope: Block
    unmapped: Block
    out_of_scope: Block


def in_scope_part(spend_pence: Array, population_share: Array, service_in_scope: Array) -> Array:
    """The part of a line for services and lists in scope: spend x share of lists in scope x 1 or 0
    for the service.

    Source: handbook 2.1, 2.3; req 18, 38.
    """
    return spend_pence * population_share * service_in_scope


def left_over(whole: Array, in_scope: Array, unmapped: Array) -> Array:
    """What is out of scope: whole - in scope - unmapped.

    Source: req 18, 99.
    """
    return whole - in_scope - unmapped


def gather_lines(routes: Sequence[Route]) -> BudgetLines:
    """Put the lines of all routes in one order, by line code, so that the order of input rows
    changes nothing.

    Source: handbook 2.1; req 18.
    """
    lines = sorted((line for route in routes for line in route.lines), key=lambda line: line.code)
    return BudgetLines(tuple(lines), Axis("budget line", tuple(line.code for line in lines)))


def current_spend(routing: Routing, routes: Sequence[Route], shares: SharesBuilt) -> CurrentSpend:
    """Split every line's spend by scope: services in, lists in, and what could be mapped to no one.

    Source: handbook 2.1, 2.4.5; req 18, 19, 38, 99.
    """
    covered = listed_coverage(routing.model)
    ledger, budget = (
        routing.ledger,
        gather_lines(
            [
                with_repair_grade(routing.model, with_coverage_grade(routing.model, covered, route))
                for route in routes
            ]
        ),
    )
    parts = [
        (route.spend, [budget.axis.positions[line.code] for line in route.lines])
        for route in routes
    ]
    spend = ledger.total("spend", budget.axis, *parts, title="Current spend")
    profile = np.array(
        [shares.axis.positions[line.population] for line in budget.lines], dtype=np.int64
    )
    flag = _service_flag(ledger, budget, routing.scope)
    in_scope = ledger.add(
        "spend_in_scope",
        in_scope_part,
        budget.axis,
        "pence",
        spend_pence=spend,
        population_share=Ref(shares.in_scope, profile),
        service_in_scope=flag,
        title="Current spend in scope",
    )
    unmapped = ledger.add(
        "spend_unmapped",
        times,
        budget.axis,
        "pence",
        quantity=spend,
        factor=Ref(shares.unmapped, profile),
        title="Current spend mapped to no one",
    )
    out = ledger.add(
        "spend_out_of_scope",
        left_over,
        budget.axis,
        "pence",
        whole=spend,
        in_scope=in_scope,
        unmapped=unmapped,
        title="Current spend out of scope",
    )
    return CurrentSpend(budget, spend, in_scope, unmapped, out)


def _service_flag(ledger: Ledger, budget: BudgetLines, scope: Scope) -> Block:
    flags = [
        float(scope.line_in_scope(line) and line.element not in ("excluded", "pass_through"))
        for line in budget.lines
    ]
    return cell_leaf(
        ledger,
        "service_in_scope",
        budget.axis,
        "flag",
        flags,
        lambda row: _place(budget.lines[row], scope),
        "Whether the service is in scope",
    )


def _place(line: Line, scope: Scope) -> Cell:
    return (
        line.place
        if line.element in ("excluded", "pass_through") and line.place
        else scope.place_of_scope(line)
    )


def spend_by_service(current: CurrentSpend, amounts: Block) -> dict[str, float]:
    """Add a split of current spend up by service line, in pence.

    Source: handbook 2.1; req 18.
    """
    found: dict[str, float] = {}
    for line, amount in zip(current.lines.lines, amounts.value[0, :, 0].tolist(), strict=True):
        found[line.service_line] = found.get(line.service_line, 0.0) + amount
    return found
