"""Reads the assumptions sheet of a workbook that was written as a budget in formulas: what was
changed there counts.

Source: handbook 3.3.3; req 177, 178, 179.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

from wpb.intake.grids import as_entered
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.assumptions.values import DatedValue, Subject
from wpb.kernel.calendar import first_day, is_financial_year
from wpb.kernel.places import Cell, column_letters
from wpb.kernel.problems import ProblemLog
from wpb.kernel.ranges import range_of_unit

SHEET = "assumptions"
HEADINGS = {
    "key": "Assumption",
    "year": "For the year",
    "value": "Value",
    "written": "Value as written",
}
STATUSES = ("final", "forecast", "consultation", "placeholder")
Row = Mapping[str, object]


def with_sheet(
    path: Path, book: AssumptionBook, prepared_on: str, problems: ProblemLog
) -> AssumptionBook:
    """Lay the assumptions of a workbook over a book: local ones it brings with it, and figures
    changed in it.

    A changed figure needs a reason, evidence and an owner beside it, as every local assumption
    does. Faults go to the log.
    """
    rows = _rows(path)
    if not rows:
        return book
    local = dict(book.local)
    moved = {
        row.get("Assumption") for _, row in rows if row.get("Value") != row.get("Value as written")
    }
    for cell, row in rows:
        key, year = as_entered(row.get("Assumption")), as_entered(row.get("For the year"))  # type: ignore[arg-type]
        changed = row.get("Value") != row.get("Value as written")
        known = any(
            value.year == year
            for book_of in (local, book.national)
            if key in book_of
            for value in book_of[key].values
        )
        # Years carried on past the last published one stay as the workbook shows them where any
        # year of the series was changed.
        if not is_financial_year(year) or not (
            changed or (not known and (row.get("Local") == "yes" or key in moved))
        ):
            continue
        value = _dated(row, key, year, cell, changed, prepared_on, problems)
        if value is not None:
            local[key] = _with_value(local.get(key), row, key, value)
    return AssumptionBook(book.national.values(), local.values(), book.references)


def _rows(path: Path) -> list[tuple[Cell, Row]]:
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(str(path))
    if SHEET not in workbook.sheet_names:
        return []
    values = workbook.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)
    start = next(
        (row for row, cells in enumerate(values) if cells and cells[0] == HEADINGS["key"]), None
    )
    if start is None:
        return []
    names = [str(name) for name in values[start]]
    position = names.index(HEADINGS["value"]) if HEADINGS["value"] in names else 0
    return [
        (
            Cell(path.name, SHEET, f"{column_letters(position)}{row + 1}"),
            dict(zip(names, cells, strict=False)),
        )
        for row, cells in enumerate(values)
        if row > start and cells and cells[0]
    ]


def _dated(
    row: Row, key: str, year: str, cell: Cell, changed: bool, prepared_on: str, problems: ProblemLog
) -> DatedValue | None:
    figure = row.get("Value")
    words = {
        name: as_entered(row.get(heading)).strip()  # type: ignore[arg-type]
        for name, heading in (("reason", "Reason"), ("evidence", "Evidence"), ("owner", "Owner"))
    }
    if not isinstance(figure, int | float) or isinstance(figure, bool):
        problems.error(
            cell, f"'{figure}' is not a number.", "Enter a number, such as 0.025.", "not_a_number"
        )
        return None
    if fault := range_of_unit(str(row.get("Unit"))).fault(float(figure)):
        problems.error(
            cell,
            f"{key} for {year} is {figure:g}, which {fault}",
            f"Write {figure / 100:g} if {figure:g}% is what is meant.",
            "out_of_range",
        )
        return None
    missing = [name for name, text in words.items() if not text]
    in_control = row.get("Kind") == "growth" and row.get("Outside the provider's control") != "yes"
    if changed and (missing or in_control):
        lacks = [
            *missing,
            *(["whether it is outside the provider's control"] if in_control else []),
        ]
        problems.error(
            cell,
            f"{key} for {year} was changed in the workbook, and its row does not say"
            f" {_listed(lacks)}.",
            "Fill these in on the same row: a local assumption rests on them.",
            "local_grounds",
        )
        return None
    published = prepared_on if changed else as_entered(row.get("Published"))  # type: ignore[arg-type]
    status = str(row.get("Status"))
    source = f"Changed in the workbook; {words['evidence']}" if changed else str(row.get("Source"))
    known = datetime.date(1948, 4, 1) if not changed else datetime.date.fromisoformat(prepared_on)
    return DatedValue(
        year,
        float(figure),
        status if status in STATUSES else "placeholder",
        published,
        known,
        source,
        "",
        str(row.get("Where in it") or ""),
        cell,
        first_day(year),
        None,
        "",
        words["reason"],
        words["evidence"],
        words["owner"],
        True,
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _with_value(held: Subject | None, row: Row, key: str, value: DatedValue) -> Subject:
    kept = tuple(old for old in held.values if old.year != value.year) if held else ()
    return Subject(
        key,
        str(row.get("Title") or key),
        str(row.get("Unit")),
        str(row.get("Kind") or "other"),
        "forbid",
        "",
        (*kept, value),
        value.where,
        True,
    )
