"""Values an arrangement file declares: a number, a column, a look-up, a sliding scale, the first given of several.

A value that hangs only on columns with few values (a track, a year, a flag) is worked out once for every
combination of them and looked up by row, so the file's tables cost nothing by the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Match:
    """What a key of a look-up stands for: single values, 'to', 'from' and spans, parted by commas."""

    singles: frozenset[Any]
    spans: tuple[tuple[Any, Any], ...] = ()
    text: str = ""

    def __call__(self, value: Any) -> bool:
        """Say whether a column's value is one the key stands for; a blank never is."""
        if value is None:
            return False
        if value in self.singles:
            return True
        return any((low is None or value >= low) and (high is None or value <= high) for low, high in self.spans)


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
    """A look-up: the first case that fits, else `otherwise`; NaN says that there is none (no limit)."""

    name: str
    cases: tuple[Case, ...]
    otherwise: float | None
    place: Cell
    _kept: dict[tuple[tuple[str, int], ...], tuple[Array, NDArray[np.bool_], NDArray[np.int64]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the look-up reads."""
        return tuple(dict.fromkeys(column for case in self.cases for column, _ in case.where))

    def tabulated(self, axes: Axes) -> tuple[Array, NDArray[np.bool_], NDArray[np.int64]]:
        """Work the look-up out for every combination of the columns' values.

        Gives the values, where nothing fits, and which case fits (-1: otherwise); one dimension a column of
        `axes`, of length 1 where the look-up doesn't read it.
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
    """A band of a sliding scale: from a size to a size, the rate going in a straight line from one rate to another."""

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

    def rate_at(self, size: float) -> float:
        """Read the scale at one size: start + (end - start) x (size - low) / (high - low).

        Raises ValueError for a size below the first band.
        """
        for band in reversed(self.bands):
            if size >= band.low:
                if band.high is None or band.high == band.low:
                    return band.start_rate
                along = (min(size, band.high) - band.low) / (band.high - band.low)
                return band.start_rate + (band.end_rate - band.start_rate) * along
        raise ValueError(f"{size} is below the first band of {self.name}")

    @property
    def tabulated(self) -> Array:
        """The scale at every whole number from 0 to where the last band starts (NaN below the first band)."""
        if "table" not in self._kept:
            last = int(self.bands[-1].low)
            table = np.full(last + 1, np.nan)
            for size in range(int(self.bands[0].low), last + 1):
                table[size] = self.rate_at(size)
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
class FirstGiven:
    """The first of two values that is not blank."""

    first: Value
    second: Value
    name: str

    def worked(self, book: Book) -> Handle:
        """Take the first given."""
        return book.apply(self.name, steps.first_given, first=self.first.worked(book), second=self.second.worked(book))


@dataclass(frozen=True)
class Product:
    """A rate of an amount."""

    rate: Value
    of: Value
    name: str

    def worked(self, book: Book) -> Handle:
        """Multiply them."""
        return book.apply(self.name, steps.product, rate=self.rate.worked(book), of=self.of.worked(book))


@dataclass(frozen=True)
class LeastOf:
    """The lesser of two limits; one that is blank doesn't bind."""

    first: Value
    second: Value
    name: str

    def worked(self, book: Book) -> Handle:
        """Take the lesser."""
        return book.apply(self.name, steps.least, first=self.first.worked(book), second=self.second.worked(book))


@dataclass(frozen=True)
class Reached:
    """1 where a measure is at least a value, else 0."""

    measure: Value
    at_least: Value
    name: str

    def worked(self, book: Book) -> Handle:
        """Compare them at full precision."""
        return book.apply(self.name, steps.reached, measure=self.measure.worked(book), at_least=self.at_least.worked(book))
