"""A frontier of designs as a page, a table and JSON: points to discuss, never one answer.

Source: handbook 6.4.5, 6.5.2; req 276, 279-282, 300, 301.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wpb.kernel.money import whole_pence
from wpb.kernel.spreadsheet_text import csv_of
from wpb.present.html_tables import figure, html_table, words
from wpb.present.shadow_charts import frontier_chart
from wpb.present.shadow_page import Section, page_html
from wpb.present.words import currency_sign, spell_pounds, spell_share
from wpb.present.written_together import write_together
from wpb.shadow.design_search import Weighed
from wpb.sharing.parties import PartyArrangement
from wpb.tables.model import Model

FILES = (
    "All designs were settled on the same simulated outturns, by the arrangement's own steps. Every"
    " figure in whole pence is in designs.json and designs.csv beside this page."
)
TERMS = (
    ("gain_share", "Providers' share of gains"),
    ("loss_share", "Providers' share of losses"),
    ("cap", "Cap on gains, of baseline"),
    ("collar", "Limit on losses, of baseline"),
    ("minimum_rate", "Minimum rate"),
    ("years_without_losses", "First years without losses"),
    ("last_year_of_losses", "Last year of losses"),
)
READING = (
    (
        "Each design leaves the providers most of what less activity releases, for bad years within"
        " one limit and every party's within its own. More reward costs more risk: which to take is"
        " for the parties."
    ),
    (
        "A bad year is the mean of the worst 5% of runs of a party's worst year, of what the"
        " arrangement alone brings it. Steps, lines, prices and gates are those of the"
        " arrangement's file; within a side, parties keep their proportions."
    ),
)


def label_of(position: int) -> str:
    """Name a point: the arrangement as it stands first, then A, B, C."""
    return "as it stands" if position == 0 else chr(ord("A") + position - 1)


def design_summary(
    model: Model,
    arrangement: PartyArrangement,
    found: Sequence[Weighed],
    limits: Mapping[str, float],
    runs: int,
    seed: int,
) -> dict[str, Any]:
    """Give the arrangement as it stands and every point of the frontier, in whole pence.

    Source: handbook 6.4.5, 6.5.2; req 276, 279.
    """
    return {
        "model": model.settings.model,
        "currency": model.settings.currency,
        "arrangement": arrangement.name,
        "runs": runs,
        "seed": seed,
        "party_limits_pence": {party: whole_pence(limit) for party, limit in limits.items()},
        "designs": [_spelt(position, one, arrangement) for position, one in enumerate(found)],
    }


def _spelt(position: int, one: Weighed, arrangement: PartyArrangement) -> dict[str, Any]:
    return {
        "design": label_of(position),
        "gain_share": one.gain_share,
        "loss_share": one.loss_share,
        **(
            {}
            if one.design is None
            else {
                name: None if math.isnan(getattr(one.design, name)) else getattr(one.design, name)
                for name, _ in TERMS[2:5]
            }
            | {
                "years_without_losses": _years(one.design.years_without_losses),
                "last_year_of_losses": _last_year(one, arrangement),
            }
        ),
        "reward": one.reward,
        "providers": _party(one.provider),
        "payers": _party(one.payer),
        "parties": [{"party": party.party, **_party(party)} for party in one.parties],
    }


def _years(value: float) -> int | None:
    return None if math.isnan(value) else round(value)


def _last_year(one: Weighed, arrangement: PartyArrangement) -> str | None:
    if one.design is None or math.isnan(one.design.last_year_of_losses):
        return None
    return arrangement.years[round(one.design.last_year_of_losses) - 1]


def _party(party: Any) -> dict[str, int]:
    return {"mean_pence": whole_pence(party.mean), "bad_year_pence": whole_pence(party.tail)}


def _rows(model: Model, arrangement: PartyArrangement, found: Sequence[Weighed]) -> list[list[str]]:
    sign = currency_sign(model.settings.currency)
    rows = []
    for position, one in enumerate(found):
        terms = (
            ["in its file"] * 5
            if one.design is None
            else [
                *(
                    "" if math.isnan(value) else spell_share(value)
                    for value in (one.design.cap, one.design.collar, one.design.minimum_rate)
                ),
                str(
                    _years(one.design.years_without_losses)
                    if _years(one.design.years_without_losses) is not None
                    else ""
                ),
                _last_year(one, arrangement) or "",
            ]
        )
        amounts = [
            spell_pounds(whole_pence(value), sign)
            for value in (one.provider.mean, one.provider.tail, one.payer.mean, one.payer.tail)
        ]
        rows.append(
            [
                label_of(position),
                spell_share(one.gain_share),
                spell_share(one.loss_share),
                *terms,
                *amounts,
                spell_share(one.reward),
            ]
        )
    return rows


HEADINGS = [
    "Design",
    *(title for _, title in TERMS),
    "Providers, a year on average",
    "Providers, bad year",
    "Payers, a year on average",
    "Payers, bad year",
    "Of each released pound, providers keep",
]


def design_lines(
    model: Model, arrangement: PartyArrangement, found: Sequence[Weighed], runs: int, seed: int
) -> list[str]:
    """The frontier as lines for a terminal: each design's terms, and what it does."""
    rows = _rows(model, arrangement, found)
    lines = [f"Designs of {arrangement.name} to discuss ({runs:,} runs, seed {seed})", ""]
    for at, heading in enumerate(HEADINGS):
        lines.append(f"{heading:40}" + "".join(f"{row[at]:>15}" for row in rows))
    return [*lines, "", *READING]


