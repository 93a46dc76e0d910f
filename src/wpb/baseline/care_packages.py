"""Social care packages: the in-scope part of each, for people on the lists in scope, net of client
contributions.

Source: handbook 2.6; req 125-129.
"""

from __future__ import annotations

import numpy as np

from wpb.baseline.package_parts import IN_SCOPE_GRADES, share_in_scope
from wpb.baseline.routing import Routing, cell_leaf
from wpb.kernel.arithmetic import less, times
from wpb.kernel.ledger import Axis, Block
from wpb.tables.leaves import table_leaf
from wpb.tables.records import Element, Line, Route

OUTSIDE = "outside-scope part"
NOT_ATTRIBUTABLE = "belongs to no one person, so no cohort can be given it"
WIDER_THAN_SCOPE = "the part of a package that is wider than the scope"


def care_packages(routing: Routing) -> Route | None:
    """Value each package net of client contributions; its part outside scope is a line of its own.

    in scope: (gross - contributions) x in-scope share; outside: the rest. Who provides the care
    makes no
    difference: private and in-house provision count alike.
    Source: handbook 2.6; req 126, 127, 128, 129.
    """
    table, ledger = routing.model["care_packages"], routing.ledger
    if not len(table):
        return None
    rows = range(len(table))
    axis = Axis("care package", tuple(table.text("package")))
    gross = table_leaf(
        ledger,
        "care_packages/gross",
        axis,
        "pence",
        table,
        "gross_value",
        rows,
        "Gross value of the package",
    )
    contributions = table_leaf(
        ledger,
        "care_packages/client_contribution",
        axis,
        "pence",
        table,
        "client_contribution",
        rows,
        "Client contributions",
    )
    net = ledger.add(
        "care_packages/net",
        less,
        axis,
        "pence",
        whole=gross,
        part=contributions,
        title="Net value of the package",
    )
    share, ways = share_in_scope(routing, axis)
    inside = ledger.add(
        "care_packages/in_scope",
        times,
        axis,
        "pence",
        quantity=net,
        factor=share,
        title="Part of the package in scope",
    )
    outside = ledger.add(
        "care_packages/outside",
        less,
        axis,
        "pence",
        whole=net,
        part=inside,
        title="Part of the package outside scope",
    )
    _by_condition(routing, axis, inside)
    return _route(routing, inside, outside, ways)


def _route(routing: Routing, inside: Block, outside: Block, ways: list[str]) -> Route:
    table = routing.model["care_packages"]
    lines = [_line(routing, row, "", ways[row]) for row in range(len(table))]
    wider = np.flatnonzero(outside.value[0, :, 0])
    lines += [_line(routing, int(row), OUTSIDE, ways[row]) for row in wider]
    into = np.full(len(table), -1, dtype=np.int64)
    into[wider] = len(table) + np.arange(len(wider))
    axis = Axis("budget line", tuple(line.code for line in lines))
    return Route(
        "care_packages",
        tuple(lines),
        routing.ledger.total(
            "care_packages/spend",
            axis,
            (inside, np.arange(len(table))),
            (outside, into),
            title="Spend on care packages",
        ),
    )


def attributable(routing: Routing, row: int) -> bool:
    """Whether a row of care_packages is care of one person (or group on one list); blank counts as
    yes.

    Source: handbook 2.6 Tower Hamlets; req 129.
    """
    return routing.model["care_packages"].flags("attributable_to_person")[row] is not False


def _line(routing: Routing, row: int, part: str, way: str) -> Line:
    table = routing.model["care_packages"]
    package, council, service, practice, funding, year, kind = (
        str(table.columns[name][row])
        for name in (
            "package",
            "commissioner",
            "service_line",
            "list_code",
            "funding_stream",
            "effective_year",
            "package_kind",
        )
    )
    own = attributable(routing, row)
    element: Element = (
        "excluded"
        if part or not own
        else "personal_budget"
        if kind == "personal_budget"
        else "wpap"
    )
    grade, reason = IN_SCOPE_GRADES[way]
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
        population=(
            routing.shares.one_list(practice)
            if own
            else routing.shares.population_carve_out(
                "*", table.where(row, "attributable_to_person")
            )
        ),
        grade=grade,
        grade_reason=reason,
        effective_year=year,
        element=element,
        place=table.where(row, "package"),
        left_out=NOT_ATTRIBUTABLE if not own else WIDER_THAN_SCOPE if part else "",
    )


def _by_condition(routing: Routing, axis: Axis, inside: Block) -> None:
    """Full-year cost for lists in scope by condition and kind of support, private and in-house
    provision together.

    Source: handbook 2.6 Tower Hamlets; req 128, 129.
    """
    table, ledger, scope = routing.model["care_packages"], routing.ledger, routing.scope
    pairs = [
        (condition or "not_recorded", kind or "not_recorded")
        for condition, kind in zip(table.text("condition"), table.text("package_kind"), strict=True)
    ]
    flags = (
        [
            float(attributable(routing, row) and scope.list_in_scope(practice))
            for row, practice in enumerate(table.text("list_code"))
        ]
        if len(table)
        else []
    )
    counted = cell_leaf(
        ledger,
        "care_packages/counted",
        axis,
        "flag",
        flags,
        lambda row: table.where(row, "list_code"),
        "Whether the package is of a person on a list in scope",
    )
    own = ledger.add(
        "care_packages/for_lists_in_scope",
        times,
        axis,
        "pence",
        quantity=inside,
        factor=counted,
        title="In-scope part of the package, for lists in scope",
    )
    groups = Axis(
        "condition and kind of support",
        tuple(f"{condition}.{kind}" for condition, kind in sorted(set(pairs))),
    )
    ledger.total(
        "care_packages/by_condition",
        groups,
        (own, [groups.positions[f"{condition}.{kind}"] for condition, kind in pairs]),
        title="Full-year cost of packages, all providers together",
    )
