"""What must add once the forecast is made, year by year: asserted in each run.

Source: handbook 3.6; req 384.
"""

from __future__ import annotations

import numpy as np

from wpb.forecast.affordability import Affordability
from wpb.kernel.conservation import must_add
from wpb.kernel.ledger import Array, Block, Ledger

SIDES = {"forecast": "in scope", "out_of_scope": "out of scope"}


def forecast_conserved(
    ledger: Ledger,
    levels: tuple[Block, Block],
    afford: Affordability,
    residual_by_party: Block | None,
) -> None:
    """Stop unless the forecast is what was begun with and all that moves it, and each way of adding
    it up comes to the same.

    start in and out of scope = spend in and out of scope at contract year 1; start + movements =
    forecast; commissioners, streams and cells = total; allocation - forecast - out of scope =
    headroom; parties = residual, year by year in pence.
    Raises InputProblems with the figures that do not add.
    Source: handbook 3.6; req 194, 200-202, 384.
    """
    starts = {words: _added(ledger[f"{side}/start"]) for side, words in SIDES.items()}
    must_add("The start of the forecast", starts, sum(map(_added, levels), np.zeros(1)), None)
    for side, words in SIDES.items():
        _movements_add(ledger, side, words, starts[words])
    total = {name: _added(afford.total[name]) for name in (*SIDES, "allocation", "headroom")}
    for name, plain in total.items():
        what = f"The affordability test, {name.replace('_', ' ')}"
        # Headroom is what large sums leave over, so it is compared together with them.
        left = {f"total {side}": total[side] for side in SIDES} if name == "headroom" else {}
        whole = total["allocation"] if left else plain
        by_cell: Block = getattr(afford, name)
        must_add(
            f"{what} by commissioner and stream", {"cells": _added(by_cell), **left}, whole, None
        )
        for words, cut in (
            ("commissioner", afford.by_commissioner),
            ("stream", afford.by_stream),
        ):
            parts = dict(zip(cut[name].axis.codes, cut[name].value[0], strict=True))
            must_add(f"{what} by {words}", {**parts, **left}, whole, None)
    must_add(
        "What is allocated",
        {name: total[name] for name in (*SIDES, "headroom")},
        total["allocation"],
        None,
    )
    for side, words in SIDES.items():
        must_add(
            f"The forecast, {words}",
            {"lines": _added(ledger[side])},
            total[side],
            None,
        )
    if residual_by_party is not None:
        must_add(
            "Residual efficiency",
            dict(zip(residual_by_party.axis.codes, residual_by_party.value[0], strict=True)),
            _added(afford.total["residual"]),
            None,
        )


def _movements_add(ledger: Ledger, side: str, words: str, start: Array) -> None:
    """Start + growth, efficiency and impacts = forecast, on one side of scope; growth shown step by
    step, or each step alone with what they do together.
    """
    moved = {
        name.removeprefix(f"{side}/movement_").removeprefix(f"{side}/").replace("_", " "): _added(
            ledger[name]
        )
        for name in ledger.blocks
        if name.startswith((f"{side}/movement_", f"{side}/alone_", f"{side}/interaction"))
        and not name.endswith("/movement_scope")
    }
    must_add(f"The forecast, {words}", {"start": start, **moved}, _added(ledger[side]), None)


def _added(block: Block) -> Array:
    return np.asarray(block.value[0].sum(axis=0), dtype=np.float64)
