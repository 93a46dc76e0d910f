"""Which uplifts of price a line's spend still needs, by the year of the prices it stands at.

Published prices of a year hold its cost uplift and its efficiency factor, so spend at those prices
takes neither again for that year; growth of activity goes by the year the spend is for.
Source: handbook 2.1, 3.4; req 387.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.forecast.growth_rates import GrowthRates
from wpb.kernel.ledger import Array
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import BudgetLines, Line

PRICE_STEPS = ("cost_pressure", "litigation", "efficiency", "efficiency_planned")
"""Drivers that published prices of a year hold already."""
PARTS = "unit_cost_and_activity"
"""The growth method that gives price and activity apart."""


def rate_due(rate: Array, is_due: Array) -> Array:
    """The rate in years whose prices the spend does not stand at yet, zero in those it does.

    Source: handbook 2.1, 2.7; req 140, 387.
    """
    return rate * is_due


def priced_to(model: Model, line: Line) -> str:
    """The year of a line's prices where it is later than the spend year, else ''.

    Source: handbook 2.1; req 387.
    """
    return line.price_base_year if line.price_base_year > model.settings.spend_year else ""


def price_base_place(model: Model, codes: Sequence[str]) -> Cell:
    """The cell that gives the price base of the first of some contracts.

    Source: handbook 2.1; req 387.
    """
    contracts = model["contracts"]
    return contracts.where(contracts.rows_where("contract", codes[0])[0], "price_base_year")


def check_price_bases(
    model: Model, lines: BudgetLines, rates: GrowthRates, problems: ProblemLog
) -> None:
    """Refuse prices older than the spend, prices after contract year 1, and later prices under a
    growth rate that holds price and activity in one.

    Source: handbook 2.1, 2.7, 3.3.2; req 140, 387.
    """
    settings, told = model.settings, set[str]()
    methods = model["growth_categories"].text("growth_method")
    for line, group in zip(lines.lines, rates.group_of_line.tolist(), strict=True):
        base, code = line.price_base_year, line.contract
        if not base or base == line.effective_year or code in told:
            continue
        row = rates.category_rows[group] if rates.category_rows else -1
        whole = row >= 0 and methods[row] not in (PARTS, "none")
        on_allocation = line.automatic_uplift and row < 0
        if base < line.effective_year:
            what = f"stands at prices of {base}, older than the year it is for"
            fix = f"Restate it at prices of {line.effective_year}, and correct price_base_year."
        elif base > settings.first_contract_year:
            what = f"stands at prices of {base}, after contract year 1"
            fix = f"Restate it at prices of {settings.first_contract_year} or before."
        elif (whole or on_allocation) and priced_to(model, line):
            what = (
                f"stands at prices of {base} already, and grows by a rate that holds price and"
                " activity in one, so the price would be raised twice"
            )
            fix = (
                f"Restate it at prices of {line.effective_year}, or use the growth method {PARTS}"
                f" for {line.service_line}."
            )
        else:
            continue
        told.add(code)
        problems.error(
            price_base_place(model, [code]),
            f"Contract {code}, for {line.effective_year}, {what}.",
            fix,
            "price_base",
        )
