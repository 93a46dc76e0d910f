"""One request: who makes it, what they may do, and how often; settled before anyone looks at its
body.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request

from wpb.governance.roles import may
from wpb.store.people import Person, person_of_session

if TYPE_CHECKING:
    from wpb.web.app import Desk

COOKIE = "wpb_session"
PATIENCE_SECONDS = 0.4
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
        return self.desk.open_to_read and may("read_only", right)

    def need(self, right: str) -> None:
        """Refuse whoever lacks a right.

        Raises Refused: 401 where nobody is signed in, 403 where the person has no such right.
        """
        if not self.may(right):
            raise Refused(
                403 if self.person else 401,
                "Your role does not include this." if self.person else "Sign in first.",
            )

    @property
    def costs_of(self) -> frozenset[str] | None:
        """Whose cost data the person may see: None for everyone's.

        Source: handbook 2.1.1; req 354.
        """
        if self.may("see_all_cost"):
            return None
        given = self.desk.standing.now().consents
        return given | {self.person.organisation} if self.person else given

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
        self._times: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def check(self, what: str, who: str, most: int, seconds: float) -> None:
        """Count one more.

        Raises Refused (429) where it is one too many.
        """
        now = time.monotonic()
        with self._lock:
            if len(self._times) > 10_000:
                self._times.clear()
            times = [each for each in self._times[what, who] if each > now - seconds]
            self._times[what, who] = times
            if len(times) >= most:
                raise Refused(429, "That is too often. Wait a little and try again.")
            times.append(now)
