"""The share of a scheme that was achieved, worked out on the ledger from what was reported of each
metric.

Source: handbook 5.2, 5.3; Mid-Nottinghamshire article (2016); req 246, 249, 253.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from wpb.incentives.payment import achievement
from wpb.incentives.scheme_tables import SchemeYear
from wpb.kernel.ledger import TOTAL, Axis, Block, Ledger
from wpb.kernel.places import Cell, Place
from wpb.tables.model import Model

Array = NDArray[np.float64]


def weighed(part: Array, weight: Array) -> Array:
    """Give what a metric adds to the share achieved: part of its payment x weight.

    Source: handbook 5.3; req 246.
    """
    return part * weight


def in_full(part: Array) -> Array:
    """Count a metric that is reached in full: 1 where its part is 1, else 0.

    Source: Mid-Nottinghamshire article (2016); req 253.
    """
    return np.asarray(part >= 1, dtype=np.float64)


def all_or_none(reached: Array, metrics: Array) -> Array:
    """Give the share of a joint scheme: 1 where every metric is reached in full, else 0.

    Source: Mid-Nottinghamshire article (2016); req 253.
    """
    return np.asarray(reached == metrics, dtype=np.float64)


def achieved_share(
    name: str,
    one: SchemeYear,
    reports: Mapping[str, tuple[float, Cell]],
    model: Model,
    ledger: Ledger,
) -> Block:
    """Work out what a scheme achieved in a year: the sum over paid metrics of part x weight, or all
    or nothing.

    name: id of the figure. reports: by metric, the value reported and its cell; every paid metric
    must be there.
    Gives a share, [1, 1, 1]. Raises KeyError for a paid metric without a report.
    Source: handbook 5.2, 5.3; Mid-Nottinghamshire article (2016); req 246, 253.
    """
    table, paid = model["incentive_metrics"], one.paid
    axis = Axis("metric", tuple(metric.metric for metric in paid))

    def cell(column: str) -> Callable[[int, int], Place]:
        return lambda row, year: table.where(one.metric_rows[paid[row].metric], column)

    def leaf(
        title: str, values: list[float], where: Callable[[int, int], Place], unit: str = "number"
    ) -> Block:
        return ledger.leaf(
            f"{name}/{title.lower().replace(' ', '_')}", axis, unit, values, where, title=title
        )

    value = leaf(
        "Reported",
        [reports[metric.metric][0] for metric in paid],
        lambda row, year: reports[paid[row].metric][1],
    )
    threshold = leaf("Threshold", [metric.threshold for metric in paid], cell("threshold"))
    full_at = leaf(
        "Full at",
        [metric.full_at for metric in paid],
        lambda row, year: table.where(
            one.metric_rows[paid[row].metric],
            "threshold" if paid[row].full_at == paid[row].threshold else "full_at",
        ),
    )
    less = leaf(
        "Less is wanted", [float(metric.wants == "less") for metric in paid], cell("wants"), "flag"
    )
    part = ledger.add(
        f"{name}/part",
        achievement,
        axis,
        "share",
        title="Part of each metric earned",
        value=value,
        threshold=threshold,
        full_at=full_at,
        wants_less=less,
    )
    if one.scheme.joint:
        schemes = model["incentive_schemes"]
        place = schemes.where(schemes.text("scheme").index(one.scheme.scheme), "all_or_nothing")
        reached = ledger.add(
            f"{name}/in_full", in_full, axis, "number", title="Metrics reached in full", part=part
        )
        count = ledger.leaf(
            f"{name}/metrics",
            TOTAL,
            "number",
            [float(len(paid))],
            lambda row, year: place,
            title="Metrics to be reached",
        )
        return ledger.add(
            name,
            all_or_none,
            TOTAL,
            "share",
            title="Share achieved, all or nothing",
            reached=ledger.total(
                f"{name}/reached", TOTAL, (reached, None), title="Metrics reached"
            ),
            metrics=count,
        )
    weight = leaf("Weight", [metric.weight for metric in paid], cell("weight"), "share")
    return ledger.total(
        name,
        TOTAL,
        (
            ledger.add(
                f"{name}/weighed",
                weighed,
                axis,
                "share",
                title="Part x weight",
                part=part,
                weight=weight,
            ),
            None,
        ),
        title="Share achieved",
    )
