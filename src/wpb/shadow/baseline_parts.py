"""The error of the baseline, run by run: how spend is divided moves it between the lines and lists
of one contract, and only what makes a total uncertain moves the contract's spend.

A part is one budget line, in scope or out of it. The spend of one funder on one contract is known,
so errors of division net to zero over its parts: each part gives up its share of what the errors
come to together, in proportion to how uncertain it is itself. A part that is known does not move.
Source: handbook 2.4.1 footnote 29, Table 2; req 34, 412.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.baseline.spend_subjects import subject_of
from wpb.run import Budget
from wpb.shadow.baseline_error import line_bands
from wpb.shadow.declared import Declared, Uncertainty
from wpb.tables.records import GRADES

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

OF_DIVISION = ("division", "grade")
"""What an error of division is applied by: the band of each line's grade, or one named grade."""


@dataclass(frozen=True)
class BaselineParts:
    """Spend before its error, part by part, in the order of the rows it is added into.

    start: pence, [part, pattern]; a pattern is one set of years in which the same spend is in
    scope. Parts of one whole share a funder and a contract.
    """

    start: Array
    pattern_of_year: Rows
    rows: Rows
    """The rows of the plan that have parts."""
    row_starts: Rows
    whole_of_part: Rows
    by_whole: Rows
    """Parts in the order of their wholes."""
    whole_starts: Rows
    side: Rows
    """0 for a part in scope, 1 for one out of it."""
    division: tuple[str, ...]
    grades: tuple[str, ...]
    total_of_whole: tuple[str, ...]

    def mask(self, one: Uncertainty) -> NDArray[np.bool_]:
        """The parts that an error of division moves, or the wholes that an error of totals does."""
        names = {"division": self.division, "grade": self.grades, "total": self.total_of_whole}
        return np.array([name == one.applies_to for name in names[one.applies_by]], dtype=bool)

    def added_by_whole(self, values: Array) -> Array:
        """Add parts into wholes: [part, ...] to [whole, ...]."""
        return np.add.reduceat(values[self.by_whole], self.whole_starts, axis=0)


def is_by_parts(one: Uncertainty) -> bool:
    """Whether an uncertainty is an error of the baseline that is drawn part by part."""
    return one.driver == "baseline_error" and one.applies_by in (*OF_DIVISION, "total")


def baseline_parts(
    budget: Budget, declared: Declared, place_of: Mapping[tuple[int, bool], int]
) -> BaselineParts | None:
    """Lay out the parts whose baseline may be out; None where nothing is uncertain by parts.

    place_of: the row of the plan of each budget line, in scope and out. A part alone in its whole
    is known where its total is.
    Source: handbook 2.4.1, Table 2; req 34, 412.
    """
    if not any(is_by_parts(one) for one in declared.uncertainties):
        return None
    lines, bands = budget.current.lines.lines, line_bands(budget)
    wholes: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for row, inside in place_of:
        wholes.setdefault((subject_of(lines[row]), lines[row].commissioner), []).append(
            (row, inside)
        )
    parts, totals = list[tuple[int, bool]](), list[str]()
    whole_of: dict[tuple[int, bool], int] = {}
    for found in wholes.values():
        first = bands[found[0][0]]
        total = "" if first is None or first.total is None else first.total.name
        if len(found) > 1 or total:
            whole_of.update(dict.fromkeys(found, len(totals)))
            totals.append(total)
            parts += found
    if not parts:
        return None
    parts.sort(key=lambda part: place_of[part])
    return _laid_out(
        budget,
        parts,
        np.array([place_of[part] for part in parts], dtype=np.int64),
        np.array([whole_of[part] for part in parts], dtype=np.int64),
        tuple("" if (band := bands[row]) is None else band.division.name for row, _ in parts),
        tuple(totals),
    )


