"""The fictitious place the synthetic people live in: its practices, providers, contracts, prices
and plans.

Source: handbook 2.1; req 18, 102.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wpb.kernel.calendar import financial_year, start_year
from wpb.kernel.money import whole_pence
from wpb.patients.synthetic_future import (
    CONTRACT_YEARS,
    PROJECTION,
    YEAR,
    Row,
    allocations,
    category_of,
    future,
)
from wpb.patients.synthetic_people import SPECIALTIES
from wpb.tables.settings_shape import MODEL_SCHEMA

ACUTE = {"ACU1": "ACUTE1", "ACU2": "ACUTE2"}
SERVICES = ("DISTRICT_NURSING", "THERAPY", "PODIATRY")
CONTACTS = ("home_visit", "clinic", "telephone")
CLUSTERS = {
    "COMMON_MH": ("C01", "C02", "C03", "C04", "C05"),
    "PSYCHOSIS": ("C10", "C11", "C12"),
    "MEMORY": ("C18", "C19"),
}
BLOCK_PER_HEAD = {"COMMUNITY": 62.0, "MENTAL": 91.0}
SCHEDULE = {
    "COMMUNITY": (("DISTRICT_NURSING", 0.52), ("THERAPY", 0.28), ("PODIATRY", 0.11), ("", 0.09)),
    "MENTAL": (
        ("COMMON_MH", 0.34),
        ("PSYCHOSIS", 0.36),
        ("MEMORY", 0.14),
        ("MH_ASSESSMENT", 0.09),
        ("", 0.07),
    ),
}
POINTS = {
    "EMERGENCY_BEDS": ("non_elective",),
    "PLANNED_BEDS": ("day_case", "elective"),
    "OUTPATIENTS": ("first", "follow_up"),
    "EMERGENCY_DEPT": ("type_1", "type_3"),
}
SCOPE = {"OUTPATIENTS": "part", "PODIATRY": "out", "AMBULANCE": "out", "PREMISES": "out"}


@dataclass(frozen=True)
class Priced:
    """What a contract's priced activity came to, in pence."""

    variable: int
    fixed: int


@dataclass(frozen=True)
class Found:
    """What synthetic records come to."""

    population: Mapping[str, int]
    """People by list at the end of the year."""
    by_age: Mapping[int, int]
    """People by the first age of their band."""
    priced: Mapping[str, Priced]
    packages_pence: int
    activity: frozenset[tuple[str, str]]
    """Contracts and their activity types that have records."""


