"""Units in the workbook: amounts held in pence stand in pounds and pence; everything else as it
is.
"""

from __future__ import annotations

MONEY = "pence"


def is_money(unit: str) -> bool:
    """Say whether a unit is an amount of money, or money for one of something."""
    return unit.startswith(MONEY)


def scale_of(unit: str) -> float:
    """What a figure of the calculation is multiplied by to stand in the workbook."""
    return 0.01 if is_money(unit) else 1.0


def unit_words(unit: str, sign: str) -> str:
    """Name a unit for a reader of the workbook."""
    return unit.replace(MONEY, "pounds" if sign == "£" else sign, 1) if is_money(unit) else unit
