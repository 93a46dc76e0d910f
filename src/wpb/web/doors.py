"""Whether someone may read without signing in: decided here alone, with its reasons.

Only on one person's own machine: the app listens to this machine alone, and nothing says that
others reach it. Source: req 353, 431.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wpb.kernel.problems import UsageProblem

if TYPE_CHECKING:
    from starlette.requests import Request

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PASSED_ON = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "via",
)
"""Headers that a proxy puts on what it passes on: whoever asks is not on this machine."""


@dataclass(frozen=True)
class Reading:
    """Whether reading is open without sign-in, and why not."""

    closed_by: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether nothing closes it."""
        return not self.closed_by

    @property
    def words(self) -> str:
        """What the one who starts the app is told."""
        return (
            "Reading: open to whoever uses this machine; changing anything needs a sign-in."
            if self.is_open
            else f"Reading: needs a sign-in, because {'; '.join(self.closed_by)}."
        )


def reading_without_sign_in(
    host: str,
    names: Sequence[str] = (),
    secure: bool = False,
    provider: bool = False,
    store: str = "",
    address: str = "",
) -> Reading:
    """Decide whether someone who isn't signed in may read.

    host: the address listened to. names: host names people reach it by. secure: whether they reach
    it by https. provider: whether a provider of identities is set up. store: where it is kept.
    address: where people are told to reach it, if anywhere else.
    Source: req 353, 431.
    """
    found = {
        f"it listens to {host}, which other machines reach": host not in LOOPBACK,
        "people reach it by a name of its own (--name)": bool(names),
        "people reach it by https (--https)": secure,
        "people reach it at an address of its own (--address)": bool(address),
        "people sign in at your organisation's provider (--openid-issuer)": provider,
        "its store is a database that other machines may share": "://" in store
        and not store.startswith("sqlite://"),
    }
    return Reading(tuple(words for words, closes in found.items() if closes))


def outside_address(
    host: str, port: int, names: Sequence[str], secure: bool, outside: str = ""
) -> tuple[str, str]:
    """Give the address that links and redirects carry, and the host name in it that is new.

    outside, where it is given, is taken as it is. A name or https says that a proxy stands in
    front, whose port is the usual one; else it is the address listened to. Raises UsageProblem for
    an address that isn't one.
    """
    if outside:
        found = urlsplit(outside)
        if found.scheme not in ("http", "https") or not found.hostname or found.path.strip("/"):
            raise UsageProblem(
                f"'{outside[:80]}' is not an address people reach the app at. Write it as"
                " https://budget.example.org."
            )
        return f"{found.scheme}://{found.netloc}", found.hostname
    scheme = "https" if secure else "http"
    if names:
        return f"{scheme}://{names[0]}" + ("" if secure else f":{port}"), ""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}", ""


def came_directly(request: Request) -> bool:
    """Whether a request comes from this machine, and no proxy says that it passed it on."""
    asker = request.client.host if request.client else ""
    return (asker in LOOPBACK or asker == "testclient") and not any(
        name in request.headers for name in PASSED_ON
    )
