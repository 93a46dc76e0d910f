"""How each funding stream is projected, how certain its money is, and the target share of the lists
in scope.

Source: handbook 3.2.1, 3.3.1, fn 40; req 149-158.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wpb.forecast.allocation_gate import Alignment, gate_year, shares_tested
from wpb.forecast.efficiency_plans import EfficiencyPlans
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
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

CERTAINTIES = ("firm", "indicative", "planning_assumption")


def check_streams(model: Model, lines: BudgetLines, problems: ProblemLog) -> None:
    """Check that how streams are combined is on record, and that allocations never grow more
    certain with time.

    Source: handbook 3.3.1; req 150, 151.
    """
    settings, table = model.settings, model["allocations"]
    streams = {line.funding_stream for line in lines.lines}
    if len(streams) > 1 and not settings.combination.get("method"):
        problems.note(
            settings.where("forecast.combination.method"),
            f"{len(streams)} funding streams are each projected and then added; who agreed to that"
            " is not on record.",
            "Fill in forecast.combination, so that the agreed way is recorded.",
            "combination_unrecorded",
        )
    last: dict[tuple[str, str], tuple[str, str]] = {}
    order = sorted(range(len(table)), key=lambda row: str(table.columns["year"][row]))
    for row in order:
        key = (str(table.columns["commissioner"][row]), str(table.columns["funding_stream"][row]))
        year, certainty = str(table.columns["year"][row]), str(table.columns["certainty"][row])
        before = last.get(key)
        if (
            before
            and certainty in CERTAINTIES
            and CERTAINTIES.index(certainty) < CERTAINTIES.index(before[1])
        ):
            problems.warning(
                table.where(row, "certainty"),
                f"The allocation for {year} is {certainty}, firmer than that for {before[0]}, which"
                f" is {before[1].replace('_', ' ')}.",
                "Check both; published allocations are firm first and indicative later.",
                "certainty_order",
            )
        if certainty in CERTAINTIES:
            last[key] = (year, certainty)


def check_no_second_efficiency(
    model: Model, lines: BudgetLines, plans: EfficiencyPlans | None, problems: ProblemLog
) -> None:
    """Say where a provider's plan covers lines that grow with their allocation, which takes
    efficiency already.

    Source: handbook 3.4; req 156.
    """
    routes = model.settings.forecast_routes
    found = sorted(
        {
            line.provider
            for line in lines.lines
            if plans
            and line.funding_stream in routes
            and routes[line.funding_stream].option == "allocation_growth"
            and plans.key_of(line.provider, line.service_line)
        }
    )
    for provider in found:
        problems.note(
            model.settings.where("forecast.routes"),
            f"Part of the plan of {provider} falls on lines that grow with their allocation, which"
            " reflects efficiency already; none is taken there again.",
            "Nothing need be done.",
            "efficiency_in_allocation",
        )


def target_shares(
    model: Model,
    scope: Scope,
    ledger: Ledger,
    allocation: Block,
    cells: tuple[tuple[str, str], ...],
    target_allocation: Callable[[Array, Array, Array], Array],
    problems: ProblemLog,
) -> Block | None:
    """Give the lists in scope their target share of each allocation whose stream names a need.

    target = allocation x weighted people on lists in scope / weighted people on all the
    commissioner's lists.
    target_allocation: the rule; gives [commissioner and stream, year].
    Source: handbook fn 40; req 155.
    """
    table, needs = model["list_weights"], model.settings.target_needs
    weights = {
        key: row
        for row, key in enumerate(zip(table.text("list_code"), table.text("need"), strict=True))
    }
    chosen = [(row, cell) for row, cell in enumerate(cells) if cell[1] in needs]
    sums: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    for _, (commissioner, stream) in chosen:
        theirs = [
            code
            for code, owner, kind in zip(
                scope.lists.codes, scope.list_commissioner, scope.list_kind, strict=True
            )
            if owner == commissioner and kind == "practice"
        ]
        lacking = [code for code in theirs if (code, needs[stream]) not in weights]
        if lacking or not theirs:
            problems.error(
                model.settings.where(f"forecast.routes.{stream}.target_need"),
                f"A target share of {commissioner}'s {stream} allocation needs the {needs[stream]}"
                " weighted population of each of its practices;"
                f" {', '.join(lacking[:5]) or 'it has no practice'}"
                f" {'has' if len(lacking) == 1 else 'have'} none.",
                "Add the rows to list_weights, or take out target_need.",
                "target_weights",
            )
        else:
            rows = [weights[code, needs[stream]] for code in theirs]
            sums[commissioner, stream] = (
                [row for row, code in zip(rows, theirs, strict=True) if scope.list_in_scope(code)],
                rows,
            )
    problems.raise_if_errors()
    if not chosen:
        return None
    axis = Axis("commissioner and stream", tuple(".".join(cell) for _, cell in chosen))
    parts = {}
    for name, part in (("area_weighted", 0), ("whole_weighted", 1)):
        members = [(i, row) for i, (_, cell) in enumerate(chosen) for row in sums[cell][part]]
        lists = Axis(
            "list and stream",
            tuple(f"{axis.codes[i]}.{table.columns['list_code'][row]}" for i, row in members),
        )
        values = table.numbers("weighted_population")[[row for _, row in members]]
        leaf = ledger.leaf(
            f"target_allocation/{name}/by_list",
            lists,
            "people",
            values,
            lambda row, year, members=members: table.where(members[row][1], "weighted_population"),  # type: ignore[misc]
            title="Weighted population",
        )
        parts[name] = ledger.total(
            f"target_allocation/{name}",
            axis,
            (leaf, [i for i, _ in members]),
            title="Weighted population",
        )
    return ledger.add(
        "target_allocation",
        target_allocation,
        axis,
        "pence",
        model.settings.years,
        "Target share of the allocation",
        allocation_pence=Ref(allocation, np.array([row for row, _ in chosen], dtype=np.int64)),
        **parts,
    )


def route_section(model: Model, alignment: Alignment, lines: BudgetLines) -> Section:
    """Say how each stream is projected and why, the shares its gate tested, and how the streams are
    combined.

    Source: handbook 3.2.1, 3.3.1, 3.7; req 148, 150, 154, 158.
    """
    settings, rows = model.settings, []
    for stream in sorted({line.funding_stream for line in lines.lines}):
        choice, switch = (
            settings.forecast_routes.get(stream),
            settings.route_switches.get(stream, ""),
        )
        tested = gate_year(model, stream)
        shares = shares_tested(model, stream, alignment)
        rows.append(
            (
                stream,
                choice.option.replace("_", " ") if choice else "national assumptions",
                switch,
                settings.route_presets.get(stream, ""),
                tested or "",
                shares["population_share"],
                shares["service_share"],
                choice.reason if choice else "",
            )
        )
    agreed = settings.combination
    how = "Each stream is projected by itself and the streams are then added."
    note = (
        f"{how} Agreed by"
        f" {agreed.get('agreed_by') or 'nobody on record'}"
        f"{', ' + agreed['agreed_on'] if agreed.get('agreed_on') else ''}."
        f" {agreed.get('reason', '')}".strip()
    )
    columns = (
        ("stream", "Funding stream", "code"),
        ("route", "Route", "text"),
        ("switch", "Grows with its allocation from", "year"),
        ("preset", "Preset", "code"),
        ("tested", "Tested at", "year"),
        ("population", "Share of population in scope", "share"),
        ("services", "Share of spend in scope", "share"),
        ("reason", "Reason", "text"),
    )
    return Section(
        "funding_stream_routes",
        "How each funding stream is projected",
        note,
        tuple(SectionColumn(*column) for column in columns),  # type: ignore[arg-type]
        tuple(rows),
    )


def certainty_section(model: Model, cells: tuple[tuple[str, str], ...]) -> Section:
    """Mark each year of each allocation as firm, indicative or a planning assumption, with its
    source.

    Source: handbook 3.3.1; req 151.
    """
    table, years = model["allocations"], model.settings.years
    found = {
        key: str(table.columns["certainty"][row]).replace("_", " ")
        for row, key in enumerate(
            zip(
                table.text("commissioner"),
                table.text("funding_stream"),
                table.text("year"),
                strict=True,
            )
        )
    }
    rows: list[tuple[SectionValue, ...]] = [
        (*cell, *(found.get((*cell, year), "") for year in years)) for cell in cells
    ]
    return Section(
        "allocation_certainty",
        "How certain allocations are",
        "",
        (
            SectionColumn("commissioner", "Commissioner", "code"),
            SectionColumn("stream", "Funding stream", "code"),
            *year_columns(years, "text"),
        ),
        tuple(rows),
    )


def extension_section(model: Model, book: AssumptionBook) -> Section | None:
    """List every assumption carried past its last published year, and every allocation that is a
    planning assumption, with its source.

    Source: handbook 3.2.1, 3.3.2; req 153.
    """
    rows: dict[tuple[str, str, str], list[str]] = {}
    for used in book.used:
        if used.extended:
            rows.setdefault((used.key, used.citation.source, used.citation.note), []).append(
                used.year
            )
    table = model["allocations"]
    for row, certainty in enumerate(table.text("certainty")):
        if certainty == "planning_assumption":
            key = (
                f"allocation.{table.columns['commissioner'][row]}.{table.columns['funding_stream'][row]}",
                str(table.columns["source"][row]),
                "planning assumption",
            )
            rows.setdefault(key, []).append(str(table.columns["year"][row]))
    if not rows:
        return None
    columns = (
        SectionColumn("what", "What", "code"),
        SectionColumn("years", "Years"),
        SectionColumn("source", "Source"),
        SectionColumn("how", "How it was carried on"),
    )
    return Section(
        "beyond_published_years",
        "Beyond the published years",
        "What these years rest on, for procurement and contract documents.",
        columns,
        tuple(
            (key, ", ".join(sorted(years)), source, how)
            for (key, source, how), years in sorted(rows.items())
        ),
    )


def target_section(target: Block | None, forecast: Block, years: tuple[str, ...]) -> Section | None:
    """Set the forecast of the budget beside the target share of the allocation of its lists.

    Source: handbook fn 40; req 155.
    """
    if target is None:
        return None
    from wpb.kernel.money import whole_pence

    rows: list[tuple[SectionValue, ...]] = []
    for row, code in enumerate(target.axis.codes):
        own = forecast.axis.positions[code]
        for name, block, at in (
            ("target share", target, row),
            ("forecast of the budget", forecast, own),
        ):
            rows.append(
                (code, name, *(whole_pence(block.at(at, year)) for year in range(len(years))))
            )
    return Section(
        "target_allocation",
        "Target share of allocations",
        "The target is what the need of the lists in scope would be given; the budget need not"
        " equal it, because services outside the scope draw on it too.",
        (
            SectionColumn("cell", "Commissioner and stream", "code"),
            SectionColumn("figure", "Figure"),
            *year_columns(years),
        ),
        tuple(rows),
    )
