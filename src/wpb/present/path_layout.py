"""The path by step with years across, as the workbook and the report lay it out."""

from __future__ import annotations

from dataclasses import dataclass

from wpb.present.result_table import ResultColumn, ResultTable, Value, result_table


@dataclass(frozen=True)
class PathLayout:
    """Baseline, steps and forecast in whole pence, a value for each year; steps without effect in
    any year are left out.
    """

    years: tuple[str, ...]
    opening: tuple[int, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]
    closing: tuple[int, ...]
    do_nothing: tuple[int, ...]


def path_rows(forecast_by_year: ResultTable) -> PathLayout:
    """Turn forecast_by_year on its side: opening + steps = closing in every year.

    Source: handbook Fig 14, 3.3.2 Dudley; req 171, 362.
    """
    years: dict[str, None] = {}
    by_kind: dict[str, list[int]] = {"opening": [], "closing": [], "memorandum": []}
    steps: dict[str, list[int]] = {}
    for record in forecast_by_year.records():
        years[record["year"]] = None
        into = (
            steps.setdefault(record["step"], [])
            if record["row_kind"] == "step"
            else by_kind[record["row_kind"]]
        )
        into.append(record["amount_pence"])
    live = tuple((name, tuple(amounts)) for name, amounts in steps.items() if any(amounts))
    return PathLayout(
        tuple(years),
        tuple(by_kind["opening"]),
        live,
        tuple(by_kind["closing"]),
        tuple(by_kind["memorandum"]),
    )


def years_across(table: ResultTable, column: str, name: str, title: str) -> ResultTable:
    """Lay one column of a table by year out with a column for each year; rows with nothing in any
    year are left out.
    """
    position, year_at = table.position(column), table.position("year")
    keys = [i for i, found in enumerate(table.columns) if found.origin == "label" and i != year_at]
    years = sorted({str(row[year_at]) for row in table.rows})
    at = {year: i for i, year in enumerate(years)}
    amounts: dict[tuple[Value, ...], list[Value]] = {}
    for row in table.rows:
        amounts.setdefault(tuple(row[i] for i in keys), [0] * len(years))[at[str(row[year_at])]] = (
            row[position]
        )
    value = table.columns[position]
    columns = [table.columns[i] for i in keys] + [
        ResultColumn(year, year, value.kind, value.origin, value.adds_up) for year in years
    ]
    return result_table(
        name,
        title,
        table.help,
        columns,
        [[*key, *found] for key, found in amounts.items() if any(found)],
    )
