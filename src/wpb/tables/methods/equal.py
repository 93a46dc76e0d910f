"""Lines that are no service, the same to each service line.

Source: handbook 2.4.2 Fig 3; req 52.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wpb.kernel.ledger import Axis, Block
from wpb.tables.methods.facts import Tables
from wpb.tables.methods.option import SplitOption, Work


def driver(work: Work, axis: Axis, own: Block) -> Block:
    """One for each service line.

    Source: handbook Fig 3; req 52.
    """
    place = work.place("non_service_split")
    return work.ledger.leaf(
        f"contract/{work.contract}/driver",
        axis,
        "service lines",
        np.ones(len(axis)),
        lambda row, year: place,
        title="One for each service line",
    )


def units(tables: Tables, contract: str, services: Mapping[str, float]) -> list[float]:
    """One for each service line, as plain numbers.

    Source: handbook Fig 3; req 52, 53.
    """
    return [1.0] * len(services)


OPTION = SplitOption(
    name="equal",
    order=30,
    grade=3,
    sheets=("schedule_lines",),
    help="the same amount to each service line",
    driver=driver,
    units=units,
)
