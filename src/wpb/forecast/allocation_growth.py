"""Growth of commissioners' allocations, for streams that grow with them from the start or from a
later year.

Source: handbook 3.2.1, 3.3.1; req 149, 151, 154.
"""

from __future__ import annotations

import numpy as np

from wpb.forecast.growth import year_on_year
from wpb.kernel.calendar import next_year
from wpb.kernel.ledger import Axis, Block, Ledger, Ref
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model


def allocation_group(commissioner: str, stream: str) -> str:
    """The group of lines that grow with a commissioner's allocation for a stream.

    Source: handbook 3.3.1; req 149.
    """
    return f"allocation.{commissioner}.{stream}"


def allocation_growth(
    model: Model,
    ledger: Ledger,
    prefix: str,
    pairs: list[tuple[str, str]],
    years: tuple[str, ...],
    wanted: tuple[str, ...],
    problems: ProblemLog,
) -> Block:
    """Growth of each commissioner's allocation for a stream: allocation this year / last year - 1.

    A stream that switches to this route later has growth of nought until then.
    Source: handbook 3.2.1, 3.3.1; req 149, 151, 154.
    """
    table = model["allocations"]
    rows = {
        (c, s, y): r
        for r, (c, s, y) in enumerate(
            zip(
                table.text("commissioner"),
                table.text("funding_stream"),
                table.text("year"),
                strict=True,
            )
        )
    }
    axis = Axis("allocation", tuple(allocation_group(c, s) for c, s in pairs))
    amounts, switches = table.numbers("allocation"), model.settings.route_switches

    def grows(pair: int, year: str) -> bool:
        return year in wanted and year >= switches.get(pairs[pair][1], year)

    def row_of(pair: int, year: str) -> int:
        key = (*pairs[pair], year)
        if key not in rows:
            problems.error(
                model.settings.where(f"forecast.routes.{pairs[pair][1]}"),
                f"{pairs[pair][0]} has no {pairs[pair][1]} allocation for {year}, and the stream is"
                " forecast by allocation growth.",
                "Add the allocation, or use national assumptions for the stream.",
                "allocation_missing",
            )
        elif amounts[rows[key]] <= 0:
            problems.error(
                table.where(rows[key], "allocation"),
                f"The allocation of {pairs[pair][0]} for {pairs[pair][1]} is not above nought, so"
                " no growth can be measured from it.",
                "Correct the amount, or use national assumptions for the stream.",
                "allocation_nought",
            )
        return rows.get(key, 0)

    this = np.array([[row_of(p, y) for y in years] for p in range(len(pairs))])
    before = np.array(
        [
            [row_of(p, next_year(y, -1)) if grows(p, y) else row_of(p, y) for y in years]
            for p in range(len(pairs))
        ]
    )
    problems.raise_if_errors()
    now = ledger.leaf(
        f"{prefix}/allocation",
        axis,
        "pence",
        amounts[this],
        lambda row, year: table.where(int(this[row, year]), "allocation"),
        years=years,
        title="Allocation",
    )
    last = ledger.leaf(
        f"{prefix}/allocation_before",
        axis,
        "pence",
        amounts[before],
        lambda row, year: table.where(int(before[row, year]), "allocation"),
        years=years,
        title="Allocation of the year before",
    )
    return ledger.add(
        f"{prefix}/allocation_growth",
        year_on_year,
        axis,
        "rate",
        years=years,
        this_year=Ref(now),
        last_year=Ref(last),
        title="Growth of the allocation",
    )
