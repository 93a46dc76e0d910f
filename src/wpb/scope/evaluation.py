"""Figures kept to judge the budget, the risk share and the care model as they go.

Source: handbook 1.1.5; overview 3.4.
"""

from __future__ import annotations

from wpb.kernel.calendar import start_year
from wpb.tables.findings import Finding, judged, not_checked
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn

KINDS = ("activity", "quality", "cost")


def check_evaluation(model: Model) -> list[Finding]:
    """Warn where activity, quality or cost has no figures, or only old ones.

    Source: handbook 1.1.5; overview 3.4; req 17.
    """
    table = model["evaluation_series"]
    if not len(table):
        return [
            not_checked(
                "evaluation",
                "evaluation",
                "Keep activity, quality and cost figures in evaluation_series.",
            )
        ]
    oldest = start_year(model.settings.spend_year) - int(limit(model, "evaluation_years"))
    found = []
    for kind in KINDS:
        rows = table.rows_where("measure_kind", kind)
        newest = max((str(table.columns["period"][row]) for row in rows), default="")
        words = (
            f"The newest figure of {kind} is for {newest}."
            if newest
            else f"There is no figure of {kind}."
        )
        found.append(
            judged(
                "evaluation",
                kind,
                bool(newest) and start_year(newest) >= oldest,
                words,
                "Add the newest figures, and keep them coming through the contract.",
                table.where(rows[-1] if rows else 0, "period"),
            )
        )
    return found


def evaluation_section(model: Model) -> Section:
    """List the series kept, measure by measure, year by year.

    Source: handbook 1.1.5; overview 3.4; req 17.
    """
    table = model["evaluation_series"]
    columns = (
        SectionColumn("measure", "Measure", "code"),
        SectionColumn("measure_kind", "Kind"),
        SectionColumn("service_line", "Service line", "code"),
        SectionColumn("period", "Year", "year"),
        SectionColumn("figure", "Figure", "number"),
        SectionColumn("unit", "Unit"),
        SectionColumn("data_source", "Source"),
    )
    text = {column.name: table.text(column.name) for column in columns if column.name != "figure"}
    order = sorted(
        range(len(table)),
        key=lambda row: (text["measure_kind"][row], text["measure"][row], text["period"][row]),
    )
    figures = table.numbers("figure").tolist()
    rows = tuple(
        tuple(
            figures[row] if column.name == "figure" else text[column.name][row]
            for column in columns
        )
        for row in order
    )
    return Section(
        "evaluation",
        "Evaluation figures",
        "Kept so that the budget, the risk share and the care model can be judged as they go.",
        columns,
        rows,
    )
