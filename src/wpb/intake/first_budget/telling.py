"""What a start tells: the schedule from the ledger to the model, and the whole as JSON.

Source: req 372, 437, 439.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wpb.intake.first_budget.answers import Answers
from wpb.intake.first_budget.building import FirstModel
from wpb.intake.first_budget.joining import Joined
from wpb.intake.first_budget.reading import Files
from wpb.intake.mapping.amounts import plain


@dataclass(frozen=True)
class Step:
    """One row of the schedule: pounds added or taken off, or a level they lead to."""

    what: str
    pounds: Decimal
    level: bool = False
    note: str = ""


def schedule(files: Files, joined: Joined, model: FirstModel) -> list[Step]:
    """Give the rows from the ledger to the normalised spend of the model; each level is the one
    before plus what is between.

    ledger - lines replaced + contracts + practice payments = spend of the model;
    spend + items of normalisation = normalised recurrent spend.
    Raises ValueError where the spend so reached is not that of the model's tables.
    Source: req 437, 439.
    """
    steps = [Step("Ledger as extracted", joined.amount(joined.lines), True)]
    for contract in files.contracts:
        replaced = joined.contracts.get(contract.code, [])
        steps += _replaced(
            f"Contract {contract.code}", contract.value, joined.amount(replaced), len(replaced)
        )
    if files.payments:
        lines = joined.practices
        steps += _replaced("Practice payments", files.payments, joined.amount(lines), len(lines))
    spend = sum((step.pounds for step in steps), Decimal(0))
    steps.append(Step("Spend in the model", spend, True))
    tables = model.tables
    held = sum(
        (
            Decimal(row["value"])
            for name in ("contracts", "direct_spend", "primary_care_payments")
            for row in tables.get(name, ())
        ),
        Decimal(0),
    )
    if held != spend:
        raise ValueError(f"the schedule comes to {spend} and the tables to {held}")
    items = [
        Step(row["reason"], Decimal(row["amount"]), note=row["budget_line"])
        for row in tables.get("adjustments", ())
    ]
    normalised = spend + sum((item.pounds for item in items), Decimal(0))
    return [*steps, *items, Step("Normalised recurrent spend", normalised, True)]


def _replaced(what: str, ours: Decimal, ledger: Decimal, lines: int) -> list[Step]:
    apart = ours - ledger
    said = f"difference {apart:,.2f}" if apart else "no difference"
    return [
        Step(f"{what}: ledger lines replaced", -ledger, note=f"{lines} lines"),
        Step(f"{what}: as its own file has it", ours, note=said),
    ]


def classified(joined: Joined) -> dict[str, Decimal]:
    """Give pounds of the ledger's own lines by what they are: in scope, out of scope, running
    costs, reserves and income.
    """
    found: dict[str, Decimal] = {}
    for line in joined.lines:
        placed = joined.placed.get(line.centre)
        if placed is not None:
            name = placed.kind or placed.scope
            found[name] = found.get(name, Decimal(0)) + joined.amount([line])
    return dict(sorted(found.items()))


def as_json(
    folder: str,
    files: Files,
    joined: Joined,
    model: FirstModel,
    answers: Answers,
    written: Sequence[str],
) -> dict[str, Any]:
    """Spell what a start did, amounts in pounds as text."""
    return {
        "folder": folder,
        "files": list(written),
        "typed_values": answers.typed_values(),
        "accounts": [account.as_dict() for account in files.accounts],
        "control_totals": files.controls,
        "schedule": [
            {
                "what": step.what,
                "pounds": plain(step.pounds),
                "is_level": step.level,
                "note": step.note,
            }
            for step in schedule(files, joined, model)
        ],
        "classified": {name: plain(value) for name, value in classified(joined).items()},
        "methods_put_off": model.put_off,
        "assumed": [{"what": one.what, "why": one.reason} for one in model.assumed],
        "allocations": [
            {
                "funding_stream": one.stream,
                "year": one.year,
                "pounds": plain(one.pounds),
                "certainty": one.certainty,
                "source": one.source,
                "parts": {name: plain(value) for name, value in one.parts.items()},
            }
            for one in model.allocations
        ],
        "problems": [problem.as_dict() for problem in answers.log],
    }
