"""Is the activity data good enough? The handbook's nine checks, each on the model's own tables.

Source: handbook 2.4.3 Box 2.
"""

from __future__ import annotations

import math

from wpb.kernel.intervals import departs, growth_rates_of
from wpb.tables.findings import Finding, judged, not_checked
from wpb.tables.limits import limit
from wpb.tables.methods.facts import BlockFacts, activity_types, block_contracts
from wpb.tables.methods.time_and_motion import sample_weights
from wpb.tables.model import Model

GOOD_LEVELS = ("patient_identifier", "patient_pseudonym", "patient_service")


def check_relevance(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, first: somebody who knows the care says that the units matter to clinicians or users.

    Source: handbook Box 2; req 68.
    """
    table = model["dataset_profiles"]
    rows = table.rows_where("contract", contract.code)
    if not rows:
        return _unprofiled("box2_relevance", contract)
    why, who = (str(table.columns[name][rows[0]]) for name in ("relevance", "judged_by"))
    words = (
        f"The units of {contract.code} matter because {why} (judged by {who})."
        if why and who
        else f"Nobody has said why the units of {contract.code} matter to clinicians or users."
    )
    return judged(
        "box2_relevance",
        contract.code,
        bool(why and who),
        words,
        "Ask a clinician or a user, and enter what they say.",
        table.where(rows[0], "relevance"),
    )


def check_exclusive(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, second: no record is counted by two activity types.

    Source: handbook Box 2; req 69.
    """
    table = model["unit_codes"]
    rows = table.rows_where("contract", contract.code)
    if not rows:
        return not_checked(
            "box2_exclusive",
            contract.code,
            f"Enter which records each activity type of {contract.code} counts in unit_codes.",
        )
    counted: dict[str, list[int]] = {}
    for row in rows:
        counted.setdefault(str(table.columns["unit_code"][row]), []).append(row)
    double = {
        code: each
        for code, each in counted.items()
        if len({str(table.columns["activity_type"][row]) for row in each}) > 1
    }
    words = (
        f"Records {', '.join(sorted(double))} of {contract.code} are counted by more than one"
        " activity type."
        if double
        else f"No record of {contract.code} is counted twice."
    )
    return judged(
        "box2_exclusive",
        contract.code,
        not double,
        words,
        "Count each record once.",
        table.where(next(iter(double.values()))[1] if double else rows[0], "unit_code"),
    )


def check_exhaustive(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, third: nothing is left uncounted. gap = (control total - units) / control total.

    Source: handbook Box 2; req 70.
    """
    table = model["dataset_profiles"]
    rows = table.rows_where("contract", contract.code)
    total = float(table.numbers("control_total")[rows[0]]) if rows else math.nan
    if math.isnan(total) or not total:
        return not_checked(
            "box2_exhaustive",
            contract.code,
            f"Enter a control total for {contract.code} in dataset_profiles.",
        )
    counted = sum(activity_types(model, contract.code).values())
    gap = (total - counted) / total
    words = (
        f"{contract.code} counts {counted:,.0f} units;"
        f" {table.columns['control_source'][rows[0]] or 'the control'} has {total:,.0f}"
        f" ({gap:+.1%})."
    )
    return judged(
        "box2_exhaustive",
        contract.code,
        abs(gap) <= limit(model, "activity_gap"),
        words,
        "Find the activity that is missing or counted twice.",
        table.where(rows[0], "control_total"),
    )


def check_homogeneous(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, fourth: units of one type take much the same time. Tests the coefficient of variation
    of observed time.

    Source: handbook Box 2; req 71.
    """
    samples = [weight for weight in sample_weights(model, contract.code) if weight.observations > 1]
    if not samples:
        return not_checked(
            "box2_alike",
            contract.code,
            f"Enter observed times for {contract.code} in time_observations.",
        )
    worst = max(samples, key=lambda weight: weight.variation)
    table = model["time_observations"]
    words = (
        f"Of the types of {contract.code}, {worst.activity_type} varies most within itself: its"
        f" time has a coefficient of variation of {worst.variation:.2f}."
    )
    return judged(
        "box2_alike",
        contract.code,
        worst.variation <= limit(model, "unit_dispersion"),
        words,
        "Divide the type, for example into first and follow-up.",
        table.where(table.rows_where("contract", contract.code)[0], "minutes"),
    )


def check_consistent(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, fifth: an activity type is the same unit with every provider.

    Source: handbook Box 2; req 72.
    """
    table = model["unit_codes"]
    rows = table.rows_where("contract", contract.code)
    if not rows:
        return not_checked(
            "box2_consistent", contract.code, f"Enter the units of {contract.code} in unit_codes."
        )
    units: dict[str, set[str]] = {}
    for kind, unit in zip(table.text("activity_type"), table.text("unit"), strict=True):
        units.setdefault(kind, set()).add(unit.strip().casefold())
    own = sorted({str(table.columns["activity_type"][row]) for row in rows})
    mixed = [kind for kind in own if len(units[kind]) > 1]
    words = (
        f"{', '.join(mixed)} of {contract.code} is not the same unit everywhere."
        if mixed
        else f"The units of {contract.code} are the same wherever they are used."
    )
    first = next((row for row in rows if table.columns["activity_type"][row] in mixed), rows[0])
    return judged(
        "box2_consistent",
        contract.code,
        not mixed,
        words,
        "Agree one unit, or give the types different codes.",
        table.where(first, "unit"),
    )


def check_assessable(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, sixth: accuracy can be judged, as with audited figures or a collection that can be
    seen.

    Source: handbook Box 2; req 73.
    """
    table = model["dataset_profiles"]
    rows = table.rows_where("contract", contract.code)
    if not rows:
        return _unprofiled("box2_accuracy", contract)
    provenance = str(table.columns["provenance"][rows[0]])
    words = {
        "audited": f"The activity of {contract.code} is audited.",
        "collection_visible": f"How the activity of {contract.code} is collected can be seen.",
        "not_known": f"How the activity of {contract.code} was collected is not known.",
    }[provenance]
    return judged(
        "box2_accuracy",
        contract.code,
        provenance != "not_known",
        words,
        "Ask the provider how it is collected, or have it audited.",
        table.where(rows[0], "provenance"),
    )


def check_time_series(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, seventh: earlier years are there, and no type's newest year stands out from them.

    Source: handbook Box 2; req 74.
    """
    table, now = model["activity_history"], activity_types(model, contract.code)
    rows = table.rows_where("contract", contract.code)
    series: dict[str, list[tuple[str, float]]] = {}
    for row in rows:
        series.setdefault(str(table.columns["activity_type"][row]), []).append(
            (str(table.columns["year"][row]), float(table.numbers("units")[row]))
        )
    growth = {
        kind: growth_rates_of([*(units for _, units in sorted(years)), now[kind]])
        for kind, years in series.items()
        if kind in now
    }
    known = {kind: rates for kind, rates in growth.items() if len(rates) >= 3}
    if not known:
        return not_checked(
            "box2_years",
            contract.code,
            f"Enter at least three earlier years of {contract.code} in activity_history.",
        )
    odd = [
        kind
        for kind, rates in known.items()
        if departs(rates[-1], rates[:-1], limit(model, "growth_departure"))
    ]
    words = (
        f"This year's {', '.join(odd)} of {contract.code} stands out from earlier years."
        if odd
        else f"No activity of {contract.code} stands out from earlier years."
    )
    return judged(
        "box2_years",
        contract.code,
        not odd,
        words,
        "Find out why before it sets a baseline.",
        table.where(rows[0], "units"),
    )


def check_level(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, eighth: records are at patient level, best with an identifier; at the least by patient
    and service.

    Source: handbook Box 2; req 75.
    """
    table = model["dataset_profiles"]
    rows = table.rows_where("contract", contract.code)
    if not rows:
        return _unprofiled("box2_level", contract)
    level = str(table.columns["level"][rows[0]])
    words = f"The records of {contract.code} are at the level {level.replace('_', ' ')}."
    return judged(
        "box2_level",
        contract.code,
        level in GOOD_LEVELS,
        words,
        "Ask the provider for records by patient, under a pseudonym.",
        table.where(rows[0], "level"),
    )


def check_costing_units(model: Model, contract: BlockFacts) -> Finding:
    """Box 2, ninth: the provider costs its services by the same units. rate = codes it costs by /
    codes.

    Source: handbook Box 2; req 76.
    """
    table = model["unit_codes"]
    rows = table.rows_where("contract", contract.code)
    if not rows:
        return not_checked(
            "box2_costing", contract.code, f"Enter the units of {contract.code} in unit_codes."
        )
    costed = sum(table.flags("provider_costs_by_it")[row] is True for row in rows)
    words = (
        f"The provider of {contract.code} costs by {costed} of its {len(rows)} units"
        f" ({costed / len(rows):.0%})."
    )
    first = next((row for row in rows if not table.flags("provider_costs_by_it")[row]), rows[0])
    return judged(
        "box2_costing",
        contract.code,
        costed == len(rows),
        words,
        "Agree units with the provider's costing team.",
        table.where(first, "provider_costs_by_it"),
    )


NINE = (
    check_relevance,
    check_exclusive,
    check_exhaustive,
    check_homogeneous,
    check_consistent,
    check_assessable,
    check_time_series,
    check_level,
    check_costing_units,
)


def check_activity_data(model: Model) -> list[Finding]:
    """Make the nine checks of every block contract.

    Source: handbook Box 2; req 68-76.
    """
    return [check(model, contract) for contract in block_contracts(model) for check in NINE]


def _unprofiled(check: str, contract: BlockFacts) -> Finding:
    return not_checked(
        check,
        contract.code,
        f"Say what is known of the activity data of {contract.code} in dataset_profiles.",
    )
