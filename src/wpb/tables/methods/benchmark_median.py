"""Step 3: the median of benchmark unit costs, which one unlike provider hardly moves.

Source: handbook 2.4.4 Fig 9 (a benchmark average; the median is this tool's own); req 84.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from wpb.tables.methods.benchmarks import benchmark, check_benchmark, known_types
from wpb.tables.methods.option import WeightOption


def middle(costs: Sequence[float]) -> Sequence[int]:
    """Find the middle of some unit costs: the one, or of an even number the two, whose mean is the
    median.

    Source: handbook 2.4.4 Fig 9; req 84.
    """
    ranked = sorted(range(len(costs)), key=lambda place: (costs[place], place))
    return ranked[(len(ranked) - 1) // 2 : len(ranked) // 2 + 1]


OPTION = WeightOption(
    name="benchmark_median",
    order=35,
    grade=2,
    sheets=("contract_activity", "benchmark_costs"),
    help="median unit cost of benchmark providers, which one unlike provider hardly moves",
    weigh=partial(benchmark, keep=middle, title="Median unit cost of the benchmark"),
    known=known_types,
    table="benchmark_costs",
    needs="benchmark unit costs",
    check=check_benchmark,
)
