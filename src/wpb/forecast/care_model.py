"""What the new care model costs and saves: investment first, savings later, each on a line of its own.

Source: handbook 3.5; req 188, 190, 205.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wpb.kernel.ledger import Array, Axis, Block, Ledger
from wpb.kernel.places import Cell, Place
from wpb.tables.model import Model


@dataclass(frozen=True)
class ImpactLine:
    """One line of care-model impact: a programme's effect on a service line, inside or outside the budget."""

    code: str
    programme: str
    service_line: str
    commissioner: str
    funding_stream: str
    inside: bool


@dataclass(frozen=True)
class CareModel:
    """Investment, saving and their net by impact line and year."""

    lines: tuple[ImpactLine, ...]
    axis: Axis
    investment: Block
    saving: Block
    net: Block


def net_impact(investment_pence: Array, saving_pence: Array) -> Array:
    """What the care model adds to spend in a year: investment - saving.

    Source: handbook 3.5; req 188.
    """
    return investment_pence - saving_pence


def care_model_impacts(model: Model, ledger: Ledger) -> CareModel | None:
    """Enter each programme's investment and saving by year; a year without a row has none.

    Source: handbook 3.5; req 188, 190, 205.
    """
    table, years = model["care_model_impacts"], model.settings.years
    if not len(table):
        return None
    rows: dict[tuple[str, ...], dict[str, int]] = {}
    for row in range(len(table)):
        key = tuple(str(table.columns[name][row]) for name in ("programme", "service_line", "commissioner", "funding_stream", "scope"))
        rows.setdefault(key, {})[str(table.columns["year"][row])] = row
    keys = sorted(rows)
    lines = tuple(ImpactLine("CM." + ".".join((*key[:4], *(("outside",) if key[4] == "outside" else ()))), key[0], key[1], key[2], key[3], key[4] == "inside") for key in keys)
    axis = Axis("care model line", tuple(line.code for line in lines))
    blocks = {name: _by_year(model, ledger, axis, [rows[key] for key in keys], name, years) for name in ("investment", "saving")}
    net = ledger.add("care_model/net", net_impact, axis, "pence", years, "Care model, net", investment_pence=blocks["investment"], saving_pence=blocks["saving"])
    return CareModel(lines, axis, blocks["investment"], blocks["saving"], net)


def _by_year(model: Model, ledger: Ledger, axis: Axis, rows: list[dict[str, int]], column: str, years: tuple[str, ...]) -> Block:
    table = model["care_model_impacts"]
    amounts = table.numbers(column)
    values = np.zeros((len(rows), len(years)))
    for line, by_year in enumerate(rows):
        for year, row in by_year.items():
            values[line, years.index(year)] = amounts[row]

    def where(line: int, year: int) -> Place:
        row = rows[line].get(years[year])
        return table.where(row, column) if row is not None else Cell(table.file, table.sheet, "", f"no row for {years[year]}")

    return ledger.leaf(f"care_model/{column}", axis, "pence", values, where, years=years, title=f"Care model {column}")
