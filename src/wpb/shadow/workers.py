"""Processes that simulate batches of runs: started once, used for every case, ended with whoever
asked for them.

A worker holds no model: a batch brings the case with it (some 150 kB), which the worker opens once
and keeps.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from wpb.kernel.problems import UsageProblem

Job = tuple[Any, ...]
QUEUED_EACH = 2
"""Batches handed out ahead for each worker, so that none waits for the next, and a stop never waits
for many.
"""


class Workers:
    """Some processes, started at the first batch where more than one is asked for; the results
    never hang on how many.
    """

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        self._pool: ProcessPoolExecutor | None = None
        self._packed: tuple[object, int, bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def each(
        self, work: Callable[..., Any], case: object, jobs: Sequence[Job]
    ) -> Iterator[tuple[int, Any]]:
        """Give the place of each job and what `work(case, *job)` gave, as they are done.

        Raises UsageProblem where a worker was ended from outside.
        """
        if self.count == 1 or len(jobs) == 1:
            for place, job in enumerate(jobs):
                yield place, work(case, *job)
            return
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.count, multiprocessing.get_context("spawn"), _begin
            )
        if self._packed is None or self._packed[0] is not case:
            self._packed = (case, (self._packed[1] + 1) if self._packed else 1, pickle.dumps(case))
        try:
            yield from self._handed_out(self._pool, work, jobs)
        except BrokenProcessPool:
            raise UsageProblem(
                "a worker was ended from outside, most likely because the machine ran out of"
                " memory; ask for fewer with --workers 1"
            ) from None

    def _handed_out(
        self, pool: ProcessPoolExecutor, work: Callable[..., Any], jobs: Sequence[Job]
    ) -> Iterator[tuple[int, Any]]:
        assert self._packed is not None
        _, number, packed = self._packed
        waiting: dict[Future[Any], int] = {}
        left = iter(enumerate(jobs))
        try:
            while True:
                while (
                    len(waiting) < QUEUED_EACH * self.count
                    and (coming := next(left, None)) is not None
                ):
                    waiting[pool.submit(_done, work, number, packed, coming[1])] = coming[0]
                if not waiting:
                    return
                finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in sorted(finished, key=lambda one: waiting[one]):
                    yield waiting.pop(future), future.result()
        finally:
            for future in waiting:
                future.cancel()


def at_work(workers: int | Workers) -> AbstractContextManager[Workers]:
    """Use workers that are there, leaving them to who started them, or start so many for the time
    being.
    """
    return Workers(workers) if isinstance(workers, int) else nullcontext(workers)


_HELD: tuple[int, Any] = (0, None)


def _begin() -> None:
    """Leave an interrupt to the process that asked, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _done(work: Callable[..., Any], number: int, packed: bytes, job: Job) -> Any:
    global _HELD  # noqa: PLW0603 - a worker process keeps what it was sent last
    if _HELD[0] != number:
        _HELD = (number, pickle.loads(packed))  # noqa: S301 - sent by the parent process
    return work(_HELD[1], *job)
