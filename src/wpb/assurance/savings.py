"""Every saving in the path, with who delivers it and how; and the reviews that assumptions have
been through.

Source: handbook 1.1.6, 3.3.2 Dudley, 3.5; overview 3.5; req 185, 190, 199, 205.
"""

from __future__ import annotations

import datetime

from wpb.assurance.figures import Figures, is_said
from wpb.kernel.money import whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.records import Section, SectionColumn, SectionValue, year_columns

KIND_WORDS = {
    "care_model": "Care model",
    "scheme": "Scheme",
    "overlay": "Effect on hospital activity",
    "segment": "Effect on a segment's use",
    "shift": "Shift between settings",
    "unidentified": "Unidentified QIPP",
}


def savings_section(figures: Figures, problems: ProblemLog) -> Section | None:
    """List every saving with its owner and plan; one without either is a saving nobody has said how
    to make.

    Source: handbook 1.1.6; overview 3.5; req 190, 198, 205.
    """
    if figures.impact_saving is None:
        return None
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, line in enumerate(figures.impact_lines):
        if figures.impact_saving.value[0, row].any():
            groups.setdefault(
                (
                    line.kind,
                    line.programme,
                    line.programme_kind,
                    line.service_line,
                    "inside" if line.inside else "outside",
                    line.owner,
                    line.plan,
                ),
                [],
            ).append(row)
    rows: list[tuple[SectionValue, ...]] = []
    bare: dict[str, None] = {}
    for key, members in sorted(groups.items()):
        kind, programme, programme_kind, service, scope, owner, plan = key
        status = (
            "owned and planned"
            if is_said(owner) and is_said(plan)
            else "no owner"
            if not is_said(owner)
            else "no plan"
        )
        if status != "owned and planned":
            bare[programme] = None
        amounts = [
            whole_pence(sum(figures.impact_saving.at(row, year) for row in members))
            for year in range(len(figures.years))
        ]
        rows.append(
            (
                KIND_WORDS[kind],
                programme,
                programme_kind.replace("_", " "),
                service,
                scope,
                owner,
                plan,
                status,
                *amounts,
            )
        )
    if bare:
        problems.warning(
            None,
            f"Savings of {', '.join(bare)} have no owner or no plan, so how they will be made is"
            " not shared.",
            "Enter who delivers each saving and how; unidentified savings need schemes.",
            "saving_unplanned",
        )
    heads = (
        ("kind", "Kind", "text"),
        ("programme", "Programme", "code"),
        ("programme_kind", "National programme", "text"),
        ("service_line", "Service line", "code"),
        ("scope", "Inside or outside", "text"),
        ("owner", "Owner", "text"),
        ("plan", "How it will be made", "text"),
        ("status", "Status", "text"),
    )
    return Section(
        "savings_register",
        "Savings, their owners and plans",
        "The whole modelled saving of each, before any part is left to gain and loss sharing.",
        (*(SectionColumn(*head) for head in heads), *year_columns(figures.years)),  # type: ignore[arg-type]
        tuple(rows),
    )


def programme_section(figures: Figures) -> Section | None:
    """Give savings by the six national programmes and local ones.

    Source: handbook fn 48; req 190.
    """
    saving = figures.impact_saving
    if saving is None or not any(line.programme_kind for line in figures.impact_lines):
        return None
    kinds = sorted(
        {
            line.programme_kind or "not tagged"
            for line in figures.impact_lines
            if line.kind != "unidentified"
        }
    )
    rows: list[tuple[SectionValue, ...]] = []
    for kind in kinds:
        members = [
            row
            for row, line in enumerate(figures.impact_lines)
            if line.kind != "unidentified" and (line.programme_kind or "not tagged") == kind
        ]
        rows.append(
            (
                kind.replace("_", " "),
                *(
                    whole_pence(sum(saving.at(row, year) for row in members))
                    for year in range(len(figures.years))
                ),
            )
        )
    return Section(
        "national_programmes",
        "Savings by national programme",
        "",
        (SectionColumn("programme", "Programme"), *year_columns(figures.years)),
        tuple(rows),
    )


