"""Whether contracts paid by activity, and aligned contracts, have what their payment needs."""

from __future__ import annotations

import math

from wpb.intake.cross_checks.context import Context, listed
from wpb.tables.methods.facts import BY_BLOCK_METHODS


def check_fixed_values(context: Context) -> None:
    """An aligned contract has a fixed value between nought and its whole value; no other contract
    has one.

    Source: NHS Payment Scheme, aligned payment and incentive; handbook 2.3; req 38.
    """
    contracts = context["contracts"]
    fixed, value = contracts.numbers("fixed_value"), contracts.numbers("value")
    for row, basis in enumerate(contracts.text("payment_basis")):
        if basis == "aligned" and math.isnan(fixed[row]):
            if not contracts.entered.get("fixed_value", [""] * len(contracts))[row].strip():
                context.error(
                    "contracts",
                    row,
                    "fixed_value",
                    "An aligned contract has a fixed part, but none is given.",
                    "Enter the fixed part of the value.",
                    "fixed_value_missing",
                )
        elif basis == "aligned" and not 0 <= fixed[row] <= (
            value[row] if math.isfinite(value[row]) else math.inf
        ):
            context.error(
                "contracts",
                row,
                "fixed_value",
                "The fixed part is not between nought and the whole value of the contract.",
                "Correct the fixed part or the value; the value is fixed plus variable.",
                "fixed_value_range",
            )
        elif basis != "aligned" and not math.isnan(fixed[row]):
            context.error(
                "contracts",
                row,
                "fixed_value",
                f"A contract paid on the basis {basis} has no fixed part.",
                "Clear the cell, or set payment_basis to aligned.",
                "fixed_value_unused",
            )


def check_priced_activity(context: Context) -> None:
    """Activity and aligned contracts have priced activity; block contracts have none; only aligned
    ones have a fixed part.

    Source: handbook 2.3; req 38.
    """
    if not context.readable("priced_activity", "contracts"):
        return
    table = context["priced_activity"]
    bases = dict(
        zip(
            context["contracts"].text("contract"),
            context["contracts"].text("payment_basis"),
            strict=True,
        )
    )
    for row, code in context.contracts("activity", "aligned"):
        parts = {
            context.value("priced_activity", r, "payment_part")
            for r in context.rows_of("priced_activity", code)
        }
        if not parts:
            context.error(
                "contracts",
                row,
                "payment_basis",
                f"The contract '{code}' is paid by activity, but 'priced_activity' has no rows"
                " for it.",
                "Add its activity there, or correct the payment basis.",
                "priced_activity_missing",
            )
        elif (
            bases[code] == "aligned"
            and context["contracts"].numbers("fixed_value")[row] > 0
            and "fixed" not in parts
        ):
            context.log.warning(
                context["contracts"].where(row, "fixed_value"),
                f"Nothing in 'priced_activity' weighs the fixed part of the contract '{code}', so"
                " its fixed part can be mapped to no service.",
                "Add the activity it covers, with payment_part fixed.",
                "fixed_activity_missing",
            )
    for row, code in enumerate(table.text("contract")):
        if bases.get(code) in BY_BLOCK_METHODS:
            context.error(
                "priced_activity",
                row,
                "contract",
                f"The contract '{code}' is a block contract, so its activity is not paid at"
                " prices.",
                "Move the row to 'contract_activity', or correct the payment basis.",
                "priced_activity_block",
            )
        elif (
            bases.get(code) == "activity"
            and context.value("priced_activity", row, "payment_part") == "fixed"
        ):
            context.error(
                "priced_activity",
                row,
                "payment_part",
                f"The contract '{code}' is paid by activity alone and has no fixed part.",
                "Enter variable, or set its payment_basis to aligned.",
                "payment_part_fixed",
            )


def check_prices(context: Context) -> None:
    """Every row of priced activity has a price, in the price-base year of its contract.

    Source: handbook 2.3; req 39.
    """
    if not context.readable("prices", "priced_activity", "contracts"):
        return
    prices = context.rows_by("prices", "activity_currency", "point_of_delivery", "price_year")
    bases = dict(
        zip(
            context["contracts"].text("contract"),
            context["contracts"].text("price_base_year"),
            strict=True,
        )
    )
    currencies = {key[0] for key in prices}
    for row, contract in enumerate(context["priced_activity"].text("contract")):
        currency, point = (
            context.value("priced_activity", row, column)
            for column in ("activity_currency", "point_of_delivery")
        )
        year = bases.get(contract, "")
        if not (currency and point and year) or (currency, point, year) in prices:
            continue
        if currency not in currencies:
            context.error(
                "priced_activity",
                row,
                "activity_currency",
                f"The currency '{currency}' is not in 'prices'.",
                f"{context.hint_at(currency, 'prices', 'activity_currency')}Correct it, or add its"
                " price.",
                "price_missing",
            )
            continue
        of_currency = [r for key, rows in prices.items() if key[0] == currency for r in rows]
        if point not in {context.value("prices", r, "point_of_delivery") for r in of_currency}:
            context.error(
                "priced_activity",
                row,
                "point_of_delivery",
                f"The currency '{currency}' has no price for the point of delivery '{point}'.",
                f"{context.hint_at(point, 'prices', 'point_of_delivery', of_currency)}Correct it,"
                " or add its price.",
                "price_missing",
            )
        else:
            years = [key[2] for key in prices if key[:2] == (currency, point)]
            context.error(
                "priced_activity",
                row,
                "activity_currency",
                f"There is no price of {year} for '{currency}', {point}; the contract stands at"
                " prices of that year.",
                f"Add it to 'prices', which has {listed(years)}, or correct price_base_year in"
                " 'contracts'.",
                "price_missing",
            )
