"""Settling an arrangement between parties: the pool, each party's share, and what every step left
undistributed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.conservation import must_add, pence_must_add
from wpb.kernel.ledger import Block, Ledger
from wpb.kernel.money import round_parts, whole_pence
from wpb.kernel.places import Place
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.party_book import PartyBook
from wpb.sharing.party_steps import PARTY_KINDS
from wpb.sharing.step_kinds import Figures, run_steps
from wpb.sharing.values import Handle

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PartySettlement:
    """What an arrangement comes to, in unrounded pence, [run, row, year]; gains above nought,
    losses below.

    gap: by line, whether or not cash moves. line_gap: the part of it that is cash. notional: the
    rest. pool: the cash of all lines, [run, 1, year]. party: each party's share. kept: what each
    step left undistributed, by step in order (it stays with the party that keeps the rest).
    reinvested: what is set aside for transformation. shares + kept + reinvested = pool.
    """

    arrangement: PartyArrangement
    baseline: Array
    outturn: Array
    gap: Array
    line_gap: Array
    notional: Array
    pool: Array
    party: Array
    kept: tuple[tuple[str, Array], ...]
    reinvested: Array
    ledger: Ledger | None = None
    figures: Mapping[str, Handle] = field(default_factory=dict)
    """The figures after the last step, by name: `amount` is each party's share. With a ledger they
    are its blocks.
    """

    def block(self, figure: str) -> Block:
        """Give the block of a figure of a settlement that was worked out on a ledger.

        Source: handbook 6.4.6; req 286.
        """
        found = self.figures[figure]
        assert isinstance(found, Block)
        return found

    @property
    def retained(self) -> Array:
        """All that was not distributed, [run, 1, year]."""
        whole = np.zeros_like(self.pool)
        for _, amount in self.kept:
            whole = whole + amount
        return whole


def settle_parties(
    arrangement: PartyArrangement,
    outturn: Array,
    measures: Mapping[str, Array] | None = None,
    ledger: Ledger | None = None,
    outturn_place: Callable[[int, int], Place] | None = None,
    measure_place: Callable[[str, int], Place] | None = None,
    part_of_year: Array | None = None,
    under: str = "sharing",
) -> PartySettlement:
    """Settle an arrangement by its own list of steps.

    outturn: units (or spend in pence), [line, year] or [run, line, year]. measures: [year] or [run,
    1, year] by name. With a ledger, every step of every party is kept there, its name beginning
    with `under`, and can be explained; without one, any number of runs goes through as arrays.
    Source: handbook 6.2, 6.3.1 Fig 20, 6.4.5, 6.4.6; Mid-Nottinghamshire article (2016); req 258,
    259, 276, 287, 288, 294, 310, 311, 331.
    """
    units = outturn[None] if outturn.ndim == 2 else outturn
    years = len(arrangement.years)
    reported = {
        name: np.asarray(value, dtype=np.float64).reshape(-1, 1, years)
        for name, value in (measures or {}).items()
    }
    book = PartyBook(
        arrangement, units, reported, ledger, outturn_place, measure_place, part_of_year, under
    )
    figures: Figures = {}
    run_steps(book, arrangement.steps, PARTY_KINDS, figures)
    line_gap = book.array(figures["line_gap"])
    pool = line_gap.sum(axis=1, keepdims=True)
    gap = book.array(figures["gap"])
    zero = np.zeros_like(pool)
    kept = tuple(
        (f"{step.number:02d}_{step.kind}", book.array(handle).sum(axis=1, keepdims=True) + zero)
        for step, handle in book.kept
    )
    notional = book.array(figures["notional"]) if "notional" in figures else np.zeros_like(gap)
    reinvested = book.array(figures["reinvested"]) if "reinvested" in figures else zero
    party = book.array(figures["amount"])
    _check_conserved(arrangement, pool, party, kept, reinvested)
    return PartySettlement(
        arrangement,
        book.array(figures["line_baseline"]),
        book.array(figures["outturn"]),
        gap,
        line_gap,
        notional,
        pool,
        party,
        kept,
        reinvested,
        ledger,
        figures if ledger is not None else {},
    )


def _check_conserved(
    arrangement: PartyArrangement,
    pool: Array,
    party: Array,
    kept: tuple[tuple[str, Array], ...],
    reinvested: Array,
) -> None:
    """Hold a settlement to what must add: shared + undistributed + reinvested = pool, and nothing
    shared after its end.
    """
    title, place = f"The settlement of '{arrangement.title}'", arrangement.place("steps")
    shared = party.sum(axis=1, keepdims=True)
    parts = {"shared": shared, "reinvested": reinvested, **dict(kept)}
    must_add(title, parts, pool, place)
    for side, sign in (("gains", 1), ("losses", -1)):
        for number, year in enumerate(arrangement.years):
            ended = not arrangement.in_force(side, year)
            if ended and (sign * shared[..., number] > 0).any():
                nothing = np.zeros_like(shared[..., number])
                must_add(
                    f"{title}: {side} of {year}, after they ended,",
                    {"shared": shared[..., number]},
                    nothing,
                    arrangement.place(side),
                )


@dataclass(frozen=True)
class Rounded:
    """A year's settlement in whole pence: parties, undistributed and reinvested add to the pool.

    borne: the part of the pool that first fell on each party. due: what each party is to be paid
    (below nought: to pay) so that it ends with its share; these add to nought with the fund.
    """

    pool: int
    party: Mapping[str, int]
    retained: int
    reinvested: int
    borne: Mapping[str, int]
    due: Mapping[str, int]


def rounded_year(settlement: PartySettlement, year: int, run: int = 0) -> Rounded:
    """Round one year's settlement to whole pence that still add to the pool, and give what each
    party is due.

    due = its share + what it keeps undistributed + the fund it holds - the gap that fell on it.
    Source: handbook 6.4.6; req 286, 287, 370.
    """
    arrangement = settlement.arrangement
    names = arrangement.party_names
    pool = whole_pence(float(settlement.pool[run, 0, year]))
    amounts = [
        *(float(value) for value in _at(settlement.party, run)[:, year]),
        float(_at(settlement.retained, run)[0, year]),
        float(_at(settlement.reinvested, run)[0, year]),
    ]
    parts = round_parts(amounts, [*names, "~retained", "~reinvested"], pool)
    lines = round_parts(
        [float(value) for value in _at(settlement.line_gap, run)[:, year]],
        arrangement.line_names,
        pool,
    )
    party = dict(zip(names, parts, strict=False))
    borne = dict.fromkeys(names, 0)
    for line, amount in zip(arrangement.lines, lines, strict=True):
        borne[line.gap_falls_on] += amount
    due = {name: party[name] - borne[name] for name in names}
    due[arrangement.retained_by] += parts[-2]
    due[arrangement.fund_held_by or arrangement.retained_by] += parts[-1]
    title, place = f"The settlement of '{arrangement.title}' in pence", arrangement.place("steps")
    left = {"undistributed": parts[-2], "reinvested": parts[-1]}
    pence_must_add(title, {**party, **left}, pool, place)
    pence_must_add(f"{title}, party by party,", due, 0, place)
    return Rounded(pool, party, parts[-2], parts[-1], borne, due)


def _at(array: Array, run: int) -> Array:
    row: Array = array[min(run, array.shape[0] - 1)]
    return row
