"""How each column of a table is made from a user's layout, and how that is written down in a model
folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from wpb.kernel.problems import UsageProblem
from wpb.kernel.safe_yaml import load_yaml, yaml_reader

FOLDER = "mappings"


@dataclass(frozen=True)
class ColumnRule:
    """Where the values of one column come from.

    sources: headings of the layout; several are joined by joined_by for text, and added for figures
    (a heading in `taken_off` is taken off). value: the same on every row, in place of sources.
    lookup: the value for each code found.
    times: what figures are multiplied by, 1000 where the file is in thousands, -1 where its signs
    are the other way round; '' where nobody has said.
    """

    sources: tuple[str, ...] = ()
    taken_off: tuple[str, ...] = ()
    value: str = ""
    lookup: Mapping[str, str] = field(default_factory=dict)
    joined_by: str = "-"
    times: str = ""

    @property
    def factor(self) -> Decimal:
        """What figures are multiplied by."""
        return Decimal(self.times or "1")

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
class Unpivot:
    """Wide to long: each heading becomes a row, its name in one column and its figure in
    another.
    """

    name_column: str
    value_column: str
    headings: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    """What a heading is called in the name column, where not as it stands."""


MEANINGS = ("nil", "withheld", "not_collected")


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
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values by heading: only rows with one of them are kept."""
    markers: Mapping[str, str] = field(default_factory=dict)
    """What a mark in place of a figure means, such as * or -: nil, withheld or not_collected."""
    unpivot: Unpivot | None = None
    totals: str = ""
    """What becomes of rows that look like totals: left out, or (by value alone) kept; ''
    refuses.
    """
    hidden_rows: str = ""
    """'leave-out' where hidden rows are left out."""


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
    if mapping.keep:
        content["keep"] = {heading: list(values) for heading, values in mapping.keep.items()}
    if mapping.markers:
        content["markers"] = dict(mapping.markers)
    if mapping.unpivot:
        content["unpivot"] = {
            "name_column": mapping.unpivot.name_column,
            "value_column": mapping.unpivot.value_column,
            "headings": list(mapping.unpivot.headings),
            "names": dict(mapping.unpivot.names),
        }
    for name in ("totals", "hidden_rows"):
        if getattr(mapping, name):
            content[name] = getattr(mapping, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML(pure=True)
    yaml.width = 200
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        yaml.dump(content, stream)


def _as_yaml(rule: ColumnRule) -> dict[str, Any]:
    if not rule.sources and not rule.taken_off:
        return {"value": rule.value} | ({"times": rule.times} if rule.times else {})
    found: dict[str, Any] = (
        {"column": rule.sources[0]} if len(rule.sources) == 1 else {"columns": list(rule.sources)}
    )
    if rule.taken_off:
        found["taken_off"] = list(rule.taken_off)
    if len(rule.sources) > 1 and rule.joined_by != "-":
        found["joined_by"] = rule.joined_by
    if rule.times:
        found["times"] = rule.times
    if rule.lookup:
        found["lookup"] = dict(rule.lookup)
    return found


KEYS = {
    *("table", "sheet", "heading_row", "columns", "left_out", "add_up", "keep", "markers"),
    *("unpivot", "totals", "hidden_rows"),
}


def read_mapping(path: Path) -> TableMapping:
    """Read a remembered mapping.

    Raises UsageProblem, naming the file and what is wrong, where it can't be read.
    """
    from ruamel.yaml.error import YAMLError

    try:
        content = load_yaml(path.read_text(encoding="utf-8-sig"), yaml_reader("safe"))
    except (YAMLError, UnicodeDecodeError) as fault:
        raise UsageProblem(
            f"The mapping {path} can't be read: {str(fault).splitlines()[0]}. Correct it, or delete"
            " it and map again."
        ) from None
    if (
        not isinstance(content, dict)
        or not isinstance(content.get("columns"), dict)
        or "table" not in content
    ):
        raise UsageProblem(
            f"The mapping {path} should hold `table:` and `columns:`. Correct it, or delete it and"
            " map again."
        )
    strange = set(content) - KEYS
    if strange:
        raise UsageProblem(
            f"The mapping {path} holds {', '.join(sorted(map(str, strange)))}, which is not known."
            " Correct it, or delete it and map again."
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
        {
            str(heading): tuple(map(str, values))
            for heading, values in (content.get("keep") or {}).items()
        },
        {str(mark): str(meaning) for mark, meaning in (content.get("markers") or {}).items()},
        _unpivot(content.get("unpivot")),
        str(content.get("totals") or ""),
        str(content.get("hidden_rows") or ""),
    )


def _unpivot(content: Any) -> Unpivot | None:
    if not content:
        return None
    return Unpivot(
        str(content["name_column"]),
        str(content["value_column"]),
        tuple(map(str, content["headings"])),
        {str(heading): str(name) for heading, name in (content.get("names") or {}).items()},
    )


def _rule(path: Path, name: str, rule: Any) -> ColumnRule:
    if not isinstance(rule, dict) or not {"value", "column", "columns", "taken_off"} & set(rule):
        raise UsageProblem(
            f"In the mapping {path} the column '{name}' needs `column:`, `columns:` or `value:`."
        )
    if "value" in rule:
        return ColumnRule(value=str(rule["value"]), times=str(rule.get("times", "")))
    sources = (
        (str(rule["column"]),) if "column" in rule else tuple(map(str, rule.get("columns") or ()))
    )
    lookup = {str(code): str(value) for code, value in (rule.get("lookup") or {}).items()}
    return ColumnRule(
        sources,
        tuple(map(str, rule.get("taken_off") or ())),
        lookup=lookup,
        joined_by=str(rule.get("joined_by", "-")),
        times=str(rule.get("times", "")),
    )
