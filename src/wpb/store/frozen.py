"""Frozen folders: a model's files kept by their content, so that nobody can alter what was agreed.

Source: handbook 3.7 (the method used should be transparently recorded); req 366.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, insert, select

from wpb.kernel.problems import UsageProblem
from wpb.store.shape import files, folders
from wpb.store.trail import now

RECORD = "record/"
PARTS = ("model.yaml", "inputs/", "assumptions/", "arrangements/", RECORD)
"""What belongs to a model. People's records never enter the store, and results are worked out
again.
"""
SUFFIXES = (".csv", ".xlsx", ".parquet", ".yaml", ".yml", ".md")


def is_kept(name: str) -> bool:
    """Whether a file of this path belongs to a model."""
    if name.startswith(RECORD):
        return name.endswith(".json")
    inside = name in PARTS or name.startswith(PARTS[1:]) or "/" not in name
    return inside and name.lower().endswith(SUFFIXES)


def model_files(folder: Path) -> dict[str, bytes]:
    """Read the files of a model folder or workbook that make it what it is, by path.

    Raises UsageProblem for a folder that holds people's records, or no model.
    """
    if folder.is_file():
        return {folder.name: folder.read_bytes()}
    if (folder / "patients").is_dir():
        raise UsageProblem(
            "This model holds people's records, which never enter the app. Run it on your own"
            " machine and bring its tables without the patients folder."
        )
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (
            path.is_file()
            and not path.is_symlink()
            and is_kept(name)
            and not name.endswith("README.md")
        ):
            found[name] = path.read_bytes()
    if "model.yaml" in found:
        # A workbook beside model.yaml and inputs is another form of the same model.
        found = {
            name: content
            for name, content in found.items()
            if "/" in name or not name.endswith(".xlsx")
        }
    if not found:
        raise UsageProblem(f"{folder.name} holds no model.")
    return found


def listing_of(content: Mapping[str, bytes]) -> str:
    """Write a folder's listing: 'sha256  path' a line, in order of path.

    Raises UsageProblem for a path that leads out of the folder.
    """
    for name in content:
        path = PurePosixPath(name)
        if (
            path.is_absolute()
            or ".." in path.parts
            or not name
            or "\\" in name
            or "\n" in name
            or "\0" in name
            or path.as_posix() != name
        ):
            raise UsageProblem(f"'{name[:80]}' is not a path within the folder.")
    return "".join(
        f"{hashlib.sha256(content[name]).hexdigest()}  {name}\n" for name in sorted(content)
    )


def keep_file(connection: Connection, content: bytes) -> str:
    """Keep a file by its content, once, and give its hash."""
    digest = hashlib.sha256(content).hexdigest()
    if connection.execute(select(files.c.sha256).where(files.c.sha256 == digest)).first() is None:
        connection.execute(insert(files).values(sha256=digest, content=content))
    return digest


def freeze(connection: Connection, content: Mapping[str, bytes]) -> str:
    """Keep a folder and give its hash; the same content is the same folder."""
    listing = listing_of(content)
    digest = hashlib.sha256(listing.encode()).hexdigest()
    if (
        connection.execute(select(folders.c.sha256).where(folders.c.sha256 == digest)).first()
        is None
    ):
        for each in content.values():
            keep_file(connection, each)
        connection.execute(insert(folders).values(sha256=digest, listing=listing, frozen_at=now()))
    return digest


def _lines(listing: str) -> Iterable[tuple[str, str]]:
    for line in listing.splitlines():
        digest, _, name = line.partition("  ")
        yield digest, name


def listed(connection: Connection, folder: str) -> dict[str, str]:
    """Give the hash of each file of a frozen folder by path; nothing for a folder that isn't
    there.
    """
    row = connection.execute(select(folders.c.listing).where(folders.c.sha256 == folder)).first()
    return {} if row is None else {name: digest for digest, name in _lines(row.listing)}


def thaw(connection: Connection, folder: str) -> dict[str, bytes]:
    """Give the files of a frozen folder, each tested against its hash.

    Raises UsageProblem for a folder that isn't there, or whose bytes are no longer what was frozen.
    """
    row = connection.execute(select(folders.c.listing).where(folders.c.sha256 == folder)).first()
    if row is None:
        raise UsageProblem("There is no such folder.")
    if hashlib.sha256(row.listing.encode()).hexdigest() != folder:
        raise UsageProblem("The listing of this folder was changed after it was frozen.")
    found = {}
    for digest, name in _lines(row.listing):
        kept = connection.execute(select(files.c.content).where(files.c.sha256 == digest)).first()
        if kept is None or hashlib.sha256(kept.content).hexdigest() != digest:
            raise UsageProblem(f"The file {name} is no longer what was frozen.")
        found[name] = bytes(kept.content)
    return found


def lay_out(content: Mapping[str, bytes], place: Path) -> Path:
    """Write a folder's files to a place on disk, whole or not at all, and give the model's path
    there.
    """
    listing_of(content)
    names = list(content)
    model = place if "model.yaml" in content or len(names) != 1 else place / names[0]
    if place.exists():
        return model
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".laying-", dir=place.parent))
    for name, each in content.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each)
    try:
        fresh.rename(place)
    except OSError:  # another process laid the same folder out first
        shutil.rmtree(fresh, ignore_errors=True)
    return model
