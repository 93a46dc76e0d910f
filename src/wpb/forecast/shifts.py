"""Shifts between care settings: activity that leaves one and arrives in another, priced on each
side.

Source: overview 4.1-4.2; req 183.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.forecast.care_model import ImpactLine, Impacts, all_of_it
from wpb.forecast.overrides import said
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger
from wpb.kernel.money import whole_pence
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Scope, Section, SectionColumn, SectionValue, year_columns

SIDES = ("from", "to")


def units_arriving(units_leaving: Array, units_per_unit: Array) -> Array:
    """What arrives in the second setting: units that leave x units there for each; 1 for each
    conserves activity.

    Source: overview 4.2; req 183.
    """
    return units_leaving * units_per_unit


def priced_units(units: Array, unit_price_pence: Array) -> Array:
    """Spend on units at a unit price: units x price.

    Source: overview 4.2; req 183.
    """
    return units * unit_price_pence


@dataclass(frozen=True)
class Shifts:
    """Both sides of every shift: units and pounds by impact line and year."""

    impacts: Impacts
    settings: tuple[str, ...]
    """The care setting of each impact line."""
    units: Block
    """Units that leave (on lines that lose) or arrive (on lines that gain)."""


def shift_impacts(
    model: Model, scope: Scope, ledger: Ledger, problems: ProblemLog
) -> Shifts | None:
    """Price both sides of every shift: what the first setting releases is a saving, what the second
    needs an investment.

    Source: overview 4.1-4.2; req 183.
    """
    table = model["setting_shifts"]
    if not len(table):
        return None
    _check(model, scope, problems)
    problems.raise_if_errors()
    rows: dict[tuple[str, ...], dict[str, int]] = {}
    for row, year in enumerate(table.text("year")):
        for side in SIDES:
            key = (
                *(
                    str(table.columns[name][row])
                    for name in (
                        "shift",
                        f"{side}_service_line",
                        "commissioner",
                        f"{side}_stream",
                        f"{side}_scope",
                    )
                ),
                side,
            )
            rows.setdefault(key, {})[year] = row
    keys = sorted(rows)
    lines = tuple(_line(model, key, rows[key][min(rows[key])]) for key in keys)
    axis, years = Axis("shift line", tuple(line.code for line in lines)), model.settings.years
    leaves = {
        name: _leaf(
            model, ledger, axis, [rows[key] for key in keys], [key[5] for key in keys], name
        )
        for name in ("units", "units_per_unit", "unit_price")
    }
    units = ledger.add(
        "shift/units",
        units_arriving,
        axis,
        "units",
        years,
        "Units that leave or arrive",
        units_leaving=leaves["units"],
        units_per_unit=leaves["units_per_unit"],
    )
    pounds = ledger.add(
        "shift/value",
        priced_units,
        axis,
        "pence",
        years,
        "Spend released or needed",
        units=units,
        unit_price_pence=leaves["unit_price"],
    )
    sides = {"saving": "from", "investment": "to"}
    blocks = {
        name: ledger.total(
            f"shift/{name}",
            axis,
            (pounds, [row if key[5] == side else -1 for row, key in enumerate(keys)]),
            title=f"Shifts, {name}",
        )
        for name, side in sides.items()
    }
    impacts = Impacts(
        lines,
        blocks["investment"],
        blocks["saving"],
        all_of_it(len(lines), model),
        lambda row, _: table.where(min(rows[keys[row]].values()), "units"),
    )
    settings = tuple(
        str(table.columns[f"{key[5]}_setting"][rows[key][min(rows[key])]]) for key in keys
    )
    return Shifts(impacts, settings, units)


def _line(model: Model, key: tuple[str, ...], row: int) -> ImpactLine:
    words = {
        name: str(model["setting_shifts"].columns[name][row])
        for name in ("programme_kind", "owner", "plan")
    }
    shift, service, commissioner, stream, scope, side = key
    return ImpactLine(
        f"SH.{shift}.{side}.{service}.{commissioner}.{stream}.{scope}",
        shift,
        service,
        commissioner,
        stream,
        scope == "inside",
        "shift",
        **words,
    )


def _leaf(
    model: Model,
    ledger: Ledger,
    axis: Axis,
    rows: list[dict[str, int]],
    sides: list[str],
    name: str,
) -> Block:
    table, years = model["setting_shifts"], model.settings.years
    columns = [
        {"units": "units", "unit_price": f"{side}_unit_price", "units_per_unit": "units_per_unit"}[
            name
        ]
        for side in sides
    ]

    def value(line: int, year: str) -> float:
        if year not in rows[line]:
            return 0.0
        if name == "units_per_unit" and sides[line] == "from":
            return 1.0
        found = float(table.numbers(columns[line])[rows[line][year]])
        return found if np.isfinite(found) or name != "units_per_unit" else 1.0

    def where(line: int, year: int) -> Place:
        row = rows[line].get(years[year])
        return (
            table.where(row, columns[line])
            if row is not None
            else Cell(table.file, table.sheet, "", f"no row for {years[year]}")
        )

    values = np.array([[value(line, year) for year in years] for line in range(len(rows))])
    return ledger.leaf(
        f"shift/given/{name}",
        axis,
        "pence per unit" if name == "unit_price" else "units",
        values,
        where,
        years=years,
        title=name.replace("_", " ").capitalize(),
    )


def _check(model: Model, scope: Scope, problems: ProblemLog) -> None:
    table, years = model["setting_shifts"], model.settings.years
    for row in range(len(table)):
        words = {column.name: str(table.columns[column.name][row]) for column in table.spec.columns}
        if words["year"] not in years:
            problems.error(
                table.where(row, "year"),
                f"{words['year']} is outside the contract, {years[0]} to {years[-1]}.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
        if (
            words["from_service_line"] == words["to_service_line"]
            and words["from_setting"] == words["to_setting"]
        ):
            problems.error(
                table.where(row, "to_setting"),
                f"The shift '{words['shift']}' leaves and arrives in the same place, so nothing"
                " moves.",
                "Correct one of the two sides.",
                "shift_nowhere",
            )
        ratio = float(table.numbers("units_per_unit")[row])
        if np.isfinite(ratio) and ratio != 1.0 and not said(words["units_per_unit_reason"]):
            problems.error(
                table.where(row, "units_per_unit"),
                f"The shift '{words['shift']}' turns one unit into {ratio:g}, so activity is not"
                " conserved, and no reason is given.",
                "Leave units_per_unit blank, or enter units_per_unit_reason.",
                "shift_not_conserved",
            )
        for side in SIDES:
            service = words[f"{side}_service_line"]
            standing = scope.service_scope.get(service)
            if standing in ("in", "out") and (standing == "in") != (
                words[f"{side}_scope"] == "inside"
            ):
                problems.error(
                    table.where(row, f"{side}_scope"),
                    (
                        f"The shift '{words['shift']}' has the service line '{service}'"
                        f" {words[f'{side}_scope']} the budget, but it is {standing} of scope in"
                        " service_lines."
                        if standing == "out"
                        else (
                            f"The shift '{words['shift']}' has the service line '{service}' outside"
                            " the budget, but it is in scope in service_lines."
                        )
                    ),
                    "Correct one of the two.",
                    "shift_scope",
                )


def shift_section(shifts: Shifts | None, years: tuple[str, ...], ledger: Ledger) -> Section | None:
    """Give each care setting's gain and loss of activity and of spend by year, and their net over
    all settings.

    Source: overview 4.1-4.2; req 183.
    """
    if shifts is None:
        return None
    axis = Axis("care setting", tuple(sorted(set(shifts.settings))))
    lines, rows = shifts.impacts.lines, []
    for name, side, block, kind in (
        ("units lost", "from", shifts.units, "units"),
        ("units gained", "to", shifts.units, "units"),
        ("spend released", "from", shifts.impacts.saving, "pence"),
        ("spend needed", "to", shifts.impacts.investment, "pence"),
    ):
        into = [
            axis.positions[setting] if f".{side}." in line.code else -1
            for setting, line in zip(shifts.settings, lines, strict=True)
        ]
        by_setting = ledger.total(
            f"shift/by_setting/{name.replace(' ', '_')}",
            axis,
            (block, into),
            title=name.capitalize(),
        )
        whole = ledger.total(
            f"shift/all/{name.replace(' ', '_')}",
            TOTAL,
            (by_setting, None),
            title=name.capitalize(),
        )
        for code, row, source in (
            *((code, row, by_setting) for row, code in enumerate(axis.codes)),
            ("all settings", 0, whole),
        ):
            values: list[SectionValue] = [
                source.at(row, year) if kind == "units" else whole_pence(source.at(row, year))
                for year in range(len(years))
            ]
            rows.append(
                (code.replace("_", " "), name, "units" if kind == "units" else "pence", *values)
            )
    columns = (
        SectionColumn("setting", "Care setting"),
        SectionColumn("figure", "Figure"),
        SectionColumn("unit", "Unit"),
        *year_columns(years, "number"),
    )
    return Section(
        "setting_shifts",
        "Shifts between care settings",
        "Activity that leaves one setting arrives in another; where the two differ, the reason"
        " stands in the inputs.",
        columns,
        tuple(sorted(rows, key=lambda row: str(row[0]))),
    )
