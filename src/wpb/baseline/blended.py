"""A baseline blended from several estimates, each with its weight in view: spend is a start, not an
end.

Source: overview 2, 4.1.
"""

from __future__ import annotations

import numpy as np

from wpb.baseline.roll_forward import Levels, after_change
from wpb.kernel.arithmetic import times
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.kernel.money import whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.leaves import table_leaf
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Section, SectionColumn

STEP = "Blended with other estimates"


def spend_from_cost(cost_pence: Array, spend_per_cost: Array) -> Array:
    """A provider's cost as an estimate of spend, at a stated ratio: cost x pounds of spend for each
    pound of cost.

    The one door between the two kinds of amount.
    Source: handbook 2.4; overview 4.1; req 29, 31.
    """
    return cost_pence * spend_per_cost


def to_blend(before_pence: Array, historic_pence: Array, blended_pence: Array) -> Array:
    """What a line's spend changes by: line x (blended / historic) - line.

    Source: overview 4.1; req 29.
    """
    return before_pence * (blended_pence / historic_pence) - before_pence


def blend(model: Model, ledger: Ledger, lines: BudgetLines, levels: Levels) -> Levels:
    """Blend a service line's spend in scope with other estimates: sum of weight x estimate, shared
    over its lines by spend.

    Source: overview 2, 4.1; req 29.
    """
    table = model["baseline_estimates"]
    if not len(table):
        return levels
    services = Axis("service line", tuple(sorted(set(table.text("service_line")))))
    owner = np.array(
        [services.positions.get(line.service_line, -1) for line in lines.lines], dtype=np.int64
    )
    historic = ledger.total(
        "blend/historic",
        services,
        (levels.inside, owner),
        title="Spend in scope of the service line",
    )
    weighted = [
        _weighted(model, ledger, services, historic, kind) for kind in ("historic", "spend", "cost")
    ]
    blended = ledger.total(
        "blend/blended",
        services,
        *(part for part in weighted if part is not None),
        title="Blend of the estimates",
    )
    chosen = np.flatnonzero(owner >= 0)
    axis = Axis("budget line", tuple(lines.axis.codes[row] for row in chosen))
    change = ledger.add(
        "blend/change",
        to_blend,
        axis,
        "pence",
        before_pence=Ref(levels.inside, chosen),
        historic_pence=Ref(historic, owner[chosen]),
        blended_pence=Ref(blended, owner[chosen]),
        title="Change by the blend",
    )
    movement = ledger.total("blend/movement", levels.inside.axis, (change, chosen), title=STEP)
    ledger.record("baseline", STEP, movement)
    return Levels(
        ledger.add(
            "blend/inside",
            after_change,
            levels.inside.axis,
            "pence",
            before_pence=levels.inside,
            change_pence=movement,
            title="After blending",
        ),
        levels.outside,
    )


def _rows(model: Model, kind: str) -> list[int]:
    table = model["baseline_estimates"]
    if kind == "historic":
        return table.rows_where("estimator", "historic_spend")
    return [
        row
        for row in table.rows_where("basis", kind)
        if table.columns["estimator"][row] != "historic_spend"
    ]


def _weighted(
    model: Model, ledger: Ledger, services: Axis, historic: Block, kind: str
) -> tuple[Block, list[int]] | None:
    table, rows = model["baseline_estimates"], _rows(model, kind)
    if not rows:
        return None
    axis = Axis("estimate", tuple(table.key_of(row) for row in rows))
    into = [services.positions[str(table.columns["service_line"][row])] for row in rows]
    weight = table_leaf(
        ledger,
        f"blend/{kind}_weight",
        axis,
        "share",
        table,
        "weight",
        rows,
        "Weight of the estimate",
    )
    if kind == "historic":
        estimate: Block | Ref = Ref(historic, np.array(into))
    elif kind == "spend":
        estimate = table_leaf(
            ledger, "blend/spend_estimate", axis, "pence", table, "value", rows, "Estimate of spend"
        )
    else:
        cost = table_leaf(
            ledger,
            "blend/cost_estimate",
            axis,
            "pence of cost",
            table,
            "value",
            rows,
            "Estimate of provider cost",
        )
        ratio = table_leaf(
            ledger,
            "blend/spend_per_cost",
            axis,
            "pence per pence of cost",
            table,
            "spend_per_cost",
            rows,
            "Spend for each pound of cost",
        )
        estimate = ledger.add(
            "blend/cost_as_spend",
            spend_from_cost,
            axis,
            "pence",
            cost_pence=cost,
            spend_per_cost=ratio,
            title="Cost as an estimate of spend",
        )
    return (
        ledger.add(
            f"blend/{kind}_weighted",
            times,
            axis,
            "pence",
            quantity=estimate,
            factor=weight,
            title="Weighted estimate",
        ),
        into,
    )


