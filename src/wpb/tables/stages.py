"""In which order the tables of a model are met: those of a first budget, by its eight steps, then
one stage after another, and the tables that each method of a contract needs.

A new model holds the first stage alone; `wpb add` brings a stage, a table, or what a method for a
contract needs. A table named in no stage here belongs to the last, `more`.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.tables import ALL_TABLES, TABLES_BY_NAME
from wpb.tables.methods.registry import OPTIONS
from wpb.tables.schema import TableSpec

MOST_AT_FIRST = 16
"""The most tables a new model shows."""


@dataclass(frozen=True)
class Step:
    """One step of a first budget: what is asked, and the tables that hold the answers."""

    name: str
    asks: tuple[str, ...]
    tables: tuple[str, ...]
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """Tables that are brought in together, and when they are worth it."""

    name: str
    title: str
    when: str
    tables: tuple[str, ...]


STEPS = (
    Step(
        "place",
        (
            "Which ICB, council and lead provider are the parties, and for which years?",
            "Which practices take part? `wpb import practices` brings them with their weights.",
        ),
        ("organisations", "gp_lists", "list_weights"),
        ("title", "commissioner", "years"),
    ),
    Step(
        "ledger",
        (
            "Which column of the ledger is the year's outturn, and what is its total?",
            "Which lines are neither a contract nor a payment to practices? Those are other spend.",
        ),
        ("commissioner_ledger", "direct_spend"),
    ),
    Step(
        "contracts",
        (
            "Which contracts are there, and which ledger lines does each replace?",
            "How is the share of each for the lists in scope found, and by which method?",
        ),
        ("contracts", "contract_methods"),
    ),
    Step(
        "practices",
        ("What is each practice paid, by stream? `wpb import practice-payments` brings it.",),
        ("primary_care_payments",),
    ),
    Step(
        "scope",
        ("Which services are in, partly in or out, and how does each grow?",),
        ("service_lines",),
    ),
    Step(
        "normalisation",
        (
            "Which spend is not recurrent, belongs to another year, or is for part of a year?",
            "Each adjustment has an amount, a reason and its evidence.",
        ),
        ("adjustments",),
    ),
    Step(
        "funding",
        (
            "Which streams pay, and what is the allocation of each in each year?",
            "What is recurrent, ring-fenced or held in reserve?",
        ),
        ("funding_streams", "allocations"),
    ),
    Step(
        "growth and efficiency",
        ("By how much do prices, activity and efficiency move each year, and who says so?",),
        ("growth_categories", "rates"),
    ),
)
"""The eight steps of a first budget, in order."""

FIRST = Stage(
    "first",
    "A first budget",
    "from the start",
    tuple(name for step in STEPS for name in step.tables),
)

LATER = (
    Stage(
        "methods",
        "What contracts are made of",
        "when a contract is to be taken apart by service or by practice",
        (
            "schedule_lines",
            "cost_drivers",
            "provider_costs",
            "contract_activity",
            "activity_mapping",
            "cost_weights",
            "benchmark_costs",
            "national_unit_costs",
            "activity_by_list",
            "patient_group_mapping",
            "activity_proxies",
            "condition_registers",
            "footprints",
            "priced_activity",
            "prices",
            "part_scope",
            "time_observations",
        ),
    ),
    Stage(
        "primary-care",
        "Payments to practices",
        "when the terms of practice payments differ from the national ones",
        (
            "primary_care_terms",
            "reference_uplifts",
            "primary_care_pots",
            "appointments",
            "appointment_prices",
            "gp_roles",
        ),
    ),
    Stage(
        "social-care",
        "Councils' money and care packages",
        "when social care, public health or continuing care is in the budget",
        (
            "care_packages",
            "package_components",
            "information_governance",
            "pooled_functions",
            "council_commitments",
            "vat_recovery",
            "personal_budgets",
        ),
    ),
    Stage(
        "history",
        "Earlier years and poor data",
        "when this year's spend alone is a poor guide",
        (
            "spend_repairs",
            "roll_forward",
            "monthly_spend",
            "spend_history",
            "activity_history",
            "events",
            "baseline_estimates",
        ),
    ),
    Stage(
        "evidence",
        "Evidence for the baseline",
        "when the baseline is reviewed and assured",
        (
            "data_sources",
            "schedule_actuals",
            "national_cost_quality",
            "cost_driver_candidates",
            "costing_assurance",
            "local_reports",
            "dataset_profiles",
            "unit_codes",
            "sign_offs",
            "benchmark_providers",
            "check_limits",
        ),
    ),
    Stage(
        "care-model",
        "The care model and growth in detail",
        "when programmes, segments or projections move the forecast",
        (
            "care_model_impacts",
            "rate_overrides",
            "population_projections",
            "age_profiles",
            "activity_overlays",
            "setting_shifts",
            "investment_floors",
            "segment_people",
            "segment_use",
            "segment_shifts",
        ),
    ),
    Stage(
        "efficiency",
        "Efficiency and affordability",
        "when efficiency is planned provider by provider, or the budget is not affordable",
        (
            "provider_efficiency_plans",
            "benchmark_efficiency",
            "efficiency_schemes",
            "scheme_savings",
            "scheme_keys",
            "unidentified_qipp",
            "residual_abilities",
            "efficient_costs",
            "efficiency_record",
            "affordability_options",
            "system_plan_totals",
        ),
    ),
    Stage(
        "assurance",
        "Scope, risk and reviews",
        "when scope and risk are agreed and signed off",
        (
            "reviews",
            "scope_exclusions",
            "service_interactions",
            "cost_variation",
            "risk_bearers",
            "mechanisms",
            "checklist_answers",
            "population_modes",
            "evaluation_series",
        ),
    ),
    Stage(
        "contract",
        "The contract and its life",
        "when the budget becomes a contract and is paid",
        (
            "contract_terms",
            "instalment_profile",
            "contract_events",
            "population_counts",
            "list_totals",
            "list_changes",
            "patient_movements",
            "type_values",
            "practice_terms",
            "contingencies",
            "periodic_factors",
            "periodic_evidence",
            "subcontracts",
            "aqp_prices",
            "external_activity",
            "delivered_activity",
            "closed_months",
            "provider_income",
            "monitoring_actuals",
        ),
    ),
    Stage(
        "sharing",
        "Sharing and incentives",
        "when gains and losses are shared, or incentives paid",
        (
            "sharing_outturn",
            "sharing_measures",
            "incentive_choices",
            "incentive_schemes",
            "incentive_substitutions",
            "incentive_metrics",
            "incentive_reports",
            "outcome_payments",
        ),
    ),
    Stage(
        "shadow",
        "Shadow running and uncertainty",
        "when the budget is tested before it is signed",
        (
            "uncertainties",
            "uncertainty_correlations",
            "driver_history",
            "shadow_parties",
            "shadow_sharing",
            "scenario_changes",
            "payment_model_terms",
            "deficit_transitions",
            "live_criteria",
            "access_monitoring",
            "segmentations",
            "shadow_subset",
            "current_payments",
        ),
    ),
)


@dataclass(frozen=True)
class MethodNeeds:
    """What a method of a contract needs: the step it is an option of ('' for none) and tables."""

    step: str
    tables: tuple[str, ...]


METHODS: dict[str, MethodNeeds] = {
    **{option.name: MethodNeeds(option.step, option.sheets) for option in OPTIONS.values()},
    "activity_by_list": MethodNeeds("", ("activity_by_list", "activity_proxies")),
    "weighted_carve_out": MethodNeeds("", ("list_weights",)),
    "condition_carve_out": MethodNeeds("", ("condition_registers",)),
    "population_carve_out": MethodNeeds("", ("gp_lists",)),
    "boundary_carve_out": MethodNeeds("", ("footprints",)),
    "whole_contract": MethodNeeds("", ("gp_lists",)),
    "activity": MethodNeeds("", ("priced_activity", "prices", "activity_by_list")),
    "aligned": MethodNeeds("", ("priced_activity", "prices", "activity_by_list")),
    "block": MethodNeeds("", ("schedule_lines", "contract_activity", "activity_mapping")),
    "activity_total": MethodNeeds("", ("contract_activity", "activity_mapping")),
}
"""By option of the handbook's Table 2, by population method, and by payment basis."""


def stages() -> tuple[Stage, ...]:
    """List the stages in order, the first budget first; tables named in no stage come last."""
    named = {name for stage in (FIRST, *LATER) for name in stage.tables}
    rest = tuple(spec.name for spec in ALL_TABLES if spec.name not in named)
    more = Stage("more", "Further tables", "where they apply", rest)
    return (FIRST, *LATER, *([more] if rest else []))


def first_tables() -> tuple[TableSpec, ...]:
    """List the tables of a new model, at most 16, in the order of the eight steps.

    Source: req 379.
    """
    return tuple(TABLES_BY_NAME[name] for name in FIRST.tables)


def in_order(names: set[str]) -> tuple[TableSpec, ...]:
    """List tables by name: those of the first stage in the order of the steps, then the others as
    they are declared.
    """
    first = [name for name in FIRST.tables if name in names]
    return (
        *(TABLES_BY_NAME[name] for name in first),
        *(spec for spec in ALL_TABLES if spec.name in names and spec.name not in first),
    )


def step_sheet(number: int) -> str:
    """Name the sheet of the template that guides through a step, counted from 1."""
    return f"step {number} {STEPS[number - 1].name}"


STEP_SHEETS = tuple(step_sheet(number) for number in range(1, len(STEPS) + 1))
