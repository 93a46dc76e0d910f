"""The difference between two budgets, explained by movement, by line, by assumption and by input.

Source: handbook 4.3.1; req 369.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wpb.kernel.money import whole_pence
from wpb.present.compared_inputs import compare_assumptions, compare_cells, compare_files
from wpb.present.compared_side import ComparedSide
from wpb.present.whole_pence import round_to_total

LARGEST = 10
Step = tuple[str, str]


def compare(a: ComparedSide, b: ComparedSide) -> dict[str, Any]:
    """Explain how b differs from a: baseline and each year's forecast by movement and by the
    largest lines.

    difference = b - a, in whole pence. The movements of a difference add to it exactly, and so do
    its lines.
    Source: handbook 4.3.1; req 369.
    """
    baseline_pence = whole_pence(b.baseline_total) - whole_pence(a.baseline_total)
    years = [year for year in a.years if year in b.years]
    return {
        "a": _side(a),
        "b": _side(b),
        "baseline": _difference(
            whole_pence(a.baseline_total),
            whole_pence(b.baseline_total),
            _movements(a.baseline_steps, b.baseline_steps, baseline_pence),
            _lines(a, b, a.baseline_lines, b.baseline_lines, baseline_pence),
        ),
        "years": [_year(a, b, year, baseline_pence) for year in years],
        "years_only_in_a": [year for year in a.years if year not in b.years],
        "years_only_in_b": [year for year in b.years if year not in a.years],
        "lines_only_in_a": _only(a, b),
        "lines_only_in_b": _only(b, a),
        "assumptions": compare_assumptions(a.assumptions, b.assumptions),
        "inputs": compare_files(a.inputs, b.inputs),
        "cells": compare_cells(a.model, b.model) if a.model and b.model else None,
    }


def _side(side: ComparedSide) -> dict[str, Any]:
    return {
        "name": side.name,
        "title": side.title,
        "baseline_year": side.baseline_year,
        "baseline_pence": whole_pence(side.baseline_total),
        "first_year": side.years[0],
        "last_year": side.years[-1],
    }


def _difference(
    a_pence: int, b_pence: int, movements: list[dict[str, Any]], lines: dict[str, Any]
) -> dict[str, Any]:
    return {
        "a_pence": a_pence,
        "b_pence": b_pence,
        "difference_pence": b_pence - a_pence,
        "movements": movements,
        **lines,
    }


def _movements(
    a: dict[Step, float], b: dict[Step, float], total_pence: int
) -> list[dict[str, Any]]:
    """Differences of steps, in the order of a and then what only b has, rounded to add to the whole
    difference.
    """
    steps = list(dict.fromkeys([*a, *b]))
    real = [b.get(step, 0.0) - a.get(step, 0.0) for step in steps]
    rounded = round_to_total(real, [f"{number:03d}" for number in range(len(steps))], total_pence)
    return [
        {"stage": stage, "step": step, "difference_pence": amount}
        for (stage, step), amount in zip(steps, rounded, strict=True)
        if amount
    ]


def _year(a: ComparedSide, b: ComparedSide, year: str, baseline_pence: int) -> dict[str, Any]:
    a_pence, b_pence = whole_pence(a.forecast_total[year]), whole_pence(b.forecast_total[year])
    moves = _movements(
        a.forecast_steps[year], b.forecast_steps[year], b_pence - a_pence - baseline_pence
    )
    opening = (
        [{"stage": "baseline", "step": "Baseline", "difference_pence": baseline_pence}]
        if baseline_pence
        else []
    )
    return {
        "year": year,
        **_difference(
            a_pence,
            b_pence,
            opening + moves,
            _lines(a, b, a.forecast_lines[year], b.forecast_lines[year], b_pence - a_pence),
        ),
    }


def _lines(
    left: ComparedSide,
    right: ComparedSide,
    a: dict[str, float],
    b: dict[str, float],
    total_pence: int,
) -> dict[str, Any]:
    """The ten lines that differ most, in order of size and then of code, and all others
    together.
    """
    real = {line: b.get(line, 0.0) - a.get(line, 0.0) for line in sorted({*a, *b})}
    changed = sorted(
        (line for line, amount in real.items() if amount), key=lambda line: (-abs(real[line]), line)
    )
    largest, others = changed[:LARGEST], changed[LARGEST:]
    amounts = [real[line] for line in largest] + (
        [sum(real[line] for line in others)] if others else []
    )
    rounded = (
        round_to_total(amounts, [f"{number:02d}" for number in range(len(amounts))], total_pence)
        if amounts
        else []
    )
    found = [
        {
            "line": line,
            "difference_pence": amount,
            "only_in": "a" if line not in right.lines else "b" if line not in left.lines else None,
        }
        for line, amount in zip(largest, rounded, strict=False)
    ]
    return {
        "largest_lines": found,
        "other_lines": {"lines": len(others), "difference_pence": rounded[-1] if others else 0},
    }


def _only(here: ComparedSide, there: ComparedSide) -> list[dict[str, Any]]:
    """Lines of one side alone, with what they have there: spend, baseline and forecast of the last
    year.
    """
    codes: Iterable[str] = sorted(here.lines - there.lines)
    last = here.years[-1]
    return [
        {
            "line": code,
            "baseline_pence": whole_pence(here.baseline_lines.get(code, 0.0)),
            "forecast_pence": whole_pence(here.forecast_lines[last].get(code, 0.0)),
            "year": last,
        }
        for code in codes
    ]
