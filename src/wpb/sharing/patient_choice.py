"""Money that follows patients between hospitals: a transfer by change in share of activity, inside a cap and a collar.

The mechanism was not final when it was described: who pays whom by share, and that the transfers add to nought, are
inferred, and every result says so.
Source: Mid-Nottinghamshire article (2016); req 307, 308, 309.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.money import round_parts

Array = NDArray[np.float64]
UNSETTLED = "The variable element follows the article's possible mechanism; the partners had not settled it."


def share_transfers(base_units: Array, actual_units: Array, variable_value_pence: Array, cap_rate: Array, collar_rate: Array) -> Array:
    """Move money by change in share of activity: value x (actual share - base share), held inside the limits, adding to nought.

    base_units, actual_units: [..., provider]; variable_value_pence, cap_rate, collar_rate: [...]. A gain in share is
    held at the cap and a fall at the collar (below nought), both rates of the value; where a limit cuts one side,
    the other is scaled down to match, so that no money is made or lost. More activity in the same shares pays nothing.
    Source: Mid-Nottinghamshire article (2016); req 307, 308, 309.
    """
    shift = actual_units / actual_units.sum(axis=-1, keepdims=True) - base_units / base_units.sum(axis=-1, keepdims=True)
    held = np.clip(shift, np.expand_dims(collar_rate, -1), np.expand_dims(cap_rate, -1))
    up, down = np.maximum(held, 0).sum(axis=-1, keepdims=True), -np.minimum(held, 0).sum(axis=-1, keepdims=True)
    moved = np.minimum(up, down)
    scale = np.where(held > 0, np.divide(moved, up, out=np.zeros_like(up), where=up > 0), np.divide(moved, down, out=np.zeros_like(down), where=down > 0))
    return np.asarray(held * scale * np.expand_dims(variable_value_pence, -1), dtype=np.float64)


@dataclass(frozen=True)
class ChoiceTransfer:
    """Transfers between hospitals in whole pence, adding to nought, and the note that the mechanism is not settled."""

    by_provider: Mapping[str, int]
    note: str = UNSETTLED


def choice_transfer(base_units: Mapping[str, float], actual_units: Mapping[str, float], variable_value_pence: float, cap_rate: float, collar_rate: float) -> ChoiceTransfer:
    """Work the transfers out for named hospitals, to the penny.

    Raises ValueError for a collar above the cap or on the wrong side of nought, hospitals that differ, or no activity.
    Source: Mid-Nottinghamshire article (2016); req 307, 308.
    """
    if not collar_rate <= 0 <= cap_rate:
        raise ValueError(f"a collar of {collar_rate:.1%} and a cap of {cap_rate:.1%}: the collar must be nought or below, and the cap nought or above")
    if set(base_units) != set(actual_units) or len(base_units) < 2:
        raise ValueError("give base and actual activity for the same two hospitals or more")
    names = sorted(base_units)
    base, actual = (np.array([units[name] for name in names], dtype=np.float64) for units in (base_units, actual_units))
    if base.sum() <= 0 or actual.sum() <= 0 or (base < 0).any() or (actual < 0).any():
        raise ValueError("activity must be above nought in both years")
    moved = share_transfers(base, actual, np.array(variable_value_pence), np.array(cap_rate), np.array(collar_rate))
    return ChoiceTransfer(dict(zip(names, round_parts([float(amount) for amount in moved], names, 0), strict=True)))
