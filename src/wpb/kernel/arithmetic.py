"""The plain arithmetic that every step of the baseline is made of."""

from __future__ import annotations

import numpy as np

from wpb.kernel.ledger import Array


def apportion(total_pence: Array, weight: Array, all_weights: Array) -> Array:
    """Share a sum out by weights: total x weight / sum of weights, unrounded; nought where the
    weights add to nought.

    Source: handbook Fig 4, Fig 8; req 56, 59, 80.
    """
    return total_pence * share_of(weight, all_weights)


def share_of(part: Array, whole: Array) -> Array:
    """A part as a share of its whole: part / whole; nought where the whole is nought.

    Source: handbook Table 1, 2.4 Encompass; req 43, 44.
    """
    return np.divide(
        part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole != 0
    )


def times(quantity: Array, factor: Array) -> Array:
    """A quantity times a factor, such as units x unit price, or activity x cost weight.

    Source: handbook 2.3, Fig 8; req 39, 40, 80.
    """
    return quantity * factor


def less(whole: Array, part: Array) -> Array:
    """What is left of a whole: whole - part.

    Source: handbook 2.6 (the part of a package outside scope); req 18, 127.
    """
    return whole - part
