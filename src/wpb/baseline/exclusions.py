"""What is left out of the budget by agreement or by law, why, and what it is worth.

Source: handbook 2.5, 2.6; overview 3.3.1; Mid-Nottinghamshire article (2016); req 105-108, 122,
129, 138, 139.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wpb.baseline.current_spend import CurrentSpend
from wpb.baseline.population_shares import SharesBuilt
from wpb.baseline.routing import Routing
from wpb.kernel.arithmetic import times
from wpb.kernel.calendar import first_day
from wpb.kernel.ledger import Axis, Block, Ledger, Ref
from wpb.kernel.problems import ProblemLog
from wpb.national.law_tables import contract_exclusions, entry_on
from wpb.tables.model import Model
from wpb.tables.records import Line, Route

NEVER_IN_SOME = ("community_pharmacy", "general_dental", "community_optometry")
PERSONAL_BUDGETS = "personal budgets, left out by agreement"
WIDER_RISK_SHARE = "its risk is shared over a wider area"


def check_contract_form(model: Model, problems: ProblemLog) -> None:
    """Refuse services in scope that the form of contract may not hold on the day it starts; say
    where that is not known.

    Source: overview 3.3.1; handbook fn 16; req 122.
    """
    services, vehicle = model["service_lines"], model.settings.vehicle
    start = first_day(model.settings.first_contract_year)
    for row, (kind, scope) in enumerate(
        zip(services.text("regulated_as"), services.text("scope"), strict=True)
    ):
        if kind not in NEVER_IN_SOME or scope == "out":
            continue
        name, form, place = (
            str(services.columns["name"][row]),
            vehicle.replace("_", " "),
            services.where(row, "scope"),
        )
        entry = entry_on(contract_exclusions(), kind, vehicle, start)
        if entry is not None and entry.status == "excluded":
            problems.error(
                place,
                f"{name} ({kind.replace('_', ' ')}) is in scope, and the {form} may not hold it"
                f" ({entry}).",
                "Set its scope to out; it is then shown beside the budget.",
                "contract_may_not_hold",
            )
        elif entry is None or entry.status == "unknown":
            problems.warning(
                place,
                f"{name} ({kind.replace('_', ' ')}) is in scope; whether the {form} may hold it is"
                " not known.",
                "Take advice, and record it in the reason for the scope.",
                "contract_form_unknown",
            )


def leave_out_agreed(routing: Routing, routes: Sequence[Route]) -> list[Route]:
    """Mark the lines that an agreed exclusion takes out: personal budgets, or a service line with a
    wider risk share.

    Source: Mid-Nottinghamshire article (2016); req 138, 139.
    """
    table = routing.model["scope_exclusions"]
    if not len(table):
        return list(routes)
    rows = list(zip(table.text("exclusion_kind"), table.text("service_line"), strict=True))
    return [
        replace(route, lines=tuple(_marked(line, rows) for line in route.lines)) for route in routes
    ]


def _marked(line: Line, rows: Sequence[tuple[str, str]]) -> Line:
    for kind, service in rows:
        if kind == "personal_budgets" and (
            line.service_line == service or (not service and line.element == "personal_budget")
        ):
            return replace(line, element="excluded", left_out=PERSONAL_BUDGETS)
        if kind == "wider_risk_share" and line.service_line == service:
            return replace(line, element="excluded", left_out=WIDER_RISK_SHARE)
    return line


def worth_of_left_out(ledger: Ledger, current: CurrentSpend, shares: SharesBuilt) -> Block | None:
    """Value what is left out for lists in scope, by reason: sum of spend x share of lists in scope;
    None where nothing is.

    Source: handbook 2.5, 2.6; Mid-Nottinghamshire article (2016); req 105, 107, 108, 129, 138, 139.
    """
    lines = current.lines.lines
    rows = np.array([row for row, line in enumerate(lines) if line.left_out], dtype=np.int64)
    if not len(rows):
        return None
    axis = Axis("line left out", tuple(lines[row].code for row in rows))
    profile = np.array(
        [shares.axis.positions[lines[row].population] for row in rows], dtype=np.int64
    )
    worth = ledger.add(
        "left_out/lines",
        times,
        axis,
        "pence",
        quantity=Ref(current.spend, rows),
        factor=Ref(shares.in_scope, profile),
        title="Spend for lists in scope that is left out",
    )
    reasons = Axis("reason", tuple(sorted({lines[row].left_out for row in rows})))
    return ledger.total(
        "left_out/by_reason",
        reasons,
        (worth, [reasons.positions[lines[row].left_out] for row in rows]),
        title="Left out, for lists in scope",
    )
