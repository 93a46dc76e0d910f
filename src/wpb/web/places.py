"""Folders of the app's own among the temporary files: each held by a lock while its server lives,
so that what a server left that was killed is cleared when the next one starts.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import IO

PREFIX = "wpb-app-"
LOCK = ".held"
_held: dict[Path, IO[bytes]] = {}


def own_place() -> Path:
    """Make a folder that this server alone writes to, and hold it until the server ends."""
    place = Path(tempfile.mkdtemp(prefix=PREFIX))
    stream = (place / LOCK).open("wb")
    _lock(stream)
    _held[place] = stream
    return place


def let_go(place: Path) -> None:
    """Delete a folder of one's own, with all that is in it."""
    stream = _held.pop(place, None)
    if stream is not None:
        stream.close()
    shutil.rmtree(place, ignore_errors=True)


def clear_left() -> list[Path]:
    """Delete the folders that servers left which are gone, and give them; those in use stay."""
    found = []
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if place in _held or place.is_symlink() or not (place / LOCK).is_file():
            continue
        with contextlib.suppress(OSError), (place / LOCK).open("rb+") as stream:
            if _lock(stream):
                shutil.rmtree(place, ignore_errors=True)
                found.append(place)
    return found


def _lock(stream: IO[bytes]) -> bool:
    """Take the lock of a folder; False where another server has it, or this machine has no
    locks.
    """
    try:
        import fcntl
    except ImportError:  # a machine without such locks: what is left stays for its own clearing
        return False
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
