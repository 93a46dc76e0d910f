"""The baseline by GP list: each line's baseline shared over the lists in scope.

Source: handbook 2.4.5; req 101.
"""

from __future__ import annotations

import numpy as np

from wpb.baseline.current_spend import CurrentSpend
from wpb.baseline.population_shares import SharesBuilt
from wpb.kernel.arithmetic import times
from wpb.kernel.ledger import Axis, Block, Ledger, Ref


def baseline_by_list(
    ledger: Ledger, current: CurrentSpend, baseline: Block, shares: SharesBuilt
) -> Block:
    """Share each line's baseline over lists: baseline x the list's share of what is in scope; then
    add up by list.

    Source: handbook 2.4.5; req 101.
    """
    pairs_of: dict[str, list[int]] = {}
    for position, (profile, _) in enumerate(shares.by_list_pairs):
        pairs_of.setdefault(profile, []).append(position)
    live = np.flatnonzero(baseline.value[0, :, 0])
    rows = [
        (int(line), pair)
        for line in live
        for pair in pairs_of.get(current.lines.lines[line].population, [])
    ]
    codes = tuple(
        f"{current.lines.lines[line].code}~{shares.by_list_pairs[pair][1]}" for line, pair in rows
    )
    line_rows, pair_rows = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1))
    detail = ledger.add(
        "baseline/line_by_list",
        times,
        Axis("line and GP list", codes),
        "pence",
        title="Baseline of a line for a list",
        quantity=Ref(baseline, line_rows),
        factor=Ref(shares.by_list, pair_rows),
    )
    lists = Axis("GP list", tuple(sorted({shares.by_list_pairs[pair][1] for _, pair in rows})))
    into = [lists.positions[shares.by_list_pairs[pair][1]] for _, pair in rows]
    return ledger.total("baseline/by_list", lists, (detail, into), title="Baseline of a GP list")
