"""How people come in and go: a one-time link, a local account, the end of a session."""

from __future__ import annotations

from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from wpb.store.people import (
    SESSION_SECONDS,
    WITH_WORD,
    Person,
    check_password,
    choose_password,
    end_session,
    link_maker,
    start_session,
    use_link,
)
from wpb.web.answers import done, page
from wpb.web.routes import ANYONE, Routes
from wpb.web.visits import Refused, Visit, cookie_name

WRONG_SECONDS = 300
WRONG_HERE, WRONG_FROM, WRONG_OF = 8, 40, 100
"""Wrong passwords in five minutes after which no more are tried: for one person from one address,
from one address, and for one person from addresses they have not signed in from. Someone elsewhere
who guesses never keeps a person out of where they have signed in before.
"""


class SignIn(BaseModel):
    """An address and a password."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)


class OwnPassword(BaseModel):
    """One's own password: the current one, where there is one, and the new one."""

    current: str = Field("", max_length=1000)
    password: str = Field(max_length=1000)


class Nothing(BaseModel):
    """A form with nothing to fill in."""


def with_session(
    visit: Visit, person: Person, answer: Response, how: str, handed_by: str = ""
) -> Response:
    """Start a session for a person and put its token in a cookie that no script can read.

    how: by what they signed in. handed_by: who made the link they came by, where someone else did.
    """
    with visit.desk.database.writing() as connection:
        token = start_session(connection, person, how, handed_by)
    answer.set_cookie(
        cookie_name(visit.desk),
        token,
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="lax",
        secure=visit.desk.secure,
        path="/",
    )
    return answer


def sign_in_page(visit: Visit) -> Response:
    """Show the ways to sign in."""
    return page(visit, "sign_in.html.j2", "Sign in", "sign-in")


def sign_in(visit: Visit) -> Response:
    """Sign in with a local account."""
    email, source, limits = visit.form["email"].strip().lower(), _source(visit), visit.desk.limits
    limits.allow("password", f"{source} {email}", WRONG_HERE, WRONG_SECONDS)
    limits.allow("password from", source, WRONG_FROM, WRONG_SECONDS)
    if not limits.is_known(source, email):
        limits.allow("password of", email, WRONG_OF, WRONG_SECONDS)
    with visit.desk.database.reading() as connection:
        person = check_password(connection, email, visit.form["password"])
    if person is None:
        for what, who in (
            ("password", f"{source} {email}"),
            ("password from", source),
            ("password of", email),
        ):
            limits.count(what, who)
        raise Refused(401, "The address and the password don't go together.")
    limits.know(source, email)
    limits.forget("password", f"{source} {email}")
    return with_session(visit, person, done(visit, "/"), WITH_WORD)


def _source(visit: Visit) -> str:
    return visit.request.client.host if visit.request.client else ""


def own_password(visit: Visit) -> Response:
    """Set one's own password, and sign in with it."""
    limits = visit.desk.limits
    limits.check("own password", visit.who.email, 8, WRONG_SECONDS)
    with visit.desk.database.writing() as connection:
        choose_password(
            connection, visit.who, visit.token, visit.form["current"], visit.form["password"]
        )
    return done(visit, "/sign-in")


def by_link(visit: Visit) -> Response:
    """Sign in by a link that works once."""
    visit.desk.limits.check(
        "link", visit.request.client.host if visit.request.client else "", 20, 60
    )
    with visit.desk.database.writing() as connection:
        maker = link_maker(connection, visit.request.path_params["token"])
        person = use_link(connection, visit.request.path_params["token"])
    if person is None:
        raise Refused(401, "This link was used, or has run out. Ask for a new one.")
    return with_session(visit, person, RedirectResponse("/", 303), "a link", maker)


def sign_out(visit: Visit) -> Response:
    """End the session."""
    with visit.desk.database.writing() as connection:
        end_session(connection, visit.who, visit.token)
    answer = done(visit, "/sign-in")
    answer.delete_cookie(
        cookie_name(visit.desk), path="/", secure=visit.desk.secure, httponly=True, samesite="lax"
    )
    return answer


def register(routes: Routes) -> None:
    """Register the ways in and out."""
    routes.read("/sign-in", ANYONE, "The ways to sign in")(sign_in_page)
    routes.write("/sign-in", ANYONE, "Sign in with a local account", SignIn, most=(60, 60.0))(
        sign_in
    )
    routes.read("/sign-in/link/{token}", ANYONE, "Sign in by a link that works once")(by_link)
    routes.write("/password", "see_scope", "Set one's own password", OwnPassword)(own_password)
    routes.write("/sign-out", "see_scope", "Sign out", Nothing)(sign_out)
