"""The arithmetic of growth, on arrays over (run, row, year).

Source: handbook 3.3-3.4, Figs 15-17.
"""

from __future__ import annotations

import numpy as np

from wpb.kernel.ledger import Array


def compound_factor(growth_rate: Array) -> Array:
    """Growth compounded to each year: product of (1 + rate) over the years so far, unrounded.

    Source: handbook Figs 15, 16; req 163, 164, 165.
    """
    return np.cumprod(1.0 + growth_rate, axis=2, dtype=np.float64)


def grow(level_pence: Array, factor: Array) -> Array:
    """A level carried forward by a compounded factor: level x factor.

    Source: handbook 3.3.2 Dudley (growth applied one after another), Table 8; req 165, 169, 171.
    """
    return level_pence * factor


def multiplicative_efficiency_factor(efficiency_rate: Array) -> Array:
    """Efficiency compounded to each year: product of (1 - rate).

    Source: handbook 3.4; req 186, 187.
    """
    return np.cumprod(1.0 - efficiency_rate, axis=2, dtype=np.float64)


def additive_efficiency_factor(cost_pressure_rate: Array, combined_rate: Array, efficiency_rate: Array) -> Array:
    """Efficiency taken off the price uplift of the same year: product of (1 + uplift - efficiency) / product of (1 + uplift).

    uplift = unit cost pressure + combined rate; a line has one or the other.
    Source: handbook 3.4; req 187.
    """
    uplift = cost_pressure_rate + combined_rate
    return np.cumprod(1.0 + uplift - efficiency_rate, axis=2) / np.cumprod(1.0 + uplift, axis=2)


def in_scope_from(base_pence: Array, in_scope: Array) -> Array:
    """What a line has in scope in each year: base x 1 from the year it joins, else 0.

    Source: handbook 3.1; req 7.
    """
    return base_pence * in_scope


def not_yet_in_scope(outside_pence: Array, base_pence: Array, in_scope: Array) -> Array:
    """What stays outside in each year: spend outside + lines that have not joined yet.

    Source: handbook 1.1.6, 3.1; req 7, 201.
    """
    return outside_pence + base_pence * (1.0 - in_scope)


def year_on_year(this_year: Array, last_year: Array) -> Array:
    """Growth from one year to the next: this year / last year - 1.

    Source: handbook 3.2.1, 3.3.1; req 149.
    """
    return this_year / last_year - 1.0
