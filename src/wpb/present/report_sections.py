"""The report's main sections: headline, bridge, path, affordability and contracts, as words, charts
and tables.

Source: handbook 2.7, Fig 14, 3.6; req 147, 171, 200-202, 361, 362.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from wpb.present.charts import (
    LINE_BUDGET,
    LINE_IDLE,
    LINE_ROOM,
    Bar,
    Series,
    bridge_chart,
    effects_chart,
    headroom_chart,
    path_chart,
)
from wpb.present.html_tables import Cell, HtmlTable, figure, html_table, words
from wpb.present.path_layout import PathLayout, path_rows
from wpb.present.path_tables import baseline_bridge
from wpb.present.result_table import ResultTable
from wpb.present.whole_pence import WholePence
from wpb.present.words import (
    currency_sign,
    spell_millions,
    spell_pennies,
    spell_pounds,
    years_in_words,
)

View = dict[str, Any]


class Reader:
    """A budget as the report reads it: its result tables, and names in place of codes."""

    def __init__(self, whole: WholePence, tables: Mapping[str, ResultTable]) -> None:
        self.whole, self.tables = whole, tables
        self.settings = whole.budget.model.settings
        self.sign = currency_sign(self.settings.currency)

    @cached_property
    def path(self) -> PathLayout:
        """The path by step with years across."""
        return path_rows(self.tables["forecast_by_year"])

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of organisations and streams by code."""
        model = self.whole.budget.model
        found = dict(
            zip(
                model["funding_streams"].text("funding_stream"),
                model["funding_streams"].text("name"),
                strict=True,
            )
        )
        return found | dict(
            zip(
                model["organisations"].text("organisation"),
                model["organisations"].text("name"),
                strict=True,
            )
        )

    def name(self, code: str) -> str:
        """Give the name of an organisation or stream, or its code in words."""
        return self.names.get(code) or code.replace("_", " ")

    def millions(self, amount_pence: int, plus: bool = False) -> str:
        """Write whole pence as millions."""
        return spell_millions(amount_pence, self.sign, plus)

    def money(self, amount_pence: int | None) -> Cell:
        """Make a cell of pounds."""
        return figure(spell_pounds(amount_pence, self.sign))

    def penny(self, amount_pence: int | None) -> Cell:
        """Make a cell of pounds and pence."""
        return figure(spell_pennies(amount_pence, self.sign))

    def headroom(self, level: str) -> dict[str, list[int]]:
        """Give headroom by year of each commissioner, stream, or the total."""
        found: dict[str, list[int]] = {}
        for record in self.tables["affordability"].records():
            if record["level"] == level:
                found.setdefault(
                    (
                        record["commissioner"]
                        if level == "commissioner"
                        else record["funding_stream"] or "total"
                    ),
                    [],
                ).append(record["headroom_pence"])
        return found


def headline_view(reader: Reader) -> View:
    """Give the four headline figures, and what they say in words.

    Source: handbook 3.6; req 200, 361, 362.
    """
    years, whole = reader.tables["years"].records(), reader.whole
    last, first = years[-1], years[0]
    problems = reader.tables["problems"].records()
    warnings = sum(record["severity"] == "warning" for record in problems)
    short = [record["year"] for record in years if record["headroom_pence"] < 0]
    change = last["forecast_pence"] - whole.baseline
    cards = [
        {
            "label": f"Baseline, {reader.settings.baseline_year}",
            "value": reader.millions(whole.baseline),
            "warn": False,
            "note": (
                f"from current spend of {reader.millions(whole.spend.spend)} in"
                f" {reader.settings.spend_year}, of which {reader.millions(whole.spend.in_scope)}"
                " is in scope"
            ),
        },
        {
            "label": f"Forecast, {last['year']}",
            "value": reader.millions(last["forecast_pence"]),
            "warn": False,
            "note": (
                f"{reader.millions(change, plus=True)} on the baseline;"
                f" {reader.millions(last['do_nothing_pence'])} if nothing is done"
            ),
        },
        {
            "label": f"Headroom, {last['year']}",
            "value": reader.millions(last["headroom_pence"]),
            "warn": last["headroom_pence"] < 0,
            "note": (
                f"{reader.millions(first['headroom_pence'])} in {first['year']}; "
                + (f"short in {years_in_words(short)}" if short else "no year is short in total")
            ),
        },
        {
            "label": "Problems",
            "value": str(len(problems)),
            "warn": warnings > 0,
            "note": (
                f"{_count(warnings, 'warning')} to weigh and"
                f" {_count(len(problems) - warnings, 'note')}"
            ),
        },
    ]
    return {"cards": cards, "sentences": _sentences(reader, short)}


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _sentences(reader: Reader, short: list[str]) -> list[str]:
    years = reader.tables["years"].records()
    total = (
        f"In total the forecast is affordable in every year from {years[0]['year']} to"
        f" {years[-1]['year']}."
        if not short
        else f"In total the forecast is not affordable in {years_in_words(short)}."
    )
    return [total, *_shortfalls(reader)]


