"""Whether organisations, lists and part-in service lines are used for what they are."""

from __future__ import annotations

from wpb.intake.cross_checks.context import Context, hint, listed

PAYERS = (
    "contracts",
    "care_packages",
    "direct_spend",
    "commissioner_ledger",
    "allocations",
    "care_model_impacts",
)
UNTYPED = {"direct_spend": "direct", "care_packages": "care_package"}
"""The activity type under which spend with no activity of its own stands in part_scope."""


def check_payers(context: Context) -> None:
    """Whoever pays is a commissioner or a council, whoever is paid under a contract is not an NHS
    commissioner.

    Source: handbook 2.1.1.
    """
    kinds = dict(
        zip(
            context["organisations"].text("organisation"),
            context["organisations"].text("kind"),
            strict=True,
        )
    )
    for name in PAYERS:
        for row, code in enumerate(context[name].text("commissioner")):
            if kinds.get(code) in ("provider", "lead_provider"):
                context.error(
                    name,
                    row,
                    "commissioner",
                    f"'{code}' pays here, but it is a provider in 'organisations'.",
                    "Enter the commissioner or council that pays.",
                    "payer_kind",
                )
    for row, code in enumerate(context["gp_lists"].text("commissioner")):
        if kinds.get(code, "commissioner") not in ("commissioner", ""):
            context.error(
                "gp_lists",
                row,
                "commissioner",
                f"'{code}' is a {kinds[code].replace('_', ' ')} in 'organisations', not an NHS"
                " commissioner.",
                "Enter the NHS commissioner responsible for the list.",
                "payer_kind",
            )
    for row, code in enumerate(context["contracts"].text("provider")):
        if kinds.get(code) == "commissioner":
            context.error(
                "contracts",
                row,
                "provider",
                f"'{code}' is paid here, but it is a commissioner in 'organisations'.",
                "Enter the provider.",
                "payer_kind",
            )


def check_lists(context: Context) -> None:
    """Lists of practices and of the unregistered have a commissioner; only practices integrate in
    full or virtually; some list takes part.

    Source: handbook Summary, 1.1.4; req 2, 103.
    """
    lists = context["gp_lists"]
    for row, (kind, commissioner, participation) in enumerate(
        zip(
            lists.text("kind"), lists.text("commissioner"), lists.text("participation"), strict=True
        )
    ):
        if kind in ("practice", "unregistered") and not commissioner:
            context.error(
                "gp_lists",
                row,
                "commissioner",
                "The list has no commissioner; only a list of the kind elsewhere may go without.",
                "Enter the NHS commissioner responsible for it.",
                "blank",
            )
        if kind == "unregistered" and participation in ("full", "virtual"):
            context.error(
                "gp_lists",
                row,
                "participation",
                f"People with no GP can't take part by {participation} integration.",
                "Enter partial where they are in the budget's population, or none.",
                "participation_kind",
            )
        if kind == "elsewhere" and participation not in ("none", ""):
            context.error(
                "gp_lists",
                row,
                "participation",
                "People outside this area can't take part.",
                "Enter none.",
                "participation_kind",
            )
    if len(lists) and not any(
        participation not in ("none", "") for participation in lists.text("participation")
    ):
        context.error(
            "gp_lists",
            0,
            "participation",
            "No GP list takes part, so the budget has no population.",
            "Give at least one list a participation other than none.",
            "no_population",
        )


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
                context["service_lines"].text("service_line"),
                context["service_lines"].text("scope"),
                strict=True,
            )
        )
        if scope == "part"
    }
    decided = context.rows_by("part_scope", "service_line", "activity_type")
    provided = _provided(context, part)
    for (service, kind), rows in decided.items():
        if not service or not kind:
            continue
        if service not in part and service in context["service_lines"].text("service_line"):
            context.error(
                "part_scope",
                rows[0],
                "service_line",
                f"The service line '{service}' is not part in scope, so its activity types can't be"
                " in or out one by one.",
                "Set its scope to part in 'service_lines', or take the row out.",
                "part_scope_unused",
            )
        elif service in part and (service, kind) not in provided:
            types = [other for line, other in provided if line == service]
            context.error(
                "part_scope",
                rows[0],
                "activity_type",
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
            "service_lines",
            part[service],
            "scope",
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
