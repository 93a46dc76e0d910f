"""Work that is done once however many ask for it: one does it, the others wait, and whoever can't
wait is told how far it is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Made = TypeVar("Made")


class StillWorking(Exception):
    """Raised where figures are being worked out and whoever asks would rather be told than wait;
    says how far it is.
    """


class Once(Generic[Made]):
    """Things by a key: the last so many that were asked for are held, others are made when asked
    for, each by one alone.
    """

    def __init__(self, most: int):
        self.most = most
        self._held: OrderedDict[object, Made] = OrderedDict()
        self._under_way: dict[object, Future[Made]] = {}
        self._lock = threading.Lock()

    def get(
        self,
        key: object,
        make: Callable[[], Made],
        patience: float | None = None,
        stage: Callable[[], str] = lambda: "",
    ) -> Made:
        """Give what is held under a key, or make it; with patience it is made behind, and waited
        for only so many seconds.

        Raises StillWorking, with the stage, where patience ran out; whatever the making raises, to
        everyone who waits for it.
        """
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
            other = self._under_way.get(key)
            promised = other if other is not None else self._under_way.setdefault(key, Future())
        if other is None and patience is None:
            self._make(key, make, promised)
        elif other is None:
            threading.Thread(target=self._make, args=(key, make, promised), daemon=True).start()
        try:
            return promised.result(patience)
        except TimeoutError as fault:
            if promised.done():
                raise
            raise StillWorking(stage()) from fault

    def _make(self, key: object, make: Callable[[], Made], promised: Future[Made]) -> None:
        try:
            made = make()
        except BaseException as fault:  # noqa: BLE001 - given to whoever waits
            with self._lock:
                self._under_way.pop(key, None)
            promised.set_exception(fault)
            return
        with self._lock:
            self._held[key] = made
            self._under_way.pop(key, None)
            while len(self._held) > self.most:
                self._held.popitem(last=False)
        promised.set_result(made)
