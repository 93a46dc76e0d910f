"""Random draws by chunk: one stream for each chunk and uncertainty, so that the figures are the
same for any number of workers.

The stream of an uncertainty in a chunk is spawned from the seed, the size of a chunk, the chunk's
number and the uncertainty's own code. So a scenario that changes one uncertainty leaves the draws
of all others as they were (common random numbers), and a longer run begins with the runs of a
shorter one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from wpb.shadow.declared import Declared, Uncertainty

Array = NDArray[np.float64]

CHUNK_RUNS = 128
"""Runs in a chunk; part of the seed, so changing it changes every draw."""


def stream(seed: int, chunk: int, code: int) -> np.random.Generator:
    """The random stream of one uncertainty in one chunk."""
    return np.random.Generator(
        np.random.SFC64(np.random.SeedSequence((seed, CHUNK_RUNS), spawn_key=(chunk, code)))
    )


def persistent(z: Array, persistence: float) -> Array:
    """Make independent standard normal draws by year persist: x1 = z1, xt = p x(t-1) + square root
    of (1 - p^2) zt.

    Each year stays standard normal; years k apart correlate by p^k. z: [run, row, year].
    Source: handbook 6.5.2; req 300.
    """
    if persistence == 0:
        return z
    lasting = np.empty_like(z)
    lasting[..., 0] = z[..., 0]
    fresh = math.sqrt(1 - persistence**2)
    for year in range(1, z.shape[-1]):
        lasting[..., year] = persistence * lasting[..., year - 1] + fresh * z[..., year]
    return lasting


def draw(
    declared: Declared,
    rows: Mapping[str, int],
    years: int,
    seed: int | Mapping[str, int],
    chunk: int,
) -> dict[str, Array]:
    """Draw every uncertainty of a chunk: values [run, 1, year], or [run, row, year] where each row
    has its own.

    rows: number of rows of those drawn for each. seed: one for all, or one for each uncertainty by
    code.
    Source: handbook 1.1.5; req 300.
    """
    seeds = {
        one.code: seed if isinstance(seed, int) else seed[one.code]
        for one in declared.uncertainties
    }
    values: dict[str, Array] = {}
    normals: dict[str, Array] = {}
    for one in declared.uncertainties:
        random = stream(seeds[one.code], chunk, one.stream)
        if one.each:
            values[one.code] = _each(one, random, rows[one.code], years)
        else:
            normals[one.code] = random.standard_normal(
                (CHUNK_RUNS, 1, 1 if one.persistence == 1 else years)
            )
    _mix(declared, normals)
    for one in declared.uncertainties:
        if not one.each:
            z = normals[one.code]
            lasting = persistent(z, one.persistence) if z.shape[2] > 1 else z
            values[one.code] = np.broadcast_to(
                one.distribution.from_normal(lasting), (CHUNK_RUNS, 1, years)
            )
    return values


def _each(one: Uncertainty, random: np.random.Generator, rows: int, years: int) -> Array:
    if one.persistence == 0:
        return one.distribution.sample(random, (CHUNK_RUNS, rows, years))
    z = random.standard_normal((CHUNK_RUNS, rows, 1 if one.persistence == 1 else years))
    lasting = persistent(z, one.persistence) if z.shape[2] > 1 else z
    return np.broadcast_to(one.distribution.from_normal(lasting), (CHUNK_RUNS, rows, years))


def _mix(declared: Declared, normals: dict[str, Array]) -> None:
    """Make the draws of correlated uncertainties move together: x = L z, L the triangle of their
    correlation matrix.
    """
    if not declared.correlated:
        return
    before = [normals[code] for code in declared.correlated]
    for position, code in enumerate(declared.correlated):
        mixed = sum(
            (declared.mixing[position, other] * before[other] for other in range(position + 1)),
            np.zeros(1),
        )
        normals[code] = np.asarray(mixed, dtype=np.float64)


def planned_values(declared: Declared, runs: int, years: int) -> dict[str, Array]:
    """Every uncertainty at the value at which everything goes as planned."""
    return {one.code: np.full((runs, 1, years), one.neutral) for one in declared.uncertainties}
