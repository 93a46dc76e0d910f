"""Whether providers can deliver what is asked: their record beside the ask.

Source: handbook 6.5.2; req 208.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wpb.assurance.figures import Figures
from wpb.kernel.ledger import Array, Axis, Block, Ref
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.records import Section, SectionColumn, SectionValue
from wpb.tables.schema import TypedTable


def delivered_rate(delivered_saving_pence: Array, cost_base_pence: Array) -> Array:
    """What a provider has saved a year: all savings delivered / all the costs they were delivered
    on.

    Source: handbook 6.5.2; req 208.
    """
    return delivered_saving_pence / cost_base_pence


def asked_rate(
    before_pence: Array, after_pence: Array, residual_pence: Array, years_of_growth: Array
) -> Array:
    """The efficiency asked each year: 1 - ((after - part of the residual) / before) to the power of
    1 / years, at the last year.

    Source: handbook 3.5 Mid-Nottinghamshire case, 6.5.2; req 195, 208.
    """
    kept = np.maximum(after_pence - residual_pence, 0.0)
    ratio = np.divide(kept, before_pence, out=np.ones_like(before_pence), where=before_pence > 0)
    result: Array = 1.0 - ratio ** (1.0 / years_of_growth)
    return result


def stretch_ratio(asked: Array, delivered: Array) -> Array:
    """How far the ask stretches a provider: asked a year / delivered a year; 1 is what it has
    always done.

    Source: handbook 6.5.2; req 208.
    """
    return np.divide(asked, delivered, out=np.zeros_like(asked), where=delivered > 0)


def stretch_section(figures: Figures, problems: ProblemLog) -> Section | None:
    """Set each provider's ask beside its record; an ask beyond its best year so far is flagged.

    The ask is efficiency over the whole term on its lines inside the budget, with its part of the
    residual. Schemes stand with their owners in the register of savings.
    Source: handbook 6.5.2; req 208.
    """
    table = figures.model["efficiency_record"]
    if not len(table):
        return None
    _check(table, problems)
    problems.raise_if_errors()
    axis = Axis("provider", tuple(sorted(set(table.text("provider")))))
    growth_years = sum(year >= figures.model.settings.first_growth_year for year in figures.years)
    ratio, asked, delivered = _ratios(figures, axis, max(growth_years, 1))
    rows: list[tuple[SectionValue, ...]] = []
    for row, code in enumerate(axis.codes):
        best = max(
            float(table.numbers("delivered_saving")[at] / table.numbers("cost_base")[at])
            for at in table.rows_where("provider", code)
        )
        ask, past = asked.at(row, 0), delivered.at(row, 0)
        beyond = ask > best
        rows.append(
            (
                code,
                past,
                best,
                ask,
                ratio.at(row, 0) if past > 0 else None,
                "beyond its best year" if beyond else "within its record",
            )
        )
        if beyond:
            problems.warning(
                table.where(table.rows_where("provider", code)[0], "delivered_saving"),
                f"{code} is asked for {ask:.2%} a year and has never delivered more than"
                f" {best:.2%}.",
                "Show what makes the ask deliverable, or lower it.",
                "stretch_beyond_record",
            )
    heads = (
        ("provider", "Provider", "code"),
        ("record", "Delivered a year", "rate"),
        ("best", "Best year", "rate"),
        ("asked", "Asked a year", "rate"),
        ("stretch", "Stretch", "number"),
        ("status", "Status", "text"),
    )
    return Section(
        "capability_stretch",
        "What providers are asked, and what they have done",
        "Stretch is the yearly ask over the yearly record; the ask holds the provider's part of the"
        " residual.",
        tuple(SectionColumn(*head) for head in heads),  # type: ignore[arg-type]
        tuple(rows),
    )


def _check(table: TypedTable, problems: ProblemLog) -> None:
    for row, (saving, base) in enumerate(
        zip(table.numbers("delivered_saving"), table.numbers("cost_base"), strict=True)
    ):
        if not base > 0 or not saving < base:
            problems.error(
                table.where(row, "cost_base"),
                "The cost of the year is not above the saving delivered on it.",
                "Enter the operating cost of the year, and the recurrent saving made on it.",
                "out_of_range",
            )


def _ratios(figures: Figures, axis: Axis, growth_years: int) -> tuple[Block, Block, Block]:
    ledger, last, table = figures.ledger, figures.years[-1], figures.model["efficiency_record"]
    into = figures.lines.rows_by(axis, "provider")
    before = ledger.total(
        "stretch/before", axis, (figures.before_efficiency, into), title="Before efficiency"
    )
    after = ledger.total(
        "stretch/after", axis, (figures.after_efficiency, into), title="After efficiency"
    )
    residual = _residual(figures, axis)
    years = ledger.leaf(
        "stretch/years",
        axis,
        "years",
        [float(growth_years)] * len(axis),
        lambda row, year: figures.model.settings.where("contract.years"),
        title="Years of efficiency",
    )
    asked = ledger.add(
        "stretch/asked",
        asked_rate,
        axis,
        "rate",
        None,
        "Asked a year",
        before_pence=Ref(before, years=last),
        after_pence=Ref(after, years=last),
        residual_pence=residual,
        years_of_growth=years,
    )
    record = Axis("provider and year", tuple(table.key_of(row) for row in range(len(table))))
    by = [axis.positions[code] for code in table.text("provider")]
    parts = {}
    for name in ("delivered_saving", "cost_base"):
        leaf = ledger.leaf(
            f"stretch/{name}/by_year",
            record,
            "pence",
            table.numbers(name),
            _place(table, name),
            title=table.spec.column(name).help,
        )
        parts[f"{name}_pence"] = ledger.total(
            f"stretch/{name}", axis, (leaf, by), title=table.spec.column(name).help
        )
    delivered = ledger.add(
        "stretch/delivered", delivered_rate, axis, "rate", None, "Delivered a year", **parts
    )
    return (
        ledger.add(
            "stretch/ratio",
            stretch_ratio,
            axis,
            "ratio",
            None,
            "Stretch",
            asked=asked,
            delivered=delivered,
        ),
        asked,
        delivered,
    )


def _place(table: TypedTable, column: str) -> Callable[[int, int], Place]:
    def where(row: int, year: int) -> Place:
        return table.where(row, column)

    return where


def _residual(figures: Figures, axis: Axis) -> Ref | Block:
    """Each provider's part of the residual in the last year; nought where the residual is not
    shared out.
    """
    ledger, block = figures.ledger, figures.residual_by_party
    if block is not None:
        whole = ledger.total(
            "stretch/residual/by_year",
            axis,
            (block, [axis.positions.get(code, -1) for code in block.axis.codes]),
            title="Part of the residual",
        )
        return Ref(whole, years=figures.years[-1])
    none = Cell("inputs/residual_abilities.csv", "residual_abilities", "", "no row")
    return ledger.leaf(
        "stretch/residual",
        axis,
        "pence",
        [0.0] * len(axis),
        lambda row, year: none,
        title="No part of the residual is given to it",
    )
