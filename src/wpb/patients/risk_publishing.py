"""What may be published of a risk score: how good it is, and how many of the top share each list
has. Never who they are.

Source: Mid-Nottinghamshire article (2016); req 100, 315.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from wpb.kernel.calendar import days_in
from wpb.patients.contributions import by_pool, pool_codes
from wpb.patients.disclosure import rounded_counts
from wpb.patients.gate import Contributions
from wpb.patients.outputs import Applied
from wpb.patients.pooling import pool_lists, summed
from wpb.patients.risk import TOP_SHARE, RiskReport, RiskScore, top_by_list, trained_score
from wpb.patients.room import Room
from wpb.patients.supplied_risk import SCORES, supplied_score

HELD = "held back"
TARGET_NOTE = (
    f"The target group, the top {TOP_SHARE:.0%} of the people scored, is counted on the lists of"
    " the year's last day: those who left or died before it are not in it."
)
Rows = list[dict[str, object]]


def score_of(room: Room) -> RiskScore | None:
    """Train or read the score that the settings ask for; None where they ask for none.

    Raises EngineProblem where it can't be made.
    Source: Mid-Nottinghamshire article (2016); req 315.
    """
    method = str(room.settings.risk.get("method") or ("supplied" if SCORES in room.sources else ""))
    cut = room.settings.risk.get("cut_day")
    if method == "train":
        return trained_score(
            room.encode(), days_in(room.settings.activity_year) // 2 if cut is None else int(cut)
        )
    if method == "supplied":
        return supplied_score(
            room.encode(), str(room.settings.risk.get("trained_on", "")), int(cut or 0)
        )
    return None


def risk_tables(room: Room, scored: RiskScore) -> dict[str, Rows]:
    """Give the tables of a score by name: its quality, its calibration by tenth, and its target
    group by list.

    Source: Mid-Nottinghamshire article (2016); req 100, 315.
    """
    assert scored.report is not None
    smallest, base = room.settings.smallest_count, room.settings.round_counts_to
    group = top_by_list(room.encode(), scored)
    return {
        "risk_score": _quality(scored.report, [*scored.notes, TARGET_NOTE], smallest, base),
        "risk_calibration": _calibration(scored.report, room),
        "target_group_by_list": _target_group(room, group),
    }


def _quality(report: RiskReport, notes: list[str], smallest: int, base: int) -> Rows:
    in_top = round(report.outcomes_in_top * report.outcomes_checked)
    few = in_top < smallest or report.outcomes_checked - in_top < smallest
    told: dict[str, object] = {
        "trained on": report.trained_on,
        "learns from": ", ".join(report.features) or "not said",
        "people trained on": (
            _rounded(report.people_trained, base) if report.people_trained else "elsewhere"
        ),
        "people checked": _rounded(report.people_checked, base),
        "of whom admitted": _rounded(report.outcomes_checked, base),
        "discrimination (area under the curve; 0.5 is a guess)": f"{report.discrimination:.3f}",
        "admissions expected for each observed": f"{report.expected_over_observed:.2f}",
        "mean squared error (Brier)": f"{report.brier:.4f}",
        f"share of those admitted who were in the top {TOP_SHARE:.0%}": (
            HELD if few else f"{report.outcomes_in_top:.2f}"
        ),
    }
    return [{"measure": name, "value": value} for name, value in told.items()] + [
        {"measure": "note", "value": note} for note in notes
    ]


def _calibration(report: RiskReport, room: Room) -> Rows:
    """Give predicted and observed by tenth; neighbouring tenths together where fewer people than a
    cell needs had the outcome, or did not have it.
    """
    base = room.settings.round_counts_to
    rows: Rows = []
    for group in tenths_together(report.calibration, room.rule.smallest):
        found = [report.calibration[number] for number in group]
        people = sum(count for _, _, count in found)
        outcomes = sum(round(share * count) for _, share, count in found)
        name = str(group[0] + 1) if len(group) == 1 else f"{group[0] + 1} to {group[-1] + 1}"
        predicted = sum(score * count for score, _, count in found) / people
        for column, count in (("came_true", outcomes), ("did not", people - outcomes)):
            applied: Applied = "released" if len(group) == 1 else "pooled"
            place = ("risk_calibration", name, column)
            room.outputs.add_count(place, count, applied, f"nearest {base}")
        rows.append(
            {
                "tenth": name,
                "predicted": f"{predicted:.3f}",
                "came_true": f"{_rounded(outcomes, base) / _rounded(people, base):.3f}",
                "people": _rounded(people, base),
            }
        )
    return rows


def tenths_together(
    calibration: Sequence[tuple[float, float, int]], smallest: int
) -> list[list[int]]:
    """Say which neighbouring tenths are told as one, so that in each enough people had the outcome
    and enough did not; an empty list where there is no such group.

    `calibration` has the mean score, the share with the outcome and the people of each tenth.
    Source: handbook 2.4.5; req 100, 315, 463.
    """

    def fits(group: Sequence[int]) -> bool:
        people = sum(calibration[number][2] for number in group)
        outcomes = sum(round(calibration[number][1] * calibration[number][2]) for number in group)
        return min(outcomes, people - outcomes) >= smallest

    groups: list[list[int]] = []
    waiting: list[int] = []
    for number in range(len(calibration)):
        waiting.append(number)
        if fits(waiting):
            groups.append(waiting)
            waiting = []
    if waiting and groups:
        groups[-1] += waiting
    return groups


def _target_group(room: Room, group: Mapping[str, Contributions]) -> Rows:
    """Count the target group by list, lists with few of it in the pools of their side of the scope,
    as registers of conditions are.
    """
    base, whole = room.settings.round_counts_to, summed(group.values(), 1)
    place = ("target_group_by_list", "total", "people")
    if not room.rule.fits(whole):
        room.outputs.add(place, whole, "suppressed")
        return [{"list_code": "total", "people": HELD}]
    pooling, side_of = room.decide_pools(), room.side_of()
    pools = pool_lists(
        group, side_of, pool_codes(set(side_of.values())), room.rule, pooling.without_people
    )
    key = ("", "target group", "")
    if pools:
        pooling.lists[key] = dict(sorted(pools.items()))
    shown = by_pool(key, group, pooling)
    for code, cell in sorted(shown.items()):
        applied: Applied = "pooled" if code in pools.values() else "released"
        room.outputs.add(("target_group_by_list", code, "people"), cell, applied, f"nearest {base}")
    room.outputs.add(place, whole, "released", f"nearest {base}")
    return [
        *(
            {"list_code": code, "people": _rounded(int(cell[0].sum()), base)}
            for code, cell in sorted(shown.items())
        ),
        {"list_code": "total", "people": _rounded(int(whole.sum()), base)},
    ]


def _rounded(count: int, base: int) -> int:
    return int(rounded_counts(np.array([count]), base)[0])
