"""How versions and consents stand, read again only when the trail has grown: every act is in the
trail.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from sqlalchemy import func, select

from wpb.store.agreements import Version, all_versions, consents
from wpb.store.database import Database
from wpb.store.events import Entered, all_events
from wpb.store.people import all_people, organisation_kinds
from wpb.store.shape import trail


@dataclass(frozen=True)
class Stand:
    """The versions, the newest first, who lets their cost data be shown, and what happened since,
    as of a row of the trail.
    """

    row: int
    versions: tuple[Version, ...]
    consents: frozenset[str]
    organisations: dict[str, str] = field(default_factory=dict)
    """The kind of each organisation that was entered."""
    setters: frozenset[str] = frozenset()
    """Those who set budgets, as the trail names them: commissioners' people and administrators."""
    events: dict[int, tuple[Entered, ...]] = field(default_factory=dict)
    """Of each version whose contract is live, the events entered."""


class Standing:
    """Gives the stand of things with one small question to the database."""

    def __init__(self, database: Database):
        self.database = database
        self._stand = Stand(-1, (), frozenset())
        self._lock = threading.Lock()

    def now(self) -> Stand:
        """Give how things stand."""
        with self.database.reading() as connection:
            row = connection.execute(select(func.max(trail.c.number))).scalar() or 0
            held = self._stand
            if held.row == row:
                return held
            # Read the trail's end first: what is done meanwhile is read too, and read again next
            # time.
            found = Stand(
                row,
                tuple(all_versions(connection)),
                consents(connection),
                organisation_kinds(connection),
                frozenset(
                    person.actor.person
                    for person in all_people(connection)
                    if person.administrator or person.role == "commissioner"
                ),
                all_events(connection),
            )
        with self._lock:
            if found.row >= self._stand.row:
                self._stand = found
        return found
