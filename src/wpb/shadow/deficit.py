"""From spend to efficient cost: time-limited support for a provider that runs a deficit, apart from
the budget.

The support is non-recurrent, is never grown and is never part of a baseline, so it ends with its
last year.
Source: Mid-Nottinghamshire article (2016); req 144, 209.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.calendar import year_range
from wpb.kernel.money import split_pence, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Transition:
    """One provider's transition: support by contract year in whole pence, and the efficiency it
    must find each year.
    """

    provider: str
    paid_by: str
    deficit_pence: int
    support_pence: tuple[int, ...]
    to_find_pence: tuple[int, ...]
    """What must be saved anew in each year: the fall of support from the year before."""
    reason: str


def glide(deficit_pence: float, years: int, path: str) -> Array:
    """Support by year as the deficit closes, [year].

    straight: deficit x (years - n) / years in year n = 1, 2, ... (nought in the last); halving:
    deficit / 2^n, and nought in the last.
    Source: Mid-Nottinghamshire article (2016); req 209.
    """
    n = np.arange(1, years + 1)
    support = deficit_pence * (years - n) / years if path == "straight" else deficit_pence * 0.5**n
    support[-1] = 0.0
    return np.asarray(support, dtype=np.float64)


def transitions(model: Model, problems: ProblemLog) -> tuple[Transition, ...]:
    """Read and lay out every transition over the contract's years.

    Raises InputProblems for a deficit below nought, years outside the contract, or a payer that is
    the provider.
    """
    table, contract = model["deficit_transitions"], model.settings.years
    found = []
    for row, provider in enumerate(table.text("provider")):
        deficit, years, first = (
            float(table.numbers("deficit")[row]),
            int(table.numbers("years")[row]),
            str(table.columns["first_year"][row]),
        )
        if deficit <= 0:
            problems.error(
                table.where(row, "deficit"),
                f"{provider} has no deficit to carry.",
                "Enter how far cost is above spend, in pounds above nought, or leave the row out.",
                "transition",
            )
            continue
        if first not in contract or contract.index(first) + years > len(contract):
            problems.error(
                table.where(row, "years"),
                f"Support of {provider} runs past the contract.",
                f"End it by {contract[-1]}: support is time-limited.",
                "transition",
            )
            continue
        if str(table.columns["paid_by"][row]) == provider:
            problems.error(
                table.where(row, "paid_by"),
                f"{provider} cannot pay its own support.",
                "Name who pays it.",
                "transition",
            )
            continue
        found.append(
            _laid_out(
                provider,
                str(table.columns["paid_by"][row]),
                deficit,
                glide(deficit, years, str(table.columns["path"][row])),
                year_range(first, years),
                contract,
                str(table.columns["reason"][row]),
            )
        )
    problems.raise_if_errors()
    return tuple(found)


def _laid_out(
    provider: str,
    paid_by: str,
    deficit: float,
    support: Array,
    years: Sequence[str],
    contract: Sequence[str],
    reason: str,
) -> Transition:
    by_year = dict(zip(years, (whole_pence(float(value)) for value in support), strict=True))
    left, to_find = whole_pence(deficit), []
    for year in contract:
        to_find.append(left - by_year[year] if year in by_year else 0)
        left = by_year.get(year, left)
    return Transition(
        provider,
        paid_by,
        whole_pence(deficit),
        tuple(by_year.get(year, 0) for year in contract),
        tuple(to_find),
        reason,
    )


def by_month(support_pence: int) -> list[int]:
    """A year's support in twelve parts that add to it."""
    return split_pence(support_pence, [1.0] * 12) if support_pence else [0] * 12
