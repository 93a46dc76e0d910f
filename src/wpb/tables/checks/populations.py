"""Whether each way to the population has what it needs: drivers, weights and registers for every
list covered, activity by list.
"""

from __future__ import annotations

from wpb.kernel.words import nearest
from wpb.tables.checks.context import Context, across, hint, listed
from wpb.tables.contracts import ActivityByList, Contracts, PatientGroupMapping
from wpb.tables.population import (
    NEEDS,
    NO_LIST_OF_PEOPLE,
    ConditionRegisters,
    GpLists,
    ServiceLines,
)

DRIVEN = {
    "weighted_carve_out": ("list_weights", "need"),
    "condition_carve_out": ("condition_registers", "condition"),
}


def covered_lists(context: Context, payer: str, covers: str = "commissioner") -> list[str]:
    """The lists a carve-out covers: the payer's own, or all lists of the area where it asks so or
    is responsible for none.
    """
    lists = GpLists.of(context)
    rows = list(zip(lists.list_code, lists.kind, lists.commissioner, strict=True))
    own = [code for code, kind, commissioner in rows if commissioner == payer and kind != "pooled"]
    return (
        own
        if own and covers != "all_lists"
        else [code for code, kind, _ in rows if kind not in NO_LIST_OF_PEOPLE]
    )


@across
def check_carve_outs(context: Context) -> None:
    """A weighted or condition carve-out names its driver, and every list it covers has a figure for
    it.

    Source: handbook Table 1, 2.4 Encompass; req 42-46.
    """
    if not context.readable("list_weights", "condition_registers", "gp_lists"):
        return
    reported: set[tuple[str, str]] = set()
    for table in ("contracts", "direct_spend"):
        for row, method in enumerate(context[table].text("population_method")):
            driver = context.value(table, row, "carve_out_driver")
            if method in DRIVEN and not driver:
                context.error(
                    table,
                    row,
                    "carve_out_driver",
                    f"A {method.replace('_', ' ')} needs a driver, and none is named.",
                    "Enter the need (for a weighted carve-out) or the condition.",
                    "driver_missing",
                )
            elif method in DRIVEN:
                covers = (
                    context.value(table, row, "carve_out_covers")
                    if table == "contracts"
                    else "commissioner"
                )
                _check_driver(
                    context,
                    table,
                    row,
                    method,
                    driver,
                    covered_lists(context, context.value(table, row, "commissioner"), covers),
                    reported,
                )
            elif driver and method:
                context.error(
                    table,
                    row,
                    "carve_out_driver",
                    f"The population method {method} takes no driver.",
                    "Clear the cell, or choose a carve-out that uses it.",
                    "driver_unused",
                )


def _check_driver(
    context: Context,
    table: str,
    row: int,
    method: str,
    driver: str,
    lists: list[str],
    reported: set[tuple[str, str]],
) -> None:
    source, column = DRIVEN[method]
    known = set(NEEDS) if source == "list_weights" else set(context[source].text(column)) - {""}
    if driver not in known:
        context.error(
            table,
            row,
            "carve_out_driver",
            f"'{driver}' is not"
            f" {'a need' if source == 'list_weights' else 'a condition of condition_registers'}.",
            f"{hint(driver, known)}Choose from {listed(sorted(known), 9) or 'none'}.",
            "driver_unknown",
        )
        return
    have = (
        {context.value(source, r, "list_code") for r in context.rows_by(source, column)[(driver,)]}
        if (driver,) in context.rows_by(source, column)
        else set()
    )
    missing = [
        code for code in lists if code and code not in have and (driver, code) not in reported
    ]
    reported |= {(driver, code) for code in missing}
    if missing:
        context.error(
            table,
            row,
            "carve_out_driver",
            f"The carve-out by '{driver}' covers lists with no row for it in '{source}':"
            f" {listed(missing)}.",
            "Add a row for each, 0 where it truly has none.",
            "list_without_figure",
        )


@across
def check_patient_groups(context: Context) -> None:
    """Activity mapped to patient groups names conditions with registers, for every list covered.

    Source: handbook 2.4.5 Fig 13; req 96, 97.
    """
    if not context.readable(
        "patient_group_mapping", "condition_registers", "gp_lists", "contracts"
    ):
        return
    conditions = set(ConditionRegisters.of(context).condition) - {""}
    for row, condition in enumerate(PatientGroupMapping.of(context).condition):
        if condition and condition not in conditions:
            context.error(
                PatientGroupMapping,
                row,
                PatientGroupMapping.condition,
                f"'{condition}' is not a condition of 'condition_registers'.",
                f"{hint(condition, conditions)}Correct it, or add its registers.",
                "condition_unknown",
            )
    reported: set[tuple[str, str]] = set()
    for row, code in context.contracts("block", "activity", "aligned"):
        if Contracts.of(context).population_method[row] != "patient_groups":
            continue
        rows = context.rows_of(PatientGroupMapping, code)
        if not rows:
            context.error(
                Contracts,
                row,
                Contracts.population_method,
                f"The contract '{code}' goes to its population by patient groups, but"
                " 'patient_group_mapping' has no rows for it.",
                "Add the mapping, or choose another method.",
                "method_inputs",
            )
        for r in rows:
            condition = PatientGroupMapping.of(context).condition[r]
            if condition in conditions:
                _check_registers(
                    context,
                    r,
                    condition,
                    covered_lists(context, Contracts.of(context).commissioner[row]),
                    reported,
                )


