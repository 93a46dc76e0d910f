"""What is uncertain in Midshire, its history, the parties' terms, scenarios, and what must hold
before going live.
"""

from __future__ import annotations

from typing import Any

from midshire.chance import vary
from midshire.rows import Rows

OWNER = "Midshire directors of finance"
WORKSHOP = (
    "Asked of eleven people from seven organisations, 3 November 2026; middle of their answers"
)

FIELDS = (
    "uncertainty",
    "title",
    "driver",
    "applies_by",
    "applies_to",
    "drawn",
    "distribution",
    "persistence",
)
UNCERTAINTIES: tuple[tuple[Any, ...], ...] = (
    # code, title, driver, applied by, to, drawn, distribution, persistence, parameters, history,
    # evidence
    (
        "NEL_GROWTH",
        "Growth of emergency hospital care",
        "non_demographic",
        "growth_category",
        "acute_nel",
        "shared",
        "normal",
        0.5,
        {},
        "NEL_GROWTH",
        "Growth in use per head at constant age, 2004-05 to 2025-26 without 2020-22",
    ),
    (
        "OTHER_GROWTH",
        "Growth of other use of services",
        "non_demographic",
        "everything",
        "",
        "shared",
        "normal",
        0.5,
        {"low": -0.006, "high": 0.006, "range_covers": 0.8},
        "",
        WORKSHOP,
    ),
    (
        "PEOPLE",
        "Registered people beyond the projection",
        "population",
        "everything",
        "",
        "shared",
        "normal",
        0.5,
        {"low": -0.004, "high": 0.005, "range_covers": 0.8},
        "",
        "Errors of county projections two to five years ahead since 2001",
    ),
    (
        "PRICES",
        "Prices beyond the uplift planned",
        "cost_pressure",
        "everything",
        "",
        "shared",
        "normal",
        0.5,
        {"low": -0.005, "high": 0.006, "range_covers": 0.8},
        "",
        WORKSHOP,
    ),
    (
        "DRUGS",
        "Growth of prescribing cost",
        "combined",
        "growth_category",
        "prescribing",
        "shared",
        "normal",
        0.5,
        {"low": -0.015, "high": 0.017, "range_covers": 0.8},
        "",
        "Net ingredient cost since 2012",
    ),
    (
        "CHC_COST",
        "Growth of continuing healthcare",
        "combined",
        "growth_category",
        "chc",
        "shared",
        "normal",
        0.5,
        {"low": -0.015, "high": 0.020, "range_covers": 0.8},
        "",
        WORKSHOP,
    ),
    (
        "EFFICIENCY",
        "Provider efficiency, against plan",
        "efficiency",
        "everything",
        "",
        "shared",
        "triangular",
        0,
        {"low": -0.005, "likely": 0.0, "high": 0.003},
        "",
        "Plans and outturns of the four trusts, 2015-16 to 2025-26",
    ),
    (
        "WINTER",
        "How hard the winter is",
        "activity",
        "growth_category",
        "acute_nel",
        "shared",
        "lognormal",
        0,
        {"low": 0.92, "high": 1.10, "range_covers": 0.8, "weight": 0.42},
        "",
        (
            "Emergency admissions from November to March against trend, with the months' part of"
            " the year"
        ),
    ),
    (
        "AE_COUNT",
        "Attendances against plan",
        "activity",
        "growth_category",
        "acute_ae",
        "shared",
        "counts",
        0,
        {},
        "AE_COUNT",
        "Attendances at both departments by month, 2016-17 to 2025-26",
    ),
    (
        "CHANCE",
        "Chance in each service",
        "activity",
        "everything",
        "",
        "each",
        "counts",
        0,
        {"yearly_count": 2_400, "spread": 0.0006},
        "",
        "Dispersion of yearly contacts and spells by service line beyond chance, five years",
    ),
    (
        "BASE",
        "Error of the baseline",
        "baseline_error",
        "grade",
        "",
        "shared",
        "lognormal",
        1,
        {"range_covers": 0.8},
        "",
        "Error bands by method grade; lines worked out both ways in the comparison of methods",
    ),
    (
        "DELIVERY",
        "Part of savings that comes",
        "care_model_delivery",
        "everything",
        "",
        "shared",
        "pert",
        1,
        {"low": 0.20, "likely": 0.90, "high": 1.20},
        "",
        "Plans and outcomes of eight local programmes since 2014, and published evaluations",
    ),
    (
        "DELAY",
        "Years that savings come late",
        "care_model_delay",
        "everything",
        "",
        "shared",
        "pert",
        1,
        {"low": 0.0, "likely": 0.3, "high": 2.0},
        "",
        "Plans and outcomes of eight local programmes since 2014",
    ),
    (
        "QUALITY",
        "Part of the incentive earned",
        "quality",
        "everything",
        "",
        "shared",
        "pert",
        0.5,
        {"low": 0.55, "likely": 0.88, "high": 1.0},
        "",
        "Achievement of local incentive schemes, 2019-20 to 2025-26",
    ),
    (
        "FUNDS",
        "Allocation growth against what is indicated",
        "allocation",
        "everything",
        "",
        "shared",
        "normal",
        0.5,
        {"low": -0.004, "high": 0.006, "range_covers": 0.8},
        "",
        "Allocations published against those indicated three years before",
    ),
)

