"""The most each organisation could lose in a year across every scheme of a contract, beside its
limit.

Source: handbook 5.4, 6.4.5; req 248, 284.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wpb.kernel.money import pounds
from wpb.kernel.problems import ProblemLog
from wpb.live import LiveContract
from wpb.sharing.exposure import exposures, worst_case_pence
from wpb.sharing.parties import PartyArrangement
from wpb.tables.model import Model


def total_exposure(
    live: LiveContract,
    arrangements: Sequence[PartyArrangement],
    overspend_rate: float,
    log: ProblemLog,
) -> dict[str, Any]:
    """Add up, by year, what each party of an arrangement could lose in sharing and what every
    scheme puts at risk.

    Sharing: every line over its baseline by a rate. Schemes: what is top-sliced and what is paid
    beside the payment in the version that holds, both for the lead, and outcome payments for each
    provider. Limits: the table shadow_parties. Records an error above a limit and a warning where
    there is none.
    Source: handbook 5.4, 6.4.5; req 248, 284.
    """
    table, tree = live.model["shadow_parties"], live.tree()
    limits = {
        name: float(limit)
        for name, limit in zip(
            table.text("organisation"), table.numbers("exposure_limit"), strict=True
        )
        if not np.isnan(limit)
    }
    worst = {one.name: (one.years, worst_case_pence(one, overspend_rate)) for one in arrangements}
    found = []
    for at, year in enumerate(live.terms.years):
        by_scheme = {
            name: {party: amounts[years.index(year)] for party, amounts in lost.items()}
            for name, (years, lost) in worst.items()
            if year in years
        }
        withheld = float(tree.of("withheld", at))
        if withheld:
            by_scheme["withheld incentives"] = {live.terms.lead_provider: withheld}
        beside = float(
            live.ledger[f"wpb/{live.history.at(None).name}/schemes_beside"].value[0, :, at].sum()
        )
        if beside:
            by_scheme["schemes beside the payment"] = {live.terms.lead_provider: beside}
        outcomes = outcome_worth_pence(live.model, year)
        if outcomes:
            by_scheme["outcome payments"] = outcomes
        for one in exposures(year, by_scheme, limits, log):
            found.append(
                {
                    "year": year,
                    "party": one.party,
                    "by_scheme_pence": dict(one.by_scheme),
                    "total_pence": one.total_pence,
                    "limit_pence": one.limit_pence,
                    "within_limit": one.within_limit,
                }
            )
    return {
        "overspend_rate": overspend_rate,
        "exposures": found,
        "problems": [problem.as_dict() for problem in log],
    }


def outcome_worth_pence(model: Model, year: str) -> dict[str, float]:
    """Add up by provider what hangs on outcomes through its own contracts in a year: contract value
    x rate, in unrounded pence.

    Source: Mid-Nottinghamshire article; handbook 6.4.5; req 253, 284.
    """
    table = model["outcome_payments"]
    found: dict[str, float] = {}
    for row in table.rows_where("year", year):
        provider = str(table.columns["provider"][row])
        found[provider] = found.get(provider, 0.0) + float(
            table.numbers("contract_value")[row] * table.numbers("rate")[row]
        )
    return found


def exposure_lines(figures: dict[str, Any]) -> list[str]:
    """Spell total exposure, a line for each year and party.

    Source: handbook 6.4.5; req 284.
    """
    lines = [
        (
            "Most that could be lost in a year, were every shared line"
            f" {figures['overspend_rate']:.0%} over its baseline"
        ),
        f"{'Year':<9}{'Party':<10}{'In all':>16}{'Limit':>16}",
    ]
    for one in figures["exposures"]:
        limit = "none" if one["limit_pence"] is None else pounds(one["limit_pence"])
        above = one["limit_pence"] is not None and not one["within_limit"]
        lines.append(
            f"{one['year']:<9}{one['party']:<10}{pounds(one['total_pence']):>16}{limit:>16}"
            + ("  above it" if above else "")
        )
    return lines
