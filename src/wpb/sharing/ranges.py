"""The range of each value that an arrangement declares: checked where it is written, and again
where it is worked out from what is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem, ProblemLog
from wpb.kernel.ranges import AMOUNT, BASELINE, FACTOR, ValueRange
from wpb.sharing import steps
from wpb.sharing.step_kinds import Step
from wpb.sharing.values import Bands, Cases, Paired, Value

MINIMUM_RATE = FACTOR


def declared_numbers(value: Value | None) -> Iterable[tuple[float, Cell, str]]:
    """Give the numbers written in a declared value, with their places; of a rate of an amount, the
    rate.

    Source: handbook 6.4.6; req 286.
    """
    if isinstance(value, Cases):
        for case in value.cases:
            yield case.value, case.place, value.name
        if value.otherwise is not None:
            yield value.otherwise, value.place, value.name
    elif isinstance(value, Bands):
        for band in value.bands:
            for rate in (band.start_rate, band.end_rate):
                yield rate, value.place, value.name
    elif isinstance(value, Paired) and value.rule in (steps.first_given, steps.least):
        for part in value.inputs.values():
            yield from declared_numbers(part)
    elif isinstance(value, Paired) and value.rule is steps.product:
        for name in ("rate", "of"):
            yield from declared_numbers(value.inputs.get(name))


def check_range(
    value: Value | None, allowed: ValueRange, of: str, log: ProblemLog, seen: set[Cell]
) -> None:
    """Refuse numbers outside the range of what they are, at the line that writes them.

    seen: places already refused, as a parameter may be used twice.
    Source: handbook 6.4.5, 6.5.2; req 276, 281, 384.
    """
    for number, place, name in declared_numbers(value):
        if not allowed.holds(number) and place not in seen:
            seen.add(place)
            log.error(
                place,
                f"'{name}' is {number:g}, and {of} has to be {allowed.words}.",
                "Correct it; write a rate as 40% or 0.4.",
                "out_of_range",
            )


def hold_range(values: Any, allowed: ValueRange, of: str, place: Cell) -> None:
    """Stop where a value worked out from reported measures falls outside the range of what it is.

    values: an array of any shape. Raises InputProblems.
    Source: handbook 6.4.5; req 276, 384.
    """
    if not allowed.holds(values):
        given = np.asarray(values, dtype=np.float64).ravel()
        wrong = next(number for number in given if not allowed.holds(number))
        raise InputProblems(
            [
                Problem(
                    "error",
                    place,
                    f"{of[0].upper()}{of[1:]} comes to {wrong:g}, and has to be {allowed.words}.",
                    "Correct the measure or the value it is worked out from.",
                    "out_of_range",
                )
            ]
        )


STEP_RANGES: Mapping[tuple[str, str], ValueRange] = {
    ("gap", "baseline"): BASELINE,
    ("corridor", "minimum_savings_rate"): MINIMUM_RATE,
    ("corridor", "minimum_loss_rate"): MINIMUM_RATE,
    ("corridor", "reduced_share"): FACTOR,
    ("sides", "gains"): FACTOR,
    ("sides", "losses"): FACTOR,
    ("gate", "gains"): FACTOR,
    ("gate", "losses"): FACTOR,
    ("quality", "score"): FACTOR,
    ("quality", "counts_as_full_score"): FACTOR,
    ("quality", "full_score_for_losses"): FACTOR,
    ("quality", "pays_in_full"): FACTOR,
    ("quality", "pays_by_score"): FACTOR,
    ("quality", "counts_for_losses"): FACTOR,
    ("gain_rate", "maximum"): FACTOR,
    ("loss_rate", "maximum"): FACTOR,
    ("loss_rate", "at_least"): FACTOR,
    ("loss_rate", "at_most"): FACTOR,
    ("deduct", "of_gains"): FACTOR,
    ("reinvest", "of_gains"): FACTOR,
    ("relieve", "losses_by"): AMOUNT,
    ("recoup", "balance"): AMOUNT,
}
"""The range of each value of each kind of step."""


def check_step_ranges(listed: Iterable[Step], log: ProblemLog, seen: set[Cell]) -> None:
    """Refuse numbers of steps outside the range of what they are.

    Source: handbook 6.4.5, 6.5.2; req 276, 281, 384.
    """
    for step in listed:
        for name, value in step.values.items():
            allowed = STEP_RANGES.get((step.kind, name))
            if allowed is not None:
                check_range(value, allowed, f"'{name}' of '{step.kind}'", log, seen)
