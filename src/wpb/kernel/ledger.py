"""The calculation ledger: blocks of figures, each made by a rule from other blocks, down to cells
and citations.

A block holds figures over (run, row, year). Leaves come from input cells or cited assumptions;
every other block is a sum of rows of other blocks, or a rule - a plain function on arrays - of
named inputs. Blocks never change and form a graph without cycles, so any figure can be walked back
to its leaves.
Source: handbook 3.7 (the method used should be transparently recorded); req 367.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.places import Place
from wpb.kernel.problems import UsageProblem

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Rule = Callable[..., Array]
Years = Literal["same", "through"] | str
"""Which years of an input a figure uses: its own, all up to its own, or one named year."""


@dataclass(frozen=True)
class Axis:
    """The rows of a block: what they are (budget lines, GP lists, contracts) and their codes."""

    name: str
    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.codes)) != len(self.codes):
            raise ValueError(f"axis {self.name} names a row twice")

    @cached_property
    def positions(self) -> dict[str, int]:
        """Row position by code."""
        return {code: position for position, code in enumerate(self.codes)}

    def __len__(self) -> int:
        return len(self.codes)


TOTAL = Axis("total", ("total",))


@dataclass(frozen=True)
class Ref:
    """An input of a rule: a block, which of its rows each row of the new block uses, and which
    years.
    """

    block: Block
    rows: Rows | None = None
    years: Years = "same"


@dataclass(frozen=True)
class Part:
    """Rows of a block to be added up: `into` gives, for each row of the block, the row of the sum
    (-1: none).
    """

    block: Block
    into: Rows

    @cached_property
    def members(self) -> tuple[Rows, Rows]:
        """Source rows in order of the row they go into, and that row for each."""
        chosen = np.flatnonzero(self.into >= 0)
        order = chosen[np.argsort(self.into[chosen], kind="stable")]
        return order, self.into[order]

    def of(self, row: int) -> Rows:
        """List the source rows that are added into one row."""
        order, targets = self.members
        first, last = np.searchsorted(targets, [row, row + 1])
        return order[first:last]


@dataclass(eq=False)
class Block:
    """A named block of figures over (run, row, year), and how it was made."""

    id: str
    axis: Axis
    unit: str
    years: tuple[str, ...] | None
    title: str = ""
    rule: Rule | None = None
    inputs: dict[str, Ref] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    where: Callable[[int, int], Place] | None = None
    known: Array | None = None

    @cached_property
    def value(self) -> Array:
        """The figures, [run, row, year]; sums and differences are worked out when first asked
        for.
        """
        if self.known is not None:
            return self.known
        if self.parts:
            return _added(self)
        return _computed(self)

    @property
    def kind(self) -> str:
        """How the block was made: leaf, sum or rule."""
        return "sum" if self.parts else "leaf" if self.rule is None else "rule"

    def at(self, row: int, year: int, run: int = 0) -> float:
        """Read one figure; a block without years has the same figure at every year."""
        value = self.value
        return float(value[min(run, value.shape[0] - 1), row, year if value.shape[2] > 1 else 0])

    def year_position(self, year: str | None) -> int:
        """Give the position of a year, 0 for a block without years.

        Raises UsageProblem for a year the block doesn't have.
        """
        if self.years is None:
            return 0
        if year not in self.years:
            raise UsageProblem(
                f"'{self.id}' has no figure for {year}; it has {self.years[0]} to {self.years[-1]}"
            )
        return self.years.index(year)


def aligned_years(ref: Ref, years: tuple[str, ...] | None) -> list[int] | None:
    """Give the year positions of an input that line up with a block's years; None where it has just
    one.
    """
    source = ref.block.years
    if source is None:
        return None
    if ref.years not in ("same", "through"):
        return [ref.block.year_position(ref.years)]
    if years is None:
        raise ValueError(f"'{ref.block.id}' has years and the block that uses it has none")
    return [ref.block.year_position(year) for year in years]


def _argument(ref: Ref, years: tuple[str, ...] | None) -> Array:
    value = ref.block.value
    if ref.rows is not None:
        value = value[:, ref.rows, :]
    if ref.block.years is None or (ref.block.years == years and ref.years in ("same", "through")):
        return value
    return value[:, :, aligned_years(ref, years)]


def _computed(block: Block) -> Array:
    assert block.rule is not None
    value = block.rule(**{name: _argument(ref, block.years) for name, ref in block.inputs.items()})
    rows, years = len(block.axis), len(block.years) if block.years else 1
    if value.ndim != 3 or value.shape[1] not in (1, rows) or value.shape[2] not in (1, years):
        raise ValueError(
            f"{block.id}: the rule gave shape {value.shape}, not (runs, {rows}, {years})"
        )
    if value.shape[1:] != (rows, years):
        value = np.broadcast_to(value, (value.shape[0], rows, years))
    return value


def _added(block: Block) -> Array:
    rows, years = len(block.axis), len(block.years) if block.years else 1
    runs = max(part.block.value.shape[0] for part in block.parts)
    total = np.zeros((runs, rows, years))
    for part in block.parts:
        source = _argument(Ref(part.block), block.years)
        order, targets = part.members
        if len(order) == 0:
            continue
        if rows == 1:
            total[:, 0, :] += (
                source if len(order) == source.shape[1] else source[:, order, :]
            ).sum(axis=1)
            continue
        starts = np.flatnonzero(np.r_[True, targets[1:] != targets[:-1]])
        if len(starts) == len(order):
            total[:, targets, :] += source[:, order, :]
        else:
            total[:, targets[starts], :] += np.add.reduceat(source[:, order, :], starts, axis=1)
    return total


@dataclass(frozen=True)
class Movement:
    """A step of the bridge: its stage, its name for a reader, the block of amounts, and why it is
    there.
    """

    stage: str
    step: str
    block: Block
    reason: str = ""


def difference(after: Array, before: Array) -> Array:
    """A movement is the difference of two levels: after - before.

    Source: handbook 3.3.2 Dudley (the effect of each step apart); req 362.
    """
    return after - before


class Ledger:
    """The blocks of one calculation by id, and the movements in the order they were made.

    Totals only: for many simulated runs, levels are let go once the next has been made from them,
    and their yearly totals kept, so that memory does not grow with the number of steps.
    """

    def __init__(self, totals_only: bool = False) -> None:
        self.blocks: dict[str, Block] = {}
        self.movements: list[Movement] = []
        self.yearly_totals: dict[str, Array] = {}
        self.totals_only = totals_only

    def __getitem__(self, block_id: str) -> Block:
        if block_id not in self.blocks:
            raise UsageProblem(f"there is no figure '{block_id}'")
        return self.blocks[block_id]

    def __contains__(self, block_id: str) -> bool:
        return block_id in self.blocks

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks.values())

    def fork(self) -> Ledger:
        """Give a ledger that goes on from what this one holds; blocks never change, so both share
        them.
        """
        found = Ledger(self.totals_only)
        found.blocks, found.movements, found.yearly_totals = (
            dict(self.blocks),
            list(self.movements),
            dict(self.yearly_totals),
        )
        return found

    def leaf(
        self,
        block_id: str,
        axis: Axis,
        unit: str,
        value: Any,
        where: Callable[[int, int], Place],
        years: tuple[str, ...] | None = None,
        title: str = "",
    ) -> Block:
        """Enter figures that come from input cells or citations.

        value: [row], [row, year] or [run, row, year]; where(row, year position) gives the place of
        each.
        """
        array = np.asarray(value, dtype=np.float64)
        if array.ndim == 1:
            array = array[None, :, None]
        elif array.ndim == 2:
            array = array[None, :, :]
        return self._keep(Block(block_id, axis, unit, years, title, where=where, known=array))

    def add(
        self,
        block_id: str,
        rule: Rule,
        axis: Axis,
        unit: str,
        years: tuple[str, ...] | None = None,
        title: str = "",
        **inputs: Ref | Block,
    ) -> Block:
        """Work out a block by a rule: rule(**arrays), each input lined up to [run, row, year].

        Raises ValueError for a wrong shape or a figure that is not finite.
        """
        refs = {
            name: given if isinstance(given, Ref) else Ref(given) for name, given in inputs.items()
        }
        return self._keep(Block(block_id, axis, unit, years, title, rule=rule, inputs=refs))

    def total(
        self,
        block_id: str,
        axis: Axis,
        *parts: tuple[Block, Sequence[int] | Rows | None],
        title: str = "",
    ) -> Block:
        """Add rows of blocks up: for each (block, into), `into` gives the row of the sum each row
        goes to.

        `into` None adds every row into one; -1 leaves a row out.
        """
        found = tuple(
            Part(
                block,
                (
                    np.zeros(len(block.axis), dtype=np.int64)
                    if into is None
                    else np.asarray(into, dtype=np.int64)
                ),
            )
            for block, into in parts
        )
        units = {block.unit for block, _ in parts}
        if len(units) > 1:
            raise ValueError(
                f"{block_id}: {' and '.join(sorted(units))} are different kinds of amount and are"
                " never added"
            )
        with_years = [block.years for block, _ in parts if block.years is not None]
        return self._keep(
            Block(
                block_id,
                axis,
                parts[0][0].unit,
                with_years[0] if with_years else None,
                title,
                parts=found,
            )
        )

    def movement(
        self, block_id: str, after: Block, before: Block, stage: str, step: str, reason: str = ""
    ) -> Block:
        """Record the movement from one level to the next: after - before, on the rows of
        `after`.
        """
        block = self._keep(
            Block(
                block_id,
                after.axis,
                after.unit,
                after.years or before.years,
                step,
                rule=difference,
                inputs={"after": Ref(after), "before": Ref(before)},
            ),
            lazy=True,
        )
        self.movements.append(Movement(stage, step, block, reason))
        return block

    def retire(self, block: Block) -> None:
        """Say that a level has been used for the last time; with totals only, its figures give way
        to their yearly totals, [run, year].
        """
        if self.totals_only:
            self.yearly_totals[block.id] = block.value.sum(axis=1)
            if not np.isfinite(self.yearly_totals[block.id]).all():
                raise ValueError(f"{block.id}: a yearly total is not a finite number")
            block.known = None
            block.__dict__.pop("value", None)

    def record(self, stage: str, step: str, block: Block, reason: str = "") -> None:
        """Record a block that is itself a movement (an adjustment, an investment)."""
        self.movements.append(Movement(stage, step, block, reason))

    def _keep(self, block: Block, lazy: bool = False) -> Block:
        if block.id in self.blocks:
            raise ValueError(f"the ledger already has a block '{block.id}'")
        if (
            not lazy
            and not block.parts
            and not self.totals_only
            and not np.isfinite(block.value).all()
        ):
            row = int(np.argwhere(~np.isfinite(block.value))[0][1])
            raise ValueError(
                f"{block.id}: the figure for {block.axis.codes[row]} is not a finite number"
            )
        if not lazy and not block.parts:
            _ = block.value
        self.blocks[block.id] = block
        return block
