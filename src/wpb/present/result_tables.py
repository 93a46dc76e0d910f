"""All result tables of a budget, in the order a reader meets them."""

from __future__ import annotations

from wpb.present.contract_tables import contract_workings, contracts_table, reconciliation_table
from wpb.present.line_tables import (
    baseline_by_list,
    baseline_by_service_and_list,
    baseline_by_service_line,
    budget_lines,
)
from wpb.present.path_tables import (
    affordability_table,
    bridge_table,
    forecast_by_line,
    forecast_by_year,
)
from wpb.present.record_tables import (
    assumptions_table,
    choices_table,
    current_spend_table,
    elements_table,
    grades_table,
    problems_table,
    years_table,
)
from wpb.present.result_table import ResultTable
from wpb.present.whole_pence import WholePence

BUILDERS = (
    years_table,
    bridge_table,
    forecast_by_year,
    affordability_table,
    current_spend_table,
    contracts_table,
    contract_workings,
    reconciliation_table,
    elements_table,
    grades_table,
    baseline_by_service_line,
    baseline_by_list,
    baseline_by_service_and_list,
    budget_lines,
    forecast_by_line,
    assumptions_table,
    choices_table,
    problems_table,
)


def result_tables(whole: WholePence) -> dict[str, ResultTable]:
    """Make every result table, by name; parts add to their totals wherever they are shown.

    Source: handbook 3.7; req 361, 362, 366, 370.
    """
    return {table.name: table for table in (build(whole) for build in BUILDERS)}
