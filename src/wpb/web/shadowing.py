"""Asking for a shadow test: a long run in the background, whose results the shadow page shows.

Source: handbook 1.1.5, 6.6; req 299, 300.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from starlette.responses import Response

from wpb.store.agreements import find_version
from wpb.store.jobs import Job, ask
from wpb.web.answers import done
from wpb.web.latest_shadow import KEPT, KIND
from wpb.web.routes import Routes
from wpb.web.visits import Visit

if TYPE_CHECKING:
    from wpb.api import LoadedModel


class Tested(BaseModel):
    """The version to test, the number of runs and their seed."""

    version: int = Field(ge=1, lt=2**31)
    runs: int = Field(2_000, ge=400, le=100_000)
    seed: int = Field(1, ge=0, lt=2**31)


def ask_shadow(visit: Visit) -> Response:
    """Ask for a shadow test of a version."""
    form = visit.form
    with visit.desk.database.writing() as connection:
        version = find_version(connection, form["version"])
        identity = ask(
            connection,
            visit.who.actor,
            KIND,
            version.folder,
            {"version": version.number, "runs": form["runs"], "seed": form["seed"]},
        )
    return done(visit, f"/runs/{identity}", run=identity)


def shadow_file(
    loaded: LoadedModel, job: Job, place: Path, progress: Callable[[str], None]
) -> bytes:
    """Run a shadow test and pack its report, its figures and its tables.

    Raises InputProblems, UsageProblem.
    Source: handbook 1.1.5, 6.6; req 299-301.
    """
    from wpb.live.sharing import model_arrangements
    from wpb.present.shadow_report import write_shadow_report
    from wpb.present.shadow_results import shadow_tables, tables_to_json
    from wpb.shadow.appraisal import appraise
    from wpb.shadow.replay import months_recorded
    from wpb.shadow.shadow_test import shadow_test

    arrangements = model_arrangements(loaded.model.arrangements_place)
    results = shadow_test(
        loaded.run(), arrangements, job.settings["runs"], job.settings["seed"], progress=progress
    )
    found = appraise(results, months_in_shadow=months_recorded(results.budget), progress=progress)
    write_shadow_report(results, found, place, progress=progress)
    (place / KEPT).write_text(tables_to_json(shadow_tables(results, found)), encoding="utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(place.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def register(routes: Routes) -> None:
    """Register asking for a shadow test."""
    routes.write(
        "/shadow-runs", "save", "Ask for a shadow test of a version", Tested, most=(10, 60.0)
    )(ask_shadow)


__all__ = ["Tested", "ask_shadow", "register", "shadow_file"]
