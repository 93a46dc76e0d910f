"""Commands as a guide has them typed, run in this process: importing everything again for each
would take most of the time.
"""

from __future__ import annotations

import contextlib
import io
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wpb.cli import main


@dataclass(frozen=True)
class Typed:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def typed(command: str | Sequence[str], folder: Path) -> Typed:
    """Type a command of wpb in a folder."""
    words = shlex.split(command) if isinstance(command, str) else list(command)
    assert words[0] == "wpb", command
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words[1:])
    return Typed(code, out.getvalue(), err.getvalue())
