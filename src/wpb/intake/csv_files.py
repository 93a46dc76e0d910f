"""Reads a CSV file to a grid: strictly UTF-8 and commas in a model folder, and what Excel and other
systems write besides (UTF-16, Windows-1252, tabs, bars) where an account is shown before use.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from wpb.intake.grids import Grid, Raw
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.spreadsheet_text import unsafe_text

SAVE_AS_UTF8 = "In Excel choose Save As, then 'CSV UTF-8 (Comma delimited)'."


def read_csv_file(path: Path, file: str, log: ProblemLog, loose: bool = False) -> Grid | None:
    """Read a CSV file to a grid of text; None, with the problem logged, where it can't be read.

    A row is one record, as a spreadsheet shows it, even where a quoted value runs over several
    lines. loose: other encodings and separators are read, and said in the grid's `said`.
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
    said: list[str] = []
    text = _decode_any(content, said) if loose else _decode(content, file, sheet, log)
    if text is None:
        text = _decode(content, file, sheet, log)
    if text is None:
        return None
    separator = _separator(text, path.suffix.lower(), said) if loose else ","
    csv.field_size_limit(10_000_000)
    rows: list[list[Raw]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            rows.append([unsafe_text(cell) if cell[:1] == "'" else cell for cell in record])
    except csv.Error as fault:
        log.error(
            Cell(file, sheet, f"A{len(rows) + 1}"),
            f"From row {len(rows) + 1} on the file can't be read: {fault}.",
            "Look for a quotation mark that is opened and never closed, or one inside a value.",
            "csv_broken",
        )
        return None
    if separator == "," and _wrong_separator(rows, file, sheet, log):
        return None
    return Grid(file, sheet, "csv", rows, said=tuple(said))


def _decode_any(content: bytes, said: list[str]) -> str | None:
    """Decode UTF-8, UTF-16 by its mark or by its nulls, else Windows-1252; None for anything
    else.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if content.startswith(mark):
            said.append("encoding UTF-16")
            return _decoded(content[2:], encoding)
    if len(content) > 3 and not len(content) % 2 and content[1] == content[3] == 0:
        said.append("encoding UTF-16, without its mark")
        return _decoded(content, "utf-16-le")
    text = _decoded(content, "utf-8-sig")
    if text is None and (text := _decoded(content, "cp1252")) is not None:
        said.append("encoding Windows-1252, the encoding of Excel's plain CSV")
    return None if text is None or "\x00" in text else text


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _separator(text: str, ending: str, said: list[str]) -> str:
    """Tell the separator from the first lines: the one that they share, commas where none is."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    counts = {mark: sum(1 for line in lines if line.count(mark) >= 1) for mark in ("\t", "|", ",")}
    best = max(counts, key=lambda mark: (counts[mark], mark == ("," if ending == ".csv" else "\t")))
    if best == "," or not counts[best]:
        return ","
    said.append({"\t": "separated by tabs", "|": "separated by bars"}[best])
    return best


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
                f"The values are separated by {name}, not commas.",
                SAVE_AS_UTF8,
                "csv_separator",
            )
            return True
    return False
