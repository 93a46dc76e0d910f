"""The only place where money is rounded: to whole pence, half-up, with parts that add to the whole.

Everything else in the system carries unrounded pence. Rounding happens where guidance or a contract
fixes a sum.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray


def exact(value: float | int | Decimal) -> Decimal:
    """Read a number as the decimal a person would write for it (0.1 stays 0.1).

    Raises ValueError for a value that is not finite.
    """
    number = (
        value
        if isinstance(value, Decimal)
        else Decimal(repr(float(value)) if not isinstance(value, int) else value)
    )
    if not number.is_finite():
        raise ValueError(f"{value} is not an amount of money")
    return number


def round_half_up(value: float | int | Decimal, places: int = 0) -> Decimal:
    """Round half away from nought, as every printed figure of the handbook does.

    Source: handbook Figs 8, 10, 17 (as printed); req 370.
    """
    return exact(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def whole_pence(amount_pence: float | int | Decimal) -> int:
    """Round one unrounded amount of pence to whole pence, half-up."""
    return int(round_half_up(amount_pence))


def each_to_whole_pence(amounts_pence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round every amount of an array to whole pence as `whole_pence` does one; what is not finite
    stays as it is.

    Source: req 370.
    """
    size = np.abs(amounts_pence)
    below = np.floor(size)
    # The part below a penny is taken off first: adding a half to 0.49999999999999994 would come to
    # one whole penny.
    with np.errstate(invalid="ignore"):
        whole = below + (size - below >= 0.5)
    return np.asarray(np.copysign(whole, amounts_pence) + 0.0, dtype=np.float64)


def split_pence(
    total_pence: int,
    weights: Mapping[Hashable, float] | Sequence[float],
    codes: Sequence[str] | None = None,
) -> list[int]:
    """Split whole pence by weights so that the parts add to the total, by largest remainder.

    part = floor(|total| x weight / sum of weights), then one penny each to the largest remainders;
    equal remainders go by code, never by the order of the rows. A negative total is split as its
    absolute value and the signs put back. Weights are numbers of any one sign.

    Raises ValueError where the weights add to nought and the total does not, or differ in sign.
    Source: req 63.
    """
    values = [
        exact(weight) for weight in (weights.values() if isinstance(weights, Mapping) else weights)
    ]
    names = (
        [str(key) for key in weights]
        if isinstance(weights, Mapping)
        else list(codes or (f"{i:09d}" for i in range(len(values))))
    )
    if any(value < 0 for value in values):
        if any(value > 0 for value in values):
            raise ValueError("weights of both signs cannot share out a sum")
        values = [-value for value in values]
    whole = sum(values, Decimal(0))
    if whole == 0:
        if total_pence:
            raise ValueError("weights that add to nought cannot share out a sum")
        return [0] * len(values)
    sign = -1 if total_pence < 0 else 1
    scaled = [Decimal(abs(total_pence)) * value / whole for value in values]
    return [sign * part for part in _largest_remainder(abs(total_pence), scaled, names)]


def round_parts(
    parts_pence: Sequence[float], codes: Sequence[str], total_pence: int | None = None
) -> list[int]:
    """Round parts to whole pence so that they add to their own rounded total (or to a total given).

    Parts may have both signs: each is rounded down towards minus infinity, and the pence still owed
    go to the largest remainders, ties by code.

    Raises ValueError where the total given is not within one penny a part of what the parts add to.
    Source: req 63, 370.
    """
    amounts = [exact(part) for part in parts_pence]
    total = whole_pence(sum(amounts, Decimal(0))) if total_pence is None else total_pence
    return _largest_remainder(total, amounts, list(codes))


def _largest_remainder(total: int, amounts: Sequence[Decimal], codes: Sequence[str]) -> list[int]:
    floors = []
    for amount in amounts:
        floor = amount.to_integral_value(rounding=ROUND_DOWN)
        floors.append(int(floor - 1 if floor > amount else floor))
    owed = total - sum(floors)
    if not 0 <= owed <= len(floors):
        raise ValueError(
            f"parts that add to {sum(amounts)} cannot be rounded to a total of {total}"
        )
    order = sorted(range(len(floors)), key=lambda i: (floors[i] - amounts[i], codes[i]))
    for i in order[:owed]:
        floors[i] += 1
    return floors


def pounds(amount_pence: float | int | Decimal, places: int = 0) -> str:
    """Write pence as pounds for a reader: -£1,234 or £1,234.56, half-up."""
    value = round_half_up(exact(amount_pence) / 100, places)
    sign = "-" if value < 0 else ""
    return f"{sign}£{abs(value):,.{places}f}"
