"""The adjustment ledger: from current spend to the baseline, each entry with its reason, evidence
and parties.

Source: handbook 2.7; req 140-147.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.baseline.current_spend import CurrentSpend
from wpb.baseline.repaired import Repaired, repaired_spend
from wpb.baseline.roll_forward import Levels
from wpb.baseline.routing import Routing, cell_leaf
from wpb.kernel.arithmetic import apportion, less
from wpb.kernel.ledger import Array, Axis, Block, Ref, Rows
from wpb.kernel.money import whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.leaves import table_leaf
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn
from wpb.tables.schema import TypedTable

PROHIBITED = {
    "match_provider_cost": "raises spend to match the costs of an inefficient provider",
    "close_reference_cost_gap": "closes the gap between national prices and reference costs",
}
"""Handbook 2.7: the two adjustments that would mute the policy on provider efficiency."""

KIND_NAMES = {
    "investment": "Planned service investment",
    "anomaly": "Data anomalies corrected",
    "one_off": "One-off effects removed",
    "cross_subsidy": "Provider cross-subsidy unwound",
    "activity_mismatch": "Spend matched to current activity",
    "affordability": "Adjusted to affordable spend",
    "efficient_cost": "Adjusted to efficient cost",
}


WHOLE_LINE = "whole_line"
"""falls_on: the amount is for the whole of its line, in scope and out."""
ADJUSTMENT_WORDS = (
    "adjustment",
    "adjustment_kind",
    "falls_on",
    "counter_line",
    "reason",
    "evidence",
    "agreed_by",
    "agreed_on",
)


@dataclass(frozen=True)
class AdjustedSpend:
    """Spend after adjustments, in scope and out of it, on the budget lines."""

    in_scope: Block
    out_of_scope: Block
    repaired: Repaired


def check_adjustments(model: Model, problems: ProblemLog) -> None:
    """Refuse the two prohibited adjustments, and entries without evidence or agreement.

    Source: handbook 2.7; req 144, 145, 146.
    """
    table = model["adjustments"]
    for row, kind in enumerate(table.text("adjustment_kind")):
        if kind in PROHIBITED:
            problems.error(
                table.where(row, "adjustment_kind"),
                f"Adjustment {table.columns['adjustment'][row]} {PROHIBITED[kind]}; the handbook"
                " (2.7) does not allow it.",
                "Take the row out.",
                "adjustment_prohibited",
            )
        if kind == "cross_subsidy" and not table.columns["counter_line"][row]:
            problems.error(
                table.where(row, "counter_line"),
                f"Adjustment {table.columns['adjustment'][row]} unwinds a cross-subsidy and names"
                " no counter line.",
                "Name the out-of-scope line that takes the opposite entry.",
                "counter_line_missing",
            )


def plus(before_pence: Array, adjustment_pence: Array) -> Array:
    """Spend with its adjustments: before + adjustments.

    Source: handbook 2.7; req 140, 141, 143.
    """
    return before_pence + adjustment_pence


def recurrent_only(out_of_scope_pence: Array, unmapped_pence: Array, recurrent: Array) -> Array:
    """Out-of-scope spend that recurs, with what was mapped to no one: (out of scope + unmapped) x 1
    or 0.

    Source: handbook 3.3.1; req 152, 201.
    """
    return (out_of_scope_pence + unmapped_pence) * recurrent


def adjusted_spend(routing: Routing, current: CurrentSpend) -> AdjustedSpend:
    """Repair the spend, then apply every adjustment, kind by kind, each a movement of the bridge
    from spend to baseline.

    A cross-subsidy has its opposite entry on an out-of-scope line.
    Source: handbook 2.7; req 140, 141, 142, 143, 146, 147, 152.
    """
    table, ledger, budget = routing.model["adjustments"], routing.ledger, current.lines
    _check_lines(routing, current)
    flags = [float(line.recurrent) for line in budget.lines]
    recurrent = cell_leaf(
        ledger,
        "recurrent",
        budget.axis,
        "flag",
        flags,
        lambda row: budget.lines[row].place or table.where(0, "amount"),
        "Whether the money recurs",
    )
    outside = ledger.add(
        "out_of_scope/recurrent",
        recurrent_only,
        budget.axis,
        "pence",
        out_of_scope_pence=current.out_of_scope,
        unmapped_pence=current.unmapped,
        recurrent=recurrent,
        title="Recurrent spend out of scope",
    )
    repaired = repaired_spend(
        routing.model, ledger, budget, Levels(current.in_scope, outside), routing.problems
    )
    inside, outside = repaired.levels.inside, repaired.levels.outside
    if not len(table):
        return AdjustedSpend(inside, outside, repaired)
    axis = Axis("adjustment", tuple(table.text("adjustment")))
    amount = table_leaf(
        ledger, "adjustment/amount", axis, "pence", table, "amount", range(len(table)), "Adjustment"
    )
    opposite = ledger.add(
        "adjustment/counter_entry",
        _opposite,
        axis,
        "pence",
        amount_pence=amount,
        title="Opposite entry",
    )
    split = _split(routing, current, amount)
    for kind in dict.fromkeys(table.text("adjustment_kind")):
        into_in, into_out, into_counter = _targets(table, current, kind)
        whole = np.array([way == WHOLE_LINE for way in table.text("falls_on")])
        parts_in = [(amount, np.where(whole, -1, into_in))]
        parts_out = [(amount, into_out), (opposite, into_counter)]
        if split is not None:
            parts_in.append((split[0], np.where(whole, into_in, -1)))
            parts_out.append((split[1], np.where(whole, into_in, -1)))
        inside = _step(routing, f"baseline/{kind}", inside, parts_in, kind, "baseline")
        if any((into >= 0).any() for _, into in parts_out):
            outside = _step(
                routing, f"out_of_scope/{kind}", outside, parts_out, kind, "out of scope"
            )
    return AdjustedSpend(inside, outside, repaired)


def _split(routing: Routing, current: CurrentSpend, amount: Block) -> tuple[Block, Block] | None:
    """The part in scope, and the rest, of amounts that are for the whole of a line: amount x spend
    in scope / spend. None where there are no such amounts.

    Raises InputProblems where such a line has no spend to split by.
    """
    table, ledger = routing.model["adjustments"], routing.ledger
    if WHOLE_LINE not in table.text("falls_on"):
        return None
    positions = current.lines.axis.positions
    rows = np.array([positions.get(code, 0) for code in table.text("budget_line")], dtype=np.int64)
    for row, way in enumerate(table.text("falls_on")):
        if way == WHOLE_LINE and not current.spend.at(int(rows[row]), 0):
            routing.problems.error(
                table.where(row, "falls_on"),
                f"Adjustment {table.columns['adjustment'][row]} is for a whole line that has no"
                " spend, so nothing says how much of it is in scope.",
                "Enter in_scope_part with the amount in scope.",
                "adjustment_no_spend",
            )
    routing.problems.raise_if_errors()
    inside = ledger.add(
        "adjustment/in_scope_part",
        apportion,
        amount.axis,
        "pence",
        total_pence=amount,
        weight=Ref(current.in_scope, rows),
        all_weights=Ref(current.spend, rows),
        title="Part in scope of an adjustment of the whole line",
    )
    outside = ledger.add(
        "adjustment/out_of_scope_part",
        less,
        amount.axis,
        "pence",
        whole=amount,
        part=inside,
        title="Part out of scope of an adjustment of the whole line",
    )
    return inside, outside


def _opposite(amount_pence: Array) -> Array:
    """The counter-entry of a cross-subsidy: the same amount with the other sign.

    Source: handbook 2.7; req 142.
    """
    return -amount_pence


def _targets(table: TypedTable, current: CurrentSpend, kind: str) -> tuple[Rows, Rows, Rows]:
    positions = current.lines.axis.positions
    target = np.array(
        [positions.get(code, -1) for code in table.text("budget_line")], dtype=np.int64
    )
    counter = np.array(
        [positions.get(code, -1) for code in table.text("counter_line")], dtype=np.int64
    )
    of_kind = np.array([found == kind for found in table.text("adjustment_kind")])
    in_scope = np.array([current.in_scope.at(int(row), 0) != 0 for row in np.maximum(target, 0)])
    return (
        np.where(of_kind & in_scope, target, -1),
        np.where(of_kind & ~in_scope, target, -1),
        np.where(of_kind, counter, -1),
    )


def _step(
    routing: Routing,
    block_id: str,
    before: Block,
    parts: list[tuple[Block, Rows]],
    kind: str,
    stage: str,
) -> Block:
    ledger = routing.ledger
    movement = ledger.total(f"{block_id}_adjustment", before.axis, *parts, title=KIND_NAMES[kind])
    ledger.record(stage, KIND_NAMES[kind], movement)
    return ledger.add(
        block_id,
        plus,
        before.axis,
        "pence",
        before_pence=before,
        adjustment_pence=movement,
        title=f"After: {KIND_NAMES[kind].lower()}",
    )


def _check_lines(routing: Routing, current: CurrentSpend) -> None:
    table, positions = routing.model["adjustments"], current.lines.axis.positions
    for row, code in enumerate(table.text("budget_line")):
        if code not in positions:
            routing.problems.error(
                table.where(row, "budget_line"),
                f"There is no budget line '{code}'.",
                "Use a line code as the run lists them, for example in results/budget_lines.csv.",
                "line_unknown",
            )
        counter = str(table.columns["counter_line"][row])
        if counter and counter not in positions:
            routing.problems.error(
                table.where(row, "counter_line"),
                f"There is no budget line '{counter}'.",
                "Use a line code as the run lists them.",
                "line_unknown",
            )
        elif counter and current.in_scope.at(positions[counter], 0) != 0:
            routing.problems.error(
                table.where(row, "counter_line"),
                f"The counter line '{counter}' is in scope.",
                "A cross-subsidy is unwound against a line out of scope.",
                "counter_line_in_scope",
            )
    routing.problems.raise_if_errors()


def adjustments_section(model: Model, current: CurrentSpend) -> Section:
    """List every adjustment made by hand: pounds, the line's spend and its share in scope, reason,
    evidence, parties and date.

    Source: handbook 2.7; req 145, 146.
    """
    columns = (
        SectionColumn("adjustment", "Adjustment", "code"),
        SectionColumn("line", "Budget line", "code"),
        SectionColumn("kind", "Kind"),
        SectionColumn("amount_pence", "Amount", "pounds"),
        SectionColumn("falls_on", "Falls on"),
        SectionColumn("in_scope_pence", "In scope", "pounds"),
        SectionColumn("out_of_scope_pence", "Out of scope", "pounds"),
        SectionColumn("spend_pence", "Spend of the line", "pounds"),
        SectionColumn("share_in_scope", "Share in scope", "share"),
        SectionColumn("counter_line", "Opposite entry on"),
        SectionColumn("reason", "Why"),
        SectionColumn("evidence", "Evidence"),
        SectionColumn("agreed_by", "Agreed by"),
        SectionColumn("agreed_on", "Agreed on"),
    )
    table, rows = model["adjustments"], []
    amounts, positions = table.numbers("amount"), current.lines.axis.positions
    for row, code in enumerate(table.text("budget_line")):
        text = {name: str(table.columns[name][row]) for name in ADJUSTMENT_WORDS}
        spend = current.spend.at(positions[code], 0)
        inside = current.in_scope.at(positions[code], 0)
        share = inside / spend if spend else 0.0
        on_scope = share if text["falls_on"] == WHOLE_LINE else float(inside != 0)
        amount = float(amounts[row])
        part = whole_pence(amount * on_scope)
        rows.append(
            (
                text["adjustment"],
                code,
                KIND_NAMES[text["adjustment_kind"]],
                whole_pence(amount),
                text["falls_on"].replace("_", " "),
                part,
                whole_pence(amount) - part,
                whole_pence(spend),
                share,
                text["counter_line"],
                text["reason"],
                text["evidence"],
                text["agreed_by"],
                text["agreed_on"],
            )
        )
    return Section(
        "hand_adjustments",
        "Adjustments made by hand",
        "What was added to or taken from a line by agreement, with its evidence and parties.",
        columns,
        tuple(rows),
    )
