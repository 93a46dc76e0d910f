"""Step 3: relative use of resources, by a time and motion study or the provider's own costs.

Source: handbook 2.4.4 Fig 8; req 80-83.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.ledger import Axis, Block, Ledger
from wpb.tables.contract_evidence import WEIGHT_QUESTIONS
from wpb.tables.findings import Finding, judged, warned
from wpb.tables.methods.facts import BlockFacts, Tables, benchmark_means
from wpb.tables.methods.option import WeightOption, Work
from wpb.tables.methods.time_and_motion import observed_weights
from wpb.tables.methods.weights import own_rows, weights_from
from wpb.tables.model import Model

SOURCES = ("time_and_motion", "own_reference_costs")
"""Sources of weights in cost_weights that the option takes."""
QUESTION_WORDS = {
    "sample_representative": "the sample is representative",
    "factor_tracks_cost": "what was observed follows total cost",
}


def by_own_costs(tables: Tables, contract: str) -> bool:
    """Whether a contract's weights are the provider's own reference costs, and not observed.

    Source: handbook 2.4.4 (a second option); req 83.
    """
    return bool(own_rows(tables, contract, ("own_reference_costs",)))


def _regrade(tables: Tables, contract: str) -> tuple[int, str] | None:
    own = by_own_costs(tables, contract)
    return (2, "step 3: the provider's own reference costs") if own else None


def known_types(tables: Tables, contract: str) -> set[str]:
    """Activity types with a weight of their own, or failing any with observations of time.

    Source: handbook 2.4.4; req 80, 81, 83.
    """
    found = set(own_rows(tables, contract, SOURCES))
    if found:
        return found
    seen = tables["time_observations"]
    return {
        str(seen.columns["activity_type"][row]) for row in seen.rows_where("contract", contract)
    }


def weigh(work: Work, axis: Axis, kinds: Sequence[str]) -> Block:
    """Weigh a unit by its relative use of resources: weights as given, else mean time observed.

    Source: handbook 2.4.4 Fig 8; req 80, 81, 83.
    """
    rows = own_rows(work.tables, work.contract, SOURCES)
    if not rows:
        return observed_weights(work, axis, kinds)
    return weights_from(work, axis, kinds, work.tables["cost_weights"], "weight", rows)


def check_sign_off(model: Model, contract: BlockFacts) -> list[Finding]:
    """Ask that care professionals have signed off observed weights: a representative sample, and a
    factor that follows cost.

    Source: handbook 2.4.4; req 82.
    """
    table, found = model["sign_offs"], []
    rows = {
        str(table.columns["question"][row]): row
        for row in table.rows_where("contract", contract.code)
    }
    for question in WEIGHT_QUESTIONS:
        row, asked = rows.get(question), QUESTION_WORDS[question]
        if row is None:
            found.append(
                warned(
                    "weights_unsigned",
                    contract.code,
                    f"No care professional has signed that {asked}, for the weights of"
                    f" {contract.code}.",
                    "Ask them, and enter the answer in sign_offs.",
                    contract.place,
                )
            )
        else:
            yes = table.flags("answer")[row] is True
            words = (
                f"{table.columns['signed_by'][row]} says on {table.columns['signed_on'][row]} that"
                f" {asked}, for {contract.code}."
                if yes
                else (
                    f"{table.columns['signed_by'][row]} doubts that {asked}, for {contract.code}:"
                    f" {table.columns['comment'][row]}."
                )
            )
            found.append(
                judged(
                    "weights_doubted",
                    contract.code,
                    yes,
                    words,
                    "Observe a better sample, or choose weights that follow cost.",
                    table.where(row, "answer"),
                )
            )
    return found


def check_own_costs(model: Model, contract: BlockFacts) -> Finding:
    """Set the provider's own reference costs beside the benchmark: own costs only where they are
    confirmed as accurate.

    Source: handbook 2.4.4; req 83.
    """
    table, assured = model["cost_weights"], model["costing_assurance"]
    rows = assured.rows_where("contract", contract.code)
    confirmed = bool(rows) and assured.flags("confirmed")[rows[0]] is True
    means = benchmark_means(model)
    own = {
        str(table.columns["activity_type"][row]): float(table.numbers("weight")[row])
        for row in table.rows_where("contract", contract.code)
        if table.columns["weight_source"][row] == "own_reference_costs"
    }
    ratios = [own[kind] * 100 / means[kind][1] for kind in own if kind in means and means[kind][1]]
    beside = (
        f" They stand at {min(ratios):.2f} to {max(ratios):.2f} times the benchmark."
        if ratios
        else " There is no benchmark to set them beside."
    )
    standing = "confirmed as accurate" if confirmed else "which nobody has confirmed as accurate"
    words = f"{contract.code} is weighed by the provider's own reference costs, {standing}.{beside}"
    return judged(
        "own_costs",
        contract.code,
        confirmed,
        words,
        "Have them confirmed in costing_assurance, or use a benchmark average.",
        contract.place,
    )


def check(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Check observed weights for sign-off, or the provider's own costs for assurance.

    Source: handbook 2.4.4; req 82, 83.
    """
    if by_own_costs(model, contract.code):
        return [check_own_costs(model, contract)]
    return check_sign_off(model, contract)


OPTION = WeightOption(
    name="relative_resource",
    order=10,
    grade=1,
    sheets=("contract_activity", "cost_weights", "time_observations"),
    help="relative use of resources, observed or by the provider's own reference costs",
    weigh=weigh,
    known=known_types,
    table="cost_weights",
    needs="a time and motion study",
    check=check,
    regrade=_regrade,
)
