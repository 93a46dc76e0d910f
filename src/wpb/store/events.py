"""Dated events in the life of an agreed contract: entered once, never changed, laid over the frozen
folder when it is read.

An event is a row of the table contract_events, with rows for the tables of dated figures that it
rests on. The folder that was agreed stays as it is; the live folder is that folder with the rows of
every event added, in order.
Source: handbook 4.1-4.4; req 215, 236, 241, 244, 369.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import Connection, Row, insert, select

from wpb.store.agreements import find_version
from wpb.store.frozen import keep_file, thaw
from wpb.store.refusals import Absent, Conflict
from wpb.store.shape import events, files
from wpb.store.trail import Actor, now, record
from wpb.tables.contract_life import ContractEvents

EVENTS = ContractEvents.spec.name
DATED = (
    "population_counts",
    "list_totals",
    "list_changes",
    "patient_movements",
    "type_values",
    "practice_terms",
    "periodic_evidence",
    "aqp_prices",
    "external_activity",
    "delivered_activity",
    "closed_months",
    "monitoring_actuals",
    "sharing_outturn",
    "sharing_measures",
)
"""Tables whose rows carry a day or month of their own, so that an event may bring more of them; a
contract's terms are not among them.
"""


@dataclass(frozen=True)
class Entered:
    """An event as it was entered: its row by column, the hash of each table it brought, who entered
    it, for whom and when.
    """

    code: str
    row: dict[str, str]
    tables: dict[str, str]
    person: str
    organisation: str
    at: str


def _entered(row: Row[tuple[object, ...]]) -> Entered:
    return Entered(
        row.code, json.loads(row.row), json.loads(row.tables), row.person, row.organisation, row.at
    )


def events_of(connection: Connection, number: int) -> tuple[Entered, ...]:
    """Give the events entered on a version, in the order they were entered."""
    return tuple(
        _entered(row)
        for row in connection.execute(
            select(events).where(events.c.version == number).order_by(events.c.id)
        ).all()
    )


def all_events(connection: Connection) -> dict[int, tuple[Entered, ...]]:
    """Give the events of every version that has any."""
    found: dict[int, tuple[Entered, ...]] = {}
    for row in connection.execute(select(events).order_by(events.c.id)).all():
        found[row.version] = (*found.get(row.version, ()), _entered(row))
    return found


def enter_event(
    connection: Connection,
    actor: Actor,
    number: int,
    row: Mapping[str, str],
    tables: Mapping[str, bytes],
    seen: int,
) -> None:
    """Enter an event on an agreed version.

    seen: how many events the person had seen, so that two people who enter at once are told.
    Raises Conflict where the version is not agreed, the code is taken, or someone entered another
    event meanwhile.
    Source: handbook 4.3; req 215, 369.
    """
    version = find_version(connection, number)
    if version.standing != "agreed":
        raise Conflict(
            f"Version {number} is {version.standing}. Events belong to a contract that every party"
            " has signed."
        )
    held = events_of(connection, number)
    if len(held) != seen:
        raise Conflict(
            f"{held[-1].person} entered event {held[-1].code} meanwhile. Yours was not entered:"
            " open the events again, and enter it after that one."
        )
    if row["event"] in {each.code for each in held}:
        raise Conflict(f"There is an event {row['event']} already.")
    kept = {name: keep_file(connection, content) for name, content in tables.items()}
    connection.execute(
        insert(events).values(
            version=number,
            code=row["event"],
            row=json.dumps(dict(row), sort_keys=True),
            tables=json.dumps(kept, sort_keys=True),
            person=actor.person,
            organisation=actor.organisation,
            at=now(),
        )
    )
    record(connection, actor, "event entered", f"version {number}", row=dict(row), tables=kept)


def live_hash(folder: str, entered: Sequence[Entered]) -> str:
    """Hash what a live contract's figures are made from: the frozen folder and its events in
    order.
    """
    if not entered:
        return folder
    return hashlib.sha256(
        json.dumps(
            [folder, *((each.row, each.tables) for each in entered)], sort_keys=True
        ).encode()
    ).hexdigest()


def live_content(
    connection: Connection, folder: str, entered: Sequence[Entered]
) -> dict[str, bytes]:
    """Give the files of a frozen folder with the rows of events added.

    Raises Conflict for rows that can't be added; Absent for a table that is no longer kept.
    """
    content = thaw(connection, folder)
    for each in entered:
        brought = {}
        for name, digest in each.tables.items():
            kept = connection.execute(
                select(files.c.content).where(files.c.sha256 == digest)
            ).first()
            if kept is None or hashlib.sha256(kept.content).hexdigest() != digest:
                raise Absent(
                    f"The table {name} of event {each.code} is no longer what was entered."
                )
            brought[name] = bytes(kept.content)
        content = with_event(content, each.row, brought)
    return content


def with_event(
    content: Mapping[str, bytes], row: Mapping[str, str], tables: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Give a folder's files with the row of an event, and the rows of the tables it brings, added
    at the end.

    Raises Conflict for a folder whose tables are not CSV, a table that no event may add to, or a
    CSV that can't be read.
    """
    found = _added(dict(content), EVENTS, [{name: value for name, value in row.items() if value}])
    for name, brought in tables.items():
        if name not in DATED:
            raise Conflict(
                f"An event can't add to '{name[:60]}'. It may bring rows of {', '.join(DATED)}."
            )
        found = _added(found, name, _rows(brought, name))
    return found


def _rows(content: bytes, name: str) -> list[dict[str, str]]:
    try:
        rows = list(
            csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        )
    except (UnicodeDecodeError, csv.Error) as fault:
        raise Conflict(f"{name}.csv can't be read as CSV.") from fault
    if not rows or any(None in row or None in row.values() for row in rows):
        raise Conflict(
            f"{name}.csv holds no rows."
            if not rows
            else f"A row of {name}.csv has more or fewer cells than its headings."
        )
    return rows


def _added(
    content: dict[str, bytes], name: str, rows: Sequence[Mapping[str, str]]
) -> dict[str, bytes]:
    path = next(
        (
            path
            for path in content
            if path.startswith("inputs/") and PurePosixPath(path).stem == name
        ),
        f"inputs/{name}.csv",
    )
    if not path.endswith(".csv") or "model.yaml" not in content:
        raise Conflict(
            "Events are added to a model of CSV tables. This one is not, so bring the event as an"
            " upload of your own file."
        )
    text = content.get(path, b"").decode("utf-8-sig")
    held = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    names = held[0] + [
        column
        for column in dict.fromkeys(column for row in rows for column in row)
        if column not in held[0]
    ]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([*each, *[""] * (len(names) - len(each))] for each in held[1:])
    writer.writerows([row.get(column, "") for column in names] for row in rows)
    return {**content, path: written.getvalue().encode()}
