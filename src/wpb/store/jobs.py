"""Long runs: asked for, taken by one worker, told of stage by stage, cancelled, and taken up again
after a restart.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from wpb.store.frozen import keep_file
from wpb.store.refusals import Absent, Conflict, Forbidden
from wpb.store.shape import jobs
from wpb.store.trail import Actor, now, record

BEAT_SECONDS, SILENT_SECONDS = 2.0, 12.0
"""How often a worker says that it is alive, and after how long a silence its run is taken up by
another.
"""
MOST_OF_PERSON, MOST_OF_ORGANISATION, MOST_WAITING = 3, 5, 25
"""How many unfinished runs a person, an organisation and the whole queue may have."""
WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"


@dataclass(frozen=True)
class Job:
    """A run in the background and how far it is."""

    id: int
    kind: str
    folder: str
    settings: dict[str, Any]
    standing: str
    stage: str
    person: str
    organisation: str
    at: str
    worker: str
    outcome: str
    file: str | None
    beat: int

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.standing in (DONE, FAILED, CANCELLED)


def _job(row: Row[tuple[Any, ...]]) -> Job:
    return Job(**{**dict(row._mapping), "settings": json.loads(row.settings)})


def ask(
    connection: Connection, actor: Actor, kind: str, folder: str, settings: Mapping[str, Any]
) -> int:
    """Ask for a run and give its number.

    Raises Conflict where the person, the organisation or the whole queue has as many unfinished
    runs as it may have.
    """
    open_ones = connection.execute(
        select(jobs.c.person, jobs.c.organisation).where(jobs.c.standing.in_((WAITING, RUNNING)))
    ).all()
    mine = sum(each.person == actor.person for each in open_ones)
    ours = sum(each.organisation == actor.organisation for each in open_ones)
    if mine >= MOST_OF_PERSON:
        raise Conflict(
            f"{MOST_OF_PERSON} of your own runs are not finished. Wait for one, or cancel one."
        )
    if ours >= MOST_OF_ORGANISATION:
        raise Conflict(
            f"{MOST_OF_ORGANISATION} of your organisation's runs are not finished. Wait for one, or"
            " cancel one."
        )
    if len(open_ones) >= MOST_WAITING:
        raise Conflict(
            f"{MOST_WAITING} runs wait already, of all organisations. Ask again when some are done."
        )
    made = connection.execute(
        insert(jobs).values(
            kind=kind,
            folder=folder,
            settings=json.dumps(dict(settings), sort_keys=True),
            standing=WAITING,
            stage="waiting",
            person=actor.person,
            organisation=actor.organisation,
            at=now(),
        )
    )
    identity = int((made.inserted_primary_key or (0,))[0])
    record(connection, actor, "run asked for", f"run {identity}", kind=kind, folder=folder)
    return identity


def find_job(connection: Connection, identity: int) -> Job:
    """Give a run.

    Raises Absent for one that isn't there.
    """
    row = (
        connection.execute(select(jobs).where(jobs.c.id == identity)).first()
        if 0 < identity < 2**31
        else None
    )
    if row is None:
        raise Absent(f"There is no run {identity}.")
    return _job(row)


def all_jobs(connection: Connection) -> list[Job]:
    """Give every run, the newest first."""
    return [
        _job(row)
        for row in connection.execute(select(jobs).order_by(jobs.c.id.desc()).limit(200)).all()
    ]


def take(connection: Connection, worker: str) -> Job | None:
    """Take the run that has waited longest, for one worker alone; None where none waits."""
    row = connection.execute(
        select(jobs).where(jobs.c.standing == WAITING).order_by(jobs.c.id).limit(1)
    ).first()
    if row is None:
        return None
    connection.execute(
        update(jobs)
        .where(jobs.c.id == row.id)
        .values(standing=RUNNING, stage="starting", worker=worker, beat=int(time.time()))
    )
    return find_job(connection, row.id)


def tell(connection: Connection, identity: int, stage: str) -> bool:
    """Say how far a run is, and give whether it should go on."""
    connection.execute(
        update(jobs).where(jobs.c.id == identity, jobs.c.standing == RUNNING).values(stage=stage)
    )
    return find_job(connection, identity).standing == RUNNING


def finish(
    connection: Connection, identity: int, standing: str, outcome: str, file: bytes | None = None
) -> None:
    """Say how a run ended; one that was cancelled stays so.

    The trail holds the hash of what was found, not its words: they may tell a provider's costs.
    """
    job = find_job(connection, identity)
    if job.standing != RUNNING:
        return
    kept = keep_file(connection, file) if file is not None else None
    connection.execute(
        update(jobs)
        .where(jobs.c.id == identity)
        .values(standing=standing, stage=standing, outcome=outcome, file=kept)
    )
    record(
        connection,
        Actor(job.person, job.organisation),
        f"run {standing}",
        f"run {identity}",
        outcome=hashlib.sha256(outcome.encode()).hexdigest(),
        file=kept,
    )


def cancel(connection: Connection, actor: Actor, identity: int) -> None:
    """Cancel a run that isn't over.

    Raises Conflict where it is over; Forbidden where it is another organisation's.
    """
    job = find_job(connection, identity)
    if job.organisation != actor.organisation:
        raise Forbidden(f"Run {identity} is {job.organisation}'s.")
    if job.is_over:
        raise Conflict(f"Run {identity} is {job.standing} already.")
    connection.execute(
        update(jobs).where(jobs.c.id == identity).values(standing=CANCELLED, stage=CANCELLED)
    )
    record(connection, actor, "run cancelled", f"run {identity}")


def say_alive(connection: Connection, identity: int, worker: str) -> bool:
    """Say that a run's worker is at it, and give whether it should go on: it was not cancelled or
    given to another.
    """
    mine = connection.execute(
        update(jobs)
        .where(jobs.c.id == identity, jobs.c.standing == RUNNING, jobs.c.worker == worker)
        .values(beat=int(time.time()))
    )
    return bool(mine.rowcount)


def hand_back(connection: Connection, identity: int, worker: str) -> None:
    """Put a run back in the queue that its worker can't finish, for the next server."""
    connection.execute(
        update(jobs)
        .where(jobs.c.id == identity, jobs.c.standing == RUNNING, jobs.c.worker == worker)
        .values(standing=WAITING, stage="waiting again after a restart", worker="")
    )


def take_up_again(connection: Connection, silent_seconds: float = SILENT_SECONDS) -> int:
    """Put runs whose worker has been silent that long back in the queue, and give how many; those
    of live workers stay theirs.
    """
    lost = connection.execute(
        select(jobs.c.id, jobs.c.worker).where(
            jobs.c.standing == RUNNING, jobs.c.beat <= int(time.time() - silent_seconds)
        )
    ).all()
    for each in lost:
        hand_back(connection, each.id, each.worker)
    return len(lost)


def is_any_waiting(connection: Connection) -> bool:
    """Say whether a run waits."""
    return (
        connection.execute(select(jobs.c.id).where(jobs.c.standing == WAITING).limit(1)).first()
        is not None
    )


def is_any_silent(connection: Connection) -> bool:
    """Say whether a run's worker has fallen silent."""
    return (
        connection.execute(
            select(jobs.c.id)
            .where(jobs.c.standing == RUNNING, jobs.c.beat <= int(time.time() - SILENT_SECONDS))
            .limit(1)
        ).first()
        is not None
    )
