"""Whether the tables of a live contract say what they need to: nothing a rule needs is left blank,
and nothing passes the whole.

Source: overview 2, 3.3.2, 5.1; handbook 4.4, 5.3; req 119, 120, 210, 233.
"""

from __future__ import annotations

import datetime
import math
from collections import defaultdict

from wpb.contract.count_checks import check_list_changes, check_movements, check_planned
from wpb.contract.people import Counts
from wpb.contract.terms import Terms, on_day
from wpb.contract.wpb_tree import ContractTree
from wpb.kernel.posting import MONTH_PATTERN
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model


def check_tables(model: Model, terms: Terms, problems: ProblemLog) -> None:
    """Check the tables that events and payments rest on.

    Source: overview 3.3.2, 5.1; handbook 4.4; req 119, 120, 210, 238, 240.
    """
    check_list_changes(model, problems)
    check_planned(Counts(model), datetime.date.max, problems)
    check_movements(model, problems)
    _check_practice_terms(model, problems)
    _check_incentives(model, terms, problems)
    _check_closed_months(model, terms, problems)


def _check_practice_terms(model: Model, problems: ProblemLog) -> None:
    table = model["practice_terms"]
    for row, code in enumerate(table.text("list_code")):
        stream, cost = (
            str(table.columns["replacement_stream"][row]),
            float(table.numbers("replacement_cost")[row]),
        )
        if stream and math.isnan(cost):
            problems.error(
                table.where(row, "replacement_cost"),
                f"The terms of {code} name a stream of other services, {stream}, and no cost of"
                " buying them elsewhere.",
                "Enter the cost for one patient for a year, or take the stream out if no other"
                " services move.",
                "replacement_incomplete",
            )
        elif not stream and not math.isnan(cost):
            problems.error(
                table.where(row, "replacement_stream"),
                f"The terms of {code} give a cost of buying other services elsewhere, and no stream"
                " that pays it.",
                "Enter the stream, or take the cost out if no other services move.",
                "replacement_incomplete",
            )


def _check_incentives(model: Model, terms: Terms, problems: ProblemLog) -> None:
    table = model["incentive_choices"]
    withheld: dict[tuple[str, str], float] = defaultdict(float)
    for row, (year, scheme, treatment, parts) in enumerate(
        zip(*(table.text(name) for name in ("year", "scheme", "treatment", "parts")), strict=True)
    ):
        if year not in terms.years:
            problems.error(
                table.where(row, "year"),
                f"Scheme {scheme} is for {year}, which is not a year of the contract.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
        for part in ("part_a", "part_b") if treatment == "top_sliced" else ():
            if parts in ("both", part):
                withheld[year, part] += float(table.numbers("rate")[row])
                if withheld[year, part] > 1:
                    problems.error(
                        table.where(row, "rate"),
                        f"Schemes of {year} would withhold {withheld[year, part]:.0%} of Part"
                        f" {part[-1].upper()}.",
                        "Rates of schemes taken off the payment may add to 1 at most.",
                        "withheld_too_much",
                    )


def _check_closed_months(model: Model, terms: Terms, problems: ProblemLog) -> None:
    """Months close after they end, one after another from the contract's first, each once.

    Source: overview 4.3; req 385.
    """
    table = model["closed_months"]
    closed: dict[str, tuple[int, datetime.date]] = {}
    for row, (month, day) in enumerate(
        zip(table.text("month"), table.text("closed_on"), strict=True)
    ):
        if not MONTH_PATTERN.match(month):
            problems.error(
                table.where(row, "month"),
                f"'{month}' is not a month.",
                "Write months as 2028-05.",
                "month_wrong",
            )
        elif month in closed:
            problems.error(
                table.where(row, "month"),
                f"{month} is closed twice.",
                "Keep one row for each month.",
                "month_closed_twice",
            )
        else:
            closed[month] = (row, on_day(day))
    following = f"{terms.starts_on:%Y-%m}"
    before = datetime.date.min
    for month in sorted(closed):
        row, closed_on = closed[month]
        if month != following:
            problems.error(
                table.where(row, "month"),
                f"{month} is closed, and {following} before it is not."
                if month > following
                else f"{month} is closed, and the contract starts in {following}.",
                "Close months in order from the contract's first; an open month can still change"
                " what a later one pays.",
                "month_closed_out_of_order",
            )
            return
        following = _next_month(month)
        if f"{closed_on:%Y-%m}" < following or closed_on < before:
            problems.error(
                table.where(row, "closed_on"),
                f"{month} is closed on {closed_on}, "
                + (
                    "before it has ended."
                    if closed_on >= before
                    else f"before {before}, when the month before it was."
                ),
                "Close a month after its end, and not before the months before it.",
                "month_closed_early",
            )
        before = closed_on


def _next_month(month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def check_personal_budgets(model: Model, tree: ContractTree, problems: ProblemLog) -> None:
    """Check that personal budgets held inside come out of money that is there: by payer, stream and
    year.

    Source: overview 2, 3.5; req 210, 233.
    """
    table = model["personal_budgets"]
    for row in table.rows_where("held", "inside"):
        cell, year = (
            f"{table.columns['commissioner'][row]}.{table.columns['funding_stream'][row]}",
            str(table.columns["year"][row]),
        )
        if cell not in tree.cells.positions:
            problems.error(
                table.where(row, "commissioner"),
                f"Personal budgets are held inside the budget of {cell.replace('.', ', ', 1)},"
                " which pays for nothing in the contract.",
                "Correct the payer or the stream, or hold them outside.",
                "no_payer",
            )
        elif year not in tree.terms.years:
            problems.error(
                table.where(row, "year"),
                f"Personal budgets are given for {year}, which is not a year of the contract.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
        else:
            at, position = tree.cells.positions[cell], tree.terms.years.index(year)
            if (
                tree.personal.value[0, at, position]
                > tree.by_element["wpap"].value[0, at, position]
            ):
                problems.error(
                    table.where(row, "amount"),
                    f"Personal budgets of {cell.replace('.', ', ', 1)} in {year} come to more than"
                    " its lines in the contract.",
                    "Correct the amounts: they are taken out of the annual payment, which would"
                    " fall below nought.",
                    "personal_budgets_too_large",
                )
