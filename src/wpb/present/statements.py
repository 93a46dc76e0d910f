"""Settlement as figures and as text: years, postings, balances, a statement for a party and month,
monitoring, bridges.

Source: handbook 1.1.5, 4.3; overview Table 1; req 212, 222, 231, 232.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

from wpb.kernel.calendar import (
    financial_year,
    is_financial_year,
    month_start,
    months_of,
    next_month,
    start_year,
    year_of,
)
from wpb.kernel.money import pounds
from wpb.kernel.places import Cell
from wpb.kernel.posting import MONTH_PATTERN
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.live import LiveContract
from wpb.live.watched_services import watched_services
from wpb.present.contract_view import manifest_digest, tree_figures
from wpb.settlement.instalments import spread
from wpb.settlement.ledger import Entry, balances, seal
from wpb.settlement.monitoring import Watched
from wpb.settlement.provider_bridge import ProviderBridge, provider_bridge
from wpb.tables.contract_records import Tree

DEFLATOR = "gdp_deflator"
"""What brings the money of one year to that of another."""


def settlement_figures(live: LiveContract, through: str = "") -> dict[str, Any]:
    """Give the settlement: each year's tree and twelve instalments, every posting, and balances
    that add to nought.

    Source: overview Table 1; handbook 1.1.5; req 210, 211, 212, 232.
    """
    settlement = live.settlement.through(through) if through else live.settlement
    tree = live.tree()
    manifest = manifest_digest(live)
    return {
        "years": [
            {
                **tree_figures(live, tree, at),
                "instalments_pence": annual_payment_by_month(live, tree, at),
            }
            for at in range(len(tree.years))
        ],
        "postings": [spelled_posting(live, entry, manifest) for entry in settlement.entries],
        "balances": balances(settlement.postings),
        "sharing": [
            one for one in live.sharing.statements if not through or one["known_on"][:7] <= through
        ],
    }


def annual_payment_by_month(live: LiveContract, tree: Tree, year: int) -> list[int]:
    """What each month of a year comes to for the annual payment, corrections counted in the month
    they correct.

    Source: overview Table 1; req 212.
    """
    name = tree.years[year]
    if len(live.history.versions) == 1:
        return spread(tree.of("wpap", year), live.plan.calendar.weights(name, live.terms.ends_on))
    if live.terms.form == "virtual":
        return spread(
            tree.of("wpap", year),
            live.plan.calendar.weights(name, live.history.versions[-1].ends_on),
        )
    months = [0] * 12
    for key, paid in live.settlement.instalments[name].items():
        if key.startswith("wpap/"):
            months = [total + pence for total, pence in zip(months, paid, strict=True)]
    return months


def status_of(live: LiveContract, month: str) -> str:
    """Whether a month is closed, open to be paid, or still to come by what is known."""
    known_on = live.as_known_on or live.history.versions[-1].known_on
    closed = live.plan.calendar.closed_on.get(month)
    if closed is not None and closed <= max(
        known_on, closed if live.as_known_on is None else known_on
    ):
        return "closed"
    return "open" if live.plan.calendar.fixed_on(month) <= known_on else "scheduled"


def spelled_posting(live: LiveContract, entry: Entry, manifest: str) -> dict[str, Any]:
    """Spell one posting: the payment, the month it corrects, the version and the inputs it comes
    from.
    """
    return {
        **entry.posting.as_dict(),
        "status": status_of(live, entry.posting.month),
        "corrects": entry.corrects or None,
        "version": f"v{entry.version}" if entry.version else None,
        "manifest": entry.manifest or manifest,
    }


def check_party(live: LiveContract, party: str) -> None:
    """Refuse a party that no payment names.

    Raises UsageProblem, with the parties there are.
    """
    parties = balances(live.settlement.postings)
    if party not in parties:
        raise UsageProblem(f"no payment names '{party}'; the parties are {', '.join(parties)}")


def check_month(month: str) -> None:
    """Refuse text that is no month.

    Raises UsageProblem.
    """
    if not MONTH_PATTERN.match(month):
        raise UsageProblem(f"'{month}' is not a month; write it as 2028-05")


def statement_figures(live: LiveContract, party: str, month: str) -> dict[str, Any]:
    """Give one party's statement for a month: balance before, what came and went, balance after.

    Source: handbook 1.1.5; req 232.
    """
    check_month(month)
    check_party(live, party)
    before = sum(
        _signed(entry, party) for entry in live.settlement.entries if entry.posting.month < month
    )
    rows: list[dict[str, Any]] = [
        {
            "other_party": _other(entry, party),
            "amount_pence": _signed(entry, party),
            "reason": entry.posting.reason,
            "figure": entry.posting.figure,
            "corrects": entry.corrects or None,
        }
        for entry in live.settlement.entries
        if entry.posting.month == month and party in (entry.posting.payer, entry.posting.payee)
    ]
    amounts = [
        _signed(entry, party) for entry in live.settlement.entries if entry.posting.month == month
    ]
    moved = sum(amounts)
    return {
        "contract": live.terms.contract,
        "party": party,
        "month": month,
        "status": status_of(live, month),
        "opening_pence": before,
        "rows": rows,
        "received_pence": sum(max(amount, 0) for amount in amounts),
        "paid_pence": -sum(min(amount, 0) for amount in amounts),
        "closing_pence": before + moved,
        "seal": month_seal(live, month),
    }


def _signed(entry: Entry, party: str) -> int:
    posting = entry.posting
    return (
        posting.amount_pence
        if posting.payee == party
        else -posting.amount_pence
        if posting.payer == party
        else 0
    )


def _other(entry: Entry, party: str) -> str:
    return entry.posting.payer if entry.posting.payee == party else entry.posting.payee


def month_seal(live: LiveContract, month: str) -> str:
    """The seal of a month's postings, to keep in closed_months."""
    return seal(posting for posting in live.settlement.postings if posting.month == month)


