"""Pounds per kind of person with their credibility, and use per head by service, condition and age
carried forward.

Source: handbook 3.3.3 Tower Hamlets, 4.4; req 180, 182, 234, 242, 245.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

THIN_ERROR = 0.10
"""A mean whose standard error is above a tenth of it rests on thin data."""


@dataclass(frozen=True)
class TypeValue:
    """What a person of a type costs in a year, and how far to believe it."""

    segment: str
    people: int
    person_years: float
    pence: int
    own_pence_per_head: float
    credibility: float
    """0: only the mean of everyone is believed; 1: only the type's own."""
    value_pence_per_head: float
    relative_error: float
    thin: bool


def type_values(
    segments: Sequence[str],
    people: Sequence[int],
    person_days: Sequence[int],
    days_in_year: int,
    pence: Sequence[int],
    squared_pence: Sequence[Decimal],
) -> list[TypeValue]:
    """Value each type of person, with Bühlmann-Straub credibility.

    own value = pence / person-years. Within-type variance v is pooled over types; between-type
    variance a = (sum n_k (m_k - m)^2 - (K - 1) v) / (N - sum n_k^2 / N), not below nought; Z_k =
    n_k / (n_k + v / a); value = Z_k x own + (1 - Z_k) x everyone's. The values times person-years
    are put back to the pounds they came from. A type is thin where its standard error is above a
    tenth of its mean, or it has fewer than two people.
    Source: handbook 4.4; req 234, 242, 245.
    """
    count = np.array(people, dtype=np.float64)
    years = np.array(person_days, dtype=np.float64) / days_in_year
    total = np.array([float(value) for value in pence])
    mean_person = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    deviations = np.array(
        [
            float(square - Decimal(value) ** 2 / number) if number else 0.0
            for square, value, number in zip(squared_pence, pence, people, strict=True)
        ]
    )
    variance = np.divide(deviations, count - 1, out=np.zeros_like(total), where=count > 1)
    credibility = _credibility(count, mean_person, deviations)
    own = np.divide(total, years, out=np.zeros_like(total), where=years > 0)
    everyone = total.sum() / years.sum() if years.sum() else 0.0
    blended = credibility * own + (1 - credibility) * everyone
    scale = total.sum() / (blended * years).sum() if (blended * years).sum() else 1.0
    error = np.divide(
        np.sqrt(np.divide(variance, count, out=np.zeros_like(total), where=count > 0)),
        mean_person,
        out=np.full_like(total, np.inf),
        where=mean_person > 0,
    )
    return [
        TypeValue(
            segment,
            int(people[k]),
            float(years[k]),
            int(pence[k]),
            float(own[k]),
            float(credibility[k]),
            float(blended[k] * scale),
            float(error[k]),
            bool(error[k] > THIN_ERROR or people[k] < 2),
        )
        for k, segment in enumerate(segments)
    ]


def _credibility(count: Array, mean: Array, deviations: Array) -> Array:
    everyone, freedom = count.sum(), np.maximum(count - 1, 0).sum()
    if everyone == 0 or freedom == 0 or len(count) < 2:
        return np.ones_like(count)
    within = deviations.sum() / freedom
    overall = (count * mean).sum() / everyone
    between = ((count * (mean - overall) ** 2).sum() - (len(count) - 1) * within) / (
        everyone - (count**2).sum() / everyone
    )
    if between <= 0:
        return np.zeros_like(count)
    return np.asarray(count / (count + within / between))


def use_per_head(units: Array, person_years: Array) -> Array:
    """Units a head a year: units / person-years, by service line (rows) and kind of person
    (columns).

    Raises ValueError where there are units and no person-years for a kind: people are missing from
    the register.
    Source: handbook 3.3.3 Tower Hamlets; req 180.
    """
    if np.any((person_years <= 0) & (units.sum(axis=0) > 0)):
        raise ValueError("a kind of person has activity and no days on a list")
    return np.divide(units, person_years, out=np.zeros_like(units), where=person_years > 0)


def projected_activity(
    rates: Array, people_by_year: Array, shift_by_year: Array | None = None
) -> Array:
    """Carry use per head over a population path: units[service, year] = sum over kinds (rate x
    people x (1 + shift)).

    rates[service, kind] units a head; people_by_year[kind, year]; shift_by_year[service, kind,
    year] is the change the programme makes to a kind's use of a service, such as -0.05.
    Source: handbook 3.3.3 Tower Hamlets; req 180, 182.
    """
    if shift_by_year is None:
        return np.asarray(rates @ people_by_year)
    return np.asarray(np.einsum("sk,ky,sky->sy", rates, people_by_year, 1 + shift_by_year))


def projected_spend(units: Array, unit_pence: Array) -> Array:
    """Price projected activity: pence[service, year] = units x unit pence of the year.

    Source: handbook 3.3.3 Tower Hamlets; req 182.
    """
    return np.asarray(units * unit_pence)


def top_share(scores: Mapping[int, float], share: float) -> set[int]:
    """Give the people with the highest scores: ceiling(share x people), ties by pseudonym.

    Source: Mid-Nottinghamshire article (2016); req 315.
    """
    wanted = -(-len(scores) * round(share * 10_000) // 10_000)
    return set(sorted(scores, key=lambda person: (-scores[person], person))[:wanted])
