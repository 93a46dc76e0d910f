"""Is a saving that the budget has taken already paid out a second time as a gain? A check on the
calculation ledger.

Source: handbook 3.5, 6.4.4; req 298.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wpb.kernel.ledger import Ledger
from wpb.kernel.money import pounds
from wpb.kernel.problems import ProblemLog
from wpb.sharing.settle_parties import PartySettlement


@dataclass(frozen=True)
class Overlap:
    """A saving counted twice, in unrounded pence: taken in the budget by movements, and standing in
    the gain's baseline.
    """

    line: str
    year: str
    taken_in_budget_pence: float
    counted_twice_pence: float
    movements: tuple[str, ...]


def counted_twice(
    settlement: PartySettlement,
    ledger: Ledger,
    budget_lines: Mapping[str, str],
    forecast: str,
    savings: tuple[str, ...],
    log: ProblemLog,
    tolerance_pence: Mapping[str, float] | None = None,
) -> list[Overlap]:
    """Compare each shared line's baseline with the budget's forecast of it, and with the savings
    taken there.

    forecast: the block of the budget's forecast by budget line. savings: the ids of the movements
    that took the care model's savings out of it (below nought). budget_lines: shared line -> budget
    line, for lines in scope. Counted twice = what of the taken saving still stands in the shared
    baseline: min(saving taken, baseline - forecast), if above nought. tolerance_pence: what a
    line's baseline may differ by because its units are whole. Records an error for each line and
    year, naming the movements.
    Source: handbook 3.5, 6.4.4; req 298.
    """
    arrangement, found = settlement.arrangement, []
    block = ledger[forecast]
    for row, line in enumerate(arrangement.lines):
        if line.line not in budget_lines:
            continue
        budget_row = block.axis.positions[budget_lines[line.line]]
        for number, year in enumerate(arrangement.years):
            at = block.year_position(year)
            taken = {
                movement: -ledger[movement].at(budget_row, ledger[movement].year_position(year))
                for movement in savings
            }
            saving = sum(taken.values())
            above = float(settlement.baseline[0, row, number]) - block.at(budget_row, at)
            twice = min(saving, above)
            if saving > 0 and twice > max(0.5, (tolerance_pence or {}).get(line.line, 0.0)):
                overlap = Overlap(
                    line.line,
                    year,
                    saving,
                    twice,
                    tuple(movement for movement, amount in taken.items() if amount),
                )
                found.append(overlap)
                log.error(
                    line.place,
                    f"Line '{line.line}' counts {pounds(twice, 2)} of saving in {year} that the"
                    f" budget took already ({', '.join(overlap.movements)}).",
                    "Set the shared baseline to the budget's forecast after its savings.",
                    "counted_twice",
                )
    return found
