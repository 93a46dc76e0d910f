"""Reading outturn and reported measures: one row a line and year, one row a measure and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.places import Cell, column_letters
from wpb.kernel.problems import ProblemLog
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.results_table import sheet_of
from wpb.sharing.statement import planned_units
from wpb.tables.schema import TypedTable

Array = NDArray[np.float64]
OUTTURN_COLUMNS = ("line", "year", "outturn", "months", "status")
MEASURE_COLUMNS = ("measure", "year", "value")


@dataclass(frozen=True)
class Outturn:
    """Outturn by line and year (units, or spend in pence), how much of each year it covers, and
    whether it is final.

    years: the positions of the years that have outturn for every line.
    """

    units: Array
    months: Mapping[str, int]
    status: Mapping[str, str]
    years: tuple[int, ...]
    places: Mapping[tuple[int, int], Cell]

    def where(self, row: int, year: int) -> Cell:
        """Give the cell of a line's outturn."""
        return self.places.get((row, year), Cell("outturn", "outturn", ""))


class _Sheet:
    """The cells of a small CSV with fixed columns."""

    def __init__(
        self,
        file: str,
        headings: Sequence[str],
        cells: Mapping[str, Sequence[str]],
        columns: Sequence[str],
        log: ProblemLog,
    ) -> None:
        self.file, self.headings, self.cells, self.log = file, list(headings), cells, log
        for position, name in enumerate(headings):
            if name not in columns:
                log.error(
                    Cell(file, sheet_of(file), f"{column_letters(position)}1", name),
                    f"There is no column '{name}' here.",
                    f"The columns: {', '.join(columns)}.",
                    "column_unknown",
                )
        for name in columns:
            if name not in headings:
                log.error(
                    Cell(file, sheet_of(file), "", name),
                    f"Column '{name}' is missing.",
                    f"The columns: {', '.join(columns)}.",
                    "column_missing",
                )

    def place(self, row: int, column: str) -> Cell:
        text = self.cells[column][row] if column in self.cells else ""
        return Cell(
            self.file,
            sheet_of(self.file),
            f"{column_letters(self.headings.index(column))}{row + 2}",
            text,
        )

    def text(self, row: int, column: str, choices: Sequence[str]) -> str:
        found = self.cells[column][row].strip()
        if found not in choices:
            self.log.error(
                self.place(row, column),
                (
                    f"'{found}' is not a {column} of this arrangement."
                    if found
                    else f"{column} is blank."
                ),
                f"Enter one of {', '.join(choices)}.",
                "unknown_name",
            )
            return ""
        return found

    def number(self, row: int, column: str) -> float:
        found = self.cells[column][row].strip()
        try:
            value = float(found)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            self.log.error(
                self.place(row, column),
                f"'{found}' is not a number." if found else f"{column} is blank.",
                "Enter digits only, for example 36000.",
                "not_a_number",
            )
        return value


def read_outturn(
    file: str,
    headings: Sequence[str],
    cells: Mapping[str, Sequence[str]],
    arrangement: PartyArrangement,
    log: ProblemLog,
) -> Outturn | None:
    """Read outturn: line, year, outturn (units, or pounds where spend is shared), months covered,
    provisional or final.

    Refuses a line or year that is unknown or there twice, and a year that lacks some of its lines
    or mixes months or statuses. Gives None where there is a problem.
    Source: handbook 6.4.6; req 286.
    """
    sheet = _Sheet(file, headings, cells, OUTTURN_COLUMNS, log)
    if log.errors:
        return None
    units = np.full((len(arrangement.lines), len(arrangement.years)), np.nan)
    places: dict[tuple[int, int], Cell] = {}
    months: dict[str, int] = {}
    status: dict[str, str] = {}
    times = 100.0 if arrangement.what_is_shared == "spend" else 1.0
    for row in range(len(cells["line"])):
        line, year = (
            sheet.text(row, "line", arrangement.line_names),
            sheet.text(row, "year", arrangement.years),
        )
        amount, covered = sheet.number(row, "outturn"), sheet.number(row, "months")
        standing = sheet.text(row, "status", ("provisional", "final"))
        if not (line and year and standing) or amount != amount or covered != covered:
            continue
        at = (arrangement.line_names.index(line), arrangement.years.index(year))
        if amount < 0:
            log.error(
                sheet.place(row, "outturn"),
                f"The outturn of {line} is below nought.",
                "Enter what was used, not the difference.",
                "out_of_range",
            )
        if covered not in range(1, 13) or (standing == "final" and covered != 12):
            log.error(
                sheet.place(row, "months"),
                f"{covered:g} months of {year} cannot be {standing}.",
                "Enter 12 for a final outturn, 1 to 12 for a provisional one.",
                "out_of_range",
            )
        if at in places:
            log.error(
                sheet.place(row, "line"),
                f"{line} is there twice for {year}.",
                "Keep one row; revise an outturn by a file of its own.",
                "duplicate_key",
            )
        if (
            months.setdefault(year, int(covered)) != int(covered)
            or status.setdefault(year, standing) != standing
        ):
            log.error(
                sheet.place(row, "months"),
                f"The lines of {year} do not all cover the same months, or some are final and some"
                " are not.",
                "Settle all lines of a year to the same month.",
                "mixed_months",
            )
        units[at] = amount * times
        places[at] = sheet.place(row, "outturn")
    for number, year in enumerate(arrangement.years):
        for line_row in np.flatnonzero(np.isnan(units[:, number])):
            if year in months:
                log.error(
                    Cell(file, sheet_of(file), "A1"),
                    f"There is no outturn for {arrangement.line_names[line_row]} in {year}.",
                    "Add a row for it; a line with no activity needs a 0.",
                    "missing_row",
                )
    if log.errors:
        return None
    return Outturn(
        units,
        months,
        status,
        tuple(number for number, year in enumerate(arrangement.years) if year in months),
        places,
    )


