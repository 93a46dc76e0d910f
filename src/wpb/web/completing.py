"""Checklists and records beside a version: completed point by point with notes, signed, and closed;
what bears on each stands beside it.

Source: handbook 1.1.5, 1.1.6, 4.2; SCIE 3-5; contracting for accountable models 6, 13-22; req 15,
207, 325-327, 338, 340, 341, 347-360.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response

from wpb.governance.checklists import (
    ANSWERS,
    CHECKLISTS,
    CONTRACT_OPTIONS,
    NOTE,
    Checklist,
    open_points,
    score,
    suggest_option,
)
from wpb.governance.contract_form import integration_trade_off, pension_flags
from wpb.governance.named_systems import named_systems
from wpb.kernel.money import whole_pence
from wpb.pooling.checklists import (
    AGREEMENT_CONTENTS,
    BUILDING_BLOCKS,
    POOLING_CHECKLIST,
    SHARING_PRINCIPLES,
)
from wpb.present.words import currency_sign, spell_pounds
from wpb.scope.checklists import ITEMS
from wpb.store.records import NOT_BEGUN, Completed, all_completed, answer, completed, sign_record
from wpb.store.refusals import Absent, Conflict
from wpb.web.answers import data, done, page, rows_csv
from wpb.web.budgets import Shown
from wpb.web.pages import BY_NAME
from wpb.web.reading import current_version, shown_of
from wpb.web.routes import Routes
from wpb.web.visits import Visit

LISTS: dict[str, Checklist] = {
    "readiness": Checklist(
        "readiness",
        "Ready to begin",
        "Enablers that come first.",
        "Handbook 1.1.5, 6.4; req 15",
        ITEMS["readiness"],
    ),
    **CHECKLISTS,
    "pooled_budget": Checklist(
        "pooled_budget",
        "Pooling budgets",
        "Before budgets are pooled.",
        "SCIE 3; req 325",
        POOLING_CHECKLIST,
    ),
    "pooling_agreement": Checklist(
        "pooling_agreement",
        "What a pooling agreement holds",
        "Under section 75 or otherwise.",
        "SCIE 3; req 326",
        AGREEMENT_CONTENTS,
    ),
    "building_blocks": Checklist(
        "building_blocks",
        "Building blocks of sharing",
        "What sharing of risk and benefit rests on.",
        "SCIE 3; req 327",
        BUILDING_BLOCKS,
    ),
    "sharing_principles": Checklist(
        "sharing_principles",
        "Principles of sharing",
        "Agreed before shares are.",
        "Handbook 6.4",
        SHARING_PRINCIPLES,
    ),
}
QUESTIONS = {
    "people_choose": "People can and want to choose for themselves",
    "one_answerable": "One organisation is to answer for the whole",
    "subcontracts": "It would subcontract much of the care",
    "one_sector": "Everything is within one sector",
}


class Answers(BaseModel):
    """Answers and notes by point, in the order of the points, and the revision that was seen."""

    version: int = Field(ge=1, lt=2**31)
    revision: int = Field(ge=0, lt=2**31)
    point: list[str] = Field(default=[], max_length=100)
    answer: list[str] = Field(default=[], max_length=100)
    note: list[str] = Field(default=[], max_length=100)


class RecordSignature(BaseModel):
    """The record as it was seen."""

    version: int = Field(ge=1, lt=2**31)
    revision: int = Field(ge=0, lt=2**31)


def beside(checklist: str, shown: Shown) -> tuple[str, ...]:
    """Say what the budget itself has to say on a checklist, in sentences; nothing for most.

    Source: contracting for accountable models 17, 22; front statements; req 349, 352, 356.
    """
    model = shown.budget.model
    if checklist == "best_interest":
        lists = model["gp_lists"]
        taking_part = {
            code: how
            for code, how, kind in zip(
                lists.text("list_code"),
                lists.text("participation"),
                lists.text("kind"),
                strict=True,
            )
            if kind == "practice"
        }
        return integration_trade_off(taking_part).sentences
    if checklist == "derogations":
        kinds = dict(
            zip(
                model["organisations"].text("organisation"),
                model["organisations"].text("kind"),
                strict=True,
            )
        ) | dict.fromkeys(model["gp_lists"].text("list_code"), "practice")
        contracts = model["subcontracts"]
        return tuple(
            f"{flag.subcontract}, paid to {flag.payee}: {flag.words}"
            for flag in pension_flags(
                zip(contracts.text("subcontract"), contracts.text("payee"), strict=True), kinds
            )
        )
    if checklist == "equality_effect":
        return shifts(shown)
    return ()


def shifts(shown: Shown) -> tuple[str, ...]:
    """Say for each service line what the care model adds to or takes from its spend in the last
    year: investment less saving.

    Source: front statements of the handbook and of contracting for accountable models; req 356.
    """
    impacts, model = shown.budget.care_model, shown.budget.model
    if impacts is None:
        return ("No care model moves money between services in this version.",)
    names = dict(
        zip(
            model["service_lines"].text("service_line"),
            model["service_lines"].text("name"),
            strict=True,
        )
    )
    net, year = impacts.net.value[0, :, -1], shown.budget.years[-1]
    by_service: dict[str, float] = {}
    for row, line in enumerate(impacts.lines):
        by_service[line.service_line] = by_service.get(line.service_line, 0.0) + float(net[row])
    sign = currency_sign(model.settings.currency)
    moved = sorted(
        ((whole_pence(pence), names.get(code, code)) for code, pence in by_service.items()),
        key=lambda each: each[0],
    )
    return tuple(
        f"{name}: {'+' if pence > 0 else ''}{spell_pounds(pence, sign)} in {year} from the care"
        " model"
        for pence, name in moved
        if pence
    )


def _checklist(visit: Visit) -> Checklist:
    found = LISTS.get(visit.request.path_params["checklist"])
    if found is None:
        raise Absent("There is no such checklist.")
    return found


def _held(visit: Visit, checklist: Checklist, version: int) -> Completed:
    with visit.desk.database.reading() as connection:
        return completed(connection, checklist.key, version)


def _suggested(visit: Visit) -> str:
    asked = visit.request.query_params
    return (
        suggest_option(**{name: asked.get(name) == "yes" for name in QUESTIONS})
        if any(name in asked for name in ("asked", *QUESTIONS))
        else ""
    )


def list_rows(visit: Visit) -> list[dict[str, Any]]:
    """List the checklists and how far each is."""
    rows = []
    with visit.desk.database.reading() as connection:
        begun = all_completed(connection, current_version(visit).number)
    for each in LISTS.values():
        held = begun.get(each.key, NOT_BEGUN)
        met, applying = score(each, held.answers)
        left = len(open_points(each, held.answers))
        standing = (
            f"signed by {'; '.join(held.signatures)}"
            if held.signed
            else f"{left} of {len(each.points)} open"
            if left
            else "complete, not signed"
        )
        rows.append(
            {
                "checklist": each.key,
                "title": each.title,
                "about": each.about,
                "source": each.source,
                "points": len(each.points),
                "open": left,
                "met": "" if each.in_words else met,
                "applying": "" if each.in_words else applying,
                "standing": standing,
                "revision": held.revision,
            }
        )
    return rows


def checklist_list(visit: Visit) -> Response:
    """List the checklists, and guide the choice of a contract option."""
    version = current_version(visit)
    chosen = {name for name in QUESTIONS if visit.request.query_params.get(name) == "yes"}
    return page(
        visit,
        "checklists.html.j2",
        "Checklists and records",
        "checklists",
        found=list_rows(visit),
        options=CONTRACT_OPTIONS,
        questions=QUESTIONS,
        chosen=chosen,
        suggested=_suggested(visit),
        number=version.number,
        version=version,
        twin="/checklists",
    )


def checklist_list_json(visit: Visit) -> Response:
    """Give the checklists and how far each is as JSON, with the contract options and the one that
    answers suggest.
    """
    return data(
        {
            "checklists": list_rows(visit),
            "contract_options": CONTRACT_OPTIONS,
            "questions": QUESTIONS,
            "suggested": _suggested(visit),
        }
    )


def checklist_page(visit: Visit) -> Response:
    """Show a checklist to complete and sign.

    Source: handbook 1.1.5, 1.1.6; SCIE 3, 5; contracting for accountable models 6, 20, 25; req 207,
    347, 350, 351, 356, 359.
    """
    checklist, (version, shown) = _checklist(visit), shown_of(visit)
    held = _held(visit, checklist, version.number)
    mine = visit.person.organisation if visit.person else ""
    has_signed = any(f" for {mine}, " in signature for signature in held.signatures)
    see = [(name, BY_NAME[name].title) for name in checklist.see]
    return page(
        visit,
        "checklist.html.j2",
        checklist.title,
        "checklists",
        checklist=checklist,
        held=held,
        open_points=open_points(checklist, held.answers),
        score=score(checklist, held.answers),
        choices=ANSWERS,
        note=NOTE,
        has_signed=has_signed,
        beside=beside(checklist.key, shown),
        see=see,
        number=version.number,
        version=version,
        twin=f"/checklists/{checklist.key}",
    )


def checklist_json(visit: Visit) -> Response:
    """Give a checklist and its answers as JSON."""
    checklist, (version, shown) = _checklist(visit), shown_of(visit)
    held = _held(visit, checklist, version.number)
    met, applying = score(checklist, held.answers)
    return data(
        {
            "checklist": checklist.key,
            "title": checklist.title,
            "source": checklist.source,
            "version": version.number,
            "revision": held.revision,
            "signed": list(held.signatures),
            "open": list(open_points(checklist, held.answers)),
            "met": met,
            "applying": applying,
            "beside": list(beside(checklist.key, shown)),
            "points": _points(checklist, held),
        }
    )


def _points(checklist: Checklist, held: Completed) -> list[dict[str, Any]]:
    return [
        {
            "point": point,
            "words": words,
            "answer": held.answers.get(point, ""),
            "note": held.answers.get(point + NOTE, ""),
        }
        for point, words in checklist.points.items()
    ]


def checklist_csv(visit: Visit) -> Response:
    """Give a checklist's points and answers as CSV."""
    checklist, version = _checklist(visit), current_version(visit)
    return rows_csv(checklist.key, _points(checklist, _held(visit, checklist, version.number)))


