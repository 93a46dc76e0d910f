"""Measure two ways of doing one thing in the same run, and the peak memory of a command.

A ratio holds from machine to machine where seconds do not, so benchmarks say how much longer a
thing takes than a stated reference measured beside it, turn by turn, so that a busy moment falls on
both.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PEAK_OF_A_COMMAND = """
import resource, subprocess, sys
nothing = subprocess.DEVNULL
code = subprocess.call(sys.argv[1:], stdin=nothing, stdout=nothing, stderr=nothing)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


@dataclass(frozen=True)
class Comparison:
    """How long a way of doing something takes beside a reference: seconds of each turn, in
    order.
    """

    title: str
    measured_seconds: tuple[float, ...]
    reference_seconds: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of the measured over median of the reference."""
        return statistics.median(self.measured_seconds) / statistics.median(self.reference_seconds)

    @property
    def spread(self) -> tuple[float, float]:
        """Lowest and highest ratio of a single turn."""
        ratios = [
            measured / reference
            for measured, reference in zip(
                self.measured_seconds, self.reference_seconds, strict=True
            )
        ]
        return min(ratios), max(ratios)

    def __str__(self) -> str:
        low, high = self.spread
        return (
            f"{self.title}: {self.ratio:.2f} times the reference (turns from {low:.2f} to"
            f" {high:.2f}; medians {statistics.median(self.measured_seconds):.4f} s and"
            f" {statistics.median(self.reference_seconds):.4f} s, {len(self.measured_seconds)}"
            " turns)"
        )


def seconds_of(work: Callable[[], object]) -> float:
    """Time one call, with the rubbish of earlier calls cleared first."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(
    title: str,
    measured: Callable[[], object],
    reference: Callable[[], object],
    turns: int = 15,
    warm_up: int = 2,
) -> Comparison:
    """Time two callables turn by turn, which goes first changing each turn.

    Raises ValueError for fewer than three turns.
    """
    if turns < 3:
        raise ValueError("a median needs at least three turns")
    for _ in range(warm_up):
        measured()
        reference()
    pairs = []
    for turn in range(turns):
        if turn % 2:
            second = seconds_of(reference)
            pairs.append((seconds_of(measured), second))
        else:
            first = seconds_of(measured)
            pairs.append((first, seconds_of(reference)))
    return Comparison(title, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def command_runner(command: Sequence[str]) -> Callable[[], object]:
    """Give a callable that runs a command and throws its output away; CalledProcessError if it
    fails.
    """
    return lambda: subprocess.run(
        list(command),
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def peak_memory_mb(command: Sequence[str]) -> float:
    """Measure the peak resident memory of a command and what it starts one at a time, in MB of
    1,000,000 bytes.

    The command is started by a small Python of its own, because a process counts what its parent
    held before it began.
    Raises NotImplementedError on Windows, CalledProcessError where the command fails.
    """
    if sys.platform == "win32":
        raise NotImplementedError("peak memory is measured on Linux and macOS")
    done = subprocess.run(
        [sys.executable, "-S", "-c", PEAK_OF_A_COMMAND, *command],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    unit_bytes = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout) * unit_bytes / 1_000_000
