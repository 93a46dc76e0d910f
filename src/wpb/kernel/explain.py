"""Where does this number come from? One figure as a tree, down to input cells and cited
assumptions.

Source: handbook 3.7 and 2.4.1 (transparent calculation); req 367.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wpb.kernel.calendar import is_financial_year
from wpb.kernel.ledger import TOTAL, Block, Ledger, Ref, aligned_years
from wpb.kernel.places import Cell
from wpb.kernel.problems import UsageProblem

Node = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure of a ledger: a block, a row (None: all rows added up) and a year position."""

    block: Block
    row: int | None
    year: int

    @property
    def id(self) -> str:
        """The readable id that opens this figure: block, year, row."""
        return figure_id(self.block, self.row, self.year)


def figure_id(block: Block, row: int | None, year: int) -> str:
    """Write the id of a figure: forecast/2030-31/<line>, without the parts a block doesn't have."""
    parts = [block.id]
    if block.years is not None:
        parts.append(block.years[year])
    if row is not None and block.axis is not TOTAL:
        parts.append(block.axis.codes[row])
    return "/".join(parts)


def find_figure(ledger: Ledger, wanted: str) -> Figure:
    """Find the figure a readable id names: <block>[/<year>][/<row>].

    Raises UsageProblem, saying what there is, where nothing has that id.
    """
    words = wanted.strip("/").split("/")
    for length in range(len(words), 0, -1):
        block_id = "/".join(words[:length])
        if block_id in ledger:
            return _figure_within(ledger[block_id], words[length:], wanted)
    near = sorted(block.id for block in ledger if block.id.split("/")[0] == words[0])[
        :12
    ] or sorted({block.id.split("/")[0] for block in ledger})
    raise UsageProblem(f"there is no figure '{wanted}'. There are: {', '.join(near)}")


def _figure_within(block: Block, words: list[str], wanted: str) -> Figure:
    year: str | None = None
    rest = list(words)
    if block.years is not None:
        found = next((word for word in rest if is_financial_year(word)), None)
        if found is None:
            raise UsageProblem(
                f"'{wanted}' needs a year from {block.years[0]} to {block.years[-1]}, as in"
                f" {block.id}/{block.years[-1]}"
            )
        year = found
        rest.remove(found)
    position = block.year_position(year)
    if not rest:
        return Figure(block, 0 if len(block.axis) == 1 else None, position)
    code = "/".join(rest)
    if code not in block.axis.positions:
        raise UsageProblem(
            f"'{block.id}' has no {block.axis.name} '{code}'; it has"
            f" {', '.join(block.axis.codes[:8])}{' …' if len(block.axis) > 8 else ''}"
        )
    return Figure(block, block.axis.positions[code], position)


def explain(ledger: Ledger, wanted: str, depth: int | None = None) -> Node:
    """Explain a figure as a tree of nodes: id, value, unit, operation, rule, children.

    Leaves are `kind: input` with their cell or `kind: assumption` with their citation. With a
    depth,
    a branch that goes on ends in `kind: see` with the id that opens it. Values are unrounded.

    Raises UsageProblem for a figure that isn't there.
    """
    figure = find_figure(ledger, wanted)
    return _Explainer(depth).node(figure.block, figure.row, figure.year, 0)


class _Explainer:
    """Walks the ledger once, sharing the trees of figures that are used more than once."""

    def __init__(self, depth: int | None) -> None:
        self.depth = depth
        self.made: dict[tuple[int, int | None, int], Node] = {}

    def node(self, block: Block, row: int | None, year: int, level: int) -> Node:
        key = (id(block), row, year)
        if self.depth is None and key in self.made:
            return self.made[key]
        value = (
            sum(block.at(r, year) for r in range(len(block.axis)))
            if row is None
            else block.at(row, year)
        )
        node: Node = {
            "id": figure_id(block, row, year),
            "value": value,
            "unit": block.unit,
            "title": block.title,
        }
        if row is not None and block.kind == "leaf":
            node.update(_leaf(block, row, year))
        elif self.depth is not None and level >= self.depth:
            node.update(kind="see", operation="see", rule=None, children=[])
        else:
            node.update(kind="figure", **self._branch(block, row, year, level + 1))
        if self.depth is None:
            self.made[key] = node
        return node

    def _branch(self, block: Block, row: int | None, year: int, level: int) -> Node:
        if row is None:
            return {
                "operation": "sum",
                "rule": None,
                "children": [self.node(block, r, year, level) for r in range(len(block.axis))],
            }
        if block.kind == "sum":
            return {
                "operation": "sum",
                "rule": None,
                "children": self._members(block, row, year, level),
            }
        assert block.rule is not None
        children = [
            {**child, "input": name}
            for name, ref in block.inputs.items()
            for child in self._input(block, ref, row, year, level)
        ]
        return {"operation": block.rule.__name__, "rule": rule_text(block), "children": children}

    def _members(self, block: Block, row: int, year: int, level: int) -> list[Node]:
        found = []
        for part in block.parts:
            positions = aligned_years(Ref(part.block), block.years)
            at = positions[year] if positions else 0
            found += [self.node(part.block, int(r), at, level) for r in part.of(row)]
        return found

    def _input(self, block: Block, ref: Ref, row: int, year: int, level: int) -> list[Node]:
        source_row = (
            int(ref.rows[row]) if ref.rows is not None else (row if len(ref.block.axis) > 1 else 0)
        )
        positions = aligned_years(ref, block.years)
        if positions is None:
            return [self.node(ref.block, source_row, 0, level)]
        if ref.years == "through":
            return [
                self.node(ref.block, source_row, position, level)
                for position in positions[: year + 1]
            ]
        return [
            self.node(
                ref.block,
                source_row,
                positions[year] if len(positions) > 1 else positions[0],
                level,
            )
        ]


def _leaf(block: Block, row: int, year: int) -> Node:
    assert block.where is not None
    place = block.where(row, year)
    if isinstance(place, Cell):
        return {
            "kind": "input",
            "operation": "input",
            "rule": None,
            "where": place.as_dict(),
            "children": [],
        }
    return {
        "kind": "assumption",
        "operation": "assumption",
        "rule": None,
        "source": place.source,
        "citation": place.as_dict(),
        "children": [],
    }


def rule_text(block: Block) -> str | None:
    """Give the rule of a block in words: the whole of its docstring, formula and source
    included.
    """
    return " ".join((block.rule.__doc__ or "").split()) if block.rule else None
