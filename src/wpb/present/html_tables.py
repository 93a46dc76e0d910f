"""Tables as the report shows them: a caption, headings with their scope, rows led by their name,
and a total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wpb.present.words import MINUS

PROSE = 60
"""Words longer than this get a column wide enough to read."""
CODE = 16
"""A single word up to this length, such as a code, is never broken."""


@dataclass(frozen=True)
class Cell:
    """One cell: its text, whether it is a figure, whether it is below nought, and its badges."""

    text: str
    figure: bool = False
    negative: bool = False
    badges: tuple[str, ...] = ()

    @property
    def classes(self) -> str:
        """The style classes of the cell: figures to the right, long words with room."""
        if not self.figure:
            return (
                "prose"
                if len(self.text) > PROSE
                else "code"
                if 0 < len(self.text) <= CODE and " " not in self.text
                else ""
            )
        return "figure negative" if self.negative else "figure"


@dataclass(frozen=True)
class HtmlTable:
    """One table of the report; the first cell of each row is its heading."""

    name: str
    caption: str
    headings: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...] = field(default=())

    @property
    def is_wide(self) -> bool:
        """Whether there are so many columns that they are set smaller."""
        return len(self.headings) > 8


def words(text: object) -> Cell:
    """Make a cell of words."""
    return Cell("" if text is None else str(text))


def figure(text: str) -> Cell:
    """Make a cell of a figure that was already written out."""
    return Cell(text, True, text.startswith(MINUS))


def html_table(
    name: str,
    caption: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    totals: Iterable[Sequence[Cell]] = (),
) -> HtmlTable:
    """Make a table; a heading over figures lines up with them."""
    body, foot = tuple(tuple(row) for row in rows), tuple(tuple(row) for row in totals)
    sample = (body or foot or ((),))[0]
    heads = tuple(
        Cell(heading, position < len(sample) and sample[position].figure)
        for position, heading in enumerate(headings)
    )
    return HtmlTable(name, caption, heads, body, foot)
