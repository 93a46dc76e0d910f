"""Step 1 looked at hard: does the schedule say what is spent, is it shaped like cost, and what do
its splits differ by?

Source: handbook 2.4.2, Fig 3, Fig 4, Box 1.
"""

from __future__ import annotations

import numpy as np

from wpb.kernel.ledger import Ledger
from wpb.kernel.money import round_parts, whole_pence
from wpb.tables.findings import Finding, judged, not_checked
from wpb.tables.limits import limit
from wpb.tables.methods.facts import (
    BlockFacts,
    block_contracts,
    costs_by_kind,
    schedule_values,
    shares,
)
from wpb.tables.methods.provider_costs import PATIENT_CARE
from wpb.tables.methods.registry import SPLIT_OPTIONS, STEP_1_OPTIONS
from wpb.tables.methods.schedule import OPTION as SCHEDULE
from wpb.tables.methods.schedule import with_non_service
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn


def by_cost(contract: BlockFacts) -> bool:
    """Whether a contract is shared by the provider's costs.

    Source: handbook 2.4.2; req 56.
    """
    option = STEP_1_OPTIONS.get(contract.options.get("step_1", ""))
    return option is not None and bool(option.cost_kinds)


def check_actual_spend(model: Model, contract: BlockFacts) -> Finding:
    """Test a schedule against actual spend, line by line: accepted where no line is further out
    than the limit.

    gap = |schedule - actual| / actual.
    Source: handbook 2.4.2; req 49.
    """
    actuals, services = model["schedule_actuals"], schedule_values(model, contract.code)[0]
    rows = actuals.rows_where("contract", contract.code)
    if not services or not rows:
        return not_checked(
            "schedule_actual",
            contract.code,
            (
                f"Enter actual spend of {contract.code} by service line in schedule_actuals."
                if services
                else f"{contract.code} has no schedule."
            ),
        )
    actual = {
        str(actuals.columns["service_line"][row]): float(actuals.numbers("actual_spend")[row])
        for row in rows
    }
    gaps = {
        service: abs(value - actual[service]) / actual[service]
        for service, value in services.items()
        if actual.get(service)
    }
    most = limit(model, "schedule_gap")
    worst = max(gaps, key=lambda service: (gaps[service], service), default="")
    out, unknown = (
        sum(gap > most for gap in gaps.values()),
        [service for service in services if service not in gaps],
    )
    used = contract.options.get("step_1") == SCHEDULE.name
    verdict = "accepted" if not out else "rejected"
    words = (
        f"The schedule of {contract.code} is {verdict}: {out} of {len(gaps)} lines are more than"
        f" {most:.0%} from actual spend"
        + (f", {worst} most ({gaps[worst]:.1%})" if worst else "")
        + (f"; {len(unknown)} have no actual spend" if unknown else "")
        + "."
    )
    return judged(
        "schedule_actual",
        contract.code,
        not (out and used),
        words,
        "Share the contract by provider costs at step 1, or refresh the schedule.",
        actuals.where(rows[0], "actual_spend"),
    )


def check_relative_costs(model: Model, contract: BlockFacts) -> Finding:
    """Set each line's share of the schedule beside its share of provider cost: the shape counts,
    not the sums.

    difference = schedule value / schedule - cost / costs, over lines that have both.
    Source: handbook 2.4.2; req 55.
    """
    differences = share_differences(model, contract.code)
    if not differences:
        return not_checked(
            "schedule_shape",
            contract.code,
            f"{contract.code} needs a schedule and provider_costs by service line.",
        )
    most = limit(model, "share_gap")
    worst = max(differences, key=lambda service: (abs(differences[service]), service))
    schedule = model["schedule_lines"]
    fine = contract.options.get("step_1") != SCHEDULE.name or abs(differences[worst]) <= most
    words = (
        f"Shares of the schedule of {contract.code} differ from shares of provider cost by up to"
        f" {abs(differences[worst]):.1%} of the contract ({worst})."
    )
    return judged(
        "schedule_shape",
        contract.code,
        fine,
        words,
        "Ask which of the two is out of date before the schedule is used.",
        schedule.where(schedule.rows_where("contract", contract.code)[0], "value"),
    )


def share_differences(model: Model, contract: str) -> dict[str, float]:
    """Share of schedule less share of cost for each service line that has both.

    Source: handbook 2.4.2; req 55.
    """
    services, costs = schedule_values(model, contract)[0], costs_by_kind(model, contract)
    both = [
        service
        for service in services
        if sum(costs.get(service, {}).get(kind, 0.0) for kind in PATIENT_CARE)
    ]
    by_schedule = shares({service: services[service] for service in both})
    by_cost = shares(
        {service: sum(costs[service].get(kind, 0.0) for kind in PATIENT_CARE) for service in both}
    )
    return {service: by_schedule[service] - by_cost[service] for service in by_schedule}


