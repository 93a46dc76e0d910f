"""Step 3: the plain mean of benchmark unit costs.

Source: handbook 2.4.4 Fig 9; req 84.
"""

from __future__ import annotations

from wpb.tables.methods.benchmarks import benchmark, check_benchmark, known_types
from wpb.tables.methods.option import WeightOption

OPTION = WeightOption(
    name="benchmark_unweighted",
    order=20,
    grade=2,
    sheets=("contract_activity", "benchmark_costs"),
    help="mean unit cost of benchmark providers, each counting once",
    weigh=benchmark,
    known=known_types,
    table="benchmark_costs",
    needs="benchmark unit costs",
    check=check_benchmark,
)
