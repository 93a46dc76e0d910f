"""Results that record the budget's make-up: elements and parts, method grades, assumptions and
problems.

Source: handbook Table 2, 3.3.3, 3.7; overview 2; req 37, 92, 131, 132, 179, 366.
"""

from __future__ import annotations

from wpb.kernel.assumptions import Assumption
from wpb.kernel.places import Citation
from wpb.present.result_table import ResultTable, Value, entered, label, result_table, worked_out
from wpb.present.whole_pence import WholePence, round_to_total
from wpb.tables.records import GRADES, part_of

ELEMENT_NAMES = {
    "wpap": "Annual payment",
    "activity_paid": "Paid by activity",
    "incentive": "Incentives",
    "personal_budget": "Personal budgets",
    "pass_through": "Passed through",
    "excluded": "Barred from the budget",
}
GRADE_NAMES = {1: "Preferred option", 2: "Second option", 3: "Last option"}


def elements_table(whole: WholePence) -> ResultTable:
    """Split the baseline by how it is paid and by part: Part A is funded by the NHS, Part B by
    councils.

    Source: overview 2, 3.3.3; req 131, 132, 210, 211.
    """
    budget = whole.budget
    real: dict[tuple[str, str], float] = {}
    for row, line in enumerate(whole.lines):
        if amount := budget.baseline.at(row, 0):
            key = (line.element, part_of(budget.scope.funder[line.funding_stream]))
            real[key] = real.get(key, 0.0) + amount
    keys = sorted(real)
    amounts = round_to_total(
        [real[key] for key in keys], [".".join(key) for key in keys], whole.baseline
    )
    columns = (
        label("element", "Element", "code"),
        label("part", "Part", "code"),
        label("name", "Name"),
        worked_out("baseline_pence", "Baseline", adds_up=True),
        worked_out("share", "Share of the baseline", "share"),
    )
    rows = [
        [
            element,
            part,
            f"{ELEMENT_NAMES[element]}, Part {part}",
            amount,
            amount / whole.baseline if whole.baseline else None,
        ]
        for (element, part), amount in zip(keys, amounts, strict=True)
    ]
    return result_table(
        "elements",
        "Elements of the budget",
        "How the baseline is paid, and who funds it.",
        columns,
        rows,
    )


def grades_table(whole: WholePence) -> ResultTable:
    """Give the baseline by the quality of the weakest method on each line's way.

    Source: handbook Table 2, 2.4.4 end; req 37, 92.
    """
    values: dict[int, list[float]] = {grade: [] for grade in GRADES}
    for row, line in enumerate(whole.lines):
        values[line.grade].append(whole.budget.baseline.at(row, 0))
    amounts = round_to_total(
        [sum(found) for found in values.values()], [str(grade) for grade in values], whole.baseline
    )
    columns = (
        label("grade", "Grade", "code"),
        label("name", "Weakest method used"),
        worked_out("lines", "Budget lines", "count", adds_up=True),
        worked_out("baseline_pence", "Baseline", adds_up=True),
        worked_out("share", "Share of the baseline", "share"),
    )
    rows = [
        [
            GRADES[grade],
            GRADE_NAMES[grade],
            sum(1 for value in found if value),
            amount,
            amount / whole.baseline if whole.baseline else None,
        ]
        for (grade, found), amount in zip(values.items(), amounts, strict=True)
    ]
    return result_table(
        "grades",
        "Method grades",
        "The baseline by the weakest method on each line's way.",
        columns,
        rows,
    )


def assumptions_used(whole: WholePence) -> list[Assumption]:
    """List every assumption the budget rests on, once each, with rules of guidance that set a rate
    to nought.

    Source: handbook 3.3.3, 3.7; req 179, 366.
    """
    budget = whole.budget
    found = {
        (used.key, used.year, used.citation.vintage, used.local): used for used in budget.book.used
    }
    groups = sorted(set(budget.rates.group_of_line.tolist()))
    for block in (*budget.rates.by_step.values(), *budget.rates.conversion.values()):
        leaf = block if block.where is not None else block.parts[0].block
        for group in groups:
            place = leaf.where(group, 0) if leaf.where is not None else None
            if isinstance(place, Citation) and not any(place.key == key for key, *_ in found):
                found[place.key, place.effective_year, place.vintage, False] = Assumption(
                    0.0, place, "rate", title=place.note
                )
    return [found[key] for key in sorted(found)]


def assumptions_table(whole: WholePence) -> ResultTable:
    """List every assumption used: its value by year, vintage, source and status, and the national
    one a local one displaces.

    Source: handbook 3.3.2, 3.3.3; req 159, 177, 178, 179, 366.
    """
    columns = (
        label("key", "Assumption", "code"),
        label("title", "What it is"),
        label("year", "Year", "year"),
        entered("value", "Value", "number"),
        label("unit", "Unit", "code"),
        label("vintage", "Published", "code"),
        label("source", "Source"),
        label("locator", "Where in it"),
        label("status", "Status", "code"),
        label("local", "Local", "yes_no"),
        label("extended", "Extended", "yes_no"),
        entered("displaced_value", "National value displaced", "number"),
        label("displaced_source", "National source"),
        label("owner", "Owner"),
        label("reason", "Reason"),
        label("evidence", "Evidence"),
        label("note", "Note"),
    )
    rows: list[list[Value]] = []
    for used in assumptions_used(whole):
        cited, national = used.citation, used.displaced
        rows.append(
            [
                used.key,
                used.title,
                used.year,
                used.value,
                used.unit,
                cited.vintage,
                cited.source,
                cited.locator,
                used.status,
                used.local,
                used.extended,
            ]
        )
        rows[-1] += [
            national.value if national else None,
            f"{national.citation.source}, {national.citation.locator}" if national else "",
            used.owner,
            used.reason,
            used.evidence,
            cited.note,
        ]
    return result_table(
        "assumptions",
        "Assumptions used",
        "Every assumption that a figure of this budget rests on.",
        columns,
        rows,
    )


