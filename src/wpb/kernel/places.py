"""Where a figure came from: a cell of an input file, or a cited assumption."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@cache
def column_letters(position: int) -> str:
    """Spell a zero-based column position as a spreadsheet does: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, remainder = divmod(position - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of an input: the file, the sheet (for a CSV, the file's own name, as Excel shows it)
    and the cell.

    A file of text, such as YAML, has no sheet: its `cell` is the line.
    """

    file: str
    sheet: str
    cell: str
    entered: str = ""

    def __str__(self) -> str:
        if not self.sheet:
            return f"{self.file}, {self.cell}" if self.cell else self.file
        return (
            f"{self.file}, sheet {self.sheet}, cell {self.cell}"
            if self.cell
            else f"{self.file}, sheet {self.sheet}"
        )

    def as_dict(self) -> dict[str, str]:
        """Spell the place for JSON: file, sheet, cell, and the text as it was entered."""
        return {"file": self.file, "sheet": self.sheet, "cell": self.cell, "entered": self.entered}


@dataclass(frozen=True, slots=True)
class Citation:
    """A published or locally agreed assumption: its key, the year it is for, its vintage and its
    source.
    """

    key: str
    effective_year: str
    vintage: str
    source: str
    locator: str = ""
    status: str = "final"
    note: str = ""

    def __str__(self) -> str:
        return (
            f"assumption {self.key} for {self.effective_year} ({self.source}, {self.locator},"
            f" {self.vintage})"
        )

    def as_dict(self) -> dict[str, str]:
        """Spell the citation for JSON."""
        return {
            "key": self.key,
            "effective_year": self.effective_year,
            "vintage": self.vintage,
            "source": self.source,
            "locator": self.locator,
            "status": self.status,
            "note": self.note,
        }


Place = Cell | Citation
