"""The tables of the store. What is agreed or recorded is written once: guards in the database
refuse to change it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


def _table(name: str, *columns: Column[Any] | UniqueConstraint) -> Table:
    return Table(name, metadata, *columns)


def _text(name: str, default: str | None = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


files = _table(
    "files",
    Column("sha256", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""The bytes of every file of every frozen folder, once each."""

folders = _table(
    "folders", Column("sha256", String(64), primary_key=True), _text("listing"), _text("frozen_at")
)
"""A frozen folder: its listing is 'sha256  path' a line, in order of path; its name is the hash of
that listing.
"""

organisations = _table(
    "organisations", Column("code", String(64), primary_key=True), _text("name"), _text("kind")
)

people = _table(
    "people",
    Column("id", Integer, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    _text("name"),
    Column("organisation", String(64), ForeignKey("organisations.code"), nullable=False),
    _text("role"),
    Column("administrator", Boolean, nullable=False),
    _text("password"),
    _text("subject"),
    Column("active", Boolean, nullable=False),
)
"""password: an argon2 hash, or nothing; subject: who they are to the OpenID provider (issuer and
name there).
"""

sessions = _table(
    "sessions",
    Column("token_sha256", String(64), primary_key=True),
    Column("person", Integer, ForeignKey("people.id"), nullable=False),
    Column("until", Integer, nullable=False),
    _text("handed_by"),
)
"""handed_by: who made the link that the session began from, where that was someone else."""

links = _table(
    "links",
    Column("token_sha256", String(64), primary_key=True),
    Column("person", Integer, ForeignKey("people.id"), nullable=False),
    Column("until", Integer, nullable=False),
    _text("made_by"),
)
"""made_by: who made it for someone else; '' for a link of one's own."""

versions = _table(
    "versions",
    Column("number", Integer, primary_key=True),
    Column("folder", String(64), ForeignKey("folders.sha256"), nullable=False),
    Column("parent", Integer, ForeignKey("versions.number"), nullable=True),
    _text("title"),
    _text("reason"),
    _text("made_by"),
    _text("made_at"),
    Column("scenario", Integer, nullable=True),
    UniqueConstraint("folder", "parent", name="one_version_a_folder_and_parent"),
)
"""A version: a frozen folder, its parent, and why it was made. Its standing is read from what was
done to it.
"""

acts = _table(
    "acts",
    Column("id", Integer, primary_key=True),
    Column("version", Integer, ForeignKey("versions.number"), nullable=False),
    _text("act"),
    _text("organisation"),
    _text("person"),
    _text("words"),
    _text("at"),
)
"""What was done to a version: proposed, signed, withdrawn, locked - once each for a party."""

parties = _table(
    "parties",
    Column("version", Integer, ForeignKey("versions.number"), primary_key=True),
    Column("organisation", String(64), ForeignKey("organisations.code"), primary_key=True),
)
"""Who has to sign a proposed version."""

scenarios = _table(
    "scenarios",
    Column("id", Integer, primary_key=True),
    Column("folder", String(64), ForeignKey("folders.sha256"), nullable=False),
    _text("title"),
    _text("reason"),
    _text("changes"),
    _text("made_by"),
    _text("organisation"),
    _text("made_at"),
    Column("revision", Integer, nullable=False),
)
"""An overlay on a frozen folder: changes as JSON, each with what it changes; the folder itself
stays as it is.
"""

remarks = _table(
    "remarks",
    Column("id", Integer, primary_key=True),
    Column("version", Integer, ForeignKey("versions.number"), nullable=False),
    _text("kind"),
    _text("about"),
    _text("words"),
    _text("person"),
    _text("organisation"),
    _text("at"),
    Column("file", String(64), ForeignKey("files.sha256"), nullable=True),
    _text("file_name"),
)
"""Comments, questions, evidence, declarations of interest, consents and contract events: said once,
answered by others.
"""

records = _table(
    "records",
    Column("checklist", String(64), primary_key=True),
    Column("version", Integer, ForeignKey("versions.number"), primary_key=True),
    _text("answers"),
    Column("revision", Integer, nullable=False),
    _text("changed_by"),
    _text("signed"),
)
"""A checklist or record as it stands: answers as JSON; signed holds who, for whom and when, and
then nothing changes.
"""

events = _table(
    "events",
    Column("id", Integer, primary_key=True),
    Column("version", Integer, ForeignKey("versions.number"), nullable=False),
    Column("code", String(64), nullable=False),
    _text("row", "{}"),
    _text("tables", "{}"),
    _text("person"),
    _text("organisation"),
    _text("at"),
    UniqueConstraint("version", "code", name="one_event_a_code"),
)
"""Dated events in the life of a contract that was agreed: the event's row, and the hash of each
table of new figures it came with, as JSON.
"""

results = _table(
    "results",
    Column("inputs", String(64), primary_key=True),
    Column("programme", String(64), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Results by the hash of what they were made from and of the programme that made them; they can be
thrown away at any time.
"""

jobs = _table(
    "jobs",
    Column("id", Integer, primary_key=True),
    _text("kind"),
    Column("folder", String(64), nullable=False),
    _text("settings", "{}"),
    _text("standing"),
    _text("stage"),
    _text("person"),
    _text("organisation"),
    _text("at"),
    _text("worker"),
    _text("outcome"),
    Column("file", String(64), nullable=True),
    Column("beat", Integer, nullable=False, server_default="0"),
)
"""A long run. beat: when its worker last said that it is alive, in seconds since 1970."""

trail = _table(
    "trail",
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("at"),
    _text("person"),
    _text("organisation"),
    _text("act"),
    _text("subject"),
    _text("detail"),
    _text("previous"),
    _text("hash"),
)
"""The audit trail: each row holds the hash of the row before it."""

WRITTEN_ONCE = ("trail", "files", "folders", "versions", "acts", "remarks", "parties", "events")
