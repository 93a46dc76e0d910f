"""The figures of each page, drawn once: kept in memory and, by the hash of what they show, in the store.

So the app shows its first page at once after a start, before any budget has been worked out again.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from wpb.store.database import Database
from wpb.store.results import keep_result, kept_result
from wpb.web.in_use import StillWorking

MOST = 240
log = logging.getLogger("wpb.web")


class KeptPages:
    """Drawn pages by the inputs they show and a name."""

    def __init__(self, database: Database):
        self.database = database
        self._held: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._drawing: dict[tuple[str, str], Future[str]] = {}
        self._lock = threading.Lock()
        self._behind = ThreadPoolExecutor(1, thread_name_prefix="keeping")

    def get(self, inputs: str, name: str, make: Callable[[], str], patience: float | None = None) -> str:
        """Give a page's figures, drawing them the first time; with patience, wait only so many seconds.

        Raises StillWorking where patience ran out: the page is drawn all the same, for whoever asks next.
        """
        found = self.held(inputs, name)
        if found is not None:
            return found
        with self._lock:
            under_way = self._drawing.get((inputs, name))
            promised = under_way if under_way is not None else self._drawing.setdefault((inputs, name), Future())
        if under_way is None and patience is None:
            self._draw(inputs, name, make, promised)
        elif under_way is None:
            threading.Thread(target=self._draw, args=(inputs, name, make, promised), daemon=True).start()
        try:
            return promised.result(patience)
        except TimeoutError as fault:
            if promised.done():
                raise
            raise StillWorking("drawing") from fault

    def _draw(self, inputs: str, name: str, make: Callable[[], str], promised: Future[str]) -> None:
        try:
            found = make()
        except BaseException as fault:
            with self._lock:
                self._drawing.pop((inputs, name), None)
            promised.set_exception(fault)
            return
        self._hold(inputs, name, found)
        with self._lock:
            self._drawing.pop((inputs, name), None)
        promised.set_result(found)
        self._behind.submit(self._keep, inputs, name, found)

    def held(self, inputs: str, name: str) -> str | None:
        """Give a page's figures where they were drawn before, here or by an earlier server; else None."""
        with self._lock:
            found = self._held.get((inputs, name))
            if found is not None:
                self._held.move_to_end((inputs, name))
                return found
        with self.database.reading() as connection:
            found = kept_result(connection, inputs, name)
        if found is not None:
            self._hold(inputs, name, found)
        return found

    def close(self) -> None:
        """Finish what is being kept."""
        self._behind.shutdown()

    def _hold(self, inputs: str, name: str, content: str) -> None:
        with self._lock:
            self._held[inputs, name] = content
            while len(self._held) > MOST:
                self._held.popitem(last=False)

    def _keep(self, inputs: str, name: str, content: str) -> None:
        try:
            with self.database.writing() as connection:
                keep_result(connection, inputs, name, content)
        except Exception:  # nothing rests on it: the page is drawn again next time
            log.warning("a page could not be kept", exc_info=True)
