"""Which heading of a layout most likely holds which column of a table, by its name and by what
stands under it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from wpb.intake.mapping.amounts import read_amount, read_year
from wpb.intake.mapping.layouts import Layout
from wpb.kernel.calendar import is_financial_year
from wpb.tables.schema import Column, TableSpec

OTHER_NAMES = {
    "commissioner": ("icb", "ccg", "purchaser", "commissioner code", "organisation"),
    "account": ("account code", "subjective", "nominal", "gl code", "analysis"),
    "description": (
        "account description",
        "subjective desc",
        "account desc",
        "narrative",
        "account name",
    ),
    "covers": ("cost centre", "contract"),
    "ledger_value": (
        "ytd actual",
        "actual",
        "year to date actual",
        "outturn",
        "balance",
        "net amount",
        "amount",
        "value",
    ),
    "audited_outturn": ("audited", "final accounts", "audited accounts"),
    "effective_year": ("financial year", "fin year", "year"),
    "provider": ("provider code", "supplier", "vendor", "org code provider"),
    "contract": ("contract code", "contract ref", "agreement"),
    "service_line": ("specialty", "specialty code", "treatment function", "tfc", "service"),
    "point_of_delivery": ("pod", "pod code", "point of delivery"),
    "activity_currency": ("hrg", "hrg code", "currency", "tariff code"),
    "activity_type": ("pod", "activity type", "currency description"),
    "units": (
        "activity",
        "activity actual",
        "actual activity",
        "count",
        "quantity",
        "volume",
        "spells",
        "attendances",
    ),
    "list_code": (
        "gp practice",
        "practice code",
        "gp practice code",
        "registered practice",
        "practice",
    ),
    "value": ("cost", "price actual", "amount", "actual", "total cost", "spend"),
    "gross_value": ("gross cost", "annual cost", "gross", "weekly cost"),
    "client_contribution": ("contribution", "client income", "assessed charge"),
    "package": ("package id", "package ref", "client ref", "service user ref"),
    "package_kind": ("service type", "support type", "care type"),
    "condition": ("primary support reason", "condition", "client group"),
    "budget_line": ("line", "cost centre", "budget code"),
    "name": ("description", "narrative", "title"),
}
NAME_WEIGHT, LEAST_SCORE, LEAST_FIT, SAMPLE = 0.7, 0.5, 0.6, 200


@dataclass(frozen=True)
class Suggestion:
    """A heading that may hold a column, and how well it fits, from 0 to 1."""

    heading: str
    score: float


def suggest_columns(
    spec: TableSpec, layout: Layout, known: Mapping[str, set[str]]
) -> dict[str, list[Suggestion]]:
    """Give the likeliest headings of each column, best first.

    known: codes that a column of the model already allows, by column.
    score = 0.7 x likeness of the names + 0.3 x share of values that fit the column; none where too
    few values fit.
    """
    samples = {heading: layout.values(heading)[:SAMPLE] for heading in layout.headings}
    return {
        column.name: _suggest(column, samples, known.get(column.name, set()))
        for column in spec.columns
    }


def _suggest(column: Column, samples: dict[str, list[str]], known: set[str]) -> list[Suggestion]:
    found = []
    for heading, values in samples.items():
        fit = _fit(column, values, known)
        if fit < LEAST_FIT:
            continue
        score = NAME_WEIGHT * _likeness(column.name, heading) + (1 - NAME_WEIGHT) * fit
        if known and fit > 0.9:
            score = max(score, LEAST_SCORE + 0.1 * fit)
        if score >= LEAST_SCORE:
            found.append(Suggestion(heading, round(score, 3)))
    return sorted(found, key=lambda suggestion: (-suggestion.score, suggestion.heading))[:3]


def _fit(column: Column, values: list[str], known: set[str]) -> float:
    """The share of values that the column could hold; blank headings fit nothing."""
    if not values:
        return 0.0
    if column.is_number:
        fits = [read_amount(value.rstrip("%")) is not None for value in values]
    elif column.kind == "year":
        fits = [is_financial_year(read_year(value)) for value in values]
    elif column.kind == "choice":
        return 0.7 if all(read_amount(value) is None for value in values) else 0.0
    elif known:
        fits = [value in known for value in values]
        return max(
            sum(fits) / len(fits),
            (
                LEAST_FIT
                if not all(read_amount(value) is not None and "." in value for value in values)
                else 0.0
            ),
        )
    elif column.kind == "code":
        fits = ["." not in value or read_amount(value) is None for value in values]
    else:
        fits = [read_amount(value) is None for value in values]
    return sum(fits) / len(fits)


def _words(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))


def _likeness(column: str, heading: str) -> float:
    said = _words(heading)
    names = [_words(column), *OTHER_NAMES.get(column, ())]
    best = 0.0
    for name in names:
        ours, theirs = set(name.split()), set(said.split())
        overlap = len(ours & theirs) / len(ours | theirs) if theirs else 0.0
        best = max(best, overlap, difflib.SequenceMatcher(None, name, said).ratio())
    return best
