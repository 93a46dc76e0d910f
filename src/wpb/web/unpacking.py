"""Uploaded files as the files of a model: one workbook, a zip of a folder, or tables that replace
those of a version.

What is too large, too many, or leads out of its folder is refused before anything is written.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from wpb.store.frozen import is_kept, listing_of
from wpb.store.refusals import Conflict

MOST_FILES, MOST_BYTES, MOST_RATIO = 400, 200 * 1024 * 1024, 200
"""A zip that unpacks to more than this, or to more than this many times its size, is refused."""


def unpack(sent: Sequence[tuple[str, bytes]], held: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the files of the model that an upload makes; `held` are those of the version it starts
    from.

    Raises Conflict, in words, for what can't be a model's files.
    """
    files = [
        (PurePosixPath(name.replace("\\", "/")).name, content) for name, content in sent if content
    ]
    if not files:
        raise Conflict("Choose a file first.")
    if len(files) == 1 and files[0][0].lower().endswith(".zip"):
        return _folder(files[0][1])
    if len(files) == 1 and files[0][0].lower().endswith(".xlsx"):
        _check_zip(files[0][1], files[0][0])
        return {"model.xlsx": files[0][1]}
    found = dict(held)
    for name, content in files:
        if not name.lower().endswith((".csv", ".parquet")):
            raise Conflict(
                f"'{name[:80]}' is neither a workbook, a zip, a CSV nor a Parquet table."
            )
        stem = name.rsplit(".", 1)[0]
        for old in [
            path
            for path in found
            if path.startswith("inputs/") and PurePosixPath(path).stem == stem
        ]:
            del found[old]
        found[f"inputs/{name}"] = content
    listing_of(found)
    return found


def _check_zip(content: bytes, name: str) -> zipfile.ZipFile:
    try:
        opened = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError) as fault:
        raise Conflict(
            f"'{name[:80]}' can't be opened: it is not a whole"
            f" {'workbook' if name.endswith('.xlsx') else 'zip'}."
        ) from fault
    entries = opened.infolist()
    size = _size(opened)
    if (
        len(entries) > MOST_FILES * 5
        or size > MOST_BYTES
        or size > MOST_RATIO * max(len(content), 1)
    ):
        raise Conflict(
            f"'{name[:80]}' unpacks to far more than a model: {len(entries):,} files,"
            f" {size // 2**20:,} MB."
        )
    return opened


def _size(opened: zipfile.ZipFile) -> int:
    return sum(entry.file_size for entry in opened.infolist())


def _folder(content: bytes) -> dict[str, bytes]:
    opened = _check_zip(content, "upload.zip")
    names = [
        entry.filename
        for entry in opened.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
    ]
    if any(
        PurePosixPath(name).parts[:1] == ("patients",) or "/patients/" in name for name in names
    ):
        raise Conflict(
            "This zip holds people's records, which never enter the app. Send the tables without"
            " the patients folder."
        )
    if len(names) > MOST_FILES:
        raise Conflict(f"This zip holds {len(names):,} files; a model has at most {MOST_FILES}.")
    root = _root(names)
    found: dict[str, bytes] = {}
    left, unpacked = MOST_BYTES, 0
    for entry in opened.infolist():
        name = entry.filename.removeprefix(root)
        if entry.is_dir() or not entry.filename.startswith(root) or not is_kept(name):
            continue
        try:
            with opened.open(entry) as stream:
                found[name] = stream.read(left + 1)
        except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError, EOFError) as fault:
            raise Conflict(f"The file '{name[:80]}' in the zip can't be read.") from fault
        left -= len(found[name])
        if left < 0:
            raise Conflict("This zip unpacks to far more than a model.")
        if name.lower().endswith(".xlsx"):  # a workbook is a zip itself
            unpacked += _size(_check_zip(found[name], name))
            if unpacked > MOST_BYTES:
                raise Conflict("The workbooks in this zip unpack to far more than a model.")
    if not found:
        raise Conflict("This zip holds no model: no model.yaml, inputs or assumptions.")
    listing_of(found)
    return found


def _root(names: Sequence[str]) -> str:
    """Give the folder within the zip that the model stands in: the one with model.yaml, else the
    top.
    """
    found = [
        name.removesuffix("model.yaml")
        for name in names
        if PurePosixPath(name).name == "model.yaml"
    ]
    return min(found, key=len) if found else ""