def statement_lines(figures: dict[str, Any], names: dict[str, str]) -> list[str]:
    """Write a statement as text a finance lead can read."""
    party = figures["party"]
    lines = [
        (
            f"{figures['contract']}: statement for {names.get(party, party)} ({party}),"
            f" {figures['month']} ({figures['status']})"
        ),
        "",
    ]
    lines.append(f"{'Balance brought forward':<92}{_money(figures['opening_pence']):>20}")
    for row in figures["rows"]:
        way = "from" if row["amount_pence"] > 0 else "to"
        text = f"  {way} {row['other_party']}: {row['reason']}"
        lines.append(
            f"{text if len(text) <= 91 else text[:88] + '...':<92}{_money(row['amount_pence']):>20}"
        )
    if not figures["rows"]:
        lines.append("  Nothing was paid or received in this month.")
    lines.append(f"{'Balance carried forward':<92}{_money(figures['closing_pence']):>20}")
    return [*lines, "", f"Seal of the month: {figures['seal']}"]


def _money(pence: int) -> str:
    return pounds(pence, 2)


def monitoring(live: LiveContract, month: str) -> dict[str, Any]:
    """Give monthly monitoring: the annual payment and watched services to date, outturn, and what
    moved the year.

    Source: handbook 4.3, 4.3.1; req 219, 222.
    """
    check_month(month)
    year = year_of(month_start(month))
    if year not in live.terms.years:
        raise UsageProblem(
            f"{month} is outside the contract's years, {live.terms.years[0]} to"
            f" {live.terms.years[-1]}"
        )
    at = live.terms.years.index(year)
    weights = live.plan.calendar.weights(year, live.history.agreed.ends_on)
    agreed, now = live.trees[live.history.agreed.number], live.tree()
    budget = spread(agreed.of("wpap", at), weights)
    payers, posted = _payers(live), dict[str, int]()
    for entry in live.settlement.entries:
        if (
            entry.element == "wpap"
            and entry.year == year
            and (name := entry.corrects or entry.posting.month) <= month
        ):
            posted[name] = posted.get(name, 0) + (
                entry.posting.amount_pence
                if entry.posting.payer in payers
                else -entry.posting.amount_pence
            )
    payment = Watched(
        "Annual payment",
        sum(budget),
        sum(budget[: months_of(year).index(month) + 1]),
        sum(posted.values()),
        now.of("wpap", at),
    )
    movements = []
    for number in range(live.history.agreed.number + 1, len(live.history.versions)):
        change = live.trees[number].of("wpap", at) - live.trees[number - 1].of("wpap", at)
        if change:
            movements.append(
                {
                    "event": live.history.versions[number].event,
                    "kind": live.history.versions[number].event_kind,
                    "title": live.history.versions[number].title,
                    "wpap_pence": change,
                }
            )
    return {
        "month": month,
        "year": year,
        "annual_payment": _watched(payment),
        "variance_by_movement": movements,
        "services": [_watched(found) for found in watched_services(live, year, month)],
    }


