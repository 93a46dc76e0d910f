"""Which funding streams bind, what each commissioner contributes, and what could close a gap.

Source: handbook 1.1.6, 3.1, 3.6, Fig 14; req 202, 204.
"""

from __future__ import annotations

import numpy as np

from wpb.assurance.figures import Figures
from wpb.kernel.ledger import TOTAL, Array
from wpb.kernel.money import pounds, round_parts, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.records import Section, SectionColumn, SectionValue

OPTION_NAMES = {
    "care_model": "Change the care model",
    "scope": "Change the scope",
    "other_commissioning_plans": "Change other commissioning plans",
}


def contribution(forecast_pence: Array, total_pence: Array) -> Array:
    """A commissioner's share of the budget: its forecast / the whole forecast; nought where there
    is no budget.

    Source: handbook 3.1; req 202.
    """
    return np.divide(
        forecast_pence, total_pence, out=np.zeros_like(forecast_pence), where=total_pence != 0
    )


def binding_section(figures: Figures) -> Section:
    """List, for each stream of each commissioner and year, whether its allocation binds: exceeded,
    or spent in full.

    A total within its allocation can hide a stream that is not, because money of one stream can't
    always pay for another.
    Source: handbook 3.1, 3.6; req 202.
    """
    rows: list[tuple[SectionValue, ...]] = []
    for position, year in enumerate(figures.years):
        for row, (commissioner, stream) in enumerate(figures.cells):
            left = whole_pence(figures.by_cell["headroom"].at(row, position))
            if left <= 0:
                rows.append(
                    (
                        year,
                        commissioner,
                        stream,
                        left,
                        "exceeded" if left < 0 else "spent in full",
                        whole_pence(figures.total["headroom"].at(0, position)),
                    )
                )
    heads = (
        ("year", "Year", "year"),
        ("commissioner", "Commissioner", "code"),
        ("stream", "Funding stream", "code"),
        ("headroom", "Headroom of the stream", "pounds"),
        ("status", "Constraint", "text"),
        ("total", "Headroom in total", "pounds"),
    )
    return Section(
        "binding_constraints",
        "Funding streams that bind",
        (
            "Only streams without headroom are listed."
            if rows
            else "No funding stream binds in any year."
        ),
        tuple(SectionColumn(*head) for head in heads),  # type: ignore[arg-type]
        tuple(rows),
    )


def contribution_section(figures: Figures) -> Section:
    """Give what each commissioner contributes to the budget by year, in pounds that add to the
    whole and as a share.

    Source: handbook 3.1; req 202.
    """
    axis = figures.by_commissioner["forecast"].axis
    share = figures.ledger.add(
        "assurance/contribution",
        contribution,
        axis,
        "share",
        figures.years,
        "Share of the budget",
        forecast_pence=figures.by_commissioner["forecast"],
        total_pence=figures.total["forecast"],
    )
    by_year = [
        round_parts(
            [figures.by_commissioner["forecast"].at(row, year) for row in range(len(axis))],
            axis.codes,
            whole_pence(figures.total["forecast"].at(0, year)),
        )
        for year in range(len(figures.years))
    ]
    rows: list[tuple[SectionValue, ...]] = []
    for row, code in enumerate(axis.codes):
        rows += [
            (year, code, by_year[position][row], share.at(row, position))
            for position, year in enumerate(figures.years)
        ]
    columns = (
        SectionColumn("year", "Year", "year"),
        SectionColumn("commissioner", "Commissioner", "code"),
        SectionColumn("contribution", "Contribution", "pounds"),
        SectionColumn("share", "Share of the budget", "share"),
    )
    return Section(
        "contributions",
        "What each commissioner contributes",
        "",
        columns,
        tuple(sorted(rows, key=lambda row: (str(row[0]), str(row[1])))),
    )


def share_of_other_plans(gap_pence: Array, out_of_scope_pence: Array) -> Array:
    """How much of spend outside the budget a gap comes to: gap / spend outside; nought where there
    is none outside.

    Source: handbook 3.6; req 204.
    """
    return np.divide(
        gap_pence, out_of_scope_pence, out=np.zeros_like(gap_pence), where=out_of_scope_pence > 0
    )


