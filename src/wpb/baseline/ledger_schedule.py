"""The schedule from the commissioners' ledger to the normalised recurrent baseline: what replaces
which accounts, what does not recur, and each adjustment with its reason. It ties at both ends.

Source: handbook 2.4.1, 2.7; req 437, 439.
"""

from __future__ import annotations

import numpy as np

from wpb.baseline.adjustments import KIND_NAMES, AdjustedSpend
from wpb.baseline.current_spend import CurrentSpend
from wpb.kernel.ledger import Block
from wpb.kernel.money import round_parts, whole_pence
from wpb.tables.model import Model
from wpb.tables.records import Line, Section, SectionColumn

NAME = "ledger_to_baseline"
HELD_BY = {"primary_care": "primary_care", "care_package": "care_packages"}
"""Payment bases whose lines one account covers whole: what the ledger calls them."""
Row = tuple[str, str, float, bool]
"""What, why, pence, and whether it is a level."""


def ledger_schedule(
    model: Model, current: CurrentSpend, adjusted: AdjustedSpend, baseline: Block
) -> Section | None:
    """Give the schedule as a section, in whole pence; None where there is no ledger.

    ledger + (what stands in place of accounts - those accounts) = spend;
    spend - non-recurrent + repairs + adjustments = normalised recurrent spend;
    less out of scope, plus growth to year 1, = baseline.
    Source: handbook 2.4.1, 2.7; req 437, 439.
    """
    table = model["commissioner_ledger"]
    if not len(table):
        return None
    rows: list[Row] = [("Ledger", "", float(table.numbers("ledger_value").sum()), True)]
    rows += _replaced(model, current)
    spend = _sum(current.spend)
    rows.append(("Spend in the model", "", spend, True))
    rows += _normalised(model, current, adjusted, spend)
    inside, outside = _sum(adjusted.in_scope), _sum(adjusted.out_of_scope)
    rows.append(("Normalised recurrent spend", "", inside + outside, True))
    rows.append(("Out of scope", "Running costs, reserves and services left out", -outside, False))
    rows.append(("Growth and scope to contract year 1", "", _sum(baseline) - inside, False))
    rows.append(("Baseline", "", _sum(baseline), True))
    return Section(
        NAME,
        "From the ledger to the baseline",
        "Each total is the one above with what stands between them.",
        (
            SectionColumn("what", "What"),
            SectionColumn("why", "Why"),
            SectionColumn("amount", "Amount", "pounds"),
            SectionColumn("is_total", "Total", "yes_no"),
        ),
        tuple(_whole(rows)),
    )


def _sum(block: Block) -> float:
    return float(block.value[0, :, 0].sum())


def _replaced(model: Model, current: CurrentSpend) -> list[Row]:
    """For each account group, the accounts off and what stands in their place on, where these are
    a contract's or payments'; for the rest only what is apart.
    """
    table = model["commissioner_ledger"]
    ledger: dict[str, float] = {}
    for cover, value in zip(table.text("covers"), table.numbers("ledger_value"), strict=True):
        ledger[cover] = ledger.get(cover, 0.0) + float(value)
    contracts = set(model["contracts"].text("contract"))
    ours: dict[str, float] = {}
    amounts = current.spend.value[0, :, 0]
    for line, amount in zip(current.lines.lines, amounts.tolist(), strict=True):
        holder = _holder(line)
        ours[holder] = ours.get(holder, 0.0) + amount
    found: list[Row] = []
    for cover in sorted(ledger):
        mine = ours.get(cover, 0.0)
        if cover in contracts or cover in HELD_BY:
            name = (
                f"Contract {cover}" if cover in contracts else cover.replace("_", " ").capitalize()
            )
            found.append((f"{name}: ledger accounts replaced", "", -ledger[cover], False))
            found.append((f"{name}: as its own table has it", "", mine, False))
    rest = sum(amount for name, amount in ours.items()) - sum(ledger.values())
    rest -= sum(row[2] for row in found)
    if abs(rest) >= 0.5:
        found.append(("Lines that differ from the ledger, or are not in it", "", rest, False))
    return found


def _holder(line: Line) -> str:
    return line.contract or HELD_BY.get(line.payment_basis, line.code)


def _normalised(
    model: Model, current: CurrentSpend, adjusted: AdjustedSpend, spend: float
) -> list[Row]:
    found: list[Row] = []
    recurrent = np.array([line.recurrent for line in current.lines.lines])
    outside = current.out_of_scope.value[0, :, 0] + current.unmapped.value[0, :, 0]
    once: dict[tuple[str, str], float] = {}
    for row in np.flatnonzero(~recurrent & (outside != 0)).tolist():
        line = current.lines.lines[row]
        paid = line.payment_basis == "primary_care"
        key = (
            (line.activity_type.replace("_", " "), "payments to practices")
            if paid
            else (line.name, line.code)
        )
        once[key] = once.get(key, 0.0) - float(outside[row])
    found += [(f"Non-recurrent: {name}", why, off, False) for (name, why), off in once.items()]
    table = model["adjustments"]
    amounts = table.numbers("amount")
    for row, kind in enumerate(table.text("adjustment_kind")):
        if not table.columns["counter_line"][row]:
            name = f"{KIND_NAMES.get(kind, kind)}: {table.columns['budget_line'][row]}"
            found.append((name, str(table.columns["reason"][row]), float(amounts[row]), False))
    to = _sum(adjusted.in_scope) + _sum(adjusted.out_of_scope)
    rest = to - spend - sum(row[2] for row in found)
    if abs(rest) >= 0.5:
        found.append(("Repairs: part years, other years and prices", "", rest, False))
    return found


def _whole(rows: list[Row]) -> list[tuple[str, str, int, bool]]:
    """Round so that every total is the one above with what is between, to the penny."""
    found: list[tuple[str, str, int, bool]] = []
    before, between = 0, list[Row]()
    for row in rows:
        if not row[3]:
            between.append(row)
            continue
        level = whole_pence(row[2])
        if between:
            names = [f"{at:03d}" for at in range(len(between))]
            parts = round_parts([one[2] for one in between], names, level - before)
            found += [
                (what, why, part, False)
                for (what, why, _, _), part in zip(between, parts, strict=True)
            ]
        found.append((row[0], row[1], level, True))
        before, between = level, []
    return found
