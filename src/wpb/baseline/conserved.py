"""What must add once the baseline is made: asserted in each run, so that no pound is lost or
counted twice between the tables, the budget lines and the GP lists.

Source: handbook 2.1; req 384.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wpb.baseline.adjustments import AdjustedSpend
from wpb.baseline.current_spend import CurrentSpend
from wpb.kernel.conservation import must_add
from wpb.kernel.ledger import Array, Block, Ledger
from wpb.tables.records import Route


def added(block: Block) -> Array:
    """A block added up over its rows: [year] in the block's unit.

    Source: req 384.
    """
    return np.asarray(block.value[0].sum(axis=0), dtype=np.float64)


def spend_conserved(routes: Sequence[Route], current: CurrentSpend) -> None:
    """Stop unless the spend of all routes is that of all budget lines, and each line is in scope,
    out of it or unattributed.

    routes = lines; in scope + out of scope + unattributed = line, in pence
    Raises InputProblems with the figures that do not add.
    Source: handbook 2.1; req 384.
    """
    parts = {f"route {route.name}": added(route.spend) for route in routes}
    must_add("Current spend", parts, added(current.spend), None)
    split = {
        "in scope": current.in_scope.value,
        "out of scope": current.out_of_scope.value,
        "unattributed": current.unmapped.value,
    }
    must_add("Current spend of the budget lines", split, current.spend.value, None)


def baseline_conserved(
    ledger: Ledger,
    adjusted: AdjustedSpend,
    converted: tuple[Block, Block],
    baseline: Block,
    steps: bool,
) -> None:
    """Stop unless the baseline and what joins later are all that is in scope, and the GP lists
    share out the whole baseline.

    baseline + joins later = spend in scope at contract year 1; sum of lists = baseline, in pence.
    steps: whether spend was carried to contract year 1; where it was not, it is the adjusted spend.
    Raises InputProblems with the figures that do not add.
    Source: handbook 2.1, 2.4.5; req 384.
    """
    inside, _ = converted
    later = -added(ledger["baseline/joins_later"])
    must_add(
        "The baseline", {"baseline": added(baseline), "joins later": later}, added(inside), None
    )
    if not steps:
        must_add("Spend in scope", {"adjusted": added(adjusted.in_scope)}, added(inside), None)
    lists = {"GP lists": added(ledger["baseline/by_list"])}
    must_add("The baseline by GP list", lists, added(baseline), None)
