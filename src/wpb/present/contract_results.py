"""A live contract as result tables: its values by year, how they came about, and the people they
follow.

Source: overview 2; handbook 4.1-4.4; req 210, 211, 213, 215-227, 234-240.
"""

from __future__ import annotations

from wpb.live import LiveContract
from wpb.present.contract_changes import change_tests
from wpb.present.contract_view import (
    compare_versions,
    decisions,
    fixed_periods,
    version_row,
    year_figures,
)
from wpb.present.result_table import ResultTable, Value, entered, label, result_table, worked_out
from wpb.present.update_view import update_figures
from wpb.present.words import spell_share

NO_SUM = "not tested"


def contract_by_year(live: LiveContract) -> ResultTable:
    """Give the tree of the version in force by year, beside the indicative value.

    Budget = annual payment + withheld + paid by activity + incentives + personal budgets.
    Source: overview Table 1; handbook 4.3; req 210, 211, 213.
    """
    version = live.history.at(None)
    columns = (
        label("year", "Year", "year"),
        worked_out("wpb_pence", "Whole population budget", adds_up=True),
        worked_out("wpap_pence", "Annual payment", adds_up=True),
        worked_out("part_a_pence", "of which Part A, from the NHS", adds_up=True),
        worked_out("part_b_pence", "of which Part B, from the council", adds_up=True),
        worked_out("withheld_pence", "Withheld for schemes", adds_up=True),
        worked_out("activity_paid_pence", "Paid by activity", adds_up=True),
        worked_out("incentives_pence", "Incentives beside it", adds_up=True),
        worked_out("personal_budgets_pence", "Personal budgets", adds_up=True),
        worked_out("indicative_wpb_pence", "Indicative budget", adds_up=True),
        worked_out("change_pence", "Change since", adds_up=True),
        label("certainty", "Certainty of the money", "code"),
        label("version", "Version", "code"),
        label("term", "Term", "code"),
    )
    term = version.elements["personal_budgets"].id.rsplit("/", 1)[0]
    rows: list[list[Value]] = []
    for at, year in enumerate(live.terms.years):
        found = year_figures(live, version, at)
        amounts = [
            found[f"{name}_pence"]
            for name in (
                "wpb",
                "wpap",
                "part_a",
                "part_b",
                "withheld",
                "activity_paid",
                "incentives",
                "personal_budgets",
            )
        ]
        rows.append(
            [
                year,
                *amounts,
                found["indicative_wpb_pence"],
                found["wpb_pence"] - found["indicative_wpb_pence"],
                found["certainty"],
                version.name,
                term,
            ]
        )
    return result_table(
        "contract_by_year",
        "Contract value by year",
        f"Version {version.number} of the contract: budget = annual payment + withheld + paid by"
        " activity + incentives + personal budgets.",
        columns,
        rows,
    )


