"""What services cost month by month beside the budget they have in the contract, those that joined
or left it included.

Source: handbook 4.3; req 222, 223.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, replace

from wpb.contract.timing import DAY, share_of_year
from wpb.kernel.calendar import first_day, last_day, months_of
from wpb.kernel.money import pounds, whole_pence
from wpb.live.contract import LiveContract
from wpb.settlement.instalments import spread
from wpb.settlement.monitoring import Watched, watch

LEVEL = (1 / 12,) * 12


@dataclass(frozen=True)
class Stretch:
    """The part of a year over which a service has one yearly budget, in unrounded pence; nought
    where it is outside.
    """

    starts_on: datetime.date
    ends_on: datetime.date
    yearly_pence: float


def watched_services(live: LiveContract, year: str, month: str) -> list[Watched]:
    """Watch every service with spend in a year to a month, against its budget in each month it is
    in the contract.

    Source: handbook 4.3; req 222, 223.
    """
    actual = _spent(live, year, month)
    return [_watched(live, service, year, month, actual[service]) for service in sorted(actual)]


def budget_by_month(live: LiveContract, service: str, year: str) -> list[int | None]:
    """A service's budget of each month in whole pence, None where the contract holds none for it.

    stretch = (frozen forecast of its lines + what it brought or took when it joined or left) x
    share of the year, spread over the stretch's months as the annual payment is.
    Source: handbook 4.3; req 222, 223.
    """
    months: list[int | None] = [None] * 12
    for stretch in (
        found for found in _stretches(live, service, year) if abs(found.yearly_pence) >= 0.5
    ):
        days = replace(live.plan.calendar, profile=LEVEL).weights(
            year, stretch.ends_on, stretch.starts_on
        )
        weights = live.plan.calendar.weights(year, stretch.ends_on, stretch.starts_on)
        amount = whole_pence(
            stretch.yearly_pence * share_of_year(year, stretch.starts_on, stretch.ends_on)
        )
        for at, pence in enumerate(spread(amount, weights if any(weights) else days)):
            if days[at]:
                months[at] = (
                    months[at] or 0
                ) + pence  # None: no earlier stretch has part of this month
    return months


def _stretches(live: LiveContract, service: str, year: str) -> list[Stretch]:
    lines, at = live.payments.lines, live.terms.years.index(year)
    rows = [
        row
        for row, (line, element) in enumerate(zip(lines.service_line, lines.element, strict=True))
        if line == service and element == "wpap"
    ]
    level = float(lines.forecast.value[0, rows, at].sum())
    changes = sorted(
        (change for change in live.history.scopes.values() if change.event.service_line == service),
        key=lambda change: change.event.effective_on,
    )
    start, last = (
        max(live.terms.starts_on, first_day(year)),
        min(live.history.agreed.ends_on, last_day(year)),
    )
    found = []
    for change in changes:
        day = change.event.effective_on
        if start < day <= last:
            found.append(Stretch(start, day - DAY, level))
            start = day
        if day <= last:
            level += float(change.rate.value[0, :, at].sum())
    return [*found, Stretch(start, last, level)]


def _spent(live: LiveContract, year: str, month: str) -> dict[str, dict[str, int]]:
    table, months = live.model["monitoring_actuals"], months_of(year)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, service, amount in zip(
        table.text("month"),
        table.text("service_line"),
        table.numbers("amount").tolist(),
        strict=True,
    ):
        if name in months and name <= month:
            found[service][name] = whole_pence(amount)
    return found


def _watched(
    live: LiveContract, service: str, year: str, month: str, actual: dict[str, int]
) -> Watched:
    budget, months = budget_by_month(live, service, year), months_of(year)
    inside = [months[at] for at, pence in enumerate(budget) if pence is not None]
    outside = sum(pence for name, pence in actual.items() if name not in inside)
    if not inside:
        return Watched(
            service,
            None,
            None,
            outside,
            None,
            f"No budget in the annual payment in {year}: its spend has nothing to stand beside.",
        )
    found = watch(
        service,
        year,
        month,
        [pence or 0 for pence in budget],
        {name: pence for name, pence in actual.items() if name in inside},
    )
    if len(inside) == 12:
        return found
    left_out = f"; {pounds(outside, 2)} spent in other months is left out" if outside else ""
    return replace(found, note=f"In the annual payment from {inside[0]} to {inside[-1]}{left_out}.")