def do_answer(visit: Visit) -> Response:
    """Write the answers of a checklist."""
    checklist, form = _checklist(visit), visit.form
    if (
        len(form["point"]) != len(form["answer"])
        or any(point not in checklist.points for point in form["point"])
        or (form["note"] and len(form["note"]) != len(form["point"]))
    ):
        raise Conflict("Answer the points that the checklist has.")
    if not checklist.in_words and any(words not in (*ANSWERS, "") for words in form["answer"]):
        raise Conflict(f"Answer each point {', '.join(ANSWERS)}, and say more in its note.")
    given = dict(zip(form["point"], [words[:5000] for words in form["answer"]], strict=True))
    notes = {
        point + NOTE: words[:5000]
        for point, words in zip(form["point"], form["note"], strict=False)
        if words.strip()
    }
    with visit.desk.database.writing() as connection:
        revision = answer(
            connection,
            visit.who.actor,
            checklist.key,
            form["version"],
            form["revision"],
            given | notes,
        )
    return done(visit, f"/checklists/{checklist.key}?version={form['version']}", revision=revision)


def do_sign_record(visit: Visit) -> Response:
    """Sign a completed checklist; every point has to be answered first."""
    checklist, form = _checklist(visit), visit.form
    with visit.desk.database.writing() as connection:
        held = completed(connection, checklist.key, form["version"])
        if open_points(checklist, held.answers):
            raise Conflict(
                "Answer every point first. One that is not met or does not apply needs a note that"
                " says why."
            )
        sign_record(connection, visit.who.actor, checklist.key, form["version"], form["revision"])
    return done(visit, f"/checklists/{checklist.key}?version={form['version']}")


