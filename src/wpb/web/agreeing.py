"""Agreement: versions and their differences, what is said of them, proposals and signatures, checklists, and the trail.

Source: handbook 2.1.1, 4.3.1; req 15, 207, 325-327, 341, 347, 353-357, 369.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.responses import Response

from wpb.governance.checklists import ANSWERS, CHECKLISTS, CONTRACT_OPTIONS, Checklist, open_points, terms_are_fixed
from wpb.pooling.checklists import AGREEMENT_CONTENTS, BUILDING_BLOCKS, POOLING_CHECKLIST, SHARING_PRINCIPLES
from wpb.present.compared_side import side_of_budget
from wpb.present.comparison import compare
from wpb.present.comparison_text import comparison_lines
from wpb.scope.checklists import ITEMS
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
from wpb.store.records import answer, completed, sign_record
from wpb.store.refusals import Absent, Conflict, Forbidden
from wpb.store.shape import files, remarks
from wpb.store.trail import export_trail, read_trail, verify_store
from wpb.web.answers import data, done, page
from wpb.web.reading import current_version
from wpb.web.routes import Routes
from wpb.web.visits import Visit

EVIDENCE_BYTES = 20 * 1024 * 1024
LISTS: dict[str, Checklist] = {
    "readiness": Checklist("readiness", "Ready to begin", "Enablers that come first.", "Handbook 1.1.5, 6.4; req 15", ITEMS["readiness"]),
    **CHECKLISTS,
    "pooled_budget": Checklist("pooled_budget", "Pooling budgets", "Before budgets are pooled.", "SCIE 3; req 325", POOLING_CHECKLIST),
    "pooling_agreement": Checklist("pooling_agreement", "What a pooling agreement holds", "Under section 75 or otherwise.", "SCIE 3; req 326", AGREEMENT_CONTENTS),
    "building_blocks": Checklist("building_blocks", "Building blocks of sharing", "What sharing of risk and benefit rests on.", "SCIE 3; req 327", BUILDING_BLOCKS),
    "sharing_principles": Checklist("sharing_principles", "Principles of sharing", "Agreed before shares are.", "Handbook 6.4", SHARING_PRINCIPLES),
}


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


class Answers(BaseModel):
    """Answers by point, in the order of the points, and the revision that was seen."""

    version: int = Field(ge=1, lt=2**31)
    revision: int = Field(ge=0, lt=2**31)
    point: list[str] = Field(default=[], max_length=100)
    answer: list[str] = Field(default=[], max_length=100)


class RecordSignature(BaseModel):
    """The record as it was seen."""

    version: int = Field(ge=1, lt=2**31)
    revision: int = Field(ge=0, lt=2**31)


def _number(visit: Visit) -> int:
    return int(visit.request.path_params["number"])


def _spelt(version: Version) -> dict[str, Any]:
    return {"number": version.number, "title": version.title, "standing": version.standing, "folder": version.folder, "parent": version.parent, "reason": version.reason, "made_by": version.made_by, "made_at": version.made_at, "parties": list(version.parties), "signed": list(version.signed)}


def version_list(visit: Visit) -> Response:
    """List the versions."""
    version = current_version(visit)
    with visit.desk.database.reading() as connection:
        found = all_versions(connection)
    return page(visit, "versions.html.j2", "Versions", "versions", versions=found, number=version.number, version=version)


def version_list_json(visit: Visit) -> Response:
    """List the versions as JSON."""
    with visit.desk.database.reading() as connection:
        return data({"versions": [_spelt(version) for version in all_versions(connection)]})


def version_page(visit: Visit) -> Response:
    """Show a version: where it stands, what differs from its parent, what was said, and what this person may do."""
    with visit.desk.database.reading() as connection:
        version = find_version(connection, _number(visit))
        said, names = remarks_on(connection, version.number), all_organisations(connection)
    mine = visit.person.organisation if visit.person else ""
    declared = any(each.kind == "interest" and each.organisation == mine for each in said)
    return page(visit, "version.html.j2", f"Version {version.number}", "versions", version=version, number=version.number, said=said, names=names, kinds=REMARKS, mine=mine, declared=declared)


def version_json(visit: Visit) -> Response:
    """Give a version and what was said of it as JSON."""
    with visit.desk.database.reading() as connection:
        version = find_version(connection, _number(visit))
        said = [{name: each._mapping[name] for name in ("id", "kind", "about", "words", "person", "organisation", "at", "file_name")} for each in remarks_on(connection, version.number)]
    return data({**_spelt(version), "remarks": said})


def differences(visit: Visit) -> dict[str, Any]:
    """Explain how one version differs from another, to the penny."""
    with visit.desk.database.reading() as connection:
        a, b = (find_version(connection, int(visit.request.path_params[name])) for name in ("before", "number"))
    sides = [side_of_budget(visit.desk.shown(version, visit.patience).budget, f"Version {version.number}") for version in (a, b)]
    return compare(*sides)


def compare_page(visit: Visit) -> Response:
    """Show how one version differs from another."""
    found = differences(visit)
    return page(visit, "compare.html.j2", f"From version {visit.request.path_params['before']} to {_number(visit)}", "versions", lines=list(comparison_lines(found)), found=found, number=_number(visit), twin=f"/versions/{_number(visit)}/since/{visit.request.path_params['before']}")


def compare_json(visit: Visit) -> Response:
    """Give how one version differs from another as JSON."""
    return data(differences(visit))


def do_propose(visit: Visit) -> Response:
    """Put a version to the parties; once terms were advertised, say how it keeps within them."""
    with visit.desk.database.writing() as connection:
        for version in all_versions(connection):
            clock = completed(connection, "procurement_clock", version.number)
            if terms_are_fixed(clock.answers, clock.signed) and not visit.form["words"].strip():
                raise Conflict("The terms were advertised. Say in your words how this version keeps within them.")
        propose(connection, visit.who.actor, _number(visit), visit.form["parties"], visit.form["words"])
    return done(visit, f"/versions/{_number(visit)}")


def do_withdraw(visit: Visit) -> Response:
    """Take a version back."""
    with visit.desk.database.writing() as connection:
        withdraw(connection, visit.who.actor, _number(visit), visit.form["words"])
    return done(visit, f"/versions/{_number(visit)}")


def _party(visit: Visit) -> None:
    with visit.desk.database.reading() as connection:
        version = find_version(connection, _number(visit))
    if version.standing == "proposed" and visit.who.organisation not in version.parties:
        raise Forbidden(f"{visit.who.organisation} is not one of the parties that sign version {version.number}.")


def do_sign(visit: Visit) -> Response:
    """Sign a version for one's organisation."""
    with visit.desk.database.writing() as connection:
        agreed = sign(connection, visit.who.actor, _number(visit), visit.form["folder"], visit.form["words"])
    return done(visit, f"/versions/{_number(visit)}", agreed=agreed)


