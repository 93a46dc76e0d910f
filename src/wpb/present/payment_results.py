"""What a live contract pays, as result tables: instalments, statements, postings, balances, who
pays whom, monitoring.

Source: overview Table 1; handbook 1.1.5, 4.3; req 210, 212, 222, 231, 232.
"""

from __future__ import annotations

from collections import defaultdict

from wpb.kernel.calendar import month_start, months_of, year_of
from wpb.kernel.problems import InputProblems, UsageProblem
from wpb.live import LiveContract
from wpb.present.result_table import ResultTable, Value, entered, label, result_table, worked_out
from wpb.present.statements import (
    annual_payment_by_month,
    monitoring,
    next_open,
    provider_bridges,
    status_of,
)
from wpb.present.words import MONTHS
from wpb.settlement.ledger import balances


def names_of(live: LiveContract) -> dict[str, str]:
    """Names of organisations and practices by code."""
    organisations, lists = live.model["organisations"], live.model["gp_lists"]
    found = dict(zip(lists.text("list_code"), lists.text("name"), strict=True))
    return found | dict(
        zip(organisations.text("organisation"), organisations.text("name"), strict=True)
    )


def instalments_table(live: LiveContract) -> ResultTable:
    """Give the twelve instalments of the annual payment by year; they add to the year to the penny.

    Source: overview Table 1; req 212.
    """
    tree = live.tree()
    columns = (
        label("year", "Year", "year"),
        label("month", "Month", "code"),
        label("month_name", "Month of the year"),
        label("standing", "Standing", "code"),
        worked_out("amount_pence", "Annual payment, instalment", adds_up=True),
        label("figure", "Figure", "code"),
    )
    annual = live.history.at(None).elements["wpap"].id
    rows: list[list[Value]] = [
        [year, month, MONTHS[int(month[5:]) - 1], status_of(live, month), pence, f"{annual}/{year}"]
        for at, year in enumerate(tree.years)
        for month, pence in zip(
            months_of(year), annual_payment_by_month(live, tree, at), strict=True
        )
    ]
    return result_table(
        "instalments",
        "Instalments",
        "The annual payment by month, corrections counted in the month they correct.",
        columns,
        rows,
    )


def postings_table(live: LiveContract) -> ResultTable:
    """List every posting: who pays whom, for what, by which version.

    Source: handbook 1.1.5; req 232.
    """
    columns = (
        label("month", "Month", "code"),
        label("payer", "Payer", "code"),
        label("payee", "Paid to", "code"),
        label("reason", "For"),
        worked_out("amount_pence", "Amount", adds_up=True),
        label("standing", "Standing", "code"),
        label("corrects", "Corrects", "code"),
        label("version", "Contract version", "code"),
        label("figure", "Figure", "code"),
    )
    standing = {
        month: status_of(live, month)
        for month in {entry.posting.month for entry in live.settlement.entries}
    }
    rows: list[list[Value]] = []
    for entry in live.settlement.entries:
        posting = entry.posting
        rows.append(
            [
                posting.month,
                posting.payer,
                posting.payee,
                posting.reason,
                posting.amount_pence,
                standing[posting.month],
                entry.corrects,
                f"v{entry.version}" if entry.version else "",
                posting.figure,
            ]
        )
    return result_table(
        "postings",
        "Payments",
        "Every payment of the contract, in order of month, payer and payee.",
        columns,
        rows,
    )


def balances_table(live: LiveContract) -> ResultTable:
    """Give what each party has received less what it has paid over the term; all of them add to
    nought.

    Source: handbook 1.1.5; req 232.
    """
    received: dict[str, int] = defaultdict(int)
    for posting in live.settlement.postings:
        received[posting.payee] += posting.amount_pence
    names, found = names_of(live), balances(live.settlement.postings)
    columns = (
        label("party", "Party", "code"),
        label("name", "Name"),
        worked_out("received_pence", "Received", adds_up=True),
        worked_out("paid_pence", "Paid", adds_up=True),
        worked_out("balance_pence", "Received less paid", adds_up=True),
    )
    rows: list[list[Value]] = [
        [party, names.get(party, ""), received[party], received[party] - pence, pence]
        for party, pence in sorted(found.items(), key=lambda item: (item[1], item[0]))
    ]
    return result_table(
        "balances",
        "Balances over the term",
        "Received less paid, over the whole term; all parties add to nought.",
        columns,
        rows,
    )


