"""Step 3 looked at hard: samples and sign-off, own costs beside a benchmark, benchmarks that fit,
national factors, averages.

Source: handbook 2.4.4, Figs 8-11.
"""

from __future__ import annotations

import math

from wpb.baseline.block_facts import BlockFacts, activity_types, benchmark_means, block_contracts
from wpb.baseline.intervals import mean_and_deviation
from wpb.baseline.time_and_motion import sample_weights
from wpb.baseline.unit_weights import by_own_costs
from wpb.kernel.ledger import Ledger
from wpb.kernel.money import whole_pence
from wpb.tables.contract_evidence import WEIGHT_QUESTIONS
from wpb.tables.findings import Finding, judged, not_checked, warned
from wpb.tables.limits import limit
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn

QUESTION_WORDS = {
    "sample_representative": "the sample is representative",
    "factor_tracks_cost": "what was observed follows total cost",
}


def check_sign_off(model: Model, contract: BlockFacts) -> list[Finding]:
    """Ask that care professionals have signed off observed weights: a representative sample, and a
    factor that follows cost.

    Source: handbook 2.4.4; req 82.
    """
    if contract.options.get("step_3") != "relative_resource" or by_own_costs(model, contract.code):
        return []
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


def check_own_costs(model: Model, contract: BlockFacts) -> Finding | None:
    """Set the provider's own reference costs beside the benchmark: own costs only where they are
    confirmed as accurate.

    Source: handbook 2.4.4; req 83.
    """
    if contract.options.get("step_3") != "relative_resource" or not by_own_costs(
        model, contract.code
    ):
        return None
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


def check_benchmark(model: Model, contract: BlockFacts) -> list[Finding]:
    """Check that benchmark providers are alike, and that weighted and unweighted means tell one
    story.

    Source: handbook 2.4.4 Fig 9; req 86.
    """
    if not contract.options.get("step_3", "").startswith("benchmark"):
        return []
    kinds, means, table = (
        activity_types(model, contract.code),
        benchmark_means(model),
        model["benchmark_costs"],
    )
    used = sorted(
        {
            provider
            for kind, provider in zip(
                table.text("activity_type"), table.text("benchmark_provider"), strict=True
            )
            if kind in kinds
        }
    )
    suited, found = model["benchmark_providers"], []
    known = {str(suited.columns["benchmark_provider"][row]): row for row in range(len(suited))}
    unlike = [
        name
        for name in used
        if name in known
        and not all(
            suited.flags(column)[known[name]]
            for column in ("similar_cost_structure", "similar_casemix", "costs_reliable")
        )
    ]
    unjudged = [name for name in used if name not in known]
    if len(unjudged) == len(used):
        found.append(
            not_checked(
                "benchmark_fit",
                contract.code,
                f"Say in benchmark_providers whether {', '.join(used)} are like the provider of"
                f" {contract.code}.",
            )
        )
    else:
        words = (
            f"Of {len(used)} benchmark providers of {contract.code}, {len(unlike)} are unlike it or"
            f" not reliable{' (' + ', '.join(unlike) + ')' if unlike else ''} and {len(unjudged)}"
            " are not judged."
        )
        found.append(
            judged(
                "benchmark_fit",
                contract.code,
                not unlike and not unjudged,
                words,
                "Leave out providers that are unlike, or use the national average.",
                suited.where(known[unlike[0]] if unlike else 0, "benchmark_provider"),
            )
        )
    gaps = {
        kind: abs(means[kind][1] / means[kind][0] - 1)
        for kind in kinds
        if kind in means and means[kind][0]
    }
    worst = max(gaps, key=lambda kind: (gaps[kind], kind), default="")
    if worst:
        words = (
            f"For {contract.code} the weighted and the plain mean of the benchmark differ by up to"
            f" {gaps[worst]:.1%} ({worst})."
        )
        found.append(
            judged(
                "benchmark_means",
                contract.code,
                gaps[worst] <= limit(model, "benchmark_difference"),
                words,
                "See whether one large provider sets the mean, and choose with reasons.",
                contract.place,
            )
        )
    return found


def check_national_factor(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Warn where local costs stand far from national ones, and where many national submissions are
    poor.

    factor = pounds of the service line / (units x national unit cost).
    Source: handbook Fig 10; req 87, 89.
    """
    if contract.options.get("step_3") != "national_reference_costs":
        return []
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


def check_average(model: Model, contract: BlockFacts) -> Finding | None:
    """Warn that one average holds only for activity of like cost, and that it holds less still for
    an undivided contract.

    Where unit costs are known, tests their coefficient of variation over the contract's types.
    Source: handbook 2.4.4 Fig 11 and end; req 91, 92.
    """
    if contract.options.get("step_3") != "simple_average":
        return None
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
        if contract.options.get("step_1") == "undivided"
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


def check_weights(model: Model, ledger: Ledger) -> list[Finding]:
    """Make every check of Step 3.

    Source: handbook 2.4.4; req 81, 82, 83, 86, 89, 92.
    """
    found: list[Finding] = []
    for contract in block_contracts(model):
        found += (
            check_sign_off(model, contract)
            + check_sample(model, contract)
            + check_benchmark(model, contract)
            + check_national_factor(model, ledger, contract)
        )
        found += [
            finding
            for finding in (check_own_costs(model, contract), check_average(model, contract))
            if finding is not None
        ]
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
