"""Hospital activity in four areas, and the effect of programmes laid over it.

Source: handbook 3.3.2-3.3.3, 3.5; req 164, 167, 168.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wpb.forecast.care_model import ImpactLine, Impacts, all_of_it
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.forecasting import ACUTE_AREAS
from wpb.tables.model import Model
from wpb.tables.records import Line, Scope, Section, SectionColumn, SectionValue, year_columns

AREA_NAMES = {
    "ae": "A&E attendances",
    "outpatient": "Outpatient attendances",
    "elective": "Elective admissions",
    "non_elective": "Non-elective admissions",
}


def overlaid_activity(units: Array, activity_change: Array) -> Array:
    """Activity with programmes laid over it: units x (1 + change of all programmes).

    Source: handbook 3.3.2, 3.5; req 168.
    """
    return units * (1.0 + activity_change)


def overlay_saving(level_pence: Array, activity_change: Array) -> Array:
    """What less activity releases: level x -change; nought where activity rises.

    Source: handbook 3.5; req 168.
    """
    return level_pence * np.maximum(-activity_change, 0.0)


def overlay_cost(level_pence: Array, activity_change: Array) -> Array:
    """What more activity costs: level x change; nought where activity falls.

    Source: handbook 3.5; req 168.
    """
    return level_pence * np.maximum(activity_change, 0.0)


def overlay_impacts(
    model: Model,
    scope: Scope,
    ledger: Ledger,
    lines: Sequence[Line],
    inside: Block,
    outside: Block,
    problems: ProblemLog,
) -> Impacts | None:
    """Price the overlays whose pounds stand nowhere else: the area's forecast in the year x the
    change in activity.

    A programme whose pounds are in care_model_impacts is laid over activity alone, so that no
    effect counts twice.
    Source: handbook 3.3.2, 3.5; req 157, 168.
    """
    table = model["activity_overlays"]
    _check(model, scope, problems)
    problems.raise_if_errors()
    priced = [row for row in range(len(table)) if table.columns["pounds_in"][row] == "this_row"]
    if not priced:
        return None
    area_of = areas_by_category(model)
    programmes: dict[tuple[str, str], dict[str, int]] = {}
    for row in priced:
        programmes.setdefault(
            (str(table.columns["programme"][row]), str(table.columns["acute_area"][row])), {}
        )[str(table.columns["year"][row])] = row
    cells = sorted(
        {
            (line.service_line, line.commissioner, line.funding_stream)
            for line in lines
            if area_of.get(scope.growth_category[line.service_line])
        }
    )
    found: list[tuple[ImpactLine, dict[str, int]]] = []
    for (programme, area), by_year in sorted(programmes.items()):
        first = by_year[min(by_year)]
        words = {
            name: str(table.columns[name][first]) for name in ("programme_kind", "owner", "plan")
        }
        for service, commissioner, stream in cells:
            if area_of.get(scope.growth_category[service]) == area:
                for within in (True, False):
                    code = (
                        f"OV.{programme}.{service}.{commissioner}.{stream}"
                        f"{'' if within else '.outside'}"
                    )
                    found.append(
                        (
                            ImpactLine(
                                code,
                                programme,
                                service,
                                commissioner,
                                stream,
                                within,
                                "overlay",
                                **words,
                            ),
                            by_year,
                        )
                    )
    return _impacts(model, ledger, lines, inside, outside, found) if found else None


def _impacts(
    model: Model,
    ledger: Ledger,
    lines: Sequence[Line],
    inside: Block,
    outside: Block,
    found: list[tuple[ImpactLine, dict[str, int]]],
) -> Impacts:
    table, years = model["activity_overlays"], model.settings.years
    cells = Axis(
        "service, commissioner and stream",
        tuple(
            sorted(
                {
                    (
                        f"{line.service_line}.{line.commissioner}.{line.funding_stream}"
                        f"{'' if line.inside else '.outside'}"
                    )
                    for line, _ in found
                }
            )
        ),
    )
    into = {
        suffix: [
            cells.positions.get(
                f"{line.service_line}.{line.commissioner}.{line.funding_stream}{suffix}", -1
            )
            for line in lines
        ]
        for suffix in ("", ".outside")
    }
    level = ledger.total(
        "overlay/level",
        cells,
        (inside, into[""]),
        (outside, into[".outside"]),
        title="Forecast of the area's services",
    )
    axis = Axis("overlay line", tuple(line.code for line, _ in found))
    rows = np.array(
        [
            cells.positions[
                (
                    f"{line.service_line}.{line.commissioner}.{line.funding_stream}"
                    f"{'' if line.inside else '.outside'}"
                )
            ]
            for line, _ in found
        ],
        dtype=np.int64,
    )
    changes = table.numbers("activity_change")
    values = np.array(
        [
            [changes[by_year[year]] if year in by_year else 0.0 for year in years]
            for _, by_year in found
        ]
    )

    def where(row: int, year: int) -> Place:
        at = found[row][1].get(years[year])
        return (
            table.where(at, "activity_change")
            if at is not None
            else Cell(table.file, table.sheet, "", f"no row for {years[year]}")
        )

    change = ledger.leaf(
        "overlay/activity_change",
        axis,
        "rate",
        values,
        where,
        years=years,
        title="Change in activity",
    )
    saving = ledger.add(
        "overlay/saving",
        overlay_saving,
        axis,
        "pence",
        years,
        "Spend that less activity releases",
        level_pence=Ref(level, rows),
        activity_change=change,
    )
    cost = ledger.add(
        "overlay/investment",
        overlay_cost,
        axis,
        "pence",
        years,
        "Spend that more activity needs",
        level_pence=Ref(level, rows),
        activity_change=change,
    )
    return Impacts(
        tuple(line for line, _ in found),
        cost,
        saving,
        all_of_it(len(found), model),
        lambda row, _: table.where(min(found[row][1].values()), "pounds_in"),
    )


def areas_by_category(model: Model) -> dict[str, str]:
    """The area of hospital activity of each growth category that has one.

    Source: handbook 3.3.2; req 168.
    """
    table = model["growth_categories"]
    return {
        code: area
        for code, area in zip(table.text("growth_category"), table.text("acute_area"), strict=True)
        if area
    }


def _check(model: Model, scope: Scope, problems: ProblemLog) -> None:
    table, impacts, years = (
        model["activity_overlays"],
        model["care_model_impacts"],
        model.settings.years,
    )
    area_of = areas_by_category(model)
    entered = {
        (
            str(impacts.columns["programme"][row]),
            area_of.get(
                scope.growth_category.get(str(impacts.columns["service_line"][row]), ""), ""
            ),
        )
        for row in range(len(impacts))
    }
    for row in range(len(table)):
        programme, area, year, place = (
            str(table.columns[name][row])
            for name in ("programme", "acute_area", "year", "pounds_in")
        )
        if year not in years:
            problems.error(
                table.where(row, "year"),
                f"{year} is outside the contract, {years[0]} to {years[-1]}.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
        if area not in area_of.values():
            problems.error(
                table.where(row, "acute_area"),
                f"No growth category belongs to the area '{area}'.",
                "Enter acute_area in growth_categories.",
                "area_unknown",
            )
        if place == "this_row" and (programme, area) in entered:
            problems.error(
                table.where(row, "pounds_in"),
                f"The programme '{programme}' already has pounds for this area in"
                " care_model_impacts, so they would count twice.",
                "Enter care_model_impacts here, or take the rows out there.",
                "overlay_twice",
            )
        if not table.numbers("activity_change")[row] >= -1.0:
            problems.error(
                table.where(row, "activity_change"),
                "Activity cannot fall by more than all of it.",
                "Enter a change from -1 up, for example -0.03.",
                "out_of_range",
            )


def area_section(
    model: Model, scope: Scope, ledger: Ledger, lines: Sequence[Line]
) -> Section | None:
    """Give hospital activity in the four areas by year, as it would be and with programmes laid
    over it.

    Source: handbook 3.3.2 (areas of the hospital activity model), Fig 16; req 164, 167, 168.
    """
    area_of = areas_by_category(model)
    if not area_of or "activity_path" not in ledger:
        return None
    axis, path = Axis("acute area", ACUTE_AREAS), ledger["activity_path"]
    service_of = {line.code: line.service_line for line in lines}
    into = [
        axis.positions.get(area_of.get(scope.growth_category[service_of[code]], ""), -1)
        for code in path.axis.codes
    ]
    units = ledger.total("acute_area/activity", axis, (path, into), title="Activity in the area")
    change = _all_changes(model, ledger, axis)
    after = ledger.add(
        "acute_area/activity_with_programmes",
        overlaid_activity,
        axis,
        "units",
        model.settings.years,
        "Activity with programmes",
        units=units,
        activity_change=change,
    )
    rows: list[tuple[SectionValue, ...]] = []
    for row, area in enumerate(ACUTE_AREAS):
        for name, block in (("before programmes", units), ("with programmes", after)):
            rows.append(
                (
                    AREA_NAMES[area],
                    name,
                    *(block.at(row, year) for year in range(len(model.settings.years))),
                )
            )
    columns = (
        SectionColumn("area", "Area"),
        SectionColumn("path", "Path"),
        *year_columns(model.settings.years, "number"),
    )
    return Section(
        "acute_activity",
        "Hospital activity in four areas",
        "Units of priced activity, inside and outside the budget.",
        columns,
        tuple(rows),
    )


def _all_changes(model: Model, ledger: Ledger, areas: Axis) -> Block:
    table, years = model["activity_overlays"], model.settings.years
    programmes = Axis(
        "programme and area",
        tuple(
            sorted(
                {
                    f"{p}.{a}"
                    for p, a in zip(table.text("programme"), table.text("acute_area"), strict=True)
                }
            )
        )
        or ("none",),
    )
    rows = {
        (f"{p}.{a}", y): row
        for row, (p, a, y) in enumerate(
            zip(table.text("programme"), table.text("acute_area"), table.text("year"), strict=True)
        )
    }
    changes = table.numbers("activity_change")
    values = np.array(
        [
            [changes[rows[code, year]] if (code, year) in rows else 0.0 for year in years]
            for code in programmes.codes
        ]
    )

    def where(row: int, year: int) -> Place:
        at = rows.get((programmes.codes[row], years[year]))
        return (
            table.where(at, "activity_change")
            if at is not None
            else Cell(
                table.file or "inputs/activity_overlays.csv",
                table.sheet or "activity_overlays",
                "",
                "no row",
            )
        )

    leaf = ledger.leaf(
        "acute_area/change_by_programme",
        programmes,
        "rate",
        values,
        where,
        years=years,
        title="Change in activity",
    )
    return ledger.total(
        "acute_area/change",
        areas,
        (leaf, [areas.positions.get(code.rpartition(".")[2], -1) for code in programmes.codes]),
        title="Change of all programmes",
    )
