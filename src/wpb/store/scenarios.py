"""Scenarios: overlays on a frozen folder, each change with its place; two people's edits never
overwrite one another.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from wpb.store.overlay import Change, changes_from
from wpb.store.refusals import Absent, Conflict, Forbidden
from wpb.store.shape import scenarios
from wpb.store.trail import Actor, now, record


@dataclass(frozen=True)
class Scenario:
    """A scenario as it stands: what it lies on, what it changes and why; revision counts its
    edits.
    """

    id: int
    folder: str
    title: str
    reason: str
    changes: tuple[Change, ...]
    made_by: str
    organisation: str
    revision: int


def _scenario(row: Row[tuple[Any, ...]]) -> Scenario:
    return Scenario(
        row.id,
        row.folder,
        row.title,
        row.reason,
        tuple(changes_from(json.loads(row.changes))),
        row.made_by,
        row.organisation,
        row.revision,
    )


def _spelt(changes: Sequence[Change]) -> str:
    return json.dumps([change.as_dict() for change in changes], sort_keys=True)


def save_scenario(
    connection: Connection,
    actor: Actor,
    folder: str,
    title: str,
    reason: str,
    changes: Sequence[Change],
) -> int:
    """Save a new scenario and give its number.

    Raises Conflict where the title, the reason or every change is missing.
    """
    _check(title, reason, changes)
    made = connection.execute(
        insert(scenarios).values(
            folder=folder,
            title=title.strip(),
            reason=reason.strip(),
            changes=_spelt(changes),
            made_by=actor.person,
            organisation=actor.organisation,
            made_at=now(),
            revision=1,
        )
    )
    identity = int((made.inserted_primary_key or (0,))[0])
    record(
        connection,
        actor,
        "scenario saved",
        f"scenario {identity}",
        folder=folder,
        title=title.strip(),
        reason=reason.strip(),
        changes=json.loads(_spelt(changes)),
        revision=1,
    )
    return identity


def edit_scenario(
    connection: Connection,
    actor: Actor,
    identity: int,
    revision: int,
    title: str,
    reason: str,
    changes: Sequence[Change],
) -> int:
    """Change a scenario that is still as the person saw it, and give its new revision.

    Raises Conflict where someone else changed it meanwhile; Forbidden where it is another
    organisation's.
    """
    _check(title, reason, changes)
    held = find_scenario(connection, identity)
    if held.organisation != actor.organisation:
        raise Forbidden(f"Scenario {identity} is {held.organisation}'s. Save yours as a new one.")
    if held.revision != revision:
        raise Conflict(
            f"Scenario {identity} was changed by {held.made_by} while you worked on it; you saw"
            f" revision {revision}, it is now {held.revision}. Yours was not saved over it: save it"
            " as a new one, or open the other first."
        )
    connection.execute(
        update(scenarios)
        .where(scenarios.c.id == identity)
        .values(
            title=title.strip(),
            reason=reason.strip(),
            changes=_spelt(changes),
            made_by=actor.person,
            revision=revision + 1,
        )
    )
    record(
        connection,
        actor,
        "scenario changed",
        f"scenario {identity}",
        title=title.strip(),
        reason=reason.strip(),
        changes=json.loads(_spelt(changes)),
        revision=revision + 1,
    )
    return revision + 1


def _check(title: str, reason: str, changes: Sequence[Change]) -> None:
    if not title.strip() or not reason.strip() or not changes:
        raise Conflict("A scenario needs a title, a reason and at least one change.")


def find_scenario(connection: Connection, identity: int) -> Scenario:
    """Give a scenario.

    Raises Absent for one that isn't there.
    """
    row = (
        connection.execute(select(scenarios).where(scenarios.c.id == identity)).first()
        if 0 < identity < 2**31
        else None
    )
    if row is None:
        raise Absent(f"There is no scenario {identity}.")
    return _scenario(row)


def all_scenarios(connection: Connection) -> list[Scenario]:
    """Give every scenario, the newest first."""
    return [
        _scenario(row)
        for row in connection.execute(select(scenarios).order_by(scenarios.c.id.desc())).all()
    ]
