"""What the benchmark options of Step 3 share: unit costs of other providers, and whether they fit.

Source: handbook 2.4.4 Fig 9; req 84-86.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from wpb.kernel.arithmetic import share_of, times
from wpb.kernel.ledger import Array, Axis, Block, Ledger, Ref
from wpb.tables.findings import Finding, judged, not_checked
from wpb.tables.leaves import table_leaf
from wpb.tables.limits import limit
from wpb.tables.methods.facts import BlockFacts, Tables, activity_types, benchmark_means
from wpb.tables.methods.option import Work
from wpb.tables.methods.weights import rows_by_type, want_all
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable


def weighted_mean(cost: Array, units: Array) -> Array:
    """An activity-weighted mean: total cost / total units.

    Source: handbook Fig 9; req 85.
    """
    return share_of(cost, units)


def _as_weight(mean: Array) -> Array:
    """A mean unit cost used as a weight: only its relation to the others counts.

    Source: handbook 2.4.4; req 84.
    """
    return mean


def known_types(tables: Tables, contract: str) -> set[str]:
    """Activity types that some benchmark provider has a unit cost for.

    Source: handbook Fig 9; req 84.
    """
    return set(tables["benchmark_costs"].text("activity_type")) - {""}


def _rows_used(
    table: TypedTable, wanted: set[str], keep: Callable[[Sequence[float]], Sequence[int]] | None
) -> list[int]:
    """Rows of the activity types wanted, of each type those that count, in the table's order."""
    by_type: dict[str, list[int]] = {}
    for row, kind in enumerate(table.text("activity_type")):
        if kind in wanted:
            by_type.setdefault(kind, []).append(row)
    if keep is None:
        return sorted(row for rows in by_type.values() for row in rows)
    costs = table.numbers("unit_cost")
    return sorted(
        rows[place] for rows in by_type.values() for place in keep([float(costs[r]) for r in rows])
    )


def _spent(
    work: Work, table: TypedTable, rows: list[int], cost: Block, *, by_volume: bool
) -> tuple[Block, Block]:
    """Unit cost x count, and the count: a provider's volume, or one."""
    ledger, code, pair_axis = work.ledger, work.contract, cost.axis
    if by_volume:
        volume = table_leaf(
            ledger,
            f"contract/{code}/benchmark_units",
            pair_axis,
            "units",
            table,
            "units",
            rows,
            "Volume of a benchmark provider",
        )
        spent = ledger.add(
            f"contract/{code}/benchmark_cost",
            times,
            pair_axis,
            "pence of cost",
            quantity=volume,
            factor=cost,
        )
    else:
        volume = ledger.leaf(
            f"contract/{code}/benchmark_count",
            pair_axis,
            "providers",
            np.ones(len(rows)),
            lambda row, year: table.where(rows[row], "benchmark_provider"),
            title="Each provider counts once",
        )
        spent = cost
    return spent, volume


def benchmark(
    work: Work,
    axis: Axis,
    wanted: Sequence[str],
    *,
    by_volume: bool = False,
    keep: Callable[[Sequence[float]], Sequence[int]] | None = None,
    title: str = "Mean unit cost of the benchmark",
) -> Block:
    """Mean unit cost over benchmark providers, each counting once or by its volume: sum of (unit
    cost x count) / sum of counts.

    keep: the places of the unit costs that count, of one activity type's; all where not given.
    Source: handbook Fig 9; req 84, 85.
    """
    ledger, table, code = work.ledger, work.tables["benchmark_costs"], work.contract
    kinds = table.text("activity_type")
    want_all(work, wanted, rows_by_type(table), table)
    rows = _rows_used(table, set(wanted), keep)
    pair_axis = Axis(
        "activity type and benchmark provider", tuple(table.key_of(row) for row in rows)
    )
    type_axis = Axis("activity type", tuple(dict.fromkeys(kinds[row] for row in rows)))
    into = [type_axis.positions[kinds[row]] for row in rows]
    cost = table_leaf(
        ledger,
        f"contract/{code}/benchmark_unit_cost",
        pair_axis,
        "pence of cost",
        table,
        "unit_cost",
        rows,
        "Unit cost of a benchmark provider",
    )
    spent, volume = _spent(work, table, rows, cost, by_volume=by_volume)
    total = ledger.total(f"contract/{code}/benchmark_total", type_axis, (spent, into))
    count = ledger.total(f"contract/{code}/benchmark_volume", type_axis, (volume, into))
    mean = ledger.add(
        f"contract/{code}/benchmark_mean",
        weighted_mean,
        type_axis,
        "pence of cost",
        cost=total,
        units=count,
        title=title,
    )
    take = np.array([type_axis.positions[kind] for kind in wanted], dtype=np.int64)
    return ledger.add(
        f"contract/{code}/weight",
        _as_weight,
        axis,
        "weight",
        mean=Ref(mean, take),
        title="Benchmark unit cost as a weight",
    )


def check_benchmark(model: Model, ledger: Ledger, contract: BlockFacts) -> list[Finding]:
    """Check that benchmark providers are alike, and that weighted and unweighted means tell one
    story.

    Source: handbook 2.4.4 Fig 9; req 86.
    """
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
