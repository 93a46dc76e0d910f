"""Lines that are no service, by schedule value.

Source: handbook 2.4.2 Fig 3; req 51.
"""

from __future__ import annotations

from collections.abc import Mapping

from wpb.kernel.ledger import Axis, Block
from wpb.tables.methods.facts import Tables
from wpb.tables.methods.option import SplitOption, Work


def driver(work: Work, axis: Axis, own: Block) -> Block:
    """The schedule value of each service line itself.

    Source: handbook Fig 3; req 51.
    """
    return own


def units(tables: Tables, contract: str, services: Mapping[str, float]) -> list[float]:
    """The schedule values as plain numbers.

    Source: handbook Fig 3; req 51, 53.
    """
    return list(services.values())


OPTION = SplitOption(
    name="schedule_value",
    order=20,
    grade=2,
    sheets=("schedule_lines",),
    help="by the schedule value of each service line",
    driver=driver,
    units=units,
)
