"""From shadow to live: what must hold, what does, and what is still open. The tool tells; people
decide.

Source: handbook 1.1.5, 6.6; overview 3.4; req 299, 301.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from wpb.kernel.money import exact, pounds
from wpb.shadow.outcome import LEAST_IN_TAIL
from wpb.shadow.shadow_test import PartyOutcome, ShadowResults


@dataclass(frozen=True)
class Criterion:
    """One criterion: what was found, what was asked, and whether it is met (None: it could not be
    measured).
    """

    code: str
    title: str
    found: str
    asked: str
    met: bool | None
    owner: str


@dataclass(frozen=True)
class Decision:
    """Whether every criterion is met, and what stands in the way."""

    criteria: tuple[Criterion, ...]

    @property
    def ready(self) -> bool:
        """Every criterion is met; with none there is nothing to be ready by."""
        return bool(self.criteria) and all(one.met is True for one in self.criteria)

    @property
    def open(self) -> tuple[Criterion, ...]:
        """Criteria not met, or not measured."""
        return tuple(one for one in self.criteria if one.met is not True)


def shadow_to_live(results: ShadowResults, months_in_shadow: int = 0) -> Decision:
    """Hold the results against the criteria the parties agreed beforehand.

    A chance counts as met only where the whole of its 95% interval is: too few runs never make a
    case for going live.
    Source: handbook 1.1.5, 6.6; Mid-Nottinghamshire article; req 299, 301, 304.
    """
    table = results.budget.model["live_criteria"]
    found = []
    for row in range(len(table)):
        text = {
            name: str(table.columns[name][row])
            for name in ("criterion", "title", "measure", "organisation", "owner")
        }
        limit, met = float(table.numbers("at_most")[row]), table.flags("met")[row]
        if text["measure"] == "judgement":
            found.append(
                Criterion(
                    text["criterion"],
                    text["title"],
                    {True: "met", False: "not met", None: "not judged"}[met],
                    "judged by people",
                    met,
                    text["owner"],
                )
            )
        elif text["measure"] == "months_in_shadow":
            found.append(
                Criterion(
                    text["criterion"],
                    text["title"],
                    f"{months_in_shadow} months",
                    f"at least {limit:g} months",
                    None if math.isnan(limit) else months_in_shadow >= limit,
                    text["owner"],
                )
            )
        else:
            words, high = _measured(results, text["measure"], text["organisation"])
            asked = (
                f"at most {limit:.0%}"
                if text["measure"] != "expected_shortfall_95"
                else f"at most {pounds(exact(limit) * 100)}"
            )
            found.append(
                Criterion(
                    text["criterion"],
                    text["title"],
                    words,
                    asked,
                    None if high is None or math.isnan(limit) else high <= limit,
                    text["owner"],
                )
            )
    return Decision(tuple(found))


def _measured(results: ShadowResults, measure: str, organisation: str) -> tuple[str, float | None]:
    """What was found, in words, and the figure to hold against the limit: the upper end of its
    interval.
    """
    if measure == "probability_unaffordable":
        ever = results.unaffordable_ever
        return f"{ever.value:.1%} (up to {ever.high:.1%})", ever.high
    chosen = [party for party in results.parties if organisation in ("", party.terms.organisation)]
    worst: tuple[str, float | None] = ("no party has what it takes to measure this", None)
    for party in chosen:
        words, high = _of_party(party, measure)
        if high is not None and (worst[1] is None or high > worst[1]):
            worst = (f"{party.terms.organisation}: {words}", high)
    return worst


def _of_party(party: PartyOutcome, measure: str) -> tuple[str, float | None]:
    if measure == "expected_shortfall_95":
        shortfall = party.gain.shortfall_95
        return (
            (f"fewer than {LEAST_IN_TAIL} runs in the tail", None)
            if shortfall is None
            else (pounds(-shortfall), -shortfall / 100)
        )
    chance = {
        "probability_of_loss": party.gain.loss,
        "probability_beyond_exposure_limit": party.beyond_exposure_limit,
        "probability_beyond_contingency": party.beyond_contingency,
    }[measure]
    return (
        ("no limit is given", None)
        if chance is None
        else (f"{chance.value:.1%} (up to {chance.high:.1%})", chance.high)
    )
