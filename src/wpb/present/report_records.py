"""The report's sections of record: grades, elements, service lines, GP lists, assumptions, choices
and problems.

Source: handbook Table 2, 3.3.3, 3.7; overview 2; req 37, 92, 101, 131, 132, 179, 366.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from wpb.kernel.assumptions.values import spell_years
from wpb.kernel.money import whole_pence
from wpb.present.charts import FALL, RISE, TOTAL_BAR, share_chart
from wpb.present.html_tables import Cell, HtmlTable, figure, html_table, words
from wpb.present.report_sections import Reader, View
from wpb.present.words import spell_count, spell_share, spell_value

GRADE_COLOURS = {"preferred": TOTAL_BAR, "second": RISE, "last": FALL}
ELEMENT_COLOURS = (TOTAL_BAR, RISE, "#7FB6CB", "#8A7CA8", "#C9BBD8", "#E0A458")


def grades_view(reader: Reader) -> View:
    """Show the baseline by the weakest method on each line's way.

    Source: handbook Table 2, 2.4.4 end; req 37, 92.
    """
    table = reader.tables["grades"]
    records = table.records()
    parts = [
        (record["name"], record["baseline_pence"], GRADE_COLOURS[record["grade"]])
        for record in records
    ]
    story = "; ".join(
        f"{record['name'].lower()} {spell_share(record['share'])}" for record in records
    )
    rows = [
        [
            words(record["name"]),
            figure(spell_count(record["lines"])),
            reader.money(record["baseline_pence"]),
            figure(spell_share(record["share"])),
        ]
        for record in records
    ]
    totals = [
        [
            words("Baseline"),
            figure(spell_count(sum(table.column("lines")))),
            reader.money(reader.whole.baseline),
            figure("100.0%"),
        ]
    ]
    chart = share_chart(
        "grades",
        "Baseline by method grade",
        f"One bar of three parts: {story}.",
        parts,
        reader.sign,
    )
    return {
        "chart": chart,
        "table": html_table(
            "grades-table",
            "Baseline by the weakest method used on the line's way",
            ("Weakest method", "Lines", "Baseline", "Share"),
            rows,
            totals,
        ),
    }


def elements_view(reader: Reader) -> View:
    """Show how the baseline is paid, and its Part A and Part B.

    Source: overview 2, 3.3.3; req 131, 132, 210, 211.
    """
    table = reader.tables["elements"]
    records = sorted(table.records(), key=lambda record: -abs(record["baseline_pence"]))
    parts = [
        (record["name"], record["baseline_pence"], ELEMENT_COLOURS[position % len(ELEMENT_COLOURS)])
        for position, record in enumerate(records)
    ]
    story = "; ".join(f"{label} {reader.millions(amount)}" for label, amount, _ in parts)
    rows = [
        [
            words(record["name"]),
            reader.money(record["baseline_pence"]),
            figure(spell_share(record["share"])),
        ]
        for record in records
    ]
    totals = [[words("Baseline"), reader.money(reader.whole.baseline), figure("100.0%")]]
    chart = (
        share_chart(
            "elements",
            "Baseline by element and part",
            f"One bar of parts: {story}.",
            parts,
            reader.sign,
        )
        if parts
        else None
    )
    return {
        "chart": chart,
        "table": html_table(
            "elements-table",
            "Baseline by element: Part A is funded by the NHS, Part B by councils",
            ("Element", "Baseline", "Share"),
            rows,
            totals,
        ),
    }


def services_view(reader: Reader) -> HtmlTable:
    """List the service lines of the baseline, the largest first.

    Source: handbook 2.4.5, Table 2; req 37, 361.
    """
    records = sorted(
        (
            record
            for record in reader.tables["baseline_by_service_line"].records()
            if record["baseline_pence"]
        ),
        key=lambda record: (-record["baseline_pence"], record["service_line"]),
    )
    rows = [
        [
            words(record["name"]),
            words(record["service_line"]),
            words(record["scope"]),
            words(record["weakest_grade"]),
            figure(spell_count(record["lines"])),
            reader.money(record["spend_pence"]),
            reader.money(record["in_scope_pence"]),
            reader.money(record["baseline_pence"]),
        ]
        for record in records
    ]
    totals = [
        [
            words("Baseline"),
            words(""),
            words(""),
            words(""),
            *(figure(spell_count(sum(record["lines"] for record in records))),),
            *(
                reader.money(sum(record[name] for record in records))
                for name in ("spend_pence", "in_scope_pence", "baseline_pence")
            ),
        ]
    ]
    return html_table(
        "services-table",
        "Baseline by service line, the largest first",
        (
            "Service line",
            "Code",
            "Scope",
            "Weakest grade",
            "Lines",
            "Current spend",
            "In scope",
            "Baseline",
        ),
        rows,
        totals,
    )


def lists_view(reader: Reader) -> HtmlTable:
    """List the GP lists that take part, with pounds for each person.

    Source: handbook 2.4.5; req 101.
    """
    table = reader.tables["baseline_by_list"]
    people, baseline = sum(table.column("population")), sum(table.column("baseline_pence"))
    rows = [
        [
            words(record["name"]),
            words(record["list_code"]),
            words(record["participation"]),
            figure(spell_count(record["population"])),
            reader.money(record["baseline_pence"]),
            reader.penny(record["baseline_pence_per_person"]),
        ]
        for record in table.records()
    ]
    totals = [
        [
            words("All lists that take part"),
            words(""),
            words(""),
            figure(spell_count(people)),
            reader.money(baseline),
            reader.penny(whole_pence(baseline / people) if people else None),
        ]
    ]
    return html_table(
        "lists-table",
        "Baseline by GP list",
        ("GP list", "Code", "Takes part", "People", "Baseline", "For each person"),
        rows,
        totals,
    )


def records_view(reader: Reader) -> View:
    """Give assumptions with sources and badges, choices with reasons, and problems with mends.

    Source: handbook 3.3.2, 3.3.3, 3.7; req 159, 179, 366.
    """
    choices = [[words(value) for value in row] for row in reader.tables["choices"].rows]
    problems = [
        [
            Cell("", badges=(record["severity"],)),
            words(record["what"]),
            words(record["fix"]),
            words(", ".join(part for part in (record["file"], record["cell"]) if part)),
        ]
        for record in reader.tables["problems"].records()
    ]
    return {
        "assumptions": html_table(
            "assumptions-table",
            "Assumptions used, with their sources",
            ("Assumption", "Years", "Value", "Status", "Published", "Source"),
            _assumption_rows(reader),
        ),
        "choices": html_table(
            "choices-table",
            "Choices of this model and their reasons",
            ("Choice", "Option taken", "Why"),
            choices,
        ),
        "problems": (
            html_table(
                "problems-table",
                "What the checks found",
                ("Severity", "What was found", "What to do", "Where"),
                problems,
            )
            if problems
            else None
        ),
    }


def _assumption_rows(reader: Reader) -> list[list[Cell]]:
    """One row for each run of years with the same value and citation."""

    def alike(record: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            record[name]
            for name in (
                "key",
                "value",
                "vintage",
                "source",
                "locator",
                "status",
                "local",
                "extended",
            )
        )

    rows = []
    for _, group in groupby(reader.tables["assumptions"].records(), key=alike):
        records = list(group)
        first = records[0]
        badges = [first["status"]] if first["status"] != "final" else []
        badges += [name for name in ("extended", "local") if first[name] and name not in badges]
        source = f"{first['source']}, {first['locator']}" if first["locator"] else first["source"]
        if first["displaced_value"] is not None:
            source += (
                f". In place of {spell_value(first['displaced_value'], first['unit'])},"
                f" {first['displaced_source']}"
            )
        named = first["title"] or first["key"]
        rows.append(
            [
                words(f"{named} ({first['key']})" if named != first["key"] else named),
                words(_years(records)),
                figure(spell_value(first["value"], first["unit"])),
                Cell("final" if not badges else "", badges=tuple(badges)),
                words(first["vintage"]),
                words(source),
            ]
        )
    return rows


def _years(records: list[dict[str, Any]]) -> str:
    years = [str(record["year"]) for record in records]
    return spell_years(years) if all(year[:1].isdigit() for year in years) else ", ".join(years)
