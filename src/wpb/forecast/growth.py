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


def additive_efficiency_factor(
    efficiency_rate: Array,
    cost_pressure_rate: Array | float = 0.0,
    combined_rate: Array | float = 0.0,
    litigation_rate: Array | float = 0.0,
) -> Array:
    """Efficiency taken off the price uplift of the same year: product of (1 + uplift - efficiency)
    / product of (1 + uplift).

    uplift = unit cost pressure + litigation + combined rate; a line has unit cost or a combined
    rate.
    Source: handbook 3.4; req 187.
    """
    uplift = cost_pressure_rate + litigation_rate + combined_rate + np.zeros_like(efficiency_rate)
    return np.cumprod(1.0 + uplift - efficiency_rate, axis=2) / np.cumprod(1.0 + uplift, axis=2)


def summed_activity_factor(
    demographic_rate: Array, non_demographic_rate: Array, summed: Array
) -> Array:
    """Non-demographic growth on top of demographic growth, compounded to each year.

    Where the two are added (summed is 1): product of (1 + demographic + other) / product of (1 +
    demographic), so that both together grow activity by the sum of the two rates; elsewhere product
    of (1 + other).
    Source: handbook 3.3.2 (the hospital activity model combines local demographic with national
    historic other growth); req 167.
    """
    added = np.cumprod(1.0 + demographic_rate + non_demographic_rate, axis=2) / np.cumprod(
        1.0 + demographic_rate, axis=2
    )
    return np.where(summed > 0, added, np.cumprod(1.0 + non_demographic_rate, axis=2))


def litigation_factor(cost_pressure_rate: Array, litigation_rate: Array) -> Array:
    """Clinical negligence on top of other inflation: product of (1 + inflation + litigation) /
    product of (1 + inflation).

    litigation = share of cost x rise of contributions; with inflation it makes the whole unit cost
    uplift.
    Source: handbook 3.3.2, Tables 4-5; req 160, 162.
    """
    return np.cumprod(1.0 + cost_pressure_rate + litigation_rate, axis=2) / np.cumprod(
        1.0 + cost_pressure_rate, axis=2
    )


def effect_alone(level_pence: Array, factor: Array) -> Array:
    """What one driver would do by itself: level x (factor - 1).

    Source: handbook 3.3.2 Dudley; req 171.
    """
    return level_pence * (factor - 1.0)


def interaction(after: Array, before: Array, **effects: Array) -> Array:
    """What drivers do together beyond what each does alone: after - before - sum of the effects
    alone.

    Source: handbook 3.3.2 Dudley; req 171.
    """
    return after - before - sum(effects.values(), np.zeros(1))


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
