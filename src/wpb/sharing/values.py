"""Values an arrangement file declares: a number, a column, a look-up, a sliding scale, the first
given of several.

A value that hangs only on columns with few values (a track, a year, a flag) is worked out once for
every combination of them and looked up by row, so the file's tables cost nothing by the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.places import Cell
from wpb.sharing import steps

Array = NDArray[np.float64]
Handle = Any
Axes = Mapping[str, Sequence[Any]]
"""Columns with few values, and those values, in order."""


class Book(Protocol):
    """Where an arrangement is worked out: on a table, on arrays, or on the calculation ledger."""

    worked: dict[int, Any]
    """Declared values already worked out, so that one used twice is worked once."""
    step: Any
    """The step under way."""
    figures: Any
    """The figures made so far, by name."""

    def named(self, name: str) -> Handle:
        """Find a column, or a figure that an earlier step made."""

    def look_up(self, cases: Cases) -> Handle:
        """Look a tabulated value up."""

    def scale(self, bands: Bands) -> Handle:
        """Read a sliding scale."""

    def apply(self, figure: str, rule: Callable[..., Any], **inputs: Handle) -> Handle:
        """Work a figure out by a step of arithmetic."""

    def hold(self, kind: str, name: str, value: Value, handle: Handle) -> None:
        """Stop where a step's value, as worked out, is outside the range of what it is."""


@dataclass(frozen=True)
class Match:
    """What a key of a look-up stands for: single values, 'to', 'from' and spans, parted by
    commas.
    """

    singles: frozenset[Any]
    spans: tuple[tuple[Any, Any], ...] = ()
    text: str = ""

    def __call__(self, value: Any) -> bool:
        """Say whether a column's value is one the key stands for; a blank never is."""
        if value is None:
            return False
        if value in self.singles:
            return True
        return any(
            (low is None or value >= low) and (high is None or value <= high)
            for low, high in self.spans
        )

    def overlaps(self, other: Match) -> bool:
        """Say whether some value would be one that both keys stand for."""
        if any(other(value) for value in self.singles) or any(map(self, other.singles)):
            return True
        return any(
            (low is None or end is None or low <= end)
            and (start is None or high is None or start <= high)
            for low, high in self.spans
            for start, end in other.spans
        )


@dataclass(frozen=True)
class Case:
    """One line of a look-up: the values it is for, by column, and what it gives."""

    where: tuple[tuple[str, Match], ...]
    value: float
    place: Cell


class Value(Protocol):
    """A value declared in an arrangement file."""

    def worked(self, book: Book) -> Handle:
        """Work the value out on a book."""