CORRELATIONS = (
    ("PRICES", "FUNDS", 0.5, "Allocations have followed pay settlements in part"),
    ("PRICES", "DRUGS", 0.3, "Both follow general inflation"),
    (
        "NEL_GROWTH",
        "OTHER_GROWTH",
        0.4,
        "Years of high emergency use were years of high use elsewhere",
    ),
)

# Yearly growth of emergency use per head at constant age, in per cent; the two years of the
# pandemic are left out.
NEL_HISTORY = (
    1.9,
    2.4,
    0.6,
    1.1,
    2.2,
    2.8,
    0.4,
    -0.3,
    1.6,
    0.9,
    2.0,
    1.5,
    0.7,
    2.6,
    1.2,
    1.8,
    0.2,
    1.4,
    1.0,
    2.1,
)
NEL_YEARS = tuple(range(2004, 2020)) + tuple(range(2022, 2026))
AE_BY_MONTH = (
    0.0835,
    0.0868,
    0.0842,
    0.0870,
    0.0830,
    0.0832,
    0.0846,
    0.0822,
    0.0838,
    0.0806,
    0.0755,
    0.0856,
)
AE_YEARLY = 118_000

PARTIES = (
    # organisation, follows activity, prices, people, fixed cost share, planned cost, exposure
    # limit, contingency, evidence
    (
        "QZN",
        "",
        "",
        "",
        "",
        "",
        "9000000.00",
        "30000000.00",
        "Medium-term plan of the board; one half per cent of its allocations is set aside",
    ),
    (
        "QZS",
        "",
        "",
        "",
        "",
        "",
        "7000000.00",
        "22000000.00",
        "Medium-term plan of the board; one half per cent of its allocations is set aside",
    ),
    ("MCC", "", "", "", "", "", "4000000.00", "10000000.00", "Adult social care reserve"),
    (
        "MIDPART",
        "0",
        "0.8",
        "1",
        "0.30",
        "",
        "9000000.00",
        "40000000.00",
        (
            "Draft contract: updated for people yearly, and for four fifths of a published index of"
            " prices"
        ),
    ),
    (
        "MRH",
        "",
        "0.8",
        "",
        "0.65",
        "",
        "5000000.00",
        "",
        "Patient-level costing 2025-26; payment follows the aligned contracts",
    ),
    (
        "EGH",
        "",
        "0.8",
        "",
        "0.62",
        "",
        "4500000.00",
        "",
        "Patient-level costing 2025-26; payment follows the aligned contracts",
    ),
    ("MCH", "", "0.8", "", "0.80", "", "2500000.00", "", "Service line reporting 2025-26"),
    ("MMH", "", "0.8", "", "0.82", "", "2500000.00", "", "Service line reporting 2025-26"),
)

EMERGENCY = (
    "GENMED-EM",
    "CARDIO-EM",
    "RESP-EM",
    "DIABET-EM",
    "GERIAT-EM",
    "STROKE-EM",
    "GASTRO-EM",
    "PAED-EM",
)
PLANNED_OUTSIDE = ("CARDIO-EL", "GASTRO-EL")

