"""Local rates in place of those a growth category takes: judged, applied, and audited old against
new.

Source: handbook 3.3.2-3.3.3; req 177, 178, 179.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from wpb.forecast.growth_rates import NO_UPLIFT, GrowthRates
from wpb.kernel.ledger import Block
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Line, Section, SectionColumn, SectionValue

NOT_WORDS = {"", "-", "none", "n/a", "na", "tbc", "tba", "tbd", "to follow", "pending", "todo", "?"}
NARROWEST_FIRST = ("budget_line", "service_line", "growth_category")
STEPS_BY_METHOD = {
    "unit_cost_and_activity": (
        "demographic",
        "non_demographic",
        "activity",
        "cost_pressure",
        "litigation",
    ),
    "total_cost": ("combined",),
    "deflator": ("combined",),
    "two_references": ("combined",),
    "none": (),
}


def said(words: str) -> bool:
    """Say whether a text is there at all, and is not a stand-in such as 'tbc'.

    Source: handbook 3.3.3; req 178, 205.
    """
    return words.lower().strip(" .") not in NOT_WORDS


@dataclass(frozen=True)
class Override:
    """One override: its row, what it replaces and whether it is applied."""

    row: int
    target: tuple[str, str]
    driver: str
    year: str
    rate: float
    old_rate: float
    applied: bool
    status: str


def judged_overrides(
    model: Model, rates: GrowthRates, lines: BudgetLines, problems: ProblemLog
) -> list[Override]:
    """Judge each override: refuse drivers that a provider controls, and hold rates above the
    standing one until evidence is attached.

    A held override is reported and the standing rate stays. Raises nothing; errors go to the log.
    Source: handbook 3.3.3; req 170, 177, 178, 179.
    """
    table = model["rate_overrides"]
    groups, switched = (
        _groups_of_targets(model, rates, lines),
        _switched_targets(model, rates, lines),
    )
    found = []
    for row in range(len(table)):
        target = (str(table.columns["applies_to"][row]), str(table.columns["code"][row]))
        driver, year = str(table.columns["driver"][row]), str(table.columns["year"][row])
        standing = _standing(
            model, rates, groups.get(target, ()), driver, year, row, target, problems
        )
        if standing is not None and year >= switched.get(target, "9999-00"):
            problems.error(
                table.where(row, "year"),
                f"'{target[1]}' grows with its allocation from {switched[target]}, so this rate"
                " would count growth twice.",
                "Take out the override for the years from then on.",
                "override_twice",
            )
        elif standing is not None and _accepted(model, row, problems):
            rate = float(table.numbers("rate")[row])
            held = rate > standing and not said(str(table.columns["evidence"][row]))
            if held:
                problems.warning(
                    table.where(row, "evidence"),
                    f"The override of {driver.replace('_', ' ')} for {target[1]} in {year} is held:"
                    f" {rate:.2%} is above the {standing:.2%} it would replace, and no evidence is"
                    " attached.",
                    "Enter the evidence; until then the standing rate is used.",
                    "held_for_evidence",
                )
            found.append(
                Override(
                    row,
                    target,
                    driver,
                    year,
                    rate,
                    standing,
                    not held,
                    "held for evidence" if held else "applied",
                )
            )
    return found


def _groups_of_targets(
    model: Model, rates: GrowthRates, lines: BudgetLines
) -> dict[tuple[str, str], tuple[int, ...]]:
    """The growth groups of the lines that each possible target covers."""
    found: dict[tuple[str, str], dict[int, None]] = {}
    for line, group in zip(lines.lines, rates.group_of_line.tolist(), strict=True):
        for target in _targets_of(model, rates, line, group):
            found.setdefault(target, {})[group] = None
    for code in model["growth_categories"].text("growth_category"):
        found.setdefault(("growth_category", code), {rates.axis.positions[code]: None})
    return {target: tuple(rows) for target, rows in found.items()}


def _switched_targets(
    model: Model, rates: GrowthRates, lines: BudgetLines
) -> dict[tuple[str, str], str]:
    """The first year in which some line of a target grows with its allocation, for streams that
    switch to that route.
    """
    found: dict[tuple[str, str], str] = {}
    for line, group in zip(lines.lines, rates.group_of_line.tolist(), strict=True):
        if year := model.settings.route_switches.get(line.funding_stream):
            for target in _targets_of(model, rates, line, group):
                found[target] = min(year, found.get(target, year))
    return found


def _targets_of(
    model: Model, rates: GrowthRates, line: Line, group: int
) -> tuple[tuple[str, str], ...]:
    """What an override may name to cover a line."""
    row = rates.category_rows[group]
    category = (
        model["growth_categories"].text("growth_category")[row]
        if row >= 0
        else rates.axis.codes[group]
    )
    return (
        ("budget_line", line.code),
        ("service_line", line.service_line),
        ("growth_category", category),
    )


def _standing(
    model: Model,
    rates: GrowthRates,
    groups: tuple[int, ...],
    driver: str,
    year: str,
    row: int,
    target: tuple[str, str],
    problems: ProblemLog,
) -> float | None:
    """The rate that stands where an override would go; None, with the problem logged, where it
    can't go there.
    """
    table, categories = model["rate_overrides"], model["growth_categories"]
    if not groups:
        problems.error(
            table.where(row, "code"),
            f"The override is for the {target[0].replace('_', ' ')} '{target[1]}', which no line of"
            " this model has.",
            "Correct the code, or take the row out.",
            "override_unknown",
        )
        return None
    methods = {
        (
            str(categories.columns["growth_method"][rates.category_rows[group]])
            if rates.category_rows[group] >= 0
            else "allocation"
        )
        for group in groups
    }
    wrong = sorted(method for method in methods if driver not in STEPS_BY_METHOD.get(method, ()))
    if wrong:
        on = (
            "with its allocation or not at all"
            if wrong[0] in ("allocation", NO_UPLIFT)
            else f"by {wrong[0]}"
        )
        problems.error(
            table.where(row, "driver"),
            f"'{target[1]}' grows {on}, which has no {driver.replace('_', ' ')} rate of its own, so"
            " this rate would count growth twice.",
            "Override the rate its method uses, or change the method.",
            "override_twice",
        )
        return None
    block = _block_for(model, rates, driver, year)
    if block is None:
        problems.error(
            table.where(row, "year"),
            f"No growth is applied in {year}, so there is nothing to override.",
            f"Enter a year from {model.settings.first_growth_year} to {model.settings.years[-1]},"
            " or take the row out.",
            "override_unused",
        )
        return None
    return max(float(block.at(group, block.year_position(year))) for group in groups)


def _block_for(model: Model, rates: GrowthRates, driver: str, year: str) -> Block | None:
    settings = model.settings
    if year in settings.years and year >= settings.first_growth_year:
        return rates.by_step.get(driver)
    return (
        rates.conversion.get(driver)
        if settings.conversion_steps and year == settings.first_contract_year
        else None
    )


def _accepted(model: Model, row: int, problems: ProblemLog) -> bool:
    table = model["rate_overrides"]
    code = str(table.columns["override"][row])
    faults = [
        (
            column,
            f"The override '{code}' has no {column}.",
            f"Enter {'why it is used' if column == 'reason' else 'who answers for it'}.",
            "local_grounds",
        )
        for column in ("reason", "owner")
        if not said(str(table.columns[column][row]))
    ]
    if table.columns["outside_provider_control"][row] is not True:
        faults.append(
            (
                "outside_provider_control",
                (
                    f"The override '{code}' is of a driver that is not said to be outside the"
                    " provider's control."
                ),
                (
                    "Leave it out, so that utilisation and efficiency risk stay with the provider;"
                    " or enter true if it truly is outside."
                ),
                "provider_control",
            )
        )
    if not math.isfinite(float(table.numbers("rate")[row])):
        faults.append(
            ("rate", f"The override '{code}' has no rate.", "Enter the local rate.", "blank")
        )
    for column, what, fix, kind in faults:
        problems.error(table.where(row, column), what, fix, kind)
    return not faults


def override_section(model: Model, overrides: list[Override]) -> Section | None:
    """List every override with the rate it replaces, its grounds, and whether it is applied.

    Source: handbook 3.3.3; req 177, 178, 179.
    """
    if not overrides:
        return None
    table = model["rate_overrides"]
    rows: list[tuple[SectionValue, ...]] = []
    for found in overrides:
        words = [str(table.columns[name][found.row]) for name in ("reason", "evidence", "owner")]
        rows.append(
            (
                str(table.columns["override"][found.row]),
                found.target[0].replace("_", " "),
                found.target[1],
                found.driver.replace("_", " "),
                found.year,
                found.old_rate,
                found.rate,
                found.rate - found.old_rate,
                found.status,
                *words,
            )
        )
    columns = (
        ("override", "Override", "code"),
        ("applies_to", "Applies to", "text"),
        ("code", "Code", "code"),
        ("driver", "Driver", "text"),
        ("year", "Year", "year"),
        ("old_rate", "Rate it replaces", "rate"),
        ("new_rate", "Local rate", "rate"),
        ("difference", "Difference", "rate"),
        ("status", "Status", "text"),
        ("reason", "Reason", "text"),
        ("evidence", "Evidence", "text"),
        ("owner", "Owner", "text"),
    )
    return Section(
        "rate_overrides",
        "Overrides of growth rates",
        "Where a target spans groups with different rates, the rate shown as replaced is the"
        " highest. A held rate is not used.",
        tuple(SectionColumn(*column) for column in columns),  # type: ignore[arg-type]
        tuple(rows),
    )
