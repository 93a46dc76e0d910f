"""The financial calendar: years run from 1 April and are written 2030-31."""

from __future__ import annotations

import datetime
import re

YEAR_PATTERN = re.compile(r"^(\d{4})-(\d{2})$")


def is_financial_year(text: str) -> bool:
    """Say whether text is a financial year such as 2030-31, its second part following its first."""
    match = YEAR_PATTERN.match(text)
    return match is not None and (int(match[1]) + 1) % 100 == int(match[2])


def start_year(year: str) -> int:
    """Give the calendar year in which a financial year starts: 2030 for 2030-31.

    Raises ValueError for text that is not a financial year.
    """
    if not is_financial_year(year):
        raise ValueError(f"'{year}' is not a financial year; write it as 2030-31")
    return int(year[:4])


def financial_year(start: int) -> str:
    """Write the financial year that starts on 1 April of a calendar year: 2030 gives 2030-31."""
    return f"{start}-{(start + 1) % 100:02d}"


def next_year(year: str, years: int = 1) -> str:
    """Move a financial year on (or, with a negative count, back)."""
    return financial_year(start_year(year) + years)


def year_range(first: str, count: int) -> tuple[str, ...]:
    """List `count` consecutive financial years from the first."""
    return tuple(financial_year(start_year(first) + offset) for offset in range(count))


def year_of(date: datetime.date) -> str:
    """Give the financial year a date falls in."""
    return financial_year(date.year if (date.month, date.day) >= (4, 1) else date.year - 1)


def first_day(year: str) -> datetime.date:
    """Give the first day of a financial year, 1 April."""
    return datetime.date(start_year(year), 4, 1)


def last_day(year: str) -> datetime.date:
    """Give the last day of a financial year, 31 March."""
    return datetime.date(start_year(year) + 1, 3, 31)


def days_in(year: str) -> int:
    """Count the days of a financial year: 366 where it holds a 29 February."""
    return (last_day(year) - first_day(year)).days + 1


def months_of(year: str) -> tuple[str, ...]:
    """List the twelve months of a financial year, April first, written 2030-04."""
    start = start_year(year)
    return tuple(f"{start + (month > 12)}-{(month - 1) % 12 + 1:02d}" for month in range(4, 16))


def month_of(date: datetime.date) -> str:
    """Give the month a day falls in, written 2030-04."""
    return f"{date.year:04d}-{date.month:02d}"


def month_start(month: str) -> datetime.date:
    """Give the first day of a month written 2030-04."""
    return datetime.date(int(month[:4]), int(month[5:7]), 1)


def next_month(month: str) -> str:
    """Give the month after one written 2030-04."""
    return month_of(month_start(month) + datetime.timedelta(days=32))


def months_between(starts_on: datetime.date, ends_on: datetime.date) -> list[str]:
    """List the months from one day to another, both counted."""
    found = [month_of(starts_on)]
    while found[-1] < month_of(ends_on):
        found.append(next_month(found[-1]))
    return found
