"""The residual nobody has planned, before and after unidentified savings, and its split by ability
to respond.

Source: handbook 3.5 Mid-Nottinghamshire case, 3.6; req 191-195, 198.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.forecast.affordability import Affordability
from wpb.forecast.care_model import CareModel
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger
from wpb.kernel.money import round_parts, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Section, SectionColumn, SectionValue, year_columns


def residual_before_unidentified(
    forecast_pence: Array,
    allocation_pence: Array,
    out_of_scope_pence: Array,
    unidentified_pence: Array,
) -> Array:
    """The residual were nothing unidentified counted: forecast + unidentified savings - (allocation
    - out of scope), from nought up.

    Source: handbook 3.5 Mid-Nottinghamshire case, 3.6; req 194, 198.
    """
    return np.maximum(
        forecast_pence + unidentified_pence - (allocation_pence - out_of_scope_pence), 0.0
    )


def share_by_ability(residual_pence: Array, weight: Array, weight_total: Array) -> Array:
    """A party's part of the residual: residual x its ability / the ability of all.

    Source: handbook 3.5 Mid-Nottinghamshire case; req 195.
    """
    return residual_pence * weight / weight_total


@dataclass(frozen=True)
class Residual:
    """The residual before unidentified savings, and each party's part of the residual that is
    left.
    """

    before_unidentified: Block
    by_party: Block | None


def residual_of(
    model: Model,
    ledger: Ledger,
    afford: Affordability,
    impacts: CareModel | None,
    problems: ProblemLog,
) -> Residual:
    """Work out the residual before unidentified savings, and split what is left by parties' ability
    to respond.

    Source: handbook 3.5 Mid-Nottinghamshire case; req 194, 195, 198.
    """
    years, total = model.settings.years, afford.total
    before = total["residual"]
    if impacts is not None and impacts.rows(True, "unidentified"):
        into = np.where(
            np.isin(np.arange(len(impacts.axis)), impacts.rows(True, "unidentified")), 0, -1
        )
        unidentified = ledger.total(
            "unidentified/total", TOTAL, (impacts.saving, into), title="Unidentified QIPP"
        )
        before = ledger.add(
            "residual/before_unidentified",
            residual_before_unidentified,
            TOTAL,
            "pence",
            years,
            "Residual were nothing unidentified counted",
            forecast_pence=total["forecast"],
            allocation_pence=total["allocation"],
            out_of_scope_pence=total["out_of_scope"],
            unidentified_pence=unidentified,
        )
    return Residual(before, _by_party(model, ledger, total["residual"], problems))


def _by_party(model: Model, ledger: Ledger, residual: Block, problems: ProblemLog) -> Block | None:
    table = model["residual_abilities"]
    if not len(table):
        return None
    weights = table.numbers("weight")
    if not weights.sum() > 0:
        problems.error(
            table.where(0, "weight"),
            "No party has any ability to respond, so the residual cannot be shared out.",
            "Give at least one party a weight above nought.",
            "ability_nought",
        )
        problems.raise_if_errors()
    axis = Axis("party", tuple(table.text("organisation")))
    leaf = ledger.leaf(
        "residual/ability",
        axis,
        "weight",
        weights,
        lambda row, year: table.where(row, "weight"),
        title="Ability to respond",
    )
    whole = ledger.total(
        "residual/ability_of_all", TOTAL, (leaf, None), title="Ability of all parties"
    )
    return ledger.add(
        "residual/by_party",
        share_by_ability,
        axis,
        "pence",
        model.settings.years,
        "Party's part of the residual",
        residual_pence=residual,
        weight=leaf,
        weight_total=whole,
    )


def residual_section(model: Model, residual: Residual, afford: Affordability) -> Section | None:
    """Give the residual by year, before and after unidentified savings, and each party's part with
    the reason for its weight.

    Source: handbook 3.5 Mid-Nottinghamshire case; req 194, 195.
    """
    years, table = model.settings.years, model["residual_abilities"]
    after = afford.total["residual"]
    if residual.by_party is None and residual.before_unidentified is after:
        return None
    rows: list[tuple[SectionValue, ...]] = [
        (
            "Before unidentified savings",
            "",
            *(whole_pence(residual.before_unidentified.at(0, year)) for year in range(len(years))),
        ),
        ("Residual", "", *(whole_pence(after.at(0, year)) for year in range(len(years)))),
    ]
    if residual.by_party is not None:
        codes = residual.by_party.axis.codes
        by_year = [
            round_parts(
                [residual.by_party.at(row, year) for row in range(len(codes))],
                codes,
                whole_pence(after.at(0, year)),
            )
            for year in range(len(years))
        ]
        rows += [
            (code, str(table.columns["reason"][row]), *(amounts[row] for amounts in by_year))
            for row, code in enumerate(codes)
        ]
    return Section(
        "residual_efficiency",
        "Efficiency nobody has planned",
        "What the budget and spend outside it come to beyond allocations, and who is to answer"
        " for it.",
        (
            SectionColumn("party", "Party"),
            SectionColumn("reason", "Why this weight"),
            *year_columns(years),
        ),
        tuple(rows),
    )


def efficiency_steps_section(
    model: Model,
    ledger: Ledger,
    lines: BudgetLines,
    impacts: CareModel | None,
    afford: Affordability,
) -> Section:
    """Lay out efficiency from plan to residual: planned by each provider, schemes, further target,
    unidentified, residual.

    Amounts are savings in the year against growth alone, inside the budget.
    Source: handbook 3.5 Mid-Nottinghamshire case; req 191-194, 198.
    """
    years = model.settings.years
    rows: list[tuple[SectionValue, ...]] = []

    def by_year(name: str, block: Block, row: int, sign: float) -> None:
        rows.append(
            (name, *(whole_pence(sign * block.at(row, year) + 0.0) for year in range(len(years))))
        )

    if "forecast/movement_efficiency_planned" in ledger:
        axis = lines.axis_of("provider", "provider")
        planned = ledger.total(
            "efficiency/planned_by_provider",
            axis,
            (ledger["forecast/movement_efficiency_planned"], lines.rows_by(axis, "provider")),
            title="Efficiency planned by provider",
        )
        for row, code in enumerate(axis.codes):
            by_year(f"Planned by {code}", planned, row, -1.0)
    whole = ledger.total(
        "efficiency/further_target",
        TOTAL,
        (ledger["forecast/movement_efficiency"], None),
        title="Efficiency target",
    )
    by_year(
        (
            "Further target beyond plans"
            if "forecast/movement_efficiency_planned" in ledger
            else "Provider efficiency target"
        ),
        whole,
        0,
        -1.0,
    )
    for kind, name in (
        ("scheme", "QIPP and transformation schemes, taken from the budget"),
        ("unidentified", "Unidentified QIPP"),
    ):
        if impacts is not None and impacts.rows(True, kind):
            into = np.where(np.isin(np.arange(len(impacts.axis)), impacts.rows(True, kind)), 0, -1)
            by_year(
                name,
                ledger.total(f"efficiency/{kind}", TOTAL, (impacts.net, into), title=name),
                0,
                -1.0,
            )
    by_year("Residual nobody has planned", afford.total["residual"], 0, 1.0)
    return Section(
        "efficiency_steps",
        "Efficiency, from plans to what is left",
        "Savings in each year against growth alone, since the baseline; the residual is what"
        " remains to be found.",
        (SectionColumn("step", "Step"), *year_columns(years)),
        tuple(rows),
    )
