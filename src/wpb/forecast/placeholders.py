"""What of a forecast rests on placeholders: rates and allocations that nobody knows yet, with the
pounds that stand on them and what one point either way moves.

Source: req 442.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from wpb.forecast.affordability import Affordability
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.ledger import Block
from wpb.kernel.money import pounds, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Section, SectionColumn

RATE_COLUMNS = (
    "cost_rate",
    "demographic_rate",
    "non_demographic_rate",
    "activity_rate",
    "efficiency_rate",
)
ONE_POINT = 0.01


@dataclass(frozen=True)
class Placeholder:
    """One rate or allocation that is a placeholder: the years it is one in, and the pounds of a
    year's spend or allocation that rest on it.
    """

    what: str
    kind: str
    years: tuple[str, ...]
    rests_pence: float

    @property
    def one_point_pence(self) -> float:
        """What one point of it moves in one year: pounds x 0.01."""
        return self.rests_pence * ONE_POINT


@dataclass(frozen=True)
class Placeholders:
    """All placeholders of a budget, the pounds that rest on any of them, and the years whose margin
    they leave undetermined.
    """

    found: tuple[Placeholder, ...]
    rests_pence: float
    """Baseline of the lines that any placeholder rate grows."""
    allocation_pence: float
    """Placeholder allocations, of the first year of each."""
    undetermined: frozenset[str]

    @property
    def stamp(self) -> str:
        """The words that every view of such a budget carries; '' where there are none."""
        if not self.found:
            return ""
        parts = [
            f"{pounds(amount)} of {name}"
            for amount, name in (
                (self.rests_pence, "spend"),
                (self.allocation_pence, "a year's allocation"),
            )
            if amount
        ]
        rest = "rest" if len(parts) > 1 else "rests"
        return f"Illustrative: {' and '.join(parts)} {rest} on placeholders"


def placeholders(
    model: Model,
    book: AssumptionBook,
    lines: BudgetLines,
    baseline: Block,
    afford: Affordability,
) -> Placeholders:
    """Find the placeholders of a forecast. A rate's pounds are the baseline of the lines it grows,
    an allocation's the amount of its first year.

    A year's margin is not determined where its allocation is a placeholder, or where one point a
    year of all placeholder rates up to it, either way, is more than the margin itself.
    Source: req 442.
    """
    years = model.settings.years
    when: dict[str, list[str]] = {}
    known = model.settings.known_on
    known_on = datetime.date.fromisoformat(known) if known else None
    keys = _keys_of_lines(model, lines)
    for key in frozenset().union(*keys):
        for year in years:
            rate = book.find(key, year, known_on)
            if rate is not None and rate.status == "placeholder":
                when.setdefault(key, []).append(year)
    amounts = baseline.value[0, :, 0]
    found, resting = [], set[int]()
    for key in sorted(when):
        rows = [row for row, own in enumerate(keys) if key in own and amounts[row]]
        if rows:
            resting.update(rows)
            worth = float(sum(amounts[row] for row in rows))
            found.append(Placeholder(key, "rate", tuple(when[key]), worth))
    unknown = _allocations(model)
    open_years = {year for one in unknown for year in one.years}
    for at, year in enumerate(years):
        moved = sum(
            abs(one.one_point_pence) * sum(1 for past in one.years if past <= year) for one in found
        )
        if moved > abs(afford.total["headroom"].at(0, at)):
            open_years.add(year)
    rests = float(sum(amounts[row] for row in resting))
    unsure = sum(one.rests_pence for one in unknown)
    return Placeholders((*found, *unknown), rests, unsure, frozenset(open_years))


def _keys_of_lines(model: Model, lines: BudgetLines) -> list[frozenset[str]]:
    table, services = model["growth_categories"], model["service_lines"]
    keys = {
        str(table.columns["growth_category"][row]): frozenset(
            str(table.columns[name][row]) for name in RATE_COLUMNS if table.columns[name][row]
        )
        for row in range(len(table))
    }
    category = dict(
        zip(services.text("service_line"), services.text("growth_category"), strict=True)
    )
    return [
        keys.get(line.growth_category or category.get(line.service_line, ""), frozenset())
        for line in lines.lines
    ]


def _allocations(model: Model) -> list[Placeholder]:
    table = model["allocations"]
    years: dict[str, list[tuple[str, float]]] = {}
    for row, certainty in enumerate(table.text("certainty")):
        if certainty == "placeholder":
            name = f"{table.columns['commissioner'][row]} {table.columns['funding_stream'][row]}"
            amount = float(table.numbers("allocation")[row])
            years.setdefault(name, []).append((str(table.columns["year"][row]), amount))
    return [
        Placeholder(name, "allocation", tuple(sorted(year for year, _ in rows)), min(rows)[1])
        for name, rows in sorted(years.items())
    ]


def placeholder_section(found: Placeholders) -> Section:
    """Lay the placeholders out for the report and the workbook.

    Source: req 442.
    """
    open_years = ", ".join(sorted(found.undetermined))
    return Section(
        "placeholders",
        "Resting on placeholders",
        f"{found.stamp}."
        + (f" The margin is not determined in {open_years}." if open_years else "")
        + " Each has to be replaced, or accepted by name, before anything is signed.",
        (
            SectionColumn("placeholder", "Placeholder", "code"),
            SectionColumn("kind", "Rate or allocation"),
            SectionColumn("years", "Years"),
            SectionColumn("rests_on_it", "Rests on it", "pounds"),
            SectionColumn("one_point", "One point in one year, either way", "pounds"),
        ),
        tuple(
            (
                one.what,
                one.kind,
                f"{one.years[0]} to {one.years[-1]}",
                whole_pence(one.rests_pence),
                whole_pence(one.one_point_pence),
            )
            for one in found.found
        ),
    )


def tell_placeholders(found: Placeholders, problems: ProblemLog) -> None:
    """Put the stamp among the problems, so that every view of the budget carries it.

    Source: req 442.
    """
    if found.found:
        problems.warning(
            None,
            f"{found.stamp}.",
            "The section 'Resting on placeholders' lists them; replace each, or accept it by name.",
            "illustrative",
        )
