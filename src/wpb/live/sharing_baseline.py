"""The baseline of a gain/loss arrangement beside the budget: does it mirror it, is a saving counted
twice, is it to be set again?

Source: handbook 3.5, 6.4.4, 6.4.7; req 273, 292, 298.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wpb.kernel.ledger import Array, Axis, Block, Ledger
from wpb.kernel.money import round_half_up
from wpb.kernel.problems import ProblemLog
from wpb.live.sharing_links import Shared
from wpb.run import Budget
from wpb.sharing.baseline_profile import check_mirror, say_drift
from wpb.sharing.double_count import counted_twice
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.settle_parties import settle_parties
from wpb.sharing.statement import by_year
from wpb.tables.contract_records import FrozenLines


def saving_left_less_saving(saving_left_pence: Array, saving_pence: Array) -> Array:
    """The part of a saving that the budget has taken, below nought: what is left to sharing - the
    whole saving.

    Source: handbook 3.5, 6.4.4; req 189, 298.
    """
    return saving_left_pence - saving_pence


def check_against_budget(
    shared: Shared, budget: Budget, lines: FrozenLines, ledger: Ledger, problems: ProblemLog
) -> None:
    """Check the shared lines that are in scope: each baseline mirrors the budget's forecast, and no
    saving counts twice.

    Where activity is shared at fixed prices, the budget's units = its forecast / the agreed price.
    Source: handbook 3.5, 6.4.4; req 273, 298.
    """
    arrangement = shared.arrangement
    inside = tuple(line for line in arrangement.line_names if shared.inside(line))
    if not inside:
        return
    absent = [year for year in arrangement.years if year not in budget.years]
    if absent:
        problems.error(
            arrangement.lines[0].place,
            f"{arrangement.title} runs in {', '.join(absent)}, which the budget does not reach.",
            "Let it end with the contract.",
            "arrangement_years",
        )
        return
    name = f"wpb/sharing/{arrangement.name}"
    forecast = _budget_forecast(shared, inside, lines, ledger)
    axis, of_service = forecast.axis, _of_service(shared, forecast.axis)
    drifted = ProblemLog()
    check_mirror(arrangement, _in_own_units(arrangement, forecast), drifted)
    tolerance = _tolerance_pence(arrangement, inside)
    say_drift(drifted, problems)
    care = budget.care_model
    if care is None:
        return
    into = [of_service.get(line.service_line, -1) if line.inside else -1 for line in care.lines]
    whole, left = (
        ledger.total(f"{name}/{title}", axis, (block, into), title=words)
        for title, block, words in (
            ("saving", care.saving, "Saving of the care model"),
            ("saving_left", care.left_to_sharing, "Saving left to sharing"),
        )
    )
    taken = ledger.add(
        f"{name}/saving_taken",
        saving_left_less_saving,
        axis,
        "pence",
        budget.years,
        "Saving taken in the budget",
        saving_left_pence=left,
        saving_pence=whole,
    )
    reported = {measure: np.ones(len(arrangement.years)) for measure in arrangement.measures}
    as_planned = settle_parties(arrangement, shared.planned_units, reported)
    found = ProblemLog()
    counted_twice(
        as_planned,
        ledger,
        {line: line for line in inside},
        forecast.id,
        (taken.id,),
        found,
        tolerance,
    )
    if drifted.problems:
        say_drift(found, problems)
    else:
        problems.extend(found)


def _of_service(shared: Shared, axis: Axis) -> dict[str, int]:
    return {link.service_line: axis.positions[link.line] for link in shared.links if link.inside}


def _budget_forecast(
    shared: Shared, inside: tuple[str, ...], lines: FrozenLines, ledger: Ledger
) -> Block:
    """The budget's forecast of the lines that are in scope, [line, year] in pence."""
    axis = Axis("shared line", inside)
    of_service = _of_service(shared, axis)
    return ledger.total(
        f"wpb/sharing/{shared.arrangement.name}/budget_forecast",
        axis,
        (lines.forecast, [of_service.get(service, -1) for service in lines.service_line]),
        title="The budget's forecast of what is shared",
    )


def _in_own_units(arrangement: PartyArrangement, forecast: Block) -> dict[str, list[float]]:
    """The budget's forecast by line and year in the arrangement's own units: forecast / agreed
    price, or pounds.
    """
    units = {}
    for line in (line for line in arrangement.lines if line.line in forecast.axis.positions):
        price = (
            None
            if arrangement.what_is_shared == "spend" or line.price is None
            else by_year(arrangement, line.price, {"line": line.line})
        )
        pence = [
            forecast.at(forecast.axis.positions[line.line], forecast.year_position(year))
            for year in arrangement.years
        ]
        units[line.line] = [
            amount / 100 / (price[year] if price else 1.0)
            for amount, year in zip(pence, arrangement.years, strict=True)
        ]
    return units


def _tolerance_pence(arrangement: PartyArrangement, inside: Sequence[str]) -> dict[str, float]:
    """What a line in whole units may differ by, in pence."""
    found = {}
    for line in (line for line in arrangement.lines if line.line in inside):
        price = (
            None
            if arrangement.what_is_shared == "spend" or line.price is None
            else by_year(arrangement, line.price, {"line": line.line})
        )
        found[line.line] = 0.5 + (max(price.values()) * 100 * 0.5 if price else 50.0)
    return found


# setting it again ---------------------------------------------------------------------------------


WPB_FORECAST = "wpb_forecast"
"""What a review trigger says that hangs on the budget's own forecast."""


@dataclass(frozen=True)
class RebasedLine:
    """A line whose baseline mirrors the budget: as agreed, as the budget stands now, and the change
    between them, by year.
    """

    line: str
    agreed: Mapping[str, float]
    now: Mapping[str, float]

    def change_rate(self, year: str) -> float:
        """How far the budget has moved from the baseline in a year: now / agreed - 1."""
        return (
            (self.now[year] - self.agreed[year]) / self.agreed[year]
            if self.agreed[year]
            else float(self.now[year] > 0)
        )

    def set_again(self, from_year: str) -> dict[str, float]:
        """The baseline set again: as agreed before a year, as the budget stands from it on."""
        return {
            year: self.agreed[year] if year < from_year else float(round_half_up(self.now[year]))
            for year in self.agreed
        }


def rebased_lines(shared: Shared, lines: FrozenLines, ledger: Ledger) -> list[RebasedLine]:
    """Compare the baselines that mirror the budget with the budget as it stands now, line by line
    and year by year.

    Source: handbook 6.4.4, 6.4.7; req 273, 292.
    """
    arrangement = shared.arrangement
    mirrored = tuple(
        line.line
        for line in arrangement.lines
        if line.baseline_from == "wpb" and shared.inside(line.line)
    )
    if not mirrored:
        return []
    now = _in_own_units(arrangement, _budget_forecast(shared, mirrored, lines, ledger))
    return [
        RebasedLine(
            line.line,
            by_year(arrangement, line.baseline, {"line": line.line}),
            dict(zip(arrangement.years, now[line.line], strict=True)),
        )
        for line in arrangement.lines
        if line.line in mirrored
    ]
