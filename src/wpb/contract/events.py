"""Dated events, the source of truth of a live contract: read, and put in order.

Source: handbook 4.1-4.4; overview 3.3.2; req 121, 215, 236, 241, 244.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from wpb.contract.terms import on_day
from wpb.kernel.places import Cell
from wpb.tables.model import Model

ORDER = (
    "agreement",
    "succession",
    "reactivation",
    "joining",
    "scope_change",
    "population_update",
    "correction",
    "periodic_agreement",
    "re_opener",
    "termination",
    "payment",
    "dispute",
    "allocation_change",
)
"""Order of events known on one day: a mover is paid once, by reactivation, then scope change, then
population update.
"""


@dataclass(frozen=True)
class Event:
    """One dated event."""

    code: str
    kind: str
    effective_on: datetime.date
    known_on: datetime.date
    refers_to: str
    list_code: str
    service_line: str
    direction: str
    party: str
    counterparty: str
    amount_pence: float
    accepted_share: float
    reason: str
    agreed_by: str
    place: Cell

    @property
    def order(self) -> tuple[datetime.date, int, datetime.date, str]:
        """Place among events: day known, rule, day of effect, code; never the order of the rows."""
        return self.known_on, ORDER.index(self.kind), self.effective_on, self.code


def read_events(model: Model) -> list[Event]:
    """Read the events in their order.

    Source: handbook 4.1-4.4; req 215, 236, 244.
    """
    return sorted(
        (_event(model, row) for row in range(len(model["contract_events"]))),
        key=lambda event: event.order,
    )


def _event(model: Model, row: int) -> Event:
    table = model["contract_events"]
    text = {
        name: str(table.columns[name][row])
        for name in (
            "event",
            "event_kind",
            "refers_to",
            "list_code",
            "service_line",
            "direction",
            "party",
            "counterparty",
            "reason",
            "agreed_by",
        )
    }
    return Event(
        code=text["event"],
        kind=text["event_kind"],
        effective_on=on_day(str(table.columns["effective_on"][row])),
        known_on=on_day(str(table.columns["known_on"][row])),
        refers_to=text["refers_to"],
        list_code=text["list_code"],
        service_line=text["service_line"],
        direction=text["direction"],
        party=text["party"],
        counterparty=text["counterparty"],
        amount_pence=float(table.numbers("amount")[row]),
        accepted_share=float(table.numbers("accepted_share")[row]),
        reason=text["reason"],
        agreed_by=text["agreed_by"],
        place=table.where(row, "event"),
    )
