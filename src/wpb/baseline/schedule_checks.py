"""Step 1 looked at hard: does the schedule say what is spent, is it shaped like cost, and what do
its splits differ by?

Source: handbook 2.4.2, Fig 3, Fig 4, Box 1.
"""

from __future__ import annotations

import numpy as np

from wpb.baseline.block_facts import (
    BlockFacts,
    block_contracts,
    costs_by_kind,
    schedule_values,
    shares,
)
from wpb.baseline.block_steps import with_non_service
from wpb.kernel.ledger import Ledger
from wpb.kernel.money import pounds, round_parts, whole_pence
from wpb.tables.contracts import METHOD_OPTIONS
from wpb.tables.findings import Finding, judged, not_checked, passed, warned
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn

PATIENT_CARE = ("direct", "indirect", "overhead")
BY_COST = ("absorbed_cost", "direct_cost")


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
    used = contract.options.get("step_1") == "schedule"
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
    fine = contract.options.get("step_1") != "schedule" or abs(differences[worst]) <= most
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
    table = model["cost_drivers"]
    units = {
        str(table.columns["service_line"][row]): float(table.numbers("units")[row])
        for row in table.rows_where("contract", contract)
    }
    drivers = {
        "cost_driver": (
            [units.get(service, 0.0) for service in services] if set(services) <= set(units) else []
        ),
        "schedule_value": list(services.values()),
        "equal": [1.0] * len(services),
    }
    own, rest = np.array(list(services.values())), np.array([other])
    found = {}
    for way in METHOD_OPTIONS["non_service_split"]:
        driver = np.array(drivers[way])
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
    ways = METHOD_OPTIONS["non_service_split"]
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
            if contract.options.get("step_1") == "schedule"
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


