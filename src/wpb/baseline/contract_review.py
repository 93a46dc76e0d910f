"""Everything that is asked of the contracts taken apart: each check with its finding, and what a
reader sees of it.

Source: handbook 2.4.
"""

from __future__ import annotations

from wpb.baseline.activity_sources import (
    check_access,
    check_local_reports,
    local_reports_section,
    sources_catalogue_section,
)
from wpb.baseline.alternatives import effort_section, sensitivity_section
from wpb.baseline.box_2 import check_activity_data
from wpb.baseline.current_spend import CurrentSpend
from wpb.baseline.patient_caveats import group_bands_section
from wpb.baseline.routing import Routing
from wpb.baseline.schedule_checks import (
    check_schedules,
    driver_section,
    refreshed_schedule_section,
    splits_section,
)
from wpb.baseline.weight_checks import benchmark_section, check_weights
from wpb.tables.findings import Finding, findings_section, tell
from wpb.tables.methods.time_and_motion import samples_section
from wpb.tables.records import Section


def review_contracts(routing: Routing, current: CurrentSpend) -> tuple[Section, ...]:
    """Make every check of contracts taken apart, put what warns among the problems, and give the
    sections for the report.

    Source: handbook 2.4; req 49, 53-55, 57, 58, 60-62, 64-76, 81-83, 86, 89, 92-94, 100.
    """
    model, ledger = routing.model, routing.ledger
    findings: list[Finding] = [
        *check_schedules(model, ledger),
        *check_access(model),
        *check_local_reports(model),
        *check_weights(model, ledger),
    ]
    data = check_activity_data(model)
    tell(findings, routing.problems)
    tell(data, routing.problems)
    return (
        findings_section(
            "contract_checks",
            "Checks of contracts taken apart",
            "What was asked of schedules, costs, sources and weights, and what was found.",
            findings,
        ),
        findings_section(
            "activity_data_checks",
            "Is the activity data good enough",
            "The nine features the handbook asks for (Box 2), contract by contract.",
            data,
        ),
        splits_section(model),
        driver_section(model),
        refreshed_schedule_section(model, ledger),
        sources_catalogue_section(model),
        local_reports_section(model),
        samples_section(model),
        benchmark_section(model),
        group_bands_section(model, current),
        sensitivity_section(routing),
        effort_section(routing, float(current.spend.value.sum())),
    )
