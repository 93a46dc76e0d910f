"""A collective outcome payment: every provider is paid, or none is.

Source: Mid-Nottinghamshire article (2016); req 253.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wpb.kernel.money import whole_pence

Array = NDArray[np.float64]


def all_or_nothing(contract_value_pence: Array, rate: Array, every_outcome_met: Array) -> Array:
    """Pay a rate of each provider's contract value where every outcome is met, else nobody
    anything.

    payment = contract value x rate x (1 where all are met, else 0). £100m at 1.8% is £1.8m or
    nothing.
    Source: Mid-Nottinghamshire article (2016); req 253.
    """
    return contract_value_pence * rate * every_outcome_met


@dataclass(frozen=True)
class OutcomeReference:
    """A bilateral contract that points to the alliance contract for its outcome payment, and the
    amount in whole pence.
    """

    contract: str
    provider: str
    alliance_contract: str
    amount_pence: int


def collective_payment(
    contract_values_pence: Mapping[str, float], rate: float, outcomes_met: Mapping[str, bool]
) -> dict[str, int]:
    """Work the payment of every provider out in whole pence: all get it where every outcome is met,
    or none does.

    Raises ValueError where no outcome is named.
    Source: Mid-Nottinghamshire article (2016); req 253.
    """
    if not outcomes_met:
        raise ValueError("an outcome payment needs at least one outcome")
    met = float(all(outcomes_met.values()))
    values = np.array(list(contract_values_pence.values()))
    return dict(
        zip(
            contract_values_pence,
            (
                whole_pence(float(amount))
                for amount in all_or_nothing(values, np.array(rate), np.array(met))
            ),
            strict=True,
        )
    )


def alliance_references(
    payments_pence: Mapping[str, int], contracts: Mapping[str, str], alliance_contract: str
) -> list[OutcomeReference]:
    """Point each provider's bilateral contract to the alliance contract for its payment.

    Raises ValueError for a provider without a bilateral contract.
    Source: Mid-Nottinghamshire article (2016); req 317.
    """
    missing = [provider for provider in payments_pence if provider not in contracts]
    if missing:
        raise ValueError(f"no bilateral contract to point from: {', '.join(missing)}")
    return [
        OutcomeReference(contracts[provider], provider, alliance_contract, amount)
        for provider, amount in payments_pence.items()
    ]