def payment_schedule(live: LiveContract) -> ResultTable:
    """List the annual payment by commissioner and stream for each year, as Schedule 4A has it.

    Source: overview 2, Table 1; req 211.
    """
    version = live.history.at(None)
    columns = (
        label("commissioner", "Commissioner", "code"),
        label("funding_stream", "Funding stream", "code"),
        label("part", "Part", "code"),
        label("year", "Year", "year"),
        worked_out("wpap_pence", "Annual payment", adds_up=True),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = []
    for at, year in enumerate(live.terms.years):
        for row in year_figures(live, version, at)["schedule_4a"]:
            figure = (
                f"{version.elements['wpap'].id}/{year}/{row['commissioner']}."
                f"{row['funding_stream']}"
            )
            rows.append(
                [
                    row["commissioner"],
                    row["funding_stream"],
                    row["part"],
                    year,
                    row["wpap_pence"],
                    figure,
                ]
            )
    return result_table(
        "payment_schedule",
        "Annual payment by commissioner and stream",
        "What each commissioner pays a year, by funding stream.",
        columns,
        rows,
    )


def contract_versions(live: LiveContract) -> ResultTable:
    """List every version: the event it came from, what it is worth over the term, and how the
    change is tested.

    Source: handbook 4.1-4.3.1; req 224, 226, 369.
    """
    tests = {test["event"]: test for test in change_tests(live)}
    columns = (
        label("version", "Version", "code"),
        label("event", "Event", "code"),
        label("kind", "Kind of change", "code"),
        label("title", "What happened"),
        label("known_on", "Known on"),
        label("effective_on", "Holds from"),
        worked_out("lifetime_pence", "Value over the term"),
        worked_out("change_pence", "Change", adds_up=True),
        worked_out("cumulative_pence", "Changes so far, tested together"),
        label("test", "Test of the change"),
    )
    rows: list[list[Value]] = []
    for version in live.history.versions:
        found, test = version_row(live, version), tests.get(version.event)
        rows.append(
            [
                found["version"],
                found["event"],
                found["kind"],
                found["title"],
                found["known_on"],
                found["effective_on"],
                found["lifetime_pence"],
                found["change_pence"],
                test["cumulative_pence"] if test else None,
                test["words"] if test else NO_SUM,
            ]
        )
    return result_table(
        "contract_versions",
        "Versions of the contract",
        "Every event that changed the contract, in the order in which it was known.",
        columns,
        rows,
    )


def contract_updates(live: LiveContract) -> ResultTable:
    """Explain the whole difference between the value as agreed and as it stands: each event's
    effect by year.

    Source: handbook 4.3.1; req 219, 369.
    """
    agreed, last = live.history.agreed.number, live.history.at(None).number
    columns = (
        label("event", "Event", "code"),
        label("kind", "Kind of change", "code"),
        label("title", "What happened"),
        label("year", "Year", "year"),
        worked_out("change_pence", "Change of the budget", adds_up=True),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = [
        [
            step["event"],
            step["kind"],
            step["title"],
            year,
            pence,
            f"wpb/{step['version']}/wpb/{year}",
        ]
        for step in compare_versions(live, agreed, last)["steps"]
        for year, pence in step["years_pence"].items()
    ]
    return result_table(
        "contract_updates",
        "What changed the value since it was agreed",
        "Each event's effect by year; together they add to the whole difference.",
        columns,
        rows,
    )


def periodic_agreements(live: LiveContract) -> ResultTable:
    """List each factor of each periodic agreement and re-opener: the figure, whether it counts, and
    its effect by year.

    Source: handbook 4.3.1; req 217, 219-223.
    """
    columns = (
        label("event", "Event", "code"),
        label("factor", "Factor", "code"),
        label("criteria", "Stated criteria"),
        label("fires", "Counts", "yes_no"),
        label("accepted", "Part agreed"),
        label("year", "Year", "year"),
        worked_out("effect_pence", "Effect before agreement"),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = []
    for decision in decisions(live):
        for factor in decision["factors"]:
            rows += [
                [
                    decision["event"],
                    factor["factor"],
                    factor["criteria"],
                    factor["fires"],
                    spell_share(decision["accepted_share"]),
                    year,
                    pence,
                    (
                        f"wpb/periodic/{decision['event']}/{factor['factor']}/{year}"
                        if factor["fires"]
                        else ""
                    ),
                ]
                for year, pence in factor["effect_pence"].items()
            ]
    return result_table(
        "periodic_agreements",
        "Periodic agreements and re-openers",
        "What each factor comes to by year, before the part that was agreed.",
        columns,
        rows,
    )


def fixed_period_choices(live: LiveContract) -> ResultTable:
    """Set longer fixed periods side by side: what is fixed, and how much of it rests on allocations
    that are not firm.

    Source: handbook 4.3; req 215, 216.
    """
    columns = (
        label("years", "Years fixed", "count"),
        label("chosen", "Chosen", "yes_no"),
        worked_out("fixed_pence", "Fixed"),
        worked_out("firm_pence", "on firm allocations"),
        worked_out("exposed_pence", "on allocations not firm"),
    )
    return result_table(
        "fixed_period_choices",
        "How long the value could be fixed",
        "A longer fixed period gives more to plan on, and rests more on allocations that may"
        " change.",
        columns,
        [
            [
                row["years"],
                row["chosen"],
                row["fixed_pence"],
                row["firm_pence"],
                row["exposed_pence"],
            ]
            for row in fixed_periods(live)
        ],
    )


def population_updates(live: LiveContract) -> ResultTable:
    """List each population update: people planned and registered, and what size and composition are
    worth in its year.

    Source: handbook 4.4; req 234, 235, 237, 238.
    """
    columns = (
        label("update", "Update", "code"),
        label("effective_on", "Lists counted on"),
        worked_out("people_planned", "People planned", "count"),
        worked_out("people_registered", "People registered", "count"),
        worked_out("people_moved", "Difference", "count"),
        label("year", "Year", "year"),
        worked_out("size_pence", "For the number of people, a year"),
        worked_out("composition_pence", "For who they are, a year"),
        worked_out("total_pence", "Together, a year"),
        label("figure", "Figure", "code"),
    )
    rows: list[list[Value]] = []
    for code in live.history.updates:
        found = update_figures(live, code)
        size, composition = (
            sum(row[f"{name}_pence"] for row in found["yearly_effect"])
            for name in ("size", "composition")
        )
        rows.append(
            [
                code,
                found["effective_on"],
                found["people_planned"],
                found["people_registered"],
                found["people_registered"] - found["people_planned"],
                found["year"],
                size,
                composition,
                size + composition,
                f"{found['figure']}/{found['year']}",
            ]
        )
    return result_table(
        "population_updates",
        "Population updates",
        "People registered beside people planned, and what the difference is worth in a full year.",
        columns,
        rows,
    )


def population_by_list(live: LiveContract) -> ResultTable:
    """Show where the people of the last update are: each GP list, planned and registered.

    Source: handbook 4.4; req 234, 243.
    """
    columns = (
        label("update", "Update", "code"),
        label("list_code", "GP list", "code"),
        label("name", "Name"),
        entered("registered", "People registered", "count"),
        worked_out("planned", "People planned", "count"),
        worked_out("difference", "Difference", "count"),
    )
    lists = live.model["gp_lists"]
    names = dict(zip(lists.text("list_code"), lists.text("name"), strict=True))
    last = max(
        live.history.updates,
        key=lambda code: next(
            event.effective_on for event in live.history.events if event.code == code
        ),
        default="",
    )
    rows = (
        [
            [
                last,
                row["list_code"],
                names.get(row["list_code"], ""),
                row["registered"],
                row["planned"],
                row["difference"],
            ]
            for row in update_figures(live, last)["lists"]
        ]
        if last
        else []
    )
    return result_table(
        "population_by_list",
        "People by GP list at the last update",
        "Registered less planned.",
        columns,
        rows,
    )


BUILDERS = {
    build.__name__: build
    for build in (
        contract_by_year,
        payment_schedule,
        contract_updates,
        contract_versions,
        periodic_agreements,
        fixed_period_choices,
        population_updates,
        population_by_list,
    )
}
