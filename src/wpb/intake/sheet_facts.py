"""What a workbook's own pages say beyond values: hidden rows and columns, error cells, formulas,
and number formats. One pass over the sheet's XML, made only where a quick scan finds any of these.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from wpb.intake.grids import SCALED, ZERO_PADDED, SheetFault

WORTH_A_LOOK = re.compile(rb"""\bt=["']e["']|<(?:\w+:)?f[ />]|\bhidden=["'](?:1|true)["']""")
ADDING_UP = re.compile(r"\b(?:SUM|SUBTOTAL|AGGREGATE)\s*\(([^()]*)\)", re.IGNORECASE)
RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)")
CELL = re.compile(r"([A-Z]+)(\d+)")
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CURRENCIES = ("$", "€", "¥")


@dataclass
class SheetFacts:
    """What one sheet says beyond its values, by row and position from 0."""

    faults: dict[tuple[int, int], SheetFault] = field(default_factory=dict)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    sums: set[tuple[int, int]] = field(default_factory=set)


def currency_shown(number_format: str) -> str:
    """Give the currency sign a number format shows: [$€-2] or "$" as literal text; a locale tag
    such as [$-409] is none.
    """
    bare = re.sub(r"\[\$([^\]\-]*)[^\]]*\]", r"\1", number_format)
    return next((sign for sign in CURRENCIES if sign in bare), "")


def sheet_facts(package: zipfile.ZipFile) -> Iterator[tuple[str, SheetFacts]]:
    """Give the facts of every sheet that has any, by its name.

    Raises KeyError, ElementTree.ParseError or BadZipFile where the workbook is damaged.
    """
    styles = _telling_styles(package)
    used = re.compile(
        rb"""\bs=["'](?:%s)["']""" % b"|".join(str(style).encode() for style in styles)
    )
    for name, part in _sheet_parts(package):
        content = package.read(part)
        if WORTH_A_LOOK.search(content) or (styles and used.search(content)):
            with package.open(part) as stream:
                yield name, _facts(stream, styles)


def _sheet_parts(package: zipfile.ZipFile) -> list[tuple[str, str]]:
    targets = {
        item.get("Id"): str(item.get("Target"))
        for item in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    }
    found = []
    for item in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        target = targets.get(item.get(RELATION), "")
        if item.tag.endswith("}sheet") and "worksheets/" in target:
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found.append((str(item.get("name")), part))
    return found


def _telling_styles(package: zipfile.ZipFile) -> dict[int, str]:
    """The cell styles whose number format changes how a value reads: style number to format."""
    if "xl/styles.xml" not in package.namelist():
        return {}
    root = ElementTree.fromstring(package.read("xl/styles.xml"))
    formats, styles = {}, {}
    for item in root.iter():
        tag = item.tag.rpartition("}")[2]
        if tag == "numFmt" and item.get("numFmtId", "").isdigit():
            formats[int(item.get("numFmtId", "0"))] = item.get("formatCode", "")
        elif tag == "cellXfs":
            for number, style in enumerate(item):
                styles[number] = formats.get(int(style.get("numFmtId", "0") or 0), "")
    return {number: shown for number, shown in styles.items() if _telling(shown)}


def _telling(number_format: str) -> bool:
    return bool(
        currency_shown(number_format)
        or ZERO_PADDED.fullmatch(number_format)
        or SCALED.search(number_format.split(";", maxsplit=1)[0])
    )


def _facts(stream: IO[bytes], styles: dict[int, str]) -> SheetFacts:
    facts = SheetFacts()
    row = position = -1
    for event, item in ElementTree.iterparse(stream, events=("start", "end")):
        tag = item.tag.rpartition("}")[2]
        if event == "start":
            if tag == "row":
                row = int(item.get("r", row + 2)) - 1
                position = -1
                if item.get("hidden") in ("1", "true"):
                    facts.hidden_rows.add(row)
            continue
        if tag == "col" and item.get("hidden") in ("1", "true"):
            first, last = int(item.get("min", "1")), int(item.get("max", "1"))
            facts.hidden_columns.update(range(first - 1, min(last, 16_384)))
        elif tag == "c":
            position = _position(item.get("r", ""), position)
            _cell(facts, item, (row, position), styles)
        elif tag == "row":
            item.clear()
    return facts


def _position(reference: str, before: int) -> int:
    found = CELL.fullmatch(reference)
    if not found:
        return before + 1
    position = 0
    for letter in found[1]:
        position = position * 26 + ord(letter) - 64
    return position - 1


def _adds_rows(formula: str, at: tuple[int, int]) -> bool:
    """Whether a formula adds up cells of its own column on other rows."""
    for inside in ADDING_UP.findall(formula):
        for first, top, last, bottom in RANGE.findall(inside.upper()):
            own = _position(f"{first}1", -1) <= at[1] <= _position(f"{last}1", -1)
            if own and top != bottom and not int(top) <= at[0] + 1 <= int(bottom):
                return True
    return False


def _cell(
    facts: SheetFacts, item: ElementTree.Element, at: tuple[int, int], styles: dict[int, str]
) -> None:
    kind, style = item.get("t", "n"), item.get("s", "")
    formula = value = None
    for part in item:
        tag = part.tag.rpartition("}")[2]
        if tag == "f":
            formula = part.text or ""
        elif tag == "v":
            value = part.text
    if kind == "e":
        facts.faults[at] = SheetFault(value or "#ERROR")
    elif formula is not None and kind == "n" and not value:
        facts.faults[at] = SheetFault(f"={formula}" if formula else "=...", calculated=False)
    if formula and _adds_rows(formula, at):
        facts.sums.add(at)
    if style.isdigit() and int(style) in styles:
        facts.formats[at] = styles[int(style)]
