"""Minimum spend on primary medical and community services: tested where the minimum is known, said
to be unknown where not.

Source: overview 4.2; req 184.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from wpb.kernel.calendar import is_financial_year
from wpb.kernel.ledger import TOTAL, Block, Ledger
from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Scope, Section, SectionColumn, SectionValue

IN_FORCE_FROM = {"region": "2020-21", "ics": "2023-24"}
"""The first year of the minimum, by level: overview 4.2."""


class Counted(Protocol):
    """Anything whose spend may count: a budget line or a line of impact."""

    @property
    def service_line(self) -> str:
        """Its service line."""

    @property
    def funding_stream(self) -> str:
        """Its funding stream."""


Levels = Sequence[tuple[Block, Sequence[Counted]]]
"""Forecasts inside and outside the budget, each with the line of every row."""


def floor_section(
    model: Model, scope: Scope, ledger: Ledger, levels: Levels, problems: ProblemLog
) -> Section | None:
    """Test forecast spend inside and outside the budget against each minimum; a minimum that is not
    known is not tested.

    counted spend = forecast of every line that counts, care model included, inside and outside;
    shortfall = minimum - counted.
    Source: overview 4.2; req 184.
    """
    table = model["investment_floors"]
    if not len(table):
        return None
    floors: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(table.text("floor"), table.text("year"), strict=True)):
        floors.setdefault(key, []).append(row)
    rows: list[tuple[SectionValue, ...]] = []
    for (floor, year), members in sorted(floors.items()):
        if not is_financial_year(year) or year not in model.settings.years:
            problems.error(
                table.where(members[0], "year"),
                f"{year} is outside the contract, {model.settings.years[0]} to"
                f" {model.settings.years[-1]}.",
                "Correct the year, or take the row out.",
                "year_outside_term",
            )
            continue
        codes = {
            (str(table.columns["counted_as"][row]), str(table.columns["counted_code"][row]))
            for row in members
        }
        spend = _counted(model, scope, ledger, levels, floor, year, codes, members[0], problems)
        rows.append(_tested(model, members, year, spend, problems))
    problems.raise_if_errors()
    heads = (
        ("floor", "Floor", "code"),
        ("level", "Level", "text"),
        ("care", "Services", "text"),
        ("year", "Year", "year"),
        ("minimum", "Minimum", "pounds"),
        ("counted", "Forecast spend that counts", "pounds"),
        ("shortfall", "Shortfall", "pounds"),
        ("status", "Status", "text"),
        ("source", "Source", "text"),
    )
    return Section(
        "investment_floors",
        "Minimum spend on primary and community services",
        "Spend that counts is this model's own, inside and outside the budget, care model"
        " included.",
        tuple(SectionColumn(*head) for head in heads),  # type: ignore[arg-type]
        tuple(rows),
    )


def _counted(
    model: Model,
    scope: Scope,
    ledger: Ledger,
    levels: Levels,
    floor: str,
    year: str,
    codes: set[tuple[str, str]],
    row: int,
    problems: ProblemLog,
) -> Block | None:
    parts = []
    for block, lines in levels:
        into = []
        for line in lines:
            of = {
                ("funding_stream", line.funding_stream),
                ("service_line", line.service_line),
                ("growth_category", scope.growth_category.get(line.service_line, "")),
            }
            into.append(0 if of & codes else -1)
        parts.append((block, into))
    if not any(0 in into for _, into in parts):
        problems.error(
            model["investment_floors"].where(row, "counted_code"),
            f"No budget line counts towards the floor '{floor}' in {year}.",
            "Correct what counts towards it.",
            "floor_uncounted",
        )
        return None
    return ledger.total(
        f"floor/{floor}/{year}",
        TOTAL,
        *parts,
        title="Forecast spend that counts towards the minimum",
    )


def _tested(
    model: Model, members: list[int], year: str, spend: Block | None, problems: ProblemLog
) -> tuple[SectionValue, ...]:
    table = model["investment_floors"]
    floor, level, care, source = (
        str(table.columns[name][members[0]]) for name in ("floor", "level", "care", "source")
    )
    known = sorted(
        {
            float(amount)
            for row in members
            if math.isfinite(amount := float(table.numbers("minimum_spend")[row]))
        }
    )
    counted = spend.at(0, model.settings.years.index(year)) if spend is not None else 0.0
    head: tuple[SectionValue, ...] = (floor, level, care.replace("_", " "), year)
    if len(known) > 1:
        problems.error(
            table.where(members[1], "minimum_spend"),
            f"The floor '{floor}' has two minima for {year}.",
            "Enter the same minimum on every row of the floor, or on one alone.",
            "floor_two_minima",
        )
    if year < IN_FORCE_FROM.get(level, ""):
        problems.warning(
            table.where(members[0], "year"),
            f"The minimum for the {level} starts in {IN_FORCE_FROM[level]}, so {year} is not"
            " tested.",
            "Take the row out, or correct the year.",
            "floor_not_in_force",
        )
        return (
            *head,
            whole_pence(known[0]) if known else None,
            whole_pence(counted),
            None,
            "not in force",
            source,
        )
    if not known:
        return (*head, None, whole_pence(counted), None, "unknown", source)
    shortfall = max(known[0] - counted, 0.0)
    if shortfall > 0:
        problems.warning(
            table.where(members[0], "minimum_spend"),
            f"Forecast {care.replace('_', ' ')} spend in {year} is {pounds(shortfall)} below the"
            f" minimum for the {level}.",
            "Plan more, or show what else counts towards it.",
            "floor_short",
        )
    return (
        *head,
        whole_pence(known[0]),
        whole_pence(counted),
        whole_pence(shortfall),
        "below the minimum" if shortfall > 0 else "met",
        source,
    )
