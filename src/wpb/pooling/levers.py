"""The levers partners can pull, and whom each one moves.

Source: SCIE 3 (building block 3); req 332.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Lever:
    """A lever: what it is, who holds it, whom it moves, and what they then do."""

    lever: str
    title: str
    held_by: str
    moves: tuple[str, ...]
    towards: str


LEVERS = (
    Lever(
        "cquin",
        "Commissioning for Quality and Innovation",
        "commissioner",
        ("provider",),
        "Meet quality and innovation goals",
    ),
    Lever(
        "incentive_payments",
        "Incentive payments",
        "commissioner",
        ("provider",),
        "Meet agreed outcomes",
    ),
    Lever(
        "delayed_transfer_reimbursement",
        "Reimbursement for delayed transfers of care",
        "provider",
        ("local_government",),
        "Arrange care so that people can leave hospital",
    ),
)


def unmoved_parties(levers: Iterable[Lever], parties: Sequence[str]) -> list[str]:
    """List the parties that no lever moves, so that partners can see where influence is missing.

    Source: SCIE 3 (building block 3); req 332.
    """
    moved = {party for lever in levers for party in lever.moves}
    return [party for party in parties if party not in moved]
