"""Money and rates of a first budget: what the allocation letter and the medium-term plan say, the
place's own growth and efficiency, and what has to be assumed where nobody knows.

Source: req 438, 442.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files as package_files
from itertools import pairwise
from typing import Any

from wpb.intake.first_budget.answers import NONE_WORDS, Answers, decimal_of
from wpb.kernel.calendar import is_financial_year, year_range
from wpb.kernel.safe_yaml import load_yaml, yaml_reader

DEFLATOR = "gdp_deflator.march_2026"
LEAST_RATE, MOST_RATE = Decimal("-0.2"), Decimal("0.2")
ACUTE_EFFICIENCY = Decimal("0.02")
PARTS = ("recurrent", "non_recurrent", "ring_fenced", "reserves", "total")
PENNY = Decimal("0.01")
OWN_PLAN = "The place's own plan"
COST_TITLE = "Cost uplift factor: pay and prices"
NO_RATE = "Assumed: nobody has given a rate"
HANDBOOK_EFFICIENCY = "Handbook section 3.4: 2% a year for acute services; agreed by nobody here"
DEFLATED = (
    "Prices: the GDP deflator of March 2026, which is no measure of NHS pay and prices (the uplift"
    " of 2025/26 was 4.83% when the deflator was 3.24%)"
)
ACTIVITY_RATES = (
    ("growth.demography", "local.demography", "Growth of activity with the population"),
    ("growth.other", "local.other_growth", "Other growth of activity"),
)


@dataclass(frozen=True)
class Amount:
    """One allocation of a stream and year, in pounds: what recurs and is free to be planned."""

    stream: str
    year: str
    pounds: Decimal
    certainty: str
    source: str
    parts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Rate:
    """One rate by year, where it comes from, and from which year it is a placeholder."""

    key: str
    title: str
    kind: str
    values: Mapping[str, Decimal]
    placeholders: frozenset[str]
    source: str
    reason: str


@dataclass
class Assumed:
    """What had to be assumed, in words with the key it stands under."""

    what: str
    reason: str


@cache
def deflator() -> dict[str, Decimal]:
    """Give the GDP deflator's growth by year, edition of March 2026."""
    text = package_files("wpb.national").joinpath("gdp_deflator.yaml").read_text(encoding="utf-8")
    found = load_yaml(text, yaml_reader("safe"))
    series = next(one for one in found if one["key"] == DEFLATOR)
    return {value["year"]: Decimal(str(value["value"])) for value in series["values"]}


def deflator_of(year: str) -> Decimal:
    """Give the deflator's growth for a year, the last published one held after it."""
    known = deflator()
    return known.get(year) or known[max(known)]


def allocations(
    answers: Answers, streams: Mapping[str, Decimal], spend_year: str, years: Sequence[str]
) -> list[Amount]:
    """Give each stream's allocation for each year of the term.

    streams: pounds spent by stream in the spend year. As the letter says, then as the plan says,
    then the year before x (1 + GDP deflator); with neither, the spend of the year itself grown so:
    recurrent - ring-fenced - reserves is what a budget may plan to use.
    Source: req 438, 442.
    """
    said = _said(answers, "letter", "firm") | {}
    for key, amount in _said(answers, "plan", "indicative").items():
        said.setdefault(key, amount)
    for stream in {name for name, _ in said} - set(streams):
        answers.error(
            "funding",
            f"An allocation is given for the stream '{stream}', which pays for nothing here.",
            f"The streams are {', '.join(streams)}; name a stream's cost centres under `funding:"
            " streams:`.",
            "answer_unknown",
        )
    found = []
    for stream in sorted(streams):
        before, source, last = streams[stream], "", ""
        for year in (spend_year, *years):
            if (stream, year) in said:
                amount = said[stream, year]
                before, source, last = amount.pounds, amount.source, year
                if year in years:
                    found.append(amount)
                continue
            if year == spend_year:
                continue
            before *= 1 + deflator_of(year)
            grounds = (
                f"Not published: {source} for {last}, then the GDP deflator (March 2026)"
                if source
                else f"Unknown: the spend of {spend_year}, then the GDP deflator (March 2026)"
            )
            certainty = "planning_assumption" if source else "placeholder"
            pounds = before.quantize(PENNY, ROUND_HALF_UP)
            found.append(Amount(stream, year, pounds, certainty, grounds))
    return found


def _said(answers: Answers, step: str, certainty: str) -> dict[tuple[str, str], Amount]:
    found = {}
    given = answers.mapping(f"funding.{step}")
    source = str(given.get("source") or "")
    if given and not source:
        answers.ask(f"funding.{step}.source", f"Which document is the {step}, and of what date?")
    for stream, by_year in given.items():
        if stream == "source":
            continue
        if not isinstance(by_year, Mapping):
            answers.error(
                f"funding.{step}.{stream}", "Give amounts by year.", "Write such as 2027-28: 1.00."
            )
            continue
        for year, value in by_year.items():
            key = f"funding.{step}.{stream}.{year}"
            if not is_financial_year(str(year)):
                answers.error(key, f"'{year}' is not a financial year.", "Write it as 2027-28.")
                continue
            parts = _parts(answers, key, value)
            if parts is not None:
                pounds = parts["recurrent"] - parts.get("ring_fenced", Decimal(0))
                pounds -= parts.get("reserves", Decimal(0))
                found[stream, str(year)] = Amount(
                    stream, str(year), pounds, certainty, source, parts
                )
    return found


