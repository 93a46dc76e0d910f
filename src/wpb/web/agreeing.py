"""Agreement: versions and their differences, what is said of them, proposals and signatures, and
the trail.

Source: handbook 2.1.1, 4.2, 4.3.1; req 353, 354, 357, 369.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.responses import Response

from wpb.governance.checklists import changed_terms, terms_are_fixed
from wpb.present.compared_side import side_of_budget
from wpb.present.comparison import compare
from wpb.present.comparison_text import comparison_lines
from wpb.store.agreements import (
    REMARKS,
    Version,
    all_versions,
    find_version,
    propose,
    remark,
    remarks_on,
    sign,
    withdraw,
)
from wpb.store.people import all_organisations
from wpb.store.records import completed
from wpb.store.refusals import Absent, Conflict, Forbidden
from wpb.store.shape import files, remarks
from wpb.store.trail import export_trail, read_trail, verify_store
from wpb.web.answers import data, done, page, rows_csv
from wpb.web.reading import current_version
from wpb.web.routes import Routes
from wpb.web.visits import Visit
from wpb.web.withholding import difference_seen

EVIDENCE_BYTES = 20 * 1024 * 1024


class Proposal(BaseModel):
    """Who has to sign, and why it is proposed."""

    parties: list[str] = Field(default=[], max_length=50)
    words: str = Field("", max_length=5000)


class Words(BaseModel):
    """Words that go with what is done."""

    words: str = Field("", max_length=5000)


class Signature(BaseModel):
    """What was seen - the folder's fingerprint - and words that go with the signature."""

    folder: str = Field(min_length=64, max_length=64)
    words: str = Field("", max_length=5000)


class Remark(BaseModel):
    """What is said: its kind, what it is about, and the words."""

    kind: str = Field("comment", max_length=20)
    about: str = Field("", max_length=300)
    words: str = Field(max_length=5000)


def _number(visit: Visit) -> int:
    return int(visit.request.path_params["number"])


def _spelt(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "title": version.title,
        "standing": version.standing,
        "folder": version.folder,
        "parent": version.parent,
        "reason": version.reason,
        "made_by": version.made_by,
        "made_at": version.made_at,
        "parties": list(version.parties),
        "signed": list(version.signed),
    }


def version_list(visit: Visit) -> Response:
    """List the versions."""
    version = current_version(visit)
    with visit.desk.database.reading() as connection:
        found = all_versions(connection)
    return page(
        visit,
        "versions.html.j2",
        "Versions",
        "versions",
        versions=found,
        number=version.number,
        version=version,
        twin="/versions",
    )


def version_rows(visit: Visit) -> list[dict[str, Any]]:
    """List the versions as data."""
    return [_spelt(version) for version in visit.desk.standing.now().versions]


def version_page(visit: Visit) -> Response:
    """Show a version: where it stands, what differs from its parent, what was said, and what this
    person may do.
    """
    with visit.desk.database.reading() as connection:
        version = find_version(connection, _number(visit))
        said, names = remarks_on(connection, version.number), all_organisations(connection)
    mine = visit.person.organisation if visit.person else ""
    declared = any(each.kind == "interest" and each.organisation == mine for each in said)
    return page(
        visit,
        "version.html.j2",
        f"Version {version.number}",
        "versions",
        version=version,
        number=version.number,
        said=said,
        names=names,
        kinds=REMARKS,
        mine=mine,
        declared=declared,
        twin=f"/versions/{version.number}",
    )


def _said(visit: Visit) -> list[dict[str, Any]]:
    with visit.desk.database.reading() as connection:
        return [
            {
                name: each._mapping[name]
                for name in (
                    "id",
                    "kind",
                    "about",
                    "words",
                    "person",
                    "organisation",
                    "at",
                    "file_name",
                )
            }
            for each in remarks_on(connection, find_version(connection, _number(visit)).number)
        ]


def version_json(visit: Visit) -> Response:
    """Give a version and what was said of it as JSON."""
    with visit.desk.database.reading() as connection:
        version = find_version(connection, _number(visit))
    return data({**_spelt(version), "remarks": _said(visit)})


def differences(visit: Visit) -> dict[str, Any]:
    """Explain how one version differs from another, to the penny."""
    with visit.desk.database.reading() as connection:
        a, b = (
            find_version(connection, int(visit.request.path_params[name]))
            for name in ("before", "number")
        )
    before, after = (visit.desk.shown(version, visit.patience) for version in (a, b))
    found = compare(
        side_of_budget(before.budget, f"Version {a.number}"),
        side_of_budget(after.budget, f"Version {b.number}"),
    )
    return difference_seen(found, before, after, visit.sight)


