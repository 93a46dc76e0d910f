"""Amounts, years and codes as other systems write them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

SPACES = str.maketrans("", "", " \u00a0\u202f\u2009\u2007\u200a\t")
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
APART = re.compile(r"\d[ \u00a0\u202f\u2009\u2007\u200a\t]+\d")
GROUPED = re.compile(
    r"(?<![\d.])\d{1,3}([ \u00a0\u202f\u2009\u2007\u200a]\d{3})+(?![\d \u00a0]*\d)"
)
YEAR = re.compile(r"(?:FY|F/Y)?\s*(20\d\d)\s*[-/\u2013]\s*(?:20)?(\d\d)", re.IGNORECASE)
SHORT_YEAR = re.compile(r"(?:FY)?\s*(\d\d)[-/\u2013](\d\d)", re.IGNORECASE)
CALENDAR_YEAR = re.compile(r"(?:FY|F/Y)?\s*((?:19|20)\d\d)(?:\.0)?", re.IGNORECASE)


def read_amount(text: str) -> Decimal | None:
    """Read an amount as ledgers write it, exactly: 1,234.50, (1,234.50), 1,234.50-, £1,234.50,
    1,234.50 CR; None for anything else.

    Short form, such as 1.2E+06, is none: it may have lost digits. Brackets, a minus sign after the
    digits, and CR all mean a negative amount; DR means a positive one. A minus sign before the
    digits as well, as in (-5), says two things, and is none.
    """
    if PLAIN.fullmatch(text):
        return Decimal(text)
    if APART.search(text.strip()) and not GROUPED.search(text.strip()):
        return None
    body = text.translate(SPACES).replace("\u2212", "-").upper()
    sign = 1
    if body.endswith(("CR", "DR")):
        sign, body = (-1 if body.endswith("CR") else 1), body[:-2]
    if body.startswith("(") and body.endswith(")"):
        sign, body = -sign, body[1:-1]
    if body.endswith("-"):
        sign, body = -sign, body[:-1]
    if sign < 0 and body.startswith("-"):
        return None
    body = body.replace("£", "", 1) if body.count("£") == 1 else body
    if "," in body and not re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", body):
        return None
    if not re.fullmatch(r"-?(\d[\d,]*)?(\.\d+)?", body) or not any(
        character.isdigit() for character in body
    ):
        return None
    try:
        return sign * Decimal(body.replace(",", ""))
    except InvalidOperation:
        return None


def exact(number: float) -> Decimal:
    """Give a number of a workbook as the decimal it shows, exactly: 0.1, not
    0.1000000000000000055.
    """
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def read_year(text: str) -> str:
    """Write a financial year as 2026-27, from 2026/27, 2026-2027, FY2026/27 or 26/27; as it is
    where it is none of these. Four figures alone, such as 2021, are a calendar year and stay as
    they are.
    """
    found = YEAR.fullmatch(text.strip())
    if found and (int(found[1]) + 1) % 100 == int(found[2]):
        return f"{found[1]}-{found[2]}"
    short = SHORT_YEAR.fullmatch(text.strip())
    if short and (int(short[1]) + 1) % 100 == int(short[2]):
        return f"20{short[1]}-{short[2]}"
    joined = re.fullmatch(r"(?:FY)?(\d\d)(\d\d)", text.strip(), re.IGNORECASE)
    follows = joined and (int(joined[1]) + 1) % 100 == int(joined[2])
    if joined and follows and not CALENDAR_YEAR.fullmatch(text.strip()):
        return f"20{joined[1]}-{joined[2]}"
    return text.strip()


def plain(amount: Decimal) -> str:
    """Write an exact amount in plain digits, without needless zeros."""
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
