"""Growth, allocations, the care model's effects, adjustments, and the local assumptions behind them."""

from __future__ import annotations

from midshire.chance import as_pounds, vary
from midshire.place import COUNCIL, NORTH, SOUTH
from midshire.rows import Rows

YEARS = tuple(f"{start}-{(start + 1) % 100:02d}" for start in range(2027, 2037))
HCHS = "local.cost_uplift.hchs"

GROWTH_GROUPS = (
    # group, name, method, cost rate, demographic, non-demographic, combined activity, efficiency
    ("acute_ae", "Emergency departments", "unit_cost_and_activity", HCHS, "local.demographic.acute_ae", "local.non_demographic.acute_ae", "", "local.efficiency.acute"),
    ("acute_nel", "Hospital emergency care", "unit_cost_and_activity", HCHS, "local.demographic.acute_nel", "local.non_demographic.acute_nel", "", "local.efficiency.acute"),
    ("acute_el", "Hospital planned admissions", "unit_cost_and_activity", HCHS, "local.demographic.acute_el", "local.non_demographic.acute_el", "", "local.efficiency.acute"),
    ("acute_op", "Hospital outpatients", "unit_cost_and_activity", HCHS, "local.demographic.acute_op", "local.non_demographic.acute_op", "", "local.efficiency.acute"),
    ("acute_other", "Other hospital services", "unit_cost_and_activity", HCHS, "local.demographic.acute_other", "local.non_demographic.acute_other", "", "local.efficiency.acute"),
    ("mental_health", "Mental health", "unit_cost_and_activity", HCHS, "local.demographic.mental_health", "local.non_demographic.mental_health", "", "local.efficiency.mental_health"),
    ("community", "Community services", "unit_cost_and_activity", HCHS, "local.demographic.community", "local.non_demographic.community", "", "local.efficiency.community"),
    ("specialised", "Specialised services", "unit_cost_and_activity", HCHS, "local.demographic.specialised", "local.non_demographic.specialised", "", "local.efficiency.acute"),
    ("ambulance", "Ambulance, transport and NHS 111", "unit_cost_and_activity", HCHS, "", "", "local.activity.ambulance", "local.efficiency.community"),
    ("primary_medical", "Primary medical care", "total_cost", "local.total_cost.primary_medical", "", "", "", ""),
    ("prescribing", "Prescribing", "total_cost", "local.total_cost.prescribing", "", "", "", ""),
    ("chc", "Continuing healthcare", "total_cost", "local.total_cost.chc", "", "", "", ""),
    ("other_primary", "Other primary care, pharmacy, dental and optical", "total_cost", "local.total_cost.other_primary", "", "", "", ""),
    ("social_care", "Adult social care", "deflator", "gdp_deflator", "", "", "", ""),
    ("public_health", "Public health", "deflator", "gdp_deflator", "", "", "", ""),
    ("corporate", "Running costs and estates", "deflator", "gdp_deflator", "", "", "", ""),
)