def three_splits(model: Model, contract: str) -> dict[str, dict[str, float]]:
    """Spread lines such as Admin in all three ways: by cost driver, by schedule value, equally; a
    way without figures is left out.

    Source: handbook Fig 3; req 50, 51, 52, 53.
    """
    services, other = schedule_values(model, contract)
    if not services or not other:
        return {}
    own, rest = np.array(list(services.values())), np.array([other])
    found = {}
    for way, option in SPLIT_OPTIONS.items():
        driver = np.array(option.units(model, contract, services))
        if len(driver) and driver.sum():
            found[way] = dict(
                zip(
                    services,
                    with_non_service(own, rest, driver, np.array([driver.sum()])).tolist(),
                    strict=True,
                )
            )
    return found


def splits_section(model: Model) -> Section:
    """Show the three splits side by side with the widest difference of each line.

    Source: handbook Fig 3; req 53.
    """
    ways = tuple(SPLIT_OPTIONS)
    columns = (
        SectionColumn("contract", "Contract", "code"),
        SectionColumn("service_line", "Service line", "code"),
        *(
            SectionColumn(f"{way}_pence", way.replace("_", " ").capitalize(), "pounds")
            for way in ways
        ),
        SectionColumn("difference_pence", "Widest difference", "pounds"),
        SectionColumn("used", "Used here"),
    )
    rows = []
    for contract in block_contracts(model):
        splits = three_splits(model, contract.code)
        whole = {
            way: dict(zip(lines, round_parts(list(lines.values()), list(lines)), strict=True))
            for way, lines in splits.items()
        }
        used = (
            contract.options.get("non_service_split", "")
            if contract.options.get("step_1") == SCHEDULE.name
            else "none: shared by cost"
        )
        for service in next(iter(splits.values()), {}):
            amounts = [whole[way][service] if way in whole else None for way in ways]
            known = [amount for amount in amounts if amount is not None]
            rows.append(
                (contract.code, service, *amounts, max(known) - min(known), used.replace("_", " "))
            )
    return Section(
        "non_service_splits",
        "Lines such as Admin, spread three ways",
        "Schedule values with their part of the lines that are no service, by each way the figures"
        " allow.",
        columns,
        tuple(rows),
    )


def driver_section(model: Model) -> Section:
    """The cost-driver worksheet: cost object, candidate drivers, how each relates to cost, and
    which was chosen.

    Source: handbook Box 1; req 54.
    """
    table = model["cost_driver_candidates"]
    names = ("contract", "cost_object", "driver", "relationship", "reason")
    columns = (
        *(SectionColumn(name, name.replace("_", " ").capitalize()) for name in names),
        SectionColumn("cost_per_unit_pence", "Cost of a unit", "pounds"),
        SectionColumn("chosen", "Chosen", "yes_no"),
    )
    costs, chosen = table.numbers("cost_per_unit"), table.flags("chosen")
    rows = tuple(
        (
            *(str(table.columns[name][row]) for name in names),
            None if np.isnan(costs[row]) else whole_pence(costs[row]),
            chosen[row],
        )
        for row in range(len(table))
    )
    return Section(
        "cost_drivers",
        "Cost driver worksheet",
        "What gets a share, the drivers thought of, and how each relates to cost.",
        columns,
        rows,
    )


def refreshed_schedule_section(model: Model, ledger: Ledger) -> Section:
    """Give the schedule each contract would have if it were refreshed by provider costs, beside the
    old one.

    Source: handbook 2.4.2; req 61.
    """
    columns = (
        SectionColumn("contract", "Contract", "code"),
        SectionColumn("service_line", "Service line", "code"),
        SectionColumn("old_pence", "Old schedule", "pounds"),
        SectionColumn("new_pence", "Refreshed", "pounds"),
        SectionColumn("change_pence", "Change", "pounds"),
    )
    rows = []
    for contract in block_contracts(model):
        old = schedule_values(model, contract.code)[0]
        if not by_cost(contract) or not old:
            continue
        block = ledger[f"contract/{contract.code}/step_1"]
        new = dict(
            zip(
                block.axis.codes,
                round_parts([block.at(row, 0) for row in range(len(block.axis))], block.axis.codes),
                strict=True,
            )
        )
        for service in dict.fromkeys((*old, *new)):
            before, after = whole_pence(old.get(service, 0.0)), new.get(service, 0)
            rows.append((contract.code, service, before, after, after - before))
    return Section(
        "refreshed_schedules",
        "Schedules refreshed by provider costs",
        "What a stale schedule would say if it were written again.",
        columns,
        tuple(rows),
    )


def check_schedules(model: Model, ledger: Ledger) -> list[Finding]:
    """Make every check of Step 1.

    Source: handbook 2.4.2; req 49, 54, 55, 57, 58, 60, 62.
    """
    found: list[Finding] = []
    for contract in block_contracts(model):
        found += [check_actual_spend(model, contract), check_relative_costs(model, contract)]
        used = (
            SPLIT_OPTIONS.get(contract.options.get("non_service_split", "")),
            STEP_1_OPTIONS.get(contract.options.get("step_1", "")),
        )
        for option in used:
            found += option.check(model, ledger, contract) if option else []
    return found
