"""A contract's incentive schemes by year: worth, metrics, what was reported, achieved, earned and
lost.

Source: handbook 5; overview 5.1; req 246-257.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wpb.contract.terms import on_day
from wpb.incentives.achieved import achieved_share
from wpb.incentives.scheme_tables import SchemeYear
from wpb.incentives.schemes import PUBLISHED
from wpb.kernel.ledger import Block, Ledger
from wpb.kernel.money import pounds, round_parts, whole_pence
from wpb.kernel.posting import Posting
from wpb.kernel.problems import Problem
from wpb.live import LiveContract
from wpb.live.incentives import reports_by, scheme_conflicts
from wpb.present.words import fitted
from wpb.sharing.parties import PartyArrangement


def incentive_figures(
    live: LiveContract, arrangements: Sequence[PartyArrangement], years: Sequence[str] = ()
) -> tuple[dict[str, Any], list[Problem]]:
    """Set out each scheme of a contract by year, those published in that year, and where they meet
    gain/loss sharing.

    Worth is the rate of the annual payment before withholding in the version that holds, earned
    what is posted to the settlement ledger; both in whole pence.
    Source: handbook 5.2-5.4, 6.4.5; req 246, 249, 250, 251, 256.
    """
    problems = scheme_conflicts(live.incentives, arrangements, live.model)
    wanted = [year for year in live.terms.years if not years or year in years]
    found = [_scheme(live, one) for one in live.incentives.schemes.values() if one.year in wanted]
    figures = {
        "schemes": sorted(found, key=lambda one: (one["year"], one["scheme"])),
        "published": [
            {
                "scheme": one.scheme,
                "title": one.title,
                "standing": one.standing,
                "rate": one.rate,
                "first_year": one.from_year,
                "last_year": one.to_year,
                "replaces": list(one.replaces),
                "source": one.source,
            }
            for one in PUBLISHED
        ],
        "outcome_payments": [
            _outcome(live, row)
            for row in range(len(live.model["outcome_payments"]))
            if str(live.model["outcome_payments"].columns["year"][row]) in wanted
        ],
        "problems": [problem.as_dict() for problem in problems],
    }
    return figures, problems


def _scheme(live: LiveContract, one: SchemeYear) -> dict[str, Any]:
    code, year = one.scheme.scheme, one.year
    shares = live.incentives.achieved.get((code, year), [])
    reports = reports_by(live.model, one, live.as_known_on)
    figure = _achieved_figure(live, one)
    worth = _worth(live, one)
    postings = [
        posting
        for posting in live.settlement.postings
        if posting.figure.startswith(f"wpb/incentives_earned/{code}/{year}")
    ]
    earned = sum(
        posting.amount_pence for posting in postings if posting.payee == live.terms.lead_provider
    ) - sum(
        posting.amount_pence for posting in postings if posting.payer == live.terms.lead_provider
    )
    reported = all(metric.metric in reports for metric in one.paid)
    status = (
        "settled"
        if figure is not None and (shares or one.choice_row >= 0)
        else "provisional"
        if one.paid and reported
        else "not_settled"
    )
    parts, achieved = _parts(live, one, reports) if one.paid and reported else ({}, None)
    achieved = figure.at(0, 0) if figure is not None else achieved
    return {
        "year": year,
        "scheme": code,
        "title": one.scheme.title,
        "published_as": one.published_as,
        "standing": one.scheme.standing if one.choice_row >= 0 else "through_own_contracts",
        "replaces": list(one.scheme.replaces),
        "all_or_nothing": one.scheme.joint,
        "rate": one.scheme.rate,
        "worth_pence": worth,
        "status": status,
        "achieved": achieved,
        "achieved_figure": figure.id if figure is not None else "",
        "earned_pence": earned if status == "settled" else None,
        "lost_pence": worth - earned if status == "settled" and worth is not None else None,
        "metrics": _metrics(one, reports, parts, earned if status == "settled" and achieved else 0),
    }


def _achieved_figure(live: LiveContract, one: SchemeYear) -> Block | None:
    """The share achieved that stands now, worked out or entered."""
    shares = live.incentives.achieved.get((one.scheme.scheme, one.year), [])
    entered = f"wpb/incentives_earned/{one.scheme.scheme}/{one.year}/achieved"
    if shares:
        return shares[-1].figure
    return next((block for block in live.ledger if block.id == entered), None)


def _parts(
    live: LiveContract, one: SchemeYear, reports: Mapping[str, Any]
) -> tuple[dict[str, float], float]:
    """The part of each paid metric earned, and the share achieved, by the rules that settle
    them.
    """
    ledger = Ledger()
    share = achieved_share("share", one, reports, live.model, ledger).at(0, 0)
    part = ledger["share/part"]
    return {code: part.at(row, 0) for row, code in enumerate(part.axis.codes)}, share


def _worth(live: LiveContract, one: SchemeYear) -> int | None:
    """The worth of a scheme in whole pence, by commissioner and stream added up; None where it is
    outside the budget.
    """
    if one.choice_row < 0:
        return None
    table, cells, part = (
        live.model["incentive_choices"],
        live.history.tree.cells,
        live.history.tree.part,
    )
    parts = str(table.columns["parts"][one.choice_row])
    settled = str(table.columns["settled_on"][one.choice_row])
    shares = live.incentives.achieved.get((one.scheme.scheme, one.year), [])
    version = live.history.at(
        shares[0].settled_on if shares else on_day(settled) if settled else live.as_known_on
    )
    at = live.terms.years.index(one.year)
    rate = float(table.numbers("rate")[one.choice_row])
    amounts = [
        version.before_withholding.at(cell, at) * rate
        for cell in range(len(cells))
        if parts in ("both", f"part_{part[cell].lower()}")
    ]
    return sum(round_parts(amounts, [str(number) for number in range(len(amounts))]))


def _metrics(
    one: SchemeYear, reports: Mapping[str, Any], parts: Mapping[str, float], earned: int
) -> list[dict[str, Any]]:
    """Each metric, paid or published only, with what it earned; what metrics earned adds to the
    scheme's.
    """
    paid = [metric.metric for metric in one.paid]
    weights = [parts.get(metric.metric, 0.0) * metric.weight for metric in one.paid]
    whole = sum(weights)
    amounts = (
        dict(
            zip(
                paid,
                round_parts([earned * weight / whole for weight in weights], paid, earned),
                strict=True,
            )
        )
        if earned and whole
        else {}
    )
    return [
        {
            "metric": metric.metric,
            "title": metric.title,
            "measure": metric.measure,
            "kind": metric.kind,
            "wants": metric.wants,
            "paid": metric.paid,
            "weight": metric.weight if metric.paid else None,
            "threshold": metric.threshold if metric.paid else None,
            "full_at": metric.full_at if metric.paid else None,
            "value": reports[metric.metric][0] if metric.metric in reports else None,
            "part": parts.get(metric.metric),
            "earned_pence": amounts.get(metric.metric, 0) if metric.paid and parts else None,
        }
        for metric in one.scheme.metrics
    ]


def _outcome(live: LiveContract, row: int) -> dict[str, Any]:
    table = live.model["outcome_payments"]
    text = {
        name: str(table.columns[name][row])
        for name in ("year", "scheme", "provider", "payer", "contract")
    }
    value, rate = float(table.numbers("contract_value")[row]), float(table.numbers("rate")[row])
    key = f"wpb/outcome_payments/{table.key_of(row)}/"
    postings: list[Posting] = [
        posting for posting in live.settlement.postings if posting.figure.startswith(key)
    ]
    earned = sum(
        posting.amount_pence if posting.payee == text["provider"] else -posting.amount_pence
        for posting in postings
    )
    settled = (text["scheme"], text["year"]) in live.incentives.achieved and bool(
        str(table.columns["settled_on"][row])
    )
    return {
        **text,
        "points_to": live.terms.contract,
        "contract_value_pence": whole_pence(value),
        "rate": rate,
        "worth_pence": whole_pence(value * rate),
        "earned_pence": earned if settled else None,
    }


def incentive_lines(figures: dict[str, Any]) -> list[str]:
    """Spell the schemes, a heading for each scheme and year and a line for each metric.

    Source: handbook 5.2; req 246, 249.
    """
    lines: list[str] = []
    for one in figures["schemes"]:
        rate = "" if one["rate"] is None else f"{one['rate']:.2%} "
        achieved = "not known yet" if one["achieved"] is None else f"{one['achieved']:.2%}"
        lines += [
            "",
            (
                f"{one['year']}  {one['title']} ({one['scheme']}):"
                f" {rate}{one['standing'].replace('_', ' ')}"
                f"{', all or nothing' if one['all_or_nothing'] else ''}"
            ),
        ]
        lines += [f"  stands in for {', '.join(one['replaces'])}"] if one["replaces"] else []
        lines.append(
            f"  Worth {_pounds(one['worth_pence']) or 'what hangs on it in each contract'};"
            f" {one['status'].replace('_', ' ')}; achieved {achieved}"
            + (
                f"; earned {_pounds(one['earned_pence'])}"
                if one["earned_pence"] is not None
                else ""
            )
            + (f"; lost {_pounds(one['lost_pence'])}" if one["lost_pence"] is not None else "")
        )
        lines += (
            [
                (
                    f"    {'Metric':<52}{'Weight':>8}{'From':>10}{'Full at':>10}{'Reported':>10}"
                    f"{'Part':>8}{'Earned':>16}"
                )
            ]
            if one["metrics"]
            else []
        )
        for metric in one["metrics"]:
            numbers = "".join(
                f"{_number(metric[name]):>10}" for name in ("threshold", "full_at", "value")
            )
            weight = f"{metric['weight']:.0%}" if metric["paid"] else "no pay"
            lines.append(
                f"    {fitted(metric['title'], 51):<52}{weight:>8}{numbers}"
                f"{'' if metric['part'] is None else format(metric['part'], '.1%'):>8}"
                f"{_pounds(metric['earned_pence']):>16}"
            )
    if figures["outcome_payments"]:
        lines += [
            "",
            (
                "Through providers' own contracts, which point to"
                f" {figures['outcome_payments'][0]['points_to']}"
            ),
            (
                f"  {'Year':<9}{'Scheme':<14}{'Contract':<16}{'Payer':<10}{'Provider':<10}"
                f"{'Value':>16}{'Rate':>8}{'At risk':>16}{'Earned':>16}"
            ),
        ]
        lines += [
            (
                f"  {one['year']:<9}{one['scheme']:<14}{one['contract']:<16}{one['payer']:<10}"
                f"{one['provider']:<10}{_pounds(one['contract_value_pence']):>16}"
                f"{one['rate']:>8.2%}{_pounds(one['worth_pence']):>16}"
                f"{_pounds(one['earned_pence']):>16}"
            )
            for one in figures["outcome_payments"]
        ]
    return lines[1:] if lines else ["No incentive scheme is chosen."]


def _pounds(pence: int | None) -> str:
    return "" if pence is None else pounds(pence, 2)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
