"""Registered list sizes by practice, as practices' own systems extract them on a day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wpb.intake.published_csv import PublishedCsv, missing_columns, read_published_csv
from wpb.kernel.problems import InputProblems, Problem, ProblemLog

COLUMNS = ("CODE", "GP_PRACTICE", "LIST_SIZE", "EXTRACT_DATE")
DATE_FORMS = ("%d-%b-%y", "%d/%m/%Y", "%Y-%m-%d")
"""01-Apr-21 and 25/02/2026, as the published extracts write dates, and 2026-02-25."""


@dataclass(frozen=True)
class ListSizeFile:
    """Registered people by practice code, [practice], and the day each count was taken."""

    source: PublishedCsv
    codes: tuple[str, ...]
    names: tuple[str, ...]
    registered: NDArray[np.float64]
    counted_on: tuple[datetime.date, ...]


def read_list_sizes(path: Path) -> ListSizeFile:
    """Read an extract of registered list sizes, with or without a column for the borough.

    Raises InputProblems with every problem found: a practice that is there twice, a blank, text in
    a number, part of a person, a date that can't be read.
    Source: handbook fn 40, 1.1.4; req 2.
    """
    source = read_published_csv(path)
    missing = missing_columns(source.header, COLUMNS)
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing)
        raise InputProblems(
            [
                Problem(
                    "error",
                    source.head(),
                    f"The header lacks {listed}.",
                    f"The extract needs the columns {', '.join(COLUMNS)}.",
                    "unknown_layout",
                )
            ]
        )
    log = ProblemLog()
    codes = source.filled("CODE", log, "Enter the practice's ODS code.")
    names = source.filled("GP_PRACTICE", log, "Enter the practice's name.")
    registered = source.numbers("LIST_SIZE", log)
    for row in np.flatnonzero(registered % 1 > 0):
        log.error(
            source.cell(int(row), "LIST_SIZE"),
            f"'{registered[row]:g}' is not a whole number of people.",
            "Enter the registered count.",
            "out_of_range",
        )
    counted_on = [
        _date(source, row, text, log) for row, text in enumerate(source.texts("EXTRACT_DATE"))
    ]
    source.check_unique(["CODE"], "Practice", log)
    log.raise_if_errors()
    return ListSizeFile(source, tuple(codes), tuple(names), registered, tuple(counted_on))


def _date(source: PublishedCsv, row: int, text: str, log: ProblemLog) -> datetime.date:
    for form in DATE_FORMS:
        try:
            return datetime.datetime.strptime(text, form).date()
        except ValueError:
            continue
    log.error(
        source.cell(row, "EXTRACT_DATE"),
        f"'{text}' is not a date.",
        "Write it as 25/02/2026 or 2026-02-25.",
        "date",
    )
    return datetime.date.min
