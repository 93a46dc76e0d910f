"""Pounds to activity: a sum of whole pence shared over records by weight, exact to the penny, in
whole numbers throughout.

Records of one activity type with the same units take the same share, so a sum over a hundred
million records is worked out on a few hundred classes. The pence left over go one each to the
largest remainders; inside the class where they run out, to the records with the lowest identifiers.
Source: handbook 2.4.4, 2.4.5; req 80-91, 95, 101.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class RecordClass:
    """Records of one cell with the same units: how many there are."""

    cell: int
    units: int
    records: int


@dataclass(frozen=True)
class ClassShare:
    """What each record of a class takes, and how many of them take a penny more (None: none do)."""

    cell: int
    units: int
    pence: int
    with_a_penny_more: int = 0


def largest_remainder(total: int, weights: Mapping[str, int | Fraction]) -> dict[str, int]:
    """Share whole pence by exact weights: floor(total x weight / all weights), then a penny each to
    the largest remainders.

    Ties go by code. A negative total is shared as its absolute value and the sign put back.
    Raises ValueError where weights add to nought and the total does not.
    Source: handbook 2.4.4; req 63.
    """
    whole = sum(weights.values(), Fraction(0))
    if whole <= 0:
        if total:
            raise ValueError("weights that add to nought cannot share out a sum")
        return dict.fromkeys(weights, 0)
    sign, amount = (-1 if total < 0 else 1), abs(total)
    exact = {code: Fraction(amount) * weight / whole for code, weight in weights.items()}
    parts = {code: value.numerator // value.denominator for code, value in exact.items()}
    owed = amount - sum(parts.values())
    for code in sorted(parts, key=lambda code: (parts[code] - exact[code], code))[:owed]:
        parts[code] += 1
    return {code: sign * part for code, part in parts.items()}


def share_over_records(total: int, classes: Sequence[RecordClass]) -> list[ClassShare]:
    """Share whole pence over records in proportion to their units, class by class.

    Each record: floor(total x units / all units); the pence left go to records with the largest
    remainder (total x units) mod all units, and among equals to the lowest cell and units.
    Raises ValueError where there are no units and the total is not nought.
    Source: handbook 2.4.4, 2.4.5; req 95, 101.
    """
    all_units = sum(item.units * item.records for item in classes)
    if all_units <= 0:
        if total:
            raise ValueError("no units to share the sum over")
        return []
    sign, amount = (-1 if total < 0 else 1), abs(total)
    floors = {item: divmod(amount * item.units, all_units) for item in classes}
    owed = amount - sum(floors[item][0] * item.records for item in classes)
    shares = []
    for item in sorted(classes, key=lambda item: (-floors[item][1], item.cell, item.units)):
        more = min(owed, item.records)
        owed -= more
        if more == item.records:
            shares.append(ClassShare(item.cell, item.units, sign * (floors[item][0] + 1)))
        else:
            shares.append(ClassShare(item.cell, item.units, sign * floors[item][0], sign * more))
    return shares


def share_over_activity(
    service_pence: Mapping[str, int],
    units: Mapping[tuple[str, str], int],
    weights: Mapping[str, Fraction],
) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """Share each service line's pence over its activity types by units x weight; pounds of lines
    without activity come back apart.

    units: by (service line, activity type); weights: by activity type.
    Source: handbook 2.4.4 Figs 8-11; req 80-91, 99.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for line, kind in units:
        kinds[line].append(kind)
    shared: dict[tuple[str, str], int] = {}
    unmapped: dict[str, int] = {}
    for line, pence in service_pence.items():
        weighed = {kind: units[line, kind] * weights[kind] for kind in kinds[line]}
        if sum(weighed.values()) > 0:
            shared |= {
                (line, kind): part for kind, part in largest_remainder(pence, weighed).items()
            }
        elif pence:
            unmapped[line] = pence
    return shared, unmapped


def appointment_prices(
    pot_pence: int, attended: Mapping[str, int], relative_price: Mapping[str, Fraction]
) -> tuple[dict[str, int], dict[str, Fraction]]:
    """Share the primary care pot over appointment classes, and give the currency of each class.

    share of class = attended x relative price / sum over classes (relative activity, adjusted for
    cheaper classes and put back to 100%); currency = pence of class / attended. Missed appointments
    are left out before.
    Source: handbook 2.5 Tower Hamlets; req 114-118.
    """
    pence = largest_remainder(
        pot_pence, {kind: count * relative_price[kind] for kind, count in attended.items()}
    )
    return pence, {kind: Fraction(pence[kind], count) for kind, count in attended.items() if count}
