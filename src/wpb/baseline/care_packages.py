"""Social care packages: the in-scope part of each, for people on the lists in scope, net of client contributions.

Source: handbook 2.6; req 125-128.
"""

from __future__ import annotations

import numpy as np

from wpb.baseline.routing import Routing, table_leaf
from wpb.baseline.rules import less, times
from wpb.kernel.ledger import Axis, Block
from wpb.tables.records import Line, Route

OUTSIDE = "outside-scope part"


def care_packages(routing: Routing) -> Route | None:
    """Value each package net of client contributions; its part outside scope is a line of its own.

    in scope: (gross - contributions) x in-scope share; outside: the rest.
    Source: handbook 2.6; req 126, 127, 128.
    """
    table, ledger = routing.model["care_packages"], routing.ledger
    if not len(table):
        return None
    rows = range(len(table))
    axis = Axis("care package", tuple(table.text("package")))
    gross = table_leaf(ledger, "care_packages/gross", axis, "pence", table, "gross_value", rows, "Gross value of the package")
    contributions = table_leaf(ledger, "care_packages/client_contribution", axis, "pence", table, "client_contribution", rows, "Client contributions")
    net = ledger.add("care_packages/net", less, axis, "pence", whole=gross, part=contributions, title="Net value of the package")
    share = table_leaf(ledger, "care_packages/in_scope_share", axis, "share", table, "in_scope_share", rows, "Part of the package that is in scope")
    inside = ledger.add("care_packages/in_scope", times, axis, "pence", quantity=net, factor=share, title="Part of the package in scope")
    outside = ledger.add("care_packages/outside", less, axis, "pence", whole=net, part=inside, title="Part of the package outside scope")
    return _route(routing, inside, outside)


def _route(routing: Routing, inside: Block, outside: Block) -> Route:
    table = routing.model["care_packages"]
    lines = [_line(routing, row, "") for row in range(len(table))]
    wide = [row for row in range(len(table)) if outside.at(row, 0) != 0]
    lines += [_line(routing, row, OUTSIDE) for row in wide]
    into = np.full(len(table), -1, dtype=np.int64)
    into[wide] = len(table) + np.arange(len(wide))
    axis = Axis("budget line", tuple(line.code for line in lines))
    return Route("care_packages", tuple(lines), routing.ledger.total("care_packages/spend", axis, (inside, np.arange(len(table))), (outside, into), title="Spend on care packages"))


def _line(routing: Routing, row: int, part: str) -> Line:
    table = routing.model["care_packages"]
    package, council, service, practice, funding, year = (str(table.columns[name][row]) for name in ("package", "commissioner", "service_line", "list_code", "funding_stream", "effective_year"))
    return Line(
        code=f"CP.{package}.OUTSIDE" if part else f"CP.{package}",
        name=f"Care package {package}{', ' + part if part else ''}",
        commissioner=council,
        provider="",
        contract="",
        service_line=service,
        activity_type="care_package",
        funding_stream=funding,
        payment_basis="care_package",
        population=routing.shares.one_list(practice),
        grade=1,
        grade_reason="packages of people on the list",
        effective_year=year,
        element="excluded" if part else "wpap",
        place=table.where(row, "package"),
    )
