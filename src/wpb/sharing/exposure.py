"""The most each organisation can lose across every scheme, beside the limit it can bear.

Source: handbook 6.4.5 (maximum risk exposure); req 284.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wpb.kernel.money import pounds
from wpb.kernel.problems import ProblemLog
from wpb.sharing import steps
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.settle_parties import settle_parties
from wpb.sharing.statement import by_year, planned_units
from wpb.sharing.values import Paired


@dataclass(frozen=True)
class Exposure:
    """One organisation's exposure in a year, in unrounded pence above nought, by scheme and in all,
    and its limit.
    """

    party: str
    year: str
    by_scheme: Mapping[str, float]
    limit_pence: float | None

    @property
    def total_pence(self) -> float:
        """The most it can lose across every scheme."""
        return sum(self.by_scheme.values())

    @property
    def within_limit(self) -> bool:
        """Whether it can bear that; an organisation without a limit cannot be said to."""
        return self.limit_pence is not None and self.total_pence <= self.limit_pence


def worst_case_pence(
    arrangement: PartyArrangement, overspend_rate: float
) -> dict[str, list[float]]:
    """Give the most each party would lose if every line went over its baseline by a rate: by party,
    a figure a year.

    Limits, tiers and years out of force do their work; without a limit, the loss grows with the
    rate chosen. Where a gate hangs on a measure, the loss is the most over the measure at nought
    and at every value that a gate asks for.
    Source: handbook 6.4.5; req 284.
    """
    units = planned_units(arrangement) * (1 + overspend_rate)
    found = np.zeros((len(arrangement.parties), len(arrangement.years)))
    for standing in sorted({0.0, *_asked_for(arrangement)}):
        reported = {
            name: np.full(len(arrangement.years), standing) for name in arrangement.measures
        }
        found = np.maximum(found, -settle_parties(arrangement, units, reported).party[0])
    return {
        name: [float(amount) for amount in found[row]]
        for row, name in enumerate(arrangement.party_names)
    }


def _asked_for(arrangement: PartyArrangement) -> list[float]:
    """The values that gates ask of measures."""
    gates = [
        value
        for step in arrangement.steps
        for value in step.values.values()
        if isinstance(value, Paired) and value.rule is steps.reached
    ]
    return [
        amount
        for gate in gates
        for amount in by_year(arrangement, gate.inputs["at_least"], {}).values()
    ]


def exposures(
    year: str,
    by_scheme: Mapping[str, Mapping[str, float]],
    limits_pence: Mapping[str, float],
    log: ProblemLog,
) -> list[Exposure]:
    """Add up each organisation's exposure across gain/loss sharing, incentives and anything else,
    and test it against its limit.

    by_scheme: scheme -> party -> the most it can lose there. Records an error where the total is
    above the limit, and a warning where an organisation has no limit to test against.
    Source: handbook 5.4, 6.4.5; req 248, 284.
    """
    parties: Sequence[str] = sorted({party for scheme in by_scheme.values() for party in scheme})
    found = []
    for party in parties:
        exposure = Exposure(
            party,
            year,
            {scheme: amounts[party] for scheme, amounts in by_scheme.items() if party in amounts},
            limits_pence.get(party),
        )
        found.append(exposure)
        if exposure.limit_pence is None:
            log.warning(
                None,
                f"{party} could lose {pounds(exposure.total_pence)} in {year} and has no limit to"
                " test that against.",
                "Agree the most it can bear across every scheme.",
                "no_exposure_limit",
            )
        elif not exposure.within_limit:
            log.error(
                None,
                f"{party} could lose {pounds(exposure.total_pence)} in {year}, above its limit of"
                f" {pounds(exposure.limit_pence)}.",
                "Lower a share, add a cap, or put less at risk in a scheme.",
                "over_exposed",
            )
    return found