ALLOCATIONS = (
    # who, stream, 2027-28 in pounds thousand, growth in each later year (%)
    (NORTH, "core", 254_300, (2.8, 2.6, 2.4, 2.4, 2.4, 2.4, 2.5, 2.6, 2.6)),
    (NORTH, "primary_medical", 33_500, (2.7, 2.5, 2.4, 2.6, 2.6, 2.6, 2.6, 2.6, 2.6)),
    (NORTH, "specialised", 9_100, (3.6, 3.6, 3.6, 3.7, 3.6, 3.6, 3.6, 3.6, 3.6)),
    (NORTH, "pharmacy_dental_optometry", 17_250, (2.6, 2.6, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5)),
    (SOUTH, "core", 189_700, (2.6, 2.9, 2.4, 2.4, 2.4, 2.5, 2.6, 2.6, 2.7)),
    (SOUTH, "primary_medical", 24_950, (2.7, 2.5, 2.4, 2.6, 2.6, 2.6, 2.6, 2.6, 2.6)),
    (SOUTH, "specialised", 7_080, (3.6, 3.6, 3.6, 3.7, 3.6, 3.6, 3.6, 3.6, 3.6)),
    (SOUTH, "pharmacy_dental_optometry", 13_150, (2.6, 2.6, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5)),
    (COUNCIL, "social_care", 92_700, (2.0, 1.7, 1.6, 1.7, 1.8, 1.8, 1.9, 1.9, 2.0)),
    (COUNCIL, "public_health", 19_500, (2.0, 1.9, 1.9, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0)),
)
CERTAINTY = ("firm",) * 3 + ("indicative",) * 2 + ("planning_assumption",) * 5
SOURCES = {
    "firm": "Allocation letter for Midshire, December 2026 (fictitious)",
    "indicative": "Indicative allocation, December 2026 (fictitious)",
    "planning_assumption": "Midshire finance group, long-term planning paper, November 2026",
}
STREAMS = (
    ("core", "ICB core services", "core", "nhs"),
    ("primary_medical", "Primary medical care", "primary_medical", "nhs"),
    ("specialised", "Specialised services", "specialised", "nhs"),
    ("pharmacy_dental_optometry", "Pharmacy, dental and optical services", "other", "nhs"),
    ("social_care", "Adult social care", "social_care", "council"),
    ("public_health", "Public health grant", "public_health", "council"),
)

