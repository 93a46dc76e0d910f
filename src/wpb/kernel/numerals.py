"""Numbers as people write them in an arrangement or a table of results."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Any


def as_number(found: Any) -> float | None:
    """Read a number or a percentage, to the nearest a computer can hold; true is 1 and false 0;
    None for anything else.

    2.2% is read as 0.022 itself: 2.2 / 100 comes out a hair above it, and an edge is compared at
    full precision.
    Source: handbook 6.4.6; req 282, 286.
    """
    if isinstance(found, (bool, int, float)):
        return float(found) if math.isfinite(found) else None
    return percentage(found) if isinstance(found, str) else None


def percentage(text: str) -> float | None:
    """Read a percentage such as '2.2%', to the nearest a computer can hold; None for anything else.

    Source: handbook 6.4.5; req 282.
    """
    try:
        value = Decimal(text.strip().removesuffix("%").strip()) / 100
    except InvalidOperation:
        return None
    return float(value) if text.strip().endswith("%") and value.is_finite() else None
