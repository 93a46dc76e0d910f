"""Whether each block contract names its methods, and has what each method needs, step by step."""

from __future__ import annotations

from wpb.kernel.words import one_of
from wpb.tables.checks.context import Context, Rows, across, hint, listed
from wpb.tables.methods.cost_driver import OPTION as COST_DRIVER
from wpb.tables.methods.registry import (
    METHOD_OPTIONS,
    STEP_1_OPTIONS,
    STEP_2_OPTIONS,
    STEP_4_OPTIONS,
)
from wpb.tables.methods.schedule import OPTION as SCHEDULE

BY_RECORD = {one.population_method: name for name, one in STEP_4_OPTIONS.items()}
"""Population methods that are Step 4 of the handbook, and the option each is."""
COST_KINDS = {name: one.cost_kinds for name, one in STEP_1_OPTIONS.items() if one.cost_kinds}


def options_of(context: Context, contract: str) -> dict[str, str]:
    """The option a block contract names for each step."""
    return {
        context.value("contract_methods", r, "step"): context.value("contract_methods", r, "option")
        for r in context.rows_of("contract_methods", contract)
    }


def method_row(context: Context, contract: str, step: str) -> int:
    """The row of a contract's method for a step."""
    return next(
        r
        for r in context.rows_of("contract_methods", contract)
        if context.value("contract_methods", r, "step") == step
    )


def _non_service(context: Context, contract: str) -> Rows:
    return [
        r
        for r in context.rows_of("schedule_lines", contract)
        if context.value("schedule_lines", r, "line_kind") == "non_service"
    ]


@across
def check_steps(context: Context) -> None:
    """A block contract names an option for each step it goes through, and the option is one that
    step allows.

    Source: handbook Table 2, Fig 3; req 37, 48-52, 56, 62, 80-91.
    """
    if not context.readable("contract_methods", "contracts"):
        return
    for row in range(len(context["contract_methods"])):
        step, option = (
            context.value("contract_methods", row, "step"),
            context.value("contract_methods", row, "option"),
        )
        if step and option and option not in METHOD_OPTIONS[step]:
            context.error(
                "contract_methods",
                row,
                "option",
                f"'{option}' is not an option of {step}.",
                f"{hint(option, METHOD_OPTIONS[step])}Enter {one_of(METHOD_OPTIONS[step])}.",
                "option_step",
            )
    for row, code in context.contracts("block"):
        named = options_of(context, code)
        needed = ["step_1", "step_2", "step_3"]
        if context.value("contracts", row, "population_method") in BY_RECORD:
            needed.append("step_4")
        if named.get("step_1") == SCHEDULE.name and _non_service(context, code):
            needed.append("non_service_split")
        for step in needed:
            if step not in named:
                context.error(
                    "contracts",
                    row,
                    "contract",
                    f"The block contract '{code}' names no method for {step}.",
                    f"Add a row to 'contract_methods' with {one_of(METHOD_OPTIONS[step])}, and"
                    " why.",
                    "method_missing",
                )
    block = {code for _, code in context.contracts("block")}
    for row, code in enumerate(context["contract_methods"].text("contract")):
        if code in context["contracts"].text("contract") and code not in block:
            context.error(
                "contract_methods",
                row,
                "contract",
                f"The contract '{code}' is not a block contract, so it takes no methods.",
                "Take the row out, or correct its payment basis.",
                "method_unused",
            )


