"""The engine's folder: closed to every other account, with a key of its own, and gone when it
should be.

What is kept there is rows about people. Their numbers are stored under a key drawn for that folder
and read back with it, so a kept file without the key tells no pseudonym, and no result depends on
the key.
Source: req 102, 462.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.patients.engine import EngineProblem

ENGINE_FOLDER = ".engine"
KEY_FILE = "key"
KEY_BYTES = 32
ROUNDS = 4
FOLDER_MODE, FILE_MODE = 0o700, 0o600
IGNORED = "# Rows about people: never share or commit this folder.\n*\n"
HALF_BITS = 30
HALF, WHOLE = 2**HALF_BITS - 1, 2 ** (2 * HALF_BITS) - 1


def open_private(folder: Path) -> Path:
    """Make the engine's folder, or close one that is there: 0700, its files 0600, whatever the
    umask; links in it are taken away and what a killed run left is cleaned.

    Raises EngineProblem where it can't be written, or is itself a link.
    """
    if folder.is_symlink():
        raise EngineProblem(
            "folder_link",
            "The folder for people's records, patients/.engine, is a link to another place.",
            "Take the link out; wpb makes a folder of its own.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(FOLDER_MODE)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            write_private(ignore, IGNORED.encode())
        close(folder)
    except OSError as fault:
        raise EngineProblem(
            "folder",
            f"The folder for people's records can't be written ({fault.strerror}).",
            "Free some space or choose another folder, and run again.",
        ) from None
    _clean(folder)
    return folder


def close(folder: Path) -> None:
    """Close a folder and all in it to other accounts, and take away links, which are never
    followed.
    """
    folder.chmod(FOLDER_MODE)
    for found in folder.iterdir():
        if found.is_symlink():
            found.unlink()
        elif found.is_dir():
            close(found)
        else:
            found.chmod(FILE_MODE)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only this account can read, whole or not at all."""
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with os.fdopen(handle, "wb") as opened:
        os.chmod(part, FILE_MODE)
        opened.write(content)
    part.replace(path)


def _clean(folder: Path) -> None:
    """Take away what runs that were killed left: half-written stages, spilled rows, parts."""
    for left in (*folder.glob(".part-*"), *folder.glob("spill-*"), *folder.glob(".*.part-*")):
        process = left.name.rpartition("-")[2]
        if not process.isdigit() or not is_alive(int(process)):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def spill_folder(folder: Path) -> Path:
    """The folder that this process spills rows to; emptied at the next start if it is killed."""
    found = folder / f"spill-{os.getpid()}"
    found.mkdir(parents=True, exist_ok=True)
    found.chmod(FOLDER_MODE)
    return found


def is_alive(process: int) -> bool:
    """Say whether a process of this machine is still running."""
    if process == os.getpid():
        return True
    if os.name == "nt":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def clear(folder: Path) -> bool:
    """Take the engine's folder of a patients folder away; says whether there was one.

    A link in its place is taken away, and what it leads to is left alone.
    """
    kept = folder / ENGINE_FOLDER
    if kept.is_symlink():
        kept.unlink()
        return True
    if not kept.is_dir():
        return False
    shutil.rmtree(kept)
    return True


def forget(folder: Path, gone: Collection[str]) -> None:
    """Take away what is kept of tables whose records are no longer there, and all of it where none
    are.
    """
    kept = folder / ENGINE_FOLDER
    if kept.is_symlink() or not kept.is_dir():
        return
    for found in kept.iterdir():
        stage = found.name.rpartition("-")[0]
        if any(stage == name or stage.endswith(f"_{name}") for name in gone):
            shutil.rmtree(found, ignore_errors=True)


def refuse_links(folder: Path, log: ProblemLog) -> None:
    """Refuse links that lead out of the folder of people's records, wherever in it they lie.

    Source: req 102, 462.
    """
    home = folder.parent.resolve() / folder.name
    leading = [
        path
        for path in (folder, *folder.rglob("*"))
        if path.is_symlink() and not path.resolve().is_relative_to(home)
    ]
    if leading:
        log.error(
            Cell("patients", "", ""),
            f"Links in patients that lead out of it: {len(leading):,}.",
            "Put the files themselves there, or name their place under sources in patients.yaml.",
            "patients_link",
        )


class Mask:
    """Stores people's numbers under a key: what is written to the folder, and how it is read back.

    A record's person is hidden by its own record number, so equal people can't be told from equal
    values; elsewhere four Feistel rounds make a number of 60 bits another one. `mix` spells an
    engine's own mixing of a whole number to 60 bits, `xor` its exclusive or.
    """

    def __init__(self, key: bytes, mix: Callable[[str], str], xor: Callable[[str, str], str]):
        parts = (hashlib.blake2b(bytes([part]), key=key).digest() for part in range(ROUNDS))
        self._keys = [int.from_bytes(part[:7], "big") for part in parts]
        self._mix, self._xor = mix, xor
        self.name = hashlib.blake2b(b"name", key=key, digest_size=8).hexdigest()
        """Tells one key from another, and tells nothing of it."""

    def hidden(self, columns: Sequence[str]) -> str:
        """Spell the stored form of the column person; '' where there is none."""
        return self._spelt(columns, range(ROUNDS))

    def read(self, columns: Sequence[str]) -> str:
        """Spell the person of a stored row; '' where there is none."""
        return self._spelt(columns, reversed(range(ROUNDS)))

    def _spelt(self, columns: Sequence[str], rounds: Iterable[int]) -> str:
        if "person" not in columns:
            return ""
        if "record" in columns:
            inner = self._mix(self._xor("record", str(self._keys[0])))
            return self._xor("person", self._mix(self._xor(inner, str(self._keys[1]))))
        return self._feistel(rounds)

    def _feistel(self, rounds: Iterable[int]) -> str:
        low = f"(person & {WHOLE})"
        left, right = f"({low} >> {HALF_BITS})", f"(person & {HALF})"
        for number in rounds:
            key = str(self._keys[number])
            if number % 2 == 0:
                left = self._xor(left, f"({self._mix(self._xor(right, key))} & {HALF})")
            else:
                right = self._xor(right, f"({self._mix(self._xor(left, key))} & {HALF})")
        return f"((person - {low}) + ({left} << {HALF_BITS}) + {right})"


def engine_key(folder: Path) -> bytes:
    """The key of an engine's folder, drawn at random when it is first asked for."""
    path = folder / KEY_FILE
    if not path.is_file() or path.stat().st_size != KEY_BYTES:
        write_private(path, secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()
