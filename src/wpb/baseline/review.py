"""Everything that is asked of the baseline: each check with its finding, and what a reader sees of
it.

Source: handbook 2.2, 2.4.1, 2.7; overview 4.1.
"""

from __future__ import annotations

from wpb.baseline.accuracy import (
    accuracy_section,
    check_bands,
    check_sources,
    error_bands,
    sources_section,
)
from wpb.baseline.adjustments import AdjustedSpend, adjustments_section
from wpb.baseline.blended import blend_section
from wpb.baseline.coverage import check_coverage, coverage_section
from wpb.baseline.current_spend import CurrentSpend
from wpb.baseline.duplicates import check_amounts_twice, check_services_twice
from wpb.baseline.history import check_answered, check_history, histories, history_section
from wpb.baseline.part_year import check_seasons, part_year_section
from wpb.baseline.roll_forward import Levels
from wpb.baseline.routing import Routing
from wpb.baseline.spend_and_cost import (
    beside_costs,
    check_cross_subsidy,
    check_under_funded,
    spend_and_cost_section,
)
from wpb.baseline.spend_subjects import lines_by_subject
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import Block
from wpb.tables.findings import Finding, findings_section, tell
from wpb.tables.records import BudgetLines, Section


def review_baseline(
    routing: Routing,
    book: AssumptionBook,
    current: CurrentSpend,
    adjusted: AdjustedSpend,
    baseline: Block,
) -> tuple[Section, ...]:
    """Make every check of the baseline's figures, put what warns among the problems, and give the
    sections for the report.

    Source: handbook 2.2, 2.4.1, 2.7; overview 4.1; req 26-33, 37.
    """
    model, ledger, lines = routing.model, routing.ledger, current.lines
    years = histories(model, _spend_by_subject(lines, adjusted.repaired.full_year))
    spend = _spend_by_contract(lines, adjusted.repaired.full_year)
    beside = beside_costs(model, spend)
    bands = error_bands(model, book, lines, adjusted.repaired.seasons)
    findings: list[Finding] = [
        *check_seasons(model, adjusted.repaired.seasons),
        *check_history(model, years),
        *check_answered(model),
        *check_cross_subsidy(model, beside),
        *check_under_funded(model, spend, beside),
        *check_sources(model),
        check_bands(bands),
        *check_coverage(model, current),
        *check_services_twice(model, current),
        *check_amounts_twice(model),
    ]
    tell(findings, routing.problems)
    return (
        findings_section(
            "baseline_checks",
            "Checks of the baseline",
            "What was asked of the spend behind the baseline, and what was found.",
            findings,
        ),
        accuracy_section(lines, baseline, bands),
        sources_section(model),
        part_year_section(adjusted.repaired.seasons),
        history_section(years),
        spend_and_cost_section(beside),
        *([coverage_section(model, current)] if len(model["activity_by_list"]) else []),
        *([adjustments_section(model, current)] if len(model["adjustments"]) else []),
        *([blend_section(model, ledger)] if len(model["baseline_estimates"]) else []),
    )


def _spend_by_subject(lines: BudgetLines, levels: Levels) -> dict[str, float]:
    amounts = levels.inside.value[0, :, 0] + levels.outside.value[0, :, 0]
    return {
        subject: float(amounts[rows].sum()) for subject, rows in lines_by_subject(lines).items()
    }


def _spend_by_contract(lines: BudgetLines, levels: Levels) -> dict[str, dict[str, float]]:
    amounts = (levels.inside.value[0, :, 0] + levels.outside.value[0, :, 0]).tolist()
    found: dict[str, dict[str, float]] = {}
    for line, amount in zip(lines.lines, amounts, strict=True):
        if line.contract:
            services = found.setdefault(line.contract, {})
            services[line.service_line] = services.get(line.service_line, 0.0) + amount
    return found