def _laid_out(
    budget: Budget,
    parts: Sequence[tuple[int, bool]],
    places: Rows,
    wholes: Rows,
    division: tuple[str, ...],
    totals: tuple[str, ...],
) -> BaselineParts:
    lines, years = budget.current.lines.lines, len(budget.years)
    levels = {
        inside: budget.ledger[name].value[0]
        for inside, name in ((True, "forecast/start"), (False, "out_of_scope/start"))
    }
    start = np.stack([np.broadcast_to(levels[inside][row], (years,)) for row, inside in parts])
    patterns, pattern_of_year = np.unique(start, axis=1, return_inverse=True)
    by_whole = np.argsort(wholes, kind="stable")
    return BaselineParts(
        np.asarray(patterns, dtype=np.float64),
        np.asarray(pattern_of_year, dtype=np.int64).reshape(-1),
        np.unique(places),
        _firsts(places),
        wholes,
        by_whole,
        _firsts(wholes[by_whole]),
        np.array([0 if inside else 1 for _, inside in parts], dtype=np.int64),
        division,
        tuple(GRADES[lines[row].grade] for row, _ in parts),
        totals,
    )


def _firsts(sorted_codes: Rows) -> Rows:
    return np.flatnonzero(np.r_[True, sorted_codes[1:] != sorted_codes[:-1]]).astype(np.int64)


def netted(error: Array, variance: Array, parts: BaselineParts) -> Array:
    """Errors of division with what they come to over each whole taken out again, part by part in
    proportion to its variance: the errors given that the whole is known.

    error_i - variance_i / sum of variances x sum of errors
    error: [part, run] in pence. variance: [part].
    Source: handbook 2.4.1; req 412.
    """
    whole = parts.added_by_whole(variance)[parts.whole_of_part]
    weight = np.divide(variance, whole, out=np.zeros_like(whole), where=whole > 0)
    return error - weight[:, None] * parts.added_by_whole(error)[parts.whole_of_part]


def bounded(error: Array, start: Array, parts: BaselineParts) -> Array:
    """Errors of division that take from no part more than it has: all errors of a whole are scaled
    down together in a run in which one would.

    error: [part, run] in pence. start: [part] in pence.
    Source: handbook 2.4.1; req 412.
    """
    spend = start[:, None]
    if not ((spend + error) * np.sign(spend) < 0).any():
        return error
    taken = np.divide(-error, spend, out=np.zeros_like(error), where=spend != 0)
    most = np.maximum.reduceat(taken[parts.by_whole], parts.whole_starts, axis=0)
    return error / np.maximum(most, 1.0)[parts.whole_of_part]


def baseline_moved(parts: BaselineParts, declared: Declared, values: Mapping[str, Array]) -> Array:
    """What the error of the baseline adds to the spend of each row that has parts, in pence:
    [run, row, year].

    (part + its error of division) x error of its contract's total - part
    Source: handbook 2.4.1, Table 2; req 34, 412.
    """
    errors = [one for one in declared.of("baseline_error") if is_by_parts(one)]
    runs = max(values[one.code].shape[0] for one in errors)
    relative, variance = np.zeros((len(parts.side), runs)), np.zeros(len(parts.side))
    total = np.ones((len(parts.total_of_whole), runs))
    for one in errors:
        mask, drawn = parts.mask(one), values[one.code][:, :, 0].T
        if one.by_side and drawn.shape[0] > 1:
            drawn = drawn[parts.side[mask]]
        if one.applies_by == "total":
            total[mask] *= 1.0 + one.weight * (drawn - 1.0)
        else:
            relative[mask] += one.weight * (drawn - 1.0)
            variance[mask] += one.weight**2 * _variance(one)
    found = np.empty((runs, len(parts.rows), parts.start.shape[1]))
    for pattern, start in enumerate(parts.start.T):
        error = netted(start[:, None] * relative, start**2 * variance, parts)
        divided = start[:, None] + bounded(error, start, parts)
        added = divided * total[parts.whole_of_part] - start[:, None]
        found[:, :, pattern] = np.add.reduceat(added, parts.row_starts, axis=0).T
    return found[:, :, parts.pattern_of_year]


def _variance(one: Uncertainty) -> float:
    """Its variance, or that of a normal of the same middle where it has none that is finite."""
    variance = one.distribution.variance
    if np.isfinite(variance):
        return variance
    low, high = (float(value) for value in one.distribution.quantile([0.1587, 0.8413]))
    return ((high - low) / 2) ** 2
