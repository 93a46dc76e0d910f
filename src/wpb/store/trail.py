"""The audit trail: who did what, when, each row bound to the one before by its hash.

hash = SHA-256 of the row's fields and the hash before it, written as one line of JSON. A reader who
has only the export can test it with this formula.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from wpb.store.shape import acts, events, trail, versions

FIELDS = ("number", "at", "person", "organisation", "act", "subject", "detail", "previous")
BEGINNING = "0" * 64
FORMULA = (
    "hash = SHA-256 over UTF-8 of a JSON array [number, at, person, organisation, act, subject,"
    " detail, previous], no spaces, non-ASCII as it is; the first previous is 64 noughts."
)


@dataclass(frozen=True)
class Actor:
    """Who does something: the person's name and the code of the organisation they do it for."""

    person: str
    organisation: str


def now() -> str:
    """The time, to the microsecond, in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def row_hash(row: Mapping[str, Any]) -> str:
    """Hash a row of the trail by the formula that the export carries."""
    line = json.dumps([row[field] for field in FIELDS], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()


def record(connection: Connection, actor: Actor, act: str, subject: str, **detail: Any) -> str:
    """Add a row to the trail within the transaction of what it records, and give its hash."""
    last = connection.execute(
        select(trail.c.number, trail.c.hash).order_by(trail.c.number.desc()).limit(1)
    ).first()
    row: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "at": now(),
        "person": actor.person,
        "organisation": actor.organisation,
        "act": act,
        "subject": subject,
        "detail": json.dumps(detail, sort_keys=True, ensure_ascii=False),
        "previous": last.hash if last else BEGINNING,
    }
    row["hash"] = row_hash(row)
    connection.execute(insert(trail).values(**row))
    return str(row["hash"])


def read_trail(connection: Connection) -> list[dict[str, Any]]:
    """Give every row of the trail, in order."""
    return [
        dict(row._mapping) for row in connection.execute(select(trail).order_by(trail.c.number))
    ]


def export_trail(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Spell the trail so that a reader who has nothing else can test it."""
    return {
        "formula": FORMULA,
        "rows": rows,
        "count": len(rows),
        "head": rows[-1]["hash"] if rows else BEGINNING,
    }


def verify_rows(rows: Iterable[Mapping[str, Any]], head: str = "") -> list[str]:
    """Test a trail and say in words what does not hold; nothing where all does.

    head: the hash a reader noted earlier; a trail that no longer holds it was cut or replaced.
    """
    found: list[str] = []
    previous, hashes = BEGINNING, {BEGINNING}
    for position, row in enumerate(rows, 1):
        missing = [field for field in (*FIELDS, "hash") if field not in row]
        if missing:
            return [*found, f"Row {position} lacks {', '.join(missing)}."]
        if row["number"] != position:
            found.append(
                f"Row {position} carries the number {row['number']}: a row was taken out, put in or"
                " moved."
            )
        if row["previous"] != previous:
            found.append(f"Row {position} does not follow the row before it.")
        if row_hash(row) != row["hash"]:
            found.append(f"Row {position} was changed after it was written.")
        previous = str(row["hash"])
        hashes.add(previous)
    if head and head not in hashes:
        found.append("The trail does not hold the hash you noted: it was cut short or replaced.")
    return found


def verify_export(exported: Any) -> list[str]:
    """Test an exported trail with nothing but the export."""
    if (
        not isinstance(exported, dict)
        or not isinstance(exported.get("rows"), list)
        or not all(isinstance(row, dict) for row in exported["rows"])
    ):
        return ["This is not an exported trail."]
    rows = exported["rows"]
    found = verify_rows(rows, str(exported.get("head", "")))
    if exported.get("count") != len(rows) or (
        rows and rows[-1].get("hash") != exported.get("head")
    ):
        found.append("The export's count and head are not those of its rows: its end was changed.")
    return found


def verify_store(connection: Connection, head: str = "") -> list[str]:
    """Test the trail of a store, and that every version and signature stands in it as it was
    recorded.
    """
    rows = read_trail(connection)
    found = verify_rows(rows, head)
    made = {
        row["subject"]: json.loads(row["detail"]) for row in rows if row["act"] == "version made"
    }
    for version in connection.execute(select(versions).order_by(versions.c.number)):
        kept = made.pop(f"version {version.number}", None)
        if kept is None or (kept["folder"], kept["parent"]) != (version.folder, version.parent):
            found.append(f"Version {version.number} is not the one that the trail recorded.")
    found += [
        f"{subject[:1].upper()}{subject[1:]} stands in the trail but no longer in the store."
        for subject in made
    ]
    done = sorted(
        (row["subject"], row["act"].removeprefix("version "), row["organisation"])
        for row in rows
        if row["act"] in {f"version {act}" for act in ("proposed", "signed", "withdrawn", "locked")}
    )
    kept_acts = sorted(
        (f"version {act.version}", act.act, act.organisation)
        for act in connection.execute(select(acts))
    )
    if done != kept_acts:
        found.append(
            "The signatures and proposals in the store are not those that the trail recorded."
        )
    told = [
        (row["subject"], detail["row"], detail["tables"])
        for row in rows
        if row["act"] == "event entered"
        for detail in [json.loads(row["detail"])]
    ]
    if told != [
        (f"version {event.version}", json.loads(event.row), json.loads(event.tables))
        for event in connection.execute(select(events).order_by(events.c.id))
    ]:
        found.append("The events of contracts in the store are not those that the trail recorded.")
    return found
