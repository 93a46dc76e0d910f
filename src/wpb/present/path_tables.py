"""Results along the path: the bridge to the baseline, the forecast by step and line, and its
affordability.

Source: handbook 2.7, Fig 14, 3.3.2 Dudley, 3.6; req 147, 171, 200-202, 362.
"""

from __future__ import annotations

from wpb.present.bridge import Bridge, baseline_to_forecast, spend_to_baseline
from wpb.present.result_table import ResultTable, Value, entered, label, result_table, worked_out
from wpb.present.whole_pence import CellPence, WholePence

CERTAINTIES = ("firm", "indicative", "planning_assumption", "placeholder")
"""From most to least certain; a total is as certain as its least certain part."""


def baseline_bridge(whole: WholePence) -> Bridge:
    """Bridge current spend to the baseline with the figures every other result shows."""
    return spend_to_baseline(
        whole.budget, whole.spend.spend, whole.spend.out_of_scope, whole.spend.unmapped
    )


def bridge_table(whole: WholePence) -> ResultTable:
    """Bridge current spend to the baseline, one row a step; the steps add to the baseline.

    Source: handbook 2.7; req 140, 147, 361.
    """
    bridge, settings = baseline_bridge(whole), whole.budget.model.settings
    columns = (
        label("order", "Order", "count"),
        label("row_kind", "Kind of row", "code"),
        label("stage", "Stage", "code"),
        label("step", "Step"),
        worked_out("amount_pence", "Amount"),
        worked_out("running_pence", "Running total"),
        label("rule", "Rule", "code"),
        label("reason", "Reason"),
    )
    rows: list[list[Value]] = [
        [
            0,
            "opening",
            "current spend",
            f"{bridge.opening}, {settings.spend_year}",
            bridge.opening_pence,
            bridge.opening_pence,
            "sum",
            "",
        ]
    ]
    for number, step in enumerate(bridge.steps, 1):
        rows.append(
            [
                number,
                "step",
                step.stage,
                step.step,
                step.amount_pence,
                step.running_pence,
                step.rule,
                step.reason,
            ]
        )
    rows.append(
        [
            len(rows),
            "closing",
            "baseline",
            f"{bridge.closing}, {settings.baseline_year}",
            bridge.closing_pence,
            bridge.closing_pence,
            "sum",
            "",
        ]
    )
    return result_table(
        "bridge",
        "Bridge from current spend to baseline",
        "Opening plus steps equals closing.",
        columns,
        rows,
    )


def forecast_by_year(whole: WholePence) -> ResultTable:
    """Give each year's forecast as the baseline and the effect of each step, since the baseline and
    within the year.

    baseline + steps since the baseline = forecast; forecast of the year before + steps of the year
    = forecast.
    Source: handbook Fig 14, 3.3.2 Dudley; req 171, 362.
    """
    columns = (
        label("year", "Year", "year"),
        label("order", "Order", "count"),
        label("row_kind", "Kind of row", "code"),
        label("step", "Step"),
        worked_out("amount_pence", "Since the baseline"),
        worked_out("in_year_pence", "In the year"),
        label("rule", "Rule", "code"),
    )
    rows: list[list[Value]] = []
    before: dict[str, int] = {}
    opening = whole.baseline
    for position, year in enumerate(whole.budget.years):
        bridge = baseline_to_forecast(whole.budget, position)
        rows.append([year, 0, "opening", "Baseline", bridge.opening_pence, opening, "sum"])
        for number, step in enumerate(bridge.steps, 1):
            rows.append(
                [
                    year,
                    number,
                    "step",
                    step.step,
                    step.amount_pence,
                    step.amount_pence - before.get(step.step, 0),
                    step.rule,
                ]
            )
            before[step.step] = step.amount_pence
        rows.append(
            [
                year,
                len(bridge.steps) + 1,
                "closing",
                "Forecast",
                bridge.closing_pence,
                bridge.closing_pence,
                "sum",
            ]
        )
        rows.append(
            [
                year,
                len(bridge.steps) + 2,
                "memorandum",
                "Do nothing, before efficiency and care model",
                whole.do_nothing[position],
                None,
                "sum",
            ]
        )
        opening = bridge.closing_pence
    return result_table(
        "forecast_by_year",
        "Forecast by year and step",
        "Opening plus steps equals closing, in both columns of amounts; in the year, the opening is"
        " the forecast of the year before.",
        columns,
        rows,
    )


