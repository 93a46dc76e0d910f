"""A design of an arrangement: the terms that parties bargain over, put in the place of those in its
own file.

The steps, lines, prices, baselines, gates and contracts stay as the file has them; within each side
parties keep their proportions. So a design is settled by the very steps that a real settlement
takes.
Source: handbook 6.4.5, 6.5.2; req 276, 280-282.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.places import Cell
from wpb.kernel.problems import UsageProblem
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.party_book import POOL, PartyBook
from wpb.sharing.party_steps import party_shares
from wpb.sharing.step_kinds import Step
from wpb.sharing.values import Case, Cases, Match, Named, Value, constant, product

Array = NDArray[np.float64]
SIDES = ("gains", "losses")


@dataclass(frozen=True)
class Design:
    """The providers' shares of gains and losses together, cap and collar as shares of the baseline,
    the minimum rate, the years at the start in which losses are not shared, and the last year in
    which they are.

    NaN for a term that the arrangement has no step for.
    """

    gain_share: float
    loss_share: float
    cap: float
    collar: float
    minimum_rate: float
    years_without_losses: float
    last_year_of_losses: float


RANGES: dict[str, tuple[float, float]] = {
    "gain_share": (0.0, 1.0),
    "loss_share": (0.0, 1.0),
    "cap": (0.005, 0.20),
    "collar": (0.005, 0.20),
    "minimum_rate": (0.0, 0.05),
    "years_without_losses": (0.0, 3.0),
    "last_year_of_losses": (0.0, 1.0),
}
"""What is searched over (ours: the handbook prints no bounds)."""
STEP_OF_TERM = {
    "cap": "limit",
    "collar": "limit",
    "minimum_rate": "corridor",
    "years_without_losses": "sides",
    "last_year_of_losses": "sides",
}
WHOLE = ("years_without_losses", "last_year_of_losses")
"""Terms counted in whole years."""


def searched(
    arrangement: PartyArrangement, one_sided: bool = False
) -> dict[str, tuple[float, float]]:
    """The terms that can be searched over in an arrangement, with their ranges.

    one_sided: the providers bear no losses.
    Raises UsageProblem for shares by corridor, or a side without parties.
    """
    if arrangement.tiers:
        raise UsageProblem(
            f"{arrangement.name} shares by corridors of the gap; a search over designs takes one"
            " share for each party"
        )
    for role in ("provider", "commissioner"):
        if not any(party.role == role for party in arrangement.parties):
            raise UsageProblem(
                f"{arrangement.name} has no {role} among its parties, so there is nothing to share"
                " between sides"
            )
    kinds = {step.kind for step in arrangement.steps}
    ranges = RANGES | {"last_year_of_losses": (1.0, float(len(arrangement.years)))}
    found = {
        term: ends for term, ends in ranges.items() if STEP_OF_TERM.get(term, "share_out") in kinds
    }
    if one_sided:
        found = {term: ends for term, ends in found.items() if term not in ("loss_share", *WHOLE)}
    return found


def as_it_stands(arrangement: PartyArrangement) -> tuple[float, float]:
    """The providers' shares of gains and of losses in the arrangement's own file, on average over
    its years.
    """
    rows = _of_role(arrangement, "provider")
    gains, losses = (float(_shares(arrangement, side)[rows].sum(axis=0).mean()) for side in SIDES)
    return gains, losses


def redesigned(arrangement: PartyArrangement, design: Design) -> PartyArrangement:
    """The arrangement with a design's terms in it.

    Party's share = its side's share x its part of the side, year by year. What all parties shared
    together stays.
    Source: handbook 6.4.5, 6.5.2; req 276, 280, 281, 282.
    """
    place, years = arrangement.steps[0].place, arrangement.years
    shares = {
        side: _split(arrangement, side, share)
        for side, share in zip(SIDES, (design.gain_share, design.loss_share), strict=True)
    }
    parties = tuple(
        replace(
            party,
            gains=_by_year("gains", shares["gains"][row], years, place),
            losses=_by_year("losses", shares["losses"][row], years, place),
        )
        for row, party in enumerate(arrangement.parties)
    )
    last = design.last_year_of_losses
    ends = (
        dict(arrangement.ends)
        if math.isnan(last)
        else {**arrangement.ends, "losses": years[max(0, round(last) - 1)]}
    )
    return replace(
        arrangement,
        parties=parties,
        ends=ends,
        steps=tuple(_step(arrangement, step, design) for step in arrangement.steps),
    )


def _step(arrangement: PartyArrangement, step: Step, design: Design) -> Step:
    values: dict[str, Value] = dict(step.values)
    if step.kind == "corridor" and not math.isnan(design.minimum_rate):
        values |= {
            name: constant(name, design.minimum_rate, step.place)
            for name in ("minimum_savings_rate", "minimum_loss_rate")
        }
    if step.kind == "limit":
        values |= {
            side: product(
                constant(f"{side}_limit_rate", rate, step.place),
                Named("baseline", step.place),
                f"{side}_limit",
            )
            for side, rate in (("gains", design.cap), ("losses", design.collar))
            if not math.isnan(rate)
        }
    if step.kind == "sides" and not math.isnan(design.years_without_losses):
        shared = np.array(
            np.broadcast_to(
                _plain(arrangement).array(step.values["losses"].worked(_plain(arrangement)))[0, 0],
                (len(arrangement.years),),
            )
        )
        shared[: round(design.years_without_losses)] = 0.0
        values["losses"] = _by_year("losses", shared, arrangement.years, step.place)
    return replace(step, values=values)


def _split(arrangement: PartyArrangement, side: str, share: float) -> Array:
    """Each party's share when the providers have `share` of a side, [party, year]; a side that had
    none goes by its gains, else evenly.
    """
    before, of_gains = _shares(arrangement, side), _shares(arrangement, "gains")
    whole = before.sum(axis=0)
    found = np.zeros_like(before)
    for role, part in (("provider", share), ("commissioner", 1.0 - share)):
        rows = _of_role(arrangement, role)
        weights = np.where(before[rows].sum(axis=0) > 0, before[rows], of_gains[rows])
        weights = np.where(weights.sum(axis=0) > 0, weights, 1.0)
        found[rows] = part * whole * weights / weights.sum(axis=0)
    return found


def _shares(arrangement: PartyArrangement, side: str) -> Array:
    return np.asarray(party_shares(_plain(arrangement), POOL, side), dtype=np.float64)


def _plain(arrangement: PartyArrangement) -> PartyBook:
    return PartyBook(arrangement, np.zeros((1, len(arrangement.lines), len(arrangement.years))), {})


def _of_role(arrangement: PartyArrangement, role: str) -> list[int]:
    return [row for row, party in enumerate(arrangement.parties) if party.role == role]


def _by_year(name: str, values: Array, years: Sequence[str], place: Cell) -> Cases:
    return Cases(
        name,
        tuple(
            Case((("year", Match(frozenset([year]))),), float(value), place)
            for year, value in zip(years, values, strict=True)
        ),
        None,
        place,
    )