SCENARIOS = (
    (
        "slow_start",
        "save_half",
        "uncertainty",
        "DELIVERY.likely",
        "",
        "set",
        "0.45",
        "Half the teams are not recruited by 2029",
    ),
    (
        "slow_start",
        "late",
        "uncertainty",
        "DELAY.likely",
        "",
        "set",
        "1.2",
        "Premises are ready a year late",
    ),
    (
        "prevention",
        "more_saving",
        "input",
        "care_model_impacts.saving",
        "programme=FRAILTY",
        "multiply",
        "1.25",
        "Results of the 2026 pilot hold for all neighbourhoods",
    ),
    (
        "prevention",
        "more_cost",
        "input",
        "care_model_impacts.investment",
        "programme=FRAILTY",
        "multiply",
        "1.10",
        "Staff cost more than planned",
    ),
    (
        "pay_award",
        "cost",
        "assumption",
        "local.cost_uplift.hchs",
        "",
        "add",
        "0.005",
        "A settlement half a point above plan each year",
    ),
)

TRANSITIONS = (
    (
        "EGH",
        "2027-28",
        5,
        "3600000.00",
        "straight",
        "QZS",
        (
            "Cost of emergency medicine is above what is spent; the trust's recovery plan closes"
            " the gap by 2032"
        ),
    ),
)

CRITERIA = (
    # criterion, title, measure, organisation, at most, met, evidence
    (
        "LEAD_RISK",
        "The lead provider is unlikely to lose more in a year than it can bear",
        "probability_beyond_exposure_limit",
        "MIDPART",
        "0.10",
        "",
        "",
    ),
    (
        "AFFORD",
        "Spend is unlikely to pass allocations",
        "probability_unaffordable",
        "",
        "0.25",
        "",
        "",
    ),
    (
        "ICB_TAIL",
        "A bad outcome for North Midshire is one it has set money aside for",
        "expected_shortfall_95",
        "QZN",
        "30000000",
        "",
        "",
    ),
    ("SHADOW", "A whole year has been run in shadow", "months_in_shadow", "", "12", "", ""),
    (
        "TRUST",
        "Boards and clinicians support the step",
        "judgement",
        "",
        "",
        "false",
        "Boards meet in March 2027",
    ),
)

ACCESS = (
    # group, measure, actual, expected, joined, left
    ("age_0_17", "emergency_admissions", 4_120, 4_060, 1_890, 1_765),
    ("age_18_64", "emergency_admissions", 11_930, 12_010, 9_240, 9_105),
    ("age_65_over", "emergency_admissions", 13_340, 13_520, 1_210, 1_240),
    ("several_conditions", "community_contacts", 148_300, 155_900, 640, 905),
    ("most_deprived_fifth", "community_contacts", 61_150, 61_700, 2_480, 2_515),
    ("dementia", "memory_clinic", 905, 1_030, 96, 104),
)

SEGMENTATIONS = (
    # segmentation, segment, people, mean cost, standard deviation
    ("age", "0 to 17", 62_400, 610, 3_150),
    ("age", "18 to 64", 178_300, 905, 4_420),
    ("age", "65 and over", 59_300, 3_020, 8_950),
    ("conditions", "none", 187_600, 420, 2_450),
    ("conditions", "one", 66_200, 1_380, 5_020),
    ("conditions", "two or three", 34_900, 3_310, 7_900),
    ("conditions", "four or more", 11_300, 6_906, 13_350),
    ("age_and_conditions", "0 to 64, none", 171_500, 395, 2_390),
    ("age_and_conditions", "0 to 64, some", 69_200, 1_902, 6_100),
    ("age_and_conditions", "65 and over, none", 16_100, 686, 3_010),
    ("age_and_conditions", "65 and over, one to three", 34_300, 2_980, 7_210),
    ("age_and_conditions", "65 and over, four or more", 8_900, 7_394, 13_900),
)

SUBSET = (
    ("URGENT", "2026-07"),
    ("INTCAR", "2026-07"),
    ("COMNUR", "2026-07"),
    ("GERIAT-EM", "2026-07"),
    ("MHOLDE", "2026-10"),
)

# The gain of 2027-28 was settled by agreement, on the interim terms of the first year.
OUTTURN = (
    ("2029-06-14", "provisional", 21_560, 3_880),
    ("2029-09-18", "final", 21_380, 3_860),
    ("2030-01-16", "final", 21_420, 3_860),
)


