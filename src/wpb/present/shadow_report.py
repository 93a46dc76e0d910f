"""The report page of a shadow test: headline chances first, each chart beside its table, and how
far every figure may be off.

Source: handbook 1.1.5, 6.6; overview 3.4; req 299-301.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from wpb.kernel.money import whole_pence
from wpb.kernel.spreadsheet_text import csv_of
from wpb.present.shadow_evidence import evidence_sections
from wpb.present.shadow_outcomes import outcome_sections
from wpb.present.shadow_page import page_html
from wpb.present.shadow_summary import shadow_summary
from wpb.present.shadow_view import View
from wpb.present.written_together import write_together
from wpb.shadow.appraisal import Appraisal
from wpb.shadow.replay import Replayed
from wpb.shadow.shadow_test import ShadowResults

FILES = (
    "The same seed gives the same figures for any number of workers. Every figure in whole pence is"
    " in shadow.json, parties.csv and, of a replay, replay.csv beside this page."
)


def write_shadow_report(
    results: ShadowResults,
    found: Appraisal,
    folder: Path,
    replayed: Replayed | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> None:
    """Write shadow.html, shadow.json, parties.csv and of a replay replay.csv; the same results give
    the same bytes, and a stop leaves earlier ones whole.

    Source: req 299-301.
    """
    progress("report page")
    texts = {
        "shadow.html": shadow_html(results, found, replayed),
        "shadow.json": (
            json.dumps(shadow_summary(results, found, replayed), indent=2, ensure_ascii=False)
            + "\n"
        ),
        "parties.csv": parties_csv(results),
    }
    write_together(
        folder, texts | ({} if replayed is None else {"replay.csv": replay_csv(replayed)})
    )


def parties_csv(results: ShadowResults) -> str:
    """Every party by year: margin, income and cost, as planned, on average, and at the ends of nine
    tenths of runs, in whole pence.
    """
    rows: list[list[object]] = [
        [
            "party",
            "figure",
            "year",
            "principal_pence",
            "mean_pence",
            "p5_pence",
            "p25_pence",
            "p50_pence",
            "p75_pence",
            "p95_pence",
        ]
    ]
    for party in results.parties:
        for name in ("income", "cost", "margin"):
            fan = getattr(party, name)
            for at, year in enumerate(results.budget.years):
                rows.append(
                    [
                        party.terms.organisation,
                        name,
                        year,
                        *(
                            whole_pence(getattr(fan, key)[at])
                            for key in ("principal", "mean", "p5", "p25", "p50", "p75", "p95")
                        ),
                    ]
                )
    return _csv(rows)


def replay_csv(replayed: Replayed) -> str:
    """Every party by month: what it receives less what it pays, under the design and today, in
    whole pence.
    """
    return _csv(
        [
            [
                "month",
                "party",
                "design_pence",
                "passed_on_pence",
                "current_pence",
                "difference_pence",
            ],
            *(
                [
                    row.month,
                    row.party,
                    row.design_pence,
                    row.passed_on_pence,
                    row.current_pence,
                    row.difference_pence,
                ]
                for row in replayed.rows
            ),
        ]
    )


def _csv(rows: list[list[object]]) -> str:
    return csv_of(rows)


def shadow_html(results: ShadowResults, found: Appraisal, replayed: Replayed | None = None) -> str:
    """Give the page as HTML; nothing is loaded and nothing runs."""
    view = View(results, found, replayed)
    settings = results.budget.model.settings
    facts = [
        ("Runs", f"{results.runs:,}"),
        ("Seed", str(results.seed)),
        ("Scenario", results.scenario or "as the model stands"),
        ("Term", f"{settings.years[0]} to {settings.years[-1]}"),
    ]
    return page_html(
        "Shadow test", settings, facts, [*outcome_sections(view), *evidence_sections(view)], FILES
    )
