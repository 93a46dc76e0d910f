"""Whether care packages may be used and are whole, and exclusions, commitments and VAT say what
they must.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from wpb.intake.cross_checks.context import Context, listed
from wpb.tables.council_money import GOVERNANCE_ITEMS

STANDS = ("met", "not_needed")


def check_information_governance(context: Context) -> None:
    """Package data may be used only where every item of the payer's information governance stands;
    none recorded is said.

    Source: handbook 2.6 Tower Hamlets; req 130.
    """
    if not context.readable("care_packages", "information_governance"):
        return
    packages, table = context["care_packages"], context["information_governance"]
    statuses = {
        (payer, item): (row, status)
        for row, (payer, item, status) in enumerate(
            zip(table.text("organisation"), table.text("item"), table.text("status"), strict=True)
        )
    }
    first = {
        payer: row
        for row, payer in reversed(list(enumerate(packages.text("commissioner"))))
        if payer
    }
    for payer, row in first.items():
        recorded = [item for item in GOVERNANCE_ITEMS if (payer, item) in statuses]
        if not recorded:
            context.log.warning(
                packages.where(row, "commissioner"),
                f"Nothing is recorded of the information governance under which {payer}'s package"
                " data is used.",
                "Fill in information_governance for it.",
                "governance_not_recorded",
            )
            continue
        for item in recorded:
            at, status = statuses[payer, item]
            if status and status not in STANDS:
                context.error(
                    "information_governance",
                    at,
                    "status",
                    f"{item.replace('_', ' ').capitalize()} is {status.replace('_', ' ')} for"
                    f" {payer}, so its package data may not be used yet.",
                    "Settle it and enter met, or take the packages out until then.",
                    "governance_unmet",
                )
        missing = [item.replace("_", " ") for item in GOVERNANCE_ITEMS if item not in recorded]
        if missing:
            context.error(
                "information_governance",
                statuses[payer, recorded[0]][0],
                "item",
                f"The list for {payer} lacks: {listed(missing)}.",
                "Add a row for each; not_needed, with why, where one does not apply.",
                "governance_incomplete",
            )


def check_package_parts(context: Context) -> None:
    """A package states its share in scope or has components that give it, of one kind; a package of
    no one person has no list.

    Source: handbook 2.6; req 127, 129.
    """
    if not context.readable("care_packages", "package_components"):
        return
    packages = context["care_packages"]
    shares, parts = (
        packages.numbers("in_scope_share"),
        context.rows_by("package_components", "package"),
    )
    for row, code in enumerate(packages.text("package")):
        entered = packages.entered.get("in_scope_share")
        blank = not entered[row].strip() if entered else math.isnan(shares[row])
        own, practice = (
            packages.flags("attributable_to_person")[row],
            context.value("care_packages", row, "list_code"),
        )
        if blank and (code,) not in parts:
            context.error(
                "care_packages",
                row,
                "in_scope_share",
                "The package states no share in scope and has no components that would give it.",
                "Enter the share, or what it is made of in package_components.",
                "blank",
            )
        elif not blank and (code,) in parts:
            context.error(
                "care_packages",
                row,
                "in_scope_share",
                "The package states its share in scope and has components too.",
                "Keep one of the two.",
                "share_twice",
            )
        if own is not False and not practice:
            context.error(
                "care_packages",
                row,
                "list_code",
                "A package of a person or group needs their GP list.",
                "Enter it; or enter false under attributable_to_person for a service that belongs"
                " to no one person.",
                "blank",
            )
        elif own is False and practice:
            context.error(
                "care_packages",
                row,
                "list_code",
                "A service that belongs to no one person can't be on one GP list.",
                "Clear the cell, or correct attributable_to_person.",
                "list_unused",
            )
    _check_components(context, parts)


def _check_components(context: Context, parts: Mapping[tuple[str, ...], list[int]]) -> None:
    table = context["package_components"]
    value, units, cost = (table.numbers(name) for name in ("value", "units", "unit_cost"))
    for (package,), rows in parts.items():
        valued = [row for row in rows if not math.isnan(value[row])]
        for row in rows:
            if math.isnan(value[row]) and (math.isnan(units[row]) or math.isnan(cost[row])):
                context.error(
                    "package_components",
                    row,
                    "value",
                    "The component has neither a value nor units with a unit cost.",
                    "Enter its value, or its units and what one costs.",
                    "component_weight_missing",
                )
            elif not math.isnan(value[row]) and not (
                math.isnan(units[row]) and math.isnan(cost[row])
            ):
                context.error(
                    "package_components",
                    row,
                    "units",
                    "The component has a value and units too.",
                    "Keep one of the two.",
                    "component_weight_twice",
                )
        if valued and len(valued) < len(rows):
            context.error(
                "package_components",
                valued[0],
                "value",
                f"Components of the package '{package}' are weighed in two ways.",
                "Give every component of a package a value, or every one units and a unit cost.",
                "component_weights_mixed",
            )


def check_exclusions(context: Context) -> None:
    """A wider risk share names its service line and area; leaving personal budgets out finds some
    to leave out.

    Source: Mid-Nottinghamshire article (2016); req 138, 139.
    """
    table = context["scope_exclusions"]
    kinds = set(context["care_packages"].text("package_kind"))
    for row, (kind, service, area) in enumerate(
        zip(
            table.text("exclusion_kind"),
            table.text("service_line"),
            table.text("wider_area"),
            strict=True,
        )
    ):
        if kind == "wider_risk_share" and not service:
            context.error(
                "scope_exclusions",
                row,
                "service_line",
                "A wider risk share leaves a service line out, and none is named.",
                "Enter it.",
                "blank",
            )
        if kind == "wider_risk_share" and not area:
            context.error(
                "scope_exclusions",
                row,
                "wider_area",
                "A risk share keeps money out only where its area is wider than this population,"
                " and none is named.",
                "Enter the area it covers.",
                "blank",
            )
        if (
            kind == "personal_budgets"
            and not service
            and "personal_budget" not in kinds
            and context.readable("care_packages")
        ):
            context.log.warning(
                table.where(row, "exclusion_kind"),
                "Personal budgets are left out by agreement, but no care package is of that kind.",
                "Mark them with package_kind personal_budget, or name the service line that holds"
                " them.",
                "exclusion_empty",
            )


def check_commitments(context: Context) -> None:
    """Commitments are of councils, for streams that councils fund.

    Source: overview 3.3.3; req 137.
    """
    funders = dict(
        zip(
            context["funding_streams"].text("funding_stream"),
            context["funding_streams"].text("funder"),
            strict=True,
        )
    )
    for row, stream in enumerate(context["council_commitments"].text("funding_stream")):
        if funders.get(stream) == "nhs":
            context.error(
                "council_commitments",
                row,
                "funding_stream",
                f"The stream '{stream}' is funded by the NHS, so no council commits it.",
                "Enter a stream whose funder is council; NHS funding is in allocations.",
                "commitment_funder",
            )


def check_vat(context: Context) -> None:
    """Each service line with VAT rows names today's holder once.

    Source: overview 3.3.3; req 133.
    """
    table = context["vat_recovery"]
    for (service,), rows in context.rows_by("vat_recovery", "service_line").items():
        today = [row for row in rows if table.flags("holds_today")[row]]
        if len(today) != 1:
            held = "is there twice" if today else "is missing"
            context.error(
                "vat_recovery",
                (today or rows)[-1],
                "holds_today",
                f"Today's holder of '{service}' {held}.",
                "Enter true for one row of the service line.",
                "vat_holder_today",
            )
