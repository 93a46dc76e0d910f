"""Whether contracts paid by activity, and aligned contracts, have what their payment needs."""

from __future__ import annotations

from wpb.tables.checks.context import Context, across, listed
from wpb.tables.contracts import Contracts, PricedActivity, Prices
from wpb.tables.methods.facts import BY_BLOCK_METHODS


@across
def check_priced_activity(context: Context) -> None:
    """Activity and aligned contracts have priced activity; block contracts have none; only aligned
    ones have a fixed part.

    Source: handbook 2.3; req 38.
    """
    if not context.readable("priced_activity", "contracts"):
        return
    table = PricedActivity.of(context)
    bases = dict(
        zip(
            Contracts.of(context).contract,
            Contracts.of(context).payment_basis,
            strict=True,
        )
    )
    for row, code in context.contracts("activity", "aligned"):
        parts = {
            PricedActivity.of(context).payment_part[r]
            for r in context.rows_of(PricedActivity, code)
        }
        if not parts:
            context.error(
                Contracts,
                row,
                Contracts.payment_basis,
                f"The contract '{code}' is paid by activity, but 'priced_activity' has no rows"
                " for it.",
                "Add its activity there, or correct the payment basis.",
                "priced_activity_missing",
            )
        elif (
            bases[code] == "aligned"
            and Contracts.of(context).fixed_value[row] > 0
            and "fixed" not in parts
        ):
            context.log.warning(
                Contracts.of(context).cell(row, Contracts.fixed_value),
                f"Nothing in 'priced_activity' weighs the fixed part of the contract '{code}', so"
                " its fixed part can be mapped to no service.",
                "Add the activity it covers, with payment_part fixed.",
                "fixed_activity_missing",
            )
    for row, code in enumerate(table.contract):
        if bases.get(code) in BY_BLOCK_METHODS:
            context.error(
                PricedActivity,
                row,
                PricedActivity.contract,
                f"The contract '{code}' is a block contract, so its activity is not paid at"
                " prices.",
                "Move the row to 'contract_activity', or correct the payment basis.",
                "priced_activity_block",
            )
        elif (
            bases.get(code) == "activity"
            and PricedActivity.of(context).payment_part[row] == "fixed"
        ):
            context.error(
                PricedActivity,
                row,
                PricedActivity.payment_part,
                f"The contract '{code}' is paid by activity alone and has no fixed part.",
                "Enter variable, or set its payment_basis to aligned.",
                "payment_part_fixed",
            )


@across
def check_prices(context: Context) -> None:
    """Every row of priced activity has a price, in the price-base year of its contract.

    Source: handbook 2.3; req 39.
    """
    if not context.readable("prices", "priced_activity", "contracts"):
        return
    prices = Prices.of(context).grouped(
        Prices.activity_currency, Prices.point_of_delivery, Prices.price_year
    )
    bases = dict(
        zip(
            Contracts.of(context).contract,
            Contracts.of(context).price_base_year,
            strict=True,
        )
    )
    currencies = {key[0] for key in prices}
    for row, contract in enumerate(PricedActivity.of(context).contract):
        currency, point = (
            context.value("priced_activity", row, column)
            for column in ("activity_currency", "point_of_delivery")
        )
        year = bases.get(contract, "")
        if not (currency and point and year) or (currency, point, year) in prices:
            continue
        if currency not in currencies:
            context.error(
                PricedActivity,
                row,
                PricedActivity.activity_currency,
                f"The currency '{currency}' is not in 'prices'.",
                f"{context.hint_at(currency, 'prices', 'activity_currency')}Correct it, or add its"
                " price.",
                "price_missing",
            )
            continue
        of_currency = [r for key, rows in prices.items() if key[0] == currency for r in rows]
        if point not in {Prices.of(context).point_of_delivery[r] for r in of_currency}:
            context.error(
                PricedActivity,
                row,
                PricedActivity.point_of_delivery,
                f"The currency '{currency}' has no price for the point of delivery '{point}'.",
                f"{context.hint_at(point, 'prices', 'point_of_delivery', of_currency)}Correct it,"
                " or add its price.",
                "price_missing",
            )
        else:
            years = [key[2] for key in prices if key[:2] == (currency, point)]
            context.error(
                PricedActivity,
                row,
                PricedActivity.activity_currency,
                f"There is no price of {year} for '{currency}', {point}; the contract stands at"
                " prices of that year.",
                f"Add it to 'prices', which has {listed(years)}, or correct price_base_year in"
                " 'contracts'.",
                "price_missing",
            )
