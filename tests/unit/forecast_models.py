"""Small models of the forecast: one or two services, growth rates written in the test, three
years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.models import calculated, direct, place
from wpb.kernel.explain import explain
from wpb.kernel.problems import InputProblems
from wpb.run import Budget
from wpb.tables.records import Section

YEARS = ("2027-28", "2028-29", "2029-30")
RATES = {"d": 0.01, "n": 0.02, "c": 0.03, "e": 0.02, "t": 0.05, "w": 0.1, "l": 0.15}
"""Demographic, other activity, unit cost, efficiency, total cost; share and rise of clinical
negligence.
"""


def assumptions(folder: Path, rates: Mapping[str, float | Sequence[float]] = RATES) -> Path:
    """Write local assumptions: one rate for every year, or one a year."""
    kinds = {"e": "efficiency", "w": "other"}
    parts = []
    for key, given in rates.items():
        series = [given] * len(YEARS) if isinstance(given, float) else list(given)
        values = "\n".join(
            f"    - {{year: {year}, value: {value}, status: forecast, published: 2026-11, source:"
            " 'Rates written for these tests (November 2026)', locator: Table 1}"
            for year, value in zip(YEARS, series, strict=False)
        )
        control = (
            "  outside_provider_control: true\n" if kinds.get(key, "growth") == "growth" else ""
        )
        parts.append(
            f"- key: local.{key}\n  title: Rate {key}\n  unit:"
            f" {'share' if key == 'w' else 'rate'}\n  kind: {kinds.get(key, 'growth')}\n "
            " in_year_change: forbid\n  reason: A test\n  evidence: Tests\n  owner:"
            f" Tests\n{control}  values:\n{values}\n"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rates.yaml").write_text("\n".join(parts), encoding="utf-8")
    return folder


def category(
    code: str = "G", method: str = "unit_cost_and_activity", **changes: Any
) -> dict[str, Any]:
    """A growth category; by default every part of growth and efficiency."""
    rates = (
        {
            "cost_rate": "local.c",
            "demographic_rate": "local.d",
            "non_demographic_rate": "local.n",
            "efficiency_rate": "local.e",
        }
        if method == "unit_cost_and_activity"
        else {"cost_rate": "local.t"}
    )
    return {"growth_category": code, "name": code, "growth_method": method} | rates | changes


def service(code: str = "S1", scope: str = "in", group: str = "G") -> dict[str, Any]:
    """A service line."""
    return {"service_line": code, "name": code, "scope": scope, "growth_category": group}


def tables(
    *lines: dict[str, Any], **more: Sequence[dict[str, Any]]
) -> dict[str, Sequence[dict[str, Any]]]:
    """A model whose direct spend is given (£1,000,000 of one service without more), wholly of lists
    in scope.
    """
    spend = lines or (whole("D1", 1_000_000),)
    given: dict[str, Any] = {
        "growth_categories": [category()],
        "service_lines": [service()],
        "direct_spend": list(spend),
    }
    return place(**(given | more))


def whole(code: str, value: float, **changes: Any) -> dict[str, Any]:
    """A line of direct spend that serves only lists in scope."""
    return direct(code, value, population_method="whole_contract", **changes)


def allocations(
    amounts: Sequence[float],
    commissioner: str = "ICB",
    stream: str = "core",
    certainty: Sequence[str] = ("firm", "firm", "firm"),
    first: int = 2027,
) -> list[dict[str, Any]]:
    """Allocations of successive years."""
    return [
        {
            "commissioner": commissioner,
            "funding_stream": stream,
            "year": f"{first + i}-{first + i + 1 - 2000}",
            "allocation": amount,
            "certainty": certainty[min(i, len(certainty) - 1)],
            "source": "Tests",
        }
        for i, amount in enumerate(amounts)
    ]


def budget(
    folder: Path,
    given: Mapping[str, Sequence[dict[str, Any]]],
    rates: Mapping[str, float | Sequence[float]] = RATES,
    **changes: Any,
) -> Budget:
    """Calculate a model with its local rates."""
    return calculated(given, assumptions(folder / "assumptions", rates), **changes)


def pounds(found: Budget, name: str) -> float:
    """A figure in pounds, unrounded; rows are added up where none is named."""
    return float(explain(found.ledger, name, 0)["value"]) / 100


def codes(found: Budget) -> set[str]:
    """The codes of the problems found."""
    return {problem.code for problem in found.problems}


def refused(
    folder: Path,
    given: Mapping[str, Sequence[dict[str, Any]]],
    rates: Mapping[str, float | Sequence[float]] = RATES,
    **changes: Any,
) -> set[str]:
    """Calculate a model that must be refused, and give the codes of its errors."""
    with pytest.raises(InputProblems) as raised:
        budget(folder, given, rates, **changes)
    return {problem.code for problem in raised.value.problems if problem.severity == "error"}


def section(found: Budget, name: str) -> Section:
    """A section by name."""
    return next(each for each in found.sections if each.name == name)


def has_section(found: Budget, name: str) -> bool:
    """Say whether a section is there."""
    return any(each.name == name for each in found.sections)