def shadow_rows() -> Rows:
    """Write what shadow testing needs."""
    rows = Rows()
    for *fixed, parameters, history, evidence in UNCERTAINTIES:
        rows.add(
            "uncertainties",
            **dict(zip(FIELDS, fixed, strict=True)),
            **parameters,
            history=history,
            evidence=evidence,
            owner=OWNER,
        )
    for first, second, correlation, evidence in CORRELATIONS:
        rows.add(
            "uncertainty_correlations",
            first=first,
            second=second,
            correlation=correlation,
            evidence=evidence,
        )
    _history(rows)
    names = (
        "organisation",
        "follows_activity",
        "follows_prices",
        "follows_population",
        "fixed_cost_share",
        "planned_cost",
        "exposure_limit",
        "contingency",
        "evidence",
    )
    for party in PARTIES:
        rows.add("shadow_parties", **dict(zip(names, party, strict=True)))
    for service in EMERGENCY:
        rows.add(
            "shadow_sharing",
            arrangement="urgent_care",
            line="emergency_admissions",
            service_line=service,
            scope="inside",
        )
    for service in PLANNED_OUTSIDE:
        rows.add(
            "shadow_sharing",
            arrangement="urgent_care",
            line="planned_admissions",
            service_line=service,
            scope="outside",
        )
    for day, status, emergency, planned in OUTTURN:
        for line, units in (("emergency_admissions", emergency), ("planned_admissions", planned)):
            rows.add(
                "sharing_outturn",
                arrangement="urgent_care",
                line=line,
                year="2028-29",
                outturn=units,
                months=12,
                status=status,
                known_on=day,
            )
    rows.add(
        "sharing_measures",
        arrangement="urgent_care",
        measure="care_outcomes",
        year="2028-29",
        value=0.66,
        known_on="2029-06-14",
    )
    for scenario, change, kind, target, where, how, value, reason in SCENARIOS:
        rows.add(
            "scenario_changes",
            scenario=scenario,
            change=change,
            kind=kind,
            target=target,
            rows=where,
            how=how,
            value=value,
            reason=reason,
        )
    rows.add(
        "payment_model_terms",
        payment_model="bundled_pathway",
        term="episode_share",
        value=0.7,
        reason=(
            "Seven tenths of growth since 2015 was more people treated, the rest more in each"
            " pathway"
        ),
    )
    rows.add(
        "payment_model_terms",
        payment_model="blended",
        term="marginal_rate",
        value=0.5,
        reason="Half, as in the draft agreement",
    )
    for provider, first, years, deficit, path, payer, reason in TRANSITIONS:
        rows.add(
            "deficit_transitions",
            provider=provider,
            first_year=first,
            years=years,
            deficit=deficit,
            path=path,
            paid_by=payer,
            reason=reason,
        )
    for criterion, title, measure, organisation, at_most, met, evidence in CRITERIA:
        rows.add(
            "live_criteria",
            criterion=criterion,
            title=title,
            measure=measure,
            organisation=organisation,
            at_most=at_most,
            met=met,
            evidence=evidence,
            owner=OWNER,
        )
    for group, measure, actual, expected, joined, left in ACCESS:
        rows.add(
            "access_monitoring",
            people_group=group,
            measure=measure,
            actual=actual,
            expected=expected,
            joined=joined,
            left=left,
            period="2025-26",
        )
    for name, segment, people, mean, deviation in SEGMENTATIONS:
        rows.add(
            "segmentations",
            segmentation=name,
            segment=segment,
            people=people,
            mean_cost=f"{mean}.00",
            sd_cost=f"{deviation}.00",
            source="Linked records of 2025-26 (fictitious)",
        )
    for service, month in SUBSET:
        rows.add(
            "shadow_subset",
            service_line=service,
            from_month=month,
            reason="Urgent and proactive care comes first",
        )
    return rows


