"""Boundaries that don't coincide: what part of a payer's residents is in the budget's population,
and the other way round.

Source: Mid-Nottinghamshire article.
"""

from __future__ import annotations

from dataclasses import dataclass

from wpb.kernel.problems import ProblemLog
from wpb.tables.findings import Finding, judged
from wpb.tables.model import Model
from wpb.tables.records import Scope, Section, SectionColumn


@dataclass(frozen=True)
class Boundary:
    """One payer's residents: on lists in scope, on other lists, and how much of the budget's
    population lives in its area.
    """

    organisation: str
    residents_in_scope: float
    residents_elsewhere: float
    people_in_scope: float

    @property
    def spend_factor(self) -> float:
        """The part of the payer's spend that is for the budget's population: residents in scope /
        all residents.
        """
        whole = self.residents_in_scope + self.residents_elsewhere
        return self.residents_in_scope / whole if whole else 0.0

    @property
    def population_factor(self) -> float:
        """The part of the budget's population the payer answers for: residents in scope / people in
        scope.
        """
        return self.residents_in_scope / self.people_in_scope if self.people_in_scope else 0.0


def boundary_factors(model: Model, scope: Scope) -> list[Boundary]:
    """Work out the boundary adjustment factors of each payer with a footprint.

    Source: Mid-Nottinghamshire article; req 14.
    """
    table = model["footprints"]
    people = sum(
        n
        for n, code in zip(scope.population, scope.lists.codes, strict=True)
        if scope.list_in_scope(code)
    )
    inside: dict[str, float] = {}
    outside: dict[str, float] = {}
    for organisation, code, residents in zip(
        table.text("organisation"),
        table.text("list_code"),
        table.numbers("residents").tolist(),
        strict=True,
    ):
        side = inside if scope.list_in_scope(code) else outside
        side[organisation] = side.get(organisation, 0.0) + residents
    return [
        Boundary(name, inside.get(name, 0.0), outside.get(name, 0.0), people)
        for name in dict.fromkeys(table.text("organisation"))
    ]


def check_footprints(model: Model, problems: ProblemLog) -> None:
    """Refuse more residents than a list has people, and a boundary carve-out of a payer with no
    footprint.

    Source: Mid-Nottinghamshire article; req 14.
    """
    table, lists = model["footprints"], model["gp_lists"]
    people = dict(zip(lists.text("list_code"), lists.numbers("population").tolist(), strict=True))
    for row, (code, residents) in enumerate(
        zip(table.text("list_code"), table.numbers("residents").tolist(), strict=True)
    ):
        if (
            residents > people.get(code, residents)
            and str(lists.columns["kind"][lists.rows_where("list_code", code)[0]]) == "practice"
        ):
            problems.error(
                table.where(row, "residents"),
                f"{residents:,.0f} residents are on the list {code}, which has {people[code]:,.0f}"
                " people.",
                "Correct one of the two.",
                "footprint_larger_than_list",
            )
    known = set(table.text("organisation"))
    for name in ("contracts", "direct_spend"):
        spend = model[name]
        for row, (method, payer) in enumerate(
            zip(spend.text("population_method"), spend.text("commissioner"), strict=True)
        ):
            if method == "boundary_carve_out" and payer not in known:
                problems.error(
                    spend.where(row, "population_method"),
                    f"A boundary carve-out needs the footprint of {payer}, and there is none.",
                    "Add its residents by list to footprints, or choose another method.",
                    "footprint_missing",
                )


def check_boundaries(model: Model, scope: Scope) -> list[Finding]:
    """Warn where a payer's area reaches beyond the budget's population and its spend is shared as
    if it didn't.

    Source: Mid-Nottinghamshire article; req 14.
    """
    found, table = [], model["footprints"]
    for boundary in boundary_factors(model, scope):
        used = any(
            boundary.organisation == payer and method == "boundary_carve_out"
            for name in ("contracts", "direct_spend")
            for payer, method in zip(
                model[name].text("commissioner"), model[name].text("population_method"), strict=True
            )
        )
        pays = any(
            boundary.organisation in model[name].text("commissioner")
            for name in ("contracts", "direct_spend")
        )
        evidence = (
            f"{boundary.spend_factor:.1%} of {boundary.organisation}'s residents are in the"
            f" budget's population, and it answers for {boundary.population_factor:.1%} of that"
            " population."
        )
        fine = used or not pays or boundary.spend_factor in (0.0, 1.0)
        place = table.where(table.rows_where("organisation", boundary.organisation)[0], "residents")
        found.append(
            judged(
                "boundary",
                boundary.organisation,
                fine,
                evidence,
                "Use the population method boundary_carve_out for what it pays, or say in the"
                " contract why its own lists are enough.",
                place,
            )
        )
    return found


def footprints_section(model: Model, scope: Scope) -> Section:
    """List the boundary adjustment factors.

    Source: Mid-Nottinghamshire article; req 14.
    """
    columns = (
        SectionColumn("organisation", "Payer", "code"),
        SectionColumn("residents_in_scope", "Residents in scope", "count"),
        SectionColumn("residents_elsewhere", "Other residents", "count"),
        SectionColumn("spend_factor", "Part of its spend in scope", "share"),
        SectionColumn("population_factor", "Part of the population it answers for", "share"),
    )
    rows = tuple(
        (
            b.organisation,
            b.residents_in_scope,
            b.residents_elsewhere,
            b.spend_factor,
            b.population_factor,
        )
        for b in boundary_factors(model, scope)
    )
    return Section(
        "footprints",
        "Boundary adjustment",
        "Where the footprints of payers and lists differ, each payer's spend is cut by residents,"
        " not by list.",
        columns,
        rows,
    )
