"""Scope by contract year: lines that join later, and what stays outside until they do.

Source: handbook 3.1, 1.1.6; req 7, 201.
"""

from __future__ import annotations

import numpy as np

from wpb.forecast.growth import in_scope_from, not_yet_in_scope
from wpb.kernel.ledger import Block, Ledger, Ref
from wpb.kernel.places import Place
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Scope


def scope_by_year(model: Model, scope: Scope, lines: BudgetLines, ledger: Ledger) -> Block:
    """Say, for each line and contract year, whether its service is in scope yet: 1 or 0.

    Source: handbook 3.1; req 7.
    """
    years, services = model.settings.years, model["service_lines"]
    row_of = {code: row for row, code in enumerate(services.text("service_line"))}
    starts = np.array([scope.service_from[line.service_line] or years[0] for line in lines.lines])
    values = np.array([starts <= year for year in years]).T.astype(np.float64)

    def where(row: int, year: int) -> Place:
        return services.where(row_of[lines.lines[row].service_line], "in_scope_from")

    return ledger.leaf(
        "in_scope_by_year",
        lines.axis,
        "flag",
        values,
        where,
        years=years,
        title="Whether the line has joined the scope",
    )


def starting_level(
    ledger: Ledger, name: str, base: Block, joined: Block, at: str | None = None
) -> Block:
    """What is in scope of a base, in each year or at one year: base x 1 or 0.

    Source: handbook 3.1; req 7.
    """
    if at is None:
        return ledger.add(
            name,
            in_scope_from,
            base.axis,
            "pence",
            joined.years,
            "In scope in the year",
            base_pence=base,
            in_scope=joined,
        )
    return ledger.add(
        name,
        in_scope_from,
        base.axis,
        "pence",
        None,
        "Baseline",
        base_pence=base,
        in_scope=Ref(joined, years=at),
    )


def level_outside(ledger: Ledger, name: str, outside: Block, base: Block, joined: Block) -> Block:
    """What is outside in each year: spend outside + what has not joined yet.

    Source: handbook 1.1.6; req 201.
    """
    return ledger.add(
        name,
        not_yet_in_scope,
        base.axis,
        "pence",
        joined.years,
        "Outside scope in the year",
        outside_pence=outside,
        base_pence=base,
        in_scope=joined,
    )