def _check_registers(
    context: Context, row: int, condition: str, lists: list[str], reported: set[tuple[str, str]]
) -> None:
    have = {
        ConditionRegisters.of(context).list_code[r]
        for r in ConditionRegisters.of(context).grouped(ConditionRegisters.condition)[(condition,)]
    }
    lists_told = GpLists.of(context)
    kinds = dict(zip(lists_told.list_code, lists_told.kind, strict=True))
    if any(kinds.get(code) == "pooled" for code in have):
        return  # what small lists have is in the pool
    missing = [
        code for code in lists if code and code not in have and (condition, code) not in reported
    ]
    reported |= {(condition, code) for code in missing}
    if missing:
        context.error(
            PatientGroupMapping,
            row,
            PatientGroupMapping.condition,
            f"Lists covered by this mapping have no row for '{condition}' in 'condition_registers':"
            f" {listed(missing)}.",
            "Add a row for each, 0 where it truly has none.",
            "list_without_figure",
        )


@across
def check_register_names(context: Context) -> None:
    """A condition no method uses, spelt much like one whose registers have gaps, is a likely typing
    slip.

    Source: handbook Table 1; req 42.
    """
    by_condition = ConditionRegisters.of(context).grouped(ConditionRegisters.condition)
    lists = {
        condition: {ConditionRegisters.of(context).list_code[r] for r in rows}
        for (condition,), rows in by_condition.items()
    }
    for condition, rows in (
        (condition, by_condition[(condition,)]) for condition in lists if condition
    ):
        others = [
            other
            for other in lists
            if other
            and len(lists[other]) > len(lists[condition])
            and not lists[other] & lists[condition]
        ]
        near = nearest(condition, others)
        if near:
            context.error(
                ConditionRegisters,
                rows[0],
                ConditionRegisters.condition,
                f"'{condition}' has figures only where the condition '{near}' has none.",
                f"Did you mean '{near}'? Correct the code, or add '{condition}' for every list.",
                "condition_unknown",
            )


@across
def check_activity_by_list(context: Context) -> None:
    """Contracts counted by list have counts, and every count names a service line and activity type
    the contract provides.

    Source: handbook 2.3, 2.4.5; req 38, 101.
    """
    if not context.readable(
        "activity_by_list", "contract_activity", "activity_mapping", "priced_activity", "contracts"
    ):
        return
    for row, code in context.contracts("block", "activity", "aligned"):
        if Contracts.of(context).population_method[
            row
        ] == "activity_by_list" and not context.rows_of(ActivityByList, code):
            context.error(
                Contracts,
                row,
                Contracts.population_method,
                f"The contract '{code}' goes to its population by activity by list, but"
                " 'activity_by_list' has no rows for it.",
                "Add them, or choose another method.",
                "method_inputs",
            )
    contracts = set(Contracts.of(context).contract)
    services = set(ServiceLines.of(context).service_line)
    for (code, service, kind), rows in (
        ActivityByList.of(context)
        .grouped(ActivityByList.contract, ActivityByList.service_line, ActivityByList.activity_type)
        .items()
    ):
        if code not in contracts or service not in services or not kind:
            continue
        provided = context.service_activity(code)
        if (service, kind) in provided:
            continue
        if kind not in {found for _, found in provided}:
            known = {found for line, found in provided if line == service} or {
                found for _, found in provided
            }
            for row in rows[:3]:
                context.error(
                    ActivityByList,
                    row,
                    ActivityByList.activity_type,
                    f"'{kind}' is not an activity type or point of delivery of '{code}'.",
                    f"{hint(kind, known)}Those of {service}: {listed(sorted(known)) or 'none'}.",
                    "activity_unknown",
                )
        else:
            known = {line for line, found in provided if found == kind}
            for row in rows[:3]:
                context.error(
                    ActivityByList,
                    row,
                    ActivityByList.service_line,
                    f"The contract '{code}' provides '{kind}' in {listed(sorted(known))}, not in"
                    f" '{service}'.",
                    "Correct the service line.",
                    "activity_unknown",
                )
