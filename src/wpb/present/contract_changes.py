"""Each change of a live contract tested on what has built up, and what it leaves for services
outside the contract.

Source: handbook 4.2, 4.3, 4.3.1; req 224, 226.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wpb.contract.materiality import Made, band_changes, limits_of
from wpb.kernel.ledger import Array
from wpb.kernel.money import whole_pence
from wpb.live import LiveContract

MOVES = ("scope_change", "reactivation", "joining")
"""Kinds of change by which spend goes where its services go: what a commissioner has for everything
else stays as it was.
"""


def change_tests(live: LiveContract) -> list[dict[str, Any]]:
    """Test every change on what it adds up to over the contract's life, and show what it leaves for
    other services.

    Source: handbook 4.2, 4.3, 4.3.1; req 224, 226.
    """
    lifetime = float(live.history.agreed.wpb.value.sum())
    made, left = [], {}
    taken = np.zeros(live.history.agreed.wpb.value.shape[1:])
    for before, version in zip(live.history.versions, live.history.versions[1:], strict=False):
        clear = version.event in live.decisions and live.decisions[version.event].unambiguous
        delta = np.asarray(version.wpb.value[0] - before.wpb.value[0])
        made.append(
            Made(version.event, version.event_kind, clear, float(delta.sum()), version.known_on)
        )
        takes = delta * 0.0 if version.event_kind in MOVES else delta
        left[version.event] = _left_over(live, delta, taken, takes)
        taken = taken + takes
    found = []
    for test in band_changes(
        made, lifetime, live.terms, lambda on: limits_of(live.book, live.terms.legal_regime, on)
    ):
        found.append(
            {
                "event": test.event,
                "change_pence": whole_pence(test.own_pence),
                "cumulative_pence": whole_pence(test.cumulative_pence),
                "mechanisms_pence": whole_pence(test.mechanism_pence),
                "lifetime_pence": whole_pence(test.lifetime_pence),
                "band": test.band,
                "words": test.words,
                "left_for_other_services": left[test.event],
            }
        )
    return found


def _left_over(
    live: LiveContract, delta: Array, taken: Array, takes: Array
) -> list[dict[str, Any]]:
    """What is left of each allocation, by payer and stream, before and after a change, in the year
    it changes most.

    left = allocation - budget as agreed - forecast out of scope - what changes since have taken; a
    service or a practice that moves takes its spend with it, so that it takes nothing from the
    others.
    """
    lines = live.payments.lines
    year = int(np.abs(delta).sum(axis=0).argmax())
    found = []
    for cell, code in enumerate(live.history.tree.cells.codes):
        if code in lines.allocation.axis.positions and delta[cell, year]:
            row = lines.allocation.axis.positions[code]
            before = (
                lines.allocation.at(row, year)
                - lines.out_of_scope_total.at(row, year)
                - live.history.agreed.wpb.at(cell, year)
                - float(taken[cell, year])
            )
            found.append(
                {
                    "cell": code,
                    "year": live.terms.years[year],
                    "left_before_pence": whole_pence(before),
                    "left_after_pence": whole_pence(before - float(takes[cell, year])),
                }
            )
    return found
