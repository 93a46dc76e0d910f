"""Edits of model.yaml as text: one setting at a time, every comment and line else as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from wpb.intake.upgrades.view import SettingEdit

PLAIN = re.compile(r"[A-Za-z0-9][\w .,/()%-]*")
NOT_TEXT = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


def edited_yaml(text: str, edits: Iterable[SettingEdit]) -> str:
    """Apply edits to the text of a settings file, one after another.

    Source: req 443.
    """
    for edit in edits:
        if edit.act == "set":
            text = _set(text, edit.key, edit.value)
        elif edit.act == "rename":
            key_node, _ = _find(text, edit.key)
            text = _replaced(text, key_node, edit.value.rpartition(".")[2])
        else:
            text = _without(text, edit.key)
    return text


def _compose(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="rt", pure=True).compose(text)


def _find(text: str, key: str) -> tuple[Any, Any]:
    """Find the nodes of a setting's name and value.

    Raises KeyError where it is not there.
    """
    found = _nearest(_compose(text), key.split("."))
    if found[2]:
        raise KeyError(key)
    return found[0], found[1]


def _nearest(node: Any, parts: list[str]) -> tuple[Any, Any, list[str]]:
    """Follow a key as far as it is there: the last name and value found, and the parts left."""
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    name = None
    while parts:
        if isinstance(node, MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == parts[0]), None)
            if pair is None:
                break
            name, node = pair
        elif isinstance(node, SequenceNode) and int(parts[0]) <= len(node.value):
            name = node = node.value[int(parts[0]) - 1]
        else:
            break
        parts = parts[1:]
    return name, node, parts


def _replaced(text: str, node: Any, new: str) -> str:
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def _set(text: str, key: str, value: str) -> str:
    from ruamel.yaml.nodes import MappingNode

    name, node, parts = _nearest(_compose(text), key.split("."))
    if not parts:
        return _with_value(text, name, node, _spelt(value))
    spelt = _spelt(value)
    for part in reversed(parts[1:]):
        spelt = f"{{{part}: {spelt}}}"
    line = f"{parts[0]}: {spelt}"
    if not isinstance(node, MappingNode):  # a group with nothing under it yet
        return _with_value(text, name, node, f"{{{line}}}")
    if not node.value:
        return _replaced(text, node, f"{{{line}}}")
    first = node.value[0][0].start_mark
    ending = "\r\n" if "\r\n" in text else "\n"
    between = ", " if node.flow_style else ending + " " * first.column
    return text[: first.index] + line + between + text[first.index :]


def _with_value(text: str, name: Any, node: Any, spelt: str) -> str:
    if node.start_mark.index == node.end_mark.index:  # blank: the value goes after the colon
        colon = text.index(":", name.end_mark.index) + 1
        return f"{text[:colon]} {spelt}{text[colon:]}"
    return _replaced(text, node, spelt)


def _without(text: str, key: str) -> str:
    """Turn the lines of a setting into comments, so that nothing that was entered is lost."""
    name, node = _find(text, key)
    lines = text.splitlines(keepends=True)
    for number in range(name.start_mark.line, max(node.end_mark.line, name.start_mark.line) + 1):
        if number == name.start_mark.line or number < node.end_mark.line or node.end_mark.column:
            lines[number] = f"# {lines[number]}"
    return "".join(lines)


def _spelt(value: str) -> str:
    if PLAIN.fullmatch(value) and value.lower() not in NOT_TEXT and not value.endswith(" "):
        return value
    return json.dumps(value, ensure_ascii=False)
