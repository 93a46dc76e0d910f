"""The forecast of 3,000 lines over ten years, through every step, beside bare array arithmetic that
does the same.

Run: python benchmarks/projection.py
"""

from __future__ import annotations

from functools import partial

import numpy as np
from timing import compare

from wpb.forecast.growth_rates import STEPS, GrowthRates
from wpb.forecast.projection import carry_forward, growth_factors
from wpb.kernel.calendar import year_range
from wpb.kernel.ledger import TOTAL, Array, Axis, Block, Ledger
from wpb.kernel.places import Cell

LINES, GROUPS, YEARS, RUNS, CHUNK = 3_000, 16, year_range("2027-28", 10), 1_000, 8
LINE_AXIS, GROUP_AXIS = (
    Axis("budget line", tuple(f"L{i:04d}" for i in range(LINES))),
    Axis("growth group", tuple(f"G{i:02d}" for i in range(GROUPS))),
)
MOST_FOR_ONE, MOST_FOR_MANY = 5.0, 1.5
PLACE = Cell("benchmark", "benchmark", "")


def _inputs(runs: int) -> tuple[Array, dict[str, Array], np.ndarray]:
    chance = np.random.default_rng(7)
    base = chance.gamma(2.0, 5_000_000, (1, LINES, 1))
    rates = {step: chance.normal(0.015, 0.01, (runs, GROUPS, len(YEARS))) for step in STEPS}
    return base, rates, chance.integers(0, GROUPS, LINES)


def engine(
    base: Array, rates: dict[str, Array], groups: np.ndarray, totals_only: bool = False
) -> dict[str, Array]:
    """Every step through the ledger; totals of each level by year, [run, year]."""
    ledger = Ledger(totals_only)
    blocks = {
        step: ledger.leaf(
            f"rate/{step}", GROUP_AXIS, "rate", rate, lambda row, year: PLACE, years=YEARS
        )
        for step, rate in rates.items()
    }
    start = ledger.leaf("start", LINE_AXIS, "pence", base, lambda row, year: PLACE)
    factors = growth_factors(ledger, "factor", blocks, "multiplicative", YEARS)
    last = carry_forward(
        ledger, "forecast", start, factors, GrowthRates(GROUP_AXIS, blocks, {}, groups), "forecast"
    )
    if totals_only:
        ledger.retire(last.after_efficiency)
        return {key: total for key, total in ledger.yearly_totals.items() if key != "start"}
    levels: list[Block] = [ledger[f"forecast/after_{step}"] for step in STEPS]
    return {
        level.id: ledger.total(f"{level.id}/total", TOTAL, (level, None)).value[:, 0, :]
        for level in levels
    }


def bare(base: Array, rates: dict[str, Array], groups: np.ndarray) -> dict[str, Array]:
    """The same arithmetic on bare arrays."""
    level, totals = base, {}
    for step in STEPS:
        sign = -1.0 if step == "efficiency" else 1.0
        level = level * np.cumprod(1.0 + sign * rates[step], axis=2)[:, groups, :]
        totals[f"forecast/after_{step}"] = level.sum(axis=1)
    return totals


def chunked(work, base: Array, rates: dict[str, Array], groups: np.ndarray) -> dict[str, Array]:  # type: ignore[no-untyped-def]
    """A thousand runs in chunks of a fixed size, keeping yearly totals per step."""
    parts = [
        work(base, {step: rate[first : first + CHUNK] for step, rate in rates.items()}, groups)
        for first in range(0, RUNS, CHUNK)
    ]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def main() -> int:
    """Print both ratios and end with 1 where one misses its target; the two ways must agree
    first.
    """
    base, rates, groups = _inputs(1)
    for key, total in bare(base, rates, groups).items():
        np.testing.assert_allclose(engine(base, rates, groups)[key], total, rtol=1e-12)
    one = compare(
        f"{LINES:,} lines x {len(YEARS)} years x {len(STEPS)} steps through the ledger",
        lambda: engine(base, rates, groups),
        lambda: bare(base, rates, groups),
    )
    print(one)
    base_runs, rates_runs, groups_runs = _inputs(RUNS)
    many = compare(
        f"The same with {RUNS:,} runs in chunks of {CHUNK}",
        lambda: chunked(partial(engine, totals_only=True), base_runs, rates_runs, groups_runs),
        lambda: chunked(bare, base_runs, rates_runs, groups_runs),
        turns=5,
        warm_up=1,
    )
    print(many)
    return int(one.ratio > MOST_FOR_ONE or many.ratio > MOST_FOR_MANY)


if __name__ == "__main__":
    raise SystemExit(main())
