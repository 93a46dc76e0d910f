"""Whether what runs over years has a row for each year in between.

Source: handbook 3.5; req 188, 192.
"""

from __future__ import annotations

from wpb.intake.cross_checks.context import Context
from wpb.kernel.calendar import is_financial_year, next_year

BY_YEAR = (
    "care_model_impacts",
    "activity_overlays",
    "setting_shifts",
    "segment_shifts",
    "scheme_savings",
    "unidentified_qipp",
)
"""Tables in which a year before the first row, or after the last, has nothing."""


def check_years_between(context: Context) -> None:
    """A year left out between two that have a row is refused: it would count as nought, and no one
    said so.

    Source: handbook 3.5; req 188, 192.
    """
    for name in BY_YEAR:
        keys = [column for column in context[name].spec.key if column != "year"]
        for values, rows in context.rows_by(name, *keys).items():
            row_of = {
                year: row
                for row in rows
                if is_financial_year(year := context.value(name, row, "year"))
            }
            if row_of:
                _check_run(context, name, " ".join(value for value in values if value), row_of)


def _check_run(context: Context, name: str, words: str, row_of: dict[str, int]) -> None:
    first, last = min(row_of), max(row_of)
    missing, year = [], first
    while year < last:
        if year not in row_of:
            missing.append(year)
        year = next_year(year)
    if missing:
        after = min(year for year in row_of if year > missing[0])
        context.error(
            name,
            row_of[after],
            "year",
            f"'{words}' has rows for {first} to {last} and none for {', '.join(missing)}, which"
            " would count as nought.",
            "Add a row for each year in between, with 0 where nothing changes.",
            "year_gap",
        )
