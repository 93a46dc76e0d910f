"""From spend as it was entered to spend for a full current year, best estimated: rolled forward,
made up, blended.

Source: handbook 2.2; overview 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.baseline.blended import blend, check_estimates, check_historic
from wpb.baseline.history import check_events
from wpb.baseline.part_year import Season, check_part_years, extend_part_years, seasons
from wpb.baseline.roll_forward import Levels, check_roll_forward, roll_forward
from wpb.baseline.spend_subjects import check_repairs, check_subjects, lines_by_subject
from wpb.kernel.ledger import Ledger
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines


@dataclass(frozen=True)
class Repaired:
    """Spend after its repairs, before agreed adjustments, and the seasons learnt on the way."""

    levels: Levels
    full_year: Levels
    """Before blending: what the spend year's own spend is taken to be."""
    seasons: dict[str, Season]


def repaired_spend(
    model: Model, ledger: Ledger, lines: BudgetLines, levels: Levels, problems: ProblemLog
) -> Repaired:
    """Repair spend that is not for a full current year, then blend it with other estimates; each
    step is a movement.

    Source: handbook 2.2; overview 4.1; req 20-26, 29.
    """
    learnt = seasons(model)
    check_subjects(model, problems)
    check_repairs(model, problems)
    check_roll_forward(model, problems)
    check_part_years(model, learnt, problems)
    check_events(model, problems)
    check_estimates(model, problems)
    check_historic(model, lines, levels.inside, problems)
    problems.raise_if_errors()
    subjects = lines_by_subject(lines)
    full = extend_part_years(
        model, ledger, subjects, roll_forward(model, ledger, subjects, levels), learnt
    )
    return Repaired(blend(model, ledger, lines, full), full, learnt)
