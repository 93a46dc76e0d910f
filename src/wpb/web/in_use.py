"""The budgets in use: worked out once, in the background where nobody can wait, and kept while they
are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import wpb
from wpb.run import calculate
from wpb.store.database import Database
from wpb.store.events import Entered, live_content, live_hash
from wpb.store.frozen import lay_out
from wpb.store.overlay import Change, lay_over
from wpb.web.budgets import Shown
from wpb.web.once import Once

MOST_FOLDERS, MOST_TRIALS = 4, 16


class Budgets:
    """The budgets in use, a few at a time."""

    def __init__(self, database: Database, cache: Path):
        self.database, self.cache = database, cache
        self._shown: Once[Shown] = Once(MOST_FOLDERS)
        self._laid: Once[Shown] = Once(MOST_TRIALS)
        self._stage: dict[str, str] = {}

    def of(self, folder: str, patience: float | None = None) -> Shown:
        """Give the budget of a frozen folder; with patience, wait only so many seconds for it.

        Raises InputProblems where its inputs stop a run; StillWorking where patience ran out.
        """
        return self.live(folder, (), patience)

    def live(self, folder: str, events: Sequence[Entered], patience: float | None = None) -> Shown:
        """Give the budget of a frozen folder with the events of its contract, as `of` does.

        Raises InputProblems, StillWorking.
        """
        inputs = live_hash(folder, events)
        return self._shown.get(
            inputs, lambda: self._open(folder, events, inputs), patience, lambda: self.stage(inputs)
        )

    def laid_over(
        self, folder: str, changes: tuple[Change, ...], patience: float | None = None
    ) -> Shown:
        """Give the budget of a frozen folder with changes laid over it; the folder stays as it is.

        Only the stages that read what the changes touch are worked out again, to the same figures
        as a whole calculation.
        Raises InputProblems where the changes stop a run; Conflict for a change of what isn't
        there; StillWorking as above.
        """

        def make() -> Shown:
            under = self.of(folder)
            model, book = lay_over(under.budget.model, under.loaded.book, changes)
            return Shown(folder, under.loaded, calculate(model, book, after=under.budget))

        return self._laid.get((folder, changes), make, patience, lambda: self.stage(folder))

    def stage(self, inputs: str) -> str:
        """Say at what stage the working-out of some inputs is; '' where it has not begun or is
        done.
        """
        return self._stage.get(inputs, "")

    def _open(self, folder: str, events: Sequence[Entered], inputs: str) -> Shown:
        with self.database.reading() as connection:
            content = live_content(connection, folder, events)
        try:
            shown = Shown(
                folder,
                wpb.load(
                    lay_out(content, self.cache / inputs),
                    progress=lambda stage: self._stage.update({inputs: stage}),
                ),
                database=self.database,
            )
            _ = shown.tables
        finally:
            self._stage.pop(inputs, None)
        return shown
