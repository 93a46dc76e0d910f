"""Step 3: no difference between activity types.

Source: handbook 2.4.4 Fig 11; req 91, 92.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from wpb.kernel.intervals import mean_and_deviation
from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.tables.findings import Finding, judged, warned
from wpb.tables.limits import limit
from wpb.tables.methods.facts import BlockFacts, activity_types, benchmark_means
from wpb.tables.methods.option import WeightOption, Work
from wpb.tables.methods.undivided import OPTION as UNDIVIDED
from wpb.tables.model import Model


def weigh(work: Work, axis: Axis, kinds: Sequence[str]) -> Block:
    """Give every unit the same weight.

    Source: handbook Fig 11; req 91.
    """
    place = work.place("step_3")
    return work.ledger.leaf(
        f"contract/{work.contract}/weight",
        axis,
        "weight",
        np.ones(len(axis)),
        lambda row, year: place,
        title="No difference between activity types",
    )


def check(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Check that one average is fair: one finding.

    Source: handbook Fig 11; req 91, 92.
    """
    return [check_average(model, contract)]


def check_average(model: Model, contract: BlockFacts) -> Finding:
    """Warn that one average holds only for activity of like cost, and that it holds less still for
    an undivided contract.

    Where unit costs are known, tests their coefficient of variation over the contract's types.
    Source: handbook 2.4.4 Fig 11 and end; req 91, 92.
    """
    kinds = activity_types(model, contract.code)
    if len(kinds) < 2:
        return judged(
            "average",
            contract.code,
            True,
            f"{contract.code} has one type of activity, so one average is exact.",
            "",
        )
    national = model["national_unit_costs"]
    known = {kind: mean for kind, (_, mean, _) in benchmark_means(model).items()} | dict(
        zip(national.text("activity_type"), national.numbers("unit_cost").tolist(), strict=True)
    )
    costs = [known[kind] for kind in kinds if kind in known]
    twice = (
        " The contract is undivided as well, so the figure is less sure still."
        if contract.options.get("step_1") == UNDIVIDED.name
        else ""
    )
    if len(costs) < 2:
        return warned(
            "average",
            contract.code,
            f"{contract.code} gives every unit the same pounds, which is right only where its"
            f" {len(kinds)} types cost alike; nothing here says that they do.{twice}",
            "Find unit costs, published or of the provider, to use as weights.",
            contract.place,
        )
    mean, deviation = mean_and_deviation(costs)
    spread = deviation / mean if mean else math.inf
    words = (
        f"{contract.code} gives every unit the same pounds; known unit costs of its types spread by"
        f" {spread:.0%} around their mean.{twice}"
    )
    return judged(
        "average",
        contract.code,
        spread <= limit(model, "cost_spread") and not twice,
        words,
        "Use the known unit costs as weights.",
        contract.place,
    )


OPTION = WeightOption(
    name="simple_average",
    order=90,
    grade=3,
    sheets=("contract_activity",),
    help="every unit alike",
    weigh=weigh,
    check=check,
)
