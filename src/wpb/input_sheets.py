"""The tables a model was read from, each cell where it stood, for a workbook that can be read back
in.
"""

from __future__ import annotations

from pathlib import Path

from wpb.intake.finding import Found, find_inputs
from wpb.intake.grids import Grid, as_entered
from wpb.intake.settings_sheets import HEADINGS
from wpb.kernel.problems import ProblemLog
from wpb.present.live_workbook.sources import InputSheet
from wpb.tables import TABLES_BY_NAME
from wpb.tables.arrangement_files import SHEET, arrangement_texts
from wpb.tables.joined import ChosenTable, JoinedTable
from wpb.tables.model import Model
from wpb.tables.schema import TypedTable

LONGEST_NAME = 31
"""Letters that Excel takes in the name of a sheet."""


def input_sheets(path: Path, model: Model) -> list[InputSheet]:
    """Give a model's settings and tables as sheets, numbers as numbers, in the layout that `wpb
    run` reads.
    """
    found = find_inputs(path, ProblemLog())
    sheets = [_settings(found)]
    for name, spec in TABLES_BY_NAME.items():
        if name in found.grids:
            sheets.append(_table(found.grids[name], model.tables[name]))
        elif len(model.tables[name]):
            sheets.append(_typed(spec.name, model.tables[name]))
    texts = arrangement_texts(model.arrangements_place)
    return [
        *sheets,
        *(
            InputSheet(
                f"{SHEET}{Path(name).stem}"[:LONGEST_NAME],
                tuple((line,) for line in text.splitlines()),
            )
            for name, text in texts
        ),
    ]


def _settings(found: Found) -> InputSheet:
    rows: list[tuple[object, ...]] = [
        HEADINGS,
        *((key, entry.text) for key, entry in (found.entries or {}).items() if entry.text),
    ]
    return InputSheet("model", tuple(rows), settings=True)


def _table(grid: Grid, table: TypedTable) -> InputSheet:
    numbers = {
        table.column_positions[column.name]
        for column in table.spec.columns
        if column.is_number and column.name in table.column_positions
    }
    first = min(table.row_numbers, default=1)
    left_out = table.left_out if isinstance(table, ChosenTable) else frozenset()
    rows: list[tuple[object, ...]] = [
        ()
        if row in left_out
        else tuple(
            _number(value) if position in numbers and row >= first else _plain(value)
            for position, value in enumerate(values)
        )
        for row, values in enumerate(grid.rows, 1)
    ]
    if isinstance(table, JoinedTable) and table.second is not None:
        heads = {position: name for name, position in table.column_positions.items()}
        if any(
            str(value) not in ("", "nan", "None")
            for name, values in table.second.columns.items()
            if name not in heads.values()
            for value in values
        ):
            return _typed(
                table.spec.name, table
            )  # the entered table has no column for all that was made
        rows += _below(table.second, heads, max(map(len, rows), default=0))
    return InputSheet(table.spec.name, tuple(rows), frozenset(numbers))


def _below(table: TypedTable, heads: dict[int, str], width: int) -> list[tuple[object, ...]]:
    """Rows that were made on the way in, under the columns of those that were entered."""
    names = [column.name for column in table.spec.columns]
    made = _typed(table.spec.name, table).rows[1:]
    return [
        tuple(
            row[names.index(heads[position])] if position in heads else None
            for position in range(width)
        )
        for row in made
    ]


def _plain(value: object) -> object:
    return (
        value if value is None or isinstance(value, str | bool | int | float) else as_entered(value)  # type: ignore[arg-type]
    )


def _number(value: object) -> object:
    """Read a figure typed as text, such as 1,250 or 2.5%, as the number it is; other text stays as
    it is.
    """
    if not isinstance(value, str) or not value.strip():
        return _plain(value)
    text = value.strip().lstrip("£").replace(",", "")
    try:
        found = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        return value
    return int(found) if found.is_integer() and abs(found) < 1e15 else found


def _typed(name: str, table: TypedTable) -> InputSheet:
    """Lay out a table that was made on the way in, such as one worked up from people's records."""
    columns = table.spec.columns
    rows: list[tuple[object, ...]] = [tuple(column.name for column in columns)]
    for row in range(len(table)):
        values: list[object] = []
        for column in columns:
            value = table.columns[column.name][row]
            if column.is_number:
                number = float(value)
                values.append(
                    None
                    if number != number
                    else number / 100.0
                    if column.kind == "pounds"
                    else number
                )
            else:
                values.append(
                    value if isinstance(value, bool) else "" if value is None else str(value)
                )
        rows.append(tuple(values))
    return InputSheet(
        name,
        tuple(rows),
        frozenset(position for position, column in enumerate(columns) if column.is_number),
    )
