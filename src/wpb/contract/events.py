"""Dated events, the source of truth of a live contract: read, put in order, and refused where they contradict one another.

Source: handbook 4.1-4.4; overview 3.3.2; req 121, 215, 236, 241, 244.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from wpb.contract.terms import Terms, on_day
from wpb.contract.timing import DAY, quarter_of, starts_fixed_period, update_period
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model

ORDER = ("agreement", "succession", "reactivation", "joining", "scope_change", "population_update", "correction", "periodic_agreement", "re_opener", "termination", "payment", "dispute", "allocation_change")
"""Order of events known on one day: a mover is paid once, by reactivation, then scope change, then population update."""
NEEDS = {
    "reactivation": ("list_code",),
    "joining": ("list_code",),
    "scope_change": ("service_line", "direction"),
    "periodic_agreement": ("accepted_share",),
    "re_opener": ("accepted_share", "refers_to"),
    "succession": ("party", "counterparty"),
    "dispute": ("refers_to",),
    "payment": ("party", "counterparty", "amount"),
    "correction": ("refers_to",),
}
"""What each kind of event must say."""


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
    funding_stream: str
    amount_pence: float
    accepted_share: float
    reason: str
    agreed_by: str
    place: Cell

    @property
    def order(self) -> tuple[datetime.date, int, datetime.date, str]:
        """Place among events: day known, rule, day of effect, code; never the order of the rows."""
        return self.known_on, ORDER.index(self.kind), self.effective_on, self.code


def read_events(model: Model, terms: Terms, problems: ProblemLog, as_known_on: datetime.date | None = None) -> list[Event]:
    """Read the events known by a day, in order, and check each against the terms and the others.

    Source: handbook 4.1-4.4; req 215, 236, 241, 244.
    """
    table = model["contract_events"]
    events = sorted((_event(model, row) for row in range(len(table))), key=lambda event: event.order)
    known = [event for event in events if as_known_on is None or event.known_on <= as_known_on]
    _check_agreement(events, terms, problems)
    codes = {event.code: event for event in events}
    for event in known:
        _check_event(event, terms, codes, problems)
    _check_one_update_a_period(known, terms, problems)
    _check_parties(known, model, problems)
    return known


def _event(model: Model, row: int) -> Event:
    table = model["contract_events"]
    text = {name: str(table.columns[name][row]) for name in ("event", "event_kind", "refers_to", "list_code", "service_line", "direction", "party", "counterparty", "funding_stream", "reason", "agreed_by")}
    return Event(
        code=text["event"], kind=text["event_kind"], effective_on=on_day(str(table.columns["effective_on"][row])), known_on=on_day(str(table.columns["known_on"][row])),
        refers_to=text["refers_to"], list_code=text["list_code"], service_line=text["service_line"], direction=text["direction"], party=text["party"],
        counterparty=text["counterparty"], funding_stream=text["funding_stream"], amount_pence=float(table.numbers("amount")[row]),
        accepted_share=float(table.numbers("accepted_share")[row]), reason=text["reason"], agreed_by=text["agreed_by"], place=table.where(row, "event"),
    )  # fmt: skip


def _check_agreement(events: list[Event], terms: Terms, problems: ProblemLog) -> None:
    agreements = [event for event in events if event.kind == "agreement"]
    for extra in agreements[1:]:
        problems.error(extra.place, f"{extra.code} is a second agreement of the same contract.", "What changes an agreed contract is another kind of event, such as a periodic agreement.", "agreement_twice")
    if agreements and events[0].kind != "agreement":
        problems.error(events[0].place, f"{events[0].code} was known on {events[0].known_on}, before the contract was agreed.", "Correct its dates, or put it in the forecast the agreement rests on.", "event_before_agreement")
    if agreements and agreements[0].effective_on != terms.starts_on:
        problems.error(agreements[0].place, f"The agreement takes effect on {agreements[0].effective_on}, and the contract starts on {terms.starts_on}.", "Make the two dates the same.", "agreement_start")
    if not agreements and events:
        problems.error(events[0].place, "There are events and no agreement.", "Add the event by which the contract was agreed.", "agreement_missing")


def _check_event(event: Event, terms: Terms, codes: dict[str, Event], problems: ProblemLog) -> None:
    for name in NEEDS.get(event.kind, ()):
        value = getattr(event, "amount_pence" if name == "amount" else name)
        if value == "" or (isinstance(value, float) and math.isnan(value)):
            problems.error(event.place, f"Event {event.code} ({event.kind.replace('_', ' ')}) has no {name}.", f"Enter its {name}.", "event_incomplete")
    after_term = terms.ends_on + DAY
    if event.kind not in ("payment", "dispute", "allocation_change") and not terms.starts_on <= event.effective_on <= after_term:
        problems.error(event.place, f"Event {event.code} takes effect on {event.effective_on}, outside the contract's term.", "Correct the date.", "event_outside_term")
    if event.kind in ("correction", "dispute") and event.refers_to and event.refers_to not in codes:
        problems.error(event.place, f"Event {event.code} refers to '{event.refers_to}', which is not an event.", "Name the event it is about.", "event_unknown")
    if event.kind == "correction" and event.refers_to in codes and codes[event.refers_to].kind not in ("population_update", "payment"):
        problems.error(event.place, f"{event.code} corrects {event.refers_to}, a {codes[event.refers_to].kind.replace('_', ' ')}, which was agreed.", "A count or a payment can be corrected; what was agreed is changed by a new event.", "not_correctable")
    if event.kind == "population_update" and terms.update_mode == "transition" and not event.agreed_by:
        problems.error(event.place, f"Update {event.code} names nobody who agreed it, and updates are in transition mode.", "Enter who agreed it, or set update_mode to mature.", "update_not_agreed")
    if event.kind == "periodic_agreement" and not starts_fixed_period(event.effective_on, terms.starts_on, terms.fixed_years):
        problems.error(event.place, f"{event.code} would change the value on {event.effective_on}, inside a fixed period of {terms.fixed_years} years.", "Let it take effect when the next fixed period starts, or use a re-opener that the contract allows.", "inside_fixed_period")
    if event.kind == "termination" and event.effective_on > terms.ends_on:
        problems.error(event.place, "The termination comes after the contract has ended.", "Take it out.", "termination_late")


def _check_parties(events: list[Event], model: Model, problems: ProblemLog) -> None:
    known = {*model["organisations"].text("organisation"), *model["gp_lists"].text("list_code"), *model["list_changes"].text("list_code")}
    for event in (event for event in events if event.kind in ("succession", "payment")):
        for party in sorted({event.party, event.counterparty} - known - {""}):
            problems.error(event.place, f"{event.code} names '{party}', which is neither an organisation nor a practice.", "Correct the code, or add it to organisations.", "party_unknown")


def _check_one_update_a_period(events: list[Event], terms: Terms, problems: ProblemLog) -> None:
    seen: dict[str, Event] = {}
    for event in (event for event in events if event.kind == "population_update"):
        period = update_period(event.effective_on, terms.update_frequency)
        first = seen.setdefault(period, event)
        if first is not event:
            problems.error(event.place, f"{event.code} is a second population update for {period}; {first.code} is the first.", "Keep the first. If its counts were wrong, enter corrected counts and a correction event that refers to it.", "second_update")
        if terms.update_frequency == "quarterly" and quarter_of(event.effective_on) == quarter_of(event.effective_on - DAY) and event.effective_on != terms.starts_on:
            problems.error(event.place, f"{event.code} takes effect on {event.effective_on}, which does not start a quarter.", "Count on the first day of a quarter.", "update_date")