@across
def check_schedules(context: Context) -> None:
    """Where the schedule is used it has service lines, each named, and a driver for each where
    lines such as Admin go by one.

    Source: handbook 2.4.2 Fig 3, Box 1; req 48-54.
    """
    if not context.readable("schedule_lines", "cost_drivers", "contract_methods"):
        return
    for row in range(len(context["schedule_lines"])):
        kind, service = (
            context.value("schedule_lines", row, "line_kind"),
            context.value("schedule_lines", row, "service_line"),
        )
        if kind == "service" and not service:
            context.error(
                "schedule_lines",
                row,
                "service_line",
                "A service line of the schedule has no service line code.",
                "Enter the code of the service line, or set line_kind to non_service.",
                "blank",
            )
        elif kind == "non_service" and service:
            context.error(
                "schedule_lines",
                row,
                "service_line",
                "A line that is no service has a service line code.",
                "Clear the code, or set line_kind to service.",
                "non_service_line",
            )
    for _, code in context.contracts("block"):
        named = options_of(context, code)
        if named.get("step_1") != SCHEDULE.name:
            continue
        services = {
            context.value("schedule_lines", r, "service_line")
            for r in context.rows_of("schedule_lines", code)
        } - {""}
        if not services:
            context.error(
                "contract_methods",
                method_row(context, code, "step_1"),
                "option",
                f"The contract '{code}' is shared by its schedule, but 'schedule_lines' has no"
                " service lines for it.",
                "Add its schedule, or choose another option.",
                "method_inputs",
            )
        if named.get("non_service_split") == COST_DRIVER.name:
            driven = {
                context.value("cost_drivers", r, "service_line")
                for r in context.rows_of("cost_drivers", code)
            }
            _report_missing(
                context,
                code,
                "non_service_split",
                sorted(services - driven),
                "a cost driver",
                "cost_drivers",
            )


def _report_missing(
    context: Context, contract: str, step: str, missing: list[str], what: str, table: str
) -> None:
    if missing:
        context.error(
            "contract_methods",
            method_row(context, contract, step),
            "option",
            f"The contract '{contract}' needs {what} for {listed(missing)}, and there is none.",
            f"Add a row for each to '{table}', or choose another option.",
            "method_inputs",
        )


@across
def check_costs(context: Context) -> None:
    """Where provider costs share the contract, there are costs of the kinds used, by service line,
    and none of them is left out of one.

    Source: handbook 2.4.2 Fig 4; req 56-59.
    """
    if not context.readable("provider_costs", "contract_methods"):
        return
    for _, code in context.contracts("block"):
        option = options_of(context, code).get("step_1", "")
        if option in COST_KINDS and not _costed_services(context, code, option):
            context.error(
                "contract_methods",
                method_row(context, code, "step_1"),
                "option",
                f"The contract '{code}' is shared by provider costs, but 'provider_costs' has no"
                f" {one_of(COST_KINDS[option])} costs by service line for it.",
                "Add them, or choose another option.",
                "method_inputs",
            )
        elif option in COST_KINDS:
            _check_kinds(context, code, option)


def _check_kinds(context: Context, contract: str, option: str) -> None:
    """A kind of cost that one service line of a contract has, the others have too: a row left out
    would count as no cost.
    """
    rows: dict[str, dict[str, int]] = {}
    for row in context.rows_of("provider_costs", contract):
        service, kind = (
            context.value("provider_costs", row, "service_line"),
            context.value("provider_costs", row, "cost_kind"),
        )
        if service and kind in COST_KINDS[option]:
            rows.setdefault(service, {})[kind] = row
    used = [kind for kind in COST_KINDS[option] if any(kind in kinds for kinds in rows.values())]
    for service, kinds in rows.items():
        missing = [kind for kind in used if kind not in kinds]
        if missing:
            context.error(
                "provider_costs",
                min(kinds.values()),
                "cost_kind",
                f"'{service}' has no {one_of(missing)} cost under the contract '{contract}', and"
                " other service lines have: it would be given too few pounds.",
                "Add the row, with 0 where there is no such cost.",
                "cost_kind_missing",
            )


def _costed_services(context: Context, contract: str, option: str) -> set[str]:
    services = STEP_1_OPTIONS[option].services
    return services(context, contract) if services else set()


@across
def check_population_step(context: Context) -> None:
    """A contract has one way to its population: Step 4 and population_method say the same, and a
    carve-out takes no Step 4.

    Source: handbook 2.4.5, Table 1; req 44-46, 96, 101.
    """
    if not context.readable("contract_methods"):
        return
    for row, code in context.contracts("block"):
        method, option = (
            context.value("contracts", row, "population_method"),
            options_of(context, code).get("step_4"),
        )
        if not method or option not in METHOD_OPTIONS["step_4"]:
            continue
        if BY_RECORD.get(method) != option:
            fitting = next(name for name, step_4 in BY_RECORD.items() if step_4 == option)
            context.error(
                "contract_methods",
                method_row(context, code, "step_4"),
                "option",
                f"Step 4 of the contract '{code}' is {option}, but its population_method in"
                f" 'contracts' is {method}: a line has one way to its population.",
                f"Set population_method to {fitting}, or"
                f" {'change' if method in BY_RECORD else 'take out'} this row.",
                "two_population_methods",
            )


