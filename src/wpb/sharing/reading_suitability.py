"""Reading what speaks for and against sharing an activity: scores, risks, parties, and what a
provider loses.

Source: handbook 6.3.1, 6.4.2, 6.4.3; req 261-268, 270-272, 289, 295.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wpb.kernel.lined_yaml import LinedPage
from wpb.sharing.suitability import (
    INDICATOR_MENU,
    MOST,
    TESTS,
    Candidate,
    ProviderEffect,
    provider_effect,
)

TOP_KEYS = (
    "suitability",
    "title",
    "mean_score_from",
    "significant_from_pounds",
    "activities",
    "parties",
    "provider_effects",
    "principles",
)


@dataclass(frozen=True)
class ScoredActivity:
    """An activity area as scored by the parties, and the risk it stands for."""

    activity: str
    title: str
    scores: Mapping[str, int]
    why: str
    yearly_impact_pence: float
    influenced_by: tuple[str, ...]
    affected: tuple[str, ...]


@dataclass(frozen=True)
class SuitabilityFile:
    """What the parties put down before they choose what to share."""

    name: str
    title: str
    mean_score_from: float
    significant_from_pence: float
    activities: tuple[ScoredActivity, ...]
    parties: tuple[Candidate, ...]
    effects: Mapping[str, ProviderEffect]
    principles: Mapping[str, bool]

    @property
    def not_considered(self) -> tuple[str, ...]:
        """Areas of the handbook's menu that nobody scored."""
        return tuple(
            area
            for area in INDICATOR_MENU
            if area not in {activity.activity for activity in self.activities}
        )


def read_suitability(found: Mapping[str, Any], page: LinedPage) -> SuitabilityFile:
    """Read a suitability file; every problem is recorded with its line.

    Source: handbook 6.4.2, 6.4.3; req 261-268, 270-272, 289.
    """
    page.only(found, TOP_KEYS, "A suitability file")
    parties = tuple(_party(line, page) for line in page.entries(found, "parties"))
    codes = tuple(party.party for party in parties)
    principles = page.section(found, "principles", required=False)
    for name in principles:
        if not isinstance(principles[name], bool):
            page.error(
                principles,
                name,
                f"'{name}' is true or false.",
                "Write true where the parties hold to it.",
                "wrong_value",
            )
    return SuitabilityFile(
        page.text(found, "suitability"),
        page.text(found, "title"),
        page.number(found, "mean_score_from", 0, MOST),
        page.number(found, "significant_from_pounds", 0) * 100,
        tuple(_activity(line, codes, page) for line in page.entries(found, "activities")),
        parties,
        {
            page.text(line, "provider", codes): _effect(line, page)
            for line in page.entries(found, "provider_effects", required=False)
        },
        {str(name): bool(principles[name]) for name in principles},
    )


def _activity(line: Mapping[str, Any], codes: tuple[str, ...], page: LinedPage) -> ScoredActivity:
    page.only(
        line,
        ("activity", "title", "scores", "why", "yearly_impact_pounds", "influenced_by", "affected"),
        "An activity",
    )
    scores = page.numbers(line, "scores", tuple(TESTS), "one of the eight tests", 0, MOST)
    for test, score in scores.items():
        if score == score and score != int(score):
            page.error(
                line,
                "scores",
                f"'{test}' is scored {score:g}.",
                f"Score in whole numbers from 0 to {MOST}.",
                "wrong_value",
            )
    whole = {test: int(score) for test, score in scores.items() if score == score}
    people = {
        key: tuple(page.chosen(line, key, codes, required=False))
        for key in ("influenced_by", "affected")
    }
    return ScoredActivity(
        page.text(line, "activity"),
        page.text(line, "title"),
        whole,
        page.text(line, "why", required=False),
        page.number(line, "yearly_impact_pounds", 0) * 100,
        people["influenced_by"],
        people["affected"],
    )


def _party(line: Mapping[str, Any], page: LinedPage) -> Candidate:
    page.only(line, ("party", "influence", "ability_to_bear_risk", "holds_the_saving"), "A party")
    holds = line.get("holds_the_saving", False)
    if not isinstance(holds, bool):
        page.error(
            line,
            "holds_the_saving",
            "'holds_the_saving' is true or false.",
            "Write true for the commissioner whose spending falls.",
            "wrong_value",
        )
    scores = {
        name: page.number(line, name, 0, MOST) for name in ("influence", "ability_to_bear_risk")
    }
    whole = {name: int(score) if score == score else 0 for name, score in scores.items()}
    return Candidate(
        page.text(line, "party"), whole["influence"], whole["ability_to_bear_risk"], bool(holds)
    )


def _effect(line: Mapping[str, Any], page: LinedPage) -> ProviderEffect:
    page.only(
        line,
        ("provider", "fewer_units", "unit_price", "unit_cost", "fixed_cost", "gain_share"),
        "A provider's effect",
    )
    units, price, cost = (
        page.number(line, name, 0) for name in ("fewer_units", "unit_price", "unit_cost")
    )
    fixed, share = (page.number(line, name, 0, 1) for name in ("fixed_cost", "gain_share"))
    return provider_effect(units, price * 100, cost * 100, fixed if 0 <= fixed <= 1 else 0.0, share)
