"""A settled table spelt for a reader: amounts in pounds (dollars) to the penny, rates as
decimals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.money import each_to_whole_pence
from wpb.sharing.results_table import ResultsTable
from wpb.sharing.table_book import TableSettlement

KEYS = (
    "organisation",
    "performance_year",
    "generated",
    "share_rate",
    "loss_rate",
    "limit",
    "limit_bound",
    "deduction",
    "earned",
    "recouped",
)


def in_pounds(pence: NDArray[np.float64]) -> list[float | None]:
    """Give unrounded pence as pounds to the penny, half away from nought; None where there is no
    figure.

    Source: req 370.
    """
    return [
        None if not np.isfinite(value) else float(value) / 100
        for value in each_to_whole_pence(pence)
    ]


def spelt_column(table: ResultsTable, name: str) -> list[Any]:
    """Give a column of a results table as it is read: text, whole numbers, or None for a blank.

    Source: handbook 6.4.6; req 286.
    """
    if name not in table.columns:
        return [None] * len(table)
    if name in table.texts:
        return [text.strip() for text in table.texts[name]]
    values = table.columns[name].values
    if values is not None:
        return [values[code] for code in table.codes[name]]
    return [None if np.isnan(value) else value for value in table.numbers[name].tolist()]


def settled_rows(table: ResultsTable, settlement: TableSettlement) -> list[dict[str, Any]]:
    """Spell each row's settlement, in the order of the table; `earned` is below nought where it is
    owed.

    Source: handbook 6.4.6; req 286.
    """
    columns = (
        spelt_column(table, "organisation"),
        spelt_column(table, "performance_year"),
        in_pounds(settlement.generated),
        settlement.share_rate.tolist(),
        settlement.loss_rate.tolist(),
        in_pounds(settlement.limit),
        (settlement.limit_bound > 0).tolist(),
        in_pounds(settlement.deduction),
        in_pounds(settlement.amount),
        in_pounds(settlement.recouped),
    )
    return [dict(zip(KEYS, row, strict=True)) for row in zip(*columns, strict=True)]
