"""Reads model.yaml into flat settings, each with its line: 'contract.first_year' -> ('2030-31',
line 9).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.kernel.safe_yaml import compose_yaml

SETTINGS_FILE = "model.yaml"
SETTINGS_SHEET = "model"


@dataclass(frozen=True)
class Entry:
    """One setting as entered, and where."""

    text: str
    where: Cell


def read_settings_file(path: Path, log: ProblemLog) -> dict[str, Entry] | None:
    """Read model.yaml to flat entries by dotted key; list items are numbered from 1; None where it
    can't be read.

    A list of plain values becomes one entry, its values joined by ', '. Problems go to the log.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    where = Cell(SETTINGS_FILE, SETTINGS_SHEET, "")
    text = _decode(path, log)
    if text is None:
        return None
    try:
        root = compose_yaml(text)
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = f"line {mark.line + 1}" if mark else ""
        log.error(
            Cell(SETTINGS_FILE, SETTINGS_SHEET, line),
            f"model.yaml can't be read here: {fault.problem or 'its layout is broken'}.",
            "Check indents (spaces, never tabs) and put quotes around text that holds a colon or"
            " starts with a bracket.",
            "yaml_broken",
        )
        return None
    except YAMLError as fault:
        log.error(
            where,
            f"model.yaml can't be read: {fault}",
            "Write a fresh one with `wpb new` and copy your settings over.",
            "yaml_broken",
        )
        return None
    if root is None:
        log.error(
            where,
            "model.yaml is empty.",
            "Write a fresh one with `wpb new` and fill it in.",
            "file_empty",
        )
        return None
    entries: dict[str, Entry] = {}
    if not _is_mapping(root):
        log.error(
            _line(root),
            "model.yaml should be a list of settings, each as `name: value`.",
            "Start from the file `wpb new` writes.",
            "yaml_shape",
        )
        return None
    _flatten(root, "", entries, log)
    return entries


def _decode(path: Path, log: ProblemLog) -> str | None:
    where = Cell(SETTINGS_FILE, SETTINGS_SHEET, "")
    content = path.read_bytes()
    if not content.strip():
        log.error(
            where,
            "model.yaml is empty.",
            "Write a fresh one with `wpb new` and fill it in.",
            "file_empty",
        )
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        log.error(
            Cell(SETTINGS_FILE, SETTINGS_SHEET, f"line {line}"),
            "model.yaml is not in UTF-8 encoding.",
            "Save it again as UTF-8 (in Notepad: Save As, Encoding UTF-8).",
            "encoding",
        )
        return None


def _is_mapping(node: Any) -> bool:
    from ruamel.yaml.nodes import MappingNode

    return isinstance(node, MappingNode)


def _is_scalar(node: Any) -> bool:
    from ruamel.yaml.nodes import ScalarNode

    return isinstance(node, ScalarNode)


def _line(node: Any, entered: str = "") -> Cell:
    return Cell(SETTINGS_FILE, SETTINGS_SHEET, f"line {node.start_mark.line + 1}", entered)


def _scalar_text(node: Any) -> str:
    if not node.style and node.value in ("", "~", "null", "Null", "NULL"):
        return ""
    return str(node.value).strip()


def _flatten(node: Any, prefix: str, entries: dict[str, Entry], log: ProblemLog) -> None:
    for key_node, value_node in node.value:
        key = f"{prefix}{key_node.value}"
        if key in entries:
            log.error(
                _line(key_node),
                f"'{key}' is set twice in model.yaml, here and on {entries[key].where.cell}.",
                "Keep one of them.",
                "setting_twice",
            )
            continue
        _flatten_value(key, key_node, value_node, entries, log)


def _flatten_value(
    key: str, key_node: Any, value_node: Any, entries: dict[str, Entry], log: ProblemLog
) -> None:
    if _is_scalar(value_node):
        text = _scalar_text(value_node)
        entries[key] = Entry(text, _line(key_node, text))
    elif _is_mapping(value_node):
        entries[key] = Entry("", _line(key_node))
        _flatten(value_node, f"{key}.", entries, log)
    elif all(_is_scalar(item) for item in value_node.value):
        text = ", ".join(_scalar_text(item) for item in value_node.value)
        entries[key] = Entry(text, _line(key_node, text))
    else:
        entries[key] = Entry("", _line(key_node))
        for number, item in enumerate(value_node.value, start=1):
            _flatten_value(f"{key}.{number}", item, item, entries, log)
