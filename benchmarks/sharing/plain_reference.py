"""The rules of the Medicare Shared Savings Program as a plain loop over rows: the reference a
settlement must equal.

Written straight from the rules, with nothing of wpb in it, one row at a time.
"""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]

SIZE_TABLE = (
    (1, 499, 122, 122),
    (500, 999, 122, 87),
    (1000, 2999, 87, 50),
    (3000, 4999, 50, 39),
    (5000, 5999, 39, 36),
    (6000, 6999, 36, 34),
    (7000, 7999, 34, 32),
    (8000, 8999, 32, 31),
    (9000, 9999, 31, 30),
    (10000, 14999, 30, 27),
    (15000, 19999, 27, 25),
    (20000, 49999, 25, 22),
    (50000, 59999, 22, 20),
)
"""From and to so many persons, and the rate at each end in tenths of a per cent."""
ONE_SIDED = ("T1", "A", "B")
MAXIMUM_SHARE = {
    "T1": 0.5,
    "T1+": 0.5,
    "T2": 0.6,
    "T3": 0.75,
    "EN": 0.75,
    "A": 0.4,
    "B": 0.4,
    "C": 0.5,
    "D": 0.5,
    "E": 0.5,
}
PAYMENT_LIMIT = {
    "T1": 0.1,
    "T1+": 0.1,
    "T2": 0.15,
    "T3": 0.2,
    "EN": 0.2,
    "A": 0.1,
    "B": 0.1,
    "C": 0.1,
    "D": 0.1,
    "E": 0.1,
}
LOSS_LIMIT = {"T1+": 0.04, "T3": 0.15, "EN": 0.15, "C": 0.01, "D": 0.02, "E": 0.04}
REVENUE_LIMIT = {"T1+": 0.08, "C": 0.02, "D": 0.04, "E": 0.08}
LOSS_CEILING = {"T2": 0.6, "T3": 0.75, "EN": 0.75}


def minimum_rate(row: Row) -> float:
    """The elected rate, or the size table's, straight inside each band."""
    if row["elected_minimum_rate"] is not None:
        return float(row["elected_minimum_rate"])
    persons = row["persons"]
    for low, high, start, end in SIZE_TABLE:
        if low <= persons <= high:
            within = start * (high - persons) + end * (persons - low)
            return float(within / ((high - low) * 1000))
    return 0.02


def share_of_gain(row: Row, score: float) -> float:
    """The share of a gain that quality allows."""
    year, maximum = row["performance_year"], MAXIMUM_SHARE[row["track"]]
    if row["quality_standard_met"]:
        return maximum * score if year <= 2020 else maximum
    if year >= 2023 and row["alternative_standard_met"]:
        return maximum * score
    return 0.0


def share_of_loss(row: Row, score: float) -> float:
    """The share of a loss."""
    track = row["track"]
    if track in ONE_SIDED:
        return 0.0
    if track not in LOSS_CEILING:
        return 0.3
    if not row["quality_standard_met"] and row["performance_year"] <= 2020:
        score = 0.0
    return float(min(max(1 - MAXIMUM_SHARE[track] * score, 0.4), LOSS_CEILING[track]))


def loss_limit(row: Row) -> float:
    """The most that can be owed, in cents."""
    track = row["track"]
    if track in ONE_SIDED:
        return 0.0
    if track == "T2":
        rate = {1: 0.05, 2: 0.075}.get(row["agreement_year"], 0.1)
    else:
        rate = LOSS_LIMIT[track]
    limit = rate * row["benchmark"]
    if row["revenue"] is not None and track in REVENUE_LIMIT:
        limit = min(limit, REVENUE_LIMIT[track] * row["revenue"])
    return float(limit)


def settle_row(row: Row) -> Row:
    """Settle one organisation and year; amounts in cents, unrounded."""
    track, year, benchmark = row["track"], row["performance_year"], row["benchmark"]
    gap = benchmark - row["expenditure"]
    rate = gap / benchmark
    minimum = minimum_rate(row)
    reduced = (
        gap > 0
        and rate < minimum
        and year >= 2024
        and track in ("A", "B", "C", "D", "E")
        and row["reduced_share_eligible"]
    )
    if rate >= minimum or reduced or (rate <= -minimum and track not in ONE_SIDED):
        generated = gap
    else:
        generated = 0.0
    score = 1.0 if row["reporting_only_year"] else row["quality_score"]
    share_rate = share_of_gain(row, score) * (0.5 if reduced else 1)
    full_for_losses = row["reporting_only_year"] and year <= 2020
    loss_rate = share_of_loss(row, 1.0 if full_for_losses else row["quality_score"])
    deduction, bound, earned = 0.0, False, 0.0
    if generated < 0:
        limit = loss_limit(row)
        owed = -generated * loss_rate
        bound = owed > limit
        owed = min(owed, limit)
        relief = row["disaster_deduction"] * (0.5 if row["half_year"] else 1)
        deduction = min(relief, owed)
        earned = -(owed - deduction)
    else:
        limit = PAYMENT_LIMIT[track] * benchmark
        if generated > 0 and not (row["guardrail"] and year >= 2024):
            earned = generated * share_rate
            deduction = earned * (0.0 if year in (2019, 2020) else 0.02)
            earned -= deduction
            bound = earned > limit
            earned = min(earned, limit)
    recouped = min(max(earned, 0.0), row["advance_balance"])
    return {
        "organisation": row["organisation"],
        "performance_year": year,
        "generated": generated,
        "share_rate": share_rate,
        "loss_rate": loss_rate,
        "limit": limit,
        "limit_bound": bound,
        "deduction": deduction,
        "earned": earned,
        "recouped": recouped,
    }


def settle_rows(rows: list[Row]) -> list[Row]:
    """Settle every row, one after another."""
    return [settle_row(row) for row in rows]
