"""Step 3: the mean of benchmark unit costs by volume.

Source: handbook 2.4.4 Fig 9; req 85.
"""

from __future__ import annotations

from functools import partial

from wpb.tables.methods.benchmarks import benchmark, check_benchmark, known_types
from wpb.tables.methods.option import WeightOption

OPTION = WeightOption(
    name="benchmark_weighted",
    order=30,
    grade=2,
    sheets=("contract_activity", "benchmark_costs"),
    help="mean unit cost of benchmark providers, by their volume",
    weigh=partial(benchmark, by_volume=True),
    known=known_types,
    table="benchmark_costs",
    needs="benchmark unit costs",
    check=check_benchmark,
)
