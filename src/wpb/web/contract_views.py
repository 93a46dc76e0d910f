"""What the pages of the contract say and draw: values and their updates, payments and statements,
incentives, sharing.

Source: overview 2; handbook 4.1-4.4, 5.3, 6.4; req 210, 212, 222, 232, 234, 246, 286.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from wpb.live import LiveContract
from wpb.present.charts import Bar, Chart, bridge_chart
from wpb.present.contract_charts import flow_chart, population_chart, shares_chart
from wpb.present.payment_results import names_of
from wpb.present.result_table import ResultTable, Value, label, result_table, worked_out
from wpb.present.statements import next_open, statement_figures
from wpb.present.words import spell_day
from wpb.web.budgets import Shown
from wpb.web.page_views import Looked, Options, View, elements

KINDS = {
    "population_update": "Population updates",
    "reactivation": "Practices leaving",
    "joining": "Practices joining",
    "scope_change": "Changes of scope",
    "correction": "Corrections",
    "periodic_agreement": "Periodic agreements",
    "re_opener": "Re-openers",
}
PRACTICES = "GP practices"


def _records(shown: Shown, name: str) -> list[dict[str, Any]]:
    return shown.tables[name].records() if name in shown.tables else []


def _seen(looked: Looked, name: str) -> list[dict[str, Any]]:
    """The rows of a result that the reader may see."""
    return looked.tables[name].records() if name in looked.tables else []


def values(looked: Looked) -> View:
    """The value as agreed and as it stands, what changed it, and the people it follows."""
    shown, live = looked.shown, looked.shown.contract.live
    if live is None:
        return elements(looked)
    millions = shown.reader.millions
    years = _seen(looked, "contract_by_year")
    lifetime, change = (
        sum(row["wpb_pence"] for row in years),
        sum(row["change_pence"] for row in years),
    )
    first = years[0]
    updates = _seen(looked, "population_updates")
    cards = [
        {
            "label": f"Budget, {first['year']}",
            "value": millions(first["wpb_pence"]),
            "note": (
                f"annual payment {millions(first['wpap_pence'])}: Part A"
                f" {millions(first['part_a_pence'])}, Part B {millions(first['part_b_pence'])}"
            ),
        },
        {
            "label": f"Budget over the term, {len(years)} years",
            "value": millions(lifetime),
            "note": f"version {live.history.at(None).number}, from {live.terms.starts_on:%d %B %Y}",
        },
        {
            "label": "Change since the indicative value",
            "value": millions(change, plus=True),
            "note": (
                f"by {len(live.history.versions) - 2 if len(live.history.versions) > 2 else 0}"
                " events since it was agreed"
            ),
        },
    ]
    if updates:
        last = updates[-1]
        cards.append(
            {
                "label": f"People, {spell_day(last['effective_on'])}",
                "value": f"{last['people_registered']:,.0f}",
                "note": (
                    f"{last['people_moved']:+,.0f} against {last['people_planned']:,.0f} planned"
                ).replace("-", "\u2212"),
            }
        )
    charts = [chart for chart in (_changes(looked, live), *_people(looked)) if chart]
    return {"cards": cards, "charts": charts}


def _changes(looked: Looked, live: LiveContract) -> Chart | None:
    """The way from the value as agreed to the value as it stands, over the term, by kind of
    change.
    """
    by_kind: dict[str, int] = defaultdict(int)
    for row in _seen(looked, "contract_updates"):
        by_kind[row["kind"]] += row["change_pence"]
    if not by_kind:
        return None
    reader = looked.shown.reader
    agreed = live.trees[live.history.agreed.number]
    start = sum(agreed.wpb(at) for at in range(len(agreed.years)))
    bars, running = [Bar("As agreed", 0, start, True)], start
    for kind, pence in by_kind.items():
        bars.append(Bar(KINDS.get(kind, kind.replace("_", " ")), running, running + pence))
        running += pence
    bars.append(Bar("As it stands", 0, running, True))
    words = "; ".join(
        f"{bar.label.lower()} {reader.millions(bar.end_pence - bar.start_pence, plus=True)}"
        for bar in bars[1:-1]
    )
    return bridge_chart(
        "value-changes",
        "From the value as agreed to the value as it stands, over the term",
        f"A bridge from {reader.millions(start)} as agreed: {words}; {reader.millions(running)} as"
        " it stands.",
        bars,
        reader.sign,
        cut=True,
    )


def _people(looked: Looked) -> list[Chart]:
    rows = _seen(looked, "population_updates")
    if len(rows) < 2:
        return []
    days, planned, registered = (
        [row[name] for row in rows]
        for name in ("effective_on", "people_planned", "people_registered")
    )
    reader = looked.shown.reader
    first, last = rows[0], rows[-1]
    words = (
        f"Two lines by count. Registered: {first['people_registered']:,.0f} on"
        f" {first['effective_on']}, {last['people_registered']:,.0f} on {last['effective_on']}."
        f" Planned: {first['people_planned']:,.0f}, then {last['people_planned']:,.0f}."
    )
    worth = "; ".join(
        f"{row['effective_on']} {reader.millions(row['total_pence'], plus=True)}" for row in rows
    )
    return [
        population_chart(
            "population",
            "People registered and planned, at each count",
            words,
            days,
            planned,
            registered,
        ),
        shares_chart(
            "population-worth",
            "What the difference in people is worth in a full year",
            "Stacked bars by count, for how many people there are and for who they are. Together:"
            f" {worth}.",
            days,
            [
                ("For the number of people", [row["size_pence"] for row in rows]),
                ("For who they are", [row["composition_pence"] for row in rows]),
            ],
            reader.sign,
        ),
    ]


# payments -----------------------------------------------------------------------------------------


def contract_years(shown: Shown) -> Options:
    """The years of the contract."""
    live = shown.contract.live
    return [(year, year) for year in live.terms.years] if live else []


def parties(shown: Shown) -> Options:
    """Everyone a payment names, the lead provider first."""
    live = shown.contract.live
    if live is None:
        return []
    names = names_of(live)
    found = [row["party"] for row in _records(shown, "balances")]
    return [
        (code, names.get(code, code))
        for code in sorted(
            found, key=lambda code: (code != live.terms.lead_provider, names.get(code, code))
        )
    ]


def months(shown: Shown) -> Options:
    """Months in which something is paid, the first that is not closed first."""
    live = shown.contract.live
    if live is None:
        return []
    found = sorted({entry.posting.month for entry in live.settlement.entries})
    now = next_open(live)
    return [
        (month, spell_day(month))
        for month in sorted(found, key=lambda month: (month != now, month))
    ]


def payments(looked: Looked) -> View:
    """What is paid in a year, who pays whom, and the statement of one party for one month."""
    shown, live, year = looked.shown, looked.shown.contract.live, looked.chosen.get("year", "")
    if live is None or not year:
        return {}
    millions = shown.reader.millions
    tree = next(row for row in _seen(looked, "contract_by_year") if row["year"] == year)
    instalments = [row for row in _seen(looked, "instalments") if row["year"] == year]
    cards = [
        {
            "label": f"Annual payment, {year}",
            "value": millions(tree["wpap_pence"]),
            "note": f"in twelve instalments, {millions(instalments[0]['amount_pence'])} in April",
        },
        {
            "label": "Next month to be paid",
            "value": spell_day(next_open(live)),
            "note": (
                f"{len(live.plan.calendar.closed_on)} months are closed; what is closed is"
                " corrected, never changed"
            ),
        },
        {
            "label": "Payments over the term",
            "value": f"{len(live.settlement.entries):,}",
            "note": "received less paid adds to nought over all parties",
        },
    ]
    statement = _statement(looked, live)
    return {
        "cards": cards,
        "charts": [_flows(looked, live, year)],
        "made": {"statement": statement} if statement else {},
    }


def _flows(looked: Looked, live: LiveContract, year: str) -> Chart:
    """Who pays whom in a year, practices together."""
    practices = set(live.model["gp_lists"].text("list_code"))
    names = names_of(live)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in _seen(looked, "payment_flows"):
        if row["year"] == year:
            ends = tuple(
                PRACTICES if row[name] in practices else names.get(row[name], row[name])
                for name in ("payer", "payee")
            )
            found[ends[0], ends[1]] += row["amount_pence"]
    net = {
        (payer, payee): pence - found.get((payee, payer), 0)
        for (payer, payee), pence in found.items()
    }
    flows = [
        (payer, payee, pence)
        for (payer, payee), pence in sorted(net.items(), key=lambda item: -item[1])
        if pence > 0
    ]
    words = "; ".join(
        f"{payer} pays {payee} {looked.shown.reader.millions(pence)}"
        for payer, payee, pence in flows[:12]
    )
    return flow_chart(
        "money-flow",
        f"Where the money goes, {year}",
        "A map from those who pay on the left to those who are paid on the right, each band as"
        f" wide as the money, net of what comes back. {words}.",
        flows,
        looked.shown.reader.sign,
    )


def _statement(looked: Looked, live: LiveContract) -> ResultTable | None:
    """One party's statement for one month, from its balance before to its balance after."""
    party, month = looked.chosen.get("party", ""), looked.chosen.get("month", "")
    if not party or not month:
        return None
    found = statement_figures(live, party, month)
    names = names_of(live)
    columns = (
        label("other_party", "With"),
        label("reason", "For"),
        worked_out("received_pence", "Received", adds_up=True),
        worked_out("paid_pence", "Paid", adds_up=True),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = [
        [
            names.get(row["other_party"], row["other_party"]),
            row["reason"],
            max(row["amount_pence"], 0) or None,
            -min(row["amount_pence"], 0) or None,
            row["figure"],
        ]
        for row in found["rows"]
    ]
    reader = looked.shown.reader
    about = (
        f"Month {found['status']}. Brought forward {reader.penny(found['opening_pence']).text},"
        f" received {reader.penny(found['received_pence']).text}, paid"
        f" {reader.penny(found['paid_pence']).text}, carried forward"
        f" {reader.penny(found['closing_pence']).text}. Seal of the month: {found['seal']}."
    )
    return result_table(
        "statement",
        f"Statement for {names.get(party, party)}, {spell_day(month)}",
        about,
        columns,
        rows,
    )


# incentives and sharing ---------------------------------------------------------------------------


def incentives(looked: Looked) -> View:
    """What schemes could earn, earned and did not earn, by year."""
    rows, reader = _seen(looked, "incentives"), looked.shown.reader
    if not rows:
        return {}
    settled = [row for row in rows if row["earned_pence"] is not None]
    open_ones = [row for row in rows if row["earned_pence"] is None]
    elsewhere = sum(row["worth_pence"] is None for row in open_ones)
    cards = [
        {
            "label": "Earned so far",
            "value": reader.millions(sum(row["earned_pence"] for row in settled)),
            "note": (
                f"of {reader.millions(sum(row['worth_pence'] or 0 for row in settled))} in years"
                " that are settled"
            ),
        },
        {
            "label": "Not earned",
            "value": reader.millions(sum(row["lost_pence"] or 0 for row in settled)),
            "note": "stays with the commissioners",
        },
        {
            "label": "Still to be settled",
            "value": reader.millions(sum(row["worth_pence"] or 0 for row in open_ones)),
            "note": (
                f"{len({row['year'] for row in open_ones})} years to come, at their full worth"
                + (
                    f"; {elsewhere} paid through contracts of their own are not counted"
                    if elsewhere
                    else ""
                )
            ),
        },
    ]
    years = list(dict.fromkeys(row["year"] for row in rows))
    by_year = [
        (
            name,
            [
                sum(
                    row[column] or 0
                    for row in rows
                    if row["year"] == year and (row["earned_pence"] is None) == waiting
                )
                for year in years
            ],
        )
        for name, column, waiting in (
            ("Earned", "earned_pence", False),
            ("Not earned", "lost_pence", False),
            ("Still to be settled", "worth_pence", True),
        )
    ]
    words = "; ".join(
        f"{row['year']} earned {reader.millions(row['earned_pence'])} of"
        f" {reader.millions(row['worth_pence'] or 0)}"
        for row in settled
    )
    return {
        "cards": cards,
        "charts": [
            shares_chart(
                "incentives",
                "What schemes could earn, by year",
                f"Stacked bars by year. {words or 'Nothing is settled yet'}.",
                years,
                by_year,
                reader.sign,
            )
        ],
    }


def sharing(looked: Looked) -> View:
    """The pool of each year, what the rules keep back, and each party's share."""
    shown, reader = looked.shown, looked.shown.reader
    rows = _seen(looked, "sharing")
    if not rows:
        return {}
    last = {(row["arrangement"], row["year"]): row for row in rows}
    shares = [
        row
        for row in _seen(looked, "sharing_shares")
        if last[row["arrangement"], row["year"]]["known_on"] == row["known_on"]
    ]
    total = {
        name: sum(row[f"{name}_pence"] for row in last.values())
        for name in ("gap", "notional", "pool", "kept_back", "shared")
    }
    cards = [
        {
            "label": "Below the baseline" if total["gap"] >= 0 else "Above the baseline",
            "value": reader.millions(total["gap"]),
            "note": (
                f"of which {reader.millions(total['notional'])} has no cash behind it and is not"
                " paid"
            ),
        },
        {
            "label": "Pool",
            "value": reader.millions(total["pool"]),
            "note": (
                f"{reader.millions(total['kept_back'])} kept back by corridor, limit and quality"
            ),
        },
        {
            "label": "Shared between parties",
            "value": reader.millions(total["shared"]),
            "note": f"on the latest outturn of {', '.join(sorted({year for _, year in last}))}",
        },
    ]
    live = shown.contract.live
    years = list(live.terms.years) if live else sorted({year for _, year in last})
    names = list(dict.fromkeys(row["name"] for row in shares))
    series = [
        (
            name,
            [
                sum(
                    row["share_pence"]
                    for row in shares
                    if row["name"] == name and row["year"] == year
                )
                for year in years
            ],
        )
        for name in names
    ]
    words = "; ".join(
        f"{row['name']} {reader.millions(row['share_pence'])} in {row['year']}" for row in shares
    )
    bars = [
        Bar("Below the baseline", 0, total["gap"], True),
        Bar("No cash behind it", total["gap"], total["pool"]),
        Bar("Kept back by the rules", total["pool"], total["shared"]),
        Bar("Shared between parties", 0, total["shared"], True),
    ]
    charts = [
        bridge_chart(
            "sharing-pool",
            "From the gap to what is shared",
            f"A bridge: gap {reader.millions(total['gap'])}, less"
            f" {reader.millions(total['notional'])} that no cash stands behind, less"
            f" {reader.millions(total['kept_back'])} kept back by the rules, leaves"
            f" {reader.millions(total['shared'])}.",
            bars,
            reader.sign,
        ),
        shares_chart(
            "sharing-years",
            "Shares by party and year, on the latest outturn",
            f"Stacked bars by year; years without an outturn are empty. {words}.",
            years,
            series,
            reader.sign,
        ),
    ]
    return {"cards": cards, "charts": charts}