def options_section(figures: Figures, problems: ProblemLog) -> Section | None:
    """Where the budget is not affordable, list what could close the gap, how far it would have to
    go, and what was entered.

    Each kind of answer is measured as if it had to close the gap alone: the care model's further
    saving as a share of the budget, the scope as a share of the budget to be reconsidered, other
    plans as a share of spend outside it. Options that were proposed or chosen are set against the
    gap; what remains goes back to the care model step.
    Source: handbook 1.1.6, 3.6, Fig 14; req 204.
    """
    _check_years(figures, problems)
    gaps = {
        position: figures.total["residual"].at(0, position)
        for position in range(len(figures.years))
        if figures.total["residual"].at(0, position) > 0
    }
    if not gaps:
        return None
    others = figures.ledger.add(
        "assurance/share_of_other_plans",
        share_of_other_plans,
        TOTAL,
        "share",
        figures.years,
        "Gap as a share of spend outside",
        gap_pence=figures.total["residual"],
        out_of_scope_pence=figures.total["out_of_scope"],
    )
    own = figures.ledger.add(
        "assurance/share_of_budget",
        share_of_other_plans,
        TOTAL,
        "share",
        figures.years,
        "Gap as a share of the budget",
        gap_pence=figures.total["residual"],
        out_of_scope_pence=figures.total["forecast"],
    )
    rows: list[tuple[SectionValue, ...]] = []
    for position, gap in gaps.items():
        rows += _year_rows(
            figures, position, gap, own.at(0, position), others.at(0, position), problems
        )
    heads = (
        ("year", "Year", "year"),
        ("option", "Option", "text"),
        ("amount", "Amount", "pounds"),
        ("share", "Share it would have to change", "share"),
        ("decision", "Decision", "text"),
        ("owner", "Owner", "text"),
    )
    return Section(
        "affordability_options",
        "What could close the gap",
        "Each kind of answer is shown as if it had to close the gap alone. A changed care model"
        " goes back to that step of the forecast; a changed scope goes back to the start.",
        tuple(SectionColumn(*head) for head in heads),  # type: ignore[arg-type]
        tuple(rows),
    )


def _year_rows(
    figures: Figures, position: int, gap: float, own: float, others: float, problems: ProblemLog
) -> list[tuple[SectionValue, ...]]:
    table, year = figures.model["affordability_options"], figures.years[position]
    shares = {"care_model": own, "scope": own, "other_commissioning_plans": others}
    rows: list[tuple[SectionValue, ...]] = [(year, "Gap to close", whole_pence(gap), None, "", "")]
    rows += [
        (year, f"{title}, if alone", whole_pence(gap), shares[kind], "", "")
        for kind, title in OPTION_NAMES.items()
    ]
    standing = 0.0
    for row in table.rows_where("year", year):
        effect, decision = float(table.numbers("effect")[row]), str(table.columns["decision"][row])
        standing += effect if decision != "rejected" else 0.0
        rows.append(
            (
                year,
                f"{table.columns['option'][row]}: {table.columns['description'][row]}",
                whole_pence(effect),
                None,
                decision,
                str(table.columns["owner"][row]),
            )
        )
    rows.append(
        (year, "Gap left after the options", whole_pence(max(gap - standing, 0.0)), None, "", "")
    )
    if standing < gap:
        problems.warning(
            None,
            f"In {year} the budget and spend outside it are {pounds(gap)} more than allocations,"
            f" and the options entered close {pounds(standing)} of it.",
            "Enter in affordability_options what would close the gap: a change of care model, of"
            " scope, or of other plans.",
            "gap_open",
        )
    return rows


def _check_years(figures: Figures, problems: ProblemLog) -> None:
    table = figures.model["affordability_options"]
    for row, year in enumerate(table.text("year")):
        if year not in figures.years:
            problems.error(
                table.where(row, "year"),
                f"{year} is outside the contract, {figures.years[0]} to {figures.years[-1]}.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
    problems.raise_if_errors()
