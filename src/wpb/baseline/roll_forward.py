"""Last year's spend carried to the spend year, factor by factor, each a movement of the bridge.

Source: handbook 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.kernel.arithmetic import apportion
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.kernel.problems import ProblemLog
from wpb.tables.data_repair import ROLL_FORWARD_FACTORS
from wpb.tables.leaves import table_leaf
from wpb.tables.model import Model

REDUCTIONS = ("efficiency", "qipp")
FACTOR_WORDS = {
    "tariff": "tariff",
    "inflation": "inflation",
    "efficiency": "efficiency",
    "qipp": "savings programmes",
    "investment": "investment",
    "population": "population and need",
}
LEAST_FACTORS = (("tariff", "inflation"), ("efficiency", "qipp"), ("investment",), ("population",))
"""At the least, the handbook asks for expected change of spend, efficiency, investment, and
population or need.
"""


@dataclass(frozen=True)
class Levels:
    """Spend in scope and out of it on the budget lines, on its way from current spend to the
    baseline.
    """

    inside: Block
    outside: Block


def raised(before_pence: Array, rate: Array) -> Array:
    """A change at a rate: before x rate.

    Source: handbook 2.2; req 20, 21, 23, 24.
    """
    return before_pence * rate


def lowered(before_pence: Array, rate: Array) -> Array:
    """A saving at a rate: -(before x rate).

    Source: handbook 2.2; req 22.
    """
    return -(before_pence * rate)


def share_saved(total_pence: Array, weight: Array, all_weights: Array) -> Array:
    """A line's part of a saving: -(saving x line's spend / spend of the contract).

    Source: handbook 2.2; req 22.
    """
    return -apportion(total_pence, weight, all_weights)


def after_change(before_pence: Array, change_pence: Array) -> Array:
    """Spend after one factor: before + change.

    Source: handbook 2.2; req 20-24.
    """
    return before_pence + change_pence


def roll_forward(
    model: Model, ledger: Ledger, subjects: dict[str, list[int]], levels: Levels
) -> Levels:
    """Apply the factors one after another, in the order tariff, inflation, efficiency, savings
    programmes, investment, population.

    A rate multiplies the level the factors before it left; an amount is shared over the contract's
    lines by spend, in scope and out alike. Each factor is a movement of its own.
    Source: handbook 2.2; req 20, 21, 22, 23, 24.
    """
    table = model["roll_forward"]
    rates, amounts = table.numbers("rate"), table.numbers("amount")
    for factor in ROLL_FORWARD_FACTORS:
        rows = [
            row
            for row in table.rows_where("factor", factor)
            if subjects.get(str(table.columns["subject"][row]))
        ]
        by_rate = [row for row in rows if not np.isnan(rates[row])]
        by_amount = [row for row in rows if not np.isnan(amounts[row])]
        if rows:
            levels = _apply(model, ledger, subjects, levels, factor, by_rate, by_amount)
    return levels


def _apply(
    model: Model,
    ledger: Ledger,
    subjects: dict[str, list[int]],
    levels: Levels,
    factor: str,
    by_rate: list[int],
    by_amount: list[int],
) -> Levels:
    table, stem = model["roll_forward"], f"repair/{factor}"
    names = {row: str(table.columns["subject"][row]) for row in (*by_rate, *by_amount)}
    rate = (
        table_leaf(
            ledger,
            f"{stem}/rate",
            Axis("subject", tuple(names[row] for row in by_rate)),
            "rate",
            table,
            "rate",
            by_rate,
            f"Change by {FACTOR_WORDS[factor]}",
        )
        if by_rate
        else None
    )
    amount = (
        table_leaf(
            ledger,
            f"{stem}/amount",
            Axis("subject", tuple(names[row] for row in by_amount)),
            "pence",
            table,
            "amount",
            by_amount,
            f"Change by {FACTOR_WORDS[factor]}",
        )
        if by_amount
        else None
    )
    whole = None
    if amount is not None:
        into = np.full(len(levels.inside.axis), -1, dtype=np.int64)
        for position, row in enumerate(by_amount):
            into[subjects[names[row]]] = position
        whole = ledger.total(
            f"{stem}/spend",
            amount.axis,
            (levels.inside, into),
            (levels.outside, into),
            title="Spend of the contract before",
        )
    after = []
    for side, level, stage in (
        ("inside", levels.inside, "baseline"),
        ("outside", levels.outside, "out of scope"),
    ):
        parts: list[tuple[Block, list[int]]] = []
        if rate is not None:
            lines, owner = _lines_of(subjects, [names[row] for row in by_rate])
            rule = lowered if factor in REDUCTIONS else raised
            changed = ledger.add(
                f"{stem}/{side}_by_rate",
                rule,
                _axis(levels, lines),
                "pence",
                before_pence=Ref(level, np.array(lines)),
                rate=Ref(rate, np.array(owner)),
            )
            parts.append((changed, lines))
        if amount is not None and whole is not None:
            lines, owner = _lines_of(subjects, [names[row] for row in by_amount])
            share = share_saved if factor in REDUCTIONS else apportion
            changed = ledger.add(
                f"{stem}/{side}_by_amount",
                share,
                _axis(levels, lines),
                "pence",
                total_pence=Ref(amount, np.array(owner)),
                weight=Ref(level, np.array(lines)),
                all_weights=Ref(whole, np.array(owner)),
            )
            parts.append((changed, lines))
        words = f"Last year's spend rolled forward: {FACTOR_WORDS[factor]}"
        movement = ledger.total(f"{stem}/{side}_change", level.axis, *parts, title=words)
        ledger.record(stage, words, movement)
        after.append(
            ledger.add(
                f"{stem}/{side}",
                after_change,
                level.axis,
                "pence",
                before_pence=level,
                change_pence=movement,
                title=f"After: {words.lower()}",
            )
        )
    return Levels(*after)


def _axis(levels: Levels, lines: list[int]) -> Axis:
    return Axis("budget line", tuple(levels.inside.axis.codes[line] for line in lines))


def _lines_of(subjects: dict[str, list[int]], names: list[str]) -> tuple[list[int], list[int]]:
    lines, owner = [], []
    for position, name in enumerate(names):
        lines += subjects[name]
        owner += [position] * len(subjects[name])
    return lines, owner


def check_roll_forward(model: Model, problems: ProblemLog) -> None:
    """Refuse factors without one figure, savings below nought and factors of what isn't rolled
    forward; warn of factors left out.

    Source: handbook 2.2; req 20-24.
    """
    table, repaired = model["roll_forward"], model["spend_repairs"]
    rolled = {
        str(repaired.columns["subject"][row]): row
        for row in repaired.rows_where("repair", "rolled_forward")
    }
    given: dict[str, set[str]] = {}
    rates, amounts = table.numbers("rate"), table.numbers("amount")
    for row, (subject, factor) in enumerate(
        zip(table.text("subject"), table.text("factor"), strict=True)
    ):
        given.setdefault(subject, set()).add(factor)
        if np.isnan(rates[row]) == np.isnan(amounts[row]):
            problems.error(
                table.where(row, "rate"),
                f"The factor {factor} of {subject} needs either a rate or an amount.",
                "Enter one of the two; 0 where nothing changed.",
                "factor_figure",
            )
        elif (
            factor in REDUCTIONS and min(np.nan_to_num(rates[row]), np.nan_to_num(amounts[row])) < 0
        ):
            problems.error(
                table.where(row, "rate"),
                f"The factor {factor} of {subject} is below nought; savings are entered above it.",
                "Take the sign out.",
                "factor_sign",
            )
        if subject not in rolled:
            problems.error(
                table.where(row, "subject"),
                f"{subject} has factors, but spend_repairs doesn't say that it is rolled forward.",
                "Add it there, or take the row out.",
                "factor_unused",
            )
    for subject, row in rolled.items():
        missing = [
            " or ".join(FACTOR_WORDS[name] for name in names)
            for names in LEAST_FACTORS
            if given.get(subject, set()).isdisjoint(names)
        ]
        if missing:
            problems.warning(
                repaired.where(row, "repair"),
                f"The spend of {subject} is rolled forward with no figure for"
                f" {', '.join(missing)}.",
                "Add the factor to roll_forward; enter 0 where nothing is expected.",
                "factor_missing",
            )
