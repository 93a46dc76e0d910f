"""Whether the events of a live contract fit its terms and one another: what contradicts what came
before is refused.

Source: handbook 4.1-4.4; overview 3.3.2; req 121, 215, 236, 241, 244.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from wpb.contract.events import Event
from wpb.contract.terms import Terms, on_day
from wpb.contract.timing import DAY, quarter_of, starts_fixed_period, update_period
from wpb.kernel.calendar import month_start, months_between
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model

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
MEANS = {
    "refers_to": ("re_opener", "dispute", "payment", "correction"),
    "list_code": ("reactivation", "joining"),
    "service_line": ("scope_change",),
    "direction": ("scope_change",),
    "party": ("succession", "payment"),
    "counterparty": ("succession", "payment"),
    "amount": ("payment", "correction"),
    "accepted_share": ("periodic_agreement", "re_opener"),
}
"""The kinds of event for which each column means something: elsewhere a value would be passed over
in silence, so it is refused.
"""
ENDS_WITH_THE_CONTRACT = (
    "reactivation",
    "joining",
    "scope_change",
    "population_update",
    "periodic_agreement",
    "re_opener",
)
"""Kinds of event that mean nothing once the contract has ended."""


def check_events(
    events: Sequence[Event],
    known: Sequence[Event],
    model: Model,
    terms: Terms,
    problems: ProblemLog,
) -> None:
    """Check each event that is known against the terms and the events before it.

    events: all that were entered, known by now or not; an agreement that is to come still counts.
    Source: handbook 4.1-4.4; req 121, 215, 236, 241, 244.
    """
    _check_agreement(list(events), terms, problems)
    codes = {event.code: event for event in events}
    for event in known:
        _check_event(event, terms, problems)
        _check_what_it_refers_to(event, codes, problems)
    _check_corrected_counts(known, model, problems)
    _check_one_update_a_period(known, terms, problems)
    _tell_missed_updates(known, terms, problems)
    _check_parties(known, model, problems)
    _check_successions(known, problems)
    _check_termination(known, problems)


def _check_agreement(events: list[Event], terms: Terms, problems: ProblemLog) -> None:
    agreements = [event for event in events if event.kind == "agreement"]
    for extra in agreements[1:]:
        problems.error(
            extra.place,
            f"{extra.code} is a second agreement of the same contract.",
            "What changes an agreed contract is another kind of event, such as a periodic"
            " agreement.",
            "agreement_twice",
        )
    if agreements and events[0].kind != "agreement":
        problems.error(
            events[0].place,
            f"{events[0].code} was known on {events[0].known_on}, before the contract was agreed.",
            "Correct its dates, or put it in the forecast the agreement rests on.",
            "event_before_agreement",
        )
    if agreements and agreements[0].effective_on != terms.starts_on:
        problems.error(
            agreements[0].place,
            f"The agreement takes effect on {agreements[0].effective_on}, and the contract starts"
            f" on {terms.starts_on}.",
            "Make the two dates the same.",
            "agreement_start",
        )
    if not agreements and events:
        problems.error(
            events[0].place,
            "There are events and no agreement.",
            "Add the event by which the contract was agreed.",
            "agreement_missing",
        )


def _check_event(event: Event, terms: Terms, problems: ProblemLog) -> None:
    for name, kinds in MEANS.items():
        blank, needed = _is_blank(event, name), name in NEEDS.get(event.kind, ())
        if blank and needed:
            problems.error(
                event.place,
                f"Event {event.code} ({event.kind.replace('_', ' ')}) has no {name}.",
                f"Enter its {name}.",
                "event_incomplete",
            )
        elif not blank and event.kind not in kinds:
            problems.error(
                event.place,
                f"Event {event.code} ({event.kind.replace('_', ' ')}) gives a {name}, which means"
                " nothing for it.",
                f"Take it out, or correct the kind of event: {name} is for"
                f" {' and '.join(kind.replace('_', ' ') for kind in kinds)}.",
                "event_has_too_much",
            )
    after_term = terms.ends_on + DAY
    if (
        event.kind not in ("payment", "dispute", "allocation_change")
        and not terms.starts_on <= event.effective_on <= after_term
    ):
        problems.error(
            event.place,
            f"Event {event.code} takes effect on {event.effective_on}, outside the contract's"
            " term.",
            "Correct the date.",
            "event_outside_term",
        )
    if (
        event.kind == "population_update"
        and terms.update_mode == "transition"
        and not event.agreed_by
    ):
        problems.error(
            event.place,
            f"Update {event.code} names nobody who agreed it, and updates are in transition mode.",
            "Enter who agreed it, or set update_mode to mature.",
            "update_not_agreed",
        )
    if event.kind == "periodic_agreement" and not starts_fixed_period(
        event.effective_on, terms.starts_on, terms.fixed_years
    ):
        problems.error(
            event.place,
            f"{event.code} would change the value on {event.effective_on}, inside a fixed period of"
            f" {terms.fixed_years} years.",
            "Let it take effect when the next fixed period starts, or use a re-opener that the"
            " contract allows.",
            "inside_fixed_period",
        )
    if event.kind == "population_update" and event.known_on < event.effective_on:
        problems.error(
            event.place,
            f"{event.code} is a count of people on {event.effective_on}, and is said to have been"
            f" known on {event.known_on}, before that day.",
            "Correct the day of the count, or the day it was known.",
            "known_before_counted",
        )
    if event.kind == "termination" and event.effective_on > terms.ends_on:
        problems.error(
            event.place,
            "The termination comes after the contract has ended.",
            "Take it out.",
            "termination_late",
        )


def _is_blank(event: Event, name: str) -> bool:
    value = getattr(event, "amount_pence" if name == "amount" else name)
    return value == "" or (isinstance(value, float) and math.isnan(value))


def _check_what_it_refers_to(event: Event, codes: dict[str, Event], problems: ProblemLog) -> None:
    if event.kind not in ("correction", "dispute") or not event.refers_to:
        return
    about = codes.get(event.refers_to)
    if about is None:
        problems.error(
            event.place,
            f"Event {event.code} refers to '{event.refers_to}', which is not an event.",
            "Name the event it is about.",
            "event_unknown",
        )
        return
    if event.known_on < about.known_on:
        problems.error(
            event.place,
            f"{event.code} was known on {event.known_on}, before {about.code}, which it is about"
            f" ({about.known_on}).",
            "Correct the day one of them was known.",
            "refers_to_the_future",
        )
    if event.kind == "correction" and about.kind not in ("population_update", "payment"):
        problems.error(
            event.place,
            f"{event.code} corrects {about.code}, a {about.kind.replace('_', ' ')}, which was"
            " agreed.",
            "A count or a payment can be corrected; what was agreed is changed by a new event.",
            "not_correctable",
        )
    if event.kind == "correction" and about.kind == "payment" and math.isnan(event.amount_pence):
        problems.error(
            event.place,
            f"{event.code} corrects the payment {about.code} and gives no amount.",
            "Enter the amount that should have been paid; 0 if nothing should have been.",
            "event_incomplete",
        )


def _check_corrected_counts(known: Sequence[Event], model: Model, problems: ProblemLog) -> None:
    """Refuse a correction of counts that brings none: it would be a version that does nothing.

    Source: handbook 4.4; req 238, 385.
    """
    updates = {event.code: event for event in known if event.kind == "population_update"}
    seen = {code: event.known_on for code, event in updates.items()}
    table = model["population_counts"]
    counts = [
        (on_day(counted), on_day(day))
        for basis, counted, day in zip(
            *(table.text(name) for name in ("basis", "count_date", "known_on")), strict=True
        )
        if basis == "registered"
    ]
    for event in known:
        if event.kind != "correction" or event.refers_to not in updates:
            continue
        of, since = updates[event.refers_to].effective_on, seen[event.refers_to]
        if not any(counted == of and since < day <= event.known_on for counted, day in counts):
            problems.error(
                event.place,
                f"{event.code} corrects the counts of {event.refers_to}, and population_counts has"
                f" no count of {of} known after {since} and by {event.known_on}.",
                "Add the right counts, each with the day it was known, or take the event out: it"
                " would change nothing.",
                "correction_without_counts",
            )
        seen[event.refers_to] = max(since, event.known_on)


def _check_parties(events: Sequence[Event], model: Model, problems: ProblemLog) -> None:
    known = {
        *model["organisations"].text("organisation"),
        *model["gp_lists"].text("list_code"),
        *model["list_changes"].text("list_code"),
    }
    for event in (event for event in events if event.kind in ("succession", "payment")):
        for party in sorted({event.party, event.counterparty} - known - {""}):
            problems.error(
                event.place,
                f"{event.code} names '{party}', which is neither an organisation nor a practice.",
                "Correct the code, or add it to organisations.",
                "party_unknown",
            )
        if event.party and event.party == event.counterparty:
            does = "pays itself" if event.kind == "payment" else "succeeds itself"
            problems.error(
                event.place,
                f"{event.code}: {event.party} {does}.",
                "Name two different parties.",
                "same_party",
            )


def _check_successions(events: Sequence[Event], problems: ProblemLog) -> None:
    gone: dict[str, Event] = {}
    for event in sorted(
        (event for event in events if event.kind == "succession"),
        key=lambda event: (event.effective_on, event.order),
    ):
        for party, does in (
            (event.party, "is succeeded"),
            (event.counterparty, "succeeds another"),
        ):
            if party in gone:
                problems.error(
                    event.place,
                    f"{event.code}: {party} {does} on {event.effective_on}, and had been succeeded"
                    f" already by {gone[party].counterparty} ({gone[party].code},"
                    f" {gone[party].effective_on}).",
                    "Name the party that now stands in its place.",
                    "succeeded_already",
                )
        gone.setdefault(event.party, event)


def _check_termination(events: Sequence[Event], problems: ProblemLog) -> None:
    ended: Event | None = None
    for event in events:
        if event.kind == "termination":
            if ended is not None and event.effective_on >= ended.effective_on:
                problems.error(
                    event.place,
                    f"{event.code} would end the contract on {event.effective_on}; {ended.code} has"
                    f" ended it on {ended.effective_on}.",
                    "A termination stands once it is known: it can be brought forward, and what"
                    " goes on after it is a new contract.",
                    "terminated_already",
                )
            else:
                ended = event
        elif (
            ended is not None
            and event.kind in ENDS_WITH_THE_CONTRACT
            and event.effective_on
            > ended.effective_on + (DAY if event.kind == "reactivation" else 0 * DAY)
        ):
            problems.error(
                event.place,
                f"{event.code} takes effect on {event.effective_on}, and the last day of the"
                f" contract is {ended.effective_on} ({ended.code}).",
                "Correct its date, or take it out.",
                "after_termination",
            )


def _check_one_update_a_period(events: Sequence[Event], terms: Terms, problems: ProblemLog) -> None:
    seen: dict[str, Event] = {}
    for event in (event for event in events if event.kind == "population_update"):
        period = update_period(event.effective_on, terms.update_frequency)
        first = seen.setdefault(period, event)
        if first is not event:
            problems.error(
                event.place,
                f"{event.code} is a second population update for {period}; {first.code} is the"
                " first.",
                "Keep the first. If its counts were wrong, enter corrected counts and a correction"
                " event that refers to it.",
                "second_update",
            )
        if (
            terms.update_frequency == "quarterly"
            and quarter_of(event.effective_on) == quarter_of(event.effective_on - DAY)
            and event.effective_on != terms.starts_on
        ):
            problems.error(
                event.place,
                f"{event.code} takes effect on {event.effective_on}, which does not start a"
                " quarter.",
                "Count on the first day of a quarter.",
                "update_date",
            )


def _tell_missed_updates(events: Sequence[Event], terms: Terms, problems: ProblemLog) -> None:
    """Warn of periods that have gone by without a count, from the one after the contract's start to
    the last event known.
    """
    if not events:
        return
    until = min(max(event.known_on for event in events), terms.ends_on)
    counted = {
        update_period(event.effective_on, terms.update_frequency)
        for event in events
        if event.kind == "population_update"
    }
    months = [month_start(month) for month in months_between(terms.starts_on, until)]
    gone = [
        period
        for period in dict.fromkeys(update_period(day, terms.update_frequency) for day in months)
        if period != update_period(until, terms.update_frequency)
    ]
    missed = [period for period in gone[1:] if period not in counted]
    if missed:
        often = "every quarter" if terms.update_frequency == "quarterly" else "every year"
        problems.warning(
            terms.place,
            f"The contract counts its people {often}, and no population update was made for"
            f" {', '.join(missed)}.",
            "Enter the update: until then the value does not follow the population.",
            "update_missed",
        )
