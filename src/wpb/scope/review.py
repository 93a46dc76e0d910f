"""Everything that is asked of the scope: each check with its finding, and what a reader sees of it.

Source: handbook Summary, 1.1.2, 1.1.3, 1.1.5; overview 2, 3.2, 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wpb.kernel.problems import ProblemLog
from wpb.scope.checklists import check_checklists, check_items, checklists_section
from wpb.scope.evaluation import check_evaluation, evaluation_section
from wpb.scope.footprints import check_boundaries, check_footprints, footprints_section
from wpb.scope.neighbourhoods import check_neighbourhoods, neighbourhoods_section
from wpb.scope.population_path import (
    check_modes,
    check_path,
    per_head_section,
    population_path_section,
)
from wpb.scope.population_size import (
    check_population_size,
    population_size_section,
    random_variation,
)
from wpb.scope.risks import check_mechanisms, check_register, check_settings, risks_section
from wpb.scope.width import check_width, cost_shift_exposures, exposures_section
from wpb.tables.findings import Finding, findings_section, tell
from wpb.tables.model import Model
from wpb.tables.records import Scope, Section


@dataclass(frozen=True)
class ServiceSpend:
    """Current spend by service line, in pence: in scope and out of it."""

    in_scope_pence: Mapping[str, float]
    out_of_scope_pence: Mapping[str, float]


def check_scope_records(model: Model, problems: ProblemLog) -> None:
    """Refuse scope records that contradict themselves, before anything is worked out.

    Source: handbook 1.1.2, 1.1.5; req 3, 10, 11, 14, 15, 16.
    """
    check_footprints(model, problems)
    check_settings(model, problems)
    check_items(model, problems)
    check_modes(model, problems)


def review_scope(
    model: Model, scope: Scope, spend: ServiceSpend, baseline_pence: float, problems: ProblemLog
) -> tuple[Section, ...]:
    """Make every check of the scope, put what warns among the problems, and give the sections for
    the report.

    Source: handbook 1.1.2, 1.1.3, 1.1.5; req 3-17.
    """
    exposures = cost_shift_exposures(model, scope, spend.out_of_scope_pence)
    variation = random_variation(model, scope, spend.in_scope_pence)
    findings: list[Finding] = [
        check_width(exposures, bool(len(model["service_interactions"]))),
        check_population_size(variation),
        *check_neighbourhoods(model),
        *check_boundaries(model, scope),
        *check_register(model),
        *check_mechanisms(model),
        *check_checklists(model),
        check_path(model),
        *check_evaluation(model),
    ]
    tell(findings, problems)
    return (
        findings_section(
            "scope_checks",
            "Checks of the scope",
            "What was asked of the scope and the population, and what was found.",
            findings,
        ),
        exposures_section(exposures),
        population_size_section(variation),
        neighbourhoods_section(model),
        footprints_section(model, scope),
        risks_section(model),
        checklists_section(model),
        population_path_section(model),
        per_head_section(scope, baseline_pence, model.settings.baseline_year),
        evaluation_section(model),
    )
