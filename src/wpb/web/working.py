"""Long runs in a process of their own, one at a time; a run outlives the page, and a restart takes
it up again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import multiprocessing
import os
import secrets
import shutil
import tempfile
import threading
import time
import zipfile
from io import BytesIO
from multiprocessing.process import BaseProcess
from pathlib import Path

from wpb.store.database import Database
from wpb.store.jobs import (
    BEAT_SECONDS,
    CANCELLED,
    DONE,
    FAILED,
    RUNNING,
    Job,
    find_job,
    finish,
    hand_back,
    is_any_silent,
    is_any_waiting,
    say_alive,
    take,
    take_up_again,
    tell,
)

MEMORY_BYTES, CHECK_SECONDS = 4 * 2**30, 600
log = logging.getLogger("wpb.web")


class Cancelled(Exception):
    """Raised in a run's own process once someone has cancelled it."""


def work(url: str, identity: int, place: Path) -> None:
    """Do one run: check an upload, or calculate and write results; in a process of its own.

    place: a folder of the run's own, which whoever started it deletes, however the run ends.
    """
    parent = os.getppid()
    _end_with_parent()
    if hasattr(os, "nice"):
        os.nice(5)
    database = Database(url)
    with database.reading() as connection:
        job = find_job(connection, identity)
    if job.kind == "check":
        _limit_memory()

    def progress(stage: str) -> None:
        with database.writing() as connection:
            if not tell(connection, identity, stage):
                raise Cancelled

    try:
        outcome, file = _done(database, job, place, progress)
        standing = DONE
    except Cancelled:
        return
    except Exception as fault:  # noqa: BLE001 - kept with the run
        from wpb.kernel.problems import InputProblems, UsageProblem

        standing, file = FAILED, None
        problems = (
            [problem.as_dict() for problem in fault.problems]
            if isinstance(fault, InputProblems)
            else [
                {
                    "severity": "error",
                    "what": (
                        str(fault)
                        if isinstance(fault, UsageProblem)
                        else "The run failed inside the app; nothing was changed."
                    ),
                    "fix": "",
                    "where": None,
                }
            ]
        )
        outcome = json.dumps({"problems": problems})
    if os.getppid() != parent:  # its server is gone, and another has taken the run up
        return
    with database.writing() as connection:
        finish(connection, identity, standing, outcome, file)
    database.close()


def _end_with_parent() -> None:
    """Have the system end this process when its server is killed, where it can (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _limit_memory() -> None:
    """Let the reading of files from outside take only so much memory and processor time; drawing
    charts reserves far more than it uses.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):  # a machine without such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CHECK_SECONDS, CHECK_SECONDS + 10))


def _done(database: Database, job: Job, place: Path, progress: object) -> tuple[str, bytes | None]:
    import wpb
    from wpb.present.results import write_results
    from wpb.store.frozen import lay_out, thaw

    assert callable(progress)
    with database.reading() as connection:
        progress("reading")
        loaded = wpb.load(lay_out(thaw(connection, job.folder), place / "model"), progress=progress)
        if job.kind == "check":
            return json.dumps({"problems": [problem.as_dict() for problem in loaded.check()]}), None
        out = place / "results"
        if job.kind == "shadow":
            from wpb.web.shadowing import shadow_file

            return json.dumps({"problems": []}), shadow_file(loaded, job, out, progress)
        write_results(loaded.run(), out, progress)
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(out.iterdir()):
                archive.writestr(
                    zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED
                )
        return json.dumps({"problems": []}), packed.getvalue()


class Worker:
    """Takes runs from the queue while the app is up; servers that share a store share the queue."""

    def __init__(self, database: Database, url: str, cache: Path):
        self.database, self.url, self.cache = database, url, cache
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._looked = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; a run that is under way goes back to the queue, for the next server."""
        self._stop.set()
        self._thread.join(10)

    def _loop(self) -> None:
        while not self._stop.wait(0.2):
            try:
                job = self._next()
                if job is not None:
                    self._one(job)
            except (
                Exception
            ):  # such as a database that is away for a while: the queue is there when it is back
                log.warning("the queue of runs could not be read", exc_info=True)
                self._stop.wait(5)

    def _next(self) -> Job | None:
        """Take the run that has waited longest; now and then, take up those whose worker fell
        silent.
        """
        if time.monotonic() - self._looked > BEAT_SECONDS:
            self._looked = time.monotonic()
            with self.database.reading() as connection:
                silent = is_any_silent(connection)
            if silent:
                with self.database.writing() as connection:
                    take_up_again(connection)
        with self.database.reading() as connection:
            if not is_any_waiting(connection):
                return None
        with self.database.writing() as connection:
            return take(connection, self.name)

    def _one(self, job: Job) -> None:
        place = Path(tempfile.mkdtemp(prefix=f"run-{job.id}-", dir=self.cache))
        try:
            self._watched(job, place)
        finally:  # done, failed, cancelled or out of memory: nothing of it stays
            shutil.rmtree(place, ignore_errors=True)

    def _watched(self, job: Job, place: Path) -> None:
        process = multiprocessing.get_context("spawn").Process(
            target=work, args=(self.url, job.id, place), daemon=True
        )
        process.start()
        told = time.monotonic()
        while process.is_alive():
            time.sleep(0.15)
            with self.database.reading() as connection:
                held = find_job(connection, job.id)
            if held.standing == CANCELLED or self._stop.is_set():
                _end(process)
            elif held.standing == RUNNING and time.monotonic() - told > BEAT_SECONDS:
                told = time.monotonic()
                with self.database.writing() as connection:
                    if not say_alive(connection, job.id, self.name):
                        _end(process)
        process.join()
        with self.database.writing() as connection:
            if self._stop.is_set():
                hand_back(connection, job.id, self.name)
            elif process.exitcode:
                finish(
                    connection,
                    job.id,
                    FAILED,
                    json.dumps(
                        {
                            "problems": [
                                {
                                    "severity": "error",
                                    "what": (
                                        "The run ended before it was done: it may have needed more"
                                        " memory or time than it may take."
                                    ),
                                    "fix": "",
                                    "where": None,
                                }
                            ]
                        }
                    ),
                )


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join(3)
    if process.is_alive():
        process.kill()
