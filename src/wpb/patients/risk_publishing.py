"""What may be published of a risk score: how good it is, and how many of the top share each list
has. Never who they are.

Source: Mid-Nottinghamshire article (2016); req 100, 315.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.calendar import days_in
from wpb.patients.disclosure import rounded_counts
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


def counts_to_hold(counts: NDArray[np.int64], smallest: int) -> NDArray[np.bool_]:
    """Say which counts of one list to hold back, so that their sum gives none of them away.

    Each of 1 to smallest - 1; and, where those are one alone or add to fewer than `smallest`, the
    least of the others too.
    Source: handbook 2.4.5; req 100.
    """
    held = (counts > 0) & (counts < smallest)
    while (
        held.any()
        and (held.sum() == 1 or counts[held].sum() < smallest)
        and (~held & (counts > 0)).any()
    ):
        held[int(np.argmin(np.where(~held & (counts > 0), counts, np.iinfo(np.int64).max)))] = True
    return held


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
        "risk_calibration": _calibration(scored.report, smallest, base),
        "target_group_by_list": _target_group(group, room.list_codes, smallest, base),
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


def _calibration(report: RiskReport, smallest: int, base: int) -> Rows:
    people = np.array([count for _, _, count in report.calibration], dtype=np.int64)
    outcomes = np.array(
        [round(share * count) for _, share, count in report.calibration], dtype=np.int64
    )
    held = counts_to_hold(outcomes, smallest) | counts_to_hold(people - outcomes, smallest)
    if not held.any() or held.sum() > 1:
        return [
            _tenth(
                number,
                report.calibration[number - 1][0],
                int(people[number - 1]),
                int(outcomes[number - 1]),
                bool(held[number - 1]),
                base,
            )
            for number in range(1, len(people) + 1)
        ]
    return [{"tenth": "all", "predicted": HELD, "came_true": HELD, "people": HELD}]


def _tenth(
    number: int, predicted: float, people: int, outcomes: int, held: bool, base: int
) -> dict[str, object]:
    shown = _rounded(people, base)
    return {
        "tenth": number,
        "predicted": f"{predicted:.3f}",
        "came_true": HELD if held or not shown else f"{_rounded(outcomes, base) / shown:.3f}",
        "people": shown,
    }


def _target_group(group: Mapping[str, int], lists: list[str], smallest: int, base: int) -> Rows:
    counts = np.array([group.get(code, 0) for code in lists], dtype=np.int64)
    held = counts_to_hold(counts, smallest)
    rows: Rows = [
        {"list_code": code, "people": HELD if hidden else _rounded(int(count), base)}
        for code, count, hidden in zip(lists, counts, held, strict=True)
    ]
    return [
        *rows,
        {
            "list_code": "total",
            "people": _rounded(int(counts.sum()), base) if counts.sum() >= smallest else HELD,
        },
    ]


def _rounded(count: int, base: int) -> int:
    return int(rounded_counts(np.array([count]), base)[0])
