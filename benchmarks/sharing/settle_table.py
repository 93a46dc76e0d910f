"""How much faster a table is settled than by a plain loop over its rows: `python
benchmarks/sharing/settle_table.py`.

Two loops are timed: one that reads the same arrangement file for each row (the same rules, told the
same way), and one with this one programme's rules written into it by hand. All three must give the
same settlement.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import plain_loop
import plain_reference
from made_results import HEADINGS, as_cells, made_rows
from ruamel.yaml import YAML

from wpb.kernel.lined_yaml import read_yaml
from wpb.kernel.problems import ProblemLog
from wpb.sharing.arrangement import read_table_arrangement
from wpb.sharing.reading import Page
from wpb.sharing.results_table import read_results
from wpb.sharing.table_book import settle_table

ARRANGEMENT = Path(__file__).parents[2] / "examples" / "us_shared_savings" / "arrangement.yaml"


def best_of(times: int, job: Callable[[], Any]) -> float:
    """The least processor seconds a job takes: all three ways run in one thread."""
    found = []
    for _ in range(times):
        start = time.process_time()
        job()
        found.append(time.process_time() - start)
    return min(found)


def main(count: int = 100_000) -> None:
    """Time the three ways and print the ratios."""
    log = ProblemLog()
    text = ARRANGEMENT.read_text(encoding="utf-8")
    arrangement = read_table_arrangement(
        read_yaml(text, ARRANGEMENT.name, log), Page(ARRANGEMENT.name, log)
    )
    rows = made_rows(count, seed=7)
    table = read_results("results.csv", HEADINGS, as_cells(rows), arrangement.columns, log)
    log.raise_if_errors()
    settled = settle_table(arrangement, table, log)
    assert settled is not None
    plain_file = YAML(typ="safe").load(text)
    by_file = plain_loop.settle_rows(plain_file, rows)
    by_hand = plain_reference.settle_rows(rows)
    np.testing.assert_allclose(settled.amount, [row["amount"] for row in by_file], atol=1e-3)
    np.testing.assert_allclose(settled.amount, [row["earned"] for row in by_hand], atol=1e-3)
    engine = best_of(15, lambda: settle_table(arrangement, table, log))
    loop = best_of(2, lambda: plain_loop.settle_rows(plain_file, rows))
    hand = best_of(5, lambda: plain_reference.settle_rows(rows))
    print(f"{count:,} organisation-years: {engine * 1000:.1f} ms")
    print(f"plain loop of the same file: {loop:.2f} s, {loop / engine:,.0f} times as long")
    print(f"plain loop of the rules by hand: {hand:.2f} s, {hand / engine:,.0f} times as long")


if __name__ == "__main__":
    main()
