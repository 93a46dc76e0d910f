"""Baselines that mirror the budget beside the budget as it stands now, the review triggers they
reach, and the new baseline.

Source: handbook 6.4.4, 6.4.7; req 273, 292.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wpb.kernel.ledger import Ledger
from wpb.kernel.money import round_half_up
from wpb.kernel.problems import UsageProblem
from wpb.live import frozen_lines
from wpb.live.sharing_baseline import WPB_FORECAST, RebasedLine, rebased_lines
from wpb.live.sharing_links import Shared
from wpb.run import Budget
from wpb.sharing.baseline_profile import triggers_met


def rebase_figures(
    budget: Budget, shared: Shared, from_year: str, changes: Mapping[str, float]
) -> dict[str, Any]:
    """Compare an arrangement's mirrored baselines with the budget now, and say which reviews that
    calls for.

    changes: what else changed, by what rate, for triggers that do not hang on the budget's
    forecast; one without a change told is shown as not known. A change in the forecast is the
    largest of any line and year still to come.
    Raises UsageProblem for a year outside the arrangement or a change that no trigger asks about.
    Source: handbook 6.4.7; req 292.
    """
    arrangement = shared.arrangement
    if from_year and from_year not in arrangement.years:
        raise UsageProblem(
            f"{arrangement.title} does not run in {from_year}; it runs from {arrangement.years[0]}"
            f" to {arrangement.years[-1]}."
        )
    asked = {trigger.change_in for trigger in arrangement.triggers}
    unknown = [name for name in changes if name not in asked]
    if unknown:
        raise UsageProblem(
            f"No review of {arrangement.title} hangs on {', '.join(unknown)}; its reviews hang on"
            f" {', '.join(sorted(asked)) or 'nothing'}."
        )
    first = from_year or arrangement.years[0]
    lines = rebased_lines(shared, frozen_lines(budget), Ledger())
    rates = [
        line.change_rate(year) for line in lines for year in arrangement.years if year >= first
    ]
    known = {**changes, **({WPB_FORECAST: max(rates, key=abs)} if rates else {})}
    met = triggers_met(
        [trigger for trigger in arrangement.triggers if trigger.change_in in known], known
    )
    return {
        "arrangement": arrangement.name,
        "title": arrangement.title,
        "from_year": first,
        "lines": [_line(line, first) for line in lines],
        "reviews": [
            {
                "change_in": trigger.change_in,
                "by_rate": trigger.by_rate,
                "change_rate": known.get(trigger.change_in),
                "met": None if trigger.change_in not in known else trigger in met,
                "then": trigger.then,
            }
            for trigger in arrangement.triggers
        ],
    }


def _line(line: RebasedLine, first: str) -> dict[str, Any]:
    return {
        "line": line.line,
        "years": [
            {
                "year": year,
                "agreed": line.agreed[year],
                "now": line.now[year],
                "change_rate": line.change_rate(year),
            }
            for year in line.agreed
        ],
        "set_again": line.set_again(first),
    }


def rebase_lines(figures: dict[str, Any]) -> list[str]:
    """Spell the comparison, the reviews, and the new baseline as the arrangement file would have
    it.

    Source: handbook 6.4.7; req 292.
    """
    lines = [figures["title"]]
    if not figures["lines"]:
        return [*lines, "  No line of it mirrors the budget."]
    for one in figures["lines"]:
        lines += ["", f"  {one['line']:<32}{'Agreed':>14}{'Budget now':>14}{'Change':>10}"]
        lines += [
            (
                f"    {year['year']:<30}{round_half_up(year['agreed']):>14,}"
                f"{round_half_up(year['now']):>14,}{_rate(year['change_rate']):>10}"
            )
            for year in one["years"]
        ]
        table = ", ".join(f"{year}: {units:.0f}" for year, units in one["set_again"].items())
        lines.append(
            f"    Set again from {figures['from_year']}: baseline: {{by: year, table: {{{table}}}}}"
        )
    lines += (
        ["", "  Reviews"]
        if figures["reviews"]
        else ["", "  The arrangement has no review triggers."]
    )
    for review in figures["reviews"]:
        standing = (
            "not known"
            if review["met"] is None
            else f"{_rate(review['change_rate'])}, {'reached' if review['met'] else 'not reached'}"
        )
        lines.append(
            f"    {review['change_in'].replace('_', ' ')} by {review['by_rate']:.1%} or more:"
            f" {standing}. {review['then']}"
        )
    return lines


def _rate(rate: float) -> str:
    return f"{round_half_up(rate, 4) + 0:.2%}"
