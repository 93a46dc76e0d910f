"""Reads a CSV file, strictly UTF-8, to a grid."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from wpb.intake.grids import Grid, Raw
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog

SAVE_AS_UTF8 = "In Excel choose Save As, then 'CSV UTF-8 (Comma delimited)'."


def read_csv_file(path: Path, file: str, log: ProblemLog) -> Grid | None:
    """Read a CSV file to a grid of text; None, with the problem logged, where it can't be read.

    A row is one record, as a spreadsheet shows it, even where a quoted value runs over several
    lines.
    """
    sheet = path.stem
    content = path.read_bytes()
    if not content:
        log.error(
            Cell(file, sheet, ""),
            "The file is empty (0 bytes).",
            "Save it again from its source, or take it out.",
            "file_empty",
        )
        return None
    text = _decode(content, file, sheet, log)
    if text is None:
        return None
    csv.field_size_limit(10_000_000)
    rows: list[list[Raw]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(list(record))
    except csv.Error as fault:
        log.error(
            Cell(file, sheet, f"A{len(rows) + 1}"),
            f"From row {len(rows) + 1} on the file can't be read: {fault}.",
            "Look for a quotation mark that is opened and never closed, or one inside a value.",
            "csv_broken",
        )
        return None
    return None if _wrong_separator(rows, file, sheet, log) else Grid(file, sheet, "csv", rows)


def _decode(content: bytes, file: str, sheet: str, log: ProblemLog) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        log.error(
            Cell(file, sheet, "A1"),
            "The file is in UTF-16 encoding, not UTF-8.",
            SAVE_AS_UTF8,
            "encoding",
        )
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = content[: fault.start].decode("utf-8-sig")
        character = content[fault.start : fault.start + 1].decode("cp1252", errors="replace")
        log.error(
            _last_cell(before, file, sheet),
            f"The file is not in UTF-8 encoding: a character here looks like '{character}' in"
            " Windows-1252, the encoding of Excel's plain CSV.",
            SAVE_AS_UTF8,
            "encoding",
        )
        return None
    if "\x00" in text:
        log.error(
            _last_cell(text[: text.index("\x00")], file, sheet),
            "The file holds null characters, so it is not a plain CSV file in UTF-8.",
            SAVE_AS_UTF8,
            "encoding",
        )
        return None
    return text


def _last_cell(text: str, file: str, sheet: str) -> Cell:
    records = list(csv.reader(io.StringIO(text + "?", newline="")))
    return Grid(file, sheet, "csv", []).cell(len(records) - 1, len(records[-1]) - 1)


def _wrong_separator(rows: list[list[Raw]], file: str, sheet: str, log: ProblemLog) -> bool:
    heading = next(
        (str(row[0]) for row in rows if len(row) == 1 and not str(row[0]).startswith("#")), ""
    )
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if heading.count(separator) >= 1:
            log.error(
                Cell(file, sheet, "A1", heading),
                f"The values are parted by {name}, not commas.",
                SAVE_AS_UTF8,
                "csv_separator",
            )
            return True
    return False
