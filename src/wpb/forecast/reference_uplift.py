"""The uplift of primary medical care: regard to the tariff's cost and efficiency factors and to the
GMS and PMS uplift.

Source: overview 3.3.2; req 112.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.tables.model import Model

TWO_REFERENCES = "two_references"
RATE_COLUMNS = ("tariff_cost_rate", "tariff_efficiency_rate", "gms_pms_rate")
LeafMaker = Callable[[str, Callable[[int], str]], Block]
"""Makes a leaf of rates on the growth groups: its id, and the assumption's key for a row of
growth_categories ('' for none).
"""


def net_tariff_uplift_added(tariff_cost_rate: Array, tariff_efficiency_rate: Array) -> Array:
    """The tariff's net uplift where efficiency is taken off it: cost uplift - efficiency.

    Source: overview 3.3.2; handbook 3.4; req 112, 187.
    """
    return tariff_cost_rate - tariff_efficiency_rate


def net_tariff_uplift_multiplied(tariff_cost_rate: Array, tariff_efficiency_rate: Array) -> Array:
    """The tariff's net uplift where efficiency is multiplied: (1 + cost uplift) x (1 - efficiency)
    - 1.

    Source: overview 3.3.2; handbook 3.4; req 112, 187.
    """
    return (1.0 + tariff_cost_rate) * (1.0 - tariff_efficiency_rate) - 1.0


def weighted_uplift(net_tariff_rate: Array, gms_pms_rate: Array, gms_pms_weight: Array) -> Array:
    """The uplift with regard to both references: weight x GMS and PMS uplift + (1 - weight) x net
    tariff uplift.

    Source: overview 3.3.2; req 112.
    """
    return gms_pms_weight * gms_pms_rate + (1.0 - gms_pms_weight) * net_tariff_rate


def two_reference_rows(model: Model) -> list[int]:
    """List the rows of growth_categories that take two references.

    Source: overview 3.3.2; req 112.
    """
    return model["growth_categories"].rows_where("growth_method", TWO_REFERENCES)


def two_reference_uplift(
    model: Model, ledger: Ledger, prefix: str, years: tuple[str, ...], leaf: LeafMaker
) -> Block:
    """Work out the uplift of each category that takes two references, by year; no uplift in years
    before growth starts.

    Source: overview 3.3.2; req 112.
    """
    table, categories = model["reference_uplifts"], model["growth_categories"]
    row_of = {code: row for row, code in enumerate(table.text("growth_category"))}
    chosen = two_reference_rows(model)
    codes = [str(categories.columns["growth_category"][row]) for row in chosen]

    def key_of(column: str) -> Callable[[int], str]:
        return lambda row: (
            str(table.columns[column][row_of[str(categories.columns["growth_category"][row])]])
            if row in chosen
            else ""
        )

    take = np.array(chosen, dtype=np.int64)
    cost, efficiency, gms = (
        Ref(leaf(f"{prefix}/{column}", key_of(column)), take) for column in RATE_COLUMNS
    )
    own = Axis("category with two references", tuple(codes))
    rule = (
        net_tariff_uplift_multiplied
        if model.settings.efficiency_method.option == "multiplicative"
        else net_tariff_uplift_added
    )
    net = ledger.add(
        f"{prefix}/net_tariff_uplift",
        rule,
        own,
        "rate",
        years,
        "Net tariff uplift",
        tariff_cost_rate=cost,
        tariff_efficiency_rate=efficiency,
    )
    weights = table.numbers("gms_pms_weight")
    weight = ledger.leaf(
        f"{prefix}/gms_pms_weight",
        own,
        "share",
        [weights[row_of[code]] for code in codes],
        lambda row, year: table.where(row_of[codes[row]], "gms_pms_weight"),
        title="Weight of the GMS and PMS uplift",
    )
    return ledger.add(
        f"{prefix}/two_references",
        weighted_uplift,
        own,
        "rate",
        years,
        "Uplift with regard to both references",
        net_tariff_rate=net,
        gms_pms_rate=gms,
        gms_pms_weight=weight,
    )