@dataclass(frozen=True)
class Cases:
    """A look-up: the first case that fits, else `otherwise`; NaN says that there is none (no
    limit).
    """

    name: str
    cases: tuple[Case, ...]
    otherwise: float | None
    place: Cell
    _kept: dict[tuple[tuple[str, int], ...], tuple[Array, NDArray[np.bool_], NDArray[np.int64]]] = (
        field(default_factory=dict, compare=False, repr=False)
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the look-up reads."""
        return tuple(dict.fromkeys(column for case in self.cases for column, _ in case.where))

    def tabulated(self, axes: Axes) -> tuple[Array, NDArray[np.bool_], NDArray[np.int64]]:
        """Work the look-up out for every combination of the columns' values.

        Gives the values, where nothing fits, and which case fits (-1: otherwise); one dimension a
        column of `axes`, of length 1 where the look-up doesn't read it.
        """
        key = tuple((name, hash(tuple(values))) for name, values in axes.items())
        if key not in self._kept:
            self._kept[key] = self._tabulated(axes)
        return self._kept[key]

    def _tabulated(self, axes: Axes) -> tuple[Array, NDArray[np.bool_], NDArray[np.int64]]:
        names = list(axes)
        used = set(self.columns)
        shape = [len(axes[name]) if name in used else 1 for name in names]
        chosen = np.full(shape, -1, dtype=np.int64)
        open_ = np.ones(shape, dtype=bool)
        values = np.full(shape, np.nan if self.otherwise is None else self.otherwise)
        for number, case in enumerate(self.cases):
            fits = open_.copy()
            for column, match in case.where:
                size = [1] * len(names)
                size[names.index(column)] = len(axes[column])
                fits &= np.array([match(value) for value in axes[column]]).reshape(size)
            values[fits] = case.value
            chosen[fits] = number
            open_ &= ~fits
        missing = open_ if self.otherwise is None else np.zeros(shape, dtype=bool)
        return values, missing, chosen

    def worked(self, book: Book) -> Handle:
        """Look the value up."""
        return book.look_up(self)


def words_of(figure: str) -> str:
    """Spell the name of a figure for a reader: gains_share_rate as Gains share rate.

    Source: handbook 3.7; req 367.
    """
    return figure.replace("_", " ").capitalize()


def constant(name: str, value: float, place: Cell) -> Cases:
    """Declare one number for everyone.

    Source: handbook 6.4.6; req 286.
    """
    return Cases(name, (), value, place)


@dataclass(frozen=True)
class Named:
    """A column of the results table, or a figure made by an earlier step."""

    name: str
    place: Cell

    def worked(self, book: Book) -> Handle:
        """Find the column or figure."""
        return book.named(self.name)


@dataclass(frozen=True)
class Band:
    """A band of a sliding scale: from a size to a size, the rate going in a straight line from one
    rate to another.
    """

    low: float
    high: float | None
    start_rate: float
    end_rate: float


@dataclass(frozen=True)
class Bands:
    """A sliding scale of a whole number, straight inside each band."""

    name: str
    of: str
    bands: tuple[Band, ...]
    place: Cell
    _kept: dict[str, Array] = field(default_factory=dict, compare=False, repr=False)

    @property
    def tabulated(self) -> Array:
        """The scale at every whole number from 0 to where the last band starts (NaN below the first
        band).

        rate = (start x (high - size) + end x (size - low)) / (high - low), in whole numbers and
        divided once, so that it is the nearest a computer can hold: at a band's edge it is the rate
        that is written there.
        """
        if "table" not in self._kept:
            table = np.full(int(self.bands[-1].low) + 1, np.nan)
            for band in self.bands:
                low, high = int(band.low), int(band.low if band.high is None else band.high)
                start, end = (
                    Fraction(Decimal(repr(rate))) for rate in (band.start_rate, band.end_rate)
                )
                parts = lcm(start.denominator, end.denominator)
                first, last = int(start * parts), int(end * parts)
                table[low : high + 1] = (
                    [first / parts]
                    if high == low
                    else [
                        (first * (high - size) + last * (size - low)) / ((high - low) * parts)
                        for size in range(low, high + 1)
                    ]
                )
            self._kept["table"] = table
        return self._kept["table"]

    def at(self, size: Array) -> Array:
        """Read the scale at many whole sizes at once: the rate of the band each falls in."""
        table = self.tabulated
        return table[np.minimum(size, len(table) - 1).astype(np.intp)]

    def worked(self, book: Book) -> Handle:
        """Read the scale."""
        return book.scale(self)


@dataclass(frozen=True)
class Paired:
    """A value worked out from two others: the first given, the lesser, a rate of an amount, or
    whether a measure is reached.
    """

    rule: Callable[..., Any]
    inputs: Mapping[str, Value]
    """What the rule takes, by the name of its argument."""
    name: str

    def worked(self, book: Book) -> Handle:
        """Work both out, then the rule."""
        return book.apply(
            self.name,
            self.rule,
            **{name: value.worked(book) for name, value in self.inputs.items()},
        )


def product(rate: Value, of: Value, name: str) -> Paired:
    """Declare a rate of an amount.

    Source: handbook 6.4.6; req 286.
    """
    return Paired(steps.product, {"rate": rate, "of": of}, name)
