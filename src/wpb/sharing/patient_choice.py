"""Money that follows patients between hospitals: a transfer by change in share of activity, inside
a cap and a collar.

The mechanism was not final when it was described: who pays whom by share, and that the transfers
add to nought, are inferred, and every result says so. More activity in the same shares pays
nothing.
Source: Mid-Nottinghamshire article (2016); req 307, 308, 309.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.ledger import TOTAL, Axis, Block, Ledger, Ref
from wpb.kernel.places import Cell, Place

Array = NDArray[np.float64]
UNSETTLED = (
    "The variable element follows the article's possible mechanism; the partners had not"
    " settled it."
)


@dataclass(frozen=True)
class VariablePart:
    """Money that follows patients between providers: its value by year, limits, and activity at the
    start and since.
    """

    settled: bool
    value_pence: Mapping[str, float]
    cap_rate: float
    collar_rate: float
    base_units: Mapping[str, float]
    actual_units: Mapping[str, Mapping[str, float]]
    place: Cell
    actual_places: Mapping[str, Cell] = field(default_factory=dict)


def share_of_activity(units: Array, all_units: Array) -> Array:
    """A provider's share of activity: its units / those of all.

    Source: Mid-Nottinghamshire article (2016); req 307.
    """
    return units / all_units


def held_shift(
    actual_share: Array, base_share: Array, cap_rate: Array, collar_rate: Array
) -> Array:
    """The change in share, held inside the limits: min(max(actual - base, collar), cap).

    Source: Mid-Nottinghamshire article (2016); req 307, 308.
    """
    return np.minimum(np.maximum(actual_share - base_share, collar_rate), cap_rate)


def upward(shift: Array) -> Array:
    """The part of a shift that is a gain: max(shift, 0).

    Source: Mid-Nottinghamshire article (2016); req 307.
    """
    return np.maximum(shift, 0)


def downward(shift: Array) -> Array:
    """The part of a shift that is a fall, above nought: max(-shift, 0).

    Source: Mid-Nottinghamshire article (2016); req 307.
    """
    return np.maximum(-shift, 0)


def choice_transfer(shift: Array, all_up: Array, all_down: Array, value_pence: Array) -> Array:
    """Money that follows patients: value x shift, the larger side scaled down to the smaller so
    that it adds to nought.

    moved = min(all gains, all falls); a gain counts moved / all gains of itself, a fall moved / all
    falls.
    Source: Mid-Nottinghamshire article (2016); req 307, 308, 309.
    """
    moved = np.minimum(all_up, all_down)
    side = np.where(shift > 0, all_up, all_down)
    return (
        value_pence
        * shift
        * np.divide(
            moved, side, out=np.zeros(np.broadcast_shapes(moved.shape, side.shape)), where=side > 0
        )
    )


def choice_block(part: VariablePart, years: tuple[str, ...], ledger: Ledger) -> Block:
    """Work out the money that follows patients, between the providers that have base activity, each
    step on the ledger.

    Gives pence, [run, provider, year], adding to nought over the providers.
    Source: Mid-Nottinghamshire article (2016); req 307, 308, 309.
    """
    axis = Axis("provider", tuple(part.base_units))
    spread = np.zeros(len(axis), dtype=np.int64)

    def place(row: int, year: int) -> Place:
        return part.place

    base = ledger.leaf(
        "alliance/choice/base_units",
        axis,
        "units",
        list(part.base_units.values()),
        place,
        title="Activity at the start",
    )
    actual = ledger.leaf(
        "alliance/choice/actual_units",
        axis,
        "units",
        [[part.actual_units[year][code] for year in years] for code in axis.codes],
        lambda row, year: part.actual_places.get(years[year], part.place),
        years,
        "Activity of the year",
    )
    shares = {
        name: ledger.add(
            f"alliance/choice/{name}_share",
            share_of_activity,
            axis,
            "share",
            block.years,
            f"Share of activity, {words}",
            units=block,
            all_units=Ref(
                ledger.total(
                    f"alliance/choice/all_{name}",
                    TOTAL,
                    (block, None),
                    title=f"Activity of all, {words}",
                ),
                spread,
            ),
        )
        for name, block, words in (("base", base, "at the start"), ("actual", actual, "this year"))
    }
    limits = {
        name: ledger.leaf(
            f"alliance/choice/{name}",
            axis,
            "rate",
            [value] * len(axis),
            place,
            title=name.split("_")[0].capitalize(),
        )
        for name, value in (("cap_rate", part.cap_rate), ("collar_rate", part.collar_rate))
    }
    shift = ledger.add(
        "alliance/choice/shift",
        held_shift,
        axis,
        "share",
        years,
        "Change in share, inside the limits",
        actual_share=shares["actual"],
        base_share=shares["base"],
        **limits,
    )
    sides = {
        name: Ref(
            ledger.total(
                f"alliance/choice/all_{name}ward",
                TOTAL,
                (
                    ledger.add(
                        f"alliance/choice/{name}ward",
                        rule,
                        axis,
                        "share",
                        years,
                        title,
                        shift=shift,
                    ),
                    None,
                ),
                title=f"{title} of all",
            ),
            spread,
        )
        for name, rule, title in (
            ("up", upward, "Gain in share"),
            ("down", downward, "Fall in share"),
        )
    }
    value = ledger.leaf(
        "alliance/choice/value",
        TOTAL,
        "pence",
        [[part.value_pence[year] for year in years]],
        place,
        years,
        "Money that follows patients",
    )
    return ledger.add(
        "alliance/variable",
        choice_transfer,
        axis,
        "pence",
        years,
        "Variable element",
        shift=shift,
        all_up=sides["up"],
        all_down=sides["down"],
        value_pence=Ref(value, spread),
    )
