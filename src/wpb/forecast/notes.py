"""The forecast's small tables for the report and the workbook, in the order a reader meets them.

Source: handbook 3.7 (the method used should be transparently recorded); req 150, 179, 366.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wpb.forecast.affordability import Affordability
from wpb.forecast.allocation_gate import Alignment
from wpb.forecast.care_model import CareModel
from wpb.forecast.floors import Counted, floor_section
from wpb.forecast.line_rates import LineRates
from wpb.forecast.method_difference import method_section, override_effect_section
from wpb.forecast.overlays import area_section
from wpb.forecast.overrides import override_section
from wpb.forecast.population_growth import population_section
from wpb.forecast.residual import Residual, efficiency_steps_section, residual_section
from wpb.forecast.segment_paths import segment_section
from wpb.forecast.shifts import Shifts, shift_section
from wpb.forecast.streams import certainty_section, extension_section, route_section, target_section
from wpb.forecast.unidentified import UnidentifiedRow, qipp_section
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import Block, Ledger
from wpb.kernel.money import whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import (
    BudgetLines,
    Scope,
    Section,
    SectionColumn,
    SectionValue,
    year_columns,
)


@dataclass(frozen=True)
class ForecastWorkings:
    """What the forecast worked out beside its path."""

    alignment: Alignment
    line_rates: LineRates
    shifts: Shifts | None
    unidentified: Sequence[UnidentifiedRow]
    method_difference: Block
    override_effect: Block | None
    target: Block | None
    residual: Residual


def forecast_notes(
    model: Model,
    book: AssumptionBook,
    scope: Scope,
    ledger: Ledger,
    lines: BudgetLines,
    forecast: Block,
    out_of_scope: Block,
    impacts: CareModel | None,
    afford: Affordability,
    found: ForecastWorkings,
    problems: ProblemLog,
) -> tuple[Section, ...]:
    """Collect every small table of the forecast that this model has something for.

    Source: handbook 3.7; req 150, 151, 153, 155, 168, 175, 179, 180, 182, 183, 184, 187, 189,
    191-198.
    """
    years = model.settings.years
    levels: list[tuple[Block, Sequence[Counted]]] = []
    for block, inside in ((forecast, True), (out_of_scope, False)):
        more = [impacts.lines[row] for row in impacts.rows(inside)] if impacts else []
        levels.append((block, [*lines.lines, *more]))
    sections = (
        route_section(model, found.alignment, lines),
        certainty_section(model, afford.cells),
        extension_section(model, book),
        target_section(found.target, afford.forecast, years),
        population_section(model, ledger, problems),
        segment_section(model, ledger, lines.lines, found.line_rates.rates, problems),
        area_section(model, scope, ledger, lines.lines),
        override_section(model, found.line_rates.overrides),
        override_effect_section(model, found.override_effect),
        method_section(model, found.method_difference),
        efficiency_steps_section(model, ledger, lines, impacts, afford),
        residual_section(model, found.residual, afford),
        qipp_section(model, list(found.unidentified)),
        savings_shared_section(impacts, years),
        shift_section(found.shifts, years, ledger),
        floor_section(model, scope, ledger, levels, problems),
    )
    return tuple(section for section in sections if section is not None)


def savings_shared_section(impacts: CareModel | None, years: tuple[str, ...]) -> Section | None:
    """Split modelled savings into what is taken from the budget and what is left to gain and loss
    sharing, by programme.

    Source: handbook 3.5; req 189, 190.
    """
    if impacts is None or not impacts.left_to_sharing.value.any():
        return None
    rows: list[tuple[SectionValue, ...]] = []
    programmes = sorted({(line.programme, line.programme_kind) for line in impacts.lines})
    for programme, kind in programmes:
        members = [
            row
            for row, line in enumerate(impacts.lines)
            if (line.programme, line.programme_kind) == (programme, kind)
        ]
        for name, sign in (("taken from the budget", 1), ("left to gain and loss sharing", 0)):
            amounts = []
            for year in range(len(years)):
                left = sum(impacts.left_to_sharing.at(row, year) for row in members)
                whole = sum(impacts.saving.at(row, year) for row in members)
                amounts.append(
                    whole_pence(whole) - whole_pence(left) if sign else whole_pence(left)
                )
            rows.append((programme, kind.replace("_", " "), name, *amounts))
    columns = (
        SectionColumn("programme", "Programme", "code"),
        SectionColumn("programme_kind", "National programme"),
        SectionColumn("part", "Part"),
        *year_columns(years),
    )
    return Section(
        "savings_shared",
        "Savings taken and savings left to share",
        "The two parts make the whole modelled saving, so none counts twice.",
        columns,
        tuple(rows),
    )
