"""Step 3: national average unit costs, scaled to what is paid.

Source: handbook 2.4.4 Fig 10; req 87-89.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.arithmetic import share_of
from wpb.kernel.ledger import Array, Axis, Block, Ledger
from wpb.tables.findings import Finding, judged
from wpb.tables.limits import limit
from wpb.tables.methods.facts import BlockFacts, Tables, activity_types
from wpb.tables.methods.option import WeightOption, Work
from wpb.tables.methods.weights import rows_by_type, weights_from
from wpb.tables.model import Model


def local_cost_factor(part: Array, whole: Array) -> Array:
    """What scales national average costs to what is paid: contract value / sum of (activity x
    national unit cost).

    Source: handbook Fig 10; req 87, 88.
    """
    return share_of(part, whole)


def known_types(tables: Tables, contract: str) -> set[str]:
    """Activity types that have a national unit cost.

    Source: handbook Fig 10; req 87.
    """
    return set(tables["national_unit_costs"].text("activity_type")) - {""}


def weigh(work: Work, axis: Axis, kinds: Sequence[str]) -> Block:
    """Weigh a unit by the national unit cost of its activity type.

    Source: handbook Fig 10; req 87.
    """
    table = work.tables["national_unit_costs"]
    return weights_from(work, axis, kinds, table, "unit_cost", rows_by_type(table))


def check_national_factor(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Warn where local costs stand far from national ones, and where many national submissions are
    poor.

    factor = pounds of the service line / (units x national unit cost).
    Source: handbook Fig 10; req 87, 89.
    """
    block = ledger[f"contract/{contract.code}/pence_per_weighted_unit"]
    factors = {
        code: block.at(row, 0) for row, code in enumerate(block.axis.codes) if block.at(row, 0)
    }
    far = {
        code: factor
        for code, factor in factors.items()
        if abs(factor - 1) > limit(model, "national_factor")
    }
    worst = max(factors, key=lambda code: (abs(factors[code] - 1), code))
    words = (
        f"The local cost factor of {contract.code} is {min(factors.values()):.2f} to"
        f" {max(factors.values()):.2f}; {len(far)} of {len(factors)} lines stand far from 1,"
        f" {worst} furthest."
    )
    found = [
        judged(
            "national_factor",
            contract.code,
            not far,
            words,
            "Ask whether the provider's costs are built as national ones are; else use a benchmark"
            " of like providers.",
            contract.place,
        )
    ]
    quality = model["national_cost_quality"]
    poor = {
        str(quality.columns["activity_type"][row]): row
        for row in range(len(quality))
        if float(quality.numbers("poor_submissions")[row]) > limit(model, "poor_submissions")
    }
    hit = [kind for kind in activity_types(model, contract.code) if kind in poor]
    if len(quality):
        words = (
            f"Many national submissions behind {', '.join(hit)} are poor."
            if hit
            else f"No national unit cost of {contract.code} rests on many poor submissions."
        )
        found.append(
            judged(
                "national_poor",
                contract.code,
                not hit,
                words,
                "Use a benchmark, or other unit costs, for these.",
                quality.where(poor[hit[0]] if hit else 0, "poor_submissions"),
            )
        )
    return found


OPTION = WeightOption(
    name="national_reference_costs",
    order=40,
    grade=2,
    sheets=("contract_activity", "national_unit_costs"),
    help="national average unit costs",
    weigh=weigh,
    known=known_types,
    table="national_unit_costs",
    needs="national unit costs",
    rate=local_cost_factor,
    check=check_national_factor,
)
