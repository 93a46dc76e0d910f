"""The figures of each page, drawn once: kept in memory and, by the hash of what they show, in the
store.

So the app shows its first page at once after a start, before any budget has been worked out again.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from wpb.store.database import Database
from wpb.store.results import keep_result, kept_result
from wpb.web.once import Once

MOST = 240
log = logging.getLogger("wpb.web")


class KeptPages:
    """Drawn pages by the inputs they show and a name."""

    def __init__(self, database: Database):
        self.database = database
        self._held: Once[str] = Once(MOST)
        self._behind = ThreadPoolExecutor(1, thread_name_prefix="keeping")

    def get(
        self,
        inputs: str,
        name: str,
        make: Callable[[], str],
        patience: float | None = None,
        stage: Callable[[], str] = lambda: "",
    ) -> str:
        """Give a page's figures, drawing them where neither this server nor an earlier one has;
        with patience, wait only so many seconds.

        Raises StillWorking where patience ran out: the page is drawn all the same, for whoever asks
        next.
        """

        def draw() -> str:
            with self.database.reading() as connection:
                found = kept_result(connection, inputs, name)
            if found is None:
                found = make()
                with contextlib.suppress(
                    RuntimeError
                ):  # the app is going down: the next one draws it again
                    self._behind.submit(self._keep, inputs, name, found)
            return found

        return self._held.get((inputs, name), draw, patience, stage)

    def close(self) -> None:
        """Finish what is being kept."""
        self._behind.shutdown()

    def _keep(self, inputs: str, name: str, content: str) -> None:
        try:
            with self.database.writing() as connection:
                keep_result(connection, inputs, name, content)
        except Exception:  # nothing rests on it: the page is drawn again next time
            log.warning("a page could not be kept", exc_info=True)
