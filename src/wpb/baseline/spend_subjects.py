"""Which budget lines a contract, or a line of other spend, stands for; and what is repaired, with
the grade that costs.

Source: handbook 2.2; req 20-29.
"""

from __future__ import annotations

from dataclasses import replace

from wpb.kernel.calendar import start_year
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Line, Route

REPAIR_WORDS = {
    "rolled_forward": "last year's spend, rolled forward",
    "part_year": "part of a year, made up to twelve months",
}
SUBJECT_TABLES = ("spend_repairs", "roll_forward", "monthly_spend", "spend_history", "events")


def subject_of(line: Line) -> str:
    """What a line belongs to: its contract, or itself where it has none.

    Source: handbook 2.2; req 20.
    """
    return line.contract or line.code


def lines_by_subject(lines: BudgetLines) -> dict[str, list[int]]:
    """The rows of the budget lines of each contract, and of each line of other spend.

    Source: handbook 2.2; req 20.
    """
    found: dict[str, list[int]] = {}
    for row, line in enumerate(lines.lines):
        found.setdefault(subject_of(line), []).append(row)
    return found


def repairs(model: Model) -> dict[str, str]:
    """How each subject's spend is repaired, by its code.

    Source: handbook 2.2; req 20, 25.
    """
    table = model["spend_repairs"]
    return dict(zip(table.text("subject"), table.text("repair"), strict=True))


def with_repair_grade(model: Model, route: Route) -> Route:
    """Grade a repaired line second at best: the current year's own spend is what the handbook
    prefers.

    Source: handbook 2.2, Table 2; req 37.
    """
    repaired = repairs(model)
    if not repaired:
        return route
    lines = tuple(
        _lowered(line, repaired[subject_of(line)]) if subject_of(line) in repaired else line
        for line in route.lines
    )
    return replace(route, lines=lines)


def _lowered(line: Line, repair: str) -> Line:
    words = REPAIR_WORDS[repair]
    if line.grade > 2:
        return replace(line, grade_reason=f"{line.grade_reason}; {words}")
    return replace(
        line, grade=2, grade_reason=f"{line.grade_reason}; {words}" if line.grade == 2 else words
    )


def check_subjects(model: Model, problems: ProblemLog) -> None:
    """Refuse repairs, months, history and events of something that is neither a contract nor a line
    of other spend.

    Source: handbook 2.2, 2.7; req 20-28.
    """
    known = {*model["contracts"].text("contract"), *model["direct_spend"].text("budget_line")}
    for name in SUBJECT_TABLES:
        table = model[name]
        for row, subject in enumerate(table.text("subject")):
            if subject not in known:
                problems.error(
                    table.where(row, "subject"),
                    f"'{subject}' is neither a contract nor a line of other spend.",
                    "Enter a code from contracts or direct_spend.",
                    "subject_unknown",
                )


def check_repairs(model: Model, problems: ProblemLog) -> None:
    """Refuse a repair whose year does not fit: last year's for what is rolled forward, the spend
    year for part of a year.

    Source: handbook 2.2; req 20, 25.
    """
    table, year = model["spend_repairs"], model.settings.spend_year
    effective = dict(
        zip(
            model["contracts"].text("contract"),
            model["contracts"].text("effective_year"),
            strict=True,
        )
    )
    effective |= dict(
        zip(
            model["direct_spend"].text("budget_line"),
            model["direct_spend"].text("effective_year"),
            strict=True,
        )
    )
    for row, (subject, repair, start) in enumerate(
        zip(table.text("subject"), table.text("repair"), table.text("from_year"), strict=True)
    ):
        gap = start_year(year) - start_year(start)
        if gap != (1 if repair == "rolled_forward" else 0):
            wanted = (
                "the year before the spend year" if repair == "rolled_forward" else "the spend year"
            )
            problems.error(
                table.where(row, "from_year"),
                f"The spend of {subject} is {REPAIR_WORDS[repair]}, from {start}; the spend year is"
                f" {year}.",
                f"Enter {wanted}.",
                "repair_year",
            )
        elif effective.get(subject, start) != start:
            problems.error(
                table.where(row, "from_year"),
                f"The amount of {subject} is for {effective[subject]}, and its repair starts from"
                f" {start}.",
                "Enter the same year in both places.",
                "repair_year",
            )
