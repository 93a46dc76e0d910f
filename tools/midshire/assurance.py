"""What assures the forecast of Midshire: reviews, records, the system's plan, population, efficient
cost. Fictitious throughout.
"""

from __future__ import annotations

from midshire.chance import as_pounds
from midshire.money_over_time import PROGRAMMES, YEARS
from midshire.place import NORTH, SOUTH
from midshire.rows import Rows

REVIEWED_GROUPS = (
    "acute_ae",
    "acute_nel",
    "acute_el",
    "acute_op",
    "community",
    "mental_health",
    "prescribing",
)
RECORD = (
    # provider, year, saved and cost (£000)
    ("MRH", "2023-24", 3_420, 186_000),
    ("MRH", "2024-25", 4_080, 193_000),
    ("MRH", "2025-26", 4_310, 201_000),
    ("EGH", "2023-24", 1_540, 82_500),
    ("EGH", "2024-25", 1_690, 85_900),
    ("EGH", "2025-26", 1_860, 89_600),
)
PLAN = "Midshire system plan, third version, November 2026"
PLANNED = (
    ("allocation", "2027-28", 661_230),
    ("forecast", "2029-30", 384_500),
    ("out_of_scope", "2029-30", 310_400),
    ("care_model_net", "2029-30", 2_500),
)
PEOPLE = {
    # projection: (age band, people in 2026-27, growth a year in per cent)
    "ons": (
        ("0-17", 61_900, -0.3),
        ("18-64", 181_400, 0.2),
        ("65-79", 42_800, 1.1),
        ("80+", 15_300, 2.6),
    ),
    "county": (
        ("0-17", 61_900, 0.1),
        ("18-64", 181_400, 0.6),
        ("65-79", 42_800, 1.2),
        ("80+", 15_300, 2.6),
    ),
}
PUBLISHED = {
    "ons": "National projections, 2026 edition (fictitious)",
    "county": "Midshire County Council, with planned housing, October 2026",
}


def assurance_rows() -> Rows:
    """Write reviews, providers' records, the system's plan, population projections and minimum
    spend.
    """
    rows = Rows()
    for group in REVIEWED_GROUPS:
        _review(
            rows,
            f"GROWTH-{group}",
            "growth",
            group,
            "Midshire University, health economics",
            "Rates are in line with five years of local data",
        )
    for programme in sorted({row[0] for row in PROGRAMMES}):
        _review(
            rows,
            f"CLIN-{programme}",
            "clinical",
            programme,
            "Midshire clinical senate",
            "The shifts assumed can be made safely at this pace",
        )
        _review(
            rows,
            f"OPS-{programme}",
            "operational",
            programme,
            "Midshire chief operating officers",
            "Staff and beds follow the plan's phasing",
        )
    for provider, year, saved, cost in RECORD:
        rows.add(
            "efficiency_record",
            provider=provider,
            year=year,
            delivered_saving=as_pounds(saved * 100_000),
            cost_base=as_pounds(cost * 100_000),
            evidence=f"Annual report {year}",
        )
    for measure, year, thousands in PLANNED:
        rows.add(
            "system_plan_totals",
            plan=PLAN,
            measure=measure,
            year=year,
            plan_value=as_pounds(thousands * 100_000),
            tolerance=0.03,
        )
    _population(rows)
    for floor, level, care, kind, code in (
        ("PRIMARY", "ics", "primary_medical", "funding_stream", "primary_medical"),
        ("COMMUNITY", "ics", "community", "growth_category", "community"),
    ):
        for year in YEARS[:2]:
            rows.add(
                "investment_floors",
                floor=floor,
                level=level,
                care=care,
                year=year,
                counted_as=kind,
                counted_code=code,
                source="Not published for this place; asked of the regional team in October 2026",
            )
    for party, weight, reason in (
        (NORTH, 3, "It can change what it commissions"),
        (SOUTH, 2, "It can change what it commissions"),
        ("MRH", 3, "The largest provider"),
        ("EGH", 1, "Less room after its merger of sites"),
        ("MCH", 1, "Neighbourhood teams can take more at home"),
    ):
        rows.add("residual_abilities", organisation=party, weight=weight, reason=reason)
    return rows


def _review(
    rows: Rows, code: str, kind: str, subject: str, organisation: str, finding: str
) -> None:
    rows.add(
        "reviews",
        review=code,
        review_kind=kind,
        subject=subject,
        reviewer="Named in the minutes",
        organisation=organisation,
        independent=True,
        reviewed_on="2026-11-20",
        outcome="accepted",
        finding=finding,
    )


def _population(rows: Rows) -> None:
    for projection, bands in PEOPLE.items():
        for band, people, growth in bands:
            for step, year in enumerate(("2026-27", *YEARS)):
                rows.add(
                    "population_projections",
                    projection=projection,
                    age_band=band,
                    year=year,
                    people=round(people * (1 + growth / 100) ** step),
                    published=PUBLISHED[projection],
                )