def review_sections(figures: Figures, problems: ProblemLog) -> list[Section]:
    """Give the log of reviews: independent assurance of growth, and clinical and operational
    validation of programmes.

    A review of something the model doesn't have is an error. Where any review is entered, whatever
    has none is listed.
    Source: handbook 3.3.2 Dudley, 3.5; req 185, 199.
    """
    table = figures.model["reviews"]
    if not len(table):
        return []
    _check(figures, problems)
    problems.raise_if_errors()
    headings = {
        "review": "Review",
        "review_kind": "Kind",
        "subject": "Of what",
        "reviewer": "Reviewer",
        "organisation": "For",
        "reviewed_on": "On",
        "outcome": "Outcome",
        "finding": "What was found",
    }
    names = tuple(headings)
    flags = table.flags("independent")
    log = [
        (
            *(
                (
                    str(table.columns[name][row]).replace("_", " ")
                    if name in ("review_kind", "outcome")
                    else str(table.columns[name][row])
                )
                for name in names
            ),
            "yes" if flags[row] else "no",
        )
        for row in range(len(table))
    ]
    columns = (
        *(SectionColumn(name, heading) for name, heading in headings.items()),
        SectionColumn("independent", "Independent"),
    )
    sections = [Section("reviews", "Reviews and sign-offs", "", columns, tuple(sorted(log)))]
    sections.append(_status(figures, problems))
    return sections


def _subjects(figures: Figures) -> dict[str, list[str]]:
    programmes = sorted(
        {line.programme for line in figures.impact_lines if line.kind != "unidentified"}
    )
    return {
        "growth": list(figures.model["growth_categories"].text("growth_category")),
        "clinical": programmes,
        "operational": programmes,
    }


def _check(figures: Figures, problems: ProblemLog) -> None:
    table, known = figures.model["reviews"], _subjects(figures)
    prepared = figures.model.settings.prepared_on
    for row, (kind, subject) in enumerate(
        zip(table.text("review_kind"), table.text("subject"), strict=True)
    ):
        if subject not in known.get(kind, []):
            problems.error(
                table.where(row, "subject"),
                f"A {kind} review is of '{subject}', which is no"
                f" {'growth category' if kind == 'growth' else 'programme, scheme or shift'} of"
                " this model.",
                f"Enter one of {', '.join(known.get(kind, [])[:8]) or 'none'}.",
                "review_subject",
            )
        if kind == "growth" and table.columns["independent"][row] is not True:
            problems.warning(
                table.where(row, "independent"),
                f"The review of growth of '{subject}' was not independent, so it does not count as"
                " assurance.",
                "Have somebody review it who had no part in the model.",
                "review_not_independent",
            )
        day = str(table.columns["reviewed_on"][row])
        if (
            day
            and prepared
            and datetime.date.fromisoformat(day) > datetime.date.fromisoformat(prepared)
        ):
            problems.warning(
                table.where(row, "reviewed_on"),
                f"The review is dated {day}, after the model was prepared on {prepared}.",
                "Correct one of the two dates.",
                "review_date",
            )


def _status(figures: Figures, problems: ProblemLog) -> Section:
    table = figures.model["reviews"]
    rows: list[tuple[SectionValue, ...]] = []
    open_subjects = []
    for kind, subjects in _subjects(figures).items():
        for subject in subjects:
            outcomes = [
                str(table.columns["outcome"][row])
                for row in range(len(table))
                if (table.columns["review_kind"][row], table.columns["subject"][row])
                == (kind, subject)
                and (kind != "growth" or table.columns["independent"][row] is True)
            ]
            status = (
                "not reviewed"
                if not outcomes
                else (
                    "accepted"
                    if all(outcome.startswith("accepted") for outcome in outcomes)
                    else "not accepted"
                    if "not_accepted" in outcomes
                    else "open"
                )
            )
            rows.append((subject, kind, len(outcomes), status))
            if status in ("not accepted", "open") or (
                status == "not reviewed" and kind != "growth"
            ):
                open_subjects.append(f"{subject} ({kind})")
    if open_subjects:
        problems.warning(
            None,
            "Not validated yet:"
            f" {', '.join(open_subjects[:8])}"
            f"{f' and {len(open_subjects) - 8} more' if len(open_subjects) > 8 else ''}.",
            "Have clinicians and operational managers validate each programme, and settle open"
            " reviews.",
            "validation_missing",
        )
    columns = (
        SectionColumn("subject", "Subject", "code"),
        SectionColumn("kind", "Kind of review"),
        SectionColumn("reviews", "Reviews that count", "count"),
        SectionColumn("status", "Status"),
    )
    return Section(
        "review_status",
        "What has been reviewed",
        "A review of growth counts only where it was independent.",
        columns,
        tuple(rows),
    )