def compare_page(visit: Visit) -> Response:
    """Show how one version differs from another."""
    found = differences(visit)
    return page(
        visit,
        "compare.html.j2",
        f"From version {visit.request.path_params['before']} to {_number(visit)}",
        "versions",
        lines=list(comparison_lines(found)),
        found=found,
        number=_number(visit),
        twin=f"/versions/{_number(visit)}/since/{visit.request.path_params['before']}",
    )


def compare_json(visit: Visit) -> Response:
    """Give how one version differs from another as JSON."""
    return data(differences(visit))


def _terms(visit: Visit, version: Version) -> dict[str, str]:
    """Spell the terms that a notice fixes: the contract's own terms, its years, and which services
    are in scope.
    """
    model = visit.desk.shown(version).budget.model
    terms, services = model["contract_terms"], model["service_lines"]
    found = (
        {
            f"{column.name.replace('_', ' ')}": str(terms.columns[column.name][0])
            for column in terms.spec.columns
        }
        if len(terms)
        else {}
    )
    found["years"] = f"{model.settings.years[0]} to {model.settings.years[-1]}"
    return found | {
        f"scope of {code}": scope
        for code, scope in zip(services.text("service_line"), services.text("scope"), strict=True)
    }


def _advertised(visit: Visit) -> Version | None:
    """Give the version whose terms were advertised: the last one with a signed procurement clock
    that says so.
    """
    with visit.desk.database.reading() as connection:
        for version in all_versions(connection):
            clock = completed(connection, "procurement_clock", version.number)
            if terms_are_fixed(clock.answers, clock.signed):
                return version
    return None


def do_propose(visit: Visit) -> Response:
    """Put a version to the parties; once terms were advertised, one that changes them says how it
    keeps within them.

    Raises Conflict, which names each term that differs, where it doesn't.
    Source: handbook 4.2; overview 4.3.1; req 357.
    """
    advertised, words = _advertised(visit), visit.form["words"]
    with visit.desk.database.reading() as connection:
        version = find_version(connection, _number(visit))
    changed = (
        changed_terms(_terms(visit, advertised), _terms(visit, version))
        if advertised is not None and advertised.folder != version.folder
        else ()
    )
    if advertised is not None and not words.strip():
        differ = f" These differ: {'; '.join(changed[:20])}." if changed else ""
        raise Conflict(
            f"The terms of version {advertised.number} were advertised.{differ} Say in your words"
            " how this version keeps within them."
        )
    with visit.desk.database.writing() as connection:
        propose(
            connection,
            visit.who.actor,
            version.number,
            visit.form["parties"],
            "\n".join(
                [words, *(f"Differs from what was advertised - {each}" for each in changed)]
            ).strip(),
        )
    return done(visit, f"/versions/{version.number}")


def do_withdraw(visit: Visit) -> Response:
    """Take a version back."""
    with visit.desk.database.writing() as connection:
        withdraw(
            connection,
            visit.who.actor,
            _number(visit),
            visit.form["words"],
            visit.who.administrator,
        )
    return done(visit, f"/versions/{_number(visit)}")


def _party(visit: Visit) -> None:
    with visit.desk.database.reading() as connection:
        version = find_version(connection, _number(visit))
    if version.standing == "proposed" and visit.who.organisation not in version.parties:
        raise Forbidden(
            f"{visit.who.organisation} is not one of the parties that sign version"
            f" {version.number}."
        )


def do_sign(visit: Visit) -> Response:
    """Sign a version for one's organisation."""
    with visit.desk.database.writing() as connection:
        agreed = sign(
            connection, visit.who.actor, _number(visit), visit.form["folder"], visit.form["words"]
        )
    return done(visit, f"/versions/{_number(visit)}", agreed=agreed)


