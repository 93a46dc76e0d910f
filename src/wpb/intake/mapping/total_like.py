"""Rows of a user's file that look like totals, by the word of a code or a name, by a figure that is
the sum of others, or by a formula that adds up rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wpb.intake.grids import as_entered, is_blank
from wpb.intake.mapping.amounts import exact, read_amount
from wpb.intake.mapping.layouts import Layout
from wpb.intake.mapping.rules import TableMapping
from wpb.intake.total_rows import is_total_word, sums_of_rows, unlike_the_others

BARE_TOTAL = re.compile(
    r"\W*(grand|sub|report|overall|sum)?[\s\-]*totals?\W*(\(.*\))?\W*", re.IGNORECASE
)


@dataclass(frozen=True)
class TotalLike:
    """A row that looks like a total: where it says so, its text, why, and whether by its word."""

    row: int
    heading: str
    text: str
    why: str
    by_word: bool


def rows_like_totals(
    mapping: TableMapping,
    layout: Layout,
    figures: Sequence[str],
    names: Sequence[str],
    codes: Sequence[str],
) -> list[TotalLike]:
    """Find the rows that look like totals, in the order of the file.

    figures: columns of the table that take amounts; names, codes: headings mapped to names and to
    codes. A word counts on any heading where it stands alone, and in a longer name on those mapped.
    """
    rows = _kept_rows(mapping, layout)
    found: dict[int, TotalLike] = {}
    for heading in layout.headings:
        mapped = heading in names or heading in codes
        texts = {row: layout.text(row, heading) for row in rows}
        totals = {
            row: text
            for row, text in texts.items()
            if (is_total_word(text) if mapped else BARE_TOTAL.fullmatch(text))
        }
        if len(totals) * 2 <= max(len(rows), 2):
            for row, text in totals.items():
                found.setdefault(row, TotalLike(row, heading, text, f"'{text}'", True))
    rest = [row for row in rows if row not in found]
    unnamed = _unnamed(layout, rest, names, codes)
    for name in figures if mapping.unpivot is None else ():
        rule = mapping.columns.get(name)
        for heading in rule.headings if rule else ():
            for row, what in _by_value(layout, rest, heading, unnamed).items():
                text = layout.text(row, heading)
                why = f"{text} is the sum of {what}"
                found.setdefault(row, TotalLike(row, heading, text, why, False))
    return [found[row] for row in sorted(found)]


def _kept_rows(mapping: TableMapping, layout: Layout) -> list[int]:
    """The rows that are not left out by what they hold: what was left out adds nothing up."""
    wanted = {
        heading: {value.casefold() for value in values} for heading, values in mapping.keep.items()
    }
    return [
        row
        for row in layout.rows
        if all(layout.text(row, heading).casefold() in values for heading, values in wanted.items())
        and not any(layout.text(row, rule.column) == rule.equals for rule in mapping.left_out)
    ]


def _unnamed(
    layout: Layout, rows: Sequence[int], names: Sequence[str], codes: Sequence[str]
) -> list[bool]:
    found = [False] * len(rows)
    for heading in (*names, *codes):
        texts = [layout.text(row, heading) for row in rows]
        marked = unlike_the_others(texts) if heading in codes else [not text for text in texts]
        found = [one or other for one, other in zip(found, marked, strict=True)]
    return found


def _by_value(
    layout: Layout, rows: Sequence[int], heading: str, unnamed: Sequence[bool]
) -> dict[int, str]:
    amounts = [_pence(layout, row, heading) for row in rows]
    found = {rows[at]: what for at, what in sums_of_rows(amounts, unnamed).items()}
    position = layout.position_of[heading]
    for row in rows:
        if (row, position) in layout.grid.sums:
            found.setdefault(row, "other rows, by its formula")
    return found


def _pence(layout: Layout, row: int, heading: str) -> int:
    raw = layout.value(row, heading)
    if is_blank(raw) or isinstance(raw, bool):
        return 0
    amount = exact(raw) if isinstance(raw, int | float) else read_amount(as_entered(raw))
    return round((amount or Decimal(0)) * 100)
