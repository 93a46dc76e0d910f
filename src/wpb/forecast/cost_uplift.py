"""Unit cost uplift from the inflation of a provider's inputs, each by its share of cost."""

from __future__ import annotations

import numpy as np

from wpb.kernel.ledger import Array
from wpb.kernel.problems import UsageProblem

WEIGHT_TOLERANCE = 1e-9
"""Shares printed to any number of decimals still add to one within this; a missing hundredth of a
percent does not.
"""


def weighted_inflation(weights: Array, inflation: Array) -> Array:
    """Work out what each input adds to the uplift, unrounded.

    product = cost weight x inflation; shares and rates of any shape that lines up, litigation an
    input like the others.
    Source: handbook 3.3.2 Table 5 (column c); req 160, 162.
    """
    return weights * inflation


def input_cost_uplift(weights: Array, inflation: Array) -> Array:
    """Work out the unit cost uplift from input inflation and cost weights.

    uplift = sum over inputs of (cost weight x inflation). weights and inflation: both [input], or
    both [..., input, year], shares and rates; the result loses the input axis. Litigation is an
    input of its own, its rate set anew for each year. The published uplifts of Table 6 do not
    follow from Tables 3 and 4 as printed after 2016-17, so where a published series is meant it is
    looked up, not worked out.

    Raises UsageProblem where the weights of a year do not add to 100%, or a weight or rate is
    missing.
    Source: handbook 3.3.2 Tables 3-6; req 160, 161, 162.
    """
    if not (np.isfinite(weights).all() and np.isfinite(inflation).all()):
        raise UsageProblem(
            "a cost weight or an inflation rate is missing. Enter a value for every input,"
            " litigation included"
        )
    axis = -2 if np.ndim(weights) > 1 else -1
    whole = np.sum(weights, axis=axis)
    astray = np.abs(whole - 1.0) > WEIGHT_TOLERANCE
    if np.any(astray):
        found = float(np.extract(astray, whole)[0])
        raise UsageProblem(
            f"the cost weights add to {found:.4%}, not 100%. Correct them, or enter the part that"
            " is missing as an input of its own"
        )
    products = weighted_inflation(weights, inflation)
    return np.asarray(products.sum(axis=-2 if products.ndim > 1 else -1), dtype=np.float64)