def do_remark(visit: Visit) -> Response:
    """Say something of a version, with a file where it is evidence."""
    form = visit.form
    given = [(name, content) for name, content in visit.files if content]
    if len(given) > 1 or any(len(content) > EVIDENCE_BYTES for _, content in given):
        raise Conflict("Attach one file, of 20 MB at most.")
    with visit.desk.database.writing() as connection:
        identity = remark(connection, visit.who.actor, _number(visit), form["kind"], form["about"], form["words"], given[0] if given else None)
    return done(visit, f"/explain/{form['about']}?version={_number(visit)}" if form["about"] else f"/versions/{_number(visit)}", remark=identity)


def evidence(visit: Visit) -> Response:
    """Give a file of evidence, always as a download."""
    with visit.desk.database.reading() as connection:
        row = connection.execute(select(files.c.content, remarks.c.file_name).join(remarks, remarks.c.file == files.c.sha256).where(remarks.c.id == int(visit.request.path_params["remark"]))).first()
    if row is None:
        raise Absent("There is no such file.")
    name = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._- ") else "_" for letter in row.file_name) or "evidence"
    return Response(bytes(row.content), media_type="application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _checklist(visit: Visit) -> Checklist:
    found = LISTS.get(visit.request.path_params["checklist"])
    if found is None:
        raise Absent("There is no such checklist.")
    return found


def checklist_list(visit: Visit) -> Response:
    """List the checklists and how far each is."""
    version = current_version(visit)
    with visit.desk.database.reading() as connection:
        found = [(each, held := completed(connection, each.key, version.number), len(open_points(each, held.answers))) for each in LISTS.values()]
    return page(visit, "checklists.html.j2", "Checklists and records", "checklists", found=found, options=CONTRACT_OPTIONS, number=version.number, version=version)


def checklist_page(visit: Visit) -> Response:
    """Show a checklist to complete and sign.

    Source: handbook 1.1.5, 1.1.6; SCIE 3, 5; contracting for accountable models 6, 20, 25; req 207, 347, 350, 351, 356, 359.
    """
    checklist, version = _checklist(visit), current_version(visit)
    with visit.desk.database.reading() as connection:
        held = completed(connection, checklist.key, version.number)
    return page(visit, "checklist.html.j2", checklist.title, "checklists", checklist=checklist, held=held, open_points=open_points(checklist, held.answers), choices=ANSWERS, number=version.number, version=version, twin=f"/checklists/{checklist.key}")


def checklist_json(visit: Visit) -> Response:
    """Give a checklist and its answers as JSON."""
    checklist, version = _checklist(visit), current_version(visit)
    with visit.desk.database.reading() as connection:
        held = completed(connection, checklist.key, version.number)
    return data({"checklist": checklist.key, "title": checklist.title, "source": checklist.source, "version": version.number, "revision": held.revision, "signed": held.signed, "open": list(open_points(checklist, held.answers)), "points": [{"point": point, "words": words, "answer": held.answers.get(point, "")} for point, words in checklist.points.items()]})


def do_answer(visit: Visit) -> Response:
    """Write the answers of a checklist."""
    checklist, form = _checklist(visit), visit.form
    if len(form["point"]) != len(form["answer"]) or any(point not in checklist.points for point in form["point"]):
        raise Conflict("Answer the points that the checklist has.")
    with visit.desk.database.writing() as connection:
        revision = answer(connection, visit.who.actor, checklist.key, form["version"], form["revision"], dict(zip(form["point"], [words[:5000] for words in form["answer"]], strict=True)))
    return done(visit, f"/checklists/{checklist.key}?version={form['version']}", revision=revision)


def do_sign_record(visit: Visit) -> Response:
    """Sign a completed checklist; every point has to be answered first."""
    checklist, form = _checklist(visit), visit.form
    with visit.desk.database.writing() as connection:
        held = completed(connection, checklist.key, form["version"])
        if open_points(checklist, held.answers):
            raise Conflict("Answer every point first; one that does not apply is answered with 'not applicable'.")
        sign_record(connection, visit.who.actor, checklist.key, form["version"], form["revision"])
    return done(visit, f"/checklists/{checklist.key}?version={form['version']}")


def trail_page(visit: Visit) -> Response:
    """Show the trail, the newest first, and whether it holds."""
    with visit.desk.database.reading() as connection:
        rows, found = read_trail(connection), verify_store(connection)
    return page(visit, "trail.html.j2", "Audit trail", "trail", rows=rows[::-1][:500], count=len(rows), head=rows[-1]["hash"] if rows else "", found=found)


def trail_json(visit: Visit) -> Response:
    """Give the whole trail with the formula that tests it."""
    with visit.desk.database.reading() as connection:
        return data(export_trail(read_trail(connection)))


def register(routes: Routes) -> None:
    """Register agreement, checklists and the trail."""
    kind = "application/json"
    routes.read("/versions.json", "see", "Every version", kind)(version_list_json)
    routes.read("/versions", "see", "Every version")(version_list)
    routes.read("/versions/{number:int}.json", "see", "A version", kind)(version_json)
    routes.read("/versions/{number:int}", "see", "A version")(version_page)
    routes.read("/versions/{number:int}/since/{before:int}.json", "see", "How two versions differ", kind)(compare_json)
    routes.read("/versions/{number:int}/since/{before:int}", "see", "How two versions differ")(compare_page)
    routes.write("/versions/{number:int}/propose", "propose", "Propose a version", Proposal)(do_propose)
    routes.write("/versions/{number:int}/withdraw", "propose", "Withdraw a version", Words)(do_withdraw)
    routes.write("/versions/{number:int}/sign", "sign", "Sign a version", Signature, own=_party)(do_sign)
    routes.write("/versions/{number:int}/remarks", "remark", "Say something of a version", Remark, files=True)(do_remark)
    routes.read("/evidence/{remark:int}", "see", "A file of evidence", "application/octet-stream")(evidence)
    routes.read("/checklists", "see", "Checklists and records")(checklist_list)
    routes.read("/checklists/{checklist}.json", "see", "A checklist", kind)(checklist_json)
    routes.read("/checklists/{checklist}", "see", "A checklist to complete")(checklist_page)
    routes.write("/checklists/{checklist}", "complete", "Answer a checklist", Answers)(do_answer)
    routes.write("/checklists/{checklist}/sign", "complete", "Sign a checklist", RecordSignature)(do_sign_record)
    routes.read("/trail.json", "see_trail", "The audit trail", kind)(trail_json)
    routes.read("/trail", "see_trail", "The audit trail")(trail_page)
