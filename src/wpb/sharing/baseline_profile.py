"""The activity that outturn is compared with: a mirror of the budget where in scope, else history,
demography and the care model; set again when the budget's forecast changes.

Source: handbook 6.4.4, 6.4.7; req 273, 292.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import ProblemLog
from wpb.sharing.parties import PartyArrangement, RebaseTrigger
from wpb.sharing.statement import by_year

Array = NDArray[np.float64]


def projected_activity(
    past_units: Array, past_growth_rate: Array, demographic_rate: Array, model_impact_rate: Array
) -> Array:
    """Project activity outside the budget's scope: last year's units, compounded by trend,
    demography and the care model.

    units in year t = last units x product over years to t of (1 + trend) x (1 + demography) x (1 +
    model impact); rates [row, year], past_units [row].
    Source: handbook 6.4.4; req 273.
    """
    factors = (1 + past_growth_rate) * (1 + demographic_rate) * (1 + model_impact_rate)
    return np.asarray(past_units[:, None] * np.cumprod(factors, axis=1), dtype=np.float64)


def check_mirror(
    arrangement: PartyArrangement, budget_units: Mapping[str, Sequence[float]], log: ProblemLog
) -> None:
    """Check that in-scope lines have the baseline of the budget's own forecast, year by year.

    Records an error for a line said to mirror the budget that does not, and for one that the budget
    doesn't have.
    Source: handbook 6.4.4; req 273.
    """
    for line in arrangement.lines:
        if line.baseline_from != "wpb":
            continue
        if line.line not in budget_units:
            log.error(
                line.place,
                f"Line '{line.line}' mirrors the budget, which has no such line.",
                "Correct its name, or build its baseline from history.",
                "line_unknown",
            )
            continue
        for (year, units), budget in zip(
            by_year(arrangement, line.baseline, {"line": line.line}).items(),
            budget_units[line.line],
            strict=False,
        ):
            if abs(units - budget) > max(0.5, 1e-6 * abs(budget)):
                log.error(
                    line.place,
                    f"Line '{line.line}' has a baseline of {units:,.0f} in {year}, and the budget's"
                    f" forecast is {budget:,.0f}.",
                    "Let an in-scope baseline mirror the budget, so that nothing is counted twice.",
                    "not_the_budget",
                )


def triggers_met(
    triggers: Sequence[RebaseTrigger], changes: Mapping[str, float]
) -> list[RebaseTrigger]:
    """List the triggers whose change was reached: |change| >= its rate.

    changes: what changed -> by what rate. Raises KeyError for a trigger whose change is not told.
    Source: handbook 6.4.7; req 292.
    """
    return [trigger for trigger in triggers if abs(changes[trigger.change_in]) >= trigger.by_rate]


def say_drift(found: ProblemLog, problems: ProblemLog) -> None:
    """Say, without stopping what is already agreed, that a mirrored baseline no longer stands where
    the budget does.

    The contract pays by the baseline as agreed until the parties re-base it.
    Source: handbook 6.4.7; req 292.
    """
    for problem in found:
        problems.warning(
            problem.where,
            problem.what,
            f"{problem.fix} Until it is re-based, the baseline as agreed goes on.",
            problem.code,
        )
