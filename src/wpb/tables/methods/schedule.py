"""Step 1: the schedule of the contract.

Source: handbook 2.4.2 Fig 3; req 48-50.
"""

from __future__ import annotations

from wpb.kernel.arithmetic import apportion
from wpb.kernel.ledger import TOTAL, Array, Axis, Block
from wpb.kernel.money import pounds
from wpb.tables.leaves import table_leaf
from wpb.tables.methods.facts import Tables, schedule_values, service_lines, some
from wpb.tables.methods.option import ServiceOption, Work


def with_non_service(
    service_pence: Array, non_service_pence: Array, driver: Array, all_drivers: Array
) -> Array:
    """A service line's schedule value with its part of lines such as Admin: value + non-service x
    driver / all drivers.

    The driver is a cost driver such as WTE, the schedule value itself, or one for each service
    line.
    Source: handbook 2.4.2 Fig 3, Box 1; req 50, 51, 52, 54.
    """
    return service_pence + apportion(non_service_pence, driver, all_drivers)


def weigh(work: Work, value: Block) -> Block:
    """Weigh service lines by the schedule, with their part of lines that are no service.

    Source: handbook 2.4.2 Fig 3; req 48, 50.
    """
    schedule, ledger, code = work.tables["schedule_lines"], work.ledger, work.contract
    rows = schedule.rows_where("contract", code)
    printed = table_leaf(
        ledger,
        f"contract/{code}/schedule",
        Axis("schedule line", tuple(str(schedule.columns["schedule_line"][r]) for r in rows)),
        "pence",
        schedule,
        "value",
        rows,
        "Schedule value",
    )
    services = [str(schedule.columns["service_line"][r]) for r in rows]
    axis = Axis("service line", tuple(dict.fromkeys(name for name in services if name)))
    own = ledger.total(
        f"contract/{code}/schedule_by_service",
        axis,
        (printed, [axis.positions.get(name, -1) for name in services]),
        title="Schedule value of the service line",
    )
    _check_schedule(work, rows, printed, value)
    if all(services):
        return own
    other = ledger.total(
        f"contract/{code}/non_service",
        TOTAL,
        (printed, [-1 if name else 0 for name in services]),
        title="Lines that are no service, such as Admin",
    )
    assert work.split is not None, "a schedule with non-service lines names a way to spread them"
    driver = work.split.driver(work, axis, own)
    all_drivers = ledger.total(
        f"contract/{code}/all_drivers", TOTAL, (driver, None), title="Driver over all service lines"
    )
    return ledger.add(
        f"contract/{code}/schedule_with_non_service",
        with_non_service,
        axis,
        "pence",
        service_pence=own,
        non_service_pence=other,
        driver=driver,
        all_drivers=all_drivers,
        title="Schedule value with its part of the lines that are no service",
    )


def _check_schedule(work: Work, rows: list[int], printed: Block, value: Block) -> None:
    schedule = work.tables["schedule_lines"]
    total = float(printed.value[0, :, 0].sum())
    if abs(total - value.at(0, 0)) >= 0.5:
        work.problems.warning(
            schedule.where(rows[0], "value"),
            f"The schedule of contract {work.contract} adds to {pounds(total, 2)} and the contract"
            f" pays {pounds(value.at(0, 0), 2)}; what is paid is shared out in the schedule's"
            " proportions.",
            "Refresh the schedule, or use provider costs at step 1.",
            "schedule_total",
        )
    for row in rows:
        if schedule.flags("reflects_actual_spend")[row] is False:
            work.problems.warning(
                schedule.where(row, "reflects_actual_spend"),
                f"Contract {work.contract} uses a schedule value that is marked as not reflecting"
                " actual spend.",
                "Use provider costs at step 1 (the handbook's second option), or refresh the"
                " schedule.",
                "schedule_stale",
            )


def services(tables: Tables, contract: str) -> set[str]:
    """Service lines that the schedule names.

    Source: handbook 2.4.2; req 48.
    """
    schedule = tables["schedule_lines"]
    return {
        str(schedule.columns["service_line"][row])
        for row in schedule.rows_where("contract", contract)
    } - {""}


def need(tables: Tables, contract: str) -> str:
    """Say what a contract's schedule lacks.

    Source: handbook 2.4.2; req 48, 93.
    """
    lines = schedule_values(tables, contract)[0]
    if not lines:
        return "a schedule by service line"
    short = [service for service in service_lines(tables, contract) if service not in lines]
    return f"a schedule value for {some(short)}" if short else ""


OPTION = ServiceOption(
    name="schedule",
    order=10,
    grade=1,
    sheets=("schedule_lines",),
    help="the contract's schedule by service line",
    weigh=weigh,
    services=services,
    need=need,
)
