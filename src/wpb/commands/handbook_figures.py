"""The handbook's printed figures, worked out afresh by the rules of this installation.

Source: handbook Figs 4, 8, 11, 15, 16, Table 5; req 368.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wpb.forecast.cost_uplift import input_cost_uplift, weighted_inflation
from wpb.forecast.growth import compound_factor, grow
from wpb.kernel.arithmetic import apportion, share_of, times
from wpb.kernel.ledger import Array
from wpb.kernel.money import round_half_up

UPLIFTS = (0.0327, 0.0246, 0.0217, 0.0217, 0.0304)
"""Table 6, unit cost uplift 2016-17 to 2020-21, to the two decimals printed."""
NOT_FROM_PRINTED_UPLIFTS = (
    "2 of the figure's 20 cells follow only from decimals that Table 6 does not print"
)


@dataclass(frozen=True)
class FigureTest:
    """One figure of the handbook: what is printed, what was worked out, and whether they are the
    same.
    """

    figure: str
    printed: tuple[str, ...]
    worked_out: tuple[str, ...]
    note: str = ""

    @property
    def passes(self) -> bool:
        """Whether every cell agrees."""
        return self.printed == self.worked_out


def _column(*values: float) -> Array:
    return np.array(values, dtype=np.float64).reshape(1, -1, 1)


def _cells(values: Array, places: int = 0) -> tuple[str, ...]:
    return tuple(f"{round_half_up(value, places):,}" for value in values.reshape(-1).tolist())


def figure_4() -> FigureTest:
    """Direct cost shares out a contract of £500,000: contract x cost / sum of costs.

    Source: handbook Fig 4; req 56, 368.
    """
    costs = _column(200_000, 350_000, 100_000)
    pounds = apportion(_column(500_000), costs, costs.sum(axis=1, keepdims=True))
    return FigureTest("Fig 4", ("153,846", "269,231", "76,923"), _cells(pounds))


def figure_8() -> FigureTest:
    """Cost weights share out a contract of £3,000,000: contract x units x weight / sum of them.

    Source: handbook Fig 8; req 80, 368.
    """
    weighted = times(_column(14_945, 3_789, 211, 2_105), _column(1.0, 0.8, 2.5, 3.0))
    pounds = apportion(_column(3_000_000), weighted, weighted.sum(axis=1, keepdims=True))
    return FigureTest("Fig 8", ("1,806,501", "366,401", "63,762", "763,336"), _cells(pounds))


def figure_11() -> FigureTest:
    """A simple average: contract / units.

    Source: handbook Fig 11; req 90, 368.
    """
    return FigureTest(
        "Fig 11",
        ("42.92",),
        _cells(share_of(_column(2_500_000), _column(10_486 + 33_786 + 13_980)), 2),
    )


def table_5() -> FigureTest:
    """The cost uplift of 2016-17 in per cent: weights x inflation, added up.

    Source: handbook Tables 3-5; req 162, 368.
    """
    weights = _column(0.6544, 0.0817, 0.0476, 0.2017, 0.0146)
    inflation = _column(3.3, 4.5, 3.1, 1.7, 17.0)
    products = weighted_inflation(weights, inflation)
    uplift = input_cost_uplift(weights.ravel(), inflation.ravel())
    return FigureTest(
        "Table 5",
        ("2.16", "0.37", "0.15", "0.34", "0.25", "3.27"),
        (*_cells(products, 2), *_cells(uplift, 2)),
    )


def figure_15() -> FigureTest:
    """Unit costs carried forward by the printed uplifts: unit cost x compounded uplift.

    Source: handbook Fig 15; req 165, 368.
    """
    factor = compound_factor(np.array(UPLIFTS).reshape(1, 1, -1))
    return FigureTest(
        "Fig 15, A&E",
        ("129", "132", "135", "138", "142"),
        _cells(grow(_column(125), factor)),
        NOT_FROM_PRINTED_UPLIFTS,
    )


def figure_16() -> FigureTest:
    """Activity carried forward by its growth, rounded only to be shown: the exact half of 2016-17
    goes up.

    Source: handbook Fig 16; req 163, 370, 368.
    """
    factor = compound_factor(np.array([0.0207]).reshape(1, 1, -1))
    return FigureTest(
        "Fig 16, non-elective, 2016-17", ("25,518",), _cells(grow(_column(25_000), factor))
    )


FIGURES: tuple[Callable[[], FigureTest], ...] = (
    figure_4,
    figure_8,
    figure_11,
    table_5,
    figure_15,
    figure_16,
)


def self_test() -> list[FigureTest]:
    """Work every figure out.

    Source: req 368.
    """
    return [test() for test in FIGURES]
