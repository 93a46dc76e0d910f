"""Whether care packages may be used and are whole, and exclusions, commitments and VAT say what
they must.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from wpb.tables.checks.context import Context, across, listed
from wpb.tables.council_money import (
    GOVERNANCE_ITEMS,
    InformationGovernance,
    PackageComponents,
    ScopeExclusions,
)
from wpb.tables.spend import CarePackages

STANDS = ("met", "not_needed")


@across
def check_information_governance(context: Context) -> None:
    """Package data may be used only where every item of the payer's information governance stands;
    none recorded is said.

    Source: handbook 2.6 Tower Hamlets; req 130.
    """
    if not context.readable("care_packages", "information_governance"):
        return
    packages, table = CarePackages.of(context), InformationGovernance.of(context)
    statuses = {
        (payer, item): (row, status)
        for row, (payer, item, status) in enumerate(
            zip(table.organisation, table.item, table.status, strict=True)
        )
    }
    first = {payer: row for row, payer in reversed(list(enumerate(packages.commissioner))) if payer}
    for payer, row in first.items():
        recorded = [item for item in GOVERNANCE_ITEMS if (payer, item) in statuses]
        if not recorded:
            context.log.warning(
                packages.cell(row, CarePackages.commissioner),
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
                    InformationGovernance,
                    at,
                    InformationGovernance.status,
                    f"{item.replace('_', ' ').capitalize()} is {status.replace('_', ' ')} for"
                    f" {payer}, so its package data may not be used yet.",
                    "Settle it and enter met, or take the packages out until then.",
                    "governance_unmet",
                )
        missing = [item.replace("_", " ") for item in GOVERNANCE_ITEMS if item not in recorded]
        if missing:
            context.error(
                InformationGovernance,
                statuses[payer, recorded[0]][0],
                InformationGovernance.item,
                f"The list for {payer} lacks: {listed(missing)}.",
                "Add a row for each; not_needed, with why, where one does not apply.",
                "governance_incomplete",
            )


@across
def check_package_parts(context: Context) -> None:
    """A package states its share in scope or has components that give it, of one kind.

    Source: handbook 2.6; req 127, 129.
    """
    if not context.readable("care_packages", "package_components"):
        return
    packages = CarePackages.of(context)
    shares, parts = (
        packages.in_scope_share,
        PackageComponents.of(context).grouped(PackageComponents.package),
    )
    for row, code in enumerate(packages.package):
        entered = packages.read.entered.get("in_scope_share")
        blank = not entered[row].strip() if entered else math.isnan(shares[row])
        if blank and (code,) not in parts:
            context.error(
                CarePackages,
                row,
                CarePackages.in_scope_share,
                "The package states no share in scope and has no components that would give it.",
                "Enter the share, or what it is made of in package_components.",
                "blank",
            )
        elif not blank and (code,) in parts:
            context.error(
                CarePackages,
                row,
                CarePackages.in_scope_share,
                "The package states its share in scope and has components too.",
                "Keep one of the two.",
                "share_twice",
            )
    _check_components(context, parts)


def _check_components(context: Context, parts: Mapping[tuple[str, ...], list[int]]) -> None:
    table = PackageComponents.of(context)
    value, units, cost = table.value, table.units, table.unit_cost
    for (package,), rows in parts.items():
        valued = [row for row in rows if not math.isnan(value[row])]
        for row in rows:
            if math.isnan(value[row]) and (math.isnan(units[row]) or math.isnan(cost[row])):
                context.error(
                    PackageComponents,
                    row,
                    PackageComponents.value,
                    "The component has neither a value nor units with a unit cost.",
                    "Enter its value, or its units and what one costs.",
                    "component_weight_missing",
                )
            elif not math.isnan(value[row]) and not (
                math.isnan(units[row]) and math.isnan(cost[row])
            ):
                context.error(
                    PackageComponents,
                    row,
                    PackageComponents.units,
                    "The component has a value and units too.",
                    "Keep one of the two.",
                    "component_weight_twice",
                )
        if valued and len(valued) < len(rows):
            context.error(
                PackageComponents,
                valued[0],
                PackageComponents.value,
                f"Components of the package '{package}' are weighed in two ways.",
                "Give every component of a package a value, or every one units and a unit cost.",
                "component_weights_mixed",
            )


@across
def check_exclusions(context: Context) -> None:
    """Leaving personal budgets out finds some to leave out.

    Source: Mid-Nottinghamshire article (2016); req 138, 139.
    """
    table = ScopeExclusions.of(context)
    kinds = set(CarePackages.of(context).package_kind)
    for row, (kind, service) in enumerate(
        zip(table.exclusion_kind, table.service_line, strict=True)
    ):
        if (
            kind == "personal_budgets"
            and not service
            and "personal_budget" not in kinds
            and context.readable("care_packages")
        ):
            context.log.warning(
                table.cell(row, ScopeExclusions.exclusion_kind),
                "Personal budgets are left out by agreement, but no care package is of that kind.",
                "Mark them with package_kind personal_budget, or name the service line that holds"
                " them.",
                "exclusion_empty",
            )
