"""The cliff of a first-pound minimum rate: how much one more pound of saving (or loss) moves at the
corridor's edge.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.sharing.parties import PartyArrangement
from wpb.sharing.statement import by_year
from wpb.sharing.values import Cases


@dataclass(frozen=True)
class Cliff:
    """What starts to be shared all at once where a gap reaches the minimum rate, in unrounded
    pence.

    rate: the minimum rate. jump_pence: the amount that counts at the edge, having been nothing a
    pound before (nought where only the excess counts).
    """

    year: str
    side: str
    rate: float
    jump_pence: float


def cliffs(arrangement: PartyArrangement) -> list[Cliff]:
    """List the cliffs of an arrangement's minimum rates: jump = minimum rate x baseline, from the
    first pound; else nought.

    The baseline is that of all lines together where they are netted, else the largest line's.
    Source: handbook 6.4.5, 6.5.2; req 282.
    """
    found = []
    netted = any(step.kind == "net" for step in arrangement.steps)
    for step in (step for step in arrangement.steps if step.kind == "corridor"):
        for side, name in (("gains", "minimum_savings_rate"), ("losses", "minimum_loss_rate")):
            value = step.values[name]
            rates = by_year(arrangement, value, {}) if isinstance(value, Cases) else {}
            for year, rate in rates.items():
                bases = [
                    _baseline_pence(arrangement, row, year) for row in range(len(arrangement.lines))
                ]
                base = sum(bases) if netted else max(bases)
                found.append(
                    Cliff(
                        year,
                        side,
                        rate,
                        rate * base if step.words["counts_from"] == "first_pound" else 0.0,
                    )
                )
    return found


def _baseline_pence(arrangement: PartyArrangement, row: int, year: str) -> float:
    line = arrangement.lines[row]
    units = by_year(arrangement, line.baseline, {"line": line.line})[year]
    price = (
        1.0 if line.price is None else by_year(arrangement, line.price, {"line": line.line})[year]
    )
    return units * price * 100