def write_designs(
    model: Model,
    arrangement: PartyArrangement,
    found: Sequence[Weighed],
    limits: Mapping[str, float],
    runs: int,
    seed: int,
    folder: Path,
) -> None:
    """Write designs.html, designs.json and designs.csv, all or none.

    Source: req 276, 301.
    """
    sign = currency_sign(model.settings.currency)
    rows = _rows(model, arrangement, found)
    chart = frontier_chart(
        "frontier",
        "More reward costs more risk",
        "Each design by the providers' bad year and by what they keep of each released pound, as in"
        " the table.",
        [
            (label_of(position), -one.provider.tail, one.reward, position == 0)
            for position, one in enumerate(found)
        ],
        sign,
    )
    table = html_table(
        "designs",
        "Terms, and what they do",
        HEADINGS,
        [[words(row[0]), *(figure(text) for text in row[1:])] for row in rows],
    )
    parties = html_table(
        "parties",
        "Each party's bad year, and the most it can lose in one",
        ["Party", "Most it can lose", *(label_of(position) for position in range(len(found)))],
        [
            [
                words(party.title),
                figure(
                    "no limit given"
                    if party.party not in limits
                    else spell_pounds(whole_pence(limits[party.party]), sign)
                ),
                *(figure(spell_pounds(whole_pence(one.parties[row].tail), sign)) for one in found),
            ]
            for row, party in enumerate(arrangement.parties)
        ],
    )
    page = page_html(
        "Designs of sharing",
        model.settings,
        [("Arrangement", arrangement.title), ("Runs", f"{runs:,}"), ("Seed", str(seed))],
        [Section("frontier", "A frontier to discuss", READING, [chart, table, parties])],
        FILES,
    )
    lines: list[Sequence[object]] = []
    lines.append(
        [
            "design",
            *(name for name, _ in TERMS),
            "reward",
            "provider_mean_pence",
            "provider_bad_year_pence",
            "payer_mean_pence",
            "payer_bad_year_pence",
        ]
    )
    for position, one in enumerate(found):
        spelt = _spelt(position, one, arrangement)
        lines.append(
            [
                spelt["design"],
                *(spelt.get(name, "") for name, _ in TERMS),
                one.reward,
                *(value for side in ("providers", "payers") for value in spelt[side].values()),
            ]
        )
    write_together(
        folder,
        {
            "designs.html": page,
            "designs.json": (
                json.dumps(
                    design_summary(model, arrangement, found, limits, runs, seed),
                    indent=2,
                    ensure_ascii=False,
                )
                + "\n"
            ),
            "designs.csv": csv_of(lines),
        },
    )
