"""The months of settlement: when an instalment is fixed, when a month is closed, and where a late
item goes.

Source: overview Table 1; handbook 4.4; req 212, 244.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from wpb.kernel.calendar import (
    first_day,
    last_day,
    month_of,
    month_start,
    months_of,
    next_month,
    year_of,
)

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The months of a contract and its rules of time."""

    starts_on: datetime.date
    notice_days: int
    closed_on: Mapping[str, datetime.date]
    profile: tuple[float, ...]

    def fixed_on(self, month: str) -> datetime.date:
        """The day a month's instalment is fixed: its first day less the days of notice."""
        return month_start(month) - datetime.timedelta(days=self.notice_days)

    def first_open(self, known_on: datetime.date) -> str:
        """The first month whose instalment something known on a day can still alter."""
        month = month_of(max(known_on, self.starts_on))
        while self.fixed_on(month) < known_on or self.is_closed(month, known_on):
            month = next_month(month)
        return month

    def is_closed(self, month: str, known_on: datetime.date) -> bool:
        """Whether a month had been closed before a day."""
        return month in self.closed_on and self.closed_on[month] < known_on

    def month_for(self, month: str, known_on: datetime.date) -> str:
        """The month an item of a month is posted in: its own, or the first not yet closed when it
        was known.
        """
        found = max(month, month_of(known_on))
        while self.is_closed(found, known_on):
            found = next_month(found)
        return found

    def position(self, year: str, month: str) -> int:
        """The position of a month in a financial year: 0 before it starts or for April, 12 once it
        is over.
        """
        months = months_of(year)
        return 0 if month <= months[0] else 12 if month > months[-1] else months.index(month)

    def weights(
        self, year: str, ends_on: datetime.date, starts_on: datetime.date | None = None
    ) -> tuple[float, ...]:
        """The weight of each month of a year: its share of the profile x its days within the term /
        its days.
        """
        return _weights(
            self.profile, year, max(self.starts_on, starts_on or self.starts_on), ends_on
        )

    def from_month(self, year: str, effective_on: datetime.date) -> int:
        """The position of the month from which a change holds within a year."""
        if effective_on <= first_day(year):
            return 0
        return (
            0
            if effective_on > last_day(year)
            else months_of(year_of(effective_on)).index(month_of(effective_on))
        )


@lru_cache(maxsize=1024)
def _weights(
    profile: tuple[float, ...], year: str, starts_on: datetime.date, ends_on: datetime.date
) -> tuple[float, ...]:
    found = []
    for share, month in zip(profile, months_of(year), strict=True):
        first, last = month_start(month), month_start(next_month(month)) - DAY
        days = (min(ends_on, last) - max(starts_on, first)).days + 1
        found.append(share * max(days, 0) / ((last - first).days + 1))
    return tuple(found)
