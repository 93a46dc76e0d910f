"""Stopping from the keyboard: the engine is asked to stop, finished stages are kept, and the next
run goes on from them.

Source: req 102.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from wpb.patients.engine import Cancelled

RESUMES = (
    "Stopped. The finished stages are kept in patients/.engine, nothing half-written is left, and"
    " the same command goes on from there."
)


@contextmanager
def stopped_from_keyboard() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether Ctrl-C was pressed; while the work goes on, Ctrl-C asks the
    engine to stop.

    A second Ctrl-C stops at once. Raises KeyboardInterrupt, saying that the work resumes, where it
    was stopped.
    """
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    in_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, ask) if in_main else None
    try:
        yield asked.is_set
        if asked.is_set():
            raise Cancelled
    except (Cancelled, KeyboardInterrupt):
        raise KeyboardInterrupt(RESUMES) from None
    finally:
        if in_main:
            signal.signal(
                signal.SIGINT, before if before is not None else signal.default_int_handler
            )
