"""Upgrades a model folder or workbook on disk: all of it or nothing, with a backup beside it."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from wpb.intake.finding import find_as_written
from wpb.intake.upgrades.adapting import MARKER, stated_schema
from wpb.intake.upgrades.new_files import new_files
from wpb.intake.upgrades.step import apply_steps
from wpb.intake.upgrades.view import Change, FolderView
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog, UsageProblem
from wpb.tables.settings_shape import MODEL_SCHEMA, SCHEMA_SETTING, VERSION_SETTING

WAITING = ".wpb-new"


@dataclass
class Upgrade:
    """An upgrade as planned: from which schema, every change in words, and the new files."""

    place: Path
    folder: Path
    schema: int
    changes: list[Change]
    files: dict[str, bytes] = field(default_factory=dict)


def plan_upgrade(place: Path, from_schema: int | None = None) -> Upgrade:
    """Plan the upgrade of a model folder or a workbook; nothing is written.

    from_schema: run the steps from this schema on, whatever the settings say. Raises InputProblems
    where the folder can't be read, is of a newer schema or can't be rewritten; UsageProblem where
    nothing stands at the path, or it holds no settings.
    Source: req 443.
    """
    log = ProblemLog()
    found = find_as_written(place, log)
    if found.entries is None:
        log.raise_if_errors()
        raise UsageProblem(
            f"{place} has no settings (model.yaml, or a sheet named 'model'), so it has no schema"
            " to upgrade."
        )
    trouble = ProblemLog()
    stated = stated_schema(found.entries, trouble)
    trouble.raise_if_errors()
    assert stated is not None
    schema = min([stated, *(other for _, other in found.other_schemas)])
    if from_schema is not None:
        schema = from_schema
    if schema >= MODEL_SCHEMA:
        return Upgrade(place, found.folder, schema, [])
    log.raise_if_errors()  # a file that can't be read can't be upgraded with the rest
    view = FolderView(found.entries, found.settings_place, found.grids)
    apply_steps(view, schema)
    _state(view)
    sheets = [found.settings_sheet] if found.settings_sheet is not None else []
    files = new_files(found.folder, view, [*sheets, *found.other_sheets], trouble)
    trouble.raise_if_errors()
    return Upgrade(place, found.folder, schema, view.changes, files)


def _state(view: FolderView) -> None:
    """Say in the settings which schema the folder now has and which version wrote it."""
    from wpb import __version__

    with view.because(
        "So that any wpb can say who wrote the folder, should it not know its layout."
    ):
        view.settings.set(SCHEMA_SETTING, str(MODEL_SCHEMA))
        view.settings.set(VERSION_SETTING, __version__)


def rewrite(upgrade: Upgrade) -> Path:
    """Back up what an upgrade changes, then put the new files in place; gives the backup folder.

    A marker stands in the folder meanwhile, so that an upgrade that is killed is seen and
    `mend_unfinished` can put everything back. Raises UsageProblem where another upgrade is under
    way.
    Source: req 443.
    """
    folder, files = upgrade.folder, upgrade.files
    backup = _back_up(upgrade)
    marker = folder / MARKER
    record = {
        "schema": "wpb.upgrade-marker/1",
        "backup": backup.name,
        "files": {
            name: {"old": _hash((folder / name).read_bytes()), "new": _hash(content)}
            for name, content in files.items()
        },
    }
    waiting = folder / (MARKER + WAITING)
    _write(waiting, json.dumps(record, indent=2).encode())
    try:
        os.link(waiting, marker)  # whole at once, and never over another's
    except FileExistsError:
        raise UsageProblem(
            f"Another upgrade of {folder} is under way, or was stopped: run `wpb upgrade` again."
        ) from None
    finally:
        waiting.unlink()
    for name, content in files.items():
        path = (folder / name).resolve()
        _write(_waiting(path), content)
        shutil.copymode(path, _waiting(path))
    for name in sorted(files, key=lambda name: "/" not in name):  # the settings last
        path = (folder / name).resolve()
        os.replace(_waiting(path), path)
    marker.unlink()
    return backup


def mend_unfinished(folder: Path) -> str:
    """Put back the files of an upgrade that was stopped half way; gives what was done in words, ''
    where none was.

    Raises InputProblems where a file was changed since, or the backup is not there.
    Source: req 443.
    """
    marker = folder / MARKER
    if not marker.exists():
        return ""
    record = json.loads(marker.read_text(encoding="utf-8"))
    backup, log = folder.resolve().parent / str(record["backup"]), ProblemLog()
    todo = []
    for name, hashes in record["files"].items():
        current = _hash((folder / name).read_bytes()) if (folder / name).is_file() else ""
        if current == hashes["old"]:
            continue
        kept = backup / name
        if not kept.is_file() or _hash(kept.read_bytes()) != hashes["old"]:
            log.error(
                Cell(name, "", ""),
                f"An upgrade was stopped half way, and its backup {kept} is not there as it was.",
                f"Put the file back from a copy of your own, then delete {MARKER} and upgrade.",
                "upgrade_unfinished",
            )
        elif current not in (hashes["new"], ""):
            log.error(
                Cell(name, "", ""),
                "An upgrade was stopped half way, and this file was changed since.",
                f"The file as it was before stands at {kept}. Choose which to keep, delete {MARKER}"
                " and upgrade again.",
                "upgrade_unfinished",
            )
        else:
            todo.append((kept, folder / name))
    log.raise_if_errors()
    for kept, path in todo:
        _write(_waiting(path.resolve()), kept.read_bytes())
        os.replace(_waiting(path.resolve()), path.resolve())
    for name in record["files"]:
        _waiting((folder / name).resolve()).unlink(missing_ok=True)
    marker.unlink()
    count = len(todo)
    return (
        f"An upgrade of this folder was stopped half way. {count} file{'s' if count != 1 else ''}"
        f" put back from {backup}."
    )


def _back_up(upgrade: Upgrade) -> Path:
    """Copy the files that will change to a new dated folder beside the model."""
    place = upgrade.place.resolve()
    day = datetime.date.today().isoformat()
    stem = f"{place.name}.schema-{upgrade.schema}.{day}"
    backup = next(
        path
        for number in range(1, 1000)
        if not (path := place.parent / (stem if number == 1 else f"{stem}-{number}")).exists()
    )
    for name in upgrade.files:
        kept = backup / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(upgrade.folder / name, kept)
        if kept.read_bytes() != (upgrade.folder / name).read_bytes():
            raise OSError(f"{kept} could not be written as it should be")
    return backup


def _waiting(path: Path) -> Path:
    return path.with_name(f".{path.name}{WAITING}")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
