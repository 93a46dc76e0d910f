"""Edits of single cells of an Excel workbook, in its XML: formulas, their results, styles and
charts stay as they were.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from wpb.kernel.places import column_letters

ROW = re.compile(r"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
CELL = re.compile(r"<c\b([^>]*?)(?:/>|>.*?</c>)", re.DOTALL)
NUMBER = re.compile(r'\br="(\d+)"')
PLACE = re.compile(r'\br="([A-Z]+)(\d+)"')
STYLE = re.compile(r'\bs="\d+"')
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

CellEdits = Mapping[tuple[int, int], object]
"""New values by row and position, from 0."""


class UneditableWorkbook(ValueError):
    """Raised for a workbook whose XML is laid out in a way that is not edited here."""


def edited_workbook(content: bytes, edits: Mapping[str, CellEdits]) -> bytes:
    """Give a workbook's bytes with some cells of some sheets set.

    Raises UneditableWorkbook where a sheet is laid out in a way that is not edited here.
    Source: req 443.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        parts = _sheet_parts(old)
        by_part = {parts[sheet]: cells for sheet, cells in edits.items() if cells}
        for item in old.infolist():
            part = old.read(item)
            if item.filename in by_part:
                part = _edited_sheet(part.decode("utf-8"), by_part[item.filename]).encode("utf-8")
            new.writestr(item, part, item.compress_type)
    return out.getvalue()


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    targets = {
        item.get("Id"): str(item.get("Target"))
        for item in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    }
    found = {}
    for item in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        if item.tag.endswith("}sheet"):
            target = targets.get(item.get(RELATION), "")
            found[str(item.get("name"))] = (
                target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            )
    return found


def _edited_sheet(xml: str, cells: CellEdits) -> str:
    start, end = xml.find("<sheetData>"), xml.rfind("</sheetData>")
    if start < 0 and "<sheetData/>" in xml:
        xml = xml.replace("<sheetData/>", "<sheetData></sheetData>")
        start, end = xml.find("<sheetData>"), xml.rfind("</sheetData>")
    if start < 0 or end < start:
        raise UneditableWorkbook("its sheets are written in a form that is not edited")
    start += len("<sheetData>")
    rows: dict[int, tuple[str, str]] = {}
    for match in ROW.finditer(xml, start, end):
        number = NUMBER.search(match[1])
        if number is None:
            raise UneditableWorkbook("its rows are not numbered")
        rows[int(number[1])] = (match[1], match[2] or "")
    by_row: dict[int, dict[int, object]] = {}
    for (row, position), value in cells.items():
        by_row.setdefault(row + 1, {})[position] = value
    for numbered, values in by_row.items():
        attributes, inside = rows.get(numbered, (f' r="{numbered}"', ""))
        # what spans say of the columns in use is only a hint, and no longer true
        rows[numbered] = (
            re.sub(r' spans="[^"]*"', "", attributes),
            _edited_row(inside, numbered, values),
        )
    body = "".join(
        f"<row{attributes}>{inside}</row>" if inside else f"<row{attributes}/>"
        for _, (attributes, inside) in sorted(rows.items())
    )
    head = re.sub(r"<dimension\b[^>]*/>", "", xml[:start])
    return head + body + xml[end:]


def _edited_row(inside: str, number: int, values: Mapping[int, object]) -> str:
    there: dict[int, str] = {}
    for match in CELL.finditer(inside):
        place = PLACE.search(match[1])
        if place is None:
            raise UneditableWorkbook("its cells do not say where they are")
        there[_position(place[1])] = match[0]
    for position, value in values.items():
        style = STYLE.search(there.get(position, "").partition(">")[0])
        there[position] = _cell(number, position, value, style[0] if style else "")
    return "".join(cell for _, cell in sorted(there.items()))


def _cell(number: int, position: int, value: object, style: str) -> str:
    head = f'<c r="{column_letters(position)}{number}"{" " + style if style else ""}'
    if isinstance(value, int | float):
        return f"{head}><v>{value!r}</v></c>"
    if value in ("", None):
        return f"{head}/>"
    return f'{head} t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - ord("A") + 1
    return position - 1
