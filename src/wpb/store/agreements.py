"""Versions of a budget and what parties do to them: make, propose, remark, declare, sign, lock.

A version never changes. What changes is what was done to it, and each act is written once and into
the trail.
Source: handbook 4.3.1; req 353, 354, 369.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select

from wpb.store.frozen import freeze, keep_file
from wpb.store.refusals import Absent, Conflict, Forbidden
from wpb.store.shape import acts, organisations, parties, remarks, trail, versions
from wpb.store.trail import Actor, now, record

REMARKS = {
    "comment": "Comment",
    "question": "Question",
    "evidence": "Evidence",
    "interest": "Declaration of interest",
    "cost_consent": "Consent to show cost data",
    "cost_withdrawal": "Withdrawal of that consent",
}


@dataclass(frozen=True)
class Version:
    """A version and its standing: draft, proposed, withdrawn or agreed; who has to sign it and who
    has.
    """

    number: int
    folder: str
    parent: int | None
    title: str
    reason: str
    made_by: str
    made_at: str
    standing: str
    parties: tuple[str, ...]
    signed: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether people can still remark on it and sign it."""
        return self.standing in ("draft", "proposed")


def make_version(
    connection: Connection,
    actor: Actor,
    content: Mapping[str, bytes],
    title: str,
    reason: str,
    parent: int | None = None,
    scenario: int | None = None,
) -> int:
    """Freeze a folder as a new version and give its number.

    Raises Conflict where the same folder already follows the same parent; Absent for a parent that
    isn't there.
    """
    if parent is not None:
        find_version(connection, parent)
    folder = freeze(connection, content)
    same = versions.c.parent.is_(None) if parent is None else versions.c.parent == parent
    twin = connection.execute(
        select(versions.c.number).where(versions.c.folder == folder, same)
    ).first()
    if twin is not None or (
        parent is not None and find_version(connection, parent).folder == folder
    ):
        raise Conflict(
            f"Version {twin.number if twin else parent} already holds exactly this. Nothing was"
            " changed."
        )
    number = (connection.execute(select(func.max(versions.c.number))).scalar() or 0) + 1
    connection.execute(
        insert(versions).values(
            number=number,
            folder=folder,
            parent=parent,
            title=title,
            reason=reason,
            made_by=actor.person,
            made_at=now(),
            scenario=scenario,
        )
    )
    record(
        connection,
        actor,
        "version made",
        f"version {number}",
        folder=folder,
        parent=parent,
        title=title,
        reason=reason,
    )
    return number


def find_version(connection: Connection, number: int) -> Version:
    """Give a version and its standing.

    Raises Absent for a number that no version has.
    """
    row = (
        connection.execute(select(versions).where(versions.c.number == number)).first()
        if 0 < number < 2**31
        else None
    )
    if row is None:
        raise Absent(f"There is no version {number}.")
    return _with_standing(connection, row)


def all_versions(connection: Connection) -> list[Version]:
    """Give every version, the newest first."""
    return [
        _with_standing(connection, row)
        for row in connection.execute(select(versions).order_by(versions.c.number.desc())).all()
    ]


def _with_standing(connection: Connection, row: Row[tuple[object, ...]]) -> Version:
    done = connection.execute(
        select(acts.c.act, acts.c.organisation)
        .where(acts.c.version == row.number)
        .order_by(acts.c.id)
    ).all()
    names = {each.act for each in done}
    standing = (
        "agreed"
        if "locked" in names
        else "withdrawn"
        if "withdrawn" in names
        else "proposed"
        if "proposed" in names
        else "draft"
    )
    asked = (
        connection.execute(
            select(parties.c.organisation)
            .where(parties.c.version == row.number)
            .order_by(parties.c.organisation)
        )
        .scalars()
        .all()
    )
    signed = tuple(each.organisation for each in done if each.act == "signed")
    return Version(
        row.number,
        row.folder,
        row.parent,
        row.title,
        row.reason,
        row.made_by,
        row.made_at,
        standing,
        tuple(asked),
        signed,
    )


def _act(
    connection: Connection, actor: Actor, number: int, act: str, words: str, **detail: object
) -> None:
    connection.execute(
        insert(acts).values(
            version=number,
            act=act,
            organisation=actor.organisation,
            person=actor.person,
            words=words,
            at=now(),
        )
    )
    record(connection, actor, f"version {act}", f"version {number}", words=words, **detail)


def propose(
    connection: Connection, actor: Actor, number: int, signatories: Sequence[str], words: str
) -> None:
    """Put a version to the parties that have to sign it.

    Raises Conflict where it isn't a draft, or names fewer than two parties or one that isn't known.
    """
    version = find_version(connection, number)
    if version.standing != "draft":
        raise Conflict(
            f"Version {number} is {version.standing}, so it can't be proposed. Make a new version."
        )
    known = set(connection.execute(select(organisations.c.code)).scalars())
    named = list(dict.fromkeys(signatories))
    unknown = [code for code in named if code not in known]
    if len(named) < 2 or unknown:
        raise Conflict(
            f"There is no organisation {', '.join(unknown)}."
            if unknown
            else "Name at least two parties that have to sign."
        )
    for code in named:
        connection.execute(insert(parties).values(version=number, organisation=code))
    _act(connection, actor, number, "proposed", words, folder=version.folder, parties=sorted(named))