@across
def check_activity_mapping(context: Context) -> None:
    """Block contracts have activity; shared activity is mapped, and activity of one service line is
    not mapped again.

    Source: handbook 2.4.3 Figs 5, 6; req 64-67, 77-79.
    """
    if not context.readable("contract_activity", "activity_mapping", "contracts"):
        return
    for row, code in context.contracts("block"):
        if not context.rows_of("contract_activity", code):
            context.error(
                "contracts",
                row,
                "contract",
                f"The block contract '{code}' has no activity in 'contract_activity'.",
                "Add its units by activity type (Step 2).",
                "method_inputs",
            )
    block = {code for _, code in context.contracts("block")}
    mapped = context.rows_by("activity_mapping", "contract", "activity_type")
    for row, code in enumerate(context["contract_activity"].text("contract")):
        kind, service = (
            context.value("contract_activity", row, "activity_type"),
            context.value("contract_activity", row, "service_line"),
        )
        if not kind:
            continue
        if code in context["contracts"].text("contract") and code not in block:
            context.error(
                "contract_activity",
                row,
                "contract",
                f"The contract '{code}' is not a block contract; its activity belongs in"
                " 'priced_activity'.",
                "Move the row there, or correct its payment basis.",
                "activity_not_block",
            )
        if not service and (code, kind) not in mapped:
            context.error(
                "contract_activity",
                row,
                "service_line",
                f"The activity '{kind}' of '{code}' has no service line and no rows in"
                " 'activity_mapping'.",
                "Enter its service line, or map it there.",
                "activity_unmapped",
            )
        elif service and (code, kind) in mapped:
            context.error(
                "activity_mapping",
                mapped[code, kind][0],
                "activity_type",
                f"The activity '{kind}' of '{code}' has a service line of its own in"
                " 'contract_activity' and is mapped here as well.",
                "Clear one of the two.",
                "activity_mapped_twice",
            )
    _check_sources(context)


def _check_sources(context: Context) -> None:
    for _, code in context.contracts("block"):
        option = STEP_2_OPTIONS.get(options_of(context, code).get("step_2", ""))
        if option is None or not option.sources:
            continue
        for row in context.rows_of("contract_activity", code):
            source = context.value("contract_activity", row, "activity_source")
            if source and source not in option.sources:
                context.log.warning(
                    context["contract_activity"].where(row, "activity_source"),
                    f"Step 2 of the contract '{code}' is {option.name}, but this activity comes"
                    f" from {source.replace('_', ' ')}.",
                    "Choose local_information for Step 2, or correct the source.",
                    "activity_source",
                )


@across
def check_services_with_pounds(context: Context) -> None:
    """Activity belongs to service lines that get pounds at Step 1, else Step 3 has nothing to share
    over it.

    Source: handbook 2.4.3, 2.4.4; req 77.
    """
    if not context.readable(
        "contract_activity",
        "activity_mapping",
        "schedule_lines",
        "provider_costs",
        "contract_methods",
    ):
        return
    for _, code in context.contracts("block"):
        option = STEP_1_OPTIONS.get(options_of(context, code).get("step_1", ""))
        if option is None or option.services is None:
            continue
        paid = option.services(context, code)
        if not paid:
            continue
        for table in ("contract_activity", "activity_mapping"):
            for row in context.rows_of(table, code):
                service = context.value(table, row, "service_line")
                if service and service not in paid:
                    context.error(
                        table,
                        row,
                        "service_line",
                        f"The service line '{service}' gets no pounds at Step 1 of the contract"
                        f" '{code}', so its activity has nothing to share.",
                        f"{hint(service, paid)}Correct it, or give it a schedule value or provider"
                        " cost.",
                        "service_without_pounds",
                    )
