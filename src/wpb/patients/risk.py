"""Risk of an emergency admission: a score trained and checked on past records, or one that was
supplied.

Features come from the days before a cut in the year, the outcome from the days after it; people are
split into those the score learns from and those it is checked on by their pseudonym, so the split
is the same every time.
Source: Mid-Nottinghamshire article (2016); req 315.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.calendar import days_in
from wpb.patients.engine import EngineProblem
from wpb.patients.gate import GROUPS, Contributions, group_of
from wpb.patients.person_level import PersonLevel

Array = NDArray[np.float64]

TOP_SHARE = 0.02
HELD_BACK = 3
"""Of every ten people, so many check the score and teach it nothing."""
DECILES = 10


@dataclass(frozen=True)
class RiskReport:
    """How well a score tells people apart, and whether its probabilities come true."""

    trained_on: str
    people_trained: int
    people_checked: int
    outcomes_checked: int
    discrimination: float
    """The chance that someone with the outcome scores above someone without it (area under the
    curve): 0.5 is a guess.
    """
    brier: float
    calibration: tuple[tuple[float, float, int], ...]
    """By tenth of the score: mean predicted, share that came true, people."""
    expected_over_observed: float
    top_share: float
    outcomes_in_top: float
    """Share of all outcomes that fell in the top of the score."""
    features: tuple[str, ...]


@dataclass
class RiskScore:
    """A score by person and what is known of how good it is; it stays in the engine's folder."""

    person: NDArray[np.int64]
    score: Array
    report: RiskReport | None = None
    notes: list[str] = field(default_factory=list)


def history(work: PersonLevel, cut_day: int) -> str:
    """State, for each person on a list on the day of the cut, use before it and emergency
    admissions after it.
    """
    emergency = sorted(
        service.number
        for service in work.cells.services.values()
        if service.activity_table == "admitted_care" and service.point_of_delivery == "non_elective"
    )
    numbers = ", ".join(str(number) for number in emergency) or "-1"
    parts = []
    for name, before, after in (
        ("admitted_care", "1", f"CASE WHEN cell // 10000 IN ({numbers}) THEN 1 ELSE 0 END"),
        ("emergency_care", "0", "0"),
        ("outpatient_care", "0", "0"),
    ):
        if name in work.tables:
            other = {
                "admitted_care": "0 AS attendances, 0 AS outpatients",
                "emergency_care": "1 AS attendances, 0 AS outpatients",
                "outpatient_care": "0 AS attendances, 1 AS outpatients",
            }[name]
            parts.append(
                f"SELECT person, day, {before} AS admissions, {after} AS emergencies, {other} FROM"
                f" records_{name} WHERE kind = 0"
            )
    used = " UNION ALL ".join(parts)
    early, late = f"day < {cut_day}", f"day >= {cut_day}"
    return f"""
        SELECT p.person, p.profile, {", ".join(f"CAST(COALESCE(h.{name}, 0) AS BIGINT) AS {name}" for name in ("admissions", "emergencies", "attendances", "outpatients", "outcome"))}
        FROM (SELECT person, MAX(profile) AS profile FROM people WHERE from_day <= {cut_day} AND to_day > {cut_day} GROUP BY person) AS p
        LEFT JOIN (
            SELECT person, SUM(CASE WHEN {early} THEN admissions ELSE 0 END) AS admissions, SUM(CASE WHEN {early} THEN emergencies ELSE 0 END) AS emergencies,
                SUM(CASE WHEN {early} THEN attendances ELSE 0 END) AS attendances, SUM(CASE WHEN {early} THEN outpatients ELSE 0 END) AS outpatients,
                SUM(CASE WHEN {late} THEN emergencies ELSE 0 END) AS outcome
            FROM ({used}) AS used GROUP BY person
        ) AS h ON p.person = h.person"""


