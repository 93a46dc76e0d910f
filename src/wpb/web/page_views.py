"""What each page of the budget says and draws above its tables: headline cards, sentences, charts,
the reader's choices.

Source: handbook 3.7; req 361, 362, 366.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from wpb.governance.visibility import EVERYTHING, Sight
from wpb.kernel.assumptions.values import spell_years
from wpb.present.block_steps import block_steps
from wpb.present.charts import Chart
from wpb.present.report_records import elements_view, grades_view
from wpb.present.report_sections import (
    Reader,
    affordability_view,
    bridge_view,
    headline_view,
    path_view,
)
from wpb.present.result_table import ResultTable, Value, label, result_table
from wpb.present.words import spell_value
from wpb.store.database import Database
from wpb.web.budgets import Shown
from wpb.web.withholding import SeenTables

View = dict[str, Any]
"""cards, sentences, charts; made: results made for this page alone, by name."""
Options = list[tuple[str, str]]


@dataclass
class Looked:
    """What a reader looks at: a budget, a version of it, and what they chose on the page."""

    shown: Shown
    version: int
    chosen: Mapping[str, str] = field(default_factory=dict)
    database: Database | None = None
    folder: str = ""
    sight: Sight = EVERYTHING
    """What the reader may see."""

    @cached_property
    def tables(self) -> SeenTables:
        """The results as the reader may see them."""
        return SeenTables(self.shown, self.sight)

    @cached_property
    def reader(self) -> Reader:
        """The budget as words and charts read it, of what the reader may see alone."""
        return Reader(self.shown.whole, self.tables)


@dataclass(frozen=True)
class Choice:
    """Something a reader chooses on a page: its name in the address, its words, and what there is
    to choose.
    """

    name: str
    words: str
    options: Callable[[Shown], Options]


def overview(looked: Looked) -> View:
    """The headline figures, what runs short, and the path; what is published alone for a bidder."""
    if not (looked.sight.may_see("allocation") and looked.sight.may_see("finding")):
        return published(looked)
    found = headline_view(looked.reader)
    return {
        "cards": found["cards"],
        "sentences": found["sentences"],
        "charts": path_view(looked.reader)["charts"][:1],
    }


def published(looked: Looked) -> View:
    """The baseline and the forecast, without what commissioners have for them.

    Source: handbook 4.2; req 353.
    """
    years, reader = looked.tables["years"].records(), looked.reader
    first, last = years[0], years[-1]
    return {
        "cards": [
            {
                "label": f"Forecast, {row['year']}",
                "value": reader.millions(row["forecast_pence"]),
                "note": f"{reader.millions(row['do_nothing_pence'])} if nothing is done",
                "warn": False,
            }
            for row in ([first] if first is last else [first, last])
        ]
    }


def story(view: Callable[..., View]) -> Callable[[Looked], View]:
    """Take the words and charts of a section of the report."""

    def made(looked: Looked) -> View:
        found = view(looked.reader)
        charts: list[Chart] = found.get("charts") or [
            chart for chart in [found.get("chart")] if chart
        ]
        return {
            "sentences": (
                found.get("sentences") or [words for words in [found.get("story", "")] if words]
            ),
            "charts": charts,
        }

    return made


baseline, path, affordability, grades = (
    story(bridge_view),
    story(path_view),
    story(affordability_view),
    story(grades_view),
)


def settled(database: Database, folder: str) -> str:
    """A page that rests on the budget alone."""
    return ""


def nothing(looked: Looked) -> View:
    """A page that only shows its tables."""
    return {}


def block_contracts(shown: Shown) -> Options:
    """The contracts that have workings: those paid by block or aligned payment."""
    titles = {row["contract"]: row["title"] for row in shown.tables["contracts"].records()}
    return [
        (code, f"{titles.get(code, code)} ({code})")
        for code in dict.fromkeys(shown.tables["contract_workings"].column("contract"))
    ]


def workings(looked: Looked) -> View:
    """The four steps of one block contract, with the option used at each."""
    shown, contract = looked.shown, looked.chosen.get("contract", "")
    model = shown.budget.model
    lines, activity = model["service_lines"], model["contract_activity"]
    services = dict(zip(lines.text("service_line"), lines.text("name"), strict=True))
    activities = (
        {
            str(activity.columns["activity_type"][row]): str(activity.columns["name"][row])
            for row in activity.rows_where("contract", contract)
        }
        if contract
        else {}
    )
    steps = block_steps(looked.tables["contract_workings"], contract, services, activities)
    found = next(
        (row for row in looked.tables["contracts"].records() if row["contract"] == contract), None
    )
    if found is None:
        return {}
    millions = shown.reader.millions
    sentence = (
        f"{found['title']} is worth {millions(found['value_pence'])}:"
        f" {millions(found['allocated_pence'])} for the services and people in scope,"
        f" {millions(found['out_of_scope_pence'])} out of scope,"
        f" {millions(found['unmapped_pence'])} mapped to no one."
    )
    return {"sentences": [sentence], "made": {step.name: step for step in steps}}


def assumptions(looked: Looked) -> View:
    """Every assumption once for each run of years with the same value and citation."""
    table = looked.tables["assumptions"]
    rows: list[list[Value]] = []
    alike = ("key", "value", "vintage", "source", "locator", "status", "local", "extended")
    numbered = list(enumerate(table.records(), 1))
    for _, group in groupby(numbered, key=lambda pair: tuple(pair[1][name] for name in alike)):
        records = list(group)
        number, first = records[0]
        years = [str(record["year"]) for _, record in records]
        spelled = (
            spell_years(years) if all(year[:1].isdigit() for year in years) else ", ".join(years)
        )
        national = (
            ""
            if first["displaced_value"] is None
            else (
                f"{spell_value(first['displaced_value'], first['unit'])},"
                f" {first['displaced_source']}"
            )
        )
        where = ", ".join(part for part in (first["source"], first["locator"]) if part)
        rows.append(
            [
                first["title"] or first["key"],
                spelled,
                spell_value(first["value"], first["unit"]),
                "local" if first["local"] else "extended" if first["extended"] else first["status"],
                first["vintage"],
                where,
                national,
                first["reason"],
                f"/rows/assumptions/{number}",
            ]
        )
    columns = (
        label("title", "Assumption"),
        label("years", "Years"),
        label("value", "Value"),
        label("status", "Status", "code"),
        label("vintage", "Published"),
        label("source", "Source"),
        label("displaced", "In place of, nationally"),
        label("reason", "Reason"),
        label("address", "Address", "code"),
    )
    local, placeholder = (
        sum(row[3] == "local" for row in rows),
        sum(row[3] == "placeholder" for row in rows),
    )
    sentence = (
        f"{len(rows)} values are used; {local} are the area's"
        f" own{f', {placeholder} are placeholders' if placeholder else ''}. A value without a"
        " source does not load."
    )
    return {
        "sentences": [sentence],
        "made": {
            "assumptions_used": result_table(
                "assumptions_used",
                "Assumptions used, with their sources",
                "A row for each run of years with the same value and source. Open a value to see"
                " who owns it, and why.",
                columns,
                rows,
            )
        },
    }


def problems(looked: Looked) -> View:
    """How many problems there are, by severity."""
    found = [row["severity"] for row in looked.tables["problems"].records()]
    counts = {severity: found.count(severity) for severity in ("error", "warning", "note")}
    words = [
        f"{count} {severity}{'' if count == 1 else 's'}"
        for severity, count in counts.items()
        if count
    ]
    return {
        "sentences": (
            [f"The checks found {' and '.join(words)}. None of it stopped the run."]
            if words
            else ["The checks found nothing to mend."]
        )
    }


def data(looked: Looked) -> View:
    """How much of what a model may have is there."""
    rows = looked.tables["data_checklist"].records()
    there, missing = (
        sum(row["standing"] == "there" for row in rows),
        sum(row["standing"] == "missing" for row in rows),
    )
    return {
        "sentences": [
            (
                f"{there} of {len(rows)} tables are given; {missing or 'none'} that"
                f" {'is' if missing == 1 else 'are'} always needed "
                f"{'is' if missing == 1 else 'are'}"
                " missing. The others apply only to some areas."
            )
        ]
    }


def elements(looked: Looked) -> View:
    """The baseline by element, as the values page draws it where no contract is stated."""
    return story(elements_view)(looked)


__all__ = [
    "Choice",
    "Looked",
    "Options",
    "ResultTable",
    "View",
    "affordability",
    "assumptions",
    "baseline",
    "block_contracts",
    "data",
    "elements",
    "grades",
    "nothing",
    "overview",
    "path",
    "problems",
    "story",
    "workings",
]
