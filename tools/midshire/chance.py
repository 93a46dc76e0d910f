"""Variation that is the same on every machine: each figure varies by its own name, whatever else is
made before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

SEED = "midshire-2027"


def chance(name: str) -> float:
    """Give a number from 0 up to 1 that depends on the name alone."""
    digest = hashlib.sha256(f"{SEED}/{name}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def vary(name: str, spread: float) -> float:
    """Give a factor around 1, triangular from 1 - spread to 1 + spread."""
    return 1.0 + spread * (chance(f"{name}/a") + chance(f"{name}/b") - 1.0)


def share_out(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Share a whole number over names by weight, by largest remainder, ties by name; the parts add
    to the total.

    Raises ValueError where the weights don't add to more than nought.
    """
    whole = sum(weights[name] for name in sorted(weights))
    if whole <= 0:
        raise ValueError("weights that add to nought cannot share out a number")
    exact = {name: abs(total) * weight / whole for name, weight in weights.items()}
    parts = {name: int(value) for name, value in exact.items()}
    owed = abs(total) - sum(parts.values())
    for name in sorted(exact, key=lambda name: (parts[name] - exact[name], name))[:owed]:
        parts[name] += 1
    return {name: part if total >= 0 else -part for name, part in parts.items()}


def as_pounds(pence: int) -> str:
    """Write whole pence as pounds with two decimals."""
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100}.{abs(pence) % 100:02d}"
