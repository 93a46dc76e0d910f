"""The budgets in use: worked out once, in the background where nobody can wait, and kept while they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import wpb
from wpb.run import calculate
from wpb.store.database import Database
from wpb.store.events import Entered, live_content, live_hash
from wpb.store.frozen import lay_out
from wpb.store.overlay import Change, lay_over
from wpb.web.budgets import Shown

MOST_FOLDERS, MOST_TRIALS = 4, 16


class StillWorking(Exception):
    """Raised where figures are being worked out and whoever asks would rather be told than wait; says how far it is."""


class Budgets:
    """The budgets in use, a few at a time."""

    def __init__(self, database: Database, cache: Path):
        self.database, self.cache = database, cache
        self._shown: OrderedDict[Any, Shown] = OrderedDict()
        self._laid: OrderedDict[Any, Shown] = OrderedDict()
        self._working: dict[Any, Future[Shown]] = {}
        self._stage: dict[Any, str] = {}
        self._lock = threading.Lock()

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
        return self._once(self._shown, inputs, MOST_FOLDERS, lambda: self._open(folder, events, inputs), patience)

    def laid_over(self, folder: str, changes: tuple[Change, ...], patience: float | None = None) -> Shown:
        """Give the budget of a frozen folder with changes laid over it; the folder stays as it is.

        Only the stages that read what the changes touch are worked out again, to the same figures as a whole calculation.
        Raises InputProblems where the changes stop a run; Conflict for a change of what isn't there; StillWorking as above.
        """

        def make() -> Shown:
            under = self.of(folder)
            model, book = lay_over(under.budget.model, under.loaded.book, changes)
            return Shown(folder, under.loaded, calculate(model, book, after=under.budget))

        return self._once(self._laid, (folder, changes), MOST_TRIALS, make, patience)

    def stage(self, inputs: str) -> str:
        """Say at what stage the working-out of some inputs is; '' where it is not under way."""
        return self._stage.get(inputs, "")

    def _open(self, folder: str, events: Sequence[Entered], inputs: str) -> Shown:
        with self.database.reading() as connection:
            content = live_content(connection, folder, events)
        shown = Shown(folder, wpb.load(lay_out(content, self.cache / inputs), progress=lambda stage: self._stage.update({inputs: stage})), database=self.database)
        _ = shown.tables
        return shown

    def _once(self, kept: OrderedDict[Any, Shown], key: Any, most: int, make: Callable[[], Shown], patience: float | None) -> Shown:
        with self._lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
            under_way = self._working.get(key)
            promised = under_way if under_way is not None else self._working.setdefault(key, Future())
        if under_way is None and patience is None:
            self._make(kept, key, most, make, promised)
        elif under_way is None:
            threading.Thread(target=self._make, args=(kept, key, most, make, promised), daemon=True).start()
        try:
            return promised.result(patience)
        except TimeoutError as fault:
            if promised.done():
                raise
            raise StillWorking(self._stage.get(key, "reading")) from fault

    def _make(self, kept: OrderedDict[Any, Shown], key: Any, most: int, make: Callable[[], Shown], promised: Future[Shown]) -> None:
        try:
            made = make()
        except BaseException as fault:
            with self._lock:
                self._working.pop(key, None)
            promised.set_exception(fault)
            return
        with self._lock:
            kept[key] = made
            self._working.pop(key, None)
            self._stage.pop(key, None)
            while len(kept) > most:
                kept.popitem(last=False)
        promised.set_result(made)
