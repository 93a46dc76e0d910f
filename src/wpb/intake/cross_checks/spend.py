"""Whether adjustments are allowed, ledger accounts name what they cover, and care packages are
sound.
"""

from __future__ import annotations

from collections.abc import Iterable

from wpb.intake.cross_checks.context import Context
from wpb.kernel.identifiers import WORDS, look_at, ten_digit_numbers, valid_nhs_number
from wpb.kernel.places import Cell
from wpb.kernel.words import did_you_mean, nearest

PROHIBITED = {
    "match_provider_cost": (
        "It would raise the budget to the costs of an inefficient provider, which the handbook"
        " (2.7) rules out: it mutes the effect of policy on provider efficiency."
    ),
    "close_reference_cost_gap": (
        "It would close the gap between national prices and reference costs, which the handbook"
        " (2.7) rules out: it mutes the effect of policy on provider efficiency."
    ),
}
TABLES_ABOUT_PEOPLE = ("care_packages", "package_components")
WHOLE_TABLES = {"primary_care": "primary_care_payments", "care_packages": "care_packages"}
"""What a ledger account may cover besides a contract or a line of other spend, and the table that
holds it.
"""


def check_adjustments(context: Context) -> None:
    """The two adjustments the handbook prohibits are refused, and an unwound cross-subsidy names
    its opposite line.

    Source: handbook 2.7; req 142, 144, 145.
    """
    table = context["adjustments"]
    for row, kind in enumerate(table.text("adjustment_kind")):
        counter, line = (
            context.value("adjustments", row, "counter_line"),
            context.value("adjustments", row, "budget_line"),
        )
        if kind in PROHIBITED:
            context.error(
                "adjustments",
                row,
                "adjustment_kind",
                f"An adjustment of the kind '{kind}' is not allowed. {PROHIBITED[kind]}",
                "Take the row out.",
                "adjustment_prohibited",
            )
        elif kind == "cross_subsidy" and not counter:
            context.error(
                "adjustments",
                row,
                "counter_line",
                "Unwinding a cross-subsidy moves money between lines, and no counter line is"
                " named.",
                "Enter the out-of-scope line that takes the opposite entry.",
                "counter_line_missing",
            )
        elif kind == "cross_subsidy" and counter == line:
            context.error(
                "adjustments",
                row,
                "counter_line",
                "The counter line is the line that is adjusted, so the entry would undo itself.",
                "Enter the out-of-scope line that takes the opposite entry.",
                "counter_line_same",
            )
        elif kind and kind != "cross_subsidy" and counter:
            context.error(
                "adjustments",
                row,
                "counter_line",
                f"Only a cross-subsidy has a counter line; this is of the kind {kind}.",
                "Clear the cell, or correct the kind.",
                "counter_line_unused",
            )


def check_dispensing(context: Context) -> None:
    """Payments to dispensing doctors are barred from the budget by law: they are shown, and left
    out.

    Source: handbook 2.5; req 108.
    """
    table = context["primary_care_payments"]
    rows = table.rows_where("payment_stream", "dispensing")
    if rows:
        context.log.warning(
            table.where(rows[0], "payment_stream"),
            f"{len(rows)} payment(s) to dispensing doctors are left out of the budget: the law does"
            " not let them be pooled (handbook 2.5).",
            "Nothing need be done; they are shown beside the budget.",
            "dispensing_excluded",
        )


def check_ledger_covers(context: Context) -> None:
    """Each account of a commissioner's ledger names something of the model, which that commissioner
    pays for.

    Source: handbook 2.4.1; req 18.
    """
    if not context.readable("commissioner_ledger", "contracts", "direct_spend"):
        return
    payers = dict(
        zip(
            context["contracts"].text("contract"),
            context["contracts"].text("commissioner"),
            strict=True,
        )
    )
    payers |= dict(
        zip(
            context["direct_spend"].text("budget_line"),
            context["direct_spend"].text("commissioner"),
            strict=True,
        )
    )
    known = dict.fromkeys((*payers, *WHOLE_TABLES))
    for row, covers in enumerate(context["commissioner_ledger"].text("covers")):
        payer = context.value("commissioner_ledger", row, "commissioner")
        if covers and covers not in known:
            context.error(
                "commissioner_ledger",
                row,
                "covers",
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
                "commissioner_ledger",
                row,
                "covers",
                f"The account covers {covers}, but '{WHOLE_TABLES[covers]}' has no rows.",
                "Fill that table in, or correct what the account covers.",
                "covers_empty",
            )
        elif payer and covers in payers and payers[covers] not in ("", payer):
            context.error(
                "commissioner_ledger",
                row,
                "covers",
                f"'{covers}' is paid by {payers[covers]}, not by {payer}.",
                "Correct the commissioner of the account, or what it covers.",
                "covers_payer",
            )


def _covers_hint(context: Context, covers: str, known: Iterable[str]) -> str:
    near = nearest(covers, known)
    table, column = (
        ("contracts", "contract")
        if near in context["contracts"].text("contract")
        else ("direct_spend", "budget_line")
    )
    return context.hint_at(covers, table, column) or did_you_mean(covers, known)


def check_line_codes(context: Context) -> None:
    """No line of other spend has the code of a contract, so that every code means one thing.

    Source: req 361.
    """
    contracts = set(context["contracts"].text("contract")) - {""}
    for row, code in enumerate(context["direct_spend"].text("budget_line")):
        if code in contracts:
            context.error(
                "direct_spend",
                row,
                "budget_line",
                f"'{code}' is the code of a contract as well.",
                "Give this line a code of its own.",
                "code_used_twice",
            )


def check_care_packages(context: Context) -> None:
    """Contributions lie between nought and the gross value, and no package goes by an NHS number.

    Source: handbook 2.6; req 126-128.
    """
    table = context["care_packages"]
    gross, contributions = table.numbers("gross_value"), table.numbers("client_contribution")
    for row, code in enumerate(table.text("package")):
        if gross[row] < 0:
            context.error(
                "care_packages",
                row,
                "gross_value",
                "The gross value of a package is below nought.",
                "Enter what the package costs, from nought up.",
                "out_of_range",
            )
        elif contributions[row] < 0 or contributions[row] > gross[row]:
            context.error(
                "care_packages",
                row,
                "client_contribution",
                "The client's contributions are not between nought and the gross value of the"
                " package.",
                "Correct one of the two.",
                "out_of_range",
            )
        if any(map(valid_nhs_number, ten_digit_numbers(code))):
            context.error(
                "care_packages",
                row,
                "package",
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
