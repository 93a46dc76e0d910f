"""The live workbook of a model: processor seconds, size, and the ratio to writing the same cells
with nothing to work out.

Run it as `python benchmarks/live_workbook.py [MODEL]`; the model is examples/midshire unless named.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

import wpb
from wpb.input_sheets import input_sheets
from wpb.live import live_contract
from wpb.present.live_workbook import write_live_workbook

WRITERS = ("write_formula", "write_number", "write_string")


def recorded(calls: list[tuple[str, str, tuple[Any, ...]]]) -> Callable[[], None]:
    """Note every cell that is written, and give the function that stops noting."""
    originals = {name: getattr(Worksheet, name) for name in WRITERS}

    def noting(name: str) -> Callable[..., Any]:
        def write(sheet: Worksheet, row: int, column: int, *rest: Any) -> Any:
            calls.append(
                (
                    sheet.get_name(),
                    name,
                    (
                        row,
                        column,
                        rest[0],
                        rest[2] if name == "write_formula" and len(rest) > 2 else None,
                    ),
                )
            )
            return originals[name](sheet, row, column, *rest)

        return write

    for name in WRITERS:
        setattr(Worksheet, name, noting(name))

    def stop() -> None:
        for name, original in originals.items():
            setattr(Worksheet, name, original)

    return stop


def replayed(calls: list[tuple[str, str, tuple[Any, ...]]], path: Path) -> float:
    """Write the same cells to a new workbook and give the seconds it took."""
    started = time.process_time()
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        plain = book.add_format({"num_format": "#,##0.00"})
        sheets = {
            name: book.add_worksheet(name) for name in dict.fromkeys(name for name, _, _ in calls)
        }
        for name, writer, (row, column, content, value) in calls:
            if writer == "write_formula":
                sheets[name].write_formula(row, column, content, plain, value)
            else:
                getattr(sheets[name], writer)(row, column, content, plain)
    return time.process_time() - started


def main() -> None:
    """Measure one model and print what was found."""
    path = (
        Path(sys.argv[1])
        if len(sys.argv) > 1
        else Path(__file__).parents[1] / "examples" / "midshire"
    )
    loaded = wpb.load(path)
    budget, inputs = loaded.run(), input_sheets(path, loaded.model)
    live = live_contract(loaded.model, loaded.book) if len(loaded.model["contract_terms"]) else None
    for ledger in (budget.ledger, *([live.budget.ledger, live.ledger] if live is not None else [])):
        for block in ledger:
            _ = block.value
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "live.xlsx"
        started = time.process_time()
        write_live_workbook(budget, inputs, out, live=live)
        taken = time.process_time() - started
        calls: list[tuple[str, str, tuple[Any, ...]]] = []
        stop = recorded(calls)
        write_live_workbook(budget, inputs, Path(folder) / "noted.xlsx", live=live)
        stop()
        bare = replayed(calls, Path(folder) / "bare.xlsx")
        formulas = sum(writer == "write_formula" for _, writer, _ in calls)
        print(
            f"{len(calls):,} cells, {formulas:,} formulas, {out.stat().st_size / 1e6:.1f} MB:"
            f" {taken:.1f} s, bare {bare:.1f} s, ratio {taken / bare:.2f}"
        )


if __name__ == "__main__":
    main()
