"""What changes spend beyond growth and provider efficiency: the care model, schemes, shifts, and
savings not yet identified.

Each change is a line of its own, so that investment, saving and who delivers it stay visible.
Source: handbook 3.5, 3.6; req 157, 188-190, 198, 205.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wpb.kernel.ledger import Array, Axis, Block, Ledger
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

KIND_NAMES = {
    "care_model": "Care model, investment less saving",
    "scheme": "QIPP and transformation schemes",
    "overlay": "Programme effects on hospital activity",
    "segment": "Programme effects on segments",
    "shift": "Shifts between care settings",
    "unidentified": "Unidentified QIPP",
}


@dataclass(frozen=True)
class ImpactLine:
    """One line of impact: a programme's effect on a service line, inside or outside the budget."""

    code: str
    programme: str
    service_line: str
    commissioner: str
    funding_stream: str
    inside: bool
    kind: str = "care_model"
    programme_kind: str = ""
    owner: str = ""
    plan: str = ""


@dataclass(frozen=True)
class Impacts:
    """Impact lines of one kind with what each costs and saves by year, and the share of savings
    taken from the budget.
    """

    lines: tuple[ImpactLine, ...]
    investment: Block
    saving: Block
    share: Sequence[Sequence[float]]
    """Share of the saving taken from the budget, by line and year."""
    share_where: Callable[[int, int], Place]


@dataclass(frozen=True)
class CareModel:
    """Investment, saving and their net by impact line and year, and what is left to gain and loss
    sharing.
    """

    lines: tuple[ImpactLine, ...]
    axis: Axis
    investment: Block
    saving: Block
    net: Block
    left_to_sharing: Block
    """Modelled savings not taken from the budget, by line and year: the sharing arrangements' to
    divide, once.
    """

    def rows(self, inside: bool, kind: str | None = None) -> list[int]:
        """The rows inside or outside the budget, of one kind or of all."""
        return [
            row
            for row, line in enumerate(self.lines)
            if line.inside == inside and kind in (None, line.kind)
        ]


def net_impact(investment_pence: Array, saving_pence: Array, share_in_budget: Array) -> Array:
    """What changes spend in a year: investment - saving x share of the saving taken from the
    budget.

    Source: handbook 3.5; req 188, 189.
    """
    return investment_pence - saving_pence * share_in_budget


def saving_left_to_sharing(saving_pence: Array, share_in_budget: Array) -> Array:
    """The rest of a saving, left to gain and loss sharing: saving x (1 - share taken from the
    budget).

    With the part taken from the budget it makes the whole saving, so none counts twice.
    Source: handbook 3.5; req 189.
    """
    return saving_pence * (1.0 - share_in_budget)


def care_model_impacts(model: Model, ledger: Ledger) -> Impacts | None:
    """Enter each programme's investment and saving by year; a year before its first row or after
    its last has none.

    Source: handbook 3.5; req 188, 190, 205.
    """
    table, years = model["care_model_impacts"], model.settings.years
    if not len(table):
        return None
    rows: dict[tuple[str, ...], dict[str, int]] = {}
    for row in range(len(table)):
        key = tuple(
            str(table.columns[name][row])
            for name in ("programme", "service_line", "commissioner", "funding_stream", "scope")
        )
        rows.setdefault(key, {})[str(table.columns["year"][row])] = row
    keys = sorted(rows)
    firsts = [rows[key][min(rows[key])] for key in keys]
    lines = tuple(_line(model, key, first) for key, first in zip(keys, firsts, strict=True))
    axis = Axis("care model line", tuple(line.code for line in lines))
    blocks = {
        name: _by_year(model, ledger, axis, [rows[key] for key in keys], name, years)
        for name in ("investment", "saving")
    }
    of_line = [[rows[key].get(year) for year in years] for key in keys]
    return Impacts(
        lines,
        blocks["investment"],
        blocks["saving"],
        [[entered_share(model, table, row) for row in by_year] for by_year in of_line],
        lambda line, year: place_of_share(model, table, of_line[line][year]),
    )


def _line(model: Model, key: tuple[str, ...], row: int) -> ImpactLine:
    words = {
        name: str(model["care_model_impacts"].columns[name][row])
        for name in ("programme_kind", "owner", "plan")
    }
    code = "CM." + ".".join((*key[:4], *(("outside",) if key[4] == "outside" else ())))
    return ImpactLine(
        code, key[0], key[1], key[2], key[3], key[4] == "inside", "care_model", **words
    )


def share_of(model: Model, share: float) -> float:
    """The share of a saving taken from the budget: its own, else the settings', else all of it.

    Source: handbook 3.5; req 189.
    """
    if np.isfinite(share):
        return share
    stated = model.settings.savings_share.option
    return (float(stated.rstrip("%")) / (100.0 if stated.endswith("%") else 1.0)) if stated else 1.0


