"""Long runs in a process of their own, one at a time; a run outlives the page, and a restart takes it up again."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import secrets
import tempfile
import threading
import time
import zipfile
from io import BytesIO
from multiprocessing.process import BaseProcess
from pathlib import Path

from wpb.store.database import Database
from wpb.store.jobs import CANCELLED, DONE, FAILED, Job, find_job, finish, take, take_up_again, tell

MEMORY_BYTES = 4 * 2**30


class Cancelled(Exception):
    """Raised in a run's own process once someone has cancelled it."""


def work(url: str, identity: int) -> None:
    """Do one run: check an upload, or calculate and write results; in a process of its own."""
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
        outcome, file = _done(database, job, progress)
        standing = DONE
    except Cancelled:
        return
    except Exception as fault:
        from wpb.kernel.problems import InputProblems, UsageProblem

        standing, file = FAILED, None
        problems = [problem.as_dict() for problem in fault.problems] if isinstance(fault, InputProblems) else [{"severity": "error", "what": str(fault) if isinstance(fault, UsageProblem) else "The run failed inside the app; nothing was changed.", "fix": "", "where": None}]
        outcome = json.dumps({"problems": problems})
    with database.writing() as connection:
        finish(connection, identity, standing, outcome, file)
    database.close()


def _limit_memory() -> None:
    """Let the reading of files from outside take only so much; drawing charts reserves far more than it uses."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # a machine without such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _done(database: Database, job: Job, progress: object) -> tuple[str, bytes | None]:
    import wpb
    from wpb.present.results import write_results
    from wpb.store.frozen import lay_out, thaw

    assert callable(progress)
    with database.reading() as connection, tempfile.TemporaryDirectory(prefix="wpb-run-") as place:
        progress("reading")
        loaded = wpb.load(lay_out(thaw(connection, job.folder), Path(place) / "model"), progress=progress)
        if job.kind == "check":
            return json.dumps({"problems": [problem.as_dict() for problem in loaded.check()]}), None
        out = Path(place) / "results"
        if job.kind == "shadow":
            from wpb.web.shadowing import shadow_file

            return json.dumps({"problems": []}), shadow_file(loaded, job, out, progress)
        write_results(loaded.run(), out, progress)
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(out.iterdir()):
                archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
        return json.dumps({"problems": []}), packed.getvalue()


class Worker:
    """Takes runs from the queue while the app is up."""

    def __init__(self, database: Database, url: str):
        self.database, self.url, self.name = database, url, f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def start(self) -> None:
        """Take up what an earlier server left, and begin."""
        with self.database.writing() as connection:
            take_up_again(connection, self.name)
        self._thread.start()

    def stop(self) -> None:
        """Stop; a run that is under way is taken up again by the next server."""
        self._stop.set()
        self._thread.join(10)

    def _loop(self) -> None:
        while not self._stop.wait(0.2):
            with self.database.reading() as connection:
                from sqlalchemy import select

                from wpb.store.shape import jobs

                waiting = connection.execute(select(jobs.c.id).where(jobs.c.standing == "waiting").limit(1)).first()
            if waiting is None:
                continue
            with self.database.writing() as connection:
                job = take(connection, self.name)
            if job is not None:
                self._one(job)

    def _one(self, job: Job) -> None:
        process = multiprocessing.get_context("spawn").Process(target=work, args=(self.url, job.id), daemon=True)
        process.start()
        while process.is_alive():
            time.sleep(0.15)
            with self.database.reading() as connection:
                cancelled = find_job(connection, job.id).standing == CANCELLED
            if cancelled or self._stop.is_set():
                _end(process)
        process.join()
        if not self._stop.is_set() and process.exitcode:
            with self.database.writing() as connection:
                finish(connection, job.id, FAILED, json.dumps({"problems": [{"severity": "error", "what": "The run ended before it was done: it may have needed more memory than it may take.", "fix": "", "where": None}]}))


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join(3)
    if process.is_alive():
        process.kill()
