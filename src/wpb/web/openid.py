"""Sign-in by OpenID Connect: the organisation's own provider says who someone is; what they may do
stays ours.

Authorisation code with PKCE, state and nonce; the identity token's signature, issuer, audience,
time and nonce are checked.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import update
from starlette.responses import RedirectResponse, Response

from wpb.store.people import Person, find_person, person_of_subject
from wpb.store.refusals import Absent
from wpb.store.shape import people
from wpb.store.trail import record
from wpb.web.routes import ANYONE, Routes
from wpb.web.signing_in import with_session
from wpb.web.visits import Refused, Visit

if TYPE_CHECKING:
    from joserfc.jwt import Claims

WAIT_SECONDS = 600
AWAY = (
    "Your organisation's sign-in can't be reached now. Try again in a few minutes, or sign in"
    " with a"
    " password if you have one. If it lasts, tell whoever runs this app."
)
log = logging.getLogger("wpb.web")
COOKIE = "wpb_openid"


@dataclass
class OpenID:
    """A provider: its issuer address, and the name and secret under which it knows this app."""

    issuer: str
    client_id: str
    client_secret: str
    address: str
    """Where people reach this app, such as https://budget.example.org."""

    def __post_init__(self) -> None:
        self._under_way: dict[str, dict[str, Any]] = {}
        self._found: dict[str, Any] = {}

    @property
    def back(self) -> str:
        """Where the provider sends people back to."""
        return f"{self.address}/sign-in/openid/back"

    def about(self) -> dict[str, Any]:
        """The provider's own description, read once."""
        if not self._found:
            self._found = _fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if self._found.get("issuer") != self.issuer:
                self._found = {}
                raise Refused(401, "The sign-in provider is not the one that was set up.")
        return self._found

    def begin(self) -> tuple[str, str]:
        """Start a sign-in: give the provider's address to go to and the word that only this browser
        has.
        """
        client = self._client()
        browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        address, state = client.create_authorization_url(
            self.about()["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
        now = time.time()
        self._under_way = {
            key: each for key, each in self._under_way.items() if each["until"] > now
        }
        self._under_way[state] = {
            "browser": browser,
            "nonce": nonce,
            "verifier": verifier,
            "until": now + WAIT_SECONDS,
        }
        return address, browser

    def finish(self, state: str, code: str, browser: str) -> dict[str, Any]:
        """End a sign-in and give what the provider says of the person.

        Raises Refused where anything does not fit.
        """
        held = self._under_way.pop(state, None)
        if (
            held is None
            or held["until"] < time.time()
            or not secrets.compare_digest(held["browser"], browser)
        ):
            raise Refused(401, "This sign-in was not begun here, or took too long. Begin again.")
        about = self.about()
        try:
            token = self._client().fetch_token(
                about["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=held["verifier"],
            )
            claims = self._claims(str(token["id_token"]), about, held["nonce"])
        except Refused:
            raise
        except Exception as fault:  # whatever the provider sent, the person is told the same
            raise Refused(401, "The sign-in provider's answer could not be trusted.") from fault
        return dict(claims)

    def _claims(self, token: str, about: dict[str, Any], nonce: str) -> Claims:
        from joserfc import jwt
        from joserfc.jwk import KeySet

        published: Any = _fetched(about["jwks_uri"])
        keys = KeySet.import_key_set(published)
        decoded = jwt.decode(token, keys, algorithms=["RS256", "ES256", "PS256"])
        asked = jwt.JWTClaimsRegistry(
            leeway=60,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        asked.validate(decoded.claims)
        return decoded.claims

    def _client(self) -> Any:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]
        return OAuth2Client(
            self.client_id,
            self.client_secret,
            scope="openid email profile",
            redirect_uri=self.back,
            code_challenge_method="S256",
            timeout=10,
        )


def _fetched(address: str) -> dict[str, Any]:
    from httpx import HTTPError, InvalidURL, get

    try:
        answer = get(address, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = json.loads(answer.text)
    except (HTTPError, InvalidURL, ValueError) as fault:
        log.warning("the sign-in provider can't be reached at %s: %s", address, fault)
        raise Refused(503, AWAY) from fault
    return found


def _provider(visit: Visit) -> OpenID:
    found: OpenID | None = visit.desk.openid
    if found is None:
        raise Absent("No sign-in provider is set up here.")
    return found


def go(visit: Visit) -> Response:
    """Send someone to the provider."""
    provider = _provider(visit)
    visit.desk.limits.check(
        "openid", visit.request.client.host if visit.request.client else "", 60, 60
    )
    address, browser = provider.begin()
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        COOKIE,
        browser,
        max_age=WAIT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=visit.desk.secure,
        path="/sign-in",
    )
    return answer


def back(visit: Visit) -> Response:
    """Take someone in whom the provider sends back, if an administrator has entered them."""
    asked = visit.request.query_params
    claims = _provider(visit).finish(
        asked.get("state", ""), asked.get("code", ""), visit.request.cookies.get(COOKIE, "")
    )
    person = _known(visit, claims)
    if person is None:
        raise Refused(
            403,
            "You are known to the sign-in provider, but nobody has entered you here. Ask an"
            " administrator.",
        )
    answer = with_session(visit, person, RedirectResponse("/", 303), "the sign-in provider")
    answer.delete_cookie(COOKIE, path="/sign-in")
    return answer


def _known(visit: Visit, claims: dict[str, Any]) -> Person | None:
    """Find the person by the provider's name for them, or the first time by an address that the
    provider has verified.
    """
    subject = f"{claims['iss']}|{claims['sub']}"
    with visit.desk.database.writing() as connection:
        person = person_of_subject(connection, subject)
        if person is None and claims.get("email_verified") is True:
            person = find_person(connection, str(claims.get("email", "")))
            if person is not None:
                taken = connection.execute(
                    update(people)
                    .where(people.c.id == person.id, people.c.subject == "")
                    .values(subject=subject)
                ).rowcount
                if not taken:
                    return None
                record(
                    connection,
                    person.actor,
                    "sign-in provider joined",
                    person.email,
                    known_as=subject,
                )
    return person


def register(routes: Routes) -> None:
    """Register the way to the provider and back."""
    routes.read("/sign-in/openid", ANYONE, "Sign in with your organisation")(go)
    routes.read("/sign-in/openid/back", ANYONE, "Back from the sign-in provider")(back)