def lists_for(people: int) -> tuple[str, ...]:
    """Practices of about six thousand people, four at least."""
    return tuple(f"Y{80001 + number}" for number in range(max(4, people // 6000)))


def commissioned_activity() -> list[Row]:
    """Which contract, service line and activity type each kind of record belongs to."""
    rows: list[Row] = []
    for provider, contract in ACUTE.items():
        for line, points in POINTS.items():
            table = {
                "EMERGENCY_BEDS": "admitted_care",
                "PLANNED_BEDS": "admitted_care",
                "OUTPATIENTS": "outpatient_care",
                "EMERGENCY_DEPT": "emergency_care",
            }[line]
            part = (
                "fixed"
                if contract == "ACUTE1" and line in ("EMERGENCY_BEDS", "EMERGENCY_DEPT")
                else "variable"
            )
            for point in points:
                for code in ("",) if line == "EMERGENCY_DEPT" else SPECIALTIES:
                    rows.append(
                        {
                            "activity_table": table,
                            "provider": provider,
                            "point_of_delivery": point,
                            "service_code": code,
                            "contract": contract,
                            "service_line": line,
                            "activity_type": point,
                            "valuation": "priced",
                            "payment_part": part,
                        }
                    )
    for service in SERVICES:
        rows += [
            {
                "activity_table": "community_contacts",
                "provider": "COM1",
                "point_of_delivery": contact,
                "service_code": service,
                "contract": "COMMUNITY",
                "service_line": service,
                "activity_type": f"{service}-{contact}",
                "valuation": "block",
            }
            for contact in CONTACTS
        ]
    for line, clusters in CLUSTERS.items():
        rows += [
            {
                "activity_table": "mental_health_clusters",
                "provider": "MHT1",
                "service_code": cluster,
                "contract": "MENTAL",
                "service_line": line,
                "activity_type": cluster,
                "valuation": "block",
            }
            for cluster in clusters
        ]
    rows += [
        {
            "activity_table": "gp_appointments",
            "service_code": kind,
            "contract": "PRIMARY_CARE_POT",
            "service_line": "GP_CORE",
            "activity_type": kind,
            "valuation": "appointments",
        }
        for kind in ("gp", "nurse", "telephone", "other")
    ]
    return rows


def prices() -> list[Row]:
    """National prices of the year by currency and point of delivery, in pounds."""
    rows: list[Row] = []
    for number, code in enumerate(SPECIALTIES):
        for step, letter in enumerate("ABCDEFGH"):
            for point, base in (("day_case", 640), ("elective", 2950), ("non_elective", 2380)):
                rows.append(
                    _price(f"H{code}{letter}", point, base * (0.7 + 0.18 * step) + 35 * number)
                )
        rows += [
            _price(code, "first", 172 + 9 * number),
            _price(code, "follow_up", 81 + 5 * number),
        ]
    return rows + [
        _price(f"V{level}", point, base * (0.6 + 0.25 * level))
        for level in range(1, 6)
        for point, base in (("type_1", 168), ("type_3", 79))
    ]


def _price(code: str, point: str, pounds: float) -> Row:
    return {
        "activity_currency": code,
        "point_of_delivery": point,
        "price_year": YEAR,
        "unit_price": f"{pounds:.2f}",
        "price_kind": "national",
    }


def person_tables() -> dict[str, list[Row]]:
    """The small tables that stand beside the records."""
    return {
        "commissioned_activity": commissioned_activity(),
        "providers": [
            {"provider": "ACU1", "year": YEAR, "market_forces_factor": 1.0423},
            {"provider": "ACU2", "year": YEAR, "market_forces_factor": 1.0187},
        ],
        "proxy_services": [
            {
                "contract": "MENTAL",
                "service_line": "MH_ASSESSMENT",
                "activity_type": "ASSESSMENT",
                "proxy_service_line": "COMMON_MH",
                "reason": "Assessments are not recorded by practice; most lead to these clusters",
            }
        ],
    }


def _to_the_penny(pounds: float) -> float:
    return whole_pence(pounds * 100) / 100


def tables(lists: tuple[str, ...], found: Found) -> dict[str, list[Row]]:
    """Every table of the model that people's records do not give."""
    population, packages_pence = found.population, found.packages_pence
    people = sum(population.values())
    blocks = {contract: _to_the_penny(rate * people) for contract, rate in BLOCK_PER_HEAD.items()}
    practice_pay = {code: _to_the_penny(population.get(code, 0) * 104.73) for code in lists}
    enhanced = {code: _to_the_penny(population.get(code, 0) * 6.18) for code in lists}
    other = {"RX": _to_the_penny(people * 151.2), "AMB": _to_the_penny(people * 38.4)}
    contracts = _contracts(found.priced, blocks)
    ledger = [
        {
            "commissioner": "ICB1",
            "account": f"A{100 + 10 * number}",
            "description": str(row["title"]),
            "covers": row["contract"],
            "ledger_value": row["value"],
            "effective_year": YEAR,
        }
        for number, row in enumerate(contracts)
    ]
    ledger += [
        {
            "commissioner": "ICB1",
            "account": f"B{100 + 10 * number}",
            "description": code,
            "covers": code,
            "ledger_value": f"{value:.2f}",
            "effective_year": YEAR,
        }
        for number, (code, value) in enumerate(other.items())
    ]
    ledger.append(
        {
            "commissioner": "ICB1",
            "account": "C100",
            "description": "Practices",
            "covers": "primary_care",
            "ledger_value": f"{sum(practice_pay.values()) + sum(enhanced.values()):.2f}",
            "effective_year": YEAR,
        }
    )
    ledger.append(
        {
            "commissioner": "LA1",
            "account": "D100",
            "description": "Care packages",
            "covers": "care_packages",
            "ledger_value": f"{packages_pence / 100:.2f}",
            "effective_year": YEAR,
        }
    )
    core = sum(float(str(row["value"])) for row in contracts) + sum(other.values())
    return {
        **_scope(lists, population),
        **_methods(blocks, found.activity),
        "contracts": contracts,
        "commissioner_ledger": ledger,
        "prices": prices(),
        "primary_care_payments": [
            {
                "list_code": code,
                "payment_stream": stream,
                "service_line": "GP_CORE",
                "funding_stream": "primary_medical",
                "value": f"{paid[code]:.2f}",
                "effective_year": YEAR,
            }
            for code in lists
            for stream, paid in (("global_sum", practice_pay), ("enhanced_services", enhanced))
        ],
        "direct_spend": [
            {
                "budget_line": "RX",
                "name": "Prescribing",
                "commissioner": "ICB1",
                "service_line": "PRESCRIBING",
                "funding_stream": "core",
                "value": f"{other['RX']:.2f}",
                "effective_year": YEAR,
                "population_method": "population_carve_out",
                "recurrent": "true",
            },
            {
                "budget_line": "AMB",
                "name": "Ambulances",
                "commissioner": "ICB1",
                "service_line": "AMBULANCE",
                "funding_stream": "core",
                "value": f"{other['AMB']:.2f}",
                "effective_year": YEAR,
                "population_method": "population_carve_out",
                "recurrent": "true",
            },
        ],
        **future(people, found.by_age),
        "allocations": allocations(
            {
                "core": core * 1.01,
                "primary_medical": (sum(practice_pay.values()) + sum(enhanced.values())) * 1.02,
                "social_care": packages_pence / 100,
            }
        ),
    }


def _contracts(priced: Mapping[str, Priced], blocks: Mapping[str, float]) -> list[Row]:
    acute1, acute2 = priced["ACUTE1"], priced["ACUTE2"]
    fixed = whole_pence(acute1.fixed * 0.97)
    shared: Row = {
        "commissioner": "ICB1",
        "funding_stream": "core",
        "effective_year": YEAR,
        "price_base_year": YEAR,
        "currency": "GBP",
        "population_method": "activity_by_list",
    }
    return [
        {
            "contract": "ACUTE1",
            "title": "Riverside hospital",
            "provider": "ACU1",
            "payment_basis": "aligned",
            "value": f"{(fixed + acute1.variable) / 100:.2f}",
            "fixed_value": f"{fixed / 100:.2f}",
            **shared,
        },
        {
            "contract": "ACUTE2",
            "title": "Hilltop hospital",
            "provider": "ACU2",
            "payment_basis": "activity",
            "value": f"{(acute2.fixed + acute2.variable) / 100:.2f}",
            **shared,
        },
        {
            "contract": "COMMUNITY",
            "title": "Community services",
            "provider": "COM1",
            "payment_basis": "block",
            "value": f"{blocks['COMMUNITY']:.2f}",
            **shared,
        },
        {
            "contract": "MENTAL",
            "title": "Mental health services",
            "provider": "MHT1",
            "payment_basis": "block",
            "value": f"{blocks['MENTAL']:.2f}",
            **shared,
        },
    ]


def _scope(lists: tuple[str, ...], population: Mapping[str, int]) -> dict[str, list[Row]]:
    taking_part = ("full", "full", "partial", "none")
    rows: list[Row] = [
        {
            "list_code": code,
            "name": f"Practice {code}",
            "kind": "practice",
            "commissioner": "ICB1",
            "participation": taking_part[number % 4],
            "population": population[code],
            "neighbourhood": f"N{number // 6 + 1}",
        }
        for number, code in enumerate(lists)
    ]
    rows.append(
        {
            "list_code": "UNREG1",
            "name": "Residents with no GP",
            "kind": "unregistered",
            "commissioner": "ICB1",
            "participation": "partial",
            "population": population.get("UNREG1", 0),
        }
    )
    rows.append(
        {
            "list_code": "ELSE1",
            "name": "People from elsewhere",
            "kind": "elsewhere",
            "commissioner": "",
            "participation": "none",
            "population": 0,
        }
    )
    names = {
        "ICB1": ("Synthshire integrated care board", "commissioner"),
        "LA1": ("Synthshire council", "council"),
        "LEAD1": ("Synthshire partnership", "lead_provider"),
        "ACU1": ("Riverside hospital", "provider"),
        "ACU2": ("Hilltop hospital", "provider"),
        "COM1": ("Community trust", "provider"),
        "MHT1": ("Mental health trust", "provider"),
    }
    lines = [
        *POINTS,
        *SERVICES,
        *CLUSTERS,
        "MH_ASSESSMENT",
        "GP_CORE",
        "PRESCRIBING",
        "AMBULANCE",
        "CARE_AT_HOME",
    ]
    return {
        "organisations": [
            {"organisation": code, "name": name, "kind": kind}
            for code, (name, kind) in names.items()
        ],
        "gp_lists": rows,
        "service_lines": [
            {
                "service_line": line,
                "name": line.replace("_", " ").capitalize(),
                "scope": SCOPE.get(line, "in"),
                "growth_category": category_of(line, sum(population.values())),
                "influenced_by_model": "true",
            }
            for line in lines
        ],
        "part_scope": [
            {"service_line": "OUTPATIENTS", "activity_type": "first", "in_scope": "false"},
            {"service_line": "OUTPATIENTS", "activity_type": "follow_up", "in_scope": "true"},
        ],
        "funding_streams": [
            {"funding_stream": "core", "name": "Core services", "kind": "core", "funder": "nhs"},
            {
                "funding_stream": "primary_medical",
                "name": "Primary medical care",
                "kind": "primary_medical",
                "funder": "nhs",
            },
            {
                "funding_stream": "social_care",
                "name": "Social care",
                "kind": "social_care",
                "funder": "council",
            },
        ],
    }


def _methods(
    blocks: Mapping[str, float], activity: frozenset[tuple[str, str]]
) -> dict[str, list[Row]]:
    options = (
        ("non_service_split", "schedule_value"),
        ("step_1", "schedule"),
        ("step_2", "national_standard"),
        ("step_3", "relative_resource"),
        ("step_4", "patient_identifiers"),
    )
    schedule: list[Row] = []
    for contract, parts in SCHEDULE.items():
        left = whole_pence(blocks[contract] * 100)
        for number, (line, share) in enumerate(parts):
            value = (
                left if number == len(parts) - 1 else whole_pence(blocks[contract] * 100 * share)
            )
            left -= value
            schedule.append(
                {
                    "contract": contract,
                    "schedule_line": line or "ADMIN",
                    "line_kind": "service" if line else "non_service",
                    "service_line": line,
                    "value": f"{value / 100:.2f}",
                    "reflects_actual_spend": "true",
                }
            )
    weights: list[Row] = [
        {
            "contract": "COMMUNITY",
            "activity_type": f"{service}-{contact}",
            "weight_source": "time_and_motion",
            "weight": weight,
        }
        for service in SERVICES
        for contact, weight in zip(CONTACTS, (1.9, 1.0, 0.4), strict=True)
    ]
    weights += [
        {
            "contract": "MENTAL",
            "activity_type": cluster,
            "weight_source": "own_reference_costs",
            "weight": 4.2 + 0.7 * number,
        }
        for number, cluster in enumerate(
            [*(cluster for found in CLUSTERS.values() for cluster in found), "ASSESSMENT"]
        )
    ]
    return {
        "contract_methods": [
            {
                "contract": contract,
                "step": step,
                "option": option,
                "reason": "Made up for a synthetic place",
                "agreed_by": "No one",
            }
            for contract in SCHEDULE
            for step, option in options
        ],
        "schedule_lines": schedule,
        "cost_weights": [
            row
            for row in weights
            if row["activity_type"] == "ASSESSMENT"
            or (row["contract"], row["activity_type"]) in activity
        ],
    }


MODEL_YAML = f"""\
# A fictitious place with synthetic people: made by `wpb synth`; nothing in it comes from real records.
schema: {MODEL_SCHEMA}
model: synthshire
title: Synthshire whole population budget
currency: GBP
prepared_by: wpb synth
prepared_on: 2030-01-15
lead_provider: LEAD1
form: mixed

contract:
  first_year: {financial_year(start_year(YEAR) + 1)}
  years: {CONTRACT_YEARS}

baseline:
  spend_year: {YEAR}
  convert:
    steps: []

forecast:
  efficiency:
    method: additive
    reason: No efficiency is assumed for a synthetic place.
  population:
    projection: {PROJECTION}
    allocation_basis: {PROJECTION}
    reason: The only projection of a synthetic place.
  routes:
    core: {{route: national_assumptions, reason: A synthetic place has no plans of its own.}}
    primary_medical: {{route: national_assumptions, reason: A synthetic place has no plans of its own.}}
    social_care: {{route: national_assumptions, reason: A synthetic place has no plans of its own.}}

assumptions:
  extend:
    - key: gdp_deflator
      how: hold_last
      until: 2039-40
      reason: The published forecast ends before the contract does.
"""
PATIENTS_YAML = f"""\
# Choices of the person-level methods; docs/people-records.md says what each does.
activity_year: {YEAR}
stop_over_share: {{stop_over_share}}
appointments:
  payment_streams: [global_sum, enhanced_services]
  relative_price: {{{{gp: 1, nurse: 0.55, telephone: 0.6, other: 0.35}}}}
  agreed_by: Made up for a synthetic place
cohort:
  age_from: 18
  any_of: [frailty, dementia, copd, heart_disease]
# A score of the risk of an emergency admission: train it here (needs scikit-learn), or put one at
# patients/risk_scores.csv with pseudonym and score, set method to supplied, and say what it was trained on.
# risk:
#   method: train
#   cut_day: 182
governance:
  made_up: true
information_governance:
  consent: true
  information_governance: true
  safe_haven: true
  sharing_agreements: true
  timeliness: true
"""
