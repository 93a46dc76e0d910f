"""Days and parts of years: contracts that start mid-year, leap years, and the points at which
something may happen.
"""

from __future__ import annotations

import datetime

from wpb.kernel.calendar import days_in, first_day, last_day, start_year, year_of

DAY = datetime.timedelta(days=1)


def share_of_year(year: str, starts_on: datetime.date, ends_on: datetime.date) -> float:
    """The part of a financial year that lies from one day to another, both counted: days within /
    days in the year.

    A leap year has 366 days.
    Source: handbook 4.3 (values hold for stated periods); req 215, 244.
    """
    days = (min(ends_on, last_day(year)) - max(starts_on, first_day(year))).days + 1
    return max(days, 0) / days_in(year)


def quarter_of(date: datetime.date) -> str:
    """The quarter of the financial year a day falls in, written 2030-31 Q1.

    Source: handbook 4.4 (registered lists are updated every quarter); req 236.
    """
    return f"{year_of(date)} Q{(date.month - 4) % 12 // 3 + 1}"


def update_period(date: datetime.date, frequency: str) -> str:
    """The period in which there may be one population update: a quarter or a financial year.

    Source: handbook 4.1, 4.4; req 236.
    """
    return quarter_of(date) if frequency == "quarterly" else year_of(date)


def anniversary(starts_on: datetime.date, years: int) -> datetime.date:
    """The same day so many years later; 1 March for a contract that starts on 29 February, in years
    without that day.

    Source: handbook 4.3, 4.5; req 215.
    """
    try:
        return starts_on.replace(year=starts_on.year + years)
    except ValueError:
        return datetime.date(starts_on.year + years, 3, 1)


def is_permitted_point(
    date: datetime.date, points: str, starts_on: datetime.date, ends_on: datetime.date
) -> bool:
    """Whether a practice may take up its own contract on a day; always the day after the contract
    ends.

    anniversary: the day and month the contract started; quarter: the first day of a quarter;
    any_month: of a month.
    Source: overview 3.3.2; req 121.
    """
    if date == ends_on + DAY:
        return True
    if points == "anniversary":
        return date > starts_on and date == anniversary(starts_on, date.year - starts_on.year)
    if points == "quarter":
        return date.day == 1 and date.month in (1, 4, 7, 10)
    return points == "any_month" and date.day == 1


def starts_fixed_period(date: datetime.date, starts_on: datetime.date, fixed_years: int) -> bool:
    """Whether a day is the first of a fixed period: a whole number of periods after the contract's
    first day.

    Source: handbook 4.3, 4.5; req 215.
    """
    years = date.year - starts_on.year
    return years > 0 and years % fixed_years == 0 and date == anniversary(starts_on, years)


def years_between(starts_on: datetime.date, ends_on: datetime.date) -> list[str]:
    """The financial years a term touches.

    Source: handbook 1.2.2; req 213.
    """
    first, last = start_year(year_of(starts_on)), start_year(year_of(ends_on))
    return [f"{year}-{(year + 1) % 100:02d}" for year in range(first, last + 1)]
