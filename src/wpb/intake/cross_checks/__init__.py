"""Checks that look across tables and settings: whether the pieces of a model fit one another."""

from __future__ import annotations

from wpb.intake.cross_checks import (
    allocations,
    block_methods,
    council_money,
    growth,
    payments,
    populations,
    primary_care,
    scope_fit,
    settings_fit,
    spend,
    unit_weights,
    year_gaps,
)
from wpb.intake.cross_checks.context import Context
from wpb.kernel.problems import ProblemLog
from wpb.tables.schema import TypedTable
from wpb.tables.settings import ModelSettings

CHECKS = (
    settings_fit.check_routes,
    settings_fit.check_lead_provider,
    settings_fit.check_form,
    settings_fit.check_term,
    settings_fit.check_no_growth_reasons,
    settings_fit.check_currency,
    scope_fit.check_payers,
    scope_fit.check_lists,
    scope_fit.check_part_scope,
    payments.check_fixed_values,
    payments.check_priced_activity,
    payments.check_prices,
    block_methods.check_steps,
    block_methods.check_schedules,
    block_methods.check_costs,
    block_methods.check_population_step,
    block_methods.check_activity_mapping,
    block_methods.check_services_with_pounds,
    unit_weights.check_weights,
    unit_weights.check_unused_types,
    populations.check_carve_outs,
    populations.check_patient_groups,
    populations.check_activity_by_list,
    populations.check_register_names,
    growth.check_rates,
    growth.check_care_model_impacts,
    year_gaps.check_years_between,
    allocations.check_allocations,
    spend.check_adjustments,
    spend.check_dispensing,
    spend.check_ledger_covers,
    spend.check_line_codes,
    spend.check_care_packages,
    primary_care.check_terms,
    primary_care.check_reference_uplifts,
    primary_care.check_appointments,
    primary_care.check_one_list,
    primary_care.check_non_medical_allocations,
    council_money.check_information_governance,
    council_money.check_package_parts,
    council_money.check_exclusions,
    council_money.check_commitments,
    council_money.check_vat,
)


def check_across(
    tables: dict[str, TypedTable], settings: ModelSettings, unreadable: set[str], log: ProblemLog
) -> None:
    """Run every check across tables; a check is passed over where a table it needs couldn't be
    read.

    Source: handbook 2.1-2.7, 3.2-3.6; req 1, 18, 38-39, 44-46, 48-62, 77-88, 96-101, 106-112, 114,
    117, 124, 127-130, 133, 137-139, 142-146, 148-152, 361.
    """
    context = Context(tables, settings, unreadable, log)
    for check in CHECKS:
        check(context)
