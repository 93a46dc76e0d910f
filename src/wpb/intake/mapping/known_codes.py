"""The codes that the tables of a model folder already have, so that a mapping can tell known codes
from strange ones.
"""

from __future__ import annotations

from pathlib import Path

from wpb.intake.finding import INPUTS, find_inputs, has_rows
from wpb.intake.grids import as_entered
from wpb.intake.headings import first_row_after_notes
from wpb.kernel.problems import ProblemLog
from wpb.tables.schema import TableSpec

LEDGER_COVERS = (("contracts", "contract"), ("direct_spend", "budget_line"))


def known_codes(folder: Path, spec: TableSpec) -> dict[str, set[str]]:
    """Give, for each column that refers to another table, the codes that table has; columns whose
    table is empty are left out.
    """
    if not (folder / INPUTS).is_dir():
        return {}
    grids = find_inputs(folder, ProblemLog()).grids

    def codes(table: str, column: str) -> set[str]:
        grid = grids.get(table)
        if grid is None or first_row_after_notes(grid) >= len(grid.rows):
            return set()
        heading = first_row_after_notes(grid)
        names = [as_entered(value).strip() for value in grid.rows[heading]]
        if column not in names:
            return set()
        position = names.index(column)
        return {
            text
            for row in range(heading + 1, len(grid.rows))
            if (text := as_entered(grid.value(row, position)).strip())
        }

    found = {
        column.name: codes(*column.refers_to.split("."))
        for column in spec.columns
        if column.refers_to
    }
    if spec.name == "commissioner_ledger":
        covers = {code for table, column in LEDGER_COVERS for code in codes(table, column)}
        covers |= {
            name
            for name, table in (
                ("primary_care", "primary_care_payments"),
                ("care_packages", "care_packages"),
            )
            if table in grids and has_rows(grids[table])
        }
        found["covers"] = covers
    return {name: values for name, values in found.items() if values}
