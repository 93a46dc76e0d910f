"""The gate before the allocation-growth route: scope and population must match the stream, and
costs grow as it does.

Source: handbook 3.2.1, 3.3.1 Northumberland; req 148, 154, 158.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.kernel.ledger import Array, Axis, Block, Ledger
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Scope

NAMES = {
    "population_share": "the share of its population in scope",
    "service_share": "the share of its spend in scope",
}
TESTS = ("minimum_share", "expected_growth_gap", "maximum_growth_gap")


def share_in_scope(in_scope_pence: Array, out_of_scope_pence: Array) -> Array:
    """How much of a stream's spend is in scope: in scope / (in scope + out of scope); nought for a
    stream without spend.

    Source: handbook 3.2.1; req 148, 154.
    """
    whole = in_scope_pence + out_of_scope_pence
    return np.divide(in_scope_pence, whole, out=np.zeros_like(whole), where=whole != 0)


@dataclass(frozen=True)
class Alignment:
    """How far scope and population match each stream, as the model itself measures it."""

    service_share: Block
    population_share: dict[str, float]


def measured_alignment(
    model: Model, scope: Scope, lines: BudgetLines, inside: Block, outside: Block, ledger: Ledger
) -> Alignment:
    """Measure, for each stream, the share of its spend in scope by year, and of its commissioners'
    people in scope.

    service share = in-scope spend / all spend of the stream at each year's scope, before growth;
    population share = people on lists in scope / people on the lists of the commissioners that pay
    (all lists where a council pays).
    Source: handbook 3.2.1; req 148, 154, 158.
    """
    axis = Axis("funding stream", tuple(model["funding_streams"].text("funding_stream")))
    into = [axis.positions[line.funding_stream] for line in lines.lines]
    parts = {
        name: ledger.total(f"alignment/{name}", axis, (block, into), title=block.title)
        for name, block in (("in_scope_pence", inside), ("out_of_scope_pence", outside))
    }
    years = model.settings.years
    share = ledger.add(
        "alignment/service_share",
        share_in_scope,
        axis,
        "share",
        years,
        "Share of the stream's spend in scope",
        **parts,
    )
    payers: dict[str, set[str]] = {}
    for line in lines.lines:
        payers.setdefault(line.funding_stream, set()).add(line.commissioner)
    return Alignment(
        share,
        {stream: _population_share(scope, payers.get(stream, set())) for stream in axis.codes},
    )


def _population_share(scope: Scope, payers: set[str]) -> float:
    local = [row for row, kind in enumerate(scope.list_kind) if kind != "elsewhere"]
    theirs = [row for row in local if scope.list_commissioner[row] in payers] or local
    whole = sum(scope.population[row] for row in theirs)
    return (
        sum(scope.population[row] for row in theirs if scope.participation[row] != "none") / whole
        if whole
        else 0.0
    )


def gate_year(model: Model, stream: str) -> str | None:
    """The year at which a stream is tested for the allocation route: the first, or the one it
    switches in; None off the route.

    Source: handbook 3.2.1; req 148, 154.
    """
    settings = model.settings
    switch, route = settings.route_switches.get(stream), settings.forecast_routes.get(stream)
    if switch:
        return switch
    return settings.years[0] if route is not None and route.option == "allocation_growth" else None


def shares_tested(model: Model, stream: str, alignment: Alignment) -> dict[str, float]:
    """The two shares the gate tests: as the model states them, or as measured where scope widens or
    a preset leaves them out.

    Source: handbook 3.2.1; req 148, 154, 158.
    """
    year = gate_year(model, stream)
    measured = {
        "population_share": alignment.population_share[stream],
        "service_share": alignment.service_share.at(
            alignment.service_share.axis.positions[stream],
            model.settings.years.index(year or model.settings.years[0]),
        ),
    }
    return (
        measured
        if stream in model.settings.route_switches
        else measured
        | {
            key: value
            for key, value in model.settings.alignment.get(stream, {}).items()
            if key in NAMES
        }
    )


def check_allocation_route(model: Model, alignment: Alignment, problems: ProblemLog) -> None:
    """Let a stream grow with its allocation only where scope and population align with it and costs
    grow at its average.

    population_share >= minimum_share, service_share >= minimum_share, |expected_growth_gap| <=
    maximum_growth_gap, compared at full precision. A stream that switches is tested on the scope of
    its switch year.
    Source: handbook 3.2.1, 3.3.1; req 148, 154, 158.
    """
    for stream in alignment.service_share.axis.codes:
        _check_choices(model, stream, problems)
        year = gate_year(model, stream)
        if year is not None and year in model.settings.years:
            _check_stream(model, stream, year, alignment, problems)
    problems.raise_if_errors()


def _check_choices(model: Model, stream: str, problems: ProblemLog) -> None:
    settings, route = model.settings, model.settings.forecast_routes.get(stream)
    switch, by_allocation = (
        settings.route_switches.get(stream),
        route is not None and route.option == "allocation_growth",
    )
    place = settings.where(f"forecast.routes.{stream}")
    if switch and by_allocation:
        problems.error(
            place,
            f"Stream {stream} is on the allocation route from the start, so it cannot switch to it"
            f" in {switch}.",
            "Take out the switch year, or start with national_assumptions.",
            "switch_route",
        )
    elif switch and not settings.first_growth_year <= switch <= settings.years[-1]:
        problems.error(
            place,
            f"Stream {stream} would switch to its allocation's growth in {switch}, in which this"
            " model has no growth.",
            f"Enter a year from {settings.first_growth_year} to {settings.years[-1]}.",
            "switch_year",
        )
    if stream in settings.route_presets and not by_allocation:
        problems.error(
            place,
            f"Stream {stream} has the preset near_whole_scope, which grows it with its allocation,"
            " but its route is another.",
            "Choose allocation_growth, or take out the preset.",
            "preset_route",
        )


def _check_stream(
    model: Model, stream: str, year: str, alignment: Alignment, problems: ProblemLog
) -> None:
    settings = model.settings
    measures, place = (
        settings.alignment.get(stream, {}),
        settings.where(f"forecast.routes.{stream}"),
    )
    stated = (
        ()
        if stream in settings.route_switches or stream in settings.route_presets
        else tuple(NAMES)
    )
    absent = [name for name in (*stated, *TESTS) if name not in measures]
    if absent:
        problems.error(
            place,
            f"Stream {stream} is forecast by allocation growth and its alignment does not say"
            f" {', '.join(absent)}.",
            "State how closely population, services and expected growth match the stream.",
            "alignment_missing",
        )
        return
    shares = shares_tested(model, stream, alignment)
    short = [name for name in NAMES if shares[name] < measures["minimum_share"]]
    if short:
        found = ", ".join(f"{NAMES[name]} is {shares[name]:.1%}" for name in short)
        problems.error(
            place,
            f"Stream {stream} in {year}: {found}, below {measures['minimum_share']:.0%}, so the"
            " scope is not closely aligned with the stream.",
            "Use national assumptions for this stream (handbook 3.2.1).",
            "alignment_low",
        )
    if abs(measures["expected_growth_gap"]) > measures["maximum_growth_gap"]:
        problems.error(
            place,
            f"Stream {stream}: its costs are expected to grow {measures['expected_growth_gap']:.2%}"
            " a year apart from the stream's average.",
            "Use national assumptions for this stream (handbook 3.2.1).",
            "alignment_growth",
        )
    _warn_of_difference(model, stream, year, alignment, problems)


def _warn_of_difference(
    model: Model, stream: str, year: str, alignment: Alignment, problems: ProblemLog
) -> None:
    """Say where a stated share passes the gate and the share the model measures would not."""
    measures, settings = model.settings.alignment[stream], model.settings
    row = alignment.service_share.axis.positions[stream]
    measured = {
        "population_share": alignment.population_share[stream],
        "service_share": alignment.service_share.at(row, settings.years.index(year)),
    }
    for name, share in measured.items():
        if name in measures and measures[name] >= measures["minimum_share"] > share:
            problems.warning(
                settings.where(f"forecast.routes.{stream}.alignment.{name}"),
                f"Stream {stream}: {NAMES[name]} is stated as {measures[name]:.1%}, but this"
                f" model's own lines and lists give {share:.1%}.",
                "Explain the difference, or correct the share.",
                "alignment_differs",
            )
