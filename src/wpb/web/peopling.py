"""Organisations and people: who is entered by an administrator, with a role, a link or a password.

Source: req 353.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response

from wpb.governance.roles import RIGHTS, ROLE_NAMES, ROLES
from wpb.store.people import (
    add_organisations,
    add_person,
    all_organisations,
    all_people,
    handed_by,
    make_link,
    stop_person,
)
from wpb.store.refusals import Conflict
from wpb.web.answers import done, page
from wpb.web.routes import Routes
from wpb.web.signing_in import Nothing
from wpb.web.visits import Visit


class NewPerson(BaseModel):
    """A person to enter; without a password they come in by link or by their organisation's
    sign-in.
    """

    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    organisation: str = Field(max_length=64)
    role: str = Field(max_length=20)
    password: str = Field("", max_length=1000)
    administrator: bool = False


class NewOrganisation(BaseModel):
    """An organisation to enter."""

    code: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    name: str = Field(min_length=1, max_length=200)
    kind: str = Field(max_length=40)


def people_page(visit: Visit) -> Response:
    """Show who can sign in, and the forms to enter others."""
    with visit.desk.database.reading() as connection:
        found, names = all_people(connection), all_organisations(connection)
    return page(
        visit,
        "people.html.j2",
        "People",
        "people",
        people=found,
        names=names,
        roles=ROLE_NAMES,
        rights=RIGHTS,
        of_role=ROLES,
        twin="/people",
    )


def person_rows(visit: Visit) -> list[dict[str, Any]]:
    """List who can sign in as data."""
    with visit.desk.database.reading() as connection:
        return [
            {
                "person": each.id,
                "name": each.name,
                "email": each.email,
                "organisation": each.organisation,
                "role": each.role,
                "administrator": each.administrator,
            }
            for each in all_people(connection)
        ]


def new_person(visit: Visit) -> Response:
    """Enter a person."""
    form = visit.form
    if form["role"] not in ROLES:
        raise Conflict(f"'{form['role']}' is not a role. The roles: {', '.join(ROLES)}.")
    with visit.desk.database.writing() as connection:
        identity = add_person(
            connection,
            visit.who.actor,
            form["email"],
            form["name"],
            form["organisation"],
            form["role"],
            form["administrator"],
            form["password"],
        )
    return done(visit, "/people", person=identity)


def new_organisation(visit: Visit) -> Response:
    """Enter an organisation."""
    with visit.desk.database.writing() as connection:
        if visit.form["code"] in all_organisations(connection):
            raise Conflict(f"There is an organisation {visit.form['code']} already.")
        add_organisations(
            connection,
            visit.who.actor,
            {visit.form["code"]: (visit.form["name"], visit.form["kind"])},
        )
    return done(visit, "/people")


def stop(visit: Visit) -> Response:
    """Let a person sign in no more."""
    identity = int(visit.request.path_params["person"])
    if identity == visit.who.id:
        raise Conflict("You can't stop yourself. Ask another administrator.")
    with visit.desk.database.writing() as connection:
        stop_person(connection, visit.who.actor, identity)
    return done(visit, "/people")


def new_link(visit: Visit) -> Response:
    """Make a link that signs a person in once, for an administrator to hand over."""
    identity = int(visit.request.path_params["person"])
    with visit.desk.database.writing() as connection:
        if identity not in {person.id for person in all_people(connection)}:
            raise Conflict("There is no such person.")
        # A link of one's own, made in a session that someone else handed over, is theirs as well.
        own = identity == visit.who.id and not handed_by(connection, visit.token)
        made_by = None if own else visit.who.actor
        token = make_link(connection, identity, made_by=made_by)
    if visit.wants_html:
        return page(
            visit,
            "link.html.j2",
            "A link to hand over",
            "people",
            link=(
                f"{visit.desk.address or str(visit.request.base_url).rstrip('/')}/sign-in/link/"
                f"{token}"
            ),
        )
    return done(visit, f"/sign-in/link/{token}", link=f"/sign-in/link/{token}")


def register(routes: Routes) -> None:
    """Register the pages of people."""
    routes.twins("/people", "administer", "People", "people", person_rows)
    routes.read("/people", "administer", "People and organisations")(people_page)
    routes.write("/people", "administer", "Enter a person", NewPerson)(new_person)
    routes.write("/people/{person:int}/stop", "administer", "Stop a person", Nothing)(stop)
    routes.write("/people/{person:int}/link", "administer", "Make a link in", Nothing)(new_link)
    routes.write("/organisations", "administer", "Enter an organisation", NewOrganisation)(
        new_organisation
    )
