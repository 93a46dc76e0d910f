"""Writing a first model: all of it or nothing, with the answers and the files it was made from, so
that it can be made again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wpb.intake.first_budget.answers import ANSWERS_FILE, with_answer
from wpb.intake.first_budget.building import FirstModel, assumption_file
from wpb.kernel.problems import UsageProblem
from wpb.kernel.safe_yaml import load_yaml, yaml_reader
from wpb.tables import ALL_TABLES

SOURCES, RECORD = "sources", "start.json"
KEPT = ("results",)


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything a start did not write, or that was changed by hand since.

    Raises UsageProblem.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    record = folder / RECORD
    if not folder.is_dir() or not record.is_file():
        raise UsageProblem(
            f"{folder} is there already and was not written by `wpb start`, so nothing was written."
            " Choose a new folder."
        )
    known: Mapping[str, str] = json.loads(record.read_text(encoding="utf-8"))["files"]
    changed = [
        name
        for name, mark in sorted(known.items())
        if name != ANSWERS_FILE and (folder / name).is_file() and _hash(folder / name) != mark
    ]
    more = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and path.relative_to(folder).parts[0] not in KEPT
        and path.relative_to(folder).as_posix() not in (*known, RECORD)
    )
    if changed or more:
        raise UsageProblem(
            f"{folder} was changed since it was started ({', '.join((changed + more)[:5])}), so"
            " nothing was written: starting again would lose it. Choose a new folder, and compare"
            " the two with `wpb compare`."
        )


def write_model(
    folder: Path, model: FirstModel, answers: Mapping[str, Any], sources: Mapping[str, Path]
) -> list[str]:
    """Write the model beside its place and move it there whole; earlier results are kept. An
    interruption leaves what was there.

    sources: the user's files by step. Gives the names of the files written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        new.chmod(0o755)
        names = _write(new, model, answers, sources)
        _move_into_place(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return names


def _move_into_place(new: Path, folder: Path) -> None:
    old = new.with_name(f"{new.name}-before")
    if folder.exists():
        for name in KEPT:
            if (folder / name).exists():
                shutil.copytree(folder / name, new / name)
        os.replace(folder, old)
    try:
        os.replace(new, folder)
    except BaseException:
        if old.exists():
            os.replace(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write(
    new: Path, model: FirstModel, answers: Mapping[str, Any], sources: Mapping[str, Path]
) -> list[str]:
    texts: dict[str, str] = {"model.yaml": _yaml(model.settings)}
    if model.rates:
        texts["assumptions/first_budget.yaml"] = assumption_file(model.rates, model.place)
    for spec in ALL_TABLES:
        rows = model.tables.get(spec.name)
        if rows:
            texts[f"inputs/{spec.name}.csv"] = _csv(rows)
    remembered = dict(answers)
    names: dict[str, bytes] = {}
    for step, path in sources.items():
        name = f"{SOURCES}/{path.name}"
        names[name] = path.read_bytes()
        remembered = with_answer(remembered, f"{step}.file", name)
    texts[ANSWERS_FILE] = _yaml(remembered)
    files = {**{name: text.encode("utf-8") for name, text in texts.items()}, **names}
    for name, content in files.items():
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    (new / RECORD).write_text(json.dumps({"files": hashes}, indent=2) + "\n", encoding="utf-8")
    return sorted([*files, RECORD])


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _csv(rows: list[dict[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _yaml(content: Mapping[str, Any]) -> str:
    from ruamel.yaml import YAML

    stream = io.StringIO()
    yaml = YAML(pure=True)
    yaml.width = 200
    yaml.dump(_dates(content), stream)
    return stream.getvalue()


def _dates(found: Any) -> Any:
    """Write a text that reads as a date as a date, so that it stays plain in the file."""
    if isinstance(found, Mapping):
        return {name: _dates(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_dates(value) for value in found]
    if isinstance(found, str) and len(found) == 10 and found[4:5] == "-":
        read = load_yaml(found, yaml_reader("safe"))
        return read if not isinstance(read, str) else found
    return found
