"""What happens to a contract after it was agreed: events are tested on the live contract, then
entered for good.

Source: handbook 4.1-4.4; req 215, 236, 241, 244, 369.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response

import wpb
from wpb.kernel.spreadsheet_text import safe_csv
from wpb.live import live_contract
from wpb.store.agreements import Version, find_version
from wpb.store.events import (
    DATED,
    EVENTS,
    Entered,
    enter_event,
    events_of,
    live_content,
    with_event,
)
from wpb.store.frozen import lay_out
from wpb.store.refusals import Conflict, Forbidden
from wpb.tables.contract_life import EVENT_KINDS, ContractEvents
from wpb.web.answers import data, done, page
from wpb.web.routes import Routes
from wpb.web.visits import Visit

DAY = r"^\d{4}-\d{2}-\d{2}$"
CODE = r"^[A-Za-z0-9_.-]*$"
WORDS = r"^[^=+@\t\r\n-]"
"""Words that a spreadsheet doesn't take for a formula: they come back in a CSV that people open."""


class Event(BaseModel):
    """An event: the columns of the table contract_events, and how many events were seen when it was
    written.
    """

    seen: int = Field(ge=0, lt=2**31)
    event: str = Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")
    event_kind: str = Field(max_length=40)
    effective_on: str = Field(pattern=DAY)
    known_on: str = Field(pattern=DAY)
    refers_to: str = Field("", max_length=64, pattern=CODE)
    list_code: str = Field("", max_length=64, pattern=CODE)
    service_line: str = Field("", max_length=64, pattern=CODE)
    direction: str = Field("", max_length=20)
    party: str = Field("", max_length=64, pattern=CODE)
    counterparty: str = Field("", max_length=64, pattern=CODE)
    funding_stream: str = Field("", max_length=64, pattern=CODE)
    amount: str = Field("", max_length=20)
    accepted_share: str = Field("", max_length=20)
    reason: str = Field(min_length=1, max_length=1000, pattern=WORDS)
    agreed_by: str = Field("", max_length=200, pattern=rf"{WORDS}|^$")


def _version(visit: Visit) -> Version:
    with visit.desk.database.reading() as connection:
        return find_version(connection, int(visit.request.path_params["number"]))


def _spelt(event: Entered) -> dict[str, Any]:
    return {
        **event.row,
        "tables": event.tables,
        "entered_by": event.person,
        "organisation": event.organisation,
        "at": event.at,
    }


def events_page(visit: Visit) -> Response:
    """Show the events entered on a version, and the form to enter one."""
    version = _version(visit)
    mine = (
        visit.person is not None
        and visit.may("sign")
        and visit.person.organisation in version.parties
        and version.standing == "agreed"
    )
    return page(
        visit,
        "events.html.j2",
        f"Events of version {version.number}",
        "versions",
        version=version,
        number=version.number,
        events=visit.desk.events_of(version),
        mine=mine,
        kinds=EVENT_KINDS,
        columns=ContractEvents.spec.columns,
        dated=DATED,
        twin=f"/versions/{version.number}/events",
    )


def events_json(visit: Visit) -> Response:
    """Give the events entered on a version as JSON."""
    version = _version(visit)
    return data(
        {
            "version": version.number,
            "events": [_spelt(each) for each in visit.desk.events_of(version)],
        }
    )


def events_csv(visit: Visit) -> Response:
    """Give the table contract_events as the live contract reads it: what was agreed, and every
    event entered since.
    """
    version = _version(visit)
    with visit.desk.database.reading() as connection:
        content = live_content(connection, version.folder, events_of(connection, version.number))
    found = next(
        (each for path, each in content.items() if PurePosixPath(path).name == f"{EVENTS}.csv"), b""
    )
    return Response(
        safe_csv(found.decode("utf-8-sig")),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{EVENTS}.csv"'},
    )


def _brought(visit: Visit) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, content in (
        (PurePosixPath(name.replace("\\", "/")).name, content)
        for name, content in visit.files
        if content
    ):
        stem = name.removesuffix(".csv")
        if stem == name or stem not in DATED or stem in found:
            raise Conflict(
                f"'{name[:80]}' is not a table an event brings. They are named"
                f" {', '.join(f'{each}.csv' for each in DATED)}."
            )
        found[stem] = content
    return found


def enter(visit: Visit) -> Response:
    """Enter an event: the live contract is worked out with it first, and what contradicts it is
    told by cell.

    Raises InputProblems with what is wrong; Conflict where someone else was first.
    Source: handbook 4.3; req 215, 369.
    """
    version, row = (
        _version(visit),
        {name: value for name, value in visit.form.items() if name != "seen"},
    )
    tables = _brought(visit)
    with visit.desk.database.reading() as connection:
        content = with_event(
            live_content(connection, version.folder, events_of(connection, version.number)),
            row,
            tables,
        )
    _check(visit.desk.cache / f"trial-{secrets.token_hex(8)}", content)
    with visit.desk.database.writing() as connection:
        enter_event(connection, visit.who.actor, version.number, row, tables, visit.form["seen"])
    return done(visit, f"/versions/{version.number}/events", event=row["event"])


def _check(place: Path, content: dict[str, bytes]) -> None:
    try:
        loaded = wpb.load(lay_out(content, place))
        live_contract(loaded.model, loaded.book)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _party(visit: Visit) -> None:
    version = _version(visit)
    if version.standing != "agreed":
        raise Conflict(
            f"Version {version.number} is {version.standing}. Events belong to a contract that"
            " every party has signed."
        )
    if visit.who.organisation not in version.parties:
        raise Forbidden(f"{visit.who.organisation} is not a party to version {version.number}.")


def register(routes: Routes) -> None:
    """Register the events of a contract."""
    routes.read(
        "/versions/{number:int}/events.json",
        "see",
        "Events entered on a version",
        "application/json",
    )(events_json)
    routes.read(
        "/versions/{number:int}/events.csv", "see", "The contract's events as a table", "text/csv"
    )(events_csv)
    routes.read("/versions/{number:int}/events", "see", "Events entered on a version")(events_page)
    routes.write(
        "/versions/{number:int}/events",
        "sign",
        "Enter an event in the life of a contract",
        Event,
        own=_party,
        files=True,
        most=(30, 60.0),
    )(enter)
