"""A search over designs of an arrangement: a frontier to discuss, never one answer.

Each point of the frontier keeps the providers' bad years within a limit, and every party's within
its own, and is the design that then leaves the providers most of each pound that less activity
releases. All designs are settled on the same simulated outturns.
Source: handbook 6.4.5, 6.5.2, Fig 25; req 276, 279-282, 300.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.problems import UsageProblem
from wpb.shadow.accounts import measured_arrangements, parted
from wpb.shadow.designs import WHOLE, Design, as_it_stands, redesigned, searched
from wpb.shadow.draws import CHUNK_RUNS, draw
from wpb.shadow.engine import simulate
from wpb.shadow.outcome import expected_shortfall, runs_needed
from wpb.shadow.runs import Case, Seed, batches_of
from wpb.shadow.sharing_links import ends_with
from wpb.shadow.workers import Workers, at_work
from wpb.sharing.parties import PartyArrangement
from wpb.sharing.settle_parties import settle_parties

Array = NDArray[np.float64]
Progress = Callable[[str], None]
TAIL = 0.05
LESS_ACTIVITY = 0.99
"""The change of activity by which the reward is measured: one unit in a hundred fewer."""


@dataclass(frozen=True)
class Sample:
    """An arrangement with its simulated outturns, [run, line, year], and reported measures, [run,
    1, year].
    """

    arrangement: PartyArrangement
    outturn: Array
    measures: Mapping[str, Array]


@dataclass(frozen=True)
class PartyWeighed:
    """What one party ends with, a year: on average, and in the mean of the worst 5% of runs of its
    worst year, in pence.
    """

    party: str
    role: str
    mean: float
    tail: float


@dataclass(frozen=True)
class Weighed:
    """A design and what it does. reward: the part of each pound that less activity releases which
    the providers keep.

    design is None for the arrangement as it stands.
    """

    design: Design | None
    parties: tuple[PartyWeighed, ...]
    provider: PartyWeighed
    payer: PartyWeighed
    reward: float
    gain_share: float
    loss_share: float


def sampled(case: Case, seed: Seed, chunks: range, name: str) -> tuple[Array, dict[str, Array]]:
    """The outturns and measures of one arrangement over some chunks of runs, from the same draws as
    every other result.

    Source: handbook 6.4.4; req 273, 300.
    """
    plan, outturns, measures = case.plan, [], dict[str, list[Array]]()
    for chunk in chunks:
        now = simulate(plan, draw(plan.declared, plan.rows_of_each, len(plan.years), seed, chunk))
        for one, outturn, reported in measured_arrangements(
            plan, now, case.planned, parted(now, case.planned)
        ):
            if one.arrangement.name == name:
                outturns.append(np.broadcast_to(outturn, (CHUNK_RUNS, *outturn.shape[1:])))
                for measure, value in reported.items():
                    measures.setdefault(measure, []).append(
                        np.broadcast_to(value, (CHUNK_RUNS, *value.shape[1:]))
                    )
    return np.concatenate(outturns), {
        measure: np.concatenate(values) for measure, values in measures.items()
    }


def sample(case: Case, name: str, runs: int, seed: int, workers: int | Workers = 1) -> Sample:
    """Simulate what an arrangement will be settled on.

    Raises UsageProblem for an arrangement that isn't there, or too few runs for the tail.
    """
    known = {one.arrangement.name: one.arrangement for one in case.plan.shared}
    if name not in known:
        raise UsageProblem(
            f"there is no arrangement '{name}'; there are {', '.join(known) or 'none'} in the"
            " model's folder 'arrangements'"
        )
    if runs < runs_needed(TAIL):
        raise UsageProblem(
            f"{runs} runs are too few for a mean of the worst 5%; {runs_needed(TAIL):,} would do"
        )
    batches = batches_of(-(-runs // CHUNK_RUNS))
    with at_work(workers) as crew:
        found = dict(crew.each(sampled, case, [(seed, batch, name) for batch in batches]))
    outturn = np.concatenate([found[place][0] for place in range(len(batches))])[:runs]
    return Sample(
        known[name],
        outturn,
        {
            measure: np.concatenate([found[place][1][measure] for place in range(len(batches))])[
                :runs
            ]
            for measure in found[0][1]
        },
    )


def weighed(held: Sample, design: Design | None = None) -> Weighed:
    """Settle an arrangement on its sample, as it stands or under a design, and say what it does to
    every party.

    reward = mean rise of what the providers end with / mean rise of the cash gap, when activity is
    1% lower.
    Source: handbook 6.4.5, 6.5.2, Fig 25; req 276, 280, 281, 282.
    """
    arrangement = held.arrangement if design is None else redesigned(held.arrangement, design)
    settlement, lower = (
        settle_parties(arrangement, outturn, held.measures)
        for outturn in (held.outturn, held.outturn * LESS_ACTIVITY)
    )
    ends, lower_ends = ends_with(settlement), ends_with(lower)
    sides = {
        role: [row for row, party in enumerate(arrangement.parties) if party.role == role]
        for role in ("provider", "commissioner")
    }
    parties = tuple(
        _weigh(party.party, party.role, ends[:, row])
        for row, party in enumerate(arrangement.parties)
    )
    provider, payer = (
        _weigh(role, role, ends[:, rows].sum(axis=1)) for role, rows in sides.items()
    )
    released = float((lower.pool - settlement.pool).mean())
    kept = float((lower_ends - ends)[:, sides["provider"]].sum(axis=1).mean())
    shares = as_it_stands(arrangement) if design is None else (design.gain_share, design.loss_share)
    return Weighed(design, parties, provider, payer, kept / released if released else 0.0, *shares)


def _weigh(name: str, role: str, amounts: Array) -> PartyWeighed:
    tails = [
        expected_shortfall(np.sort(amounts[:, year]), 1 - TAIL) or 0.0
        for year in range(amounts.shape[1])
    ]
    return PartyWeighed(name, role, float(amounts.mean()), min(tails))


def over_limits(found: Weighed, limit: float, party_limits: Mapping[str, float]) -> float:
    """How far bad years pass the limits, in pence: the providers' together, and each party's own.

    Source: handbook 6.4.5; req 279.
    """
    return max(0.0, -found.provider.tail - limit) + sum(
        max(0.0, -one.tail - party_limits[one.party])
        for one in found.parties
        if one.party in party_limits
    )


def best_within(
    held: Sample, limit: float, party_limits: Mapping[str, float], one_sided: bool, seed: int
) -> Weighed | None:
    """The design with the most reward whose bad years keep within the limits; None where no design
    found does.

    Source: handbook 6.4.5, 6.5.2; req 276, 279, 280.
    """
    from scipy.optimize import differential_evolution

    ranges = searched(held.arrangement, one_sided)
    fixed = dict.fromkeys(Design.__dataclass_fields__, np.nan) | {"loss_share": 0.0}

    def design_of(values: Array) -> Design:
        return Design(
            **(fixed | dict(zip(ranges, (float(value) for value in values), strict=True)))
        )

    scale = max(limit, 1.0)

    def wanting(values: Array) -> float:
        found = weighed(held, design_of(values))
        uneven = max(0.0, found.loss_share - found.gain_share)
        # To nine places, so that where a term changes nothing the search takes the same way on
        # every machine.
        return float(
            np.round(
                -found.reward
                + 10.0 * over_limits(found, limit, party_limits) / scale
                + 10.0 * uneven,
                9,
            )
        )

    found = differential_evolution(
        wanting,
        list(ranges.values()),
        seed=seed,
        popsize=6,
        maxiter=30,
        tol=1e-5,
        polish=False,
        integrality=[term in WHOLE for term in ranges],
    )
    best = weighed(held, design_of(found.x))
    return best if over_limits(best, limit, party_limits) <= 0.01 * scale else None


def frontier(
    held: Sample,
    limits: Sequence[float],
    party_limits: Mapping[str, float],
    one_sided: bool = False,
    seed: int = 1,
    workers: int | Workers = 1,
    progress: Progress = lambda stage: None,
) -> tuple[Weighed, ...]:
    """For each limit on the providers' bad years, the design that rewards less activity most; those
    bettered by another are left out.

    limits, party_limits: pence, above nought. A loss share above the gain share is left out, as the
    handbook would have it. A limit no design keeps gives no point.
    Raises UsageProblem for a limit that is not above nought.
    Source: handbook 6.4.5, 6.5.2; req 276, 279, 280.
    """
    if any(limit <= 0 for limit in (*limits, *party_limits.values())):
        raise UsageProblem("an exposure limit is a sum above nought")
    searched(held.arrangement, one_sided)
    found: dict[int, Weighed | None] = {}
    with at_work(workers) as crew:
        for place, best in crew.each(
            best_within, held, [(limit, dict(party_limits), one_sided, seed) for limit in limits]
        ):
            found[place] = best
            progress(f"searching, {len(found)} of {len(limits)} limits")
    points = [best for _, best in sorted(found.items()) if best is not None]
    return tuple(
        one
        for at, one in enumerate(points)
        if not any(
            _better(other, one) or (other == one and place < at)
            for place, other in enumerate(points)
            if place != at
        )
    )


def _better(other: Weighed, one: Weighed) -> bool:
    """Whether a design is at least as good in everything that is weighed, and better in
    something.
    """
    pairs = (
        (other.provider.tail, one.provider.tail),
        (other.payer.tail, one.payer.tail),
        (other.reward, one.reward),
    )
    return all(left >= right for left, right in pairs) and any(
        left > right for left, right in pairs
    )
