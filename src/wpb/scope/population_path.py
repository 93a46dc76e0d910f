"""From a segment, by the whole population, to people one by one: the approach of each contract
year.

Source: handbook Summary footnotes 2-3, 1.1.2, footnotes 13-14.
"""

from __future__ import annotations

from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.findings import Finding, judged, passed
from wpb.tables.model import Model
from wpb.tables.records import Scope, Section, SectionColumn

ORDER = ("segment", "whole_population", "person_level")


def population_modes(model: Model) -> dict[str, str]:
    """The approach of each contract year: the whole population unless population_modes says
    otherwise.

    Source: handbook Summary footnote 2, footnote 14; req 3, 16.
    """
    table = model["population_modes"]
    stages = sorted(zip(table.text("from_year"), table.text("mode"), strict=True))
    found, mode = {}, "whole_population"
    for year in model.settings.years:
        mode = next((stage for start, stage in reversed(stages) if start <= year), mode)
        found[year] = mode
    return found


def population_update_is_automatic(model: Model, year: str) -> bool:
    """Whether people moving on and off lists change the payment by themselves: only under
    person-level capitation.

    Source: handbook footnote 14; req 16.
    """
    return population_modes(model)[year] == "person_level"


def check_modes(model: Model, problems: ProblemLog) -> None:
    """Refuse years outside the contract, a segment without a name, and person-level capitation
    without linked data.

    Source: handbook Summary footnotes 2-3, 1.1.3; req 3, 16.
    """
    table, years = model["population_modes"], model.settings.years
    for row, (year, mode) in enumerate(
        zip(table.text("from_year"), table.text("mode"), strict=True)
    ):
        if year not in years:
            problems.error(
                table.where(row, "from_year"),
                f"{year} is not a contract year.",
                f"Enter a year from {years[0]} to {years[-1]}.",
                "mode_year",
            )
        if mode == "segment" and not table.columns["segment"][row]:
            problems.error(
                table.where(row, "segment"),
                "A segment is not named.",
                "Say which people it is.",
                "segment_missing",
            )
        if mode == "person_level" and not table.columns["linked_data"][row]:
            problems.error(
                table.where(row, "linked_data"),
                "Person-level capitation needs linked patient data, and none is named.",
                "Name the linked data, or stay with the whole population.",
                "linked_data_missing",
            )


def check_path(model: Model) -> Finding:
    """Warn where a segment never matures into the whole population, or the path goes backwards.

    Source: handbook Summary footnote 2; req 3, 16.
    """
    table = model["population_modes"]
    if not len(table):
        return passed(
            "population_path", "population", "The budget is for the whole population throughout."
        )
    modes = list(population_modes(model).values())
    ranks = [ORDER.index(mode) for mode in modes]
    fine = ranks == sorted(ranks) and modes[-1] != "segment"
    words = "; ".join(
        f"{mode.replace('_', ' ')} from {year}"
        for year, mode in sorted(zip(table.text("from_year"), table.text("mode"), strict=True))
    )
    evidence = f"The path is {words}." + (
        "" if fine else " It does not mature into the whole population and stay there."
    )
    return judged(
        "population_path",
        "population",
        fine,
        evidence,
        "Give the year in which the whole population is covered.",
        table.where(0, "mode"),
    )


def population_path_section(model: Model) -> Section:
    """List the approach of each contract year.

    Source: handbook Summary footnotes 2-3, footnote 14; req 3, 16.
    """
    columns = (
        SectionColumn("year", "Year", "year"),
        SectionColumn("mode", "Approach"),
        SectionColumn("update", "Change of population"),
    )
    rows = tuple(
        (
            year,
            mode.replace("_", " "),
            "by itself, person by person" if mode == "person_level" else "by a yearly adjustment",
        )
        for year, mode in population_modes(model).items()
    )
    return Section(
        "population_path",
        "Path of the population approach",
        "The figures of this budget are for the whole population in scope, whatever the approach of"
        " a year.",
        columns,
        rows,
    )


def per_head_section(scope: Scope, baseline_pence: float, year: str) -> Section:
    """Give the baseline per head as an indicator only: baseline / people in scope. No figure of the
    budget is made from it.

    Source: handbook 1.1.3 footnote 13; req 13.
    """
    people = sum(
        n
        for n, code in zip(scope.population, scope.lists.codes, strict=True)
        if scope.list_in_scope(code)
    )
    each = baseline_pence / people if people else 0.0
    columns = (
        SectionColumn("year", "Year", "year"),
        SectionColumn("people", "People in scope", "count"),
        SectionColumn("derived_per_head_pence", "Derived: baseline per head", "pounds"),
    )
    note = (
        f"An indicator only, worked out from the budget ({pounds(each, 2)} a head). The budget"
        " rests on what is spent, not on a price per person."
    )
    return Section(
        "per_head",
        "Per head, for comparison only",
        note,
        columns,
        ((year, people, whole_pence(each)),),
    )