INVEST_FIRST = (0.55, 0.95, 1.0, 0.75, 0.55, 0.45, 0.40, 0.40, 0.40, 0.40)
SAVE_LATER = (0.0, 0.08, 0.24, 0.45, 0.62, 0.76, 0.87, 0.94, 0.98, 1.0)
PILOT_ONLY = (1.0, 1.0, 0.6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
FROM_2030 = (0.0, 0.0, 0.0, 0.8, 1.0, 0.9, 0.7, 0.6, 0.6, 0.6)
CRISIS_SAVES = (0.0, 0.0, 0.0, 0.0, 0.2, 0.45, 0.7, 0.85, 0.95, 1.0)
NEVER = (0.0,) * 10

PROGRAMMES = (
    # programme, service line, payer, stream, investment at its height (£000), its path, saving at its height (£000), its path, scope, recurrent, owner, plan
    ("FRAILTY", "INTCAR", "icb", "core", 1_900, INVEST_FIRST, 0, NEVER, "inside", True, "Urgent community response lead", "Two-hour response and virtual ward places in every neighbourhood"),
    ("FRAILTY", "GERIAT-EM", "icb", "core", 0, NEVER, 2_050, SAVE_LATER, "inside", True, "Chief operating officers", "Fewer admissions from care homes, and shorter stays"),
    ("FRAILTY", "GENMED-EM", "icb", "core", 0, NEVER, 1_450, SAVE_LATER, "inside", True, "Chief operating officers", "Same-day care in place of a stay"),
    ("FRAILTY", "URGENT", "icb", "core", 0, NEVER, 620, SAVE_LATER, "inside", True, "Urgent care board", "Falls and minor illness seen at home"),
    ("FRAILTY", "AMBULA", "icb", "core", 0, NEVER, 260, SAVE_LATER, "outside", True, "Ambulance service", "Fewer journeys to hospital"),
    ("LONGTERM", "LTCNUR", "icb", "core", 980, INVEST_FIRST, 0, NEVER, "inside", True, "Neighbourhood directors", "Proactive care teams for people with several conditions"),
    ("LONGTERM", "RESP-EM", "icb", "core", 0, NEVER, 810, SAVE_LATER, "inside", True, "Respiratory network", "Rescue packs, rehabilitation and winter calls"),
    ("LONGTERM", "CARDIO-EM", "icb", "core", 0, NEVER, 640, SAVE_LATER, "inside", True, "Cardiology network", "Heart failure care at home"),
    ("LONGTERM", "DIABET-OP", "icb", "core", 0, NEVER, 210, SAVE_LATER, "inside", True, "Diabetes network", "Clinics move to neighbourhoods"),
    ("OUTPATNT", "OTHPRI", "icb", "core", 420, INVEST_FIRST, 0, NEVER, "inside", True, "Planned care board", "Advice and guidance, shared records"),
    ("OUTPATNT", "CARDIO-OP", "icb", "core", 0, NEVER, 260, SAVE_LATER, "inside", True, "Planned care board", "Follow-up only when the patient needs it"),
    ("OUTPATNT", "GASTRO-OP", "icb", "core", 0, NEVER, 150, SAVE_LATER, "inside", True, "Planned care board", "Follow-up only when the patient needs it"),
    ("OUTPATNT", "OPHTH-OP", "icb", "core", 0, NEVER, 310, SAVE_LATER, "outside", True, "Planned care board", "Community optometrists see stable patients"),
    ("OUTPATNT", "SURG-OP", "icb", "core", 0, NEVER, 190, SAVE_LATER, "outside", True, "Planned care board", "Straight to test"),
    ("MEDICINE", "PRESCR", "icb", "core", 240, INVEST_FIRST, 1_150, SAVE_LATER, "inside", True, "Chief pharmacist", "Structured reviews, less waste, best value medicines"),
    ("CRISISMH", "MHCRIS", "icb", "core", 760, FROM_2030, 0, NEVER, "inside", True, "Mental health alliance", "Crisis houses and a single front door"),
    ("CRISISMH", "MHINPA", "icb", "core", 0, NEVER, 940, CRISIS_SAVES, "inside", True, "Mental health alliance", "Fewer and shorter admissions"),
    ("HOMEFIRST", "ASCPRE", "council", "social_care", 850, INVEST_FIRST, 0, NEVER, "inside", True, "Director of adult social care", "Reablement for everyone leaving hospital"),
    ("HOMEFIRST", "ASCOLD", "council", "social_care", 0, NEVER, 1_900, SAVE_LATER, "inside", True, "Director of adult social care", "Later and fewer moves to a care home"),
    ("DIGITAL", "GPENHA", "icb", "primary_medical", 380, PILOT_ONLY, 0, NEVER, "inside", False, "Chief information officer", "Shared care record and set-up of neighbourhood teams"),
)
ICB_SHARES = {NORTH: 0.572, SOUTH: 0.428}


def money_rows() -> Rows:
    """Write growth groups, funding streams, allocations and the care model's effects."""
    rows = Rows()
    for group, name, method, cost, demographic, other, activity, efficiency in GROWTH_GROUPS:
        rows.add(
            "growth_categories", growth_category=group, name=name, growth_method=method, cost_rate=cost, demographic_rate=demographic, non_demographic_rate=other,
            activity_rate=activity, efficiency_rate=efficiency,
        )
    for stream, name, kind, funder in STREAMS:
        rows.add("funding_streams", funding_stream=stream, name=name, kind=kind, funder=funder)
    for commissioner, stream, thousands, growth in ALLOCATIONS:
        level = float(thousands)
        for position, year in enumerate(YEARS):
            level *= 1 + (growth[position - 1] / 100 if position else 0.0)
            certainty = CERTAINTY[position]
            rows.add("allocations", commissioner=commissioner, funding_stream=stream, year=year, allocation=as_pounds(round(level) * 100_000), certainty=certainty, source=SOURCES[certainty])
    for programme in PROGRAMMES:
        _impact(rows, *programme)
    return rows


def _impact(
    rows: Rows, programme: str, line: str, payer: str, stream: str, investment: int, invest_path: tuple[float, ...], saving: int, save_path: tuple[float, ...],
    scope: str, recurrent: bool, owner: str, plan: str,
) -> None:  # fmt: skip
    for commissioner, share in ICB_SHARES.items() if payer == "icb" else ((COUNCIL, 1.0),):
        factor = share * vary(f"{programme}/{line}/{commissioner}", 0.08)
        for year, invest, save in zip(YEARS, invest_path, save_path, strict=True):
            amounts = [5 * round(height * path * factor / 5) for height, path in ((investment, invest), (saving, save))]
            if any(amounts):
                rows.add(
                    "care_model_impacts", programme=programme, service_line=line, commissioner=commissioner, funding_stream=stream, year=year,
                    investment=as_pounds(amounts[0] * 100_000), saving=as_pounds(amounts[1] * 100_000), recurrent=recurrent, scope=scope, owner=owner, plan=plan,
                )