def read_measures(
    file: str,
    headings: Sequence[str],
    cells: Mapping[str, Sequence[str]],
    arrangement: PartyArrangement,
    years: Sequence[int],
    log: ProblemLog,
) -> tuple[dict[str, Array], dict[tuple[str, int], Cell]]:
    """Read reported measures by year, refusing a year to be settled whose measure is not reported.

    Source: handbook 6.4.5 (links to the IPS); req 257.
    """
    found = {name: np.full(len(arrangement.years), np.nan) for name in arrangement.measures}
    places: dict[tuple[str, int], Cell] = {}
    if headings:
        sheet = _Sheet(file, headings, cells, MEASURE_COLUMNS, log)
        for row in range(0 if log.errors else len(cells["measure"])):
            name, year, value = (
                sheet.text(row, "measure", arrangement.measures),
                sheet.text(row, "year", arrangement.years),
                sheet.number(row, "value"),
            )
            if name and year:
                found[name][arrangement.years.index(year)] = value
                places[name, arrangement.years.index(year)] = sheet.place(row, "value")
    for name, values in found.items():
        for number in years:
            if np.isnan(values[number]):
                log.error(
                    Cell(file or "measures", "measures", "", name),
                    f"The measure '{name}' is not reported for {arrangement.years[number]}, and the"
                    " arrangement needs it.",
                    "Give measures in a CSV file with columns measure, year and value.",
                    "measure_not_reported",
                )
    return found, places


def part_of_year(arrangement: PartyArrangement, months: Mapping[str, int]) -> Array | None:
    """Give the part of each year's baseline that falls in the months covered, [year]; None where
    every year is whole.

    Source: handbook 6.4.6 (monthly monitoring and payment); req 286.

    Raises ValueError for part of a year under an arrangement that is settled once a year.
    """
    if all(covered == 12 for covered in months.values()):
        return None
    if not arrangement.profile:
        raise ValueError(
            "the arrangement is settled once a year, and has no profile for part of one"
        )
    return np.array(
        [
            1.0 if months.get(year, 12) == 12 else sum(arrangement.profile[: months[year]])
            for year in arrangement.years
        ]
    )


def figures_to_settle(
    arrangement: PartyArrangement, outturn: Outturn, measures: Mapping[str, Array]
) -> tuple[Array, dict[str, Array]]:
    """Give what an arrangement is settled on: outturn units, [line, year], and reported measures,
    [year].

    A year without an outturn stands as planned, so that it has no gap and comes to nothing whatever
    its measures are; a measure that is not reported there stands at nought. Only years with an
    outturn are stated and paid.
    Source: handbook 6.4.6; req 257, 286.

    Raises ValueError where a measure of a year with an outturn is missing.
    """
    settled = list(outturn.years)
    missing = [name for name, values in measures.items() if np.isnan(values[settled]).any()]
    if missing:
        raise ValueError(f"not reported for a year to be settled: {', '.join(missing)}")
    units = np.where(np.isnan(outturn.units), planned_units(arrangement), outturn.units)
    return units, {
        name: np.where(np.isin(np.arange(len(values)), settled), values, 0.0)
        for name, values in measures.items()
    }


def cells_of(
    table: TypedTable, columns: Sequence[str], rows: Sequence[int]
) -> dict[str, list[str]]:
    """Give rows of a model's table as the cells of a file with fixed columns.

    Source: handbook 6.4.6; req 286.
    """
    return {name: [str(table.columns[name][row]) for row in rows] for name in columns}


def own_place(
    table: TypedTable, columns: Sequence[str], rows: Sequence[int], place: Cell | None
) -> Cell | None:
    """Give the cell of a model's table for a cell of the rows that were settled together.

    Source: handbook 6.4.6; req 286.
    """
    digits = "".join(letter for letter in place.cell if letter.isdigit()) if place else ""
    if place is None or not digits or not 2 <= int(digits) < len(rows) + 2:
        return place
    return table.where(rows[int(digits) - 2], columns[ord(place.cell[0]) - ord("A")])
