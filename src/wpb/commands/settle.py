"""`wpb settle`: every payment of the contract, its balances, and the journal for a finance
system.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from wpb.commands.live_model import KNOWN_ON, MODEL, opened
from wpb.commands.running import AS_JSON, print_json, progress_reporter
from wpb.kernel.money import exact, pounds, round_half_up
from wpb.present.words import fitted


@click.command("settle", short_help="Settle the contract: instalments, postings, balances.")
@MODEL
@KNOWN_ON
@click.option(
    "--through",
    metavar="MONTH",
    default="",
    help=(
        "Show (and with --journal write) postings up to this month, such as 2028-05; all the term"
        " by default."
    ),
)
@click.option(
    "--journal",
    nargs=2,
    type=(click.Choice(["csv", "beancount"]), click.Path(path_type=Path)),
    metavar="FORM OUT",
    help="Write the ledger as a csv or beancount file.",
)
@click.option(
    "--monitor",
    "month",
    metavar="MONTH",
    help="Show monthly monitoring instead: year to date, outturn, and what moved the year.",
)
@click.option(
    "--providers",
    "year",
    metavar="YEAR",
    help="Show providers' income today and under the contract in a year, such as 2028-29.",
)
@AS_JSON
def settle_command(
    model: Path,
    known_on: datetime.datetime | None,
    through: str,
    journal: tuple[str, Path] | None,
    month: str | None,
    year: str | None,
    as_json: bool,
) -> None:
    """Replay every payment of MODEL's contract from its events, and show years, postings and
    balances.
    """
    from wpb.present.journal_export import journal_beancount, journal_csv
    from wpb.present.statements import check_month, monitoring, provider_bridges, settlement_figures

    if through:
        check_month(through)
    with progress_reporter() as progress:
        live = opened(model, known_on, progress)
        if month:
            figures: dict[str, Any] = monitoring(live, month)
        elif year:
            figures = {
                "year": year,
                "providers": [_bridge(found) for found in provider_bridges(live, year)],
            }
        else:
            figures = settlement_figures(live, through)
    if journal:
        journal[1].write_text(
            (journal_csv if journal[0] == "csv" else journal_beancount)(live, through),
            encoding="utf-8",
            newline="",
        )
    if as_json:
        print_json(figures)
        return
    lines = (
        _monitoring_lines(figures)
        if month
        else _bridge_lines(figures)
        if year
        else _settlement_lines(figures)
    )
    click.echo("\n".join([*lines, *([f"Journal written to {journal[1]}"] if journal else [])]))


def _bridge(found: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        **asdict(found),
        "income_after_pence": found.income_after_pence,
        "change_pence": found.change_pence,
    }


def _settlement_lines(figures: dict[str, Any]) -> list[str]:
    lines = [
        (
            f"{'Year':<9}{'Whole budget':>18}{'Annual payment':>18}{'First instalment':>18}"
            f"{'Last instalment':>18}"
        )
    ]
    for year in figures["years"]:
        lines.append(
            f"{year['year']:<9}{pounds(year['wpb_pence'], 2):>18}"
            f"{pounds(year['wpap_pence'], 2):>18}{pounds(year['instalments_pence'][0], 2):>18}"
            f"{pounds(year['instalments_pence'][-1], 2):>18}"
        )
    lines += ["", f"{len(figures['postings']):,} postings. Balances (received less paid):"]
    lines += [
        f"  {party:<12}{pounds(pence, 2):>22}" for party, pence in figures["balances"].items()
    ]
    lines.append(f"  {'together':<12}{pounds(sum(figures['balances'].values()), 2):>22}")
    return [*lines, *_sharing_lines(figures["sharing"])]


def _sharing_lines(statements: list[dict[str, Any]]) -> list[str]:
    lines = ["", "Gains and losses shared (below nought: a loss)"] if statements else []
    for stated in statements:
        lines.append(
            f"  {stated['title']}: {stated['year']}, {stated['status']}, known on"
            f" {stated['known_on']}"
        )
        lines.append(f"    {'Pool':<40}{pounds(stated['pool_pence'], 2):>18}")
        if stated["notional_pence"]:
            lines.append(
                f"    {'Notional: no cash behind it, not paid':<40}"
                f"{pounds(stated['notional_pence'], 2):>18}"
            )
        lines += [
            f"    {fitted(party['title'], 39):<40}{pounds(party['share_pence'], 2):>18}"
            for party in stated["parties"]
        ]
    return lines


def _monitoring_lines(figures: dict[str, Any]) -> list[str]:
    lines = [
        f"Monitoring to {figures['month']}, {figures['year']}",
        "",
        (
            f"{'':<16}{'Budget':>18}{'To date':>18}{'Actual':>18}{'Variance':>16}"
            f"{'Outturn':>18}{'Variance':>16}"
        ),
    ]
    for row in (figures["annual_payment"], *figures["services"]):
        amounts = [
            row[f"{name}_pence"]
            for name in (
                "budget",
                "budget_to_date",
                "actual_to_date",
                "variance_to_date",
                "forecast_outturn",
                "variance",
            )
        ]
        lines.append(
            f"{row['name']:<16}"
            + "".join(
                f"{'none' if amount is None else pounds(amount):>{width}}"
                for amount, width in zip(amounts, (18, 18, 18, 16, 18, 16), strict=True)
            )
        )
    lines += (
        ["", *(f"  {row['name']}: {row['note']}" for row in figures["services"] if row["note"])]
        if any(row["note"] for row in figures["services"])
        else []
    )
    lines += ["", "What moved the annual payment of the year since it was agreed"]
    return [
        *lines,
        *(
            f"  {row['event']:<6}{pounds(row['wpap_pence'], 2):>18}  {row['title']}"
            for row in figures["variance_by_movement"]
        ),
    ]


def _bridge_lines(figures: dict[str, Any]) -> list[str]:
    lines = [
        f"Providers in {figures['year']}, all in the money of that year (GDP deflator)",
        "",
        (
            f"{'Provider':<12}{'Today':>18}{'Goes on outside':>18}{'Under contract':>18}"
            f"{'Other':>16}{'Change':>18}{'Stranded cost':>16}"
        ),
    ]
    for row in figures["providers"]:
        names = (
            "income_today",
            "continues_outside",
            "under_contract",
            "other_payments",
            "change",
            "stranded_fixed_cost",
        )
        lines.append(
            f"{row['provider']:<12}"
            + "".join(
                f"{pounds(row[f'{name}_pence']):>{width}}"
                for name, width in zip(names, (18, 18, 18, 16, 18, 16), strict=True)
            )
        )
    lines += [
        "",
        "Cash from the contract by month, in thousands of pounds",
        f"{'':<12}"
        + "".join(
            f"{month:>9}"
            for month in (
                "Apr",
                "May",
                "Jun",
                "Jul",
                "Aug",
                "Sep",
                "Oct",
                "Nov",
                "Dec",
                "Jan",
                "Feb",
                "Mar",
            )
        ),
    ]
    lines += [
        f"{row['provider']:<12}"
        + "".join(
            f"{round_half_up(exact(pence) / 100_000):>9,}" for pence in row["cash_by_month_pence"]
        )
        for row in figures["providers"]
    ]
    return lines
