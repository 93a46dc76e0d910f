"""Stages: each a statement whose result is kept under the digest of all it came from.

A result is written under another name and renamed when it is whole, so a killed run leaves nothing
half-written, and the next run picks up every stage that was finished. Results live in the engine's
folder and never leave it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wpb.patients.engine import Cancelled, Engine, EngineProblem, Source
from wpb.patients.private_files import close, engine_key, open_private

if TYPE_CHECKING:
    import pyarrow

Progress = Callable[[str, str, float], None]
"""Told (stage, 'started' | 'done' | 'kept', seconds)."""

LAYOUT = "1"
"""Changes when the meaning of a stage's columns does, so that results of an earlier layout are made
anew.
"""


def _silent(stage: str, state: str, seconds: float) -> None:
    return None


@dataclass
class Stages:
    """The stages of one run, their digests and their results."""

    folder: Path
    engine: Engine
    progress: Progress = _silent
    cancelled: Callable[[], bool] | None = None
    keys: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    """What a reader calls each source, by its name in `of`."""
    _stored: str = field(default="", init=False)
    used: set[str] = field(default_factory=set)
    """Kept results this run made or found."""

    def __post_init__(self) -> None:
        open_private(self.folder)
        self._stored = self.engine.keep_under(engine_key(self.folder))

    def source(self, source: Source) -> None:
        """Note what a source holds, so that stages made from it are made anew when it changes."""
        self.keys[f"{source.name}_source"] = source.fingerprint
        self.labels[f"{source.name}_source"] = source.label or source.name

    def place(self, name: str, table: pyarrow.Table) -> None:
        """Make a small table readable; stages made from it are made anew when it changes."""
        digest = hashlib.sha256(str(table.schema).encode())
        for column in table.columns:
            digest.update(repr(column.to_pylist()).encode())
        self.keys[name] = digest.hexdigest()
        self.engine.place(name, table)

    def make(self, name: str, statement: str, of: Sequence[str], totals_among: str = "") -> None:
        """Make the result of a statement readable under a name, running it only where no kept
        result fits.

        `of` names the sources, tables and stages it is made from. With `totals_among`, the
        statement gives (person, pence) and the result adds them up by person; it names the table
        that every such person is in. Raises EngineProblem, Cancelled.
        """
        text = "\n".join(
            (
                LAYOUT,
                self.engine.name,
                self._stored,
                " ".join(statement.split()),
                *(f"{other}={self.keys[other]}" for other in of),
            )
        )
        self.keys[name] = key = hashlib.sha256(text.encode()).hexdigest()
        target = self.result_of(name)
        self.used.add(target.name)
        started = time.perf_counter()
        if target.exists():
            self.progress(name, "kept", 0.0)
        else:
            self.progress(name, "started", 0.0)
            part = self.folder / f".part-{name}-{key[:20]}-{os.getpid()}"
            try:
                with self._watched():
                    if totals_among:
                        self.engine.materialise_totals(statement, totals_among, part)
                    else:
                        self.engine.materialise(statement, part)
                close(part)
                self._rename(part, target)
            except EngineProblem as fault:
                raise self._named(fault, of) from None
            finally:
                shutil.rmtree(part, ignore_errors=True)
            self.seconds[name] = time.perf_counter() - started
            self.progress(name, "done", self.seconds[name])
        self.engine.attach(name, target)

    def fetch(self, statement: str) -> pyarrow.Table:
        """Give a small result."""
        with self._watched():
            return self.engine.fetch(statement)

    def result_of(self, name: str) -> Path:
        """Give the folder of a stage's kept result."""
        return self.folder / f"{name}-{self.keys[name][:20]}"

    def kept_bytes(self) -> int:
        """Size of what earlier runs kept."""
        return sum(file.stat().st_size for file in self.folder.glob("*/*.parquet"))

    def clear_others(self) -> None:
        """Take away kept results of the stages of this run that it did not use: inputs or choices
        have changed since.
        """
        names = {name.rpartition("-")[0] for name in self.used}
        for found in self.folder.iterdir():
            if (
                found.is_dir()
                and found.name.rpartition("-")[0] in names
                and found.name not in self.used
            ):
                shutil.rmtree(found, ignore_errors=True)

    def _named(self, fault: EngineProblem, of: Sequence[str]) -> EngineProblem:
        """Say which records a stage could not read."""
        labels = [self.labels[name] for name in of if name in self.labels]
        return fault.naming(labels[0]) if labels else fault

    def _rename(self, part: Path, target: Path) -> None:
        try:
            part.rename(target)
        except OSError as fault:
            if not target.exists():
                raise EngineProblem(
                    "folder",
                    f"A finished stage can't be put in its place ({fault.strerror}).",
                    "Check the folder for people's records and run again.",
                ) from None

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Stop the engine within a fifth of a second of being asked."""
        if self.cancelled is None:
            yield
            return
        if self.cancelled():
            raise Cancelled
        done, stopped = threading.Event(), self.cancelled

        def watch() -> None:
            while not done.wait(0.2):
                if stopped():
                    self.engine.interrupt()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
