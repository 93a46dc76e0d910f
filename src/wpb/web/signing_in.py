"""How people come in and go: a one-time link, a local account, the end of a session."""

from __future__ import annotations

from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from wpb.store.people import (
    SESSION_SECONDS,
    Person,
    check_password,
    end_session,
    start_session,
    use_link,
)
from wpb.web.answers import done, page
from wpb.web.routes import ANYONE, Routes
from wpb.web.visits import Refused, Visit, cookie_name


class SignIn(BaseModel):
    """An address and a password."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)


class Nothing(BaseModel):
    """A form with nothing to fill in."""


def with_session(visit: Visit, person: Person, answer: Response) -> Response:
    """Start a session for a person and put its token in a cookie that no script can read."""
    with visit.desk.database.writing() as connection:
        token = start_session(connection, person)
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
    email = visit.form["email"]
    visit.desk.limits.check("password", email.strip().lower(), 8, 300)
    with visit.desk.database.reading() as connection:
        person = check_password(connection, email, visit.form["password"])
    if person is None:
        raise Refused(401, "The address and the password don't go together.")
    return with_session(visit, person, done(visit, "/"))


def by_link(visit: Visit) -> Response:
    """Sign in by a link that works once."""
    visit.desk.limits.check(
        "link", visit.request.client.host if visit.request.client else "", 20, 60
    )
    with visit.desk.database.writing() as connection:
        person = use_link(connection, visit.request.path_params["token"])
    if person is None:
        raise Refused(401, "This link was used, or has run out. Ask for a new one.")
    return with_session(visit, person, RedirectResponse("/", 303))


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
    routes.write("/sign-out", "see_scope", "Sign out", Nothing)(sign_out)
