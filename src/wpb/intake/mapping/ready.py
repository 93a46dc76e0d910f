"""Ready layouts of published files: payments to practices, wide to long, and list sizes."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from wpb.intake.mapping.layouts import Layout
from wpb.intake.mapping.rules import ColumnRule, TableMapping, Unpivot
from wpb.kernel.problems import UsageProblem
from wpb.kernel.words import did_you_mean
from wpb.tables.primary_care import PRIMARY_CARE_STREAMS

FIRST_STREAM, ALL_STREAMS = "Global Sum", "Total NHS Payments to General Practice"
PRACTICE_CODES = ("code", "practice code", "practice_code", "org_code", "pracno", "prac code")
PEOPLE = (
    *("list_size", "number_of_patients", "patients", "registered_patients", "list size"),
    *("number of patients", "registered patients", "people"),
)
COUNTED_ON = ("extract_date", "extract date", "count_date", "date")
BREAKDOWNS = ("sex", "age", "age_group_5", "age_group")


@cache
def stream_names() -> dict[str, str]:
    """Give our payment stream for each heading of the published payments, any edition.

    Source: NHS Payments to General Practice, 2017/18 and 2022/23; req 378.
    """
    with (Path(__file__).parent / "payment_streams.csv").open(encoding="utf-8") as lines:
        return {row["heading"]: row["payment_stream"] for row in csv.DictReader(lines)}


def practice_payments_mapping(
    layout: Layout, year: str, fixed: Mapping[str, str], more: Mapping[str, str]
) -> TableMapping:
    """Give the mapping of NHS Payments to General Practice: each stream from Global Sum to the one
    before the total becomes a row; streams of one kind are added up.

    fixed: service_line and funding_stream of every row. more: streams of headings not yet known.
    Raises UsageProblem where a heading is missing, or a stream has no name of ours.
    Source: NHS Payments to General Practice; req 104, 377, 378.
    """
    for heading in (FIRST_STREAM, ALL_STREAMS, "Practice Code"):
        if heading not in layout.headings:
            raise UsageProblem(
                f"{layout.grid.file} is not a file of NHS Payments to General Practice: it has no"
                f" heading '{heading}' on row {layout.heading_row + 1}."
            )
    order = list(layout.headings)
    headings = order[order.index(FIRST_STREAM) : order.index(ALL_STREAMS)]
    known = {_plain(name): stream for name, stream in stream_names().items()}
    known |= {_plain(name): stream for name, stream in more.items()}
    lacking = [heading for heading in headings if _plain(heading) not in known]
    if lacking:
        raise UsageProblem(
            f"No payment stream is known for {', '.join(repr(name) for name in lacking)}. Name each"
            f' with --stream "HEADING=STREAM"; the streams are {", ".join(PRIMARY_CARE_STREAMS)}.'
        )
    names = {heading: known[_plain(heading)] for heading in headings}
    rules = {
        "list_code": ColumnRule(("Practice Code",)),
        "payment_stream": ColumnRule(),
        "service_line": ColumnRule(value=fixed["service_line"]),
        "funding_stream": ColumnRule(value=fixed["funding_stream"]),
        "value": ColumnRule(),
        "effective_year": ColumnRule(value=year),
    }
    wide = Unpivot("payment_stream", "value", tuple(headings), names)
    return TableMapping(
        "primary_care_payments",
        rules,
        heading_row=layout.heading_row + 1,
        add_up=True,
        unpivot=wide,
    )


def list_sizes_mapping(layout: Layout, counted_on: str, known_on: str) -> TableMapping:
    """Give the mapping of a file of registered patients by practice, in any layout that has a code,
    a count and a date; where it is also by sex and age, the rows of all of them.

    Raises UsageProblem where one of the three is missing, or no row is of all ages and sexes.
    Source: Patients Registered at a GP Practice; handbook fn 40, 1.1.4; req 2, 378.
    """
    by_name = {heading.casefold(): heading for heading in layout.headings}

    def found(names: tuple[str, ...], what: str) -> str:
        there = [by_name[name] for name in names if name in by_name]
        if not there:
            raise UsageProblem(
                f"{layout.grid.file} has no heading for {what} on row {layout.heading_row + 1}:"
                f" {', '.join(layout.headings)}. {did_you_mean(names[0], layout.headings)}"
                "Bring it in with `wpb map --as list_totals`."
            )
        return there[0]

    keep: dict[str, tuple[str, ...]] = {}
    for name in BREAKDOWNS:
        heading = by_name.get(name, "")
        values = {text.upper() for text in layout.values(heading)} if heading else set()
        if len(values) > 1 and "ALL" not in values:
            raise UsageProblem(
                f"{layout.grid.file} counts people by '{heading}' and has no rows of all of them."
                " Use the file of totals by practice."
            )
        if "ALL" in values:
            keep[heading] = ("ALL",)
    date = ColumnRule(value=counted_on)
    if not counted_on:
        date = ColumnRule((found(COUNTED_ON, "the day of the count (say it with --counted-on)"),))
    rules = {
        "count_date": date,
        "list_code": ColumnRule((found(PRACTICE_CODES, "the practice's code"),)),
        "people": ColumnRule((found(PEOPLE, "the number of people"),)),
        "known_on": ColumnRule(value=known_on) if known_on else date,
    }
    return TableMapping("list_totals", rules, heading_row=layout.heading_row + 1, keep=keep)


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split())