def statements_table(live: LiveContract) -> ResultTable:
    """Give each party's statement by month: brought forward + received - paid = carried forward.

    Source: handbook 1.1.5; req 232.
    """
    moved: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for posting in live.settlement.postings:
        moved[posting.payee][posting.month][0] += posting.amount_pence
        moved[posting.payer][posting.month][1] += posting.amount_pence
    columns = (
        label("party", "Party", "code"),
        label("month", "Month", "code"),
        label("standing", "Standing", "code"),
        worked_out("opening_pence", "Brought forward"),
        worked_out("received_pence", "Received", adds_up=True),
        worked_out("paid_pence", "Paid", adds_up=True),
        worked_out("closing_pence", "Carried forward"),
    )
    standing = {month: status_of(live, month) for months in moved.values() for month in months}
    rows: list[list[Value]] = []
    for party, months in sorted(moved.items()):
        balance = 0
        for month, (received, paid) in sorted(months.items()):
            rows.append(
                [party, month, standing[month], balance, received, paid, balance + received - paid]
            )
            balance += received - paid
    return result_table(
        "statements",
        "Statements by party and month",
        "Brought forward + received - paid = carried forward.",
        columns,
        rows,
    )


def payment_flows(live: LiveContract) -> ResultTable:
    """Add payments up by year, payer and payee: the map of where the money goes.

    Source: handbook 1.1.4, 1.1.5; req 232, 343-346.
    """
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    for posting in live.settlement.postings:
        found[year_of(month_start(posting.month)), posting.payer, posting.payee] += (
            posting.amount_pence
        )
    columns = (
        label("year", "Year", "year"),
        label("payer", "Payer", "code"),
        label("payee", "Paid to", "code"),
        worked_out("amount_pence", "Paid in the year", adds_up=True),
    )
    return result_table(
        "payment_flows",
        "Who pays whom",
        "Payments made in each year, corrections and reversals counted as payments of their own.",
        columns,
        [[*names, pence] for names, pence in sorted(found.items())],
    )


def provider_income(live: LiveContract) -> ResultTable:
    """Set each provider's income today beside its income under the contract, by year.

    Change = under the contract + other payments + continues outside - today.
    Source: handbook 1.1.6; req 232.
    """
    columns = (
        label("year", "Year", "year"),
        label("provider", "Provider", "code"),
        entered("income_today_pence", "Income today"),
        entered("continues_outside_pence", "Goes on outside"),
        worked_out("under_contract_pence", "Under the contract"),
        worked_out("other_payments_pence", "Other payments"),
        worked_out("change_pence", "Change"),
        worked_out("stranded_pence", "Fixed cost left uncovered"),
    )
    rows: list[list[Value]] = []
    unknown = []
    for year in live.terms.years:
        try:
            bridges = provider_bridges(live, year)
        except InputProblems:  # the deflator of the year is unknown
            unknown.append(year)
            continue
        rows += [
            [
                year,
                one.provider,
                one.income_today_pence,
                one.continues_outside_pence,
                one.under_contract_pence,
                one.other_payments_pence,
                one.change_pence,
                one.stranded_fixed_cost_pence,
            ]
            for one in bridges
        ]
    return result_table(
        "provider_income",
        "Providers' income today and under the contract",
        "Change = under the contract + other payments + goes on outside - today, all in the money"
        " of the year."
        + (f" No GDP deflator is known for {', '.join(unknown)}." if unknown else ""),
        columns,
        rows,
    )


def monitoring_table(live: LiveContract) -> ResultTable:
    """Give the monitoring of the first month not closed: budget, to date, outturn and what differs.

    Source: handbook 4.3, 4.3.1; req 219, 222.
    """
    columns = (
        label("month", "To", "code"),
        label("name", "What is watched", "code"),
        worked_out("budget_pence", "Budget of the year"),
        worked_out("budget_to_date_pence", "Budget to date"),
        entered("actual_to_date_pence", "Actual to date"),
        worked_out("variance_to_date_pence", "Difference to date"),
        worked_out("forecast_outturn_pence", "Forecast outturn"),
        worked_out("variance_pence", "Difference of the year"),
        label("note", "Note"),
    )
    try:
        found = monitoring(live, next_open(live))
    except UsageProblem:  # every month of the term is closed
        return result_table(
            "monitoring", "Monitoring", "Every month of the term is closed.", columns, []
        )
    rows = [
        [found["month"], row["name"], *(row[column.name] for column in columns[2:])]
        for row in (found["annual_payment"], *found["services"])
    ]
    return result_table(
        "monitoring",
        "Monitoring",
        "The annual payment and the services watched, to the first month that is not closed.",
        columns,
        rows,
    )


BUILDERS = {
    "instalments": instalments_table,
    "statements": statements_table,
    "postings": postings_table,
    "balances": balances_table,
    "payment_flows": payment_flows,
    "provider_income": provider_income,
    "monitoring": monitoring_table,
}
