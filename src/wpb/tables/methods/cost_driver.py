"""Lines that are no service, by a cost driver such as whole-time equivalents.

Source: handbook 2.4.2 Fig 3, Box 1; req 50, 54.
"""

from __future__ import annotations

from collections.abc import Mapping

from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.tables.findings import Finding, judged, not_checked
from wpb.tables.leaves import table_leaf
from wpb.tables.methods.facts import BlockFacts, Tables, schedule_values, some
from wpb.tables.methods.option import SplitOption, Work
from wpb.tables.methods.schedule import OPTION as SCHEDULE
from wpb.tables.model import Model


def driver(work: Work, axis: Axis, own: Block) -> Block:
    """Units of the cost driver of each service line.

    Raises InputProblems where a service line has none.
    Source: handbook Fig 3, Box 1; req 50, 54.
    """
    ledger, code = work.ledger, work.contract
    drivers = work.tables["cost_drivers"]
    rows = {
        str(drivers.columns["service_line"][r]): r for r in drivers.rows_where("contract", code)
    }
    missing = [service for service in axis.codes if service not in rows]
    if missing:
        work.problems.error(
            drivers.where(0, "service_line") if len(drivers) else None,
            f"Contract {code} spreads its non-service lines by a cost driver, and"
            f" {', '.join(missing)} has none.",
            "Add a row to cost_drivers for each service line of the schedule.",
            "driver_missing",
        )
        work.problems.raise_if_errors()
    return table_leaf(
        ledger,
        f"contract/{code}/driver",
        axis,
        "driver units",
        drivers,
        "units",
        [rows[service] for service in axis.codes],
        "Units of the cost driver",
    )


def units(tables: Tables, contract: str, services: Mapping[str, float]) -> list[float]:
    """Units of the driver as plain numbers; empty where a service line has none.

    Source: handbook Fig 3; req 50, 53.
    """
    table = tables["cost_drivers"]
    found = {
        str(table.columns["service_line"][row]): float(table.numbers("units")[row])
        for row in table.rows_where("contract", contract)
    }
    return [found[service] for service in services] if set(services) <= set(found) else []


def need(tables: Tables, contract: str) -> str:
    """Say which service lines have no cost driver.

    Source: handbook Fig 3; req 50, 93.
    """
    drivers = tables["cost_drivers"]
    given = {
        str(drivers.columns["service_line"][row])
        for row in drivers.rows_where("contract", contract)
    }
    short = [service for service in schedule_values(tables, contract)[0] if service not in given]
    return f"a cost driver for {some(short)}" if short else ""


def check_driver_worksheet(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Check the cost-driver worksheet: where a driver is used, one was chosen from those thought
    of, and it is the one used.

    Source: handbook Box 1; req 54.
    """
    if contract.options.get("step_1") != SCHEDULE.name:
        return []
    table, drivers = model["cost_driver_candidates"], model["cost_drivers"]
    rows = table.rows_where("contract", contract.code)
    if not rows:
        asked = f"List the drivers thought of for {contract.code} in cost_driver_candidates."
        return [not_checked("driver_worksheet", contract.code, asked)]
    chosen = [str(table.columns["driver"][row]) for row in rows if table.flags("chosen")[row]]
    used = sorted(
        {
            str(drivers.columns["driver"][row])
            for row in drivers.rows_where("contract", contract.code)
        }
    )
    words = (
        f"Of {len(rows)} drivers thought of for {contract.code}, {', '.join(chosen) or 'none'} was"
        f" chosen; {', '.join(used) or 'none'} is used."
    )
    found = judged(
        "driver_worksheet",
        contract.code,
        len(chosen) == 1 and chosen == used,
        words,
        "Choose one, and use that one in cost_drivers.",
        table.where(rows[0], "chosen"),
    )
    return [found]


OPTION = SplitOption(
    name="cost_driver",
    order=10,
    grade=1,
    sheets=("schedule_lines", "cost_drivers"),
    help="by a cost driver such as whole-time equivalents",
    driver=driver,
    units=units,
    need=need,
    check=check_driver_worksheet,
)