def _shortfalls(reader: Reader) -> list[str]:
    """Say in words which commissioners and streams run short, when, and by how much at worst."""
    found = []
    for level in ("commissioner", "stream"):
        for code, amounts in reader.headroom(level).items():
            short = [
                year for year, amount in zip(reader.path.years, amounts, strict=True) if amount < 0
            ]
            if short:
                worst = min(amounts)
                when = reader.path.years[amounts.index(worst)]
                once = (
                    f"by {reader.millions(-worst)}"
                    if len(short) == 1
                    else f"at worst by {reader.millions(-worst)}, in {when}"
                )
                who = (
                    reader.name(code)
                    if level == "commissioner"
                    else f"The funding stream for {_lower(reader.name(code))}"
                )
                found.append(f"{who} runs short in {years_in_words(short)}, {once}.")
    return found


def _lower(name: str) -> str:
    """Write a name as it stands within a sentence: words such as ICB keep their capitals."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def bridge_view(reader: Reader) -> View:
    """Draw the bridge from current spend to the baseline: the whole of it, then its last part
    nearer by.

    Source: handbook 2.7; req 140, 147, 361.
    """
    bridge, sign = baseline_bridge(reader.whole), reader.sign
    steps = [step for step in bridge.steps if step.amount_pence]
    opening = Bar(f"{bridge.opening}, {reader.settings.spend_year}", 0, bridge.opening_pence, True)
    closing = Bar(
        f"{bridge.closing}, {reader.settings.baseline_year}", 0, bridge.closing_pence, True
    )
    bars = [
        Bar(step.step, step.running_pence - step.amount_pence, step.running_pence) for step in steps
    ]
    inside = [bar for bar, step in zip(bars, steps, strict=True) if step.stage == "baseline"]
    scope = [bar for bar, step in zip(bars, steps, strict=True) if step.stage != "baseline"]
    in_scope = Bar("Current spend in scope", 0, reader.whole.spend.in_scope, True)
    story = (
        f"Current spend of {reader.millions(bridge.opening_pence)} less what is out of scope leaves"
        f" {reader.millions(reader.whole.spend.in_scope)} in scope; adjustments and conversion to"
        f" {reader.settings.baseline_year} bring it to a baseline of"
        f" {reader.millions(bridge.closing_pence)}."
    )
    charts = [
        bridge_chart(
            "bridge-scope",
            "From current spend to spend in scope",
            f"A bridge. {story}",
            [opening, *scope, in_scope],
            sign,
        )
    ]
    if inside:
        detail = "; ".join(
            f"{step.step.lower()} {reader.millions(step.amount_pence, plus=True)}"
            for step in steps
            if step.stage == "baseline"
        )
        charts.append(
            bridge_chart(
                "bridge-baseline",
                "From spend in scope to the baseline",
                f"A bridge from {reader.millions(reader.whole.spend.in_scope)} in scope: {detail};"
                f" baseline {reader.millions(bridge.closing_pence)}.",
                [in_scope, *inside, closing],
                sign,
                cut=True,
            )
        )
    rows = [
        [
            words(opening.label),
            words(""),
            reader.money(bridge.opening_pence),
            reader.money(bridge.opening_pence),
        ]
    ]
    rows += [
        [
            words(step.step),
            words(step.reason),
            reader.money(step.amount_pence),
            reader.money(step.running_pence),
        ]
        for step in steps
    ]
    totals = [
        [
            words(closing.label),
            words(""),
            reader.money(bridge.closing_pence),
            reader.money(bridge.closing_pence),
        ]
    ]
    return {
        "story": story,
        "charts": charts,
        "table": html_table(
            "bridge-table",
            "Bridge from current spend to the baseline",
            ("Step", "Reason", "Amount", "Running total"),
            rows,
            totals,
        ),
    }


def path_view(reader: Reader) -> View:
    """Draw the path to the last year: the lines of doing nothing, of the forecast and of what can
    be afforded, then each step.

    Source: handbook Fig 14, 3.3.2 Dudley; req 171, 362.
    """
    layout, years = reader.path, reader.tables["years"].records()
    room = tuple(record["allocation_pence"] - record["out_of_scope_pence"] for record in years)
    lines = [
        Series("Do nothing", layout.do_nothing, LINE_IDLE, True),
        Series("Forecast", layout.closing, LINE_BUDGET),
        Series("Affordable", room, LINE_ROOM),
    ]
    last, final = layout.years[-1], -1
    story = (
        f"If nothing is done the services cost {reader.millions(layout.do_nothing[final])} in"
        f" {last}; efficiency and the care model bring the forecast to"
        f" {reader.millions(layout.closing[final])}. Allocations less spend out of scope leave"
        f" {reader.millions(room[final])}."
    )
    effects = "; ".join(
        f"{name.lower()} {reader.millions(amounts[final], plus=True)}"
        for name, amounts in layout.steps
    )
    opening = Bar(f"Baseline, {reader.settings.baseline_year}", 0, layout.opening[final], True)
    bars, running = [opening], layout.opening[final]
    for name, amounts in layout.steps:
        bars.append(Bar(name, running, running + amounts[final]))
        running += amounts[final]
    bars.append(Bar(f"Forecast, {last}", 0, layout.closing[final], True))
    charts = [
        path_chart(
            "path-lines",
            "Do nothing, forecast and what can be afforded",
            f"Lines by year. {story}",
            layout.years,
            lines,
            reader.sign,
        ),
        bridge_chart(
            "path-bridge",
            f"From the baseline to the forecast of {last}",
            f"A bridge from {reader.millions(layout.opening[final])}: {effects}; forecast"
            f" {reader.millions(layout.closing[final])}.",
            bars,
            reader.sign,
        ),
    ]
    if layout.steps:
        charts.append(
            effects_chart(
                "path-steps",
                "Effect of each step by year",
                "Stacked bars by year, what adds above the line and what saves below it; a diamond"
                f" marks the net. By {last}: {effects}.",
                layout.years,
                layout.steps,
                reader.sign,
            )
        )
    return {"story": story, "charts": charts, "table": _path_table(reader, layout)}


def _path_table(reader: Reader, layout: PathLayout) -> HtmlTable:
    rows = [
        [words("Baseline"), *map(reader.money, layout.opening)],
        *([words(name), *map(reader.money, amounts)] for name, amounts in layout.steps),
    ]
    totals = [
        [words("Forecast"), *map(reader.money, layout.closing)],
        [
            words("Do nothing, before efficiency and care model"),
            *map(reader.money, layout.do_nothing),
        ],
    ]
    return html_table(
        "path-table",
        "Forecast by year: baseline plus the effect of each step since the baseline",
        ("Step", *layout.years),
        rows,
        totals,
    )


def affordability_view(reader: Reader) -> View:
    """Set the forecast against allocations in total, by commissioner and by stream, and say in
    words where it falls short.

    Source: handbook 3.6, 3.5 Mid-Nottinghamshire case; req 150, 194, 200, 201, 202.
    """
    by_commissioner, by_stream = reader.headroom("commissioner"), reader.headroom("stream")
    total = reader.headroom("total")["total"]
    panels = [
        ("In total", total),
        *((reader.name(code), amounts) for code, amounts in by_commissioner.items()),
    ]
    described = "; ".join(
        f"{label}: {reader.millions(amounts[0])} in {reader.path.years[0]},"
        f" {reader.millions(amounts[-1])} in {reader.path.years[-1]}"
        for label, amounts in panels
    )
    charts = [
        headroom_chart(
            "headroom",
            "Headroom by year, in total and by commissioner, each on an axis of its own",
            f"Bars by year, a panel for each. {described}.",
            reader.path.years,
            panels,
            reader.sign,
        )
    ]
    records = [
        record for record in reader.tables["affordability"].records() if record["level"] == "total"
    ]
    rows = [
        [
            words(record["year"]),
            *(
                reader.money(record[name])
                for name in (
                    "allocation_pence",
                    "forecast_pence",
                    "out_of_scope_pence",
                    "headroom_pence",
                    "residual_pence",
                )
            ),
            words(record["certainty"].replace("_", " ")),
        ]
        for record in records
    ]
    main = html_table(
        "affordability-total",
        "Affordability in total: headroom = allocation less forecast less forecast out of scope",
        (
            "Year",
            "Allocation",
            "Forecast",
            "Forecast out of scope",
            "Headroom",
            "Residual efficiency",
            "Least certain allocation",
        ),
        rows,
    )
    tables = [
        main,
        *(
            _headroom_table(reader, name, caption, found)
            for name, caption, found in (
                ("headroom-commissioner", "Headroom by commissioner", by_commissioner),
                ("headroom-stream", "Headroom by funding stream", by_stream),
            )
        ),
    ]
    return {
        "sentences": _sentences(
            reader,
            [year for year, amount in zip(reader.path.years, total, strict=True) if amount < 0],
        ),
        "charts": charts,
        "tables": tables,
    }


def _headroom_table(
    reader: Reader, name: str, caption: str, found: dict[str, list[int]]
) -> HtmlTable:
    rows = [
        [words(reader.name(code)), *map(reader.money, amounts)] for code, amounts in found.items()
    ]
    totals = [
        [
            words("Total"),
            *map(reader.money, [sum(amounts) for amounts in zip(*found.values(), strict=True)]),
        ]
    ]
    return html_table(
        name,
        caption,
        ("Commissioner" if "commissioner" in name else "Funding stream", *reader.path.years),
        rows,
        totals,
    )


def contracts_view(reader: Reader) -> View:
    """List today's contracts and where their value goes, and tie the lines to the commissioners'
    ledgers.

    Source: handbook 2.4.1; req 18, 63, 99, 101.
    """
    table, parts = (
        reader.tables["contracts"],
        (
            "value_pence",
            "allocated_pence",
            "out_of_scope_pence",
            "unmapped_pence",
            "residual_pence",
        ),
    )
    rows = [
        [
            words(record["title"]),
            words(record["contract"]),
            words(record["payment_basis"]),
            *(reader.penny(record[name]) for name in parts),
        ]
        for record in table.records()
    ]
    totals = [
        [
            words("All contracts"),
            words(""),
            words(""),
            *(reader.penny(sum(table.column(name))) for name in parts),
        ]
    ]
    main = html_table(
        "contracts-table",
        "Today's contracts: value = allocated to the scope + out of scope + mapped to no one",
        (
            "Contract",
            "Code",
            "Basis",
            "Value",
            "Allocated",
            "Out of scope",
            "Mapped to no one",
            "Residual",
        ),
        rows,
        totals,
    )
    ties = [
        record
        for record in reader.tables["reconciliation"].records()
        if record["level"] == "commissioner"
    ]
    tied = [
        [
            words(reader.name(record["commissioner"])),
            *(
                reader.penny(record[name])
                for name in (
                    "ledger_pence",
                    "lines_pence",
                    "difference_pence",
                    "in_scope_pence",
                    "out_of_scope_pence",
                    "unmapped_pence",
                )
            ),
        ]
        for record in ties
    ]
    tie = html_table(
        "ledger-table",
        "Tie to the commissioners' ledgers: difference = ledger less lines of the model",
        (
            "Commissioner",
            "Ledger",
            "Lines of the model",
            "Difference",
            "In scope",
            "Out of scope",
            "Mapped to no one",
        ),
        tied,
    )
    return {"tables": [main, tie]}
