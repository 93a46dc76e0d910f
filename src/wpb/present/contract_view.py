"""A live contract as figures a program reads: tree, Schedule 4A, indicative values, versions, tests
of change.

Source: overview 2; handbook 4.1-4.4; req 210, 211, 213, 215-217, 220-227, 230, 343-346, 369.
"""

from __future__ import annotations

import datetime
from typing import Any

from wpb.contract.forms import money_flow_map
from wpb.contract.materiality import (
    NO_CHANGE,
    REVIEW_LIST,
    fixed_period_options,
    needs_review,
)
from wpb.contract.practice_changes import returns_at_end
from wpb.kernel.money import round_parts, whole_pence
from wpb.live import LiveContract, input_digest
from wpb.present.contract_changes import change_tests
from wpb.tables.contract_records import ELEMENTS, Tree, Version


def contract_figures(live: LiveContract, on: datetime.date | None = None) -> dict[str, Any]:
    """Give the contract as it stood on a day: the whole tree by year, its parts, and how it came
    about.

    Source: overview 2; handbook 4.3; req 210, 211, 213.
    """
    version = live.history.at(on)
    return {
        "contract": live.terms.contract,
        "starts_on": live.terms.starts_on.isoformat(),
        "ends_on": version.ends_on.isoformat(),
        "currency": live.model.settings.currency,
        "version": version.name,
        "status": version.status,
        "manifest": manifest_digest(live),
        "years": [year_figures(live, version, year) for year in range(len(live.terms.years))],
        "versions": [version_row(live, found) for found in live.history.versions],
        "changes": change_tests(live),
        "decisions": decisions(live),
        "fixed_periods": fixed_periods(live),
        "plan_review": plan_review(live),
        "money_flow": money_flow_map(live.model, live.terms),
        "practices_returning": returns_at_end(live.model, version.ends_on),
        "problems": [problem.as_dict() for problem in live.problems],
    }


def manifest_digest(live: LiveContract) -> str:
    """Name the inputs a contract was worked out from: a digest of the hashes of every input file.

    Source: handbook 3.7; req 367.
    """
    return input_digest(live.model)


def parts_of(live: LiveContract, tree: Tree, year: int) -> tuple[int, int]:
    """The annual payment of a year in its two parts, A funded by the NHS and B by councils, in
    whole pence.

    Source: overview 2; req 211.
    """
    cells = list(zip(live.history.tree.part, tree.amounts["wpap"][year], strict=True))
    return sum(pence for part, pence in cells if part == "A"), sum(
        pence for part, pence in cells if part == "B"
    )


def tree_figures(live: LiveContract, tree: Tree, year: int) -> dict[str, Any]:
    """The tree of one year in whole pence: budget = annual payment + withheld + what stands beside
    it.

    Source: overview Table 1; req 210, 211.
    """
    amounts = {element: tree.of(element, year) for element in ELEMENTS}
    part_a, part_b = parts_of(live, tree, year)
    beside = amounts["activity_paid"] + amounts["incentives"] + amounts["personal_budgets"]
    return {
        "year": tree.years[year],
        "wpb_pence": tree.wpb(year),
        "wpap_pence": amounts["wpap"],
        "withheld_pence": amounts["withheld"],
        "beside_pence": beside,
        "activity_paid_pence": amounts["activity_paid"],
        "incentives_pence": amounts["incentives"],
        "personal_budgets_pence": amounts["personal_budgets"],
        "part_a_pence": part_a,
        "part_b_pence": part_b,
    }


def year_figures(live: LiveContract, version: Version, year: int) -> dict[str, Any]:
    """One year: its tree, Schedule 4A by payer and stream, the indicative value, and how certain it
    is.

    Source: overview 2; handbook 1.2.2, 4.3; req 211, 213, 225.
    """
    tree, indicative = live.trees[version.number], live.trees[0]
    found = tree_figures(live, tree, year)
    schedule = [
        {
            "commissioner": code.split(".", 1)[0],
            "funding_stream": code.split(".", 1)[1],
            "part": part,
            "wpap_pence": pence,
        }
        for code, part, pence in zip(
            tree.cells.codes, live.history.tree.part, tree.amounts["wpap"][year], strict=True
        )
    ]
    review = needs_review(tree.wpb(year), indicative.wpb(year), live.terms.review_share)
    return {
        **found,
        "schedule_4a": schedule,
        "indicative_wpb_pence": indicative.wpb(year),
        "certainty": certainty(live, tree.years[year]),
        "review": list(REVIEW_LIST) if review else [],
    }


def certainty(live: LiveContract, year: str) -> str:
    """How certain a year's money is: the least certain of the allocations it rests on, in the
    model's words.

    Source: handbook 3.2.1, 4.3; req 213, 216.
    """
    order = ("firm", "indicative", "planning_assumption")
    table = live.model["allocations"]
    cells = set(live.history.tree.cells.codes)
    found = [
        str(table.columns["certainty"][row])
        for row in table.rows_where("year", year)
        if f"{table.columns['commissioner'][row]}.{table.columns['funding_stream'][row]}" in cells
    ]
    return max(found, key=order.index) if found else "planning_assumption"


