"""Scenarios side by side, as a page, a table and JSON.

Source: handbook 1.1.5; req 300, 301.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wpb.kernel.money import whole_pence
from wpb.kernel.spreadsheet_text import csv_of
from wpb.present.html_tables import figure, html_table, words
from wpb.present.shadow_charts import effects_of_scenarios_chart
from wpb.present.shadow_page import Section, page_html
from wpb.present.words import currency_sign, spell_millions, spell_share
from wpb.present.written_together import write_together
from wpb.shadow.scenario_set import ScenarioOutcome
from wpb.shadow.scenarios import read_changes
from wpb.tables.model import Model

FILES = (
    "The same draws go through every scenario. Every figure in whole pence is in scenarios.json and"
    " scenarios.csv beside this page."
)


def scenario_summary(
    model: Model, found: Sequence[ScenarioOutcome], runs: int, seed: int
) -> dict[str, Any]:
    """Give every scenario's changes and results, in whole pence.

    Source: handbook 1.1.5; req 300.
    """
    return {
        "model": model.settings.model,
        "currency": model.settings.currency,
        "runs": runs,
        "seed": seed,
        "scenarios": [_scenario(one) for one in found],
    }


def _scenario(one: ScenarioOutcome) -> dict[str, Any]:
    results = {
        name: {
            "principal_pence": whole_pence(one.principal[name]),
            "mean_pence": whole_pence(spread.mean),
            "p5_pence": whole_pence(spread.p5),
            "p95_pence": whole_pence(spread.p95),
            "probability_below_nought": spread.loss.value,
            "principal_change_pence": whole_pence(one.apart[name].principal),
            "mean_change_pence": whole_pence(one.apart[name].mean),
            "mean_change_half_interval_pence": whole_pence(one.apart[name].half_interval),
        }
        for name, spread in one.runs.items()
    }
    return {
        "scenario": list(one.names),
        "changes": [
            {
                "scenario": change.scenario,
                "change": change.code,
                "target": change.target,
                "rows": "; ".join("=".join(pair) for pair in change.rows),
                "how": change.how,
                "value": change.value,
                "reason": change.reason,
            }
            for change in one.changes
        ],
        "probability_unaffordable_in_some_year": one.unaffordable.value,
        "results": results,
    }


def listed_scenarios(model: Model) -> list[dict[str, str]]:
    """The changes of every scenario a model names."""
    return [
        {
            "scenario": change.scenario,
            "change": change.code,
            "kind": change.kind,
            "target": change.target,
            "rows": "; ".join("=".join(pair) for pair in change.rows),
            "how": change.how,
            "value": change.value,
            "reason": change.reason,
        }
        for change in read_changes(model)
    ]


def scenario_lines(
    model: Model, found: Sequence[ScenarioOutcome], runs: int, seed: int
) -> list[str]:
    """Scenarios side by side as lines for a terminal."""
    sign, lead = currency_sign(model.settings.currency), f"margin/{model.settings.lead_provider}"
    names = [name for name in (lead, "headroom") if name in found[0].runs]
    width = max(len(one.title) for one in found) + 2
    lines = [
        f"Scenarios beside the model as it stands, over the whole term ({runs:,} runs, seed {seed})"
    ]
    for name in names:
        lines += [
            "",
            _title(model, name),
            "",
            (
                f"{'':{width}}{'as planned':>14}{'mean':>12}{'1 in 20 below':>15}"
                f"{'P(below nought)':>17}{'mean change':>14}{'±':>8}"
            ),
        ]
        for one in found:
            spread, apart = one.runs[name], one.apart[name]
            money = [
                spell_millions(whole_pence(value), sign, plus=True)
                for value in (one.principal[name], spread.mean, spread.p5, apart.mean)
            ]
            lines.append(
                f"{one.title:{width}}{money[0]:>14}{money[1]:>12}{money[2]:>15}"
                f"{spread.loss.value:>17.1%}{money[3]:>14}"
                f"{spell_millions(whole_pence(apart.half_interval), sign):>8}"
            )
    lines += ["", "Chance that spend is above all allocations in some year", ""]
    return [*lines, *(f"{one.title:{width}}{one.unaffordable.value:>8.1%}" for one in found)]


def _title(model: Model, name: str) -> str:
    if not name.startswith("margin/"):
        return {
            "forecast": "Spend on services in scope",
            "out_of_scope": "Spend out of scope",
            "headroom": "Headroom of all allocations",
        }[name]
    table, code = model["organisations"], name.partition("/")[2]
    return (
        "Margin of"
        f" {dict(zip(table.text('organisation'), table.text('name'), strict=True)).get(code, code)}"
    )


def write_scenarios(
    model: Model, found: Sequence[ScenarioOutcome], runs: int, seed: int, folder: Path
) -> None:
    """Write scenarios.html, scenarios.json and scenarios.csv, all or none.

    Source: req 300, 301.
    """
    rows: list[Sequence[object]] = []
    rows.append(
        [
            "scenario",
            "result",
            "principal_pence",
            "mean_pence",
            "p5_pence",
            "p95_pence",
            "principal_change_pence",
            "mean_change_pence",
            "mean_change_half_interval_pence",
        ]
    )
    for one in found:
        for name, spread in one.runs.items():
            rows.append(
                [
                    one.title,
                    name,
                    *(
                        whole_pence(value)
                        for value in (
                            one.principal[name],
                            spread.mean,
                            spread.p5,
                            spread.p95,
                            one.apart[name].principal,
                            one.apart[name].mean,
                            one.apart[name].half_interval,
                        )
                    ),
                ]
            )
    facts = [("Runs", f"{runs:,}"), ("Seed", str(seed)), ("Scenarios", str(len(found) - 1))]
    page = page_html("Scenarios", model.settings, facts, _sections(model, found), FILES)
    write_together(
        folder,
        {
            "scenarios.html": page,
            "scenarios.json": (
                json.dumps(scenario_summary(model, found, runs, seed), indent=2, ensure_ascii=False)
                + "\n"
            ),
            "scenarios.csv": csv_of(rows),
        },
    )


def _sections(model: Model, found: Sequence[ScenarioOutcome]) -> list[Section]:
    sign = currency_sign(model.settings.currency)

    def money(pence: float) -> str:
        return spell_millions(whole_pence(pence), sign, plus=True)

    sections = []
    for name in found[0].runs:
        rows = [
            [
                words(one.title),
                figure(money(one.principal[name])),
                figure(money(one.runs[name].mean)),
                figure(money(one.runs[name].p5)),
                figure(money(one.runs[name].p95)),
                figure(money(one.apart[name].principal)),
                figure(
                    f"{money(one.apart[name].mean)} ±"
                    f" {spell_millions(whole_pence(one.apart[name].half_interval), sign)}"
                ),
            ]
            for one in found
        ]
        table = html_table(
            f"table-{name.replace('/', '-')}",
            f"{_title(model, name)} over the term",
            [
                "Scenario",
                "As planned",
                "Mean",
                "1 in 20 below",
                "1 in 20 above",
                "Change as planned",
                "Mean change, ± 95%",
            ],
            rows,
        )
        effects = [
            (one.title, one.apart[name].mean, one.apart[name].half_interval)
            for one in sorted(found[1:], key=lambda one: -abs(one.apart[name].mean))
        ]
        blocks = (
            [
                effects_of_scenarios_chart(
                    f"effects-{name.replace('/', '-')}",
                    f"{_title(model, name)}: what each scenario changes",
                    "A bar to the mean change of each scenario, the widest first, with its 95%"
                    " interval, as in the table.",
                    effects,
                    sign,
                )
            ]
            if effects and any(mean for _, mean, _ in effects)
            else []
        )
        sections.append(Section(name.replace("/", "-"), _title(model, name), [], [*blocks, table]))
    short = html_table(
        "unaffordable",
        "Chance that spend in and out of scope is above all allocations in some year",
        ["Scenario", "Chance", "95% interval"],
        [
            [
                words(one.title),
                figure(spell_share(one.unaffordable.value)),
                figure(
                    f"{spell_share(one.unaffordable.low)} to {spell_share(one.unaffordable.high)}"
                ),
            ]
            for one in found
        ],
    )
    changes = {
        (change.scenario, change.code): change for one in found for change in one.changes
    }.values()
    made = html_table(
        "changes",
        "What each scenario changes, and why",
        ["Scenario", "Changes", "Rows", "How", "Reason"],
        [
            [
                words(change.scenario),
                words(change.target),
                words("; ".join("=".join(pair) for pair in change.rows) or "all"),
                words(f"{change.how} {change.value}"),
                words(change.reason),
            ]
            for change in changes
        ],
    )
    return [
        Section(
            "changes",
            "The scenarios",
            [
                (
                    "Each scenario is laid over the model, which stays as it is. The same draws go"
                    " through all of them, so what lies between two is the scenario and not chance."
                ),
                (
                    "A scenario that changes inputs or assumptions changes the plan too: a margin"
                    " is what the budget planned under that scenario leaves."
                ),
            ],
            [made],
        ),
        Section("affordability", "Affordability", [], [short]),
        *sections,
    ]
