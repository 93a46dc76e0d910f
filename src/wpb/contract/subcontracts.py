"""The lead provider's agreements with its subcontractors and partners, each by one stated rule.

Source: handbook 1.1.5; overview 3.4; req 232.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from wpb.contract.terms import Terms, on_day
from wpb.kernel.problems import ProblemLog
from wpb.tables.contract_records import FrozenLines
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

RULES = {"share": "share", "fixed": "amount", "lines": "provider"}
"""The rules an agreement may go by, and the column each needs: that one and no other."""


@dataclass(frozen=True)
class Subcontract:
    """One agreement of the lead provider with a subcontractor or partner."""

    code: str
    payee: str
    rule: str
    reason: str
    gain_loss_share: float
    row: int


def read_subcontracts(
    model: Model, terms: Terms, lines: FrozenLines, problems: ProblemLog
) -> list[Subcontract]:
    """Read the agreements, refusing one that gives not exactly what its rule needs, a payee nobody
    knows, and shares of more than the whole.

    A blank gain_loss_share is none, as its column says; every other blank that a rule needs is
    refused.
    Source: handbook 1.1.5; req 232.
    """
    table = model["subcontracts"]
    known = {*model["organisations"].text("organisation"), *model["gp_lists"].text("list_code")}
    found = []
    for row in range(len(table)):
        code, payee, rule = (
            str(table.columns[name][row]) for name in ("subcontract", "payee", "rule")
        )
        _check_rule(table, row, code, rule, lines, problems)
        if payee not in known:
            problems.error(
                table.where(row, "payee"),
                f"'{payee}' is neither an organisation nor a practice.",
                "Correct the code, or add it to organisations.",
                "party_unknown",
            )
        starts, ends = (
            on_day(str(table.columns["starts_on"][row])),
            str(table.columns["ends_on"][row]),
        )
        if (ends and on_day(ends) < starts) or starts > terms.ends_on:
            problems.error(
                table.where(row, "starts_on"),
                f"Subcontract {code} runs from {starts} to {ends or terms.ends_on}, and so on no"
                " day of the contract.",
                "Correct its dates.",
                "subcontract_dates",
            )
        part = float(table.numbers("gain_loss_share")[row])
        found.append(
            Subcontract(
                code,
                payee,
                rule,
                str(table.columns["reason"][row]),
                0.0 if math.isnan(part) else part,
                row,
            )
        )
    for column in ("share", "gain_loss_share"):
        total = math.fsum(
            value for value in table.numbers(column).tolist() if not math.isnan(value)
        )
        if total > 1 + 1e-9:
            problems.error(
                table.where(0, column),
                f"Subcontracts give away {total:.4f} of the whole.",
                "Shares may add to 1 at most; what is left stays with the lead provider.",
                "shares_total",
            )
    return found


def _check_rule(
    table: TypedTable, row: int, code: str, rule: str, lines: FrozenLines, problems: ProblemLog
) -> None:
    given = {name for name in RULES.values() if not _blank(table.columns[name][row])}
    needed = RULES[rule]
    if needed not in given:
        problems.error(
            table.where(row, needed),
            f"Subcontract {code} goes by {rule} and gives no {needed}.",
            f"Enter its {needed}.",
            "subcontract_incomplete",
        )
    for other in sorted(given - {needed}):
        problems.error(
            table.where(row, other),
            f"Subcontract {code} goes by {rule} and gives a {other} as well.",
            f"Take the {other} out, or enter a second agreement for it: each goes by one rule.",
            "subcontract_two_rules",
        )
    provider = str(table.columns["provider"][row])
    if (
        rule == "lines"
        and provider
        and provider
        not in {
            name
            for name, element in zip(lines.provider, lines.element, strict=True)
            if element == "wpap"
        }
    ):
        problems.error(
            table.where(row, "provider"),
            f"Subcontract {code} pays what the forecast holds for '{provider}', and no line of the"
            " annual payment names it.",
            "Correct the provider, or use another rule.",
            "subcontract_no_lines",
        )


def _blank(value: object) -> bool:
    return value == "" or (isinstance(value, float) and math.isnan(value))