def system_rows(visit: Visit) -> list[dict[str, Any]]:
    """List the systems and data sets that the sources name, those that hold the words asked for."""
    return [
        asdict(each) | {"tables": ", ".join(each.tables)}
        for each in named_systems(visit.request.query_params.get("find", "")[:100])
    ]


def systems_page(visit: Visit) -> Response:
    """Show the systems that the sources name, what each is called now, and the tables it fills."""
    version = current_version(visit)
    return page(
        visit,
        "systems.html.j2",
        "Systems the guidance names",
        "checklists",
        rows=system_rows(visit),
        wanted=visit.request.query_params.get("find", "")[:100],
        number=version.number,
        version=version,
        twin="/systems",
    )


def register(routes: Routes) -> None:
    """Register checklists, records and the guide to named systems."""
    json_kind, csv_kind = "application/json", "text/csv"
    routes.read("/checklists.json", "see", "Checklists and records", json_kind)(checklist_list_json)
    routes.read("/checklists.csv", "see", "Checklists and records", csv_kind)(
        lambda visit: rows_csv("checklists", list_rows(visit))
    )
    routes.read("/checklists", "see", "Checklists and records")(checklist_list)
    routes.read("/checklists/{checklist}.json", "see", "A checklist", json_kind)(checklist_json)
    routes.read("/checklists/{checklist}.csv", "see", "A checklist", csv_kind)(checklist_csv)
    routes.read("/checklists/{checklist}", "see", "A checklist to complete")(checklist_page)
    routes.write("/checklists/{checklist}", "complete", "Answer a checklist", Answers)(do_answer)
    routes.write(
        "/checklists/{checklist}/sign",
        "complete",
        "Sign a checklist",
        RecordSignature,
        binding=True,
    )(do_sign_record)
    routes.twins("/systems", "see_scope", "Systems the guidance names", "systems", system_rows)
    routes.read("/systems", "see_scope", "Systems the guidance names")(systems_page)
