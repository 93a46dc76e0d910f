"""Whether organisations, lists and part-in service lines are used for what they are."""

from __future__ import annotations

from wpb.tables.checks.context import Context, across, hint, listed
from wpb.tables.population import GpLists, PartScope, ServiceLines

UNTYPED = {"direct_spend": "direct", "care_packages": "care_package"}
"""The activity type under which spend with no activity of its own stands in part_scope."""


@across
def check_lists(context: Context) -> None:
    """Only practices integrate in full or virtually; some list takes part.

    Source: handbook Summary, 1.1.4; req 2, 103.
    """
    lists = GpLists.of(context)
    for row, (kind, participation) in enumerate(zip(lists.kind, lists.participation, strict=True)):
        if kind == "unregistered" and participation in ("full", "virtual"):
            context.error(
                GpLists,
                row,
                GpLists.participation,
                f"People with no GP can't take part by {participation} integration.",
                "Enter partial where they are in the budget's population, or none.",
                "participation_kind",
            )
        if kind == "elsewhere" and participation not in ("none", ""):
            context.error(
                GpLists,
                row,
                GpLists.participation,
                "People outside this area can't take part.",
                "Enter none.",
                "participation_kind",
            )
    if len(lists) and not any(
        participation not in ("none", "") for participation in lists.participation
    ):
        context.error(
            GpLists,
            0,
            GpLists.participation,
            "No GP list takes part, so the budget has no population.",
            "Give at least one list a participation other than none.",
            "no_population",
        )


@across
def check_part_scope(context: Context) -> None:
    """A service line that is part in scope lists each of its activity types as in or out, and no
    other line does.

    Source: handbook 1.1.5; req 1.
    """
    if not context.readable(
        "service_lines", "part_scope", "contract_activity", "activity_mapping", "priced_activity"
    ):
        return
    part = {
        code: row
        for row, (code, scope) in enumerate(
            zip(
                ServiceLines.of(context).service_line,
                ServiceLines.of(context).scope,
                strict=True,
            )
        )
        if scope == "part"
    }
    decided = PartScope.of(context).grouped(PartScope.service_line, PartScope.activity_type)
    provided = _provided(context, part)
    for (service, kind), rows in decided.items():
        if not service or not kind:
            continue
        if service not in part and service in ServiceLines.of(context).service_line:
            context.error(
                PartScope,
                rows[0],
                PartScope.service_line,
                f"The service line '{service}' is not part in scope, so its activity types can't be"
                " in or out one by one.",
                "Set its scope to part in 'service_lines', or take the row out.",
                "part_scope_unused",
            )
        elif service in part and (service, kind) not in provided:
            types = [other for line, other in provided if line == service]
            context.error(
                PartScope,
                rows[0],
                PartScope.activity_type,
                f"'{kind}' is not an activity type of the service line '{service}'.",
                f"{hint(kind, types)}Its types: {listed(types) or 'none'}.",
                "activity_unknown",
            )
    for (service, kind), (table, row, column) in provided.items():
        if (service, kind) not in decided:
            context.error(
                table,
                row,
                column,
                f"The service line '{service}' is part in scope, but '{kind}' is not listed as in"
                " or out.",
                f"Add a row for {service} and {kind} to 'part_scope'.",
                "part_scope_missing",
            )
    for service in set(part) - {line for line, _ in provided}:
        context.error(
            ServiceLines,
            part[service],
            ServiceLines.scope,
            f"The service line '{service}' is part in scope, but the model has no activity or spend"
            " for it.",
            "Set its scope to in or out, or add its activity.",
            "part_scope_empty",
        )


def _provided(
    context: Context, part: dict[str, int]
) -> dict[tuple[str, str], tuple[str, int, str]]:
    """Every activity type of the part-in lines, with the cell that first names it."""
    found: dict[tuple[str, str], tuple[str, int, str]] = {}
    for table, column in (
        ("contract_activity", "activity_type"),
        ("activity_mapping", "activity_type"),
        ("priced_activity", "point_of_delivery"),
        ("primary_care_payments", "payment_stream"),
    ):
        for row, service in enumerate(context[table].text("service_line")):
            kind = context.value(table, row, column)
            if service in part and kind:
                found.setdefault((service, kind), (table, row, column))
    for table, kind in UNTYPED.items():
        for row, service in enumerate(context[table].text("service_line")):
            if service in part:
                found.setdefault((service, kind), (table, row, "service_line"))
    return found
