"""Where a leaf's figure stands in the workbook: a cell of an input sheet, or a row of the
assumptions.

Source: handbook 3.7; req 366, 367.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wpb.kernel.ledger import Block
from wpb.kernel.places import Cell, Citation
from wpb.present.live_workbook.units import is_money, scale_of

ASSUMPTIONS = "assumptions"
FIRST_ASSUMPTION = 6
"""The row of the first assumption, the first row of the sheet being 1."""
ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d*)")
FLAG_WORDS = {"in": ("in", 1.0), "out": ("in", 0.0), "true": ("true", 1.0), "false": ("true", 0.0)}
"""Words that decide a flag: the word that means yes, and what each stands for."""


@dataclass(frozen=True)
class InputSheet:
    """An input table as it was read: values by row and position exactly where they stood, numbers
    as numbers.
    """

    name: str
    rows: tuple[tuple[object, ...], ...]
    number_columns: frozenset[int] = field(default_factory=frozenset)
    """Positions of the columns that hold numbers."""
    settings: bool = False

    def value(self, address: str) -> object:
        """Give the value of a cell such as D5; None where the sheet has none."""
        found = ADDRESS.fullmatch(address)
        if not found:
            return None
        position = 0
        for letter in found[1]:
            position = position * 26 + ord(letter) - ord("A") + 1
        row = int(found[2]) - 1
        if row >= len(self.rows) or position > len(self.rows[row]):
            return None
        return self.rows[row][position - 1]


class Sources:
    """Finds the cell of the workbook that holds a leaf's figure."""

    def __init__(
        self,
        sheets: Iterable[InputSheet],
        assumptions: Mapping[tuple[str, str, str], tuple[int, float]],
    ) -> None:
        self.sheets = {sheet.name: sheet for sheet in sheets}
        self.assumptions = assumptions
        """Row on the assumptions sheet and value, by key, year and vintage."""

    def formula(self, block: Block, row: int, year: int) -> str:
        """Give the formula that reads a leaf's figure from where it was entered; blank where no
        single cell holds it.

        A cell is referred to only where it holds the very figure that the calculation uses.
        """
        place = block.where(row, year) if block.where else None
        value = block.at(row, year) * scale_of(block.unit)
        if isinstance(place, Citation):
            found = self.assumptions.get((place.key, place.effective_year, place.vintage))
            return (
                f"={ASSUMPTIONS}!$D${found[0]}"
                if found and math.isclose(found[1], value, rel_tol=1e-12, abs_tol=1e-15)
                else ""
            )
        if not isinstance(place, Cell) or place.sheet not in self.sheets:
            return ""
        held = self.sheets[place.sheet].value(place.cell)
        reference = f"'{place.sheet}'!{place.cell}"
        if isinstance(held, int | float) and not isinstance(held, bool):
            pence = (
                not is_money(block.unit)
                and math.isclose(held * 100, value, rel_tol=1e-12)
                and held != 0
            )
            return (
                f"={reference}"
                if math.isclose(held, value, rel_tol=1e-12, abs_tol=1e-15)
                else f"={reference}*100"
                if pence
                else ""
            )
        word, meaning = (
            FLAG_WORDS.get(held, ("", math.nan)) if isinstance(held, str) else ("", math.nan)
        )
        if meaning == value:
            return (  # a spreadsheet may turn the word true into a truth value
                f'=IF(LOWER({reference}&"")="{word}",1,0)'
            )
        return ""


def place_words(block: Block, row: int = 0, year: int = 0) -> str:
    """Say in words where a leaf's first figure came from."""
    place = block.where(row, year) if block.where and len(block.axis) else None
    return str(place) if place is not None else ""
