"""Made-up results of organisations, for comparing the settlement with the plain reference."""

from __future__ import annotations

from typing import Any

import numpy as np

TRACKS = ("T1", "T1+", "T2", "T3", "EN", "A", "B", "C", "D", "E")
HEADINGS = (
    "organisation",
    "performance_year",
    "track",
    "persons",
    "benchmark",
    "expenditure",
    "elected_minimum_rate",
    "quality_score",
    "quality_standard_met",
    "alternative_standard_met",
    "reporting_only_year",
    "reduced_share_eligible",
    "disaster_deduction",
    "half_year",
    "guardrail",
    "agreement_year",
    "revenue",
    "advance_balance",
)


def made_rows(count: int, seed: int) -> list[dict[str, Any]]:
    """Make rows with every rule in play; amounts in cents, None for a blank."""
    draw = np.random.default_rng(seed)
    persons = draw.integers(200, 90_000, count)
    benchmark = persons * draw.integers(700_000, 1_500_000, count)
    expenditure = (benchmark * (1 + draw.normal(-0.01, 0.08, count))).astype(np.int64)
    flags = {
        name: draw.random(count) < chance
        for name, chance in (
            ("met", 0.8),
            ("alternative", 0.5),
            ("reporting", 0.1),
            ("reduced", 0.3),
            ("half", 0.1),
            ("guardrail", 0.1),
        )
    }
    rates = np.array([None, 0.0, 0.005, 0.01, 0.015, 0.02], dtype=object)
    elected = draw.choice(rates, count)
    score = np.round(draw.uniform(0.3, 1, count), 4)
    return [
        {
            "organisation": f"A{row:06d}",
            "performance_year": int(2013 + draw.integers(0, 12)),
            "track": TRACKS[draw.integers(0, len(TRACKS))],
            "persons": int(persons[row]),
            "benchmark": int(benchmark[row]),
            "expenditure": int(expenditure[row]),
            "elected_minimum_rate": elected[row],
            "quality_score": float(score[row]),
            "quality_standard_met": bool(flags["met"][row]),
            "alternative_standard_met": bool(flags["alternative"][row]),
            "reporting_only_year": bool(flags["reporting"][row]),
            "reduced_share_eligible": bool(flags["reduced"][row]),
            "disaster_deduction": int(draw.integers(0, 50_000_000)) if draw.random() < 0.1 else 0,
            "half_year": bool(flags["half"][row]),
            "guardrail": bool(flags["guardrail"][row]),
            "agreement_year": int(draw.integers(1, 7)),
            "revenue": (
                int(benchmark[row] * draw.uniform(0.1, 0.6)) if draw.random() < 0.5 else None
            ),
            "advance_balance": int(draw.integers(0, 100_000_000)) if draw.random() < 0.2 else 0,
        }
        for row in range(count)
    ]


def as_cells(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Spell rows as the cells of a CSV file: amounts in dollars, true and false, blanks."""
    return {name: [_spelt(name, row[name]) for row in rows] for name in HEADINGS}


def _spelt(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if name in ("benchmark", "expenditure", "disaster_deduction", "revenue", "advance_balance"):
        return f"{value // 100}.{value % 100:02d}"
    return str(value)
