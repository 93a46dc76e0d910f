"""Both sides of the test: the budget is affordable, and it covers what efficient delivery costs.

Source: handbook 1.1.6, 3.6; overview 3.5; req 200, 203.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wpb.assurance.figures import Figures
from wpb.kernel.ledger import Array, Axis
from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.records import Section, SectionColumn, SectionValue


def cover(spend_pence: Array, efficient_cost_pence: Array) -> Array:
    """What a budget leaves above efficient cost: spend - efficient cost; below nought it does not
    cover it.

    The two are compared, never added: spend is what the commissioner pays, cost what the provider
    incurs.
    Source: handbook 1.1.6; overview 3.5; req 203.
    """
    return spend_pence - efficient_cost_pence


def two_sided_section(figures: Figures, problems: ProblemLog) -> Section:
    """Test each year from both sides: headroom not below nought, and each service line's budget at
    or above its efficient cost.

    A service line without an efficient cost is not tested, and the year is then known only in part.
    Source: handbook 1.1.6, 3.6; overview 3.5; req 200, 203.
    """
    covered, tested_lines, in_scope = _cover(figures, problems)
    rows: list[tuple[SectionValue, ...]] = []
    for position, year in enumerate(figures.years):
        headroom = figures.total["headroom"].at(0, position)
        affordable = "affordable" if headroom >= 0 else "not affordable"
        tested = tested_lines.get(year, set())
        short = {
            service: covered[service, year]
            for service in sorted(tested)
            if covered[service, year] < 0
        }
        side = (
            "not tested"
            if not tested
            else (
                "does not cover efficient cost"
                if short
                else (
                    "covers efficient cost"
                    if tested >= in_scope(position)
                    else "covers what was tested"
                )
            )
        )
        rows.append(
            (
                year,
                whole_pence(headroom),
                affordable,
                len(tested),
                len(in_scope(position)),
                whole_pence(sum(covered[service, year] for service in tested)) if tested else None,
                side,
                (
                    "passes both"
                    if affordable == "affordable" and side == "covers efficient cost"
                    else "does not pass both"
                ),
            )
        )
        for service, gap in short.items():
            problems.warning(
                _where(figures, service, year),
                f"The budget for '{service}' in {year} is {pounds(-gap)} below its efficient cost,"
                " so it would not sustain the service.",
                "Look again at growth, efficiency and savings on this line, or at the efficient"
                " cost.",
                "below_efficient_cost",
            )
    heads = (
        ("year", "Year", "year"),
        ("headroom", "Headroom", "pounds"),
        ("affordable", "Affordable", "text"),
        ("tested", "Service lines tested", "count"),
        ("in_scope", "Service lines with a budget", "count"),
        ("cover", "Budget less efficient cost, lines tested", "pounds"),
        ("covers", "Covers efficient cost", "text"),
        ("both", "Both sides", "text"),
    )
    return Section(
        "two_sided_test",
        "Affordable, and enough",
        "A budget must be affordable and must cover what efficient delivery costs. Where a service"
        " line has no efficient cost, that side is known only in part.",
        tuple(SectionColumn(*head) for head in heads),  # type: ignore[arg-type]
        tuple(rows),
    )


def _where(figures: Figures, service: str, year: str) -> Cell:
    table = figures.model["efficient_costs"]
    row = next(
        row
        for row in range(len(table))
        if (table.columns["service_line"][row], table.columns["year"][row]) == (service, year)
    )
    return table.where(row, "efficient_cost")


Covered = tuple[dict[tuple[str, str], float], dict[str, set[str]], Callable[[int], set[str]]]
"""What each service line and year leaves above efficient cost, the service lines tested by year,
and those with a budget.
"""


def _cover(figures: Figures, problems: ProblemLog) -> Covered:
    table, years, ledger = figures.model["efficient_costs"], figures.years, figures.ledger
    services = [line.service_line for line in figures.lines.lines]
    impact_services = [line.service_line for line in figures.impact_lines if line.inside]
    axis = Axis(
        "service line", tuple(sorted({*services, *(code for code in impact_services if code)}))
    )
    into = [axis.positions[code] for code in services] + [
        axis.positions.get(code, -1) for code in impact_services
    ]
    spend = ledger.total(
        "assurance/spend_by_service",
        axis,
        (figures.forecast, into),
        title="Forecast of the service line",
    )
    rows = {
        (service, year): row
        for row, (service, year) in enumerate(
            zip(table.text("service_line"), table.text("year"), strict=True)
        )
    }
    for (service, year), row in rows.items():
        if year not in years or service not in axis.positions:
            problems.error(
                table.where(row, "year" if year not in years else "service_line"),
                f"The efficient cost of '{service}' for {year} has no budget to be set beside.",
                "Correct the service line or the year, or take the row out.",
                "efficient_cost_unused",
            )
    problems.raise_if_errors()
    costs = table.numbers("efficient_cost")
    values = np.array(
        [
            [costs[rows[code, year]] if (code, year) in rows else 0.0 for year in years]
            for code in axis.codes
        ]
    )

    def where(row: int, year: int) -> Place:
        at = rows.get((axis.codes[row], years[year]))
        return (
            table.where(at, "efficient_cost")
            if at is not None
            else Cell(
                table.file or "inputs/efficient_costs.csv",
                table.sheet or "efficient_costs",
                "",
                "no row",
            )
        )

    cost = ledger.leaf(
        "assurance/efficient_cost",
        axis,
        "pence",
        values,
        where,
        years=years,
        title="Efficient cost (a cost, not spend)",
    )
    left = ledger.add(
        "assurance/cover",
        cover,
        axis,
        "pence",
        years,
        "Budget less efficient cost",
        spend_pence=spend,
        efficient_cost_pence=cost,
    )
    covered = {
        (service, year): left.at(axis.positions[service], years.index(year))
        for service, year in rows
    }
    tested = {year: {service for service, at in rows if at == year} for year in years}
    return (
        covered,
        tested,
        lambda position: {
            code for row, code in enumerate(axis.codes) if spend.at(row, position) != 0
        },
    )


def system_position_section(figures: Figures) -> Section:
    """Set the paths inside and outside the budget side by side with allocations, year by year.

    Source: handbook 1.1.6; overview 3.5; req 200, 201.
    """
    names = (
        ("do_nothing", "Budget before efficiency and care model"),
        ("forecast", "Budget"),
        ("out_of_scope", "Outside the budget"),
        ("allocation", "Allocations"),
        ("headroom", "Headroom"),
    )
    blocks = {"do_nothing": figures.do_nothing, **figures.total}
    rows: list[tuple[SectionValue, ...]] = [
        (title, *(whole_pence(blocks[name].at(0, year)) for year in range(len(figures.years))))
        for name, title in names
    ]
    columns = (
        SectionColumn("path", "Path"),
        *(SectionColumn(year, year, "pounds") for year in figures.years),
    )
    return Section(
        "system_position",
        "The whole system",
        "Services inside and outside the budget are forecast in parallel, with the same rates.",
        columns,
        tuple(rows),
    )
