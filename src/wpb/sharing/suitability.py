"""Which activity to share, and between whom: the eight tests, the Mid-Nottinghamshire flow, parties
by influence and strength.

Source: handbook 6.4.2, 6.4.3; req 261-268, 270, 272.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

TESTS = {
    "aligned_to_model": "The new care model sets out to change this activity",
    "uncertain_demand": "Demand is highly uncertain",
    "several_parties": "Several parties influence it or are affected by it",
    "material": "The money at stake is material",
    "data_sufficient": "There are data to measure, report and pay on",
    "no_conflict": "It does not conflict with other incentives",
    "perverse_limited": "Perverse incentives can be kept small",
    "accountable": "Every party can be held to account",
}
"""The eight tests of an activity area. Source: handbook 6.4.2."""
MUST_PASS = ("several_parties", "data_sufficient", "accountable")
"""Tests without which sharing cannot work at all, however high the others score."""
INDICATOR_MENU = ("non_elective_admissions", "outpatients", "elective_care", "delayed_discharges")
"""Areas that a local arrangement should consider, as far as its scope goes. Source: handbook 6.1;
req 271.
"""
MOST = 5


@dataclass(frozen=True)
class Suitability:
    """An activity's scores by test (0 to 5), their mean, and what it comes to."""

    activity: str
    scores: Mapping[str, int]
    mean_score: float
    failed: tuple[str, ...]
    verdict: Literal["share", "think_again", "leave_out"]


def suitability(activity: str, scores: Mapping[str, int], enough: float = 3.0) -> Suitability:
    """Score an activity area on the eight tests: leave out where a must-pass test scores nought,
    share where the mean is enough.

    Raises ValueError for a test that is not scored, is unknown, or is outside 0 to 5.
    Source: handbook 6.4.2; req 261, 262, 263, 264, 265, 266, 267, 268.
    """
    wrong = [test for test in scores if test not in TESTS]
    missing = [test for test in TESTS if test not in scores]
    if wrong or missing:
        raise ValueError(
            f"score each of the eight tests once; unknown: {', '.join(wrong) or 'none'}; not"
            f" scored: {', '.join(missing) or 'none'}"
        )
    outside = [test for test, score in scores.items() if not 0 <= score <= MOST]
    if outside:
        raise ValueError(f"scores run from 0 to {MOST}: {', '.join(outside)}")
    mean = sum(scores.values()) / len(TESTS)
    failed = tuple(test for test in MUST_PASS if scores[test] == 0)
    low = any(score <= 1 for score in scores.values())
    return Suitability(
        activity,
        dict(scores),
        mean,
        failed,
        "leave_out" if failed else "share" if mean >= enough and not low else "think_again",
    )


@dataclass(frozen=True)
class RiskDecision:
    """What the Mid-Nottinghamshire flow says of a risk, and why."""

    risk: str
    share: bool
    reason: str


def shared_risk(
    risk: str,
    annual_impact_pence: float,
    significant_from_pence: float,
    influenced_by: Sequence[str],
    affected: Sequence[str],
) -> RiskDecision:
    """Decide whether a risk is shared: it must be significant in size, and the group as a whole
    must answer for it.

    A risk is significant from an amount that the parties set; it is collective where two or more of
    them influence it or are affected by it.
    Source: handbook 6.4.2 (Mid-Nottinghamshire case study); req 260, 270.
    """
    parties = sorted({*influenced_by, *affected})
    if annual_impact_pence < significant_from_pence:
        return RiskDecision(risk, False, "it is too small to be worth sharing")
    if len(parties) < 2:
        return RiskDecision(
            risk, False, f"it sits with {parties[0] if parties else 'nobody'} alone"
        )
    if not influenced_by:
        return RiskDecision(risk, False, "none of the parties can influence it")
    return RiskDecision(
        risk, True, f"it is significant, and {', '.join(parties)} answer for it together"
    )


@dataclass(frozen=True)
class Candidate:
    """A party that might join: its influence on the activity and its ability to bear risk, each 0
    to 5.
    """

    party: str
    influence: int
    ability_to_bear_risk: int
    holds_the_saving: bool = False
    """The commissioner whose spending falls must take part, whatever its influence."""


def parties_to_include(
    candidates: Sequence[Candidate], least_influence: int = 1, least_ability: int = 1
) -> dict[str, str]:
    """Say for each party whether it shares both sides, gains only, or nothing, strongest influence
    first.

    Nothing: no influence (unless it holds the saving). Gains only: influence but no ability to bear
    a loss.
    Source: handbook 6.4.3, 6.4.5; req 272, 291, 296.
    """
    order = sorted(
        candidates, key=lambda party: (-party.influence, -party.ability_to_bear_risk, party.party)
    )
    found = {}
    for party in order:
        if party.influence < least_influence and not party.holds_the_saving:
            found[party.party] = "none"
        else:
            found[party.party] = (
                "gains_and_losses" if party.ability_to_bear_risk >= least_ability else "gains_only"
            )
    return found


@dataclass(frozen=True)
class ProviderEffect:
    """What less activity does to a provider, in unrounded pence: income lost, cost it can take out,
    its share, the net.
    """

    lost_income_pence: float
    avoided_cost_pence: float
    share_pence: float

    @property
    def net_pence(self) -> float:
        """The provider's position: cost avoided + share - income lost."""
        return self.avoided_cost_pence + self.share_pence - self.lost_income_pence


def provider_effect(
    fewer_units: float,
    unit_price_pence: float,
    unit_cost_pence: float,
    fixed_cost_rate: float,
    gain_share_rate: float,
) -> ProviderEffect:
    """Show why a hospital shares: income falls with activity, and only the variable part of its
    cost does.

    lost = units x price; avoided = units x cost x (1 - fixed part); share = rate x units x price.
    Raises ValueError for a fixed part outside 0 to 1.
    Source: handbook 6.3.1 (acute provider); req 295.
    """
    if not 0 <= fixed_cost_rate <= 1:
        raise ValueError(f"{fixed_cost_rate} is not a part of cost from 0 to 1")
    lost = fewer_units * unit_price_pence
    return ProviderEffect(
        lost, fewer_units * unit_cost_pence * (1 - fixed_cost_rate), gain_share_rate * lost
    )
