"""What must add after each stage stops the run with its figures where it does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.models import calculated, direct, place
from wpb.baseline.conserved import baseline_conserved, spend_conserved
from wpb.forecast.conserved import forecast_conserved
from wpb.kernel.problems import InputProblems
from wpb.run import Budget
from wpb.tables.records import Route

LINES = [direct("A", 500_000.37), direct("B", 300_000.11, population_method="whole_contract")]


@pytest.fixture
def budget() -> Budget:
    """A small budget of its own for each test, for its figures are changed in place."""
    return calculated(place(direct_spend=LINES))


def check_spend(budget: Budget) -> None:
    spend_conserved(
        [Route("all", budget.current.lines.lines, budget.current.spend)], budget.current
    )


def check_baseline(budget: Budget) -> None:
    assert budget.stages is not None
    begun = budget.stages[1].found
    steps = bool(budget.model.settings.conversion_steps)
    baseline_conserved(budget.ledger, budget.adjusted, begun.converted, budget.baseline, steps)


def check_forecast(budget: Budget) -> None:
    assert budget.stages is not None and budget.outlook is not None
    forecast_conserved(
        budget.ledger,
        budget.stages[1].found.converted,
        budget.affordability,
        budget.outlook.workings.residual.by_party,
    )


@pytest.mark.req(384)
@pytest.mark.parametrize(
    ("check", "block", "words"),
    [
        (check_spend, "spend_in_scope", "Current spend of the budget lines does not add up"),
        (check_baseline, "baseline/by_list", "The baseline by GP list does not add up"),
        (check_baseline, "baseline/joins_later", "The baseline does not add up"),
        (check_forecast, "out_of_scope/start", "The start of the forecast does not add up"),
        (check_forecast, "forecast/movement_efficiency", "The forecast, in scope does not add up"),
        (check_forecast, "affordability/stream/headroom", "headroom by stream does not add up"),
        (check_forecast, "affordability/commissioner/forecast", "forecast by commissioner"),
        (check_forecast, "affordability/total/allocation", "allocation by commissioner and stream"),
    ],
)
@pytest.mark.parametrize("wrong_by", [1.0, float("nan")])
def test_a_figure_out_by_a_penny_stops_with_its_figures(
    budget: Budget, check: Callable[[Budget], None], block: str, words: str, wrong_by: float
) -> None:
    check(budget)
    value = budget.ledger[block].value
    value.flags.writeable = True
    value[0, 0, 0] += wrong_by
    with pytest.raises(InputProblems) as stopped:
        check(budget)
    (problem,) = stopped.value.problems
    assert words in problem.what and problem.code == "does_not_add"
    assert np.isfinite(wrong_by) == ("nan" not in problem.what)