def _history(rows: Rows) -> None:
    for year, rate in zip(NEL_YEARS, NEL_HISTORY, strict=True):
        rows.add(
            "driver_history",
            series="NEL_GROWTH",
            period=f"{year}-{(year + 1) % 100:02d}",
            value=round(rate / 100, 4),
            source="Emergency admissions per head at constant age, Midshire (fictitious)",
        )
    for year in range(2010, 2026):
        for month, part in enumerate(AE_BY_MONTH):
            expected = round(AE_YEARLY * part * (1 + 0.011 * (year - 2010)))
            actual = round(expected * vary(f"AE/{year}", 0.05) * vary(f"AE/{year}/{month}", 0.04))
            period = f"{year + (month + 4 > 12)}-{(month + 3) % 12 + 1:02d}"
            rows.add(
                "driver_history",
                series="AE_COUNT",
                period=period,
                value=actual,
                expected=expected,
                source=(
                    "Attendances at both departments, with the trend of the years before"
                    " (fictitious)"
                ),
            )


ARRANGEMENT = """\
# Midshire is a fictitious place. Made by tools/make_midshire.py; change it there, not here.
# Emergency care is inside the budget, so its baseline mirrors the forecast; planned admissions are outside it.
arrangement: urgent_care
title: Emergency care and planned admissions, shared while the care model grows up
settles: parties
currency: GBP
first_year: 2027-28
years: 10
what_is_shared: fixed_price_activity
gap_falls_on: MIDPART
retained_by: MIDPART
fund_held_by: MIDPART
frequency: yearly
ends: {gains: undecided, losses: 2034-35}
rebase_when:
  - {change_in: wpb_forecast, by: 2%, then: Set the baseline again from the new forecast}
principles:
  - {id: influence, text: Shares follow who can influence what is used}
  - {id: chance, text: Chance alone should not move money}
measures: [care_outcomes]
lines:
  - line: emergency_admissions
    title: Emergency admissions in scope
    unit: spell
    currency: HRG
    price: 2250.00
    baseline: {by: year, table: {2027-28: 22523, 2028-29: 22965, 2029-30: 23215, 2030-31: 23360, 2031-32: 23634, 2032-33: 23974, 2033-34: 24397, 2034-35: 24923, 2035-36: 25525, 2036-37: 26195}}
    baseline_from: wpb
    gap_falls_on: MIDPART
    source_of_cash: {kind: marginal_payment, rate: 26%}
  - line: planned_admissions
    title: Planned admissions in cardiology and gastroenterology
    unit: spell
    currency: HRG
    price: 1850.00
    baseline: 3900
    baseline_from: history
    gap_falls_on: QZN
    source_of_cash: {kind: marginal_payment, rate: 26%}
parties:
  - {party: QZN, title: NHS North Midshire ICB, role: commissioner, contract: north_contract, gains: 20%, losses: {by: year, table: {2027-28 to 2029-30: 50%, from 2030-31: 30%}}, influence: 2, ability_to_bear_risk: 5}
  - {party: QZS, title: NHS South Midshire ICB, role: commissioner, contract: south_contract, gains: 15%, losses: {by: year, table: {2027-28 to 2029-30: 35%, from 2030-31: 20%}}, influence: 2, ability_to_bear_risk: 5}
  - {party: MIDPART, title: Midshire Health and Care Partnership, role: provider, gains: {by: year, table: {2027-28 to 2029-30: 40%, from 2030-31: 50%}}, losses: {by: year, table: {2027-28 to 2029-30: 10%, from 2030-31: 40%}}, influence: 5, ability_to_bear_risk: 3, why: influence}
  - {party: MRH, title: Midshire Royal Hospitals, role: provider, contract: royal_contract, gains: {by: year, table: {2027-28 to 2029-30: 25%, from 2030-31: 15%}}, losses: {by: year, table: {2027-28 to 2029-30: 5%, from 2030-31: 10%}}, influence: 3, ability_to_bear_risk: 2}
contracts:
  - {contract: north_contract, payer: QZN, payee: MIDPART}
  - {contract: south_contract, payer: QZS, payee: MIDPART}
  - {contract: royal_contract, payer: MIDPART, payee: MRH}
steps:
  - step: gap
  - step: cash
  - step: net
  - {step: corridor, minimum_savings_rate: 1%, minimum_loss_rate: 1%, counts_from: excess, why: chance}
  - {step: sides, gains: 1, losses: 1}
  - {step: limit, gains: {rate: 8%, of: baseline}, losses: {rate: 6%, of: baseline}}
  - {step: gate, gains: {measure: care_outcomes, at_least: 60%}, losses: 1}
  - step: share_out
"""