def _parts(answers: Answers, key: str, value: Any) -> dict[str, Decimal] | None:
    """Read one amount, or its parts, which have to tie: total = recurrent + non-recurrent."""
    given = value if isinstance(value, Mapping) else {"recurrent": value}
    found: dict[str, Decimal] = {}
    for name, text in given.items():
        amount = decimal_of(text)
        if name not in PARTS or amount is None or amount < 0:
            answers.error(
                f"{key}.{name}" if isinstance(value, Mapping) else key,
                f"'{name}: {text}' is no part of an allocation.",
                f"Give pounds, zero or more, for {', '.join(PARTS)}.",
            )
            return None
        found[name] = amount
    if "recurrent" not in found:
        if "total" not in found:
            answers.error(key, "The recurrent part is missing.", "Write `recurrent:`.")
            return None
        found["recurrent"] = found["total"] - found.get("non_recurrent", Decimal(0))
    adds = found["recurrent"] + found.get("non_recurrent", Decimal(0))
    if found.get("total", adds) != adds:
        answers.error(
            key,
            f"The letter's total is {found['total']:,.2f}, and recurrent and non-recurrent come to"
            f" {adds:,.2f}: a difference of {found['total'] - adds:,.2f}.",
            "Correct the part that is wrong.",
            "allocation_parts",
        )
        return None
    return found


def rates(
    answers: Answers, areas: Sequence[str], spend_year: str, years: Sequence[str]
) -> tuple[list[Rate], list[Assumed]]:
    """Give the rates of the place's own plan, and placeholders where it has none.

    Prices without a plan of one's own take the national GDP deflator (no rate of this list).
    Source: handbook 3.4; req 442.
    """
    span = tuple(year_range(spend_year, len(years) + 1)[1:])
    source = answers.text("growth.source")
    _check_areas(answers, areas)
    found: list[Rate] = []
    assumed: list[Assumed] = []
    own_cost = _own(answers, "growth.cost_uplift", span)
    if own_cost:
        found.append(_own_rate("local.cost_uplift", COST_TITLE, "growth", own_cost, source))
    else:
        assumed.append(Assumed(DEFLATED, "No cost uplift of the place's own plan was given"))
    for key, name, title in ACTIVITY_RATES:
        own = _own(answers, key, span)
        found.append(
            _own_rate(name, title, "growth", own, source)
            if own
            else _placeholder(name, title, "growth", Decimal(0), span, NO_RATE)
        )
    for area in areas:
        own = _own(answers, f"growth.efficiency.{area}", span)
        key, title = f"local.efficiency_{area}", f"Efficiency: {area.replace('_', ' ')}"
        if own:
            found.append(_own_rate(key, title, "efficiency", own, source))
        elif area == "acute":
            found.append(
                _placeholder(key, title, "efficiency", ACUTE_EFFICIENCY, span, HANDBOOK_EFFICIENCY)
            )
    if not source and any(rate.reason == OWN_PLAN for rate in found):
        answers.ask("growth.source", "Which plan do the growth rates come from, and its date?")
    assumed += [
        Assumed(f"{rate.title}: {_spelled(rate)}", _held(rate))
        for rate in found
        if rate.placeholders
    ]
    return found, assumed


def _check_areas(answers: Answers, areas: Sequence[str]) -> None:
    for area in answers.mapping("growth.efficiency"):
        if area not in areas:
            answers.error(
                f"growth.efficiency.{area}",
                f"'{area}' is no kind of care that is in this budget.",
                f"It has {', '.join(areas)}.",
                "answer_unknown",
            )


def _held(rate: Rate) -> str:
    if rate.reason == OWN_PLAN:
        return f"the plan's last rate, held from {min(rate.placeholders)}"
    return "nobody has given a rate"


def _spelled(rate: Rate) -> str:
    values = {value for year, value in rate.values.items() if year in rate.placeholders}
    return f"{' to '.join(f'{value * 100:f}%' for value in sorted(values))} a year"


def _own_rate(
    key: str, title: str, kind: str, own: tuple[dict[str, Decimal], frozenset[str]], source: str
) -> Rate:
    return Rate(key, title, kind, *own, source, OWN_PLAN)


def _placeholder(
    key: str, title: str, kind: str, value: Decimal, span: Sequence[str], source: str
) -> Rate:
    return Rate(
        key,
        title,
        kind,
        dict.fromkeys(span, value),
        frozenset(span),
        source,
        "Nobody has given a rate: a placeholder to replace before anything is signed",
    )


def _own(
    answers: Answers, key: str, span: Sequence[str]
) -> tuple[dict[str, Decimal], frozenset[str]] | None:
    """Read a rate for all years, or rates by year; after the last given year it is held, and is a
    placeholder.
    """
    given = answers.get(key)
    if given is None or str(given).casefold() in NONE_WORDS:
        return None
    by_year = given if isinstance(given, Mapping) else dict.fromkeys(span, given)
    found: dict[str, Decimal] = {}
    for year, text in by_year.items():
        rate = decimal_of(text)
        at = f"{key}.{year}" if isinstance(given, Mapping) else key
        if year not in span:
            answers.error(
                at, f"{year} is not a year of the forecast.", f"It runs {span[0]} to {span[-1]}."
            )
        elif rate is None or not LEAST_RATE <= rate <= MOST_RATE:
            answers.error(
                at,
                f"'{text}' is not a yearly rate from -20% to 20%.",
                "Write it as 0.024 or 2.4%.",
                "not_a_rate",
            )
            return None
        else:
            found[str(year)] = rate
    if span[0] not in found:
        answers.error(key, f"There is no rate for {span[0]}.", "Give the first year's rate.")
        return None
    held: set[str] = set()
    for before, year in pairwise(span):
        if year not in found:
            found[year] = found[before]
            held.add(year)
    return {year: found[year] for year in span}, frozenset(held)
