"""A risk score that was made elsewhere: a row a person with pseudonym and score, checked as a
trained one is.

Source: Mid-Nottinghamshire article (2016); req 315.
"""

from __future__ import annotations

import numpy as np

from wpb.patients.engine import EngineProblem, rows_of
from wpb.patients.person_level import PersonLevel
from wpb.patients.risk import RiskScore, check_score, history
from wpb.patients.specifications import RISK_SCORES

SCORES = RISK_SCORES.name
FEWEST_OUTCOMES = 20


def supplied_score(work: PersonLevel, made_from: str, cut_day: int = 0) -> RiskScore:
    """Read a supplied score and check it against emergency admissions from the day of the cut on.

    People on a list that day who have a score are checked; those without one are counted and left
    out.
    Raises EngineProblem where rows can't be read, a person is scored twice, or too few had the
    outcome.
    Source: Mid-Nottinghamshire article (2016); req 315.
    """
    reader, label = work.reader(SCORES), work.sources[SCORES].label
    work.stages.make(
        SCORES,
        f"SELECT {reader.key('pseudonym')} AS person, {reader.decimal('score')} AS score FROM"
        f" {SCORES}_source",
        [f"{SCORES}_source"],
    )
    counted = rows_of(
        work.stages.fetch(
            "SELECT COUNT(*) AS scores, COUNT(CASE WHEN person IS NULL OR score IS NULL THEN 1"
            f" END) AS unread, COUNT(person) - COUNT(DISTINCT person) AS again FROM {SCORES}"
        )
    )[0]
    if counted["unread"] or counted["again"]:
        raise EngineProblem(
            "risk_scores",
            f"{label} has {counted['unread']:,} rows without a pseudonym or a score that is a"
            f" number, and {counted['again']:,} that score a person again.",
            "Give each person one row with pseudonym and score.",
        )
    if "admitted_care" not in work.tables:
        raise EngineProblem(
            "risk_no_admissions",
            "There are no admissions to check a risk score against.",
            "Add admitted_care, or take the score out.",
        )
    work.stages.make("risk_history", history(work, cut_day), ["people", "records"])
    read = work.stages.fetch(
        f"SELECT h.person, h.outcome, s.score FROM risk_history AS h JOIN {SCORES} AS s ON h.person"
        " = s.person ORDER BY h.person"
    )
    people = rows_of(work.stages.fetch("SELECT COUNT(*) AS people FROM risk_history"))[0]["people"]
    person, outcome = (
        read.column(name).to_numpy().astype(np.int64) for name in ("person", "outcome")
    )
    score = read.column("score").to_numpy().astype(np.float64)
    if (outcome > 0).sum() < FEWEST_OUTCOMES:
        raise EngineProblem(
            "risk_too_few",
            "Too few people with a score had an emergency admission after the cut to check it.",
            "Use a larger population, or an earlier cut_day under risk.",
        )
    report = check_score(
        score,
        outcome > 0,
        made_from or "not said: fill in trained_on under risk in patients.yaml",
        0,
    )
    notes = [
        (
            f"Checked on people on a list on day {cut_day} of {work.year} against an emergency"
            " admission after it."
        )
    ]
    if people > len(person):
        notes.append(
            f"{1 - len(person) / people:.1%} of the people on a list that day have no score and are"
            " left out."
        )
    if score.min(initial=0.0) < 0 or score.max(initial=0.0) > 1:
        notes.append(
            "Scores go outside 0 to 1, so they are no probabilities: read the order they give, not"
            " their calibration."
        )
    return RiskScore(person, score, report, notes)
