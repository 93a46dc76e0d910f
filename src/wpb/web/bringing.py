"""Uploads and long runs: data is checked where it can do no harm, faults are listed by cell, and
what was there before stays.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.responses import Response

from wpb.store.agreements import find_version, make_version
from wpb.store.frozen import freeze, listed, thaw
from wpb.store.jobs import Job, all_jobs, ask, cancel, find_job
from wpb.store.refusals import Absent, Conflict, Forbidden
from wpb.store.shape import files
from wpb.store.trail import record
from wpb.web.answers import data, done, page, rows_csv
from wpb.web.reading import current_version
from wpb.web.routes import Routes
from wpb.web.trying import Grounds
from wpb.web.unpacking import unpack
from wpb.web.visits import Visit
from wpb.web.withholding import LEFT_OUT, problems_seen


class Upload(BaseModel):
    """The version that uploaded tables take the place of."""

    version: int = Field(ge=1, lt=2**31)


class Asked(BaseModel):
    """The version to run."""

    version: int = Field(ge=1, lt=2**31)


class Nothing(BaseModel):
    """A form with nothing to fill in."""


def upload_page(visit: Visit) -> Response:
    """Show the form for an upload, and the uploads so far."""
    version = current_version(visit)
    with visit.desk.database.reading() as connection:
        found = [job for job in all_jobs(connection) if job.kind == "check"]
    return page(
        visit,
        "upload.html.j2",
        "Bring data",
        "upload",
        jobs=found,
        number=version.number,
        version=version,
        twin="/uploads",
    )


def upload(visit: Visit) -> Response:
    """Keep uploaded files apart from every version, and check them in the background."""
    with visit.desk.database.reading() as connection:
        base = find_version(connection, visit.form["version"])
        content = unpack(visit.files, thaw(connection, base.folder))
    with visit.desk.database.writing() as connection:
        folder = freeze(connection, content)
        record(
            connection,
            visit.who.actor,
            "data brought",
            f"folder {folder[:12]}",
            files=[name[:100] for name, _ in visit.files][:20],
            over=base.number,
        )
        identity = ask(connection, visit.who.actor, "check", folder, {"over": base.number})
    return done(visit, f"/runs/{identity}", run=identity)


def ask_run(visit: Visit) -> Response:
    """Ask for a whole run of a version: ledger, tables, workbook and report."""
    with visit.desk.database.writing() as connection:
        version = find_version(connection, visit.form["version"])
        identity = ask(
            connection, visit.who.actor, "run", version.folder, {"version": version.number}
        )
    return done(visit, f"/runs/{identity}", run=identity)


def _job(visit: Visit) -> Job:
    with visit.desk.database.reading() as connection:
        return find_job(connection, int(visit.request.path_params["run"]))


def _mine(visit: Visit) -> Job:
    """Give a run of the person's own organisation, or any for those who see every cost: what it
    found may quote cells.

    Raises Forbidden for another's.
    Source: handbook 2.1.1; req 354.
    """
    job = _job(visit)
    if not visit.may("see_all_cost") and (
        visit.person is None or visit.person.organisation != job.organisation
    ):
        raise Forbidden(
            f"Run {job.id} is {job.organisation}'s. What it found is for {job.organisation} and for"
            " those who see every provider's costs."
        )
    return job


def _found(job: Job) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(job.outcome)["problems"] if job.outcome else []
    return found


def _problems(visit: Visit, job: Job) -> list[dict[str, Any]]:
    """Give what a run found as the visitor may read it; what it says of their own files is
    theirs.
    """
    if visit.sight.sees_all:
        return _found(job)
    with visit.desk.database.reading() as connection:
        held = dict(listed(connection, job.folder))
        over = job.settings.get("over")
        base = listed(connection, find_version(connection, over).folder) if over else {}
    brought = {name for name, digest in held.items() if base.get(name) != digest}
    return problems_seen(_found(job), visit.sight, brought=brought if job.kind == "check" else ())


def _problem_rows(visit: Visit, job: Job) -> list[dict[str, Any]]:
    return [
        {
            "severity": each["severity"],
            **{name: (each.get("where") or {}).get(name, "") for name in ("file", "sheet", "cell")},
            "what": each["what"],
            "fix": each["fix"],
        }
        for each in _problems(visit, job)
    ]


def run_list(visit: Visit) -> Response:
    """List the runs."""
    version = current_version(visit)
    with visit.desk.database.reading() as connection:
        return page(
            visit,
            "runs.html.j2",
            "Runs",
            "runs",
            jobs=all_jobs(connection),
            number=version.number,
            version=version,
            twin="/runs",
        )


def run_rows(visit: Visit) -> list[dict[str, Any]]:
    """List the runs as data."""
    with visit.desk.database.reading() as connection:
        return [
            {
                "run": job.id,
                "kind": job.kind,
                "folder": job.folder,
                "standing": job.standing,
                "stage": job.stage,
                "asked_by": job.person,
                "organisation": job.organisation,
                "at": job.at,
            }
            for job in all_jobs(connection)
        ]


def run_page(visit: Visit) -> Response:
    """Show how far a run is and what it found."""
    job, version = _mine(visit), current_version(visit)
    problems = _problems(visit, job)
    return page(
        visit,
        "run.html.j2",
        f"{'Check of uploaded data' if job.kind == 'check' else 'Run'} {job.id}",
        "runs",
        job=job,
        problems=problems,
        errors=sum(each["severity"] == "error" for each in problems),
        stopped=any(each["severity"] == "error" for each in _found(job)),
        left_out="" if visit.sight.sees_all else LEFT_OUT,
        mine=visit.person is not None and visit.person.organisation == job.organisation,
        number=version.number,
        version=version,
        twin=f"/runs/{job.id}",
    )


def run_json(visit: Visit) -> Response:
    """Give how far a run is as JSON."""
    job = _mine(visit)
    return data(
        {
            "run": job.id,
            "kind": job.kind,
            "folder": job.folder,
            "standing": job.standing,
            "stage": job.stage,
            "over": job.is_over,
            "problems": _problems(visit, job),
            "left_out": "" if visit.sight.sees_all else LEFT_OUT,
        }
    )


def run_file(visit: Visit) -> Response:
    """Give a run's results as a zip: it holds everything, so it is for those who may see every
    provider's costs.
    """
    visit.need("see_all_cost")
    job = _job(visit)
    with visit.desk.database.reading() as connection:
        row = connection.execute(
            select(files.c.content).where(files.c.sha256 == (job.file or ""))
        ).first()
    if row is None:
        raise Absent("This run has no results to fetch.")
    return Response(
        bytes(row.content),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="results-{job.id}.zip"'},
    )


def _own_run(visit: Visit) -> None:
    job = _job(visit)
    if job.organisation != visit.who.organisation:
        raise Forbidden(f"Run {job.id} is {job.organisation}'s.")


def cancel_run(visit: Visit) -> Response:
    """Cancel a run."""
    with visit.desk.database.writing() as connection:
        cancel(connection, visit.who.actor, int(visit.request.path_params["run"]))
    return done(visit, f"/runs/{visit.request.path_params['run']}")


def run_version(visit: Visit) -> Response:
    """Make a version of uploaded data that was checked and holds no error."""
    job = _job(visit)
    if (
        job.kind != "check"
        or job.standing != "done"
        or any(each["severity"] == "error" for each in _found(job))
    ):
        raise Conflict(
            "Only uploaded data that was checked, with no error left, can become a version."
        )
    with visit.desk.database.writing() as connection:
        number = make_version(
            connection,
            visit.who.actor,
            thaw(connection, job.folder),
            visit.form["title"],
            visit.form["reason"],
            parent=job.settings.get("over"),
        )
    return done(visit, f"/versions/{number}", version=number)


def register(routes: Routes) -> None:
    """Register uploads and runs."""
    routes.twins(
        "/uploads",
        "save",
        "Uploads that were checked",
        "uploads",
        lambda visit: [row for row in run_rows(visit) if row["kind"] == "check"],
    )
    routes.read("/uploads", "save", "Bring data")(upload_page)
    routes.write(
        "/uploads", "save", "Bring a workbook, a zip or tables", Upload, files=True, most=(20, 60.0)
    )(upload)
    routes.twins("/runs", "see", "Every run", "runs", run_rows)
    routes.read("/runs", "see", "Every run")(run_list)
    routes.write("/runs", "save", "Ask for a whole run", Asked, most=(30, 60.0))(ask_run)
    routes.read("/runs/{run:int}.json", "see", "How far a run is", "application/json")(run_json)
    routes.read("/runs/{run:int}.csv", "see", "What a run found", "text/csv")(
        lambda visit: rows_csv("problems", _problem_rows(visit, _mine(visit)))
    )
    routes.read("/runs/{run:int}.zip", "see", "A run's results", "application/zip")(run_file)
    routes.read("/runs/{run:int}", "see", "How far a run is, and what it found")(run_page)
    routes.write("/runs/{run:int}/cancel", "save", "Cancel a run", Nothing, own=_own_run)(
        cancel_run
    )
    routes.write(
        "/runs/{run:int}/version", "make", "Make a version of checked data", Grounds, own=_own_run
    )(run_version)