def _payers(live: LiveContract) -> set[str]:
    """The commissioners of the contract, and those that took their place; a provider's place may be
    taken too.
    """
    found = {code.split(".", 1)[0] for code in live.history.tree.cells.codes}
    for succession in sorted(live.plan.successions, key=lambda succession: succession.effective_on):
        if succession.predecessor in found:
            found.add(succession.successor)
    return found


def _watched(found: Watched) -> dict[str, Any]:
    return {
        "name": found.name,
        "budget_pence": found.budget_pence,
        "budget_to_date_pence": found.budget_to_date_pence,
        "actual_to_date_pence": found.actual_to_date_pence,
        "variance_to_date_pence": found.variance_to_date_pence,
        "forecast_outturn_pence": found.forecast_outturn_pence,
        "variance_pence": found.variance_pence,
        "note": found.note,
    }


def provider_bridges(live: LiveContract, year: str) -> list[ProviderBridge]:
    """Set each provider's income today beside its income under the contract in a year.

    Source: handbook 1.1.6; req 232.
    """
    if not is_financial_year(year) or year not in live.terms.years:
        raise UsageProblem(
            f"'{year}' is not a year of the contract, {live.terms.years[0]} to"
            f" {live.terms.years[-1]}"
        )
    table = live.model["provider_income"]
    index = money_of(live, year)
    postings = [(entry.posting, entry.element != "item") for entry in live.settlement.entries]
    return [
        provider_bridge(
            provider,
            year,
            float(table.numbers("income_today")[row]),
            float(table.numbers("continues_outside")[row]),
            float(table.numbers("fixed_cost_share")[row]),
            postings,
            index,
        )
        for row, provider in enumerate(table.text("provider"))
    ]


def money_of(live: LiveContract, year: str) -> float:
    """What a pound of the year of today's spend is worth in the money of another year: the product
    of 1 + GDP deflator of each year after it.

    Raises InputProblems where the deflator of a year is unknown, so that the money of two years
    can't be set side by side.
    Source: handbook 3.3.2; req 232.
    """
    settings = live.model.settings
    first = start_year(settings.spend_year) + 1
    years = [financial_year(at) for at in range(first, start_year(year) + 1)]
    problems = ProblemLog()
    known_on = datetime.date.fromisoformat(settings.known_on) if settings.known_on else None
    rates = live.book.rates(
        DEFLATOR, years, settings.extensions, known_on, problems, Cell("model.yaml", "", "")
    )
    problems.raise_if_errors()
    return math.prod(1 + rate.value for rate in rates)


def next_open(live: LiveContract) -> str:
    """The month after the last one closed: what a statement is for unless another is named."""
    closed = sorted(live.plan.calendar.closed_on)
    return next_month(closed[-1]) if closed else f"{live.terms.starts_on:%Y-%m}"
