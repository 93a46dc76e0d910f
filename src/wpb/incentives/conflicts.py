"""Do an incentive scheme and a gain/loss arrangement pay for the same measure, or pull against each
other?

Source: handbook 6.4.5, 6.5.2; req 256.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wpb.incentives.schemes import Scheme
from wpb.kernel.problems import Problem


def conflicts(schemes: Sequence[Scheme], shared_measures: Mapping[str, str]) -> list[Problem]:
    """List overlaps between paid metrics and the measures of a gain/loss arrangement.

    shared_measures: measure -> the line that shares it; a gain there comes from less of it. A paid
    metric of the same measure pays twice for less of it, or pulls against the arrangement where it
    wants more.
    Source: handbook 6.4.5, 6.5.2; req 256.
    """
    found = []
    for scheme in schemes:
        for metric in scheme.metrics:
            if not metric.paid or metric.measure not in shared_measures:
                continue
            line = shared_measures[metric.measure]
            if metric.wants == "less":
                found.append(
                    Problem(
                        "warning",
                        None,
                        f"{scheme.title} pays for less of '{metric.measure}', which line '{line}'"
                        " shares already.",
                        "Pay for it once: choose another measure, distinct but pulling the same"
                        " way.",
                        "same_measure",
                    )
                )
            else:
                found.append(
                    Problem(
                        "error",
                        None,
                        f"{scheme.title} pays for more of '{metric.measure}', and line '{line}'"
                        " shares a gain from less of it.",
                        "Take one of them out: they pull against each other.",
                        "pulls_against",
                    )
                )
    return found


def damping(gain_share_rate: float, pass_rate: float) -> float:
    """Say how much of its gain share a party may expect once the share hangs on a scheme: share x
    chance of passing.

    A provider with 60% of gains and a one-in-two chance of opening the gate acts on 30%.
    Raises ValueError for a chance outside 0 to 1.
    Source: handbook 6.5.2 (Improvement Payment Scheme); req 257.
    """
    if not 0 <= pass_rate <= 1:
        raise ValueError(f"{pass_rate} is not a chance from 0 to 1")
    return gain_share_rate * pass_rate
