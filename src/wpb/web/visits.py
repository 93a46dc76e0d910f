"""One request: who makes it, what they may do, and how often; settled before anyone looks at its
body.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request

from wpb.governance.roles import may
from wpb.governance.visibility import EVERYTHING, Sight, sight_of
from wpb.store.people import Person, handed_by, person_of_session
from wpb.web.doors import came_directly

if TYPE_CHECKING:
    from wpb.web.app import Desk

COOKIE = "wpb_session"
PATIENCE_SECONDS = 0.4
MOST_COUNTED = 20_000
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]", "testserver")


class Refused(Exception):
    """Raised where someone may not do what they ask: 401 for nobody signed in, 403 for want of the
    right, 429 for too often.
    """

    def __init__(self, status: int, words: str):
        self.status = status
        super().__init__(words)


@dataclass
class Visit:
    """A request with whom it comes from."""

    desk: Desk
    request: Request
    person: Person | None
    token: str
    form: dict[str, Any] = field(default_factory=dict)
    files: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def csrf(self) -> str:
        """The word a form of this session carries, so that no other site can send one."""
        return (
            hmac.new(self.token.encode(), b"form", hashlib.sha256).hexdigest() if self.token else ""
        )

    @property
    def who(self) -> Person:
        """The person who is signed in.

        Raises Refused where nobody is.
        """
        if self.person is None:
            raise Refused(401, "Sign in first.")
        return self.person

    def may(self, right: str) -> bool:
        """Say whether whoever asks has a right; someone not signed in reads as 'read only' where
        the app lets them.
        """
        if self.person is not None:
            return may(self.person.role, right, self.person.administrator)
        return self.open_to_read and may("read_only", right)

    def need(self, right: str) -> None:
        """Refuse whoever lacks a right.

        Raises Refused: 401 where nobody is signed in, 403 where the person has no such right.
        """
        if not self.may(right):
            raise Refused(
                403 if self.person else 401,
                "Your role does not include this." if self.person else "Sign in first.",
            )

    @cached_property
    def sight(self) -> Sight:
        """What whoever asks may see of the figures that are somebody's own.

        Raises StillWorking where it is not known yet whose contracts are whose, and the visitor
        would rather be told than wait.
        Source: handbook 2.1.1; req 354, 430.
        """
        role = self.person.role if self.person else "read_only" if self.open_to_read else ""
        organisation = self.person.organisation if self.person else ""
        found = sight_of(role, organisation)
        if found.sees_all:
            return EVERYTHING
        stand = self.desk.standing.now()
        owners = self.desk.ownership.now(self.patience)
        return sight_of(role, organisation, stand.consents, owners, stand.organisations)

    @property
    def open_to_read(self) -> bool:
        """Whether whoever asks may read without signing in: on their own machine, directly."""
        return self.desk.open_to_read and came_directly(self.request)

    def need_own_sign_in(self) -> None:
        """Refuse a session that began from a link that someone else made: whoever held the link is
        not known to be the person.

        Raises Refused (403).
        """
        with self.desk.database.reading() as connection:
            maker = handed_by(connection, self.token)
        if maker:
            raise Refused(
                403,
                f"You came in by a link that {maker} made. Sign in again before you sign or agree"
                " anything: with your password, or with your organisation.",
            )

    @property
    def wants_html(self) -> bool:
        """Whether a browser asks, rather than a program."""
        return "text/html" in self.request.headers.get("accept", "")

    @property
    def patience(self) -> float | None:
        """How many seconds to wait for figures before a person is told how far they are; a program
        waits.
        """
        return PATIENCE_SECONDS if self.wants_html and self.request.method == "GET" else None


def cookie_name(desk: Desk) -> str:
    """Name the session's cookie; by https with the prefix that browsers let only this very host
    set.
    """
    return f"__Host-{COOKIE}" if desk.secure else COOKIE


def visit_of(desk: Desk, request: Request) -> Visit:
    """Find out who makes a request."""
    token = request.cookies.get(cookie_name(desk), "")[:200]
    person = None
    if token:
        with desk.database.reading() as connection:
            person = person_of_session(connection, token)
    return Visit(desk, request, person, token if person else "")


def check_origin(request: Request) -> None:
    """Refuse a change that another site's page sends.

    Raises Refused.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403, "This came from another site.")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused(403, "This came from another site.")


class Limits:
    """How often someone may do something: so many times in so many seconds."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], list[float]] = {}
        self._known: dict[tuple[str, str], None] = {}
        self._lock = threading.Lock()

    def check(self, what: str, who: str, most: int, seconds: float) -> None:
        """Count one more.

        Raises Refused (429) where it is one too many.
        """
        self.allow(what, who, most, seconds)
        self.count(what, who)

    def allow(self, what: str, who: str, most: int, seconds: float) -> None:
        """Look whether one more is allowed, without counting it.

        Raises Refused (429) where it is one too many.
        """
        now = time.monotonic()
        with self._lock:
            times = [each for each in self._times.get((what, who), ()) if each > now - seconds]
            if times:
                self._times[what, who] = times
            else:
                self._times.pop((what, who), None)
        if len(times) >= most:
            raise Refused(429, "That is too often. Wait a little and try again.")

    def count(self, what: str, who: str) -> None:
        """Count one more; the counts least lately touched make room where there are very many."""
        with self._lock:
            times = self._times.pop((what, who), [])
            self._times[what, who] = [*times, time.monotonic()]
            while len(self._times) > MOST_COUNTED:
                self._times.pop(next(iter(self._times)))

    def forget(self, what: str, who: str) -> None:
        """Begin counting afresh."""
        with self._lock:
            self._times.pop((what, who), None)

    def know(self, source: str, email: str) -> None:
        """Remember that someone signed in from somewhere."""
        with self._lock:
            self._known[source, email] = None
            while len(self._known) > MOST_COUNTED:
                self._known.pop(next(iter(self._known)))

    def is_known(self, source: str, email: str) -> bool:
        """Whether someone signed in from there before."""
        with self._lock:
            return (source, email) in self._known
