"""Neighbourhoods: units of integrated primary care that serve natural communities of 30,000 to
50,000 people.

Source: contracting for accountable models, paragraph 8.
"""

from __future__ import annotations

from collections import defaultdict

from wpb.tables.findings import Finding, judged, not_checked, warned
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn


def neighbourhood_sizes(model: Model) -> dict[str, tuple[int, float]]:
    """Practices and people of each neighbourhood, by its code; '' for practices with none.

    Source: contracting for accountable models, paragraph 8; req 6.
    """
    lists = model["gp_lists"]
    found: defaultdict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for kind, name, people in zip(
        lists.text("kind"),
        lists.text("neighbourhood"),
        lists.numbers("population").tolist(),
        strict=True,
    ):
        if kind == "practice":
            practices, so_far = found[name]
            found[name] = (practices + 1, so_far + people)
    return dict(found)


def check_neighbourhoods(model: Model) -> list[Finding]:
    """Warn of neighbourhoods smaller or larger than natural communities, and of practices that
    belong to none.

    Source: contracting for accountable models, paragraph 8; req 6.
    """
    sizes, least, most = (
        neighbourhood_sizes(model),
        limit(model, "neighbourhood_smallest"),
        limit(model, "neighbourhood_largest"),
    )
    lists = model["gp_lists"]
    if set(sizes) <= {""}:
        return [
            not_checked(
                "neighbourhood_size",
                "neighbourhoods",
                "Enter each practice's neighbourhood in gp_lists.",
            )
        ]
    found = []
    for name, (practices, people) in sorted(sizes.items()):
        place = lists.where(lists.rows_where("neighbourhood", name)[0], "neighbourhood")
        if not name:
            row = next(
                r
                for r in lists.rows_where("neighbourhood", "")
                if lists.columns["kind"][r] == "practice"
            )
            found.append(
                warned(
                    "neighbourhood_missing",
                    "no neighbourhood",
                    f"{practices} practices with {people:,.0f} people belong to no neighbourhood.",
                    "Enter theirs in gp_lists.",
                    lists.where(row, "neighbourhood"),
                )
            )
            continue
        evidence = (
            f"The neighbourhood {name} has {people:,.0f} people; natural communities have"
            f" {least:,.0f} to {most:,.0f}."
        )
        found.append(
            judged(
                "neighbourhood_size",
                name,
                least <= people <= most,
                evidence,
                "Join or divide neighbourhoods, or set the limits otherwise in check_limits and say"
                " why.",
                place,
            )
        )
    return found


def neighbourhoods_section(model: Model) -> Section:
    """List the neighbourhoods with their practices and people.

    Source: contracting for accountable models, paragraph 8; req 6.
    """
    columns = (
        SectionColumn("neighbourhood", "Neighbourhood", "code"),
        SectionColumn("practices", "Practices", "count"),
        SectionColumn("people", "People", "count"),
    )
    rows = tuple(
        (name or "none", practices, people)
        for name, (practices, people) in sorted(neighbourhood_sizes(model).items())
    )
    return Section(
        "neighbourhoods",
        "Neighbourhoods",
        "All practices count, whether they take part or not.",
        columns,
        rows,
    )
