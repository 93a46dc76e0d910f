"""What a scheme withholds, what achievement earns, and what is lost.

Source: handbook 5.3, 5.4; overview 5.1; req 246, 252.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.incentives.schemes import Metric, Scheme
from wpb.kernel.money import round_parts, split_pence, whole_pence

Array = NDArray[np.float64]


def achievement(value: Array, threshold: Array, full_at: Array, wants_less: Array) -> Array:
    """Give the part of a metric's payment that a value earns, in a straight line from its threshold
    to full.

    part = min(max((value - threshold) / (full - threshold), 0), 1); all or nothing at the threshold
    where the two
    are equal: value >= threshold, or value <= threshold where less is wanted (wants_less 1).
    Source: handbook 5.3; req 246.
    """
    span = full_at - threshold
    sloped = np.clip((value - threshold) / np.where(span == 0, 1, span), 0, 1)
    reached = np.where(wants_less > 0, value <= threshold, value >= threshold)
    return np.asarray(np.where(span == 0, reached, sloped), dtype=np.float64)


def withheld(contract_value_pence: Array, rate: Array) -> Array:
    """Withhold a scheme's worth: contract value x rate. £100m at 2.5% is £2.5m. Source: handbook
    5.3; req 246.
    """
    return contract_value_pence * rate


def earned(withheld_pence: Array, weights: Array, achieved: Array) -> Array:
    """Give what achievement earns: withheld x sum over metrics of weight x achievement, metrics on
    the last axis.

    Source: handbook 5.3; req 246.
    """
    return np.asarray(withheld_pence * (weights * achieved).sum(axis=-1), dtype=np.float64)


def earned_of_payment(payment_pence: Array, rate: Array, achieved: Array) -> Array:
    """Give what a scheme earns of a payment before withholding: (payment x rate) x share achieved.

    Source: handbook 5.3; req 210, 246.
    """
    return withheld(payment_pence, rate) * achieved


@dataclass(frozen=True)
class SchemePayment:
    """A scheme's year for one provider, in whole pence: worth = earned + lost, and what each paid
    metric earned.
    """

    scheme: str
    worth_pence: int
    earned_pence: int
    lost_pence: int
    by_metric: Mapping[str, int]
    published: Mapping[str, float]
    """The value of every metric, unpaid ones too: the scorecard."""


def scheme_payment(
    scheme: Scheme,
    contract_value_pence: float,
    values: Mapping[str, float],
    local_rate: float | None = None,
) -> SchemePayment:
    """Work one provider's payment under a scheme out, to the penny, from its reported metrics.

    Raises ValueError where the scheme has no published worth and none is given, where a metric is
    not reported, or where nothing in the scheme is paid.
    Source: handbook 5.2-5.4; SCIE 2 (Tower Hamlets community contract); req 246, 249, 252, 255.
    """
    rate = scheme.rate if local_rate is None else local_rate
    if rate is None:
        raise ValueError(
            f"{scheme.title} has no published worth: give a rate of the contract value"
        )
    missing = [metric.title for metric in scheme.metrics if metric.metric not in values]
    if missing:
        raise ValueError(f"not reported: {', '.join(missing)}")
    paid = [metric for metric in scheme.metrics if metric.paid]
    if not paid:
        raise ValueError(f"{scheme.title} pays for no metric")
    worth = whole_pence(contract_value_pence * rate)
    parts = split_pence(
        worth, [metric.weight for metric in paid], [metric.metric for metric in paid]
    )
    reached = achievement(
        *(
            np.array([_term_of(metric, name, values) for metric in paid])
            for name in ("value", "threshold", "full_at", "wants_less")
        )
    )
    amounts = [float(part) * float(share) for part, share in zip(parts, reached, strict=True)]
    by_metric = dict(
        zip(
            (metric.metric for metric in paid),
            round_parts(amounts, [metric.metric for metric in paid]),
            strict=True,
        )
    )
    total = sum(by_metric.values())
    return SchemePayment(
        scheme.scheme,
        worth,
        total,
        worth - total,
        by_metric,
        {metric.metric: values[metric.metric] for metric in scheme.metrics},
    )


def _term_of(metric: Metric, name: str, values: Mapping[str, float]) -> float:
    return (
        values[metric.metric]
        if name == "value"
        else float(metric.wants == "less")
        if name == "wants_less"
        else float(getattr(metric, name))
    )


def topped_up(scheme: Scheme, extra_rate: float, extra_metrics: Sequence[Metric]) -> Scheme:
    """Add a local part to a scheme: more worth and more metrics, each metric keeping its part of
    its own share.

    National metrics weigh rate / (rate + extra) of the whole, local ones extra / (rate + extra).
    Raises ValueError for a scheme without a rate.
    Source: handbook 5.4; req 247, 252.
    """
    if scheme.rate is None:
        raise ValueError(f"{scheme.title} has no rate to add to")
    whole = scheme.rate + extra_rate
    national = tuple(
        _weighing(metric, metric.weight * scheme.rate / whole) for metric in scheme.metrics
    )
    added = tuple(_weighing(metric, metric.weight * extra_rate / whole) for metric in extra_metrics)
    return Scheme(
        scheme.scheme,
        scheme.title,
        scheme.standing,
        whole,
        scheme.from_year,
        scheme.to_year,
        scheme.scopes,
        national + added,
        scheme.replaces,
        scheme.joint,
        True,
        scheme.source,
    )


def _weighing(metric: Metric, weight: float) -> Metric:
    return Metric(
        metric.metric,
        metric.title,
        metric.measure,
        weight,
        metric.threshold,
        metric.full_at,
        metric.paid,
        metric.kind,
        metric.wants,
    )


def at_risk_pence(
    schemes: Sequence[Scheme],
    contract_value_pence: float,
    local_rates: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Give the most that each scheme puts at risk for one provider: contract value x rate,
    unrounded pence.

    The local part of an enlarged scheme is in it, for assurance against the provider's total
    exposure.
    Raises ValueError for a scheme without a published or a given rate.
    Source: handbook 5.4, 6.4.5; req 248.
    """
    found = {}
    for scheme in schemes:
        rate = (local_rates or {}).get(scheme.scheme, scheme.rate)
        if rate is None:
            raise ValueError(
                f"{scheme.title} has no published worth: give a rate of the contract value"
            )
        found[scheme.scheme] = contract_value_pence * rate
    return found
