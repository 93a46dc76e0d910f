"""People, their organisations, how they sign in, and for how long.

Passwords are kept as argon2 hashes, session and link tokens as SHA-256 of random words that are
never kept.
Source: req 353.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Row, delete, insert, select, update

from wpb.store.refusals import Absent, Conflict
from wpb.store.shape import links, organisations, people, sessions, trail
from wpb.store.trail import Actor, record

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SESSION_SECONDS = 8 * 3600
LINK_SECONDS = 3600
SHORTEST_PASSWORD = 12
WITH_WORD = "a password"
CHOSE, CHOSEN_IN = "password chosen", "password_chosen_in_a_session_by"


@dataclass(frozen=True)
class Person:
    """Someone who can sign in: who they are, for whom they act and in which role."""

    id: int
    email: str
    name: str
    organisation: str
    role: str
    administrator: bool

    @property
    def actor(self) -> Actor:
        """The person as the trail names them."""
        return Actor(f"{self.name} <{self.email}>", self.organisation)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys_password() -> str:
    return _hasher().hash(secrets.token_urlsafe())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _person(row: Row[tuple[object, ...]] | None) -> Person | None:
    return (
        Person(row.id, row.email, row.name, row.organisation, row.role, bool(row.administrator))
        if row is not None and row.active
        else None
    )


def add_organisations(
    connection: Connection, actor: Actor, found: Mapping[str, tuple[str, str]]
) -> None:
    """Enter organisations (code: name, kind) that aren't there yet."""
    known = set(connection.execute(select(organisations.c.code)).scalars())
    for code, (name, kind) in found.items():
        if code not in known:
            connection.execute(insert(organisations).values(code=code, name=name, kind=kind))
            record(connection, actor, "organisation added", code, name=name, kind=kind)


def all_organisations(connection: Connection) -> dict[str, str]:
    """Give the name of every organisation by code."""
    return {
        row.code: row.name
        for row in connection.execute(select(organisations).order_by(organisations.c.name))
    }


def organisation_kinds(connection: Connection) -> dict[str, str]:
    """Give the kind of every organisation by code, as it was entered."""
    return {row.code: row.kind for row in connection.execute(select(organisations))}


def add_person(
    connection: Connection,
    actor: Actor,
    email: str,
    name: str,
    organisation: str,
    role: str,
    administrator: bool = False,
    password: str = "",
    subject: str = "",
) -> int:
    """Enter a person and give their number.

    Raises Conflict for an address that is taken or isn't one, an organisation that isn't there, or
    a short password.
    """
    address = email.strip().lower()
    if "@" not in address or len(address) > 254 or not name.strip():
        raise Conflict("Write a name and an email address.")
    if connection.execute(select(people.c.id).where(people.c.email == address)).first():
        raise Conflict(f"Someone with the address {address} is there already.")
    if (
        connection.execute(
            select(organisations.c.code).where(organisations.c.code == organisation)
        ).first()
        is None
    ):
        raise Conflict(f"There is no organisation {organisation}.")
    if password and len(password) < SHORTEST_PASSWORD:
        raise Conflict(f"A password needs {SHORTEST_PASSWORD} characters or more.")
    kept = _hasher().hash(password) if password else ""
    made = connection.execute(
        insert(people).values(
            email=address,
            name=name.strip(),
            organisation=organisation,
            role=role,
            administrator=administrator,
            password=kept,
            subject=subject,
            active=True,
        )
    )
    record(
        connection,
        actor,
        "person added",
        address,
        name=name.strip(),
        organisation=organisation,
        role=role,
        administrator=administrator,
    )
    return int((made.inserted_primary_key or (0,))[0])


def all_people(connection: Connection) -> list[Person]:
    """Give everyone who can sign in, by name."""
    return [
        person
        for row in connection.execute(select(people).order_by(people.c.name)).all()
        if (person := _person(row))
    ]


def find_person(connection: Connection, email: str) -> Person | None:
    """Give the person with an address, or None."""
    return _person(
        connection.execute(select(people).where(people.c.email == email.strip().lower())).first()
    )


def person_of_subject(connection: Connection, subject: str) -> Person | None:
    """Give the person whom the OpenID provider knows under a name, or None."""
    return (
        _person(connection.execute(select(people).where(people.c.subject == subject)).first())
        if subject
        else None
    )


def stop_person(connection: Connection, actor: Actor, identity: int) -> None:
    """Let a person sign in no more, at once.

    Raises Absent for someone who isn't there.
    """
    row = (
        connection.execute(select(people.c.email).where(people.c.id == identity)).first()
        if 0 < identity < 2**31
        else None
    )
    if row is None:
        raise Absent("There is no such person.")
    connection.execute(update(people).where(people.c.id == identity).values(active=False))
    connection.execute(delete(sessions).where(sessions.c.person == identity))
    connection.execute(delete(links).where(links.c.person == identity))
    record(connection, actor, "person stopped", row.email)


