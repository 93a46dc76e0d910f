"""The three-part payment of an alliance: a fixed element, a variable one for patient choice, and an
outcome payment.

Source: Mid-Nottinghamshire article (2016); req 305, 306, 312, 313, 314, 316.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fixed_element(
    planned_units: Array,
    unit_price_pence: Array,
    inflation_rate: Array,
    population_rate: Array,
    efficiency_rate: Array,
    resource_shift_pence: Array,
) -> Array:
    """Set a provider's fixed element from planned activity and the commissioner's spend on it.

    fixed = units x price x (1 + inflation) x (1 + population) x (1 - efficiency) + resource shift,
    where the shift moves money between settings under the new care model and adds to nought over
    providers.
    Source: Mid-Nottinghamshire article (2016); req 306.
    """
    return (
        planned_units
        * unit_price_pence
        * (1 + inflation_rate)
        * (1 + population_rate)
        * (1 - efficiency_rate)
        + resource_shift_pence
    )


@dataclass(frozen=True)
class ThreePart:
    """One provider's payment in whole pence, and what risk and reward sharing adds to it or takes
    from it.
    """

    provider: str
    fixed_pence: int
    variable_pence: int
    outcome_pence: int
    shared_pence: int

    @property
    def total_pence(self) -> int:
        """All parts together."""
        return self.fixed_pence + self.variable_pence + self.outcome_pence + self.shared_pence


def three_part_payment(
    fixed_pence: Mapping[str, int],
    variable_pence: Mapping[str, int],
    outcome_pence: Mapping[str, int],
    shared_pence: Mapping[str, int],
) -> list[ThreePart]:
    """Put each provider's three parts together, under the one risk and reward mechanism over them
    all.

    A provider without one of the parts has none of it. Raises ValueError where the variable parts
    do not add to nought, as patient choice moves money and makes none, and for a part of a provider
    that has no fixed one.
    Source: Mid-Nottinghamshire article (2016); req 305.
    """
    if sum(variable_pence.values()) != 0:
        raise ValueError("the variable parts must add to nought over the providers")
    strangers = sorted({*variable_pence, *outcome_pence, *shared_pence} - set(fixed_pence))
    if strangers:
        raise ValueError(f"no fixed part: {', '.join(strangers)}")
    return [
        ThreePart(
            provider,
            fixed,
            variable_pence.get(provider, 0),
            outcome_pence.get(provider, 0),
            shared_pence.get(provider, 0),
        )
        for provider, fixed in fixed_pence.items()
    ]


def transition_payment(
    actual_units: Array, planned_units: Array, unit_price_pence: Array, marginal_rate: Array
) -> Array:
    """Pay activity above plan at the existing marginal rate, for the year in which the commissioner
    still bears the investment's risk.

    payment = max(actual - planned, 0) x price x marginal rate.
    Source: Mid-Nottinghamshire article (2016); req 312.
    """
    return np.maximum(actual_units - planned_units, 0) * unit_price_pence * marginal_rate


def funding_gap(do_nothing_pence: Array, funding_pence: Array) -> Array:
    """Track the gap between what doing nothing would cost and the money there is: do-nothing -
    funding, by year.

    Source: Mid-Nottinghamshire article (2016); req 316.
    """
    return do_nothing_pence - funding_pence


@dataclass(frozen=True)
class GapYear:
    """One year of the funding-gap tracker, in unrounded pence."""

    year: str
    gap_pence: float
    closed_pence: float

    @property
    def left_pence(self) -> float:
        """What is still to be found."""
        return self.gap_pence - self.closed_pence


def gap_tracker(
    years: Sequence[str], do_nothing_pence: Array, funding_pence: Array, closed_pence: Array
) -> list[GapYear]:
    """Lay the gap out by year beside what agreed measures close of it.

    Source: Mid-Nottinghamshire article (2016); req 316.
    """
    gaps = funding_gap(do_nothing_pence, funding_pence)
    return [
        GapYear(year, float(gap), float(closed))
        for year, gap, closed in zip(years, gaps, closed_pence, strict=True)
    ]


@dataclass(frozen=True)
class SubsetService:
    """A service of a shadow budget: in or out, why, and the proxy by which its part of a block was
    found.
    """

    service: str
    amount_pence: int
    in_shadow: bool
    reason: str
    proxy: str = ""


def shadow_subset(services: Sequence[SubsetService], whole_pence: int) -> dict[str, float]:
    """Add up the services that run in shadow and their part of the whole budget.

    Raises ValueError for a service left out without a reason, or a subset larger than the whole.
    Source: Mid-Nottinghamshire article (2016); req 313, 314.
    """
    silent = [service.service for service in services if not service.reason]
    if silent:
        raise ValueError(f"say why each service is in or out: {', '.join(silent)}")
    inside = sum(service.amount_pence for service in services if service.in_shadow)
    if inside > whole_pence:
        raise ValueError("the shadow services come to more than the whole budget")
    return {
        "subset_pence": float(inside),
        "share_of_whole": inside / whole_pence,
        "found_by_proxy_pence": float(
            sum(service.amount_pence for service in services if service.in_shadow and service.proxy)
        ),
    }


def cluster_value(
    block_value_pence: float, cluster_weights: Mapping[str, float], chosen: Sequence[str]
) -> float:
    """Take part of a mental health block by clusters: block x chosen weights / all weights, a proxy
    to be marked as one.

    Raises ValueError for a cluster that the block doesn't have, or weights that add to nought.
    Source: Mid-Nottinghamshire article (2016); req 313.
    """
    unknown = [cluster for cluster in chosen if cluster not in cluster_weights]
    whole = sum(cluster_weights.values())
    if unknown or whole <= 0:
        raise ValueError(
            f"the block has no cluster {', '.join(unknown)}"
            if unknown
            else "the clusters weigh nothing"
        )
    return block_value_pence * sum(cluster_weights[cluster] for cluster in chosen) / whole
