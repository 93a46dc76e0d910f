"""The forecast against allocations: by stream, by commissioner, and in total.

Source: handbook 3.6, Mid-Nottinghamshire case; req 194, 200-202.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger
from wpb.kernel.places import Cell, Place
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model


@dataclass(frozen=True)
class Affordability:
    """Allocation, forecast in and out of scope, headroom and residual, on cells of commissioner and
    stream and their totals.
    """

    cells: tuple[tuple[str, str], ...]
    allocation: Block
    forecast: Block
    out_of_scope: Block
    headroom: Block
    by_commissioner: dict[str, Block]
    by_stream: dict[str, Block]
    total: dict[str, Block]


def headroom(allocation_pence: Array, forecast_pence: Array, out_of_scope_pence: Array) -> Array:
    """What is left of an allocation: allocation - forecast of the budget - forecast of everything
    outside it.

    Source: handbook 3.6; req 200, 201, 202.
    """
    return allocation_pence - forecast_pence - out_of_scope_pence


def residual_efficiency(
    forecast_pence: Array, allocation_pence: Array, out_of_scope_pence: Array
) -> Array:
    """The efficiency nobody has planned yet: forecast - (allocation - out of scope), nought where
    the budget is affordable.

    Source: handbook 3.5 Mid-Nottinghamshire case; req 194.
    """
    return np.maximum(forecast_pence - (allocation_pence - out_of_scope_pence), 0.0)


def affordability(
    model: Model,
    ledger: Ledger,
    forecast: Block,
    forecast_cells: Sequence[tuple[str, str]],
    outside: Block,
    outside_cells: Sequence[tuple[str, str]],
    problems: ProblemLog,
) -> Affordability:
    """Test the forecast against each commissioner's allocation for each stream, each commissioner,
    each stream and the total.

    forecast, outside: [run, line, year]; cells: (commissioner, stream) of each line.
    Source: handbook 3.6; req 194, 200, 201, 202.
    """
    cells = tuple(sorted({*forecast_cells, *outside_cells}))
    axis = Axis(
        "commissioner and stream",
        tuple(f"{commissioner}.{stream}" for commissioner, stream in cells),
    )
    position = {cell: i for i, cell in enumerate(cells)}
    allocation = _allocations(model, ledger, axis, cells, problems)
    inside = ledger.total(
        "affordability/forecast",
        axis,
        (forecast, [position[cell] for cell in forecast_cells]),
        title="Forecast of the budget",
    )
    out = ledger.total(
        "affordability/out_of_scope",
        axis,
        (outside, [position[cell] for cell in outside_cells]),
        title="Forecast out of scope",
    )
    years = model.settings.years
    room = ledger.add(
        "affordability/headroom",
        headroom,
        axis,
        "pence",
        years,
        "Headroom",
        allocation_pence=allocation,
        forecast_pence=inside,
        out_of_scope_pence=out,
    )
    blocks = {"allocation": allocation, "forecast": inside, "out_of_scope": out}
    by_commissioner = _grouped(
        ledger, "commissioner", blocks, [commissioner for commissioner, _ in cells], years
    )
    by_stream = _grouped(ledger, "stream", blocks, [stream for _, stream in cells], years)
    total = _grouped(ledger, "total", blocks, None, years)
    return Affordability(cells, allocation, inside, out, room, by_commissioner, by_stream, total)


def _grouped(
    ledger: Ledger,
    name: str,
    blocks: dict[str, Block],
    codes: list[str] | None,
    years: tuple[str, ...],
) -> dict[str, Block]:
    axis = TOTAL if codes is None else Axis(name, tuple(sorted(set(codes))))
    into = None if codes is None else [axis.positions[code] for code in codes]
    found = {
        key: ledger.total(f"affordability/{name}/{key}", axis, (block, into), title=block.title)
        for key, block in blocks.items()
    }
    inputs = {f"{key}_pence": block for key, block in found.items()}
    found["headroom"] = ledger.add(
        f"affordability/{name}/headroom", headroom, axis, "pence", years, "Headroom", **inputs
    )
    found["residual"] = ledger.add(
        f"affordability/{name}/residual",
        residual_efficiency,
        axis,
        "pence",
        years,
        "Residual efficiency nobody has planned",
        **inputs,
    )
    return found


def _allocations(
    model: Model,
    ledger: Ledger,
    axis: Axis,
    cells: tuple[tuple[str, str], ...],
    problems: ProblemLog,
) -> Block:
    table, years = model["allocations"], model.settings.years
    rows = {
        key: row
        for row, key in enumerate(
            zip(
                table.text("commissioner"),
                table.text("funding_stream"),
                table.text("year"),
                strict=True,
            )
        )
    }
    for commissioner, stream in cells:
        missing = [year for year in years if (commissioner, stream, year) not in rows]
        if missing:
            problems.error(
                Cell(table.file or "inputs/allocations.csv", table.sheet or "allocations", ""),
                f"{commissioner} pays for {stream} services and has no allocation for"
                f" {', '.join(missing)}.",
                "Add a row for each year of the contract.",
                "allocation_missing",
            )
    problems.raise_if_errors()
    amounts = table.numbers("allocation")
    values = np.array([[amounts[rows[c, s, year]] for year in years] for c, s in cells])

    def where(row: int, year: int) -> Place:
        return table.where(rows[(*cells[row], years[year])], "allocation")

    return ledger.leaf(
        "affordability/allocation", axis, "pence", values, where, years=years, title="Allocation"
    )
