"""Is the population big enough that chance alone moves the budget little?

Source: handbook 1.1.5; overview 3.4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from wpb.tables.findings import Finding, judged, not_checked
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Scope, Section, SectionColumn


@dataclass(frozen=True)
class RandomVariation:
    """How much chance moves the budget: coefficient of variation, and the fewest people for which
    it is acceptable.
    """

    person: float
    people: float
    budget: float
    acceptable: float
    least_people: float
    spend_covered: float


def budget_variation(person_variation: float, people: float) -> float:
    """How much chance moves a budget for many people, each independent of the rest: person's
    variation / square root of people.

    Source: handbook 1.1.5; req 5.
    """
    return person_variation / math.sqrt(people)


def least_people(person_variation: float, acceptable: float) -> float:
    """The fewest people for which chance moves the budget acceptably little: (person's variation /
    acceptable)^2.

    Source: handbook 1.1.5; req 5.
    """
    return (person_variation / acceptable) ** 2


def random_variation(
    model: Model, scope: Scope, spend_pence: Mapping[str, float]
) -> RandomVariation | None:
    """Work out how much chance moves the budget; None where nothing says how much people's costs
    vary.

    One row for everything in scope is used as it is. Rows by service line are joined by spend,
    taking the services
    of one person as independent: square root of the sum of (spend x variation)^2 / sum of spend.
    spend_pence: current spend in scope by service line.
    Source: handbook 1.1.5; overview 3.4; req 5.
    """
    table = model["cost_variation"]
    if not len(table):
        return None
    people = sum(
        n
        for n, code in zip(scope.population, scope.lists.codes, strict=True)
        if scope.list_in_scope(code)
    )
    by_line = dict(
        zip(table.text("service_line"), table.numbers("person_variation").tolist(), strict=True)
    )
    spend = sum(spend_pence.values())
    covered = sum(spend_pence.get(line, 0.0) for line in by_line if line)
    if "" in by_line:
        person, share = by_line[""], 1.0
    elif not covered:
        return None
    else:
        person = (
            math.sqrt(sum((spend_pence.get(line, 0.0) * cv) ** 2 for line, cv in by_line.items()))
            / covered
        )
        share = covered / spend
    acceptable = limit(model, "budget_variation")
    return RandomVariation(
        person,
        people,
        budget_variation(person, people),
        acceptable,
        least_people(person, acceptable),
        share,
    )


def check_population_size(found: RandomVariation | None) -> Finding:
    """Warn where chance moves the budget more than is acceptable.

    Source: handbook 1.1.5; req 5.
    """
    if found is None:
        return not_checked(
            "population_size", "scope", "Fill in cost_variation for services in scope."
        )
    evidence = (
        f"Chance alone moves a year's cost of {found.people:,.0f} people by {found.budget:.2%}"
        f" either way (one standard deviation); up to {found.acceptable:.2%} is acceptable, which"
        f" takes {math.ceil(found.least_people):,} people."
    )
    return judged(
        "population_size",
        "scope",
        found.budget <= found.acceptable,
        evidence,
        "Join with neighbours, share volatility, or set cases of very high cost apart.",
    )


def population_size_section(found: RandomVariation | None) -> Section:
    """Lay the test out.

    Source: handbook 1.1.5; req 5.
    """
    columns = (
        SectionColumn("people", "People in scope", "count"),
        SectionColumn("person_variation", "Variation of one person's cost", "number"),
        SectionColumn("budget_variation", "Variation of the budget", "share"),
        SectionColumn("acceptable", "Acceptable", "share"),
        SectionColumn("least_people", "Fewest people", "count"),
        SectionColumn("spend_covered", "Share of spend it rests on", "share"),
    )
    rows = (
        ()
        if found is None
        else (
            (
                found.people,
                found.person,
                found.budget,
                found.acceptable,
                math.ceil(found.least_people),
                found.spend_covered,
            ),
        )
    )
    return Section(
        "population_size",
        "Is the population big enough",
        "Worked out as if people's costs were independent; epidemics and winters are not, and come"
        " on top.",
        columns,
        rows,
    )
