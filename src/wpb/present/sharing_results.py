"""Incentives, and gains and losses shared under a live contract, as result tables.

Source: handbook 5.3, 6.4.4-6.4.6; req 246, 252, 273, 286, 287, 298.
"""

from __future__ import annotations

from typing import Any

from wpb.kernel.money import whole_pence
from wpb.live import LiveContract
from wpb.present.incentives_view import incentive_figures
from wpb.present.result_table import ResultTable, Value, entered, label, result_table, worked_out


def incentives_table(live: LiveContract) -> ResultTable:
    """List each scheme by year: what it could earn, what was achieved, what that earned and what
    was lost.

    Could earn = payment before withholding x rate, of the parts the scheme covers; earned = that x
    share achieved.
    Source: handbook 5.2-5.4; overview 5.1; req 210, 246, 252.
    """
    columns = (
        label("title", "Scheme"),
        label("year", "Year", "year"),
        label("treatment", "Where it stands", "code"),
        entered("rate", "Rate", "rate"),
        worked_out("worth_pence", "Could earn", adds_up=True),
        worked_out("achieved", "Achieved", "share"),
        worked_out("earned_pence", "Earned", adds_up=True),
        worked_out("lost_pence", "Not earned", adds_up=True),
        label("standing", "Standing", "code"),
        label("scheme", "Code", "code"),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = [
        [
            one["title"],
            one["year"],
            one["standing"],
            one["rate"],
            one["worth_pence"],
            one["achieved"],
            one["earned_pence"],
            one["lost_pence"],
            one["status"],
            one["scheme"],
            _incentive_figure(live, one),
        ]
        for one in _schemes(live)
    ]
    return result_table(
        "incentives",
        "Incentives by scheme and year",
        "Could earn = payment before withholding x rate; earned = that x share achieved.",
        columns,
        rows,
    )


def _schemes(live: LiveContract) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = incentive_figures(live, ())[0]["schemes"]
    return found


def _incentive_figure(live: LiveContract, one: dict[str, Any]) -> str:
    """The figure behind a scheme's year: what it earned, else the share achieved, else the payment
    it is a rate of.
    """
    earned = f"wpb/incentives_earned/{one['scheme']}/{one['year']}"
    if earned in live.ledger:
        return f"{earned}/{one['year']}"
    return one["achieved_figure"] or f"{live.history.at(None).before_withholding.id}/{one['year']}"


def incentive_metrics(live: LiveContract) -> ResultTable:
    """List the scorecard of each scheme by year: every metric, paid or only published, what was
    reported and earned.

    Source: handbook 5.2, 5.3; req 246, 249.
    """
    columns = (
        label("scheme_title", "Scheme"),
        label("year", "Year", "year"),
        label("title", "Metric"),
        label("kind", "Kind", "code"),
        label("paid", "Paid for", "yes_no"),
        entered("weight", "Weight", "share"),
        entered("threshold", "Pays from", "number"),
        entered("full_at", "In full at", "number"),
        entered("value", "Reported", "number"),
        worked_out("part", "Part earned", "share"),
        worked_out("earned_pence", "Earned", adds_up=True),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = [
        [
            one["title"],
            one["year"],
            metric["title"],
            metric["kind"],
            metric["paid"],
            *(
                metric[name]
                for name in ("weight", "threshold", "full_at", "value", "part", "earned_pence")
            ),
            one["achieved_figure"],
        ]
        for one in _schemes(live)
        for metric in one["metrics"]
    ]
    return result_table(
        "incentive_metrics",
        "What was reported and earned, metric by metric",
        "A metric that is not paid for is published all the same.",
        columns,
        rows,
    )


def incentive_payments(live: LiveContract) -> ResultTable:
    """List what each commissioner paid for incentives earned, by stream.

    Source: handbook 5.3; req 210, 246.
    """
    columns = (
        label("month", "Month", "code"),
        label("payer", "Payer", "code"),
        label("payee", "Paid to", "code"),
        label("reason", "For"),
        worked_out("amount_pence", "Amount", adds_up=True),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = [
        [
            entry.posting.month,
            entry.posting.payer,
            entry.posting.payee,
            entry.posting.reason,
            entry.posting.amount_pence,
            entry.posting.figure,
        ]
        for entry in live.settlement.entries
        if entry.key.startswith("earned.")
    ]
    return result_table(
        "incentive_payments",
        "Paid for incentives",
        "By commissioner and funding stream, once a scheme is settled.",
        columns,
        rows,
    )


def _stated(live: LiveContract) -> list[tuple[dict[str, Any], list[Value]]]:
    return [
        (stated, [stated["title"], stated["year"], stated["known_on"], stated["status"]])
        for stated in live.sharing.statements
    ]


HEADS = (
    label("arrangement", "Arrangement"),
    label("year", "Year", "year"),
    label("known_on", "Known on"),
    label("standing", "Standing", "code"),
)


FIGURE = label("figure", "Figure", "code")


def _figure(stated: dict[str, Any]) -> str:
    """What all parties together are due on an outturn: it opens every step of the arrangement."""
    return f"wpb/sharing/{stated['arrangement']}/{stated['known_on']}/{stated['year']}"


def sharing_table(live: LiveContract) -> ResultTable:
    """List each outturn settled: the pool, what no cash stands behind, what the steps keep back,
    and what is shared.

    Source: handbook 6.4.4, 6.4.5; req 273-275, 287.
    """
    columns = (
        *HEADS,
        worked_out("gap_pence", "Below (above) the baseline"),
        worked_out("notional_pence", "of which no cash behind it"),
        worked_out("pool_pence", "Pool"),
        worked_out("kept_back_pence", "Kept back by the rules"),
        worked_out("shared_pence", "Shared between parties"),
        FIGURE,
    )
    rows: list[list[Value]] = []
    for stated, head in _stated(live):
        shared = sum(party["share_pence"] for party in stated["parties"])
        gap = whole_pence(sum(line["gap_pence"] for line in stated["lines"]))
        rows.append(
            [
                *head,
                gap,
                whole_pence(stated["notional_pence"]),
                whole_pence(stated["pool_pence"]),
                whole_pence(stated["pool_pence"]) - shared,
                shared,
                _figure(stated),
            ]
        )
    return result_table(
        "sharing",
        "Gains and losses settled",
        "A gain is above nought, a loss below. What no cash stands behind is shown and not paid.",
        columns,
        rows,
    )


def sharing_lines(live: LiveContract) -> ResultTable:
    """List what each shared line came to: baseline, outturn, the gap, and how much of it is cash.

    Source: handbook 6.4.4; req 273, 274.
    """
    columns = (
        *HEADS,
        label("line", "What is shared"),
        worked_out("baseline_pence", "Baseline"),
        entered("outturn_pence", "Outturn"),
        worked_out("gap_pence", "Below (above) the baseline"),
        worked_out("cash_pence", "Cash"),
        worked_out("notional_pence", "No cash behind it"),
        label("source_of_cash", "Source of the cash", "code"),
        FIGURE,
    )
    rows = [
        [
            *head,
            line["title"],
            *(
                whole_pence(line[f"{name}_pence"])
                for name in ("baseline", "outturn", "gap", "cash", "notional")
            ),
            line["source_of_cash"],
            _figure(stated),
        ]
        for stated, head in _stated(live)
        for line in stated["lines"]
    ]
    return result_table(
        "sharing_lines",
        "What was shared, line by line",
        "Gap = baseline - outturn; the part the source of cash covers is shared.",
        columns,
        rows,
    )


def sharing_shares(live: LiveContract) -> ResultTable:
    """List each party's share by year and outturn: share, what fell on it already, and what it is
    due.

    Source: handbook 6.4.5, 6.4.6; req 286, 287.
    """
    columns = (
        *HEADS,
        label("party", "Party", "code"),
        label("name", "Name"),
        worked_out("share_pence", "Share of gain or loss", adds_up=True),
        worked_out("fell_on_it_pence", "Fell on it already"),
        worked_out("due_pence", "To be paid", adds_up=True),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = []
    for stated, head in _stated(live):
        for party in stated["parties"]:
            figure = (
                f"wpb/sharing/{stated['arrangement']}/{stated['known_on']}/{stated['year']}/"
                f"{party['party']}"
            )
            rows.append(
                [
                    *head,
                    party["party"],
                    party["title"],
                    party["share_pence"],
                    party["fell_on_it_pence"],
                    party["due_pence"],
                    figure,
                ]
            )
    return result_table(
        "sharing_shares",
        "Shares by party and year",
        "To be paid = share + the fund it holds - what fell on it already.",
        columns,
        rows,
    )


BUILDERS = {
    "incentives": incentives_table,
    "incentive_metrics": incentive_metrics,
    "incentive_payments": incentive_payments,
    "sharing": sharing_table,
    "sharing_shares": sharing_shares,
    "sharing_lines": sharing_lines,
}
