"""The account of a mapped file: what its layout and its mapping say of it."""

from __future__ import annotations

import re

from wpb.intake.account import ColumnTotal, FileAccount, LeftOutGroup
from wpb.intake.known_files import known_file
from wpb.intake.mapping.amounts import plain, read_year
from wpb.intake.mapping.applying import Mapped
from wpb.intake.mapping.layouts import Layout
from wpb.intake.mapping.rules import TableMapping
from wpb.intake.mapping.suggesting import part_year_said
from wpb.kernel.calendar import is_financial_year
from wpb.kernel.places import column_letters
from wpb.tables.schema import TableSpec

YEAR = re.compile(r"(?<!\d)20\d\d\s?[-/\u2013]\s?(?:20)?\d\d(?!\d)")


def account_of(
    layout: Layout, mapping: TableMapping, mapped: Mapped, spec: TableSpec, currency: str
) -> FileAccount:
    """Give the account of a file and of what a mapping takes from it.

    Source: req 373.
    """
    grid = layout.grid
    read = {heading for rule in mapping.columns.values() for heading in rule.headings}
    read |= set(mapping.unpivot.headings) if mapping.unpivot else set()
    asked = {rule.column for rule in mapping.left_out} | set(mapping.keep)
    data = set(layout.rows)
    known = known_file(layout.path)
    return FileAccount(
        file=grid.file,
        sheet=grid.sheet if grid.source == "excel" else "",
        heading_row=layout.heading_row + 1,
        titles=layout.titles,
        read_as=grid.said,
        currency=currency,
        units={
            name: f"times {rule.times}"
            for name, rule in mapping.columns.items()
            if rule.times and rule.times != "1"
        },
        period=period_said(layout),
        edition=known.edition if known else "",
        standing=known.standing if known else "",
        rows_read=mapped.rows_read,
        rows_kept=mapped.rows_read - mapped.rows_left_out,
        totals_like=tuple((found.row + 1, found.why) for found in mapped.totals),
        hidden_rows=tuple(row + 1 for row in sorted(grid.hidden_rows) if row in data),
        hidden_columns=tuple(
            heading
            for heading, position in layout.position_of.items()
            if position in grid.hidden_columns
        ),
        hidden_sheets=grid.hidden_sheets,
        left_out=_left_out(layout, mapped),
        columns_not_read=tuple(
            heading for heading in layout.headings if heading not in read | asked
        ),
        columns_without_heading=tuple(column_letters(position) for position in layout.unheaded),
        markers={
            mark: f"{mapping.markers[mark].replace('_', ' ')}, {count} times"
            for mark, count in mapped.markers.items()
        },
        dates_read_day_first=mapped.days_first,
        totals=tuple(
            ColumnTotal(
                tie.column,
                spec.column(tie.column).kind == "pounds",
                plain(tie.source),
                plain(tie.left_out),
                plain(tie.written),
                plain(tie.difference),
                tie.numbers,
            )
            for tie in mapped.ties
        ),
    )


def _left_out(layout: Layout, mapped: Mapped) -> tuple[LeftOutGroup, ...]:
    rows: dict[str, list[int]] = {}
    totals: dict[str, dict[str, str]] = {}
    for group in mapped.left_out:
        rows.setdefault(group.reason, []).extend(row + 1 for row in group.rows)
        totals[group.reason] = {name: plain(total) for name, total in group.totals.items() if total}
    for row, reason in layout.set_aside.items():
        if row + 1 not in rows.setdefault(reason, []):
            rows[reason].append(row + 1)
    return tuple(
        LeftOutGroup(reason, tuple(found), totals.get(reason, {}))
        for reason, found in rows.items()
        if found
    )


def period_said(layout: Layout) -> str:
    """Give the year and the part of it that the titles, the sheet or the file's name say."""
    texts = (*layout.titles, layout.grid.sheet, layout.grid.file)
    years = [
        year
        for text in texts
        for found in YEAR.findall(text.replace("_", "-"))
        if is_financial_year(year := read_year(found.replace(" ", "")))
    ]
    return ", ".join(part for part in (years[0] if years else "", part_year_said(layout)) if part)