def party_of(connection: Connection, number: int) -> str:
    """Give the organisation that proposed a version, or, before that, whose person made it; ''
    where `wpb serve` did.
    """
    proposed = connection.execute(
        select(acts.c.organisation)
        .where(acts.c.version == number, acts.c.act == "proposed")
        .order_by(acts.c.id)
    ).first()
    if proposed is not None:
        return str(proposed.organisation)
    made = connection.execute(
        select(trail.c.organisation).where(
            trail.c.act == "version made", trail.c.subject == f"version {number}"
        )
    ).first()
    return str(made.organisation) if made is not None else ""


def withdraw(
    connection: Connection, actor: Actor, number: int, words: str, administrator: bool = False
) -> None:
    """Take a version back before it is agreed: its own party does, or an administrator, and then
    the trail says so.

    Raises Conflict where it is agreed or withdrawn already; Forbidden for another party.
    """
    version = find_version(connection, number)
    if not version.is_open:
        raise Conflict(f"Version {number} is {version.standing}, and stays so.")
    party = party_of(connection, number)
    if party == actor.organisation and party:
        _act(connection, actor, number, "withdrawn", words)
    elif administrator:
        _act(connection, actor, number, "withdrawn", words, as_administrator=True, of=party)
    else:
        raise Forbidden(
            f"Version {number} is {party or 'the model as it was opened'}'s. Its own party"
            " withdraws it, or an administrator."
        )


def sign(connection: Connection, actor: Actor, number: int, folder: str, words: str) -> bool:
    """Sign a proposed version for a party, and lock it once every party has; give whether it is now
    agreed.

    folder: the hash that the person saw, so that a signature is never for anything else.
    Raises Conflict where it isn't open to signature or no interest was declared; Forbidden for
    someone who is no party to it.
    Source: handbook 2.1.1; req 354.
    """
    version = find_version(connection, number)
    if version.standing != "proposed":
        raise Conflict(f"Version {number} is {version.standing}, so it can't be signed.")
    if actor.organisation not in version.parties:
        raise Forbidden(
            f"{actor.organisation} is not one of the parties that sign version {number}."
        )
    if actor.organisation in version.signed:
        raise Conflict(f"{actor.organisation} has signed version {number} already.")
    if folder != version.folder:
        raise Conflict(
            "What you saw is not what this version holds. Open it again before you sign."
        )
    declared = select(remarks.c.id).where(
        remarks.c.version == number,
        remarks.c.kind == "interest",
        remarks.c.organisation == actor.organisation,
    )
    if connection.execute(declared).first() is None:
        raise Conflict("Declare interests first, or declare that there are none; then sign.")
    _act(connection, actor, number, "signed", words, folder=folder)
    if {*version.signed, actor.organisation} != set(version.parties):
        return False
    _act(
        connection,
        actor,
        number,
        "locked",
        "Every party has signed.",
        folder=folder,
        parties=list(version.parties),
    )
    return True


def remark(
    connection: Connection,
    actor: Actor,
    number: int,
    kind: str,
    about: str,
    words: str,
    file: tuple[str, bytes] | None = None,
) -> int:
    """Say something about a version: a comment, a question on a figure, evidence with its file, a
    declaration, a consent.

    Raises Absent for a version that isn't there; Conflict for a kind that isn't known, or words
    that are missing.
    """
    find_version(connection, number)
    if kind not in REMARKS or not words.strip():
        raise Conflict(
            "Write what you want to say."
            if kind in REMARKS
            else f"'{kind}' is not a kind of remark."
        )
    kept = keep_file(connection, file[1]) if file else None
    made = connection.execute(
        insert(remarks).values(
            version=number,
            kind=kind,
            about=about,
            words=words,
            person=actor.person,
            organisation=actor.organisation,
            at=now(),
            file=kept,
            file_name=file[0] if file else "",
        )
    )
    identity = int((made.inserted_primary_key or (0,))[0])
    record(
        connection,
        actor,
        kind,
        f"version {number}",
        about=about,
        words=words,
        file=kept,
        file_name=file[0] if file else "",
    )
    return identity


def remarks_on(
    connection: Connection, number: int, about: str | None = None
) -> list[Row[tuple[object, ...]]]:
    """Give what was said about a version, or about one figure of it, in order."""
    asked = select(remarks).where(remarks.c.version == number).order_by(remarks.c.id)
    return list(
        connection.execute(asked if about is None else asked.where(remarks.c.about == about)).all()
    )


def consents(connection: Connection) -> frozenset[str]:
    """Give the organisations that let their cost data be shown to the other parties, by what each
    said last.

    Source: handbook 2.1.1; req 354.
    """
    said = connection.execute(
        select(remarks.c.organisation, remarks.c.kind)
        .where(remarks.c.kind.in_(("cost_consent", "cost_withdrawal")))
        .order_by(remarks.c.id)
    ).all()
    last = {each.organisation: each.kind for each in said}
    return frozenset(organisation for organisation, kind in last.items() if kind == "cost_consent")
