"""Incentive schemes settled in the live contract: what was achieved, report by report, and payments
outside the budget.

Here the schemes meet the contract; neither room knows of the other.
Source: handbook 5.2-5.4; Mid-Nottinghamshire article (2016); req 210, 246, 253, 256.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from wpb.contract.terms import Terms, on_day
from wpb.incentives.achieved import achieved_share
from wpb.incentives.conflicts import conflicts
from wpb.incentives.payment import earned_of_payment
from wpb.incentives.scheme_tables import SchemeYear, check_scheme_tables, schemes_by_year
from wpb.kernel.calendar import month_of
from wpb.kernel.ledger import TOTAL, Ledger
from wpb.kernel.money import whole_pence
from wpb.kernel.places import Cell
from wpb.kernel.problems import Problem, ProblemLog
from wpb.sharing.parties import PartyArrangement
from wpb.tables.contract_records import AchievedShare, MonthlyItem
from wpb.tables.model import Model

Reports = Mapping[str, tuple[float, Cell]]


@dataclass
class LiveIncentives:
    """The schemes of a contract by (scheme, year), and what each settled one achieved, a share for
    each day that changed it.
    """

    schemes: Mapping[tuple[str, str], SchemeYear] = field(default_factory=dict)
    achieved: dict[tuple[str, str], list[AchievedShare]] = field(default_factory=dict)
    items: list[MonthlyItem] = field(default_factory=list)
    """Outcome payments through providers' own contracts."""


def live_incentives(
    model: Model, terms: Terms, ledger: Ledger, known_on: datetime.date | None, problems: ProblemLog
) -> LiveIncentives:
    """Work out what each scheme with metrics achieved, once it is settled, and again with every
    later report.

    Records an error for tables that don't hold together, and for a scheme that is settled before a
    paid metric was reported.
    Source: handbook 5.2-5.4; SCIE 2 (Tower Hamlets community contract); req 210, 246, 249, 253,
    255.
    """
    check_scheme_tables(model, terms.years, problems)
    if problems.errors:
        return LiveIncentives()
    found = LiveIncentives(schemes_by_year(model, terms.years))
    for key, one in found.schemes.items():
        settled = _settled_on(model, one)
        if settled is None or not one.paid or (known_on is not None and settled > known_on):
            continue
        later = sorted(
            {
                day
                for day, _, _ in _reports(model, one)
                if day > settled and (known_on is None or day <= known_on)
            }
        )
        shares = []
        for day in (settled, *later):
            reports = reports_by(model, one, day)
            missing = [metric for metric in one.paid if metric.metric not in reports]
            if missing:
                problems.error(
                    _settled_place(model, one),
                    f"{one.scheme.scheme} is settled for {one.year} on {settled}, and"
                    f" {', '.join(metric.title for metric in missing)} was not reported by then.",
                    "Enter the report in incentive_reports, or leave the day blank until it is"
                    " there.",
                    "metric_not_reported",
                )
                break
            name = f"wpb/incentives_earned/{one.scheme.scheme}/{one.year}/achieved" + (
                "" if day == settled else f"/{day}"
            )
            shares.append(
                AchievedShare(day, settled, achieved_share(name, one, reports, model, ledger))
            )
        found.achieved[key] = shares
    if not problems.errors:
        found.items = _outcome_payments(model, terms, found, ledger)
    return found


def reports_by(model: Model, one: SchemeYear, day: datetime.date | None) -> Reports:
    """Give the latest value reported of each metric by a day (None: ever), and its cell.

    Source: handbook 5.2; req 249.
    """
    table, found = model["incentive_reports"], {}
    for known, metric, row in _reports(model, one):
        if day is None or known <= day:
            found[metric] = (float(table.numbers("value")[row]), table.where(row, "value"))
    return found


def _reports(model: Model, one: SchemeYear) -> list[tuple[datetime.date, str, int]]:
    table = model["incentive_reports"]
    rows = [
        row
        for row in table.rows_where("scheme", one.scheme.scheme)
        if table.columns["year"][row] == one.year
    ]
    return sorted(
        (on_day(str(table.columns["known_on"][row])), str(table.columns["metric"][row]), row)
        for row in rows
    )


