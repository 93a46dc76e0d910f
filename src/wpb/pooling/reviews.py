"""Reviews of a pooled budget: at least one every quarter.

Source: SCIE 3 (transparency); req 328.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from wpb.kernel.calendar import first_day, last_day
from wpb.kernel.problems import ProblemLog

LONGEST_GAP_DAYS = 92
QUARTER_ENDS = ((6, 30), (9, 30), (12, 31), (3, 31))


def quarterly_reviews(year: str, days_after: int = 28) -> list[datetime.date]:
    """List the days by which each quarter of a financial year is reviewed: its last day and so many
    days after.

    Source: SCIE 3 (transparency); req 328.
    """
    start = first_day(year).year
    return [
        datetime.date(start + (month == 3), month, day) + datetime.timedelta(days=days_after)
        for month, day in QUARTER_ENDS
    ]


def check_reviews(year: str, planned: Sequence[datetime.date], log: ProblemLog) -> None:
    """Check that every quarter of a year has a review planned in it.

    Records an error for each quarter without one.
    Source: SCIE 3 (transparency); req 328.
    """
    begin = first_day(year)
    for number, (month, day) in enumerate(QUARTER_ENDS, start=1):
        end = datetime.date(first_day(year).year + (month == 3), month, day)
        if not any(begin <= review <= end for review in planned):
            log.error(
                None,
                f"Quarter {number} of {year} ({begin:%d %B} to {end:%d %B}) has no review.",
                "Plan at least one review in every quarter.",
                "no_review",
            )
        begin = end + datetime.timedelta(days=1)
    outside = [review for review in planned if not first_day(year) <= review <= last_day(year)]
    for review in outside:
        log.warning(
            None,
            f"The review of {review:%d %B %Y} is not in {year}.",
            "Move it to the plan of its own year.",
            "review_outside_year",
        )
