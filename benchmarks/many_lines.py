"""How the time of a calculation grows with the number of budget lines: its exponent, from 3,000 to
30,000 lines.

Run: python benchmarks/many_lines.py
"""

from __future__ import annotations

import csv
import gc
import math
import shutil
import sys
import tempfile
import time
from pathlib import Path

import wpb
from wpb.run import calculate

MODEL = Path(__file__).resolve().parent.parent / "examples" / "midshire"
COPIES, TURNS = (1, 3, 10), 2
MOST_EXPONENT = 1.15
"""10,000 lines to 30,000 may take at most 3 to the power of this: 3.54 times the processor time."""
CODES = ("contract", "budget_line", "package", "account")
"""Columns whose codes each copy of the lines has of its own."""
LEFT_AS_THEY_ARE = ("adjustments", "contract_terms", "reviews")


def multiplied(source: Path, target: Path, copies: int) -> None:
    """Write a model whose contracts, other spend, care packages and ledger are there so many times.

    Allocations and amounts stay, so the budget is no sensible one; only its size is wanted.
    """
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("results", "*.xlsx"))
    own: set[str] = set()
    for name, column in (("contracts", "contract"), ("direct_spend", "budget_line")):
        with (source / "inputs" / f"{name}.csv").open(encoding="utf-8-sig") as file:
            own |= {row[column] for row in csv.DictReader(file)}
    for path in sorted((target / "inputs").glob("*.csv")):
        if path.stem not in LEFT_AS_THEY_ARE:
            _repeat(path, copies, own)


def _repeat(path: Path, copies: int, own: set[str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    codes = [at for at, name in enumerate(heading) if name in CODES]
    covers = heading.index("covers") if "covers" in heading else -1
    if not codes:
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        for copy in range(copies):
            for row in rows:
                new = list(row)
                for at in codes if copy else ():
                    new[at] = f"{row[at]}-{copy}"
                if copy and covers >= 0:
                    if row[covers] not in own:
                        continue
                    new[covers] = f"{row[covers]}-{copy}"
                writer.writerow(new)


def measure(copies: int, folder: Path) -> tuple[int, float, float]:
    """Lines of a model and the processor seconds of reading it and of calculating it: the least of
    the turns.
    """
    target, turns = folder / str(copies), []
    multiplied(MODEL, target, copies)
    for _ in range(TURNS):
        gc.collect()
        start = time.process_time()
        loaded = wpb.load(target)
        model, book = loaded.model, loaded.book
        read = time.process_time()
        lines = len(calculate(model, book).current.lines.lines)
        turns.append((read - start, time.process_time() - read))
    return lines, min(turn[0] for turn in turns), min(turn[1] for turn in turns)


def main() -> int:
    """Print the seconds of each size and the exponents; exit code 1 above the target."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = [measure(copies, Path(folder)) for copies in COPIES]
    for lines, reading, calculating in sizes:
        print(f"{lines:,} lines: {reading:.2f} s to read, {calculating:.2f} s to calculate")
    (fewer, *before), (more, *after) = sizes[-2:]
    reading, calculating = (
        math.log(late / early) / math.log(more / fewer)
        for early, late in zip(before, after, strict=True)
    )
    print(
        f"exponents from {fewer:,} to {more:,} lines: reading {reading:.2f}, calculating"
        f" {calculating:.2f}; at most {MOST_EXPONENT} is wanted"
    )
    return 0 if max(reading, calculating) <= MOST_EXPONENT else 1


if __name__ == "__main__":
    sys.exit(main())
