"""What happens when the app starts on a model: it is frozen as a version if it is new, and its
owner gets a link in.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import wpb
from wpb.governance.roles import ROLES
from wpb.store.agreements import all_versions, make_version
from wpb.store.database import Database
from wpb.store.frozen import freeze, listing_of, model_files
from wpb.store.people import (
    add_organisations,
    add_person,
    all_organisations,
    find_person,
    make_link,
)
from wpb.store.refusals import Conflict
from wpb.store.trail import Actor
from wpb.web.ownership import keep_owners

OWNER = "you@this-machine.local"
STARTER = Actor("wpb serve", "")
COMMAND = Actor("wpb administrator", "")
PREPARED = ", as prepared on "


def open_model(database: Database, path: Path) -> str:
    """Freeze a model as a version unless it is one already, enter its organisations, and give its
    title.

    Raises InputProblems for a model that can't be read; UsageProblem for one that holds people's
    records.
    """
    content = model_files(path)
    listing = hashlib.sha256(listing_of(content).encode()).hexdigest()
    with database.reading() as connection:
        for version in all_versions(connection):
            if version.folder == listing and version.made_by == STARTER.person:
                return version.title.partition(PREPARED)[
                    0
                ]  # known already: nothing is read before the first page asks
    model = wpb.load(path).model
    table = model["organisations"]
    found = {
        code: (name, kind)
        for code, name, kind in zip(
            table.text("organisation"), table.text("name"), table.text("kind"), strict=True
        )
    }
    contracts = model["contracts"]
    owners = dict(zip(contracts.text("contract"), contracts.text("provider"), strict=True))
    keep_owners(database, listing, owners)
    with database.writing() as connection:
        add_organisations(connection, STARTER, found)
        held = all_versions(connection)
        folder = freeze(connection, content)
        if folder not in {version.folder for version in held}:
            make_version(
                connection,
                STARTER,
                content,
                f"{model.settings.title}{PREPARED}{model.settings.prepared_on}",
                "Opened from the model folder",
                parent=held[0].number if held else None,
            )
    return model.settings.title


def enter_administrator(
    database: Database, email: str, name: str, organisation: str, password: str = ""
) -> str:
    """Enter an administrator from the command line, and give a link token that signs them in once.

    An organisation that isn't there yet is entered as a commissioner. Whoever is an administrator
    already gets a link alone.
    Raises Conflict for someone who is there and is no administrator, or a short password.
    """
    with database.writing() as connection:
        person = find_person(connection, email)
        if person is not None and not person.administrator:
            raise Conflict(f"{email} is there already, and is no administrator.")
        if person is None:
            if organisation not in all_organisations(connection):
                found = {organisation: (organisation, "commissioner")}
                add_organisations(connection, COMMAND, found)
            identity = add_person(
                connection,
                COMMAND,
                email,
                name,
                organisation,
                "commissioner",
                administrator=True,
                password=password,
            )
        else:
            identity = person.id
        return make_link(connection, identity, made_by=COMMAND)


def way_in(database: Database) -> str:
    """Make the owner of this machine a person of the app, and give a link token that signs them in
    once.
    """
    with database.writing() as connection:
        person = find_person(connection, OWNER)
        if person is not None:
            return make_link(connection, person.id)
        codes = list(all_organisations(connection))
        if not codes:
            add_organisations(connection, STARTER, {"OWN": ("This organisation", "commissioner")})
            codes = ["OWN"]
        from sqlalchemy import select

        from wpb.store.shape import organisations

        first = (
            connection.execute(
                select(organisations.c.code)
                .where(organisations.c.kind == "commissioner")
                .order_by(organisations.c.code)
            )
            .scalars()
            .first()
            or codes[0]
        )
        assert "commissioner" in ROLES
        return make_link(
            connection,
            add_person(
                connection,
                STARTER,
                OWNER,
                "You, at this machine",
                first,
                "commissioner",
                administrator=True,
            ),
        )
