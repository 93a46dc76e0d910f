"""Step 3: other unit costs, such as published costs of staff time.

Source: handbook 2.4.4; req 90.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.ledger import Axis, Block
from wpb.tables.methods.facts import Tables
from wpb.tables.methods.option import WeightOption, Work
from wpb.tables.methods.weights import own_rows, weights_from

SOURCES = ("other_unit_costs",)
"""Sources of weights in cost_weights that the option takes."""


def known_types(tables: Tables, contract: str) -> set[str]:
    """Activity types of a contract that have such a unit cost.

    Source: handbook 2.4.4; req 90.
    """
    return set(own_rows(tables, contract, SOURCES))


def weigh(work: Work, axis: Axis, kinds: Sequence[str]) -> Block:
    """Weigh a unit by the unit cost that cost_weights holds for its activity type.

    Source: handbook 2.4.4; req 90.
    """
    rows = own_rows(work.tables, work.contract, SOURCES)
    return weights_from(work, axis, kinds, work.tables["cost_weights"], "weight", rows)


OPTION = WeightOption(
    name="other_unit_costs",
    order=50,
    grade=2,
    sheets=("contract_activity", "cost_weights"),
    help="other unit costs, such as published costs of staff time",
    weigh=weigh,
    known=known_types,
    table="cost_weights",
    needs="other unit costs",
)
