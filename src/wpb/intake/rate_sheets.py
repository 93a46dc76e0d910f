"""Reads the table `rates`: local growth and efficiency rates by year in one plain sheet, held to
the same grounds as assumption files.

Source: handbook 3.3.3; req 177-179, 382.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.assumptions.local import accept_local
from wpb.kernel.assumptions.values import DatedValue, Subject
from wpb.kernel.calendar import first_day
from wpb.kernel.problems import ProblemLog
from wpb.kernel.words import did_you_mean
from wpb.tables.forecasting import Rates
from wpb.tables.schema import TypedTable

KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
FIRST_KNOWN = datetime.date(1948, 4, 1)
"""A rate of the model's own sheet counts as known on any day, as the rest of its tables do."""
CODES = (
    ("growth_categories", "growth_category"),
    ("service_lines", "service_line"),
    ("funding_streams", "funding_stream"),
)


def with_rates(
    tables: Mapping[str, TypedTable],
    book: AssumptionBook,
    prepared_on: str,
    folder: Path,
    log: ProblemLog,
) -> AssumptionBook:
    """Lay the rates of a model's sheet over a book as local assumptions, named WHAT or WHAT.CODE;
    only the years of its rows have a rate, so that any other year stays an error.

    A rate needs a reason, a citation and an owner, and a driver of growth must be outside the
    provider's control. Records an error for a code that is not in the model, a name that can't be a
    key, a year given twice, and an assumption that a file of the folder gives too.
    Source: handbook 3.3.3; req 177-179, 382.
    """
    sheet = Rates.of(tables)
    if not len(sheet.read):
        return book
    values: dict[str, list[DatedValue]] = {}
    for row in range(len(sheet.read)):
        key = _key(sheet, row, tables, log)
        if key in book.local:
            log.error(
                sheet.read.where(row, "what"),
                f"{key} is in assumptions/ too, first at {book.local[key].where}.",
                "Keep it in one of the two places.",
                "rate_in_two_places",
            )
        elif key:
            value = _value(sheet, row, prepared_on)
            values.setdefault(key, []).append(value)
    found = {key: _subject(key, dated, book) for key, dated in values.items()}
    accepted = accept_local(found, AssumptionBook(book.national.values()).find, folder, log)
    local = {**book.local, **accepted}
    return AssumptionBook(book.national.values(), local.values(), book.references)


def _key(sheet: Rates, row: int, tables: Mapping[str, TypedTable], log: ProblemLog) -> str:
    """The key of a row's assumption; '' where it can't be one."""
    what, code = sheet.what[row], sheet.code[row]
    key = f"{what}.{code.lower()}" if code else what
    known = [each for name, column in CODES for each in tables[name].text(column)]
    if code and code not in known:
        log.error(
            sheet.read.where(row, "code"),
            f"'{code}' is no growth category, service line or funding stream of the model.",
            f"{did_you_mean(code, known)}Enter the code of one, or leave it blank.",
            "rate_code_unknown",
        )
        return ""
    if not KEY.fullmatch(re.sub(r"-", "_", key)):
        log.error(
            sheet.read.where(row, "what"),
            f"'{key}' can't name an assumption.",
            "Use small letters, digits and underscores, with dots between parts, such as"
            " local.cost_uplift.",
            "rate_name",
        )
        return ""
    return re.sub(r"-", "_", key)


def _value(sheet: Rates, row: int, prepared_on: str) -> DatedValue:
    source, citation, year = sheet.source[row], sheet.citation[row], sheet.year[row]
    return DatedValue(
        year,
        float(sheet.rate[row]),
        sheet.status[row] or "forecast",
        prepared_on,
        FIRST_KNOWN,
        source,
        "",
        citation,
        sheet.read.where(row, "rate"),
        first_day(year),
        None,
        "",
        sheet.reason[row],
        f"{source}, {citation}",
        sheet.owner[row],
        sheet.outside_provider_control[row],
    )


def _subject(key: str, values: list[DatedValue], book: AssumptionBook) -> Subject:
    national = book.national.get(key)
    if national is not None:
        return replace(national, values=tuple(values), where=values[0].where, local=True)
    kind = "efficiency" if "efficiency" in key else "growth"
    return Subject(key, key, "rate", kind, "forbid", "", tuple(values), values[0].where, True)