def entered_share(model: Model, table: TypedTable, row: int | None) -> float:
    """The share of a saving taken from the budget that a row enters, or that counts without one.

    Source: handbook 3.5; req 189.
    """
    return share_of(
        model, float(table.numbers("share_in_budget")[row]) if row is not None else np.nan
    )


def place_of_share(model: Model, table: TypedTable, row: int | None) -> Place:
    """The cell a share was entered in; the setting, where the cell is blank.

    Source: handbook 2.4.1, 3.5; req 189, 361.
    """
    if row is not None and np.isfinite(table.numbers("share_in_budget")[row]):
        return table.where(row, "share_in_budget")
    return model.settings.where("forecast.savings.share_in_budget")


def all_of_it(lines: int, model: Model) -> list[list[float]]:
    """A share of 1 for every line and year: savings of this kind all come out of the budget.

    Source: handbook 3.5; req 189.
    """
    return [[1.0] * len(model.settings.years) for _ in range(lines)]


def _by_year(
    model: Model,
    ledger: Ledger,
    axis: Axis,
    rows: list[dict[str, int]],
    column: str,
    years: tuple[str, ...],
) -> Block:
    table = model["care_model_impacts"]
    amounts = table.numbers(column)
    values = np.zeros((len(rows), len(years)))
    for line, by_year in enumerate(rows):
        for year, row in by_year.items():
            values[line, years.index(year)] = amounts[row]

    def where(line: int, year: int) -> Place:
        row = rows[line].get(years[year])
        return (
            table.where(row, column)
            if row is not None
            else Cell(table.file, table.sheet, "", f"no row for {years[year]}")
        )

    return ledger.leaf(
        f"care_model/{column}",
        axis,
        "pence",
        values,
        where,
        years=years,
        title=f"Care model {column}",
    )


def join_impacts(
    model: Model, ledger: Ledger, parts: Sequence[Impacts | None], problems: ProblemLog
) -> CareModel | None:
    """Join impacts of every kind on one list of lines, and take the agreed share of savings from
    the budget.

    Source: handbook 3.5; req 188, 189, 190.
    """
    found = [part for part in parts if part is not None]
    if not found:
        return None
    lines = tuple(line for part in found for line in part.lines)
    axis = Axis("impact line", tuple(line.code for line in lines))
    starts = np.cumsum([0, *(len(part.lines) for part in found)])
    places = [(part, row) for part in found for row in range(len(part.lines))]
    blocks = {}
    for name in ("investment", "saving"):
        pieces = [
            (getattr(part, name), int(start) + np.arange(len(part.lines)))
            for part, start in zip(found, starts, strict=False)
        ]
        blocks[name] = ledger.total(
            f"impact/{name}",
            axis,
            *pieces,
            title=f"{name.capitalize()} of the care model and schemes",
        )
    share = ledger.leaf(
        "impact/share_in_budget",
        axis,
        "share",
        [part.share[row] for part, row in places],
        lambda row, year: places[row][0].share_where(places[row][1], year),
        years=model.settings.years,
        title="Share of the saving taken from the budget",
    )
    years = model.settings.years
    net = ledger.add(
        "impact/net",
        net_impact,
        axis,
        "pence",
        years,
        "Investment less saving taken",
        investment_pence=blocks["investment"],
        saving_pence=blocks["saving"],
        share_in_budget=share,
    )
    left = ledger.add(
        "impact/left_to_sharing",
        saving_left_to_sharing,
        axis,
        "pence",
        years,
        "Saving left to gain and loss sharing",
        saving_pence=blocks["saving"],
        share_in_budget=share,
    )
    _check_share(model, share, problems)
    return CareModel(lines, axis, blocks["investment"], blocks["saving"], net, left)


def _check_share(model: Model, share: Block, problems: ProblemLog) -> None:
    settings = model.settings
    if settings.savings_share.option and not settings.savings_share.reason:
        problems.warning(
            settings.where("forecast.savings.share_in_budget"),
            "The share of savings taken from the budget has no reason.",
            "Fill in forecast.savings.reason.",
            "savings_share",
        )
    if (
        not settings.savings_share.option
        and not np.isfinite(model["care_model_impacts"].numbers("share_in_budget")).any()
        and float(share.value.min()) == 1.0
    ):
        problems.note(
            settings.where("forecast.savings.share_in_budget"),
            "All modelled savings are taken from the budget; none is left to gain and loss"
            " sharing.",
            "Enter forecast.savings.share_in_budget if some should be.",
            "savings_all_taken",
        )
