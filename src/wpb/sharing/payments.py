"""Paying a settlement through existing bilateral contracts: on account, at final outturn, and by
correction after it.
"""

from __future__ import annotations

from collections.abc import Sequence

from wpb.kernel.posting import Posting
from wpb.kernel.year_settlement import year_postings
from wpb.sharing.parties import Contract, PartyArrangement
from wpb.sharing.settle_parties import Rounded


def route(arrangement: PartyArrangement, party: str) -> list[Contract] | None:
    """Find the contracts by which money goes between a party and the one that keeps the rest; None
    where there is no way.

    Source: handbook 6.4.6; req 286, 317.
    """
    contracts = {contract.contract: contract for contract in arrangement.contracts}
    own = {holder.party: holder.contract for holder in arrangement.parties}
    way: list[Contract] = []
    at = party
    while at != arrangement.retained_by:
        contract = contracts.get(own.get(at, ""))
        if contract is None or contract in way or at not in (contract.payer, contract.payee):
            return None
        way.append(contract)
        at = contract.payer if contract.payee == at else contract.payee
    return way


def transfers(arrangement: PartyArrangement, due: dict[str, int]) -> dict[tuple[str, str], int]:
    """Turn what each party is due into payments along the contracts: (payer, payee) and whole pence
    above nought.

    Payments of several parties over one contract are added up before they are paid.
    Source: handbook 6.4.6; req 286.

    Raises ValueError for a party that no contract leads to.
    """
    over: dict[tuple[str, str], int] = {}
    for party, amount in due.items():
        if party == arrangement.retained_by or amount == 0:
            continue
        way = route(arrangement, party)
        if way is None:
            raise ValueError(f"{party} has no contract to be paid through")
        at = party
        for contract in way:
            other = contract.payer if contract.payee == at else contract.payee
            pair = (other, at) if other <= at else (at, other)
            over[pair] = over.get(pair, 0) + (amount if pair[0] == other else -amount)
            at = other
    return {
        (pair if amount > 0 else (pair[1], pair[0])): abs(amount)
        for pair, amount in over.items()
        if amount
    }


def settlement_postings(
    arrangement: PartyArrangement,
    rounded: Rounded,
    year: str,
    month: str,
    status: str,
    posted: Sequence[Posting] = (),
    months: int = 12,
) -> list[Posting]:
    """Give the postings that bring what has been paid for a year to what is due, through the
    contracts that stand.

    Source: handbook 6.4.6; req 286.

    Raises ValueError for a status that is neither provisional nor final, or provisional after
    final.
    """
    return year_postings(
        arrangement.title,
        f"sharing/{arrangement.name}/{year}",
        transfers(arrangement, dict(rounded.due)),
        year,
        month,
        status,
        posted,
        months,
    )
