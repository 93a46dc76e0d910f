"""How each column of a table is made from a user's layout, and how that is written down in a model
folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wpb.kernel.problems import UsageProblem

FOLDER = "mappings"


@dataclass(frozen=True)
class ColumnRule:
    """Where the values of one column come from.

    sources: headings of the layout; several are joined by joined_by for text, and added for figures
    (a heading in `taken_off` is taken off). value: the same on every row, in place of sources.
    lookup: the value for each code found.
    times: what figures are multiplied by, 1000 where the file is in thousands, -1 where its signs
    are the other way round.
    """

    sources: tuple[str, ...] = ()
    taken_off: tuple[str, ...] = ()
    value: str = ""
    lookup: Mapping[str, str] = field(default_factory=dict)
    joined_by: str = "-"
    times: str = "1"

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading the rule reads."""
        return (*self.sources, *self.taken_off)


@dataclass(frozen=True)
class LeftOut:
    """Rows left out on purpose: those with a value under a heading, and why."""

    column: str
    equals: str
    reason: str


@dataclass(frozen=True)
class TableMapping:
    """A remembered mapping: the table it fills, where the rows stand, a rule for each column, and
    rows left out.
    """

    table: str
    columns: dict[str, ColumnRule]
    sheet: str = ""
    heading_row: int | None = None
    left_out: tuple[LeftOut, ...] = ()
    add_up: bool = False
    """Whether rows that share a key are added up."""


def default_path(folder: Path, table: str) -> Path:
    """Where a table's mapping is remembered unless another file is named."""
    return folder / FOLDER / f"{table}.yaml"


def write_mapping(path: Path, mapping: TableMapping) -> None:
    """Write a mapping as YAML, in words a person can read and change."""
    from ruamel.yaml import YAML

    content: dict[str, Any] = {"table": mapping.table}
    if mapping.sheet:
        content["sheet"] = mapping.sheet
    if mapping.heading_row is not None:
        content["heading_row"] = mapping.heading_row
    content["columns"] = {name: _as_yaml(rule) for name, rule in mapping.columns.items()}
    if mapping.left_out:
        content["left_out"] = [
            {"column": row.column, "equals": row.equals, "reason": row.reason}
            for row in mapping.left_out
        ]
    if mapping.add_up:
        content["add_up"] = True
    path.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML(pure=True)
    yaml.width = 200
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        yaml.dump(content, stream)


def _as_yaml(rule: ColumnRule) -> dict[str, Any]:
    if not rule.sources and not rule.taken_off:
        return {"value": rule.value}
    found: dict[str, Any] = (
        {"column": rule.sources[0]} if len(rule.sources) == 1 else {"columns": list(rule.sources)}
    )
    if rule.taken_off:
        found["taken_off"] = list(rule.taken_off)
    if len(rule.sources) > 1 and rule.joined_by != "-":
        found["joined_by"] = rule.joined_by
    if rule.times != "1":
        found["times"] = rule.times
    if rule.lookup:
        found["lookup"] = dict(rule.lookup)
    return found


def read_mapping(path: Path) -> TableMapping:
    """Read a remembered mapping.

    Raises UsageProblem, naming the file and what is wrong, where it can't be read.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))
    except (YAMLError, UnicodeDecodeError) as fault:
        raise UsageProblem(
            f"The mapping {path} can't be read: {str(fault).splitlines()[0]}. Mend it, or delete it"
            " and map afresh."
        ) from None
    if (
        not isinstance(content, dict)
        or not isinstance(content.get("columns"), dict)
        or "table" not in content
    ):
        raise UsageProblem(
            f"The mapping {path} should hold `table:` and `columns:`. Mend it, or delete it and map"
            " afresh."
        )
    strange = set(content) - {"table", "sheet", "heading_row", "columns", "left_out", "add_up"}
    if strange:
        raise UsageProblem(
            f"The mapping {path} holds {', '.join(sorted(map(str, strange)))}, which is not known."
            " Mend it, or delete it and map afresh."
        )
    columns = {str(name): _rule(path, str(name), rule) for name, rule in content["columns"].items()}
    left_out = tuple(
        LeftOut(str(row["column"]), str(row["equals"]), str(row["reason"]))
        for row in content.get("left_out") or ()
    )
    return TableMapping(
        str(content["table"]),
        columns,
        str(content.get("sheet") or ""),
        content.get("heading_row"),
        left_out,
        bool(content.get("add_up")),
    )


def _rule(path: Path, name: str, rule: Any) -> ColumnRule:
    if not isinstance(rule, dict) or not {"value", "column", "columns", "taken_off"} & set(rule):
        raise UsageProblem(
            f"In the mapping {path} the column '{name}' needs `column:`, `columns:` or `value:`."
        )
    if "value" in rule:
        return ColumnRule(value=str(rule["value"]))
    sources = (
        (str(rule["column"]),) if "column" in rule else tuple(map(str, rule.get("columns") or ()))
    )
    lookup = {str(code): str(value) for code, value in (rule.get("lookup") or {}).items()}
    return ColumnRule(
        sources,
        tuple(map(str, rule.get("taken_off") or ())),
        lookup=lookup,
        joined_by=str(rule.get("joined_by", "-")),
        times=str(rule.get("times", "1")),
    )
