"""Whether the model agrees with the system's own plan.

Source: handbook 1.1.6, 3.6; contracting for accountable models para 6d; req 206.
"""

from __future__ import annotations

import numpy as np

from wpb.assurance.figures import Figures
from wpb.kernel.ledger import Array, Block
from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.records import Section, SectionColumn, SectionValue


def difference_from_plan(model_pence: float, plan_pence: float) -> float:
    """What the model has beyond the plan: model - plan.

    Source: handbook 3.6; req 206.
    """
    return model_pence - plan_pence


def consistency_section(figures: Figures, problems: ProblemLog) -> Section | None:
    """Compare figures with the system's plan; a difference beyond its tolerance needs an
    explanation.

    |model - plan| <= tolerance x |plan| needs none.
    Source: handbook 1.1.6, 3.6; req 206.
    """
    table = figures.model["system_plan_totals"]
    if not len(table):
        return None
    rows: list[tuple[SectionValue, ...]] = []
    for row in range(len(table)):
        words = {
            name: str(table.columns[name][row])
            for name in ("plan", "measure", "commissioner", "year", "explanation")
        }
        own = _own(figures, row, words["measure"], words["commissioner"], words["year"], problems)
        if own is None:
            continue
        plan, tolerance = (
            float(table.numbers("plan_value")[row]),
            float(table.numbers("tolerance")[row]),
        )
        gap = difference_from_plan(own, plan)
        status = (
            "agrees"
            if abs(gap) <= tolerance * abs(plan)
            else "differs, explained"
            if words["explanation"]
            else "differs"
        )
        if status == "differs":
            problems.warning(
                table.where(row, "plan_value"),
                f"{words['measure'].replace('_', ' ').capitalize()} in"
                f" {words['year']}{' of ' + words['commissioner'] if words['commissioner'] else ''}"
                f" is {pounds(abs(gap))} {'above' if gap > 0 else 'below'} the figure of"
                f" {words['plan']}.",
                "Explain the difference, or bring the two together.",
                "plan_differs",
            )
        rows.append(
            (
                words["plan"],
                words["measure"].replace("_", " "),
                words["commissioner"],
                words["year"],
                whole_pence(plan),
                whole_pence(own),
                whole_pence(own) - whole_pence(plan),
                status,
                words["explanation"],
            )
        )
    problems.raise_if_errors()
    heads = (
        ("plan", "Plan", "text"),
        ("measure", "Figure", "text"),
        ("commissioner", "Commissioner", "code"),
        ("year", "Year", "year"),
        ("plan_value", "In the plan", "pounds"),
        ("model_value", "In this model", "pounds"),
        ("difference", "Difference", "pounds"),
        ("status", "Status", "text"),
        ("explanation", "Explanation", "text"),
    )
    return Section(
        "plan_consistency",
        "Agreement with the system's plan",
        "",
        tuple(SectionColumn(*head) for head in heads),  # type: ignore[arg-type]
        tuple(rows),
    )


def _own(
    figures: Figures, row: int, measure: str, commissioner: str, year: str, problems: ProblemLog
) -> float | None:
    table = figures.model["system_plan_totals"]
    if year not in figures.years:
        problems.error(
            table.where(row, "year"),
            f"{year} is outside the contract, {figures.years[0]} to {figures.years[-1]}.",
            "Correct the year, or take the row out.",
            "year_outside_term",
        )
        return None
    position = figures.years.index(year)
    if measure in ("allocation", "forecast", "out_of_scope", "headroom"):
        blocks = figures.by_commissioner if commissioner else figures.total
        code = commissioner or blocks[measure].axis.codes[0]
        if code not in blocks[measure].axis.positions:
            problems.error(
                table.where(row, "commissioner"),
                f"'{commissioner}' pays for nothing in this model.",
                "Correct the commissioner, or leave it blank for all.",
                "plan_commissioner",
            )
            return None
        return blocks[measure].at(blocks[measure].axis.positions[code], position)
    if measure == "care_model_net":
        return _care_model(figures, commissioner, position)
    rows = [
        at for at, line in enumerate(figures.lines.lines) if commissioner in ("", line.commissioner)
    ]
    return float(_level(figures.before_efficiency, rows, position).sum())


def _level(block: Block, rows: list[int], position: int) -> Array:
    found: Array = block.value[0, np.array(rows, dtype=np.int64), position]
    return found


def _care_model(figures: Figures, commissioner: str, position: int) -> float:
    if figures.impact_net is None:
        return 0.0
    return sum(
        figures.impact_net.at(row, position)
        for row, line in enumerate(figures.impact_lines)
        if line.inside and commissioner in ("", line.commissioner)
    )
