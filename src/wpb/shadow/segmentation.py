"""Alternative segmentations of the same people, set side by side: how much of the difference in
cost each explains.

Source: handbook 3.3.3 Tower Hamlets case; req 302.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model

SAME_PEOPLE = 0.005
"""Segmentations whose totals differ by more than this, relative, are not of the same people (ours).
"""


@dataclass(frozen=True)
class SegmentationFound:
    """One way of segmenting: segments, people, the part of the variance of cost it explains, its
    smallest segment, and chance left in a budget for it.

    variation: standard deviation of the total cost over the total, if people are drawn anew, by
    segment.
    """

    segmentation: str
    segments: int
    people: float
    explained: float
    smallest_segment: str
    smallest_people: float
    variation: float


def compare_segmentations(model: Model, problems: ProblemLog) -> tuple[SegmentationFound, ...]:
    """Set segmentations side by side.

    explained = sum of people x (segment mean - mean)^2 / (the same + sum of people x segment
    variance) variation = square root of sum of people x segment variance / total cost
    Source: handbook 3.3.3; req 302.
    """
    table = model["segmentations"]
    names = table.text("segmentation")
    found = []
    for name in dict.fromkeys(names):
        rows = [row for row, other in enumerate(names) if other == name]
        people, means, deviations = (
            [float(table.numbers(column)[row]) for row in rows]
            for column in ("people", "mean_cost", "sd_cost")
        )
        whole = sum(people)
        mean = sum(n * m for n, m in zip(people, means, strict=True)) / whole
        between = sum(n * (m - mean) ** 2 for n, m in zip(people, means, strict=True))
        within = sum(n * s**2 for n, s in zip(people, deviations, strict=True))
        smallest = min(range(len(rows)), key=lambda at: people[at])
        found.append(
            SegmentationFound(
                name,
                len(rows),
                whole,
                between / (between + within),
                str(table.columns["segment"][rows[smallest]]),
                people[smallest],
                math.sqrt(within) / (whole * mean),
            )
        )
    _check_same_people(found, problems)
    return tuple(sorted(found, key=lambda one: -one.explained))


def _check_same_people(found: list[SegmentationFound], problems: ProblemLog) -> None:
    if found and max(one.people for one in found) > min(one.people for one in found) * (
        1 + SAME_PEOPLE
    ):
        problems.warning(
            None,
            "The segmentations do not cover the same number of people, so they are not set side by"
            " side fairly: "
            + ", ".join(f"{one.segmentation} {one.people:,.0f}" for one in found)
            + ".",
            "Build them from the same records.",
            "segmentation_people",
        )
