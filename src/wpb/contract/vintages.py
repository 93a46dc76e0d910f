"""A book of assumptions that stands still at the agreement, with the new figures a later agreement
looks at laid over it.

Source: handbook 4.3.1; req 219, 221.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace

from wpb.contract.periodic import NewFigure
from wpb.kernel.assumptions import AssumptionBook
from wpb.kernel.assumptions.values import Assumption


class OverlaidBook(AssumptionBook):
    """The book as it was, answering with a new figure where there is one."""

    def __init__(self, book: AssumptionBook, figures: Iterable[NewFigure] = ()):
        super().__init__(book.national.values(), book.local.values(), book.references)
        self.figures: Mapping[tuple[str, str], NewFigure] = {
            (figure.assumption, figure.year): figure for figure in figures
        }

    def find(self, key: str, year: str, known_on: datetime.date | None = None) -> Assumption | None:
        """Give the new figure for a year where there is one, else what the book held."""
        held = super().find(key, year, known_on)
        new = self.figures.get((key, year))
        if new is None:
            return held
        last = held or next(
            (
                found
                for past in reversed(self.years(key, known_on))
                if (found := super(OverlaidBook, self).find(key, past, known_on)) is not None
            ),
            None,
        )
        if last is None:
            return None
        note = f"new figure in place of {new.old_value:g}"
        return replace(
            last,
            value=new.new_value,
            extended=False,
            citation=replace(
                last.citation,
                effective_year=year,
                vintage=new.published_on.isoformat(),
                source=new.source,
                locator="periodic_evidence",
                status="final",
                note=note,
            ),
        )
