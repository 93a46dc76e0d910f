"""Watching for cherry-picking and narrowed access: use against need, and who joins and leaves.

Under capitation fewer people with high need, or less use by them, pays. A group is flagged where
chance alone would show as large a gap less than once in a hundred reviews of all groups together.
Source: bringing budgets together (2019) section 4; handbook 1.1.3; req 342.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.tables.model import Model

ALARM = 0.01
"""Chance that a review of all groups raises a false alarm (ours)."""


@dataclass(frozen=True)
class AccessFinding:
    """One group: use over what need would lead one to expect, net leavers, and how likely chance
    alone is.
    """

    people_group: str
    measure: str
    period: str
    ratio: float
    chance_of_so_low: float
    flagged: bool
    leavers: int | None
    chance_of_so_many: float | None
    leaving_flagged: bool
    words: str


def access_findings(model: Model, dispersion: float = 0.0) -> tuple[AccessFinding, ...]:
    """Review every group: is use lower than need, and do more leave than join?

    use: probability of a count so low where `expected` is expected, Poisson, or with a dispersion
    of its own negative binomial; leaving: probability of so many leavers among those who moved,
    half expected, binomial. Flagged below ALARM / number of tests (Bonferroni).
    Source: bringing budgets together (2019) section 4; req 342.
    """
    from scipy.stats import binom, nbinom, poisson

    table = model["access_monitoring"]
    limit = ALARM / max(1, 2 * len(table))
    found = []
    for row in range(len(table)):
        actual, expected = (
            float(table.numbers("actual")[row]),
            float(table.numbers("expected")[row]),
        )
        joined, left = float(table.numbers("joined")[row]), float(table.numbers("left")[row])
        if expected <= 0:
            continue
        low = float(
            nbinom(1 / dispersion, 1 / (1 + dispersion * expected)).cdf(actual)
            if dispersion > 0
            else poisson(expected).cdf(actual)
        )
        moved = joined == joined and left == left
        many = (
            float(binom(joined + left, 0.5).sf(left - 1)) if moved and joined + left > 0 else None
        )
        group, measure = str(table.columns["people_group"][row]), str(table.columns["measure"][row])
        flagged, leaving = low < limit, many is not None and many < limit
        words = _words(group, measure, actual / expected, flagged, leaving)
        found.append(
            AccessFinding(
                group,
                measure,
                str(table.columns["period"][row]),
                actual / expected,
                low,
                flagged,
                int(left - joined) if moved else None,
                many,
                leaving,
                words,
            )
        )
    return tuple(found)


def _words(group: str, measure: str, ratio: float, flagged: bool, leaving: bool) -> str:
    name, counted = group.replace("_", " "), measure.replace("_", " ")
    if flagged and leaving:
        return (
            f"{name}: {counted} are {1 - ratio:.1%} below what need would lead one to expect, and"
            " more leave than join. Look at both together."
        )
    if flagged:
        return (
            f"{name}: {counted} are {1 - ratio:.1%} below what need would lead one to expect. Ask"
            " whether need changed or access did."
        )
    if leaving:
        return f"{name}: more people leave than join. Ask them why."
    return f"{name}: nothing beyond chance."
