"""Where activity counts come from: the ranked catalogue of sources, access to patient-level data,
and local reports.

Source: handbook 2.4.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.tables.findings import Finding, judged, not_checked, warned
from wpb.tables.limits import limit
from wpb.tables.methods.facts import block_contracts
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn


@dataclass(frozen=True)
class ActivitySource:
    """One source of activity: its rank, national standards first, the level it gives, and what it
    takes to use it.
    """

    rank: int
    name: str
    national: bool
    level: str
    access: str


SOURCES = {
    "sus": ActivitySource(1, "Secondary Uses Service", True, "episode", "to hand"),
    "reference_costs": ActivitySource(
        2, "Reference costs", True, "provider and currency", "to hand"
    ),
    "cids": ActivitySource(
        3,
        "Community Information Data Set",
        True,
        "patient and contact",
        "from the provider where commissioners have totals only",
    ),
    "mh_clusters": ActivitySource(
        4,
        "Mental health clusters",
        True,
        "patient and cluster",
        "by practice, where the provider gives it",
    ),
    "mhlds": ActivitySource(
        5,
        "Mental Health and Learning Disabilities Data Set",
        True,
        "totals, as returned to commissioners",
        "patient level only from the provider, under agreed information governance",
    ),
    "local_report": ActivitySource(
        6, "Local service-line report", False, "service and attendance", "to hand"
    ),
    "provider_internal": ActivitySource(
        7,
        "Provider's own patient-level records",
        False,
        "patient",
        "from the provider, under agreed information governance",
    ),
}
"""Handbook 2.4.3, in its order: national standards, then what is collected locally."""

BY_PATIENT = ("activity_by_list", "patient_groups")
FROM_PROVIDER = ("mhlds", "provider_internal")


def sources_catalogue_section(model: Model) -> Section:
    """List each contract's sources by rank with the units that rest on each.

    Source: handbook 2.4.3; req 64.
    """
    columns = (
        SectionColumn("contract", "Contract", "code"),
        SectionColumn("rank", "Rank", "count"),
        SectionColumn("source", "Source"),
        SectionColumn("standard", "Standard"),
        SectionColumn("level", "Level"),
        SectionColumn("access", "Access"),
        SectionColumn("activity_types", "Activity types", "count"),
        SectionColumn("units", "Units", "count"),
    )
    table, rows = model["contract_activity"], []
    for contract in block_contracts(model):
        found: dict[str, list[float]] = {}
        for row in table.rows_where("contract", contract.code):
            found.setdefault(str(table.columns["activity_source"][row]), []).append(
                float(table.numbers("units")[row])
            )
        for code in sorted(found, key=lambda code: SOURCES[code].rank):
            source = SOURCES[code]
            rows.append(
                (
                    contract.code,
                    source.rank,
                    source.name,
                    "national" if source.national else "local",
                    source.level,
                    source.access,
                    len(found[code]),
                    sum(found[code]),
                )
            )
    return Section(
        "activity_sources",
        "Sources of activity",
        "National standards first; rank 1 is best.",
        columns,
        tuple(rows),
    )


def check_access(model: Model) -> list[Finding]:
    """Ask for patient-level access where a source reaches commissioners as totals and a contract
    needs patients or lists.

    Source: handbook 2.4.3; req 65, 67.
    """
    table, profiles, found = model["contract_activity"], model["dataset_profiles"], []
    for contract in block_contracts(model):
        rows = [
            row
            for row in table.rows_where("contract", contract.code)
            if table.columns["activity_source"][row] in FROM_PROVIDER
        ]
        if not rows:
            continue
        profile = profiles.rows_where("contract", contract.code)
        agreed = bool(profile) and profiles.flags("access_agreed")[profile[0]] is True
        words = (
            f"{len(rows)} activity types of {contract.code} come from"
            f" {SOURCES[str(table.columns['activity_source'][rows[0]])].name}; patient-level"
            " records are the provider's to share, under information governance"
            + (", and that is agreed." if agreed else ".")
        )
        fine = agreed or contract.population_method not in BY_PATIENT
        found.append(
            judged(
                "activity_access",
                contract.code,
                fine,
                words,
                "Agree access with the provider, and enter access_agreed in dataset_profiles.",
                table.where(rows[0], "activity_source"),
            )
        )
    return found


def check_local_reports(model: Model) -> list[Finding]:
    """Tie local reports to the activity they give: attendances of a type add to its units;
    referrals stand apart.

    Source: handbook 2.4.3 South Manchester; req 66, 67.
    """
    reports, activity, found = model["local_reports"], model["contract_activity"], []
    units: dict[tuple[str, str], float] = {}
    for code, kind, attendance, count in zip(
        reports.text("contract"),
        reports.text("activity_type"),
        reports.text("attendance"),
        reports.numbers("units").tolist(),
        strict=True,
    ):
        units[code, kind] = units.get((code, kind), 0.0) + (
            count if attendance != "referral" else 0.0
        )
    for contract in block_contracts(model):
        local = [
            row
            for row in activity.rows_where("contract", contract.code)
            if activity.columns["activity_source"][row] in ("local_report", "provider_internal")
        ]
        if not local:
            continue
        reported = [
            row
            for row in local
            if (contract.code, str(activity.columns["activity_type"][row])) in units
        ]
        if not reported:
            found.append(
                not_checked(
                    "local_report",
                    contract.code,
                    f"Enter the report behind {contract.code} in local_reports.",
                )
            )
        for row in reported:
            kind, counted = (
                str(activity.columns["activity_type"][row]),
                float(activity.numbers("units")[row]),
            )
            given = units[contract.code, kind]
            gap = abs(given - counted) / given if given else float(counted > 0)
            words = (
                f"The local report has {given:,.0f} attendances of {kind} under {contract.code};"
                f" {counted:,.0f} are used."
            )
            found.append(
                judged(
                    "local_report",
                    contract.code,
                    gap <= limit(model, "activity_gap"),
                    words,
                    "Find the difference.",
                    activity.where(row, "units"),
                )
            )
    known = {
        (c, k)
        for c, k in zip(activity.text("contract"), activity.text("activity_type"), strict=True)
    }
    for row, (code, kind) in enumerate(
        zip(reports.text("contract"), reports.text("activity_type"), strict=True)
    ):
        if (code, kind) not in known:
            found.append(
                warned(
                    "local_report",
                    code,
                    f"The local report has {kind} under {code}, which contract_activity doesn't.",
                    "Add the activity type, or correct its code.",
                    reports.where(row, "activity_type"),
                )
            )
    return found


def local_reports_section(model: Model) -> Section:
    """List local reports by attendance, location and priority.

    Source: handbook 2.4.3 South Manchester; req 66.
    """
    names = ("contract", "activity_type", "attendance", "location", "priority")
    columns = (
        *(SectionColumn(name, name.replace("_", " ").capitalize()) for name in names),
        SectionColumn("units", "Units", "count"),
    )
    table = model["local_reports"]
    units = table.numbers("units").tolist()
    words = [
        (
            [word.replace("_", " ") for word in table.text(name)]
            if name in names[2:]
            else table.text(name)
        )
        for name in names
    ]
    rows = tuple((*(column[row] for column in words), units[row]) for row in range(len(table)))
    return Section(
        "local_reports",
        "Local service reports",
        "Attendances by kind and place, and referrals by priority.",
        columns,
        rows,
    )
