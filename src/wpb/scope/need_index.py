"""Need indices and target shares of any group of practices, from need-weighted populations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def people_of(members: Sequence[int], people: Array) -> Array:
    """Add up the people of some practices, one sum for each kind of population.

    people of the group = sum over its practices of people; each sum is exact to the last digit a
    float holds, so the order of the practices changes nothing.
    members: rows; people: [practice] or [practice, need], whole or part people. Gives [] or [need].

    Source: handbook fn 40; req 44, 155.
    """
    chosen = np.asarray(people, dtype=np.float64)[list(members)]
    if chosen.ndim == 1:
        return np.array(math.fsum(chosen))
    return np.array([math.fsum(chosen[:, need]) for need in range(chosen.shape[1])])


def need_index(
    group_weighted: Array, group_population: Array, whole_weighted: Array, whole_population: Array
) -> Array:
    """Compare the need of groups with the need of the whole they belong to.

    index = (group weighted population / group population) / (whole weighted population / whole
    population)

    group_weighted: [..., group, need]; group_population: [..., group]; whole_weighted: [..., need];
    whole_population: one number or [...]; all in people, unrounded. Gives [..., group, need], 1
    being the need of the whole.

    Raises ValueError where a population, or a weighted population of the whole, is not above
    nought.
    Source: handbook fn 40, 2.4 Encompass; req 44, 155.
    """
    people, whole_people = (
        np.asarray(group_population, dtype=np.float64),
        np.asarray(whole_population, dtype=np.float64),
    )
    whole_need = np.asarray(whole_weighted, dtype=np.float64)
    if not (people > 0).all() or not (whole_people > 0).all():
        raise ValueError("a group with no people has no need index")
    if not (whole_need > 0).all():
        raise ValueError("a need that nobody of the whole has gives no need index")
    result: Array = (np.asarray(group_weighted, dtype=np.float64) / people[..., None]) / (
        whole_need / whole_people[..., None]
    )[..., None, :]
    return result


def target_allocation(
    allocation_pence: Array, area_weighted: Array, whole_weighted: Array
) -> Array:
    """Give a part of a commissioner's area its target share of an allocation.

    target = allocation x area weighted population / whole weighted population

    allocation_pence: pence of one stream; area_weighted: [area], need-weighted people by the need
    that stream is allocated on; whole_weighted: the same for the whole. Gives [area] in unrounded
    pence.

    Raises ValueError where the whole has no weighted population.
    Source: handbook fn 40; req 155.
    """
    whole = np.asarray(whole_weighted, dtype=np.float64)
    if not (whole > 0).all():
        raise ValueError("a weighted population of nought cannot share out an allocation")
    result: Array = np.asarray(allocation_pence, dtype=np.float64) * (
        np.asarray(area_weighted, dtype=np.float64) / whole
    )
    return result
