"""Where an arrangement between parties is worked out: on plain arrays for simulated runs, or on the
ledger to be explained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.ledger import TOTAL, Axis, Block, Ledger, Ref
from wpb.kernel.places import Cell, Place
from wpb.sharing import steps
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.ranges import STEP_RANGES, hold_range
from wpb.sharing.step_kinds import Step
from wpb.sharing.values import Bands, Case, Cases, Value, words_of

Array = NDArray[np.float64]
Handle = Any
"""An array [run, row, year], or a block of the ledger."""


NO_LIMIT_PENCE = 1e15
"""Stands for 'none' as a limit: more than any sum."""


@dataclass(frozen=True)
class Level:
    """The rows that amounts stand on: lines, the one pool, corridors of it, parties, or each
    party's part of each row.
    """

    axis: Axis
    of: tuple[Mapping[str, str], ...]
    """For each row, the line, tier and party it is for, where it is for one."""

    def __len__(self) -> int:
        return len(self.of)


POOL = Level(TOTAL, ({},))


@dataclass
class PartyBook:
    """Works the steps out on [run, row, year]; with a ledger, every figure is kept and can be
    explained.
    """

    arrangement: PartyArrangement
    units: Array
    """Outturn units (or spend in pence), [run, line, year]."""
    measures: Mapping[str, Array]
    """Reported measures by name, [run, 1, year]."""
    ledger: Ledger | None = None
    outturn_place: Callable[[int, int], Place] | None = None
    measure_place: Callable[[str, int], Place] | None = None
    part_of_year: Array | None = None
    """The part of each year's baseline that the outturn covers, [year]; None: all of it."""
    under: str = "sharing"
    """What the names of its figures begin with on the ledger."""
    level: Level = POOL
    worked: dict[int, Handle] = field(default_factory=dict)
    step: Step | None = None
    figures: Mapping[str, Handle] = field(default_factory=dict)
    kept: list[tuple[Step, Handle]] = field(default_factory=list)
    """What each step left undistributed, step by step."""

    @property
    def lines(self) -> Level:
        """The lines as a level."""
        return Level(
            Axis("line", self.arrangement.line_names),
            tuple({"line": name} for name in self.arrangement.line_names),
        )

    @property
    def parties(self) -> Level:
        """The parties as a level."""
        return Level(
            Axis("party", self.arrangement.party_names),
            tuple({"party": name} for name in self.arrangement.party_names),
        )

    def name_of(self, figure: str) -> str:
        """Name a figure after its step: sharing/04_share_out/share."""
        assert self.step is not None
        return f"{self.under}/{self.step.number:02d}_{self.step.kind}/{figure}"

    def move_to(self, level: Level) -> None:
        """Go on to another level; values declared are looked up again on its rows."""
        self.level = level
        self.worked = {}

    # the book of an arrangement's values ----------------------------------------------------------

    def named(self, name: str) -> Handle:
        """Find a reported measure, or a figure of an earlier step (added up where it stands on
        other rows).
        """
        if name in self.figures:
            found = self.figures[name]
            rows = len(found.axis) if isinstance(found, Block) else found.shape[1]
            return (
                found if rows in (1, len(self.level)) else self.total(f"{name}_in_all", POOL, found)
            )
        if self.ledger is None:
            return self.measures[name]
        measure = f"{self.under}/measure/{name}"
        if measure in self.ledger:
            return self.ledger[measure]
        place = self.measure_place
        where = (
            (lambda row, year: place(name, year))
            if place is not None
            else (lambda row, year: Cell("measures", "measures", "", name))
        )
        return self.ledger.leaf(
            measure,
            TOTAL,
            "rate",
            self.measures[name],
            where,
            self.arrangement.years,
            f"Measure: {words_of(name).lower()}",
        )

    def look_up(self, cases: Cases) -> Handle:
        """Look a value up on the rows and years of the level."""
        axes = {
            "line": self.arrangement.line_names,
            "party": self.arrangement.party_names,
            "tier": tuple(tier.name for tier in self.arrangement.tiers),
            "year": self.arrangement.years,
        }
        values, _, chosen = cases.tabulated(axes)
        rows = [
            tuple(
                axes[name].index(of[name]) if name in of and values.shape[position] > 1 else 0
                for position, name in enumerate(("line", "party", "tier"))
            )
            for of in self.level.of
        ]
        by_row = np.stack([np.broadcast_to(values[row], (len(axes["year"]),)) for row in rows])
        which = np.stack([np.broadcast_to(chosen[row], (len(axes["year"]),)) for row in rows])
        return self.leaf(
            cases.name,
            self.level,
            by_row,
            lambda row, year: _place(cases.cases, int(which[row, year]), cases.place),
        )

    def scale(self, bands: Bands) -> Handle:
        """Sliding scales are read by row of a results table only."""
        raise NotImplementedError(f"{bands.name}: a sliding scale needs a results table")

    def value(self, value: Value) -> Handle:
        """Work a declared value out on the rows of the level, once."""
        if id(value) not in self.worked:
            self.worked[id(value)] = value.worked(self)
        return self.worked[id(value)]

    def hold(self, kind: str, name: str, value: Value, handle: Handle) -> None:
        """Stop where a step's value, as worked out, is outside the range of what it is."""
        allowed = STEP_RANGES.get((kind, name))
        if allowed is not None:
            place = getattr(value, "place", None) or (
                self.step.place if self.step else Cell("arrangement", "", "")
            )
            given = self.array(handle)
            worked = np.where(given == NO_LIMIT_PENCE, 0.0, given)
            hold_range(worked, allowed, f"'{name}' of the step '{kind}'", place)

    # arithmetic on levels -------------------------------------------------------------------------

    def leaf(
        self,
        figure: str,
        level: Level,
        values: Array,
        where: Callable[[int, int], Place],
        unit: str = "rate",
    ) -> Handle:
        """Enter figures of the file: values [row, year] or [run, row, year]."""
        array = np.nan_to_num(values[None] if values.ndim == 2 else values, nan=NO_LIMIT_PENCE)
        if self.ledger is None:
            return array
        return self.ledger.leaf(
            self._free(self.name_of(figure)),
            level.axis,
            unit,
            array,
            where,
            self.arrangement.years,
            words_of(figure),
        )

    def apply(self, figure: str, rule: Callable[..., Any], **inputs: Handle) -> Handle:
        """Work a figure out on the rows of the level."""
        return self.apply_on(self.level, figure, rule, **inputs)

    def apply_on(
        self, level: Level, figure: str, rule: Callable[..., Any], **inputs: Handle
    ) -> Handle:
        """Work a figure out on the rows of another level."""
        if self.ledger is None:
            return rule(**inputs)
        unit = (
            "rate"
            if "rate" in figure or "weight" in figure
            else "flag"
            if figure == "limit_bound"
            else "pence"
        )
        return self.ledger.add(
            self._free(self.name_of(figure)),
            rule,
            level.axis,
            unit,
            self.arrangement.years,
            words_of(figure),
            **inputs,
        )

    def total(
        self, figure: str, level: Level, handle: Handle, into: Sequence[int] | None = None
    ) -> Handle:
        """Add rows up into the rows of a level: `into` gives the row each goes to; None adds all
        into one.
        """
        if self.ledger is not None:
            return self.ledger.total(
                self._free(self.name_of(figure)), level.axis, (handle, into), title=words_of(figure)
            )
        rows = handle.shape[1]
        whole = np.zeros((handle.shape[0], len(level), handle.shape[2]))
        for row, target in enumerate(into if into is not None else [0] * rows):
            whole[:, target] += handle[:, row]
        return whole

    def spread(self, handle: Handle, rows: Sequence[int]) -> Handle:
        """Give, for each row of a new level, the row of a figure it uses."""
        where = np.asarray(rows, dtype=np.int64)
        if self.ledger is None:
            return handle[:, where] if handle.shape[1] > 1 else handle
        return Ref(handle, where) if len(handle.axis) > 1 else handle

    def array(self, handle: Handle) -> Array:
        """Give a figure's array, [run, row, year]."""
        value: Array = handle.value if isinstance(handle, Block) else handle
        return value

    def keep(self, before: Handle, after: Handle) -> None:
        """Note what the step under way left undistributed: before - after."""
        assert self.step is not None
        self.kept.append(
            (self.step, self.apply("kept_back", steps.less, amount=before, taken=after))
        )

    def _free(self, name: str) -> str:
        """Give a name that no figure has yet."""
        assert self.ledger is not None
        number, free = 2, name
        while free in self.ledger:
            free, number = f"{name}_{number}", number + 1
        return free


def _place(cases: tuple[Case, ...], chosen: int, otherwise: Cell) -> Cell:
    return cases[chosen].place if chosen >= 0 else otherwise
