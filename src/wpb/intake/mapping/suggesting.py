"""Which heading of a layout most likely holds which column of a table, by its name and by what
stands under it; and which are sure enough to be taken without asking.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from wpb.intake.mapping.amounts import read_amount, read_year
from wpb.intake.mapping.layouts import Layout
from wpb.intake.units import UNITS
from wpb.kernel.calendar import is_financial_year
from wpb.tables.schema import Column, TableSpec

OTHER_NAMES = {
    "commissioner": ("icb", "ccg", "purchaser", "commissioner code", "organisation"),
    "account": ("account code", "subjective", "nominal", "gl code", "analysis"),
    "description": (
        "account description",
        "subjective desc",
        "subjective description",
        "account desc",
        "narrative",
        "account name",
    ),
    "covers": ("cost centre", "contract"),
    "ledger_value": ("actual", "outturn", "net amount", "amount", "value"),
    "audited_outturn": ("audited", "final accounts", "audited accounts"),
    "effective_year": ("financial year", "fin year", "year"),
    "provider": ("provider code", "supplier", "vendor", "org code provider"),
    "contract": ("contract code", "contract ref", "agreement"),
    "service_line": ("specialty", "specialty code", "treatment function", "tfc", "service"),
    "point_of_delivery": ("pod", "pod code", "point of delivery"),
    "activity_currency": ("hrg", "hrg code", "tariff code"),
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
    "population": ("patients", "list size", "registered patients", "number of patients"),
    "people": ("patients", "list size", "registered patients", "number of patients"),
    "value": ("cost", "price actual", "amount", "actual", "total cost", "spend"),
    "gross_value": ("gross cost", "annual cost", "annual gross cost", "gross"),
    "client_contribution": ("contribution", "client income", "assessed charge"),
    "package": ("package id", "package ref", "client ref", "service user ref"),
    "package_kind": ("service type", "support type", "care type"),
    "condition": ("primary support reason", "condition", "client group"),
    "budget_line": ("line", "cost centre", "budget code"),
    "name": ("description", "narrative", "title"),
    "count_date": ("extract date", "date"),
}
MONEY_NAMES = ("gbp", "pounds", "amount gbp", "value gbp")
"""Names of a column of pounds whatever it is called; "£" is spelled gbp before it is compared."""
PERIODS = {
    "week": r"\bweek(ly|s)?\b|\bpw\b|\bper week\b",
    "month": r"\bmonth(ly|s)?\b|\bin.month\b|\bmth\b|\bp\.?c\.?m\b|\bm\d{1,2}\b"
    r"|\b(jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b",
    "quarter": r"\bquarter(ly)?\b|\bq[1-4]\b",
    "half year": r"\bh[12]\b|\bhalf.year(ly)?\b|\bsix months\b",
    "day": r"\bdaily\b|\bper day\b|\bday\b",
    "to date": r"\bytd\b|\bto date\b|\bcumulative\b",
    "variance": r"\bvar(iance|\.)?\b|\bdifference\b|\bmovement\b",
    "another year": r"\b(prior|previous|last|next) year\b|\bpy\b",
    "price": r"\bunit (cost|price)\b|\btariff\b|\brate\b|\bper (unit|head|patient|person|case)\b|%"
    r"|\baverage\b|\bprice\b(?! actual)",
    "forecast": r"\bforecast\b|\bfot\b|\bprojected\b|\bprojection\b|\bestimated?\b",
    "plan": r"\bbudget(s|ed)?\b|\bplan(ned)?\b|\btarget\b",
}
ASKED_ABOUT = ("forecast", "plan")
"""Kinds of figure of a whole year that may be meant, and are asked about, never taken as sure."""
PART_YEARS = ("week", "month", "quarter", "half year", "day", "to date")
WHOLE_YEAR = re.compile(r"\b(annual|full year|outturn|year end)\b", re.IGNORECASE)
CODE_WORDS = frozenset(
    ("centre", "center", "code", "ref", "reference", "id", "no", "number", "account", "nominal")
)
LEAST_LIKENESS = 0.6
NAME_WEIGHT, LEAST_SCORE, LEAST_FIT, SAMPLE, LEAST_CODE_DIGITS = 0.7, 0.5, 0.6, 200, 5
PART_YEAR = re.compile(
    r"\b(?:m|month|mth|period)\s?0?([1-9]|1[01])\b(?!\d)|\bq[1-3]\b|\bquarter [1-3]\b|\bh1\b"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|[1-9]|1[01]) months?\b"
    r"|(?:\b(?:as at|to|until|ending|ended)|[-\u2013])\s*(?:\d{1,2}(?:st|nd|rd|th)?\s+)?"
    r"(?:apr|may|jun|jul|aug|sep|oct|nov|dec|jan|feb)[a-z]*\b",
    re.IGNORECASE,
)
"""Words of a title that say a part of a year: month 7, nine months to December, April to December,
as at 31 December.
"""


@dataclass(frozen=True)
class Suggestion:
    """A heading that may hold a column, how well it fits, from 0 to 1, and whether it is sure: it
    has the column's own name or a known one, all its values fit, and no other period or kind.
    """

    heading: str
    score: float
    sure: bool = False


def period_of(heading: str) -> str:
    """Give the period or kind of figure a heading names, such as "week" or "to date"; '' where it
    names none.
    """
    text = heading.casefold()
    return next((name for name, pattern in PERIODS.items() if re.search(pattern, text)), "")


def of_another_period(layout: Layout, column: Column) -> list[str]:
    """List the headings of figures that are never suggested for a column, each with its period."""
    if column.kind not in ("pounds", "count", "number"):
        return []
    return [
        f"{heading} ({period})"
        for heading in layout.headings
        if (period := period_of(heading)) and period not in ASKED_ABOUT
    ]


def part_year_said(layout: Layout) -> str:
    """Give the title that says the file is for part of a year, such as "Month 7"; '' if none."""
    return next((text for text in layout.about if PART_YEAR.search(text)), "")


def suggest_columns(
    spec: TableSpec, layout: Layout, known: Mapping[str, set[str]]
) -> dict[str, list[Suggestion]]:
    """Give the likeliest headings of each column, best first.

    known: codes that a column of the model already allows, by column.
    score = 0.7 x likeness of the names + 0.3 x share of values that fit the column; none where too
    few values fit, or where the heading is of another period or kind than a year's amount.
    """
    samples = {heading: layout.values(heading)[:SAMPLE] for heading in layout.headings}
    part = bool(part_year_said(layout)) or any(
        period_of(heading) in PART_YEARS for heading in layout.headings
    )
    return {
        column.name: _suggest(column, samples, known.get(column.name, set()), part)
        for column in spec.columns
    }


def sure_columns(
    suggestions: Mapping[str, list[Suggestion]], open_columns: list[str], taken: set[str]
) -> dict[str, str]:
    """Give each open column its one sure heading; a column with two, and a heading sure for two
    columns, are left to be asked about.
    """
    sure = {
        name: [found for found in suggestions[name] if found.sure and found.heading not in taken]
        for name in open_columns
    }
    best = {
        name: found[0].heading
        for name, found in sure.items()
        if len(found) == 1 or (len(found) > 1 and found[0].score > found[1].score + 0.05)
    }
    uses = {heading: list(best.values()).count(heading) for heading in best.values()}
    return {name: heading for name, heading in best.items() if uses[heading] == 1}


def _suggest(
    column: Column, samples: dict[str, list[str]], known: set[str], part_year: bool
) -> list[Suggestion]:
    found = []
    for heading, values in samples.items():
        period = period_of(heading) if column.kind in ("pounds", "count", "number") else ""
        own = period and period in f"{column.name} {column.help}".replace("_", " ").casefold()
        if period and not own and period not in ASKED_ABOUT:
            continue
        fit = _fit(column, heading, values, known)
        if fit < LEAST_FIT:
            continue
        likeness, same = _likeness(column, heading)
        score = NAME_WEIGHT * likeness + (1 - NAME_WEIGHT) * fit
        if known and fit > 0.9:
            score = max(score, LEAST_SCORE + 0.1 * fit)
        asked = (bool(period) and not own) or (
            part_year and column.kind == "pounds" and not WHOLE_YEAR.search(heading)
        )
        meant = period in ASKED_ABOUT and column.kind == "pounds" and column.required
        if meant:
            score = max(score, LEAST_SCORE)
        elif likeness < LEAST_LIKENESS and not (known and fit > 0.9):
            continue
        if score >= LEAST_SCORE:
            found.append(Suggestion(heading, round(score, 3), same and fit == 1 and not asked))
    return sorted(found, key=lambda suggestion: (-suggestion.score, suggestion.heading))[:4]


def _fit(column: Column, heading: str, values: list[str], known: set[str]) -> float:
    """The share of values that the column could hold; blank headings fit nothing."""
    if not values:
        return 0.0
    if column.is_number:
        if _holds_codes(heading, values):
            return 0.0
        fits = [read_amount(value.rstrip("%")) is not None for value in values]
    elif column.kind == "year":
        fits = [is_financial_year(read_year(value)) for value in values]
    elif column.kind == "choice":
        chosen = sum(value in column.choices for value in values) / len(values)
        return max(chosen, 0.7 if all(read_amount(value) is None for value in values) else 0.0)
    elif known:
        fits = [value in known or value.upper() in known for value in values]
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
    share = sum(fits) / len(fits)
    return 1.0 if share > 0.95 else share


def _holds_codes(heading: str, values: list[str]) -> bool:
    """Whether whole numbers are codes: their heading says so, or they are all of one length, five
    figures or more, under a heading that speaks of no money or count.
    """
    words = set(_words(heading).split())
    if words & CODE_WORDS and not words & {"amount", "value", "gbp", "cost"} - {"cost"}:
        return True
    whole = all(value.isdigit() for value in values)
    lengths = {len(value) for value in values}
    speaks = words & {"gbp", "amount", "value", "actual", "spend", "total", "outturn", "patients"}
    return (
        whole
        and len(values) > 1
        and len(lengths) == 1
        and min(lengths) >= LEAST_CODE_DIGITS
        and not speaks
    )


def _words(name: str) -> str:
    """The words of a heading without its unit: Actual £'000 is actual, £ is gbp."""
    for _, pattern in UNITS:
        name = pattern.sub(" ", name)
    return " ".join(re.findall(r"[a-z0-9]+", name.replace("£", " gbp ").casefold()))


def _likeness(column: Column, heading: str) -> tuple[float, bool]:
    """How alike a heading is to a column's names, and whether it is the very name or a known
    one.
    """
    said = _words(heading)
    known = [*OTHER_NAMES.get(column.name, ())]
    if column.kind == "pounds" and column.required:
        known += MONEY_NAMES
    own = _words(column.name)
    bare = re.sub(r"^gbp | gbp$", "", said)
    if said == own or bare == own:
        return 1.0, True
    best, same = 0.0, said in known or bare in known
    for name in (own, *known):
        ours, theirs = set(name.split()), set(said.split())
        overlap = len(ours & theirs) / len(ours | theirs) if theirs else 0.0
        best = max(best, overlap, difflib.SequenceMatcher(None, name, said).ratio())
    return min(best, 0.95) if same else min(best, 0.9), same
