"""The bridge: from current spend to the baseline, and from the baseline to each year's forecast,
step by step.

Source: handbook 1.2, 2.7, Fig 14, 3.3.2 Dudley; req 147, 171, 362.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wpb.baseline.adjustments import KIND_NAMES
from wpb.kernel.ledger import Axis, Block, Movement, difference
from wpb.kernel.money import round_parts, whole_pence
from wpb.run import Budget

CURRENT_SPEND, OUT_OF_SCOPE, UNMAPPED = "Current spend", "Out of scope", "Mapped to no one"
BASELINE_STAGES = ("current spend", "baseline")
Amounts = NDArray[np.float64]


@dataclass(frozen=True)
class Move:
    """One step of a bridge: its stage and name, its amounts in unrounded pence [row, year], its
    rule and its reason.
    """

    stage: str
    step: str
    axis: Axis
    years: tuple[str, ...] | None
    amounts: Amounts
    rule: str
    reason: str
    figure: str
    line_reasons: dict[str, str] = field(default_factory=dict)
    """Reasons of single lines, where the step has one for each."""

    @cached_property
    def by_year(self) -> Amounts:
        """The step's effect in each year, all rows added up."""
        return np.asarray(self.amounts.sum(axis=0), dtype=np.float64)


@dataclass(frozen=True)
class BridgeStep:
    """One step of a rounded bridge and where it leaves the total, in whole pence."""

    stage: str
    step: str
    amount_pence: int
    running_pence: int
    rule: str
    reason: str


@dataclass(frozen=True)
class Bridge:
    """A bridge in whole pence: opening + steps = closing, exactly."""

    opening: str
    opening_pence: int
    steps: tuple[BridgeStep, ...]
    closing: str
    closing_pence: int


def rule_name(block: Block) -> str:
    """Name the rule that made a figure; a difference of two levels is named by the rule of the
    later one.
    """
    if block.kind == "leaf":
        return "input"
    if block.rule is difference:
        return rule_name(block.inputs["after"].block)
    if block.kind == "sum":
        return rule_name(block.parts[0].block) if len(block.parts) == 1 else "sum"
    assert block.rule is not None
    return block.rule.__name__


def _move(
    stage: str,
    step: str,
    block: Block,
    reason: str = "",
    sign: float = 1.0,
    line_reasons: dict[str, str] | None = None,
) -> Move:
    return Move(
        stage,
        step,
        block.axis,
        block.years,
        sign * block.value[0],
        rule_name(block),
        reason,
        block.id,
        line_reasons or {},
    )


def _recorded(budget: Budget, movement: Movement) -> Move:
    by_line = _adjustment_reasons(budget, movement.step)
    reason = movement.reason or " ".join(dict.fromkeys(by_line.values()))
    return _move(movement.stage, movement.step, movement.block, reason, line_reasons=by_line)


def _adjustment_reasons(budget: Budget, step: str) -> dict[str, str]:
    table = budget.model["adjustments"]
    found: dict[str, list[str]] = {}
    for row, kind in enumerate(table.text("adjustment_kind")):
        if KIND_NAMES.get(kind) == step:
            code, line, counter, reason, parties, day = (
                str(table.columns[name][row])
                for name in (
                    "adjustment",
                    "budget_line",
                    "counter_line",
                    "reason",
                    "agreed_by",
                    "agreed_on",
                )
            )
            words = f"{code}: {reason.rstrip('.')} (agreed by {parties}, {day})."
            for each in (line, counter):
                if each:
                    found.setdefault(each, []).append(words)
    return {line: " ".join(words) for line, words in found.items()}


def baseline_moves(budget: Budget) -> list[Move]:
    """List the movements that add up to the baseline, from the whole of current spend.

    baseline = current spend - out of scope - mapped to no one + adjustments + conversion - services
    that join later.
    Source: handbook 2.1, 2.7; req 18, 99, 140, 147.
    """
    current = budget.current
    opening = [
        _move("current spend", CURRENT_SPEND, current.spend),
        _move(
            "current spend",
            OUT_OF_SCOPE,
            current.out_of_scope,
            "Services out of scope, and people on lists that take no part",
            -1.0,
        ),
        _move(
            "current spend", UNMAPPED, current.unmapped, "Spend that no record ties to anyone", -1.0
        ),
    ]
    return opening + [
        _recorded(budget, movement)
        for movement in budget.ledger.movements
        if movement.stage == "baseline"
    ]


def forecast_moves(budget: Budget) -> list[Move]:
    """List the movements of the forecast: in each year they add up to forecast less baseline.

    Source: handbook 3.3.2 Dudley, 3.4, 3.5; req 171, 362.
    """
    return [
        _recorded(budget, movement)
        for movement in budget.ledger.movements
        if movement.stage == "forecast"
    ]


def other_moves(budget: Budget) -> list[Move]:
    """List every other movement, such as those of spend out of scope."""
    return [
        _recorded(budget, movement)
        for movement in budget.ledger.movements
        if movement.stage not in (*BASELINE_STAGES, "forecast")
    ]


def spend_to_baseline(
    budget: Budget, spend_pence: int, out_of_scope_pence: int, unmapped_pence: int
) -> Bridge:
    """Bridge current spend to the baseline in whole pence; the three opening figures are given as
    they were rounded.

    Source: handbook 2.7; req 140, 147, 361.
    """
    moves = baseline_moves(budget)
    closing = whole_pence(float(budget.baseline.value[0].sum()))
    target = closing - spend_pence + out_of_scope_pence + unmapped_pence
    later = _rounded([float(move.by_year[0]) for move in moves[3:]], target)
    amounts = [-out_of_scope_pence, -unmapped_pence, *later]
    return _bridge(CURRENT_SPEND, spend_pence, moves[1:], amounts, "Baseline")


def baseline_to_forecast(budget: Budget, year: int) -> Bridge:
    """Bridge the baseline to one year's forecast in whole pence.

    Source: handbook 3.3.2 Dudley; req 171, 362.
    """
    moves = forecast_moves(budget)
    opening = whole_pence(float(budget.baseline.value[0].sum()))
    closing = whole_pence(float(budget.forecast.value[0, :, year].sum()))
    amounts = _rounded([float(move.by_year[year]) for move in moves], closing - opening)
    return _bridge("Baseline", opening, moves, amounts, f"Forecast {budget.years[year]}")


def _rounded(amounts: list[float], target: int) -> list[int]:
    return (
        round_parts(amounts, [f"{number:02d}" for number in range(len(amounts))], target)
        if amounts
        else []
    )


def _bridge(
    opening: str, opening_pence: int, moves: list[Move], amounts: list[int], closing: str
) -> Bridge:
    running, steps = opening_pence, []
    for move, amount in zip(moves, amounts, strict=True):
        running += amount
        steps.append(BridgeStep(move.stage, move.step, amount, running, move.rule, move.reason))
    return Bridge(opening, opening_pence, tuple(steps), closing, running)
