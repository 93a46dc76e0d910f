"""Everything that was entered as evidence - reasons, sources, owners, who agreed and when - as one
result table, whatever input table it stands in.
"""

from __future__ import annotations

from wpb.kernel.identifiers import without_numbers
from wpb.present.result_table import ResultColumn, ResultTable, result_table
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

COLUMNS = (
    ResultColumn("input_table", "Input table", "code"),
    ResultColumn("input_column", "Column", "code"),
    ResultColumn("entered", "What was entered"),
    ResultColumn("rows", "Rows", "count"),
    ResultColumn("file", "File"),
    ResultColumn("cells", "Cells"),
)
PLACES = 3
"""How many cells are named for the same words; `rows` counts them all."""


def evidence_table(model: Model) -> ResultTable:
    """List what every column of evidence holds: each text once a column, with how often and where.

    Source: handbook 2.4.1 (transparent, assured inputs), 2.7; req 98, 146, 386.
    """
    rows = [
        row
        for table in model.tables.values()
        for column in table.spec.columns
        if column.means == "evidence"
        for row in _entered(table, column.name)
    ]
    return result_table(
        "evidence_entered",
        "Evidence entered",
        "Reasons, sources, owners and agreements as they were entered, with their cells. No figure"
        " follows them.",
        COLUMNS,
        rows,
    )


def _entered(table: TypedTable, column: str) -> list[tuple[str, str, str, int, str, str]]:
    found: dict[str, list[int]] = {}
    kept = table.entered.get(column)
    for row, value in enumerate(table.columns[column].tolist()):
        missing = value is None or value != value  # a number that is blank
        text = str(kept[row]) if kept is not None else "" if missing else str(value)
        if text.strip():
            found.setdefault(without_numbers(text.strip()), []).append(row)
    return [
        (
            table.spec.name,
            column,
            text,
            len(rows),
            table.where(rows[0], column).file,
            ", ".join(table.where(row, column).cell for row in rows[:PLACES])
            + (" and more" if len(rows) > PLACES else ""),
        )
        for text, rows in found.items()
    ]
