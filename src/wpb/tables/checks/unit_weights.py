"""Whether every activity type has the weight that Step 3 needs, and whether weights name real
activity.
"""

from __future__ import annotations

from wpb.kernel.words import nearest
from wpb.tables.checks.block_methods import method_row, options_of
from wpb.tables.checks.context import Context, across, hint, listed
from wpb.tables.methods.registry import STEP_3_OPTIONS
from wpb.tables.methods.relative_resource import OPTION as RELATIVE_RESOURCE
from wpb.tables.methods.relative_resource import SOURCES


@across
def check_weights(context: Context) -> None:
    """Each activity type of a block contract has one weight of the kind its Step 3 uses.

    Source: handbook 2.4.4 Figs 7-10; req 80, 84-88, 90.
    """
    if not context.readable(
        "cost_weights",
        "benchmark_costs",
        "national_unit_costs",
        "contract_activity",
        "contract_methods",
    ):
        return
    for _, code in context.contracts("block"):
        option = STEP_3_OPTIONS.get(options_of(context, code).get("step_3", ""))
        if option is None:
            continue
        missing = option.lacks(context, code)
        if missing:
            context.error(
                "contract_methods",
                method_row(context, code, "step_3"),
                "option",
                f"Step 3 of the contract '{code}' is {option.name}, but '{option.table}' has"
                f" nothing for {listed(missing)}.",
                "Add a row for each activity type, or choose another option.",
                "method_inputs",
            )
        if option is RELATIVE_RESOURCE:
            _check_one_scale(context, code)


def _check_one_scale(context: Context, contract: str) -> None:
    """Time-and-motion weights and unit costs stand on different scales: a contract uses one of
    them.
    """
    rows = [
        r
        for r in context.rows_of("cost_weights", contract)
        if context.value("cost_weights", r, "weight_source") in SOURCES
    ]
    first = {context.value("cost_weights", r, "weight_source"): r for r in reversed(rows)}
    if len(first) > 1:
        context.error(
            "cost_weights",
            max(first.values()),
            "weight_source",
            f"The contract '{contract}' has weights from {listed(sorted(first))}, which stand on"
            " different scales.",
            "Keep the weights of one source.",
            "two_weight_scales",
        )


@across
def check_unused_types(context: Context) -> None:
    """Rows that weigh or map activity name activity of the contract.

    Source: handbook 2.4.3-2.4.5; req 77, 80, 96.
    """
    if not context.readable("contract_activity", "priced_activity", "contracts"):
        return
    contracts = set(context["contracts"].text("contract"))
    for table in ("activity_mapping", "cost_weights", "patient_group_mapping"):
        for row, code in enumerate(context[table].text("contract")):
            kind = context.value(table, row, "activity_type")
            known = set(context.activity_types(code)) | (
                {found for _, found in context.service_activity(code)}
                if table == "patient_group_mapping"
                else set()
            )
            if kind and code in contracts and kind not in known:
                mend = context.hint_at(
                    kind,
                    "contract_activity",
                    "activity_type",
                    context.rows_of("contract_activity", code),
                ) or hint(kind, known)
                context.error(
                    table,
                    row,
                    "activity_type",
                    f"'{kind}' is not an activity type of the contract '{code}'.",
                    f"{mend}Its types: {listed(sorted(known)) or 'none'}.",
                    "activity_unknown",
                )
    for table in ("benchmark_costs", "national_unit_costs"):
        _check_shared_costs(context, table)


def _table_of(context: Context, contract: str) -> str:
    """The table that holds the weights of a contract's Step 3."""
    option = STEP_3_OPTIONS.get(options_of(context, contract).get("step_3", ""))
    return option.table if option else ""


def _check_shared_costs(context: Context, table: str) -> None:
    """Find slips of the pen in costs that belong to no one contract.

    A table made for this model, most of whose types are this model's, is held to them. A national
    collection brought in
    whole is not: there, only the nearest code to one that a contract needs and lacks is pointed
    out.
    """
    kinds = context[table].text("activity_type")
    known = set(context["contract_activity"].text("activity_type")) - {""}
    strangers = {kind: row for row, kind in enumerate(kinds) if kind and kind not in known}
    if 2 * len(strangers) <= len(set(kinds)):
        likely = {kind: near for kind in strangers if (near := nearest(kind, known))}
    else:
        needed = {
            kind
            for _, code in context.contracts("block")
            if _table_of(context, code) == table
            for kind in context.activity_types(code)
        }
        likely = {near: kind for kind in needed - set(kinds) if (near := nearest(kind, strangers))}
    for kind, near in likely.items():
        context.error(
            table,
            strangers[kind],
            "activity_type",
            f"'{kind}' is not an activity type of any contract.",
            f"Did you mean '{near}'? Correct the code, or take the row out.",
            "activity_unknown",
        )
