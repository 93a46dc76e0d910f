"""Step 3 looked at hard: samples and sign-off, own costs beside a benchmark, benchmarks that fit,
national factors, averages.

Source: handbook 2.4.4, Figs 8-11.
"""

from __future__ import annotations

import math

from wpb.kernel.ledger import Ledger
from wpb.kernel.money import whole_pence
from wpb.tables.findings import Finding, judged
from wpb.tables.limits import limit
from wpb.tables.methods.facts import BlockFacts, benchmark_means, block_contracts
from wpb.tables.methods.registry import STEP_3_OPTIONS
from wpb.tables.methods.time_and_motion import sample_weights
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn


def check_sample(model: Model, contract: BlockFacts) -> list[Finding]:
    """Warn of activity types observed too seldom.

    Source: handbook 2.4.4; req 81, 82.
    """
    least, table, found = limit(model, "sample_least"), model["time_observations"], []
    for weight in sample_weights(model, contract.code):
        row = next(
            r
            for r in table.rows_where("contract", contract.code)
            if table.columns["activity_type"][r] == weight.activity_type
        )
        give = (
            ""
            if math.isnan(weight.weight_error)
            else f", a weight of {weight.weight:.2f} give or take {weight.weight_error:.2f}"
        )
        words = (
            f"{weight.activity_type} of {contract.code} was observed {weight.observations}"
            f" times{give}."
        )
        found.append(
            judged(
                "sample_small",
                contract.code,
                weight.observations >= least,
                words,
                "Observe more.",
                table.where(row, "minutes"),
            )
        )
    return found


def check_weights(model: Model, ledger: Ledger) -> list[Finding]:
    """Make every check of Step 3.

    Source: handbook 2.4.4; req 81, 82, 83, 86, 89, 92.
    """
    found: list[Finding] = []
    for contract in block_contracts(model):
        option = STEP_3_OPTIONS.get(contract.options.get("step_3", ""))
        found += option.check(model, ledger, contract) if option else []
        found += check_sample(model, contract)
    return found


def benchmark_section(model: Model) -> Section:
    """List both means of each benchmarked activity type with their difference, beside the
    provider's own cost where known.

    Source: handbook Fig 9; req 83, 84, 85, 86.
    """
    columns = (
        SectionColumn("activity_type", "Activity type", "code"),
        SectionColumn("providers", "Providers", "count"),
        SectionColumn("unweighted_pence", "Plain mean", "pounds"),
        SectionColumn("weighted_pence", "Mean weighted by volume", "pounds"),
        SectionColumn("difference", "Weighted above plain", "rate"),
        SectionColumn("own_pence", "Provider's own cost", "pounds"),
    )
    table = model["cost_weights"]
    own = {
        str(table.columns["activity_type"][row]): float(table.numbers("weight")[row]) * 100
        for row in table.rows_where("weight_source", "own_reference_costs")
    }
    rows = tuple(
        (
            kind,
            count,
            whole_pence(plain),
            whole_pence(weighted),
            weighted / plain - 1 if plain else None,
            whole_pence(own[kind]) if kind in own else None,
        )
        for kind, (plain, weighted, count) in sorted(benchmark_means(model).items())
    )
    return Section(
        "benchmark_means",
        "Benchmark unit costs",
        "The weighted mean leans towards large providers; the plain mean counts each once.",
        columns,
        rows,
    )
