"""Checklists and records as people complete them: answers point by point, then signed, and then
closed.

Source: handbook 1.1.5; req 15, 325-327, 341, 355.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from wpb.store.agreements import find_version
from wpb.store.refusals import Conflict
from wpb.store.shape import records
from wpb.store.trail import Actor, now, record


@dataclass(frozen=True)
class Completed:
    """A record as it stands: answers by point, its revision, who changed it last, and who signed
    it.
    """

    answers: dict[str, str]
    revision: int
    changed_by: str
    signed: str

    @property
    def signatures(self) -> tuple[str, ...]:
        """Who signed it, for whom and when, in order."""
        return tuple(self.signed.splitlines())


NOT_BEGUN = Completed({}, 0, "", "")


def completed(connection: Connection, checklist: str, version: int) -> Completed:
    """Give a record as it stands; revision 0 where nobody has begun it."""
    row = connection.execute(
        select(records).where(records.c.checklist == checklist, records.c.version == version)
    ).first()
    return (
        Completed(json.loads(row.answers), row.revision, row.changed_by, row.signed)
        if row is not None
        else NOT_BEGUN
    )


def all_completed(connection: Connection, version: int) -> dict[str, Completed]:
    """Give every record of a version that somebody has begun, by its checklist."""
    return {
        row.checklist: Completed(json.loads(row.answers), row.revision, row.changed_by, row.signed)
        for row in connection.execute(select(records).where(records.c.version == version)).all()
    }


def answer(
    connection: Connection,
    actor: Actor,
    checklist: str,
    version: int,
    revision: int,
    answers: Mapping[str, str],
) -> int:
    """Write the answers of a record that is still as the person saw it, and give its new revision.

    Raises Conflict where it is signed, or someone else changed it meanwhile.
    """
    find_version(connection, version)
    held = completed(connection, checklist, version)
    if held.signed:
        raise Conflict("This record is signed and stays as it is. A new version starts a new one.")
    if held.revision != revision:
        raise Conflict(
            f"{held.changed_by} changed this record while you worked on it. Yours was not saved"
            " over it: open it again and add what is missing."
        )
    values = {
        "answers": json.dumps(dict(answers), sort_keys=True),
        "revision": revision + 1,
        "changed_by": actor.person,
    }
    if revision:
        connection.execute(
            update(records)
            .where(records.c.checklist == checklist, records.c.version == version)
            .values(**values)
        )
    else:
        connection.execute(insert(records).values(checklist=checklist, version=version, **values))
    record(
        connection,
        actor,
        "record completed",
        f"{checklist} of version {version}",
        answers=dict(answers),
        revision=revision + 1,
    )
    return revision + 1


def sign_record(
    connection: Connection, actor: Actor, checklist: str, version: int, revision: int
) -> None:
    """Sign a record as the person saw it. The first signature closes it; other organisations may
    add theirs, each once.

    Raises Conflict where the organisation has signed, or the record was never begun or changed
    meanwhile.
    Source: handbook 1.1.5; req 325-327, 355.
    """
    held = completed(connection, checklist, version)
    if any(f" for {actor.organisation}, " in signature for signature in held.signatures):
        raise Conflict(f"{actor.organisation} has signed this record already.")
    if not held.revision or held.revision != revision:
        raise Conflict(
            "Complete the record first."
            if not held.revision
            else "The record was changed since you opened it. Read it again before you sign."
        )
    signed = "\n".join((*held.signatures, f"{actor.person} for {actor.organisation}, {now()[:16]}"))
    connection.execute(
        update(records)
        .where(records.c.checklist == checklist, records.c.version == version)
        .values(signed=signed)
    )
    record(
        connection,
        actor,
        "record signed",
        f"{checklist} of version {version}",
        answers=held.answers,
        revision=revision,
    )
