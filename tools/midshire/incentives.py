"""Midshire's incentive schemes: what each is, its metrics as they move from process to outcome, and
what was reported.
"""

from __future__ import annotations

from typing import Any

from midshire.rows import Rows

AGREED = "Agreed locally, after the handbook's improvement payment scheme"
SCHEMES = (("OUTCOMES", "Better at home"), ("NEIGHBOUR", "Neighbourhood teams"))
METRICS = (
    # scheme, metric, title, measure, kind, first and last year, weight (None: published only),
    # wants, threshold, full at (None: all or nothing)
    (
        "OUTCOMES",
        "CAREPLAN",
        "People with complex needs who have a care plan",
        "care_plans",
        "process",
        "2027-28",
        "2028-29",
        0.4,
        "more",
        0.5,
        0.9,
    ),
    (
        "OUTCOMES",
        "HOMEFIRST",
        "Discharges that go home first",
        "home_first",
        "process",
        "2027-28",
        "",
        0.4,
        "more",
        0.6,
        0.8,
    ),
    (
        "OUTCOMES",
        "REGISTER",
        "Frailty register kept by every practice",
        "frailty_register",
        "process",
        "2027-28",
        "2028-29",
        0.2,
        "more",
        1,
        None,
    ),
    (
        "OUTCOMES",
        "PLACE",
        "Deaths in the place that was chosen",
        "place_of_death",
        "outcome",
        "2027-28",
        "",
        None,
        "more",
        None,
        None,
    ),
    (
        "OUTCOMES",
        "CAREPLAN",
        "People with complex needs who have a care plan",
        "care_plans",
        "process",
        "2029-30",
        "",
        None,
        "more",
        None,
        None,
    ),
    (
        "OUTCOMES",
        "FALLS",
        "Harm from falls, per 1,000 people over 65",
        "falls_harm",
        "outcome",
        "2029-30",
        "",
        0.35,
        "less",
        9,
        6,
    ),
    (
        "OUTCOMES",
        "ATHOME",
        "Days at home in the last year of life",
        "days_at_home",
        "outcome",
        "2029-30",
        "",
        0.25,
        "more",
        330,
        345,
    ),
    (
        "NEIGHBOUR",
        "TEAMS",
        "Neighbourhoods with a full team",
        "neighbourhood_teams",
        "process",
        "2029-30",
        "",
        0.5,
        "more",
        0.5,
        1,
    ),
    (
        "NEIGHBOUR",
        "SAMEDAY",
        "People seen by their team the same day",
        "same_day",
        "outcome",
        "2029-30",
        "",
        0.5,
        "more",
        0.6,
        0.85,
    ),
)
REPORTS = (
    (
        "2027-28",
        "OUTCOMES",
        {"CAREPLAN": 0.93, "HOMEFIRST": 0.75, "REGISTER": 1, "PLACE": 0.71},
        "2028-06-30",
    ),
    (
        "2028-29",
        "OUTCOMES",
        {"CAREPLAN": 0.86, "HOMEFIRST": 0.75, "REGISTER": 1, "PLACE": 0.74},
        "2029-06-29",
    ),
)


def incentive_rows(rows: Rows) -> None:
    """Write the schemes, their metrics and what was reported."""
    for scheme, title in SCHEMES:
        rows.add(
            "incentive_schemes",
            scheme=scheme,
            title=title,
            published_as="local",
            all_or_nothing="false",
            source=AGREED,
        )
    for (
        scheme,
        metric,
        title,
        measure,
        kind,
        first,
        last,
        weight,
        wants,
        threshold,
        full_at,
    ) in METRICS:
        paid = weight is not None
        scale: dict[str, Any] = (
            {
                "weight": weight,
                "scale": "sliding" if full_at is not None else "all_or_nothing",
                "threshold": threshold,
                "full_at": "" if full_at is None else full_at,
            }
            if paid
            else {}
        )
        rows.add(
            "incentive_metrics",
            scheme=scheme,
            metric=metric,
            title=title,
            measure=measure,
            metric_kind=kind,
            first_year=first,
            last_year=last,
            paid="true" if paid else "false",
            wants=wants,
            **scale,
        )
    for year, scheme, values, known in REPORTS:
        for metric, value in values.items():
            rows.add(
                "incentive_reports",
                year=year,
                scheme=scheme,
                metric=metric,
                value=value,
                known_on=known,
                source="Partnership quality report",
            )