def do_remark(visit: Visit) -> Response:
    """Say something of a version, with a file where it is evidence."""
    form = visit.form
    if form["kind"] in ("cost_consent", "cost_withdrawal", "interest"):
        visit.need_own_sign_in()
    given = [(name, content) for name, content in visit.files if content]
    if len(given) > 1 or any(len(content) > EVIDENCE_BYTES for _, content in given):
        raise Conflict("Attach one file, of 20 MB at most.")
    with visit.desk.database.writing() as connection:
        identity = remark(
            connection,
            visit.who.actor,
            _number(visit),
            form["kind"],
            form["about"],
            form["words"],
            given[0] if given else None,
        )
    return done(
        visit,
        (
            f"/explain/{form['about']}?version={_number(visit)}"
            if form["about"]
            else f"/versions/{_number(visit)}"
        ),
        remark=identity,
    )


def evidence(visit: Visit) -> Response:
    """Give a file of evidence, always as a download."""
    with visit.desk.database.reading() as connection:
        row = connection.execute(
            select(files.c.content, remarks.c.file_name)
            .join(remarks, remarks.c.file == files.c.sha256)
            .where(remarks.c.id == int(visit.request.path_params["remark"]))
        ).first()
    if row is None:
        raise Absent("There is no such file.")
    name = (
        "".join(
            letter if letter.isascii() and (letter.isalnum() or letter in "._- ") else "_"
            for letter in row.file_name
        )
        or "evidence"
    )
    return Response(
        bytes(row.content),
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _trail(visit: Visit, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give rows of the trail as the visitor may read them: what runs of earlier versions of wpb
    found stands in it in words, which may tell a provider's costs.
    """
    if visit.sight.sees_all:
        return rows
    return [
        (
            {**row, "detail": json.dumps({"withheld": _sha256(row["detail"])})}
            if row["act"].startswith("run ") and '"problems' in row["detail"]
            else row
        )
        for row in rows
    ]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def trail_page(visit: Visit) -> Response:
    """Show the trail, the newest first, and whether it holds."""
    with visit.desk.database.reading() as connection:
        rows, found = read_trail(connection), verify_store(connection)
    return page(
        visit,
        "trail.html.j2",
        "Audit trail",
        "trail",
        rows=_trail(visit, rows)[::-1][:500],
        count=len(rows),
        head=rows[-1]["hash"] if rows else "",
        found=found,
        twin="/trail",
    )


def trail_json(visit: Visit) -> Response:
    """Give the whole trail with the formula that tests it."""
    with visit.desk.database.reading() as connection:
        return data(export_trail(_trail(visit, read_trail(connection))))


def trail_csv(visit: Visit) -> Response:
    """Give the whole trail as CSV."""
    with visit.desk.database.reading() as connection:
        return rows_csv("trail", _trail(visit, read_trail(connection)))


def register(routes: Routes) -> None:
    """Register agreement and the trail."""
    kind = "application/json"
    routes.twins("/versions", "see", "Every version", "versions", version_rows)
    routes.read("/versions", "see", "Every version")(version_list)
    routes.read("/versions/{number:int}.json", "see", "A version", kind)(version_json)
    routes.read("/versions/{number:int}.csv", "see", "What was said of a version", "text/csv")(
        lambda visit: rows_csv("remarks", _said(visit))
    )
    routes.read("/versions/{number:int}", "see", "A version")(version_page)
    routes.read(
        "/versions/{number:int}/since/{before:int}.json", "see", "How two versions differ", kind
    )(compare_json)
    routes.read(
        "/versions/{number:int}/since/{before:int}.csv",
        "see",
        "How two versions differ",
        "text/csv",
    )(
        lambda visit: rows_csv(
            "difference", [{"line": line} for line in comparison_lines(differences(visit))]
        )
    )
    routes.read("/versions/{number:int}/since/{before:int}", "see", "How two versions differ")(
        compare_page
    )
    routes.write(
        "/versions/{number:int}/propose", "propose", "Propose a version", Proposal, binding=True
    )(do_propose)
    routes.write(
        "/versions/{number:int}/withdraw", "propose", "Withdraw a version", Words, binding=True
    )(do_withdraw)
    routes.write("/versions/{number:int}/sign", "sign", "Sign a version", Signature, own=_party)(
        do_sign
    )
    routes.write(
        "/versions/{number:int}/remarks", "remark", "Say something of a version", Remark, files=True
    )(do_remark)
    routes.read("/evidence/{remark:int}", "see", "A file of evidence", "application/octet-stream")(
        evidence
    )
    routes.read("/trail.json", "see_trail", "The audit trail", kind)(trail_json)
    routes.read("/trail.csv", "see_trail", "The audit trail", "text/csv")(trail_csv)
    routes.read("/trail", "see_trail", "The audit trail")(trail_page)
