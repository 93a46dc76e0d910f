"""The one way in for a file of rows: CSV and text, workbooks of every kind, Parquet - to grids that
keep type, number format, formula, visibility and place of every cell until it has been checked.

    grids = read_file(path, name, log, loose=True)      every sheet, visible ones first
    grid.value(row, position)                           a raw value, from row 0 and position 0
    grid.cell(row, position)                            its place, for a problem
    grid.hidden, hidden_rows, hidden_columns, sums, formats, shown_in, said

`strict` reading (a model folder) takes UTF-8 and commas; loose reading (`wpb map`, `wpb import`,
`wpb start`), whose account is shown before anything is written, also takes tabs, bars, UTF-16 and
Windows-1252, and says so in `said`. A file that can't be read gives no grids and a logged error.
Rows that look like totals are found by `wpb.intake.total_rows`, headings of a user's own file by
`wpb.intake.mapping.layouts`, and the account of a file is `wpb.intake.account`.
"""

from __future__ import annotations

from pathlib import Path

from wpb.intake.csv_files import read_csv_file
from wpb.intake.grids import Grid, is_blank
from wpb.intake.parquet_files import read_parquet_file
from wpb.intake.workbooks import read_other_workbook, read_workbook
from wpb.kernel.problems import ProblemLog, UsageProblem

EXCEL = (".xlsx", ".xlsm")
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods")
WORKBOOKS = (*EXCEL, *OTHER_WORKBOOKS)
TEXTS = (".csv", ".tsv", ".txt")
READ = (*TEXTS, *WORKBOOKS, ".parquet")


def read_file(path: Path, file: str, log: ProblemLog, loose: bool = False) -> list[Grid]:
    """Read every sheet of a file that holds anything, the visible ones first; [] with the problem
    logged where it can't be read.

    Raises UsageProblem where there is no such file, or its kind is not one that is read.
    """
    kind = path.suffix.lower()
    if not path.is_file():
        raise UsageProblem(f"There is no file {path}.")
    if kind not in READ:
        raise UsageProblem(
            f"{path.name} is not of a kind that is read ({kind or 'no ending'}). Save it as one of"
            f" {', '.join(READ)}."
        )
    if kind in EXCEL:
        grids = read_workbook(path, file, log)
    elif kind in OTHER_WORKBOOKS:
        grids = read_other_workbook(path, file, log)
    else:
        single = (
            read_parquet_file(path, file, log)
            if kind == ".parquet"
            else read_csv_file(path, file, log, loose)
        )
        grids = [single] if single else []
    hidden = tuple(grid.sheet for grid in grids if grid.hidden)
    for grid in grids:
        grid.hidden_sheets = hidden
    return sorted(
        (grid for grid in grids if any(not is_blank(value) for row in grid.rows for value in row)),
        key=lambda grid: grid.hidden,
    )
