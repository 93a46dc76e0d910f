"""The gate before the allocation-growth route: scope and population must match the stream, and costs grow as it does.

Source: handbook 3.2.1; req 148.
"""

from __future__ import annotations

from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model

MEASURES = ("population_share", "service_share", "minimum_share", "expected_growth_gap", "maximum_growth_gap")


def check_allocation_route(model: Model, problems: ProblemLog) -> None:
    """Let a stream grow with its allocation only where scope and population align with it and costs grow at its average.

    population_share >= minimum_share, service_share >= minimum_share, |expected_growth_gap| <= maximum_growth_gap,
    compared at full precision.
    Source: handbook 3.2.1; req 148, 158.
    """
    settings = model.settings
    for stream, choice in settings.forecast_routes.items():
        if choice.option != "allocation_growth":
            continue
        measures, place = settings.alignment.get(stream, {}), settings.where(f"forecast.routes.{stream}")
        absent = [name for name in MEASURES if name not in measures]
        if absent:
            problems.error(place, f"Stream {stream} is forecast by allocation growth and its alignment does not say {', '.join(absent)}.", "State how closely population, services and expected growth match the stream.", "alignment-missing")
            continue
        short = [name for name in ("population_share", "service_share") if measures[name] < measures["minimum_share"]]
        if short:
            problems.error(place, f"Stream {stream}: {', '.join(name.replace('_', ' ') for name in short)} is below {measures['minimum_share']:.0%}, so the scope is not closely aligned with the stream.", "Use national assumptions for this stream (handbook 3.2.1).", "alignment-low")
        if abs(measures["expected_growth_gap"]) > measures["maximum_growth_gap"]:
            problems.error(place, f"Stream {stream}: its costs are expected to grow {measures['expected_growth_gap']:.2%} a year apart from the stream's average.", "Use national assumptions for this stream (handbook 3.2.1).", "alignment-growth")
    problems.raise_if_errors()