def _settled_on(model: Model, one: SchemeYear) -> datetime.date | None:
    """The day a scheme was settled for a year: of its choice, else the first of its outcome
    payments.
    """
    days = [str(model[name].columns["settled_on"][row]) for name, row in _settling_rows(model, one)]
    return min((on_day(day) for day in days if day), default=None)


def _settled_place(model: Model, one: SchemeYear) -> Cell | None:
    return next(
        (
            model[name].where(row, "settled_on")
            for name, row in _settling_rows(model, one)
            if str(model[name].columns["settled_on"][row])
        ),
        None,
    )


def _settling_rows(model: Model, one: SchemeYear) -> list[tuple[str, int]]:
    payments = model["outcome_payments"]
    rows = [
        ("outcome_payments", row)
        for row in payments.rows_where("scheme", one.scheme.scheme)
        if payments.columns["year"][row] == one.year
    ]
    return [("incentive_choices", one.choice_row), *rows] if one.choice_row >= 0 else rows


def _outcome_payments(
    model: Model, terms: Terms, found: LiveIncentives, ledger: Ledger
) -> list[MonthlyItem]:
    """Pay what providers earn through their own contracts: contract value x rate x share
    achieved.
    """
    table, items = model["outcome_payments"], []
    for row in range(len(table)):
        text = {
            name: str(table.columns[name][row])
            for name in ("year", "scheme", "provider", "payer", "contract", "settled_on")
        }
        for share in (
            found.achieved.get((text["scheme"], text["year"]), []) if text["settled_on"] else []
        ):
            day = max(share.known_on, on_day(text["settled_on"]))
            name = f"wpb/outcome_payments/{table.key_of(row)}/{share.known_on}"
            value, rate = (
                ledger.leaf(
                    f"{name}/{column}",
                    TOTAL,
                    unit,
                    [float(table.numbers(column)[row])],
                    lambda r, y, at=row, of=column: table.where(at, of),  # type: ignore[misc]
                    title=title,
                )
                for column, unit, title in (
                    ("contract_value", "pence", "Value of the contract"),
                    ("rate", "rate", "Part of the value that hangs on the scheme"),
                )
            )
            block = ledger.add(
                name,
                earned_of_payment,
                TOTAL,
                "pence",
                title="Outcome payment",
                payment_pence=value,
                rate=rate,
                achieved=share.figure,
            )
            words = (
                f"{text['scheme']} outcome payment for {text['year']} under {text['contract']}, by"
                f" reference to {terms.contract} ({share.figure.at(0, 0):.0%} achieved)"
            )
            items.append(
                MonthlyItem(
                    f"outcome.{table.key_of(row)}",
                    month_of(on_day(text["settled_on"])),
                    text["payer"],
                    text["provider"],
                    whole_pence(block.at(0, 0)),
                    words,
                    f"{name}/total",
                    day,
                )
            )
    return items


def scheme_conflicts(
    found: LiveIncentives, arrangements: Sequence[PartyArrangement], model: Model
) -> list[Problem]:
    """List, year by year, paid metrics that measure what a gain/loss arrangement shares, each with
    the cell of its measure.

    A line's measure is its own code, and the service lines it is measured on in shadow_sharing.
    Source: handbook 6.4.5, 6.5.2; req 256.
    """
    links, table = model["shadow_sharing"], model["incentive_metrics"]
    said: dict[tuple[str, str], Problem] = {}
    for one in found.schemes.values():
        measures: dict[str, str] = {}
        for arrangement in (
            arrangement for arrangement in arrangements if one.year in arrangement.years
        ):
            measures |= {line: line for line in arrangement.line_names}
            measures |= {
                service: line
                for name, line, service in zip(
                    *(links.text(column) for column in ("arrangement", "line", "service_line")),
                    strict=True,
                )
                if name == arrangement.name
            }
        for metric in one.paid:
            for problem in conflicts([replace(one.scheme, metrics=(metric,))], measures):
                said.setdefault(
                    (one.scheme.scheme, metric.metric),
                    replace(
                        problem,
                        where=table.where(one.metric_rows[metric.metric], "measure"),
                        what=f"From {one.year}: {problem.what}",
                    ),
                )
    return list(said.values())
