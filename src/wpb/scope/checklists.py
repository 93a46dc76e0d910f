"""Checklists: the features and characteristics of a whole population budget, and readiness to
begin.

Source: handbook Summary, 1.1.2, 1.1.5, 6.4; overview 2, 3.2, 3.4.
"""

from __future__ import annotations

from wpb.kernel.problems import ProblemLog
from wpb.kernel.words import did_you_mean
from wpb.tables.findings import Finding, judged, not_checked
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn, SectionValue

ITEMS: dict[str, dict[str, str]] = {
    "features": {
        "scope_covered": "It covers the relevant services for the whole population",
        "payment_unlinked": "Payment no longer follows activity",
        "payment_aligned": "All providers and kinds of service are paid to the same ends",
        "prevention_rewarded": "Prevention and wellbeing pay",
        "system_managed": "Outcomes, activity and cost are managed across the system",
    },
    "characteristics": {
        "predictability": "The value is known ahead, for several years",
        "accountability_flexibility": (
            "One party answers for the whole of care and may change how it is given"
        ),
        "risk_and_reward": (
            "Risk and reward signal prevention and the right setting (incentive signals)"
        ),
    },
    "readiness": {
        "case_for_change": "The case for change is agreed",
        "care_model_designed": "The care model is designed",
        "scope_specified": "Services and population in scope are precisely specified",
        "data_available": "Good, current data on activity, quality and cost are to hand",
        "shadow_tested": "The budget has been, or will be, shadow tested and refined",
        "provider_payments": "Rules for payments between providers are agreed",
        "essential_jobs_done": "The ten essential jobs are done, or will be alongside",
    },
}
ESSENTIAL_JOBS = 10
"""How many essential jobs there are (handbook 1.1.5); a model names them in its own words."""


def check_items(model: Model, problems: ProblemLog) -> None:
    """Refuse answers to items that a checklist doesn't have.

    Source: handbook 1.1.5; req 11, 12, 15.
    """
    table = model["checklist_answers"]
    for row, (checklist, item) in enumerate(
        zip(table.text("checklist"), table.text("item"), strict=True)
    ):
        if checklist in ITEMS and item not in ITEMS[checklist]:
            problems.error(
                table.where(row, "item"),
                f"'{item}' is not an item of the checklist {checklist}.",
                f"{did_you_mean(item, ITEMS[checklist])}Its items: {', '.join(ITEMS[checklist])}.",
                "checklist_item",
            )


def answers(model: Model, checklist: str) -> dict[str, str]:
    """The answers to a checklist by item; an item without one has ''.

    Source: handbook Summary, 1.1.2, 1.1.5; req 11, 12, 15.
    """
    table = model["checklist_answers"]
    given = {
        str(table.columns["item"][row]): str(table.columns["answer"][row])
        for row in table.rows_where("checklist", checklist)
    }
    return {item: given.get(item, "") for item in ITEMS.get(checklist) or given}


def readiness_gate(model: Model) -> tuple[str, list[str]]:
    """Say whether the enablers are in place: open where every one is, else closed with those that
    are not; 'not answered' without answers.

    Source: handbook 1.1.5, 6.4; req 15.
    """
    given = answers(model, "readiness")
    if not any(given.values()):
        return "not answered", list(given)
    missing = [item for item, answer in given.items() if answer != "yes"]
    jobs = answers(model, "essential_jobs")
    if "essential_jobs_done" not in missing and (
        len(jobs) < ESSENTIAL_JOBS or any(answer != "yes" for answer in jobs.values())
    ):
        missing.append("essential_jobs_done")
    return ("closed" if missing else "open"), missing


def check_checklists(model: Model) -> list[Finding]:
    """Warn of features, characteristics and enablers that are not met or not stated.

    Source: handbook Summary, 1.1.2, 1.1.5; overview 2, 3.2; req 11, 12, 15.
    """
    found: list[Finding] = []
    table = model["checklist_answers"]
    for checklist in ("features", "characteristics"):
        rows = table.rows_where("checklist", checklist)
        if not rows:
            found.append(
                not_checked(
                    f"checklist_{checklist}",
                    checklist,
                    f"Answer the checklist {checklist} in checklist_answers.",
                )
            )
            continue
        short = [
            f"{ITEMS[checklist][item].lower()} ({answer or 'no answer'})"
            for item, answer in answers(model, checklist).items()
            if answer != "yes"
        ]
        words = (
            f"All {len(ITEMS[checklist])} {checklist} are met."
            if not short
            else f"Of the {checklist}, these are not met: {'; '.join(short)}."
        )
        found.append(
            judged(
                f"checklist_{checklist}",
                checklist,
                not short,
                words,
                "Say in the contract's design how they will be.",
                table.where(rows[0], "answer"),
            )
        )
    gate, missing = readiness_gate(model)
    if gate == "not answered":
        found.append(
            not_checked(
                "readiness", "readiness", "Answer the checklist readiness in checklist_answers."
            )
        )
    else:
        place = table.where(table.rows_where("checklist", "readiness")[0], "answer")
        words = (
            "Every enabler is in place."
            if gate == "open"
            else (
                "These enablers are not in place:"
                f" {'; '.join(ITEMS['readiness'][item].lower() for item in missing)}."
            )
        )
        found.append(
            judged(
                "readiness",
                "readiness",
                gate == "open",
                words,
                "Finish them first, or alongside with a date and an owner; for the essential jobs"
                " list all ten.",
                place,
            )
        )
    return found


def checklists_section(model: Model) -> Section:
    """List every item of every checklist with its answer, statement, owner and date.

    Source: handbook Summary, 1.1.2, 1.1.5; req 11, 12, 15.
    """
    columns = tuple(
        SectionColumn(name, heading)
        for name, heading in (
            ("checklist", "Checklist"),
            ("item", "Item"),
            ("answer", "Answer"),
            ("statement", "Statement"),
            ("evidence", "Evidence"),
            ("owner", "Owner"),
            ("answered_on", "Date"),
        )
    )
    table = model["checklist_answers"]
    rows: list[tuple[SectionValue, ...]] = []
    for checklist in (*ITEMS, "essential_jobs"):
        by_item = {
            str(table.columns["item"][row]): row for row in table.rows_where("checklist", checklist)
        }
        for item in answers(model, checklist):
            words = ITEMS.get(checklist, {}).get(item, item)
            row = by_item.get(item)
            rest = (
                ("not answered", "", "", "", "")
                if row is None
                else tuple(
                    str(table.columns[name][row])
                    for name in ("answer", "statement", "evidence", "owner", "answered_on")
                )
            )
            rows.append((checklist.replace("_", " "), words, *rest))
    return Section(
        "checklists",
        "Checklists",
        "What a whole population budget should be, and what should be in place before it.",
        columns,
        tuple(rows),
    )
