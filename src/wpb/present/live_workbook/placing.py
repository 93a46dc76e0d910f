"""Where each figure stands: tables of rows by columns on the stages' sheets, figures that share
rows side by side.

Source: handbook 3.7; req 367.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from wpb.kernel.ledger import Block, Part, Rows
from wpb.kernel.places import column_letters
from wpb.present.live_workbook.stages import STAGES, group_of

Labels = Mapping[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]
"""Columns of words beside the rows with these codes: heading, and a text a row."""
FIRST_BAND = 4
"""Rows above the first table of a sheet: its title, what it shows, a way back."""
HEADINGS = 3
"""Rows of headings of a table: its name, the figures, and their years and units."""
MOST_TERMS = 24
"""A sum of more separate cells than this is written as a sum by code."""
NUMBER_LIKE = str.maketrans("", "", "0123456789.,-+%/: eE")


@dataclass
class Band:
    """A table of a sheet: its rows, and the figures that stand side by side on them."""

    sheet: str
    title: str
    codes: tuple[str, ...]
    axis_name: str
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Columns of words beside the codes: heading, and a text a row."""
    blocks: list[Block] = field(default_factory=list)
    keys: list[KeyColumn] = field(default_factory=list)
    top: int = 0
    """The row of the band's name, from 0."""

    @property
    def first_row(self) -> int:
        """The first row of figures, from 0."""
        return self.top + HEADINGS

    @property
    def height(self) -> int:
        """Rows the band takes up."""
        return HEADINGS + len(self.codes)


@dataclass
class KeyColumn:
    """A column of codes beside a table that says which row of a sum each row is added to."""

    title: str
    codes: tuple[str, ...]
    position: int = 0


@dataclass(frozen=True)
class Spot:
    """Where a block stands: its band, and the position of its first column."""

    band: Band
    column: int

    def cell(self, row: int, offset: int) -> str:
        """The address of a figure on its sheet."""
        return f"{column_letters(self.column + offset)}{self.band.first_row + row + 1}"


class Placing:
    """Every block's spot, and the columns of codes that sums by code look into."""

    def __init__(
        self,
        blocks: Sequence[Block],
        stage_of: Mapping[Block, str],
        labels: Labels,
        groups: Mapping[Block, str] | None = None,
        fixed: Collection[Block] = (),
    ) -> None:
        """Place every block.

        groups: the heading under which blocks stand together, where that isn't their contract.
        fixed: blocks whose figures are written as they are, whatever they were made from.
        """
        self.bands: dict[str, list[Band]] = {sheet: [] for sheet in STAGES}
        self.spots: dict[Block, Spot] = {}
        self.fixed = frozenset(fixed)
        self._keys: dict[tuple[Block, bytes], KeyColumn] = {}
        found: dict[tuple[str, str, tuple[str, ...]], Band] = {}
        headings = groups or {}

        def key_of(block: Block) -> tuple[str, str, tuple[str, ...]]:
            return stage_of[block], headings.get(block, "") or group_of(block), block.axis.codes

        for block in blocks:
            key = key_of(block)
            if key not in found:
                name = (
                    f"{block.axis.name}s"
                    if len(block.axis) > 1 and not block.axis.name.endswith(("s", "y"))
                    else block.axis.name
                )
                title = f"{key[1]}: {name}" if key[1] else name[:1].upper() + name[1:]
                found[key] = Band(
                    key[0],
                    title,
                    block.axis.codes,
                    block.axis.name,
                    labels.get(block.axis.codes, ()),
                )
                self.bands[key[0]].append(found[key])
            found[key].blocks.append(block)
        for block in (block for block in blocks if block not in self.fixed):
            for part in block.parts:
                if by_code(block, part):
                    self._add_key(block, part, found[key_of(part.block)])
        self._settle()

    def _add_key(self, block: Block, part: Part, band: Band) -> None:
        key = (part.block, part.into.tobytes())
        same = next(
            (
                self._keys[other]
                for other in self._keys
                if other[1] == key[1]
                and self._keys[other] in band.keys
                and self._keys[other].title == f"Adds to {block.axis.name}"
            ),
            None,
        )
        if same is None:
            names = key_codes(block)
            same = KeyColumn(
                f"Adds to {block.axis.name}",
                tuple(names[row] if row >= 0 else "" for row in part.into.tolist()),
            )
            band.keys.append(same)
        self._keys[key] = same

    def _settle(self) -> None:
        for bands in self.bands.values():
            top = FIRST_BAND
            for band in bands:
                band.top = top
                column = 1 + len(band.labels)
                for key in band.keys:
                    key.position = column
                    column += 1
                for block in band.blocks:
                    self.spots[block] = Spot(band, column)
                    column += len(block.years) if block.years else 1
                top += band.height + 2

    def key_of(self, part: Part) -> KeyColumn:
        """Find the column of codes that a part is added up by."""
        return self._keys[part.block, part.into.tobytes()]

    def reference(self, block: Block, row: int, offset: int, on: str) -> str:
        """The address of a figure as a formula on the sheet `on` writes it."""
        spot = self.spots[block]
        cell = spot.cell(row, offset)
        return cell if spot.band.sheet == on else f"'{spot.band.sheet}'!{cell}"

    def column_range(self, block: Block, offset: int, on: str) -> str:
        """All of a block's figures of one year, as a formula on the sheet `on` writes them."""
        spot = self.spots[block]
        letters, first = column_letters(spot.column + offset), spot.band.first_row + 1
        cells = f"{letters}{first}:{letters}{first + max(len(block.axis), 1) - 1}"
        return cells if spot.band.sheet == on else f"'{spot.band.sheet}'!{cells}"


def runs_of(rows: Rows) -> list[tuple[int, int]]:
    """Split rows into stretches that stand one below the other: first and last of each."""
    if len(rows) == 0:
        return []
    ordered = np.sort(rows)
    breaks = np.flatnonzero(np.diff(ordered) != 1)
    return list(
        zip(
            ordered[np.r_[0, breaks + 1]].tolist(),
            ordered[np.r_[breaks, len(ordered) - 1]].tolist(),
            strict=True,
        )
    )


def by_code(block: Block, part: Part) -> bool:
    """Say whether a part is added up by code: where some row of the sum has too many separate
    members to list.
    """
    order, targets = part.members
    if len(order) <= MOST_TERMS:
        return False
    starts = np.r_[True, (targets[1:] != targets[:-1]) | (np.diff(order) != 1)]
    return int(np.bincount(targets[starts]).max()) > MOST_TERMS


def key_codes(block: Block) -> list[str]:
    """The codes that a sum by code matches: the rows' own, or their numbers where a code could
    match another by mistake.
    """
    codes = block.axis.codes
    plain = [code.lower() for code in codes]
    safe = len(set(plain)) == len(plain) and all(
        code and len(code) < 200 and code.translate(NUMBER_LIKE) and not set(code) & set('*?~<>="')
        for code in codes
    )
    return list(codes) if safe else [f"row {row + 1}" for row in range(len(codes))]
