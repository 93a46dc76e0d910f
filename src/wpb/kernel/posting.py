"""A posting of the settlement ledger: who pays whom, how much, in which month, and the figure it
comes from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MONTH_PATTERN = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


@dataclass(frozen=True, slots=True)
class Posting:
    """One payment to be made, in whole pence above nought; a correction is a posting the other way,
    never an edit.

    month: 2030-04. payer and payee: the ends of an existing contract. reason: why, for a reader.
    figure: the id of the figure on the calculation ledger that it settles.

    Raises ValueError for a month that is none, an amount that is not whole pence above nought, a
    party that pays itself, or a blank.
    """

    month: str
    payer: str
    payee: str
    amount_pence: int
    reason: str
    figure: str

    def __post_init__(self) -> None:
        if not MONTH_PATTERN.match(self.month):
            raise ValueError(f"'{self.month}' is not a month; write it as 2030-04")
        if (
            not isinstance(self.amount_pence, int)
            or isinstance(self.amount_pence, bool)
            or self.amount_pence <= 0
        ):
            raise ValueError(
                f"a posting is of whole pence above nought, not {self.amount_pence!r}; turn payer"
                " and payee round for a negative amount"
            )
        if not self.payer or not self.payee or self.payer == self.payee:
            raise ValueError("a posting needs a payer and a payee that differ")
        if not self.reason or not self.figure:
            raise ValueError("a posting needs a reason and the figure it comes from")

    def reversed(self, month: str, reason: str) -> Posting:
        """Give the posting that undoes this one, in a month of its own and for a reason of its
        own.
        """
        return Posting(month, self.payee, self.payer, self.amount_pence, reason, self.figure)

    def as_dict(self) -> dict[str, str | int]:
        """Spell the posting for JSON."""
        return {
            "month": self.month,
            "payer": self.payer,
            "payee": self.payee,
            "amount_pence": self.amount_pence,
            "reason": self.reason,
            "figure": self.figure,
        }
