"""The shadow page: the latest shadow test that was run of a version's folder, kept in the store,
and its charts.

Source: handbook 1.1.5, 6.6; req 299-301.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wpb.present.charts import Chart
from wpb.present.report_sections import Reader
from wpb.present.shadow_charts import fan_chart, parties_chart, swings_chart
from wpb.present.words import spell_share
from wpb.shadow.outcome import Fan
from wpb.web.budgets import Shown
from wpb.web.latest_shadow import NAMES, latest
from wpb.web.page_views import Looked, Options, View


def parties(shown: Shown) -> Options:
    """The parties of the latest shadow test, the lead provider first."""
    rows = shown.tables["shadow_parties"].records() if "shadow_parties" in shown.tables else []
    return [
        (row["party"], shown.reader.name(row["party"]))
        for row in sorted(rows, key=lambda row: row["role"] in ("provider", "commissioner"))
    ]


def shadow(looked: Looked) -> View:
    """What the latest shadow test says: each party's chances, fans by year, and what drives the
    results.
    """
    shown = looked.shown
    tables = {name: looked.tables[name].records() for name in NAMES if name in looked.tables}
    if "shadow_parties" not in tables:
        return {
            "sentences": [
                (
                    "No shadow test of this version has been run yet. It takes a few minutes,"
                    " in the"
                    " background, and its results stay here."
                )
            ]
        }
    reader, rows = shown.reader, tables["shadow_parties"]
    facts = {row["what"]: row["is"] for row in tables["shadow_run"]}
    lead = next((row for row in rows if row["role"] not in ("provider", "commissioner")), None)
    own = [] if lead is None else _lead_cards(reader, lead)
    cards = [
        *own,
        {
            "label": "Chance of not being affordable",
            "value": (
                str(facts["Chance that spend passes all allocations in some year"]).split(" ")[0]
            ),
            "note": "that spend passes all allocations in some year",
            "warn": False,
        },
        {
            "label": "Runs",
            "value": str(facts["Runs"]),
            "note": f"seed {facts['Seed']}, scenario {facts['Scenario']}",
            "warn": False,
        },
    ]
    return {
        "cards": cards,
        "charts": [
            *_parties(looked, rows),
            *_fans(looked, tables),
            *_tornados(looked, tables.get("shadow_tornado", [])),
        ],
    }


def _lead_cards(reader: Reader, lead: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the lead provider is left with, for those who may see it."""
    return [
        {
            "label": f"{reader.name(lead['party'])}, middle of runs",
            "value": reader.millions(lead["p50_pence"], plus=True),
            "note": (
                "against plan over the term; one run in twenty is worse than"
                f" {reader.millions(lead['p5_pence'])}"
            ),
            "warn": False,
        },
        {
            "label": "Chance of a loss",
            "value": spell_share(lead["loss"]),
            "note": f"of {reader.name(lead['party'])} against plan",
            "warn": lead["loss"] > 0.5,
        },
    ]


class _Bars:
    """The points of a kept row as the chart of parties reads them."""

    def __init__(self, row: Mapping[str, Any]):
        self.p5, self.p25, self.p50, self.p75, self.p95 = (
            float(row[f"{name}_pence"]) for name in ("p5", "p25", "p50", "p75", "p95")
        )


def _fans(looked: Looked, tables: Mapping[str, list[dict[str, Any]]]) -> list[Chart]:
    """A fan for the spend, for the headroom, and for the margin of the party that was chosen."""
    reader, charts = looked.shown.reader, []
    rows = [
        row
        for row in tables.get("shadow_fan", [])
        if row["party"] in ("", looked.chosen.get("party", ""))
    ]
    for result, party in dict.fromkeys((row["result"], row["party"]) for row in rows):
        own = [row for row in rows if (row["result"], row["party"]) == (result, party)]
        points = {
            name: tuple(float(row[f"{name}_pence"]) for row in own)
            for name in ("principal", "p5", "p25", "p50", "p75", "p95")
        }
        fan = Fan(
            points["principal"],
            points["p50"],
            points["p5"],
            points["p25"],
            points["p50"],
            points["p75"],
            points["p95"],
        )
        title = {
            "forecast": "Spend on services in scope",
            "headroom": "Headroom of all allocations",
        }.get(result, f"{reader.name(party)}: margin")
        last = own[-1]
        words = (
            "Bands of nine tenths and of half of runs, the middle as a line and the plan dashed."
            f" In {last['year']}: plan {reader.millions(last['principal_pence'])}, middle"
            f" {reader.millions(last['p50_pence'])}, nine tenths of runs between"
            f" {reader.millions(last['p5_pence'])} and {reader.millions(last['p95_pence'])}."
        )
        charts.append(
            fan_chart(
                f"fan-{result}-{party or 'all'}",
                title,
                words,
                [row["year"] for row in own],
                fan,
                reader.sign,
            )
        )
    return charts


def _parties(looked: Looked, rows: list[dict[str, Any]]) -> list[Chart]:
    reader = looked.shown.reader
    if not rows:
        return []
    words = "; ".join(
        f"{reader.name(row['party'])}: middle {reader.millions(row['p50_pence'], plus=True)}, nine"
        f" tenths between {reader.millions(row['p5_pence'], plus=True)} and"
        f" {reader.millions(row['p95_pence'], plus=True)}"
        for row in rows
    )
    return [
        parties_chart(
            "shadow-parties",
            "How every party may come out, against plan over the term",
            f"Bars of nine tenths and of half of runs about the middle. {words}.",
            [(reader.name(row["party"]), _Bars(row)) for row in rows],
            reader.sign,
        )
    ]


def _tornados(looked: Looked, rows: list[dict[str, Any]]) -> list[Chart]:
    """A tornado for each result: its ten widest swings."""
    reader, charts = looked.shown.reader, []
    for result, party in dict.fromkeys((row["result"], row["party"]) for row in rows):
        own = [row for row in rows if (row["result"], row["party"]) == (result, party)][:10]
        title = "Headroom" if result == "headroom" else f"{reader.name(party)}: margin"
        words = "; ".join(
            f"{row['title']}: {reader.millions(row['low_pence'], plus=True)} at its low end,"
            f" {reader.millions(row['high_pence'], plus=True)} at its high end"
            for row in own[:5]
        )
        charts.append(
            swings_chart(
                f"tornado-{result}-{party or 'all'}",
                f"What moves the result, one uncertainty at a time. {title}",
                "Bars from what the low end does to what the high end does, the widest first."
                f" {words}.",
                [(row["title"], float(row["low_pence"]), float(row["high_pence"])) for row in own],
                reader.sign,
            )
        )
    return charts


__all__ = ["latest", "shadow"]