def forecast_by_line(whole: WholePence) -> ResultTable:
    """Give each line's forecast inside and outside the budget in each year; they add to
    affordability.csv.

    Source: handbook 3.3; req 174, 201.
    """
    budget = whole.budget
    impacts = {line.code: line for line in budget.care_model.lines} if budget.care_model else {}
    services = {
        **{line.code: line.service_line for line in whole.lines},
        **{code: line.service_line for code, line in impacts.items()},
    }
    columns = (
        label("line", "Budget line", "code"),
        label("service_line", "Service line", "code"),
        label("commissioner", "Commissioner", "code"),
        label("funding_stream", "Funding stream", "code"),
        label("year", "Year", "year"),
        worked_out("forecast_pence", "Forecast", adds_up=True),
        worked_out("out_of_scope_pence", "Forecast out of scope", adds_up=True),
    )
    rows: list[list[Value]] = []
    cells = {
        **dict(zip(budget.out_of_scope.axis.codes, whole.out_of_scope_cells, strict=True)),
        **dict(zip(budget.forecast.axis.codes, whole.forecast_cells, strict=True)),
    }
    for position, year in enumerate(budget.years):
        inside = dict(
            zip(budget.forecast.axis.codes, whole.forecast_by_line(position), strict=True)
        )
        outside = dict(
            zip(budget.out_of_scope.axis.codes, whole.out_of_scope_by_line(position), strict=True)
        )
        rows += [
            [code, services[code], *cells[code], year, inside.get(code, 0), outside.get(code, 0)]
            for code in cells
        ]
    rows.sort(key=lambda row: (str(row[0]), str(row[4])))
    return result_table(
        "forecast_by_line",
        "Forecast by line",
        "Every line in every year, care-model lines too.",
        columns,
        rows,
    )


def certainty_of(whole: WholePence, year: str, commissioner: str = "", stream: str = "") -> str:
    """Say how certain the allocations of a year are: as certain as the least certain of them.

    Source: handbook 3.3.1; req 150, 151.
    """
    table = whole.budget.model["allocations"]
    cells = set(whole.budget.affordability.cells)
    found = {
        certainty
        for who, what, when, certainty in zip(
            table.text("commissioner"),
            table.text("funding_stream"),
            table.text("year"),
            table.text("certainty"),
            strict=True,
        )
        if when == year
        and (who, what) in cells
        and commissioner in ("", who)
        and stream in ("", what)
    }
    return max(found, key=CERTAINTIES.index) if found else ""


def affordability_table(whole: WholePence) -> ResultTable:
    """Set the forecast against allocations: for each commissioner and stream, commissioner, stream,
    and in total.

    headroom = allocation - forecast - out of scope; residual is what headroom lacks.
    Source: handbook 3.6, 3.5 Mid-Nottinghamshire case; req 150, 194, 200, 201, 202.
    """
    columns = (
        label("level", "Level", "code"),
        label("commissioner", "Commissioner", "code"),
        label("funding_stream", "Funding stream", "code"),
        label("year", "Year", "year"),
        label("certainty", "Certainty of the allocation", "code"),
        entered("allocation_pence", "Allocation"),
        worked_out("forecast_pence", "Forecast"),
        worked_out("out_of_scope_pence", "Forecast out of scope"),
        worked_out("headroom_pence", "Headroom"),
        worked_out("residual_pence", "Residual efficiency"),
    )
    rows: list[list[Value]] = []
    for position, year in enumerate(whole.budget.years):
        rows.append(
            [
                "total",
                "",
                "",
                year,
                certainty_of(whole, year),
                *_amounts(whole.cell_totals(position, None)["total"]),
            ]
        )
        rows += [
            ["stream", "", name, year, certainty_of(whole, year, stream=name), *_amounts(cell)]
            for name, cell in whole.cell_totals(position, 1).items()
        ]
        rows += [
            ["commissioner", name, "", year, certainty_of(whole, year, name), *_amounts(cell)]
            for name, cell in whole.cell_totals(position, 0).items()
        ]
        rows += [
            [
                "commissioner and stream",
                *names,
                year,
                certainty_of(whole, year, *names),
                *_amounts(cell),
            ]
            for names, cell in whole.cells[position].items()
        ]
    levels = ("total", "stream", "commissioner", "commissioner and stream")
    rows.sort(key=lambda row: (levels.index(str(row[0])), str(row[1]), str(row[2]), str(row[3])))
    return result_table(
        "affordability",
        "Affordability",
        "Headroom = allocation less forecast less forecast out of scope.",
        columns,
        rows,
    )


def _amounts(cell: CellPence) -> list[int]:
    return [cell.allocation, cell.forecast, cell.out_of_scope, cell.headroom, cell.residual]