def check_password(connection: Connection, email: str, password: str) -> Person | None:
    """Give the person whose address and password these are, or None; it takes as long either
    way.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    row = connection.execute(select(people).where(people.c.email == email.strip().lower())).first()
    try:
        _hasher().verify(
            row.password if row is not None and row.password else _nobodys_password(), password
        )
    except (VerificationError, InvalidHashError):
        return None
    return _person(row)


def make_link(
    connection: Connection,
    person: int,
    seconds: int = LINK_SECONDS,
    made_by: Actor | None = None,
) -> str:
    """Make a link token that signs a person in once.

    made_by: who makes it for someone else, which stands in the trail, with whom it is for. Whoever
    comes in by such a link signs in again before signing anything.
    """
    token = secrets.token_urlsafe(32)
    row = connection.execute(select(people.c.email).where(people.c.id == person)).first()
    if row is None:
        raise Absent("There is no such person.")
    connection.execute(
        insert(links).values(
            token_sha256=_digest(token),
            person=person,
            until=int(time.time()) + seconds,
            made_by=made_by.person if made_by else "",
        )
    )
    if made_by is not None:
        record(connection, made_by, "sign-in link made", row.email, hours=seconds / 3600)
    return token


def link_maker(connection: Connection, token: str) -> str:
    """Give who made a link for someone else; '' for a link of one's own, or none."""
    row = connection.execute(
        select(links.c.made_by).where(links.c.token_sha256 == _digest(token))
    ).first()
    return str(row.made_by) if row is not None else ""


def use_link(connection: Connection, token: str) -> Person | None:
    """Use a link token up and give whom it signs in, or None where it was used, has run out or
    never was.
    """
    row = connection.execute(select(links).where(links.c.token_sha256 == _digest(token))).first()
    if row is None:
        return None
    connection.execute(delete(links).where(links.c.token_sha256 == row.token_sha256))
    return (
        _person(connection.execute(select(people).where(people.c.id == row.person)).first())
        if row.until > time.time()
        else None
    )


def start_session(
    connection: Connection, person: Person, how: str = "", handed_by: str = ""
) -> str:
    """Start a session and give its token; sessions that have run out are cleared away.

    how: by what the person signed in. handed_by: who made the link that they came by.
    """
    token = secrets.token_urlsafe(32)
    connection.execute(delete(sessions).where(sessions.c.until < int(time.time())))
    connection.execute(
        insert(sessions).values(
            token_sha256=_digest(token),
            person=person.id,
            until=int(time.time()) + SESSION_SECONDS,
            handed_by=handed_by,
        )
    )
    by = f"a link that {handed_by} made" if handed_by else how
    chosen = _chosen_in(connection, person) if how == WITH_WORD else ""
    told = {name: words for name, words in (("by", by), (CHOSEN_IN, chosen)) if words}
    record(connection, person.actor, "signed in", person.email, **told)
    return token


def _chosen_in(connection: Connection, person: Person) -> str:
    """Give the link someone else made in whose session a person chose the password they have; ''
    where they chose it in a session of their own.
    """
    last = connection.execute(
        select(trail.c.detail)
        .where(trail.c.act == CHOSE, trail.c.subject == person.email)
        .order_by(trail.c.number.desc())
        .limit(1)
    ).scalar()
    return str(json.loads(last).get(CHOSEN_IN, "")) if last else ""


def person_of_session(connection: Connection, token: str) -> Person | None:
    """Give whose session a token is, or None."""
    row = connection.execute(
        select(people)
        .join(sessions, sessions.c.person == people.c.id)
        .where(sessions.c.token_sha256 == _digest(token), sessions.c.until > int(time.time()))
    ).first()
    return _person(row)


def handed_by(connection: Connection, token: str) -> str:
    """Give who made the link that a session began from; '' for any other session."""
    row = connection.execute(
        select(sessions.c.handed_by).where(sessions.c.token_sha256 == _digest(token))
    ).first()
    return str(row.handed_by) if row is not None else ""


def choose_password(
    connection: Connection, person: Person, token: str, current: str, password: str
) -> None:
    """Set one's own password; the trail says where a link that someone else made led to it.

    Every other session of the person ends, and this one too: they sign in with it.
    Raises Conflict where the current one isn't right, or the new one is short.
    """
    row = connection.execute(select(people.c.password).where(people.c.id == person.id)).first()
    if (
        row is not None
        and row.password
        and check_password(connection, person.email, current) is None
    ):
        raise Conflict("The current password is not right. Nothing was changed.")
    if len(password) < SHORTEST_PASSWORD:
        raise Conflict(f"A password needs {SHORTEST_PASSWORD} characters or more.")
    maker = handed_by(connection, token)
    connection.execute(
        update(people).where(people.c.id == person.id).values(password=_hasher().hash(password))
    )
    connection.execute(delete(sessions).where(sessions.c.person == person.id))
    told = {CHOSEN_IN: f"a link that {maker} made"} if maker else {}
    record(connection, person.actor, CHOSE, person.email, **told)


def end_session(connection: Connection, person: Person, token: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.token_sha256 == _digest(token)))
    record(connection, person.actor, "signed out", person.email)
