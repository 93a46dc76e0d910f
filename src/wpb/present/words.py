"""Figures as a reader sees them: millions, pounds, shares, rates, and lists of years."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from wpb.kernel.assumptions.values import shown, spell_years
from wpb.kernel.money import pounds, round_half_up

SIGNS = {"GBP": "£", "USD": "$", "EUR": "€"}
MINUS = "\u2212"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAY, MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(\d\d)"), re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def currency_sign(currency: str) -> str:
    """Give the sign of a currency, or its code and a space."""
    return SIGNS.get(currency, f"{currency} ")


def spell_pounds(amount_pence: int | None, sign: str = "£") -> str:
    """Write whole pence as pounds: £1,235, with a true minus sign; nothing for nothing."""
    if amount_pence is None:
        return ""
    return pounds(amount_pence).replace("-", MINUS).replace("£", sign)


def spell_pennies(amount_pence: int | None, sign: str = "£") -> str:
    """Write whole pence as pounds and pence: £1,234.56."""
    if amount_pence is None:
        return ""
    return pounds(amount_pence, 2).replace("-", MINUS).replace("£", sign)


def spell_millions(amount_pence: int, sign: str = "£", plus: bool = False) -> str:
    """Write whole pence as millions with one decimal: £372.9m; with `plus`, +£2.9m for a rise."""
    value = round_half_up(amount_pence / 100_000_000, 1)
    before = MINUS if value < 0 else "+" if plus and value > 0 else ""
    return f"{before}{sign}{abs(value):,.1f}m"


def spell_share(share: float | None) -> str:
    """Write a share as a percentage with one decimal."""
    return "" if share is None else f"{round_half_up(share * 100, 1) + 0}%".replace("-", MINUS)


def spell_value(value: float, unit: str) -> str:
    """Write an assumption's value as it was published, to six places at most."""
    return shown(float(round_half_up(value, 6)), unit).replace("-", MINUS)


def spell_count(count: float) -> str:
    """Write a whole number with commas."""
    return f"{round_half_up(count):,}"


def fitted(text: str, width: int) -> str:
    """Fit words into a column of a terminal: as they are, or cut with a sign that they go on."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}\u2026"


def spell_date(text: str) -> str:
    """Write a date such as 2026-12-11 as 11 December 2026; other text stays as it is."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B %Y}"


def years_in_words(years: Iterable[str]) -> str:
    """Write years as runs: 2030-31 to 2033-34 and 2036-37."""
    head, comma, last = spell_years(years).rpartition(", ")
    return f"{head} and {last}" if comma else last


def spell_day(text: str) -> str:
    """Write a day or month as people do: 14 Jul 2028, October 2029; any other words as they are."""
    if day := DAY.fullmatch(text):
        return f"{int(day[3])} {MONTHS[int(day[2]) - 1][:3]} {day[1]}"
    if month := MONTH.fullmatch(text):
        return f"{MONTHS[int(month[2]) - 1]} {month[1]}"
    return text