def trained_score(work: PersonLevel, cut_day: int | None = None) -> RiskScore:
    """Train a logistic score on the year's first part against emergency admissions in the rest, and
    check it.

    Raises EngineProblem where scikit-learn is not installed, or too few people had the outcome.
    Source: Mid-Nottinghamshire article (2016); req 315.
    """
    try:
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped,import-not-found,unused-ignore]
        from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped,import-not-found,unused-ignore]
        from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise EngineProblem(
            "sklearn_missing",
            "scikit-learn is not installed, so no risk score can be trained.",
            "Install it with pip install scikit-learn, or supply a score.",
        ) from None
    if "admitted_care" not in work.tables:
        raise EngineProblem(
            "risk_no_admissions",
            "There are no admissions for a risk score to learn from.",
            "Add admitted_care, or supply a score.",
        )
    cut = cut_day if cut_day is not None else days_in(work.year) // 2
    work.stages.make("risk_history", history(work, cut), ["people", "records"])
    read = work.stages.fetch("SELECT * FROM risk_history ORDER BY person")
    columns = {name: read.column(name).to_numpy() for name in read.column_names}
    features, names = _features(work, columns)
    outcome = columns["outcome"] > 0
    checked = (columns["person"] * 2_654_435_761 % 4_294_967_291) % 10 < HELD_BACK
    if outcome[checked].sum() < 20 or outcome[~checked].sum() < 20:
        raise EngineProblem(
            "risk_too_few",
            "Too few people had an emergency admission after the cut to train and check a score.",
            "Use a larger population, or supply a score.",
        )
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=500))
    model.fit(features[~checked], outcome[~checked])
    score = np.asarray(model.predict_proba(features)[:, 1], dtype=np.float64)
    told = (
        f"people on a list on day {cut} of {work.year}: use before it, an emergency admission"
        " after it"
    )
    return RiskScore(
        columns["person"],
        score,
        check_score(score[checked], outcome[checked], told, int((~checked).sum()), names),
    )


def _features(
    work: PersonLevel, columns: dict[str, NDArray[np.int64]]
) -> tuple[Array, tuple[str, ...]]:
    """Age band, each condition, and the logarithm of one more than each count of use."""
    band = np.zeros(len(work.profiles) + 1)
    mask = np.zeros(len(work.profiles) + 1, dtype=np.int64)
    for profile in work.profiles:
        band[profile["profile"]], mask[profile["profile"]] = profile["band"], profile["mask"]
    own_band, own_mask = band[columns["profile"]], mask[columns["profile"]]
    conditions = [(own_mask >> bit & 1).astype(np.float64) for bit in range(len(work.conditions))]
    counts = ("admissions", "emergencies", "attendances", "outpatients")
    made = [own_band, *conditions, *(np.log1p(columns[name]) for name in counts)]
    return np.column_stack(made), (
        "age band",
        *(f"has {name}" for name in work.conditions),
        *(f"{name} before the cut" for name in counts),
    )


def check_score(
    score: Array,
    outcome: NDArray[np.bool_],
    trained_on: str,
    people_trained: int,
    features: Sequence[str] = (),
) -> RiskReport:
    """Say how well a score discriminates and is calibrated, on people it was not trained on.

    Discrimination is the area under the curve by ranks, ties counting half; calibration compares
    mean score and share with the outcome in tenths of the score; the top share's capture is the
    share of outcomes in it.
    Source: Mid-Nottinghamshire article (2016); req 315.
    """
    order = np.argsort(score, kind="stable")
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    rank = (last - (counts - 1) / 2.0)[inverse]
    positive, negative = int(outcome.sum()), int((~outcome).sum())
    area = (
        (rank[outcome].sum() - positive * (positive + 1) / 2.0) / (positive * negative)
        if positive and negative
        else float("nan")
    )
    tenths = tuple(
        (float(score[part].mean()), float(outcome[part].mean()), len(part))
        for part in np.array_split(order, DECILES)
        if len(part)
    )
    top = order[::-1][: max(1, -(-len(score) * 2 // 100))]
    return RiskReport(
        trained_on,
        people_trained,
        len(score),
        positive,
        float(area),
        float(((score - outcome) ** 2).mean()),
        tenths,
        float(score.sum() / positive) if positive else float("inf"),
        TOP_SHARE,
        float(outcome[top].sum() / positive) if positive else 0.0,
        tuple(features),
    )


def top_by_list(
    work: PersonLevel, scored: RiskScore, share: float = TOP_SHARE
) -> dict[str, Contributions]:
    """Count the people of the top share on each list on the last day of the year, by group of
    people: the target group, never named outside.

    Source: Mid-Nottinghamshire article (2016); req 315.
    """
    import pyarrow

    wanted = -(-len(scored.score) * round(share * 10_000) // 10_000)
    top = np.lexsort((scored.person, -scored.score))[:wanted]
    work.stages.place(
        "target_group",
        pyarrow.table({"person": pyarrow.array(scored.person[top], pyarrow.int64())}),
    )
    days, group = days_in(work.year), group_of("p.person")
    found = work.stages.fetch(
        f"SELECT p.list, {group} AS person_group, COUNT(*) AS people FROM people AS p JOIN"
        f" target_group AS g ON p.person = g.person WHERE p.to_day = {days} GROUP BY p.list,"
        f" {group}"
    )
    cells: dict[str, Contributions] = {}
    for row in found.to_pylist():
        cell = cells.setdefault(
            work.list_codes[row["list"] - 1], np.zeros((1, GROUPS), dtype=np.int64)
        )
        cell[0, row["person_group"]] += row["people"]
    return cells
