"""Whether adjustments are allowed, ledger accounts name what they cover, and care packages are
sound.
"""

from __future__ import annotations

from collections.abc import Iterable

from wpb.kernel.identifiers import WORDS, look_at, ten_digit_numbers, valid_nhs_number
from wpb.kernel.places import Cell
from wpb.kernel.words import did_you_mean, nearest
from wpb.tables.checks.context import Context, across
from wpb.tables.contracts import Contracts
from wpb.tables.spend import (
    CarePackages,
    CommissionerLedger,
    DirectSpend,
    PrimaryCarePayments,
)

TABLES_ABOUT_PEOPLE = ("care_packages", "package_components")
WHOLE_TABLES = {"primary_care": "primary_care_payments", "care_packages": "care_packages"}
"""What a ledger account may cover besides a contract or a line of other spend, and the table that
holds it.
"""


@across
def check_dispensing(context: Context) -> None:
    """Payments to dispensing doctors are barred from the budget by law: they are shown, and left
    out.

    Source: handbook 2.5; req 108.
    """
    table = PrimaryCarePayments.of(context)
    rows = table.grouped(PrimaryCarePayments.payment_stream).get(("dispensing",), [])
    if rows:
        context.log.warning(
            table.cell(rows[0], PrimaryCarePayments.payment_stream),
            f"{len(rows)} payment(s) to dispensing doctors are left out of the budget: the law does"
            " not let them be pooled (handbook 2.5).",
            "Nothing need be done; they are shown beside the budget.",
            "dispensing_excluded",
        )


@across
def check_ledger_covers(context: Context) -> None:
    """Each account of a commissioner's ledger names something of the model, which that commissioner
    pays for.

    Source: handbook 2.4.1; req 18.
    """
    if not context.readable("commissioner_ledger", "contracts", "direct_spend"):
        return
    payers = dict(
        zip(
            Contracts.of(context).contract,
            Contracts.of(context).commissioner,
            strict=True,
        )
    )
    payers |= dict(
        zip(
            DirectSpend.of(context).budget_line,
            DirectSpend.of(context).commissioner,
            strict=True,
        )
    )
    known = dict.fromkeys((*payers, *WHOLE_TABLES))
    for row, covers in enumerate(CommissionerLedger.of(context).covers):
        payer = CommissionerLedger.of(context).commissioner[row]
        if covers and covers not in known:
            context.error(
                CommissionerLedger,
                row,
                CommissionerLedger.covers,
                f"'{covers}' is neither a contract nor a line of other spend, nor primary_care or"
                " care_packages.",
                f"{_covers_hint(context, covers, known)}Enter what in the model this account"
                " covers.",
                "covers_unknown",
            )
        elif (
            covers in WHOLE_TABLES
            and not len(context[WHOLE_TABLES[covers]])
            and context.readable(WHOLE_TABLES[covers])
        ):
            context.error(
                CommissionerLedger,
                row,
                CommissionerLedger.covers,
                f"The account covers {covers}, but '{WHOLE_TABLES[covers]}' has no rows.",
                "Fill that table in, or correct what the account covers.",
                "covers_empty",
            )
        elif payer and covers in payers and payers[covers] not in ("", payer):
            context.error(
                CommissionerLedger,
                row,
                CommissionerLedger.covers,
                f"'{covers}' is paid by {payers[covers]}, not by {payer}.",
                "Correct the commissioner of the account, or what it covers.",
                "covers_payer",
            )


def _covers_hint(context: Context, covers: str, known: Iterable[str]) -> str:
    near = nearest(covers, known)
    table, column = (
        ("contracts", "contract")
        if near in Contracts.of(context).contract
        else ("direct_spend", "budget_line")
    )
    return context.hint_at(covers, table, column) or did_you_mean(covers, known)


@across
def check_care_packages(context: Context) -> None:
    """No package goes by an NHS number, and nothing about packages identifies a person.

    Source: handbook 2.6; req 126-128.
    """
    table = CarePackages.of(context)
    for row, code in enumerate(table.package):
        if any(map(valid_nhs_number, ten_digit_numbers(code))):
            context.error(
                CarePackages,
                row,
                CarePackages.package,
                "The package code is a valid NHS number, which would identify a person.",
                "Use a code that points to no one outside your own systems.",
                "nhs_number",
            )
    _check_people_named(context)


def _check_people_named(context: Context) -> None:
    """Refuse values that identify people in tables with rows about people's packages.

    The value is never shown, only its column and how many there are.
    Source: handbook 2.4.5, 2.6; req 102, 130, 462.
    """
    for name in TABLES_ABOUT_PEOPLE:
        if not context.readable(name):
            continue
        table = context[name]
        for column in table.spec.columns:
            if column.is_number or column.kind not in ("code", "text"):
                continue
            seen = look_at(set(table.text(column.name)) - {""})
            for kind, count in seen.refused(dates_allowed=True).items():
                told_by_row = kind == "nhs_numbers" and column.name == "package"
                if told_by_row or (kind != "nhs_numbers" and column.kind == "text"):
                    continue
                place = table.where(0, column.name)
                context.log.error(
                    Cell(place.file, place.sheet, column.name),
                    f"The column {column.name} holds {WORDS[kind]} ({count:,} found).",
                    "Take them out: nothing that identifies a person belongs in a budget.",
                    f"identifying_{kind}",
                )