def version_row(live: LiveContract, version: Version) -> dict[str, Any]:
    """One version: what it came from, when it was known, and what it is worth over the term.

    Source: handbook 4.1; req 369.
    """
    tree = live.trees[version.number]
    lifetime = sum(tree.wpb(year) for year in range(len(tree.years)))
    before = live.trees[max(version.number - 1, 0)]
    return {
        "version": version.name,
        "status": version.status,
        "event": version.event,
        "kind": version.event_kind,
        "known_on": version.known_on.isoformat(),
        "effective_on": version.effective_on.isoformat(),
        "title": version.title,
        "lifetime_pence": lifetime,
        "change_pence": lifetime - sum(before.wpb(year) for year in range(len(tree.years))),
    }


def decisions(live: LiveContract) -> list[dict[str, Any]]:
    """Each periodic agreement and re-opener: its new figures, each factor's effect by year, and
    what was agreed.

    Source: handbook 4.3.1; req 217, 219, 220, 221, 222, 223.
    """
    found = []
    table = live.model["periodic_factors"]
    stated = {
        str(code): (str(kind), str(criteria))
        for code, kind, criteria in zip(
            *(table.text(name) for name in ("factor", "factor_kind", "criteria")), strict=True
        )
    }
    for decision in live.decisions.values():
        factors = []
        for factor in decision.factors:
            yearly = (
                [0.0] * len(live.terms.years)
                if factor.change is None
                else factor.change.value[0].sum(axis=0).tolist()
            )
            figures = [
                {
                    "assumption": f.assumption,
                    "year": f.year,
                    "old": f.old_value,
                    "new": f.new_value,
                    "threshold": f.threshold,
                    "fires": f.counts,
                    "source": f.source,
                }
                for f in factor.figures
            ]
            factors.append(
                {
                    "factor": factor.factor,
                    "kind": stated[factor.factor][0],
                    "criteria": stated[factor.factor][1],
                    "fires": factor.change is not None,
                    "figures": figures,
                    "effect_pence": dict(
                        zip(live.terms.years, round_parts(yearly, live.terms.years), strict=True)
                    ),
                }
            )
        found.append(
            {
                "event": decision.event,
                "accepted_share": decision.accepted_share,
                "unambiguous": decision.unambiguous,
                "factors": factors,
            }
        )
    return found


def fixed_periods(live: LiveContract) -> list[dict[str, Any]]:
    """Longer fixed periods side by side: more to plan on, and more that rests on allocations not
    yet firm.

    Source: handbook 4.3; req 215, 216.
    """
    tree = live.trees[live.history.agreed.number]
    values = [float(tree.wpb(year)) for year in range(len(tree.years))]
    options = fixed_period_options(
        values, [certainty(live, year) == "firm" for year in tree.years], len(values)
    )
    return [
        {
            "years": option.years,
            "fixed_pence": whole_pence(option.fixed_pence),
            "firm_pence": whole_pence(option.firm_pence),
            "exposed_pence": whole_pence(option.exposed_pence),
            "chosen": option.years == live.terms.fixed_years,
        }
        for option in options
    ]


def plan_review(live: LiveContract) -> list[dict[str, str]]:
    """Changes of allocations: they never change the value by themselves, and prompt a look at plans
    more broadly.

    Source: handbook 4.1; req 227.
    """
    words = (
        "The value does not move with allocations. Look again at the contract and the plans of the"
        " area, and whether delivery within the value stays possible."
    )
    return [
        {
            "event": event.code,
            "effective_on": event.effective_on.isoformat(),
            "reason": event.reason,
            "what_to_do": words,
        }
        for event in live.history.events
        if event.kind == "allocation_change"
    ]


def compare_versions(live: LiveContract, before: int, after: int) -> dict[str, Any]:
    """Explain every penny between two versions: each event's effect by year and part, adding to the
    whole difference.

    Source: handbook 4.3.1; req 219, 369.
    """
    first, last = sorted((before, after))
    sign = 1 if before <= after else -1
    steps, explained = [], 0
    for number in range(first + 1, last + 1):
        version, old, new = (
            live.history.versions[number],
            live.trees[number - 1],
            live.trees[number],
        )
        if version.event_kind in NO_CHANGE:
            continue
        years = {year: sign * (new.wpb(at) - old.wpb(at)) for at, year in enumerate(new.years)}
        parts = {
            name: sign * (after_pence - before_pence)
            for (name, after_pence), before_pence in zip(
                _whole_term(live, new).items(), _whole_term(live, old).values(), strict=True
            )
        }
        steps.append(
            {
                "version": version.name,
                "event": version.event,
                "kind": version.event_kind,
                "title": version.title,
                "years_pence": years,
                "parts_pence": parts,
                "total_pence": sum(years.values()),
            }
        )
        explained += sum(years.values())
    a, b = live.trees[before], live.trees[after]
    difference = {year: b.wpb(at) - a.wpb(at) for at, year in enumerate(a.years)}
    return {
        "from": f"v{before}",
        "to": f"v{after}",
        "difference_pence": difference,
        "total_pence": sum(difference.values()),
        "steps": steps,
        "unexplained_pence": sum(difference.values()) - explained,
    }


def _whole_term(live: LiveContract, tree: Tree) -> dict[str, int]:
    """A version over the whole term: the two parts of the annual payment, what is withheld and what
    stands beside it.
    """
    figures = [tree_figures(live, tree, at) for at in range(len(tree.years))]
    return {
        name: sum(year[f"{name}_pence"] for year in figures)
        for name in ("part_a", "part_b", "withheld", "beside")
    }
