"""Text in CSV that a spreadsheet would run as a formula: marked on the way out, unmarked on the way
in.

A spreadsheet runs a cell that begins with = + - @, a tab or a carriage return. An apostrophe before
it makes it text. Numbers stay numbers, so -12.50 is left as it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-\d+(\.\d+)?([eE][+-]?\d+)?")


def _runs(text: str) -> bool:
    """Whether a spreadsheet would run text, apostrophes that were put before it aside."""
    bare = text.lstrip("'")
    return bare.startswith(FORMULA_STARTS) and NUMBER.fullmatch(bare) is None


def safe_text(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run; other text stays as it is.

    unsafe_text(safe_text(text)) == text for every text.
    """
    return f"'{text}" if _runs(text) else text


def unsafe_text(text: str) -> str:
    """Take the apostrophe away that `safe_text` put before text."""
    return text[1:] if text.startswith("'") and _runs(text) else text


def safe_csv(content: str) -> str:
    """Write a CSV again with every cell of text that a spreadsheet would run marked, once."""
    rows = csv.reader(io.StringIO(content, newline=""))
    return csv_of([unsafe_text(cell) for cell in row] for row in rows)


def csv_of(rows: Iterable[Iterable[object]]) -> str:
    """Write rows as the text of a CSV, every cell of text that a spreadsheet would run marked."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(
        [safe_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return written.getvalue()
