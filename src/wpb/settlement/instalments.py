"""Twelve instalments that add to the year exactly, and how a change within the year is spread.

Source: overview Table 1; handbook 4.4; req 212, 244.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wpb.kernel.conservation import pence_must_add
from wpb.kernel.money import split_pence

CODES = tuple(f"{month:02d}" for month in range(12))


@dataclass(frozen=True)
class Change:
    """A new value of the year: the first month whose instalment it can alter (12: none is left),
    and from which month it holds.
    """

    position: int
    amount_pence: int
    from_month: int
    event: str
    version: int
    figure: str
    weights: tuple[float, ...]
    """Of the twelve months, nought outside the term as it stood then."""


@dataclass(frozen=True)
class Instalments:
    """What is paid in each month of a year, and what is put right after the year's last month.

    paid: by month. late: (change, its difference by month) for each change known after the last
    instalment was fixed.
    """

    paid: tuple[int, ...]
    versions: tuple[Change, ...]
    """The change each month's instalment goes by."""
    late: tuple[tuple[Change, tuple[int, ...]], ...]

    @property
    def due(self) -> tuple[int, ...]:
        """What each month comes to once everything known is counted: they add to the year's
        value.
        """
        return tuple(
            sum(parts)
            for parts in zip(self.paid, *(difference for _, difference in self.late), strict=True)
        )


def spread(amount_pence: int, weights: Sequence[float]) -> list[int]:
    """Spread whole pence over months by their weights, adding exactly: largest remainder, the
    earlier month first.

    Source: overview Table 1; req 212.
    """
    return split_pence(amount_pence, list(weights), CODES[: len(weights)])


def instalments(changes: Sequence[Change], rule: str) -> Instalments:
    """Pay a year's value month by month as it changes.

    changes: in order of the month they can first alter; the first is the value at the year's start.
    remaining_months: (value - paid so far) over the months left, by weight. catch_up: the
    difference is spread over the months it holds for; those past are made good in the first month
    left.
    Source: overview Table 1; handbook 4.4; req 212, 244.
    """
    schedule, by, current = [0] * 12, [changes[0]] * 12, 0
    late: list[tuple[Change, tuple[int, ...]]] = []
    for change in changes:
        difference, start, weights = change.amount_pence - current, change.position, change.weights
        current = change.amount_pence
        if not any(weights[start:]):
            if difference:
                late.append((change, _by_month(difference, weights, change.from_month)))
            continue
        if rule == "catch_up" and change is not changes[0] and weights == changes[0].weights:
            added = _by_month(difference, weights, change.from_month)
            schedule[start] += sum(added[: start + 1])
            for month in range(start + 1, 12):
                schedule[month] += added[month]
        else:
            left = (
                change.amount_pence - sum(schedule[:start]) - sum(sum(parts) for _, parts in late)
            )
            schedule[start:] = spread(left, weights[start:])
        by[start:] = [change] * (12 - start)
    found = Instalments(tuple(schedule), tuple(by), tuple(late))
    months = dict(zip(CODES, found.due, strict=True))
    pence_must_add(f"The year's payment by {changes[-1].figure}", months, current, None)
    return found


def _by_month(amount_pence: int, weights: Sequence[float], from_month: int) -> tuple[int, ...]:
    """Spread a difference over the months it holds for; over the whole year where none of those is
    in the term.
    """
    start = from_month if any(weights[from_month:]) else 0
    if not any(weights):
        return (0,) * 11 + (amount_pence,)
    return (0,) * start + tuple(spread(amount_pence, weights[start:]))
