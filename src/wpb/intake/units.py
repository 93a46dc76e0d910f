"""Units and currencies that a heading or a title says: £000, £m, thousands, euro."""

from __future__ import annotations

import re

from wpb.kernel.words import one_of

UNITS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (
        1_000_000_000,
        re.compile(r"[£$€]\s?bn\b|\b(?:in |of )?(?:£\s*)?billions?\b", re.IGNORECASE),
    ),
    (
        1_000_000,
        re.compile(
            r"[£$€]\s?(?:mn?|mil|mln|'?0{6})s?\b|\bmillions?\b|\bGBP ?m\b|\(m\)", re.IGNORECASE
        ),
    ),
    (
        1_000,
        re.compile(
            r"[£$€]\s?['\u2018\u2019`]?\s?0{3}(?:['\u2018\u2019`]?s)?(?![\d,.])"
            r"|[£$€]\s?[kK]s?\b|\bthousands?\b|['\u2018\u2019`]0{3}(?:['\u2018\u2019`]?s)?(?!\d)"
            r"|\(0{3}s?\)|\b0{3}['\u2018\u2019`]?s?\b|\bGBP ?(?:k|0{3})\b",
            re.IGNORECASE,
        ),
    ),
)
CURRENCIES = {
    "EUR": re.compile(r"€|\bEUR\b|\beuros?\b", re.IGNORECASE),
    "USD": re.compile(r"\$|\bUSD\b|\bUS dollars?\b", re.IGNORECASE),
    "GBP": re.compile(r"£|\bGBP\b|\bpounds? sterling\b|\bsterling\b", re.IGNORECASE),
}
NAMES = {1_000: "thousands", 1_000_000: "millions", 1_000_000_000: "thousands of millions"}


def unit_said(text: str) -> int:
    """Give what a text says figures are counted in: 1000 for £000, 1000000 for £m, 1 for none."""
    return next((unit for unit, pattern in UNITS if pattern.search(text)), 1)


def currency_said(text: str) -> str:
    """Give the currency a text names, such as EUR; '' for none, or for more than one."""
    named = [code for code, pattern in CURRENCIES.items() if pattern.search(text)]
    return named[0] if len(named) == 1 else ""


def unit_name(unit: int) -> str:
    """Name a unit in words."""
    return NAMES.get(unit, one_of([str(unit)]))
