"""What a population update is made of: how many people, and who they are; and what the average per
head would have missed.

Source: handbook 4.4; req 235, 237.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.contract.population_update import Update
from wpb.kernel.ledger import Axis


@dataclass(frozen=True)
class Effects:
    """The yearly effect on one cell, unrounded pence, and its two parts: size + composition =
    whole.
    """

    cell: str
    people_registered: float
    people_planned: float
    size_pence: float
    composition_pence: float

    @property
    def whole_pence(self) -> float:
        """The whole effect: size + composition."""
        return self.size_pence + self.composition_pence


def size_and_composition(update: Update, cells: Axis, year: int) -> list[Effects]:
    """Split an update by cell: size = (registered - planned) x average value per planned head;
    composition = the rest.

    Source: handbook 4.4; req 237.
    """
    found = []
    for cell, code in enumerate(cells.codes):
        pairs = [
            (name, stream)
            for (name, stream), position in update.cell_of.items()
            if position == cell
        ]
        registered = planned = worth = planned_worth = 0.0
        for name, stream in pairs:
            for key in (key for key in update.registered if key[0] == name):
                value = update.values.get((key[1], stream, year), 0.0)
                registered += update.registered[key]
                planned += update.planned[key]
                worth += (update.registered[key] - update.planned[key]) * value
                planned_worth += update.planned[key] * value
        if pairs:
            size = (registered - planned) * (planned_worth / planned if planned else 0.0)
            found.append(Effects(code, registered, planned, size, worth - size))
    return found


def average_per_head_error(effects: list[Effects]) -> float:
    """How far the average per head is likely to mis-pay: what the types come to - what the average
    would pay, in pence.

    Source: handbook 4.4 (an average risks significantly under or over reimbursing); req 235.
    """
    return sum(effect.composition_pence for effect in effects)