def check_driver_worksheet(model: Model, contract: BlockFacts) -> Finding | None:
    """Check the cost-driver worksheet: where a driver is used, one was chosen from those thought
    of, and it is the one used.

    Source: handbook Box 1; req 54.
    """
    if (
        contract.options.get("non_service_split") != "cost_driver"
        or contract.options.get("step_1") != "schedule"
    ):
        return None
    table, drivers = model["cost_driver_candidates"], model["cost_drivers"]
    rows = table.rows_where("contract", contract.code)
    if not rows:
        return not_checked(
            "driver_worksheet",
            contract.code,
            f"List the drivers thought of for {contract.code} in cost_driver_candidates.",
        )
    chosen = [str(table.columns["driver"][row]) for row in rows if table.flags("chosen")[row]]
    used = sorted(
        {
            str(drivers.columns["driver"][row])
            for row in drivers.rows_where("contract", contract.code)
        }
    )
    words = (
        f"Of {len(rows)} drivers thought of for {contract.code}, {', '.join(chosen) or 'none'} was"
        f" chosen; {', '.join(used) or 'none'} is used."
    )
    return judged(
        "driver_worksheet",
        contract.code,
        len(chosen) == 1 and chosen == used,
        words,
        "Choose one, and use that one in cost_drivers.",
        table.where(rows[0], "chosen"),
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


def check_costing_assurance(model: Model, contract: BlockFacts) -> Finding | None:
    """Where provider costs share a contract, ask whether the provider confirmed that they follow
    the costing standards.

    Source: handbook 2.4.2 footnote 31; req 58.
    """
    if contract.options.get("step_1") not in BY_COST:
        return None
    table = model["costing_assurance"]
    rows = table.rows_where("contract", contract.code)
    if rows and table.flags("confirmed")[rows[0]] and table.columns["standard"][rows[0]] != "other":
        return passed(
            "costing_assurance",
            contract.code,
            f"{table.columns['confirmed_by'][rows[0]]} confirmed on"
            f" {table.columns['confirmed_on'][rows[0]]} that the costs of {contract.code} follow"
            f" {str(table.columns['standard'][rows[0]]).replace('_', ' ')}.",
        )
    return warned(
        "costing_assurance",
        contract.code,
        f"Nobody has confirmed that the costs that share {contract.code} follow the costing"
        " standards.",
        "Ask the provider, and enter its answer in costing_assurance.",
        contract.place,
    )


def direct_cost_bias(model: Model, contract: BlockFacts) -> dict[str, tuple[float, float, float]]:
    """What sharing by direct cost alone does to each line: direct share of its cost, pounds by
    direct cost, pounds by absorbed cost.

    A line with a high part of direct cost is over-estimated. Only lines whose indirect or overhead
    costs are known count.
    Source: handbook 2.4.2 after Fig 4; req 60.
    """
    costs = {
        service: kinds
        for service, kinds in costs_by_kind(model, contract.code).items()
        if service and {"indirect", "overhead"} & set(kinds)
    }
    if not any(
        kinds.get("indirect", 0.0) or kinds.get("overhead", 0.0) for kinds in costs.values()
    ):
        return {}
    absorbed = {
        service: sum(kinds.get(kind, 0.0) for kind in PATIENT_CARE)
        for service, kinds in costs.items()
    }
    direct = {service: kinds.get("direct", 0.0) for service, kinds in costs.items()}
    by_direct, by_absorbed = shares(direct), shares(absorbed)
    return {
        service: (
            direct[service] / absorbed[service] if absorbed[service] else 0.0,
            contract.value_pence * by_direct.get(service, 0.0),
            contract.value_pence * by_absorbed[service],
        )
        for service in by_absorbed
    }


def check_direct_bias(model: Model, contract: BlockFacts) -> Finding | None:
    """Warn, with its size, of the bias of sharing by direct cost where lines differ in their part
    of direct cost.

    Source: handbook 2.4.2 after Fig 4; req 60.
    """
    if contract.options.get("step_1") != "direct_cost":
        return None
    bias = direct_cost_bias(model, contract)
    if not bias:
        return not_checked(
            "direct_cost_bias",
            contract.code,
            f"The bias of direct cost in {contract.code} is not known without its indirect and"
            " overhead costs.",
        )
    gaps = {
        service: by_direct - by_absorbed for service, (_, by_direct, by_absorbed) in bias.items()
    }
    worst = max(
        gaps,
        key=lambda service: (
            abs(gaps[service]) / bias[service][2] if bias[service][2] else 0.0,
            service,
        ),
    )
    share, _, by_absorbed = bias[worst]
    relative = abs(gaps[worst]) / by_absorbed if by_absorbed else 0.0
    words = (
        f"Sharing {contract.code} by direct cost gives {worst} {pounds(gaps[worst])}"
        f" {'more' if gaps[worst] > 0 else 'less'} than absorbed cost would ({relative:.1%});"
        f" {share:.0%} of its cost is direct."
    )
    return judged(
        "direct_cost_bias",
        contract.code,
        relative <= limit(model, "direct_cost_bias"),
        words,
        "Use absorbed cost if the indirect and overhead costs can be trusted, or correct the lines"
        " by hand.",
        contract.place,
    )


def check_excluded_costs(model: Model, contract: BlockFacts) -> Finding | None:
    """Say what education, research and commercial cost was left out, or that all cost was absorbed
    into patient services.

    Source: handbook 2.4.2; req 57.
    """
    if contract.options.get("step_1") not in BY_COST:
        return None
    left_out = sum(
        amount
        for kinds in costs_by_kind(model, contract.code).values()
        for kind, amount in kinds.items()
        if kind not in PATIENT_CARE
    )
    words = (
        f"{pounds(left_out)} of education, research and commercial cost is left out of"
        f" {contract.code}."
        if left_out
        else (
            f"No cost of {contract.code} is marked as education, research or commercial, so all of"
            " it falls on patient services."
        )
    )
    return passed("costs_left_out", contract.code, words)


def check_undivided(contract: BlockFacts) -> Finding | None:
    """Warn of a contract carried undivided: lower accuracy, and weights that must compare across
    all of its services.

    Source: handbook 2.4.2 end; req 62.
    """
    if contract.options.get("step_1") != "undivided":
        return None
    harder = (
        " Its weights compare activity of all its services at once, which is harder."
        if contract.options.get("step_3") == "relative_resource"
        else ""
    )
    return warned(
        "undivided",
        contract.code,
        f"{contract.code} ({pounds(contract.value_pence)}) is carried undivided, so its pounds"
        f" follow activity and not services.{harder}",
        "Get a schedule or the provider's costs by service line.",
        contract.place,
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
        if contract.options.get("step_1") not in BY_COST or not old:
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


def check_schedules(model: Model) -> list[Finding]:
    """Make every check of Step 1.

    Source: handbook 2.4.2; req 49, 54, 55, 57, 58, 60, 62.
    """
    found: list[Finding | None] = []
    for contract in block_contracts(model):
        found += [
            check_actual_spend(model, contract),
            check_relative_costs(model, contract),
            check_driver_worksheet(model, contract),
            check_costing_assurance(model, contract),
            check_excluded_costs(model, contract),
            check_direct_bias(model, contract),
            check_undivided(contract),
        ]
    return [finding for finding in found if finding is not None]
