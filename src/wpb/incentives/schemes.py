"""Incentive schemes as data by year: what each is worth, whether it is withheld from the budget or
paid beside it, and what stands in for what.

Source: handbook 5; overview 5.1; Mid-Nottinghamshire article (2016); req 246, 251.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog

Standing = Literal["top_sliced", "beside"]
"""top_sliced: withheld from the whole population budget, as the IPS of 2017; beside: paid on its
own, as CQUIN and QOF in 2019.
"""


@dataclass(frozen=True)
class Metric:
    """A metric of a scheme: its weight, the value where payment starts and the one where it is
    full.

    paid: False for an outcome that is published and not paid. kind: process or outcome; a scheme
    may move from the one to the other over the years. measure: what is measured, for comparing with
    gain/loss measures.
    wants: more or less of the measure. threshold equal to full_at pays all or nothing.
    """

    metric: str
    title: str
    measure: str
    weight: float
    threshold: float
    full_at: float
    paid: bool = True
    kind: Literal["process", "outcome"] = "process"
    wants: Literal["more", "less"] = "more"


@dataclass(frozen=True)
class Scheme:
    """An incentive scheme in the years it runs.

    rate: its worth as a rate of the contract value (None: a local amount must be given). from_year,
    to_year: the first and last year it runs ('' for no end). scopes: the services that make it
    apply. replaces: schemes it stands in for. joint: every provider is paid, or none. local: added
    by local commissioners.
    """

    scheme: str
    title: str
    standing: Standing
    rate: float | None
    from_year: str
    to_year: str
    scopes: tuple[str, ...]
    metrics: tuple[Metric, ...] = ()
    replaces: tuple[str, ...] = ()
    joint: bool = False
    local: bool = False
    source: str = ""

    def runs_in(self, year: str) -> bool:
        """Say whether the scheme runs in a year."""
        return self.from_year <= year and (not self.to_year or year <= self.to_year)


PUBLISHED = (
    Scheme(
        "ips",
        "Improvement Payment Scheme",
        "top_sliced",
        0.025,
        "2017-18",
        "2018-19",
        ("any",),
        replaces=("cquin", "qof"),
        source="handbook 5.3: about 2.5% for a partially integrated provider",
    ),
    Scheme(
        "cquin",
        "Commissioning for Quality and Innovation",
        "beside",
        None,
        "2009-10",
        "",
        ("acute", "community", "mental_health"),
        source="overview 5.1",
    ),
    Scheme(
        "qof",
        "Quality and Outcomes Framework",
        "beside",
        None,
        "2004-05",
        "",
        ("primary_medical",),
        source="overview 5.1",
    ),
    Scheme(
        "network_des",
        "Network contract directed enhanced service",
        "beside",
        None,
        "2019-20",
        "",
        ("primary_medical",),
        source="overview 5.1",
    ),
    Scheme(
        "joint_outcomes",
        "Collective outcome payment",
        "beside",
        0.018,
        "2016-17",
        "2016-17",
        ("mid_nottinghamshire",),
        replaces=("cquin",),
        joint=True,
        source=(
            "Mid-Nottinghamshire article (2016): 1.8% of each provider's contract value, a"
            " variation to CQUIN"
        ),
    ),
)
"""Schemes as published. A rate of None was not published with the scheme: enter the local worth."""


def schemes_in_force(schemes: Iterable[Scheme], year: str, scopes: Sequence[str]) -> list[Scheme]:
    """List the schemes that apply to a scope in a year, without those that another one stands in
    for.

    Up to 2018-19 the IPS stands in for CQUIN and QOF; from 2019-20 those apply by scope, with
    eligibility for directed enhanced services.
    Source: handbook 5.1, 5.3; overview 5.1; Mid-Nottinghamshire article (2016); req 251, 254.
    """
    running = [
        scheme
        for scheme in schemes
        if scheme.runs_in(year) and ("any" in scheme.scopes or set(scheme.scopes) & set(scopes))
    ]
    replaced = {name for scheme in running for name in scheme.replaces}
    return [scheme for scheme in running if scheme.scheme not in replaced]


def check_scheme(scheme: Scheme, where: Cell | None, log: ProblemLog) -> None:
    """Check a scheme: paid weights add to 1, unpaid metrics weigh nothing, thresholds run the right
    way.

    Source: handbook 5.2, 5.4; req 247, 249, 250.
    """
    paid = [metric for metric in scheme.metrics if metric.paid]
    if paid and abs(sum(metric.weight for metric in paid) - 1) > 1e-9:
        log.error(
            where,
            f"The weights of {scheme.title}'s paid metrics add to"
            f" {sum(metric.weight for metric in paid):.2%}.",
            "Let them add to 100%.",
            "weights_do_not_add",
        )
    for metric in scheme.metrics:
        if not metric.paid and metric.weight:
            log.error(
                where,
                f"'{metric.title}' is published and not paid, and has a weight.",
                "Take the weight out, or pay the metric.",
                "unpaid_metric_weighs",
            )
        if (metric.full_at < metric.threshold) == (
            metric.wants == "more"
        ) and metric.full_at != metric.threshold:
            log.error(
                where,
                f"'{metric.title}' pays in full at {metric.full_at:g} and starts at"
                f" {metric.threshold:g}, the wrong way round for wanting {metric.wants}.",
                "Turn them round.",
                "threshold_order",
            )
    if scheme.rate is not None and not 0 <= scheme.rate <= 1:
        log.error(
            where,
            f"{scheme.title} is worth {scheme.rate:.2%} of the contract.",
            "Enter a rate from 0 to 1.",
            "out_of_range",
        )


def metrics_by_year(
    years: Sequence[str], versions: Sequence[tuple[str, tuple[Metric, ...]]]
) -> dict[str, tuple[Metric, ...]]:
    """Give the metrics that stand in each year, where sets of metrics follow one another (process
    first, outcome later).

    versions: (first year, metrics), in order. Raises ValueError for a year before the first set.
    Source: handbook 5.1; req 250.
    """
    found = {}
    for year in years:
        standing = [metrics for first, metrics in versions if first <= year]
        if not standing:
            raise ValueError(f"no metrics are agreed for {year}")
        found[year] = standing[-1]
    return found