def check_estimates(model: Model, problems: ProblemLog) -> None:
    """Refuse estimates that mix spend and cost, lack their value, or leave historic spend without
    its place.

    Source: handbook 2.4; overview 4.1; req 29, 31.
    """
    table = model["baseline_estimates"]
    values, ratios = table.numbers("value"), table.numbers("spend_per_cost")
    for row, (service, estimator, basis) in enumerate(
        zip(table.text("service_line"), table.text("estimator"), table.text("basis"), strict=True)
    ):
        if estimator == "historic_spend":
            if not np.isnan(values[row]) or basis != "spend":
                problems.error(
                    table.where(row, "value"),
                    f"Historic spend of {service} is taken from this model's own lines.",
                    "Leave the value blank and the basis spend.",
                    "estimate_value",
                )
        elif np.isnan(values[row]):
            problems.error(
                table.where(row, "value"),
                f"The estimate of {service} by {estimator.replace('_', ' ')} has no value.",
                "Enter it, or take the row out.",
                "estimate_value",
            )
        elif basis == "cost" and np.isnan(ratios[row]):
            problems.error(
                table.where(row, "spend_per_cost"),
                f"The estimate of {service} by {estimator.replace('_', ' ')} is a provider's cost,"
                " and spend and cost are never added.",
                "Enter how much is spent for each pound of cost.",
                "spend_and_cost",
            )
        elif basis == "spend" and not np.isnan(ratios[row]):
            problems.error(
                table.where(row, "spend_per_cost"),
                f"The estimate of {service} by {estimator.replace('_', ' ')} is spend already.",
                "Clear the ratio, or set the basis to cost.",
                "spend_and_cost",
            )


def check_historic(model: Model, lines: BudgetLines, inside: Block, problems: ProblemLog) -> None:
    """Refuse to blend a service line that has no spend in scope to share the blend by.

    Source: overview 4.1; req 29.
    """
    table = model["baseline_estimates"]
    for service in dict.fromkeys(table.text("service_line")):
        if not sum(
            inside.at(row, 0)
            for row, line in enumerate(lines.lines)
            if line.service_line == service
        ):
            row = table.rows_where("service_line", service)[0]
            problems.error(
                table.where(row, "service_line"),
                f"{service} has no spend in scope, so there is nothing to share a blend by.",
                "Take its estimates out, or enter a line of spend.",
                "estimate_without_spend",
            )


def blend_section(model: Model, ledger: Ledger) -> Section:
    """List each service line's estimates with their weights.

    Source: overview 2, 4.1; req 29.
    """
    columns = (
        SectionColumn("service_line", "Service line", "code"),
        SectionColumn("estimator", "Estimate"),
        SectionColumn("estimate_pence", "As spend", "pounds"),
        SectionColumn("weight", "Weight", "share"),
        SectionColumn("source", "Source"),
    )
    table, rows = model["baseline_estimates"], []
    values, ratios, weights = (
        table.numbers("value"),
        table.numbers("spend_per_cost"),
        table.numbers("weight"),
    )
    for row, (service, estimator, basis, source) in enumerate(
        zip(
            table.text("service_line"),
            table.text("estimator"),
            table.text("basis"),
            table.text("source"),
            strict=True,
        )
    ):
        historic = ledger["blend/historic"]
        amount = (
            historic.at(historic.axis.positions[service], 0)
            if estimator == "historic_spend"
            else float(values[row]) * (float(ratios[row]) if basis == "cost" else 1.0)
        )
        rows.append(
            (service, estimator.replace("_", " "), whole_pence(amount), float(weights[row]), source)
        )
    return Section(
        "blended_baseline",
        "Estimates behind blended lines",
        "Each estimate and its weight; the weighted sum is the service line's baseline.",
        columns,
        tuple(rows),
    )
