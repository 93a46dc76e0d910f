"""What to share and between whom, for a reader: scores, the decision flow, parties in order, and
what a provider loses.

Source: handbook 6.3.1, 6.4.2, 6.4.3; req 261-268, 270-272, 289, 291, 295.
"""

from __future__ import annotations

from typing import Any

from wpb.kernel.money import pounds, whole_pence
from wpb.pooling.checklists import SHARING_PRINCIPLES
from wpb.sharing.reading_suitability import SuitabilityFile
from wpb.sharing.suitability import TESTS, parties_to_include, shared_risk, suitability

PARTS = {"gains_and_losses": "gains and losses", "gains_only": "gains only", "none": "neither"}
VERDICTS = {"share": "share", "think_again": "think again", "leave_out": "leave out"}


def suitability_figures(given: SuitabilityFile) -> dict[str, Any]:
    """Give each activity's verdict on the eight tests and in the decision flow, and each party's
    part.

    Source: handbook 6.4.2, 6.4.3; req 261-268, 270-272.
    """
    activities = []
    for one in given.activities:
        scored = suitability(one.activity, one.scores, given.mean_score_from)
        risk = shared_risk(
            one.activity,
            one.yearly_impact_pence,
            given.significant_from_pence,
            one.influenced_by,
            one.affected,
        )
        low = [test for test, score in scored.scores.items() if score <= 1]
        activities.append(
            {
                "activity": one.activity,
                "title": one.title,
                "scores": dict(scored.scores),
                "mean_score": scored.mean_score,
                "low": low,
                "failed": list(scored.failed),
                "verdict": scored.verdict,
                "why": one.why,
                "yearly_impact_pence": whole_pence(one.yearly_impact_pence),
                "shared_risk": risk.share,
                "reason": risk.reason,
            }
        )
    included = parties_to_include(given.parties)
    scores = {party.party: party for party in given.parties}
    return {
        "suitability": given.name,
        "title": given.title,
        "activities": activities,
        "not_considered": list(given.not_considered),
        "parties": [
            {
                "party": name,
                "part": part,
                "influence": scores[name].influence,
                "ability_to_bear_risk": scores[name].ability_to_bear_risk,
            }
            for name, part in included.items()
        ],
        "provider_effects": [
            {
                "provider": name,
                "lost_income_pence": whole_pence(effect.lost_income_pence),
                "avoided_cost_pence": whole_pence(effect.avoided_cost_pence),
                "share_pence": whole_pence(effect.share_pence),
                "net_pence": whole_pence(effect.net_pence),
            }
            for name, effect in given.effects.items()
        ],
        "principles": [
            {
                "principle": name,
                "text": SHARING_PRINCIPLES.get(name, "A principle of their own"),
                "held": given.principles.get(name, False),
            }
            for name in dict.fromkeys([*SHARING_PRINCIPLES, *given.principles])
        ],
    }


def suitability_lines(figures: dict[str, Any]) -> list[str]:
    """Spell what to share and between whom.

    Source: handbook 6.4.2, 6.4.3; req 261-268, 270-272.
    """
    lines = [figures["title"], ""]
    for one in figures["activities"]:
        lines.append(
            f"{one['title']}: {VERDICTS[one['verdict']]} (mean {one['mean_score']:.1f})"
            + (f"; {one['why']}" if one["why"] else "")
        )
        lines += [
            f"    {score}  {TESTS[test]}{'  <- low' if test in one['low'] else ''}"
            for test, score in one["scores"].items()
        ]
        lines.append(
            f"    As a risk of {pounds(one['yearly_impact_pence'])} a year:"
            f" {'shared' if one['shared_risk'] else 'not shared'}, {one['reason']}"
        )
    lines += (
        [
            "",
            (
                "Not scored, of the areas a local arrangement should consider:"
                f" {', '.join(area.replace('_', ' ') for area in figures['not_considered'])}"
            ),
        ]
        if figures["not_considered"]
        else []
    )
    lines += ["", f"{'Party':<24}{'Influence':>10}{'Bears risk':>12}  Shares in"]
    lines += [
        f"{one['party']:<24}{one['influence']:>10}{one['ability_to_bear_risk']:>12} "
        f" {PARTS[one['part']]}"
        for one in figures["parties"]
    ]
    if figures["provider_effects"]:
        lines += [
            "",
            (
                f"{'Why a provider shares':<24}{'Income lost':>16}{'Cost avoided':>16}"
                f"{'Its share':>16}{'Net':>16}"
            ),
        ]
        lines += [
            f"{one['provider']:<24}"
            + "".join(
                f"{pounds(one[f'{name}_pence']):>16}"
                for name in ("lost_income", "avoided_cost", "share", "net")
            )
            for one in figures["provider_effects"]
        ]
    lines += [
        "",
        "Principles",
        *(
            f"  {'yes' if one['held'] else 'open':<6}{one['text']} ({one['principle']})"
            for one in figures["principles"]
        ),
    ]
    return lines
