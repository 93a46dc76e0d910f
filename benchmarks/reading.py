"""How long a file of rows takes to read: by the one reader, beside the bare reader of its kind.

A CSV may take ten times the bare reader, a workbook twice openpyxl.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl
import xlsxwriter
from timing import compare

from wpb.intake.files import read_file
from wpb.kernel.problems import ProblemLog

HEADINGS = ("Account", "Description", "Contract", "Cost centre", "Budget", "Outturn")
MOST_CSV, MOST_WORKBOOK = 10, 2


def rows_of_a_ledger(count: int) -> list[tuple[object, ...]]:
    """Make up rows of a ledger."""
    return [
        (f"A{row:06d}", f"Line {row}", f"C-{row % 40:02d}", f"{row % 900:06d}", row * 7.25, row * 7)
        for row in range(count)
    ]


def bare_csv(path: Path) -> int:
    """Read a CSV with the bare reader."""
    with path.open(encoding="utf-8", newline="") as lines:
        return sum(len(row) for row in csv.reader(lines))


def bare_workbook(path: Path) -> int:
    """Read a workbook's values with openpyxl."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return sum(len(row) for sheet in book for row in sheet.iter_rows(values_only=True))


def main() -> int:
    """Write the files, time both readers on each, and print the ratios; 1 where one is missed."""
    rows = rows_of_a_ledger(50_000)
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        ledger, workbook = Path(folder) / "ledger.csv", Path(folder) / "ledger.xlsx"
        with ledger.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerows([HEADINGS, *rows])
        with xlsxwriter.Workbook(str(workbook)) as book:
            sheet = book.add_worksheet("ledger")
            for number, row in enumerate((HEADINGS, *rows)):
                sheet.write_row(number, 0, row)
        kinds: tuple[tuple[Path, Callable[[Path], int], int], ...] = (
            (ledger, bare_csv, MOST_CSV),
            (workbook, bare_workbook, MOST_WORKBOOK),
        )
        for path, bare, most in kinds:
            found = compare(
                f"{path.name}, 50,000 rows (at most {most})",
                partial(read_file, path, path.name, ProblemLog(), loose=True),
                partial(bare, path),
                turns=3,
                warm_up=1,
            )
            print(found)
            missed += found.ratio > most
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