def problems_table(whole: WholePence) -> ResultTable:
    """List what the checks found, each with its place and its mend.

    Source: handbook 2.4.1; req 361.
    """
    columns = (
        label("severity", "Severity", "code"),
        label("code", "Code", "code"),
        label("file", "File"),
        label("sheet", "Sheet"),
        label("cell", "Cell"),
        label("what", "What was found"),
        label("fix", "What to do"),
    )
    rows: list[list[Value]] = [
        [
            problem.severity,
            problem.code,
            *(
                (problem.where.file, problem.where.sheet, problem.where.cell)
                if problem.where
                else ("", "", "")
            ),
            problem.what,
            problem.fix,
        ]
        for problem in whole.budget.problems
    ]
    order = ("error", "warning", "note")
    return result_table(
        "problems",
        "Problems",
        "What the checks found; none of it stopped the run.",
        columns,
        sorted(rows, key=lambda row: order.index(str(row[0]))),
    )


def years_table(whole: WholePence) -> ResultTable:
    """Give the headline of each year: do nothing, forecast, out of scope, allocation, headroom and
    residual.

    Source: handbook 3.6; req 200, 362.
    """
    columns = (
        label("year", "Year", "year"),
        worked_out("do_nothing_pence", "Do nothing"),
        worked_out("forecast_pence", "Forecast"),
        worked_out("out_of_scope_pence", "Forecast out of scope"),
        entered("allocation_pence", "Allocation"),
        worked_out("headroom_pence", "Headroom"),
        worked_out("residual_pence", "Residual efficiency"),
    )
    rows: list[list[Value]] = []
    for position, year in enumerate(whole.budget.years):
        cell = whole.cell_totals(position, None)["total"]
        rows.append(
            [
                year,
                whole.do_nothing[position],
                cell.forecast,
                cell.out_of_scope,
                cell.allocation,
                cell.headroom,
                cell.residual,
            ]
        )
    return result_table(
        "years",
        "Headline by year",
        "Headroom = allocation less forecast less forecast out of scope.",
        columns,
        rows,
    )


def current_spend_table(whole: WholePence) -> ResultTable:
    """Give current spend by how it is held, split by scope.

    Source: handbook 2.1; req 18, 99.
    """
    columns = (
        label("held_under", "Held under", "code"),
        worked_out("spend_pence", "Current spend", adds_up=True),
        worked_out("in_scope_pence", "In scope", adds_up=True),
        worked_out("out_of_scope_pence", "Out of scope", adds_up=True),
        worked_out("unmapped_pence", "Mapped to no one", adds_up=True),
    )
    rows: list[list[Value]] = [
        [holder, split.spend, split.in_scope, split.out_of_scope, split.unmapped]
        for holder, split in whole.by_holder.items()
    ]
    return result_table(
        "current_spend",
        "Current spend",
        "By contract, and by route for spend without one.",
        columns,
        rows,
    )


def choices_table(whole: WholePence) -> ResultTable:
    """List the choices made in model.yaml, each with its reason.

    Source: handbook 3.7; req 366.
    """
    settings = whole.budget.model.settings
    rows: list[list[Value]] = [
        ["Form of integration", settings.form, ""],
        ["Spend year", settings.spend_year, ""],
        ["Contract years", f"{settings.years[0]} to {settings.years[-1]}", ""],
        ["Assumptions as known on", settings.known_on or "the day of the run", ""],
        [
            "Steps that convert spend to contract year 1",
            ", ".join(step.replace("_", " ") for step in settings.conversion_steps) or "none",
            settings.conversion_reason,
        ],
        ["Efficiency", settings.efficiency_method.option, settings.efficiency_method.reason],
    ]
    rows += [
        [f"Forecast of {stream.replace('_', ' ')}", choice.option.replace("_", " "), choice.reason]
        for stream, choice in settings.forecast_routes.items()
    ]
    rows += [
        [f"No growth for {category.replace('_', ' ')}", "none", reason]
        for category, reason in settings.no_growth_reasons.items()
    ]
    rows += [
        [
            f"{extension.key} carried past its last published year",
            f"{extension.how.replace('_', ' ')} until {extension.until}",
            extension.reason,
        ]
        for extension in settings.extensions
    ]
    columns = (label("choice", "Choice"), label("option", "Option taken"), label("reason", "Why"))
    return result_table(
        "choices",
        "Choices of this model",
        "What the model chose where there was a choice, and why.",
        columns,
        rows,
    )
