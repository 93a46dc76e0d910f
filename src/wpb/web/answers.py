"""Answers: pages from templates, data as JSON and CSV, and what went wrong in words with the right
status.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
from python_multipart.exceptions import MultipartParseError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

import wpb
from wpb.governance.roles import ROLE_NAMES
from wpb.governance.visibility import Sight
from wpb.kernel.problems import InputProblems, UsageProblem
from wpb.present.csv_results import csv_text, table_text
from wpb.present.result_table import ResultTable
from wpb.present.words import spell_millions, spell_pounds
from wpb.store.refusals import Absent, Conflict, Forbidden
from wpb.web.once import StillWorking
from wpb.web.pages import PAGES
from wpb.web.visits import Refused

if TYPE_CHECKING:
    from wpb.web.visits import Visit

TEMPLATES = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src"
        " 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
STAGES = {
    "reading": "Reading the inputs",
    "scope": "Scope",
    "current spend": "What is spent today",
    "baseline": "The baseline",
    "forecast": "The forecast",
    "assurance": "What was asked of the forecast",
    "drawing": "Drawing the page",
}
log = logging.getLogger("wpb.web")


@cache
def environment() -> jinja2.Environment:
    """The templates, compiled once."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.Undefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        budget_pages=PAGES,
        wpb_version=wpb.__version__,
        role_names=ROLE_NAMES,
        spell_millions=spell_millions,
        spell_pounds=spell_pounds,
        q=lambda text: quote(str(text), safe="/"),
    )
    return made


def render(template: str, **context: Any) -> str:
    """Render a template, or a part of a page."""
    return environment().get_template(template).render(**context)


def page(
    visit: Visit, template: str, title: str, here: str = "", status: int = 200, **context: Any
) -> Response:
    """Answer with a page."""
    text = render(
        template,
        visit=visit,
        title=title,
        here=here,
        desk=visit.desk,
        number=context.pop("number", None),
        **context,
    )
    return Response(text, status, media_type="text/html")


def data(value: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(
        json.dumps(value, ensure_ascii=False, default=str), status, media_type="application/json"
    )


def table_csv(table: ResultTable) -> Response:
    """Answer with a table as CSV, with nothing in it that a spreadsheet would run."""
    return Response(
        table_text(table),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{table.name}.csv"'},
    )


def rows_csv(name: str, rows: Sequence[Mapping[str, Any]]) -> Response:
    """Answer with rows as CSV, headed by the names in the first, with nothing in it that a
    spreadsheet would run.
    """
    names = list(rows[0]) if rows else []
    return Response(
        csv_text([names, *([_flat(row.get(each)) for each in names] for row in rows)]),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _flat(value: Any) -> Any:
    return (
        "; ".join(str(each) for each in value)
        if isinstance(value, list | tuple)
        else (
            json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict) else value
        )
    )


def done(visit: Visit, location: str, **outcome: Any) -> Response:
    """Answer an action: a browser goes on to a page, a program gets what was done."""
    if visit.wants_html:
        return RedirectResponse(location, 303)
    return data({"done": True, "location": location, **outcome})


def problem_answer(visit: Visit, fault: Exception) -> Response:
    """Answer with what went wrong, in words; a fault of the app's own is logged and told without
    its insides.
    """
    if isinstance(fault, StillWorking):
        return _still_working(visit, str(fault))
    status, words, problems = _told(visit, fault)
    if status == 500:
        log.error("a fault while answering %s", visit.request.url.path, exc_info=fault)
    if not visit.wants_html:
        return data(
            {"problems": problems or [{"severity": "error", "what": words, "fix": ""}]}, status
        )
    title = {
        401: "Sign in",
        403: "Not yours to open",
        404: "Not there",
        409: "Not done",
        413: "Too much",
        429: "Too often",
        500: "A fault in the app",
        503: "Sign-in is away",
    }.get(status, "Not done")
    return page(visit, "problem.html.j2", title, status=status, words=words, problems=problems)


def _problems_told(
    visit: Visit, problems: list[dict[str, Any]]
) -> tuple[int, str, list[dict[str, Any]]]:
    """Give problems that stop something as whoever asks may read them."""
    from wpb.web.withholding import LEFT_OUT, problems_seen

    try:
        sight = visit.sight
    except Exception:  # noqa: BLE001 - whose contracts are whose is not known: tell nobody's figures
        sight = Sight()
    found = problems_seen(problems, sight)
    if not sight.sees_all:
        return 422, f"The inputs hold errors, so nothing is worked out. {LEFT_OUT}", found
    errors = sum(problem["severity"] == "error" for problem in problems)
    words = f"The inputs hold {errors} error{'' if errors == 1 else 's'}, so nothing is worked out."
    return 422, words, found


def _still_working(visit: Visit, stage: str) -> Response:
    """Say how far the figures are; the page looks again by itself, and a program is told when
    to.
    """
    answer = (
        page(
            visit,
            "working.html.j2",
            "Working out the figures",
            status=202,
            stage=STAGES.get(stage, "Reading the inputs"),
        )
        if visit.wants_html
        else data({"working": stage}, 202)
    )
    answer.headers["Retry-After"] = "1"
    return answer


def _told(visit: Visit, fault: Exception) -> tuple[int, str, list[dict[str, Any]]]:
    if isinstance(fault, Refused):
        return fault.status, str(fault), []
    if isinstance(fault, Forbidden):
        return 403, str(fault), []
    if isinstance(fault, Conflict):
        return 409, str(fault), []
    if isinstance(fault, Absent | UsageProblem):
        return 404, str(fault), []
    if isinstance(fault, InputProblems):
        problems = sorted(fault.problems, key=lambda problem: problem.severity != "error")
        return _problems_told(visit, [problem.as_dict() for problem in problems])
    if isinstance(fault, HTTPException | MultipartParseError):
        return 422, "The form can't be read.", []
    return 500, "Something failed inside the app. Nothing was changed. The log says more.", []
