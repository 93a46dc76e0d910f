"""What must add after each stage: asserted while the product runs, and a breach stops with its
figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.places import Cell
from wpb.kernel.problems import InputProblems, Problem

Array = NDArray[np.float64]
SAME_RATE = 1e-12
"""Unrounded figures are sums of floating-point numbers: what is left over by their own precision,
as a part of the largest of them, is no pound.
"""


def must_add(what: str, parts: Mapping[str, Array], whole: Array, where: Cell | None) -> None:
    """Stop unless unrounded parts add to their whole, figure by figure.

    parts, whole: unrounded pence, arrays that broadcast together. Raises InputProblems with the
    figures that do not add.
    Source: req 384.
    """
    added: Array = np.zeros(np.shape(whole))
    size = np.abs(whole)
    for part in parts.values():
        added = added + part
        size = np.maximum(size, np.abs(part))
    # Written so that a figure that is not a number, which no comparison finds, does not pass.
    off = ~(np.abs(added - whole) <= SAME_RATE * np.maximum(size, 1.0) * max(len(parts), 1))
    if not off.any():
        return
    first = tuple(int(axis[0]) for axis in np.nonzero(off))
    figures = {name: float(np.broadcast_to(part, off.shape)[first]) for name, part in parts.items()}
    _stop(what, figures, float(np.broadcast_to(whole, off.shape)[first]), where)


def pence_must_add(what: str, parts: Mapping[str, int], whole: int, where: Cell | None) -> None:
    """Stop unless whole pence add to their whole, to the penny.

    Raises InputProblems with the figures that do not add.
    Source: req 384.
    """
    if sum(parts.values()) != whole:
        _stop(what, {name: float(part) for name, part in parts.items()}, float(whole), where)


def _stop(what: str, parts: Mapping[str, float], whole: float, where: Cell | None) -> None:
    spelled = "; ".join(f"{name} {value / 100:,.2f}" for name, value in parts.items())
    left = whole - fsum(parts.values())
    raise InputProblems(
        [
            Problem(
                "error",
                where,
                f"{what} does not add up: {spelled}; the whole is {whole / 100:,.2f}, which leaves"
                f" {left / 100:,.2f} unexplained.",
                "This is an error in wpb and not in your files: nothing was written. Please report"
                " it with these figures.",
                "does_not_add",
            )
        ]
    )
